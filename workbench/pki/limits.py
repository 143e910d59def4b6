"""AWS Private CA's resource quotas, as settings: how many of what, and what AWS says beyond.

What the service model bounds by itself (tags in one request, custom extensions, sizes of policies,
certificates and chains) the door refuses already.
Source: AWS General Reference, "AWS Private Certificate Authority endpoints and quotas"; AWS Private
CA API Reference, LimitExceededException and TooManyTagsException.
"""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.api.errors import AwsError


@dataclass(frozen=True, slots=True)
class Limits:
    """Quotas of one account and Region, AWS's own by default.

    Attributes:
        authorities: private CAs; deleted ones count until they can no longer be restored.
        certificates_per_authority: certificates that one CA issues, ever.
        revoked_per_authority: certificates that one CA revokes, ever.
        tags_per_authority: tags on one CA.
    """

    authorities: int = 200
    certificates_per_authority: int = 1_000_000
    revoked_per_authority: int = 1_000_000
    tags_per_authority: int = 50

    def check_authorities(self, present: int) -> None:
        """Raise LimitExceededException when the account cannot have another CA."""
        if present >= self.authorities:
            raise AwsError(
                "LimitExceededException",
                f"The limit of {self.authorities} private CAs in the account and Region has been "
                "reached.",
                "Delete CAs that are no longer used; a deleted one counts until the end of its "
                "restoration period.",
            )

    def check_tags(self, present: int) -> None:
        """Raise TooManyTagsException when a CA would have more tags than it can."""
        if present > self.tags_per_authority:
            raise AwsError(
                "TooManyTagsException",
                f"A CA can have {self.tags_per_authority} tags.",
                "Remove a tag that is no longer used.",
            )


class Counter:
    """Counts what only ever grows against a quota, without counting it all each time.

    It is counted once for each CA; after that only how many are still allowed is remembered, and
    when none is left it is counted again, so that what was rolled back is not held against a CA.

    Args:
        most: the quota.
        what: `issued` or `revoked`, for the message.
        count: counts what there is of a CA, by its ARN.
    """

    def __init__(self, most: int, what: str, count: Callable[[str], int]) -> None:
        self._most = most
        self._what = what
        self._count = count
        self._left: dict[str, int] = {}

    def take(self, authority_arn: str) -> None:
        """Allow one more.

        Raises:
            AwsError: LimitExceededException.
        """
        left = self._left.get(authority_arn, 0) or self._most - self._count(authority_arn)
        if left <= 0:
            raise AwsError(
                "LimitExceededException",
                f"The CA {authority_arn} has {self._what} {self._most} certificates, its limit.",
                "Make a new CA, or re-key this one: its successor begins at zero.",
            )
        self._left[authority_arn] = left - 1
