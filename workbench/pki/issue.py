"""A certificate from a template, a request and an issuer: `cryptography`'s builder, filled in.

Owns which extensions a certificate gets and in which order; policy about who may issue what is
in `issuing`. Precedence: template, then what the API passes through, then what the CSR asks
(AWS Private CA User Guide, "Order of operations for certificate templates").
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from workbench.pki.algorithms import digest_of
from workbench.pki.external import ExternalKey
from workbench.pki.parse import UNREADABLE, Facts
from workbench.pki.passthrough import Extra
from workbench.pki.templates import MDL_SIGNER, Template, key_usage

LARGEST_CSR: Final = 64 * 1024

_NEVER_FROM_OUTSIDE: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    }
)
"""Extensions that follow from template, key and issuer alone."""


class MalformedRequest(ValueError):
    """A certificate signing request that cannot be used; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a CSR says.

    Attributes:
        subject: whom the certificate is for.
        public_key: the key to certify.
        extensions: what it asks for.
    """

    subject: x509.Name
    public_key: CertificatePublicKeyTypes
    extensions: tuple[Extra, ...]

    @property
    def names(self) -> x509.SubjectAlternativeName | None:
        """The subject alternative name asked for, or None."""
        found = (e for _, _, e in self.extensions if isinstance(e, x509.SubjectAlternativeName))
        return next(found, None)

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo in DER."""
        return self.public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into a certificate beside what follows from its issuer.

    Attributes:
        template: decides what it says and what may be passed.
        request: key, and what the CSR asks for.
        subject: replaces the CSR's subject, if the template heeds the API; or None.
        passed: the API's extensions.
        pointers: CRL distribution points and authority information access, as the CA is set up.
        identifier: the subject key identifier to keep; empty for the usual one.
    """

    template: Template
    request: Request
    subject: x509.Name | None = None
    passed: tuple[Extra, ...] = ()
    pointers: tuple[Extra, ...] = field(default=())
    identifier: bytes = b""

    @property
    def name(self) -> x509.Name:
        """The certificate's subject."""
        if self.template.api and self.subject is not None:
            return self.subject
        return self.request.subject

    def extensions(self, issuer: Facts | None) -> list[Extra]:
        """Return the certificate's extensions in order.

        Raises:
            MalformedRequest: it would name nobody.
        """
        chosen = {oid: (oid, critical, value) for oid, critical, value in self._fixed(issuer)}
        if self.template.api:
            self._fill(chosen, self.passed)
        names = tuple(e for e in self.request.extensions if e[0] == _NAMES)
        self._fill(chosen, self.request.extensions if self.template.csr else names)
        if not self.name.rdns and _NAMES not in chosen:
            raise MalformedRequest("The request has neither a subject nor an alternative name.")
        if _NAMES in chosen:
            # RFC 5280 §4.2.1.6: critical where it stands in for an empty subject.
            oid, critical, value = chosen[_NAMES]
            chosen[_NAMES] = (oid, critical or not self.name.rdns, value)
        if self.template.own and issuer is not None and _signs_licences(chosen.get(_PURPOSES)):
            contact = issuer.extension(x509.IssuerAlternativeName)
            if contact is not None:
                chosen.setdefault(_CONTACT, (_CONTACT, False, contact))
        return list(chosen.values())

    @staticmethod
    def _fill(chosen: dict[ObjectIdentifier, Extra], more: tuple[Extra, ...]) -> None:
        for extra in more:
            if extra[0] not in _NEVER_FROM_OUTSIDE:
                chosen.setdefault(extra[0], extra)

    def _fixed(self, issuer: Facts | None) -> list[Extra]:
        template = self.template
        basic = x509.BasicConstraints(template.ca, template.path_length)
        made: list[Extra] = [(ExtensionOID.BASIC_CONSTRAINTS, template.basic_critical, basic)]
        if issuer is not None:
            identifier = authority_key_identifier(issuer)
            made.append((ExtensionOID.AUTHORITY_KEY_IDENTIFIER, False, identifier))
        made.append((ExtensionOID.SUBJECT_KEY_IDENTIFIER, False, self._own_identifier()))
        if template.key_usage:
            made.append((ExtensionOID.KEY_USAGE, True, key_usage(template.key_usage)))
        if template.extended_key_usage:
            purposes = x509.ExtendedKeyUsage(template.extended_key_usage)
            made.append((ExtensionOID.EXTENDED_KEY_USAGE, template.extended_critical, purposes))
        made += _raw(template.extras)
        return [*made, *(self.pointers if template.pointers is None else _raw(template.pointers))]

    def _own_identifier(self) -> x509.SubjectKeyIdentifier:
        if self.identifier:
            return x509.SubjectKeyIdentifier(self.identifier)
        return x509.SubjectKeyIdentifier.from_public_key(self.request.public_key)


_NAMES: Final = ExtensionOID.SUBJECT_ALTERNATIVE_NAME
_PURPOSES: Final = ExtensionOID.EXTENDED_KEY_USAGE
_CONTACT: Final = ExtensionOID.ISSUER_ALTERNATIVE_NAME
_LICENCE_SIGNER: Final = core.ObjectIdentifier(MDL_SIGNER.dotted_string).dump()


def _signs_licences(purposes: Extra | None) -> bool:
    """Whether a certificate is a document signer's, which names its root's address as well."""
    if purposes is None:
        return False
    return _LICENCE_SIGNER in purposes[2].public_bytes()


def _raw(extensions: tuple[tuple[str, bool, bytes], ...]) -> list[Extra]:
    return [
        (ObjectIdentifier(oid), critical, x509.UnrecognizedExtension(ObjectIdentifier(oid), der))
        for oid, critical, der in extensions
    ]


def read_request(data: bytes) -> Request:
    """Read a PEM certificate signing request and verify that its key signed it (RFC 2986 §3).

    Raises:
        MalformedRequest: it cannot be read, or is not signed by its own key.
    """
    if len(data) > LARGEST_CSR:
        raise MalformedRequest(f"The request is larger than {LARGEST_CSR >> 10} KiB.")
    try:
        csr = x509.load_pem_x509_csr(data)
        signed = csr.is_signature_valid
        public_key = csr.public_key()
        extensions = tuple((e.oid, e.critical, e.value) for e in csr.extensions)
        subject = csr.subject
    except UNREADABLE as error:
        raise MalformedRequest("The request is not a PEM CSR that can be read.") from error
    if not signed:
        raise MalformedRequest("The request's signature does not verify with its own key.")
    return Request(subject, public_key, extensions)


def build(
    content: Content,
    issuer: Facts | None,
    key: ExternalKey,
    signing_algorithm: str,
    validity: tuple[datetime, datetime],
    serial: int | None = None,
) -> bytes:
    """Build and sign a certificate.

    Args:
        content: template, request and what is passed through.
        issuer: the CA's certificate, or None for a self-signed one.
        key: the CA's key.
        signing_algorithm: AWS's SigningAlgorithm; must fit the key.
        validity: first and last second.
        serial: the serial number, or None for a new one.

    Returns:
        DER.

    Raises:
        MalformedRequest: the certificate would name nobody.
    """
    builder = (
        x509.CertificateBuilder()
        .subject_name(content.name)
        .issuer_name(issuer.certificate.subject if issuer else content.name)
        .public_key(content.request.public_key)
        .serial_number(serial or new_serial())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
    )
    for _, critical, extension in content.extensions(issuer):
        builder = builder.add_extension(extension, critical)
    digest = digest_of(signing_algorithm)
    certificate = builder.sign(key, digest, rsa_padding=pss_padding(signing_algorithm))
    return certificate.public_bytes(serialization.Encoding.DER)


def pss_padding(signing_algorithm: str) -> padding.PSS | None:
    """Return the padding of a SigningAlgorithm with PSS; None for the others (RFC 4055 §3.1)."""
    digest = digest_of(signing_algorithm)
    if digest is None or not signing_algorithm.endswith("_PSS"):
        return None
    return padding.PSS(padding.MGF1(digest), digest.digest_size)


def authority_key_identifier(issuer: Facts) -> x509.AuthorityKeyIdentifier:
    """Return what names the issuer's key: its own subject key identifier (RFC 5280 §4.2.1.1)."""
    if issuer.ski is not None:
        return x509.AuthorityKeyIdentifier(issuer.ski, None, None)
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(
        issuer.certificate.public_key()  # type: ignore[arg-type]
    )


def new_serial() -> int:
    """Return 128 random bits, never zero: longer than RFC 5280 §4.1.2.2 and CAs need."""
    return secrets.randbits(128) or 1
