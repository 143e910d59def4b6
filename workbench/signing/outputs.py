"""Signature files: complete and durable under their name, or not there at all.

Owns where a signature goes and how it gets there. On Linux it is written to a file without a name,
synced, and only then linked to its name, so that neither a killed process nor a power cut leaves a
piece behind. Many are synced together: one call for all costs a tenth of one for each.

A folder may go away between reading a file and naming its signature: a stick is pulled out, and
where it was mounted another folder shows. A signature is named in the folder that it was meant for,
which is known by device and inode, or not at all.
"""

import contextlib
import ctypes
import errno
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable, write_atomically

SUFFIX: Final = ".p7s"
_MODE: Final = 0o644
_UNNAMED: Final = getattr(os, "O_TMPFILE", 0)
_DESCRIPTORS: Final = "/proc/self/fd"
_LINKABLE: Final = os.path.isdir(_DESCRIPTORS)  # noqa: PTH112 - a constant
"""Whether unnamed files can be given names: that needs /proc."""

_TOGETHER: Final = 8
"""From this many files on they are synced with the file system they are on, in one call. Fewer are
synced one by one: the one call also waits for what other programs are writing."""

_WITHOUT: Final = frozenset(
    {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS}
)
"""What systems and file systems without unnamed files answer."""


Place = tuple[int, int]
"""Which folder, whatever it is called by now: its device and inode."""


@dataclass(slots=True)
class Staged:
    """A signature that is written but has no name yet; end it with `publish` or `discard`.

    Attributes:
        path: the name it is to have.
        replace: whether something else may lose that name.
        place: which folder it is to be in.
    """

    path: str
    replace: bool
    data: bytes = field(repr=False)
    place: Place | None = None
    descriptor: int = -1


def signature_path(path: str, folder: Path | None = None, relative: str = "") -> str:
    """Return where the signature of a file goes: NAME.p7s beside it, or in a folder of its own.

    Args:
        path: the file.
        folder: the folder for signatures, or None for beside the file.
        relative: the file's path below what was dropped, so that equal names in different
            subfolders stay apart.
    """
    if folder is None:
        return path + SUFFIX
    return os.path.join(folder, relative or os.path.split(path)[1]) + SUFFIX  # noqa: PTH118 - a
    # Path would cost 4 µs for each of a hundred thousand files


def taken(path: str) -> EnvironmentFault:
    """Return the error for a name that is taken."""
    return EnvironmentFault(
        f"{printable(path)} exists already and was left as it is.",
        "Move it away, or allow replacing it.",
    )


def check_free(path: str, *, replace: bool) -> None:
    """Raise `EnvironmentFault` if something has the name and it may not be replaced."""
    if not replace and os.path.lexists(path):
        raise taken(path)


def place_of(path: str) -> Place | None:
    """Return which folder `path` is in, or None where there is none; writing says so then."""
    try:
        found = os.stat(_folder_of(path))  # noqa: PTH116 - as above
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _folder_of(path: str) -> str:
    return os.path.split(path)[0] or "."


def prepare_folder(path: str) -> None:
    """Make the folder that `path` is to be in; raises `EnvironmentFault` if that cannot be."""
    folder = Path(path).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fault(error, "make the folder", folder) from error


def stage(path: str, data: bytes, *, replace: bool, place: Place | None = None) -> Staged:
    """Write a signature without a name.

    Args:
        path: the name it is to have.
        data: the signature.
        replace: whether something else may lose that name.
        place: which folder it is to be in, from `place_of`; None takes the one that has the name.

    Raises:
        EnvironmentFault: the system refused; nothing is left.
    """
    staged = Staged(path, replace, data, place)
    if not _UNNAMED or not _LINKABLE:
        return staged
    try:
        descriptor = os.open(_folder_of(path), os.O_WRONLY | os.O_CLOEXEC | _UNNAMED, _MODE)
    except OSError as error:
        if error.errno in _WITHOUT:
            return staged
        raise fault(error, "write", Path(path)) from error
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        os.close(descriptor)
        raise fault(error, "write", Path(path)) from error
    staged.descriptor, staged.data = descriptor, b""
    return staged


def publish(batch: Sequence[Staged]) -> list[EnvironmentFault | None]:
    """Make staged signatures durable and give them their names.

    The entries of their folders are not durable yet: see `base.files.sync_folder`.

    Returns:
        For each, None or why it was not written; then nothing of it is left.
    """
    together = len(batch) >= _TOGETHER and _synced_together(batch)
    with contextlib.ExitStack() as stack:
        descriptors = -1
        if any(staged.descriptor >= 0 for staged in batch):
            try:
                descriptors = os.open(_DESCRIPTORS, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except OSError as error:  # too many open files, usually
                discard(batch)
                return [fault(error, "write", Path(staged.path)) for staged in batch]
            stack.callback(os.close, descriptors)
        folders = _Folders(stack)
        return [_finish(staged, descriptors, folders, synced=together) for staged in batch]


def discard(batch: Sequence[Staged]) -> None:
    """Drop staged signatures."""
    for staged in batch:
        if staged.descriptor >= 0:
            os.close(staged.descriptor)
            staged.descriptor = -1


class _Folders:
    """The folders of a batch, each opened once.

    Args:
        stack: closes them.
    """

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._known: dict[str, tuple[int | None, Place | None]] = {}

    def find(self, staged: Staged) -> int | None:
        """Return a descriptor of the folder, or None where it cannot be opened.

        Raises:
            EnvironmentFault: it is not the folder that the signature is to be in.
        """
        folder = _folder_of(staged.path)
        if folder not in self._known:
            self._known[folder] = self._open(folder)
        descriptor, place = self._known[folder]
        if staged.place is not None and place != staged.place:
            raise _gone(staged.path)
        return descriptor

    def _open(self, folder: str) -> tuple[int | None, Place | None]:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
        except (OSError, AttributeError):  # not readable; or a system that opens no folders
            return None, place_of(os.path.join(folder, ""))  # noqa: PTH118 - as above
        self._stack.callback(os.close, descriptor)
        found = os.fstat(descriptor)
        return descriptor, (found.st_dev, found.st_ino)


def _gone(path: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"Could not write {printable(path)}: its folder went away meanwhile.",
        "Connect the drive again, or put the folder back, and try again.",
    )


def _finish(
    staged: Staged, descriptors: int, folders: _Folders, *, synced: bool
) -> EnvironmentFault | None:
    try:
        at = folders.find(staged)
        if staged.descriptor < 0:
            _write_named(staged, staged.data, at)
            return None
        if not synced:
            os.fsync(staged.descriptor)
        _link(staged, descriptors, at)
    except EnvironmentFault as error:
        return error
    except FileExistsError:
        return taken(staged.path)
    except OSError as error:
        if error.errno == errno.EXDEV:  # staged in another folder, which had the name then
            return _gone(staged.path)
        return fault(error, "write", Path(staged.path))
    finally:
        discard([staged])
    return None


def _write_named(staged: Staged, data: bytes, at: int | None) -> None:
    path = Path(staged.path)
    write_atomically(path, data, replace=staged.replace, mode=_MODE, sync=False, at=at)


def _link(staged: Staged, descriptors: int, at: int | None) -> None:
    """Give an unnamed file its name; a name to be replaced is taken over in one step."""
    source = str(staged.descriptor)
    folder, name = os.path.split(staged.path)
    target = staged.path if at is None else name
    if not staged.replace:
        os.link(source, target, src_dir_fd=descriptors, dst_dir_fd=at, follow_symlinks=True)
        return
    # Always the same name for one signature: what a killed process left is taken away by the next.
    mark = f".{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}.partial"
    temporary = os.path.join(folder, mark) if at is None else mark  # noqa: PTH118 - as above
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=at)
    os.link(source, temporary, src_dir_fd=descriptors, dst_dir_fd=at, follow_symlinks=True)
    try:
        os.replace(temporary, target, src_dir_fd=at, dst_dir_fd=at)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=at)
        raise


def _find_syncfs() -> Callable[[int], int] | None:
    """Return syncfs(2), which Python does not offer: 0 when all is on the disk, else -1."""
    if sys.platform != "linux":
        return None
    found = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if found is None:
        return None
    found.argtypes, found.restype = (ctypes.c_int,), ctypes.c_int
    function: Callable[[int], int] = found
    return function


_SYNCFS: Final = _find_syncfs()


def _synced_together(batch: Sequence[Staged]) -> bool:
    """Sync the file systems of a batch; False where each file must be asked for its own error."""
    descriptors = [staged.descriptor for staged in batch if staged.descriptor >= 0]
    if _SYNCFS is None or not descriptors:
        return False
    by_device = {os.fstat(descriptor).st_dev: descriptor for descriptor in descriptors}
    return all(_SYNCFS(descriptor) == 0 for descriptor in by_device.values())
