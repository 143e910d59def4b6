"""What all connections of a server share, and what watches over them."""

import asyncio
import contextlib
from concurrent.futures import Executor
from typing import Protocol

from workbench.endpoint.dispatch import Dispatcher, Work
from workbench.endpoint.messages import Renderer, Response
from workbench.endpoint.ports import Bounds


class Member(Protocol):
    """A connection, as the hub sees it."""

    deadline: float

    def overdue(self) -> None:
        """Do something about a deadline that has passed."""

    def finish(self) -> None:
        """Close as soon as what has arrived is answered."""

    def cut(self) -> None:
        """Close at once."""


class Hub:
    """Connections, workers and bounds of one server; lives on its event loop.

    Args:
        loop: the server's event loop.
        workers: does the work that takes its time.
        dispatch: answers requests.
        renderer: turns answers into bytes.
        bounds: how much and how long a client may.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        workers: Executor,
        dispatch: Dispatcher,
        renderer: Renderer,
        bounds: Bounds,
    ) -> None:
        self.loop = loop
        self._workers = workers
        self.dispatch = dispatch
        self.renderer = renderer
        self.bounds = bounds
        self.stopping = False
        self._members: set[Member] = set()
        self._emptied = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether no more connections are taken."""
        return self.stopping or len(self._members) >= self.bounds.connections

    def joined(self, member: Member) -> None:
        """Watch over a new connection."""
        self._members.add(member)

    def left(self, member: Member) -> None:
        """Forget a connection that is closed."""
        self._members.discard(member)
        if self.stopping and not self._members:
            self._emptied.set()

    def sweep(self) -> None:
        """Tell connections whose deadline has passed."""
        now = self.loop.time()
        for member in [m for m in self._members if m.deadline < now]:
            member.overdue()

    def run(self, work: Work) -> asyncio.Future[Response]:
        """Have a worker do it."""
        return self.loop.run_in_executor(self._workers, work)

    async def drain(self) -> None:
        """Close idle connections, and the others after what they have asked for is answered.

        Whoever is not done within `Bounds.stop_seconds` is cut off.
        """
        self.stopping = True
        for member in list(self._members):
            member.finish()
        if self._members:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), self.bounds.stop_seconds)
        for member in list(self._members):
            member.cut()
        await asyncio.sleep(0)  # what was cut off is told so
