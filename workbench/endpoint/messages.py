"""A request as it came in, and the answer to it as it goes out.

Knows HTTP's words only; `connection` reads and writes them.
"""

from email.utils import format_datetime
from http import HTTPStatus
from typing import NamedTuple

from workbench.base.clock import Clock

JSON = "application/x-amz-json-1.1"
XML = "text/xml"

_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


class Request:
    """One HTTP request, whole.

    Attributes:
        method: such as POST.
        path: of the request target, not decoded.
        query: after the question mark, not decoded.
        headers: by lower-case name; bytes outside ASCII as Latin-1, repeated fields comma-joined.
        body: as sent, chunks put together.
        keep_alive: whether the client may send another on this connection.
    """

    __slots__ = ("body", "headers", "keep_alive", "method", "path", "query")

    def __init__(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes = b"",
        *,
        keep_alive: bool = True,
    ) -> None:
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body
        self.keep_alive = keep_alive

    @property
    def head(self) -> bool:
        """Whether only the head of the answer to GET is asked for."""
        return self.method == "HEAD"


class Response(NamedTuple):
    """One HTTP answer.

    Attributes:
        status: HTTP status code.
        body: as it goes out.
        content_type: of the body.
        request_id: AWS's id of the request.
        close: whether the connection ends with it, whatever the client wishes.
    """

    status: int
    body: bytes
    content_type: str
    request_id: str
    close: bool = False


class Renderer:
    """Turns answers into bytes, with the clock's date (RFC 9110 §6.6.1)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = -1
        self._date = b""

    def render(self, response: Response, *, keep_alive: bool, head: bool = False) -> bytes:
        """Return an answer's bytes; answers hold plaintext keys and are never to be stored.

        To HEAD the body's length is told but no body is sent (RFC 9110 §9.3.2).
        """
        return b"".join(
            (
                b"HTTP/1.1 %d %b\r\n" % (response.status, _REASONS[response.status]),
                b"x-amzn-RequestId: %b\r\n" % response.request_id.encode("ascii"),
                b"Content-Type: %b\r\n" % response.content_type.encode("ascii"),
                b"Content-Length: %d\r\n" % len(response.body),
                b"Cache-Control: no-store\r\n",
                self._date_line(),
                b"\r\n" if keep_alive else b"Connection: close\r\n\r\n",
                b"" if head else response.body,
            )
        )

    def _date_line(self) -> bytes:
        now = self._clock.now()
        second = int(now.timestamp())
        if second != self._second:
            self._second = second
            self._date = b"Date: %b\r\n" % format_datetime(now, usegmt=True).encode("ascii")
        return self._date
