"""What happens by itself while a vault is open: the countdown to locking, and what is due.

Knows when; what locking or carrying out means is the window's and the bench's.
"""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.ui.desktop import Desktop
from workbench.ui.guard import Guard
from workbench.ui.ports import BenchPort
from workbench.ui.session import Session
from workbench.ui.settings import Settings

_DUE_EVERY: Final = 60_000


class Upkeep(QObject):
    """Runs between `begin` and `end`.

    Signals:
        lock_wanted: nobody did anything for long enough, or the person is away.
        remaining(float): seconds until it locks, each second; below 0 for never.
    """

    lock_wanted = Signal()
    remaining = Signal(float)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._bench: BenchPort | None = None
        self._with_screen = True
        self.guard = Guard(self)
        self.desktop = Desktop(self)
        self._due = QTimer(self, interval=_DUE_EVERY)
        self._due.timeout.connect(self.run_due)
        self.guard.remaining.connect(self.remaining)
        self.guard.expired.connect(self.lock_wanted)
        self.desktop.away.connect(self._away)

    def apply(self, settings: Settings) -> None:
        """Follow the settings from now on."""
        self._with_screen = settings.with_screen
        self.guard.set_minutes(settings.minutes)

    def begin(self, bench: BenchPort) -> None:
        """Watch over an open vault."""
        self._bench = bench
        self.guard.begin(bench.clock)
        self._due.start()

    def end(self) -> None:
        """Stop, as while locked."""
        self._bench = None
        self.guard.end()
        self._due.stop()

    def run_due(self) -> None:
        """Have the bench carry out what is due: rotations, deletions, lists."""
        if self._bench is not None:
            self._session.start(self, self._bench.run_due, self._ran, mutates=True)

    def _ran(self, changed: int) -> None:
        if changed:
            self._session.announce("keys")
            self._session.announce("certificates")

    def _away(self) -> None:
        if self._bench is not None and self._with_screen:
            self.lock_wanted.emit()
