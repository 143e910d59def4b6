"""What belongs to certificates and is none: requests, revocation lists, OCSP answers.

Owns what makes each one readable and what is said of it to people; keeping them is
`document_shelf`'s. Whether a list or an answer is believed is `status`'s.
Sources: RFC 2986, RFC 5280 §5, RFC 6960 §4.2.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from workbench.pki.algorithms import key_summary
from workbench.pki.names import readable
from workbench.pki.parse import UNREADABLE, Malformed

LARGEST_DOCUMENT: Final = 16 * 1024 * 1024
LARGEST_REQUEST: Final = 256 * 1024


class DocumentKind(StrEnum):
    """What a document is."""

    REQUEST = "CSR"
    LIST = "CRL"
    ANSWER = "OCSP"


@dataclass(frozen=True, slots=True)
class Document:
    """One document, read.

    Attributes:
        kind: what it is.
        der: its bytes.
        title: the subject of a request, the issuer of a list, whom an answer is about.
        detail: what else tells it from others, in a few words.
        warning: what is wrong with it although it can be read, or empty.
        spki_hash: SHA-256 of a request's public key, hexadecimal, or empty.
        starts: thisUpdate of lists and answers, or None.
        ends: their nextUpdate, or None.
    """

    kind: DocumentKind
    der: bytes
    title: str
    detail: str
    warning: str = ""
    spki_hash: str = ""
    starts: datetime | None = None
    ends: datetime | None = None

    @property
    def id(self) -> str:
        """SHA-256 of the bytes, hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()


def read_request(der: bytes) -> Document:
    """Read a certificate signing request; its detail is what its key is called.

    Raises:
        Malformed: it is none, or damaged.
    """
    if len(der) > LARGEST_REQUEST:
        raise Malformed(f"The certificate request is larger than {LARGEST_REQUEST >> 10} KiB.")
    try:
        request: Any = x509.load_der_x509_csr(der)
        subject, _ = request.subject, request.extensions
    except UNREADABLE as error:
        raise Malformed("The certificate request is damaged and cannot be read.") from error
    try:
        key = request.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        signed = request.is_signature_valid
    except UNREADABLE:
        key, signed = b"", False
    warning = ""
    if not key:
        warning = "Its public key is of a kind that cannot be read here."
    elif not signed:
        warning = "Its signature does not verify: whoever made it may not have the private key."
    return Document(
        DocumentKind.REQUEST,
        der,
        readable(subject) or "(no subject)",
        key_summary(request).name,
        warning,
        hashlib.sha256(key).hexdigest() if key else "",
    )


def read_list(der: bytes) -> Document:
    """Read a certificate revocation list.

    Raises:
        Malformed: it is none, or damaged.
    """
    if len(der) > LARGEST_DOCUMENT:
        raise Malformed(f"The revocation list is larger than {LARGEST_DOCUMENT >> 20} MiB.")
    try:
        crl = x509.load_der_x509_crl(der)
        extensions = list(crl.extensions)
        title, entries = readable(crl.issuer), len(crl)
        starts, ends = crl.last_update_utc, crl.next_update_utc
    except UNREADABLE as error:
        raise Malformed("The revocation list is damaged and cannot be read.") from error
    parts = [f"{entries} revoked"]
    for extension in extensions:
        if isinstance(extension.value, x509.CRLNumber):
            # A number of thousands of digits is no use to anybody, and slow to print.
            number = extension.value.crl_number
            parts.insert(0, f"number {number}" if number.bit_length() <= 160 else "number too long")
        elif isinstance(extension.value, x509.DeltaCRLIndicator):
            parts.append("delta")
    warning = "" if ends else "It does not say when the next one follows, so it clears nobody."
    return Document(DocumentKind.LIST, der, title, ", ".join(parts), warning, "", starts, ends)


def read_answer(der: bytes) -> Document:
    """Read an OCSP response.

    Raises:
        Malformed: it is none, damaged, or an error message without an answer.
    """
    if len(der) > LARGEST_REQUEST:
        raise Malformed(f"The OCSP response is larger than {LARGEST_REQUEST >> 10} KiB.")
    try:
        response = ocsp.load_der_ocsp_response(der)
        status = response.response_status
        if status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            words = status.name.replace("_", " ").lower()
            raise Malformed(f"The OCSP response carries no answer: the responder said “{words}”.")
        _ = response.produced_at_utc
        title = _about(response)
        said = response.certificate_status.name.lower()
        starts, ends = response.this_update_utc, response.next_update_utc
    except UNREADABLE as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed("The OCSP response is damaged and cannot be read.") from error
    return Document(DocumentKind.ANSWER, der, title, said, "", "", starts, ends)


_LABELS: Final = {
    DocumentKind.REQUEST: "CERTIFICATE REQUEST",
    DocumentKind.LIST: "X509 CRL",
    DocumentKind.ANSWER: "OCSP RESPONSE",
}

READERS: Final = {
    DocumentKind.REQUEST: read_request,
    DocumentKind.LIST: read_list,
    DocumentKind.ANSWER: read_answer,
}


def read_document(der: bytes) -> Document:
    """Read whichever document the bytes are.

    Raises:
        Malformed: none of them.
    """
    for reader in READERS.values():
        try:
            return reader(der)
        except Malformed:
            continue
    raise Malformed("It is no certificate request, revocation list or OCSP response.")


def as_pem(kind: DocumentKind, der: bytes) -> str:
    """Return a document as PEM (RFC 7468 §6 and §7), ending with a newline."""
    body = base64.b64encode(der).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    label = _LABELS[kind]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def _about(response: Any) -> str:
    serial = response.serial_number
    digits = f"{serial:x}" if serial.bit_length() <= 168 else f"{serial:x}"[:40] + "…"
    return f"serial number {digits}"
