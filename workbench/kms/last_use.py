"""GetKeyLastUsage: when a key was last used with success, by the journal.

Source: AWS KMS API Reference, GetKeyLastUsage and KeyLastUsageData.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from workbench.api.calls import Call, Operation, Operations
from workbench.kms.lookup import Finder

USES: Final = frozenset(
    {
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
"""The cryptographic operations that count; both keys of ReEncrypt are used."""

DECRYPTING: Final = frozenset(
    {"ExportDataKeyPair", "GetDataKeyPairPublicKey", "SignWithDataKeyPair"}
)
"""The workbench's own operations that decrypt inside the module, told of as Decrypt."""


class History(Protocol):
    """What happened before: `workbench.audit.journal.Journal`."""

    def last_success(self, resource: str, names: Collection[str]) -> dict[str, Any] | None:
        """Return the newest event of these names that names a resource and met no error."""


class LastUse:
    """GetKeyLastUsage in one Region.

    Args:
        finder: finds keys.
        history: what happened.
    """

    def __init__(self, finder: Finder, history: History) -> None:
        self._finder = finder
        self._place = finder.place
        self._history = history

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {"GetKeyLastUsage": Operation(self._get)}

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        tracked = max(record.created, self._finder.stores.created())
        return {
            "KeyId": record.id,
            "KeyLastUsage": _usage(
                self._history.last_success(record.arn(self._place), USES | DECRYPTING)
            ),
            "TrackingStartDate": tracked,
            "KeyCreationDate": record.created,
        }


def _usage(event: dict[str, Any] | None) -> dict[str, Any]:
    if event is None:
        return {}
    moment = datetime.strptime(event["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    name = str(event["eventName"])
    return {
        "Operation": "Decrypt" if name in DECRYPTING else name,
        "Timestamp": moment,
        "CloudTrailEventId": event["eventID"],
        "KmsRequestId": event["requestID"],
    }
