"""Key pairs as objects: making, reading and writing them, and telling which AWS spec they are.

Owns PKCS#8 (RFC 5958) and SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in DER. Must not know tokens,
requests or files. Private-key objects leave only towards `workbench.hsm`.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from workbench.base.errors import Refused
from workbench.crypto.table import KEY_SPECS, Family, KeySpec

MLDSAPrivateKey: TypeAlias = (
    mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
)
MLDSAPublicKey: TypeAlias = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
MLKEMPrivateKey: TypeAlias = mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey
MLKEMPublicKey: TypeAlias = mlkem.MLKEM768PublicKey | mlkem.MLKEM1024PublicKey
PrivateKey: TypeAlias = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | MLDSAPrivateKey
    | MLKEMPrivateKey
)
PublicKey: TypeAlias = (
    rsa.RSAPublicKey
    | ec.EllipticCurvePublicKey
    | ed25519.Ed25519PublicKey
    | MLDSAPublicKey
    | MLKEMPublicKey
)

_CURVES: Final[MappingProxyType[str, type[ec.EllipticCurve]]] = MappingProxyType(
    {
        "ECC_NIST_P256": ec.SECP256R1,
        "ECC_NIST_P384": ec.SECP384R1,
        "ECC_NIST_P521": ec.SECP521R1,
        "ECC_SECG_P256K1": ec.SECP256K1,
    }
)
_CURVE_SPECS: Final = MappingProxyType({curve().name: spec for spec, curve in _CURVES.items()})
_MAKERS: Final[MappingProxyType[str, Callable[[], PrivateKey]]] = MappingProxyType(
    {
        "ECC_NIST_EDWARDS25519": ed25519.Ed25519PrivateKey.generate,
        "ML_DSA_44": mldsa.MLDSA44PrivateKey.generate,
        "ML_DSA_65": mldsa.MLDSA65PrivateKey.generate,
        "ML_DSA_87": mldsa.MLDSA87PrivateKey.generate,
        "ML_KEM_768": mlkem.MLKEM768PrivateKey.generate,
        "ML_KEM_1024": mlkem.MLKEM1024PrivateKey.generate,
    }
)
_PUBLIC_TYPES: Final[tuple[tuple[type[PublicKey], str], ...]] = (
    (ed25519.Ed25519PublicKey, "ECC_NIST_EDWARDS25519"),
    (mldsa.MLDSA44PublicKey, "ML_DSA_44"),
    (mldsa.MLDSA65PublicKey, "ML_DSA_65"),
    (mldsa.MLDSA87PublicKey, "ML_DSA_87"),
    (mlkem.MLKEM768PublicKey, "ML_KEM_768"),
    (mlkem.MLKEM1024PublicKey, "ML_KEM_1024"),
)
_RSA_EXPONENT: Final = 65537


def supported_spec(name: str) -> KeySpec:
    """Return the spec of that name.

    Raises:
        Refused: there is no such spec, or the installed library cannot do it.
    """
    spec = KEY_SPECS.get(name)
    if spec is None:
        raise Refused(
            f"There is no key spec {name!r} here.", f"Choose one of {', '.join(KEY_SPECS)}."
        )
    if not spec.supported:
        sentence, _, step = spec.why_not.partition("; ")
        raise Refused(f"{sentence}.", step[:1].upper() + step[1:])
    return spec


def generate(spec: KeySpec) -> PrivateKey:
    """Return a fresh private key of an asymmetric, supported spec.

    RSA by FIPS 186-5 §A.1 with exponent 65537, curves by FIPS 186-5 §A.2, ML-DSA by FIPS 204
    algorithm 1, ML-KEM by FIPS 203 algorithm 19; the randomness is the library's.
    """
    if spec.family is Family.RSA:
        return rsa.generate_private_key(_RSA_EXPONENT, spec.bits)
    if spec.name in _CURVES:
        return ec.generate_private_key(_CURVES[spec.name]())
    return _MAKERS[spec.name]()


def private_to_der(key: PrivateKey) -> bytes:
    """Return PKCS#8 without encryption; ML-DSA and ML-KEM in seed form (RFC 9881 §6)."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def private_from_der(der: bytes, spec: KeySpec, *, authentic: bool = False) -> PrivateKey:
    """Read a private key and check that it is of `spec`.

    Args:
        der: PKCS#8.
        spec: what it must be.
        authentic: whether the bytes come from this program's own authenticated store; the costly
            primality checks of RSA (32 ms) are then left out.

    Raises:
        Refused: not a private key, not one of this spec, or damaged.
    """
    try:
        key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=authentic)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused(
            f"The material is not a readable private key for {spec.name}.",
            "Give an unencrypted PKCS#8 private key in DER; ML-DSA and ML-KEM keys in seed form.",
        ) from None
    if not isinstance(key, PrivateKey) or spec_of(key.public_key()) != spec.name:
        raise Refused(
            f"The material is a private key, but not one for {spec.name}.",
            "Choose the key spec that matches the key.",
        )
    return key


def public_to_der(key: PublicKey) -> bytes:
    """Return SubjectPublicKeyInfo."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def public_from_der(der: bytes) -> PublicKey:
    """Read a SubjectPublicKeyInfo of any supported spec; curve points are checked.

    Raises:
        Refused: not a public key, damaged, not on its curve, or of a kind not offered here.
    """
    try:
        key = load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused(
            "The bytes are not a valid public key.",
            "Give a SubjectPublicKeyInfo in DER as GetPublicKey returns it.",
        ) from None
    if not isinstance(key, PublicKey):
        raise Refused(
            "The public key is of a kind that is not offered here.",
            "Use an RSA, NIST or secp256k1 curve, Ed25519, ML-DSA or ML-KEM key.",
        )
    spec_of(key)
    return key


def spec_of(key: PublicKey) -> str:
    """Return the AWS key spec of a public key.

    Raises:
        Refused: an RSA size or a curve that AWS KMS does not have.
    """
    name = None
    if isinstance(key, rsa.RSAPublicKey):
        name = f"RSA_{key.key_size}"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        name = _CURVE_SPECS.get(key.curve.name)
    else:
        name = next(spec for kind, spec in _PUBLIC_TYPES if isinstance(key, kind))
    if name is None or name not in KEY_SPECS:
        raise Refused(
            "The public key has a size or curve that no key spec offers.",
            "Use RSA of 2048, 3072 or 4096 bits, or the curve P-256, P-384, P-521 or secp256k1.",
        )
    return name
