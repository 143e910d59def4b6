"""One change made to many keys: each is tried, each failure keeps its own words.

For workers; knows no widget and no particular change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.ui.errors import Explanation, explain
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.words import short_name


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        done: the keys that were changed.
        failed: the others, with why.
    """

    done: tuple[KeyRow, ...] = ()
    failed: tuple[tuple[KeyRow, Explanation], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every key that was touched, for reading again."""
        return tuple(row.id for row in (*self.done, *(row for row, _ in self.failed)))

    def reasons(self, most: int = 3) -> str:
        """Return why some failed, a sentence each, the first few of them."""
        lines = [f"{short_name(row)}: {words.message}" for row, words in self.failed[:most]]
        return "\n".join([*lines, "…"] if len(self.failed) > most else lines)


def change_each(rows: Sequence[KeyRow], change: Callable[[KeyRow], object]) -> Outcome:
    """Change keys one after the other; a refusal of one does not stop the others.

    Raises:
        Exception: a bug, at once.
    """
    done: list[KeyRow] = []
    failed: list[tuple[KeyRow, Explanation]] = []
    for row in rows:
        try:
            change(row)
        except Exception as error:
            words = explain(error)
            if words.bug:
                raise
            failed.append((row, words))
        else:
            done.append(row)
    return Outcome(tuple(done), tuple(failed))
