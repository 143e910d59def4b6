"""Where threads meet Qt: calls of services leave the GUI thread here and come back here.

Services are synchronous and know nothing of Qt. Work that changes the vault goes to one worker, in
order; everything else to a small pool. Outcomes return on the GUI thread, and only to owners that
still exist. This module knows no service and no pane.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, ParamSpec, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from workbench.ui.errors import Explanation, explain

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(slots=True)
class Task:
    """One call under way.

    Attributes:
        number: distinguishes tasks.
        text: what the status bar says while it runs; empty for work too short to mention.
        since: when it began, in seconds that never go backwards.
    """

    number: int
    text: str
    since: float = field(default_factory=time.monotonic)
    future: "Future[Any] | None" = field(default=None, repr=False)

    def drop(self) -> None:
        """Take it back if no worker has begun it; its callbacks then never run."""
        if self.future is not None:
            self.future.cancel()


@dataclass(slots=True)
class Delivery:
    """A task and who hears of its outcome; `dropped` when nobody does any more."""

    task: Task
    future: "Future[Any]"
    owner: QObject
    was_shown: bool
    on_success: Callable[[Any], None]
    on_error: Callable[[Explanation], None] | None
    mutates: bool
    dropped: bool = False

    def wanted(self) -> bool:
        """Whether the owner exists and, if it is a window, was not closed meanwhile."""
        if not isValid(self.owner):
            return False
        if isinstance(self.owner, QWidget) and self.owner.isWindow() and self.was_shown:
            return self.owner.isVisible() or self.owner.property("curtained") is True
        return True


def _cancel(running: "asyncio.Task[Any]", _owner: QObject | None = None) -> None:
    running.cancel()


class Session(QObject):
    """Runs work off the GUI thread and delivers on it.

    Signals:
        failed(owner, Explanation): work failed, nobody else took the explanation.
        crashed(exception): work failed by a bug.
        tasks_changed(tuple[str, ...]): the texts of tasks now running.
        changed(str): something of this topic changed (`keys`, `certificates`, `jobs`, ...).
    """

    failed = Signal(object, object)
    crashed = Signal(object)
    tasks_changed = Signal(object)
    changed = Signal(str)
    _done = Signal(object)
    _told = Signal(object, object)

    def __init__(self, parent: QObject | None = None, workers: int = 4) -> None:
        super().__init__(parent)
        self._one: Executor = ThreadPoolExecutor(1, "vault")
        self._pool: Executor = ThreadPoolExecutor(workers, "pool")
        self._numbers = count(1)
        self._running: dict[int, Delivery] = {}
        self._branches: list[Session] = []
        self._coroutines: set[asyncio.Task[Any]] = set()
        self._closed = False
        # Queued always: work that is done before its callback is attached reports at once, on this
        # thread, and must still not be delivered before `start` has returned.
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._told.connect(self._tell_owner, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        owner: QObject,
        work: Callable[[], T],
        on_success: Callable[[T], None],
        on_error: Callable[[Explanation], None] | None = None,
        busy_text: str = "",
        *,
        mutates: bool = False,
    ) -> Task:
        """Run `work` on a worker and call back on the GUI thread.

        Args:
            owner: once it is destroyed (or a window that was closed), no callback is delivered.
            work: a call of a service; must not touch any widget.
            on_success: given what `work` returned.
            on_error: given the failure in words; without it `failed` is emitted, which the
                window shows as a notification. Bugs go to the crash dialog either way.
            busy_text: what the status bar says meanwhile.
            mutates: whether it changes the vault; such work runs one at a time, in order.

        Returns:
            The task, which can be dropped while it waits.
        """
        assert QThread.currentThread() is self.thread()
        task = Task(next(self._numbers), busy_text)
        future: Future[T] = self._executor(mutates=mutates).submit(work)
        task.future = future
        shown = isinstance(owner, QWidget) and owner.isVisible()
        delivery = Delivery(task, future, owner, shown, on_success, on_error, mutates)
        self._running[task.number] = delivery
        self.tell()
        # The signal belongs to this session, which outlives every worker (see `close`), so a
        # worker never touches an object that the GUI thread may be destroying.
        future.add_done_callback(lambda _future: self._done.emit(delivery))
        return task

    async def run(self, work: Callable[[], T], *, mutates: bool = False) -> T:
        """Run `work` on a worker and await it; raises what `work` raised."""
        return await asyncio.wrap_future(self._executor(mutates=mutates).submit(work))

    def spawn(self, owner: QObject, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine until it ends or `owner` is destroyed, whichever is first."""
        running = asyncio.ensure_future(coroutine)
        self._coroutines.add(running)
        running.add_done_callback(partial(self._spawned_ended, owner))
        owner.destroyed.connect(partial(_cancel, running))

    def relay(self, owner: QObject, tell: Callable[P, None]) -> Callable[P, None]:
        """Return a function that workers may call: `tell` then runs on the GUI thread.

        Calls are dropped once `owner` is destroyed. For progress of work under way.
        """

        def call(*values: P.args, **named: P.kwargs) -> None:
            self._told.emit(owner, partial(tell, *values, **named))

        return call

    def announce(self, topic: str) -> None:
        """Tell every pane that something of `topic` changed."""
        self.changed.emit(topic)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way and every outcome was delivered."""
        mine = any(not one.dropped for one in self._running.values()) or bool(self._coroutines)
        return not mine and all(branch.idle for branch in self._branches)

    @property
    def busy(self) -> tuple[str, ...]:
        """The texts of tasks now running, oldest first."""
        running = (one.task.text for one in self._running.values() if not one.dropped)
        mine = tuple(text for text in running if text)
        return mine + tuple(text for branch in self._branches for text in branch.busy)

    def attach(self, branch: "Session") -> None:
        """Count a session of another place as part of this one; it ends with this one."""
        self._branches.append(branch)

    def detach(self, branch: "Session") -> None:
        """Forget a session that has nothing under way any more."""
        self._branches.remove(branch)
        branch.deleteLater()
        self.tell()

    def tell(self) -> None:
        """Say again what is under way."""
        self.tasks_changed.emit(self.busy)

    def report(self, owner: QObject, error: BaseException) -> None:
        """Show a failure that was caught elsewhere, by the same rules."""
        words = explain(error)
        if words.bug:
            self.crashed.emit(error)
        else:
            self.failed.emit(owner, words)

    @property
    def closed(self) -> bool:
        """Whether nothing can be started any more."""
        return self._closed

    def close(self) -> None:
        """Drop what waits, finish what runs. Nothing is delivered afterwards."""
        for branch in tuple(self._branches):
            branch.close()
        self._closed = True
        for running in self._coroutines:
            running.cancel()
        for executor in (self._pool, self._one):
            executor.shutdown(wait=True, cancel_futures=True)

    def _executor(self, *, mutates: bool) -> Executor:
        return self._one if mutates else self._pool

    @Slot(object)
    def _deliver(self, delivery: Delivery) -> None:
        self._running.pop(delivery.task.number, None)
        self.tell()
        gone = delivery.dropped or delivery.future.cancelled()
        if self._closed or gone or not delivery.wanted():
            return
        error = delivery.future.exception()
        if error is None:
            delivery.on_success(delivery.future.result())
        else:
            self._refuse(delivery, error)

    def _refuse(self, delivery: Delivery, error: BaseException) -> None:
        words = explain(error)
        if delivery.on_error is not None:
            delivery.on_error(words)
        if words.bug:
            self.crashed.emit(error)
        elif delivery.on_error is None:
            self.failed.emit(delivery.owner, words)

    @Slot(object, object)
    def _tell_owner(self, owner: QObject, tell: Callable[[], None]) -> None:
        if not self._closed and isValid(owner):
            tell()

    def _spawned_ended(self, owner: QObject, running: "asyncio.Task[Any]") -> None:
        self._coroutines.discard(running)
        if running.cancelled():
            return
        error = running.exception()
        if error is not None and isValid(owner):
            self.report(owner, error)
