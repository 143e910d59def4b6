"""Durable files: complete or absent, never half-written."""

import contextlib
import errno
import os
import secrets
from pathlib import Path

from workbench.base.errors import EnvironmentFault

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space and try again."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space and try again."),
    errno.EACCES: ("permission was denied", "Check the permissions of the file and its folder."),
    errno.EPERM: ("permission was denied", "Check the permissions of the file and its folder."),
    errno.EROFS: ("the file system is read-only", "Choose a folder that can be written."),
    errno.ENOENT: ("it is not there any more", "Check that it was not moved or deleted."),
    errno.EISDIR: ("it is a folder", "Choose a file."),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter name."),
    errno.EIO: ("the disk reported an input/output error", "Check the disk."),
}


def printable(path: Path | str) -> str:
    r"""Return a path as safe text: quoted, with control and undecodable bytes escaped.

    A newline in a file name becomes ``\n`` and a non-UTF-8 byte becomes ``\udcXX``, so that a
    hostile name can neither forge a line of a log nor break an encoder.
    """
    text = os.fspath(path)
    shown = "".join(
        c if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF else ascii(c)[1:-1] for c in text
    )
    return f"“{shown}”"


def fault(error: OSError, doing: str, path: Path) -> EnvironmentFault:
    """Translate an `OSError` met while `doing` something with `path` into a clear error."""
    reason, step = _REASONS.get(
        error.errno or 0, (error.strerror or "the system refused", "Try again, or choose another.")
    )
    return EnvironmentFault(f"Could not {doing} {printable(path)}: {reason}.", step)


def sync_folder(folder: Path) -> None:
    """Make a rename or creation in `folder` durable, where the system can open folders."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_atomically(
    path: Path,
    data: bytes,
    *,
    replace: bool,
    mode: int = 0o600,
    sync: bool = True,
    at: int | None = None,
) -> None:
    """Write `data` to `path` by a temporary file in the same folder, fsync and rename.

    Args:
        path: where the file is to be.
        data: its whole content.
        replace: whether an existing file may be replaced; if not, the last step is a hard link,
            which fails when the name is taken even if it was taken a moment ago.
        mode: permission bits of the new file.
        sync: whether the folder entry is made durable as well before returning.
        at: descriptor of the folder that `path` names, where it must be that one and no other that
            has taken its name meanwhile.

    Raises:
        EnvironmentFault: the file exists and `replace` is false, or the system refused; nothing
            partial is left behind.
    """
    mark = f".{secrets.token_hex(8)}.partial"
    temporary, target = (path.with_name(mark), path) if at is None else (mark, path.name)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode, dir_fd=at)
        try:
            with os.fdopen(descriptor, "wb", closefd=True) as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            _put_in_place(temporary, target, at, replace=replace)
        finally:
            # Neither hides why it was not written, nor says so of a file that has its name by now.
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=at)
    except FileExistsError as error:
        raise EnvironmentFault(
            f"{printable(path)} exists already and was left as it is.",
            "Move it away, or allow replacing it.",
        ) from error
    except OSError as error:
        raise fault(error, "write", path) from error
    if sync:
        sync_folder(path.parent)


def _put_in_place(
    temporary: Path | str, target: Path | str, at: int | None, *, replace: bool
) -> None:
    if replace:
        os.replace(temporary, target, src_dir_fd=at, dst_dir_fd=at)
        return
    try:
        os.link(temporary, target, src_dir_fd=at, dst_dir_fd=at, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        # File systems without hard links (FAT, some network shares): the best left is to look.
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}:
            raise
        with contextlib.suppress(FileNotFoundError):
            os.stat(target, dir_fd=at, follow_symlinks=False)
            raise FileExistsError(target) from error
        os.replace(temporary, target, src_dir_fd=at, dst_dir_fd=at)
