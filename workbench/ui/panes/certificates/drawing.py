"""What is drawn where: the hierarchy laid out with parts of it folded away, and the ways about it.

Knows this pane's records and `pki`'s layout; knows no Qt.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from workbench.pki.hierarchy import Edge, layout
from workbench.ui.panes.certificates.records import Collection, Record


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
    """

    content: Content
    column: float
    level: int


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
        edges = self._above[current] if way == "up" else self._below[current]
        linked = [self._by_id[edge.upper if way == "up" else edge.lower] for edge in edges]
        if not linked:
            linked = self._rows.get(here.level + (-1 if way == "up" else 1), [])
        nearest = min(linked, key=lambda card: abs(card.column - here.column), default=None)
        return nearest.content.id if nearest else ""

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
    """Lay a collection out.

    Args:
        shelf: what is on the shelf.
        folded: ids of certificates whose subtrees are hidden.
    """
    children: dict[str, list[str]] = defaultdict(list)
    for edge in shelf.graph.edges:
        if edge.main:
            children[edge.upper].append(edge.lower)
    hanging = {name for lower in children.values() for name in lower}
    shown = _reach([n.id for n in shelf.graph.nodes if n.id not in hanging], children, folded)
    nodes = [node for node in shelf.graph.nodes if node.id in shown]
    edges = [edge for edge in shelf.graph.edges if edge.upper in shown and edge.lower in shown]
    places = layout(nodes, edges)
    cards = []
    for node in nodes:
        lower = children.get(node.id, ())
        hidden = len(shelf.below(node.id)) if lower and node.id in folded else 0
        record = shelf.records.get(node.id)
        content = Content(node.id, record, "" if record else node.name, len(lower), hidden)
        cards.append(Placed(content, places[node.id].x, places[node.id].y))
    return Drawing(cards, edges)


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
