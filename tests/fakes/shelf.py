"""A certificate shelf in a dictionary, shaped like the `shelf` service's client."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from workbench.pki.documents import read_document
from workbench.pki.names import readable
from workbench.pki.parse import facts, read_certificates

ADDED = datetime(2026, 6, 1, tzinfo=UTC)


class FakeShelf:
    """Keeps certificates; pages are of two, so that whoever reads must turn them."""

    def __init__(self, page: int = 2) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self.documents: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self._page = page

    def put(self, der: bytes, *, trusted: bool = False, source: str = "IMPORTED") -> str:
        """Keep a certificate and return its id."""
        one = facts(der)
        self.entries[one.fingerprint] = {
            "Id": one.fingerprint,
            "Certificate": der,
            "Subject": readable(one.certificate.subject),
            "PublicKeySha256": hashlib.sha256(one.spki).hexdigest(),
            "Source": source,
            "Trusted": trusted,
            "AddedAt": ADDED,
        }
        return one.fingerprint

    def list_certificates(self, **request: Any) -> dict[str, Any]:
        self.calls.append("ListCertificates")
        start = int(request.get("NextToken", 0))
        end = start + self._page
        every = list(self.entries.values())
        answer: dict[str, Any] = {"Certificates": every[start:end]}
        if end < len(every):
            answer["NextToken"] = str(end)
        return answer

    def check_certificate(self, *, CertificateId: str, Lint: bool) -> dict[str, Any]:  # noqa: N803
        self.calls.append("CheckCertificate")
        assert CertificateId in self.entries
        del Lint
        return {"Verdict": "CLEAR", "Findings": []}

    def list_documents(self, **_request: Any) -> dict[str, Any]:
        return {"Documents": list(self.documents)}

    def import_certificates(self, *, Data: bytes, TrustRoots: bool = False) -> dict[str, Any]:  # noqa: N803
        self.calls.append("ImportCertificates")
        results: list[dict[str, Any]] = []
        for item in read_certificates(Data):
            if item.problem:
                results.append({"Outcome": "UNREADABLE", "Message": item.problem})
                continue
            one = facts(item.der)
            known = one.fingerprint in self.entries
            if not known:
                self.put(item.der, trusted=TrustRoots and one.self_issued)
            results.append(
                {
                    "Id": one.fingerprint,
                    "Subject": readable(one.certificate.subject),
                    "Outcome": "KNOWN" if known else "ADDED",
                    "Message": "It was in the collection already." if known else "Added.",
                }
            )
        return {"Results": results}

    def import_document(self, *, Document: bytes) -> dict[str, Any]:  # noqa: N803
        self.calls.append("ImportDocument")
        one = read_document(Document)
        known = any(entry["Id"] == one.id for entry in self.documents)
        entry = {
            "Id": one.id,
            "Kind": str(one.kind),
            "Document": Document,
            "Title": one.title,
            "Detail": one.detail,
            "Source": "IMPORTED",
            "AddedAt": ADDED,
        }
        if not known:
            self.documents.append(entry)
        outcome = "KNOWN" if known else "ADDED"
        return {"Id": one.id, "Kind": str(one.kind), "Outcome": outcome, "Message": "Added."}

    def delete_document(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        self.calls.append("DeleteDocument")
        self.documents = [entry for entry in self.documents if entry["Id"] != Id]
        return {}

    def delete_certificate(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        self.calls.append("DeleteCertificate")
        if self.entries[Id]["Source"] != "IMPORTED":
            raise refused("DeleteCertificate", "InvalidStateException", "It cannot be deleted.")
        del self.entries[Id]
        return {}

    def set_certificate_trust(self, *, Id: str, Trusted: bool) -> dict[str, Any]:  # noqa: N803
        self.calls.append("SetCertificateTrust")
        self.entries[Id]["Trusted"] = Trusted
        return {}


def refused(operation: str, code: str, message: str) -> ClientError:
    """Return the error a client raises."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
