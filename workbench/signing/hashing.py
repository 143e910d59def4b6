"""Files read once, in constant memory, and caught when they change meanwhile.

Owns opening, reading and comparing before with after. Must not know what the bytes are for.

A file named by a person may be a symbolic link and is followed. One found by walking a folder must
not be: between walking and opening somebody may have put a link in its place, hence `follow=False`
(O_NOFOLLOW). Opening never blocks on a pipe (O_NONBLOCK). A writer through a shared memory mapping
may escape the comparison until the system notes the file's new time.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.base.errors import Cancelled, EnvironmentFault, Refused
from workbench.base.files import fault, printable
from workbench.crypto.digests import Digest

CHUNK: Final = 256 * 1024
"""Bytes read at a time: small enough to stay in the processor's cache between read and hash."""

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)

Progress = Callable[[int], None]
"""Called with the number of bytes read so far."""

Stop = Callable[[], bool]
"""Asked between two chunks whether to stop."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """What came of reading a file.

    Attributes:
        digests: one digest for each that was asked for.
        size: how many bytes were read.
    """

    digests: tuple[bytes, ...]
    size: int


def hash_file(
    path: str | Path,
    digests: Sequence[Digest],
    *,
    follow: bool = True,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Hashed:
    """Read a file once and feed every digest.

    Args:
        path: the file.
        digests: fresh digests.
        follow: whether a symbolic link is followed.
        stop: asked between chunks.
        progress: told between chunks.

    Raises:
        EnvironmentFault: unreadable, vanished, or changed while it was read.
        Refused: not a regular file, or a link that is not to be followed.
        Cancelled: `stop` said so.
    """
    name = os.fspath(path)
    with _opened(name, follow=follow) as descriptor:
        before = _regular(descriptor, name)
        try:
            size = _feed(descriptor, before.st_size, digests, stop, progress)
            after = os.fstat(descriptor)
        except OSError as error:
            raise fault(error, "read", Path(name)) from error
    _unchanged(name, before, after, size, follow=follow)
    return Hashed(tuple(digest.digest() for digest in digests), size)


def read_chunks(
    path: str | Path,
    *,
    follow: bool = True,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Yield a file in pieces, with the checks of `hash_file` after the last one."""
    name = os.fspath(path)
    with _opened(name, follow=follow) as descriptor:
        before = _regular(descriptor, name)
        size = 0
        try:
            while piece := os.read(descriptor, CHUNK):
                _ask(stop)
                size += len(piece)
                yield piece
                if progress is not None:
                    progress(size)
            after = os.fstat(descriptor)
        except OSError as error:
            raise fault(error, "read", Path(name)) from error
    _unchanged(name, before, after, size, follow=follow)


def read_whole(path: str | Path, largest: int, *, follow: bool = True) -> bytes | None:
    """Return a regular file's content, or None if it is larger than `largest` bytes.

    Raises:
        EnvironmentFault: unreadable, vanished, or changed while it was read.
        Refused: not a regular file.
    """
    name = os.fspath(path)
    with _opened(name, follow=follow) as descriptor:
        before = _regular(descriptor, name)
        if before.st_size > largest:
            return None
        pieces: list[bytes] = []
        size = 0
        try:
            while size <= largest and (piece := os.read(descriptor, largest + 1 - size)):
                pieces.append(piece)
                size += len(piece)
            after = os.fstat(descriptor)
        except OSError as error:
            raise fault(error, "read", Path(name)) from error
    _unchanged(name, before, after, size, follow=follow)
    return b"".join(pieces)


@contextmanager
def _opened(name: str, *, follow: bool) -> Iterator[int]:
    try:
        descriptor = os.open(name, _FLAGS if follow else _FLAGS | _NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Refused(
                f"{printable(name)} is a symbolic link and was not followed.",
                "Name the file it points to.",
            ) from error
        if error.errno in {errno.ENXIO, errno.ENODEV}:
            raise _not_a_file(name) from error
        raise fault(error, "open", Path(name)) from error
    except ValueError as error:
        raise Refused(f"{printable(name)} is not a file name.", "Choose a file.") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _not_a_file(name: str) -> Refused:
    return Refused(
        f"{printable(name)} is not a regular file but a device, pipe or socket.", "Choose a file."
    )


def _regular(descriptor: int, name: str) -> os.stat_result:
    found = os.fstat(descriptor)
    if stat.S_ISDIR(found.st_mode):
        raise Refused(f"{printable(name)} is a folder.", "Choose the files in it.")
    if not stat.S_ISREG(found.st_mode):
        raise _not_a_file(name)
    return found


def _feed(
    descriptor: int,
    expected: int,
    digests: Sequence[Digest],
    stop: Stop | None,
    progress: Progress | None,
) -> int:
    if expected < CHUNK:
        # One byte more than the file is said to have, so that growth shows.
        data = os.read(descriptor, expected + 1)
        for digest in digests:
            digest.update(data)
        if len(data) == expected:
            return expected
        size = len(data)
    else:
        size = 0
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
    buffer = bytearray(CHUNK)
    view = memoryview(buffer)
    with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as stream:
        while count := stream.readinto(view):
            _ask(stop)
            for digest in digests:
                digest.update(view[:count])
            size += count
            if progress is not None:
                progress(size)
    return size


def _ask(stop: Stop | None) -> None:
    if stop is not None and stop():
        raise Cancelled("It was cancelled.", "Start it again when you want it.")


def _unchanged(
    name: str, before: os.stat_result, after: os.stat_result, size: int, *, follow: bool
) -> None:
    """Raise unless the file is still the one that was opened and as it was then."""
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or size != after.st_size:
        raise _changed(name)
    try:
        now = os.stat(name, follow_symlinks=follow)  # noqa: PTH116 - pathlib costs 4 µs a file here
    except OSError as error:
        raise _changed(name) from error
    if (now.st_dev, now.st_ino) != (before.st_dev, before.st_ino):
        raise _changed(name)


def _changed(name: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"{printable(name)} changed while it was read.",
        "Wait until nothing writes to it, then try again.",
    )
