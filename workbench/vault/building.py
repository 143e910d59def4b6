"""Putting a new vault's files in place, so that a crash leaves a whole vault or none.

Owns the order: the database grows under another name and is complete before `slots.json` appears;
then it gets its name. A crash between the two is finished by the next opening.
"""

import contextlib
import os
import re
from pathlib import Path
from typing import Final

from workbench.base.errors import EnvironmentFault, IntegrityError, Refused
from workbench.base.files import fault, printable, sync_folder
from workbench.vault.location import VaultFiles
from workbench.vault.slots import Slots

# As `base.files.write_atomically` and `backup.write` name what they have not finished.
_TEMPORARY: Final = re.compile(r"(\.|backup-)[0-9a-f]{16}\.partial")


def refuse_existing(files: VaultFiles) -> None:
    """Make sure that the directory holds no vault, and clear what a crashed creation left.

    Raises:
        Refused: a vault is there; it was not touched.
        EnvironmentFault: the system refused.
    """
    if files.exists():
        raise Refused(
            f"There is a vault in {printable(files.directory)} already; it was left as it is.",
            "Open it, or choose another folder.",
        )
    for name in (files.building, *_companions(files.building)):
        try:
            name.unlink(missing_ok=True)
        except OSError as error:
            raise fault(error, "clear away", name) from error


def clear_leftovers(files: VaultFiles) -> None:
    """Delete the temporary files of a process that was killed; call it under the process lock."""
    with contextlib.suppress(OSError):
        for path in files.directory.iterdir():
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)


def create_private(path: Path) -> None:
    """Create an empty file that only its owner can read; the database's log files inherit it.

    Raises:
        EnvironmentFault: it exists, or the system refused.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise fault(error, "create", path) from error


def finish(files: VaultFiles, slots: Slots) -> None:
    """Make the complete database and its slots the vault of the directory.

    Raises:
        EnvironmentFault: the system refused.
    """
    slots.save(files.slots)
    _name_database(files)


def check_present(files: VaultFiles) -> None:
    """Make sure that the database is there and not empty, finishing an interrupted creation.

    Raises:
        EnvironmentFault: it is missing.
        IntegrityError: it is empty.
    """
    try:
        if files.slots.exists() and files.building.exists() and not files.database.exists():
            _name_database(files)
        size = files.database.stat().st_size
    except FileNotFoundError as error:
        raise EnvironmentFault(
            f"There is no vault at {printable(files.database)}.",
            "Create one, restore one from a backup, or choose the folder where it is.",
        ) from error
    except OSError as error:
        raise fault(error, "open the vault", files.database) from error
    if size == 0:
        raise IntegrityError(
            f"The vault {printable(files.database)} is empty: its content was lost.",
            "Restore it from a backup into another folder.",
        )


def _name_database(files: VaultFiles) -> None:
    try:
        files.building.replace(files.database)
    except OSError as error:
        raise fault(error, "put in place", files.database) from error
    sync_folder(files.directory)


def _companions(database: Path) -> list[Path]:
    return [database.with_name(database.name + end) for end in ("-wal", "-shm")]
