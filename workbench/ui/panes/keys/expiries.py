"""When missing key material ran out, as CloudTrail tells: KMS itself forgets its date with it.

Reads through a boto3-shaped client, on a worker. Knows no Qt.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from workbench.base.errors import EnvironmentFault
from workbench.ui.panes.keys.inventory import KeyRow, error_code
from workbench.ui.panes.keys.materials import Material

_EXPIRED: Final = "DeleteExpiredKeyMaterial"
_DELETED: Final = "DeleteImportedKeyMaterial"
_PAGES: Final = 4
_PAGE: Final = 50


def with_expiries(cloudtrail: Any, rows: Sequence[KeyRow]) -> list[KeyRow]:
    """Return rows whose missing materials say when they ran out, if they did.

    Nothing is asked unless a material is missing. Where the trail cannot be read, the rows come
    back as they are.
    """
    if not any(_lacks(one) for row in rows for one in row.materials):
        return list(rows)
    found = expired(cloudtrail)
    return [_with_expiry(row, found) for row in rows] if found else list(rows)


def expired(cloudtrail: Any) -> dict[str, datetime]:
    """Return when materials ran out that nobody deleted since, by material id and by key ARN."""
    try:
        ends = dict(_newest(cloudtrail, _EXPIRED))
        deleted = dict(_newest(cloudtrail, _DELETED)) if ends else {}
    except Exception as error:
        # A trail that cannot be reached, as where something else stands in for AWS, spoils no key.
        if error_code(error) != "AccessDeniedException" and not isinstance(error, EnvironmentFault):
            raise
        return {}
    return {
        name: moment
        for name, moment in ends.items()
        if name not in deleted or deleted[name] < moment
    }


def _newest(cloudtrail: Any, event: str) -> Iterator[tuple[str, datetime]]:
    """Yield what an operation befell and when, the newest last so that it counts."""
    items: list[dict[str, Any]] = []
    request: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": event}],
        "MaxResults": _PAGE,
    }
    for _ in range(_PAGES):
        answer = cloudtrail.lookup_events(**request)
        items += answer.get("Events", ())
        if not answer.get("NextToken"):
            break
        request["NextToken"] = answer["NextToken"]
    for item in reversed(items):
        for name in _befallen(item):
            yield name, item["EventTime"]


def _befallen(item: dict[str, Any]) -> Iterator[str]:
    for resource in item.get("Resources", ()):
        yield str(resource.get("ResourceName", ""))
    try:
        more = json.loads(item.get("CloudTrailEvent", "{}")).get("additionalEventData")
    except (ValueError, AttributeError):
        return
    if isinstance(more, dict) and more.get("keyMaterialId"):
        yield str(more["keyMaterialId"])


def _lacks(material: Material) -> bool:
    return not material.present and material.expires is None


def _with_expiry(row: KeyRow, found: dict[str, datetime]) -> KeyRow:
    if not any(map(_lacks, row.materials)):
        return row
    materials = tuple(
        replace(one, expires=found.get(one.id or row.arn)) if _lacks(one) else one
        for one in row.materials
    )
    return replace(row, materials=materials)
