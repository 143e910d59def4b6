"""Many certificates in one request: each checked, the good ones kept together or not at all."""

from typing import Any

import pytest
from botocore.exceptions import ParamValidationError
from cryptography import x509

from tests.fakes.certificates import name, new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request, refused
from workbench.api.calls import Call, Caller, Prepared
from workbench.api.errors import AwsError

SIGNING = "arn:aws:acm-pca:::profile/EndEntityCertificate_SigningKey/V1"
MONTH = {"Type": "DAYS", "Value": 30}


def san(text: str) -> tuple[x509.ExtensionType, bool]:
    return x509.SubjectAlternativeName([x509.DNSName(text)]), False


def csr(number: int, *, named: bool = True) -> bytes:
    asked = [san(f"n{number}.example")] if named else []
    return make_request(new_key("ML-DSA-44"), name(f"n{number}"), *asked)


def wanted(root: str, *requests: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "CertificateAuthorityArn": root,
        "TemplateArn": SIGNING,
        "Validity": MONTH,
        "Requests": list(requests),
        **more,
    }


@pytest.fixture(scope="module")
def root(bench: PkiBench) -> str:
    return make_authority(bench)


def test_answers_come_in_the_order_of_the_requests(bench: PkiBench, root: str) -> None:
    requests = [{"Csr": csr(number)} for number in range(12)]
    results = bench.shelf.issue_certificates(**wanted(root, *requests))["Results"]
    for number, result in enumerate(results):
        certificate = fetch(bench, result["CertificateArn"])
        assert certificate.subject == name(f"n{number}")
        assert x509.load_pem_x509_certificate(result["Certificate"].encode()) == certificate
    assert len({fetch(bench, one["CertificateArn"]).serial_number for one in results}) == 12


def test_a_refused_one_spares_the_others(bench: PkiBench, root: str) -> None:
    requests: list[dict[str, Any]] = [
        {"Csr": csr(1)},
        {"Csr": csr(2, named=False)},
        {"Csr": b"nothing"},
        {"Csr": csr(3), "Validity": {"Type": "YEARS", "Value": 90}},
        {"Csr": csr(4), "TemplateArn": SIGNING.replace("_SigningKey", "_No")},
        {"Csr": csr(5), "Validity": {"Type": "DAYS", "Value": 2}},
    ]
    results = bench.shelf.issue_certificates(**wanted(root, *requests))["Results"]
    assert [one.get("ErrorCode", "") for one in results] == [
        "",
        "CheckFailedException",
        "MalformedCSRException",
        "ValidationException",
        "InvalidArgsException",
        "",
    ]


def test_without_the_check_it_is_as_with_aws(bench: PkiBench, root: str) -> None:
    unnamed = {"Csr": csr(6, named=False)}
    (made,) = bench.shelf.issue_certificates(**wanted(root, unnamed, Check=False))["Results"]
    assert made["Findings"] == []
    rules = ["RFC 9525 §6.3"]
    request = wanted(root, unnamed, OverriddenRules=rules, OverrideReason="A printer")
    (made,) = bench.shelf.issue_certificates(**request)["Results"]
    assert made["Findings"][0]["Rule"] == "RFC 9525 §6.3"
    (event,) = bench.journal.lookup(event_name="IssueCertificates", limit=1)
    assert event["additionalEventData"]["overrideReason"] == "A printer"
    assert "BEGIN" not in str(event)


def test_what_no_entry_of_a_request_can_be(bench: PkiBench, root: str) -> None:
    issue = bench.shelf.issue_certificates
    with pytest.raises(ParamValidationError):
        issue(**wanted(root))
    many = [{"Csr": b"x"}] * 101
    assert refused(lambda: issue(**wanted(root, *many))) == "ValidationException"
    endless = wanted(root, {"Csr": csr(7)})
    del endless["Validity"]
    (result,) = issue(**endless)["Results"]
    assert result["ErrorCode"] == "ValidationException"
    elsewhere = wanted(root.replace("111122223333", "444455556666"), {"Csr": csr(8)})
    assert refused(lambda: issue(**elsewhere)) == "InvalidArnException"


def test_a_ca_that_changes_meanwhile_keeps_nothing(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    batch = fresh.shelf.issue_certificates
    assert "CertificateArn" in batch(**wanted(root, {"Csr": csr(1)}))["Results"][0]
    operation = fresh.service.shelf_operations()["IssueCertificates"]
    assert isinstance(operation, Prepared)
    call = Call(Caller.owner(fresh.place), fresh.clock.now(), "id", fresh.place)
    request = wanted(root, {"Csr": csr(3)})
    call.prepared = operation.prepare(request, call)
    before = len(fresh.shelf.list_certificates()["Certificates"])
    fresh.pca.update_certificate_authority(CertificateAuthorityArn=root, Status="DISABLED")
    with pytest.raises(AwsError, match="InvalidStateException"):
        operation.handler(request, call)
    assert len(fresh.shelf.list_certificates()["Certificates"]) == before
    (result,) = batch(**wanted(root, {"Csr": csr(2)}))["Results"]
    assert result["ErrorCode"] == "InvalidStateException"
