"""What lies at a place of the time axis. Knows scenes and words; knows no widget."""

from PySide6.QtCore import QPointF

from workbench.ui.panes.rotation import words
from workbench.ui.panes.rotation.lanes import Lane, Mark
from workbench.ui.panes.rotation.painting import Scene

_NEAR = 6


def bar_at(scene: Scene, lane: Lane, place: QPointF) -> int | None:
    """Return the number of the bar at a place of a lane."""
    if place.x() < scene.gutter:
        return None
    moment = scene.moment(place.x())
    near = scene.span.length / scene.width * _NEAR
    for number, bar in enumerate(lane.bars):
        if bar.start - near <= moment < bar.end + (near if bar.open_ended else 0):
            return number
    return None


def mark_at(scene: Scene, lane: Lane, place: QPointF) -> Mark | None:
    """Return the mark at a place of a lane, the latest if several are near."""
    if place.x() < scene.gutter:
        return None
    near = (mark for mark in lane.marks if abs(scene.place(mark.moment) - place.x()) <= _NEAR)
    return max(near, key=lambda mark: mark.moment, default=None)


def tip_at(scene: Scene, place: QPointF) -> str:
    """Return the tooltip of what is at a place; empty above the lanes and below them."""
    line = scene.line_at(place.y())
    if line is None:
        return ""
    lane = scene.lanes[line]
    mark = mark_at(scene, lane, place)
    if mark is not None:
        return words.mark_tip(lane, mark)
    bar = bar_at(scene, lane, place)
    return words.bar_tip(lane, lane.bars[bar]) if bar is not None else words.lane_words(lane)
