"""Ed25519ph against RFC 8032 §7.3 and its own negatives."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workbench.crypto import ed25519ph

SEED = bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
SIGNATURE = bytes.fromhex(
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
    "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
)
KEY = Ed25519PrivateKey.from_private_bytes(SEED)


def test_the_published_signature() -> None:
    assert ed25519ph.sign(KEY, b"abc") == SIGNATURE
    ed25519ph.verify(KEY.public_key(), SIGNATURE, b"abc")


@pytest.mark.parametrize("place", range(0, 64, 7))
def test_a_changed_signature_is_not_valid(place: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[place] ^= 1
    with pytest.raises(InvalidSignature):
        ed25519ph.verify(KEY.public_key(), bytes(changed), b"abc")


@pytest.mark.parametrize("signature", [b"", SIGNATURE[:63], SIGNATURE + b"\0"])
def test_another_length_is_not_valid(signature: bytes) -> None:
    with pytest.raises(InvalidSignature):
        ed25519ph.verify(KEY.public_key(), signature, b"abc")


def test_neither_another_message_nor_the_pure_scheme_is_valid() -> None:
    with pytest.raises(InvalidSignature):
        ed25519ph.verify(KEY.public_key(), SIGNATURE, b"abd")
    with pytest.raises(InvalidSignature):
        ed25519ph.verify(KEY.public_key(), KEY.sign(b"abc"), b"abc")
