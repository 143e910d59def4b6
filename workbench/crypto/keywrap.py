"""Key material on its way in: RSAES-OAEP alone, or RSA-OAEP over an AES key that wraps it.

Owns the wrapping algorithms of AWS KMS's import: RSAES-OAEP (RFC 8017 §7.1), and RSA AES key wrap
(PKCS #11 v3.1 §6.1.22): an AES key under RSAES-OAEP, then the material under that key with
AES-KWP (SP 800-38F §6.3, RFC 5649). Must not know what the material is.
"""

from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import rsa

from workbench.base.errors import IntegrityError, Refused
from workbench.crypto import encryption

_OAEP: Final = MappingProxyType(
    {
        "RSAES_OAEP_SHA_1": "RSAES_OAEP_SHA_1",
        "RSAES_OAEP_SHA_256": "RSAES_OAEP_SHA_256",
        "RSA_AES_KEY_WRAP_SHA_1": "RSAES_OAEP_SHA_1",
        "RSA_AES_KEY_WRAP_SHA_256": "RSAES_OAEP_SHA_256",
    }
)
_HYBRID: Final = frozenset({"RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"})

ALGORITHMS: Final = tuple(_OAEP)
"""AWS's names of the wrapping algorithms."""


class UnwrapError(IntegrityError):
    """Wrapped key material does not unwrap; the reason is never told apart."""

    def __init__(self) -> None:
        super().__init__(
            "The wrapped key material does not unwrap under this wrapping key and algorithm.",
            "Get new import parameters and wrap the key material again.",
        )


def unwrap(private: rsa.RSAPrivateKey, algorithm: str, wrapped: bytes) -> bytes:
    """Return the material.

    Args:
        private: the private half of the wrapping key.
        algorithm: AWS's name of the wrapping algorithm.
        wrapped: for RSA AES key wrap, as many bytes as the modulus with the AES key (128, 192 or
            256 bits), then the wrapped material.

    Raises:
        Refused: unknown algorithm.
        UnwrapError: other wrapping key or algorithm, wrong length, changed bytes; the padding and
            the wrapped key fail alike (RFC 8017 §7.1.2).
    """
    inner = _OAEP.get(algorithm)
    if inner is None:
        raise Refused(
            f"Key material is not wrapped with {algorithm}.", f"Choose {' or '.join(ALGORITHMS)}."
        )
    modulus_bytes = (private.key_size + 7) // 8
    head, tail = wrapped[:modulus_bytes], wrapped[modulus_bytes:]
    if bool(tail) != (algorithm in _HYBRID):
        raise UnwrapError
    try:
        opened = encryption.decrypt(private, inner, head)
        return keywrap.aes_key_unwrap_with_padding(opened, tail) if tail else opened
    except (IntegrityError, ValueError, keywrap.InvalidUnwrap):
        raise UnwrapError from None
