"""The message representative of ML-DSA, computed outside the module from public data.

Owns mu (FIPS 204 algorithm 7 line 6). Must not know private keys.
"""

import hashlib
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PublicKey,
    MLDSA65PublicKey,
    MLDSA87PublicKey,
)

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der

MU_BYTES = 64
_MOST_CONTEXT = 255


class MuHash:
    """Computes mu = SHAKE256(SHAKE256(pk, 64) || 0x00 || |ctx| || ctx || M, 64) by and by.

    FIPS 204 algorithm 7 line 6 with the message of algorithm 2 line 10. cryptography's own
    `MLDSAMuHasher` keeps the interpreter's lock while it hashes, so that a large file would make
    every other thread wait, the window's among them. hashlib's SHAKE256, OpenSSL's as well, does
    not, and is a sixth faster than cryptography's.

    Args:
        public_key_spki: the ML-DSA public key, SubjectPublicKeyInfo in DER.
        context: up to 255 bytes; AWS KMS and CMS (RFC 9882 §3.3) use none.

    Raises:
        Refused: the key is not an ML-DSA public key, or the context is too long.
    """

    def __init__(self, public_key_spki: bytes, context: bytes = b"") -> None:
        public = public_from_der(public_key_spki)
        if not isinstance(public, MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey):
            raise Refused(
                "A message representative exists for ML-DSA keys only.", "Choose an ML-DSA key."
            )
        if len(context) > _MOST_CONTEXT:
            raise Refused(
                f"The context has {len(context)} bytes; ML-DSA allows {_MOST_CONTEXT}.",
                "Use a shorter context.",
            )
        of_key = hashlib.shake_256(public.public_bytes_raw())
        self._running = hashlib.shake_256(of_key.digest(MU_BYTES))
        self._running.update(bytes((0, len(context))) + context)

    def update(self, piece: bytes) -> None:
        """Add a piece of the message."""
        self._running.update(piece)

    def digest(self) -> bytes:
        """Return the 64 bytes of mu."""
        return self._running.digest(MU_BYTES)


def compute_mu(
    public_key_spki: bytes, message: bytes | Iterable[bytes], context: bytes = b""
) -> bytes:
    """Return the mu of a message, 64 bytes.

    What is signed as EXTERNAL_MU, for messages that are too long to be handed over whole.

    Args:
        public_key_spki: as for `MuHash`.
        message: the message, whole or in pieces.
        context: as for `MuHash`.

    Raises:
        Refused: as `MuHash`.
    """
    running = MuHash(public_key_spki, context)
    for piece in [message] if isinstance(message, bytes) else message:
        running.update(piece)
    return running.digest()
