"""Which requests used a key material, as CloudTrail's events tell.

Reads through a boto3-shaped client, on a worker. Knows no Qt.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from workbench.ui.panes.keys.inventory import KeyRow, error_code
from workbench.ui.panes.keys.tabs.activity import Event, read_events

_PAGES = 4
_KEEPING: Final = frozenset(
    {
        "DeleteExpiredKeyMaterial",
        "DeleteImportedKeyMaterial",
        "ImportKeyMaterial",
        "RotateKey",
        "RotateKeyOnDemand",
    }
)
"""Requests about a material that do not use it."""


@dataclass(frozen=True, slots=True)
class Use:
    """Requests of one kind with one encryption context.

    Attributes:
        operation: AWS's name of it.
        context: what was encrypted or decrypted, as the encryption context says; may be empty.
        count: how many.
        newest: when the last of them was.
    """

    operation: str
    context: str
    count: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class NamedJob:
    """A signing job with a key.

    Attributes:
        id: the job's.
        title: what it is about.
        created: when it was submitted, UTC.
    """

    id: str
    title: str
    created: datetime


def jobs_of(jobs: Any, row: KeyRow) -> tuple[NamedJob, ...]:
    """Return the signing jobs in the queue that use a key, the newest first."""
    known = {row.id, row.arn, *(f"alias/{name}" for name in row.names)}
    found = [
        NamedJob(job.id, job.title, job.created)
        for job in jobs.jobs()
        if job.recipe.key_id in known
    ]
    return tuple(sorted(found, key=lambda job: job.created, reverse=True))


def recent_events(cloudtrail: Any, arn: str, pages: int = _PAGES) -> tuple[Event, ...]:
    """Return the newest events of a key, some pages of them."""
    found: list[Event] = []
    token = ""
    for _ in range(pages):
        page = read_events(cloudtrail, arn, token)
        found.extend(page.events)
        token = page.following
        if not token:
            break
    return tuple(found)


def uses_of(cloudtrail: Any, row: KeyRow, material: str) -> int:
    """Return how many of a key's newest requests used a material; 0 where nobody may ask."""
    try:
        events = recent_events(cloudtrail, row.arn)
    except Exception as error:
        if error_code(error) != "AccessDeniedException":
            raise
        return 0
    return sum(event.material == material and event.name not in _KEEPING for event in events)


def group_uses(events: Sequence[Event], material: str) -> tuple[Use, ...]:
    """Return what a material was used for, the most frequent first."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for event in events:
        if event.material == material:
            found.setdefault((event.name, _context_of(event)), []).append(event.time)
    uses = [Use(*what, len(times), max(times)) for what, times in found.items()]
    return tuple(sorted(uses, key=lambda use: (-use.count, use.operation, use.context)))


def _context_of(event: Event) -> str:
    try:
        asked = json.loads(event.document).get("requestParameters") or {}
    except (ValueError, AttributeError):
        return ""
    context = asked.get("encryptionContext") if isinstance(asked, Mapping) else None
    if not isinstance(context, Mapping):
        return ""
    return ", ".join(f"{name}={value}" for name, value in sorted(context.items()))
