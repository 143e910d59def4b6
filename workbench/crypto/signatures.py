"""Signing and verifying under AWS's algorithm names and message types.

Owns the mapping from (key, algorithm, message type) to calls of the library, with exact length
checks: RSA by RFC 8017 §8, ECDSA by FIPS 186-5 §6, Ed25519 and Ed25519ph by RFC 8032 §5.1, ML-DSA
by FIPS 204 §5.2-5.4. Must not know tokens, AWS's size limits or requests.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from workbench.base.errors import Refused
from workbench.crypto import ed25519ph
from workbench.crypto.keys import (
    MLDSAPrivateKey,
    MLDSAPublicKey,
    PrivateKey,
    PublicKey,
    spec_of,
)
from workbench.crypto.mldsa import MU_BYTES
from workbench.crypto.table import KEY_SPECS

Signer: TypeAlias = Callable[[bytes], bytes]
Verifier: TypeAlias = Callable[[bytes, bytes], None]

RAW: Final = "RAW"
DIGEST: Final = "DIGEST"
EXTERNAL_MU: Final = "EXTERNAL_MU"

_PREHASHED: Final = "ED25519_PH_SHA_512"
_SHA_512_BYTES: Final = 64
_MESSAGE_TYPES: Final[MappingProxyType[str, tuple[str, ...]]] = MappingProxyType(
    {
        "ML_DSA_SHAKE_256": (RAW, EXTERNAL_MU),
        "ED25519_SHA_512": (RAW,),
        # AWS takes a digest and hashes it once more, as the scheme's own first step (API Reference,
        # Sign).
        _PREHASHED: (DIGEST,),
    }
)
_Hash: TypeAlias = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
_HASHES: Final[MappingProxyType[str, type[_Hash]]] = MappingProxyType(
    {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
)


def signer(key: PrivateKey, algorithm: str, message_type: str) -> Signer:
    """Return a function that signs messages with `key`; it holds the key and may be kept.

    Args:
        key: a private key.
        algorithm: AWS's name, such as `RSASSA_PSS_SHA_256`.
        message_type: `RAW`, `DIGEST` (RSA, ECDSA, Ed25519ph) or `EXTERNAL_MU` (ML-DSA).

    Raises:
        Refused: the key cannot do that algorithm or message type. The returned function raises it
            for a digest or mu of the wrong length.
    """
    _check(spec_of(key.public_key()), algorithm, message_type)
    if isinstance(key, rsa.RSAPrivateKey):
        return _rsa_signer(key, algorithm, message_type)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        scheme, length = _ecdsa(algorithm, message_type)
        return _exact(lambda message: key.sign(message, scheme), length)
    if isinstance(key, MLDSAPrivateKey):
        return _exact(key.sign_mu, MU_BYTES) if message_type == EXTERNAL_MU else key.sign
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    if algorithm == _PREHASHED:
        return _exact(lambda message: ed25519ph.sign(key, message), _SHA_512_BYTES)
    return key.sign


def verify(
    key: PublicKey, algorithm: str, message: bytes, message_type: str, signature: bytes
) -> bool:
    """Return whether `signature` is valid.

    Raises:
        Refused: the key cannot do that algorithm or message type, or a digest or mu has the wrong
            length.
    """
    _check(spec_of(key), algorithm, message_type)
    try:
        _verifier(key, algorithm, message_type)(signature, message)
    except InvalidSignature:
        return False
    return True


def _verifier(key: PublicKey, algorithm: str, message_type: str) -> Verifier:
    if isinstance(key, rsa.RSAPublicKey):
        pad, digest, length = _rsa(algorithm, message_type)

        def verify_rsa(signature: bytes, message: bytes) -> None:
            _check_length(message, length)
            key.verify(signature, message, pad, digest)

        return verify_rsa
    if isinstance(key, ec.EllipticCurvePublicKey):
        scheme, length = _ecdsa(algorithm, message_type)

        def verify_ecdsa(signature: bytes, message: bytes) -> None:
            _check_length(message, length)
            key.verify(signature, message, scheme)

        return verify_ecdsa
    if isinstance(key, MLDSAPublicKey) and message_type == EXTERNAL_MU:

        def verify_mu(signature: bytes, mu: bytes) -> None:
            _check_length(mu, MU_BYTES)
            key.verify_mu(signature, mu)

        return verify_mu
    assert isinstance(key, MLDSAPublicKey | ed25519.Ed25519PublicKey)
    if algorithm == _PREHASHED:

        def verify_prehashed(signature: bytes, digest: bytes) -> None:
            assert isinstance(key, ed25519.Ed25519PublicKey)
            _check_length(digest, _SHA_512_BYTES)
            ed25519ph.verify(key, signature, digest)

        return verify_prehashed
    return key.verify


def _check(spec_name: str, algorithm: str, message_type: str) -> None:
    """Refuse what AWS's table of algorithms and message types does not allow."""
    spec = KEY_SPECS[spec_name]
    if algorithm not in spec.signing:
        offered = ", ".join(spec.signing)
        raise Refused(
            f"A key of spec {spec_name} does not sign with {algorithm}.",
            f"Choose one of {offered}." if offered else "Choose a key made for signing.",
        )
    allowed = _MESSAGE_TYPES.get(algorithm, (RAW, DIGEST))
    if message_type not in allowed:
        raise Refused(
            f"{algorithm} does not take the message type {message_type}.",
            f"Use {' or '.join(allowed)}.",
        )


def _check_length(message: bytes, length: int) -> None:
    if length and len(message) != length:
        raise Refused(
            f"The digest has {len(message)} bytes; the algorithm needs exactly {length}.",
            "Hash the message with the hash function that the algorithm names.",
        )


def _exact(sign: Signer, length: int) -> Signer:
    """Put the length check before `sign` where the message type has a fixed length."""
    if not length:
        return sign

    def checked(message: bytes) -> bytes:
        _check_length(message, length)
        return sign(message)

    return checked


def _digest(algorithm: str, message_type: str) -> tuple[_Hash, _Hash | Prehashed, int]:
    """Return the hash, how to hand it to the library, and the exact message length or 0."""
    digest = _HASHES[algorithm[-3:]]()
    if message_type == DIGEST:
        return digest, Prehashed(digest), digest.digest_size
    return digest, digest, 0


def _ecdsa(algorithm: str, message_type: str) -> tuple[ec.ECDSA, int]:
    _, given, length = _digest(algorithm, message_type)
    return ec.ECDSA(given), length


_RSAPadding: TypeAlias = padding.PSS | padding.PKCS1v15


def _rsa(algorithm: str, message_type: str) -> tuple[_RSAPadding, _Hash | Prehashed, int]:
    """PSS with MGF1 of the same hash and a salt as long as the hash (AWS; RFC 8017 §9.1)."""
    digest, given, length = _digest(algorithm, message_type)
    if algorithm.startswith("RSASSA_PSS"):
        return padding.PSS(padding.MGF1(digest), digest.digest_size), given, length
    return padding.PKCS1v15(), given, length


def _rsa_signer(key: rsa.RSAPrivateKey, algorithm: str, message_type: str) -> Signer:
    pad, digest, length = _rsa(algorithm, message_type)
    return _exact(lambda message: key.sign(message, pad, digest), length)
