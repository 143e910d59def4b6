"""Where the cards of an outline go: trees tidily, other graphs in layers, families in blocks.

Coordinates are in units of the look's spacing step, so that one layout serves every font. Takes
time in proportion to what is drawn, but for graphs with circles and cross-signs. Knows no Qt.
"""

import math
from collections import defaultdict
from collections.abc import Collection as Many
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workbench.ui.panes.certificates.layered import Arrow, columns, depths
from workbench.ui.panes.certificates.outline import Group, Outline

CARD_WIDTH: Final = 66.0
CARD_HEIGHT: Final = 27.0
GAP: Final = 8.0
"""Between neighbours."""
DROP: Final = 16.0
"""Between an issuer and what is below it."""
INNER: Final = 4.0
"""Between cards that stand together, and between them and their frame."""
HEAD: Final = 7.0
"""Height of a frame's heading."""

_CELL: Final = 16.0
_BUSY: Final = 4
"""Families side by side from which on each is drawn narrow."""
_SHAPE: Final = 1.8
"""Width over height that several hierarchies together should have."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float = CARD_WIDTH
    height: float = CARD_HEIGHT

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Half way between left and right."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Size:
    """How a group is drawn: so many cards across and down, framed or not."""

    across: int
    down: int
    framed: bool

    @property
    def width(self) -> float:
        """In units."""
        inner = self.across * CARD_WIDTH + (self.across - 1) * INNER
        return inner + 2 * INNER if self.framed else inner

    @property
    def height(self) -> float:
        """In units."""
        inner = self.down * CARD_HEIGHT + (self.down - 1) * INNER
        return inner + 2 * INNER + HEAD if self.framed else inner

    def card(self, place: int, frame: Box) -> Box:
        """Return where a group's card is, by its number."""
        edge = INNER if self.framed else 0.0
        top = HEAD if self.framed else 0.0
        column, row = place % self.across, place // self.across
        return Box(
            frame.x + edge + column * (CARD_WIDTH + INNER),
            frame.y + edge + top + row * (CARD_HEIGHT + INNER),
        )


@dataclass(frozen=True, slots=True)
class Placing:
    """Where everything is.

    Attributes:
        frames: by group, all of its cards with their frame.
        sizes: by group.
    """

    frames: Mapping[str, Box]
    sizes: Mapping[str, Size]


def place(drawn: Outline) -> Placing:
    """Return a place for every group: issuers above what they signed, nothing over another."""
    families = sum(group.family for group in drawn.groups.values())
    sizes = {name: size_of(group, busy=families > _BUSY) for name, group in drawn.groups.items()}
    parts = _parts(drawn)
    number = {name: place for place, names in enumerate(parts) for name in names}
    arrows: list[set[Arrow]] = [set() for _ in parts]
    for arrow in drawn.arrows:
        arrows[number[arrow[0]]].add(arrow)
    boxes = [
        _place_part(drawn, names, sizes, mine) for names, mine in zip(parts, arrows, strict=True)
    ]
    return Placing(_pack(boxes), sizes)


def size_of(group: Group, *, busy: bool) -> Size:
    """Return how many cards across and down a group is drawn."""
    count = len(group.members) + bool(group.hidden)
    if count == 1 and not group.family:
        return Size(1, 1, framed=False)
    if not group.family:
        across = min(count, 3)
    elif busy:
        across = max(2, round(0.4 * math.sqrt(count)))
    else:
        across = max(3, round(0.75 * math.sqrt(count)))
    return Size(across, math.ceil(count / across), framed=True)


def _parts(drawn: Outline) -> list[dict[str, None]]:
    """Return the groups part by connected part, in the order in which they are named."""
    joined: dict[str, list[str]] = defaultdict(list)
    for upper, lower in drawn.arrows:
        joined[upper].append(lower)
        joined[lower].append(upper)
    found: list[dict[str, None]] = []
    seen: set[str] = set()
    order = {name: number for number, name in enumerate(drawn.groups)}
    for name in drawn.groups:
        if name in seen:
            continue
        part, waiting = [], [name]
        seen.add(name)
        while waiting:
            one = waiting.pop()
            part.append(one)
            for other in joined[one]:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        found.append(dict.fromkeys(sorted(part, key=order.__getitem__)))
    # The largest first: what is small and strange does not push the hierarchy aside.
    return sorted(found, key=lambda part: -sum(len(drawn.groups[one].members) for one in part))


def _place_part(
    drawn: Outline,
    names: Mapping[str, None],
    sizes: Mapping[str, Size],
    arrows: Many[Arrow],
) -> dict[str, Box]:
    if len(names) == 1:
        return {name: Box(0.0, 0.0, sizes[name].width, sizes[name].height) for name in names}
    widths = {name: sizes[name].width for name in names}
    layers = None
    if len(arrows) != len(names) - 1:
        layers = columns(list(names), arrows, widths, GAP)
    if layers is None:
        layers = _tidy(list(names), drawn.hangs, widths), depths(names, arrows)
    return _rows(*layers, sizes)


def _tidy(
    names: Sequence[str], hangs: Mapping[str, str], widths: Mapping[str, float]
) -> dict[str, float]:
    """Return the middle of every node of a tree: each above the middle of what hangs below it."""
    below: dict[str, list[str]] = defaultdict(list)
    tops = []
    for name in names:
        if name in hangs:
            below[hangs[name]].append(name)
        else:
            tops.append(name)
    room: dict[str, float] = {}
    order: list[str] = list(tops)
    for name in order:
        order.extend(below[name])
    for name in reversed(order):
        lower = sum(room[one] + GAP for one in below[name]) - GAP
        room[name] = max(widths[name], lower)
    middles: dict[str, float] = {}
    left = {}
    position = 0.0
    for name in tops:
        left[name] = position
        position += room[name] + GAP
    for name in order:
        middles[name] = left[name] + room[name] / 2
        width = sum(room[one] + GAP for one in below[name]) - GAP
        start = left[name] + (room[name] - width) / 2
        for one in below[name]:
            left[one] = start
            start += room[one] + GAP
    return middles


def _rows(
    middles: Mapping[str, float], levels: Mapping[str, int], sizes: Mapping[str, Size]
) -> dict[str, Box]:
    """Give every layer its height: below everything above it that it stands under."""
    by_level: dict[int, list[str]] = defaultdict(list)
    for name, level in levels.items():
        by_level[level].append(name)
    least = min(middles[name] - sizes[name].width / 2 for name in middles)
    skyline: dict[int, float] = {}
    boxes: dict[str, Box] = {}
    top = 0.0
    for level in sorted(by_level):
        spans = {}
        for name in by_level[level]:
            left = middles[name] - sizes[name].width / 2 - least
            spans[name] = range(
                math.floor((left - GAP / 2) / _CELL),
                math.floor((left + sizes[name].width + GAP / 2) / _CELL) + 1,
            )
            over = max((skyline.get(cell, 0.0) for cell in spans[name]), default=0.0)
            top = max(top, over + DROP if over else 0.0)
        for name in by_level[level]:
            size = sizes[name]
            boxes[name] = Box(middles[name] - size.width / 2 - least, top, size.width, size.height)
            for cell in spans[name]:
                skyline[cell] = max(skyline.get(cell, 0.0), boxes[name].bottom)
        top += CARD_HEIGHT + DROP
    return boxes


def _pack(parts: Sequence[Mapping[str, Box]]) -> dict[str, Box]:
    """Put several hierarchies side by side, in shelves where they would be a long line."""
    widths = [max(box.right for box in part.values()) for part in parts]
    heights = [max(box.bottom for box in part.values()) for part in parts]
    area = sum(
        (width + GAP) * (height + DROP) for width, height in zip(widths, heights, strict=True)
    )
    widest = max([4 * CARD_WIDTH, *widths, math.sqrt(area * _SHAPE)])
    found: dict[str, Box] = {}
    x = y = tallest = 0.0
    for part, width, height in zip(parts, widths, heights, strict=True):
        if x and x + width > widest:
            x, y, tallest = 0.0, y + tallest + DROP * 1.5, 0.0
        for name, box in part.items():
            found[name] = Box(box.x + x, box.y + y, box.width, box.height)
        x += width + GAP * 2
        tallest = max(tallest, height)
    return found
