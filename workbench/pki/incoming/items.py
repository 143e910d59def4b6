"""What was found in something brought in: typed, each with its own verdict.

Knows no file, no service and no window.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from workbench.crypto.foreign import ForeignKey

LARGEST: Final = 16 * 1024 * 1024
LARGEST_DATABASE: Final = 64 * 1024 * 1024
MOST_ITEMS: Final = 10_000


class Sort(StrEnum):
    """What an item is."""

    CERTIFICATE = "certificate"
    REQUEST = "certificate request"
    LIST = "revocation list"
    ANSWER = "OCSP response"
    KEY = "private key"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One thing that was found.

    Attributes:
        sort: what it is; `OTHER` if it can only be reported.
        source: where it was found: a file's name, or empty for pasted text.
        name: what people call it.
        detail: what tells it from others, in a few words.
        der: its bytes; empty for private keys and for what cannot be read.
        problem: why it cannot be imported, and what to do; empty if it can.
        remark: what is worth knowing although it can be, or empty.
        key: the private key, if it is one.
        spki_hash: SHA-256 of its public key, hexadecimal; empty if it has none.
        root: whether it is a self-issued CA certificate, which may be trusted as a root.
    """

    sort: Sort
    source: str
    name: str = ""
    detail: str = ""
    der: bytes = field(default=b"", repr=False)
    problem: str = ""
    remark: str = ""
    key: ForeignKey | None = None
    spki_hash: str = ""
    root: bool = False

    @property
    def good(self) -> bool:
        """Whether it can be imported."""
        return not self.problem


@dataclass(frozen=True, slots=True, eq=False)
class Sealed:
    """Something that a password opens.

    Attributes:
        source: where it was found.
        title: what it is, in a few words.
        opener: given the password returns what is inside; raises `WrongPassword` or `Refused`.
    """

    source: str
    title: str
    opener: Callable[[str], Sequence[Item]]

    def open(self, password: str) -> tuple[Item, ...]:
        """Return what is inside.

        Raises:
            WrongPassword: another password is needed.
            Refused: it cannot be opened with any.
        """
        return tuple(self.opener(password))[:MOST_ITEMS]


@dataclass(frozen=True, slots=True)
class Reading:
    """What something brought in holds.

    Attributes:
        items: what could be seen without a password, in order.
        sealed: what passwords open.
    """

    items: tuple[Item, ...] = ()
    sealed: tuple[Sealed, ...] = ()

    def __add__(self, other: "Reading") -> "Reading":
        """Return both, in order."""
        return Reading(self.items + other.items, self.sealed + other.sealed)


def nothing(source: str, problem: str, name: str = "") -> Reading:
    """Return a reading of one thing that can only be reported."""
    return Reading((Item(Sort.OTHER, source, name, problem=problem),))
