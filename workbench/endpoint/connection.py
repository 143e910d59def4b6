"""One client's HTTP/1.1 connection: requests answered one after another, deadlines kept.

Must not know what requests mean, nor whether TLS lies below.
"""

import asyncio
from collections import deque
from typing import cast

from workbench.endpoint.dispatch import Work, plain
from workbench.endpoint.hub import Hub
from workbench.endpoint.messages import Request, Response
from workbench.endpoint.reading import Reader

_MOST_WAITING = 16
_LINGER_SECONDS = 2.0


class Connection(asyncio.Protocol):
    """Has requests answered in their order and writes the answers.

    Args:
        hub: what is shared with other connections.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._bounds = hub.bounds
        self._reader = Reader(hub.bounds, self)
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[Request | Response] = deque()
        self._busy = False  # a worker has a request
        self._blocked = False  # the client does not read
        self._paused = False  # we do not read
        self._over = False  # what comes is thrown away
        self._ended = False  # the client has said all
        self._secure = True  # as secure as the server wants it
        self.deadline = hub.loop.time() + hub.bounds.head_seconds

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; one connection too many is told so and closed."""
        self._transport = cast("asyncio.Transport", transport)
        if self._hub.full:
            crowded = plain(503, "Too many connections.")
            self._transport.write(self._hub.renderer.render(crowded, keep_alive=False))
            self._close()
        else:
            self._hub.joined(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client."""
        self._reader.feed(data)
        self._work()

    def eof_received(self) -> bool:
        """Answer what has arrived whole, then close."""
        self._ended = True
        return self._busy or bool(self._waiting)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget everything: the client has gone."""
        del exc
        self._transport = None
        self._fall_silent()
        self._hub.left(self)

    def pause_writing(self) -> None:
        """Stop answering: the client does not read."""
        self._blocked = True
        self.allow(self._bounds.write_seconds)
        self._regulate()

    def resume_writing(self) -> None:
        """Answer again: the client has read."""
        self._blocked = False
        self._rest()
        self._work()

    def speak_plainly(self) -> None:
        """Answer only what may go in clear: the client does not speak TLS where it should."""
        self._secure = False

    # What the hub calls.

    def overdue(self) -> None:
        """Cut the client off: what it was to do took it too long."""
        if self._busy and not self._blocked:
            self.allow(self._bounds.idle_seconds)  # we are the slow ones
        elif self._reader.in_message and not (self._blocked or self._over):
            self.refuse(408, "The request took too long to arrive.")
            self._work()
        else:
            self.cut()

    def finish(self) -> None:
        """Close after the requests that have arrived whole are answered."""
        if not (self._busy or self._waiting):
            self._close()

    def cut(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    # What the reader calls.

    def take(self, request: Request) -> None:
        """Queue a request."""
        self._waiting.append(request)
        self._rest()

    def refuse(self, status: int, message: str) -> None:
        """Queue a last answer, behind those that are due."""
        self._reader.stop()
        self._waiting.append(plain(status, message))

    def invite(self) -> None:
        """Let the client send its body, unless an answer is due before."""
        if self._transport is not None and not (self._waiting or self._busy):
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def allow(self, seconds: float) -> None:
        """Set the deadline."""
        self.deadline = self._hub.loop.time() + seconds

    # What follows from it.

    def _work(self) -> None:
        """Answer what waits, until a worker has a request or the client must read first."""
        for _ in range(_MOST_WAITING):
            if not self._waiting or self._busy or self._blocked or self._over:
                break
            item = self._waiting.popleft()
            if isinstance(item, Response):
                self._answer(item, keep_alive=False)
                break
            outcome = self._hub.dispatch(item, secure=self._secure)
            if isinstance(outcome, Response):
                self._answer(outcome, keep_alive=item.keep_alive, head=item.head)
            else:
                self._hand_over(outcome, keep_alive=item.keep_alive, head=item.head)
        else:
            self._hub.loop.call_soon(self._work)  # others have their turn first
        self._regulate()

    def _hand_over(self, work: Work, *, keep_alive: bool, head: bool) -> None:
        self._busy = True

        def done(future: asyncio.Future[Response]) -> None:
            self._busy = False
            if future.cancelled() or self._over:
                return
            self._rest()
            self._answer(future.result(), keep_alive=keep_alive, head=head)
            self._work()

        self._hub.run(work).add_done_callback(done)

    def _answer(self, response: Response, *, keep_alive: bool, head: bool = False) -> None:
        if self._transport is None:
            return
        closing = self._hub.stopping or self._ended
        keep = keep_alive and not response.close and (not closing or bool(self._waiting))
        self._transport.write(self._hub.renderer.render(response, keep_alive=keep, head=head))
        if not keep:
            self._close() if closing else self._linger()

    def _fall_silent(self) -> None:
        self._over = True
        self._reader.stop()
        self._waiting.clear()

    def _close(self) -> None:
        self._fall_silent()
        self.allow(self._bounds.write_seconds)
        if self._transport is not None:
            self._transport.close()

    def _linger(self) -> None:
        """End our side, and read on for a moment.

        Closing on unread bytes would reset the connection and take the answer with it (RFC 9112
        §9.6).
        """
        self._fall_silent()
        self.allow(self._bounds.write_seconds if self._blocked else _LINGER_SECONDS)
        if self._transport is not None:
            if self._paused:
                self._paused = False
                self._transport.resume_reading()
            self._transport.write_eof()

    def _rest(self) -> None:
        if not (self._reader.in_message or self._over):
            self.allow(self._bounds.idle_seconds)

    def _regulate(self) -> None:
        """Read only while there is room for what is read."""
        full = self._blocked or len(self._waiting) >= _MOST_WAITING
        if full != self._paused and self._transport is not None and not self._over:
            self._paused = full
            if full:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()
