"""Key policies before they are kept: well formed, and not one that locks everybody out.

Users and roles of the vault's account must exist, and are kept by their unique ids. Principals of
other accounts and AWS services are taken as they are written: AWS asks their accounts whether they
exist, which nobody can from here.

Source: AWS KMS API Reference, PutKeyPolicy; Developer Guide, "Default key policy".
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.iam.policy.documents import MalformedPolicy, PolicyKind, parse_policy
from workbench.iam.unique_ids import AsWritten, UnknownPrincipal
from workbench.kms.limits import Limits
from workbench.kms.records import KeyRecord

WouldAllow = Callable[[Call, str, KeyRecord], bool]
"""Says whether the caller might do something if a key were as a record says."""


class KeyPolicies:
    """Checks the policies that requests bring.

    Args:
        would_allow: judges a record that is not kept yet.
        limits: how long a policy may be.
        ids: the principals that policies name.
    """

    def __init__(self, would_allow: WouldAllow, limits: Limits, ids: AsWritten) -> None:
        self._limits = limits
        self._would_allow = would_allow
        self._ids = ids

    def checked(self, record: KeyRecord, text: str, request: dict[str, Any], call: Call) -> str:
        """Return a key policy that may be put on a key, as it is kept.

        Args:
            record: the key, or what it will be.
            text: the policy, JSON.
            request: may hold BypassPolicyLockoutSafetyCheck.
            call: who puts it there.

        Raises:
            AwsError: MalformedPolicyDocumentException or LimitExceededException.
        """
        self._limits.check_policy(text)
        try:
            parse_policy(text, PolicyKind.RESOURCE)
            kept = self._ids.policy_kept(text)
            parse_policy(self._ids.policy_shown(kept), PolicyKind.RESOURCE)
        except UnknownPrincipal as error:
            raise AwsError(
                "MalformedPolicyDocumentException",
                "Policy contains a statement with one or more invalid principals.",
                error.next_step,
            ) from None
        except MalformedPolicy as error:
            raise AwsError("MalformedPolicyDocumentException", str(error)) from None
        bypass = request.get("BypassPolicyLockoutSafetyCheck", False)
        if not bypass and not self._would_allow(call, "PutKeyPolicy", replace(record, policy=kept)):
            raise AwsError(
                "MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.",
                "Let your own identity, or the account's root, do kms:PutKeyPolicy.",
            )
        return kept

    def shown(self, record: KeyRecord) -> str:
        """Return a key's policy as it is shown: deleted users and roles by their unique ids."""
        return self._ids.policy_shown(record.policy)
