"""One change made to many keys: each is tried, each failure keeps its own words, all are told of.

Knows no widget and no particular change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from workbench.ui.errors import Explanation, explain
from workbench.ui.many import each
from workbench.ui.pane import Frame
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


def tell_outcome(
    frame: Frame,
    outcome: Outcome,
    told: tuple[str, str],
    action: tuple[str, Callable[[], None]] | None = None,
) -> None:
    """Tell what came of a change.

    Args:
        frame: the window.
        outcome: what came of it.
        told: what to say of one key, with `{name}`, and of several, with `{n}`.
        action: offered with it if nothing failed.
    """
    if outcome.failed:
        text = QCoreApplication.translate(
            "keys", "{failed} of {n} could not be changed.\n{why}"
        ).format(failed=len(outcome.failed), n=len(outcome.ids), why=outcome.reasons())
        frame.notify(text, "danger")
    elif outcome.done:
        text = told[0] if len(outcome.done) == 1 else told[1]
        text = text.replace("{name}", short_name(outcome.done[0]))
        frame.notify(text.replace("{n}", str(len(outcome.done))), "ok", action)


def change_each(
    rows: Sequence[KeyRow], change: Callable[[KeyRow], object], parallel: int = 1
) -> Outcome:
    """Change keys; a refusal of one does not stop the others.

    Args:
        rows: the keys.
        change: changes one.
        parallel: how many at once; one after the other unless said.

    Raises:
        Exception: a bug, at once.
    """

    def attempt(row: KeyRow) -> Explanation | None:
        try:
            change(row)
        except Exception as error:
            words = explain(error)
            if words.bug:
                raise
            return words
        return None

    answers = list(zip(rows, each(attempt, rows, parallel), strict=True))
    done = tuple(row for row, words in answers if words is None)
    return Outcome(done, tuple((row, words) for row, words in answers if words is not None))
