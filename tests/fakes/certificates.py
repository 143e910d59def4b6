"""Certificates made to order, good and bad, with keys that live in the test only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from workbench.pki.templates import key_usage

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CODE = ExtendedKeyUsageOID.CODE_SIGNING
CA_BITS = frozenset({"digital_signature", "key_cert_sign", "crl_sign"})
LEAF_BITS = frozenset({"digital_signature"})

_KEYS: dict[str, Callable[[], Any]] = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "RSA-1024": lambda: rsa.generate_private_key(65537, 1024),  # weak on purpose
}


def new_key(kind: str = "ML-DSA-65") -> Any:
    """Return a new private key."""
    return _KEYS[kind]()


def name(common_name: str, organization: str = "Lab") -> x509.Name:
    """Return a name of two attributes."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


class Made:
    """A certificate and its key."""

    def __init__(self, certificate: x509.Certificate, key: Any) -> None:
        self.certificate = certificate
        self.key = key
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def ski(self) -> bytes:
        """Subject key identifier."""
        return self.certificate.extensions.get_extension_for_class(
            x509.SubjectKeyIdentifier
        ).value.digest


def make(
    common_name: str,
    issuer: Made | None = None,
    *,
    key: Any = None,
    ca: bool | None = None,
    path: int | None = None,
    bits: frozenset[str] | None = None,
    eku: tuple[ObjectIdentifier, ...] = (),
    start: datetime = NOW - DAY,
    end: datetime = NOW + 300 * DAY,
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    aki: bytes | None = None,
    basic: bool = True,
    usage: bool = True,
    identifiers: bool = True,
    sign_with: Any = None,
    issuer_name: x509.Name | None = None,
    digest: hashes.SHA224 | None = None,
) -> Made:
    """Make a certificate; without an issuer a self-signed one, and then a CA unless told."""
    key = key or new_key()
    is_ca = issuer is None if ca is None else ca
    public = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common_name))
        .issuer_name(issuer_name or (issuer.certificate.subject if issuer else name(common_name)))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if basic:
        builder = builder.add_extension(x509.BasicConstraints(is_ca, path), critical=is_ca)
    if usage:
        wanted = bits if bits is not None else (CA_BITS if is_ca else LEAF_BITS)
        builder = builder.add_extension(key_usage(wanted), critical=True)
    if identifiers:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    if identifiers and (issuer or aki):
        identifier = aki or (issuer.ski if issuer else None)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier(identifier, None, None), critical=False
        )
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage(eku), critical=True)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    signer = sign_with or (issuer.key if issuer else key)
    return Made(builder.sign(signer, digest or _digest(signer)), key)


def _digest(key: Any) -> Any:
    hashed = isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return hashes.SHA256() if hashed else None


class Chain:
    """Root, subordinate and code-signing leaf, all in order."""

    def __init__(self, kind: str = "ML-DSA-65") -> None:
        self.root = make("Root", key=new_key(kind))
        self.sub = make("Sub", self.root, key=new_key(kind), ca=True, path=0)
        self.leaf = make("Signer", self.sub, key=new_key(kind), ca=False, eku=(CODE,))
