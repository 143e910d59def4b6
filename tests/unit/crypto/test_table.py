"""The table of algorithms against the library and the standards' own numbers."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from workbench.crypto import keys
from workbench.crypto.table import ENCRYPT_DECRYPT, KEY_SPECS, Family, KeySpec

PAIRS = [spec for spec in KEY_SPECS.values() if spec.asymmetric and spec.supported]


def test_the_specs_are_those_of_aws_without_sm2() -> None:
    assert set(KEY_SPECS) == {
        "SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384",
        "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "HMAC_224", "HMAC_256",
        "HMAC_384", "HMAC_512", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ML_KEM_512", "ML_KEM_768",
        "ML_KEM_1024",
    }  # fmt: skip


def test_only_what_the_library_lacks_is_unsupported() -> None:
    lacking = [spec for spec in KEY_SPECS.values() if not spec.supported]
    assert [spec.name for spec in lacking] == ["ML_KEM_512"]
    assert all(spec.why_not for spec in lacking)
    assert all(not spec.why_not for spec in KEY_SPECS.values() if spec.supported)


@pytest.mark.parametrize("spec", KEY_SPECS.values(), ids=lambda spec: spec.name)
def test_every_usage_has_algorithms(spec: KeySpec) -> None:
    for usage in spec.usages:
        assert spec.algorithms(usage)
    assert spec.algorithms("NONSENSE") == ()
    assert spec.quantum_safe == (spec.category > 0)
    assert spec.default_usage == (ENCRYPT_DECRYPT if spec.name == "SYMMETRIC_DEFAULT" else None)


@pytest.mark.parametrize(
    "spec", [spec for spec in PAIRS if spec.public_bytes], ids=lambda spec: spec.name
)
def test_public_keys_have_the_length_in_the_table(spec: KeySpec) -> None:
    public = keys.generate(spec).public_key()
    assert isinstance(public, keys.MLDSAPublicKey | keys.MLKEMPublicKey | ed25519.Ed25519PublicKey)
    assert len(public.public_bytes_raw()) == spec.public_bytes
    if spec.family is not Family.EDWARDS:
        assert spec.bits == spec.public_bytes * 8
