"""Certificates out of bytes, by content and not by file name.

Owns what counts as a certificate that can be read; whether to trust it is `validate`'s.
Source: RFC 7468 (PEM), RFC 5280 (X.509), RFC 2315 and RFC 5652 (PKCS#7 certificate bags).
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

LARGEST_INPUT: Final = 16 * 1024 * 1024
LARGEST_CERTIFICATE: Final = 256 * 1024
MOST_CERTIFICATES: Final = 10_000

_BEGIN: Final = b"-----BEGIN "
_CERTIFICATE_LABELS: Final = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE"})
_BAG_LABELS: Final = frozenset({b"PKCS7", b"CMS", b"PKCS #7 SIGNED DATA"})

Kind = TypeVar("Kind", bound=x509.ExtensionType)

UNREADABLE: Final = (
    ValueError, TypeError, KeyError, OverflowError, NotImplementedError, UnsupportedAlgorithm,
    InvalidSignature, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    x509.InvalidVersion,
)  # fmt: skip
"""What reading hostile structures may raise; KeyError is a TLS feature that nobody knows."""


class Malformed(ValueError):
    """Bytes that are no certificate that can be read; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found in a file: a certificate, or why it is none.

    Attributes:
        der: the certificate, or empty.
        problem: a sentence when it could not be read, else empty.
    """

    der: bytes
    problem: str = ""


class Facts:
    """A certificate and what path validation asks of it, read once.

    Attributes:
        der: its DER.
        certificate: the certificate.
        fingerprint: SHA-256 of the DER, hexadecimal.
        subject: the subject's DER.
        issuer: the issuer's DER.
        self_issued: whether both are the same (RFC 5280 §3.2).
        ski: subject key identifier, or None.
        aki: authority key identifier's keyIdentifier, or None.
        basic: basicConstraints, or None.
        usage: keyUsage, or None.
        purposes: extendedKeyUsage, or None.
    """

    __slots__ = (
        "_values", "aki", "basic", "certificate", "der", "extensions", "fingerprint", "issuer",
        "purposes", "self_issued", "ski", "spki", "subject", "usage",
    )  # fmt: skip

    def __init__(self, der: bytes) -> None:
        self.der = der
        self.certificate = _load(der)
        self.extensions = _extensions(self.certificate)
        self._values = {one.oid: one.value for one in self.extensions}
        self.fingerprint = hashlib.sha256(der).hexdigest()
        self.subject = self.certificate.subject.public_bytes()
        self.issuer = self.certificate.issuer.public_bytes()
        self.self_issued = self.subject == self.issuer
        ski = self.extension(x509.SubjectKeyIdentifier)
        aki = self.extension(x509.AuthorityKeyIdentifier)
        self.ski = ski.digest if ski else None
        self.aki = aki.key_identifier if aki else None
        self.basic = self.extension(x509.BasicConstraints)
        self.usage = self.extension(x509.KeyUsage)
        self.purposes = self.extension(x509.ExtendedKeyUsage)
        self.spki = _spki(self.certificate)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same certificate, byte for byte."""
        return isinstance(other, Facts) and self.der == other.der

    def __hash__(self) -> int:
        """Return a hash of the bytes."""
        return hash(self.der)

    def extension(self, kind: type[Kind]) -> Kind | None:
        """Return the value of an extension, or None if there is none."""
        value = self._values.get(kind.oid)
        return value if isinstance(value, kind) else None

    @property
    def ca(self) -> bool:
        """Whether basicConstraints says it is a CA."""
        return self.basic is not None and self.basic.ca

    @property
    def no_check(self) -> bool:
        """Whether it has id-pkix-ocsp-nocheck, as OCSP responders have (RFC 6960 §4.2.2.2.1)."""
        return self.extension(x509.OCSPNoCheck) is not None


@lru_cache(maxsize=8192)
def facts(der: bytes) -> Facts:
    """Return what is known of a certificate.

    Raises:
        Malformed: it cannot be read, or an extension of it cannot.
    """
    return Facts(der)


def pem(der: bytes) -> str:
    """Return a certificate's PEM as AWS gives it: 64 characters a line, no newline at the end."""
    body = base64.b64encode(der).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])


def read_certificates(data: bytes) -> tuple[Found, ...]:
    """Return every certificate in a PEM bundle, a DER certificate or a PKCS#7 bag, in order.

    A PEM block that is damaged is reported in its place and does not hide the others; blocks that
    are something else (a private key, a CRL) are reported without looking inside.
    """
    if len(data) > LARGEST_INPUT:
        return (
            Found(b"", f"The input is larger than {LARGEST_INPUT >> 20} MiB and was not read."),
        )
    if _BEGIN in data:
        found: list[Found] = []
        for item in _from_pem(data):
            if len(found) == MOST_CERTIFICATES:
                found.append(Found(b"", f"Only the first {MOST_CERTIFICATES} entries were read."))
                break
            found.append(item)
        return tuple(found)
    return tuple(_from_der(data))


def one_certificate(data: bytes) -> bytes:
    """Return the DER of the one certificate in PEM or DER `data`.

    Raises:
        Malformed: there is none, it cannot be read, or there are more than one.
    """
    found = read_certificates(data)
    if not found:
        raise Malformed("There is no certificate in it.")
    if len(found) > 1:
        raise Malformed(f"There are {len(found)} entries in it where one certificate belongs.")
    if found[0].problem:
        raise Malformed(found[0].problem)
    return found[0].der


def _from_pem(data: bytes) -> Iterator[Found]:
    position = 0
    number = 0
    while (start := data.find(_BEGIN, position)) >= 0:
        number += 1
        end_of_label = data.find(b"-----", start + len(_BEGIN), start + 128)
        if end_of_label < 0:
            position = start + len(_BEGIN)
            yield Found(b"", f"Entry {number} has a damaged first line.")
            continue
        label = data[start + len(_BEGIN) : end_of_label]
        closing = b"-----END " + label + b"-----"
        end = data.find(closing, end_of_label)
        if end < 0:
            yield Found(b"", f"Entry {number} is cut off: its last line is missing.")
            return
        position = end + len(closing)
        yield from _pem_entry(number, label, data[end_of_label + 5 : end])


def _pem_entry(number: int, label: bytes, body: bytes) -> Iterator[Found]:
    if label not in _CERTIFICATE_LABELS | _BAG_LABELS:
        shown = ascii(label.decode("latin-1"))[1:-1]
        yield Found(b"", f"Entry {number} is a {shown}, not a certificate.")
        return
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error:
        yield Found(b"", f"Entry {number} is damaged: it is not Base64.")
        return
    for item in _from_der(der):
        yield Found(item.der, f"Entry {number}: {item.problem}" if item.problem else "")


def _from_der(data: bytes) -> Iterator[Found]:
    try:
        yield Found(facts(data).der)
    except Malformed as error:
        bag = _bag(data)
        if bag is None:
            yield Found(b"", str(error))
            return
        yield from bag


def _bag(data: bytes) -> list[Found] | None:
    if not data.startswith(b"0") or b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" not in data[:32]:
        return None
    try:
        loaded = pkcs7.load_der_pkcs7_certificates(data)
        encoded = [one.public_bytes(serialization.Encoding.DER) for one in loaded]
    except UNREADABLE:
        # One certificate that cannot be read must not hide the others.
        encoded = _bag_entries(data)
    if not encoded:
        return [Found(b"", "The PKCS#7 file is damaged or holds no certificates.")]
    found: list[Found] = []
    for der in encoded[:MOST_CERTIFICATES]:
        try:
            found.append(Found(facts(der).der))
        except Malformed as error:
            found.append(Found(b"", str(error)))
    return found


def _bag_entries(data: bytes) -> list[bytes]:
    """Return the certificates of a PKCS#7 bag without looking into them; also of one in BER."""
    try:
        certificates = cms.ContentInfo.load(data)["content"]["certificates"]
        chosen = [one.chosen for one in certificates if one.name == "certificate"]
        return [bytes(one.dump()) for one in chosen]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return []


def _load(der: bytes) -> x509.Certificate:
    if len(der) > LARGEST_CERTIFICATE:
        raise Malformed(f"The certificate is larger than {LARGEST_CERTIFICATE >> 10} KiB.")
    try:
        certificate = x509.load_der_x509_certificate(der)
        # These are read late and may fail only then.
        _ = (
            certificate.version,
            certificate.serial_number,
            certificate.subject,
            certificate.issuer,
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )
    except UNREADABLE as error:
        raise Malformed("The bytes are not an X.509 certificate that can be read.") from error
    if not der.endswith(b"\x00" + certificate.signature):
        # A count of unused bits other than 0 would give one certificate a second encoding.
        raise Malformed("The certificate's signature is not a whole number of bytes.")
    return certificate


def _extensions(certificate: x509.Certificate) -> x509.Extensions:
    try:
        return certificate.extensions
    except x509.DuplicateExtension as error:
        raise Malformed(
            f"The certificate has the extension {error.oid.dotted_string} twice "
            "(RFC 5280 §4.2 allows each once)."
        ) from error
    except UNREADABLE as error:
        raise Malformed("An extension of the certificate cannot be read.") from error


def _spki(certificate: x509.Certificate) -> bytes:
    """Return SubjectPublicKeyInfo, or the whole TBS where the key cannot be loaded."""
    try:
        return certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except UNREADABLE:
        return certificate.tbs_certificate_bytes
