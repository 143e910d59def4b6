"""Managed policies attached to users, roles and groups.

Source: IAM API Reference, AttachUserPolicy, DetachUserPolicy, ListAttachedUserPolicies and their
like; User Guide, "IAM and AWS STS quotas".
"""

from dataclasses import replace
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.answers import listed
from workbench.iam.directory import Directory, name_member
from workbench.iam.managed_store import ManagedStore
from workbench.iam.records import Identity, Kind

_MOST: Final = 10


class Attachments:
    """The operations on managed policies of one kind of identity.

    Args:
        directory: finds the identities.
        store: the policies.
        kind: user, role or group.
    """

    def __init__(self, directory: Directory, store: ManagedStore, kind: Kind) -> None:
        self._directory = directory
        self._store = store
        self._kind = kind
        self._member = name_member(kind)

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        kind = self._kind.capitalize()
        return {
            f"Attach{kind}Policy": Operation(self._attach, **write),
            f"Detach{kind}Policy": Operation(self._detach, **write),
            f"ListAttached{kind}Policies": Operation(self._list),
        }

    def _identity(self, request: dict[str, Any], call: Call) -> Identity:
        return self._directory.find(self._kind, request[self._member], call)

    def _attach(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        identity, arn = self._identity(request, call), request["PolicyArn"]
        policy = self._store.policy(arn)
        if policy is None or policy.account not in {call.caller.account, "aws"}:
            raise AwsError(
                "NoSuchEntity",
                f"Policy {arn} does not exist or is not attachable.",
                "Of AWS's own policies only AdministratorAccess is here; create others.",
            )
        call.note(arn)
        if arn in identity.attached:
            return {}
        if len(identity.attached) >= _MOST:
            quota = f"PoliciesPer{self._kind.capitalize()}"
            raise AwsError("LimitExceeded", f"Cannot exceed quota for {quota}: {_MOST}")
        self._save(identity, (*identity.attached, arn))
        return {}

    def _detach(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        identity, arn = self._identity(request, call), request["PolicyArn"]
        if arn not in identity.attached:
            raise AwsError("NoSuchEntity", f"Policy {arn} was not found.")
        call.note(arn)
        self._save(identity, tuple(one for one in identity.attached if one != arn))
        return {}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        prefix = request.get("PathPrefix", "/")
        found = (self._store.policy(arn) for arn in self._identity(request, call).attached)
        shown = [one for one in found if one is not None and one.path.startswith(prefix)]
        shown.sort(key=lambda one: one.name)
        documents = attached_documents([(one.arn, one.name) for one in shown])
        return listed("AttachedPolicies", documents, [one.name for one in shown], request)

    def _save(self, identity: Identity, attached: tuple[str, ...]) -> None:
        self._directory.store.save_identity(replace(identity, attached=attached))


def attached_documents(policies: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Return AWS's AttachedPolicy structures of (ARN, name)."""
    return [{"PolicyName": name, "PolicyArn": arn} for arn, name in policies]
