"""Passwords of files that hold private keys: what is too weak, and how strong one is about.

Whoever has such a file may try passwords without end. The estimate goes by length, variety and
repetition; it knows no dictionary and says so nowhere as a promise.
"""

import math
import string
from enum import IntEnum
from typing import Final

SHORTEST: Final = 12
LONGEST: Final = 1024
_LEAST_BITS: Final = 45
_GOOD_BITS: Final = 65
_STRONG_BITS: Final = 90
_CLASSES: Final = (
    (string.ascii_lowercase, 26),
    (string.ascii_uppercase, 26),
    (string.digits, 10),
    (string.punctuation, 32),
    (" ", 1),
)
_OTHERS: Final = 100


class Strength(IntEnum):
    """How strong a password is about."""

    WEAK = 0
    FAIR = 1
    GOOD = 2
    STRONG = 3


def strength(password: str) -> Strength:
    """Return about how strong a password is."""
    bits = _bits(password)
    if len(password) < SHORTEST or bits < _LEAST_BITS:
        return Strength.WEAK
    if bits < _GOOD_BITS:
        return Strength.FAIR
    return Strength.GOOD if bits < _STRONG_BITS else Strength.STRONG


def wrong_with_password(password: str) -> str:
    """Return in a sentence why a password cannot protect a private key; empty if it can."""
    if len(password) < SHORTEST:
        return f"A private key needs a password of at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if strength(password) is Strength.WEAK:
        return "It is too easy to guess: too few different characters, or a pattern."
    return ""


def _bits(password: str) -> float:
    unit = _unit(password)
    return _fresh(unit) * math.log2(_pool(unit)) if unit else 0.0


def _unit(password: str) -> str:
    """Return what a password consists of when it is the same again and again."""
    size = (password + password).find(password, 1)
    return password[:size]


def _fresh(text: str) -> float:
    """Return how many characters count: neither more of the same nor the next in a row."""
    count, seen = 0.0, dict.fromkeys(text, 0)
    for before, one in zip(" " + text, text, strict=False):
        seen[one] += 1
        in_a_row = abs(ord(one) - ord(before)) <= 1
        count += 0.25 if in_a_row or seen[one] > 2 else 1.0
    return count


def _pool(text: str) -> int:
    known = sum(size for letters, size in _CLASSES if any(one in letters for one in text))
    every = "".join(letters for letters, _ in _CLASSES)
    return known + (_OTHERS if any(one not in every for one in text) else 0)
