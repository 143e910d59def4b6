"""The panes of one place: each is made when it is first asked for.

Owns which panes there are and which have been made. Knows panes by their protocol only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from workbench.ui.pane import Context, PaneMaker


class Shelf(Mapping[str, Any]):
    """Panes by id, in the order of the rail. Reading a value makes it; asking for ids does not.

    Args:
        context: what panes are given.
        makers: what makes them.
        place: takes each pane when it was made.

    Attributes:
        makers: what makes each, by id.
    """

    def __init__(
        self, context: Context, makers: Iterable[PaneMaker], place: Callable[[Any], None]
    ) -> None:
        self._context = context
        self._place = place
        self._made: dict[str, Any] = {}
        self.makers = {maker.id: maker for maker in makers}

    def __getitem__(self, name: str) -> Any:
        """Return the pane with this id; make it if nobody asked for it yet."""
        if name not in self._made:
            self._made[name] = pane = self.makers[name].made_for(self._context)
            self._place(pane)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a pane, made or not."""
        return name in self.makers

    def __iter__(self) -> Iterator[str]:
        """Return the ids."""
        return iter(self.makers)

    def __len__(self) -> int:
        """Return how many there are, made or not."""
        return len(self.makers)

    @property
    def made(self) -> list[Any]:
        """The panes that were made, in the order of the rail."""
        return [self._made[name] for name in self.makers if name in self._made]

    @property
    def missing(self) -> list[PaneMaker]:
        """What makes those that were not."""
        return [maker for name, maker in self.makers.items() if name not in self._made]

    def complete(self) -> None:
        """Make those that are missing."""
        for maker in self.missing:
            self[maker.id]
