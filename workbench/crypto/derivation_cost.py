"""How much work a password-protected structure demands before it can be opened.

Owns the limit: a file may name any number of rounds, and one that names billions would hold up
whoever opens it. Sources: RFC 8018 §6 and appendix A, RFC 7914 §7, RFC 7292 appendix B.
"""

from typing import Any, Final

from asn1crypto import core

from workbench.base.errors import Refused

MOST_ROUNDS: Final = 5_000_000
"""Of PBKDF2 and PKCS#12's derivation; programs use from 2,048 to about a million."""

MOST_TOGETHER: Final = 4 * MOST_ROUNDS
"""Of everything that one password opens together: some ten seconds."""

MOST_MEMORY: Final = 256 * 1024 * 1024
"""Bytes, of scrypt: 128 · N · r."""

_MOST_PARALLEL: Final = 64
_PBES2: Final = "1.2.840.113549.1.5.13"
_PBMAC1: Final = "1.2.840.113549.1.5.14"
_SCRYPT: Final = "1.3.6.1.4.1.11591.4.11"
_UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


class Budget:
    """The rounds that are left for what one password opens together.

    Attributes:
        spent: how many were taken.
    """

    def __init__(self, rounds: int = MOST_TOGETHER) -> None:
        self._left = rounds
        self.spent = 0

    def spend(self, rounds: int) -> None:
        """Take rounds from what is left.

        Raises:
            Refused: so many are not left.
        """
        self._left -= rounds
        self.spent += rounds
        if self._left < 0:
            raise costly()


def refuse_costly(der: bytes) -> int:
    """Return the rounds of an EncryptedPrivateKeyInfo, unless they are more than programs take.

    Raises:
        Refused: too many rounds, too much memory, or not to be read.
    """
    try:
        return check_algorithm(core.Sequence.load(der, strict=True)[0].dump())
    except _UNREADABLE:
        raise Refused(
            "The protection of the private key cannot be read.", "Get the file again."
        ) from None


def check_algorithm(der: bytes) -> int:
    """Check a password-based AlgorithmIdentifier and return its rounds, 0 if it names none.

    scrypt's cost counts as N · r · p rounds, which take about as long (RFC 7914 §2).

    Raises:
        Refused: too many rounds or too much memory.
        ValueError: it cannot be read; asn1crypto may also raise TypeError or IndexError.
    """
    algorithm = core.Sequence.load(der)
    if algorithm[0].dotted in {_PBES2, _PBMAC1}:
        algorithm = algorithm[1][0]
    kind, parameters = algorithm[0].dotted, algorithm[1]
    if not isinstance(parameters, core.Sequence):
        return 0
    parts = [parameters[place] for place in range(len(parameters))]
    numbers = [int(one.native) for one in parts if isinstance(one, core.Integer)]
    if kind == _SCRYPT:
        cost, block, parallel = numbers[:3]
        if 128 * cost * block > MOST_MEMORY or parallel > _MOST_PARALLEL:
            raise costly()
        return check_rounds(cost * block * parallel)
    return check_rounds(numbers[0]) if numbers else 0


def check_rounds(rounds: Any) -> int:
    """Return a number of rounds.

    Raises:
        Refused: there are too many.
    """
    if not isinstance(rounds, int) or not 0 <= rounds <= MOST_ROUNDS:
        raise costly()
    return rounds


def costly() -> Refused:
    """Return the refusal of what asks for too much."""
    return Refused(
        "Its protection asks for more work than any program does: it may be made to hold up "
        "whoever opens it.",
        "Protect it anew with fewer rounds where it comes from.",
    )
