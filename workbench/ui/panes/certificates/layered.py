"""Layered layout of a graph that is no tree, by fast-sugiyama; and circles cut before.

Knows nodes by name only. fast-sugiyama never returns from some graphs with circles, so what it is
given never has one. Source: Sugiyama, Tagawa, Toda 1981; Brandes, Köpf 2002 for the columns.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Final

Arrow = tuple[str, str]

_LARGEST: Final = 2_000
"""Nodes up to which the library is asked: beyond, its time grows faster than their number."""

_SWEEPS: Final = 4

_log = logging.getLogger(__name__)


def cut_circles(names: Sequence[str], arrows: Collection[Arrow]) -> tuple[set[Arrow], set[Arrow]]:
    """Part arrows into those that make no circle and those that close one.

    Args:
        names: every node, in the order in which the search begins at them.
        arrows: from upper to lower node; none from a node to itself.
    """
    below: dict[str, list[str]] = {name: [] for name in names}
    for upper, lower in sorted(arrows):
        below[upper].append(lower)
    entered: set[str] = set()
    done: set[str] = set()
    back: set[Arrow] = set()
    for start in names:
        stack = [] if start in entered else [(start, iter(below[start]))]
        entered.add(start)
        while stack:
            name, lowers = stack[-1]
            lower = next(lowers, "")
            if not lower:
                done.add(name)
                stack.pop()
            elif lower not in entered:
                entered.add(lower)
                stack.append((lower, iter(below[lower])))
            elif lower not in done:
                back.add((name, lower))
    return set(arrows) - back, back


def depths(names: Collection[str], arrows: Collection[Arrow]) -> dict[str, int]:
    """Return for every node of a graph without circles the longest way to it from a top."""
    below: dict[str, list[str]] = {name: [] for name in names}
    waits = dict.fromkeys(names, 0)
    for upper, lower in arrows:
        below[upper].append(lower)
        waits[lower] += 1
    found = {name: 0 for name, count in waits.items() if not count}
    ready = list(found)
    for name in ready:
        for lower in below[name]:
            found[lower] = max(found.get(lower, 0), found[name] + 1)
            waits[lower] -= 1
            if not waits[lower]:
                ready.append(lower)
    return found


def columns(
    names: Sequence[str], arrows: Collection[Arrow], widths: Mapping[str, float], gap: float
) -> tuple[dict[str, float], dict[str, int]] | None:
    """Return middles and layers of one connected graph without circles; None if it cannot.

    Args:
        names: the nodes.
        arrows: from upper to lower node.
        widths: how wide each is.
        gap: between neighbours.
    """
    if len(names) > _LARGEST or not arrows:
        return None
    number = {name: place for place, name in enumerate(names)}
    found = _ask([(number[upper], number[lower]) for upper, lower in sorted(arrows)], len(names))
    if found is None:
        return None
    places = {name: found[number[name]] for name in names}
    heights = sorted({height for _, height in places.values()}, reverse=True)
    level = {height: number for number, height in enumerate(heights)}
    middles = _Columns(places, widths, gap).settle(arrows)
    return middles, {name: level[height] for name, (_, height) in places.items()}


def _ask(arrows: list[tuple[int, int]], count: int) -> dict[int, tuple[float, float]] | None:
    """Return column and layer of each node, in steps of one; None if there is no library."""
    try:
        from fast_sugiyama import from_edges  # noqa: PLC0415 - only for graphs that need it
    except ImportError:
        _log.warning("fast-sugiyama cannot be loaded: the hierarchy is drawn as a plain tree")
        return None
    layouts = from_edges(arrows, vertex_spacing=1.0, crossing_minimization="barycenter")
    if len(layouts) != 1:
        return None
    placed = {int(name): (float(x), float(y)) for name, (x, y) in layouts[0][0]}
    return {name: placed[name] for name in range(count)} if len(placed) >= count else None


class _Columns:
    """Makes room for nodes of different widths, in the order that the library found.

    Args:
        places: column and layer of each node, in steps of one.
        widths: how wide each is.
        gap: between neighbours of a layer.
    """

    def __init__(
        self, places: Mapping[str, tuple[float, float]], widths: Mapping[str, float], gap: float
    ) -> None:
        self._widths = widths
        self._gap = gap
        self._layers: dict[float, list[str]] = {}
        for name in sorted(places, key=places.__getitem__):
            self._layers.setdefault(places[name][1], []).append(name)
        self._middle: dict[str, float] = {}
        step = min(widths.values()) + gap
        for layer in self._layers.values():
            edge = float("-inf")
            for name in layer:
                half = widths[name] / 2
                self._middle[name] = max(places[name][0] * step, edge + half)
                edge = self._middle[name] + half + gap

    def settle(self, arrows: Collection[Arrow]) -> dict[str, float]:
        """Draw each node towards what it is joined with, and return the middles."""
        upper: dict[str, list[str]] = {}
        lower: dict[str, list[str]] = {}
        for one, other in arrows:
            upper.setdefault(other, []).append(one)
            lower.setdefault(one, []).append(other)
        downwards = [self._layers[key] for key in sorted(self._layers, reverse=True)]
        for _ in range(_SWEEPS):
            for layer in reversed(downwards):
                self._draw(layer, lower)
            for layer in downwards:
                self._draw(layer, upper)
        for layer in reversed(downwards):
            self._draw(layer, lower)
        return self._middle

    def _draw(self, layer: Sequence[str], joined: Mapping[str, Sequence[str]]) -> None:
        for place in (*range(len(layer)), *reversed(range(len(layer)))):
            name = layer[place]
            if name not in joined:
                continue
            others = [self._middle[one] for one in joined[name]]
            wished = (min(others) + max(others)) / 2
            least = self._limit(layer, place, -1)
            most = self._limit(layer, place, 1)
            self._middle[name] = min(max(wished, least), most)

    def _limit(self, layer: Sequence[str], place: int, side: int) -> float:
        other = place + side
        if not 0 <= other < len(layer):
            return side * float("inf")
        away = (self._widths[layer[place]] + self._widths[layer[other]]) / 2 + self._gap
        return self._middle[layer[other]] - side * away
