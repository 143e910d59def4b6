"""Keys as lanes on the time axis: bars of key material, marks of rotations, what is to come.

Owns what is drawn where in time; knows no Qt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.ui.panes.keys.inventory import AUTOMATIC, KeyRow, Material
from workbench.ui.panes.rotation.axis import DAY, Span

MarkKind = Literal["created", "automatic", "on-demand", "scheduled", "deletion"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One key material.

    Attributes:
        material: what it is.
        start: since when it is in use, in seconds since 1970.
        end: until when; for the current one until now, or the key's deletion.
        open_ended: whether it is still in use.
    """

    material: Material
    start: float
    end: float
    open_ended: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened or will happen at one moment."""

    kind: MarkKind
    moment: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One key on the axis."""

    row: KeyRow
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]

    @property
    def rotates(self) -> bool:
        """Whether its material can rotate."""
        return self.row.rotates


def lane_of(row: KeyRow, now: datetime) -> Lane:
    """Return a key's lane."""
    present = now.timestamp()
    bars: list[Bar] = []
    marks: list[Mark] = []
    for material in row.materials:
        if material.start is None:
            continue
        start = material.start.timestamp()
        end = material.end.timestamp() if material.end else max(present, start)
        bars.append(Bar(material, start, end, material.end is None))
        marks.append(Mark(_kind(material), start))
    if row.next_rotation is not None:
        marks.append(Mark("scheduled", row.next_rotation.timestamp()))
    if row.deletion is not None:
        marks.append(Mark("deletion", row.deletion.timestamp()))
    return Lane(row, tuple(bars), tuple(marks))


def lanes_of(rows: Sequence[KeyRow], now: datetime) -> list[Lane]:
    """Return the lanes of readable keys: those that rotate first, then by name."""
    readable = [row for row in rows if row.spec]
    readable.sort(key=lambda row: (not row.rotates, not row.names, row.title.casefold()))
    return [lane_of(row, now) for row in readable]


def extent(lanes: Sequence[Lane], now: datetime) -> Span:
    """Return the span that holds everything, with a margin; never less than a fortnight."""
    present = now.timestamp()
    moments = [mark.moment for lane in lanes for mark in lane.marks]
    start, end = min([present, *moments]), max([present, *moments])
    short = max(0.0, 14 * DAY - (end - start))
    return Span(start - short / 2, end + short / 2).padded(0.05)


def _kind(material: Material) -> MarkKind:
    if not material.kind:
        return "created"
    return "automatic" if material.kind == AUTOMATIC else "on-demand"
