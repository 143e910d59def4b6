"""The certificate collection through the door."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.fakes.certificates import Chain, make, new_key
from tests.fakes.pki import PkiBench
from workbench.pki.clients import error_code
from workbench.pki.parse import facts, one_certificate
from workbench.pki.shelf import every_certificate, issuing_authority, public_key_hash


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain("P-256")


def kept(bench: PkiBench) -> dict[str, dict[str, Any]]:
    return {item["Id"]: item for item in every_certificate(bench.shelf, MaxResults=2)}


def outcomes(bench: PkiBench, data: bytes, **more: Any) -> list[str]:
    results = bench.shelf.import_certificates(Data=data, **more)["Results"]
    assert all(item["Message"] for item in results)
    return [item["Outcome"] for item in results]


def test_a_bundle_is_reviewed_item_by_item(fresh: PkiBench, chain: Chain) -> None:
    damaged = chain.sub.pem.replace(b"\nMII", b"\nM*I")
    private = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    bundle = b"text before\n" + chain.root.pem + damaged + private + chain.leaf.pem + chain.root.pem
    assert outcomes(fresh, bundle) == ["ADDED", "UNREADABLE", "UNREADABLE", "ADDED", "KNOWN"]
    everything = kept(fresh)
    assert set(everything) == {facts(chain.root.der).fingerprint, facts(chain.leaf.der).fingerprint}
    assert not any(item["Trusted"] for item in everything.values())
    assert {item["Source"] for item in everything.values()} == {"IMPORTED"}


def test_der_and_pkcs7_are_told_by_content(fresh: PkiBench, chain: Chain) -> None:
    assert outcomes(fresh, chain.leaf.der) == ["ADDED"]
    both = [chain.root.certificate, chain.sub.certificate]
    bag = pkcs7.serialize_certificates(both, serialization.Encoding.DER)
    assert outcomes(fresh, bag) == ["ADDED", "ADDED"]
    armoured = pkcs7.serialize_certificates(both, serialization.Encoding.PEM)
    assert outcomes(fresh, armoured) == ["KNOWN", "KNOWN"]


@pytest.mark.parametrize("data", [b"hello", b"\x30\x80\x00", b"-----BEGIN CERTIFICATE-----\nAAAA"])
def test_what_is_no_certificate_is_said(fresh: PkiBench, data: bytes) -> None:
    assert outcomes(fresh, data) == ["UNREADABLE"]
    assert kept(fresh) == {}


def test_trust_is_for_genuine_roots(fresh: PkiBench, chain: Chain) -> None:
    forged = make("Forged", key=new_key("P-256"), sign_with=new_key("P-256"))
    plain = make("Plain", key=new_key("P-256"), ca=False)
    bundle = chain.root.pem + chain.sub.pem + forged.pem + plain.pem
    assert outcomes(fresh, bundle, TrustRoots=True) == ["ADDED"] * 4
    trusted = {name for name, item in kept(fresh).items() if item["Trusted"]}
    root = facts(chain.root.der).fingerprint
    assert trusted == {root}
    for one in (chain.sub, forged, plain):
        with pytest.raises(ClientError) as caught:
            fresh.shelf.set_certificate_trust(Id=facts(one.der).fingerprint, Trusted=True)
        assert error_code(caught.value) == "InvalidRequestException"
    fresh.shelf.set_certificate_trust(Id=root, Trusted=False)
    assert not kept(fresh)[root]["Trusted"]
    fresh.shelf.set_certificate_trust(Id=f"SHA256:{root.upper()}", Trusted=True)
    assert kept(fresh)[root]["Trusted"]


def test_deleting(fresh: PkiBench, chain: Chain) -> None:
    outcomes(fresh, chain.root.der)
    name = facts(chain.root.der).fingerprint
    fresh.shelf.delete_certificate(Id=name)
    assert kept(fresh) == {}
    with pytest.raises(ClientError) as caught:
        fresh.shelf.delete_certificate(Id=name)
    assert error_code(caught.value) == "ResourceNotFoundException"
    made = fresh.hierarchy("alias/a", "EC_prime256v1")
    for pem in (made.root_pem, made.certificate_pem):
        name = facts(one_certificate(pem.encode())).fingerprint
        with pytest.raises(ClientError) as caught:
            fresh.shelf.delete_certificate(Id=name)
        assert error_code(caught.value) == "InvalidStateException"
    assert len(kept(fresh)) == 3


def test_certificates_of_a_key(fresh: PkiBench) -> None:
    made = fresh.hierarchy("alias/a", "EC_prime256v1")
    fresh.hierarchy("alias/b", "EC_prime256v1", signer_name="Other")
    public = fresh.kms.get_public_key(KeyId="alias/a")["PublicKey"]
    found = list(every_certificate(fresh.shelf, PublicKeySha256=public_key_hash(public)))
    assert [item["CertificateArn"] for item in found] == [made.certificate_arn]
    assert len(kept(fresh)) == 6


def test_what_was_revoked_says_since_when_and_why(fresh: PkiBench) -> None:
    made = fresh.hierarchy("alias/a", "EC_prime256v1")
    arn = made.certificate_arn
    assert not any("RevokedAt" in item for item in kept(fresh).values())
    fresh.pca.revoke_certificate(
        CertificateAuthorityArn=issuing_authority(arn),
        CertificateSerial=arn.rpartition("/")[2],
        RevocationReason="KEY_COMPROMISE",
    )
    revoked = [item for item in kept(fresh).values() if "RevokedAt" in item]
    assert [item["CertificateArn"] for item in revoked] == [arn]
    assert revoked[0]["RevocationReason"] == "KEY_COMPROMISE"
    assert revoked[0]["RevokedAt"].tzinfo is not None


def test_requests_are_validated_by_the_model(fresh: PkiBench) -> None:
    with pytest.raises(ParamValidationError):
        fresh.shelf.import_certificates()
    with pytest.raises(ClientError) as caught:
        fresh.shelf.delete_certificate(Id="zz" * 32)
    assert error_code(caught.value) == "ValidationException"
