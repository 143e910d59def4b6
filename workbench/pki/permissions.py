"""Permissions and resource policies of certificate authorities.

Owns what they are and where they are kept; who may do what is `authorising`'s.
Source: AWS Private CA API Reference, CreatePermission and PutPolicy.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.judging import checked_policy
from workbench.iam.policy.documents import PolicyKind
from workbench.iam.unique_ids import AsWritten, UnknownPrincipal
from workbench.pki.authority import Authority, Status
from workbench.pki.finder import Finder, after_token, page_token, wrong_state
from workbench.pki.store import AuthorityStore

_PAGE: Final = 100
_SERVICE: Final = "acm.amazonaws.com"
"""The only principal AWS Private CA takes permissions for."""


class Permissions:
    """Create, list and delete permissions; put, get and delete the policy.

    Args:
        finder: finds CAs.
        ids: the principals that policies name.
    """

    def __init__(self, finder: Finder, ids: AsWritten) -> None:
        self._finder = finder
        self._ids = ids

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "CreatePermission": Operation(self._create, mutates=True, read_only=False),
            "DeletePermission": Operation(self._delete, mutates=True, read_only=False),
            "ListPermissions": Operation(self._list),
            "PutPolicy": Operation(self._put_policy, mutates=True, read_only=False),
            "GetPolicy": Operation(self._get_policy),
            "DeletePolicy": Operation(self._delete_policy, mutates=True, read_only=False),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request["CertificateAuthorityArn"], call)
        principal = request["Principal"]
        if principal != _SERVICE:
            raise AwsError("ValidationException", f"Permissions can be given to {_SERVICE} only.")
        account = request.get("SourceAccount", call.place.account)
        if _find(authority, principal, account) is not None:
            raise AwsError(
                "PermissionAlreadyExistsException", f"{principal} has a permission on this CA."
            )
        made = {
            "CertificateAuthorityArn": authority.arn,
            "CreatedAt": call.time.isoformat(),
            "Principal": principal,
            "SourceAccount": account,
            "Actions": list(dict.fromkeys(request["Actions"])),
        }
        self._save(replace(authority, permissions=(*authority.permissions, made)))
        return {}

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request["CertificateAuthorityArn"], call)
        account = request.get("SourceAccount", call.place.account)
        found = _find(authority, request["Principal"], account)
        if found is None:
            raise AwsError(
                "ResourceNotFoundException", f"{request['Principal']} has no permission on this CA."
            )
        left = tuple(one for one in authority.permissions if one is not found)
        self._save(replace(authority, permissions=left))
        return {}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request["CertificateAuthorityArn"], call)
        limit = request.get("MaxResults", _PAGE)
        after = after_token(request.get("NextToken"))
        left = [one for one in sorted(authority.permissions, key=_name) if _name(one) > after]
        answer: dict[str, Any] = {"Permissions": [_document(one) for one in left[:limit]]}
        if len(left) > limit:
            answer["NextToken"] = page_token(_name(left[limit - 1]))
        return answer

    def _put_policy(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request["ResourceArn"], call)
        self._save(replace(authority, policy=self._checked(request["Policy"])))
        return {}

    def _checked(self, text: str) -> str:
        """Return a policy as it is kept; its users and roles exist, where that is known."""
        checked_policy(text, PolicyKind.RESOURCE, "InvalidPolicyException")
        _refuse_incomplete(text)
        try:
            kept = self._ids.policy_kept(text)
        except UnknownPrincipal as error:
            raise AwsError(
                "InvalidPolicyException",
                f'Invalid principal in policy: "AWS":"{error.name}"',
                error.next_step,
            ) from None
        checked_policy(self._ids.policy_shown(kept), PolicyKind.RESOURCE, "InvalidPolicyException")
        return kept

    def _get_policy(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        return {"Policy": self._ids.policy_shown(self._with_policy(request, call).policy)}

    def _delete_policy(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        self._save(replace(self._with_policy(request, call), policy=""))
        return {}

    def _with_policy(self, request: dict[str, Any], call: Call) -> Authority:
        authority = self._existing(request["ResourceArn"], call)
        if not authority.policy:
            raise AwsError("ResourceNotFoundException", "The CA has no resource policy.")
        return authority

    def _existing(self, arn: str, call: Call) -> Authority:
        authority = self._finder.authority(arn, call)
        if authority.status(call.time) is Status.DELETED:
            raise wrong_state(authority, call.time, "restore it first.")
        return authority

    def _save(self, authority: Authority) -> None:
        self._finder.authorities.save(authority)


def _refuse_incomplete(policy: str) -> None:
    """Refuse a well-formed policy if a statement lacks what only a KMS key's may lack."""
    statements = json.loads(policy)["Statement"]
    for place, one in enumerate(statements if isinstance(statements, list) else [statements], 1):
        for name in ("Action", "Resource"):
            if not {name, f"Not{name}"} & one.keys():
                raise AwsError(
                    "InvalidPolicyException",
                    f"Statement {place} of the policy has neither {name} nor Not{name}.",
                    f"Say which {name.lower()}s it is about; * is every one.",
                )


def _name(permission: dict[str, Any]) -> str:
    return f"{permission['Principal']} {permission['SourceAccount']}"


def _find(authority: Authority, principal: str, account: str) -> dict[str, Any] | None:
    wanted = f"{principal} {account}"
    return next((one for one in authority.permissions if _name(one) == wanted), None)


def keep_ids(authorities: AuthorityStore, ids: AsWritten) -> None:
    """Keep the principals of CAs' policies by their unique ids, which older versions did not.

    Raises:
        Locked: the vault is locked.
    """
    for authority in authorities.all():
        policy = ids.policy_found(authority.policy, PolicyKind.RESOURCE)
        if policy != authority.policy:
            authorities.save(replace(authority, policy=policy))


def permission_policy(permission: Mapping[str, Any]) -> str:
    """Return a permission as the resource policy (JSON text) that says the same."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": permission["Principal"]},
        "Action": [f"acm-pca:{action}" for action in permission["Actions"]],
        "Resource": permission["CertificateAuthorityArn"],
        "Condition": {"StringEquals": {"aws:SourceAccount": permission["SourceAccount"]}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _document(permission: dict[str, Any]) -> dict[str, Any]:
    created = datetime.fromisoformat(permission["CreatedAt"])
    return {**permission, "CreatedAt": created, "Policy": permission_policy(permission)}
