"""AWS error codes, raised by operations and translated to botocore's classes by the client."""

from collections.abc import Mapping
from typing import Any


class AwsError(Exception):
    """An error that AWS's API documents for an operation.

    Args:
        code: AWS's exception name, such as `NotFoundException`.
        message: AWS's message text; some errors, such as `KMSInvalidSignatureException`, have
            none.
        next_step: what a person could do; shown by the window, never sent over the wire.
        details: further members of the exception's shape, for in-process clients.

    Attributes:
        request_id: of the request that was refused, as the journal has it; the door sets it.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        next_step: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.next_step = next_step
        self.details = dict(details or {})
        self.request_id = ""
