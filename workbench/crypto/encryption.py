"""RSA encryption: RSAES-OAEP (RFC 8017 §7.1) under AWS's algorithm names.

Owns the OAEP parameters AWS KMS uses: MGF1 with the same hash, no label. Must not know tokens.
"""

from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from workbench.base.errors import IntegrityError, Refused

_HASHES: Final[MappingProxyType[str, type[hashes.SHA1 | hashes.SHA256]]] = MappingProxyType(
    {
        # AWS offers OAEP with SHA-1; its security does not rest on collision resistance.
        "RSAES_OAEP_SHA_1": hashes.SHA1,
        "RSAES_OAEP_SHA_256": hashes.SHA256,
    }
)


def _oaep(algorithm: str) -> tuple[padding.OAEP, int]:
    """Return the padding and the length of its hash in bytes."""
    kind = _HASHES.get(algorithm)
    if kind is None:
        raise Refused(
            f"RSA keys do not encrypt with {algorithm}.", f"Choose one of {', '.join(_HASHES)}."
        )
    digest = kind()
    return padding.OAEP(padding.MGF1(digest), digest, None), digest.digest_size


def encrypt(key: rsa.RSAPublicKey, algorithm: str, plaintext: bytes) -> bytes:
    """Return the ciphertext, as long as the modulus.

    Raises:
        Refused: unknown algorithm, or the plaintext is longer than the modulus allows.
    """
    pad, hash_bytes = _oaep(algorithm)
    most = key.key_size // 8 - 2 * hash_bytes - 2
    if len(plaintext) > most:
        raise Refused(
            f"The plaintext has {len(plaintext)} bytes; RSA_{key.key_size} with {algorithm} takes "
            f"at most {most}.",
            "Encrypt a data key instead, and the data under that.",
        )
    return key.encrypt(plaintext, pad)


def decrypt(key: rsa.RSAPrivateKey, algorithm: str, ciphertext: bytes) -> bytes:
    """Return the plaintext.

    Raises:
        Refused: unknown algorithm.
        IntegrityError: wrong length, wrong key, wrong algorithm or changed bytes; which of them
            is not told (RFC 8017 §7.1.2).
    """
    pad, _ = _oaep(algorithm)
    try:
        return key.decrypt(ciphertext, pad)
    except ValueError:
        raise IntegrityError(
            "The ciphertext does not decrypt under this key and algorithm.",
            "Use the key and algorithm it was made with, and an undamaged copy.",
        ) from None
