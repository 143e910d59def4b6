"""A drawing with chosen cards: what is shown, what is chosen, what a search found.

Owns the canvas and the choice; knows no mouse and no drops.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from workbench.ui.look import Look
from workbench.ui.panes.certificates.canvas import Canvas
from workbench.ui.panes.certificates.cards import spoken
from workbench.ui.panes.certificates.drawing import Drawing
from workbench.ui.panes.certificates.ink import Ink
from workbench.ui.panes.certificates.standing import Standing
from workbench.ui.panes.certificates.walking import step
from workbench.ui.panes.certificates.zooming import ZoomView

_READABLE = 0.8


class TreeScene(QGraphicsScene):
    """A scene without items: a canvas paints all of it."""

    def __init__(self, canvas: Canvas, view: QGraphicsView) -> None:
        super().__init__(view)
        self.canvas = canvas

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint everything."""
        self.canvas.paint(painter, QRectF(rect))


class ChoosingView(ZoomView):
    """Shows a drawing and what is chosen of it.

    Args:
        look: colours, fonts, spacing.
        label: accessible name.

    Signals:
        chosen(list): ids of the chosen cards changed; the one that the keyboard is on comes first.
        drawn: other cards, or other states, are shown.
        resized: there is another room for them.
    """

    chosen = Signal(list)
    drawn = Signal()
    resized = Signal()

    def __init__(self, look: Look, label: str) -> None:
        super().__init__()
        self._look = look
        self.canvas = Canvas(Ink(look))
        self._current = ""
        self._marked: list[str] = []
        self._fit_when_sized = True
        self._scene = TreeScene(self.canvas, self)
        self.setScene(self._scene)
        self.setAccessibleName(label)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        look.changed.connect(self._look_changed)

    @property
    def current(self) -> str:
        """Id of the card that the keyboard is on, or empty."""
        return self._current

    @property
    def marked(self) -> list[str]:
        """Ids of the chosen cards, the current one first."""
        return list(self._marked)

    def show_drawing(
        self, drawing: Drawing, standings: Mapping[str, Standing], moment: datetime
    ) -> None:
        """Show other cards; what is chosen stays so if it is still there."""
        first = not self.canvas.drawing.cards
        found = self.canvas.found
        self.canvas = Canvas(Ink(self._look), drawing, standings, moment)
        self.canvas.search(found)
        self._scene.canvas = self.canvas
        margin = self.canvas.unit * 8.0
        bounds = self.canvas.bounds
        self._scene.setSceneRect(bounds.adjusted(-margin, -margin, margin, margin * 2))
        self._marked = [one for one in self._marked if one in drawing.by_id]
        if self._current not in drawing.by_id:
            self._current = self._marked[0] if self._marked else ""
        self._mark()
        if first and drawing.cards:
            self._fit_when_sized = True
            self._fit_first()
        self.drawn.emit()

    def show_moment(self, standings: Mapping[str, Standing], moment: datetime) -> None:
        """Show the same cards as they are at another moment."""
        self.canvas.set_moment(standings, moment)
        self._repaint()
        self.drawn.emit()

    def choose(self, card_id: str, *, centre: bool = True, add: bool = False) -> bool:
        """Choose a card and bring it into view; False if it is not drawn.

        Args:
            card_id: the card; empty for none.
            centre: whether to bring it to the middle, rather than just into view.
            add: whether the others stay chosen; then one that is chosen is chosen no longer.
        """
        if card_id and card_id not in self.canvas.drawing.by_id:
            return False
        before = (self._current, list(self._marked))
        if add and card_id in self._marked:
            self._marked.remove(card_id)
            card_id = self._marked[0] if self._marked else ""
        else:
            others = [one for one in self._marked if one != card_id] if add else []
            self._marked = [card_id, *others] if card_id else []
        self._current = card_id
        self._mark()
        if card_id:
            rect = self.canvas.card_rect(card_id)
            if centre:
                self.centerOn(rect.center())
            else:
                margin = self._look.unit * 6
                self.ensureVisible(rect, margin, margin)
        if before != (self._current, self._marked):
            self._speak()
            self.chosen.emit(self.marked)
        return True

    def show_found(self, found: Collection[str] | None) -> None:
        """Mark what a search found and dim the rest; None to end the search."""
        self.canvas.search(found)
        self._repaint()
        self.drawn.emit()
        if found:
            cards = self.canvas.drawing.cards
            first = next((one.content.id for one in cards if one.content.id in found), "")
            if first:
                self.ensureVisible(self.canvas.card_rect(first))

    def next_found(self) -> None:
        """Choose the next card that a search found."""
        wanted = self.canvas.found or ()
        found = [one.content.id for one in self.canvas.drawing.cards if one.content.id in wanted]
        if found:
            place = found.index(self._current) + 1 if self._current in found else 0
            self.choose(found[place % len(found)])

    def fit_readably(self) -> None:
        """Show as much of it as can be read, roots and the chosen card first."""
        self.fit_to(_READABLE)
        if self._current:
            self.ensureVisible(self.canvas.card_rect(self._current))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the drawing once the place for it is known."""
        super().resizeEvent(event)
        self._fit_first()
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is; choose a first card if none is."""
        super().focusInEvent(event)
        by_keyboard = event.reason() in {
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        }
        if by_keyboard and not self._current:
            self.choose(step(self.canvas.drawing, "", "root"), centre=False)
        self._mark()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self._mark()

    def _fit_first(self) -> None:
        if self._fit_when_sized and self.canvas.drawing.cards and self.isVisible():
            self._fit_when_sized = False
            self.fit_to(_READABLE)

    def _mark(self) -> None:
        canvas = self.canvas
        canvas.chosen = frozenset(self._marked)
        canvas.current = self._current if self.hasFocus() else ""
        canvas.mark_way(canvas.drawing.ancestry(self._current))
        self._repaint()

    def _words(self, name: str) -> str:
        card = self.canvas.drawing.by_id.get(name)
        return spoken(card.content, self.canvas.standings.get(name)) if card else ""

    def _speak(self) -> None:
        words = self._words(self._current)
        self.setAccessibleDescription(words)
        if words and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _repaint(self) -> None:
        self._scene.invalidate()
        self.viewport().update()

    def _look_changed(self) -> None:
        if round(self.canvas.unit) == self._look.unit:
            self.canvas.set_ink(Ink(self._look))
            self._repaint()
        elif self.canvas.moment is not None:
            # Another font: everything has another size.
            self.show_drawing(self.canvas.drawing, self.canvas.standings, self.canvas.moment)
