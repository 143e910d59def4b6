"""Small questions to certificates that recipes and formats share. Knows neither."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workbench.base.errors import Refused


def public_bytes(certificate: x509.Certificate) -> bytes:
    """Return a certificate's SubjectPublicKeyInfo, or nothing where the key cannot be read."""
    try:
        return certificate.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, UnsupportedAlgorithm):
        return b""


def load(certificate: bytes) -> x509.Certificate:
    """Return a certificate of a chain; raises `Refused` where it cannot be read."""
    try:
        return x509.load_der_x509_certificate(certificate)
    except ValueError as error:
        raise Refused(
            "A certificate of the chain cannot be read.", "Get it again from where it was issued."
        ) from error


def without_roots(chain: Sequence[bytes]) -> list[bytes]:
    """Return a chain without self-issued certificates, but always with the signer's."""
    found = []
    for number, der in enumerate(chain):
        certificate = x509.load_der_x509_certificate(der)
        if number == 0 or certificate.issuer != certificate.subject:
            found.append(der)
    return found
