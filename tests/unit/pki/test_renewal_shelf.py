"""Renewing and re-keying certificates: what stays, what changes, what is refused."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from tests.fakes.certificates import name, new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request, order, refused
from workbench.pki.authority import serial_text
from workbench.pki.clients import error_code
from workbench.pki.parse import facts, one_certificate

SAN = (x509.SubjectAlternativeName([x509.DNSName("a.example")]), False)
LISTS = {"CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"}}
GOOD = "profile/EndEntityCertificate_SigningKey"
CHANGED = {
    x509.SubjectKeyIdentifier.oid,
    x509.AuthorityKeyIdentifier.oid,
    x509.CRLDistributionPoints.oid,
}


def extensions(certificate: x509.Certificate) -> dict[Any, tuple[bool, bytes]]:
    return {
        e.oid: (e.critical, e.value.public_bytes())
        for e in certificate.extensions
        if e.oid not in CHANGED
    }


def loaded(answer: dict[str, Any]) -> x509.Certificate:
    return x509.load_pem_x509_certificate(answer["Certificate"].encode())


def leaf(bench: PkiBench, root: str, kind: str = "P-256", template: str = GOOD) -> str:
    return order(bench, root, make_request(new_key(kind), name("Renewed"), SAN), template)


@pytest.fixture(scope="module")
def root(bench: PkiBench) -> str:
    return make_authority(bench, RevocationConfiguration=LISTS)


def test_a_renewal_differs_in_serial_and_validity_alone(fresh: PkiBench) -> None:
    root = make_authority(fresh, RevocationConfiguration=LISTS)
    arn = leaf(fresh, root)
    before = fetch(fresh, arn)
    fresh.clock.travel(timedelta(days=20))
    answer = fresh.shelf.renew_certificate(CertificateArn=arn, Lint=False)
    after = loaded(answer)
    assert answer["CertificateArn"] != arn
    assert fetch(fresh, answer["CertificateArn"]) == after
    assert after.serial_number != before.serial_number
    assert after.not_valid_before_utc - before.not_valid_before_utc == timedelta(days=20)
    assert after.not_valid_after_utc - before.not_valid_after_utc == timedelta(days=20)
    assert (after.subject, after.public_key()) == (before.subject, before.public_key())
    assert extensions(after) == extensions(before)
    points = x509.CRLDistributionPoints
    assert after.extensions.get_extension_for_class(points) == (
        before.extensions.get_extension_for_class(points)
    )
    after.verify_directly_issued_by(
        x509.load_pem_x509_certificates(answer["CertificateChain"].encode())[0]
    )


def test_a_renewal_ends_with_its_issuer_unless_told(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    arn = leaf(fresh, root)
    fresh.clock.travel(timedelta(days=3640))
    issuer = x509.load_pem_x509_certificate(
        fresh.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)[
            "Certificate"
        ].encode()
    )
    after = loaded(fresh.shelf.renew_certificate(CertificateArn=arn, Lint=False))
    assert after.not_valid_after_utc == issuer.not_valid_after_utc
    shorter = {"Type": "DAYS", "Value": 2}
    answer = fresh.shelf.renew_certificate(CertificateArn=arn, Validity=shorter, Lint=False)
    assert loaded(answer).not_valid_after_utc < issuer.not_valid_after_utc
    longer = {"Type": "DAYS", "Value": 30}
    refusal = refused(lambda: fresh.shelf.renew_certificate(CertificateArn=arn, Validity=longer))
    assert refusal == "ValidationException"


def test_pointers_follow_the_ca(fresh: PkiBench) -> None:
    root = make_authority(fresh, RevocationConfiguration=LISTS)
    arn = leaf(fresh, root)
    off = {"CrlConfiguration": {"Enabled": False}, "OcspConfiguration": {"Enabled": True}}
    fresh.pca.update_certificate_authority(
        CertificateAuthorityArn=root, RevocationConfiguration=off
    )
    after = loaded(fresh.shelf.renew_certificate(CertificateArn=arn, Lint=False))
    oids = {extension.oid for extension in after.extensions}
    assert x509.CRLDistributionPoints.oid not in oids
    assert x509.AuthorityInformationAccess.oid in oids


def test_a_renewal_is_checked_like_any_other(bench: PkiBench, root: str) -> None:
    arn = leaf(bench, root, "ML-DSA-65", "template/EndEntityCertificate")
    asked: dict[str, Any] = {"CertificateArn": arn, "Lint": False}
    with pytest.raises(ClientError) as caught:
        bench.shelf.renew_certificate(**asked)
    assert error_code(caught.value) == "CheckFailedException"
    told = caught.value.response["Findings"]
    assert ("ERROR", "RFC 9881 §5") in [(one["Severity"], one["Rule"]) for one in told]
    answer = bench.shelf.renew_certificate(**asked, OverriddenRules=["RFC 9881 §5"])
    assert extensions(loaded(answer)) == extensions(fetch(bench, arn))


def test_a_new_key_whose_certificate_fails_its_check_is_not_left_behind(
    bench: PkiBench, root: str
) -> None:
    request = make_request(None, name("A server without names"))
    arn = order(bench, root, request, "profile/EndEntityServerAuthCertificate_SigningKey")
    asked: dict[str, Any] = {"CertificateArn": arn, "Lint": False}
    keys = bench.kms.get_paginator("list_keys")
    before = sum(len(page["Keys"]) for page in keys.paginate())
    assert refused(lambda: bench.shelf.rekey_certificate(**asked)) == "CheckFailedException"
    assert sum(len(page["Keys"]) for page in keys.paginate()) == before


def test_what_was_revoked_for_its_key_is_not_renewed(bench: PkiBench, root: str) -> None:
    lost, stopped = leaf(bench, root), leaf(bench, root)
    for arn, reason in ((lost, "KEY_COMPROMISE"), (stopped, "CESSATION_OF_OPERATION")):
        bench.pca.revoke_certificate(
            CertificateAuthorityArn=root,
            CertificateSerial=serial_text(fetch(bench, arn).serial_number),
            RevocationReason=reason,
        )
    refusal = refused(lambda: bench.shelf.renew_certificate(CertificateArn=lost))
    assert refusal == "InvalidRequestException"
    answer = bench.shelf.renew_certificate(CertificateArn=stopped, Lint=False)
    assert ("WARNING", "RFC 5280 §5.3.1") in {
        (one["Severity"], one["Rule"]) for one in answer["Findings"]
    }


def test_what_others_renew(bench: PkiBench, root: str) -> None:
    der = one_certificate(
        bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)[
            "Certificate"
        ].encode()
    )
    own = facts(der).fingerprint
    for operation in (bench.shelf.renew_certificate, bench.shelf.rekey_certificate):
        of_ca = refused(partial(operation, CertificateId=own))
        assert of_ca == "InvalidRequestException"
        missing = refused(partial(operation, CertificateId="0" * 64))
        assert missing == "ResourceNotFoundException"
    assert refused(bench.shelf.renew_certificate) == "InvalidRequestException"


def test_a_new_key_of_the_same_kind(bench: PkiBench, root: str) -> None:
    arn = leaf(bench, root)
    before = fetch(bench, arn)
    answer = bench.shelf.rekey_certificate(CertificateArn=arn, Lint=False)
    after = loaded(answer)
    public = bench.kms.get_public_key(KeyId=answer["KeyArn"])
    assert public["KeySpec"] == "ECC_NIST_P256"
    assert facts(one_certificate(answer["Certificate"].encode())).spki == public["PublicKey"]
    assert after.subject == before.subject
    assert extensions(after) == extensions(before)
    kept = after.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert kept != before.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)


def test_a_post_quantum_key_loses_what_it_must_not_have(bench: PkiBench, root: str) -> None:
    arn = leaf(bench, root, "RSA", "template/EndEntityCertificate")
    answer = bench.shelf.rekey_certificate(CertificateArn=arn, KeySpec="ML_DSA_65")
    usage = loaded(answer).extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.value.digital_signature, usage.value.key_encipherment) == (True, False)
    assert usage.critical
    assert any("key_encipherment" in one["Sentence"] for one in answer["Findings"])


def test_a_key_of_the_vault_can_be_taken(bench: PkiBench, root: str) -> None:
    arn = leaf(bench, root)
    key = bench.kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    answer = bench.shelf.rekey_certificate(CertificateArn=arn, KeyId=key["KeyId"], Lint=False)
    assert answer["KeyArn"] == key["Arn"]
    again = {"CertificateArn": answer["CertificateArn"], "KeyId": key["KeyId"]}
    refusal = refused(lambda: bench.shelf.rekey_certificate(**again))
    assert refusal == "InvalidRequestException"


def test_a_refused_re_key_leaves_no_key(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    twin = order(fresh, root, make_request(new_key("P-256"), name("Server")), GOOD)
    before = len(fresh.kms.list_keys()["Keys"])
    # A server's certificate without an alternative name.
    refusal = refused(lambda: fresh.shelf.rekey_certificate(CertificateArn=twin, Lint=False))
    assert refusal == "CheckFailedException"
    assert len(fresh.kms.list_keys()["Keys"]) == before
    wrong = fresh.kms.create_key()["KeyMetadata"]["KeyId"]
    unfit = refused(lambda: fresh.shelf.rekey_certificate(CertificateArn=twin, KeyId=wrong))
    assert unfit == "RequestFailedException"
    assert fetch(fresh, twin).fingerprint(SHA256())


@pytest.mark.parametrize("again", [True, False])
def test_a_template_decides_what_the_successor_says(fresh: PkiBench, again: bool) -> None:  # noqa: FBT001
    root = make_authority(fresh, RevocationConfiguration=LISTS)
    before = leaf(fresh, root, template="template/CodeSigningCertificate")
    fresh.shelf.create_profile(Name="mine", TemplateArn=f"arn:aws:acm-pca:::{GOOD}/V1")
    do = fresh.shelf.renew_certificate if again else fresh.shelf.rekey_certificate
    mine = "arn:aws:acm-pca:::profile/mine/V1"
    answer = do(CertificateArn=before, TemplateArn=mine, Lint=False)
    old, new = fetch(fresh, before), loaded(answer)
    assert new.subject == old.subject
    assert (new.public_key() == old.public_key()) is again
    purposes = new.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert x509.oid.ExtendedKeyUsageOID.SERVER_AUTH in purposes
    names = new.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.example"]
    new.extensions.get_extension_for_class(x509.CRLDistributionPoints)  # as the CA is set up
    assert fresh.shelf.list_profile_uses(Name="mine")["Count"] == 1


@pytest.mark.parametrize(
    "template", ["template/SubordinateCACertificate_PathLen0", "profile/IacaRootCertificate", "x/y"]
)
def test_templates_that_make_something_else(bench: PkiBench, root: str, template: str) -> None:
    arn = leaf(bench, root)
    wrong = f"arn:aws:acm-pca:::{template}/V1"
    renew = partial(bench.shelf.renew_certificate, CertificateArn=arn, TemplateArn=wrong)
    assert refused(renew) == "InvalidRequestException"
