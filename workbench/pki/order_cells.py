"""Cells of a table of certificates: text, names, dates, each checked for what it is to be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from workbench.pki.names import attribute
from workbench.pki.passthrough import general_name

_LONGEST: Final = 1024
_MOST_NAMES: Final = 100
_FORMULA: Final = tuple("=+-@\t\r")
_SEPARATORS: Final = re.compile(r"[\s;|]+")
_KINDS: Final = {"dns": "DnsName", "ip": "IpAddress", "email": "Rfc822Name",
                 "uri": "UniformResourceIdentifier"}  # fmt: skip


class BadCell(ValueError):
    """A cell that cannot be used; the text is a sentence.

    Args:
        column: the column's name.
        sentence: what is wrong.
    """

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


@dataclass(frozen=True, slots=True)
class Cells:
    """One row's cells that are not blank.

    Attributes:
        line: where the row begins.
        given: texts by column.
    """

    line: int
    given: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return a cell's text, or nothing where it is blank.

        An apostrophe that keeps a spreadsheet from taking the text for a formula is taken away.

        Raises:
            BadCell: it is a formula, has control characters, or is too long.
        """
        text = self.given.get(column, "").strip(" ")
        if text.startswith("'") and text[1:].startswith(_FORMULA):
            text = text[1:]
        elif text.startswith(_FORMULA):
            raise BadCell(
                column,
                "The cell begins like a formula of a spreadsheet: put an apostrophe before it if "
                "it is meant as text.",
            )
        if not text.isprintable():
            raise BadCell(column, "The cell has control characters or line breaks.")
        if len(text) > _LONGEST:
            raise BadCell(column, f"The cell has more than {_LONGEST} characters.")
        return text


def subject_of(cells: Cells, columns: Mapping[str, str]) -> dict[str, str]:
    """Return AWS's ASN1Subject of a row.

    Args:
        cells: the row.
        columns: ASN1Subject's members by column.

    Raises:
        BadCell: a value does not fit its attribute.
    """
    subject: dict[str, str] = {}
    for column, member in columns.items():
        value = cells.text(column)
        if not value:
            continue
        try:
            attribute(member, value)
        except ValueError as error:
            raise BadCell(column, f"The value does not fit: {error}.") from None
        subject[member] = value
    return subject


def alternative_names(cells: Cells) -> tuple[Mapping[str, Any], ...]:
    """Return a row's alternative names as AWS's GeneralNames, each once.

    The columns `dns`, `ip`, `email` and `uri` take several, separated by blanks, semicolons or
    bars; the column `san` the same with their kind before them, as `DNS:a.example`.

    Raises:
        BadCell: a name is none of its kind.
    """
    found = list(dict.fromkeys(_alternative_names(cells)))
    if len(found) > _MOST_NAMES:
        raise BadCell("san", f"A certificate has at most {_MOST_NAMES} alternative names.")
    for column, kind, value in found:
        try:
            general_name({_KINDS[kind]: value})
        except ValueError as error:
            raise BadCell(column, f"“{value}” is no alternative name: {error}.") from None
    return tuple({_KINDS[kind]: value} for _, kind, value in found)


def _alternative_names(cells: Cells) -> Iterator[tuple[str, str, str]]:
    for column in _KINDS:
        for value in filter(None, _SEPARATORS.split(cells.text(column))):
            yield column, column, value
    for item in filter(None, _SEPARATORS.split(cells.text("san"))):
        kind, colon, value = item.partition(":")
        plain = kind.lower()
        if not colon or plain not in _KINDS or not value:
            raise BadCell(
                "san", f"“{item}” has no kind: write DNS:, IP:, email: or URI: before it."
            )
        yield "san", plain, value


def validity_of(cells: Cells, days: int) -> dict[str, Any]:
    """Return AWS's Validity of a row.

    Args:
        cells: the row; its column `days` or `not_after` counts.
        days: the validity where it has neither.

    Raises:
        BadCell: it is no number of days, no date, or both are given.
    """
    number, end = cells.text("days"), cells.text("not_after")
    if number and end:
        raise BadCell("not_after", "The row has both days and an end.")
    if end:
        return {"Type": "ABSOLUTE", "Value": int(_moment(end).timestamp())}
    if not number:
        return {"Type": "DAYS", "Value": days}
    if not (number.isascii() and number.isdigit() and 1 <= len(number) <= 5 and int(number)):
        raise BadCell("days", "Days are a whole number of 1 to 99999.")
    return {"Type": "DAYS", "Value": int(number)}


def _moment(text: str) -> datetime:
    """Return the moment a text names; a date ends with its last second, in UTC."""
    try:
        if len(text) == len("2026-01-31"):
            moment = datetime.combine(date.fromisoformat(text), time(23, 59, 59), UTC)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadCell("not_after", "A date is written as 2026-01-31 or 2026-01-31T12:00.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment.year < 1970:
        raise BadCell("not_after", "The date is before 1970.")
    return moment
