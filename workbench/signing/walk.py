"""Dropped folders walked: every file found once, everything else listed with its reason."""

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.base.files import printable
from workbench.signing.formats.base import Format
from workbench.signing.formats.registry import originals, signed_name
from workbench.signing.sniff import SIGNATURES, sniff


@dataclass(frozen=True, slots=True)
class Found:
    """One thing met on the walk.

    Attributes:
        path: where.
        size: bytes, for a regular file.
        problem: why it cannot be signed, or empty for a file that can.
        passed: why a file is not to be signed though it could be, or empty.
        relative: for what was found in a folder, the path from that folder's own name on.
    """

    path: Path
    size: int = 0
    problem: str = ""
    relative: str = ""
    passed: str = ""

    @property
    def wanted(self) -> bool:
        """Whether it is a file to sign."""
        return not self.problem and not self.passed


def walk(paths: Sequence[Path], form: Format | None = None) -> Iterator[Found]:
    """Yield files to sign, and what is passed over and why, in a stable order.

    Things named directly are taken even when they are symbolic links, each once; inside folders
    links are listed and not followed, so that a cycle cannot trap the walk. Signatures inside
    folders (by name and by content) are passed over, and so are the signed copies of what lies
    beside them.

    Args:
        paths: files and folders.
        form: the format to sign in, which may be one that makes signed copies.
    """
    copies = form if form is not None and form.traits.embeds else None
    seen: set[tuple[int, int]] = set()
    for path in dict.fromkeys(paths):
        try:
            status = path.stat()
        except OSError as error:
            yield Found(path, problem=_unreadable(path, error))
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk_folder(path, status, seen, copies)
        elif stat.S_ISREG(status.st_mode):
            yield Found(path, status.st_size)
        else:
            yield Found(path, problem=_special(path, status.st_mode))


def _walk_folder(
    top: Path, status: os.stat_result, seen: set[tuple[int, int]], copies: Format | None
) -> Iterator[Found]:
    """Go through a folder and all below it, depth first, without recursion: it may be deep."""
    waiting = [(top, status, top.name)]
    empty = True
    while waiting:
        folder, status, relative = waiting.pop()
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            empty = False
            name = printable(folder.name)
            yield Found(folder, 0, f"The folder {name} was listed already.", relative)
            continue
        seen.add(identity)
        try:
            with os.scandir(folder) as listing:
                names = sorted(entry.name for entry in listing)
        except OSError as error:
            empty = False
            yield Found(folder, 0, "The folder " + _unreadable(folder, error), relative)
            continue
        taken = frozenset(names if copies is not None else ())
        below: list[tuple[Path, os.stat_result, str]] = []
        for name in names:
            found = _look(folder / name, os.path.join(relative, name))  # noqa: PTH118 - text only
            if isinstance(found, Found):
                empty = False
                original = _original(copies, name, taken)
                yield replace(found, passed=_copy(name, original)) if original else found
            else:
                below.append(found)
        waiting.extend(reversed(below))
    if empty:
        yield Found(top, 0, f"The folder {printable(top.name)} holds no files.", top.name)


def _original(copies: Format | None, name: str, taken: Collection[str]) -> str:
    """Return the file whose signed copy has a name, if it lies beside, or nothing."""
    if copies is None:
        return ""
    return next((one for one in originals(name) if one in taken), "")


def _look(path: Path, relative: str) -> Found | tuple[Path, os.stat_result, str]:
    """Return a file, with why it is not to be signed, or a problem, or a folder to go into."""
    try:
        status = path.lstat()
    except OSError as error:
        return Found(path, 0, _unreadable(path, error), relative)
    if stat.S_ISDIR(status.st_mode):
        return path, status, relative
    if not stat.S_ISREG(status.st_mode):
        return Found(path, 0, _special(path, status.st_mode), relative)
    if signed_name(path.name) and sniff(path).kind in SIGNATURES:
        passed = f"{printable(path.name)} is a signature and was not signed again."
        return Found(path, status.st_size, "", relative, passed)
    return Found(path, status.st_size, "", relative)


def _copy(name: str, original: str) -> str:
    return f"{printable(name)} is where the signed {printable(original)} goes; it was not signed."


def _unreadable(path: Path, error: OSError) -> str:
    return f"{printable(path.name)} cannot be read: {error.strerror}."


def _special(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return f"{printable(path.name)} is a symbolic link and was not followed."
    return f"{printable(path.name)} is a special file (pipe, socket or device), not content."
