"""One frozen table of every AWS KMS key spec and algorithm.

Sources: AWS KMS Developer Guide, "Key spec reference"; FIPS 204 table 1-2 (ML-DSA), FIPS 203
table 3 (ML-KEM), FIPS 186-5 and SP 800-57 part 1 table 2 (security strength of classical keys).
SM2 is left out: AWS offers it in China Regions only, and `cryptography` has no SM2.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import Final


class Family(StrEnum):
    """How a key is used, as people sort keys."""

    SYMMETRIC = "symmetric"
    MAC = "HMAC"
    RSA = "RSA"
    ELLIPTIC = "elliptic curve"
    EDWARDS = "Edwards curve"
    ML_DSA = "ML-DSA"
    ML_KEM = "ML-KEM"


SIGN_VERIFY: Final = "SIGN_VERIFY"
ENCRYPT_DECRYPT: Final = "ENCRYPT_DECRYPT"
GENERATE_VERIFY_MAC: Final = "GENERATE_VERIFY_MAC"
KEY_AGREEMENT: Final = "KEY_AGREEMENT"
ENCAPSULATE_DECAPSULATE: Final = "ENCAPSULATE_DECAPSULATE"

_PSS = tuple(f"RSASSA_PSS_SHA_{n}" for n in (256, 384, 512))
_PKCS1 = tuple(f"RSASSA_PKCS1_V1_5_SHA_{n}" for n in (256, 384, 512))
_OAEP = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")


@dataclass(frozen=True, slots=True)
class KeySpec:
    """What is fixed about a key by its AWS key spec.

    Attributes:
        name: AWS's name, such as `ML_DSA_65`.
        family: how people sort it.
        usages: AWS key usages it may be created for.
        bits: size in bits: key length, RSA modulus or curve field; for ML-DSA and ML-KEM the
            public key's length.
        strength: classical security strength in bits.
        category: NIST post-quantum security category 1-5, or 0 where none is claimed.
        quantum_safe: whether no polynomial-time quantum attack on the key is known.
        signing: AWS signing algorithms.
        encryption: AWS encryption algorithms.
        mac: AWS MAC algorithms.
        agreement: AWS key agreement algorithms.
        encapsulation: AWS key encapsulation algorithms.
        standard: where the algorithm is defined.
        supported: whether the installed `cryptography` has it; see `why_not`.
        why_not: one sentence for people when it is not supported.
        curve: JOSE curve name, or empty.
        public_bytes: raw public key length in bytes where it is fixed, else 0.
        signature_bytes: signature length in bytes where it is fixed, else 0.
    """

    name: str
    family: Family
    usages: tuple[str, ...]
    bits: int
    strength: int
    category: int
    quantum_safe: bool
    standard: str
    signing: tuple[str, ...] = ()
    encryption: tuple[str, ...] = ()
    mac: tuple[str, ...] = ()
    agreement: tuple[str, ...] = ()
    encapsulation: tuple[str, ...] = ()
    supported: bool = True
    why_not: str = ""
    curve: str = ""
    public_bytes: int = 0
    signature_bytes: int = 0

    @property
    def asymmetric(self) -> bool:
        """Whether the key is a pair with a public half."""
        return self.family not in {Family.SYMMETRIC, Family.MAC}

    @property
    def longest_import(self) -> int:
        """How many bytes of raw key material AWS takes at most.

        An HMAC key may be as long as a block of its hash (FIPS 198-1 §3); a symmetric key has one
        length, a pair no raw form.
        """
        if self.family is Family.MAC:
            return 64 if self.bits <= 256 else 128  # FIPS 180-4 figure 1
        return self.bits // 8 if self.family is Family.SYMMETRIC else 0

    @property
    def default_usage(self) -> str | None:
        """The usage AWS assumes when CreateKey names none: only symmetric encryption has one."""
        return ENCRYPT_DECRYPT if self.family is Family.SYMMETRIC else None

    def algorithms(self, usage: str) -> tuple[str, ...]:
        """Return the AWS algorithm names this spec offers for a key usage."""
        member = _ALGORITHM_MEMBERS.get(usage)
        return () if member is None else member(self)


_ALGORITHM_MEMBERS: Final[Mapping[str, Callable[[KeySpec], tuple[str, ...]]]] = MappingProxyType(
    {
        SIGN_VERIFY: attrgetter("signing"),
        ENCRYPT_DECRYPT: attrgetter("encryption"),
        GENERATE_VERIFY_MAC: attrgetter("mac"),
        KEY_AGREEMENT: attrgetter("agreement"),
        ENCAPSULATE_DECAPSULATE: attrgetter("encapsulation"),
    }
)


def _rsa(bits: int, strength: int) -> KeySpec:
    return KeySpec(
        f"RSA_{bits}", Family.RSA, (SIGN_VERIFY, ENCRYPT_DECRYPT), bits, strength, 0,
        quantum_safe=False, standard="RFC 8017", signing=_PSS + _PKCS1, encryption=_OAEP,
        signature_bytes=bits // 8,
    )  # fmt: skip


def _ecc(name: str, bits: int, hash_bits: int, curve: str, *, agreement: bool) -> KeySpec:
    usages = (SIGN_VERIFY, KEY_AGREEMENT) if agreement else (SIGN_VERIFY,)
    return KeySpec(
        name, Family.ELLIPTIC, usages, bits, {256: 128, 384: 192, 521: 256}[bits], 0,
        quantum_safe=False, standard="FIPS 186-5" if agreement else "SEC 2", curve=curve,
        signing=(f"ECDSA_SHA_{hash_bits}",), agreement=("ECDH",) if agreement else (),
    )  # fmt: skip


def _hmac(bits: int) -> KeySpec:
    return KeySpec(
        f"HMAC_{bits}", Family.MAC, (GENERATE_VERIFY_MAC,), bits, min(bits, 256),
        {224: 1, 256: 1, 384: 3, 512: 5}[bits], quantum_safe=True, standard="FIPS 198-1",
        mac=(f"HMAC_SHA_{bits}",),
    )  # fmt: skip


def _ml_dsa(name: str, category: int, strength: int, public: int, signature: int) -> KeySpec:
    return KeySpec(
        name, Family.ML_DSA, (SIGN_VERIFY,), public * 8, strength, category, quantum_safe=True,
        standard="FIPS 204", signing=("ML_DSA_SHAKE_256",), public_bytes=public,
        signature_bytes=signature,
    )  # fmt: skip


def _ml_kem(name: str, category: int, strength: int, public: int, why_not: str = "") -> KeySpec:
    return KeySpec(
        name, Family.ML_KEM, (ENCAPSULATE_DECAPSULATE,), public * 8, strength, category,
        quantum_safe=True, standard="FIPS 203", encapsulation=("ML_KEM",), supported=not why_not,
        why_not=why_not, public_bytes=public,
    )  # fmt: skip


_SPECS = (
    KeySpec(
        "SYMMETRIC_DEFAULT", Family.SYMMETRIC, (ENCRYPT_DECRYPT,), 256, 256, 5, quantum_safe=True,
        standard="FIPS 197, SP 800-38D", encryption=("SYMMETRIC_DEFAULT",),
    ),
    _rsa(2048, 112),
    _rsa(3072, 128),
    _rsa(4096, 152),
    _ecc("ECC_NIST_P256", 256, 256, "P-256", agreement=True),
    _ecc("ECC_NIST_P384", 384, 384, "P-384", agreement=True),
    _ecc("ECC_NIST_P521", 521, 512, "P-521", agreement=True),
    _ecc("ECC_SECG_P256K1", 256, 256, "secp256k1", agreement=False),
    KeySpec(
        "ECC_NIST_EDWARDS25519", Family.EDWARDS, (SIGN_VERIFY,), 256, 128, 0, quantum_safe=False,
        standard="FIPS 186-5, RFC 8032", signing=("ED25519_SHA_512", "ED25519_PH_SHA_512"),
        curve="Ed25519", public_bytes=32, signature_bytes=64,
    ),
    _hmac(224),
    _hmac(256),
    _hmac(384),
    _hmac(512),
    _ml_dsa("ML_DSA_44", 2, 128, 1312, 2420),
    _ml_dsa("ML_DSA_65", 3, 192, 1952, 3309),
    _ml_dsa("ML_DSA_87", 5, 256, 2592, 4627),
    _ml_kem(
        "ML_KEM_512", 1, 128, 800,
        "The installed cryptography library has no ML-KEM-512; choose ML_KEM_768 or ML_KEM_1024.",
    ),
    _ml_kem("ML_KEM_768", 3, 192, 1184),
    _ml_kem("ML_KEM_1024", 5, 256, 1568),
)  # fmt: skip

KEY_SPECS: Final = MappingProxyType({spec.name: spec for spec in _SPECS})
"""Every key spec by AWS name, in the order AWS's documentation lists them."""
