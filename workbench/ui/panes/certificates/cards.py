"""One card of the drawn hierarchy, painted with as much as can be read at the present size.

Knows how a certificate looks; where it stands and what happens to it are others' business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from workbench.ui.panes.certificates.drawing import Content
from workbench.ui.panes.certificates.ink import Ink
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.states import SIGNS, Sign
from workbench.ui.widgets.texts import local_date, number

BLOCKS_BELOW = 0.26
"""Scale under which a card is a block of its state's colour."""

NAMES_BELOW = 0.55
"""Scale under which a card shows its name and state only, in larger letters."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


@dataclass(frozen=True, slots=True)
class Shape:
    """A card's measures in device-independent pixels at scale 1.

    Attributes:
        unit: the look's spacing step.
    """

    unit: int

    @property
    def width(self) -> float:
        """Of a card."""
        return self.unit * 66.0

    @property
    def height(self) -> float:
        """Of a card."""
        return self.unit * 27.0

    @property
    def across(self) -> float:
        """From one card's left edge to its neighbour's."""
        return self.width + self.unit * 8

    @property
    def down(self) -> float:
        """From one card's upper edge to that of the card below."""
        return self.height + self.unit * 16

    @property
    def handle(self) -> QRectF:
        """Where a card's fold mark is, in its coordinates."""
        size = self.unit * 5.5
        width = self.unit * 11
        return QRectF((self.width - width) / 2, self.height - size / 2, width, size)


def sign_of(content: Content) -> Sign:
    """Return how a card's state is shown."""
    return SIGNS[content.record.state if content.record else "issuer missing"]


def spoken(content: Content) -> str:
    """Return everything a card shows as one sentence, for a screen reader and the tooltip."""
    record = content.record
    if record is None:
        return _tr("Issuer missing: {name}. Import its certificate.").format(name=content.missing)
    parts = [record.name, record.algorithm]
    if record.post_quantum:
        parts.append(_tr("post-quantum"))
    parts.append(sign_of(content).text)
    span = _tr("valid from {start} to {end}")
    parts.append(span.format(start=local_date(record.starts), end=local_date(record.ends)))
    if record.trusted:
        parts.append(_tr("trusted root"))
    if content.folded:
        parts.append(_tr("folded, {n} hidden").format(n=number(content.folded)))
    elif content.children:
        parts.append(_tr("signed {n} below").format(n=number(content.children)))
    return ", ".join(parts)


class CardItem(QGraphicsItem):
    """A card.

    Args:
        content: what it shows.
        ink: paints words and icons.
        shape: its measures.
        now: the moment that the validity bar marks.
        has_focus: whether the view has the keyboard.
    """

    def __init__(
        self,
        content: Content,
        ink: Ink,
        shape: Shape,
        now: datetime,
        has_focus: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.content = content
        self.dimmed = False
        self.found = False
        self.hovered = False
        self._look = ink.look
        self._ink = ink
        self._shape = shape
        self._now = now
        self._has_focus = has_focus
        self._rect = QRectF(0, 0, shape.width, shape.height)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setToolTip(spoken(content))

    @property
    def card(self) -> QRectF:
        """The card itself, in the scene."""
        return self._rect.translated(self.pos())

    def on_handle(self, point: QPointF) -> bool:
        """Whether a point of the scene is on the fold mark."""
        return bool(self.content.children) and self._shape.handle.contains(point - self.pos())

    def boundingRect(self) -> QRectF:
        """Return the card with its focus ring and fold mark."""
        edge = self._shape.unit * 3.0
        return self._rect.adjusted(-edge, -edge, edge, edge)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint as much as can be read."""
        del option
        scale = painter.worldTransform().m11()
        if self.dimmed:
            painter.setOpacity(0.35)
        if scale < BLOCKS_BELOW:
            self._paint_block(painter)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, scale)
        if scale < NAMES_BELOW:
            self._paint_name(painter)
        elif self.content.record is None:
            self._paint_missing(painter)
        else:
            self._paint_record(painter, self.content.record)
        if self.content.children:
            self._paint_handle(painter)

    def _paint_block(self, painter: QPainter) -> None:
        look = self._look
        tone = sign_of(self.content).tone
        painter.fillRect(self._rect, look.soft(tone))
        unit = self._shape.unit
        painter.fillRect(QRectF(0, 0, self._rect.width(), unit * 5), look.colour(tone))
        if self.isSelected() or self.found:
            painter.setPen(QPen(look.colour("accent"), unit * 3))
            painter.drawRect(self._rect)

    def _paint_ground(self, painter: QPainter, scale: float) -> None:
        look, unit = self._look, self._shape.unit
        selected = self.isSelected()
        radius = unit * 2.0
        if selected and self._has_focus():
            painter.setPen(QPen(look.colour("accent"), unit * 0.5 / min(scale, 1)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = unit * 1.25
            painter.drawRoundedRect(
                self._rect.adjusted(-ring, -ring, ring, ring), radius + ring, radius + ring
            )
        ground = QColor(look.tokens.selection if selected else look.tokens.raised)
        edge = QColor(look.tokens.outline)
        width = 1.0
        if selected or self.found or self.hovered:
            edge, width = look.colour("accent"), 2.0 if selected or self.found else 1.0
        style = Qt.PenStyle.SolidLine if self.content.record else Qt.PenStyle.DashLine
        painter.setPen(QPen(edge, width, style))
        painter.setBrush(ground)
        painter.drawRoundedRect(self._rect, radius, radius)

    def _paint_name(self, painter: QPainter) -> None:
        unit = self._shape.unit
        font = self._ink.font(1.75, bold=True)
        inside = self._rect.adjusted(unit * 3, unit * 2, -unit * 3, -unit * 2)
        upper = QRectF(inside.topLeft(), QPointF(inside.right(), inside.center().y() + unit * 3))
        sign = sign_of(self.content)
        self._ink.words(painter, upper, self.content.name, font, "text", lines=2)
        lower = QRectF(QPointF(inside.left(), upper.bottom()), inside.bottomRight())
        self._ink.marked(painter, lower, (sign.icon, sign.text), sign.tone, 1.6)

    def _paint_missing(self, painter: QPainter) -> None:
        unit = self._shape.unit
        inside = self._rect.adjusted(unit * 4, unit * 3, -unit * 4, -unit * 3)
        line = unit * 6.0
        row = QRectF(inside.left(), inside.top(), inside.width(), line)
        self._ink.marked(painter, row, ("warning", _tr("Issuer missing")), "warning")
        row.translate(0, line)
        self._ink.words(painter, row, self.content.missing, self._ink.font(1.1, bold=True), "text")
        row.translate(0, line)
        row.setHeight(line * 1.5)
        words = _tr("Import its certificate to complete the chain.")
        self._ink.words(painter, row, words, self._ink.font(), "muted", lines=2)

    def _paint_record(self, painter: QPainter, record: Record) -> None:
        unit = self._shape.unit
        inside = self._rect.adjusted(unit * 3.5, unit * 2.5, -unit * 3.5, -unit * 3)
        line = unit * 5.5
        row = QRectF(inside.left(), inside.top(), inside.width(), line)
        icon = "root" if record.root else ("hierarchy" if record.authority else "certificate")
        size = self._look.icon_size
        place = QRectF(row.left(), row.center().y() - size / 2, size, size)
        self._ink.icon(painter, place, icon, "muted")
        name = row.adjusted(size + unit * 1.5, 0, 0, 0)
        self._ink.words(painter, name, record.name, self._ink.font(1.08, bold=True), "text")
        row.translate(0, line)
        self._paint_algorithm(painter, row, record)
        row.translate(0, line)
        self._paint_validity(painter, row, record)
        row.moveBottom(inside.bottom())
        sign = sign_of(self.content)
        used = self._ink.marked(painter, row, (sign.icon, sign.text), sign.tone)
        if record.trusted:
            right = row.adjusted(used + unit * 3, 0, 0, 0)
            self._ink.marked(painter, right, ("shield", _tr("Trusted root")), "info", right=True)

    def _paint_algorithm(self, painter: QPainter, row: QRectF, record: Record) -> None:
        unit = self._shape.unit
        self._ink.words(painter, row, record.algorithm, self._ink.font(), "muted")
        if not record.post_quantum:
            return
        words, font = _tr("Post-quantum"), self._ink.font(0.9)
        icon = round(self._look.icon_size * 0.8)
        width = QFontMetricsF(font).horizontalAdvance(words) + icon + unit * 4
        pill = QRectF(row.right() - width, row.center().y() - unit * 2.4, width, unit * 4.8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.soft("pq"))
        painter.drawRoundedRect(pill, unit * 2, unit * 2)
        inside = pill.adjusted(unit * 1.5, 0, -unit, 0)
        self._ink.marked(painter, inside, ("pq", words), "pq", 0.9)

    def _paint_validity(self, painter: QPainter, row: QRectF, record: Record) -> None:
        unit, look = self._shape.unit, self._look
        font = self._ink.font(0.88)
        metrics = QFontMetricsF(font)
        start, end = local_date(record.starts), local_date(record.ends)
        painter.setFont(font)
        painter.setPen(look.colour("muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignLeft, start)
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, end)
        gap = unit * 1.5
        left = row.left() + metrics.horizontalAdvance(start) + gap
        right = row.right() - metrics.horizontalAdvance(end) - gap
        if right - left < unit * 4:
            return
        bar = QRectF(left, row.center().y() - unit * 0.5, right - left, unit * 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tokens.border))
        painter.drawRoundedRect(bar, unit / 2, unit / 2)
        span = (record.ends - record.starts).total_seconds()
        share = (self._now - record.starts).total_seconds() / span if span > 0 else 1.0
        gone = QRectF(bar)
        gone.setWidth(bar.width() * min(1.0, max(0.0, share)))
        painter.setBrush(look.colour(sign_of(self.content).tone))
        painter.drawRoundedRect(gone, unit / 2, unit / 2)
        if 0 <= share <= 1:
            mark = QRectF(gone.right() - unit * 0.3, bar.top() - unit, unit * 0.6, unit * 3)
            painter.setBrush(look.colour("text"))
            painter.drawRect(mark)

    def _paint_handle(self, painter: QPainter) -> None:
        look, handle = self._look, self._shape.handle
        painter.setPen(QPen(QColor(look.tokens.outline), 1))
        painter.setBrush(QColor(look.tokens.surface))
        radius = handle.height() / 2
        painter.drawRoundedRect(handle, radius, radius)
        folded = self.content.folded
        icon = "chevron-right" if folded else "chevron-down"
        size = round(look.icon_size * 0.7)
        count = number(folded or self.content.children)
        metrics = QFontMetricsF(self._ink.font(0.85))
        width = size + metrics.horizontalAdvance(count) + self._shape.unit * 1.5
        inside = QRectF(0, handle.top(), width, handle.height())
        inside.moveCenter(handle.center())
        self._ink.marked(painter, inside, (icon, count), "muted", 0.85)
