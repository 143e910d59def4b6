"""Python's cyclic garbage is collected on the GUI thread only.

Left to itself the collector runs in whichever thread allocates next. On a worker it would destroy
forgotten widgets there, which Qt does not allow. Knows nothing else.
"""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_EVERY: Final = 500


class Collector(QObject):
    """Takes over from the automatic collector for as long as it lives.

    Generations are collected by the thresholds Python itself uses, looked at twice a second.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        gc.disable()

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
        gc.collect(due[-1])
        return due[-1]

    def stop(self) -> None:
        """Hand back to the automatic collector."""
        self._timer.stop()
        gc.enable()
