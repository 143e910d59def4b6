"""The time axis: which span of time is seen, and where its ticks are.

Owns the arithmetic between moments and pixels. Knows no Qt.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

HOUR: Final = 3600.0
DAY: Final = 86_400.0
SHORTEST: Final = 6 * HOUR
LONGEST: Final = 60 * 365 * DAY


@dataclass(frozen=True, slots=True)
class Span:
    """What is seen, in seconds since 1970.

    Attributes:
        start: the left edge.
        end: the right edge, later than `start`.
    """

    start: float
    end: float

    @property
    def length(self) -> float:
        """How much time is seen, in seconds."""
        return self.end - self.start

    def place(self, moment: float, width: float) -> float:
        """Return where a moment is on an axis `width` pixels long."""
        return (moment - self.start) / self.length * width

    def moment(self, place: float, width: float) -> float:
        """Return the moment at a place on an axis `width` pixels long."""
        return self.start + place / max(width, 1.0) * self.length

    def zoomed(self, factor: float, around: float) -> "Span":
        """Return a span `factor` times as long in which the moment `around` keeps its place."""
        length = min(max(self.length * factor, SHORTEST), LONGEST)
        share = (around - self.start) / self.length
        start = around - share * length
        return Span(start, start + length)

    def moved(self, seconds: float) -> "Span":
        """Return the span a while later, or earlier if negative."""
        return Span(self.start + seconds, self.end + seconds)

    def holds(self, moment: float) -> bool:
        """Whether a moment is seen."""
        return self.start <= moment <= self.end


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the axis.

    Attributes:
        moment: when, in local time.
        unit: what begins there: `hour`, `day`, `month` or `year`.
        first: whether a larger unit begins there as well.
    """

    moment: datetime
    unit: str
    first: bool = False


_STEPS: Final = (
    ("hour", 1, HOUR),
    ("hour", 6, 6 * HOUR),
    ("day", 1, DAY),
    ("day", 7, 7 * DAY),
    ("month", 1, 30 * DAY),
    ("month", 3, 91 * DAY),
    ("year", 1, 365 * DAY),
    ("year", 5, 1826 * DAY),
    ("year", 10, 3652 * DAY),
    ("year", 25, 9131 * DAY),
)


def ticks(span: Span, width: float, apart: float) -> list[Tick]:
    """Return the ticks of a span.

    Args:
        span: what is seen.
        width: length of the axis in pixels.
        apart: how far apart two ticks must at least be, in pixels.
    """
    seconds = apart / max(width, 1.0) * span.length
    unit, count, _ = next((step for step in _STEPS if step[2] >= seconds), _STEPS[-1])
    end = _local(span.end)
    return [
        Tick(moment, unit, _begins_larger(moment, unit, count))
        for moment in _moments(_local(span.start), unit, count, end)
    ]


def _local(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC).astimezone()


def _moments(start: datetime, unit: str, count: int, end: datetime) -> Iterator[datetime]:
    moment = _floor(start, unit, count)
    while moment <= end:
        if moment >= start:
            yield moment
        moment = _next(moment, unit, count)


def _floor(moment: datetime, unit: str, count: int) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "hour":
        return day.replace(hour=moment.hour - moment.hour % count)
    if unit == "day":
        return _rezoned(day - timedelta(days=day.weekday() if count == 7 else 0))
    if unit == "month":
        return _rezoned(day.replace(month=moment.month - (moment.month - 1) % count, day=1))
    return _rezoned(day.replace(year=max(1, moment.year - moment.year % count), month=1, day=1))


def _next(moment: datetime, unit: str, count: int) -> datetime:
    if unit == "hour":
        return (moment + timedelta(hours=count)).astimezone()
    if unit == "day":
        return _rezoned(moment + timedelta(days=count))
    if unit == "month":
        months = moment.month - 1 + count
        return _rezoned(moment.replace(year=moment.year + months // 12, month=months % 12 + 1))
    return _rezoned(moment.replace(year=moment.year + count))


def _rezoned(moment: datetime) -> datetime:
    """Return midnight of the same date by the zone's rule for that date."""
    return moment.replace(tzinfo=None).astimezone()


def _begins_larger(moment: datetime, unit: str, count: int) -> bool:
    if unit == "hour":
        return moment.hour == 0
    if unit == "day":
        return moment.day <= count
    return unit == "month" and moment.month == 1
