"""Groups of users.

A user remembers its groups. Source: IAM API Reference, CreateGroup, GetGroup, AddUserToGroup;
User Guide, "IAM and AWS STS quotas".
"""

from dataclasses import replace
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.answers import listed
from workbench.iam.directory import Directory
from workbench.iam.records import Identity, Kind
from workbench.iam.users import user_document

_MOST: Final = 10


class Groups:
    """The operations on groups and on who is in them."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._store = directory.store

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreateGroup": Operation(self._create, **write),
            "GetGroup": Operation(self._get),
            "ListGroups": Operation(self._list),
            "DeleteGroup": Operation(self._delete, **write),
            "AddUserToGroup": Operation(self._add, **write),
            "RemoveUserFromGroup": Operation(self._remove, **write),
            "ListGroupsForUser": Operation(self._of_user),
        }

    def _group(self, request: dict[str, Any], call: Call) -> Identity:
        return self._directory.find(Kind.GROUP, request["GroupName"], call)

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        made = self._directory.new(Kind.GROUP, request, call)
        self._store.save_identity(made)
        return {"Group": group_document(made)}

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        group = self._group(request, call)
        members = self._members(group)
        documents = [user_document(user, tags=False) for user in members]
        answer = listed("Users", documents, [user.name for user in members], request)
        return {"Group": group_document(group), **answer}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        prefix = request.get("PathPrefix", "/")
        groups = self._store.identities(call.caller.account, Kind.GROUP)
        return _listed([one for one in groups if one.path.startswith(prefix)], request)

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        group = self._group(request, call)
        if group.policies or group.attached:
            held = "delete" if group.policies else "detach all"
            raise AwsError("DeleteConflict", f"Cannot delete entity, must {held} policies first.")
        if self._members(group):
            raise AwsError(
                "DeleteConflict", "Cannot delete entity, must remove users from group first."
            )
        self._store.delete_identity(group.arn)
        return {}

    def _add(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        group = self._group(request, call)
        user = self._directory.user(request["UserName"], call)
        if group.arn in user.groups:
            return {}
        if len(user.groups) >= _MOST:
            raise AwsError("LimitExceeded", f"Cannot exceed quota for GroupsPerUser: {_MOST}")
        self._store.save_identity(replace(user, groups=(*user.groups, group.arn)))
        return {}

    def _remove(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        group = self._group(request, call)
        user = self._directory.user(request["UserName"], call)
        if group.arn not in user.groups:
            raise AwsError(
                "NoSuchEntity", f"The user {user.name} is not in the group {group.name}."
            )
        kept = tuple(arn for arn in user.groups if arn != group.arn)
        self._store.save_identity(replace(user, groups=kept))
        return {}

    def _of_user(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        user = self._directory.user(request["UserName"], call)
        groups = [found for arn in user.groups if (found := self._store.identity(arn)) is not None]
        return _listed(sorted(groups, key=lambda one: one.name), request)

    def _members(self, group: Identity) -> list[Identity]:
        users = self._store.identities(group.account, Kind.USER)
        return [user for user in users if group.arn in user.groups]


def _listed(groups: list[Identity], request: dict[str, Any]) -> dict[str, Any]:
    documents = [group_document(one) for one in groups]
    return listed("Groups", documents, [one.name for one in groups], request)


def group_document(group: Identity) -> dict[str, Any]:
    """Return AWS's Group structure."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group.arn,
        "CreateDate": group.created,
    }
