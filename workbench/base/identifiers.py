"""Identifiers in AWS's forms: key ids, ARNs, request ids.

Source: AWS KMS Developer Guide, "Key identifiers (KeyId)"; AWS Private CA user guide.
"""

import os
import random
import uuid
from dataclasses import dataclass, replace

DEFAULT_ACCOUNT = "111122223333"
DEFAULT_REGION = "us-west-2"


@dataclass(frozen=True, slots=True)
class Place:
    """The AWS partition, region and account that ARNs of a vault carry."""

    account: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """Return `arn:partition:service:region:account:resource`."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def elsewhere(self, region: str) -> "Place":
        """Return the same account in another Region."""
        return self if region == self.region else replace(self, region=region)

    def host(self, service: str) -> str:
        """Return the name of a service in this Region, as kms:ViaService has it."""
        ending = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"{service}.{self.region}.{ending}"

    def iam(self, resource: str) -> str:
        """Return an IAM ARN, which has no region."""
        return f"arn:{self.partition}:iam::{self.account}:{resource}"


def new_uuid() -> str:
    """Return a random UUID (RFC 9562 §5.4) in lower-case text."""
    return str(uuid.uuid4())


def new_multi_region_key_id() -> str:
    """Return a multi-Region key id: `mrk-` and 32 hexadecimal digits."""
    return f"mrk-{uuid.uuid4().hex}"


# Request ids are no secrets and come thousands a second: the system's generator would cost each
# request more than its validation.
_REQUESTS = random.Random(os.urandom(32))  # noqa: S311 - no secret comes from it


def new_request_id() -> str:
    """Return a random UUID (RFC 9562 §5.4) for a request; not a secret."""
    digits = f"{_REQUESTS.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
