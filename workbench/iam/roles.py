"""Roles, whom they trust, and their tags.

Source: IAM API Reference, CreateRole, UpdateRole, UpdateAssumeRolePolicy, DeleteRole, TagRole.
"""

from dataclasses import replace
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.answers import (
    encoded,
    listed,
    listed_tags,
    merged_tags,
    size,
    tag_list,
    without_tags,
)
from workbench.iam.directory import Directory
from workbench.iam.judging import checked_policy
from workbench.iam.policy.statements import PolicyKind
from workbench.iam.records import Identity, Kind
from workbench.iam.unique_ids import AsWritten, UnknownPrincipal

_LONGEST_TRUST: Final = 2048


class Roles:
    """The operations on roles.

    Args:
        directory: finds them.
        ids: principals of trust policies.
    """

    def __init__(self, directory: Directory, ids: AsWritten) -> None:
        self._ids = ids
        self._directory = directory
        self._store = directory.store

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreateRole": Operation(self._create, **write),
            "GetRole": Operation(self._get),
            "ListRoles": Operation(self._list),
            "DeleteRole": Operation(self._delete, **write),
            "UpdateRole": Operation(self._update, **write),
            "UpdateAssumeRolePolicy": Operation(self._update_trust, **write),
            "TagRole": Operation(self._tag, **write),
            "UntagRole": Operation(self._untag, **write),
            "ListRoleTags": Operation(self._list_tags),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        made = replace(
            self._directory.new(Kind.ROLE, request, call),
            trust=self._checked_trust(request["AssumeRolePolicyDocument"]),
            description=request.get("Description", ""),
            max_session=request.get("MaxSessionDuration", 3600),
        )
        self._store.save_identity(made)
        return {"Role": self._document(made)}

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        return {"Role": self._document(self._directory.role(request["RoleName"], call))}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        prefix = request.get("PathPrefix", "/")
        roles = self._store.identities(call.caller.account, Kind.ROLE)
        shown = [role for role in roles if role.path.startswith(prefix)]
        documents = [self._document(role, listing=True) for role in shown]
        return listed("Roles", documents, [role.name for role in shown], request)

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        role = self._directory.role(request["RoleName"], call)
        for held, what in ((role.attached, "detach all"), (role.policies, "delete")):
            if held:
                raise AwsError(
                    "DeleteConflict", f"Cannot delete entity, must {what} policies first."
                )
        self._store.delete_identity(role.arn)
        return {}

    def _update(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        role = self._directory.role(request["RoleName"], call)
        changed = replace(
            role,
            description=request.get("Description", role.description),
            max_session=request.get("MaxSessionDuration", role.max_session),
        )
        self._store.save_identity(changed)
        return {}

    def _update_trust(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        role = self._directory.role(request["RoleName"], call)
        trust = self._checked_trust(request["PolicyDocument"])
        self._store.save_identity(replace(role, trust=trust))
        return {}

    def _tag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        role = self._directory.role(request["RoleName"], call)
        self._store.save_identity(replace(role, tags=merged_tags(role.tags, request["Tags"])))
        return {}

    def _untag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        role = self._directory.role(request["RoleName"], call)
        self._store.save_identity(replace(role, tags=without_tags(role.tags, request["TagKeys"])))
        return {}

    def _list_tags(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        return listed_tags(self._directory.role(request["RoleName"], call).tags, request)

    def _document(self, role: Identity, *, listing: bool = False) -> dict[str, Any]:
        shown = replace(role, trust=self._ids.policy_shown(role.trust))
        return role_document(shown, listing=listing)

    def _checked_trust(self, text: str) -> str:
        """Return a trust policy as it is kept; its users and roles exist, where that is known."""
        if size(text) > _LONGEST_TRUST:
            raise AwsError(
                "LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {_LONGEST_TRUST}"
            )
        checked_policy(text, PolicyKind.TRUST)
        try:
            kept = self._ids.policy_kept(text)
        except UnknownPrincipal as error:
            raise AwsError(
                "MalformedPolicyDocument",
                f'Invalid principal in policy: "AWS":"{error.name}"',
                error.next_step,
            ) from None
        # A role's trust policy is judged as it is shown, and ARNs are longer than ids.
        checked_policy(self._ids.policy_shown(kept), PolicyKind.TRUST)
        return kept


def role_document(role: Identity, *, listing: bool = False) -> dict[str, Any]:
    """Return AWS's Role structure; lists leave tags and last use out."""
    document: dict[str, Any] = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(role.trust),
        "MaxSessionDuration": role.max_session,
    }
    if role.description:
        document["Description"] = role.description
    if listing:
        return document
    if role.tags:
        document["Tags"] = tag_list(role.tags)
    document["RoleLastUsed"] = last_used(role)
    return document


def last_used(role: Identity) -> dict[str, Any]:
    """Return AWS's RoleLastUsed structure; empty for a role never used."""
    if role.last_used is None:
        return {}
    return {"LastUsedDate": role.last_used, "Region": role.last_region}
