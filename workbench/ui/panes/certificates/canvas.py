"""The whole drawing painted: ground, frames, links, cards, with as much detail as can be seen.

Owns what is painted where and what is under a point. There is no object per card: a drawing of
thousands is painted in one go, and only what is exposed. Knows no mouse, keyboard or window.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from workbench.ui.panes.certificates.cards import (
    CALM,
    NAMES_BELOW,
    CardPainter,
    Mood,
    handle_rect,
    heat_colour,
)
from workbench.ui.panes.certificates.drawing import Drawing, Frame, Placed
from workbench.ui.panes.certificates.edges import LinkLines
from workbench.ui.panes.certificates.ink import Ink
from workbench.ui.panes.certificates.placing import HEAD, INNER, Box
from workbench.ui.panes.certificates.stamps import Stamps
from workbench.ui.panes.certificates.standing import Heat, Standing
from workbench.ui.panes.certificates.states import SIGNS
from workbench.ui.tokens import Tone
from workbench.ui.widgets.texts import number

BLOCKS_BELOW: Final = 0.34
"""Scale under which a card is a block of its state's colour and pattern."""

_CELL: Final = 160.0
"""Edge of a cell of the index, in units."""

_RING: Final = 2.5
"""How far a card's focus ring stands out, in units."""

_FEW: Final = 400
"""Found cards up to which each is outlined when cards are blocks."""

_GOOD: Final = frozenset({"valid", "expiring"})
PATTERNS: Final = {
    "expired": Qt.BrushStyle.BDiagPattern,
    "revoked": Qt.BrushStyle.DiagCrossPattern,
    "not yet valid": Qt.BrushStyle.Dense6Pattern,
    "issuer not valid": Qt.BrushStyle.FDiagPattern,
    "issuer missing": Qt.BrushStyle.VerPattern,
}
"""What tells states apart where there is no room for a word."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Canvas:
    """A drawing at a moment, ready to be painted.

    Args:
        ink: colours, fonts, icons.
        drawing: cards in their places.
        standings: what each certificate is at the moment.
        moment: the moment.

    Attributes:
        chosen: ids of chosen cards.
        found: ids of what a search found, or None without a search.
        hovered: id of the card under the pointer.
        target: id of the card that something would be dropped on.
        current: id of the card that the keyboard is on, if that is to be seen.
    """

    def __init__(
        self,
        ink: Ink,
        drawing: Drawing | None = None,
        standings: Mapping[str, Standing] | None = None,
        moment: datetime | None = None,
    ) -> None:
        self.ink = ink
        self.unit = float(ink.look.unit)
        self.drawing = drawing or Drawing()
        self.chosen: Collection[str] = frozenset()
        self.found: Collection[str] | None = None
        self.hovered = self.target = self.current = ""
        self._marked: Collection[tuple[str, str]] = frozenset()
        self._stamps = Stamps()
        self._lines = LinkLines()
        self._lines.show(self.drawing.links, self.unit)
        self._cells: dict[tuple[int, int], list[Placed]] = defaultdict(list)
        edge = self.unit * _RING
        self._places = {
            card.content.id: self.rect(card.box).adjusted(-edge, -edge, edge, edge)
            for card in self.drawing.cards
        }
        for card in self.drawing.cards:
            for cell in _cells_of(card.box):
                self._cells[cell].append(card)
        self._blocks: dict[tuple[str, bool], list[QRectF]] | None = None
        self.set_moment(standings or {}, moment)

    @property
    def bounds(self) -> QRectF:
        """Around everything, in the scene."""
        return self.rect(self.drawing.bounds)

    def set_moment(self, standings: Mapping[str, Standing], moment: datetime | None) -> None:
        """Show what everything is at another moment."""
        self.standings = standings
        self.moment = moment
        self._blocks = None
        self._stamps.clear()
        self._painter = CardPainter(self.ink, moment) if moment is not None else None

    def set_ink(self, ink: Ink) -> None:
        """Take other colours; measures stay."""
        self.ink = ink
        self.set_moment(self.standings, self.moment)

    def mark_way(self, marked: Collection[tuple[str, str]]) -> None:
        """Draw some links more strongly."""
        self._marked = marked

    def search(self, found: Collection[str] | None) -> None:
        """Mark what was found and dim the rest; None to end the search."""
        self.found = found
        self._blocks = None

    def rect(self, box: Box) -> QRectF:
        """Return a box in the scene."""
        unit = self.unit
        return QRectF(box.x * unit, box.y * unit, box.width * unit, box.height * unit)

    def card_rect(self, name: str) -> QRectF:
        """Return where a card is, in the scene; empty if it is not drawn."""
        card = self.drawing.by_id.get(name)
        return self.rect(card.box) if card else QRectF()

    def handle(self, card: Placed) -> QRectF:
        """Return where a card's fold mark is: under its frame, where it stands with others."""
        box = card.box if card.group.startswith("family:") else self.drawing.boxes[card.group]
        return handle_rect(self.rect(box), self.unit)

    def card_at(self, point: QPointF) -> str:
        """Return the id of the card at a point of the scene, or empty."""
        for card in self._near(QRectF(point, point)):
            if self.rect(card.box).contains(point):
                return card.content.id
        return ""

    def handle_at(self, point: QPointF) -> str:
        """Return the id of the card whose fold mark is at a point, or empty."""
        reach = self.unit * 6
        around = QRectF(point, point).adjusted(-reach * 20, -reach * 2, reach * 20, reach)
        for card in self._near(around):
            if card.content.children and self.handle(card).contains(point):
                return card.content.id
        return ""

    def mood(self, name: str) -> Mood:
        """Return what the hand and the search make of a card."""
        found = self.found is not None and name in self.found
        return Mood(
            name in self.chosen,
            name == self.current,
            found,
            self.found is not None and not found,
            name == self.hovered,
            name == self.target,
        )

    def paint(self, painter: QPainter, exposed: QRectF, detail: float = 0.0) -> None:
        """Paint what of the drawing is exposed.

        Args:
            painter: on a view or a file.
            exposed: in the scene.
            detail: the scale to paint as if at; 0 for the painter's.
        """
        scale = detail or max(painter.worldTransform().m11(), 0.001)
        painter.fillRect(exposed, QColor(self.ink.look.tokens.window))
        blocks = scale < BLOCKS_BELOW
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not blocks)
        self._paint_frames(painter, exposed, scale)
        self._lines.paint(painter, self.ink.look, self._marked, scale)
        if blocks:
            self._paint_blocks(painter, exposed, scale)
        elif self._painter is not None:
            self._paint_cards(painter, exposed, self._painter, scale)

    def blocks(
        self, exposed: QRectF | None = None
    ) -> Iterator[tuple[QBrush, QColor, list[QRectF]]]:
        """Yield rectangles to fill, by brush and edge: the coarsest form of the drawing."""
        if self._blocks is None:
            self._blocks = defaultdict(list)
            for card in self.drawing.cards:
                name = card.content.id
                dimmed = self.found is not None and name not in self.found
                self._blocks[self._look_of(card), dimmed].append(self.rect(card.box))
        for (look, dimmed), rects in self._blocks.items():
            brush, edge = self._brush(look)
            if dimmed:
                colour = QColor(self.ink.look.tokens.border)
                brush, edge = QBrush(colour, brush.style()), colour
            shown = rects if exposed is None else [one for one in rects if one.intersects(exposed)]
            yield brush, edge, shown

    def _look_of(self, card: Placed) -> str:
        standing = self.standings.get(card.content.id)
        if standing is None:
            return "rest" if card.content.rest else "issuer missing"
        return str(int(standing.heat)) if standing.state in _GOOD else standing.state

    def _brush(self, look: str) -> tuple[QBrush, QColor]:
        if look == "rest":
            colour = self.ink.look.colour("muted")
            return QBrush(colour, Qt.BrushStyle.HorPattern), colour
        if look.isdigit():
            colour = heat_colour(self.ink, Heat(int(look)))
            return QBrush(colour), colour
        colour = self.ink.look.colour(SIGNS[look].tone)
        return QBrush(colour, PATTERNS[look]), colour

    def _paint_blocks(self, painter: QPainter, exposed: QRectF, scale: float) -> None:
        ground = QColor(self.ink.look.tokens.raised)
        for brush, edge, rects in self.blocks(exposed):
            if not rects:
                continue
            if brush.style() is Qt.BrushStyle.SolidPattern:
                painter.setPen(Qt.PenStyle.NoPen)
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ground)
                painter.drawRects(rects)
                pen = QPen(edge, 1)
                pen.setCosmetic(True)
                painter.setPen(pen)
                brush.setTransform(painter.worldTransform().inverted()[0])
            painter.setBrush(brush)
            painter.drawRects(rects)
        pen = QPen(self.ink.look.colour("accent"), 2.5)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        few = self.found if self.found is not None and len(self.found) <= _FEW else ()
        for name in {*self.chosen, *few, self.current, self.hovered, self.target} - {""}:
            painter.drawRect(
                self.card_rect(name).adjusted(-2 / scale, -2 / scale, 2 / scale, 2 / scale)
            )

    def _paint_frames(self, painter: QPainter, exposed: QRectF, scale: float) -> None:
        look, unit = self.ink.look, self.unit
        for frame in self.drawing.frames:
            rect = self.rect(frame.box)
            if not rect.intersects(exposed):
                continue
            style = Qt.PenStyle.SolidLine if frame.family else Qt.PenStyle.DashLine
            edge = QColor(look.tokens.border) if frame.family else look.colour("pq")
            pen = QPen(edge, 1.0 if frame.family else 1.5, style)
            pen.setCosmetic(scale < 1)
            painter.setPen(pen)
            painter.setBrush(QColor(look.tokens.sunken))
            painter.drawRoundedRect(rect, unit * 3, unit * 3)
            if scale >= BLOCKS_BELOW:
                inset = INNER * unit
                row = QRectF(rect.left() + inset, rect.top() + unit, rect.width() - 2 * inset,
                             HEAD * unit)  # fmt: skip
                icon = "certificate" if frame.family else "pair"
                tone: Tone = "muted" if frame.family else "pq"
                large = 1.5 if scale < NAMES_BELOW else 1.0
                self.ink.marked(painter, row, (icon, frame_words(frame)), tone, large)

    def _paint_cards(
        self, painter: QPainter, exposed: QRectF, cards: CardPainter, scale: float
    ) -> None:
        edge = self.unit * 4
        near = self._near(exposed.adjusted(-edge, -edge, edge, edge))
        if self.ink.lines:
            for card in near:
                painter.save()
                painter.translate(self._places[card.content.id].topLeft())
                self._card_painter(cards, card, self.mood(card.content.id), scale)(painter)
                painter.restore()
        else:
            self._stamps.begin(painter)
            for card in near:
                name = card.content.id
                mood = self.mood(name) if self._touched(name) else CALM
                paint = self._card_painter(cards, card, mood, scale)
                self._stamps.paint(painter, self._places[name], (name, mood), paint)
            self._stamps.end(painter)
        for card in near:
            if card.content.children:
                cards.paint_handle(painter, self.handle(card), card.content)

    def _card_painter(
        self, cards: CardPainter, card: Placed, mood: Mood, scale: float
    ) -> Callable[[QPainter], None]:
        def paint(inside: QPainter) -> None:
            edge = self.unit * _RING
            inside.translate(edge, edge)
            standing = self.standings.get(card.content.id)
            cards.paint(inside, card.content, standing, mood, scale)

        return paint

    def _touched(self, name: str) -> bool:
        return (
            self.found is not None
            or name in self.chosen
            or name in {self.hovered, self.target, self.current}
        )

    def _near(self, exposed: QRectF) -> list[Placed]:
        """Return the cards whose cells a rectangle of the scene touches, each once."""
        unit = self.unit
        box = Box(exposed.x() / unit, exposed.y() / unit, exposed.width() / unit,
                  exposed.height() / unit)  # fmt: skip
        if box.width * box.height > _CELL * _CELL * len(self._cells):
            return [card for card in self.drawing.cards if self.rect(card.box).intersects(exposed)]
        found: dict[str, Placed] = {}
        for cell in _cells_of(box):
            for card in self._cells.get(cell, ()):
                found[card.content.id] = card
        return list(found.values())


def frame_words(frame: Frame) -> str:
    """Return what stands over cards that stand together."""
    count = number(frame.count)
    if not frame.family:
        return _tr("{n} certificates, one key: {name}").format(n=count, name=frame.name)
    if not frame.name:
        return _tr("{n} certificates on their own").format(n=count)
    return _tr("{n} issued by {name}").format(n=count, name=frame.name)


def _cells_of(box: Box) -> Iterator[tuple[int, int]]:
    across = range(math.floor(box.x / _CELL), math.floor(box.right / _CELL) + 1)
    down = range(math.floor(box.y / _CELL), math.floor(box.bottom / _CELL) + 1)
    return ((x, y) for x in across for y in down)
