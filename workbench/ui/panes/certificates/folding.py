"""Which cards of the tree are folded away, and which are marked as found.

Owns both sets and drawing the tree anew when they change. Must not know the table or services.
"""

from workbench.ui.panes.certificates.drawing import draw, first_folds
from workbench.ui.panes.certificates.records import Collection
from workbench.ui.panes.certificates.tree_view import TreeView


class Folding:
    """The folds of one tree.

    Attributes:
        folded: ids of cards whose families are hidden.
        found: ids that match the filter, or None without a filter.
    """

    def __init__(self, tree: TreeView, collection: Collection) -> None:
        self._tree = tree
        self._collection = collection
        self.folded: set[str] = set()
        self.found: set[str] | None = None

    def adopt(self, collection: Collection, *, first: bool) -> bool:
        """Take a newly read collection; True when the first folds change what is drawn."""
        self._collection = collection
        if first:
            self.folded = first_folds(collection)
        return first and bool(self.folded)

    def mark(self, found: set[str] | None) -> None:
        """Mark what was found; a search unfolds everything while it lasts."""
        before, self.found = self.found, found
        if (before is None) is not (found is None) and self.folded:
            self.redraw()
        self._tree.show_found(found)

    def redraw(self) -> None:
        """Draw the tree as it is folded now."""
        folded = frozenset() if self.found is not None else frozenset(self.folded)
        self._tree.show_drawing(draw(self._collection, folded), self._collection.moment)
        self._tree.show_found(self.found)

    def toggle(self, card: str) -> None:
        """Fold or unfold what is below a card."""
        if card and any(edge.upper == card for edge in self._collection.graph.edges):
            self.folded ^= {card}
            self.redraw()

    def unfold_all(self) -> None:
        """Show every card."""
        self.folded.clear()
        self.redraw()

    def unfold_to(self, record_id: str) -> None:
        """Unfold what hides a certificate."""
        record = self._collection.records.get(record_id)
        seen: set[str] = set()
        while record is not None and record.issuer_id and record.issuer_id not in seen:
            seen.add(record.issuer_id)
            record = self._collection.records.get(record.issuer_id)
        if self.folded & seen:
            self.folded -= seen
            self.redraw()
