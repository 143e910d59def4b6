"""Authenticated encryption: AES-256-GCM (FIPS 197, SP 800-38D).

Owns one sealed form: `nonce (12) || ciphertext || tag (16)`, and the parts of it for callers with
a layout of their own. Must not know what is encrypted.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workbench.base.errors import IntegrityError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


def seal_parts(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return `ciphertext || tag`; the pair (key, nonce) must never have been used before."""
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def open_parts(key: bytes, nonce: bytes, sealed: bytes, aad: bytes, what: str) -> bytes:
    """Return the plaintext of `ciphertext || tag`.

    Args:
        key: 32 bytes.
        nonce: 12 bytes.
        sealed: ciphertext and 16-byte tag.
        aad: additional authenticated data.
        what: what is being opened, for the message.

    Raises:
        IntegrityError: the tag does not match: other key, other associated data, changed bytes.
    """
    if len(sealed) < TAG_BYTES:
        raise IntegrityError(f"{what} is too short to be whole.", "Use an undamaged copy.")
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise IntegrityError(
            f"{what} does not open: it was changed, or it belongs to another key or context.",
            "Use an undamaged copy with the key and context it was made with.",
        ) from None


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return `nonce || ciphertext || tag` under a random nonce.

    Random 96-bit nonces allow 2^32 seals under one key (SP 800-38D §8.3).
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + seal_parts(key, nonce, plaintext, aad)


def open_sealed(key: bytes, sealed: bytes, aad: bytes, what: str) -> bytes:
    """Return the plaintext of what `seal` made.

    Raises:
        IntegrityError: too short, changed, or sealed under another key or context.
    """
    return open_parts(key, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad, what)
