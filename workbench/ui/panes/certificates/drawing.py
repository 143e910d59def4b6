"""What is drawn where: the hierarchy laid out with parts of it folded away, and the ways about it.

Knows this pane's records and `pki`'s layout; knows no Qt.
"""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from workbench.pki.hierarchy import Edge, Node, layout
from workbench.ui.panes.certificates.records import Collection, Record

FAMILY: Final = 6
"""Leaves of one issuer that are drawn side by side; more are drawn in a block."""

MANY: Final = 120
"""Certificates that are drawn unfolded at first."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a card shows.

    Attributes:
        id: of the certificate or of the missing issuer.
        record: the certificate; None for a missing issuer.
        missing: name of the missing issuer, else empty.
        children: how many cards hang right below it when it is unfolded.
        folded: how many certificates are hidden below it; 0 if it is unfolded.
    """

    id: str
    record: Record | None
    missing: str = ""
    children: int = 0
    folded: int = 0

    @property
    def name(self) -> str:
        """What it is called."""
        return self.record.name if self.record else self.missing


@dataclass(frozen=True, slots=True)
class Placed:
    """A card and its place.

    Attributes:
        content: what it shows.
        column: in card widths from the left; may be between two.
        level: rows from the top.
        beside: whether it stands in a block of siblings, so that its edge comes from the left.
    """

    content: Content
    column: float
    level: int
    beside: bool = False


class Drawing:
    """Cards in their places and the edges between them.

    Args:
        cards: by level, then from left to right.
        edges: between them.
    """

    def __init__(self, cards: Sequence[Placed] = (), edges: Sequence[Edge] = ()) -> None:
        self.cards = tuple(sorted(cards, key=lambda card: (card.level, card.column)))
        self.edges = tuple(edges)
        self._by_id = {card.content.id: card for card in self.cards}
        self._rows: dict[int, list[Placed]] = defaultdict(list)
        for card in self.cards:
            self._rows[card.level].append(card)
        self._above: dict[str, list[Edge]] = defaultdict(list)
        self._below: dict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            self._above[edge.lower].append(edge)
            self._below[edge.upper].append(edge)

    def step(self, current: str, way: str) -> str:
        """Return where one step leads: `up` to an issuer, `down`, `left`, `right`, `first`, `last`.

        Without a current card every step leads to the first; empty if there is nothing that way.
        """
        here = self._by_id.get(current)
        if not self.cards:
            return ""
        if here is None or way == "first":
            return self.cards[0].content.id
        if way == "last":
            return self.cards[-1].content.id
        if way in {"left", "right"}:
            row = self._rows[here.level]
            place = row.index(here) + (1 if way == "right" else -1)
            return row[place].content.id if 0 <= place < len(row) else ""
        edges = self._above.get(current, []) if way == "up" else self._below.get(current, [])
        sibling = self._in_block(here, -1 if way == "up" else 1)
        if sibling is not None:
            return sibling.content.id
        linked = [self._by_id[edge.upper if way == "up" else edge.lower] for edge in edges]
        if not linked:
            linked = self._rows.get(here.level + (-1 if way == "up" else 1), [])
        nearest = min(linked, key=lambda card: abs(card.column - here.column), default=None)
        return nearest.content.id if nearest else ""

    def _in_block(self, here: Placed, step: int) -> Placed | None:
        """Return the card right above or below in the same block."""
        if not here.beside:
            return None
        uppers = {edge.upper for edge in self._above.get(here.content.id, ())}
        for card in self._rows.get(here.level + step, ()):
            same = {edge.upper for edge in self._above.get(card.content.id, ())} == uppers
            if card.beside and same and abs(card.column - here.column) < 0.01:
                return card
        return None

    def ancestry(self, current: str) -> frozenset[Edge]:
        """Return the edges from a card up to its roots."""
        found: set[Edge] = set()
        waiting = [current]
        while waiting:
            for edge in self._above.get(waiting.pop(), ()):
                if edge not in found:
                    found.add(edge)
                    waiting.append(edge.upper)
        return frozenset(found)


def draw(shelf: Collection, folded: AbstractSet[str] = frozenset()) -> Drawing:
    """Lay a collection out: roots on top, large families of leaves in blocks.

    Args:
        shelf: what is on the shelf.
        folded: ids of certificates whose subtrees are hidden.
    """
    children = main_children(shelf)
    hanging = {name for lower in children.values() for name in lower}
    tops = [node.id for node in shelf.graph.nodes if node.id not in hanging]
    shown = _reach(tops, children, folded)
    nodes = [node for node in shelf.graph.nodes if node.id in shown]
    edges = [edge for edge in shelf.graph.edges if edge.upper in shown and edge.lower in shown]
    below = _blocks(nodes, edges, tops)
    places = layout([node for node in nodes if node.id not in below], edges_without(edges, below))
    blocks = {head for head, _ in below.values()} | set(below)
    cards = []
    for node in nodes:
        head, row = below.get(node.id, (node.id, 0))
        lower = children.get(node.id, ())
        hidden = len(shelf.below(node.id)) if lower and node.id in folded else 0
        record = shelf.records.get(node.id)
        content = Content(node.id, record, "" if record else node.name, len(lower), hidden)
        place = places[head]
        cards.append(Placed(content, place.x, place.y + row, beside=node.id in blocks))
    return Drawing(cards, edges)


def first_folds(shelf: Collection) -> set[str]:
    """Return what to fold at first, so that a large collection is not a wall of cards."""
    if len(shelf.records) <= MANY:
        return set()
    children = main_children(shelf)
    hanging = {name for lower in children.values() for name in lower}
    return {
        name
        for name, lower in children.items()
        if name in hanging and len(lower) > FAMILY and not any(one in children for one in lower)
    }


def main_children(shelf: Collection) -> dict[str, list[str]]:
    """Return what hangs below each node."""
    children: dict[str, list[str]] = defaultdict(list)
    for edge in shelf.graph.edges:
        if edge.main:
            children[edge.upper].append(edge.lower)
    return dict(children)


def edges_without(edges: Iterable[Edge], names: Container[str]) -> list[Edge]:
    """Return the edges that touch none of some nodes."""
    return [edge for edge in edges if edge.lower not in names and edge.upper not in names]


def _reach(
    tops: Iterable[str], children: Mapping[str, Sequence[str]], folded: AbstractSet[str]
) -> AbstractSet[str]:
    shown: set[str] = set()
    waiting = list(tops)
    while waiting:
        one = waiting.pop()
        shown.add(one)
        if one not in folded:
            waiting.extend(children.get(one, ()))
    return shown


def _blocks(
    nodes: Sequence[Node], edges: Sequence[Edge], tops: Sequence[str]
) -> dict[str, tuple[str, int]]:
    """Return for leaves of large families under which sibling they are drawn, and how far."""
    names = {node.id: node.name.casefold() for node in nodes}
    families: dict[str, list[str]] = {"": [one for one in tops if one in names]}
    for edge in edges:
        if edge.main:
            families.setdefault(edge.upper, []).append(edge.lower)
    below: dict[str, tuple[str, int]] = {}
    for members in list(families.values()):
        leaves = [one for one in members if one not in families]
        if len(leaves) > FAMILY:
            leaves.sort(key=lambda one: (names[one], one))
            across = max(3, math.ceil(math.sqrt(len(leaves)) * 0.7))
            for place, one in enumerate(leaves[across:], across):
                below[one] = (leaves[place % across], place // across)
    return below
