"""The endpoint as a whole: one thread with an event loop, a few workers, a loopback port.

Requests that are quick are answered on the loop's own thread, one after another, which on one
machine is faster than handing each to a thread; what takes its time goes to the workers.
"""

import asyncio
import contextlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self

from workbench.base.clock import Clock
from workbench.base.errors import EnvironmentFault, Refused
from workbench.endpoint.connection import Connection
from workbench.endpoint.dispatch import Dispatcher
from workbench.endpoint.hub import Hub
from workbench.endpoint.messages import Renderer
from workbench.endpoint.ports import Backend, Beside, Bounds, Rates, TlsIdentity

if TYPE_CHECKING:
    from OpenSSL import SSL

HOST = "127.0.0.1"
_WORKERS = 8
_BACKLOG = 256
_NOTHING = Beside()
_DEFAULT_BOUNDS = Bounds()


class EndpointServer:
    """Serves a backend on 127.0.0.1.

    Args:
        backend: whom access keys belong to, and where requests go.
        clock: dates, signatures, rates.
        port: to listen on; 0 for any free one.
        tls: certificate and key; None for plain HTTP.
        verify_signatures: False takes requests of anybody who names an access key.
        beside: what is served outside AWS's protocols.
        rates: requests per second by (service, operation), to be exceeded on purpose.
        bounds: how much and how long a client may.
    """

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        *,
        port: int = 0,
        tls: TlsIdentity | None = None,
        verify_signatures: bool = True,
        beside: Beside = _NOTHING,
        rates: Rates | None = None,
        bounds: Bounds = _DEFAULT_BOUNDS,
    ) -> None:
        self._dispatcher = Dispatcher(
            backend,
            clock,
            verify_signatures=verify_signatures,
            rates=rates,
            beside=beside,
        )
        self._clock = clock
        self._port = port
        self._tls = tls
        self._bounds = bounds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._context: SSL.Context | None = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def url(self) -> str:
        """What a client's endpoint URL is to be, once it runs."""
        return f"{'https' if self._tls else 'http'}://{self.address}"

    @property
    def address(self) -> str:
        """Host and port, once it runs."""
        return f"{HOST}:{self._port}"

    @property
    def running(self) -> bool:
        """Whether it serves."""
        return self._thread is not None

    @property
    def requests(self) -> int:
        """How many requests came in."""
        return self._dispatcher.count

    def start(self) -> int:
        """Begin to serve; return the port.

        Raises:
            EnvironmentFault: the port is taken or not allowed.
            Refused: it runs already.
        """
        if self._thread is not None:
            raise Refused("The endpoint runs already.", "Stop it first.")
        bound: Future[int] = Future()
        thread = threading.Thread(target=self._run, args=(bound,), name="endpoint", daemon=True)
        thread.start()
        try:
            self._port = bound.result()
        except OSError as error:
            thread.join()
            raise EnvironmentFault(
                f"The endpoint cannot listen on port {self._port}: {error.strerror}.",
                "Choose another port, or 0 for any free one.",
            ) from None
        self._thread = thread
        return self._port

    def stop(self) -> None:
        """Answer what is under way, close every connection and return when all is down."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._stopping is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._stopping.set)
        thread.join()

    def set_rates(self, rates: Rates) -> None:
        """Replace the rates; an empty mapping lifts them."""
        self._dispatcher.throttle.set_rates(rates)

    def renew(self, tls: TlsIdentity) -> None:
        """Show another certificate to whoever connects from now on.

        Raises:
            Refused: it does not speak TLS.
            ValueError: a certificate or the key cannot be read.
            OpenSSL.SSL.Error: they do not belong together.
        """
        from workbench.endpoint.tls import server_context  # noqa: PLC0415 - as in `_listen`

        if self._tls is None:
            raise Refused("The endpoint does not speak TLS.", "Stop it and start it with TLS.")
        self._tls, self._context = tls, server_context(tls)

    def forget_secrets(self) -> None:
        """Drop signing keys derived from secrets, as when the vault is locked."""
        self._dispatcher.verifier.forget()

    def _run(self, bound: Future[int]) -> None:
        try:
            asyncio.run(self._serve(bound))
        except Exception as error:
            if bound.done():
                raise
            bound.set_exception(error)

    async def _serve(self, bound: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="endpoint-worker")
        hub = Hub(self._loop, workers, self._dispatcher, Renderer(self._clock), self._bounds)
        try:
            server = await self._listen(hub)
            bound.set_result(server.sockets[0].getsockname()[1])
            sweeper = asyncio.create_task(_sweep(hub))
            await self._stopping.wait()
            server.close()
            await hub.drain()
            sweeper.cancel()
        finally:
            workers.shutdown(wait=False, cancel_futures=True)

    async def _listen(self, hub: Hub) -> asyncio.Server:
        assert self._loop is not None
        if self._tls is None:
            return await self._loop.create_server(
                lambda: Connection(hub), HOST, self._port, backlog=_BACKLOG
            )
        from workbench.endpoint.tls import TlsLayer, server_context  # noqa: PLC0415 - 60 ms, rare

        self._context = server_context(self._tls)

        def layer() -> TlsLayer:
            assert self._context is not None
            return TlsLayer(self._context, Connection(hub))

        return await self._loop.create_server(layer, HOST, self._port, backlog=_BACKLOG)


async def _sweep(hub: Hub) -> None:
    """Look at the deadlines ten times in the shortest of them, but at most ten times a second."""
    bounds = hub.bounds
    shortest = min(
        bounds.head_seconds, bounds.body_seconds, bounds.write_seconds, bounds.idle_seconds
    )
    while True:
        await asyncio.sleep(max(0.1, min(1.0, shortest / 10)))
        hub.sweep()
