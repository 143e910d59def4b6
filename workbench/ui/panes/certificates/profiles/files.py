"""Profiles and certificates that come from files; read on workers."""

from pathlib import Path
from typing import Final

from workbench.base.errors import EnvironmentFault, Refused
from workbench.base.files import fault, printable

_LARGEST: Final = 1024 * 1024
_LARGEST_DOCUMENT: Final = 64 * 1024


def read_bytes(path: Path, largest: int = _LARGEST) -> bytes:
    """Return what a file holds.

    Raises:
        EnvironmentFault: it cannot be read.
        Refused: it is larger.
    """
    try:
        if not path.is_file():
            raise EnvironmentFault(f"{printable(path)} is no file.", "Choose a file.")
        with path.open("rb") as stream:
            data = stream.read(largest + 1)
    except OSError as error:
        raise fault(error, "read", path) from error
    if len(data) > largest:
        raise Refused(f"{printable(path.name)} is too large to be one.", "Choose another file.")
    return data


def read_document(path: Path) -> str:
    """Return the text of an exported profile.

    Raises:
        EnvironmentFault: the file cannot be read.
        Refused: it is no text.
    """
    try:
        return read_bytes(path, _LARGEST_DOCUMENT).decode()
    except UnicodeDecodeError as error:
        raise Refused(
            f"{printable(path.name)} is not a certificate profile of Key Workbench.",
            "Choose a file that was exported as a profile.",
        ) from error
