"""What is chosen on the time axis: a key and one of its bars, others too, and steps from there.

Knows lanes; knows no Qt.
"""

from collections.abc import Iterable, Sequence

from workbench.ui.panes.rotation.lanes import Bar, Lane

Place = tuple[str, int]
"""A key's id and the number of its bar."""


class Chosen:
    """A key and the number of its bar, and others with it; nothing at first."""

    def __init__(self) -> None:
        self.lanes: Sequence[Lane] = ()
        self.key = ""
        self.bar = 0
        self._others: set[Place] = set()
        self._anchor = ""
        self._lines: dict[str, int] = {}

    def show(self, lanes: Sequence[Lane]) -> None:
        """Choose among other lanes; what is chosen stays if it is there."""
        self.lanes = lanes
        self._lines = {lane.row.id: line for line, lane in enumerate(lanes)}
        self._others = {
            (key, bar)
            for key, bar in self._others
            if key in self._lines and bar < len(lanes[self._lines[key]].bars)
        }
        if self.line is None:
            self.key, self.bar = min(self._others, default=("", 0))
        elif self.selected is not None:
            self.bar = min(self.bar, len(lanes[self._lines[self.key]].bars) - 1)

    @property
    def line(self) -> int | None:
        """The number of the chosen lane."""
        return self._lines.get(self.key)

    @property
    def selected(self) -> tuple[Lane, Bar] | None:
        """The chosen bar and its lane."""
        line = self.line
        if line is None or not self.lanes[line].bars:
            return None
        lane = self.lanes[line]
        return lane, lane.bars[min(self.bar, len(lane.bars) - 1)]

    @property
    def places(self) -> tuple[Place, ...]:
        """Everything chosen, in the order of the lanes."""
        if self.line is None:
            return ()
        every = {*self._others, (self.key, self.bar)}
        return tuple(sorted(every, key=lambda place: (self._lines[place[0]], place[1])))

    @property
    def picked(self) -> list[tuple[Lane, Bar]]:
        """Every chosen bar and its lane, in the order of the lanes."""
        found = []
        for key, bar in self.places:
            lane = self.lanes[self._lines[key]]
            if lane.bars:
                found.append((lane, lane.bars[min(bar, len(lane.bars) - 1)]))
        return found

    def choose(self, key: str, bar: int = -1) -> bool:
        """Choose a bar of a key alone, the current one by default; False if it is not shown."""
        line = self._lines.get(key)
        if line is None:
            return False
        self._others.clear()
        self._go_to(line, bar)
        self._anchor = key
        return True

    def choose_all(self, places: Iterable[Place]) -> None:
        """Choose these; the first of them leads unless the one that leads now is among them."""
        known = [place for place in places if place[0] in self._lines]
        if not known:
            return
        if (self.key, self.bar) not in known:
            self.key, self.bar = known[0]
            self._anchor = self.key
        self._others = set(known)

    def toggle(self, key: str, bar: int = -1) -> bool:
        """Choose a bar as well, or no longer; the last one stays. False if it is not shown."""
        line = self._lines.get(key)
        if line is None:
            return False
        place = (key, bar if bar >= 0 else self.lanes[line].main)
        if self.line is not None:
            self._others.add((self.key, self.bar))
        if place in self._others and len(self._others) > 1:
            self._others.discard(place)
            if place == (self.key, self.bar):
                self.key, self.bar = min(self._others)
        else:
            self._others.add(place)
            self.key, self.bar = place
        self._anchor = self.key
        return True

    def extend_to(self, key: str) -> bool:
        """Choose the keys from where choosing began to this one, each by its current bar."""
        line = self._lines.get(key)
        if line is None:
            return False
        first = self._lines.get(self._anchor, line)
        lanes = self.lanes[min(first, line) : max(first, line) + 1]
        self._others = {(lane.row.id, lane.main) for lane in lanes}
        self.key, self.bar = key, self.lanes[line].main
        return True

    def step_lane(self, step: int, *, extend: bool = False) -> None:
        """Go so many keys down, or up; not beyond the ends."""
        if self.lanes:
            line = self.line
            following = 0 if line is None else min(max(line + step, 0), len(self.lanes) - 1)
            key = self.lanes[following].row.id
            if extend:
                self.extend_to(key)
            else:
                self.choose(key)

    def step_bar(self, step: int) -> None:
        """Go so many materials on, or back; not beyond the ends."""
        line = self.line
        if line is not None and self.lanes[line].bars:
            last = len(self.lanes[line].bars) - 1
            self.choose(self.key, min(max(self.bar + step, 0), last))

    def _go_to(self, line: int, bar: int) -> None:
        lane = self.lanes[line]
        last = max(0, len(lane.bars) - 1)
        self.key, self.bar = lane.row.id, bar if 0 <= bar <= last else lane.main
