"""Signature files: complete under their name or not there at all.

Owns where a signature goes and how it gets there. On Linux it is written to a file without a name,
synced and then linked to its name, so that not even a killed process leaves a piece behind.
"""

import errno
import os
from pathlib import Path
from typing import Final

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable, write_atomically

SUFFIX: Final = ".p7s"
_MODE: Final = 0o644
_UNNAMED: Final = getattr(os, "O_TMPFILE", 0)
_DESCRIPTORS: Final = "/proc/self/fd"
_WITHOUT: Final = frozenset(
    {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS, errno.EPERM,
     errno.EXDEV, errno.EMLINK}
)  # fmt: skip
"""What systems and file systems without unnamed files answer."""


def signature_path(path: str, folder: Path | None = None, relative: str = "") -> str:
    """Return where the signature of a file goes: NAME.p7s beside it, or in a folder of its own.

    Args:
        path: the file.
        folder: the folder for signatures, or None for beside the file.
        relative: the file's path below the folder that was dropped, so that equal names in
            different subfolders stay apart.
    """
    if folder is None:
        return path + SUFFIX
    return str(folder / (relative or os.path.basename(path))) + SUFFIX  # noqa: PTH119 - bytes as they are


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


def prepare_folder(path: str) -> None:
    """Make the folder that `path` is to be in; raises `EnvironmentFault` if that cannot be."""
    folder = Path(path).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fault(error, "make the folder", folder) from error


def write_signature(path: str, data: bytes, *, replace: bool) -> None:
    """Write a signature file. Its content is durable on return; its folder's entry is not yet.

    Raises:
        EnvironmentFault: the name is taken and may not be replaced, or the system refused; nothing
            partial is left.
    """
    if replace or not _UNNAMED or not _link_unnamed(path, data):
        write_atomically(Path(path), data, replace=replace, mode=_MODE, sync=False)


def _link_unnamed(path: str, data: bytes) -> bool:
    """Write and link; False where the system has no unnamed files, and nothing was done."""
    folder = os.path.dirname(path) or "."  # noqa: PTH120 - pathlib costs 4 µs a file here
    try:
        descriptor = os.open(folder, os.O_WRONLY | os.O_CLOEXEC | _UNNAMED, _MODE)
    except OSError as error:
        if error.errno in _WITHOUT:
            return False
        raise fault(error, "write", Path(path)) from error
    try:
        _write_all(descriptor, data)
        os.fsync(descriptor)
        return _name(descriptor, path)
    except FileExistsError as error:
        raise taken(path) from error
    except OSError as error:
        raise fault(error, "write", Path(path)) from error
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _name(descriptor: int, path: str) -> bool:
    try:
        parent = os.open(_DESCRIPTORS, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.link(str(descriptor), path, src_dir_fd=parent, follow_symlinks=True)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno in _WITHOUT:
            return False
        raise
    finally:
        os.close(parent)
    return True
