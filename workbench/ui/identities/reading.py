"""Users, roles and what hangs on them as rows, read through boto3's IAM methods alone.

Knows no Qt, so it runs on a worker; works on AWS as in process.
What whoever asks may not read is left out and told.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from workbench.base.identifiers import Place
from workbench.ui.errors import explain
from workbench.ui.identities.held import groups_of, held_by, held_through_groups
from workbench.ui.identities.rows import (
    ROLE,
    ROOT,
    USER,
    AccessKeyRow,
    Details,
    HeldPolicy,
    Identities,
    IdentityRow,
    Pairs,
)
from workbench.ui.policies.texts import policy_text


def root_row(place: Place) -> IdentityRow:
    """Return the root of an account."""
    return IdentityRow(place.iam("root"), ROOT, "root", id=place.account)


def read_identities(iam: Any, place: Place) -> Identities:
    """Return everybody of the account.

    Raises:
        Exception: the service failed otherwise than by refusing.
    """
    rows, problems = [root_row(place)], []
    for kind, operation, member in ((USER, "list_users", "Users"), (ROLE, "list_roles", "Roles")):
        found, problem = allowed(partial(_listed, iam, operation, member))
        rows += sorted(
            (_row(kind, item) for item in found or ()), key=lambda row: row.name.casefold()
        )
        if problem:
            problems.append(problem)
    return Identities(tuple(rows), tuple(problems))


def read_details(iam: Any, row: IdentityRow, organization: Callable[[], str]) -> Details | None:
    """Return what hangs on an identity; None if it is gone.

    Args:
        iam: boto3-shaped client.
        row: whose.
        organization: the bench's, for root.
    """
    reader = _Reader(iam, row)
    if row.kind == ROOT:
        keys = reader.part("keys", reader.keys)
        return Details(row, keys=keys, organization=organization(), problems=reader.told())
    try:
        about = reader.part("about", reader.about) or {}
    except Exception as error:
        if explain(error).title != "NoSuchEntity":
            raise
        return None
    trust = about.get("AssumeRolePolicyDocument")
    return Details(
        row,
        policies=reader.part("policies", reader.policies),
        attached=reader.part("attached", reader.attached),
        through_groups=reader.part("through_groups", reader.through_groups),
        groups=reader.part("groups", reader.groups),
        trust="" if trust is None else policy_text(trust),
        tags=reader.part("tags", reader.tags),
        keys=reader.part("keys", reader.keys) if row.kind == USER else (),
        used=about.get("RoleLastUsed", {}).get("LastUsedDate"),
        max_session=about.get("MaxSessionDuration", 0),
        problems=reader.told(),
    )


def name_of_member(kind: str) -> str:
    """Return what requests call the name of a user or role."""
    return "UserName" if kind == USER else "RoleName"


def last_use(moment: datetime | None, service: str, region: str) -> str:
    """Return service and Region of a last use in words; AWS says N/A for none."""
    return "" if moment is None else f"{service}, {region}"


class _Reader:
    """Asks for the parts of one identity and remembers what was refused."""

    def __init__(self, iam: Any, row: IdentityRow) -> None:
        self._iam = iam
        self._kind = row.kind
        self._problems: list[tuple[str, str]] = []
        named = row.kind != ROOT
        self._name = {name_of_member(row.kind): row.name} if named else {}

    def part(self, name: str, read: Callable[[], Any]) -> Any:
        found, problem = allowed(read)
        if problem:
            self._problems.append((name, problem))
        return found

    def told(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._problems)

    def about(self) -> dict[str, Any]:
        answer = getattr(self._iam, f"get_{self._kind}")(**self._name)
        found: dict[str, Any] = answer[self._kind.capitalize()]
        return found

    def policies(self) -> Pairs:
        names = _paged(self._iam, f"list_{self._kind}_policies", "PolicyNames", **self._name)
        get = getattr(self._iam, f"get_{self._kind}_policy")
        return tuple(
            (name, policy_text(get(**self._name, PolicyName=name)["PolicyDocument"]))
            for name in names
        )

    def attached(self) -> tuple[HeldPolicy, ...]:
        return tuple(held_by(self._iam, self._kind, self._name))

    def through_groups(self) -> tuple[HeldPolicy, ...]:
        return tuple(held_through_groups(self._iam, self._name)) if self._kind == USER else ()

    def groups(self) -> tuple[str, ...]:
        return tuple(groups_of(self._iam, self._name)) if self._kind == USER else ()

    def tags(self) -> Pairs:
        found = _paged(self._iam, f"list_{self._kind}_tags", "Tags", **self._name)
        return tuple(sorted((tag["Key"], tag["Value"]) for tag in found))

    def keys(self) -> tuple[AccessKeyRow, ...]:
        found = _paged(self._iam, "list_access_keys", "AccessKeyMetadata", **self._name)
        return tuple(self._key(item) for item in found)

    def _key(self, item: dict[str, Any]) -> AccessKeyRow:
        used, _ = allowed(
            lambda: self._iam.get_access_key_last_used(AccessKeyId=item["AccessKeyId"])
        )
        last = (used or {}).get("AccessKeyLastUsed", {})
        moment = last.get("LastUsedDate")
        return AccessKeyRow(
            item["AccessKeyId"],
            item["Status"] == "Active",
            item.get("CreateDate"),
            moment,
            last_use(moment, last.get("ServiceName", ""), last.get("Region", "")),
        )


def _row(kind: str, item: dict[str, Any]) -> IdentityRow:
    prefix = kind.capitalize()
    return IdentityRow(
        item["Arn"],
        kind,
        item[f"{prefix}Name"],
        item.get("Path", "/"),
        item.get(f"{prefix}Id", ""),
        item.get("CreateDate"),
        item.get("Description", ""),
    )


def _listed(iam: Any, operation: str, member: str) -> list[Any]:
    return list(_paged(iam, operation, member))


def _paged(iam: Any, operation: str, member: str, **request: Any) -> Iterator[Any]:
    for page in iam.get_paginator(operation).paginate(**request):
        yield from page.get(member, ())


def allowed(read: Callable[[], Any]) -> tuple[Any, str]:
    """Return an answer and an empty text, or None and why it was refused.

    Raises:
        Exception: what failed otherwise.
    """
    try:
        return read(), ""
    except Exception as error:
        words = explain(error)
        if not words.denied:
            raise
        return None, words.text
