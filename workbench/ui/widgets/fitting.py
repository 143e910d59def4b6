"""A dialog that is never shorter than what it has to say, unless the screen is.

Words that wrap, complaints, and fields that come and go need room, and Qt gives a dialog its height
once. Where the screen has no more of it, the content scrolls. Knows nothing of what is in it.
"""

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget


class _Content(QWidget):
    """What scrolls; says when it needs another height."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__()
        self._area = area

    def event(self, event: QEvent) -> bool:
        """Pass on that something inside changed its size."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._area.updateGeometry()
        return handled


class FittedArea(QScrollArea):
    """Wants to be as tall as its content, and scrolls where it may not be.

    Attributes:
        body: where the content goes.
    """

    def __init__(self, least: int) -> None:
        super().__init__()
        self._least = least
        self._content = _Content(self)
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self._content)
        self._content.setAutoFillBackground(False)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """Say that narrow is tall."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return how tall the content is at a width.

        Reckoned beside a scroll bar: one that came for a moment would never go otherwise, as it
        takes the width by which words need a line more.
        """
        if self.body.hasHeightForWidth():
            return self.body.totalHeightForWidth(
                width - self.verticalScrollBar().sizeHint().width()
            )
        return self.body.totalSizeHint().height()

    def sizeHint(self) -> QSize:
        """Return the size of the content."""
        return self.body.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return how little is enough: the content's width, and some of its height."""
        least = self.body.totalMinimumSize()
        return QSize(least.width(), min(least.height(), self._least))


class FittedDialog(QDialog):
    """Grows with its content, as far as the screen goes; never shrinks once it is shown."""

    def showEvent(self, event: QShowEvent) -> None:
        """Be as tall as the content from the start, unless somebody gave it a size."""
        sized = self.testAttribute(Qt.WidgetAttribute.WA_Resized)
        super().showEvent(event)
        if not sized:  # Qt reckoned with words wrapped at a narrower width
            self._take_height(least=0)
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
        self._take_height(least=self.height())

    def _take_height(self, least: int) -> None:
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
        height = max(least, min(wanted, most))
        if height != self.height():
            self.resize(width, height)
