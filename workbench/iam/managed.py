"""Managed policies of an account: their versions, tags, and to whom they are attached.

Source: IAM API Reference, CreatePolicy, CreatePolicyVersion, SetDefaultPolicyVersion, DeletePolicy,
ListEntitiesForPolicy; User Guide, "Versioning IAM policies", "IAM and AWS STS quotas".
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.answers import (
    checked_name,
    encoded,
    listed,
    listed_tags,
    merged_tags,
    size,
    tag_list,
    whole_second,
    without_tags,
)
from workbench.iam.directory import Directory, name_member
from workbench.iam.ids import POLICY, new_unique_id
from workbench.iam.judging import checked_policy
from workbench.iam.managed_store import ManagedPolicy, ManagedStore, PolicyVersion
from workbench.iam.policy.statements import PolicyKind
from workbench.iam.records import Identity, Kind

_MOST_POLICIES: Final = 1500
_MOST_VERSIONS: Final = 5
_LONGEST: Final = 6144
_LISTS: Final = {Kind.GROUP: "PolicyGroups", Kind.ROLE: "PolicyRoles", Kind.USER: "PolicyUsers"}


class ManagedPolicies:
    """The operations on managed policies.

    Args:
        directory: users, roles and groups.
        store: the policies.
    """

    def __init__(self, directory: Directory, store: ManagedStore) -> None:
        self._directory = directory
        self._store = store

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreatePolicy": Operation(self._create, **write),
            "GetPolicy": Operation(self._get),
            "ListPolicies": Operation(self._list),
            "DeletePolicy": Operation(self._delete, **write),
            "CreatePolicyVersion": Operation(self._create_version, **write),
            "GetPolicyVersion": Operation(self._get_version),
            "ListPolicyVersions": Operation(self._list_versions),
            "SetDefaultPolicyVersion": Operation(self._set_default, **write),
            "DeletePolicyVersion": Operation(self._delete_version, **write),
            "ListEntitiesForPolicy": Operation(self._entities),
            "TagPolicy": Operation(self._tag, **write),
            "UntagPolicy": Operation(self._untag, **write),
            "ListPolicyTags": Operation(self._list_tags),
        }

    def _named(self, request: dict[str, Any], call: Call, *, own: bool = False) -> ManagedPolicy:
        """Return the policy of a request, and note it; `own` refuses AWS's."""
        arn = request["PolicyArn"]
        found = self._store.policy(arn)
        if found is None or found.account not in {call.caller.account, "aws"}:
            raise AwsError("NoSuchEntity", f"Policy {arn} was not found.")
        if own and found.account == "aws":
            raise AwsError("AccessDenied", f"{arn} is an AWS managed policy and cannot be changed.")
        call.note(found.arn)
        return found

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        name = checked_name(request["PolicyName"], "policyName")
        account, path = call.caller.account, request.get("Path", "/")
        if self._store.named(account, name) is not None:
            raise AwsError("EntityAlreadyExists", f"A policy called {name} already exists.")
        if len(self._store.policies(account)) >= _MOST_POLICIES:
            raise AwsError(
                "LimitExceeded", f"Cannot exceed quota for PoliciesPerAccount: {_MOST_POLICIES}"
            )
        moment = whole_second(call.time)
        made = ManagedPolicy(
            arn=self._directory.arn(account, f"policy{path}{name}"),
            name=name,
            id=new_unique_id(POLICY),
            path=path,
            created=moment,
            updated=moment,
            default=1,
            versions=(PolicyVersion(1, _checked(request["PolicyDocument"]), moment),),
            description=request.get("Description", ""),
            tags=merged_tags((), request.get("Tags", ())),
        )
        self._store.save(made)
        call.note(made.arn)
        return {"Policy": self._told(made, account)}

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call)
        document = self._told(found, call.caller.account)
        if found.description:
            document["Description"] = found.description
        return {"Policy": document}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        scope, prefix = request.get("Scope", "All"), request.get("PathPrefix", "/")
        account = call.caller.account
        found = [] if scope == "Local" else list(self._store.of_aws.values())
        found += [] if scope == "AWS" else self._store.policies(account)
        shown = [one for one in found if one.path.startswith(prefix)]
        if request.get("OnlyAttached"):
            shown = [one for one in shown if any(self._holders(one, account))]
        if request.get("PolicyUsageFilter") == "PermissionsBoundary":
            shown = []
        shown.sort(key=lambda one: (one.name, one.arn))
        documents = [self._told(one, account, tags=False) for one in shown]
        return listed("Policies", documents, [one.name for one in shown], request)

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call, own=True)
        if any(self._holders(found, found.account)):
            raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.")
        if len(found.versions) > 1:
            raise AwsError(
                "DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must "
                "delete the policy's versions. The default version is deleted with the policy.",
            )
        self._store.delete(found.arn)
        return {}

    def _create_version(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call, own=True)
        text = _checked(request["PolicyDocument"])
        if len(found.versions) >= _MOST_VERSIONS:
            raise AwsError(
                "LimitExceeded",
                f"A managed policy can have up to {_MOST_VERSIONS} versions. Before you create a "
                "new version, you must delete an existing version.",
            )
        made = PolicyVersion(found.newest + 1, text, whole_second(call.time))
        default = made.number if request.get("SetAsDefault") else found.default
        changed = replace(
            found,
            versions=(*found.versions, made),
            newest=made.number,
            default=default,
            updated=made.created,
        )
        self._store.save(changed)
        document = _version(changed, made)
        del document["Document"]
        return {"PolicyVersion": document}

    def _get_version(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call)
        return {"PolicyVersion": _version(found, _version_of(found, request))}

    def _list_versions(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call)
        newest_first = found.versions[::-1]
        documents = [_version(found, one) for one in newest_first]
        for document in documents:
            del document["Document"]
        places = [f"{number:02d}" for number in range(len(documents))]
        return listed("Versions", documents, places, request)

    def _set_default(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call, own=True)
        self._store.save(replace(found, default=_version_of(found, request).number))
        return {}

    def _delete_version(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call, own=True)
        gone = _version_of(found, request)
        if gone.number == found.default:
            raise AwsError("DeleteConflict", "Cannot delete the default version of a policy.")
        kept = tuple(one for one in found.versions if one != gone)
        self._store.save(replace(found, versions=kept))
        return {}

    def _entities(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call)
        prefix, wanted = request.get("PathPrefix", "/"), request.get("EntityFilter", "")
        holders = [
            one
            for one in self._holders(found, call.caller.account)
            if one.path.startswith(prefix) and wanted in {"", one.kind.capitalize()}
        ]
        if request.get("PolicyUsageFilter") == "PermissionsBoundary" or wanted in {
            "LocalManagedPolicy",
            "AWSManagedPolicy",
        }:
            holders = []
        holders.sort(key=_order)
        page = listed("Items", holders, [_order(one) for one in holders], request)
        shown: list[Identity] = page.pop("Items")
        answer: dict[str, Any] = {member: [] for member in _LISTS.values()}
        for one in shown:
            kind = Kind(one.kind)
            prefix = kind.capitalize()
            entry = {name_member(kind): one.name, f"{prefix}Id": one.id}
            answer[_LISTS[kind]].append(entry)
        return {**answer, **page}

    def _tag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call, own=True)
        self._store.save(replace(found, tags=merged_tags(found.tags, request["Tags"])))
        return {}

    def _untag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._named(request, call, own=True)
        self._store.save(replace(found, tags=without_tags(found.tags, request["TagKeys"])))
        return {}

    def _list_tags(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        return listed_tags(self._named(request, call).tags, request)

    def _holders(self, policy: ManagedPolicy, account: str) -> Iterator[Identity]:
        """Go through an account's users, roles and groups that have a policy attached."""
        for kind in Kind:
            for identity in self._directory.store.identities(account, kind):
                if policy.arn in identity.attached:
                    yield identity

    def _told(self, policy: ManagedPolicy, account: str, *, tags: bool = True) -> dict[str, Any]:
        """Return AWS's Policy structure; lists leave the tags out."""
        document = _document(policy, sum(1 for _ in self._holders(policy, account)))
        if tags and policy.tags:
            document["Tags"] = tag_list(policy.tags)
        return document


def _document(policy: ManagedPolicy, attachments: int) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": f"v{policy.default}",
        "AttachmentCount": attachments,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    }


def policy_detail(policy: ManagedPolicy, attachments: int) -> dict[str, Any]:
    """Return AWS's ManagedPolicyDetail structure.

    Args:
        policy: the policy.
        attachments: how many users, roles and groups of the account have it attached.
    """
    detail = _document(policy, attachments)
    if policy.description:
        detail["Description"] = policy.description
    return {**detail, "PolicyVersionList": [_version(policy, one) for one in policy.versions]}


def _order(identity: Identity) -> str:
    return f"{identity.kind}/{identity.name}"


def _checked(text: str) -> str:
    if size(text) > _LONGEST:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for PolicySize: {_LONGEST}")
    return checked_policy(text, PolicyKind.IDENTITY)


def _version_of(policy: ManagedPolicy, request: dict[str, Any]) -> PolicyVersion:
    version = request["VersionId"]
    found = policy.version(version)
    if found is None:
        raise AwsError("NoSuchEntity", f"Policy {policy.arn} version {version} does not exist.")
    return found


def _version(policy: ManagedPolicy, version: PolicyVersion) -> dict[str, Any]:
    """Return AWS's PolicyVersion structure."""
    return {
        "Document": encoded(version.text),
        "VersionId": version.id,
        "IsDefaultVersion": version.number == policy.default,
        "CreateDate": version.created,
    }
