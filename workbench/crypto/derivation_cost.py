"""How much work a password-protected structure demands before it can be opened.

Owns the limit: a file may name any number of rounds, and one that names billions would hold up
whoever opens it. Sources: RFC 8018 §6 and appendix A, RFC 7914 §7, RFC 7292 appendix B.
"""

from typing import Any, Final

from asn1crypto import core

from workbench.base.errors import Refused

MOST_ROUNDS: Final = 5_000_000
"""Of PBKDF2 and PKCS#12's derivation; programs use from 2,048 to about a million."""

MOST_MEMORY: Final = 256 * 1024 * 1024
"""Bytes, of scrypt: 128 · N · r."""

_MOST_PARALLEL: Final = 64
_PBES2: Final = "1.2.840.113549.1.5.13"
_SCRYPT: Final = "1.3.6.1.4.1.11591.4.11"
_UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


def refuse_costly(der: bytes) -> None:
    """Refuse an EncryptedPrivateKeyInfo that asks for more work than any program does.

    Raises:
        Refused: too many rounds, too much memory, or not to be read.
    """
    try:
        check_algorithm(core.Sequence.load(der, strict=True)[0].dump())
    except _UNREADABLE:
        raise Refused(
            "The protection of the private key cannot be read.", "Get the file again."
        ) from None


def check_algorithm(der: bytes) -> None:
    """Check a password-based AlgorithmIdentifier.

    Raises:
        Refused: too many rounds or too much memory.
        ValueError: it cannot be read; asn1crypto may also raise TypeError or IndexError.
    """
    algorithm = core.Sequence.load(der)
    if algorithm[0].dotted == _PBES2:
        algorithm = algorithm[1][0]
    kind, parameters = algorithm[0].dotted, algorithm[1]
    if not isinstance(parameters, core.Sequence):
        return
    parts = [parameters[place] for place in range(len(parameters))]
    numbers = [int(one.native) for one in parts if isinstance(one, core.Integer)]
    if kind == _SCRYPT:
        cost, block, parallel = numbers[:3]
        if 128 * cost * block > MOST_MEMORY or parallel > _MOST_PARALLEL:
            raise _costly()
    elif numbers:
        check_rounds(numbers[0])


def check_rounds(rounds: Any) -> None:
    """Check a number of rounds.

    Raises:
        Refused: there are too many.
    """
    if not isinstance(rounds, int) or rounds > MOST_ROUNDS:
        raise _costly()


def _costly() -> Refused:
    return Refused(
        "Its protection asks for more work than any program does: it may be made to hold up "
        "whoever opens it.",
        "Protect it anew with fewer rounds where it comes from.",
    )
