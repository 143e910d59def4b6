"""The boto3-shaped clients this floor is given: in process, or boto3's own against AWS."""

from typing import Any, Final

KmsClient = Any
"""An object with `boto3.client("kms")`'s methods.

Untyped because the in-process client makes its methods from the service model when first used,
and boto3's are made the same way.
"""

PcaClient = Any
"""An object with `boto3.client("acm-pca")`'s methods."""

PAIRS: Final = "datapairs"
"""The service of data key pairs, as clients are asked for by name."""

PairsClient = Any
"""An object with the methods of the workbench's own `datapairs` service model."""

ShelfClient = Any
"""An object with the methods of the workbench's own `shelf` service model."""


def error_code(error: Exception) -> str:
    """Return the AWS error code of a botocore ClientError, or empty for another exception."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
