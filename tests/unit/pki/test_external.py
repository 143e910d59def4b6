"""Keys that are elsewhere sign, and give nothing away."""

import copy
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.fakes.certificates import name
from tests.fakes.pki import PkiBench
from workbench.base.errors import Refused
from workbench.pki.csr import make_csr
from workbench.pki.external import RAW_LIMIT, ExternalRsaKey, external_key

SPECS = (
    "RSA_2048",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_NIST_EDWARDS25519",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
)


class Watching:
    """A KMS client that notes what is signed."""

    def __init__(self, kms: Any) -> None:
        self._kms = kms
        self.calls: list[tuple[str, str, int]] = []

    def get_public_key(self, **parameters: Any) -> Any:
        return self._kms.get_public_key(**parameters)

    def sign(self, **parameters: Any) -> Any:
        self.calls.append(
            (
                parameters["SigningAlgorithm"],
                parameters["MessageType"],
                len(parameters["Message"]),
            )
        )
        return self._kms.sign(**parameters)


def new_key(bench: PkiBench, spec: str, usage: str = "SIGN_VERIFY") -> str:
    return str(bench.kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"])


@pytest.mark.parametrize("spec", SPECS)
def test_requests_and_revocation_lists_are_signed(bench: PkiBench, spec: str) -> None:
    kms = Watching(bench.kms)
    key_id = new_key(bench, spec)
    csr = x509.load_pem_x509_csr(make_csr(kms, key_id, name("Leaf")).encode())
    assert csr.is_signature_valid
    assert csr.subject == name("Leaf")
    basic = csr.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca) == (False, False)
    public = bench.kms.get_public_key(KeyId=key_id)["PublicKey"]
    assert (
        csr.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        == public
    )
    assert [kind for _, kind, _ in kms.calls] == ["RAW"]


@pytest.mark.parametrize("spec", [spec for spec in SPECS if "EDWARDS" not in spec])
def test_what_is_longer_than_kms_takes_goes_as_digest_or_mu(bench: PkiBench, spec: str) -> None:
    kms = Watching(bench.kms)
    key = external_key(kms, new_key(bench, spec))
    public: Any = key.public_key()
    beyond = "EXTERNAL_MU" if spec.startswith("ML_DSA") else "DIGEST"
    for size in (RAW_LIMIT, RAW_LIMIT + 1):
        message = b"m" * size
        if isinstance(key, rsa.RSAPrivateKey):
            for pad in (
                padding.PKCS1v15(),
                padding.PSS(padding.MGF1(hashes.SHA384()), padding.PSS.DIGEST_LENGTH),
            ):
                signature = key.sign(message, pad, hashes.SHA384())
                public.verify(signature, message, pad, hashes.SHA384())
        elif isinstance(key, ec.EllipticCurvePrivateKey):
            size_of = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
            how = ec.ECDSA(size_of[key.key_size])
            public.verify(key.sign(message, how), message, how)
        else:
            public.verify(key.sign(message), message)
        whole = size <= RAW_LIMIT
        assert kms.calls[-1][1] == ("RAW" if whole else beyond)


def test_a_context_is_signed_with(bench: PkiBench) -> None:
    key: Any = external_key(bench.kms, new_key(bench, "ML_DSA_65"))
    key.public_key().verify(key.sign(b"message", b"context"), b"message", b"context")


def test_schemes_that_kms_lacks_are_refused(bench: PkiBench) -> None:
    rsa_key: Any = external_key(bench.kms, new_key(bench, "RSA_2048"))
    assert isinstance(rsa_key, ExternalRsaKey)
    short = padding.PSS(padding.MGF1(hashes.SHA256()), 20)
    for pad, digest in ((short, hashes.SHA256()), (padding.PKCS1v15(), hashes.SHA1())):
        with pytest.raises(Refused):
            rsa_key.sign(b"m", pad, digest)
    curve: Any = external_key(bench.kms, new_key(bench, "ECC_NIST_P256"))
    with pytest.raises(Refused, match="SHA-256"):
        curve.sign(b"m", ec.ECDSA(hashes.SHA384()))
    edwards: Any = external_key(bench.kms, new_key(bench, "ECC_NIST_EDWARDS25519"))
    with pytest.raises(Refused, match="4096"):
        edwards.sign(b"m" * (RAW_LIMIT + 1))


def test_nothing_is_exported(bench: PkiBench) -> None:
    for spec in SPECS:
        key: Any = external_key(bench.kms, new_key(bench, spec))
        for method in ("private_bytes", "private_bytes_raw", "private_numbers"):
            with pytest.raises(Refused, match="cannot leave"):
                getattr(key, method)()
        assert copy.copy(key) is key
        assert copy.deepcopy(key) is key
    for spec, method in (("RSA_2048", "decrypt"), ("ECC_NIST_P256", "exchange")):
        key = external_key(bench.kms, new_key(bench, spec))
        with pytest.raises(Refused, match="cannot"):
            getattr(key, method)(b"")


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        ("ECC_NIST_P256", "KEY_AGREEMENT"),
        ("RSA_2048", "ENCRYPT_DECRYPT"),
        ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
    ],
)
def test_keys_for_something_else_are_refused(bench: PkiBench, spec: str, usage: str) -> None:
    with pytest.raises(Refused, match=usage):
        external_key(bench.kms, new_key(bench, spec, usage))
