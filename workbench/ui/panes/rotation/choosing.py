"""What is chosen on the time axis: a key and one of its bars, and the steps from there.

Knows lanes; knows no Qt.
"""

from collections.abc import Sequence

from workbench.ui.panes.rotation.lanes import Bar, Lane


class Chosen:
    """A key and the number of its bar; nothing at first."""

    def __init__(self) -> None:
        self.lanes: Sequence[Lane] = ()
        self.key = ""
        self.bar = 0
        self._lines: dict[str, int] = {}

    def show(self, lanes: Sequence[Lane]) -> None:
        """Choose among other lanes; what is chosen stays if it is there."""
        self.lanes = lanes
        self._lines = {lane.row.id: line for line, lane in enumerate(lanes)}
        if self.line is None:
            self.key, self.bar = "", 0

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

    def choose(self, key: str, bar: int = -1) -> bool:
        """Choose a bar of a key, the last by default; False if the key is not shown."""
        line = self._lines.get(key)
        if line is None:
            return False
        last = max(0, len(self.lanes[line].bars) - 1)
        self.key, self.bar = key, bar if 0 <= bar <= last else last
        return True

    def step_lane(self, step: int) -> None:
        """Go so many keys down, or up; not beyond the ends."""
        if self.lanes:
            line = self.line
            following = 0 if line is None else min(max(line + step, 0), len(self.lanes) - 1)
            self.choose(self.lanes[following].row.id)

    def step_bar(self, step: int) -> None:
        """Go so many materials on, or back; not beyond the ends."""
        line = self.line
        if line is not None and self.lanes[line].bars:
            last = len(self.lanes[line].bars) - 1
            self.choose(self.key, min(max(self.bar + step, 0), last))
