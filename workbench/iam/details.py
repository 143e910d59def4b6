"""Everything about an account's users, groups, roles and policies in one answer.

Source: IAM API Reference, GetAccountAuthorizationDetails.
"""

from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.iam.answers import encoded, listed, tag_list
from workbench.iam.attaching import attached_documents
from workbench.iam.directory import Directory
from workbench.iam.managed import policy_detail
from workbench.iam.managed_store import ManagedPolicy, ManagedStore
from workbench.iam.records import Identity, Kind
from workbench.iam.roles import last_used
from workbench.iam.unique_ids import AsWritten

_FILTERS = {Kind.USER: "User", Kind.ROLE: "Role", Kind.GROUP: "Group"}
_POLICIES = ("LocalManagedPolicy", "AWSManagedPolicy")


class Details:
    """The operation that tells all."""

    def __init__(self, directory: Directory, ids: AsWritten, managed: ManagedStore) -> None:
        self._managed = managed
        self._store = directory.store
        self._ids = ids

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {"GetAccountAuthorizationDetails": Operation(self._details)}

    def _details(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        wanted = request.get("Filter") or (*_FILTERS.values(), *_POLICIES)
        everybody = [
            identity
            for kind in _FILTERS
            for identity in self._store.identities(call.caller.account, kind)
        ]
        found: list[Identity | ManagedPolicy] = [
            one for one in everybody if _FILTERS[Kind(one.kind)] in wanted
        ]
        if "LocalManagedPolicy" in wanted:
            found += self._managed.policies(call.caller.account)
        if "AWSManagedPolicy" in wanted:
            found += self._managed.of_aws.values()
        found.sort(key=_order)
        answer = listed("Items", found, [_order(one) for one in found], request)
        shown = answer.pop("Items")
        users = [self._user(one) for one in shown if _is(one, Kind.USER)]
        groups = [self._group(one) for one in shown if _is(one, Kind.GROUP)]
        roles = [self._role(one) for one in shown if _is(one, Kind.ROLE)]
        held = [arn for one in everybody for arn in one.attached]
        return {
            "UserDetailList": users,
            "GroupDetailList": groups,
            "RoleDetailList": roles,
            "Policies": [
                policy_detail(one, held.count(one.arn))
                for one in shown
                if isinstance(one, ManagedPolicy)
            ],
            **answer,
        }

    def _common(self, identity: Identity) -> dict[str, Any]:
        policies = (self._managed.policy(arn) for arn in identity.attached)
        attached = [(one.arn, one.name) for one in policies if one is not None]
        return {
            "Path": identity.path,
            "Arn": identity.arn,
            "CreateDate": identity.created,
            "AttachedManagedPolicies": attached_documents(attached),
        }

    def _user(self, user: Identity) -> dict[str, Any]:
        return {
            "UserName": user.name,
            "UserId": user.id,
            "UserPolicyList": _policies(user),
            "GroupList": [arn.rpartition("/")[2] for arn in user.groups],
            "Tags": tag_list(user.tags),
            **self._common(user),
        }

    def _group(self, group: Identity) -> dict[str, Any]:
        return {
            "GroupName": group.name,
            "GroupId": group.id,
            "GroupPolicyList": _policies(group),
            **self._common(group),
        }

    def _role(self, role: Identity) -> dict[str, Any]:
        return {
            "RoleName": role.name,
            "RoleId": role.id,
            "AssumeRolePolicyDocument": encoded(self._ids.policy_shown(role.trust)),
            "InstanceProfileList": [],
            "RolePolicyList": _policies(role),
            "RoleLastUsed": last_used(role),
            "Tags": tag_list(role.tags),
            **self._common(role),
        }


def _order(one: Identity | ManagedPolicy) -> str:
    return f"{one.kind}/{one.name}" if isinstance(one, Identity) else one.arn


def _is(one: Identity | ManagedPolicy, kind: Kind) -> bool:
    return isinstance(one, Identity) and one.kind == kind


def _policies(identity: Identity) -> list[dict[str, str]]:
    return [
        {"PolicyName": name, "PolicyDocument": encoded(text)} for name, text in identity.policies
    ]
