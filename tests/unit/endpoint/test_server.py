"""The server over real sockets: many clients, slow ones, hostile ones, and its end."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.http_client import RawClient, request_bytes, signed_request
from tests.fakes.wire import FakeBackend
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault, Refused
from workbench.endpoint.messages import Request
from workbench.endpoint.ports import Bounds
from workbench.endpoint.reading import Reader
from workbench.endpoint.server import EndpointServer

QUICK = Bounds(
    head_bytes=4096,
    head_count=30,
    body_bytes=8192,
    head_seconds=0.3,
    body_seconds=0.3,
    write_seconds=0.3,
    idle_seconds=0.3,
    connections=4,
    stop_seconds=0.3,
)
HEAD = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class Gate:
    """An operation that waits until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        self.reached.set()
        assert self.open.wait(20)
        return {}


@pytest.fixture
def backend() -> FakeBackend:
    found = FakeBackend({("kms", "ListKeys"): lambda request: {"NextMarker": request["Marker"]}})
    found.slow_ones = {"CreateKey"}
    return found


@pytest.fixture
def port(backend: FakeBackend) -> Iterator[int]:
    with EndpointServer(backend, SystemClock()) as server:
        yield int(server.url.rpartition(":")[2])


@pytest.fixture
def quick_port(backend: FakeBackend) -> Iterator[int]:
    with EndpointServer(backend, SystemClock(), bounds=QUICK) as server:
        yield int(server.url.rpartition(":")[2])


def listing(port: int, marker: str = "m") -> bytes:
    return signed_request(port, "ListKeys", {"Marker": marker})


def test_a_connection_is_kept(port: int) -> None:
    with RawClient(port) as client:
        for number in range(5):
            reply = client.ask(listing(port, str(number)))
            assert (reply.status, reply.document) == (200, {"NextMarker": str(number)})
            assert "connection" not in reply.headers


def test_a_client_may_ask_for_the_end(port: int) -> None:
    with RawClient(port) as client:
        reply = client.ask(listing(port).replace(b"Host:", b"Connection: close\r\nHost:"))
        assert reply.headers["connection"] == "close"
        assert client.closed()


def test_requests_may_follow_each_other_unasked(port: int, backend: FakeBackend) -> None:
    backend.answers[("kms", "CreateKey")] = lambda _: {}
    with RawClient(port) as client:
        numbers = [str(n) for n in range(40)]
        slow = signed_request(port, "CreateKey", {})
        client.send(slow.join(listing(port, n) for n in numbers))
        for number in numbers:
            reply = client.reply()
            assert reply is not None
            assert reply.document == {"NextMarker": number}
            if number != numbers[-1]:
                assert client.reply() is not None
    assert {name.startswith("endpoint-worker") for name in backend.threads} == {True, False}


def test_many_requests_may_come_at_once(port: int) -> None:
    with RawClient(port) as client:
        client.send(listing(port) * 100)
        for _ in range(100):
            reply = client.reply()
            assert reply is not None
            assert reply.status == 200


def test_a_client_may_end_its_side_before_the_answer(port: int, backend: FakeBackend) -> None:
    gate = backend.answers[("kms", "CreateKey")] = Gate()
    with RawClient(port) as client:
        client.send(signed_request(port, "CreateKey", {}))
        client.socket.shutdown(socket.SHUT_WR)
        assert gate.reached.wait(10)
        with RawClient(port) as other:  # by now the server knows of the end
            assert other.ask(listing(port)).status == 200
        gate.open.set()
        reply = client.reply()
        assert reply is not None
        assert (reply.status, reply.headers["connection"]) == (200, "close")


def test_no_more_is_read_than_there_is_room_for(port: int, backend: FakeBackend) -> None:
    gate = backend.answers[("kms", "CreateKey")] = Gate()
    with RawClient(port, timeout=0.5) as client:
        client.send(signed_request(port, "CreateKey", {}))
        with pytest.raises(TimeoutError):
            client.send(listing(port) * 60_000)  # 40 MB
        gate.open.set()


def test_our_own_slowness_cuts_nobody_off(quick_port: int, backend: FakeBackend) -> None:
    gate = backend.answers[("kms", "CreateKey")] = Gate()
    with RawClient(quick_port) as client:
        client.send(signed_request(quick_port, "CreateKey", {}))
        assert gate.reached.wait(10)
        for _ in range(2):  # each as long as a client may be silent
            with RawClient(quick_port) as other:
                assert other.closed()
        gate.open.set()
        reply = client.reply()
        assert reply is not None
        assert reply.status == 200


def test_a_request_may_come_byte_by_byte(port: int) -> None:
    with RawClient(port) as client:
        for byte in listing(port):
            client.send(bytes([byte]))
        reply = client.reply()
        assert reply is not None
        assert reply.status == 200


def test_a_body_may_come_in_chunks(port: int) -> None:
    with RawClient(port) as client:
        head, _, body = listing(port).partition(b"\r\n\r\n")
        head = head.replace(f"Content-Length: {len(body)}".encode(), b"Transfer-Encoding: chunked")
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
        assert client.ask(head + b"\r\n\r\n" + chunks + b"0\r\n\r\n").status == 200


def test_who_asks_first_is_told_to_go_on(port: int) -> None:
    with RawClient(port) as client:
        head, _, body = listing(port).partition(b"\r\n\r\n")
        reply = client.ask(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert reply.status == 100
        assert client.ask(body).status == 200
        assert client.ask(HEAD + b"Expect: tea\r\n\r\n").status == 417


def test_what_takes_long_holds_nobody_up(port: int, backend: FakeBackend) -> None:
    gate = backend.answers[("kms", "CreateKey")] = Gate()
    with RawClient(port) as patient, RawClient(port) as other:
        patient.send(signed_request(port, "CreateKey", {}))
        assert gate.reached.wait(10)
        for _ in range(20):
            assert other.ask(listing(port)).status == 200
        gate.open.set()
        reply = patient.reply()
        assert reply is not None
        assert reply.status == 200


def test_many_clients_at_once(port: int) -> None:
    def client(number: int) -> int:
        with RawClient(port) as connection:
            request = listing(port, str(number))
            return sum(
                connection.ask(request).document == {"NextMarker": str(number)} for _ in range(10)
            )

    with ThreadPoolExecutor(40) as pool:
        assert list(pool.map(client, range(40))) == [10] * 40


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"POST / HTTP/1.1\nHost: 127.0.0.1\n\n", 400),
        (b"POST / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n\r\n", 400),
        (HEAD + b"Host: 127.0.0.1\r\n\r\n", 400),
        (HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
        (HEAD + b"Content-Length: -3\r\n\r\nabc", 400),
        (HEAD + b"Content-Length: 0x3\r\n\r\nabc", 400),
        (HEAD + b"Content-Length: 99999999999999999999999\r\n\r\nabc", 400),
        (HEAD + b"Content-Length: 1048577\r\n\r\nabc", 413),
        (HEAD + b"Transfer-Encoding: identity\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: x\r\n\r\n", 400),
        (HEAD + b"Authorization: a\r\nAuthorization: b\r\n\r\n", 400),
        (HEAD + b"X-Folded: a\r\n b\r\n\r\n", 400),
        (HEAD + b"X-Null: a\x00b\r\n\r\n", 400),
        (HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 400),
        (HEAD + b"Origin: http://evil.example\r\n\r\n", 403),
        (HEAD.replace(b"127.0.0.1", b"evil.example") + b"\r\n", 403),
        (HEAD.replace(b"POST / ", b"POST http://127.0.0.1/ ") + b"\r\n", 400),
        (HEAD.replace(b"POST", b"OPTIONS") + b"\r\n", 405),
        (HEAD.replace(b"POST", b"DELETE") + b"\r\n", 405),
        (b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (HEAD + b"A: b\r\n" * 101 + b"\r\n", 431),
        (HEAD + b"A: " + b"b" * 33_000 + b"\r\n\r\n", 431),
        (b"POST /" + b"a" * 40_000, 431),
    ],
)
def test_what_is_not_plain_http_is_refused_and_the_connection_ended(
    port: int, backend: FakeBackend, raw: bytes, status: int
) -> None:
    with RawClient(port) as client:
        client.send(raw)
        reply = client.reply()
        assert reply is not None
        assert reply.status == status
        assert reply.headers["connection"] == "close"
        assert client.closed()
    assert backend.calls == []


def test_nothing_after_a_smuggled_request_is_heard(port: int, backend: FakeBackend) -> None:
    smuggled = HEAD + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" + listing(port)
    with RawClient(port) as client:
        client.send(listing(port) + smuggled)
        first, second = client.reply(), client.reply()
        assert first is not None
        assert second is not None
        assert (first.status, second.status) == (200, 400)
        assert client.reply() is None
    assert len(backend.calls) == 1


def test_a_body_too_large_gets_its_answer_though_it_is_still_being_sent(port: int) -> None:
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    with RawClient(port) as client:
        client.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)
        reply = client.reply()
        assert reply is not None
        assert reply.status == 413


def test_a_refusal_is_not_lost_to_who_is_still_sending(port: int) -> None:
    with RawClient(port) as client:
        reply = client.ask(HEAD + b"Content-Length: 1500000\r\n\r\n")
        assert reply.status == 413
        for _ in range(15):  # a socket closed at once would answer these with a reset
            client.send(b"x" * 100_000)
        assert client.closed()


class Refusals:
    """A sink that takes note of the last word."""

    def __init__(self) -> None:
        self.status = 0

    def take(self, request: Request) -> None:
        raise AssertionError(request)

    def refuse(self, status: int, message: str) -> None:
        assert message
        self.status = status

    def invite(self) -> None:
        raise AssertionError

    def allow(self, seconds: float) -> None:
        assert seconds > 0


@pytest.mark.parametrize("start", [HEAD + b"X-Endless: ", HEAD, b"POST /"])
def test_a_head_without_end_is_not_kept(start: bytes) -> None:
    sink = Refusals()
    reader = Reader(Bounds(head_bytes=4096), sink)
    reader.feed(start)
    for _ in range(3):
        reader.feed(b"a" * 1000)
    assert sink.status == 0
    reader.feed(b"a" * 1200)
    assert sink.status == 431


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (b"", None),
        (b"\r\n\r\n", None),
        (b"POST / HT", 408),
        (HEAD, 408),
        (HEAD + b"X-Slow: ", 408),
        (HEAD + b"Content-Length: 10\r\n\r\nabc", 408),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", 408),
    ],
)
def test_who_dawdles_is_cut_off(quick_port: int, start: bytes, status: int | None) -> None:
    with RawClient(quick_port) as client:
        client.send(start)
        reply = client.reply()
        assert (reply and reply.status) == status
        assert client.closed()


def test_a_kept_connection_that_is_silent_is_closed(quick_port: int) -> None:
    with RawClient(quick_port) as client:
        assert client.ask(listing(quick_port)).status == 200
        assert client.reply() is None


def test_who_does_not_read_is_cut_off(backend: FakeBackend) -> None:
    backend.answers[("kms", "ListKeys")] = lambda _: {"NextMarker": "x" * 1_000_000}
    bounds = replace(QUICK, write_seconds=0.2, head_seconds=1.0)
    with EndpointServer(backend, SystemClock(), bounds=bounds) as server:
        port = int(server.url.rpartition(":")[2])
        with RawClient(port) as deaf, RawClient(port) as witness:
            deaf.send(listing(port) * 60)
            assert witness.reply() is None  # itself closed for silence, but later
            assert len(backend.calls) < 60
            assert deaf.drain() < 60_000_000


def test_one_connection_too_many_is_told_so(quick_port: int) -> None:
    clients = [RawClient(quick_port) for _ in range(QUICK.connections)]
    assert all(client.ask(listing(quick_port)).status == 200 for client in clients)
    with RawClient(quick_port) as late:
        reply = late.reply()
        assert reply is not None
        assert reply.status == 503
        assert late.closed()
    for client in clients:
        client.socket.close()


def test_stopping_answers_what_is_under_way(backend: FakeBackend) -> None:
    gate = backend.answers[("kms", "CreateKey")] = Gate()
    server = EndpointServer(backend, SystemClock())
    port = server.start()
    with RawClient(port) as busy, RawClient(port) as idle:
        assert idle.ask(listing(port)).status == 200
        busy.send(signed_request(port, "CreateKey", {}))
        assert gate.reached.wait(10)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert idle.reply() is None
        gate.open.set()
        reply = busy.reply()
        assert reply is not None
        assert (reply.status, reply.headers["connection"]) == (200, "close")
        assert busy.closed()
        stopping.join(10)
    assert not stopping.is_alive()
    assert not server.running
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)


def test_stopping_does_not_wait_for_ever(
    backend: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    gate = backend.answers[("kms", "CreateKey")] = Gate()
    server = EndpointServer(backend, SystemClock(), bounds=QUICK)
    port = server.start()
    with RawClient(port) as busy:
        busy.send(signed_request(port, "CreateKey", {}))
        assert gate.reached.wait(10)
        server.stop()
        assert busy.reply() is None
    gate.open.set()
    for thread in threading.enumerate():
        if thread.name.startswith("endpoint-worker"):
            thread.join(10)
    assert caplog.records == []


def test_it_can_be_started_again_but_not_twice(backend: FakeBackend) -> None:
    server = EndpointServer(backend, SystemClock())
    first = server.start()
    with pytest.raises(Refused):
        server.start()
    other = EndpointServer(backend, SystemClock(), port=first)
    with pytest.raises(EnvironmentFault, match=f"port {first}"):
        other.start()
    assert not other.running
    server.stop()
    server.stop()
    assert server.start() == first
    assert server.url == f"http://127.0.0.1:{first}"
    with RawClient(first) as client:
        assert client.ask(listing(first)).status == 200
    server.stop()


def test_it_listens_on_the_loopback_alone(port: int) -> None:
    with socket.socket() as other:
        other.settimeout(1)
        with pytest.raises(ConnectionRefusedError):
            other.connect(("127.0.0.2", port))


def test_rates_and_keys_can_change_while_it_runs(backend: FakeBackend) -> None:
    with EndpointServer(backend, SystemClock(), rates={("kms", "ListKeys"): 0.001}) as server:
        port = int(server.url.rpartition(":")[2])
        with RawClient(port) as client:
            assert client.ask(listing(port)).status == 200
            assert client.ask(listing(port)).document["__type"] == "ThrottlingException"
            server.set_rates({})
            server.forget_secrets()
            assert client.ask(listing(port)).status == 200
            backend.credentials.clear()
            refused = client.ask(listing(port))
            assert refused.document["__type"] == "UnrecognizedClientException"
            assert len(refused.headers["x-amzn-requestid"]) == 36


def test_a_get_of_nothing_is_answered(port: int) -> None:
    with RawClient(port) as client:
        raw = request_bytes(f"127.0.0.1:{port}", {}, b"", method="GET", path="/favicon.ico")
        assert client.ask(raw).status == 404
