"""Finding the key a request names, and refusing what its state or usage does not allow.

Sources: AWS KMS Developer Guide, "Key identifiers (KeyId)" and "Key states of AWS KMS keys".
"""

import re
from collections.abc import Callable
from typing import Any

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.base.identifiers import Place
from workbench.crypto.table import KEY_SPECS
from workbench.kms.records import KeyRecord, MaterialRecord
from workbench.kms.states import Group, require_state
from workbench.kms.store import Stores

ANY_MARKER = re.compile(r".*", re.DOTALL)
KEY_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")


class Finder:
    """Resolves key identifiers in one Region.

    Args:
        stores: the key stores of all Regions.
        place: the account and the Region.
    """

    def __init__(self, stores: Stores, place: Place) -> None:
        self.stores = stores
        self.store = stores.region(place.region)
        self.place = place

    def key(self, identifier: str, call: Call) -> KeyRecord:
        """Return the key an id, ARN, alias name or alias ARN names, and note it in the journal.

        Raises:
            AwsError: NotFoundException or InvalidArnException with AWS's text.
        """
        record = self.find(identifier)
        if record.expires is not None:
            record = self.stores.expired(self.place.region, record, call.time)
        call.resources = (*call.resources, record.arn(self.place))
        return record

    def find(self, identifier: str) -> KeyRecord:
        """Return the key an identifier names, without a trace in the journal.

        Raises:
            AwsError: NotFoundException or InvalidArnException with AWS's text.
        """
        record = self.store.key(identifier) if KEY_ID.fullmatch(identifier) else None
        return self._resolve(identifier) if record is None else record

    def _resolve(self, identifier: str) -> KeyRecord:
        name = identifier
        if identifier.startswith("arn:"):
            name = self._resource_of(identifier)
        if name.startswith("alias/"):
            alias = self.store.alias(name)
            if alias is None:
                raise AwsError("NotFoundException", f"Alias {self._arn(name)} is not found.")
            name = alias.key_id
        if not KEY_ID.fullmatch(name):
            raise AwsError("NotFoundException", f"Invalid keyId '{identifier}'")
        record = self.store.key(name)
        if record is None:
            raise AwsError("NotFoundException", f"Key '{self._arn(f'key/{name}')}' does not exist")
        return record

    def _resource_of(self, arn: str) -> str:
        parts = arn.split(":", 5)
        kind, _, name = parts[-1].partition("/")
        if len(parts) != 6 or parts[2] != "kms" or kind not in {"key", "alias"} or not name:
            raise AwsError("InvalidArnException", f"Invalid arn {arn}")
        if parts[1] != self.place.partition:
            raise AwsError("InvalidArnException", f"Invalid arn {arn}")
        if parts[3] != self.place.region:
            raise AwsError("NotFoundException", f"Invalid arn {parts[3]}")
        if parts[4] != self.place.account:
            raise AwsError("NotFoundException", f"Key '{arn}' does not exist")
        return parts[5] if kind == "alias" else name

    def _arn(self, resource: str) -> str:
        return self.place.arn("kms", resource)

    def material(self, record: KeyRecord) -> MaterialRecord:
        """Return the current material of a key that can be used."""
        material = self.store.current_material(record.id)
        if material is None:
            raise AwsError("KMSInternalException", f"{record.arn(self.place)} has no key material.")
        return material


def refuse_state(record: KeyRecord, place: Place) -> None:
    """Raise what AWS raises for a cryptographic operation on a key that is not enabled."""
    require_state(record, Group.USE, place)


def require_usage(record: KeyRecord, usage: str, operation: str, place: Place) -> None:
    """Raise InvalidKeyUsageException unless the key was made for `usage`."""
    if record.usage != usage:
        raise AwsError(
            "InvalidKeyUsageException",
            f"{record.arn(place)} key usage is {record.usage} which is not valid for {operation}.",
        )


def require_algorithm(record: KeyRecord, algorithm: str) -> None:
    """Raise InvalidKeyUsageException unless the key spec offers `algorithm`."""
    if algorithm not in record.algorithms:
        raise AwsError(
            "InvalidKeyUsageException",
            f"Algorithm {algorithm} is incompatible with key spec {record.spec}.",
        )


def refuse_unsupported_spec(spec: str, region: str) -> None:
    """Raise UnsupportedOperationException for a key spec this installation cannot make."""
    known = KEY_SPECS.get(spec)
    if known is None:
        raise AwsError(
            "UnsupportedOperationException", f"KeySpec {spec} is not supported in this Region"
        )
    if not known.supported:
        raise AwsError(
            "UnsupportedOperationException",
            f"KeySpec {spec} is not supported in {region}: {known.why_not}",
        )


def dry_run(request: dict[str, Any]) -> None:
    """Raise DryRunOperationException where the request only asks whether it would succeed."""
    if request.get("DryRun"):
        raise AwsError(
            "DryRunOperationException",
            "The request would have succeeded, but the DryRun option is set.",
        )


def ignores_ciphertext(request: dict[str, Any]) -> bool:
    """Whether a dry run asks about permissions alone, with any ciphertext or none.

    Raises:
        AwsError: ValidationException: it is no dry run.
    """
    modifiers = request.get("DryRunModifiers")
    if modifiers and not request.get("DryRun"):
        raise AwsError(
            "ValidationException", "DryRunModifiers can be specified only when DryRun is true."
        )
    return bool(modifiers)


def refuse_recipient(request: dict[str, Any]) -> None:
    """Refuse a request from inside a Nitro enclave: no attestation document is valid here."""
    if "Recipient" in request:
        raise AwsError(
            "ValidationException",
            "The attestation document of the Recipient parameter is not valid: AWS Nitro Enclaves "
            "and NitroTPM are not supported in this Region.",
            "Leave out Recipient.",
        )


def page(
    items: Callable[[str, int], list[Any]],
    request: dict[str, Any],
    default: int,
    most: int,
    form: re.Pattern[str] = ANY_MARKER,
) -> tuple[list[Any], bool]:
    """Fetch one page by Marker and Limit; returns it and whether more follow.

    Args:
        items: returns at most so many items after a marker.
        request: may have Marker and Limit.
        default: how many without a Limit.
        most: how many at most.
        form: what the markers of this list look like.

    Raises:
        AwsError: InvalidMarkerException.
    """
    limit = min(int(request.get("Limit", default)), most)
    marker = request.get("Marker", "")
    if marker and not form.fullmatch(marker):
        raise AwsError("InvalidMarkerException", "The marker is not valid.")
    found = items(marker, limit + 1)
    return found[:limit], len(found) > limit
