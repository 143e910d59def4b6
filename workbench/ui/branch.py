"""The session of one place: what its panes start there, and what ends when the place is left.

Owns its workers where requests may be slow, so that waiting for AWS holds up nothing of the vault.
Tells what it does by the session it branched from.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from workbench.base.errors import Cancelled
from workbench.ui.errors import Explanation
from workbench.ui.session import Delivery, P, Session, T, Task

_WORKERS: Final = 8
_LATE_SECONDS: Final = 1.0
_LOOK_EVERY: Final = 500


class Branch(Session):
    """A session that can be left while requests are under way.

    Args:
        trunk: the window's session.
        slow: what the status bar says of requests that take longer than a second; empty where they
            are answered at once, by the vault, whose workers are then used.
    """

    def __init__(self, trunk: Session, slow: str = "") -> None:
        super().__init__(trunk, _WORKERS)
        self._trunk = trunk
        self._slow = slow
        self._ended = False
        if not slow:
            # Executors start no thread before they are used.
            self._one, self._pool = trunk._one, trunk._pool  # noqa: SLF001 - a part of the trunk
        self.failed.connect(trunk.failed)
        self.crashed.connect(trunk.crashed)
        trunk.changed.connect(self.changed)
        self._look = QTimer(self, interval=_LOOK_EVERY)
        self._look.timeout.connect(self.tell)
        trunk.attach(self)

    @property
    def busy(self) -> tuple[str, ...]:
        """The texts of tasks now running; of nameless ones that take long, that they do."""
        texts = super().busy
        return texts if texts or not self._late else (self._slow,)

    @property
    def stoppable(self) -> bool:
        """Whether something has been read for more than a second."""
        return any(not one.mutates for one in self._late)

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
        """Run `work` as `Session.start` does; nothing once this place was left.

        Widgets of a place that was left may still be told of something before they go.
        """
        if self._ended:
            return Task(0, "")
        return super().start(owner, work, on_success, on_error, busy_text, mutates=mutates)

    async def run(self, work: Callable[[], T], *, mutates: bool = False) -> T:
        """Run `work` and await it; cancelled once this place was left."""
        if self._ended:
            raise asyncio.CancelledError
        return await super().run(work, mutates=mutates)

    def relay(self, owner: QObject, tell: Callable[P, None]) -> Callable[P, None]:
        """Return a function that workers may call, also once this place was left."""
        return self._trunk.relay(owner, tell)

    def announce(self, topic: str) -> None:
        """Tell every pane and the window that something of `topic` changed."""
        self._trunk.announce(topic)

    def stop(self) -> None:
        """Wait no longer for what is being read: each fails as `Cancelled`, at once."""
        error = Cancelled(self.tr("You stopped this."), self.tr("Press F5 to ask again."))
        for delivery in self._drop_reads():
            if delivery.wanted():
                self._refuse(delivery, error)
        self.tell()

    def end(self) -> None:
        """Leave: what is read is dropped; what changes something goes on, and failing is told."""
        self._ended = True
        self._look.stop()
        for child in self.children():
            if child is not self._look:
                child.deleteLater()
        self._drop_reads()
        if self._slow:
            self._pool.shutdown(wait=False)
            self._one.shutdown(wait=False)
        self.tell()
        self._go_if_done()

    def close(self) -> None:
        """End with the session it branched from."""
        if self._slow:
            super().close()
        self._closed = True

    def tell(self) -> None:
        """Say again what is under way; while something is, look whether it takes long."""
        wanted = bool(self._slow and self._running and not self._ended)
        if wanted is not self._look.isActive():
            if wanted:
                self._look.start()
            else:
                self._look.stop()
        self._trunk.tell()

    @property
    def _late(self) -> list[Delivery]:
        begun = time.monotonic() - _LATE_SECONDS
        running = self._running.values() if self._slow else ()
        return [one for one in running if one.task.since < begun and not one.dropped]

    def _drop_reads(self) -> list[Delivery]:
        reads = [one for one in self._running.values() if not one.mutates and not one.dropped]
        for delivery in reads:
            delivery.dropped = True
            delivery.task.drop()
        return reads

    @Slot(object)
    def _deliver(self, delivery: Delivery) -> None:
        failed = not delivery.future.cancelled() and delivery.future.exception()
        if self._ended and failed and delivery.mutates and not self._closed:
            self._trunk.report(self._trunk, failed)
            delivery.dropped = True
        super()._deliver(delivery)
        self._go_if_done()

    def _go_if_done(self) -> None:
        # Workers tell this object what they did: it must be there until none is at work.
        if self._ended and not self._running:
            self._trunk.detach(self)
