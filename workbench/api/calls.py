"""What a request carries with it: who calls, when, where, and what the journal should note."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from workbench.base.identifiers import Place


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity a request acts as (CloudTrail's userIdentity).

    Attributes:
        arn: the principal's ARN; the account root is the owner of a vault.
        account: its twelve-digit account.
        kind: CloudTrail's identity type: Root, IAMUser, AssumedRole, AWSService.
        invoked_by: the AWS service that made the request on the caller's behalf, or empty.
        principal: ARN of the user or role whose policies apply, where `arn` is a session's; see
            `identity`.
        policies: identity policy documents (JSON text) the caller brings along; None when those
            of the vault's identities apply.
        session_policies: documents that narrow a session, as AssumeRole's `Policy`.
        tags: the principal's tags, (key, value).
        organization: id of the account's organization, or empty.
        source_account: account an AWS service acts for, or empty.
        source_arn: resource an AWS service acts for, or empty.
        access_key_id: the access key that signed the request, or empty in process.
    """

    arn: str
    account: str
    kind: str = "Root"
    invoked_by: str = ""
    principal: str = ""
    policies: tuple[str, ...] | None = None
    session_policies: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    organization: str = ""
    source_account: str = ""
    source_arn: str = ""
    access_key_id: str = ""

    @property
    def identity(self) -> str:
        """ARN that policies hang on: the role's of an assumed role, else the caller's own."""
        return self.principal or self.arn

    @classmethod
    def owner(cls, place: Place) -> "Caller":
        """Return the account root of `place`, whom the person at the window acts as."""
        return cls(place.iam("root"), place.account)

    def document(self) -> dict[str, Any]:
        """Return CloudTrail's userIdentity element."""
        identity: dict[str, Any] = {
            "type": self.kind,
            "principalId": self.account if self.kind == "Root" else self.arn.rpartition("/")[2],
            "arn": self.arn,
            "accountId": self.account,
        }
        if self.access_key_id:
            identity["accessKeyId"] = self.access_key_id
        if self.principal and self.principal != self.arn:
            identity["sessionContext"] = {
                "sessionIssuer": {
                    "type": "Role",
                    "arn": self.principal,
                    "accountId": self.account,
                    "userName": self.principal.rpartition("/")[2],
                }
            }
        if self.invoked_by:
            identity["invokedBy"] = self.invoked_by
        return identity


class Actor(Protocol):
    """Whom a client acts as; asked at each request."""

    @property
    def caller(self) -> Caller:
        """The identity; raises `NotFound` where it is not there any more."""


class Acting:
    """Whom a client acts as, where that can change.

    Attributes:
        caller: the identity now.
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller


IN_PROCESS: Final = "key-workbench"
"""User agent of requests that came over no wire."""


class Call:
    """One request on its way through the door.

    Attributes:
        agent: the client's user agent, which anybody may claim.
        caller: who acts.
        time: when the request was accepted, UTC.
        request_id: AWS-style request id.
        place: partition, account and Region of the vault.
        resources: ARNs the journal names for this request.
        additional: CloudTrail's additionalEventData.
        prepared: what the operation's `prepare` returned, or None.
    """

    __slots__ = (
        "additional",
        "agent",
        "caller",
        "place",
        "prepared",
        "request_id",
        "resources",
        "time",
    )

    def __init__(
        self,
        caller: Caller,
        time: datetime,
        request_id: str,
        place: Place,
        agent: str = IN_PROCESS,
    ) -> None:
        self.agent = agent
        self.caller = caller
        self.time = time
        self.request_id = request_id
        self.place = place
        self.resources: tuple[str, ...] = ()
        self.additional: dict[str, str] | None = None
        self.prepared: Any = None

    def note(self, *resources: str, **additional: str) -> None:
        """Add resource ARNs and additionalEventData entries to this request's journal event."""
        if resources:
            self.resources += resources
        if additional:
            self.additional = {**(self.additional or {}), **additional}


Handler = Callable[[dict[str, Any], Call], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation a service registers with the door.

    Attributes:
        handler: executes it.
        mutates: whether it changes what is stored: such a request and its journal event commit in
            one durable transaction.
        read_only: CloudTrail's readOnly.
    """

    handler: Handler
    mutates: bool = False
    read_only: bool = True


@dataclass(frozen=True, slots=True)
class Prepared(Operation):
    """An operation that changes what is stored after something that takes long.

    Attributes:
        prepare: does what takes long, such as making a key, before the transaction begins, so
            that no other writer waits for it; its result is the call's `prepared`.
    """

    mutates: bool = True
    read_only: bool = False
    prepare: Callable[[dict[str, Any], Call], Any] = lambda *_: None


Operations = Mapping[str, Operation]
