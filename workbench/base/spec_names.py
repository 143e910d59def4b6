"""What people call kinds of keys, where no field of AWS's is meant."""

from collections.abc import Mapping
from typing import Final

_NAMES: Final[Mapping[str, str]] = {
    "ECC_NIST_EDWARDS25519": "Ed25519",
    "ECC_NIST_P256": "EC P-256",
    "ECC_NIST_P384": "EC P-384",
    "ECC_NIST_P521": "EC P-521",
    "ECC_SECG_P256K1": "EC secp256k1",
    "ED25519": "Ed25519",
    "EC_prime256v1": "EC P-256",
    "EC_secp384r1": "EC P-384",
    "EC_secp521r1": "EC P-521",
    "SYMMETRIC_DEFAULT": "AES-256",
}


def spec_name(spec: str) -> str:
    """Return the standards' name of a KeySpec of AWS KMS or a KeyAlgorithm of AWS Private CA.

    Such as `ML-DSA-65` (FIPS 204), `EC P-256` or `RSA 2048`; anything unknown stays as it is.
    """
    family = spec.partition("_")[0]
    if family not in {"ML", "RSA", "HMAC"}:
        return _NAMES.get(spec, spec)
    return spec.replace("_", "-" if family == "ML" else " ")
