"""AWS Private CA's Validity: from a type and a value to a moment.

Source: AWS Private CA API Reference, Validity and IssueCertificate.
"""

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

HEAD_START: Final = timedelta(hours=1)
"""How long before the request a certificate starts, as AWS does, for clocks that are behind."""

_LATEST: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def not_before(validity: Mapping[str, Any] | None, now: datetime) -> datetime:
    """Return the first second of a certificate asked for at `now`.

    Raises:
        ValueError: a sentence; ValidityNotBefore may be ABSOLUTE only.
    """
    if validity is None:
        return now.replace(microsecond=0) - HEAD_START
    if validity["Type"] != "ABSOLUTE":
        raise ValueError("ValidityNotBefore must be of the type ABSOLUTE.")
    return _absolute(int(validity["Value"]))


def not_after(validity: Mapping[str, Any], now: datetime) -> datetime:
    """Return the last second of a certificate asked for at `now`.

    Raises:
        ValueError: a sentence; the value is no date, or beyond the year 9999.
    """
    value = int(validity["Value"])
    start = now.replace(microsecond=0)
    kind = validity["Type"]
    try:
        if kind == "DAYS":
            return start + timedelta(days=value)
        if kind == "MONTHS":
            return _months_later(start, value)
        if kind == "YEARS":
            return _months_later(start, 12 * value)
    except (OverflowError, ValueError) as error:
        raise ValueError("The validity ends after the year 9999.") from error
    return _absolute(value) if kind == "ABSOLUTE" else _end_date(value)


def _absolute(seconds: int) -> datetime:
    if seconds > _LATEST.timestamp():
        raise ValueError("The validity ends after the year 9999.")
    return datetime.fromtimestamp(seconds, UTC)


def _months_later(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > _LATEST.year:
        raise OverflowError
    last_day = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last_day))


def _end_date(value: int) -> datetime:
    """Read YYMMDDHHMMSS (years 1950 to 2049, as UTCTime) or YYYYMMDDHHMMSS."""
    digits = str(value)
    if len(digits) <= 12:
        digits = digits.zfill(12)
        digits = ("20" if digits < "50" else "19") + digits
    if len(digits) != 14:
        raise ValueError(f"{value} is not a date of the form YYYYMMDDHHMMSS or YYMMDDHHMMSS.")
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{value} is not a date of the calendar.") from error
