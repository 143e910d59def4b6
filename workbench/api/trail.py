"""CloudTrail's LookupEvents over the journal, so that a key's activity is asked for as on AWS.

Source: AWS CloudTrail API Reference, LookupEvents.
"""

import json
from datetime import UTC, datetime
from typing import Any, Protocol

from botocore.utils import parse_timestamp

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError

_PAGE = 50


class Log(Protocol):
    """What the journal offers to be searched by."""

    def flush(self) -> None:
        """Make every event recorded so far findable."""

    def lookup(
        self,
        resource: str | None = None,
        event_name: str | None = None,
        before: int | None = None,
        limit: int = _PAGE,
    ) -> list[dict[str, Any]]:
        """Return events newest first; each has its sequence number under `seq`."""

    def event(
        self, event_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> dict[str, Any] | None:
        """Return the event of an id between two moments, or None."""


class Trail:
    """The `cloudtrail` service: LookupEvents by resource name, event name, and event id."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {"LookupEvents": Operation(self._lookup_events)}

    def _lookup_events(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        wanted: dict[str, str] = {}
        for attribute in request.get("LookupAttributes", ()):
            wanted[attribute["AttributeKey"]] = attribute["AttributeValue"]
        unknown = set(wanted) - {"ResourceName", "EventName", "EventId"}
        if unknown:
            raise AwsError(
                "InvalidLookupAttributesException",
                "Events can be looked up by ResourceName, EventName and EventId, not by "
                f"{min(unknown)}.",
            )
        if "EventId" in wanted:
            return self._by_id(wanted, request)
        token = request.get("NextToken")
        if token is not None and not token.isdigit():
            raise AwsError("InvalidNextTokenException", "Invalid token")
        limit = min(int(request.get("MaxResults", _PAGE)), _PAGE)
        self._log.flush()
        found = self._log.lookup(
            resource=wanted.get("ResourceName"),
            event_name=wanted.get("EventName"),
            before=int(token) if token else None,
            limit=limit,
        )
        answer: dict[str, Any] = {"Events": [_event(document) for document in found]}
        if len(found) == limit:
            answer["NextToken"] = str(found[-1]["seq"])
        return answer

    def _by_id(self, wanted: dict[str, str], request: dict[str, Any]) -> dict[str, Any]:
        if len(wanted) > 1:
            raise AwsError(
                "InvalidLookupAttributesException", "An EventId is looked up by itself alone."
            )
        since, until = (_moment(request.get(name)) for name in ("StartTime", "EndTime"))
        if since is not None and until is not None and since > until:
            raise AwsError("InvalidTimeRangeException", "StartTime is after EndTime.")
        self._log.flush()
        found = self._log.event(wanted["EventId"], since, until)
        return {"Events": [] if found is None else [_event(found)]}


def _moment(value: Any) -> datetime | None:
    """Return a request's time: a datetime in process, a number or text on the wire."""
    if value is None:
        return None
    try:
        moment = value if isinstance(value, datetime) else parse_timestamp(value)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError, RuntimeError) as error:  # parse_timestamp's last
        raise AwsError("InvalidTimeRangeException", "That is no time.") from error


def _event(document: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.strptime(document["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    record = {name: value for name, value in document.items() if name != "seq"}
    return {
        "EventId": document["eventID"],
        "EventName": document["eventName"],
        "ReadOnly": "true" if document["readOnly"] else "false",
        "EventTime": moment,
        "EventSource": document["eventSource"],
        "Username": document["userIdentity"]["arn"].rpartition(":")[2],
        "Resources": [
            {"ResourceType": item["type"], "ResourceName": item["ARN"]}
            for item in document.get("resources", ())
        ],
        "CloudTrailEvent": json.dumps(record, separators=(",", ":")),
    }
