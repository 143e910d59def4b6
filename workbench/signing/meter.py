"""How fast a job goes and how long it will take."""

from collections import deque
from typing import Final

_WINDOW_SECONDS: Final = 5.0
_MOST_NOTES: Final = 64


class Meter:
    """Speeds over the last seconds, of bytes and of files. Not thread-safe by itself."""

    __slots__ = ("_notes",)

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int, int]] = deque(maxlen=_MOST_NOTES)

    def note(self, now: float, size: int, files: int) -> None:
        """Note how many bytes and files are done at a moment (monotonic seconds)."""
        while self._notes and now - self._notes[0][0] > _WINDOW_SECONDS:
            self._notes.popleft()
        self._notes.append((now, size, files))

    def estimate(self, now: float, size: int, files: int) -> tuple[float, float | None]:
        """Return bytes a second, and the seconds that `size` bytes and `files` files will take.

        The time is None where nothing was done lately; of bytes and files the slower counts.
        """
        if not self._notes:
            return 0.0, None
        start, first_size, first_files = self._notes[0]
        _, last_size, last_files = self._notes[-1]
        elapsed = now - start
        if elapsed <= 0 or elapsed > 2 * _WINDOW_SECONDS:
            return 0.0, None
        bytes_done = max(last_size - first_size, 0)
        files_done = max(last_files - first_files, 0)
        times = [
            left * elapsed / done
            for left, done in ((size, bytes_done), (files, files_done))
            if left and done
        ]
        return bytes_done / elapsed, max(times) if times else None
