"""What the wire itself refuses, and how each protocol names it.

The canonical code is the JSON protocol's. Sources: AWS KMS API Reference, "Common Errors"; AWS STS
and IAM API References, "Common Error Types".
"""

from typing import NamedTuple

UNKNOWN_FAILURE = "The request processing has failed because of an unknown error."


class Refusal(Exception):
    """A request that never reaches the backend.

    Args:
        code: AWS's exception name in the JSON protocol.
        message: AWS's text, or empty where AWS sends none.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Malformed(Refusal):
    """The body is not what the protocol's shapes ask for."""

    def __init__(self, message: str = "") -> None:
        super().__init__("SerializationException", message)


class QueryName(NamedTuple):
    """A canonical code in the query protocol."""

    code: str
    status: int


JSON_STATUS = {
    "DependencyTimeoutException": 500,
    "InternalFailure": 500,
    "KMSInternalException": 500,
    "ServiceUnavailableException": 503,
}
"""HTTP status by code in the JSON protocol, where it is not 400."""

QUERY_NAMES = {
    "AccessDeniedException": QueryName("AccessDenied", 403),
    "ExpiredTokenException": QueryName("ExpiredToken", 403),
    "IncompleteSignatureException": QueryName("IncompleteSignature", 400),
    "InternalFailure": QueryName("InternalFailure", 500),
    "InvalidSignatureException": QueryName("SignatureDoesNotMatch", 403),
    "MissingAuthenticationTokenException": QueryName("MissingAuthenticationToken", 403),
    "SerializationException": QueryName("MalformedInput", 400),
    "ServiceUnavailableException": QueryName("ServiceUnavailable", 503),
    "ThrottlingException": QueryName("Throttling", 400),
    "UnknownOperationException": QueryName("InvalidAction", 400),
    "UnrecognizedClientException": QueryName("InvalidClientTokenId", 403),
    "ValidationException": QueryName("ValidationError", 400),
}
"""Code and HTTP status in the query protocol, where they differ from (code, 400)."""
