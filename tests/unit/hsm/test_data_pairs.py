"""Data key pairs used by their ciphertexts: what the module gives out, and what it refuses."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509.oid import NameOID

from workbench.base.errors import IntegrityError, Refused
from workbench.crypto import pkcs12
from workbench.hsm.user import Holder, KeyToken, SealedPair, User

PASSWORD = "correct horse battery"
SPECS = ["ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "RSA_2048"]


def certificate_of(public: object) -> bytes:
    """Return a certificate of a public key, signed by somebody else."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "leaf")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)  # type: ignore[arg-type]
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=30))
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys of files quickly."""
    monkeypatch.setattr(pkcs12, "ROUNDS", 1000)


@pytest.fixture
def token(user: User) -> KeyToken:
    return user.generate("wrapping", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token


@pytest.mark.parametrize("spec", SPECS)
def test_a_sealed_pair_is_read_and_exported(user: User, token: KeyToken, spec: str) -> None:
    blob, public = user.sealed_data_key_pair(token, spec, b"context")
    pair = SealedPair(token, blob, b"context", spec)
    assert user.pair_public_key(pair) == public
    key = load_pem_private_key(user.export_pair(pair, PASSWORD), PASSWORD.encode())
    found = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert found == public
    own = certificate_of(load_der_public_key(public))
    above = certificate_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    held = Holder(own, (("the CA", above),), "leaf")
    opened = load_pkcs12(user.export_pair(pair, PASSWORD, held), PASSWORD.encode())
    assert opened.key is not None
    assert opened.cert is not None
    assert opened.key.public_key() == opened.cert.certificate.public_key()
    assert opened.cert.friendly_name == b"leaf"
    assert opened.cert.certificate.public_bytes(Encoding.DER) == own
    assert [one.friendly_name for one in opened.additional_certs] == [b"the CA"]


def test_a_sealed_pair_signs(user: User, token: KeyToken) -> None:
    blob, public = user.sealed_data_key_pair(token, "ECC_NIST_P256", b"")
    pair = SealedPair(token, blob, b"", "ECC_NIST_P256")
    made = user.sign_with_pair(pair, "ECDSA_SHA_256", b"a request", "RAW")
    assert user.verify(public, "ECDSA_SHA_256", b"a request", "RAW", made)
    assert not user.verify(public, "ECDSA_SHA_256", b"another", "RAW", made)
    with pytest.raises(Refused):
        user.sign_with_pair(pair, "ECDSA_SHA_384", b"a request", "RAW")


def test_another_context_or_another_key_opens_nothing(user: User, token: KeyToken) -> None:
    blob, _ = user.sealed_data_key_pair(token, "ECC_NIST_P256", b"context")
    other = user.generate("other", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token
    for pair in (
        SealedPair(token, blob, b"", "ECC_NIST_P256"),
        SealedPair(token, blob, b"Context", "ECC_NIST_P256"),
        SealedPair(other, blob, b"context", "ECC_NIST_P256"),
        SealedPair(token, blob[:-1] + bytes([blob[-1] ^ 1]), b"context", "ECC_NIST_P256"),
    ):
        with pytest.raises(IntegrityError):
            user.export_pair(pair, PASSWORD)


def test_a_ciphertext_of_something_else_is_refused_without_showing_it(
    user: User, token: KeyToken
) -> None:
    blob = user.encrypt(token, b"top secret words", b"")
    with pytest.raises(Refused) as caught:
        user.export_pair(SealedPair(token, blob, b"", "ECC_NIST_P256"), PASSWORD)
    told = f"{caught.value!r} {caught.value.args} {caught.value.__cause__!r}"
    assert "top secret" not in told
    right, _ = user.sealed_data_key_pair(token, "ECC_NIST_P256", b"")
    with pytest.raises(Refused):
        user.pair_public_key(SealedPair(token, right, b"", "ECC_NIST_P384"))


def test_no_password_no_export(user: User, token: KeyToken) -> None:
    blob, public = user.sealed_data_key_pair(token, "ECC_NIST_P256", b"")
    pair = SealedPair(token, blob, b"", "ECC_NIST_P256")
    for holder in (None, Holder(certificate_of(load_der_public_key(public)))):
        with pytest.raises(Refused):
            user.export_pair(pair, "", holder)


def test_a_certificate_of_another_key_is_refused(user: User, token: KeyToken) -> None:
    blob, _ = user.sealed_data_key_pair(token, "ECC_NIST_P256", b"")
    other = certificate_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    for der in (other, b"no certificate"):
        with pytest.raises(Refused):
            user.export_pair(SealedPair(token, blob, b"", "ECC_NIST_P256"), PASSWORD, Holder(der))


def test_a_key_that_signs_unwraps_no_pair(user: User) -> None:
    made = user.generate("signing", "ECC_NIST_P256", "SIGN_VERIFY").token
    with pytest.raises(Refused):
        user.sealed_data_key_pair(made, "ECC_NIST_P256", b"")
    with pytest.raises(Refused):
        user.sign_with_pair(
            SealedPair(made, b"", b"", "ECC_NIST_P256"), "ECDSA_SHA_256", b"", "RAW"
        )


def test_post_quantum_pairs_are_not_exported(user: User, token: KeyToken) -> None:
    blob, _ = user.sealed_data_key_pair(token, "ML_DSA_44", b"")
    with pytest.raises(Refused):
        user.export_pair(SealedPair(token, blob, b"", "ML_DSA_44"), PASSWORD)
