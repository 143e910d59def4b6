"""Keys as lanes on the time axis: bars of key material, marks of rotations, what is to come.

Owns what is drawn where in time; knows no Qt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.materials import AUTOMATIC, Condition, Material
from workbench.ui.panes.rotation.axis import DAY, Span

MarkKind = Literal["created", "automatic", "on-demand", "scheduled", "expiry", "deletion"]

_SHARE_AHEAD: Final = 0.12
_LEAST_AHEAD: Final = 30 * DAY
_MARGIN: Final = 0.05
_ROOM_FOR_DATE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Bar:
    """One key material.

    Attributes:
        material: what it is.
        start: since when it is in use, in seconds since 1970; of one that waits the present.
        end: until when; for the current one until now. One that waits reaches into the future.
        open_ended: whether it is still in use.
        condition: what it is good for at present.
    """

    material: Material
    start: float
    end: float
    open_ended: bool
    condition: Condition = "current"

    @property
    def waits(self) -> bool:
        """Whether the key was not rotated to it yet."""
        return self.material.start is None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened or will happen at one moment.

    Attributes:
        kind: what.
        moment: when, in seconds since 1970.
        material: which material it befalls; None if the whole key.
    """

    kind: MarkKind
    moment: float
    material: Material | None = None


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

    @property
    def still(self) -> bool:
        """Whether nothing ever happens to its material: it neither rotates nor is imported."""
        return not (self.row.rotates or self.row.external)

    @property
    def main(self) -> int:
        """The number of the bar that stands for the key: the current one, or the last."""
        for number in reversed(range(len(self.bars))):
            if not self.bars[number].waits:
                return number
        return max(0, len(self.bars) - 1)


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
        bars.append(Bar(material, start, end, material.end is None, material.condition(now)))
        marks.append(Mark(_kind(material), start, material))
    bars += _waiting(row, bars, now)
    marks += [
        Mark("expiry", bar.material.expires.timestamp(), bar.material)
        for bar in bars
        if bar.material.expires is not None
    ]
    if row.next_rotation is not None:
        marks.append(Mark("scheduled", row.next_rotation.timestamp()))
    if row.deletion is not None:
        marks.append(Mark("deletion", row.deletion.timestamp()))
    marks.sort(key=lambda mark: mark.moment)
    return Lane(row, tuple(bars), tuple(marks))


def lanes_of(rows: Sequence[KeyRow], now: datetime) -> list[Lane]:
    """Return the lanes of readable keys: those that rotate first, then by name."""
    readable = [row for row in rows if row.spec]
    readable.sort(key=lambda row: (not row.rotates, not row.names, row.title.casefold()))
    return [lane_of(row, now) for row in readable]


def extent(lanes: Sequence[Lane], now: datetime) -> Span:
    """Return the span that holds everything, with room for the last date; at least a fortnight."""
    present = now.timestamp()
    moments = [mark.moment for lane in lanes for mark in lane.marks]
    moments += [bar.end for lane in lanes for bar in lane.bars]
    start, end = min([present, *moments]), max([present, *moments])
    short = max(0.0, 14 * DAY - (end - start))
    whole = Span(start - short / 2, end + short / 2)
    return Span(whole.start - whole.length * _MARGIN, whole.end + whole.length * _ROOM_FOR_DATE)


def _waiting(row: KeyRow, begun: Sequence[Bar], now: datetime) -> list[Bar]:
    """Return the bars of materials that wait: from now on, as far as is easily seen."""
    present = now.timestamp()
    oldest = min((bar.start for bar in begun), default=present)
    ahead = max(_LEAST_AHEAD, (present - oldest) * _SHARE_AHEAD)
    bars: list[Bar] = []
    for material in row.materials:
        if material.start is None:
            start = bars[-1].end if bars else present
            bars.append(Bar(material, start, start + ahead, False, material.condition(now)))
    return bars


def _kind(material: Material) -> MarkKind:
    if not material.kind:
        return "created"
    return "automatic" if material.kind == AUTOMATIC else "on-demand"
