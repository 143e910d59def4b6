"""Exit codes, in one place; `workbench --help` and the README print this table."""

from enum import IntEnum

from botocore.exceptions import BotoCoreError, ClientError

from workbench.base.errors import (
    Cancelled,
    EnvironmentFault,
    IntegrityError,
    Locked,
    NotFound,
    Refused,
    WorkbenchError,
)


class Exit(IntEnum):
    """What the process answers."""

    OK = 0
    INVALID = 1
    USAGE = 2
    ENVIRONMENT = 3
    LOCKED = 4
    REFUSED = 5
    DAMAGED = 6
    BUG = 70
    CANCELLED = 130


MEANINGS = {
    Exit.OK: "done; for verify: the signature is valid and trusted",
    Exit.INVALID: "the signature is not valid, or not trusted; for sign: a file was not signed",
    Exit.USAGE: "wrong arguments",
    Exit.ENVIRONMENT: "the machine refused: file missing, disk full, no keyring, vault in use",
    Exit.LOCKED: "the vault could not be unlocked",
    Exit.REFUSED: "refused: no such key or certificate, key state, usage, policy, standard",
    Exit.DAMAGED: "stored data is damaged",
    Exit.BUG: "a bug in Key Workbench; please report it",
    Exit.CANCELLED: "stopped by Ctrl+C",
}

_CODES: tuple[tuple[type[Exception], Exit], ...] = (
    (Locked, Exit.LOCKED),
    (EnvironmentFault, Exit.ENVIRONMENT),
    (IntegrityError, Exit.DAMAGED),
    (Refused, Exit.REFUSED),
    (NotFound, Exit.REFUSED),
    (Cancelled, Exit.CANCELLED),
    (ClientError, Exit.REFUSED),
    (BotoCoreError, Exit.REFUSED),
    (WorkbenchError, Exit.ENVIRONMENT),
)

KNOWN = tuple(kind for kind, _ in _CODES)


def code_of(error: Exception) -> Exit:
    """Return the exit code of a known error."""
    return next(code for kind, code in _CODES if isinstance(error, kind))


def text_of(error: Exception) -> str:
    """Return a known error as one line for people."""
    if isinstance(error, ClientError):
        answer = error.response["Error"]
        text = f"{answer.get('Code', '')}: {answer.get('Message', '')}".rstrip(": ")
        step: str = getattr(error, "next_step", "")
        return f"{text} {step}".strip()
    return str(error)


def table() -> str:
    """Return the exit codes as lines of text."""
    return "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())
