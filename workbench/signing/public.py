"""Checking a signature value with a public key, by CMS's algorithm identifiers.

Owns the mapping from signatureAlgorithm to calls of the library. Public keys only.
"""

from collections.abc import Callable

from asn1crypto import algos
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

from workbench.signing.cms_read import SignerInfo, Unacceptable

MlDsaKey = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
_Check = Callable[[], None]
_ML_DSA = {
    "2.16.840.1.101.3.4.3.17": mldsa.MLDSA44PublicKey,
    "2.16.840.1.101.3.4.3.18": mldsa.MLDSA65PublicKey,
    "2.16.840.1.101.3.4.3.19": mldsa.MLDSA87PublicKey,
}
_Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
_ECDSA: dict[str, _Hash] = {
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}
_RSA: dict[str, _Hash] = {
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
_RSA_BY_DIGEST = "1.2.840.113549.1.1.1"
_RSA_PSS = "1.2.840.113549.1.1.10"
_ED25519 = "1.3.101.112"
_BY_NAME: dict[str, _Hash] = {
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SMALLEST_RSA = 2048

NAMES = {
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
    "1.2.840.10045.4.3.2": "ECDSA with SHA-256",
    "1.2.840.10045.4.3.3": "ECDSA with SHA-384",
    "1.2.840.10045.4.3.4": "ECDSA with SHA-512",
    "1.2.840.113549.1.1.11": "RSA PKCS#1 v1.5 with SHA-256",
    "1.2.840.113549.1.1.12": "RSA PKCS#1 v1.5 with SHA-384",
    "1.2.840.113549.1.1.13": "RSA PKCS#1 v1.5 with SHA-512",
    _RSA_BY_DIGEST: "RSA PKCS#1 v1.5",
    _RSA_PSS: "RSA-PSS",
    _ED25519: "Ed25519",
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
    if isinstance(key, MlDsaKey) and isinstance(key, _ML_DSA.get(oid, ())):
        return lambda: key.verify(value, message)
    if oid in _ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
        return lambda: key.verify(value, message, ec.ECDSA(_ECDSA[oid]))
    if oid == _ED25519 and isinstance(key, ed25519.Ed25519PublicKey):
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
    if signer.signature_oid == _RSA_PSS:
        digest, scheme = _pss(signer.parameters)
    elif signer.signature_oid == _RSA_BY_DIGEST and signer.digest in _BY_NAME:
        digest = _BY_NAME[signer.digest]
    elif signer.signature_oid in _RSA:
        digest = _RSA[signer.signature_oid]
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
        digest = _BY_NAME[values["hash_algorithm"]["algorithm"].native]
        mask = _BY_NAME[values["mask_gen_algorithm"]["parameters"]["algorithm"].native]
        salt = int(values["salt_length"].native)
    except (ValueError, TypeError, KeyError) as error:
        raise Unacceptable(
            "The RSA-PSS parameters are missing, damaged or name a weak digest.", "RFC 4055 §3.1"
        ) from error
    return digest, padding.PSS(padding.MGF1(mask), salt)
