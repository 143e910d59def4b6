"""From a revoked certificate to its entry in a revocation list, and back. Qt-free, for workers."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from workbench.pki.document_shelf import every_document
from workbench.pki.documents import DocumentKind
from workbench.pki.parse import facts
from workbench.pki.status import Evidence, Standing, status_of
from workbench.ui.panes.certificates.records import Collection, Record

_EVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RevocationEntry:
    """A list that revokes a certificate.

    Attributes:
        title: whose list it is.
        der: its bytes.
    """

    title: str
    der: bytes


def find_entry(shelf: Any, record: Record, collection: Collection) -> RevocationEntry | None:
    """Return the newest list of the certificate's own issuer that names it, or None.

    Raises:
        botocore.exceptions.ClientError: the shelf refused.
    """
    issuers = _issuers(collection, {record.id})[record.id]
    found = [
        one
        for one in every_document(shelf)
        if one["Kind"] == DocumentKind.LIST.value
        and any(_names(bytes(one["Document"]), record, issuer) for issuer in issuers)
    ]
    if not found:
        return None
    last = max(found, key=lambda one: one["EndsAt"].timestamp() if one.get("EndsAt") else 0.0)
    return RevocationEntry(str(last["Title"]), bytes(last["Document"]))


def certificates_of(
    der: bytes, serials: AbstractSet[str], collection: Collection
) -> dict[str, str]:
    """Return the ids of the certificates that a list revokes, by their serial numbers.

    Args:
        der: the list.
        serials: of its entries.
        collection: where certificates are looked for.
    """
    held = {one.id: one for one in collection.records.values() if one.serial in serials}
    issuers = _issuers(collection, held.keys())
    return {
        record.serial: name
        for name, record in held.items()
        if any(_names(der, record, issuer) for issuer in issuers[name])
    }


def _issuers(collection: Collection, names: AbstractSet[str]) -> dict[str, list[Record]]:
    """Return who signed certificates, by their ids, in one walk over the lines."""
    found: dict[str, list[Record]] = {name: [] for name in names}
    for edge in collection.graph.edges:
        if edge.lower in found and edge.verified and edge.upper in collection.records:
            found[edge.lower].append(collection.records[edge.upper])
    return found


def _names(der: bytes, record: Record, issuer: Record) -> bool:
    """Whether a list, signed by this issuer, revokes the certificate."""
    known = Evidence(lists=(der,))
    status = status_of(facts(record.der), facts(issuer.der), known, _EVER)
    return status.standing is Standing.REVOKED
