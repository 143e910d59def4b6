"""A dialog that is never shorter than what it has to say.

Words that wrap, complaints, and fields that come and go need room, and Qt gives a dialog its height
once. Knows nothing of what is in it.
"""

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog


class FittedDialog(QDialog):
    """Grows with its content, as far as the screen goes; never shrinks by itself."""

    def showEvent(self, event: QShowEvent) -> None:
        """Be tall enough from the start."""
        super().showEvent(event)
        self.grow()
        QTimer.singleShot(0, self, self.grow)

    def event(self, event: QEvent) -> bool:
        """Follow content that grows by itself, such as text that wraps."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.grow()
        return handled

    def grow(self) -> None:
        """Become as tall as the content needs at this width."""
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
        # A title bar needs room too.
        most = self.screen().availableGeometry().height() * 19 // 20
        if wanted > self.height():
            self.resize(width, max(self.height(), min(wanted, most)))
