"""Clocks for tests that foretell dates."""

from datetime import datetime, timedelta

from workbench.base.clock import TravelClock


class StillClock(TravelClock):
    """Stands still between its steps, so that dates can be foretold."""

    def __init__(self) -> None:
        super().__init__()
        self._now = super().now()

    def now(self) -> datetime:
        return self._now

    def travel(self, step: timedelta) -> None:
        self._now += step
