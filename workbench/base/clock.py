"""Where time comes from. Nothing else in the package asks the system for the date."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of wall-clock and monotonic time."""

    def now(self) -> datetime:
        """Return the current moment, timezone-aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start that never go backwards."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the current moment, timezone-aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start that never go backwards."""
        return time.monotonic()


class TravelClock:
    """The machine's time plus an offset that tests and the time machine may move."""

    def __init__(self, start: datetime | None = None) -> None:
        self._offset = timedelta(0) if start is None else start - datetime.now(UTC)

    def now(self) -> datetime:
        """Return the travelled moment, timezone-aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def monotonic(self) -> float:
        """Return monotonic seconds, moved by the same offset."""
        return time.monotonic() + self._offset.total_seconds()

    def travel(self, step: timedelta) -> None:
        """Move the clock by `step`; negative steps go into the past."""
        self._offset += step

    def return_to_present(self) -> None:
        """Make this the machine's own time from now on."""
        self._offset = timedelta(0)
