"""The one door: caller → validate → authorise → execute → journal → meter.

Every request of the window, the jobs, the command line, the tests and later the wire enters here.
The door knows operations only by name; the journal and the vault's transactions are given to it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import botocore.model

from workbench.api import cleaning, validation
from workbench.api.calls import IN_PROCESS, Call, Caller, Operation, Operations, Prepared
from workbench.api.errors import AwsError
from workbench.api.events import Event
from workbench.base.clock import Clock
from workbench.base.identifiers import Place, new_request_id


class Recorder(Protocol):
    """Where events go: `workbench.audit.journal.Journal`."""

    def record(self, event: Event, *, durable: bool) -> None:
        """Keep an event; a durable one inside the caller's open transaction."""


class Authoriser(Protocol):
    """Decides whether a caller may make a request."""

    def authorise(self, call: Call, service: str, name: str, request: dict[str, Any]) -> None:
        """Raise `AwsError("AccessDeniedException", …)` unless the request is allowed."""


class OwnAccountOnly:
    """Lets principals of the vault's own account in and nobody else."""

    def authorise(self, call: Call, service: str, name: str, request: dict[str, Any]) -> None:
        """Raise `AwsError("AccessDeniedException", …)` for another account's principal."""
        del request
        if call.caller.account != call.place.account:
            raise AwsError(
                "AccessDeniedException",
                f"User: {call.caller.arn} is not authorized to perform: {service}:{name} because "
                "no resource-based policy allows the action",
            )


class _Entry:
    """What the door keeps of one operation."""

    __slots__ = (
        "answer_for_journal",
        "authorise",
        "check",
        "for_journal",
        "name",
        "operation",
        "service",
    )

    def __init__(
        self,
        model: botocore.model.ServiceModel,
        name: str,
        operation: Operation,
        authoriser: Authoriser,
    ) -> None:
        self.service: str = model.service_name
        self.name = name
        self.operation = operation
        self.authorise = authoriser.authorise
        self.check, self.for_journal, self.answer_for_journal = _compiled(model, name)


_COMPILED: dict[tuple[str, str], tuple[validation.Check, cleaning.Clean, cleaning.Clean]] = {}


def _compiled(
    model: botocore.model.ServiceModel, name: str
) -> tuple[validation.Check, cleaning.Clean, cleaning.Clean]:
    """Return an operation's checks, compiled once for the doors of all Regions."""
    found = _COMPILED.get((model.service_name, name))
    if found is None:
        shapes = model.operation_model(name)
        found = _COMPILED[(model.service_name, name)] = (
            validation.compile_request(shapes),
            cleaning.compile_cleaning(shapes.input_shape),
            cleaning.compile_cleaning(shapes.output_shape),
        )
    return found


class Door:
    """Dispatches requests to registered operations.

    Args:
        place: partition, account and Region of the vault.
        clock: time of requests.
        recorder: the journal.
        transaction: opens a durable transaction of the vault.
        gate: raises `base.errors.Locked` while nothing may pass.
        authoriser: decides who may do what in services that bring no authoriser of their own.
    """

    def __init__(
        self,
        place: Place,
        clock: Clock,
        recorder: Recorder,
        transaction: Callable[[], AbstractContextManager[object]],
        gate: Callable[[], None],
        authoriser: Authoriser | None = None,
    ) -> None:
        self.place = place
        self._clock = clock
        self._recorder = recorder
        self._transaction = transaction
        self._gate = gate
        self._authoriser = authoriser or OwnAccountOnly()
        self._entries: dict[tuple[str, str], _Entry] = {}

    def register(
        self,
        model: botocore.model.ServiceModel,
        operations: Operations,
        authoriser: Authoriser | None = None,
    ) -> None:
        """Let a service's operations be called by the names of its model.

        Args:
            model: the service's botocore model.
            operations: what it offers.
            authoriser: decides who may call them; the door's own when None.
        """
        decides = authoriser or self._authoriser
        for name, operation in operations.items():
            self._entries[(model.service_name, name)] = _Entry(model, name, operation, decides)

    def offers(self, service: str, name: str) -> bool:
        """Whether an operation is registered."""
        return (service, name) in self._entries

    def mutates(self, service: str, name: str) -> bool:
        """Whether an operation is registered and changes what is stored, which waits for a disk."""
        entry = self._entries.get((service, name))
        return entry is not None and entry.operation.mutates

    def call(
        self,
        service: str,
        name: str,
        request: dict[str, Any],
        caller: Caller,
        agent: str = IN_PROCESS,
    ) -> tuple[dict[str, Any], str]:
        """Carry one request through the door.

        Args:
            service: as `kms`.
            name: AWS operation.
            request: its parameters.
            caller: who asks.
            agent: the client's user agent.

        Returns:
            The operation's answer and the request id.

        Raises:
            AwsError: the request was refused or failed as AWS documents; it has been journalled
                under its `request_id`.
            validation.WrongType: a value is of a wrong type; nothing was executed.
            Locked: the vault is locked.
        """
        self._gate()
        entry = self._entries.get((service, name))
        call = Call(caller, self._clock.now(), new_request_id(), self.place, agent)
        if entry is None:
            raise AwsError(
                "UnsupportedOperationException",
                f"{name} of {service} is not offered by this version of Key Workbench.",
            )
        try:
            answer = self._carry(entry, request, call)
        except AwsError as error:
            error.request_id = call.request_id
            self._journal(entry, request, None, call, error)
            raise
        except validation.WrongType:
            raise
        except Exception as error:
            vars(error)["request_id"] = call.request_id  # a bug, of any class
            failure = AwsError("InternalFailure", type(error).__name__)
            self._journal(entry, request, None, call, failure)
            raise
        return answer, call.request_id

    def _carry(self, entry: _Entry, request: dict[str, Any], call: Call) -> dict[str, Any]:
        problems: list[str] = []
        if None in request.values():  # on the wire, null and absent are the same
            request = {name: value for name, value in request.items() if value is not None}
        entry.check(request, "", problems)
        if problems:
            raise AwsError("ValidationException", validation.message(problems))
        entry.authorise(call, entry.service, entry.name, request)
        if not entry.operation.mutates:
            answer = entry.operation.handler(request, call)
            self._journal(entry, request, None, call, None)
            return answer
        if isinstance(entry.operation, Prepared):
            call.prepared = entry.operation.prepare(request, call)
        with self._transaction():
            answer = entry.operation.handler(request, call)
            self._journal(entry, request, answer, call, None, durable=True)
        return answer

    def _journal(
        self,
        entry: _Entry,
        request: dict[str, Any],
        answer: dict[str, Any] | None,
        call: Call,
        error: AwsError | None,
        *,
        durable: bool = False,
    ) -> None:
        event = Event(
            call.time,
            entry.service,
            entry.name,
            call.caller,
            call.place.region,
            call.request_id,
            entry.for_journal(request) if request.__class__ is dict else {},
            None if answer is None else entry.answer_for_journal(answer),
            call.additional,
            call.resources,
            entry.operation.read_only,
            error.code if error else "",
            error.message if error else "",
            call.agent,
        )
        self._recorder.record(event, durable=durable)
