"""What kinds of keys are called."""

import pytest

from workbench.base.spec_names import spec_name
from workbench.crypto.table import KEY_SPECS


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("ML_DSA_65", "ML-DSA-65"),
        ("ML_KEM_1024", "ML-KEM-1024"),
        ("RSA_3072", "RSA 3072"),
        ("HMAC_256", "HMAC 256"),
        ("ECC_NIST_P256", "EC P-256"),
        ("ECC_NIST_EDWARDS25519", "Ed25519"),
        ("EC_secp521r1", "EC P-521"),
        ("SYMMETRIC_DEFAULT", "AES-256"),
        ("", ""),
        ("ECC_OF_TOMORROW", "ECC_OF_TOMORROW"),
    ],
)
def test_a_kind_of_key_is_called_as_the_standards_call_it(spec: str, name: str) -> None:
    assert spec_name(spec) == name


def test_every_kind_of_key_there_is_has_a_name() -> None:
    assert not [spec for spec in KEY_SPECS if "_" in spec_name(spec)]
