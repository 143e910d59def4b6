"""A progress bar on a terminal; nothing where standard error leads elsewhere."""

import shutil
import sys
from typing import Final

from workbench.base.clock import SystemClock
from workbench.signing.jobs import JobState, JobView

_BAR: Final = 24
_PACE_SECONDS: Final = 0.1
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")


class ProgressBar:
    """Draws how far something is, on one line that is cleared at the end.

    Args:
        shown: whether to draw at all; then only on a terminal.
    """

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr is not None and sys.stderr.isatty()
        self._drawn = False
        self._clock = SystemClock()
        self._next = 0.0

    def show(self, text: str) -> None:
        """Draw a line, at most ten times a second."""
        if self._shown and self._clock.monotonic() >= self._next:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write("\r" + text[:width].ljust(width))
            sys.stderr.flush()
            self._drawn = True
            self._next = self._clock.monotonic() + _PACE_SECONDS

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write("\r" + " " * width + "\r")
            sys.stderr.flush()
            self._drawn = False


def bar_of(done: int, total: int, share: float | None = None) -> str:
    """Return a bar, and how many files of how many.

    Args:
        done: files.
        total: files.
        share: how much of the whole that is, from 0 to 1; the share of the files when None.
    """
    if share is None:
        share = done / total if total else 1.0
    full = round(_BAR * share)
    return f"[{'#' * full}{'.' * (_BAR - full)}] {share:4.0%}  {done:,} of {total:,}"


def line(view: JobView) -> str:
    """Return a job in one line: a bar, how many files, speed, time left."""
    ended = view.done + view.failed + view.skipped + view.cancelled
    if view.state is JobState.COLLECTING:
        return f"collecting files: {view.total:,} so far"
    share = min(1.0, view.bytes_done / view.bytes_total) if view.bytes_total else None
    parts = [bar_of(ended, view.total, share)]
    if view.failed:
        parts.append(f"{view.failed:,} failed")
    if view.bytes_per_second >= 1:
        parts.append(f"{_size(view.bytes_per_second)}/s")
    if view.seconds_left is not None:
        minutes, seconds = divmod(round(view.seconds_left), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    if view.state is JobState.LOCKED:
        parts.append("waiting for the vault")
    return "  ".join(parts)


def _size(count: float) -> str:
    for unit in _UNITS[:-1]:
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} {_UNITS[-1]}"
