"""The bar under the drawing that moves it through time: a slider, a date, the next change.

Owns which moment is chosen. What is true at that moment is `standing`'s.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from PySide6.QtCore import QDate, QDateTime, QPointF, QRectF, QSize, Qt, QTime, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QToolButton,
)

from workbench.ui.look import Look
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.standing import changes, neighbours
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.texts import date_format, local_date, number

_FARTHEST: Final = 40 * 365
"""Days from today, either way, that the slider reaches at most; the date field reaches all."""
_ROOM: Final = 30
_LAST: Final = int(datetime.max.replace(microsecond=0, tzinfo=UTC).timestamp())
_FIRST: Final = datetime.min.replace(tzinfo=UTC)


def noon(day: QDate) -> datetime:
    """Return the middle of a local day: what holds for most of it.

    East of Greenwich the last moment that certificates know is on a day that has no noon any more.
    """
    seconds = QDateTime(day, QTime(12, 0)).toSecsSinceEpoch()
    return datetime.fromtimestamp(min(seconds, _LAST), UTC)


def day_of(moment: datetime) -> QDate:
    """Return the local day of a moment."""
    return QDateTime.fromSecsSinceEpoch(int(moment.timestamp())).date()


class TimeSlider(QSlider):
    """Days from left to right, with a tick where certificates end.

    Args:
        look: colours and spacing.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._look = look
        self._ticks: dict[int, int] = {}
        self._today = 0
        self.setAccessibleName(self.tr("Day that the hierarchy is shown on"))
        self.setSingleStep(1)
        self.setPageStep(30)
        self.setMinimumWidth(look.unit * 24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_range(self, first: int, last: int, today: int, ticks: dict[int, int]) -> None:
        """Take other ends and ticks; all are days of one count.

        Args:
            first: leftmost day.
            last: rightmost day.
            today: which is today.
            ticks: how many certificates end on a day.
        """
        self._ticks, self._today = ticks, today
        self.setRange(first, last)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a height with room for ticks."""
        return QSize(self._look.unit * 80, self._look.unit * 9)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ticks over a groove, today's mark and the handle."""
        look, unit = self._look, self._look.unit
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base = self.height() - unit * 3.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tokens.border))
        painter.drawRoundedRect(
            QRectF(self._edge, base - unit / 2, self.width() - 2 * self._edge, unit), 2, 2
        )
        columns: dict[int, int] = {}
        for day, count in self._ticks.items():
            column = round(self._x(day))
            columns[column] = columns.get(column, 0) + count
        most = max(columns.values(), default=1)
        painter.setBrush(look.colour("danger"))
        for column, count in columns.items():
            tall = unit * (1.2 + 2.6 * count / most)
            painter.drawRect(QRectF(column - 0.75, base - unit * 0.8 - tall, 1.5, tall))
        today = self._x(self._today)
        painter.setPen(QPen(look.colour("accent"), 1.5))
        painter.drawLine(QPointF(today, unit * 0.5), QPointF(today, base + unit * 2))
        self._paint_handle(painter, base)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the day under the pointer."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        if self.isSliderDown():
            self._go(event)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    @property
    def _edge(self) -> float:
        return self._look.unit * 2.0

    def _x(self, day: int) -> float:
        span = max(1, self.maximum() - self.minimum())
        share = (day - self.minimum()) / span
        return self._edge + share * (self.width() - 2 * self._edge)

    def _go(self, event: QMouseEvent) -> None:
        share = (event.position().x() - self._edge) / max(1.0, self.width() - 2 * self._edge)
        share = min(1.0, max(0.0, share))
        self.setValue(self.minimum() + round(share * (self.maximum() - self.minimum())))

    def _paint_handle(self, painter: QPainter, base: float) -> None:
        unit, x = self._look.unit, self._x(self.value())
        size = unit * 1.7
        shape = QPolygonF(
            [
                QPointF(x, base - unit * 0.6),
                QPointF(x + size, base + size * 0.7),
                QPointF(x + size, base + size * 1.5),
                QPointF(x - size, base + size * 1.5),
                QPointF(x - size, base + size * 0.7),
            ]
        )
        ring = self._look.colour("accent" if self.hasFocus() else "muted")
        painter.setPen(QPen(ring, 2.5 if self.hasFocus() else 1.5))
        painter.setBrush(QColor(self._look.tokens.raised))
        painter.drawPolygon(shape)


class TimeBar(QFrame):
    """Chooses a moment.

    Args:
        look: colours and spacing.
        now: the clock.

    Signals:
        moved(object): another moment is chosen; None for now.
    """

    moved = Signal(object)

    def __init__(self, look: Look, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._look = look
        self._now = now
        self._changes: Sequence[datetime] = ()
        self._showing = False
        self.setProperty("role", "header")
        self.slider = TimeSlider(look)
        self.date = QDateEdit(day_of(now()))
        self.date.setDisplayFormat(date_format())
        self.date.setCalendarPopup(True)
        self.date.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.UpDownArrows)
        self.date.setAccessibleName(self.tr("Show as of this day"))
        self.date.setKeyboardTracking(False)
        self.today = push_button(self.tr("Today"), self.go_today, "flat")
        self.today.setToolTip(self.tr("Show the hierarchy as it is now"))
        self.before = self._arrow("chevron-left", self.tr("To the change before"), -1)
        self.after = self._arrow("chevron-right", self.tr("To the next change"), 1)
        self._words = label("", "muted")
        row = QHBoxLayout(self)
        unit = look.unit
        row.setContentsMargins(unit * 4, unit, unit * 4, unit)
        row.setSpacing(unit * 2)
        row.addWidget(label(self.tr("As of"), "muted"))
        row.addWidget(self.date)
        row.addWidget(self.before)
        row.addWidget(self.slider, 1)
        row.addWidget(self.after)
        row.addWidget(self.today)
        row.addWidget(self._words)
        self.slider.valueChanged.connect(self._slid)
        self.date.dateChanged.connect(self._go)
        self._tell()

    @property
    def moment(self) -> datetime | None:
        """The chosen moment; None for now."""
        day = self.date.date()
        return None if day == day_of(self._now()) else noon(day)

    def show_records(self, records: Iterable[Record]) -> None:
        """Take the certificates whose ends and changes are marked."""
        every = list(records)
        today = day_of(self._now()).toJulianDay()
        self._changes = changes(every)
        ends: dict[int, int] = {}
        for one in every:
            day = day_of(one.ends).toJulianDay()
            if abs(day - today) <= _FARTHEST:
                ends[day] = ends.get(day, 0) + 1
        days = [day_of(one.starts).toJulianDay() for one in every] + list(ends)
        first = max(min([today, *days]) - _ROOM, today - _FARTHEST)
        last = min(max([today, *days]) + _ROOM, today + _FARTHEST)
        self._showing = True
        self.slider.show_range(first, last, today, ends)
        self.slider.setValue(self.date.date().toJulianDay())
        self._showing = False
        self._tell()

    def go(self, moment: datetime) -> None:
        """Show the day of a moment."""
        self.date.setDate(day_of(moment))

    def go_today(self) -> None:
        """Show what is now."""
        self.date.setDate(day_of(self._now()))

    def _slid(self, day: int) -> None:
        if not self._showing:
            self.date.setDate(QDate.fromJulianDay(day))

    def _go(self, day: QDate) -> None:
        self._showing = True
        self.slider.setValue(day.toJulianDay())
        self._showing = False
        self._tell()
        self.moved.emit(self.moment)

    def _turn(self, way: int) -> None:
        """Go to the first day on which a change of another day shows."""
        shown = noon(self.date.date())
        before, after = neighbours(self._changes, shown)
        if way > 0 and after is not None:
            day = day_of(after)
            self.date.setDate(day if noon(day) >= after else day.addDays(1))
        elif way < 0 and before is not None and before > _FIRST:
            day = day_of(before - timedelta(microseconds=1))
            self.date.setDate(day if noon(day) < before else day.addDays(-1))

    def _arrow(self, icon: str, words: str, way: int) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "flat")
        self._look.dress(button, icon, "muted")
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(lambda _checked=False: self._turn(way))
        return button

    def _tell(self) -> None:
        day, now = self.date.date(), self._now()
        days = day_of(now).daysTo(day)
        self.today.setEnabled(bool(days))
        self._words.setVisible(bool(days))  # the button says it already
        if days > 0:
            self._words.setText(self.tr("in {n} days").format(n=number(days)))
        elif days:
            self._words.setText(self.tr("{n} days ago").format(n=number(-days)))
        shown = local_date(noon(day))
        self.slider.setAccessibleDescription(shown)
        self.slider.setToolTip(self.tr("As of noon on {date}").format(date=shown))
