"""First."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelfTest:
    """One."""

    name: str
    standard: str
    data: bytes
    check: Callable[[bytes], bool]


SELF_TESTS = (
    SelfTest(
        "SHA-256",
        "FIPS 180-4",
        b"abc",
        lambda d: hashlib.sha256(d).hexdigest().startswith("ba7816bf"),
    ),
)
