"""How the time axis is drawn: geometry of a moment, and the strokes.

Knows lanes and the look; knows no widget, so that everything it needs is in a `Scene`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from workbench.ui.look import Look
from workbench.ui.panes.keys import words as key_words
from workbench.ui.panes.keys.inventory import ENABLED
from workbench.ui.panes.rotation import ink, words
from workbench.ui.panes.rotation.axis import Span, ticks
from workbench.ui.panes.rotation.lanes import Bar, Lane, Mark
from workbench.ui.widgets.texts import local_date

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be drawn, and where.

    Attributes:
        lanes: every key.
        span: what time is seen.
        now: the present, in seconds since 1970.
        unit: the spacing step, in pixels.
        size: of the viewport.
        scrolled: how far down, in pixels.
        key: the selected key.
        bar: its selected bar.
        picked: every selected bar: key and number.
        focused: whether the keyboard is here.
    """

    lanes: Sequence[Lane]
    span: Span
    now: float
    unit: int
    size: QSize
    scrolled: int
    key: str
    bar: int
    focused: bool
    picked: frozenset[tuple[str, int]] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        """Every key with a selected bar."""
        return frozenset(key for key, _ in self.picked)

    @property
    def gutter(self) -> int:
        """Width of the names."""
        return min(self.unit * 46, self.size.width() // 3)

    @property
    def header(self) -> int:
        """Height of the axis."""
        return self.unit * 9

    @property
    def lane_height(self) -> int:
        """Height of a lane."""
        return self.unit * 12

    @property
    def width(self) -> float:
        """Width of the axis."""
        return float(max(1, self.size.width() - self.gutter))

    def place(self, moment: float) -> float:
        """Return where a moment is, in pixels from the left."""
        return self.gutter + self.span.place(moment, self.width)

    def moment(self, place: float) -> float:
        """Return the moment at a place."""
        return self.span.moment(place - self.gutter, self.width)

    def top(self, line: int) -> int:
        """Return where a lane begins."""
        return self.header + line * self.lane_height - self.scrolled

    def line_at(self, height: float) -> int | None:
        """Return the lane at a height."""
        if height < self.header:
            return None
        line = int((height - self.header + self.scrolled) // self.lane_height)
        return line if 0 <= line < len(self.lanes) else None

    def bar_box(self, line: int, bar: Bar) -> QRectF:
        """Return where a bar is drawn."""
        left, right = self.place(bar.start), self.place(bar.end)
        return QRectF(
            left, self.top(line) + self.unit * 5.5, max(3.0, right - left), self.unit * 4.5
        )

    def visible(self) -> Iterator[tuple[int, Lane]]:
        """Yield the lanes that are seen."""
        first = max(0, self.scrolled // self.lane_height)
        last = (self.scrolled + self.size.height()) // self.lane_height + 1
        for line in range(first, min(len(self.lanes), last)):
            yield line, self.lanes[line]


class Painting:
    """Draws scenes."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def draw(self, painter: QPainter, scene: Scene) -> None:
        """Draw everything that is seen."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(0, 0, scene.size.width(), scene.size.height(), self._paint("surface"))
        for line, lane in scene.visible():
            self._draw_ground(painter, scene, line, lane)
        self._draw_grid(painter, scene)
        painter.save()
        painter.setClipRect(
            QRectF(scene.gutter, scene.header, scene.width, scene.size.height() - scene.header)
        )
        self._draw_today(painter, scene)
        for line, lane in scene.visible():
            self._draw_lane(painter, scene, line, lane)
        painter.restore()
        for line, lane in scene.visible():
            self._draw_name(painter, scene, line, lane)
        self._draw_header(painter, scene)
        if scene.focused:
            painter.setPen(QPen(self._look.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            box = QRectF(0.5, 0.5, scene.size.width() - 1, scene.size.height() - 1)
            painter.drawRect(box)

    def _paint(self, name: str) -> QColor:
        return QColor(str(getattr(self._look.tokens, name)))

    def _draw_ground(self, painter: QPainter, scene: Scene, line: int, lane: Lane) -> None:
        box = QRectF(0, scene.top(line), scene.size.width(), scene.lane_height)
        if lane.row.id in scene.keys:
            painter.fillRect(box, self._paint("selection"))
        painter.setPen(QPen(self._paint("sunken"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())

    def _draw_grid(self, painter: QPainter, scene: Scene) -> None:
        for tick in ticks(scene.span, scene.width, scene.unit * 18):
            place = scene.place(tick.moment.timestamp())
            painter.setPen(QPen(self._paint("border" if tick.first else "sunken"), 1))
            painter.drawLine(
                QPointF(place, scene.header), QPointF(place, float(scene.size.height()))
            )

    def _draw_header(self, painter: QPainter, scene: Scene) -> None:
        width = scene.size.width()
        painter.fillRect(QRectF(0, 0, width, scene.header), self._paint("surface"))
        painter.setPen(QPen(self._paint("border"), 1))
        painter.drawLine(QPointF(0, scene.header), QPointF(width, scene.header))
        painter.drawLine(QPointF(scene.gutter, 0), QPointF(scene.gutter, scene.size.height()))
        painter.setClipRect(QRectF(scene.gutter, 0, scene.width, scene.header))
        metrics = QFontMetricsF(painter.font())
        today = scene.place(scene.now)
        flag = words.today_word()
        flag_box = QRectF(0, scene.unit, metrics.horizontalAdvance(flag) + scene.unit * 2,
                          scene.unit * 4.5)  # fmt: skip
        flag_box.moveCenter(QPointF(today, flag_box.center().y()))
        for tick in ticks(scene.span, scene.width, scene.unit * 18):
            place = scene.place(tick.moment.timestamp())
            painter.setPen(QPen(self._paint("outline"), 1))
            painter.drawLine(
                QPointF(place, scene.header - scene.unit), QPointF(place, scene.header)
            )
            painter.setPen(self._look.colour("text" if tick.first else "muted"))
            box = QRectF(place + 2, scene.header - scene.unit * 5, scene.unit * 17, scene.unit * 4)
            text = words.tick_label(tick)
            if box.left() + metrics.horizontalAdvance(text) < scene.size.width():
                painter.drawText(box, _LEFT, text)
        if scene.span.holds(scene.now):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._look.colour("accent"))
            flag_box.moveTop(0)
            painter.drawRoundedRect(flag_box, 3, 3)
            painter.setPen(self._look.colour("on_accent"))
            painter.drawText(flag_box, int(Qt.AlignmentFlag.AlignCenter), flag)
        painter.setClipping(False)

    def _draw_today(self, painter: QPainter, scene: Scene) -> None:
        place = scene.place(scene.now)
        painter.setPen(QPen(self._look.colour("accent"), 2))
        painter.drawLine(QPointF(place, scene.header), QPointF(place, float(scene.size.height())))

    def _draw_lane(self, painter: QPainter, scene: Scene, line: int, lane: Lane) -> None:
        for number, bar in enumerate(lane.bars):
            box = scene.bar_box(line, bar)
            if box.right() < scene.gutter or box.left() > scene.size.width():
                continue
            self._draw_bar(painter, scene, lane, bar, box)
            if (lane.row.id, number) in scene.picked:
                painter.setPen(QPen(self._look.colour("text"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 4, 4)
        self._draw_marks(painter, scene, line, lane)

    def _draw_bar(self, painter: QPainter, scene: Scene, lane: Lane, bar: Bar, box: QRectF) -> None:
        able = lane.row.state == ENABLED
        tone = self._look.colour("text")
        if lane.still:
            ink.draw_still(painter, self._look, box)
        else:
            ink.draw_condition(painter, self._look, box, bar.condition, able=able)
            if bar.condition == "current" and able:
                tone = self._look.colour("on_accent")
        text = words.bar_words(lane, bar)
        metrics = QFontMetricsF(painter.font())
        seen = box.intersected(QRectF(scene.gutter, box.top(), scene.width, box.height()))
        room = seen.width() - scene.unit * 4
        if room > scene.unit * 12:
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            place = seen.adjusted(scene.unit * 2, 0, -scene.unit * 2, 0)
            if not lane.still and bar.condition in {"former", "expired", "waiting", "elsewhere"}:
                width = metrics.horizontalAdvance(shown) + scene.unit
                ground = QRectF(
                    place.left() - scene.unit / 2, box.top() + 1, width, box.height() - 2
                )
                painter.fillRect(ground, self._paint("sunken"))
            painter.setPen(tone)
            painter.drawText(place, _LEFT, shown)

    def _draw_marks(self, painter: QPainter, scene: Scene, line: int, lane: Lane) -> None:
        top = scene.top(line)
        small = QFont(painter.font())
        small.setPointSizeF(small.pointSizeF() * 0.88)
        metrics = QFontMetricsF(small)
        free = float(scene.gutter)
        painter.save()
        painter.setFont(small)
        for number, mark in enumerate(lane.marks):
            place = scene.place(mark.moment)
            if not scene.gutter - 60 <= place <= scene.size.width() + 60:
                continue
            painter.setPen(ink.line_pen(self._look, mark.kind))
            painter.drawLine(
                QPointF(place, top + scene.unit * 3), QPointF(place, top + scene.unit * 10.5)
            )
            at = QPointF(place, top + scene.unit * 3)
            ink.draw_mark(painter, self._look, mark.kind, at, scene.unit * 2.2)
            following = self._following(scene, lane.marks, number)
            text = local_date(words.moment_of(mark))
            left = place + scene.unit * 2
            width = metrics.horizontalAdvance(text)
            if left >= free and left + width < following - scene.unit * 1.5:
                box = QRectF(left, top + scene.unit, width + 2, scene.unit * 3.6)
                # Over the line of the present it must stay readable.
                chosen = lane.row.id in scene.keys
                painter.fillRect(box, self._paint("selection" if chosen else "surface"))
                painter.setPen(self._look.colour(ink.TONES[mark.kind]))
                painter.drawText(box, _LEFT, text)
                free = left + width
        painter.restore()

    def _following(self, scene: Scene, marks: Sequence[Mark], number: int) -> float:
        later = [scene.place(mark.moment) for mark in marks if mark.moment > marks[number].moment]
        return min([*later, float(scene.size.width()) + 2 * scene.unit])

    def _draw_name(self, painter: QPainter, scene: Scene, line: int, lane: Lane) -> None:
        top, unit = scene.top(line), scene.unit
        size = self._look.icon_size
        mark = key_words.state_mark(lane.row.state)
        icon = self._look.icon(mark.icon, mark.tone)
        icon.paint(painter, unit * 3, top + unit * 2, size, size)
        left = unit * 4 + size
        room = scene.gutter - left - unit * 2
        painter.save()
        font = painter.font()
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._look.colour("text"))
        bold = QFontMetricsF(font)
        name = bold.elidedText(key_words.short_name(lane.row), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, top + unit * 1.5, room, unit * 4.5), _LEFT, name)
        painter.restore()
        painter.setPen(self._look.colour("muted"))
        plain = QFontMetricsF(painter.font())
        how = plain.elidedText(words.rotation_line(lane), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, top + unit * 6, room, unit * 4.5), _LEFT, how)
