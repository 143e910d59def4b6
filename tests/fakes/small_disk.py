"""A disk that is really full: a tmpfs of its own, or a limit on file sizes."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest


class SmallDisk(Protocol):
    """A folder whose disk can be filled.

    Attributes:
        folder: where it is.
        smallest_file_too: whether a full disk has no room even for a file of a few bytes.
    """

    folder: Path
    smallest_file_too: bool

    def fill(self) -> None:
        """Leave no room, or next to none."""

    def free(self) -> None:
        """Make room again."""


class _Tmpfs:
    smallest_file_too = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as stream:
            while True:
                stream.write(bytes(4096))

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)


class _Limit:
    """Without the right to mount: no file of this process may grow beyond what its largest is."""

    smallest_file_too = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        import resource  # not on Windows

        largest = max(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))

    def free(self) -> None:
        import resource  # not on Windows

        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@contextlib.contextmanager
def small_disk(folder: Path, size: str = "3m") -> Iterator[SmallDisk]:
    """Lend a small disk mounted at `folder`."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)]
    mounted = False
    if os.name == "posix" and os.geteuid() == 0:
        with contextlib.suppress(OSError):
            mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    if not mounted and os.name != "posix":
        pytest.skip("a full disk can be made on POSIX only")
    disk: SmallDisk = _Tmpfs(folder) if mounted else _Limit(folder)
    try:
        yield disk
    finally:
        disk.free()
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
