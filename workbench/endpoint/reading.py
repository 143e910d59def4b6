"""Bytes to requests: what httptools reads is put together, counted and judged here.

httptools (llhttp, its leniencies off) knows the syntax: it refuses Content-Length beside
Transfer-Encoding, repeated lengths, bare line feeds and folded headers (RFC 9112 §6.3, §11.2).
"""

from functools import lru_cache
from typing import Protocol

import httptools

from workbench.endpoint.messages import Request
from workbench.endpoint.ports import Bounds

_ONCE = frozenset(
    ("host", "authorization", "content-type", "x-amz-date", "x-amz-target", "x-amz-security-token")
)
"""Headers that must not be given twice: which of them counts would be a matter of opinion."""


class Sink(Protocol):
    """Whom a reader tells what it has read."""

    def take(self, request: Request) -> None:
        """Take a whole request."""

    def refuse(self, status: int, message: str) -> None:
        """Take the last word on this connection: what follows is not read."""

    def invite(self) -> None:
        """Tell the client to send its body (RFC 9110 §10.1.1)."""

    def allow(self, seconds: float) -> None:
        """Take the time that the client now has."""


class Reader:
    """Reads one connection's requests.

    Args:
        bounds: how much a request may be.
        sink: told what was read.
    """

    def __init__(self, bounds: Bounds, sink: Sink) -> None:
        self.in_message = False
        self._bounds = bounds
        self._sink = sink
        self._parser = httptools.HttpRequestParser(self)
        self._deaf = False
        self._clear()

    def _clear(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._header_count = 0
        self._head_bytes = 0
        self._arrived = 0
        self._head_done = False
        self._body: list[bytes] = []
        self._body_bytes = 0

    def stop(self) -> None:
        """Read nothing any more."""
        self._deaf = True

    def feed(self, data: bytes) -> None:
        """Read what has come."""
        if self._deaf:
            return
        if not self._head_done:
            self._arrived += len(data)  # a header without an end would never reach on_header
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.stop()  # refused when its request was complete
        except httptools.HttpParserError:
            self._refuse(400, "The request is not valid HTTP/1.1.")
        size = max(self._arrived, self._head_bytes)
        if not self._head_done and size > self._bounds.head_bytes:
            self._refuse(431, "The request's headers are too large.")

    # What httptools calls.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._clear()
        self.in_message = True
        self._sink.allow(self._bounds.head_seconds)

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request target."""
        self._target += url
        self._head_bytes += len(url)

    def on_header(self, raw_name: bytes, raw_value: bytes) -> None:
        """Take a header."""
        if self._head_done:  # nothing here reads trailers, so nothing may hide in them
            self._refuse(400, "Trailers are not accepted.")
            return
        name, value = _lowered(raw_name), raw_value.decode("latin-1")
        self._header_count += 1
        self._head_bytes += len(name) + len(value) + 4
        if name in self._headers:
            if name in _ONCE:
                self._refuse(400, "A header is given more than once.")
            value = f"{self._headers[name]},{value}"
        self._headers[name] = value

    def on_headers_complete(self) -> None:
        """Judge the head, and the body before it comes."""
        self._head_done = True
        self._sink.allow(self._bounds.body_seconds)
        bounds, headers = self._bounds, self._headers
        if self._header_count > bounds.head_count or self._head_bytes > bounds.head_bytes:
            self._refuse(431, "The request's headers are too large.")
        elif int(headers.get("content-length", 0)) > bounds.body_bytes:
            self._refuse(413, "The request's body is too large.")
        elif "expect" in headers:
            self._expected(headers["expect"])

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body_bytes += len(body)
        if self._body_bytes > self._bounds.body_bytes:
            self._refuse(413, "The request's body is too large.")
        elif not self._deaf:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """Hand the request on."""
        self.in_message = False
        method = self._parser.get_method().decode("ascii")
        target = self._target.decode("latin-1")
        if not target.startswith("/"):
            self._refuse(400, "The request target must be a path.")
        elif method not in {"GET", "HEAD", "POST"}:
            self._refuse(405, "Only POST, GET and HEAD are served.")
        elif self._parser.should_upgrade():
            self._refuse(400, "The connection cannot be upgraded.")
        if not self._deaf:
            keep_alive = self._parser.should_keep_alive()
            body = b"".join(self._body)
            self._sink.take(Request(method, target, self._headers, body, keep_alive=keep_alive))

    # What follows from it.

    def _expected(self, what: str) -> None:
        if what.lower() == "100-continue":
            self._sink.invite()
        else:
            self._refuse(417, "The expectation cannot be met.")

    def _refuse(self, status: int, message: str) -> None:
        if not self._deaf:
            self._deaf = True
            self._sink.refuse(status, message)


@lru_cache(maxsize=256)
def _lowered(name: bytes) -> str:
    return name.decode("latin-1").lower()
