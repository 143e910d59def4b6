"""Policies that a user or role has from elsewhere: attached to it, or its groups'.

Knows no Qt; works on AWS as in process, through boto3's IAM methods alone.
"""

from collections.abc import Iterator
from typing import Any

from workbench.ui.identities.rows import HeldPolicy
from workbench.ui.policies.texts import policy_text


def held_by(iam: Any, kind: str, name: dict[str, str], group: str = "") -> Iterator[HeldPolicy]:
    """Go through the managed policies attached to a user, role or group.

    Args:
        iam: boto3-shaped client.
        kind: `user`, `role` or `group`.
        name: what names it in requests.
        group: the group whose they are, or empty.

    Raises:
        botocore.exceptions.ClientError: one of the requests was refused.
    """
    pages = iam.get_paginator(f"list_attached_{kind}_policies").paginate(**name)
    for found in [one for page in pages for one in page["AttachedPolicies"]]:
        arn = found["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        told = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        yield HeldPolicy(found["PolicyName"], policy_text(told["Document"]), arn, group)


def held_through_groups(iam: Any, name: dict[str, str]) -> Iterator[HeldPolicy]:
    """Go through the policies that a user has from its groups; raises as `held_by`."""
    for group in groups_of(iam, name):
        of_group = {"GroupName": group}
        pages = iam.get_paginator("list_group_policies").paginate(**of_group)
        for policy in [one for page in pages for one in page["PolicyNames"]]:
            found = iam.get_group_policy(**of_group, PolicyName=policy)
            yield HeldPolicy(policy, policy_text(found["PolicyDocument"]), "", group)
        yield from held_by(iam, "group", of_group, group)


def groups_of(iam: Any, name: dict[str, str]) -> list[str]:
    """Return the names of the groups a user is in; raises as `held_by`."""
    pages = iam.get_paginator("list_groups_for_user").paginate(**name)
    return [one["GroupName"] for page in pages for one in page["Groups"]]
