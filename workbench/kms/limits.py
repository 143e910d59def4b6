"""AWS KMS's resource quotas, as settings: how many of what, and what AWS says beyond.

Source: AWS KMS Developer Guide, "Quotas"; API Reference, LimitExceededException.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

from workbench.api.errors import AwsError


@dataclass(frozen=True, slots=True)
class Limits:
    """Quotas of one account and Region, AWS's own by default.

    Attributes:
        aliases_per_key: aliases that point to one key.
        grants_per_key: grants on one key.
        policy_bytes: size of a key policy in UTF-8.
        on_demand_rotations: of one key, ever.
        tags_per_key: tags on one key.
        keys: customer managed keys.
        custom_key_stores: custom key stores.
    """

    aliases_per_key: int = 50
    grants_per_key: int = 50_000
    policy_bytes: int = 32_768
    on_demand_rotations: int = 25
    tags_per_key: int = 50
    keys: int = 100_000
    custom_key_stores: int = 10

    def check_policy(self, text: str) -> str:
        """Return a key policy that is not too long.

        Raises:
            AwsError: LimitExceededException.
        """
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > self.policy_bytes:
            raise AwsError(
                "LimitExceededException",
                f"The key policy has {size} bytes, which exceeds the limit of "
                f"{self.policy_bytes} bytes.",
                "Shorten the policy, or move permissions into identity policies.",
            )
        return text

    def check_aliases(self, present: int, key_arn: str) -> None:
        """Raise LimitExceededException when a key cannot have another alias."""
        if present >= self.aliases_per_key:
            raise AwsError(
                "LimitExceededException",
                f"The aliases limit has been reached for {key_arn}.",
                "Delete an alias that is no longer used.",
            )

    def check_grants(self, present: int, key_arn: str) -> None:
        """Raise LimitExceededException when a key cannot have another grant."""
        if present >= self.grants_per_key:
            raise AwsError(
                "LimitExceededException",
                f"The grants limit has been reached for {key_arn}.",
                "Retire or revoke grants that are no longer used.",
            )

    def check_rotations(self, done: int, key_arn: str) -> None:
        """Raise LimitExceededException when a key cannot be rotated on demand again."""
        if done >= self.on_demand_rotations:
            raise AwsError(
                "LimitExceededException",
                "The on-demand rotations limit has been reached for the given keyId. No more "
                f"on-demand rotations can be performed for this key: {key_arn}",
                "Make a new key and move its alias.",
            )

    def check_keys(self, more_than: Callable[[int], bool]) -> None:
        """Raise LimitExceededException when the account cannot have another key.

        Args:
            more_than: whether there are more keys than a number.
        """
        if more_than(self.keys - 1):
            raise AwsError(
                "LimitExceededException",
                f"The limit of {self.keys} KMS keys in the account and Region has been reached.",
                "Schedule the deletion of keys that are no longer used.",
            )

    def check_key_stores(self, present: int) -> None:
        """Raise LimitExceededException when the account cannot have another custom key store."""
        if present >= self.custom_key_stores:
            raise AwsError(
                "LimitExceededException",
                f"The limit of {self.custom_key_stores} custom key stores in the account and "
                "Region has been reached.",
                "Delete a custom key store that is no longer used.",
            )


LIMIT_NAMES: Final = tuple(one.name for one in fields(Limits))
"""Names of the quotas."""

LARGEST_LIMIT: Final = 10_000_000
"""Above this no quota is meant."""
