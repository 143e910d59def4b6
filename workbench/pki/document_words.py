"""What a request, a revocation list or an OCSP answer says, in words; a list entry by entry.

Owns the wording; whether it is believed is `status`'s. Sources: RFC 2986 §4, RFC 5280 §5,
RFC 6960 §4.2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.x509 import ocsp

from workbench.pki.algorithms import key_summary
from workbench.pki.authority import serial_text
from workbench.pki.describe import Group, Row
from workbench.pki.documents import READERS, DocumentKind
from workbench.pki.extension_words import rows_of, title_of
from workbench.pki.names import readable, visible
from workbench.pki.parse import UNREADABLE, Malformed
from workbench.pki.rules import when


@dataclass(frozen=True, slots=True)
class Entry:
    """One certificate that a list revokes.

    Attributes:
        serial: its serial number, hexadecimal pairs with colons.
        since: since when.
        reason: why, in words as the standard names it; empty where none is given.
    """

    serial: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a document says.

    Attributes:
        groups: fields and extensions.
        entries: of a revocation list, in its order.
    """

    groups: tuple[Group, ...]
    entries: tuple[Entry, ...] = ()


def tell(kind: DocumentKind, der: bytes) -> Told:
    """Return what a document says; with 100,000 entries it takes a second.

    Raises:
        Malformed: it is none of that kind, or a part of it cannot be read.
    """
    READERS[kind](der)
    try:
        return {
            DocumentKind.REQUEST: _request,
            DocumentKind.LIST: _list,
            DocumentKind.ANSWER: _answer,
        }[kind](der)
    except UNREADABLE as error:
        raise Malformed("A part of it cannot be read.") from error


def _request(der: bytes) -> Told:
    request: Any = x509.load_der_x509_csr(der)
    rows = (
        Row("Subject", readable(request.subject) or "(no subject)"),
        Row("Public key", key_summary(request).name),
    )
    return Told((Group("Certificate request", rows), *_extensions(request.extensions)))


def _list(der: bytes) -> Told:
    crl = x509.load_der_x509_crl(der)
    ends = crl.next_update_utc
    rows = (
        Row("Issuer", readable(crl.issuer)),
        Row("Issued", when(crl.last_update_utc)),
        Row("Next list", when(ends) if ends else "not announced"),
        Row("Revoked certificates", str(len(crl))),
    )
    return Told(
        (Group("Revocation list", rows), *_extensions(crl.extensions)),
        tuple(
            Entry(serial_text(one.serial_number), one.revocation_date_utc, _reason(one))
            for one in crl
        ),
    )


def _reason(one: x509.RevokedCertificate) -> str:
    for extension in one.extensions:
        if isinstance(extension.value, x509.CRLReason):
            return str(extension.value.reason.value)
    return ""


def _answer(der: bytes) -> Told:
    answer = ocsp.load_der_ocsp_response(der)
    revoked, ends = answer.revocation_time_utc, answer.next_update_utc
    responder = answer.responder_name
    key = (answer.responder_key_hash or b"").hex(":").upper()
    rows = [
        Row("Serial number", serial_text(answer.serial_number)),
        Row("Status", answer.certificate_status.name.lower()),
        *([Row("Revoked since", when(revoked))] if revoked else []),
        Row("Responder", readable(responder) if responder else f"key {key}"),
        Row("Answered", when(answer.produced_at_utc)),
        Row("True from", when(answer.this_update_utc)),
        Row("Next answer", when(ends) if ends else "not announced"),
    ]
    return Told((Group("OCSP response", tuple(rows)), *_extensions(answer.extensions)))


def _extensions(found: Iterable[x509.Extension[Any]]) -> tuple[Group, ...]:
    return tuple(
        Group(
            title_of(one),
            tuple(Row(label, visible(value, 4096)) for label, value in rows_of(one)),
            one.critical,
        )
        for one in found
    )
