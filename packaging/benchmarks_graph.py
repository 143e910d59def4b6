"""What drawing a hierarchy of 5,000 certificates costs: from records to the screen, and a pan.

Part of packaging/bench. Records stand for certificates, so that layout and paint alone are
measured; reading and verifying certificates is another matter.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.fakes.hierarchies import big_collection
from workbench.ui.app import make_application
from workbench.ui.look import Look
from workbench.ui.panes.certificates.drawing import draw
from workbench.ui.panes.certificates.outline import Kin
from workbench.ui.panes.certificates.tree_view import TreeView

COUNT = 5_000
SCALES = (0.05, 0.15, 0.3, 0.35, 0.5, 0.8, 1.0)
STEPS = 30
SIZE = (1600, 1000)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Cost(NamedTuple):
    """Seconds to lay out and show everything, milliseconds a frame by scale, and for a date."""

    drawn: list[float]
    frames: dict[float, list[float]]
    worst: dict[float, list[float]]
    moved: list[float]


def graph_costs(repeats: int) -> Cost:
    """Lay out, show whole and pan at every scale, `repeats` times."""
    application = make_application()
    look = Look(application, "light")
    collection = big_collection(COUNT, NOW)
    cost = Cost([], {scale: [] for scale in SCALES}, {scale: [] for scale in SCALES}, [])
    for _ in range(repeats):
        view = TreeView(look, "hierarchy")
        view.resize(*SIZE)
        view.show()
        application.processEvents()
        start = time.perf_counter()
        drawing = draw(Kin(collection))
        view.show_drawing(drawing, collection.standings(NOW), NOW)
        view.fit()
        view.viewport().grab()
        cost.drawn.append(time.perf_counter() - start)
        if len(drawing.cards) != COUNT:
            raise SystemExit("not every certificate was drawn")
        for scale in SCALES:
            times = _pan(view, scale)
            cost.frames[scale].append(1000 * statistics.median(times))
            cost.worst[scale].append(1000 * max(times))
        cost.moved.append(_move(view))
        view.close()
        view.deleteLater()
    return cost


def _pan(view: TreeView, scale: float) -> list[float]:
    """Return seconds for each whole repaint while panning; what a screen does is less."""
    view.zoom(scale / view.scale_now)
    view.choose("")
    view.centerOn(view.sceneRect().center())
    view.viewport().grab()
    across, down = view.horizontalScrollBar(), view.verticalScrollBar()
    times = []
    for step in range(STEPS):
        across.setValue(across.value() + (24 if step % 2 else -17))
        down.setValue(down.value() + 19)
        start = time.perf_counter()
        view.viewport().grab()
        times.append(time.perf_counter() - start)
    return times


def _move(view: TreeView) -> float:
    """Return milliseconds to show everything as of another day."""
    view.fit()
    later = NOW + timedelta(days=400)
    collection = big_collection(COUNT, NOW)
    start = time.perf_counter()
    view.show_moment(collection.standings(later), later)
    view.viewport().grab()
    return 1000 * (time.perf_counter() - start)
