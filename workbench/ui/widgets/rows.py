"""A table's rows, filtered and sorted in the source.

100,000 rows answer within a frame or three because the searchable text is prepared once and each
column's order is kept. Knows no Qt, so that it can be built on a worker.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from workbench.ui.tokens import Tone

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Mark:
    """An icon with its tone, drawn left of a cell's text; never without the text."""

    icon: str
    tone: Tone = "text"


@dataclass(frozen=True)
class Column(Generic[R]):
    """How one column shows a row.

    Attributes:
        id: stable name under which its width and visibility are remembered.
        title: translated heading.
        text: what the cell says.
        key: what it is sorted by: text or numbers, one kind for the whole column, never None;
            the lower-cased text if absent.
        mark: icon beside the text.
        tip: tooltip; the text if absent.
        width: wished width in average characters.
        hidden: whether it starts hidden.
        yields: how soon it makes room for the others where the table is narrow and nobody has
            chosen columns yet; the greatest goes first, 0 stays.
        right: aligned right, as numbers are.
        mono: in the fixed-width font.
        searched: whether the filter looks into it.
    """

    id: str
    title: str
    text: Callable[[R], str]
    key: Callable[[R], Any] | None = None
    mark: Callable[[R], Mark | None] | None = None
    tip: Callable[[R], str] | None = None
    width: int = 16
    hidden: bool = False
    yields: int = 0
    right: bool = False
    mono: bool = False
    searched: bool = True


class RowSet(Generic[R]):
    """Rows with what is needed to filter and sort them fast.

    Args:
        columns: how rows are shown.
        rows: the rows; not copied, must not change afterwards.
        row_id: a row's stable identity.
        extra: further searchable text of a row, such as ids and tags that no column shows.
    """

    def __init__(
        self,
        columns: Sequence[Column[R]],
        rows: Sequence[R],
        row_id: Callable[[R], str],
        extra: Callable[[R], str] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.rows = rows
        self.ids = [row_id(row) for row in rows]
        searched = [column.text for column in columns if column.searched]
        if extra is not None:
            searched.append(extra)
        self._haystacks = ["\n".join([text(row) for text in searched]).casefold() for row in rows]
        self._orders: dict[int, list[int]] = {}
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def warm(self, column: int) -> "RowSet[R]":
        """Prepare a column's order now (on the worker that builds the set); returns itself."""
        self._order(column)
        return self

    def place(self, row_id: str) -> int | None:
        """Return the position of a row in `rows`, or None."""
        if not self._places:
            self._places = {name: i for i, name in enumerate(self.ids)}
        return self._places.get(row_id)

    def select(
        self,
        text: str = "",
        predicate: Callable[[R], bool] | None = None,
        column: int = -1,
        *,
        descending: bool = False,
    ) -> Sequence[int]:
        """Return positions of matching rows in order.

        Args:
            text: words that must all occur, in any column, in any case.
            predicate: a further condition, such as a chosen state.
            column: which column to sort by; -1 for the order of `rows`.
            descending: largest first; equal rows keep their order.
        """
        order: Sequence[int]
        order = range(len(self.rows)) if column < 0 else self._order(column)
        for word in text.casefold().split():
            haystacks = self._haystacks
            order = [i for i in order if word in haystacks[i]]
        if predicate is not None:
            order = [i for i in order if predicate(self.rows[i])]
        return order[::-1] if descending else order

    def _order(self, column: int) -> list[int]:
        if column not in self._orders:
            shown = self.columns[column]
            if shown.key is None:
                keys = [shown.text(row).casefold() for row in self.rows]
            else:
                keys = [shown.key(row) for row in self.rows]
            self._orders[column] = sorted(range(len(keys)), key=keys.__getitem__)
        return self._orders[column]
