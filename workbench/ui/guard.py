"""When to lock: after idle minutes, and when the desktop says the person is away.

Owns the countdown; locking itself is the window's. Time comes from the bench's clock.
"""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from workbench.base.clock import Clock

DEFAULT_MINUTES: Final = 10
_SIGNS_OF_LIFE: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.Drop,
        QEvent.Type.DragMove,
        QEvent.Type.InputMethod,
    }
)


class Guard(QObject):
    """Counts down while nobody does anything.

    Listens at the windows that had the keyboard, where all input arrives, and at what has it, where
    input methods write. A filter on the application would run for every event of every widget.

    Signals:
        remaining(float): seconds left, each second; below 0 when it never locks.
        expired: time is up.
    """

    remaining = Signal(float)
    expired = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._clock: Clock | None = None
        self._minutes = DEFAULT_MINUTES
        self._last = 0.0
        self._listening = False
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self.tick)

    def set_minutes(self, minutes: int) -> None:
        """Lock after so many idle minutes; 0 for never."""
        self._minutes = minutes
        self.tick()

    def begin(self, clock: Clock) -> None:
        """Count from now on."""
        self._clock = clock
        self._last = clock.monotonic()
        if not self._listening:
            self._listening = True
            for window in QGuiApplication.topLevelWindows():
                self._listen(window)
            self._listen(QGuiApplication.focusObject())
            application = QGuiApplication.instance()
            assert isinstance(application, QGuiApplication)
            application.focusWindowChanged.connect(self._listen)
            application.focusObjectChanged.connect(self._listen)
        self._timer.start()
        self.tick()

    def end(self) -> None:
        """Stop counting, as while locked."""
        self._timer.stop()
        self._clock = None

    def tick(self) -> None:
        """Look at the clock."""
        if self._clock is None:
            return
        if self._minutes <= 0:
            self.remaining.emit(-1.0)
            return
        left = self._minutes * 60 - (self._clock.monotonic() - self._last)
        if left <= 0:
            self.end()
            self.expired.emit()
        else:
            self.remaining.emit(left)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Notice signs of life."""
        if event.type() in _SIGNS_OF_LIFE and self._clock is not None:
            self._last = self._clock.monotonic()
        return False

    @Slot(QObject)
    def _listen(self, place: QObject | None) -> None:
        if place is not None:
            # Once, however often: a filter that is installed again moves to the front.
            place.installEventFilter(self)
