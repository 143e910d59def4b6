"""A vault in one file, and back.

Owns the backup's format. The copy is taken under the database's own key, so it is as closed as the
vault; only the passphrase slot goes with it, as the keyring slot is worth nothing elsewhere.

Format, version 1: the line `key-workbench-backup 1`, the header's length (4 bytes, big-endian), the
header (JSON: created, vault_id, slots, database_bytes), the encrypted database, and SHA-256 of all
that. The hash tells damage; forgery is told by the slots' and the pages' own authentication.
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from workbench.base.errors import EnvironmentFault, IntegrityError, Refused
from workbench.base.files import fault, printable, sync_folder
from workbench.vault import building
from workbench.vault.database import Database
from workbench.vault.location import VaultFiles
from workbench.vault.slots import Slots, decode

_NAME: Final = b"key-workbench-backup "
_FIRST_LINE: Final = _NAME + b"1\n"
_LARGEST_HEADER: Final = 256 * 1024
_CHUNK: Final = 1024 * 1024
_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class _Header:
    created: str
    slots: Slots
    database_bytes: int

    def encode(self) -> bytes:
        text = json.dumps(
            {
                "created": self.created,
                "vault_id": self.slots.vault_id,
                "slots": self.slots.encode().decode("ascii"),
                "database_bytes": self.database_bytes,
            }
        ).encode("ascii")
        return _FIRST_LINE + len(text).to_bytes(4, "big") + text


def write(database: Database, files: VaultFiles, slots: Slots, target: Path, now: datetime) -> None:
    """Write a backup of an open database to `target`, which must not exist.

    The copy is one committed state, taken while others go on reading and writing.

    Raises:
        EnvironmentFault: the target exists, the disk is full, or the system refused; nothing
            partial is left.
    """
    snapshot = files.directory / f"backup-{secrets.token_hex(8)}.partial"
    try:
        building.create_private(snapshot)
        database.copy_to(snapshot)
        header = _Header(now.isoformat(), slots.without_keyring(), snapshot.stat().st_size)
        with snapshot.open("rb") as source:
            _publish(header.encode(), source, target)
    except FileExistsError as error:
        raise EnvironmentFault(
            f"{printable(target)} exists already and was left as it is.",
            "Choose another name for the backup.",
        ) from error
    except OSError as error:
        raise fault(error, "write the backup", target) from error
    finally:
        with contextlib.suppress(OSError):
            snapshot.unlink(missing_ok=True)


def restore(backup: Path, files: VaultFiles) -> None:
    """Make the vault in `backup` the vault of a directory that has none.

    Raises:
        Refused: the directory has a vault, or a newer version of the program wrote the backup.
        IntegrityError: the backup is damaged or truncated; nothing was restored.
        EnvironmentFault: the system refused.
    """
    building.refuse_existing(files)
    try:
        with backup.open("rb") as source:
            try:
                header = _read_header(source, backup)
                _copy_database(source, header, files.building)
            except (ValueError, KeyError, TypeError) as error:
                raise IntegrityError(
                    f"The backup {printable(backup)} is damaged or incomplete.",
                    "Use another backup; nothing was restored.",
                ) from error
        building.finish(files, header.slots)
    except OSError as error:
        raise fault(error, "restore from", backup) from error
    finally:
        with contextlib.suppress(OSError):
            files.building.unlink(missing_ok=True)


def _publish(header: bytes, source: BinaryIO, target: Path) -> None:
    temporary = target.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        with open(temporary, "xb", opener=_private) as stream:
            digest = hashlib.sha256(header)
            stream.write(header)
            for chunk in _chunks(source):
                digest.update(chunk)
                stream.write(chunk)
            stream.write(digest.digest())
            stream.flush()
            os.fsync(stream.fileno())
        _name(temporary, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
    sync_folder(target.parent)


def _name(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        # A memory stick's file system may have no hard links: the best left is to look.
        if target.exists() or target.is_symlink():
            raise FileExistsError(target) from None
        temporary.replace(target)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _read_header(source: BinaryIO, backup: Path) -> _Header:
    first = source.readline(len(_FIRST_LINE))
    if first != _FIRST_LINE and first.startswith(_NAME) and first[len(_NAME) : -1].isdigit():
        raise Refused(
            f"The backup {printable(backup)} was written by a newer version of Key Workbench.",
            "Update Key Workbench.",
        )
    if first != _FIRST_LINE:
        raise ValueError("not a backup")
    length = int.from_bytes(source.read(4), "big")
    if length > _LARGEST_HEADER:
        raise ValueError("header too long")
    body = json.loads(source.read(length).decode("ascii"))
    header = _Header(body["created"], decode(body["slots"].encode("ascii")), body["database_bytes"])
    # The header as this program writes it, and nothing more: no second meaning can hide in it.
    if header.encode()[len(_FIRST_LINE) + 4 :] != json.dumps(body).encode("ascii"):
        raise ValueError("not what was written")
    return header


def _copy_database(source: BinaryIO, header: _Header, target: Path) -> None:
    left = header.database_bytes
    digest = hashlib.sha256(header.encode())
    building.create_private(target)
    with target.open("wb") as stream:
        while left:
            chunk = source.read(min(_CHUNK, left))
            if not chunk:
                raise ValueError("truncated")
            digest.update(chunk)
            stream.write(chunk)
            left -= len(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    if source.read(_HASH_BYTES + 1) != digest.digest():
        raise ValueError("the hash does not fit")
