"""Requests, revocation lists and OCSP answers in the collection.

Owns the table `documents` and its three operations of the `shelf` service; what they say of
revocation is `status`'s to judge.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.pki.clients import ShelfClient
from workbench.pki.documents import READERS, Document, DocumentKind, read_document
from workbench.pki.finder import Finder, after_token, page_token
from workbench.pki.parse import Malformed
from workbench.pki.status import Evidence
from workbench.vault.vault import Vault

_PAGE: Final = 100
IMPORTED: Final = "IMPORTED"
AUTHORITY: Final = "AUTHORITY"


class DocumentStore:
    """Documents by the SHA-256 of their bytes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def has(self, name: str) -> bool:
        """Whether a document is kept."""
        return bool(self._vault.read("SELECT 1 FROM documents WHERE id = ?", (name,)))

    def page(self, after: str, limit: int, kind: str = "") -> list[tuple[Document, datetime]]:
        """Return documents by id after one, and when each was added."""
        sql = "SELECT kind, der, record FROM documents WHERE id > ? "
        if kind:
            rows = self._vault.read(f"{sql} AND kind = ? ORDER BY id LIMIT ?", (after, kind, limit))
        else:
            rows = self._vault.read(f"{sql} ORDER BY id LIMIT ?", (after, limit))
        return [
            (
                _kept(DocumentKind(str(name)), _blob(der)),
                datetime.fromisoformat(json.loads(str(record))["added"]),
            )
            for name, der, record in rows
        ]

    def add(self, document: Document, added: datetime) -> None:
        """Keep a document; one that is there already stays as it is."""
        record = json.dumps({"added": added.isoformat()})
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT OR IGNORE INTO documents (id, kind, der, record) VALUES (?, ?, ?, ?)",
                (document.id, str(document.kind), document.der, record),
            )

    def delete(self, name: str) -> None:
        """Forget a document."""
        with self._vault.transaction() as transaction:
            transaction.execute("DELETE FROM documents WHERE id = ?", (name,))


class DocumentShelf:
    """The operations on documents.

    Args:
        vault: where they are kept.
        finder: knows the vault's own lists, which are listed with the others.
    """

    def __init__(self, vault: Vault, finder: Finder) -> None:
        self._documents = DocumentStore(vault)
        self._finder = finder

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "ListDocuments": Operation(self._list),
            "ImportDocument": Operation(self._import, mutates=True, read_only=False),
            "DeleteDocument": Operation(self._delete, mutates=True, read_only=False),
        }

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        limit, kind = request.get("MaxResults", _PAGE), request.get("Kind", "")
        found = self._documents.page(after_token(request.get("NextToken")), limit + 1, kind)
        entries = [_entry(document, added, IMPORTED) for document, added in found[:limit]]
        answer: dict[str, Any] = {"Documents": entries}
        if len(found) > limit:
            answer["NextToken"] = page_token(found[limit - 1][0].id)
        elif kind in {"", DocumentKind.LIST}:
            entries.extend(self._own_lists(call))
        return answer

    def _own_lists(self, call: Call) -> Iterator[dict[str, Any]]:
        """Yield the lists that the vault's own CAs signed last."""
        del call
        for authority in self._finder.authorities.all():
            for one in self._finder.revocations.lists(authority.arn):
                entry = _entry(READERS[DocumentKind.LIST](one.der), one.issued, AUTHORITY)
                yield {**entry, "CertificateAuthorityArn": authority.arn}

    def _import(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        try:
            document = read_document(bytes(request["Document"]))
        except Malformed as error:
            raise AwsError("MalformedDocumentException", str(error)) from error
        known = self._documents.has(document.id)
        if not known:
            self._documents.add(document, call.time)
        return {
            "Id": document.id,
            "Kind": str(document.kind),
            "Outcome": "KNOWN" if known else "ADDED",
            "Message": "It was in the collection already." if known else "Added.",
        }

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        name = str(request["Id"]).lower()
        if not self._documents.has(name):
            raise AwsError("ResourceNotFoundException", f"Could not find document: {name}")
        self._documents.delete(name)
        return {}


def every_document(shelf: ShelfClient, **filters: Any) -> Iterator[dict[str, Any]]:
    """Yield every document that ListDocuments gives, page after page."""
    answer = shelf.list_documents(**filters)
    yield from answer["Documents"]
    while answer.get("NextToken"):
        answer = shelf.list_documents(**filters, NextToken=answer["NextToken"])
        yield from answer["Documents"]


def evidence(shelf: ShelfClient, *, required: bool = False) -> Evidence:
    """Return every list and OCSP answer of the collection, for `validate_chain`.

    Args:
        shelf: the collection's client.
        required: whether a certificate that nothing speaks for is refused.

    Raises:
        botocore.exceptions.ClientError: the shelf refused.
    """
    lists: list[bytes] = []
    answers: list[bytes] = []
    for entry in every_document(shelf):
        if entry["Kind"] == DocumentKind.LIST:
            lists.append(bytes(entry["Document"]))
        elif entry["Kind"] == DocumentKind.ANSWER:
            answers.append(bytes(entry["Document"]))
    return Evidence(tuple(lists), tuple(answers), required)


def _entry(document: Document, added: datetime, source: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Id": document.id,
        "Kind": str(document.kind),
        "Document": document.der,
        "Title": document.title,
        "Detail": document.detail,
        "Source": source,
        "AddedAt": added,
    }
    optional = {
        "Warning": document.warning,
        "PublicKeySha256": document.spki_hash,
        "StartsAt": document.starts,
        "EndsAt": document.ends,
    }
    return {**entry, **{name: value for name, value in optional.items() if value}}


def _kept(kind: DocumentKind, der: bytes) -> Document:
    """Read a document of the collection; one that cannot be read any more hides no other."""
    try:
        return READERS[kind](der)
    except Malformed as error:
        return Document(kind, der, "(unreadable)", "", str(error))


def _blob(value: Any) -> bytes:
    return bytes(value)
