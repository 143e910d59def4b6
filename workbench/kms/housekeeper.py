"""The thread that carries out what is due: rotations, deletions, expiry, changes of Region."""

import logging
import threading
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
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def start(self) -> None:
        """Begin; the first round comes after one period, opening does its own."""
        self._thread.start()

    def wake(self) -> None:
        """Have a round begin at once; one that is running is followed by another."""
        self._woken.set()

    def stop(self) -> None:
        """End and wait for a running round."""
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._woken.wait(PERIOD_SECONDS)
            self._woken.clear()
            if self._stopping:
                return
            try:
                self._work()
            except WorkbenchError as error:
                _LOG.warning("housekeeping postponed: %s", error)
