"""A form that grows with what it has to say, and can end as a report with one button left."""

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton

from workbench.ui.errors import Explanation
from workbench.ui.widgets.dialogs import FormDialog


class ClosingForm(FormDialog):
    """A form that is never shorter than its content, whose buttons may become a single `Close`.

    Attributes:
        cancel_button: the button that changes nothing.
    """

    cancel_button: QPushButton

    def add_cancel(self, text: str = "") -> QPushButton:
        """Add the button that changes nothing, and remember it."""
        self.cancel_button = super().add_cancel(text)
        return self.cancel_button

    def close_only(self) -> None:
        """Leave nothing to do but to close."""
        self.main_button.hide()
        self.cancel_button.setText(self.tr("Close"))
        self.cancel_button.setAutoDefault(True)
        self.cancel_button.setDefault(True)
        self.cancel_button.setFocus()

    def validate(self, *, everything: bool = False) -> bool:
        """Check every field, making room for what is wrong."""
        fine = super().validate(everything=everything)
        self.grow()
        return fine

    def show_problem(self, words: Explanation | str) -> None:
        """Say inline what went wrong, making room for it."""
        super().show_problem(words)
        self.grow()

    def showEvent(self, event: QShowEvent) -> None:
        """Be tall enough from the start."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self.grow)

    def event(self, event: QEvent) -> bool:
        """Follow content that grows by itself, such as text that wraps."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.grow()
        return handled

    def grow(self) -> None:
        """Become as tall as the content needs; never shorter than before."""
        layout = self.layout()
        if layout is None or not self.isVisible():
            return
        layout.activate()
        width = self.width()
        wanted = (
            layout.totalHeightForWidth(width)
            if layout.hasHeightForWidth()
            else layout.totalSizeHint().height()
        )
        if wanted > self.height():
            self.resize(width, wanted)
