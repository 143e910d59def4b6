"""Users and their tags.

Source: IAM API Reference, CreateUser, GetUser, ListUsers, DeleteUser, TagUser.
"""

from dataclasses import replace
from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.answers import (
    listed,
    listed_tags,
    merged_tags,
    tag_list,
    without_tags,
)
from workbench.iam.directory import Directory
from workbench.iam.records import Identity, Kind


def needs_user_name() -> AwsError:
    """Return the refusal of a request by neither root nor a user that names no user."""
    return AwsError(
        "ValidationError", "Must specify userName when calling with non-User credentials"
    )


class Users:
    """The operations on users."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._store = directory.store

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreateUser": Operation(self._create, **write),
            "GetUser": Operation(self._get),
            "ListUsers": Operation(self._list),
            "DeleteUser": Operation(self._delete, **write),
            "TagUser": Operation(self._tag, **write),
            "UntagUser": Operation(self._untag, **write),
            "ListUserTags": Operation(self._list_tags),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        made = self._directory.new(Kind.USER, request, call)
        self._store.save_identity(made)
        return {"User": user_document(made)}

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        caller = call.caller
        if "UserName" in request:
            return {"User": user_document(self._directory.user(request["UserName"], call))}
        if caller.kind == "Root":
            return {"User": {"UserId": caller.account, "Arn": caller.arn}}
        found = self._store.identity(caller.identity)
        if caller.kind != "IAMUser" or found is None:
            raise needs_user_name()
        return {"User": user_document(found)}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        prefix = request.get("PathPrefix", "/")
        users = self._store.identities(call.caller.account, Kind.USER)
        shown = [user for user in users if user.path.startswith(prefix)]
        documents = [user_document(user, tags=False) for user in shown]
        return listed("Users", documents, [user.name for user in shown], request)

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        user = self._directory.user(request["UserName"], call)
        for held, what in (
            (user.groups, "remove users from group"),
            (user.attached, "detach all policies"),
            (user.policies, "delete policies"),
            (self._store.long_term_keys(user.arn), "delete access keys"),
        ):
            if held:
                raise AwsError("DeleteConflict", f"Cannot delete entity, must {what} first.")
        self._store.delete_identity(user.arn)
        return {}

    def _tag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        user = self._directory.user(request["UserName"], call)
        self._store.save_identity(replace(user, tags=merged_tags(user.tags, request["Tags"])))
        return {}

    def _untag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        user = self._directory.user(request["UserName"], call)
        self._store.save_identity(replace(user, tags=without_tags(user.tags, request["TagKeys"])))
        return {}

    def _list_tags(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        return listed_tags(self._directory.user(request["UserName"], call).tags, request)


def user_document(user: Identity, *, tags: bool = True) -> dict[str, Any]:
    """Return AWS's User structure; lists leave the tags out."""
    document: dict[str, Any] = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.created,
    }
    if tags and user.tags:
        document["Tags"] = tag_list(user.tags)
    return document
