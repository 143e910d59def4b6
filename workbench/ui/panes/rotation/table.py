"""The same as the time axis, as a list: one line per key material. For those who prefer lists."""

from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication

from workbench.ui.panes.keys import words
from workbench.ui.panes.rotation.lanes import Bar, Lane
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.texts import NOTHING, duration, elide, local_date, utc_time

_FAR_AHEAD = datetime(9999, 1, 1, tzinfo=UTC)


def _tr(text: str) -> str:
    return QCoreApplication.translate("rotation", text)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key material of one key.

    Attributes:
        lane: the key.
        number: which of its bars.
    """

    lane: Lane
    number: int

    @property
    def bar(self) -> Bar:
        """The material."""
        return self.lane.bars[self.number]

    @property
    def id(self) -> str:
        """Identity of the line."""
        return entry_id(self.lane.row.id, self.number)


def entry_id(key: str, number: int) -> str:
    """Return the identity of a line."""
    return f"{key}#{number}"


def parse_entry_id(line: str) -> tuple[str, int]:
    """Return key id and number of the bar."""
    key, _, number = line.rpartition("#")
    return key, int(number)


def entries_of(lanes: list[Lane]) -> list[Entry]:
    """Return a line per material, the newest of each key first."""
    return [Entry(lane, n) for lane in lanes for n in reversed(range(len(lane.bars)))]


def entry_columns() -> tuple[Column[Entry], ...]:
    """Return the columns."""
    return (
        Column("key", _tr("Key"), lambda one: words.short_name(one.lane.row), width=20),
        Column(
            "state",
            _tr("Material"),
            _state,
            mark=_state_mark,
            tip=_state_tip,
            width=18,
        ),
        Column(
            "since",
            _tr("In use since"),
            lambda one: local_date(one.bar.material.start),
            key=lambda one: one.bar.start,
            tip=lambda one: utc_time(one.bar.material.start),
            width=13,
        ),
        Column(
            "until",
            _tr("Until"),
            _until,
            key=lambda one: one.bar.end,
            width=12,
        ),
        Column(
            "length",
            _tr("For"),
            lambda one: NOTHING if one.bar.waits else duration(one.bar.end - one.bar.start),
            key=lambda one: one.bar.end - one.bar.start,
            width=10,
        ),
        Column(
            "kind", _tr("How it came"), lambda one: words.rotation_kind(one.bar.material), width=14
        ),
        Column(
            "expires",
            _tr("Expires"),
            lambda one: words.expiry_words(one.bar.material) or NOTHING,
            key=lambda one: one.bar.material.expires or _FAR_AHEAD,
            tip=lambda one: utc_time(one.bar.material.expires),
            width=12,
        ),
        Column(
            "description",
            _tr("Description"),
            lambda one: one.bar.material.description or NOTHING,
            width=20,
            hidden=True,
        ),
        Column(
            "next",
            _tr("Next rotation"),
            _next,
            key=lambda one: one.lane.row.next_rotation or _FAR_AHEAD,
            width=14,
        ),
        Column(
            "id",
            _tr("Material ID"),
            lambda one: elide(one.bar.material.id, 16) or NOTHING,
            tip=lambda one: one.bar.material.id,
            mono=True,
            width=20,
        ),
    )


def also_searched(entry: Entry) -> str:
    """Return what the filter finds though no column says it."""
    row = entry.lane.row
    material = entry.bar.material
    return "\n".join((row.id, row.arn, row.spec, material.id, material.description, *row.names))


def _state(entry: Entry) -> str:
    if entry.lane.still:
        return _tr("Does not rotate")
    return words.condition_name(entry.bar.condition)


def _state_tip(entry: Entry) -> str:
    if entry.lane.still:
        return words.why_no_rotation(entry.lane.row)
    return words.condition_tip(entry.bar.condition)


def _state_mark(entry: Entry) -> Mark:
    if entry.lane.still:
        return Mark("pause", "muted")
    return words.condition_mark(entry.bar.condition)


def _until(entry: Entry) -> str:
    if entry.bar.waits:
        return NOTHING
    end = entry.bar.material.end
    return local_date(end) if end else _tr("now")


def _next(entry: Entry) -> str:
    return (words.rotation_words(entry.lane.row) or NOTHING) if entry.bar.open_ended else NOTHING
