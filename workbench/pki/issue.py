"""A certificate from a template, a request and an issuer: `cryptography`'s builder, filled in.

Owns which extensions a certificate gets and in which order; policy about who may issue what is
in `issuing`.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import mldsa, padding
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from workbench.pki.algorithms import digest_of
from workbench.pki.external import ExternalKey
from workbench.pki.parse import Facts
from workbench.pki.templates import ENCIPHERING_BITS, Template, key_usage

LARGEST_CSR = 64 * 1024


class MalformedRequest(ValueError):
    """A certificate signing request that cannot be used; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a template takes from a CSR.

    Attributes:
        subject: whom the certificate is for.
        public_key: the key to certify.
        names: the subject alternative name, or None.
    """

    subject: x509.Name
    public_key: CertificatePublicKeyTypes
    names: x509.SubjectAlternativeName | None

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo in DER."""
        return self.public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def read_request(pem: bytes) -> Request:
    """Read a PEM certificate signing request and verify that its key signed it (RFC 2986 §3).

    Raises:
        MalformedRequest: it cannot be read, is not signed by its own key, or names nobody.
    """
    if len(pem) > LARGEST_CSR:
        raise MalformedRequest(f"The request is larger than {LARGEST_CSR >> 10} KiB.")
    try:
        csr = x509.load_pem_x509_csr(pem)
        signed = csr.is_signature_valid
        public_key = csr.public_key()
        extensions = csr.extensions
        subject = csr.subject
    except (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise MalformedRequest("The request is not a PEM CSR that can be read.") from error
    if not signed:
        raise MalformedRequest("The request's signature does not verify with its own key.")
    names = next(
        (e.value for e in extensions if isinstance(e.value, x509.SubjectAlternativeName)), None
    )
    if not subject.rdns and names is None:
        raise MalformedRequest("The request has neither a subject nor an alternative name.")
    return Request(subject, public_key, names)


def build(
    template: Template,
    request: Request,
    issuer: Facts | None,
    key: ExternalKey,
    signing_algorithm: str,
    validity: tuple[datetime, datetime],
) -> bytes:
    """Build and sign a certificate.

    Args:
        template: decides basic constraints and key usages.
        request: subject, key and names.
        issuer: the CA's certificate, or None for a self-signed one.
        key: the CA's key.
        signing_algorithm: AWS's SigningAlgorithm; must fit the key.
        validity: first and last second.

    Returns:
        DER.
    """
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer.certificate.subject if issuer else request.subject)
        .public_key(request.public_key)
        .serial_number(_serial())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
    )
    for extension, critical in _extensions(template, request, issuer):
        builder = builder.add_extension(extension, critical)
    digest = digest_of(signing_algorithm)
    if signing_algorithm.endswith("_PSS") and digest is not None:
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        certificate = builder.sign(key, digest, rsa_padding=pss)
    else:
        certificate = builder.sign(key, digest)
    return certificate.public_bytes(serialization.Encoding.DER)


def _serial() -> int:
    """Return 128 random bits, never zero: longer than RFC 5280 §4.1.2.2 and CAs need."""
    return secrets.randbits(128) or 1


def _extensions(
    template: Template, request: Request, issuer: Facts | None
) -> list[tuple[x509.ExtensionType, bool]]:
    made: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(template.ca, template.path_length), template.ca)
    ]
    if issuer is not None:
        made.append((_authority(issuer), False))
    made.append((x509.SubjectKeyIdentifier.from_public_key(request.public_key), False))
    made.append((key_usage(_usage(template, request.public_key)), True))
    if template.extended_key_usage:
        purposes = x509.ExtendedKeyUsage(template.extended_key_usage)
        made.append((purposes, template.extended_critical))
    if request.names is not None:
        # RFC 5280 §4.2.1.6: critical where it stands in for an empty subject.
        made.append((request.names, not request.subject.rdns))
    return made


def _authority(issuer: Facts) -> x509.AuthorityKeyIdentifier:
    if issuer.ski is not None:
        return x509.AuthorityKeyIdentifier(issuer.ski, None, None)
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(
        issuer.certificate.public_key()  # type: ignore[arg-type]
    )


def _usage(template: Template, key: CertificatePublicKeyTypes) -> frozenset[str]:
    """Return the template's key usage, without what RFC 9881 §5 forbids for an ML-DSA key."""
    kinds = (mldsa.MLDSA44PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey)
    if isinstance(key, kinds):
        return template.key_usage - ENCIPHERING_BITS
    return template.key_usage
