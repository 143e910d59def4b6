"""What names an identity: key policies, grants, trust policies. Read on a worker, knows no Qt.

A key policy or grant that names an identity outlives it, and counts again for one of the same name.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from workbench.ui.identities.reading import allowed
from workbench.ui.identities.rows import ROLE, IdentityRow
from workbench.ui.panes.keys.inventory import pages
from workbench.ui.policies.texts import policy_text

_MOST_KEYS: Final = 1000
_MOST_GRANTS: Final = 100


@dataclass(frozen=True, slots=True)
class Naming:
    """Where an identity is named.

    Attributes:
        keys: ids of keys whose policy names it.
        grants: how many grants name it, on those keys one may see.
        granting: ids of the keys that have them.
        roles: names of roles that trust it.
        whole: whether everything was looked through.
    """

    keys: tuple[str, ...] = ()
    grants: int = 0
    granting: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    whole: bool = True


def find_naming(kms: Any, iam: Any, row: IdentityRow) -> Naming:
    """Return what names an identity, as far as whoever asks may see it.

    Args:
        kms: boto3-shaped client.
        iam: boto3-shaped client.
        row: the identity.
    """
    marks = _marks(row)
    listed, problem = allowed(lambda: list(pages(kms.list_keys, "Keys", _MOST_KEYS)))
    keys = [str(item["KeyId"]) for item in listed or ()]
    whole = not problem and len(keys) <= _MOST_KEYS
    naming: list[str] = []
    granting: dict[str, int] = {}
    for key in keys[:_MOST_KEYS]:
        named, unseen = allowed(partial(_policy_names, kms, key, marks))
        grants, hidden = allowed(partial(_grants, kms, key, row.arn))
        whole = whole and not unseen and not hidden
        if named:
            naming.append(key)
        if grants:
            granting[key] = grants
    roles, problem = allowed(partial(_roles, iam, row, marks))
    return Naming(
        tuple(naming),
        sum(granting.values()),
        tuple(granting),
        roles or (),
        whole and not problem,
    )


def _marks(row: IdentityRow) -> tuple[str, ...]:
    marks = [f'"{row.arn}"']
    if row.kind == ROLE:
        account = row.arn.split(":")[4]
        marks.append(f":sts::{account}:assumed-role/{row.name}/")
    return tuple(marks)


def _names(document: Any, marks: tuple[str, ...]) -> bool:
    try:
        # Written anew, so that no escaping hides a name.
        text = json.dumps(json.loads(policy_text(document)), ensure_ascii=False)
    except ValueError:
        text = str(document)
    return any(mark in text for mark in marks)


def _policy_names(kms: Any, key: str, marks: tuple[str, ...]) -> bool:
    with _unless_gone(kms):
        return _names(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"], marks)
    return False


def _grants(kms: Any, key: str, arn: str) -> int:
    with _unless_gone(kms):
        return sum(
            arn in {grant.get("GranteePrincipal"), grant.get("RetiringPrincipal")}
            for grant in pages(kms.list_grants, "Grants", _MOST_GRANTS, KeyId=key)
        )
    return 0


def _roles(iam: Any, row: IdentityRow, marks: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        str(role["RoleName"])
        for page in iam.get_paginator("list_roles").paginate()
        for role in page["Roles"]
        if role["Arn"] != row.arn and _names(role["AssumeRolePolicyDocument"], marks)
    )


def _unless_gone(kms: Any) -> suppress:
    """Pass over a key that is deleted meanwhile, or whose state lets it not be asked."""
    return suppress(kms.exceptions.NotFoundException, kms.exceptions.KMSInvalidStateException)
