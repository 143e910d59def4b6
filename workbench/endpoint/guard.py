"""Keeps web pages out: a browser can reach 127.0.0.1 too.

A page may post to the loopback address (cross-site request) or name it by a host of its own (DNS
rebinding, which makes it same-origin). So the Host must be the loopback's own name, and whatever a
browser marks as its own is refused (Fetch standard: Origin; Fetch Metadata: Sec-Fetch-*).
"""

import re

from workbench.endpoint.messages import Request

_BROWSER = (403, "This endpoint does not serve web pages.")
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)


def objection(request: Request) -> tuple[int, str] | None:
    """Return HTTP status and reason to refuse a request by its headers, or None."""
    return _foreign(request) or from_a_browser(request)


def from_a_browser(request: Request) -> tuple[int, str] | None:
    """Return HTTP status and reason to refuse a request that a web page made, or None."""
    if "origin" in request.headers:
        return _BROWSER
    marked = any(name.startswith("sec-fetch-") for name in request.headers)
    return _BROWSER if marked else None


def _foreign(request: Request) -> tuple[int, str] | None:
    host = request.headers.get("host")
    if host is None:
        return 400, "The request has no Host header."
    if _HOST.fullmatch(host) is None:
        return 403, "This endpoint answers to 127.0.0.1 and localhost only."
    return None
