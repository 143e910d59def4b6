"""Things to bring into the collection, made to order."""

from datetime import datetime
from typing import Any

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509 import ocsp

from tests.fakes.certificates import DAY, NOW, Made, name

ML_DSA_OIDS = {
    "ML-DSA-44": "2.16.840.1.101.3.4.3.17",
    "ML-DSA-65": "2.16.840.1.101.3.4.3.18",
    "ML-DSA-87": "2.16.840.1.101.3.4.3.19",
}


def digest_for(key: Any) -> hashes.SHA256 | None:
    """Return the digest that a key signs with, or None where it has its own."""
    return hashes.SHA256() if hasattr(key, "curve") or hasattr(key, "key_size") else None


def request(key: Any, subject: str = "Wisher") -> x509.CertificateSigningRequest:
    """Return a certificate request."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(name(subject))
    return builder.sign(key, digest_for(key))


def revocation_list(
    issuer: Made, *revoked: Made, start: datetime = NOW - DAY, end: datetime = NOW + DAY
) -> bytes:
    """Return a CRL in DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(start)
        .next_update(end)
        .add_extension(x509.CRLNumber(7), critical=False)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder(one.certificate.serial_number, start)
        builder = builder.add_revoked_certificate(entry.build())
    crl = builder.sign(issuer.key, digest_for(issuer.key))
    return crl.public_bytes(Encoding.DER)


def answer(one: Made, issuer: Made, *, revoked: bool = False) -> bytes:
    """Return an OCSP response in DER."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    builder = ocsp.OCSPResponseBuilder().add_response(
        one.certificate,
        issuer.certificate,
        hashes.SHA256(),
        status,
        NOW - DAY,
        NOW + DAY,
        NOW - DAY if revoked else None,
        None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    return builder.sign(issuer.key, digest_for(issuer.key)).public_bytes(Encoding.DER)


def pkcs8(key: Any, password: str = "") -> bytes:
    """Return PKCS#8 in DER, encrypted if there is a password."""
    if password:
        protection: Any = BestAvailableEncryption(password.encode())
    else:
        protection = NoEncryption()
    return bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, protection))


def wrap_private(oid: str, inner: bytes) -> bytes:
    """Return OneAsymmetricKey (RFC 5958 §2) around a private key in its own form."""
    identifier = core.ObjectIdentifier(oid).dump()
    algorithm = b"\x30" + bytes([len(identifier)]) + identifier
    body = core.Integer(0).dump() + algorithm + core.OctetString(inner).dump()
    return bytes(core.Sequence(contents=body).dump())
