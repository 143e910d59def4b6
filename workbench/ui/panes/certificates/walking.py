"""The ways about a drawing by keyboard: along edges, within blocks, to roots.

Knows a `Drawing`; knows no Qt.
"""

from typing import Final, Literal

from workbench.ui.panes.certificates.drawing import Drawing, Placed
from workbench.ui.panes.certificates.placing import Box

Way = Literal["up", "down", "left", "right", "root", "last"]

_FAR: Final = 1e9
_SLOPE: Final = 3.0
"""How much more a step aside counts than one ahead, where nothing is linked."""


def step(drawing: Drawing, current: str, way: Way) -> str:
    """Return the id of the card that one step leads to; empty if there is nothing that way.

    `up` leads to an issuer, `down` to what was signed, `left` and `right` to neighbours, `root` to
    the root above, and from there to the first of all. Without a current card every step leads to
    the first.
    """
    here = drawing.by_id.get(current)
    if not drawing.cards:
        return ""
    if here is None:
        return drawing.cards[0].content.id
    if way == "last":
        return drawing.cards[-1].content.id
    if way == "root":
        return _root(drawing, here)
    goal = _aside(drawing, here, way) if way in {"left", "right"} else _along(drawing, here, way)
    return goal.content.id if goal else ""


def _root(drawing: Drawing, here: Placed) -> str:
    group = here.group
    seen = {group}
    while drawing.above.get(group) and drawing.above[group][0] not in seen:
        group = drawing.above[group][0]
        seen.add(group)
    if group == here.group:
        return drawing.cards[0].content.id
    return _first(drawing, group, here).content.id


def _along(drawing: Drawing, here: Placed, way: Way) -> Placed | None:
    up = way == "up"
    inside = [card for card in drawing.cards if card.group == here.group and card is not here]
    column = [card for card in inside if abs(card.box.x - here.box.x) < 1.0]
    nearer = [card for card in column if (card.box.y < here.box.y) is up]
    if nearer:
        return max(nearer, key=lambda card: card.box.y if up else -card.box.y)
    groups = (drawing.above if up else drawing.below).get(here.group, ())
    if not groups:
        return None
    goal = min(groups, key=lambda one: _away(drawing.boxes[one], here.box))
    return _first(drawing, goal, here, lowest=up)


def _first(drawing: Drawing, group: str, here: Placed, *, lowest: bool = False) -> Placed:
    """Return the card of a group that is nearest in its first, or lowest, row."""
    cards = [card for card in drawing.cards if card.group == group]
    edge = max(card.box.y for card in cards) if lowest else min(card.box.y for card in cards)
    row = [card for card in cards if card.box.y == edge]
    return min(row, key=lambda card: _away(card.box, here.box))


def _away(box: Box, here: Box) -> tuple[float, float]:
    """Return how far aside a box is; of two as far the left one comes first."""
    return round(abs(box.middle - here.middle), 3), box.middle


def _aside(drawing: Drawing, here: Placed, way: Way) -> Placed | None:
    """Return the next card of the same row, or where there is none of one that overlaps it."""
    right = way == "right"
    best: tuple[float, Placed] | None = None
    for card in drawing.cards:
        ahead = (card.box.x - here.box.x) * (1 if right else -1)
        aside = abs(card.box.y - here.box.y)
        if ahead < 1.0 or aside >= here.box.height:
            continue
        score = ahead if aside < 1.0 else _FAR + ahead + _SLOPE * aside
        if best is None or score < best[0]:
            best = (score, card)
    return best[1] if best else None
