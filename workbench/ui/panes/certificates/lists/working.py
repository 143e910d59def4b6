"""Many rows worked through a few at a time on workers, so that other work comes between.

What is done stays done when it is stopped. Knows the session; knows neither services nor widgets.
"""

from collections.abc import Callable, Sequence
from threading import Event
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QObject

from workbench.ui.errors import Explanation
from workbench.ui.session import Session

I = TypeVar("I")  # noqa: E741 - an item
D = TypeVar("D")

_FEW: Final = 8


class Run(Generic[I, D]):
    """One way through a list of items, few at a time.

    Args:
        session: has the work done.
        owner: once it is gone, nothing is delivered and nothing more is begun.
        items: what is worked through.
        work: given a few items and what says whether to stop, returns what came of those it did.
        on_part: given what came of a few, and how many items were begun.
        on_end: called once, with what broke it off, or None.
        busy: what the status bar says meanwhile.
        mutates: whether the work changes the vault.
    """

    def __init__(
        self,
        session: Session,
        owner: QObject,
        items: Sequence[I],
        work: Callable[[Sequence[I], Callable[[], bool]], list[D]],
        on_part: Callable[[list[D], int], None],
        on_end: Callable[[Explanation | None], None],
        busy: str,
        *,
        mutates: bool,
    ) -> None:
        self._session, self._owner = session, owner
        self._items, self._work = items, work
        self._on_part, self._on_end = on_part, on_end
        self._busy, self._mutates = busy, mutates
        self._stopped = Event()
        self._quiet = False
        self._begun = 0

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End after the item that is being worked on; the end is told."""
        self._stopped.set()

    def forget(self) -> None:
        """End, and tell nothing more: something else has taken its place."""
        self._quiet = True
        self._stopped.set()

    def go_on(self) -> None:
        """Do the next few, or end."""
        if self._quiet:
            return
        if self.stopped or self._begun == len(self._items):
            self._on_end(None)
            return
        few = self._items[self._begun : self._begun + _FEW]
        self._begun += len(few)
        self._session.start(
            self._owner,
            lambda: self._work(few, self._stopped.is_set),
            self._take,
            self._fail,
            self._busy,
            mutates=self._mutates,
        )

    def _take(self, done: list[D]) -> None:
        if not self._quiet:
            self._on_part(done, self._begun)
        self.go_on()

    def _fail(self, words: Explanation) -> None:
        if not self._quiet:
            self._on_end(words)
