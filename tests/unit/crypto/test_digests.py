"""Digests by name."""

import hashlib

import pytest

from workbench.base.errors import Refused
from workbench.crypto.digests import DIGEST_SIZES, new_digest


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SHA-256", hashlib.sha256(b"message").digest()),
        ("SHA-384", hashlib.sha384(b"message").digest()),
        ("SHA-512", hashlib.sha512(b"message").digest()),
        ("SHAKE256", hashlib.shake_256(b"message").digest(64)),
    ],
)
def test_in_pieces_as_at_once(name: str, expected: bytes) -> None:
    digest = new_digest(name)
    for piece in (b"mes", bytearray(b"sa"), memoryview(b"ge")):
        digest.update(piece)
    assert digest.digest() == expected
    assert len(expected) == DIGEST_SIZES[name]
    digest.update(b"!")
    assert digest.digest() != expected


@pytest.mark.parametrize("name", ["MD5", "sha-256", "SHA-1", ""])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(Refused, match=f"no digest named {name!r}"):
        new_digest(name)
