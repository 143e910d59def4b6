"""Files and text dropped anywhere on the window.

Owns reading what was dropped and the layer that says what will happen; who takes it registers as a
`DropHandler`. No file is opened here.
"""

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.ui.look import Look
from workbench.ui.pane import Drop, DropHandler
from workbench.ui.widgets.basics import label

_MOST_TEXT = 1_000_000


def read_drop(mime: QMimeData) -> Drop | None:
    """Return what was dropped, or None if it is nothing of ours.

    File names keep bytes that are not UTF-8 (PEP 383): the URL is decoded here rather than by Qt,
    which would replace them.
    """
    paths: list[Path] = []
    for url in mime.urls():
        if not url.isLocalFile():
            continue
        if os.name == "posix":
            encoded = bytes(url.toEncoded().data()).removeprefix(b"file://")
            raw = unquote_to_bytes(encoded[encoded.find(b"/") :])
            paths.append(Path(os.fsdecode(raw)))
        else:
            paths.append(Path(url.toLocalFile()))
    if paths:
        return Drop(paths=tuple(paths))
    text = mime.text() if mime.hasText() and not mime.hasUrls() else ""
    return Drop(text=text[:_MOST_TEXT]) if text.strip() else None


class DropLayer(QWidget):
    """Lies over the window while something is dragged across it.

    Signals:
        wanted: something was brought; whoever takes it and has not registered yet does so now.
    """

    wanted = Signal()

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._look = look
        self._window = window
        self._handler: DropHandler | None = None
        self._enabled = False
        self.setObjectName("drop")
        self.setAcceptDrops(True)
        self.sentence = label("", "title", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark = QLabel()
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        look.dress_label(mark, "import", "accent", look.unit * 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[look.unit * 20] * 4)
        column.addStretch(1)
        column.addWidget(mark)
        column.addWidget(self.sentence)
        column.addStretch(1)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.hide()

    def register(self, handler: DropHandler | None) -> None:
        """Hand what is dropped to this one from now on."""
        self._handler = handler

    def enable(self, *, enabled: bool) -> None:
        """Take drops or refuse them, as while the vault is locked."""
        self._enabled = enabled
        if not enabled:
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Come up when a drag enters the window."""
        if watched is self._window:
            if event.type() == QEvent.Type.Resize:
                self.setGeometry(self._window.rect())
            elif isinstance(event, QDragEnterEvent):
                self._enter(event)
                return True
            elif isinstance(event, QDragMoveEvent) and event.type() == QEvent.Type.DragMove:
                event.acceptProposedAction()
                return True
            elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
                self.dropEvent(event)
                return True
            elif isinstance(event, QDragLeaveEvent):
                # The layer itself has come under the pointer, or the drag has left: the layer's
                # own leave event, which follows in the second case, decides.
                return True
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Go on saying what will happen."""
        self._enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Accept wherever the pointer is."""
        event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go away."""
        self.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand it over."""
        drop = read_drop(event.mimeData())
        self.hide()
        if drop is not None and self._enabled:
            self.wanted.emit()
        if drop is None or self._handler is None or not self._enabled:
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._handler.take(drop)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a soft ground with a dashed edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self._look.tokens.window)
        ground.setAlpha(240)
        painter.fillRect(self.rect(), ground)
        unit = self._look.unit
        painter.setPen(QPen(self._look.colour("accent"), max(2, unit // 2), Qt.PenStyle.DashLine))
        painter.drawRoundedRect(
            self.rect().adjusted(unit * 4, unit * 4, -unit * 4, -unit * 4), unit * 3, unit * 3
        )

    def _enter(self, event: QDragEnterEvent) -> None:
        # What was dragged out of this window is not to be taken back in.
        drop = read_drop(event.mimeData()) if event.source() is None else None
        if drop and self._enabled:
            self.wanted.emit()
        words = self._handler.describe(drop) if drop and self._handler and self._enabled else ""
        if not words:
            event.ignore()
            return
        self.sentence.setText(words)
        self.setAccessibleName(words)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        event.acceptProposedAction()
