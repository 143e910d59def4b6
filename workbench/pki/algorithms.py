"""Algorithms of certificates: AWS Private CA's names, KMS's key specs and X.509's identifiers.

Owns the mapping between them; what the algorithms are is in `workbench.crypto.table`.

Sources: AWS Private CA API Reference, CertificateAuthorityConfiguration; RFC 8410, RFC 9881,
RFC 9909 and RFC 9935 for object identifiers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from workbench.crypto.table import KEY_SPECS

KEY_SPEC_OF: Final = MappingProxyType(
    {
        "RSA_2048": "RSA_2048",
        "RSA_3072": "RSA_3072",
        "RSA_4096": "RSA_4096",
        "EC_prime256v1": "ECC_NIST_P256",
        "EC_secp384r1": "ECC_NIST_P384",
        "EC_secp521r1": "ECC_NIST_P521",
        "ML_DSA_44": "ML_DSA_44",
        "ML_DSA_65": "ML_DSA_65",
        "ML_DSA_87": "ML_DSA_87",
    }
)
"""AWS Private CA's KeyAlgorithm → AWS KMS's KeySpec. SM2 is left out with KMS's."""

Digest = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
"""The digests AWS Private CA signs with."""

_HASHES: Final[Mapping[str, type[Digest]]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}

SIGNING_OF: Final = MappingProxyType(
    {
        **{
            f"RSA_{bits}": tuple(
                f"SHA{size}WITHRSA{pss}" for size in (256, 384, 512) for pss in ("", "_PSS")
            )
            for bits in (2048, 3072, 4096)
        },
        "EC_prime256v1": ("SHA256WITHECDSA",),
        "EC_secp384r1": ("SHA384WITHECDSA",),
        "EC_secp521r1": ("SHA512WITHECDSA",),
        "ML_DSA_44": ("ML_DSA_44",),
        "ML_DSA_65": ("ML_DSA_65",),
        "ML_DSA_87": ("ML_DSA_87",),
    }
)
"""KeyAlgorithm → SigningAlgorithms, the usual one first.

AWS lets any SHA-2 digest go with any curve; KMS keys sign with their curve's own digest only
(AWS KMS Developer Guide, "ECC key specs"), and a CA's key here is a KMS key.
"""


ED25519: Final = "ED25519"
"""Key and signing algorithm of Ed25519 CAs (RFC 8410), which AWS does not offer."""

OWN_KEY_SPEC_OF: Final = MappingProxyType({**KEY_SPEC_OF, ED25519: "ECC_NIST_EDWARDS25519"})
"""KeyAlgorithm → KeySpec of CAs made by our own means: AWS's, and Ed25519."""


def signing_algorithms(key_algorithm: str) -> tuple[str, ...]:
    """Return the SigningAlgorithms of a KeyAlgorithm, the usual one first; none if unknown."""
    return (ED25519,) if key_algorithm == ED25519 else SIGNING_OF.get(key_algorithm, ())


def digest_of(signing_algorithm: str) -> Digest | None:
    """Return the digest in a SigningAlgorithm's name.

    None for ML-DSA and Ed25519, which have their own.
    """
    if signing_algorithm.startswith(("ML_DSA", ED25519)):
        return None
    return _HASHES[signing_algorithm.removeprefix("SHA")[:3]]()


_NIST: Final = "2.16.840.1.101.3.4"
_SLH_DSA: Final = tuple(
    f"{start}SLH-DSA-{digest}-{size}{kind}"
    for start in ("", "Hash")
    for digest in ("SHA2", "SHAKE")
    for size in ("128", "192", "256")
    for kind in ("s", "f")
)

_POST_QUANTUM_NAMES: Final = MappingProxyType(
    {
        **{f"{_NIST}.3.{17 + i}": f"ML-DSA-{n}" for i, n in enumerate((44, 65, 87))},
        **{f"{_NIST}.3.{32 + i}": f"HashML-DSA-{n}" for i, n in enumerate((44, 65, 87))},
        **{f"{_NIST}.3.{20 + i}": name for i, name in enumerate(_SLH_DSA[:12])},
        **{f"{_NIST}.3.{35 + i}": name for i, name in enumerate(_SLH_DSA[12:])},
        **{f"{_NIST}.4.{1 + i}": f"ML-KEM-{n}" for i, n in enumerate((512, 768, 1024))},
        "1.2.840.113549.1.9.16.3.17": "HSS/LMS",
        "1.3.6.1.5.5.7.6.34": "XMSS",
        "1.3.6.1.5.5.7.6.35": "XMSS^MT",
    }
)

_CLASSICAL_NAMES: Final = MappingProxyType(
    {
        "1.2.840.113549.1.1.1": "RSA",
        "1.2.840.113549.1.1.10": "RSA-PSS",
        "1.2.840.10040.4.1": "DSA",
        "1.2.840.10045.2.1": "EC",
        "1.3.101.110": "X25519",
        "1.3.101.111": "X448",
        "1.3.101.112": "Ed25519",
        "1.3.101.113": "Ed448",
    }
)

ML_DSA_OIDS: Final = frozenset(f"{_NIST}.3.{n}" for n in (17, 18, 19))
"""Object identifiers of ML-DSA public keys and signatures (RFC 9881 §2)."""

_CURVE_NAMES: Final = MappingProxyType(
    {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
)

_SIGNATURE_NAMES: Final = MappingProxyType(
    {
        **{
            f"1.2.840.113549.1.1.{n}": f"RSA PKCS#1 v1.5 with {name}"
            for n, name in (
                (4, "MD5"), (5, "SHA-1"), (14, "SHA-224"),
                (11, "SHA-256"), (12, "SHA-384"), (13, "SHA-512"),
            )
        },
        "1.2.840.113549.1.1.10": "RSA-PSS",
        "1.2.840.10045.4.1": "ECDSA with SHA-1",
        **{f"1.2.840.10045.4.3.{i}": f"ECDSA with SHA-{n}"
           for i, n in ((1, 224), (2, 256), (3, 384), (4, 512))},
        "1.3.101.112": "Ed25519",
        "1.3.101.113": "Ed448",
        **_POST_QUANTUM_NAMES,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeySummary:
    """What people call a certificate's public key.

    Attributes:
        name: such as `ML-DSA-65`, `RSA 3072`, `EC P-256`.
        post_quantum: whether no polynomial-time quantum attack on the key is known.
        spec: the matching AWS KMS key spec, or empty.
        bits: modulus or field size, public key size for post-quantum keys; 0 if unknown.
        category: NIST post-quantum security category, or 0.
    """

    name: str
    post_quantum: bool
    spec: str
    bits: int
    category: int


def key_summary(certificate: x509.Certificate) -> KeySummary:
    """Describe the public key of a certificate, also where `cryptography` cannot load it."""
    oid = certificate.public_key_algorithm_oid.dotted_string
    if oid in _POST_QUANTUM_NAMES:
        return _from_table(_POST_QUANTUM_NAMES[oid])
    name = _CLASSICAL_NAMES.get(oid, oid)
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return KeySummary(name, post_quantum=False, spec="", bits=0, category=0)
    if isinstance(key, rsa.RSAPublicKey):
        spec = f"RSA_{key.key_size}"
        return KeySummary(
            f"{name} {key.key_size}",
            post_quantum=False,
            spec=spec if spec in KEY_SPECS else "",
            bits=key.key_size,
            category=0,
        )
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _curve(key)
    spec = "ECC_NIST_EDWARDS25519" if name == "Ed25519" else ""
    bits = KEY_SPECS[spec].bits if spec else 0
    return KeySummary(name, post_quantum=False, spec=spec, bits=bits, category=0)


def signature_name(certificate: x509.Certificate) -> str:
    """Return what people call the algorithm that signed a certificate."""
    oid = certificate.signature_algorithm_oid.dotted_string
    return _SIGNATURE_NAMES.get(oid, oid)


def _from_table(name: str) -> KeySummary:
    spec = KEY_SPECS.get(name.replace("-", "_"))
    if spec is None:
        return KeySummary(name, post_quantum=True, spec="", bits=0, category=0)
    return KeySummary(name, spec.quantum_safe, spec.name, spec.bits, spec.category)


def _curve(key: ec.EllipticCurvePublicKey) -> KeySummary:
    curve = _CURVE_NAMES.get(key.curve.name, key.curve.name)
    spec = next(
        (s.name for s in KEY_SPECS.values() if s.curve in {curve, key.curve.name}),
        "",
    )
    return KeySummary(
        f"EC {curve}", post_quantum=False, spec=spec, bits=key.curve.key_size, category=0
    )
