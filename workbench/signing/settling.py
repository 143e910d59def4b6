"""Which new files are complete: those that have kept size and date for a while.

Owns that question and nothing else; must not know who is asking or what is done with the files.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_UNFINISHED: Final = (".part", ".partial", ".crdownload", ".download", ".tmp", ".swp", "~")
"""What programs call a file that they are still writing."""

_REMEMBERED: Final = 10_000
"""Of how many complete files it is known that they were returned."""


@dataclass(slots=True)
class _Seen:
    mark: tuple[int, int, int]
    since: float


class Settling:
    """Files that may still be written to. Not thread-safe.

    Args:
        quiet: seconds for which a file must not have changed.
    """

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._seen: dict[Path, _Seen | None] = {}
        self._done: dict[Path, tuple[int, int, int]] = {}

    def __len__(self) -> int:
        """How many files are waited for."""
        return len(self._seen)

    def note(self, path: Path) -> None:
        """Note that something happened to a path; what is no file to sign is left out."""
        if looks_finished(path.name):
            self._seen.setdefault(path, None)

    def again(self, path: Path) -> None:
        """Wait once more for a file that was returned as complete and could not be taken."""
        self._done.pop(path, None)
        self.note(path)

    def forget(self) -> None:
        """Wait for nothing any more; what was complete is not returned again unless it changes."""
        self._seen.clear()

    def ready(self, now: float, wanted: Callable[[os.stat_result], bool]) -> list[Path]:
        """Return the files that are complete, and wait for them no longer.

        Args:
            now: monotonic seconds.
            wanted: whether a regular file is to be looked at at all.
        """
        done: list[Path] = []
        for path, before in list(self._seen.items()):
            try:
                status = path.lstat()
            except OSError:
                del self._seen[path]
                continue
            if not stat.S_ISREG(status.st_mode) or not wanted(status):
                del self._seen[path]
                continue
            mark = (status.st_size, status.st_mtime_ns, status.st_ino)
            if self._done.get(path) == mark:
                # Notices of what a file went through may come after it was found complete.
                del self._seen[path]
            elif before is None or mark != before.mark or now < before.since:
                self._seen[path] = _Seen(mark, now)
            elif now - before.since >= self._quiet:
                del self._seen[path]
                self._remember(path, mark)
                done.append(path)
        return sorted(done)

    def _remember(self, path: Path, mark: tuple[int, int, int]) -> None:
        self._done.pop(path, None)
        self._done[path] = mark
        if len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]


def looks_finished(name: str) -> bool:
    """Whether a name is not one that programs give to hidden or unfinished files."""
    return not name.startswith(".") and not name.lower().endswith(_UNFINISHED)
