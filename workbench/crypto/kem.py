"""Key encapsulation: ML-KEM (FIPS 203 §7).

Owns the order of the results and the length check. Must not know tokens.
"""

from workbench.base.errors import IntegrityError
from workbench.crypto.keys import MLKEMPrivateKey, MLKEMPublicKey


def encapsulate(key: MLKEMPublicKey) -> tuple[bytes, bytes]:
    """Return a fresh (shared secret of 32 bytes, ciphertext) (FIPS 203 algorithm 20)."""
    return key.encapsulate()


def decapsulate(key: MLKEMPrivateKey, ciphertext: bytes) -> bytes:
    """Return the shared secret of 32 bytes (FIPS 203 algorithm 21).

    A ciphertext that was changed, or made for another key, gives another secret and no error:
    that is the standard's implicit rejection.

    Raises:
        IntegrityError: the ciphertext has not the length of this parameter set.
    """
    try:
        return key.decapsulate(ciphertext)
    except ValueError:
        raise IntegrityError(
            f"The ciphertext has {len(ciphertext)} bytes, which is not the length that this key "
            "needs.",
            "Use the ciphertext that Encapsulate returned for this key.",
        ) from None
