"""Message digests by the names that signature profiles use.

Owns the choice of digest by name. Must not know files, keys or signatures.
"""

import hashlib
from types import MappingProxyType
from typing import Final, Protocol

from workbench.base.errors import Refused

SHAKE256_BYTES: Final = 64
"""Output length of SHAKE256 as a message digest (RFC 8702 §3.1: 512 bits)."""

DIGEST_SIZES: Final = MappingProxyType(
    {"SHA-256": 32, "SHA-384": 48, "SHA-512": 64, "SHAKE256": SHAKE256_BYTES}
)
"""Digest lengths in bytes by name."""


class Digest(Protocol):
    """A running digest."""

    def update(self, data: bytes | bytearray | memoryview, /) -> None:
        """Take in more of the message."""

    def digest(self) -> bytes:
        """Return the digest of what was taken in so far."""


class _Shake256:
    """SHAKE256 with the fixed output length that signature profiles give it."""

    def __init__(self) -> None:
        self._state = hashlib.shake_256()
        self.update = self._state.update

    def digest(self) -> bytes:
        """Return the first 64 bytes of output."""
        return self._state.digest(SHAKE256_BYTES)


def new_digest(name: str) -> Digest:
    """Start a digest.

    Args:
        name: `SHA-256`, `SHA-384`, `SHA-512` (FIPS 180-4) or `SHAKE256` (FIPS 202 §6.2, 64 bytes
            of output, RFC 8702 §3.1).

    Raises:
        Refused: no digest of that name is offered.
    """
    match name:
        case "SHA-256":
            return hashlib.sha256()
        case "SHA-384":
            return hashlib.sha384()
        case "SHA-512":
            return hashlib.sha512()
        case "SHAKE256":
            return _Shake256()
        case _:
            raise Refused(
                f"There is no digest named {name!r} here.",
                f"Choose one of {', '.join(DIGEST_SIZES)}.",
            )
