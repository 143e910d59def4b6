"""What of the hierarchy is hidden, what is found, at which moment: and drawing it anew.

Owns these choices and lays out on a worker where that takes time. Must not know table or services.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from workbench.ui.errors import Explanation
from workbench.ui.panes.certificates.drawing import Drawing, draw, first_folds
from workbench.ui.panes.certificates.outline import MORE, Folds, Kin
from workbench.ui.panes.certificates.records import Collection
from workbench.ui.panes.certificates.standing import Standing
from workbench.ui.panes.certificates.tree_view import TreeView
from workbench.ui.session import Session
from workbench.ui.widgets.base import PaneBase

AT_ONCE: Final = 1_500
"""Certificates up to which a layout takes a moment only, so that none is lost on a worker."""

Work = Callable[[], Drawing]
Later = Callable[[Work, Callable[[Drawing], None]], None]


def on_worker(pane: PaneBase, session: Session, failed: Callable[[Explanation], None]) -> Later:
    """Return what lays out on a worker while the pane says that it is busy."""

    def later(work: Work, adopt: Callable[[Drawing], None]) -> None:
        pane.show_busy(busy=True)

        def show(drawing: Drawing) -> None:
            pane.show_busy(busy=False)
            adopt(drawing)

        session.start(pane, work, show, failed)

    return later


class Folding:
    """What one tree shows.

    Args:
        tree: the view.
        collection: what is on the shelf.
        later: runs a layout on a worker and hands the drawing back.

    Attributes:
        folds: what is hidden.
        found: ids that match text and filters, or None without any.
        hiding: whether what does not match is left out, rather than dimmed.
        moment: what is shown as of when; None for the moment of the collection.
    """

    def __init__(self, tree: TreeView, collection: Collection, later: Later) -> None:
        self._tree = tree
        self._later = later
        self._number = 0
        self.kin = Kin(collection)
        self.folds = Folds()
        self.found: set[str] | None = None
        self.hiding = False
        self.moment: datetime | None = None
        self._standings: dict[str, Standing] | None = None

    @property
    def standings(self) -> dict[str, Standing]:
        """What each certificate is at the moment that is shown."""
        if self._standings is None:
            self._standings = self.kin.shelf.standings(self._when)
        return self._standings

    @property
    def shown_folds(self) -> Folds:
        """What is hidden now: a search unfolds everything while it lasts."""
        if self.found is None:
            return self.folds
        return Folds(only=frozenset(self.found) if self.hiding else None)

    def adopt(self, kin: Kin, *, first: bool) -> bool:
        """Take a newly read collection; True when the first folds change what is drawn."""
        self.kin = kin
        self._standings = None
        if first:
            self.folds = first_folds(kin.shelf)
        return first and self.folds != Folds()

    def show(self, drawing: Drawing) -> None:
        """Show a drawing of the present collection and folds."""
        self._number += 1
        self._tree.show_drawing(drawing, self.standings, self._when)
        self._tree.show_found(self.found)

    def set_moment(self, moment: datetime | None) -> None:
        """Show what everything is at another moment; None for the collection's."""
        self.moment = moment
        self._standings = None
        self._tree.show_moment(self.standings, self._when)

    def mark(self, found: set[str] | None, *, hiding: bool = False) -> None:
        """Mark what was found, or leave out the rest."""
        before = self.shown_folds
        self.found, self.hiding = found, hiding
        if self.shown_folds != before:
            self.redraw()
        else:
            self._tree.show_found(found)

    def redraw(self, then: Callable[[], object] | None = None) -> None:
        """Draw the tree as it is folded now."""
        self._number += 1
        mine, kin, folds = self._number, self.kin, self.shown_folds

        def adopt(drawing: Drawing) -> None:
            if mine == self._number:
                self.show(drawing)
                if then is not None:
                    then()

        if len(kin.shelf.records) <= AT_ONCE:
            adopt(draw(kin, folds))
        else:
            self._later(lambda: draw(kin, folds), adopt)

    def show_rest(self, card: str) -> bool:
        """Show a family in full, if the card stands for the rest of it."""
        if not card.startswith(MORE):
            return False
        issuer = card.removeprefix(MORE)
        self.folds = replace(self.folds, opened=self.folds.opened | {issuer})
        self.redraw()
        return True

    def toggle(self, card: str) -> None:
        """Fold or unfold what is below a card, or show the rest of a family."""
        if self.show_rest(card):
            return
        head = self.kin.head.get(card, "")
        if self.kin.below.get(head):
            same = set(self.kin.members[head])
            folded = self.folds.folded
            folded = folded - same if folded & same else folded | {head}
            opened = self.folds.opened - same
            self.folds = replace(self.folds, folded=folded, opened=opened)
            self.redraw()

    def unfold_all(self) -> None:
        """Show every card."""
        self.folds = Folds()
        self.redraw()

    def fold_all(self) -> None:
        """Show roots and the CAs right below them only."""
        tops = {one for one in self.kin.members if not self.kin.above.get(one)}
        self.folds = Folds(
            folded=frozenset(one for one in self.kin.below if one not in tops), short=True
        )
        self.redraw()

    def unfold_to(self, record_id: str, then: Callable[[], object]) -> None:
        """Unfold what hides a certificate."""
        head = self.kin.head.get(record_id, "")
        waiting, seen = [head], {head}
        for one in waiting:
            fresh = [upper for upper in self.kin.above.get(one, ()) if upper not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        above = {member for one in seen - {head} for member in self.kin.members.get(one, ())}
        uppers = self.kin.above.get(head) or ["loose"]
        self.folds = replace(
            self.folds, folded=self.folds.folded - above, opened=self.folds.opened | {uppers[0]}
        )
        if self.hiding and self.found is not None:
            self.found = None
        self.redraw(then)

    @property
    def _when(self) -> datetime:
        return self.moment or self.kin.shelf.moment
