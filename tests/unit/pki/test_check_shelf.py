"""The check before issuing as operations, and issuing that heeds it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.fakes.certificates import name, new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request, order, refused

SAN = (x509.SubjectAlternativeName([x509.DNSName("a.example")]), False)
GOOD = "arn:aws:acm-pca:::profile/EndEntityCertificate_SigningKey/V1"
BAD = "arn:aws:acm-pca:::template/EndEntityCertificate/V1"


@pytest.fixture(scope="module")
def root(bench: PkiBench) -> str:
    return make_authority(bench)


def wanted(root: str, template: str, kind: str = "ML-DSA-65", **more: Any) -> dict[str, Any]:
    return {
        "CertificateAuthorityArn": root,
        "Csr": make_request(new_key(kind), name("Checked"), SAN),
        "TemplateArn": template,
        "Validity": {"Type": "DAYS", "Value": 5},
        "Lint": False,
        **more,
    }


def events(bench: PkiBench) -> list[dict[str, Any]]:
    return [
        event
        for event in bench.journal.lookup(event_name="IssueCertificate", limit=20)
        if event["eventSource"].startswith("shelf")
    ]


def test_a_preview_issues_nothing(bench: PkiBench, root: str) -> None:
    before = len(bench.shelf.list_certificates(MaxResults=1000)["Certificates"])
    answer = bench.shelf.preview_issue(**wanted(root, GOOD))
    draft = x509.load_der_x509_certificate(answer["Draft"])
    assert (answer["Verdict"], answer["Findings"]) == ("CLEAR", [])
    assert draft.subject == name("Checked")
    assert len(bench.shelf.list_certificates(MaxResults=1000)["Certificates"]) == before


def test_a_preview_tells_errors_and_refusals(bench: PkiBench, root: str) -> None:
    answer = bench.shelf.preview_issue(**wanted(root, BAD))
    assert answer["Verdict"] == "OVERRIDABLE"
    assert ("ERROR", "RFC 9881 §5", True) in {
        (one["Severity"], one["Rule"], one["Overridable"]) for one in answer["Findings"]
    }
    too_long = wanted(root, GOOD, Validity={"Type": "YEARS", "Value": 30})
    answer = bench.shelf.preview_issue(**too_long)
    assert (answer["Verdict"], "Draft" in answer) == ("REFUSED", False)
    assert answer["Findings"][0]["Overridable"] is False


def test_pkilint_is_asked_unless_told_not_to(bench: PkiBench, root: str) -> None:
    answer = bench.shelf.preview_issue(**wanted(root, BAD, Lint=True))
    assert any(one["Rule"].startswith("pkilint") for one in answer["Findings"])


def test_what_passes_is_issued(bench: PkiBench, root: str) -> None:
    answer = bench.shelf.issue_certificate(**wanted(root, GOOD))
    issued = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    assert fetch(bench, answer["CertificateArn"]) == issued
    assert answer["Id"] == issued.fingerprint(SHA256()).hex()
    (above,) = x509.load_pem_x509_certificates(answer["CertificateChain"].encode())
    issued.verify_directly_issued_by(above)


def test_what_does_not_pass_is_refused_or_overridden_knowingly(bench: PkiBench, root: str) -> None:
    request = wanted(root, BAD)
    with pytest.raises(ClientError) as caught:
        bench.shelf.issue_certificate(**request)
    assert caught.value.response["Error"]["Code"] == "CheckFailedException"
    assert "RFC 9881 §5" in str(caught.value)
    request["OverriddenRules"] = ["RFC 5280 §4.2.1.3"]
    wrong_rule = refused(lambda: bench.shelf.issue_certificate(**request))
    assert wrong_rule == "CheckFailedException"
    request |= {"OverriddenRules": ["RFC 9881 §5"], "OverrideReason": "An old verifier wants it"}
    answer = bench.shelf.issue_certificate(**request)
    assert answer["CertificateArn"].startswith(f"{root}/certificate/")
    (told,) = [one for one in events(bench) if one.get("additionalEventData")]
    assert told["additionalEventData"] == {
        "overriddenRules": "RFC 9881 §5",
        "overrideReason": "An old verifier wants it",
    }


def test_a_refusal_of_the_service_cannot_be_overridden(bench: PkiBench, root: str) -> None:
    request = wanted(root, GOOD, Validity={"Type": "YEARS", "Value": 30})
    request["OverriddenRules"] = ["ValidationException"]
    assert refused(lambda: bench.shelf.issue_certificate(**request)) == "ValidationException"


def test_an_idempotency_token_issues_once(bench: PkiBench, root: str) -> None:
    request = wanted(root, GOOD, IdempotencyToken="once")
    first = bench.shelf.issue_certificate(**request)
    assert bench.shelf.issue_certificate(**request)["Id"] == first["Id"]
    request["Validity"] = {"Type": "DAYS", "Value": 6}
    assert refused(lambda: bench.shelf.issue_certificate(**request)) == "InvalidArgsException"


def test_a_certificate_that_exists_is_checked(bench: PkiBench, root: str) -> None:
    request = make_request(new_key("ML-DSA-65"), name("There"), SAN)
    issued = fetch(bench, order(bench, root, request, "template/EndEntityCertificate"))
    fingerprint = issued.fingerprint(SHA256()).hex()
    kept = bench.shelf.check_certificate(CertificateId=fingerprint, Lint=False)
    given = bench.shelf.check_certificate(Certificate=issued.public_bytes(Encoding.PEM), Lint=False)
    assert kept["Findings"] == given["Findings"]
    assert kept["Verdict"] == "OVERRIDABLE"
    good = fetch(bench, order(bench, root, request, "profile/EndEntityCertificate_SigningKey"))
    answer = bench.shelf.check_certificate(CertificateId=good.fingerprint(SHA256()).hex())
    assert answer["Verdict"] == "CLEAR"
    assert {one["Severity"] for one in answer["Findings"]} == {"NOTICE"}


def test_nothing_to_check(bench: PkiBench) -> None:
    shelf = bench.shelf
    assert refused(shelf.check_certificate) == "InvalidRequestException"
    missing = refused(lambda: shelf.check_certificate(CertificateId="0" * 64))
    assert missing == "ResourceNotFoundException"
    unread = refused(lambda: shelf.check_certificate(Certificate=b"nothing"))
    assert unread == "MalformedCertificateException"
