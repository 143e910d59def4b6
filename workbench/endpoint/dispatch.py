"""One request's way: protocol, signature, rate, members, backend, answer.

The boundary where errors become AWS's answers. Must not know sockets or threads: a request that
takes its time is handed back as a function for somebody else to call.
"""

import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

from workbench.api.calls import Caller
from workbench.api.errors import AwsError
from workbench.api.validation import WrongType
from workbench.base.clock import Clock
from workbench.base.errors import Locked
from workbench.base.identifiers import new_request_id
from workbench.endpoint.guard import from_a_browser, objection
from workbench.endpoint.messages import JSON, Request, Response
from workbench.endpoint.ports import Backend, Beside, Public, Rates
from workbench.endpoint.protocols import Operation, Wire, wire_of
from workbench.endpoint.refusals import UNKNOWN_FAILURE, Refusal
from workbench.endpoint.sigv4 import Verifier
from workbench.endpoint.throttle import Throttle

_LOG = logging.getLogger(__name__)

_NOTHING = Beside()
_LONGEST_AGENT = 512  # the journal keeps it with each request
OCSP_REQUEST = "application/ocsp-request"

Work = Callable[[], Response]


class Dispatcher:
    """Answers requests.

    Args:
        backend: carries them out.
        clock: time of signatures and rates.
        verify_signatures: see `Verifier`.
        rates: requests per second by operation.
        beside: what is outside AWS's protocols.
    """

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        *,
        verify_signatures: bool = True,
        rates: Rates | None = None,
        beside: Beside = _NOTHING,
    ) -> None:
        self._backend = backend
        self.verifier = Verifier(backend, clock, verify=verify_signatures)
        self.throttle = Throttle(clock, rates or {})
        self._routes = dict(beside.routes)
        self._public = beside.public
        self.count = 0

    def __call__(self, request: Request, *, secure: bool = True) -> Response | Work:
        """Return the answer, or the work that makes it, to be done off the event loop.

        Neither raises anything.

        Args:
            request: what is asked for.
            secure: False for a request that came in clear where TLS is spoken.
        """
        self.count += 1
        if self._public is not None and self._is_public(request):
            return self._publish(request, self._public)
        if not secure:
            return plain(400, "This endpoint speaks TLS: its URL begins with https.")
        objected = objection(request)
        if objected is not None:
            return plain(*objected)
        if request.path != "/" or request.head:
            return self._route(request)
        wire = wire_of(request)
        service = ""
        try:
            operation = wire.operation(request)
            service = operation.service
            return self._begin(request, wire, operation)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever it is, it is answered
            return _failed(wire, service, error)

    def _begin(self, request: Request, wire: Wire, operation: Operation) -> Response | Work:
        service, name = operation.service, operation.name
        party = self.verifier.authenticate(request, service, query_protocol=wire.query_protocol)
        if not self.throttle.admits(service, name):
            raise _too_many(service)
        members = operation.parse(request)
        agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]

        def work() -> Response:
            return self._carry(wire, operation, party.region, members, party.caller, agent)

        return work if self._backend.slow(service, name, members) else work()

    def _carry(
        self,
        wire: Wire,
        operation: Operation,
        region: str,
        members: dict[str, Any],
        caller: Caller,
        agent: str,
    ) -> Response:
        try:
            answer, request_id = self._backend.call(
                operation.service, operation.name, region, members, caller, agent
            )
            return operation.success(answer, request_id)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever it is, it is answered
            return _failed(wire, operation.service, error)

    def _is_public(self, request: Request) -> bool:
        if request.path == "/":  # where an OCSP responder with a name of its own is
            return request.headers.get("content-type") == OCSP_REQUEST
        return request.path not in self._routes

    def _publish(self, request: Request, public: Public) -> Response | Work:
        objected = from_a_browser(request)
        if objected is not None:
            return plain(*objected)

        method = "GET" if request.head else request.method

        def work() -> Response:
            try:
                status, kind, body = public(method, request.path, request.body)
            except Exception as error:  # noqa: BLE001 - the boundary: whatever it is, it is answered
                _log_bug(error)
                return plain(500, UNKNOWN_FAILURE)
            return Response(status, body, kind, new_request_id())

        return work

    def _route(self, request: Request) -> Response | Work:
        route = self._routes.get(request.path)
        if request.path == "/":
            return plain(405, "Operations are not asked for with HEAD.")
        if route is None:
            return plain(404, "There is nothing at this path.")

        def work() -> Response:
            try:
                status, document = route(request.method, request.body)
            except Exception as error:  # noqa: BLE001 - the boundary: whatever it is, it is answered
                _log_bug(error)
                return plain(500, UNKNOWN_FAILURE)
            body = json.dumps(document).encode("ascii")
            return Response(status, body, "application/json", new_request_id())

        return work


def plain(status: int, message: str, *, close: bool = True) -> Response:
    """Return an answer outside AWS's errors: a JSON object with a message."""
    body = json.dumps({"message": message}).encode("ascii")
    return Response(status, body, JSON, new_request_id(), close)


def _too_many(service: str) -> Refusal:
    # AWS KMS Developer Guide, "Throttling AWS KMS requests".
    kms = (
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    )
    return Refusal("ThrottlingException", kms if service == "kms" else "Rate exceeded")


def _failed(wire: Wire, service: str, error: Exception) -> Response:
    request_id = getattr(error, "request_id", "") or new_request_id()
    code, message = _words(error)
    if code == "InternalFailure":
        _log_bug(error)
    return wire.failure(service, code, message, request_id)


def _words(error: Exception) -> tuple[str, str]:
    """Return AWS's code and message for an error."""
    if isinstance(error, Refusal | AwsError) and error.code != "InternalFailure":
        return error.code, error.message
    if isinstance(error, WrongType):
        where = str(error)
        return (
            "SerializationException",
            f"The value of '{where}' is of a wrong type" if where else "",
        )
    if isinstance(error, Locked):
        # AWS's common error for what passes; clients try again, and an unlocked vault answers.
        return "ServiceUnavailableException", str(error)
    return "InternalFailure", UNKNOWN_FAILURE


def _log_bug(error: Exception) -> None:
    """Log where a bug is, but not its message, which may quote what was handled."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _LOG.error("The endpoint failed: %s\n%s", type(error).__name__, frames)
