"""Revocation lists and OCSP over HTTP, without the HTTP: a request in, an answer out.

Whatever has a socket calls `Serving.handle`. Everything served is public; no caller is asked who
they are. Sources: RFC 5280 §4.2.1.13 and RFC 2585 for lists, RFC 6960 appendix A for OCSP.
"""

import base64
import binascii
import logging
import re
import urllib.parse
from collections.abc import Callable
from typing import Final

from workbench.base.clock import Clock
from workbench.base.errors import Locked, WorkbenchError
from workbench.pki.authority import Authority
from workbench.pki.finder import Finder
from workbench.pki.ocsp import INTERNAL_ERROR, LARGEST_REQUEST, TRY_LATER, Responder
from workbench.pki.publishing import COMPLETE

_LOG = logging.getLogger(__name__)
CRL_TYPE: Final = "application/pkix-crl"
OCSP_TYPE: Final = "application/ocsp-response"
TEXT_TYPE: Final = "text/plain; charset=utf-8"

Answer = tuple[int, str, bytes]
"""HTTP status, Content-Type, body."""

_SEQUENCE: Final = b"\x30"
_ID: Final = r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_LIST: Final = re.compile(rf"/(?:[^?#]*/)?{_ID}(?:/(?P<part>[0-9]{{1,3}}))?\.crl")
_OCSP: Final = re.compile(rf"/ocsp(?:/{_ID})?(?:/(?P<asked>.*))?", re.DOTALL)


class Serving:
    """Answers requests for lists and OCSP of one Region's CAs.

    Args:
        finder: the stores.
        responder: answers OCSP questions.
        authorities: the Region's CAs, asked for at every request.
        clock: the time.
    """

    def __init__(
        self,
        finder: Finder,
        responder: Responder,
        authorities: Callable[[], list[Authority]],
        clock: Clock,
    ) -> None:
        self._finder = finder
        self._responder = responder
        self._authorities = authorities
        self._clock = clock

    def handle(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Answer a request.

        Args:
            method: GET or POST.
            path: the request target as it came, percent-encoded.
            body: an OCSP question of a POST.
        """
        listed = _LIST.fullmatch(path)
        if listed is not None:
            return self._list(method, listed)
        asked = _question(method, path, body)
        if asked is None:
            return _said(404, "There is nothing here.")
        return self._ocsp(*asked)

    def _list(self, method: str, found: re.Match[str]) -> Answer:
        if method != "GET":
            return _said(405, "Lists are fetched with GET.")
        try:
            authority = self._by_id(found["id"])
            part = int(found["part"] or COMPLETE)
            there = self._finder.revocations.list_of(authority.arn, part) if authority else None
        except Locked:
            return _said(503, "The vault is locked.")
        if there is None:
            return _said(404, "There is no such list.")
        return 200, CRL_TYPE, there.der

    def _ocsp(self, name: str, question: bytes) -> Answer:
        try:
            named = self._by_id(name) if name else None
            if name and named is None:
                return _said(404, "There is no such certificate authority.")
            authorities = [named] if named else self._authorities()
            answer = self._responder.respond(question, authorities, self._clock.now())
        except Locked:
            answer = TRY_LATER
        except WorkbenchError as error:  # a full disk, when the responder's certificate is due
            _LOG.warning("OCSP was not answered: %s", error)
            answer = INTERNAL_ERROR
        return 200, OCSP_TYPE, answer

    def _by_id(self, name: str) -> Authority | None:
        return next((one for one in self._authorities() if one.id == name), None)


def _question(method: str, path: str, body: bytes) -> tuple[str, bytes] | None:
    """Return the CA named by the path, or empty, and the question; None if it is not for OCSP."""
    found = _OCSP.fullmatch(path)
    name = (found["id"] or "") if found else ""
    if method == "POST":
        return (name, body) if (found and not found["asked"]) or path == "/" else None
    encoded = found["asked"] if found else path.removeprefix("/")
    if method != "GET" or not encoded or len(encoded) > 4 * LARGEST_REQUEST:
        return None
    try:
        asked = base64.b64decode(urllib.parse.unquote_to_bytes(encoded), validate=True)
    except binascii.Error:
        return None
    # Without /ocsp before it, any word of four letters would be a question: but not in DER.
    return (name, asked) if found or asked.startswith(_SEQUENCE) else None


def _said(status: int, sentence: str) -> Answer:
    return status, TEXT_TYPE, f"{sentence}\n".encode()
