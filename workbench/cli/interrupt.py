"""Ctrl+C while other threads work: noted, and acted on where nothing is half done.

Python raises KeyboardInterrupt wherever the main thread happens to be, also between taking a lock
and the block that gives it back; other threads then wait for that lock for ever.
"""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupt:
    """Notes SIGINT while entered. A second one raises KeyboardInterrupt as usual.

    Attributes:
        noted: whether one came.
    """

    def __init__(self) -> None:
        self.noted = False
        self._before: Any = None

    def __enter__(self) -> Self:
        """Note interrupts from now on; signals are the main thread's alone."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave interrupts to who had them before."""
        self._restore()

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.noted = True
        self._restore()

    def _restore(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            signal.signal(signal.SIGINT, before)
