"""Revocation lists read through the door, and what a revocation would break."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.fakes.certificates import make, name, new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request, order, refused
from workbench.pki.authority import serial_text
from workbench.pki.publishing import PARTITIONS, partition_of
from workbench.pki.revocations import Revocation, RevocationStore

LISTS: dict[str, Any] = {"CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"}}


def serial(bench: PkiBench, arn: str) -> str:
    return serial_text(fetch(bench, arn).serial_number)


def revoke(bench: PkiBench, arn: str, reason: str = "SUPERSEDED") -> None:
    bench.pca.revoke_certificate(
        CertificateAuthorityArn=arn.partition("/certificate/")[0],
        CertificateSerial=serial(bench, arn),
        RevocationReason=reason,
    )


def test_lists_and_entries_can_be_read(fresh: PkiBench) -> None:
    root = make_authority(fresh, RevocationConfiguration=LISTS)
    arns = [order(fresh, root, make_request()) for _ in range(3)]
    for arn in arns:
        revoke(fresh, arn)
    listed = fresh.shelf.list_revocation_lists(CertificateAuthorityArn=root)
    (complete,) = listed["RevocationLists"]
    assert (listed["Enabled"], listed["Partitioned"], listed["Revoked"]) == (True, False, 3)
    assert (complete["Part"], complete["Entries"], complete["Problem"]) == (0, 3, "")
    answer = fresh.shelf.get_revocation_list(CertificateAuthorityArn=root)
    crl = x509.load_der_x509_crl(answer["Document"])
    number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert (len(list(crl)), number) == (3, complete["Number"])
    assert crl.next_update_utc == complete["EndsAt"]


def test_revocations_come_in_pages(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    arns = {order(fresh, root, make_request()) for _ in range(3)}
    for arn in arns:
        revoke(fresh, arn, "KEY_COMPROMISE")
    first = fresh.shelf.list_revocations(CertificateAuthorityArn=root, MaxResults=2)
    rest = fresh.shelf.list_revocations(
        CertificateAuthorityArn=root, MaxResults=2, NextToken=first["NextToken"]
    )
    found = first["Revocations"] + rest["Revocations"]
    assert {one["CertificateArn"] for one in found} == arns
    assert {one["Reason"] for one in found} == {"KEY_COMPROMISE"}
    assert {one["Subject"] for one in found} == {"CN=Leaf, O=Lab"}
    assert "NextToken" not in rest


def test_lists_are_made_anew_when_asked(fresh: PkiBench) -> None:
    root = make_authority(fresh, RevocationConfiguration=LISTS)
    (before,) = fresh.shelf.list_revocation_lists(CertificateAuthorityArn=root)["RevocationLists"]
    (after,) = fresh.shelf.renew_revocation_lists(CertificateAuthorityArn=root)["RevocationLists"]
    assert after["Number"] == before["Number"] + 1


def test_partitions_are_listed_with_the_whole(fresh: PkiBench) -> None:
    partitioned = {**LISTS["CrlConfiguration"], "CrlType": "PARTITIONED"}
    root = make_authority(fresh, RevocationConfiguration={"CrlConfiguration": partitioned})
    arn = order(fresh, root, make_request())
    revoke(fresh, arn)
    part = partition_of(fetch(fresh, arn).serial_number)
    listed = fresh.shelf.list_revocation_lists(CertificateAuthorityArn=root)
    assert listed["Partitioned"] is True
    entries = {one["Part"]: one["Entries"] for one in listed["RevocationLists"]}
    assert entries == {n: int(n in {0, part}) for n in range(PARTITIONS + 1)}
    answer = fresh.shelf.get_revocation_list(CertificateAuthorityArn=root, Part=part)
    assert answer["RevocationList"]["Address"].endswith(f"/{part}.crl")
    assert len(x509.load_der_x509_crl(answer["Document"])) == 1
    beyond = {"CertificateAuthorityArn": root, "Part": PARTITIONS + 1}
    with pytest.raises((ClientError, ParamValidationError)):
        fresh.shelf.get_revocation_list(**beyond)


def test_a_list_that_ed25519_cannot_sign_says_so(fresh: PkiBench) -> None:
    """KMS signs 4 KiB with Ed25519, which has no digest form: some hundred certificates."""
    made = fresh.shelf.create_certificate_authority_with_key(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "ED25519",
            "Subject": {"CommonName": "Edwards"},
        },
        RevocationConfiguration=LISTS,
    )
    of_root = {"CertificateAuthorityArn": made["CertificateAuthorityArn"]}
    csr = fresh.pca.get_certificate_authority_csr(**of_root)["Csr"]
    own = fresh.shelf.issue_certificate(
        **of_root,
        Csr=csr.encode(),
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
        Validity={"Type": "DAYS", "Value": 3650},
        Lint=False,
    )["Certificate"]
    fresh.pca.import_certificate_authority_certificate(**of_root, Certificate=own.encode())
    store, now = RevocationStore(fresh.vault), fresh.clock.now().replace(microsecond=0)
    for number in range(200):
        later = now + timedelta(days=9)
        one = Revocation(2**120 + number, now, "SUPERSEDED", later, 1)
        store.add(of_root["CertificateAuthorityArn"], one)
    refusal = refused(lambda: fresh.shelf.renew_revocation_lists(**of_root))
    assert refusal == "InvalidStateException"
    fresh.service.run_due(now + timedelta(days=4))
    (listed,) = fresh.shelf.list_revocation_lists(**of_root)["RevocationLists"]
    assert listed["Entries"] == 0
    assert "4096" in listed["Problem"]


def test_what_is_not_there(bench: PkiBench) -> None:
    root = make_authority(bench)
    shelf = bench.shelf
    of_root = {"CertificateAuthorityArn": root}
    assert shelf.list_revocation_lists(**of_root)["Enabled"] is False
    assert refused(lambda: shelf.get_revocation_list(**of_root)) == "ResourceNotFoundException"
    assert refused(lambda: shelf.renew_revocation_lists(**of_root)) == "InvalidStateException"
    bad_token = refused(lambda: shelf.list_revocations(**of_root, NextToken="*"))
    assert bad_token == "InvalidNextTokenException"
    assert refused(shelf.preview_revocation) == "InvalidRequestException"
    missing = refused(lambda: shelf.preview_revocation(CertificateId="0" * 64))
    assert missing == "ResourceNotFoundException"


def test_an_expired_ca_makes_no_lists(fresh: PkiBench) -> None:
    root = make_authority(fresh, RevocationConfiguration=LISTS)
    fresh.clock.travel(timedelta(days=4000))
    asked = refused(lambda: fresh.shelf.renew_revocation_lists(CertificateAuthorityArn=root))
    assert asked == "InvalidStateException"


@pytest.fixture(scope="module")
def made(bench: PkiBench) -> Any:
    return bench.hierarchy("alias/preview")


def rules(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["Severity"], one["Rule"]) for one in answer["Findings"]]


def test_a_leaf_breaks_nothing_else(bench: PkiBench, made: Any) -> None:
    answer = bench.shelf.preview_revocation(CertificateArn=made.certificate_arn)
    assert answer["Below"] == []
    assert rules(answer) == [("WARNING", "RFC 5280 §3.3")]
    assert answer["CertificateSerial"] == serial(bench, made.certificate_arn)


def test_a_ca_breaks_what_is_below(bench: PkiBench, made: Any) -> None:
    subordinate = x509.load_pem_x509_certificate(made.subordinate_pem.encode())
    fingerprint = subordinate.fingerprint(SHA256()).hex()
    answer = bench.shelf.preview_revocation(CertificateId=fingerprint)
    (below,) = answer["Below"]
    assert (below["CertificateArn"], below["Depth"]) == (made.certificate_arn, 1)
    assert ("WARNING", "RFC 5280 §6.1.3 (a)(3)") in rules(answer)


def test_what_cannot_be_revoked_is_said_before(bench: PkiBench, made: Any) -> None:
    root = x509.load_pem_x509_certificate(made.root_pem.encode())
    answer = bench.shelf.preview_revocation(CertificateId=root.fingerprint(SHA256()).hex())
    assert answer["Findings"][0]["Severity"] == "REFUSED"
    assert [one["Depth"] for one in answer["Below"]] == [1, 2]
    arn = order(bench, make_authority(bench), make_request())
    revoke(bench, arn)
    answer = bench.shelf.preview_revocation(CertificateArn=arn)
    assert ("REFUSED", "RFC 5280 §5.3.1") in rules(answer)
    assert answer["Revoked"]["Reason"] == "SUPERSEDED"


def test_an_imported_certificate_is_for_its_issuer_to_revoke(bench: PkiBench) -> None:
    outside = make("Outside")
    bench.shelf.import_certificates(Data=outside.der)
    fingerprint = outside.certificate.fingerprint(SHA256()).hex()
    answer = bench.shelf.preview_revocation(CertificateId=fingerprint)
    assert rules(answer)[0] == ("REFUSED", "RFC 5280 §3.3")


def test_a_number_that_was_published_is_not_used_again(fresh: PkiBench) -> None:
    """As after an end between writing a list and keeping it, or after an old backup."""
    root = make_authority(fresh, RevocationConfiguration=LISTS)
    of_root = {"CertificateAuthorityArn": root}
    file = Path(fresh.shelf.get_revocation_list(**of_root)["RevocationList"]["File"])
    store = RevocationStore(fresh.vault)
    kept = store.list_of(root, 0)
    assert kept is not None
    for _ in range(3):
        (ahead,) = fresh.shelf.renew_revocation_lists(**of_root)["RevocationLists"]
    store.put_list(root, kept)
    (made,) = fresh.shelf.renew_revocation_lists(**of_root)["RevocationLists"]
    assert made["Number"] == ahead["Number"] + 1
    for foreign in (_foreign_list(), b"nothing", b""):
        file.write_bytes(foreign)
        (after,) = fresh.shelf.renew_revocation_lists(**of_root)["RevocationLists"]
        assert after["Number"] == made["Number"] + 1
        made = after


def _foreign_list() -> bytes:
    key = new_key("P-256")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name("Root"))
        .last_update(moment)
        .next_update(moment + timedelta(days=1))
        .add_extension(x509.CRLNumber(10**9), critical=False)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)
