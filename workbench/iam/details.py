"""Everything about an account's users and roles in one answer.

Source: IAM API Reference, GetAccountAuthorizationDetails.
"""

from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.iam.answers import encoded, listed, tag_list
from workbench.iam.directory import Directory
from workbench.iam.records import Identity, Kind
from workbench.iam.roles import last_used
from workbench.iam.unique_ids import AsWritten

_FILTERS = {Kind.USER: "User", Kind.ROLE: "Role"}


class Details:
    """The operation that tells all."""

    def __init__(self, directory: Directory, ids: AsWritten) -> None:
        self._store = directory.store
        self._ids = ids

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {"GetAccountAuthorizationDetails": Operation(self._details)}

    def _details(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        wanted = request.get("Filter") or tuple(_FILTERS.values())
        found = [
            identity
            for kind, filtered in _FILTERS.items()
            if filtered in wanted
            for identity in self._store.identities(call.caller.account, kind)
        ]
        found.sort(key=_order)
        answer = listed("Items", found, [_order(one) for one in found], request)
        shown = answer.pop("Items")
        users = [_user(one) for one in shown if one.kind == Kind.USER]
        roles = [_role(one, self._ids) for one in shown if one.kind == Kind.ROLE]
        return {
            "UserDetailList": users,
            "GroupDetailList": [],
            "RoleDetailList": roles,
            "Policies": [],
            **answer,
        }


def _order(identity: Identity) -> str:
    return f"{identity.kind}/{identity.name}"


def _policies(identity: Identity) -> list[dict[str, str]]:
    return [
        {"PolicyName": name, "PolicyDocument": encoded(text)} for name, text in identity.policies
    ]


def _common(identity: Identity) -> dict[str, Any]:
    return {
        "Path": identity.path,
        "Arn": identity.arn,
        "CreateDate": identity.created,
        "AttachedManagedPolicies": [],
        "Tags": tag_list(identity.tags),
    }


def _user(user: Identity) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "UserId": user.id,
        "UserPolicyList": _policies(user),
        "GroupList": [],
        **_common(user),
    }


def _role(role: Identity, ids: AsWritten) -> dict[str, Any]:
    return {
        "RoleName": role.name,
        "RoleId": role.id,
        "AssumeRolePolicyDocument": encoded(ids.policy_shown(role.trust)),
        "InstanceProfileList": [],
        "RolePolicyList": _policies(role),
        "RoleLastUsed": last_used(role),
        **_common(role),
    }
