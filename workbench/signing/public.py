"""Checking a signature value with a public key, by CMS's algorithm identifiers.

Owns the mapping from signatureAlgorithm to calls of the library. Public keys only.
"""

from collections.abc import Callable

from asn1crypto import algos
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

from workbench.signing.algorithms import ECDSA_WITH, ED25519, ML_DSA, RSA, RSA_PSS, RSA_WITH
from workbench.signing.cms_read import SignerInfo
from workbench.signing.cms_rules import Unacceptable

MlDsaKey = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
_Check = Callable[[], None]
_ML_DSA_KEYS = {
    "ML-DSA-44": mldsa.MLDSA44PublicKey,
    "ML-DSA-65": mldsa.MLDSA65PublicKey,
    "ML-DSA-87": mldsa.MLDSA87PublicKey,
}
_Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
_HASHES: dict[str, _Hash] = {
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}
_PSS_HASHES = {name.lower().replace("-", ""): digest for name, digest in _HASHES.items()}
_SMALLEST_RSA = 2048

NAMES = {
    **{oid: name for oid, (name, _) in ML_DSA.items()},
    **{oid: f"ECDSA with {digest}" for oid, digest in ECDSA_WITH.items()},
    **{oid: f"RSA PKCS#1 v1.5 with {digest}" for oid, digest in RSA_WITH.items()},
    RSA: "RSA PKCS#1 v1.5",
    RSA_PSS: "RSA-PSS",
    ED25519: "Ed25519",
}
"""Signature algorithms by object identifier, for people."""


def signature_matches(key: object, signer: SignerInfo) -> bool:
    """Return whether the signature value is the key's over the signed attributes.

    Raises:
        Unacceptable: the algorithm is unknown, too weak, or not one of this kind of key.
    """
    check = _check_for(key, signer)
    try:
        check()
    except InvalidSignature:
        return False
    return True


def _check_for(key: object, signer: SignerInfo) -> _Check:
    oid, message, value = signer.signature_oid, signer.signed, signer.signature
    if isinstance(key, MlDsaKey) and oid in ML_DSA and isinstance(key, _ML_DSA_KEYS[NAMES[oid]]):
        return lambda: key.verify(value, message)
    if oid in ECDSA_WITH and isinstance(key, ec.EllipticCurvePublicKey):
        return lambda: key.verify(value, message, ec.ECDSA(_HASHES[ECDSA_WITH[oid]]))
    if oid == ED25519 and isinstance(key, ed25519.Ed25519PublicKey):
        return lambda: key.verify(value, message)
    if isinstance(key, rsa.RSAPublicKey):
        return _rsa(key, signer)
    raise Unacceptable(
        f"The signature claims {NAMES.get(oid, oid)}, but the certificate's key is of another "
        "kind.",
        "RFC 5652 §5.3",
    )


def _rsa(key: rsa.RSAPublicKey, signer: SignerInfo) -> _Check:
    if key.key_size < _SMALLEST_RSA:
        raise Unacceptable(
            f"The signer's RSA key has {key.key_size} bits; fewer than {_SMALLEST_RSA} are not "
            "accepted.",
            "SP 800-131A r2 §3",
        )
    scheme: padding.PSS | padding.PKCS1v15 = padding.PKCS1v15()
    if signer.signature_oid == RSA_PSS:
        digest, scheme = _pss(signer.parameters)
    elif signer.signature_oid in {RSA, *RSA_WITH} and signer.digest in _HASHES:
        # `cms_rules` holds the digest of both algorithms to be the same.
        digest = _HASHES[signer.digest]
    else:
        raise Unacceptable(
            f"The signature algorithm {signer.signature_oid} is not one of RSA keys, or its digest "
            "is too weak.",
            "RFC 5754 §3.2",
        )
    return lambda: key.verify(signer.signature, signer.signed, scheme, digest)


def _pss(parameters: bytes) -> tuple[_Hash, padding.PSS]:
    try:
        values = algos.RSASSAPSSParams.load(parameters, strict=True)
        digest = _PSS_HASHES[values["hash_algorithm"]["algorithm"].native]
        mask = _PSS_HASHES[values["mask_gen_algorithm"]["parameters"]["algorithm"].native]
        scheme = padding.PSS(padding.MGF1(mask), int(values["salt_length"].native))
    except (ValueError, TypeError, KeyError) as error:
        raise Unacceptable(
            "The RSA-PSS parameters are missing, damaged or name a weak digest.", "RFC 4055 §3.1"
        ) from error
    return digest, scheme
