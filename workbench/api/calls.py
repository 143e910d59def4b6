"""What a request carries with it: who calls, when, where, and what the journal should note."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.base.identifiers import Place


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity a request acts as (CloudTrail's userIdentity).

    Attributes:
        arn: the principal's ARN; the account root is the owner of a vault.
        account: its twelve-digit account.
        kind: CloudTrail's identity type: Root, IAMUser, AssumedRole, AWSService.
        invoked_by: the AWS service that made the request on the caller's behalf, or empty.
    """

    arn: str
    account: str
    kind: str = "Root"
    invoked_by: str = ""

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
        if self.invoked_by:
            identity["invokedBy"] = self.invoked_by
        return identity


class Call:
    """One request on its way through the door.

    Attributes:
        caller: who acts.
        time: when the request was accepted, UTC.
        request_id: AWS-style request id.
        place: partition, account and Region of the vault.
        resources: ARNs the journal names for this request.
        additional: CloudTrail's additionalEventData.
    """

    __slots__ = ("additional", "caller", "place", "request_id", "resources", "time")

    def __init__(self, caller: Caller, time: datetime, request_id: str, place: Place) -> None:
        self.caller = caller
        self.time = time
        self.request_id = request_id
        self.place = place
        self.resources: tuple[str, ...] = ()
        self.additional: dict[str, str] | None = None

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


Operations = Mapping[str, Operation]
