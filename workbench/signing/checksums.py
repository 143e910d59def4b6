"""Lists of checksums, as `sha256sum` and its siblings write and check them (GNU coreutils).

Owns the lines of such a list. A job that signs one reads every file once, here, and then signs the
list as it would any file. Must not know signatures.
"""

import hmac
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.base.errors import Cancelled, EnvironmentFault, Refused, WorkbenchError
from workbench.base.files import printable, write_atomically
from workbench.crypto.digests import new_digest
from workbench.signing.hashing import Stop, hash_file, read_whole
from workbench.signing.outputs import taken
from workbench.signing.recipe import CHECKSUMS, Recipe
from workbench.signing.walk import Found, walk

LARGEST: Final = 64 << 20
_BY_SIZE: Final = {64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}
_LINE: Final = re.compile(rb"(\\?)([0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}) [ *](.+)")
_ESCAPES: Final = ((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"))
_UNESCAPE: Final = re.compile(rb"\\(.)")
_WORKERS: Final = 2
_MODE: Final = 0o644


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list.

    Attributes:
        name: the file, relative to the list.
        digest: the digest's name.
        value: the digest.
    """

    name: bytes
    digest: str
    value: bytes


def list_name(digest: str) -> str:
    """Return what a list is called, such as `SHA256SUMS`."""
    return f"{digest.replace('-', '')}SUMS"


LISTS: Final = frozenset(list_name(digest) for digest in CHECKSUMS)
"""What lists are called."""


def list_checksums(recipe: Recipe, paths: Sequence[Path], stopped: Stop) -> Iterator[Found]:
    """Hash everything found, write the list, and yield it as what is to be signed.

    What is passed over is yielded as a problem. Where a file cannot be read or changes meanwhile,
    no list is written, as it would say less than was asked for.

    Args:
        recipe: says by which digest and where the list goes.
        paths: files and folders.
        stopped: asked between chunks.
    """
    found = list(walk(paths))
    others = [one for one in found if not one.wanted]
    folder = recipe.folder or _common(paths)
    target = folder / list_name(recipe.checksums)
    own = {target, Path(recipe.output(str(target)))}
    files = [one for one in found if one.wanted and one.path not in own]
    yield from others
    try:
        with ThreadPoolExecutor(_WORKERS) as pool:
            lines = list(pool.map(lambda one: _line(one, folder, recipe.checksums, stopped), files))
        if lines:
            _write(target, b"".join(lines), replace=recipe.replace_existing)
            yield Found(target, target.stat().st_size)
    except Cancelled:
        return
    except (WorkbenchError, OSError) as error:
        yield Found(target, problem=f"No list of checksums was written: {error}")


def read_list(data: bytes) -> tuple[Line, ...]:
    """Read a list; empty where it is none, as every line must be one.

    Args:
        data: the list.
    """
    found = []
    for line in data.removesuffix(b"\n").split(b"\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            return ()
        name = _unescaped(match[3]) if match[1] else match[3]
        found.append(Line(name, _BY_SIZE[len(match[2])], bytes.fromhex(match[2].decode())))
    return tuple(found)


def check_list(
    path: Path, stop: Stop | None = None, told: Callable[[int], None] | None = None
) -> tuple[tuple[Line, str], ...] | None:
    """Compare the files beside a list with what it says.

    Args:
        path: the list.
        stop: asked between chunks.
        told: told how many files were compared.

    Returns:
        Every line with what is wrong, or nothing; None where this is no list of checksums.

    Raises:
        EnvironmentFault: the list cannot be read.
        Cancelled: `stop` said so.
    """
    data = read_whole(path, LARGEST)
    lines = read_list(data) if data else ()
    if not lines:
        return None
    answers = []
    for number, line in enumerate(lines, start=1):
        answers.append((line, _wrong_with(line, path.parent, stop)))
        if told is not None:
            told(number)
    return tuple(answers)


def _wrong_with(line: Line, folder: Path, stop: Stop | None) -> str:
    name = os.fsdecode(line.name)
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        return f"{printable(name)} lies outside the folder of the list."
    try:
        done = hash_file(folder / path, (new_digest(line.digest),), stop=stop)
    except Cancelled:
        raise
    except WorkbenchError as error:
        return error.message
    if hmac.compare_digest(done.digests[0], line.value):
        return ""
    return f"{printable(name)} is not the file that was listed: its {line.digest} digest differs."


def _line(one: Found, folder: Path, digest: str, stopped: Stop) -> bytes:
    done = hash_file(one.path, (new_digest(digest),), follow=not one.relative, stop=stopped)
    name = os.fsencode(os.path.relpath(one.path, folder))
    escaped = name
    for plain, written in _ESCAPES:
        escaped = escaped.replace(plain, written)
    mark = b"" if escaped == name else b"\\"
    return mark + done.digests[0].hex().encode() + b"  " + escaped + b"\n"


def _unescaped(name: bytes) -> bytes:
    letters = {b"\\": b"\\", b"n": b"\n", b"r": b"\r"}
    return _UNESCAPE.sub(lambda match: letters.get(match[1], match[0]), name)


def _common(paths: Sequence[Path]) -> Path:
    """Return the folder that everything dropped is in."""
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0]
    try:
        return Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError as error:
        raise Refused(
            "The files have no folder in common.", "Choose a folder for the signatures."
        ) from error


def _write(target: Path, data: bytes, *, replace: bool) -> None:
    try:
        there = read_whole(target, LARGEST)
    except EnvironmentFault:
        there = None
    if there == data:
        return
    if os.path.lexists(target) and not replace:
        raise taken(str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, data, replace=replace, mode=_MODE)
