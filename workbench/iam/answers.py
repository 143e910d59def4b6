"""What IAM's operations share: pages, tags, policy texts, refusals, with AWS's texts.

Source: IAM API Reference and User Guide, "IAM and AWS STS quotas".
"""

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from workbench.api.errors import AwsError
from workbench.iam.records import Pairs

MOST_TAGS: Final = 50
_PAGE: Final = 100
_SPACE: Final = re.compile(r"\s+")
_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]+")


def encoded(document: str) -> str:
    """Return a policy as IAM's answers carry it: percent-encoded (RFC 3986)."""
    return quote(document, safe="")


def size(document: str) -> int:
    """Return how many characters of a policy count: IAM leaves out white space."""
    return len(_SPACE.sub("", document))


def whole_second(moment: datetime) -> datetime:
    """Return a moment as IAM keeps it, without a fraction of a second."""
    return moment.replace(microsecond=0)


def checked_name(name: str, member: str) -> str:
    r"""Return a name of ASCII characters only: the models' `\w` is Java's.

    Raises:
        AwsError: ValidationError.
    """
    if not _NAME.fullmatch(name):
        raise AwsError(
            "ValidationError",
            f"The specified value for {member} is invalid. It must contain only alphanumeric "
            "characters and/or the following: +=,.@_-",
        )
    return name


def not_offered(request: dict[str, Any], *members: str) -> None:
    """Refuse members whose silent neglect would let more happen than was asked for.

    Raises:
        AwsError: InvalidInput.
    """
    for member in members:
        if request.get(member):
            raise AwsError(
                "InvalidInput",
                f"{member} is not offered by this version of Key Workbench.",
                "Leave it out and use inline policies.",
            )


def listed(
    member: str, items: Sequence[Any], names: Sequence[str], request: dict[str, Any]
) -> dict[str, Any]:
    """Return one page by Marker and MaxItems, under `member`, with IsTruncated and Marker.

    Args:
        member: what the answer calls the items.
        items: everything, in the order of `names`.
        names: what the marker remembers of each item, ascending.
        request: the request.

    Raises:
        AwsError: ValidationError for a marker that is none.
    """
    start = 0
    if "Marker" in request:
        last = _read_marker(request["Marker"])
        start = sum(name <= last for name in names)
    limit = int(request.get("MaxItems", _PAGE))
    answer: dict[str, Any] = {member: list(items[start : start + limit]), "IsTruncated": False}
    if start + limit < len(items):
        shown = names[start + limit - 1]
        answer["IsTruncated"] = True
        answer["Marker"] = base64.urlsafe_b64encode(shown.encode()).decode()
    return answer


def _read_marker(marker: str) -> str:
    try:
        return base64.b64decode(marker, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise AwsError("ValidationError", f"Invalid Marker: {marker}") from None


def tag_list(tags: Pairs) -> list[dict[str, str]]:
    """Return tags as AWS's answers list them."""
    return [{"Key": key, "Value": value} for key, value in tags]


def listed_tags(tags: Pairs, request: dict[str, Any]) -> dict[str, Any]:
    """Return one page of tags by key; raises as `listed` does."""
    # A marker may have 320 characters, which a tag key in any script can exceed.
    places = [f"{number:02d}" for number in range(len(tags))]
    return listed("Tags", tag_list(tuple(sorted(tags))), places, request)


def merged_tags(present: Pairs, added: Sequence[dict[str, str]]) -> Pairs:
    """Return tags once `added` are put on them; IAM's tag keys are not case sensitive.

    Raises:
        AwsError: InvalidInput for duplicates or reserved keys, LimitExceeded for too many.
    """
    keys = [tag["Key"].lower() for tag in added]
    if len(set(keys)) != len(keys):
        raise AwsError(
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        )
    if any(key.startswith("aws:") for key in keys):
        raise AwsError("InvalidInput", "Tag keys with the prefix aws: are reserved for AWS.")
    kept = [(key, value) for key, value in present if key.lower() not in keys]
    tags = (*kept, *((tag["Key"], tag["Value"]) for tag in added))
    if len(tags) > MOST_TAGS:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for TagsPerResource: {MOST_TAGS}")
    return tags


def without_tags(present: Pairs, keys: Sequence[str]) -> Pairs:
    """Return tags without those named."""
    gone = {key.lower() for key in keys}
    return tuple((key, value) for key, value in present if key.lower() not in gone)
