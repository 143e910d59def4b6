"""Dropped folders walked: every file found once, everything else listed with its reason."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.base.files import printable
from workbench.signing.outputs import SUFFIX


@dataclass(frozen=True, slots=True)
class Found:
    """One thing met on the walk.

    Attributes:
        path: where.
        size: bytes, for a regular file.
        problem: why it is not signed, or empty for a file that is.
    """

    path: Path
    size: int = 0
    problem: str = ""


def walk(paths: Sequence[Path]) -> Iterator[Found]:
    """Yield files to sign, and what is passed over and why, in a stable order.

    Files named directly are taken even when they are symbolic links; inside folders links are
    listed and not followed, so that a cycle cannot trap the walk. Signatures (`.p7s`) inside
    folders are passed over.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        yield from _visit(path, seen, named=True)


def _visit(path: Path, seen: set[tuple[int, int]], *, named: bool) -> Iterator[Found]:
    try:
        status = path.stat() if named else path.lstat()
    except OSError as error:
        yield Found(path, problem=f"{printable(path.name)} cannot be read: {error.strerror}.")
        return
    if stat.S_ISDIR(status.st_mode):
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            yield Found(path, problem=f"The folder {printable(path.name)} was listed already.")
            return
        seen.add(identity)
        yield from _folder(path, seen)
    elif stat.S_ISREG(status.st_mode):
        if named or path.suffix != SUFFIX:
            yield Found(path, status.st_size)
    else:
        yield Found(path, problem=_special(path, status.st_mode))


def _folder(path: Path, seen: set[tuple[int, int]]) -> Iterator[Found]:
    try:
        names = sorted(entry.name for entry in os.scandir(path))
    except OSError as error:
        yield Found(
            path, problem=f"The folder {printable(path.name)} cannot be read: {error.strerror}."
        )
        return
    for name in names:
        yield from _visit(path / name, seen, named=False)


def _special(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return f"{printable(path.name)} is a symbolic link and was not followed."
    return f"{printable(path.name)} is a special file (pipe, socket or device), not content."
