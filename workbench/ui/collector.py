"""Python's cyclic garbage is collected on the GUI thread only, and never all of it at once.

Left to itself the collector runs in whichever thread allocates next. On a worker it would destroy
forgotten widgets there, which Qt does not allow. To go through everything takes 60 to 140 ms in
which no thread runs, so what outlived one full collection is spared by the next. Knows nothing
else.
"""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_EVERY: Final = 500
_OLDEST: Final = 2
_WHOLE: Final = 20
"""Every so many full collections nothing is spared. Under load one is due about once a minute."""


class Collector(QObject):
    """Takes over from the automatic collector for as long as it lives.

    Generations are collected by the thresholds Python itself uses, looked at twice a second.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._fulls = 0
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        gc.disable()
        self.spare()

    def spare(self) -> None:
        """Pass over what there is now, such as modules, until nothing is spared."""
        gc.freeze()

    def collect(self) -> int:
        """Collect the oldest generation whose threshold is passed.

        Returns:
            Which one, or -1 if none was due.
        """
        due = [
            generation
            for generation, (count, limit) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if limit and count > limit
        ]
        if not due:
            return -1
        if due[-1] == _OLDEST:
            self._collect_fully()
        else:
            gc.collect(due[-1])
        return due[-1]

    def stop(self) -> None:
        """Hand back to the automatic collector."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _collect_fully(self) -> None:
        self._fulls += 1
        if self._fulls % _WHOLE == 0:
            gc.unfreeze()
        gc.collect()
        self.spare()
