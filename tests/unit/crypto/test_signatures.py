"""Signing under AWS's names: every algorithm with every message type, and exact lengths."""

import hashlib
from functools import cache

import pytest

from workbench.base.errors import Refused
from workbench.crypto import keys, signatures
from workbench.crypto.mldsa import compute_mu
from workbench.crypto.table import KEY_SPECS, SIGN_VERIFY
from workbench.hsm.answers.rsa_data import PRIVATE_KEY

SMALL = [
    spec
    for spec in KEY_SPECS.values()
    if SIGN_VERIFY in spec.usages and spec.name not in {"RSA_3072", "RSA_4096"}
]
DIGESTED = [
    (spec.name, algorithm)
    for spec in SMALL
    for algorithm in spec.signing
    if algorithm.startswith(("RSASSA", "ECDSA"))
]
ML_DSA = ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"]


@cache
def private(spec: str) -> keys.PrivateKey:
    if spec == "RSA_2048":
        return keys.private_from_der(PRIVATE_KEY, KEY_SPECS[spec], authentic=True)
    return keys.generate(KEY_SPECS[spec])


@pytest.mark.parametrize(("spec", "algorithm"), DIGESTED)
def test_a_digest_is_signed_as_its_message(spec: str, algorithm: str) -> None:
    digest = hashlib.new(f"sha{algorithm[-3:]}", b"message").digest()
    public = private(spec).public_key()
    by_digest = signatures.signer(private(spec), algorithm, "DIGEST")(digest)
    by_message = signatures.signer(private(spec), algorithm, "RAW")(b"message")
    for signature in (by_digest, by_message):
        assert signatures.verify(public, algorithm, b"message", "RAW", signature)
        assert signatures.verify(public, algorithm, digest, "DIGEST", signature)
        assert not signatures.verify(public, algorithm, digest, "RAW", signature)


@pytest.mark.parametrize(("spec", "algorithm"), DIGESTED)
def test_a_digest_of_another_length_is_refused(spec: str, algorithm: str) -> None:
    size = int(algorithm[-3:]) // 8
    sign = signatures.signer(private(spec), algorithm, "DIGEST")
    for wrong in (0, 20, size - 1, size + 1):
        with pytest.raises(Refused, match=f"has {wrong} bytes; the algorithm needs exactly {size}"):
            sign(b"d" * wrong)
        with pytest.raises(Refused, match=f"has {wrong} bytes"):
            signatures.verify(private(spec).public_key(), algorithm, b"d" * wrong, "DIGEST", b"")


@pytest.mark.parametrize("spec", ML_DSA)
def test_mu_is_signed_as_its_message(spec: str) -> None:
    public = private(spec).public_key()
    mu = compute_mu(keys.public_to_der(public), b"message")
    by_mu = signatures.signer(private(spec), "ML_DSA_SHAKE_256", "EXTERNAL_MU")(mu)
    by_message = signatures.signer(private(spec), "ML_DSA_SHAKE_256", "RAW")(b"message")
    for signature in (by_mu, by_message):
        assert len(signature) == KEY_SPECS[spec].signature_bytes
        assert signatures.verify(public, "ML_DSA_SHAKE_256", b"message", "RAW", signature)
        assert signatures.verify(public, "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU", signature)
        assert not signatures.verify(public, "ML_DSA_SHAKE_256", mu, "RAW", signature)


def test_mu_has_64_bytes() -> None:
    sign = signatures.signer(private("ML_DSA_44"), "ML_DSA_SHAKE_256", "EXTERNAL_MU")
    public = private("ML_DSA_44").public_key()
    for size in (0, 32, 63, 65):
        with pytest.raises(Refused, match=f"has {size} bytes"):
            sign(b"m" * size)
        with pytest.raises(Refused, match=f"has {size} bytes"):
            signatures.verify(public, "ML_DSA_SHAKE_256", b"m" * size, "EXTERNAL_MU", b"")


@pytest.mark.parametrize(
    ("spec", "algorithm", "message_type", "words"),
    [
        ("RSA_2048", "RSASSA_PSS_SHA_256", "EXTERNAL_MU", "Use RAW or DIGEST"),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "EXTERNAL_MU", "Use RAW or DIGEST"),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "raw", "Use RAW or DIGEST"),
        ("ML_DSA_44", "ML_DSA_SHAKE_256", "DIGEST", "Use RAW or EXTERNAL_MU"),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "DIGEST", "Use RAW"),
        ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", "RAW", "Use DIGEST"),
        ("ECC_NIST_P256", "ECDSA_SHA_512", "RAW", "Choose one of ECDSA_SHA_256"),
        ("RSA_2048", "ECDSA_SHA_256", "RAW", "does not sign with ECDSA_SHA_256"),
        ("ML_KEM_768", "ML_KEM", "RAW", "made for signing"),
    ],
)
def test_what_does_not_fit_is_refused(
    spec: str, algorithm: str, message_type: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        signatures.signer(private(spec), algorithm, message_type)
    with pytest.raises(Refused, match=words):
        signatures.verify(private(spec).public_key(), algorithm, b"", message_type, b"")


@pytest.mark.parametrize("spec", [spec.name for spec in SMALL])
def test_another_key_does_not_verify(spec: str) -> None:
    algorithm = KEY_SPECS[spec].signing[0]
    signature = signatures.signer(private(spec), algorithm, "RAW")(b"message")
    other = keys.generate(KEY_SPECS[spec]).public_key()
    assert not signatures.verify(other, algorithm, b"message", "RAW", signature)
