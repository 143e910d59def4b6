"""Which digests and signature algorithms go together in CMS, and how they are identified.

Owns the tables of RFC 9882 (ML-DSA), RFC 5754 and RFC 8702 (digests, RSA, ECDSA), RFC 4056 (PSS)
and RFC 8419 (Ed25519). Must not know files, certificates or keys.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from workbench.base.errors import Refused
from workbench.crypto.digests import Digest, new_digest
from workbench.crypto.table import KEY_SPECS, Family
from workbench.signing import der

_NIST: Final = "2.16.840.1.101.3.4"
_PKCS1: Final = "1.2.840.113549.1.1"
_NULL: Final = der.tlv(der.NULL)

RAW_LIMIT: Final = 4096
"""AWS KMS takes messages up to this many bytes as RAW."""


@dataclass(frozen=True, slots=True)
class DigestAlgorithm:
    """A message digest as CMS knows it.

    Attributes:
        name: such as `SHA-512`.
        oid: its object identifier.
        size: length of the digest in bytes.
        strength: collision resistance in bits (SP 800-57 part 1 table 3).
        start: begins a digest.
    """

    name: str
    oid: str
    size: int
    strength: int
    start: Callable[[], Digest]

    @property
    def identifier(self) -> bytes:
        """AlgorithmIdentifier without parameters (RFC 5754 §2, RFC 8702 §3.1)."""
        return der.tlv(der.SEQUENCE, der.object_identifier(self.oid))


class _Shake128:
    """SHAKE128 with the 32 bytes of output that CMS gives it (RFC 8702 §3.1)."""

    def __init__(self) -> None:
        self._state = hashlib.shake_128()
        self.update = self._state.update

    def digest(self) -> bytes:
        """Return the first 32 bytes of output."""
        return self._state.digest(32)


DIGESTS: Final = MappingProxyType(
    {
        digest.name: digest
        for digest in (
            DigestAlgorithm("SHA-256", f"{_NIST}.2.1", 32, 128, lambda: new_digest("SHA-256")),
            DigestAlgorithm("SHA-384", f"{_NIST}.2.2", 48, 192, lambda: new_digest("SHA-384")),
            DigestAlgorithm("SHA-512", f"{_NIST}.2.3", 64, 256, lambda: new_digest("SHA-512")),
            DigestAlgorithm("SHAKE256", f"{_NIST}.2.12", 64, 256, lambda: new_digest("SHAKE256")),
            DigestAlgorithm("SHAKE128", f"{_NIST}.2.11", 32, 128, _Shake128),
            DigestAlgorithm("SHA3-256", f"{_NIST}.2.8", 32, 128, hashlib.sha3_256),
            DigestAlgorithm("SHA3-384", f"{_NIST}.2.9", 48, 192, hashlib.sha3_384),
            DigestAlgorithm("SHA3-512", f"{_NIST}.2.10", 64, 256, hashlib.sha3_512),
        )
    }
)
"""Digests that are verified, by name."""

DIGEST_BY_OID: Final = MappingProxyType({digest.oid: digest for digest in DIGESTS.values()})

WEAK_DIGESTS: Final = MappingProxyType(
    {
        "1.2.840.113549.2.5": "MD5",
        "1.3.14.3.2.26": "SHA-1",
        f"{_NIST}.2.4": "SHA-224",
    }
)
"""Digests that are recognised and refused, by object identifier."""

ML_DSA: Final = MappingProxyType(
    {
        f"{_NIST}.3.17": ("ML-DSA-44", 128),
        f"{_NIST}.3.18": ("ML-DSA-65", 192),
        f"{_NIST}.3.19": ("ML-DSA-87", 256),
    }
)
"""ML-DSA by object identifier: name, and the collision strength it asks of a digest in bits."""

ML_DSA_DIGESTS: Final = MappingProxyType(
    {
        "ML-DSA-44": (
            "SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128",
            "SHAKE256",
        ),
        "ML-DSA-65": ("SHA-384", "SHA-512", "SHA3-384", "SHA3-512", "SHAKE256"),
        "ML-DSA-87": ("SHA-512", "SHA3-512", "SHAKE256"),
    }
)  # fmt: skip
"""RFC 9882 table 1."""

ED25519: Final = "1.3.101.112"
RSA: Final = f"{_PKCS1}.1"
RSA_PSS: Final = f"{_PKCS1}.10"
MGF1: Final = f"{_PKCS1}.8"
RSA_WITH: Final = MappingProxyType(
    {f"{_PKCS1}.11": "SHA-256", f"{_PKCS1}.12": "SHA-384", f"{_PKCS1}.13": "SHA-512"}
)
"""RSA PKCS#1 v1.5 with a digest, by object identifier."""

ECDSA_WITH: Final = MappingProxyType(
    {
        "1.2.840.10045.4.3.2": "SHA-256",
        "1.2.840.10045.4.3.3": "SHA-384",
        "1.2.840.10045.4.3.4": "SHA-512",
    }
)
"""ECDSA with a digest, by object identifier."""

_OFFERED: Final = ("SHA-512", "SHAKE256", "SHA-384", "SHA-256")
_ECDSA_DIGEST: Final = MappingProxyType(
    {
        "ECC_NIST_P256": "SHA-256",
        "ECC_NIST_P384": "SHA-384",
        "ECC_NIST_P521": "SHA-512",
        "ECC_SECG_P256K1": "SHA-256",
    }
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a key signs with a digest.

    Attributes:
        name: the signature algorithm for people, such as `ML-DSA-65`.
        digest: the digest of the file.
        kms_algorithm: AWS's SigningAlgorithm.
        identifier: the signature's AlgorithmIdentifier, DER.
        pre_hash: how a message too long for RAW is handed over: `EXTERNAL_MU`, `DIGEST`, or empty
            where it cannot be.
    """

    name: str
    digest: DigestAlgorithm
    kms_algorithm: str
    identifier: bytes
    pre_hash: str


def allowed_digests(spec: str) -> tuple[str, ...]:
    """Return the digests that a key of an AWS key spec may sign files with, the usual one first.

    ML-DSA by RFC 9882 table 1; ECDSA the curve's own, as AWS KMS has it; RSA any of SHA-2; Ed25519
    SHA-512 (RFC 8419 §2.3). Empty where CMS has no place for the key.
    """
    family = KEY_SPECS[spec].family
    if family is Family.ML_DSA:
        suitable = ML_DSA_DIGESTS[spec.replace("_", "-")]
        return tuple(name for name in _OFFERED if name in suitable)
    if family is Family.RSA:
        return ("SHA-256", "SHA-384", "SHA-512")
    if family is Family.EDWARDS:
        return ("SHA-512",)
    return (_ECDSA_DIGEST[spec],) if spec in _ECDSA_DIGEST else ()


def plan(spec: str, digest: str, *, pss: bool = False) -> Plan:
    """Return how a key of `spec` signs with `digest`.

    Args:
        spec: an AWS key spec.
        digest: the digest's name.
        pss: for RSA, PSS (RFC 4056) instead of PKCS#1 v1.5.

    Raises:
        Refused: a standard forbids it, or CMS has no place for such a key.
    """
    allowed = allowed_digests(spec)
    if not allowed:
        raise Refused(
            f"CMS has no signature algorithm for a key of spec {spec}.",
            "Choose an ML-DSA, RSA, elliptic curve or Ed25519 key.",
        )
    if digest not in allowed:
        raise Refused(_why_not(spec, digest), f"Choose {' or '.join(allowed)}.")
    family = KEY_SPECS[spec].family
    chosen = DIGESTS[digest]
    if family is Family.ML_DSA:
        name = spec.replace("_", "-")
        oid = next(oid for oid, (known, _) in ML_DSA.items() if known == name)
        return Plan(name, chosen, "ML_DSA_SHAKE_256", _identifier(oid), "EXTERNAL_MU")
    if family is Family.EDWARDS:
        return Plan("Ed25519", chosen, "ED25519_SHA_512", _identifier(ED25519), "")
    bits = digest.removeprefix("SHA-")
    if family is Family.RSA and pss:
        parameters = pss_parameters(chosen)
        name, kms = f"RSA-PSS with {digest}", f"RSASSA_PSS_SHA_{bits}"
        return Plan(name, chosen, kms, _identifier(RSA_PSS, parameters), "DIGEST")
    if family is Family.RSA:
        name, kms = f"RSA PKCS#1 v1.5 with {digest}", f"RSASSA_PKCS1_V1_5_SHA_{bits}"
        return Plan(name, chosen, kms, _identifier(_oid(RSA_WITH, digest), _NULL), "DIGEST")
    name = f"ECDSA {KEY_SPECS[spec].curve} with {digest}"
    identifier = _identifier(_oid(ECDSA_WITH, digest))
    return Plan(name, chosen, f"ECDSA_SHA_{bits}", identifier, "DIGEST")


def pss_parameters(digest: DigestAlgorithm) -> bytes:
    """Return RSASSA-PSS-params: MGF1 with the same digest, salt as long as it (RFC 4055 §3.1).

    The digest identifiers inside carry NULL, as RFC 4055 §2.1 asks for there.
    """
    inner = der.tlv(der.SEQUENCE, der.object_identifier(digest.oid), _NULL)
    mask = der.tlv(der.SEQUENCE, der.object_identifier(MGF1), inner)
    salt = der.tlv(der.INTEGER, bytes((digest.size,)))
    parts = (der.tlv(0xA0, inner), der.tlv(0xA1, mask), der.tlv(0xA2, salt))
    return der.tlv(der.SEQUENCE, *parts)


def _why_not(spec: str, digest: str) -> str:
    family = KEY_SPECS[spec].family
    if digest not in DIGESTS:
        return f"There is no digest named {digest!r} here."
    if family is Family.ML_DSA:
        name = spec.replace("_", "-")
        if digest in ML_DSA_DIGESTS[name]:
            return f"{digest} is not offered for signing."
        return f"{digest} is too weak for {name}: RFC 9882 §3.3 (table 1) does not list it."
    if family is Family.EDWARDS:
        return f"Ed25519 signs in CMS with SHA-512 only (RFC 8419 §2.3), not with {digest}."
    if family is Family.RSA:
        return f"AWS KMS has no RSA signature with {digest}."
    return f"A key of spec {spec} signs with its curve's own digest only, not with {digest}."


def _identifier(oid: str, parameters: bytes = b"") -> bytes:
    return der.tlv(der.SEQUENCE, der.object_identifier(oid), parameters)


def _oid(table: MappingProxyType[str, str], digest: str) -> str:
    return next(oid for oid, name in table.items() if name == digest)
