"""Private keys on their way out under a password: PKCS#12 and encrypted PKCS#8.

Owns the two forms (RFC 7292; RFC 5958 §3), both PBES2 with AES-256-CBC and HMAC-SHA-256 (RFC 8018
§6.2), serialized by the library. Only the module calls it, for pairs that were made to be exported.
Must not know tokens or requests.
"""

import textwrap
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from asn1crypto import pkcs12 as structure
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    serialize_key_and_certificates,
)

from workbench.base.errors import Refused
from workbench.crypto.keys import PrivateKey
from workbench.crypto.pkcs12 import protection

Portable = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_SHROUDED: Final = "pkcs8_shrouded_key_bag"


def key_pkcs12(
    key: PrivateKey,
    certificate: bytes,
    chain: Sequence[tuple[str, bytes]],
    name: str,
    password: str,
) -> bytes:
    """Return a container of a private key, its certificate and those above it.

    Args:
        key: an RSA, elliptic-curve or Ed25519 key.
        certificate: of its public half, DER.
        chain: names and certificates (DER) above it.
        name: the friendly name of key and certificate.
        password: protects it; not empty.

    Raises:
        Refused: no password, the certificate is another key's or cannot be read, or the key's kind
            has no place in PKCS#12.
    """
    own = _certificate(certificate)
    if own.public_key() != key.public_key():
        raise Refused(
            "The certificate is not of this private key.", "Choose the certificate of the key."
        )
    above = [PKCS12Certificate(_certificate(der), alias.encode() or None) for alias, der in chain]
    return serialize_key_and_certificates(
        name.encode() or None, _portable(key), own, above, protection(_given(password))
    )


def key_pkcs8(key: PrivateKey, password: str) -> bytes:
    """Return an EncryptedPrivateKeyInfo as PEM (RFC 7468 §11).

    It is the one out of a PKCS#12 container (RFC 7292 §4.2.2): the library's PKCS#8 of its own has
    2,048 rounds and no way to ask for more.

    Raises:
        Refused: no password, or the key's kind has no place in PKCS#12.
    """
    container = serialize_key_and_certificates(
        None, _portable(key), None, None, protection(_given(password))
    )
    for safe in structure.Pfx.load(container, strict=True).authenticated_safe:
        for bag in structure.SafeContents.load(safe["content"].native):
            if bag["bag_id"].native == _SHROUDED:
                return _pem(bag["bag_value"].untag().dump())
    raise AssertionError("a container without its key")


def _pem(der: bytes) -> bytes:
    lines = textwrap.wrap(b64encode(der).decode(), 64)
    begin, end = (f"-----{word} ENCRYPTED PRIVATE KEY-----" for word in ("BEGIN", "END"))
    return "\n".join([begin, *lines, end, ""]).encode()


def _given(password: str) -> str:
    if not password:
        raise Refused("A private key is never written without a password.", "Give one.")
    return password


def _portable(key: PrivateKey) -> Portable:
    if not isinstance(key, Portable):
        raise Refused(
            "Keys of this kind cannot be exported.", "Choose an RSA or elliptic-curve key."
        )
    return key


def _certificate(der: bytes) -> x509.Certificate:
    try:
        found = x509.load_der_x509_certificate(der)
        found.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("A certificate for the container cannot be read.") from None
    return found
