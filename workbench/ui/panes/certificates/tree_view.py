"""The drawn hierarchy under mouse and keyboard: walk, choose, fold, pan, drag out, drop in.

What is drawn and what happens to what is chosen are the pane's business.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import SIGNAL, QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip

from workbench.ui.look import Look
from workbench.ui.panes.certificates.choosing import ChoosingView
from workbench.ui.panes.certificates.drawing import Content
from workbench.ui.panes.certificates.dropping import certificates_in, request_in
from workbench.ui.panes.certificates.walking import Way, step

_REQUESTS = SIGNAL("csr_dropped(QString,QString)")
_WAYS: Mapping[Qt.Key, Way] = {
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Home: "root",
    Qt.Key.Key_End: "last",
}


class TreeView(ChoosingView):
    """Shows a drawing and lets it be touched.

    Args:
        look: colours, fonts, spacing.
        label: accessible name.

    Signals:
        opened(str): Enter or a double click on a card.
        folded(str): a card's fold mark was pressed.
        menu_wanted(QPoint): a context menu is wanted, at this global position.
        drag_wanted(str): a card is being dragged out.
        csr_dropped(str, str): a certificate request was dropped: id of the CA's certificate that
            it was dropped on, or empty beside every one; the request as PEM.
        certificate_dropped(str, bytes): certificates were dropped while a CA waits for its own: the
            ARN of the waiting CA on whose card they were dropped, or empty beside every one; PEM.
    """

    opened = Signal(str)
    folded = Signal(str)
    menu_wanted = Signal(QPoint)
    drag_wanted = Signal(str)
    csr_dropped = Signal(str, str)
    certificate_dropped = Signal(str, bytes)

    def __init__(self, look: Look, label: str) -> None:
        super().__init__(look, label)
        self._pressed = QPoint()
        self._pressed_on = ""
        self._panning = False
        self._brought = b""  # certificates that are being dragged over it
        self.setMouseTracking(True)
        self.setAcceptDrops(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk from card to card; zoom by `+`, `-` and `F`."""
        key = Qt.Key(event.key())
        plain = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        acts: Mapping[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_Plus: self.zoom_in,
            Qt.Key.Key_Equal: self.zoom_in,
            Qt.Key.Key_Minus: self.zoom_out,
            Qt.Key.Key_F: self.fit,
            Qt.Key.Key_Menu: self._want_menu,
            Qt.Key.Key_Return: self._open,
            Qt.Key.Key_Enter: self._open,
            Qt.Key.Key_Space: lambda: self.folded.emit(self._current),
        }
        if event.modifiers() & ~plain or (key not in _WAYS and key not in acts):
            super().keyPressEvent(event)
        elif key in acts:
            acts[key]()
        else:
            goal = step(self.canvas.drawing, self._current, _WAYS[key])
            if goal:
                extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.choose(goal, centre=False, add=extend and goal not in self._marked)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a card, fold it, or take hold of the ground."""
        self._pressed = event.position().toPoint()
        self._pressed_on = ""
        if event.button() not in {Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton}:
            return
        where = self.mapToScene(self._pressed)
        handle, card = self.canvas.handle_at(where), self.canvas.card_at(where)
        if event.button() is Qt.MouseButton.MiddleButton or not (card or handle):
            self._panning = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif handle:
            self.folded.emit(handle)
        else:
            self._pressed_on = card
            add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.choose(card, centre=False, add=add)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, begin to drag a card out, or show what is under the pointer."""
        point = event.position().toPoint()
        moved = point - self._pressed
        if self._panning:
            self.pan(moved)
            self._pressed = point
        elif self._pressed_on and event.buttons() & Qt.MouseButton.LeftButton:
            if moved.manhattanLength() >= QApplication.startDragDistance():
                dragged, self._pressed_on = self._pressed_on, ""
                self.drag_wanted.emit(dragged)
        else:
            self._hover(self.canvas.card_at(self.mapToScene(point)))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._panning = False
        self._pressed_on = ""
        self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a card."""
        where = self.mapToScene(event.position().toPoint())
        handle, card = self.canvas.handle_at(where), self.canvas.card_at(where)
        if handle:
            self.folded.emit(handle)
        elif card:
            self.opened.emit(card)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu on the card under the pointer."""
        card = self.canvas.card_at(self.mapToScene(event.pos()))
        if card:
            if card not in self._marked:
                self.choose(card, centre=False)
            self.menu_wanted.emit(event.globalPos())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Say in a tooltip what a card shows; forget the pointer when it leaves."""
        if isinstance(event, QHelpEvent):
            where = self.mapToScene(event.pos())
            words = self._words(self.canvas.card_at(where))
            QToolTip.showText(event.globalPos(), words, self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover("")
        return super().viewportEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a request if anybody waits for one, and certificates if a CA waits for its own.

        The rest is left to the window.
        """
        wanted = bool(self.receivers(_REQUESTS)) and bool(request_in(event.mimeData()))
        waited = any(self._waits(card.content) for card in self.canvas.drawing.cards)
        foreign = waited and event.source() is None
        self._brought = certificates_in(event.mimeData()) if foreign and not wanted else b""
        event.setAccepted(wanted or bool(self._brought))

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show on which CA something would be dropped."""
        event.acceptProposedAction()
        at = self._waiting_at if self._brought else self._ca_at
        self._aim(at(event.position()))

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Forget where something would have been dropped."""
        self._aim("")

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on a certificate request, or certificates."""
        self._aim("")
        brought, self._brought = self._brought, b""
        if brought:
            event.acceptProposedAction()
            self.certificate_dropped.emit(self._waiting_at(event.position()), brought)
            return
        text = request_in(event.mimeData())
        if text:
            event.acceptProposedAction()
            self.csr_dropped.emit(self._ca_at(event.position()), text)

    def _ca_at(self, point: QPointF) -> str:
        """Return the id of the CA's certificate at a point of the viewport, or empty."""
        name = self.canvas.card_at(self.mapToScene(point.toPoint()))
        card = self.canvas.drawing.by_id.get(name)
        record = card.content.record if card else None
        return record.id if record is not None and record.authority else ""

    def _waiting_at(self, point: QPointF) -> str:
        """Return the ARN of the CA that waits for its certificate at a point, or empty."""
        name = self.canvas.card_at(self.mapToScene(point.toPoint()))
        card = self.canvas.drawing.by_id.get(name)
        return name if card is not None and self._waits(card.content) else ""

    @staticmethod
    def _waits(content: Content) -> bool:
        return content.record is None and content.held is not None

    def _aim(self, name: str) -> None:
        if name != self.canvas.target:
            self.canvas.target = name
            self.viewport().update()

    def _hover(self, name: str) -> None:
        if name == self.canvas.hovered:
            return
        changed = self.canvas.card_rect(self.canvas.hovered).united(self.canvas.card_rect(name))
        self.canvas.hovered = name
        self._scene.invalidate(changed.adjusted(-9, -9, 9, 9))
        shape = Qt.CursorShape.PointingHandCursor if name else Qt.CursorShape.OpenHandCursor
        self.viewport().setCursor(shape)

    def _open(self) -> None:
        if self._current:
            self.opened.emit(self._current)

    def _want_menu(self) -> None:
        if self._current:
            middle = self.mapFromScene(self.canvas.card_rect(self._current).center())
            self.menu_wanted.emit(self.viewport().mapToGlobal(middle))
