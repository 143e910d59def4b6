"""Recovery passphrases: made, written down, typed again.

Owns their alphabet, check symbols and normal forms. Must not know how a key is derived from one
(`workbench.hsm.officer`) nor where the result is stored.

A generated passphrase has seven groups of five symbols of Crockford's base 32: four random ones and
a check symbol, 140 random bits in all. The check is a polynomial over GF(2^5) that includes the
group's number, so that any one wrong symbol, any two swapped ones, and swapped groups are told
apart from a wrong passphrase and placed.
"""

import secrets
import unicodedata
from typing import Final

from workbench.base.errors import Refused

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS: Final = 7
SHORTEST: Final = 12
_RANDOM_SYMBOLS: Final = 4
_READ_AS: Final = str.maketrans("OIL", "011")
_SEPARATORS: Final = str.maketrans("", "", " -\t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014\u2212_")


def generate() -> str:
    """Return a new recovery passphrase with 140 random bits from the system's generator."""
    return "-".join(_group(number) for number in range(GROUPS))


def normalise_generated(typed: str) -> str:
    """Return a generated passphrase as it was shown, whatever the case, spaces and dashes.

    O is read as 0, I and L as 1 (Crockford's base 32).

    Raises:
        Refused: it cannot be one that this program made; the message says which group is wrong.
    """
    text = unicodedata.normalize("NFKC", typed).translate(_SEPARATORS).upper().translate(_READ_AS)
    size = _RANDOM_SYMBOLS + 1
    if len(text) != GROUPS * size:
        raise Refused(
            f"A recovery passphrase has {GROUPS * size} letters and digits; this one has "
            f"{len(text)}.",
            "Compare it with what you wrote down and type it again.",
        )
    groups = [text[start : start + size] for start in range(0, len(text), size)]
    wrong = [str(n + 1) for n, group in enumerate(groups) if not _fits(n, group)]
    if wrong:
        raise Refused(
            f"The recovery passphrase has a typing mistake in group {', '.join(wrong)} of "
            f"{GROUPS}.",
            "Compare that group with what you wrote down and type it again.",
        )
    return "-".join(groups)


def normalise_chosen(typed: str) -> str:
    """Return a passphrase of the user's own in Unicode NFC (RFC 8265 §4.2.2).

    Every keyboard then gives the same bytes; nothing else is changed.

    Raises:
        Refused: it contains what cannot be encoded as UTF-8.
    """
    text = unicodedata.normalize("NFC", typed)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused(
            "The passphrase contains a character that is not text.", "Type it again."
        ) from error
    return text


def accept_chosen(typed: str) -> str:
    """Return a new passphrase of the user's own in its normal form, if it is long enough.

    Raises:
        Refused: it has fewer than `SHORTEST` characters or cannot be encoded.
    """
    text = normalise_chosen(typed)
    if len(text) < SHORTEST:
        raise Refused(
            f"A passphrase needs at least {SHORTEST} characters; this one has {len(text)}.",
            "Choose a longer one, or let Key Workbench generate it.",
        )
    return text


def _group(number: int) -> str:
    symbols = [secrets.randbelow(32) for _ in range(_RANDOM_SYMBOLS)]
    return "".join(ALPHABET[value] for value in (*symbols, _check(number, symbols)))


def _fits(number: int, group: str) -> bool:
    if any(symbol not in ALPHABET for symbol in group):
        return False
    *symbols, check = (ALPHABET.index(symbol) for symbol in group)
    return _check(number, symbols) == check


def _check(number: int, symbols: list[int]) -> int:
    value = number + 1
    for symbol in symbols:
        value = _double(value) ^ symbol
    return _double(value)


def _double(value: int) -> int:
    """Multiply by x in GF(2)[x] / (x^5 + x^2 + 1)."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value
