"""Times, ages, sizes and counts in the person's locale.

The moment `now` always comes from the caller, who asks the bench's clock.
"""

import re
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QTimeZone

_DAY = 86_400
NOTHING = "\N{EN DASH}"
_LONGEST_HEADING: Final = 96
_BREAK: Final = "\N{ZERO WIDTH SPACE}"
_WORD: Final = re.compile(r"[^\s-]+")
_PIECE: Final = 24


def _tr(text: str, n: int = -1) -> str:
    return QCoreApplication.translate("texts", text, "", n)


def breakable(text: str, longest: int = 48) -> str:
    """Return a text whose long words may be broken, so that a label can wrap them.

    Args:
        text: plain text.
        longest: how many letters a word may have to stay whole; the longest name of an exception
            of AWS does by default.
    """

    def broken(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) <= longest:
            return word
        return _BREAK.join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))

    return _WORD.sub(broken, text)


def breakable_heading(text: str) -> str:
    """Return a heading that any label can wrap, with its middle left out if it is very long."""
    return breakable(shortened(text), _PIECE)


def shortened(text: str) -> str:
    """Return a heading with the middle left out where it would take many lines."""
    if len(text) <= _LONGEST_HEADING:
        return text
    return f"{text[: _LONGEST_HEADING - 30]}…{text[-29:]}"


def _qt(moment: datetime) -> QDateTime:
    seconds = round(moment.timestamp() * 1000)
    return QDateTime.fromMSecsSinceEpoch(seconds, QTimeZone.systemTimeZone())


def _no_locale() -> bool:
    # Qt's own short dates of the C locale are hard to read; ISO 8601 is not.
    return QLocale().language() is QLocale.Language.C


def local_time(moment: datetime | None) -> str:
    """Return a moment as local date and time, short; an en dash for none."""
    if moment is None:
        return NOTHING
    if _no_locale():
        return _qt(moment).toString("yyyy-MM-dd HH:mm")
    return QLocale().toString(_qt(moment), QLocale.FormatType.ShortFormat)


def date_time_format() -> str:
    """Return how `local_time` writes a moment, for fields in which one is chosen."""
    if _no_locale():
        return "yyyy-MM-dd HH:mm"
    return QLocale().dateTimeFormat(QLocale.FormatType.ShortFormat)


def date_format() -> str:
    """Return how `local_date` writes a day, for fields in which one is chosen."""
    if _no_locale():
        return "yyyy-MM-dd"
    return QLocale().dateFormat(QLocale.FormatType.ShortFormat)


def local_date(moment: datetime | None) -> str:
    """Return a moment as local date, short; an en dash for none."""
    if moment is None:
        return NOTHING
    if _no_locale():
        return _qt(moment).toString("yyyy-MM-dd")
    return QLocale().toString(_qt(moment).date(), QLocale.FormatType.ShortFormat)


def utc_time(moment: datetime | None) -> str:
    """Return a moment in UTC to the second, for tooltips; empty for none."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def age(moment: datetime | None, now: datetime) -> str:
    """Return how long ago or ahead a moment is: `3 days ago`, `in 2 hours`, `just now`."""
    if moment is None:
        return NOTHING
    seconds = (now - moment).total_seconds()
    span = duration(abs(seconds))
    if abs(seconds) < 60:
        return _tr("just now")
    return (
        _tr("{span} ago").format(span=span) if seconds > 0 else _tr("in {span}").format(span=span)
    )


def duration(seconds: float) -> str:
    """Return a span in its largest whole unit: `42 s`, `5 min`, `3 h`, `12 days`, `2 years`."""
    if seconds < 60:
        return _tr("{n} s").format(n=int(seconds))
    if seconds < 3600:
        return _tr("{n} min").format(n=int(seconds // 60))
    if seconds < _DAY:
        return _tr("{n} h").format(n=int(seconds // 3600))
    days = int(seconds // _DAY)
    if days < 730:
        return _tr("1 day") if days == 1 else _tr("{n} days").format(n=QLocale().toString(days))
    return _tr("{n} years").format(n=QLocale().toString(days // 365))


def countdown(seconds: float) -> str:
    """Return remaining time as `m:ss`."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02}"


def size(count: int) -> str:
    """Return a number of bytes for people: `1.4 MiB`."""
    return QLocale().formattedDataSize(count, 1)


def speed(bytes_per_second: float) -> str:
    """Return a throughput for people: `310.5 MiB/s`."""
    return _tr("{size}/s").format(size=size(int(bytes_per_second)))


def number(count: int) -> str:
    """Return a count with the locale's separators."""
    return QLocale().toString(count)


def elide(text: str, length: int = 24) -> str:
    """Return a long identifier with its middle left out."""
    half = (length - 1) // 2
    return text if len(text) <= length else f"{text[:half]}…{text[-half:]}"
