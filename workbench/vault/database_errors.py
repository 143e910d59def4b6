"""What the database library's errors mean for the person in front of the screen.

Owns the translation and nothing else. Errors that only a bug can cause stay as they are.
"""

from pathlib import Path
from typing import Final

import apsw

from workbench.base.errors import EnvironmentFault, IntegrityError, Locked
from workbench.base.files import printable

_RESTORE: Final = "Restore the vault from a backup into another folder; keep the damaged file."
_DAMAGED: Final = (apsw.NotADBError, apsw.CorruptError)
_IO_DAMAGE: Final = frozenset({apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_CORRUPTFS})


_FAULTS: Final[tuple[tuple[type[apsw.Error], str, str], ...]] = (
    (
        apsw.FullError,
        "Could not save in the vault {}: the disk is full. Nothing was changed.",
        "Free some space and try again.",
    ),
    (
        apsw.IOError,
        "Could not use the vault {}: the disk is full or reported an error. Nothing was changed.",
        "Free some space, check the disk and try again.",
    ),
    (
        apsw.CantOpenError,
        "Could not open the vault {}.",
        "Check that it is there and that its folder can be written.",
    ),
    (
        apsw.ReadOnlyError,
        "The vault {} cannot be written.",
        "Check the permissions of it and of its folder.",
    ),
    (
        apsw.BusyError,
        "The vault {} is in use by another program.",
        "Close that program and try again.",
    ),
)


def explained(error: apsw.Error, path: Path) -> Exception:
    """Return the error to raise for `error`, met while using the database at `path`."""
    shown = printable(path)
    if isinstance(error, _DAMAGED) or getattr(error, "extendedresult", 0) in _IO_DAMAGE:
        return IntegrityError(f"The vault {shown} is damaged: its content was changed.", _RESTORE)
    if isinstance(error, apsw.InterruptError):
        return Locked("The vault was locked meanwhile.", "Unlock it and try again.")
    for kind, message, next_step in _FAULTS:
        if isinstance(error, kind):
            return EnvironmentFault(message.format(shown), next_step)
    return error
