"""Things to bring into the collection, made to order."""

import base64
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import core, keys
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509 import ocsp
from OpenSSL import crypto

from tests.fakes.certificates import DAY, NOW, Made, name

ML_DSA_OIDS = {
    "ML-DSA-44": "2.16.840.1.101.3.4.3.17",
    "ML-DSA-65": "2.16.840.1.101.3.4.3.18",
    "ML-DSA-87": "2.16.840.1.101.3.4.3.19",
}

_ML_DSA: dict[str, Any] = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey,
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


def with_rounds(der: bytes, rounds: int) -> bytes:
    """Return an encrypted private key that claims to be derived in so many rounds."""
    made = keys.EncryptedPrivateKeyInfo.load(der)
    scheme = made["encryption_algorithm"]["parameters"]
    scheme["key_derivation_func"]["parameters"]["iteration_count"] = rounds
    return bytes(made.dump(force=True))


def sequence(*parts: bytes) -> bytes:
    """Return a DER SEQUENCE of encoded parts."""
    inside = b"".join(parts)
    if len(inside) < 128:
        return bytes([0x30, len(inside)]) + inside
    size = len(inside).to_bytes((len(inside).bit_length() + 7) // 8, "big")
    return bytes([0x30, 0x80 | len(size)]) + size + inside


def wrap_private(oid: str, inner: bytes) -> bytes:
    """Return OneAsymmetricKey (RFC 5958 §2) around a private key in its own form."""
    algorithm = sequence(core.ObjectIdentifier(oid).dump())
    return sequence(core.Integer(0).dump(), algorithm, core.OctetString(inner).dump())


@dataclass(frozen=True)
class MlDsaForms:
    """One ML-DSA key in every form of RFC 9881 §6, and in the bare ones of some programs."""

    name: str
    seed: bytes
    expanded: bytes
    spki: bytes
    forms: dict[str, bytes]

    def encrypted(self, password: str) -> bytes:
        """Return the key with seed and expanded key, as OpenSSL encrypts it."""
        return base64.b64decode(
            b"".join(_written(self.forms["both"], crypto.FILETYPE_PEM, password).splitlines()[1:-1])
        )


def ml_dsa_forms(kind: str) -> MlDsaForms:
    """Make a key; OpenSSL computes its expanded form."""
    key = _ML_DSA[kind].generate()
    seed = key.private_bytes_raw()
    oid = ML_DSA_OIDS[kind]
    seeded = wrap_private(oid, b"\x80\x20" + seed)
    both = core.Sequence.load(_written(seeded, crypto.FILETYPE_ASN1))[2].native
    expanded = bytes(core.Sequence.load(both)[1].native)
    return MlDsaForms(
        kind,
        seed,
        expanded,
        key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        {
            "seed": seeded,
            "both": wrap_private(oid, both),
            "expanded": wrap_private(oid, core.OctetString(expanded).dump()),
            "bare seed": wrap_private(oid, seed),
        },
    )


def as_openssl_encrypts(der: bytes, password: str) -> bytes:
    """Return a key as encrypted PKCS#8 with OpenSSL's few rounds."""
    lines = _written(der, crypto.FILETYPE_PEM, password).splitlines()
    return base64.b64decode(b"".join(lines[1:-1]))


def _written(der: bytes, form: int, password: str = "") -> bytes:
    """Return a key as OpenSSL writes it by default: seed and expanded key."""
    loaded = crypto.load_privatekey(crypto.FILETYPE_ASN1, der)
    protection = ("aes-256-cbc", password.encode()) if password else ()
    with warnings.catch_warnings():
        # The library has no other way to the expanded form.
        warnings.simplefilter("ignore", DeprecationWarning)
        return crypto.dump_privatekey(form, loaded, *protection)
