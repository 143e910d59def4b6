"""The thread that carries out what is due: rotations, deletions, expiry, changes of Region."""

import heapq
import logging
import threading
import time
from collections.abc import Callable

from workbench.base.errors import WorkbenchError

_LOG = logging.getLogger(__name__)
PERIOD_SECONDS = 60.0


class Housekeeper:
    """Calls `work` once a minute, and when it is woken, until it is stopped.

    Args:
        work: does what is due; a `WorkbenchError` (a locked vault, a full disk) is logged and
            tried again at the next round.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._stopping = False
        self._woken = threading.Event()
        self._guard = threading.Lock()
        self._moments: list[float] = []
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def start(self) -> None:
        """Begin; the first round comes after one period, opening does its own."""
        self._thread.start()

    def wake(self, after: float = 0.0) -> None:
        """Have a round begin; one that is running then is followed by another.

        Args:
            after: in how many seconds.
        """
        if after > 0:
            with self._guard:
                heapq.heappush(self._moments, time.monotonic() + after)
        self._woken.set()

    def stop(self) -> None:
        """End and wait for a running round."""
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._woken.wait(self._pause())
            self._woken.clear()
            if self._stopping:
                return
            try:
                self._work()
            except WorkbenchError as error:
                _LOG.warning("housekeeping postponed: %s", error)

    def _pause(self) -> float:
        """Return the seconds until the next round, and forget a moment that has come."""
        with self._guard:
            left = self._moments[0] - time.monotonic() if self._moments else PERIOD_SECONDS
            if left > PERIOD_SECONDS:
                return PERIOD_SECONDS
            if left <= 0:
                heapq.heappop(self._moments)
            return max(left, 0.0)
