"""What is seen while many or large files are read, and the way to stop it."""

from collections.abc import Callable
from threading import Event

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from workbench.base.errors import Cancelled
from workbench.ui.look import Look
from workbench.ui.widgets.basics import ProgressLine
from workbench.ui.widgets.dialogs import BaseDialog


class ReadingDialog(BaseDialog):
    """Comes up only if reading takes a moment; closing it stops the reading.

    Args:
        look: colours and spacing.
        parent: the pane.
        patience: after how many milliseconds it comes up.
    """

    def __init__(self, look: Look, parent: QWidget, patience: int) -> None:
        super().__init__(look, parent.tr("Reading files"), parent)
        self._stopped = Event()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.open)
        self._timer.start(patience)
        self.progress = ProgressLine(look)
        self.progress.show_progress(self.tr("Reading files"), -1)
        self.body.addWidget(self.progress)
        self.cancel_button = self.add_cancel()
        self.rejected.connect(self._stopped.set)

    @property
    def stopped(self) -> bool:
        """Whether it was closed before everything was read."""
        return self._stopped.is_set()

    def end(self) -> None:
        """Go away: everything was read."""
        self._timer.stop()
        self.accept()

    def teller(self, relay: Callable[[str, float], None]) -> Callable[[str, float], None]:
        """Return what a worker calls with its progress; it raises `Cancelled` once stopped.

        Args:
            relay: takes progress to `show_step` on the GUI thread.
        """
        stopped = self._stopped

        def tell(text: str, share: float) -> None:
            if stopped.is_set():
                raise Cancelled("Reading was stopped.")
            relay(text, share)

        return tell

    def show_step(self, text: str, share: float) -> None:
        """Show how far reading is."""
        self.progress.show_progress(text, share)
