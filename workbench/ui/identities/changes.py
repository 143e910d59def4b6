"""Changes to identities that take more than one call; for workers, through boto3's methods alone.

Knows no Qt.
"""

from collections.abc import Mapping
from typing import Any

from workbench.ui.identities.held import groups_of
from workbench.ui.identities.reading import name_of_member
from workbench.ui.identities.rows import USER, IdentityRow, Pairs


def named(row: IdentityRow) -> dict[str, str]:
    """Return the member that names a user or role in requests; nothing for root."""
    return {name_of_member(row.kind): row.name} if row.kind in {"user", "role"} else {}


def delete_identity(iam: Any, row: IdentityRow) -> None:
    """Delete a user or role with its inline policies and access keys.

    AWS refuses to delete one that still has any, or has managed policies attached, or is in a
    group; its console takes these steps too.
    """
    kind, name = row.kind, named(row)
    pages = iam.get_paginator(f"list_{kind}_policies").paginate(**name)
    for policy in [one for page in pages for one in page["PolicyNames"]]:
        getattr(iam, f"delete_{kind}_policy")(**name, PolicyName=policy)
    pages = iam.get_paginator(f"list_attached_{kind}_policies").paginate(**name)
    for arn in [one["PolicyArn"] for page in pages for one in page["AttachedPolicies"]]:
        getattr(iam, f"detach_{kind}_policy")(**name, PolicyArn=arn)
    if kind == USER:
        for group in groups_of(iam, name):
            iam.remove_user_from_group(**name, GroupName=group)
        listed = iam.get_paginator("list_access_keys").paginate(**name)
        for key in [one["AccessKeyId"] for page in listed for one in page["AccessKeyMetadata"]]:
            iam.delete_access_key(**name, AccessKeyId=key)
    getattr(iam, f"delete_{kind}")(**name)


def silence_keys(iam: Any, row: IdentityRow) -> None:
    """Make every access key of a user inactive."""
    listed = iam.get_paginator("list_access_keys").paginate(**named(row))
    for key in [one["AccessKeyId"] for page in listed for one in page["AccessKeyMetadata"]]:
        iam.update_access_key(**named(row), AccessKeyId=key, Status="Inactive")


def set_tags(iam: Any, row: IdentityRow, present: Pairs, wanted: Mapping[str, str]) -> None:
    """Give a user or role exactly these tags; IAM's tag keys are not case sensitive."""
    kept = {key.casefold() for key in wanted}
    gone = [key for key, _ in present if key.casefold() not in kept]
    if gone:
        getattr(iam, f"untag_{row.kind}")(**named(row), TagKeys=gone)
    changed = [
        {"Key": key, "Value": value} for key, value in wanted.items() if (key, value) not in present
    ]
    if changed:
        getattr(iam, f"tag_{row.kind}")(**named(row), Tags=changed)
