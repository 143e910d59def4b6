"""The journal event of a request, shaped as CloudTrail's record.

Source: AWS CloudTrail User Guide, "CloudTrail record contents", eventVersion 1.11. Parameters are
cleaned of blobs and sensitive members before they come here.
"""

from datetime import datetime
from typing import Any, NamedTuple

from workbench.api.calls import IN_PROCESS, Caller

EVENT_VERSION = "1.11"

_AS_GIVEN = frozenset(
    {
        "EncryptionContext",
        "SourceEncryptionContext",
        "DestinationEncryptionContext",
        "EncryptionContextEquals",
        "EncryptionContextSubset",
    }
)
"""Members whose values have names of the caller's own, which are kept letter by letter."""

_RESOURCE_TYPES = {
    ("kms", "key"): "AWS::KMS::Key",
    ("kms", "alias"): "AWS::KMS::Alias",
    ("acm-pca", "certificate-authority"): "AWS::ACMPCA::CertificateAuthority",
    ("iam", "user"): "AWS::IAM::User",
    ("iam", "role"): "AWS::IAM::Role",
}


class Event(NamedTuple):
    """One request and its outcome; `document` makes the JSON when the journal wants it.

    A named tuple: each request makes one, and a frozen dataclass takes 4 µs to make.
    """

    time: datetime
    service: str
    name: str
    caller: Caller
    region: str
    request_id: str
    parameters: dict[str, Any]
    response_elements: dict[str, Any] | None
    additional: dict[str, str] | None
    resources: tuple[str, ...]
    read_only: bool
    error_code: str = ""
    error_message: str = ""
    agent: str = IN_PROCESS

    def document(self) -> dict[str, Any]:
        """Return the CloudTrail record as a JSON-ready dictionary."""
        record: dict[str, Any] = {
            "eventVersion": EVENT_VERSION,
            "userIdentity": self.caller.document(),
            # Not strftime, which imports a module at each call.
            "eventTime": f"{self.time.isoformat()[:19]}Z",
            "eventSource": f"{self.service}.amazonaws.com",
            "eventName": self.name,
            "awsRegion": self.region,
            "sourceIPAddress": "127.0.0.1",
            "userAgent": self.agent,
            "requestParameters": _camel(self.parameters) if self.parameters else None,
            "responseElements": _camel(self.response_elements) if self.response_elements else None,
            "requestID": self.request_id,
            "eventID": self.request_id,
            "readOnly": self.read_only,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self.caller.account,
            "eventCategory": "Management",
        }
        if self.resources:
            record["resources"] = [
                {"ARN": arn, "accountId": self.caller.account, "type": _resource_type(arn)}
                for arn in self.resources
            ]
        if self.additional:
            record["additionalEventData"] = self.additional
        if self.error_code:
            record["errorCode"] = self.error_code
            record["errorMessage"] = self.error_message
        return record


def _resource_type(arn: str) -> str:
    service, _, resource = arn.split(":", 2)[2].partition(":")
    kind = resource.rpartition(":")[2].partition("/")[0]
    return _RESOURCE_TYPES.get((service, kind)) or f"AWS::{service}::{kind}"


def lower_camel(name: str) -> str:
    """Return AWS's member name as its messages and CloudTrail write it: first letter small."""
    return name[:1].lower() + name[1:]


def _camel(value: Any) -> Any:
    if value.__class__ is str:  # most of what there is
        return value
    if isinstance(value, dict):
        return {lower_camel(k): v if k in _AS_GIVEN else _camel(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_camel(item) for item in value]
    if isinstance(value, datetime):
        return value.strftime("%b %d, %Y, %I:%M:%S %p")
    return value
