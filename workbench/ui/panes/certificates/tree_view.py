"""The drawn hierarchy: cards and edges to zoom, drag and walk through.

Knows how to draw and move about a `Drawing`; what is in it, and what happens to what is chosen,
are the pane's business.
"""

from collections.abc import Collection
from datetime import datetime

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsScene, QGraphicsView

from workbench.ui.look import Look
from workbench.ui.panes.certificates.cards import CardItem, Shape, spoken
from workbench.ui.panes.certificates.drawing import Drawing
from workbench.ui.panes.certificates.edges import EdgeLines
from workbench.ui.panes.certificates.ink import Ink
from workbench.ui.panes.certificates.zooming import ZoomView

_READABLE = 0.8


class TreeScene(QGraphicsScene):
    """Cards as items over edges painted in one go."""

    def __init__(self, look: Look, view: "TreeView") -> None:
        super().__init__(view)
        self._look = look
        self.lines = EdgeLines(look)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint the ground and the edges."""
        painter.fillRect(rect, QColor(self._look.tokens.window))
        self.lines.paint(painter)


class TreeView(ZoomView):
    """Shows a drawing.

    Args:
        look: colours, fonts, spacing.
        label: accessible name.

    Signals:
        chosen(str): a card was chosen; empty for none.
        opened(str): Enter or a double click on a card.
        folded(str): a card's fold mark was pressed.
        menu_wanted(QPoint): a context menu is wanted, at this global position.
        drag_wanted(str): a card is being dragged out.
        zoomed: the scale changed.
    """

    chosen = Signal(str)
    opened = Signal(str)
    folded = Signal(str)
    menu_wanted = Signal(QPoint)
    drag_wanted = Signal(str)

    def __init__(self, look: Look, label: str) -> None:
        super().__init__()
        self._look = look
        self._label = label
        self._drawing = Drawing()
        self._items: dict[str, CardItem] = {}
        self._current = ""
        self._hovered: CardItem | None = None
        self._pressed = QPoint()
        self._pressed_on = ""
        self._panning = False
        self._fit_when_sized = True
        self._scene = TreeScene(look, self)
        self.setScene(self._scene)
        self.setAccessibleName(label)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        look.changed.connect(self._look_changed)

    @property
    def current(self) -> str:
        """Id of the chosen card, or empty."""
        return self._current

    def show_drawing(self, drawing: Drawing, now: datetime) -> None:
        """Show other cards; the chosen one stays chosen if it is still there."""
        first = not self._items
        self._drawing = drawing
        self._hovered = None
        self._scene.clear()
        self._items = {}
        shape, ink = Shape(self._look.unit), Ink(self._look)
        for card in drawing.cards:
            item = CardItem(card.content, ink, shape, now, self.hasFocus)
            item.setPos(card.column * shape.across, card.level * shape.down)
            self._scene.addItem(item)
            self._items[card.content.id] = item
        beside = {card.content.id: card.beside for card in drawing.cards}
        self._scene.lines.show(
            shape,
            [
                (one, self._items[one.upper].card, self._items[one.lower].card, beside[one.lower])
                for one in drawing.edges
            ],
        )
        margin = self._look.unit * 8.0
        bounds = self._scene.itemsBoundingRect()
        self._scene.setSceneRect(bounds.adjusted(-margin, -margin, margin, margin))
        if self._current not in self._items:
            self._current = ""
        self._mark_current()
        if first and self._items:
            self._fit_when_sized = True
            self._fit_first()

    def choose(self, card_id: str, *, centre: bool = True) -> bool:
        """Choose a card and bring it into view; False if it is not drawn."""
        if card_id and card_id not in self._items:
            return False
        changed = card_id != self._current
        self._current = card_id
        self._mark_current()
        if card_id:
            item = self._items[card_id]
            if centre:
                self.centerOn(item.card.center())
            else:
                margin = self._look.unit * 6
                self.ensureVisible(item.card, margin, margin)
        if changed:
            self._speak()
            self.chosen.emit(card_id)
        return True

    def show_found(self, found: Collection[str] | None) -> None:
        """Mark what a search found and dim the rest; None to end the search."""
        for card_id, item in self._items.items():
            item.found = found is not None and card_id in found
            item.dimmed = found is not None and card_id not in found
        self.viewport().update()
        if found:
            first = next((card for card in self._items if card in found), "")
            if first:
                self.ensureVisible(self._items[first].card)

    def next_found(self) -> None:
        """Choose the next card that a search found."""
        found = [name for name, item in self._items.items() if item.found]
        if found:
            place = found.index(self._current) + 1 if self._current in found else 0
            self.choose(found[place % len(found)])

    def fit_readably(self) -> None:
        """Show as much of it as can be read, roots and the chosen card first."""
        self.fit_to(_READABLE)
        if self._current:
            self.ensureVisible(self._items[self._current].card)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the drawing once the place for it is known."""
        super().resizeEvent(event)
        self._fit_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk from card to card."""
        ways = {
            Qt.Key.Key_Up: "up",
            Qt.Key.Key_Down: "down",
            Qt.Key.Key_Left: "left",
            Qt.Key.Key_Right: "right",
            Qt.Key.Key_Home: "first",
            Qt.Key.Key_End: "last",
        }
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in ways:
            goal = self._drawing.step(self._current, ways[key])
            if goal:
                self.choose(goal, centre=False)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._current:
            self.opened.emit(self._current)
        elif key == Qt.Key.Key_Space and self._current:
            self.folded.emit(self._current)
        elif key == Qt.Key.Key_Menu and self._current:
            self._want_menu()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a card, fold it, or take hold of the ground."""
        self._pressed = event.position().toPoint()
        self._pressed_on = ""
        if event.button() not in {Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton}:
            return
        item = self._item_at(self._pressed)
        if item is None or event.button() is Qt.MouseButton.MiddleButton:
            self._panning = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif item.on_handle(self.mapToScene(self._pressed)):
            self.folded.emit(item.content.id)
        else:
            self._pressed_on = item.content.id
            self.choose(item.content.id, centre=False)

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
            self._hover(self._item_at(point))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._panning = False
        self._pressed_on = ""
        self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a card."""
        point = event.position().toPoint()
        item = self._item_at(point)
        if item is not None and item.on_handle(self.mapToScene(point)):
            self.folded.emit(item.content.id)
        elif item is not None:
            self.opened.emit(item.content.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu on the card under the pointer."""
        item = self._item_at(event.pos())
        if item is not None:
            self.choose(item.content.id, centre=False)
            self.menu_wanted.emit(event.globalPos())
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is; choose a first card if none is."""
        super().focusInEvent(event)
        by_keyboard = event.reason() in {
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        }
        if by_keyboard and not self._current:
            self.choose(self._drawing.step("", "first"), centre=False)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        super().leaveEvent(event)
        self._hover(None)

    def _item_at(self, point: QPoint) -> CardItem | None:
        where = self.mapToScene(point)
        for item in self._scene.items(where):
            if isinstance(item, CardItem) and (item.card.contains(where) or item.on_handle(where)):
                return item
        return None

    def _hover(self, item: CardItem | None) -> None:
        if item is self._hovered:
            return
        for one, on in ((self._hovered, False), (item, True)):
            if one is not None:
                one.hovered = on
                one.update()
        self._hovered = item
        shape = Qt.CursorShape.OpenHandCursor if item is None else Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(shape)

    def _fit_first(self) -> None:
        if self._fit_when_sized and self._items and self.isVisible():
            self._fit_when_sized = False
            self.fit_to(_READABLE)

    def _mark_current(self) -> None:
        for card_id, item in self._items.items():
            item.setSelected(card_id == self._current)
            item.setZValue(1 if card_id == self._current else 0)
        self._scene.lines.highlight(self._drawing.ancestry(self._current))
        self._scene.invalidate(self._scene.sceneRect(), QGraphicsScene.SceneLayer.BackgroundLayer)
        self.viewport().update()

    def _speak(self) -> None:
        item = self._items.get(self._current)
        words = spoken(item.content) if item is not None else ""
        self.setAccessibleDescription(words)
        if words and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _want_menu(self) -> None:
        middle = self.mapFromScene(self._items[self._current].card.center())
        self.menu_wanted.emit(self.viewport().mapToGlobal(middle))

    def _look_changed(self) -> None:
        self._scene.invalidate()
        self.viewport().update()
