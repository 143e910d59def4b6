"""The certificate collection: what the vault's CAs issued, their own certificates, imported ones.

Owns which certificates are kept and which are trusted roots. Its service model,
`shelf_model.json`, has botocore's format, so that the door validates its requests like AWS's.
"""

import hashlib
import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.api.models import shapes_of
from workbench.pki.clients import ShelfClient
from workbench.pki.finder import Finder, after_token, page_token
from workbench.pki.names import readable
from workbench.pki.parse import Facts, facts, read_certificates
from workbench.pki.paths import signed_by
from workbench.pki.store import Kept, Source

SERVICE: Final = "shelf"
_PAGE: Final = 100
_PREFIX: Final = "SHA256:"
_MODELS: Final = (
    "shelf_model.json",
    "issuing_model.json",
    "profile_model.json",
    "report_model.json",
    "exportable_model.json",
)


def shelf_model() -> dict[str, Any]:
    """Return the service model of the collection, in botocore's format.

    It lies in parts, which may borrow shapes of AWS's models.
    """
    model, *parts = (_read_model(name) for name in _MODELS)
    shapes: dict[str, Any] = model["shapes"]
    for part in parts:
        model["operations"].update(part["operations"])
        shapes.update(part["shapes"])
        for service, names in part["borrowed"].items():
            for name, shape in shapes_of(service, names).items():
                shapes.setdefault(name, shape)
    return model


def _read_model(name: str) -> dict[str, Any]:
    text = files("workbench.pki").joinpath(name).read_text("utf-8")
    model: dict[str, Any] = json.loads(text)
    return model


def every_certificate(shelf: ShelfClient, **filters: Any) -> Iterator[dict[str, Any]]:
    """Yield every certificate that ListCertificates gives, page after page."""
    answer = shelf.list_certificates(**filters)
    yield from answer["Certificates"]
    while answer.get("NextToken"):
        answer = shelf.list_certificates(**filters, NextToken=answer["NextToken"])
        yield from answer["Certificates"]


def public_key_hash(spki: bytes) -> str:
    """Return what ListCertificates' filter PublicKeySha256 takes for a public key (SPKI DER)."""
    return hashlib.sha256(spki).hexdigest()


class Shelf:
    """The `shelf` service."""

    def __init__(self, finder: Finder) -> None:
        self._certificates = finder.certificates
        self._revocations = finder.revocations
        self._authorities = finder.authorities

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "ListCertificates": Operation(self._list),
            "ImportCertificates": Operation(self._import, mutates=True, read_only=False),
            "DeleteCertificate": Operation(self._delete, mutates=True, read_only=False),
            "SetCertificateTrust": Operation(self._trust, mutates=True, read_only=False),
        }

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        limit = request.get("MaxResults", _PAGE)
        found = self._page(request, limit + 1)
        living = self._living(call.time)
        entries = [self._entry(kept, living) for kept in found[:limit]]
        answer: dict[str, Any] = {"Certificates": entries}
        if len(found) > limit:
            answer["NextToken"] = page_token(found[limit - 1].fingerprint)
        return answer

    def _page(self, request: dict[str, Any], limit: int) -> list[Kept]:
        after, key = after_token(request.get("NextToken")), request.get("PublicKeySha256", "")
        wrapping = request.get("ExportableUnder")
        if wrapping is None:
            return self._certificates.page(after, limit, key)
        if key:
            raise AwsError("InvalidRequestException", "List by one of the two keys only.")
        return self._certificates.under(wrapping, after, limit)

    def _import(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        trusted = request.get("TrustRoots", False)
        results: list[dict[str, Any]] = []
        for item in read_certificates(bytes(request["Data"])):
            if item.problem:
                results.append({"Outcome": "UNREADABLE", "Message": item.problem})
                continue
            results.append(self._import_one(facts(item.der), call, trusted=trusted))
        if not results:
            raise AwsError("MalformedCertificateException", "There is no certificate in the data.")
        return {"Results": results}

    def _import_one(self, one: Facts, call: Call, *, trusted: bool) -> dict[str, Any]:
        result: dict[str, Any] = {
            "Id": one.fingerprint,
            "Subject": readable(one.certificate.subject),
        }
        if self._certificates.get(one.fingerprint) is not None:
            return {**result, "Outcome": "KNOWN", "Message": "It was in the collection already."}
        refusal = why_not_a_root(one)
        root = trusted and not refusal
        self._certificates.save(Kept(one.der, Source.IMPORTED, call.time, trusted=root))
        message = "Added as a trusted root." if root else "Added."
        if trusted and refusal:
            message = f"Added, but not as a trusted root: {refusal}"
        return {**result, "Outcome": "ADDED", "Message": message}

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        kept = self._kept(request["Id"])
        free = outlived(kept, self._living(call.time))
        if kept.source is Source.AUTHORITY and not free:
            raise AwsError(
                "InvalidStateException",
                f"It is the certificate of {kept.authority_arn}: delete the CA instead.",
            )
        if kept.source is Source.ISSUED and not free:
            raise AwsError(
                "InvalidStateException",
                "A CA of this vault issued it and keeps a record of it: it cannot be deleted.",
            )
        self._certificates.delete(kept.fingerprint)
        return {}

    def _living(self, moment: datetime) -> frozenset[str]:
        """Return the ARNs of the CAs that are not gone for good, in every Region."""
        return frozenset(one.arn for one in self._authorities.all() if not one.gone(moment))

    def _trust(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        kept = self._kept(request["Id"])
        wanted = request["Trusted"]
        refusal = why_not_a_root(facts(kept.der)) if wanted else ""
        if refusal:
            raise AwsError("InvalidRequestException", refusal)
        self._certificates.save(replace(kept, trusted=wanted))
        return {}

    def _entry(self, kept: Kept, living: AbstractSet[str]) -> dict[str, Any]:
        entry = _document(kept)
        if kept.source is not Source.IMPORTED and outlived(kept, living):
            entry["AuthorityGone"] = True
        if kept.arn:
            serial = facts(kept.der).certificate.serial_number
            found = self._revocations.get(issuing_authority(kept.arn), serial)
            if found is not None:
                entry["RevokedAt"] = found.revoked
                entry["RevocationReason"] = found.reason
        return entry

    def _kept(self, name: str) -> Kept:
        kept = self._certificates.get(name.removeprefix(_PREFIX).lower())
        if kept is None:
            raise AwsError("ResourceNotFoundException", f"Could not find certificate: {name}")
        return kept


def issuing_authority(arn: str) -> str:
    """Return the ARN of the CA that issued the certificate with an ARN."""
    return arn.partition("/certificate/")[0]


def outlived(kept: Kept, living: AbstractSet[str]) -> bool:
    """Whether every CA that a certificate is of or from is gone for good."""
    return living.isdisjoint({kept.authority_arn, issuing_authority(kept.arn)})


def why_not_a_root(one: Facts) -> str:
    """Return in a sentence why a certificate cannot be a trusted root; empty if it can."""
    if not one.self_issued:
        return "Only a self-issued certificate can be a trusted root; this one has an issuer."
    if not one.ca:
        return "Only a CA certificate can be a trusted root; this one is not a CA's."
    if not signed_by(one, one):
        return "Its signature does not verify with its own key, so it is damaged or forged."
    return ""


def _document(kept: Kept) -> dict[str, Any]:
    known = facts(kept.der)
    described: dict[str, Any] = {
        "Id": kept.fingerprint,
        "Certificate": kept.der,
        "Subject": readable(known.certificate.subject),
        "PublicKeySha256": public_key_hash(known.spki),
        "Source": str(kept.source),
        "Trusted": kept.trusted,
        "AddedAt": kept.added,
    }
    if kept.arn:
        described["CertificateArn"] = kept.arn
    if kept.authority_arn:
        described["CertificateAuthorityArn"] = kept.authority_arn
    if kept.pair is not None:
        described["ExportableKey"] = kept.pair.summary
    return described
