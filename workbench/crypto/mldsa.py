"""The message representative of ML-DSA, computed outside the module from public data.

Owns mu (FIPS 204 algorithm 7 line 6). Must not know private keys.
"""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PublicKey,
    MLDSA65PublicKey,
    MLDSA87PublicKey,
    MLDSAMuHasher,
)

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der

MU_BYTES = 64
_MOST_CONTEXT = 255


def compute_mu(
    public_key_spki: bytes, message: bytes | Iterable[bytes], context: bytes = b""
) -> bytes:
    """Return mu = SHAKE256(SHAKE256(pk, 64) || 0x00 || |ctx| || ctx || M, 64).

    What is signed as EXTERNAL_MU, for messages that are too long to be handed over whole.

    Args:
        public_key_spki: the ML-DSA public key, SubjectPublicKeyInfo in DER.
        message: the message, whole or in pieces.
        context: up to 255 bytes; AWS KMS and CMS (RFC 9882 §3.3) use none.

    Returns:
        64 bytes.

    Raises:
        Refused: the key is not an ML-DSA public key, or the context is too long.
    """
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
    hasher = MLDSAMuHasher(public, context)
    for piece in [message] if isinstance(message, bytes) else message:
        hasher.update(piece)
    return hasher.finalize()
