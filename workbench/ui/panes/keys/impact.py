"""What depends on keys: aliases, certificates of their public keys, CAs that sign with them.

Certificates whose private keys can be exported depend on the key that those are encrypted under.

Reads through boto3-shaped clients, on a worker. Knows no Qt.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.ui.many import each
from workbench.ui.panes.keys.inventory import KeyRow, error_code

_PAGE = 1000
_SYMMETRIC = "SYMMETRIC_DEFAULT"


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate in the collection that holds a key's public half.

    Attributes:
        id: SHA-256 fingerprint, hexadecimal.
        subject: its subject in words.
        source: `AUTHORITY`, `ISSUED` or `IMPORTED`.
        trusted: whether it is a trusted root.
        authority: ARN of the CA whose own certificate it is, or that issued it; else empty.
    """

    id: str
    subject: str
    source: str
    trusted: bool
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything found.

    Attributes:
        aliases: aliases of the keys, without prefix.
        certificates: certificates that hold their public keys.
        exportable: certificates whose private keys are kept encrypted under them.
    """

    aliases: tuple[str, ...]
    certificates: tuple[HeldCertificate, ...]
    exportable: tuple[HeldCertificate, ...] = ()

    @property
    def authorities(self) -> tuple[HeldCertificate, ...]:
        """The certificates of CAs that sign with one of the keys."""
        return tuple(one for one in self.certificates if one.source == "AUTHORITY")


def has_public_key(row: KeyRow) -> bool:
    """Whether a key is a pair."""
    return bool(row.spec) and row.spec != _SYMMETRIC and not row.spec.startswith("HMAC_")


def certificates_of(kms: Any, shelf: Any, row: KeyRow) -> tuple[HeldCertificate, ...]:
    """Return the certificates in the collection that hold this key's public half."""
    if not has_public_key(row):
        return ()
    try:
        spki = kms.get_public_key(KeyId=row.id)["PublicKey"]
    except Exception as error:
        # A key pending deletion no longer gives its public key; then nobody can tell.
        if error_code(error) in {"KMSInvalidStateException", "DisabledException"}:
            return ()
        raise
    return tuple(certificates_with(shelf, hashlib.sha256(bytes(spki)).hexdigest()))


def certificates_with(shelf: Any, digest: str) -> Iterator[HeldCertificate]:
    """Yield the certificates whose SubjectPublicKeyInfo has this SHA-256, hexadecimal."""
    yield from map(_held, _listed(shelf, PublicKeySha256=digest))


def exportable_under(shelf: Any, row: KeyRow) -> tuple[HeldCertificate, ...]:
    """Return the certificates whose private keys are kept encrypted under a key."""
    if row.spec != _SYMMETRIC:
        return ()
    return tuple(
        _held(item)
        for item in _listed(shelf, ExportableUnder=row.arn)
        if item.get("ExportableKey", {}).get("KeyId") == row.arn
    )


def _listed(shelf: Any, **request: Any) -> Iterator[dict[str, Any]]:
    request["MaxResults"] = _PAGE
    while True:
        answer = shelf.list_certificates(**request)
        yield from answer.get("Certificates", ())
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


def _held(item: Mapping[str, Any]) -> HeldCertificate:
    return HeldCertificate(
        item["Id"],
        item["Subject"],
        item["Source"],
        item["Trusted"],
        item.get("CertificateAuthorityArn", ""),
    )


def impact_of(kms: Any, shelf: Any, rows: Sequence[KeyRow], parallel: int = 1) -> Impact:
    """Return what depends on these keys, asking about `parallel` of them at once."""
    aliases = tuple(name for row in rows for name in row.names)
    held = each(lambda row: certificates_of(kms, shelf, row), rows, parallel)
    found = {one.id: one for some in held for one in some}
    kept = each(lambda row: exportable_under(shelf, row), rows, parallel)
    exportable = tuple(one for some in kept for one in some)
    return Impact(aliases, tuple(found.values()), exportable)
