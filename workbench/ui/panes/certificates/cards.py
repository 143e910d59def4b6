"""One card of the drawn hierarchy, painted with as much as can be read at the present size.

Knows how a certificate looks; where it stands and what happens to it are others' business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.pki.hierarchy import MISSING
from workbench.ui.panes.certificates.drawing import Content
from workbench.ui.panes.certificates.ink import Ink
from workbench.ui.panes.certificates.placing import CARD_HEIGHT, CARD_WIDTH
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.standing import Heat, Standing
from workbench.ui.panes.certificates.states import (
    AUTHORITIES,
    SIGNS,
    STEPS,
    Sign,
    left_in_words,
    stopped,
)
from workbench.ui.widgets.texts import local_date, number

NAMES_BELOW: Final = 0.55
"""Scale under which a card shows its name and state only, in larger letters."""

_DIM: Final = 0.3
_SEGMENTS: Final = 5


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


@dataclass(frozen=True, slots=True)
class Mood:
    """What the hand and the search make of a card.

    Attributes:
        chosen: whether it is chosen.
        current: whether the keyboard is on it, and visibly so.
        found: whether a search found it.
        dimmed: whether a search left it aside.
        hovered: whether the pointer is on it.
        target: whether something is about to be dropped on it.
    """

    chosen: bool = False
    current: bool = False
    found: bool = False
    dimmed: bool = False
    hovered: bool = False
    target: bool = False


CALM: Final = Mood()


def handle_rect(card: QRectF, unit: float) -> QRectF:
    """Return where a card's fold mark is."""
    size = QRectF(0, 0, unit * 11, unit * 5.5)
    size.moveCenter(QPointF(card.center().x(), card.bottom()))
    return size


def sign_of(standing: Standing | None, content: Content | None = None) -> Sign:
    """Return how a card's state is shown."""
    if standing is None and content is not None and content.held is not None:
        return AUTHORITIES[content.held.status]
    return SIGNS[standing.state if standing else MISSING]


def heat_colour(ink: Ink, heat: Heat) -> QColor:
    """Return the colour of a step of heat."""
    step = STEPS[heat]
    return QColor(step.dark if ink.look.tokens.name == "dark" else step.light)


def spoken(content: Content, standing: Standing | None) -> str:
    """Return everything a card shows as one sentence, for a screen reader and the tooltip."""
    record = content.record
    if content.rest:
        return _tr("{n} more certificates. Press Enter to show them.").format(
            n=number(content.rest)
        )
    if record is None or standing is None:
        words = (
            _tr("Issuer missing: {name}. Import its certificate.")
            if content.held is None
            else _tr("CA {name} waits for its certificate. Drop the certificate on this card.")
        )
        return words.format(name=content.missing)
    parts = [record.name, record.algorithm]
    if record.post_quantum:
        parts.append(_tr("post-quantum"))
    parts.append(sign_of(standing).text)
    left = left_in_words(standing)
    if left:
        parts.append(_tr("{time} left").format(time=left))
    span = _tr("valid from {start} to {end}")
    parts.append(span.format(start=local_date(record.starts), end=local_date(record.ends)))
    if record.revoked is not None:
        parts.append(_tr("revoked on {date}").format(date=local_date(record.revoked)))
    parts.append(_tr("of this vault") if record.own else _tr("imported"))
    if record.trusted:
        parts.append(_tr("trusted root"))
    parts += _about(content)
    return ", ".join(parts)


def _about(content: Content) -> Iterator[str]:
    """Yield what there is to say of the CA whose certificate a card shows, and of what is below."""
    halted = stopped(content.held)
    if halted is not None:
        yield _tr("CA: {state}").format(state=halted.text)
    if content.twins > 1:
        yield _tr("one of {n} certificates of this CA's key").format(n=content.twins)
    if content.folded:
        yield _tr("folded, {n} hidden").format(n=number(content.folded))
    elif content.children:
        yield _tr("signed {n} below").format(n=number(content.children))


class CardPainter:
    """Paints cards.

    Args:
        ink: paints words and icons.
        moment: that validity bars mark.
    """

    def __init__(self, ink: Ink, moment: datetime) -> None:
        self.ink = ink
        self.moment = moment
        self._unit = float(ink.look.unit)
        self._rect = QRectF(0, 0, CARD_WIDTH * self._unit, CARD_HEIGHT * self._unit)

    def paint(
        self,
        painter: QPainter,
        content: Content,
        standing: Standing | None,
        mood: Mood,
        scale: float,
    ) -> None:
        """Paint a card at the origin, as much of it as can be read at a scale."""
        painter.setOpacity(_DIM if mood.dimmed else 1.0)
        self._paint_ground(painter, content, mood, scale)
        if content.rest:
            self._paint_rest(painter, content)
        elif content.record is None or standing is None:
            if scale < NAMES_BELOW:
                self._paint_name(painter, content, None)
            else:
                self._paint_missing(painter, content)
        else:
            self._paint_heat(painter, standing)
            if scale < NAMES_BELOW:
                self._paint_name(painter, content, standing)
            else:
                self._paint_record(painter, content, content.record, standing)
        painter.setOpacity(1.0)

    def paint_handle(self, painter: QPainter, place: QRectF, content: Content) -> None:
        """Paint a fold mark with how many are below or hidden."""
        look = self.ink.look
        painter.setPen(QPen(QColor(look.tokens.outline), 1))
        painter.setBrush(QColor(look.tokens.surface))
        radius = place.height() / 2
        painter.drawRoundedRect(place, radius, radius)
        icon = "chevron-right" if content.folded else "chevron-down"
        count = number(content.folded or content.children)
        size = look.icon_size * 0.85 * 0.85
        width = size + self.ink.measured(0.85)[1].horizontalAdvance(count) + self._unit * 1.5
        inside = QRectF(0, place.top(), width, place.height())
        inside.moveCenter(place.center())
        self.ink.marked(painter, inside, (icon, count), "muted", 0.85)

    def _paint_ground(self, painter: QPainter, content: Content, mood: Mood, scale: float) -> None:
        look, unit = self.ink.look, self._unit
        radius = unit * 2.0
        if mood.current:
            painter.setPen(QPen(look.colour("accent"), unit * 0.5 / min(scale, 1)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = unit * 1.25
            painter.drawRoundedRect(
                self._rect.adjusted(-ring, -ring, ring, ring), radius + ring, radius + ring
            )
        ground = QColor(look.tokens.selection if mood.chosen else look.tokens.raised)
        edge, width = QColor(look.tokens.outline), 1.0
        if mood.chosen or mood.found or mood.hovered or mood.target:
            edge = look.colour("accent")
            width = 1.0 if mood.hovered and not (mood.chosen or mood.found) else 2.0
        style = Qt.PenStyle.SolidLine if content.record else Qt.PenStyle.DashLine
        painter.setPen(QPen(edge, width * (2 if mood.target else 1), style))
        painter.setBrush(ground)
        painter.drawRoundedRect(self._rect, radius, radius)

    def _paint_heat(self, painter: QPainter, standing: Standing) -> None:
        """Paint the gauge at the left: the fuller, the nearer the end."""
        unit = self._unit
        place = QRectF(unit * 1.2, unit * 2.2, unit * 1.4, self._rect.height() - unit * 4.4)
        colour = heat_colour(self.ink, standing.heat)
        gap = unit * 0.5
        tall = (place.height() - gap * (_SEGMENTS - 1)) / _SEGMENTS
        painter.setPen(Qt.PenStyle.NoPen)
        empty = QColor(self.ink.look.tokens.border)
        full = min(_SEGMENTS, int(standing.heat) + 1)
        for number_ in range(_SEGMENTS):
            bottom = place.bottom() - number_ * (tall + gap)
            painter.setBrush(colour if number_ < full else empty)
            painter.drawRect(QRectF(place.left(), bottom - tall, place.width(), tall))

    def _paint_name(self, painter: QPainter, content: Content, standing: Standing | None) -> None:
        unit = self._unit
        inside = self._rect.adjusted(unit * 4, unit * 2, -unit * 2.5, -unit * 2)
        upper = QRectF(inside.topLeft(), QPointF(inside.right(), inside.center().y() + unit * 3))
        sign = sign_of(standing, content)
        self.ink.words(painter, upper, content.name, "text", 1.75, bold=True, lines=2)
        lower = QRectF(QPointF(inside.left(), upper.bottom()), inside.bottomRight())
        self.ink.marked(painter, lower, (sign.icon, sign.text), sign.tone, 1.6)

    def _paint_rest(self, painter: QPainter, content: Content) -> None:
        words = _tr("+{n} more").format(n=number(content.rest))
        width = self.ink.measured(1.6)[1].horizontalAdvance(words) + self._unit * 8
        inside = QRectF(0, 0, min(width, self._rect.width()), self._rect.height())
        inside.moveCenter(self._rect.center())
        self.ink.marked(painter, inside, ("more", words), "accent", 1.6)

    def _paint_missing(self, painter: QPainter, content: Content) -> None:
        unit = self._unit
        inside = self._rect.adjusted(unit * 4, unit * 3, -unit * 4, -unit * 3)
        line = unit * 6.0
        row = QRectF(inside.left(), inside.top(), inside.width(), line)
        sign = sign_of(None, content)
        self.ink.marked(painter, row, (sign.icon, sign.text), sign.tone)
        row.translate(0, line)
        self.ink.words(painter, row, content.missing, "text", 1.1, bold=True)
        row.translate(0, line)
        row.setHeight(line * 1.5)
        words = (
            _tr("Have its request signed, then drop the certificate here.")
            if content.held is not None
            else _tr("Import its certificate to complete the chain.")
        )
        self.ink.words(painter, row, words, "muted", lines=2)

    def _paint_record(
        self, painter: QPainter, content: Content, record: Record, standing: Standing
    ) -> None:
        unit = self._unit
        inside = self._rect.adjusted(unit * 4.5, unit * 2.5, -unit * 3, -unit * 3)
        line = unit * 5.5
        row = QRectF(inside.left(), inside.top(), inside.width(), line)
        icon = "root" if record.root else ("hierarchy" if record.authority else "certificate")
        size = self.ink.look.icon_size
        place = QRectF(row.left(), row.center().y() - size / 2, size, size)
        self.ink.icon(painter, place, icon, "muted")
        name = row.adjusted(size + unit * 1.5, 0, 0, 0)
        self.ink.words(painter, name, record.name, "text", 1.08, bold=True)
        row.translate(0, line)
        self._paint_algorithm(painter, row, record)
        row.translate(0, line)
        self._paint_validity(painter, row, record, standing)
        row.moveBottom(inside.bottom())
        sign = sign_of(standing)
        left = left_in_words(standing)
        words = _tr("{state}, {time}").format(state=sign.text, time=left) if left else sign.text
        used = self.ink.marked(painter, row, (sign.icon, words), sign.tone)
        right = row.adjusted(used + unit * 3, 0, 0, 0)
        halted = stopped(content.held)
        if halted is not None:
            mark = (halted.icon, halted.text)
            self.ink.marked(painter, right, mark, halted.tone, right=True)
        elif record.trusted:
            self.ink.marked(painter, right, ("shield", _tr("Trusted root")), "info", right=True)
        else:
            origin = ("vault", _tr("Own")) if record.own else ("import", _tr("Imported"))
            self.ink.marked(painter, right, origin, "muted", 0.9, right=True)

    def _paint_algorithm(self, painter: QPainter, row: QRectF, record: Record) -> None:
        unit = self._unit
        if not record.post_quantum:
            self.ink.words(painter, row, record.algorithm, "muted")
            return
        badge = _tr("Post-quantum")
        icon = round(self.ink.look.icon_size * 0.8)
        width = self.ink.measured(0.9)[1].horizontalAdvance(badge) + icon + unit * 4
        pill = QRectF(row.right() - width, row.center().y() - unit * 2.4, width, unit * 4.8)
        room = row.adjusted(0, 0, -width - unit, 0)
        self.ink.words(painter, room, record.algorithm, "muted")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.ink.look.soft("pq"))
        painter.drawRoundedRect(pill, unit * 2, unit * 2)
        inside = pill.adjusted(unit * 1.5, 0, -unit, 0)
        self.ink.marked(painter, inside, ("pq", badge), "pq", 0.9)

    def _paint_validity(
        self, painter: QPainter, row: QRectF, record: Record, standing: Standing
    ) -> None:
        unit, look = self._unit, self.ink.look
        font, metrics = self.ink.measured(0.88)
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
        share = (self.moment - record.starts).total_seconds() / span if span > 0 else 1.0
        gone = QRectF(bar)
        gone.setWidth(bar.width() * min(1.0, max(0.0, share)))
        painter.setBrush(heat_colour(self.ink, standing.heat))
        painter.drawRoundedRect(gone, unit / 2, unit / 2)
        if 0 <= share <= 1:
            mark = QRectF(gone.right() - unit * 0.3, bar.top() - unit, unit * 0.6, unit * 3)
            painter.setBrush(look.colour("text"))
            painter.drawRect(mark)
