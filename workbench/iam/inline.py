"""The policies embedded in users, roles and groups.

Source: IAM API Reference, PutUserPolicy, PutRolePolicy; User Guide, "IAM and AWS STS quotas".
"""

from dataclasses import replace
from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.answers import checked_name, encoded, listed, size
from workbench.iam.directory import Directory, name_member
from workbench.iam.judging import checked_policy
from workbench.iam.policy.statements import PolicyKind
from workbench.iam.records import Identity, Kind

_LONGEST = {Kind.USER: 2048, Kind.ROLE: 10_240, Kind.GROUP: 5120}


class InlinePolicies:
    """The operations on inline policies of one kind of identity.

    Args:
        directory: finds the identities.
        kind: user, role or group.
    """

    def __init__(self, directory: Directory, kind: Kind) -> None:
        self._directory = directory
        self._kind = kind
        self._member = name_member(kind)

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        kind = self._kind.capitalize()
        return {
            f"Put{kind}Policy": Operation(self._put, **write),
            f"Get{kind}Policy": Operation(self._get),
            f"Delete{kind}Policy": Operation(self._delete, **write),
            f"List{kind}Policies": Operation(self._list),
        }

    def _identity(self, request: dict[str, Any], call: Call) -> Identity:
        return self._directory.find(self._kind, request[self._member], call)

    def _put(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        identity = self._identity(request, call)
        name = checked_name(request["PolicyName"], "policyName")
        text = checked_policy(request["PolicyDocument"], PolicyKind.IDENTITY)
        policies = {**dict(identity.policies), name: text}
        most = _LONGEST[self._kind]
        if sum(map(size, policies.values())) > most:
            raise AwsError(
                "LimitExceeded",
                f"Maximum policy size of {most} bytes exceeded for {self._kind} {identity.name}",
            )
        self._save(identity, policies)
        return {}

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        identity = self._identity(request, call)
        return {
            self._member: identity.name,
            "PolicyName": request["PolicyName"],
            "PolicyDocument": encoded(self._policy(identity, request)),
        }

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        identity = self._identity(request, call)
        self._policy(identity, request)
        policies = dict(identity.policies)
        del policies[request["PolicyName"]]
        self._save(identity, policies)
        return {}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        names = [name for name, _ in self._identity(request, call).policies]
        return listed("PolicyNames", names, names, request)

    def _policy(self, identity: Identity, request: dict[str, Any]) -> str:
        name = request["PolicyName"]
        text = dict(identity.policies).get(name)
        if text is None:
            raise AwsError(
                "NoSuchEntity", f"The {self._kind} policy with name {name} cannot be found."
            )
        return text

    def _save(self, identity: Identity, policies: dict[str, str]) -> None:
        self._directory.store.save_identity(
            replace(identity, policies=tuple(sorted(policies.items())))
        )
