"""Private keys that other programs wrote, on their way into the module.

Owns reading PKCS#8 (RFC 5958), PKCS#1, RFC 5915, encrypted PKCS#8 (RFC 8018), OpenSSL's encrypted
PEM and the three forms of RFC 9881 §6. What was read leaves this room only wrapped for a KMS key,
as AWS asks of importers. Must not know files or requests.
"""

import os
from typing import Any, Final, NoReturn

from asn1crypto import core
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import dsa, ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
)

from workbench.base.errors import Refused
from workbench.crypto import encryption
from workbench.crypto.derivation_cost import refuse_costly
from workbench.crypto.keys import (
    MLDSAPrivateKey,
    PrivateKey,
    private_to_der,
    public_to_der,
    spec_of,
)
from workbench.crypto.pbes2 import open_pbes2

LARGEST_KEY: Final = 64 * 1024
"""Bytes; the largest key of any spec, ML-DSA-87 with seed and expanded key, has 4,992."""

WRAPPING: Final = "RSA_AES_KEY_WRAP_SHA_256"
_MOST_RSA_BITS: Final = 16_384
_ML_DSA: Final[dict[str, tuple[str, type[MLDSAPrivateKey]]]] = {
    "2.16.840.1.101.3.4.3.17": ("ML-DSA-44", mldsa.MLDSA44PrivateKey),
    "2.16.840.1.101.3.4.3.18": ("ML-DSA-65", mldsa.MLDSA65PrivateKey),
    "2.16.840.1.101.3.4.3.19": ("ML-DSA-87", mldsa.MLDSA87PrivateKey),
}
_SEED_BYTES: Final = 32
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_FAILURES: Final = (ValueError, TypeError, UnsupportedAlgorithm, OverflowError)


class WrongPassword(Refused):
    """A password does not open what it was tried on."""

    def __init__(self) -> None:
        super().__init__(
            "The password does not open it.", "Check it and try again; capitals matter."
        )


class ForeignKey:
    """A private key that is about to be imported, or why it cannot be.

    Its bytes are overwritten by `forget`; they are never shown, copied or pickled.

    Attributes:
        name: what people call it, such as `RSA 2048` or `ML-DSA-65`.
        spec: AWS key spec, or empty if AWS KMS has none for it.
        spki: SubjectPublicKeyInfo in DER, or empty if it cannot be told.
        why_not: in a sentence why it cannot be imported; empty if it can.
        remark: what is worth knowing although it can be, or empty.
    """

    __slots__ = ("_pkcs8", "name", "remark", "spec", "spki", "why_not")

    def __init__(
        self,
        pkcs8: bytes,
        name: str,
        spec: str,
        spki: bytes,
        *,
        why_not: str = "",
        remark: str = "",
    ) -> None:
        self._pkcs8 = bytearray(pkcs8)
        self.name, self.spec, self.spki = name, spec, spki
        self.why_not, self.remark = why_not, remark

    def __repr__(self) -> str:
        """Return the name only."""
        return f"<ForeignKey {self.name}>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("a private key is not copied")

    @property
    def importable(self) -> bool:
        """Whether it can be imported and was not forgotten."""
        return bool(self._pkcs8) and not self.why_not

    def wrapped(self, public_key: bytes) -> bytes:
        """Return the key as ImportKeyMaterial takes it, under RSA_AES_KEY_WRAP_SHA_256.

        Args:
            public_key: the wrapping key of GetParametersForImport, SubjectPublicKeyInfo in DER.

        Raises:
            Refused: it cannot be imported, or was forgotten; or the wrapping key is no RSA key.
        """
        if not self.importable:
            raise Refused(self.why_not or "The key was forgotten.", "Open the file again.")
        wrapping = load_der_public_key(public_key)
        if not isinstance(wrapping, rsa.RSAPublicKey):
            raise Refused("The wrapping key is no RSA key.", "Get new import parameters.")
        between = os.urandom(32)
        head = encryption.encrypt(wrapping, "RSAES_OAEP_SHA_256", between)
        return head + keywrap.aes_key_wrap_with_padding(between, bytes(self._pkcs8))

    def forget(self) -> None:
        """Overwrite the private bytes; it cannot be imported any more."""
        self._pkcs8[:] = bytes(len(self._pkcs8))
        self._pkcs8.clear()


def read_private(der: bytes, password: str | None = None) -> ForeignKey:
    """Read a private key in DER: PKCS#8, PKCS#1 or RFC 5915; encrypted with a password only.

    Raises:
        WrongPassword: it is encrypted and the password is not the one.
        Refused: it is no private key, damaged, too large or takes too long to open.
    """
    if len(der) > LARGEST_KEY:
        raise Refused(f"The private key is larger than {LARGEST_KEY >> 10} KiB.")
    if password is not None:
        return _encrypted(der, password)
    algorithm, inner = _one_asymmetric_key(der)
    if algorithm in _ML_DSA:
        return _ml_dsa(der, algorithm, inner)
    try:
        # The costly checks wait until the size is known to be bearable.
        key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size > _MOST_RSA_BITS:
            raise Refused(
                f"The RSA key has {key.key_size} bits; that is too large to be looked at."
            )
        return _described(load_der_private_key(der, None))
    except _FAILURES:
        raise _unreadable() from None


def read_private_pem(block: bytes, password: str) -> ForeignKey:
    """Read OpenSSL's own encrypted PEM (`Proc-Type: 4,ENCRYPTED`).

    Raises:
        WrongPassword: the password is not the one.
        Refused: it is damaged or too large.
    """
    if len(block) > 2 * LARGEST_KEY:
        raise Refused(f"The private key is larger than {LARGEST_KEY >> 10} KiB.")
    try:
        return _described(load_pem_private_key(block, password.encode()))
    except _FAILURES:
        raise WrongPassword from None


def _encrypted(der: bytes, password: str) -> ForeignKey:
    refuse_costly(der)
    try:
        return _described(load_der_private_key(der, password.encode()))
    except ValueError as error:
        if "password" in str(error):
            raise WrongPassword from None
    except (TypeError, UnsupportedAlgorithm, OverflowError):
        raise _unreadable() from None
    # It was opened, but is a key the library cannot read: a form of ML-DSA, for example. Or the
    # padding was right by chance, which happens with one wrong password in 256.
    plain = _decrypt(der, password)
    if not _one_asymmetric_key(plain)[0]:
        raise WrongPassword
    return read_private(plain)


def _decrypt(der: bytes, password: str) -> bytes:
    try:
        info = core.Sequence.load(der, strict=True)
        algorithm, encrypted = info[0].dump(), bytes(info[1].native)
    except (*_FAILURES, KeyError, IndexError):
        raise _unreadable() from None
    try:
        plain = open_pbes2(algorithm, encrypted, password)
    except ValueError:
        raise WrongPassword from None
    except (TypeError, KeyError, IndexError, UnsupportedAlgorithm, OverflowError):
        raise _unreadable() from None
    if not plain:
        raise _unreadable()
    return plain


def _one_asymmetric_key(der: bytes) -> tuple[str, bytes]:
    """Return algorithm and contents of a PKCS#8 key; nothing if it is none."""
    try:
        outer = core.Sequence.load(der, strict=True)
        if len(outer) < 3 or not isinstance(outer[1], core.Sequence):
            return "", b""
        algorithm, inner = outer[1][0], outer[2]
        if not isinstance(algorithm, core.ObjectIdentifier):
            return "", b""
        contents = inner.native if isinstance(inner, core.OctetString) else b""
        return str(algorithm.dotted), bytes(contents)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return "", b""


def _ml_dsa(der: bytes, algorithm: str, inner: bytes) -> ForeignKey:
    """Read a key in one of the forms of RFC 9881 §6: seed, expanded key, both."""
    name, kind = _ML_DSA[algorithm]
    seed = _seed(inner)
    whole = len(inner) in {_SEED_BYTES, _SEED_BYTES + 2}
    # OpenSSL checks that an expanded key is one, and that it is the seed's (RFC 9881 §6).
    spki = b"" if seed and whole else _public_by_openssl(der, name, both=bool(seed))
    if not seed:
        why = (
            f"The file holds the expanded {name} key without its seed (RFC 9881 §6). Key material "
            "is imported by its seed, which cannot be computed back: bring the file that has the "
            "seed."
        )
        return ForeignKey(b"", name, name.replace("-", "_"), spki, why_not=why)
    key = kind.from_seed_bytes(seed)
    public = public_to_der(key.public_key())
    if spki and spki != public:
        raise _torn(name)
    remark = "" if whole else "The file holds seed and expanded key; they belong together."
    return ForeignKey(private_to_der(key), name, name.replace("-", "_"), public, remark=remark)


def _seed(inner: bytes) -> bytes:
    """Return the seed out of any form that has one, the bare one of some programs included."""
    if len(inner) == _SEED_BYTES:
        return inner
    if inner[:2] == b"\x80\x20" and len(inner) == _SEED_BYTES + 2:
        return inner[2:]
    try:
        both = core.Sequence.load(inner, strict=True)
        if len(both) == 2 and isinstance(both[0], core.OctetString):
            first = bytes(both[0].native)
            return first if len(first) == _SEED_BYTES else b""
    except (ValueError, TypeError):
        pass
    return b""


def _public_by_openssl(der: bytes, name: str, *, both: bool) -> bytes:
    from OpenSSL import crypto  # noqa: PLC0415 - heavy and rarely needed

    try:
        key = crypto.load_privatekey(crypto.FILETYPE_ASN1, der)
        return crypto.dump_publickey(crypto.FILETYPE_ASN1, key)
    except (crypto.Error, ValueError, TypeError):
        raise (_torn(name) if both else _unreadable()) from None


def _described(key: Any) -> ForeignKey:
    """Return what is known of a key the library has read."""
    name = _name(key)
    try:
        spki = public_to_der(key.public_key())
    except _FAILURES:
        raise _unreadable() from None
    if not isinstance(key, PrivateKey):
        why = f"AWS KMS has no key spec for {name}, so the module cannot take it in."
        return ForeignKey(b"", name, "", spki, why_not=why)
    try:
        spec = spec_of(key.public_key())
    except Refused:
        why = (
            f"AWS KMS has no key spec for {name}: it takes RSA of 2048, 3072 and 4096 bits and the "
            "curves P-256, P-384, P-521 and secp256k1."
        )
        return ForeignKey(b"", name, "", spki, why_not=why)
    if spec.startswith("ML_KEM"):
        why = "AWS KMS takes no imported material for ML-KEM keys."
        return ForeignKey(b"", name, spec, spki, why_not=why)
    return ForeignKey(private_to_der(key), name, spec, spki)


def _name(key: Any) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return f"EC {_CURVES.get(key.curve.name, key.curve.name)}"
    if isinstance(key, dsa.DSAPrivateKey):
        return "DSA"
    kind = type(key).__name__.removesuffix("PrivateKey")
    return kind.replace("MLDSA", "ML-DSA-").replace("MLKEM", "ML-KEM-")


def _unreadable() -> Refused:
    return Refused(
        "The private key is damaged, or of a kind that cannot be read here.",
        "Get it again from its source, as PKCS#8.",
    )


def _torn(name: str) -> Refused:
    return Refused(
        f"The {name} key is torn: its seed and its expanded key do not belong together "
        "(RFC 9881 §6).",
        "Do not use it; get it again from its source.",
    )
