"""The message representative of ML-DSA."""

import hashlib

import pytest

from workbench.base.errors import Refused
from workbench.crypto import keys
from workbench.crypto.mldsa import compute_mu
from workbench.crypto.table import KEY_SPECS


def formula(raw: bytes, message: bytes, context: bytes) -> bytes:
    """FIPS 204 algorithm 2 line 10 and algorithm 7 line 6, word for word."""
    tr = hashlib.shake_256(raw).digest(64)
    formatted = bytes([0, len(context)]) + context + message
    return hashlib.shake_256(tr + formatted).digest(64)


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
@pytest.mark.parametrize("context", [b"", b"c", b"c" * 255])
def test_the_formula_of_the_standard(spec: str, context: bytes) -> None:
    public = keys.generate(KEY_SPECS[spec]).public_key()
    assert isinstance(public, keys.MLDSAPublicKey)
    expected = formula(public.public_bytes_raw(), b"message", context)
    spki = keys.public_to_der(public)
    assert compute_mu(spki, b"message", context) == expected
    assert compute_mu(spki, iter([b"mes", b"", b"sage"]), context) == expected
    assert compute_mu(spki, b"massage", context) != expected


def test_long_contexts_and_other_keys_are_refused() -> None:
    spki = keys.public_to_der(keys.generate(KEY_SPECS["ML_DSA_44"]).public_key())
    with pytest.raises(Refused, match="256 bytes"):
        compute_mu(spki, b"", b"c" * 256)
    curve = keys.public_to_der(keys.generate(KEY_SPECS["ECC_NIST_P256"]).public_key())
    with pytest.raises(Refused, match="ML-DSA keys only"):
        compute_mu(curve, b"")
    with pytest.raises(Refused, match="not a valid public key"):
        compute_mu(spki[:-1], b"")
