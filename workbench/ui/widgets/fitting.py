"""A dialog that is never smaller than what it has to say, unless the screen is.

Words that wrap, complaints, and fields that come and go need room, and Qt gives a dialog its size
once. Where the screen has no more of it, the content scrolls. Knows nothing of what is in it.
"""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

_SHARE: Final = 19 / 20
"""How much of the screen a dialog may take: its frame needs room, too."""


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
        """Return how little is enough: the content's width, and some of its height.

        A scroll bar at the right takes its width from nobody. On a screen that is narrower than
        the content, what the screen has is enough.
        """
        least = self.body.totalMinimumSize()
        wide = least.width() + self.verticalScrollBar().sizeHint().width()
        most = self.screen().availableGeometry().width() * 7 // 8
        return QSize(min(wide, most), min(least.height(), self._least))


class FittedDialog(QDialog):
    """Grows with its content, as far as the screen goes; never shrinks once it is shown."""

    def narrow(self) -> bool:
        """Return whether the screen is narrower than the dialog would be."""
        return self.minimumWidth() > self._most().width()

    def showEvent(self, event: QShowEvent) -> None:
        """Be as tall as the content from the start, unless somebody gave it a size."""
        sized = self.testAttribute(Qt.WidgetAttribute.WA_Resized)
        super().showEvent(event)
        self._take_width()
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

    def _most(self) -> QSize:
        return self.screen().availableGeometry().size() * _SHARE

    def _take_width(self) -> None:
        # A least width that a dialog gives itself has Qt ask its layout for none.
        layout, most = self.layout(), self._most()
        wanted = max(self.minimumWidth(), layout.totalMinimumSize().width() if layout else 0)
        self.setMinimumWidth(min(wanted, most.width()))
        self.resize(self.size().boundedTo(most))

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
        height = max(least, min(wanted, self._most().height()))
        if height != self.height():
            self.resize(width, height)
