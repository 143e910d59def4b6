"""The journal events of a signature: who had the key sign, when, and that the log still says so.

Owns asking the log by request id and the words for what is not found. Must not know how the log is
kept: it is CloudTrail's LookupEvents, and the vault's journal for the place and its proof.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

_BEFORE: Final = timedelta(hours=1)
_AFTER: Final = timedelta(minutes=1)
"""Around a file's end its requests are looked for first; the whole log takes longer."""


class Place(Protocol):
    """Where an event stands in the journal."""

    @property
    def index(self) -> int:
        """Its number, from 0."""

    @property
    def size(self) -> int:
        """How many events the journal has."""

    @property
    def included(self) -> bool:
        """Whether the inclusion proof (RFC 9162 §2.1.3) leads from the event to the root."""


class Journal(Protocol):
    """What tells an event's place: `workbench.audit.journal.Journal`."""

    def place(
        self, event_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> Place | None:
        """Return where an event stands, or None."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A Sign request as the log has it.

    Attributes:
        request: its id.
        name: the operation, or empty where the event was not found.
        moment: when, UTC.
        identity: ARN of who asked.
        place: where it stands in the journal, or None where that is not told.
        sentence: why nothing more is known, or empty.
    """

    request: str
    name: str = ""
    moment: datetime | None = None
    identity: str = ""
    place: Place | None = None
    sentence: str = ""


def trace(
    cloudtrail: Any, journal: Journal, requests: Sequence[str], finished: datetime | None
) -> tuple[Traced, ...]:
    """Look up what the log says about requests.

    Args:
        cloudtrail: boto3-shaped client with `lookup_events`; it decides who may see events.
        journal: tells the place of an event.
        requests: ids of Sign requests.
        finished: when the file was signed, if known, UTC.
    """
    return tuple(_trace(cloudtrail, journal, one, finished) for one in requests)


def _trace(cloudtrail: Any, journal: Journal, request: str, finished: datetime | None) -> Traced:
    wanted: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventId", "AttributeValue": request}]
    }
    span = (None, None) if finished is None else (finished - _BEFORE, finished + _AFTER)
    # The clock may have been set meanwhile: then the whole log is looked through.
    for since, until in dict.fromkeys((span, (None, None))):
        times = {} if since is None else {"StartTime": since, "EndTime": until}
        try:
            found = cloudtrail.lookup_events(**wanted, **times)["Events"]
        except (ClientError, BotoCoreError) as error:
            step = str(getattr(error, "next_step", "") or "")
            return Traced(request, sentence=f"{error} {step}".strip())
        if found:
            record = json.loads(found[0]["CloudTrailEvent"])
            return Traced(
                request, found[0]["EventName"], found[0]["EventTime"],
                record["userIdentity"]["arn"], journal.place(request, since, until),
            )  # fmt: skip
    return Traced(
        request,
        sentence="This vault's journal has no such event: ask the log of the service whose key "
        "it is for the request by its id.",
    )
