"""Key policies before they are kept: well formed, and not one that locks everybody out.

Principals of other accounts, and those nobody has made yet, are taken as they are written: AWS
asks whether they exist, a workbench that tries policies out must not.

Source: AWS KMS API Reference, PutKeyPolicy; Developer Guide, "Default key policy".
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.iam.policy.documents import MalformedPolicy, PolicyKind, parse_policy
from workbench.kms.limits import Limits
from workbench.kms.records import KeyRecord

WouldAllow = Callable[[Call, str, KeyRecord], bool]
"""Says whether the caller might do something if a key were as a record says."""


class KeyPolicies:
    """Checks the policies that requests bring.

    Args:
        would_allow: judges a record that is not kept yet.
        limits: how long a policy may be.
    """

    def __init__(self, would_allow: WouldAllow, limits: Limits) -> None:
        self._limits = limits
        self._would_allow = would_allow

    def checked(self, record: KeyRecord, text: str, request: dict[str, Any], call: Call) -> str:
        """Return a key policy that may be put on a key.

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
        except MalformedPolicy as error:
            raise AwsError("MalformedPolicyDocumentException", str(error)) from None
        bypass = request.get("BypassPolicyLockoutSafetyCheck", False)
        if not bypass and not self._would_allow(call, "PutKeyPolicy", replace(record, policy=text)):
            raise AwsError(
                "MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.",
                "Let your own identity, or the account's root, do kms:PutKeyPolicy.",
            )
        return text
