"""What JSON signatures have in common: strict JSON, base64url, algorithms, public keys as JWK.

Owns the tables of RFC 7518 §3.1, RFC 8037 §3.1, RFC 8812 §3.2, RFC 9864 §2.2 and RFC 9964 (ML-DSA,
key type AKP), and the refusal of everything with two meanings (RFC 8725 §2.4). Must not know
serialisations or claims.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import pybase64
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from workbench.base.errors import Refused
from workbench.base.files import printable
from workbench.crypto.keys import MLDSAPublicKey, PublicKey, public_from_der, spec_of
from workbench.crypto.table import KEY_SPECS, Family
from workbench.signing.formats.base import Broken, Signing
from workbench.signing.formats.keys import Message, from_fixed, matches, sign_message, to_fixed

_RSA: Final = frozenset({"RSA_2048", "RSA_3072", "RSA_4096"})
_DEEPEST: Final = 32
_CURVES: Final[Mapping[str, Callable[[], ec.EllipticCurve]]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
    "secp256k1": ec.SECP256K1,
}
_ML_DSA: Final[Mapping[str, Callable[[bytes], PublicKey]]] = {
    "ML-DSA-44": mldsa.MLDSA44PublicKey.from_public_bytes,
    "ML-DSA-65": mldsa.MLDSA65PublicKey.from_public_bytes,
    "ML-DSA-87": mldsa.MLDSA87PublicKey.from_public_bytes,
}
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE: Final = re.compile(rf"{_NAME}(/{_NAME})?( ?; ?[\x20-\x7e]+)?")


@dataclass(frozen=True, slots=True)
class JoseAlgorithm:
    """A JOSE signature algorithm.

    Attributes:
        name: its `alg`.
        kms: AWS's SigningAlgorithm.
        specs: AWS key specs that sign with it.
    """

    name: str
    kms: str
    specs: frozenset[str]


def _one(name: str, kms: str, *specs: str) -> tuple[str, JoseAlgorithm]:
    return name, JoseAlgorithm(name, kms, frozenset(specs))


ALGORITHMS: Final[Mapping[str, JoseAlgorithm]] = MappingProxyType(
    dict(
        (
            _one("ES256", "ECDSA_SHA_256", "ECC_NIST_P256"),
            _one("ES384", "ECDSA_SHA_384", "ECC_NIST_P384"),
            _one("ES512", "ECDSA_SHA_512", "ECC_NIST_P521"),
            _one("ES256K", "ECDSA_SHA_256", "ECC_SECG_P256K1"),
            _one("EdDSA", "ED25519_SHA_512", "ECC_NIST_EDWARDS25519"),
            _one("Ed25519", "ED25519_SHA_512", "ECC_NIST_EDWARDS25519"),
            _one("ML-DSA-44", "ML_DSA_SHAKE_256", "ML_DSA_44"),
            _one("ML-DSA-65", "ML_DSA_SHAKE_256", "ML_DSA_65"),
            _one("ML-DSA-87", "ML_DSA_SHAKE_256", "ML_DSA_87"),
            *(_one(f"RS{n}", f"RSASSA_PKCS1_V1_5_SHA_{n}", *_RSA) for n in (256, 384, 512)),
            *(_one(f"PS{n}", f"RSASSA_PSS_SHA_{n}", *_RSA) for n in (256, 384, 512)),
        )
    )
)
"""Every algorithm that is verified, by `alg`. None of them is symmetric."""

SPECS: Final = frozenset(spec for one in ALGORITHMS.values() for spec in one.specs)


def algorithm_for(spec: str, *, pss: bool = True, bits: int = 256) -> JoseAlgorithm:
    """Return the algorithm a key signs with.

    Args:
        spec: the AWS key spec.
        pss: for RSA, PSS and not PKCS#1 v1.5.
        bits: for RSA, length of the digest.

    Raises:
        Refused: JOSE has no algorithm for the key.
    """
    if spec in _RSA:
        return ALGORITHMS[f"{'PS' if pss else 'RS'}{bits}"]
    found = next((one for one in ALGORITHMS.values() if spec in one.specs), None)
    if found is None:
        raise Refused(
            f"JSON Web Signatures have no algorithm for a key of spec {spec}.",
            "Choose an ML-DSA, elliptic curve, Ed25519 or RSA key.",
        )
    return found


_OWN_DIGESTS: Final = {
    "ECC_NIST_P256": "SHA-256",
    "ECC_SECG_P256K1": "SHA-256",
    "ECC_NIST_P384": "SHA-384",
    "ECC_NIST_P521": "SHA-512",
}


def rsa_digests(spec: str) -> tuple[str, ...]:
    """Return the digests a key signs with in JOSE: any of SHA-2 for RSA, the curve's own else."""
    if spec in _RSA:
        return ("SHA-256", "SHA-384", "SHA-512")
    return (_OWN_DIGESTS[spec],) if spec in _OWN_DIGESTS else ()


def rsa_256(spec: str) -> tuple[str, ...]:
    """Return the same where RSA is offered with SHA-256 only."""
    return rsa_digests(spec)[:1]


def known_algorithm(name: object) -> JoseAlgorithm:
    """Return an algorithm by its `alg`.

    Raises:
        Broken: missing, unknown, none at all, or one of shared secrets.
    """
    if isinstance(name, str) and name in ALGORITHMS:
        return ALGORITHMS[name]
    if isinstance(name, str) and name.lower() == "none":
        raise Broken(
            "The header says “alg”: “none”: nothing is signed.",
            "RFC 8725 §3.2", "Ask the sender for a signed token.",
        )  # fmt: skip
    if isinstance(name, str) and name.upper().startswith("HS"):
        raise Broken(
            f"The header says {name[:8]!r}, an algorithm of shared secrets; a public key must "
            "never be used as one.",
            "RFC 8725 §2.1", "Ask the sender for a signature by a key pair.",
        )  # fmt: skip
    raise Broken(
        "The header names no signature algorithm that is known here.",
        "RFC 7515 §4.1.1", "Check it with the program that made it.",
    )  # fmt: skip


def jose_sign(kms: Any, signing: Signing, algorithm: JoseAlgorithm, message: Message) -> bytes:
    """Return the signature value as JOSE and COSE encode it."""
    return as_jose(signing.spec, algorithm, sign_message(kms, signing, algorithm.kms, message))


def as_jose(spec: str, algorithm: JoseAlgorithm, value: bytes) -> bytes:
    """Return a signature value of AWS KMS as JOSE and COSE encode it."""
    return to_fixed(spec, value) if algorithm.kms.startswith("ECDSA") else value


def jose_matches(
    public_key: bytes, algorithm: JoseAlgorithm, message: Message, value: bytes
) -> bool:
    """Return whether a signature value as JOSE and COSE encode it is the key's.

    A key of another kind than the algorithm's never matches (RFC 8725 §3.1).
    """
    spec = spec_of(public_from_der(public_key))
    if spec not in algorithm.specs:
        return False
    if algorithm.kms.startswith("ECDSA"):
        native = from_fixed(spec, value)
        return native is not None and matches(public_key, algorithm.kms, message, native)
    return matches(public_key, algorithm.kms, message, value)


def encode(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encode_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield base64url without padding of content that comes in pieces.

    By pybase64: Python's own does 300 MiB/s here, less than the hash that follows, and keeps the
    interpreter's lock meanwhile.
    """
    rest = b""
    for piece in pieces:
        held = rest + piece
        usable = len(held) - len(held) % 3
        yield pybase64.b64encode(held[:usable], altchars=b"-_")
        rest = held[usable:]
    yield base64.urlsafe_b64encode(rest).rstrip(b"=")


def decode(text: str, what: str) -> bytes:
    """Read base64url of one meaning: no padding, no stray bits (RFC 4648 §3.5, §5).

    Raises:
        Broken: anything else.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        data = b""
    if encode(data) != text:
        raise Broken(f"{what} is not base64url.", "RFC 7515 §2")
    return data


def strict_json(data: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object in which every member name occurs once (RFC 7515 §4, RFC 8259 §4).

    Raises:
        Broken: not UTF-8, not JSON, no object, too deep, or a name that occurs twice.
    """
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except Broken:
        raise
    except (ValueError, RecursionError) as error:
        raise Broken(f"{what} is not JSON.", "RFC 8259 §2") from error
    if not isinstance(value, dict) or _depth(value) > _DEEPEST:
        raise Broken(f"{what} is not a JSON object, or too deep.", "RFC 7515 §4")
    return value


def check_media_type(name: str, rule: str) -> None:
    """Refuse what is no media type, nor the subtype alone that JOSE allows (RFC 6838 §4.2).

    Args:
        name: what was chosen; nothing is fine.
        rule: standard and section that ask for one.
    """
    if name and _MEDIA_TYPE.fullmatch(name) is None:
        raise Refused(
            f"{printable(name)} is no media type ({rule}, RFC 6838 §4.2).",
            "Write it as application/example or example+json.",
        )


def compact_json(value: Mapping[str, Any]) -> bytes:
    """Return JSON without spaces, in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def jwk(public_key: bytes) -> dict[str, str]:
    """Return a public key as a JWK (RFC 7517; RFC 8037 §2; RFC 9964 for ML-DSA).

    Raises:
        Refused: there is no JWK for such a key.
    """
    key = public_from_der(public_key)
    spec = spec_of(key)
    if isinstance(key, MLDSAPublicKey):
        return {"kty": "AKP", "alg": KEY_SPECS[spec].name.replace("_", "-"),
                "pub": encode(key.public_bytes_raw())}  # fmt: skip
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": encode(key.public_bytes_raw())}
    if isinstance(key, ec.EllipticCurvePublicKey):
        size, point = (key.curve.key_size + 7) // 8, key.public_numbers()
        x, y = (encode(part.to_bytes(size, "big")) for part in (point.x, point.y))
        return {"kty": "EC", "crv": KEY_SPECS[spec].curve, "x": x, "y": y}
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    raise Refused(f"There is no JWK for a key of spec {spec}.", "Choose a key for signing.")


def read_jwk(one: Mapping[str, Any]) -> PublicKey:
    """Return the key of a JWK (RFC 7518 §6, RFC 8037 §2, RFC 9964).

    Raises:
        Broken, ValueError, TypeError, KeyError, UnsupportedAlgorithm: it is none.
    """

    def number(member: str) -> int:
        return int.from_bytes(decode(one[member], "A key"), "big")

    kind = one["kty"]
    if kind == "EC":
        curve = _CURVES[one["crv"]]()
        return ec.EllipticCurvePublicNumbers(number("x"), number("y"), curve).public_key()
    if kind == "RSA":
        return rsa.RSAPublicNumbers(number("e"), number("n")).public_key()
    if kind == "OKP" and one["crv"] == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(decode(one["x"], "A key"))
    if kind == "AKP":
        return _ML_DSA[one["alg"]](decode(one["pub"], "A key"))
    raise KeyError(kind)


def thumbprint(public_key: bytes) -> str:
    """Return a public key's JWK thumbprint with SHA-256 (RFC 7638 §3), the default key id."""
    members = dict(sorted(jwk(public_key).items()))
    return encode(hashlib.sha256(compact_json(members)).digest())


def family_name(public_key: bytes) -> str:
    """Return what kind of key it is, for people."""
    spec = KEY_SPECS[spec_of(public_from_der(public_key))]
    return spec.name.replace("_", "-") if spec.family is Family.ML_DSA else str(spec.family)


def _number(value: int) -> str:
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Broken(
            "A JSON object has a member name twice; readers would disagree about its meaning.",
            "RFC 8259 §4", "Ask the sender for a correct one.",
        )  # fmt: skip
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _depth(value: object) -> int:
    level: list[object] = [value]
    depth = 0
    while level and depth <= _DEEPEST:
        depth += 1
        below: list[object] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        level = below
    return depth
