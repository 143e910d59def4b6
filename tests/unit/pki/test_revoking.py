"""RevokeCertificate, the lists, their renewal, and the pointers in certificates."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, order, refused
from workbench.pki.authority import serial_text
from workbench.pki.crls import REASONS
from workbench.pki.publishing import PARTITIONS, partition_of
from workbench.pki.revocations import Revocation, RevocationStore

CRL = {"Enabled": True, "S3BucketName": "lists", "ExpirationInDays": 10}


def with_crl(bench: PkiBench, **more: Any) -> str:
    return make_authority(bench, RevocationConfiguration={"CrlConfiguration": {**CRL, **more}})


def revoke(bench: PkiBench, arn: str, reason: str = "SUPERSEDED", serial: str = "") -> None:
    bench.pca.revoke_certificate(
        CertificateAuthorityArn=arn.partition("/certificate/")[0],
        CertificateSerial=serial or arn.rpartition("/")[2],
        RevocationReason=reason,
    )


def the_list(bench: PkiBench, authority: str, part: int = 0) -> x509.CertificateRevocationList:
    made = RevocationStore(bench.vault).list_of(authority, part)
    assert made is not None
    return x509.load_der_x509_crl(made.der)


def number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_a_revoked_certificate_is_listed_with_its_reason(bench: PkiBench) -> None:
    root = with_crl(bench)
    empty = the_list(bench, root)
    assert (len(list(empty)), number(empty)) == (0, 1)
    arns = {reason: order(bench, root) for reason in REASONS}
    good = order(bench, root)
    for reason, arn in arns.items():
        revoke(bench, arn, reason)
    crl = the_list(bench, root)
    assert number(crl) == 1 + len(REASONS)
    assert crl.next_update_utc is not None
    assert crl.next_update_utc - crl.last_update_utc == timedelta(days=10)
    for reason, arn in arns.items():
        entry = crl.get_revoked_certificate_by_serial_number(fetch(bench, arn).serial_number)
        assert entry is not None
        said = [e.value.reason for e in entry.extensions if isinstance(e.value, x509.CRLReason)]
        assert said == ([] if reason == "UNSPECIFIED" else [REASONS[reason]])
    assert not crl.get_revoked_certificate_by_serial_number(fetch(bench, good).serial_number)
    answer = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    issuer = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    assert crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]


def test_what_cannot_be_revoked(bench: PkiBench) -> None:
    root = with_crl(bench)
    arn = order(bench, root)
    revoke(bench, arn, serial=serial_text(int(arn.rpartition("/")[2], 16)))
    assert refused(lambda: revoke(bench, arn)) == "RequestAlreadyProcessedException"
    unknown = refused(lambda: revoke(bench, arn, serial="01:02"))
    assert unknown == "ResourceNotFoundException"
    for serial in ("xyz", "01:2", "0x12", "1" * 41):
        code = refused(lambda text=serial: revoke(bench, arn, serial=text))  # type: ignore[misc]
        assert code == "InvalidRequestException"
    answer = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    own = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    code = refused(lambda: revoke(bench, arn, serial=f"{own.serial_number:x}"))
    assert code == "InvalidRequestException"
    bench.pca.update_certificate_authority(CertificateAuthorityArn=root, Status="DISABLED")
    bench.pca.delete_certificate_authority(CertificateAuthorityArn=root)
    assert refused(lambda: revoke(bench, arn)) == "InvalidStateException"


def test_lists_are_written_to_the_folder_of_the_bucket(bench: PkiBench) -> None:
    root = with_crl(bench, CustomPath="deep/er")
    identity = root.rpartition("/")[2]
    path = bench.vault.directory / "published" / "lists" / "deep" / "er" / f"{identity}.crl"
    assert x509.load_der_x509_crl(path.read_bytes()) == the_list(bench, root)
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_written_does_not_stop_the_list(bench: PkiBench) -> None:
    blocked = bench.vault.directory / "published" / "blocked"
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("in the way")
    root = with_crl(bench, S3BucketName="blocked")
    made = RevocationStore(bench.vault).list_of(root, 0)
    assert made is not None
    assert "could not be written" in made.problem


def point(certificate: x509.Certificate) -> str:
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name is not None
    return str(points[0].full_name[0].value)


def test_certificates_say_where_their_list_is(bench: PkiBench) -> None:
    named = with_crl(bench, CustomCname="crl.example:8080")
    certificate = fetch(bench, order(bench, named))
    assert point(certificate) == f"http://crl.example:8080/crl/{named.rpartition('/')[2]}.crl"
    plain = with_crl(bench)
    assert point(fetch(bench, order(bench, plain))).startswith("http://127.0.0.1:")
    hidden = with_crl(bench, CrlDistributionPointExtensionConfiguration={"OmitExtension": True})
    for arn in (hidden, make_authority(bench)):
        extensions = fetch(bench, order(bench, arn)).extensions
        with pytest.raises(x509.ExtensionNotFound):
            extensions.get_extension_for_class(x509.CRLDistributionPoints)


def test_partitions_list_their_own(bench: PkiBench) -> None:
    root = with_crl(bench, CrlType="PARTITIONED", CustomCname="crl.example")
    arns = [order(bench, root) for _ in range(3)]
    revoke(bench, arns[0])
    serial = fetch(bench, arns[0]).serial_number
    mine = partition_of(serial)
    for part in range(PARTITIONS + 1):
        crl = the_list(bench, root, part)
        listed = {entry.serial_number for entry in crl}
        assert listed == ({serial} if part in {0, mine} else set())
        if part:
            scope = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
            assert scope.critical
            assert scope.value.full_name is not None
            url = f"http://crl.example/crl/{root.rpartition('/')[2]}/{part}.crl"
            assert scope.value.full_name[0].value == url
    assert point(fetch(bench, arns[0])) == (
        f"http://crl.example/crl/{root.rpartition('/')[2]}/{mine}.crl"
    )


def test_going_back_to_complete_lists_keeps_the_partitions_alive(fresh: PkiBench) -> None:
    root = with_crl(fresh, CrlType="PARTITIONED")
    arn = order(fresh, root)
    fresh.pca.update_certificate_authority(
        CertificateAuthorityArn=root, RevocationConfiguration={"CrlConfiguration": CRL}
    )
    revoke(fresh, arn)
    serial = fetch(fresh, arn).serial_number
    assert [e.serial_number for e in the_list(fresh, root, partition_of(serial))] == [serial]


def test_renewal_on_time(fresh: PkiBench) -> None:
    root = with_crl(fresh)
    assert fresh.service.run_due(fresh.clock.now()) == 0
    fresh.clock.travel(timedelta(days=4, hours=23))
    assert fresh.service.run_due(fresh.clock.now()) == 0
    fresh.clock.travel(timedelta(hours=2))
    assert fresh.service.run_due(fresh.clock.now()) == 1
    crl = the_list(fresh, root)
    assert number(crl) == 2
    assert abs(crl.last_update_utc - fresh.clock.now()) < timedelta(minutes=1)
    fresh.pca.update_certificate_authority(
        CertificateAuthorityArn=root,
        RevocationConfiguration={"CrlConfiguration": {"Enabled": False}},
    )
    fresh.clock.travel(timedelta(days=20))
    assert fresh.service.run_due(fresh.clock.now()) == 0


def test_a_list_drops_what_expired_a_list_ago(fresh: PkiBench) -> None:
    root = with_crl(fresh)
    arn = order(fresh, root, Validity={"Type": "DAYS", "Value": 3})
    revoke(fresh, arn)
    fresh.clock.travel(timedelta(days=6))
    assert fresh.service.run_due(fresh.clock.now()) == 1
    assert len(list(the_list(fresh, root))) == 1
    fresh.clock.travel(timedelta(days=8))
    fresh.service.run_due(fresh.clock.now())
    assert list(the_list(fresh, root)) == []


def test_a_key_that_cannot_sign_now_signs_later(fresh: PkiBench) -> None:
    root = with_crl(fresh)
    arn = order(fresh, root)
    keys = [k["KeyId"] for k in fresh.kms.list_keys()["Keys"]]
    (key,) = [
        k for k in keys if root in fresh.kms.describe_key(KeyId=k)["KeyMetadata"]["Description"]
    ]
    fresh.kms.disable_key(KeyId=key)
    revoke(fresh, arn)
    made = RevocationStore(fresh.vault).list_of(root, 0)
    assert made is not None
    assert made.entries == 0
    assert "DisabledException" in made.problem
    fresh.kms.enable_key(KeyId=key)
    fresh.clock.travel(timedelta(minutes=11))
    assert fresh.service.run_due(fresh.clock.now()) == 1
    assert len(list(the_list(fresh, root))) == 1


def test_a_long_list_waits_for_the_worker(fresh: PkiBench) -> None:
    root = with_crl(fresh)
    store = RevocationStore(fresh.vault)
    now = fresh.clock.now()
    with fresh.vault.transaction():
        for serial in range(1, 1101):
            store.add(root, Revocation(serial, now, "SUPERSEDED", now + timedelta(days=9), 1))
    revoke(fresh, order(fresh, root))
    assert len(list(the_list(fresh, root))) == 0
    assert fresh.service.run_due(fresh.clock.now()) == 1
    assert len(list(the_list(fresh, root))) == 1101


@pytest.mark.parametrize("key", [("ML_DSA_65", "ML_DSA_65"), ("RSA_2048", "SHA256WITHRSA_PSS")])
def test_lists_of_every_size_and_key_verify(fresh: PkiBench, key: tuple[str, str]) -> None:
    """More than 4096 bytes are signed by digest or representative."""
    more = {"KeyAlgorithm": key[0], "SigningAlgorithm": key[1]}
    root = make_authority(
        fresh,
        CertificateAuthorityConfiguration=more,
        RevocationConfiguration={"CrlConfiguration": CRL},
    )
    store = RevocationStore(fresh.vault)
    now = fresh.clock.now()
    with fresh.vault.transaction():
        for serial in range(1, 300):
            store.add(root, Revocation(serial, now, "SUPERSEDED", now + timedelta(days=9), 1))
    fresh.clock.travel(timedelta(days=6))
    assert fresh.service.run_due(fresh.clock.now()) == 1
    crl = the_list(fresh, root)
    assert len(crl.tbs_certlist_bytes) > 4096
    answer = fresh.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    issuer = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    assert crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "configuration",
    [
        {"CrlConfiguration": {"Enabled": True}},
        {"CrlConfiguration": {**CRL, "S3BucketName": "../etc"}},
        {"CrlConfiguration": {**CRL, "S3BucketName": "a..b"}},
        {"CrlConfiguration": {**CRL, "CustomCname": "http://x.example"}},
        {"CrlConfiguration": {**CRL, "CustomPath": "a/../.."}},
        {"CrlConfiguration": {"Enabled": False, "ExpirationInDays": 3}},
        {
            "CrlConfiguration": {
                **CRL,
                "CustomCname": "x.example",
                "CrlDistributionPointExtensionConfiguration": {"OmitExtension": True},
            }
        },
        {"OcspConfiguration": {"Enabled": False, "OcspCustomCname": "x.example"}},
        {"OcspConfiguration": {"Enabled": True, "OcspCustomCname": "https://x.example"}},
    ],
)
def test_configurations_that_cannot_be(bench: PkiBench, configuration: dict[str, Any]) -> None:
    code = refused(lambda: make_authority(bench, RevocationConfiguration=configuration))
    assert code == "InvalidArgsException"


def test_short_lived_certificates_are_not_revoked(bench: PkiBench) -> None:
    def ask() -> object:
        return make_authority(
            bench,
            UsageMode="SHORT_LIVED_CERTIFICATE",
            RevocationConfiguration={"OcspConfiguration": {"Enabled": True}},
        )

    assert refused(ask) == "InvalidArgsException"


def test_the_configuration_is_described(bench: PkiBench, tmp_path: Path) -> None:
    root = with_crl(bench)
    answer = bench.pca.describe_certificate_authority(CertificateAuthorityArn=root)
    described = answer["CertificateAuthority"]["RevocationConfiguration"]
    assert described == {"CrlConfiguration": CRL, "OcspConfiguration": {"Enabled": False}}
