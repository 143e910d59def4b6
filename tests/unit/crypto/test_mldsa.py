"""The message representative of ML-DSA."""

import hashlib
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSAMuHasher

from workbench.base.errors import Refused
from workbench.crypto import keys
from workbench.crypto.mldsa import MuHash, compute_mu
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
    peer = MLDSAMuHasher(public, context)
    peer.update(b"message")
    assert peer.finalize() == expected


def test_other_threads_go_on_while_a_large_piece_is_hashed() -> None:
    running = MuHash(keys.public_to_der(keys.generate(KEY_SPECS["ML_DSA_44"]).public_key()))
    piece, ended, turns = bytes(32 << 20), threading.Event(), 0

    def hash_it() -> None:
        running.update(piece)
        ended.set()

    worker = threading.Thread(target=hash_it)
    worker.start()
    while not ended.is_set():
        turns += 1
    worker.join()
    # With the interpreter's lock held all the while there are one or two.
    assert turns > 1000


def test_long_contexts_and_other_keys_are_refused() -> None:
    spki = keys.public_to_der(keys.generate(KEY_SPECS["ML_DSA_44"]).public_key())
    with pytest.raises(Refused, match="256 bytes"):
        compute_mu(spki, b"", b"c" * 256)
    curve = keys.public_to_der(keys.generate(KEY_SPECS["ECC_NIST_P256"]).public_key())
    with pytest.raises(Refused, match="ML-DSA keys only"):
        compute_mu(curve, b"")
    with pytest.raises(Refused, match="not a valid public key"):
        compute_mu(spki[:-1], b"")
