"""Dropped folders walked: every file found once, everything else listed with its reason."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.base.files import printable
from workbench.signing.formats.registry import signed_name
from workbench.signing.sniff import SIGNATURES, sniff


@dataclass(frozen=True, slots=True)
class Found:
    """One thing met on the walk.

    Attributes:
        path: where.
        size: bytes, for a regular file.
        problem: why it is not signed, or empty for a file that is.
        relative: for what was found in a folder, the path from that folder's own name on.
    """

    path: Path
    size: int = 0
    problem: str = ""
    relative: str = ""


def walk(paths: Sequence[Path]) -> Iterator[Found]:
    """Yield files to sign, and what is passed over and why, in a stable order.

    Things named directly are taken even when they are symbolic links, each once; inside folders
    links are listed and not followed, so that a cycle cannot trap the walk. Signatures inside
    folders (by name and by content) are passed over.
    """
    seen: set[tuple[int, int]] = set()
    for path in dict.fromkeys(paths):
        try:
            status = path.stat()
        except OSError as error:
            yield Found(path, problem=_unreadable(path, error))
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk_folder(path, status, seen)
        elif stat.S_ISREG(status.st_mode):
            yield Found(path, status.st_size)
        else:
            yield Found(path, problem=_special(path, status.st_mode))


def _walk_folder(top: Path, status: os.stat_result, seen: set[tuple[int, int]]) -> Iterator[Found]:
    """Go through a folder and all below it, depth first, without recursion: it may be deep."""
    waiting = [(top, status, top.name)]
    while waiting:
        folder, status, relative = waiting.pop()
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            name = printable(folder.name)
            yield Found(folder, 0, f"The folder {name} was listed already.", relative)
            continue
        seen.add(identity)
        try:
            with os.scandir(folder) as listing:
                names = sorted(entry.name for entry in listing)
        except OSError as error:
            yield Found(folder, 0, "The folder " + _unreadable(folder, error), relative)
            continue
        below: list[tuple[Path, os.stat_result, str]] = []
        for name in names:
            found = _look(folder / name, os.path.join(relative, name))  # noqa: PTH118 - text only
            if isinstance(found, Found):
                yield found
            elif found is not None:
                below.append(found)
        waiting.extend(reversed(below))


def _look(path: Path, relative: str) -> Found | tuple[Path, os.stat_result, str] | None:
    """Return a file or a problem, a folder to go into, or None for what is passed over."""
    try:
        status = path.lstat()
    except OSError as error:
        return Found(path, 0, _unreadable(path, error), relative)
    if stat.S_ISDIR(status.st_mode):
        return path, status, relative
    if not stat.S_ISREG(status.st_mode):
        return Found(path, 0, _special(path, status.st_mode), relative)
    if signed_name(path.name) and sniff(path).kind in SIGNATURES:
        return None
    return Found(path, status.st_size, "", relative)


def _unreadable(path: Path, error: OSError) -> str:
    return f"{printable(path.name)} cannot be read: {error.strerror}."


def _special(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return f"{printable(path.name)} is a symbolic link and was not followed."
    return f"{printable(path.name)} is a special file (pipe, socket or device), not content."
