"""A client that speaks HTTP to the endpoint by hand: signed, kept alive, or hostile."""

import json
import socket
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.fakes.wire import KEY_ID, REGION, SECRET
from workbench.endpoint.messages import Request

TARGETS = {"kms": "TrentService", "acm-pca": "ACMPrivateCA"}


class Key(NamedTuple):
    """What requests are signed with."""

    key_id: str = KEY_ID
    secret: str = SECRET
    token: str | None = None
    region: str = REGION


DEFAULT_KEY = Key()


class Reply(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def signed_headers(
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    service: str = "kms",
    key: Key = DEFAULT_KEY,
    method: str = "POST",
) -> dict[str, str]:
    """Return `headers` and those of botocore's own signature, as of now."""
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    credentials = Credentials(key.key_id, key.secret, key.token)
    botocore.auth.SigV4Auth(credentials, service, key.region).add_auth(request)
    return dict(request.headers.items())


def request_bytes(
    host: str, headers: dict[str, str], body: bytes, *, method: str = "POST", path: str = "/"
) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def signed_request(
    port: int,
    operation: str,
    members: dict[str, Any] | bytes,
    *,
    service: str = "kms",
    key: Key = DEFAULT_KEY,
) -> bytes:
    """Return a signed AWS JSON request, ready to be sent as often as its date allows."""
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    host = f"127.0.0.1:{port}"
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{TARGETS[service]}.{operation}",
    }
    signed = signed_headers(f"http://{host}/", body, headers, service=service, key=key)
    return request_bytes(host, signed, body)


def as_request(raw: bytes) -> Request:
    """Return a request as the server would have read it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(": ") for line in lines)
    return Request(method, target, {n.lower(): v for n, _, v in pairs}, body)


class RawClient:
    """One kept connection to the endpoint."""

    def __init__(self, port: int, timeout: float = 10.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, data: bytes) -> Reply:
        """Send a request, return its answer."""
        self.socket.sendall(data)
        reply = self.reply()
        assert reply is not None, "the server closed the connection"
        return reply

    def reply(self) -> Reply | None:
        """Return the next answer; None when the server has closed the connection instead."""
        while b"\r\n\r\n" not in self._rest:
            if not self._more():
                return None
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self._rest) < length:
            assert self._more(), "the answer was cut short"
        body, self._rest = self._rest[:length], self._rest[length:]
        return Reply(status, headers, body)

    def closed(self) -> bool:
        """Wait for the server's end of the connection."""
        while self._more():
            pass
        return True

    def drain(self) -> int:
        """Read to the server's end; return how many bytes came."""
        self.closed()
        return len(self._rest)

    def _more(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            return False
        self._rest += data
        return bool(data)


def throughput(port: int, request: bytes, seconds: float) -> float:
    """Return answers a second of one sequential client on one kept connection.

    Raises:
        AssertionError: an answer is not 200.
    """
    with RawClient(port) as client:
        for _ in range(50):
            assert client.ask(request).status == 200
        done, start = 0, time.perf_counter()
        end = start + seconds
        while time.perf_counter() < end:
            _exchange(client.socket, request)
            done += 1
        return done / (time.perf_counter() - start)


def _exchange(connection: socket.socket, request: bytes) -> None:
    """Send a request and read its answer with as little of our own time as may be."""
    connection.sendall(request)
    data = connection.recv(65536)
    assert data.startswith(b"HTTP/1.1 200 ")
    while (head := data.find(b"\r\n\r\n")) < 0:
        data += connection.recv(65536)
    start = data.index(b"Content-Length: ") + 16
    total = head + 4 + int(data[start : data.index(b"\r", start)])
    while len(data) < total:
        data += connection.recv(65536)


def utc(text: str) -> datetime:
    """Return a moment given as ISO 8601 without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
