"""Signature values alone, as AWS KMS's Sign returns them, in a file of their own.

Owns which of AWS's algorithms a key signs files with. Nothing in such a file says who made it or
how: the verifier tries the trusted keys and every algorithm of theirs. Must not know files.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der, spec_of
from workbench.signing.formats.base import (
    ALL_SPECS,
    Content,
    Signing,
    Traits,
    Trust,
    TrustedKey,
    require_spec,
)
from workbench.signing.formats.findings import (
    Findings,
    check_signature,
    content_missing,
    fingerprint_line,
)
from workbench.signing.formats.keys import family_of, matches, sign_message
from workbench.signing.verdict import Verdict

_RULE: Final = "AWS KMS API, Sign"
_LONGEST: Final = 8192
_CURVES: Final = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ECC_SECG_P256K1": "ECDSA_SHA_256",
    "ECC_NIST_EDWARDS25519": "ED25519_SHA_512",
}
_RSA: Final = ("SHA-256", "SHA-384", "SHA-512")
SPECS: Final = frozenset(ALL_SPECS)


def _digests(spec: str) -> tuple[str, ...]:
    if spec.startswith("RSA"):
        return _RSA
    algorithm = _CURVES.get(spec, "")
    return (f"SHA-{algorithm[-3:]}",) if algorithm.startswith("ECDSA") else ()


@dataclass(frozen=True, slots=True)
class RawSignature:
    """Signature values alone.

    Attributes:
        digest: for RSA keys: `SHA-256`, `SHA-384` or `SHA-512`; empty takes the key's usual one.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.

    Raises:
        Refused: the digest is another.
    """

    name: ClassVar[str] = "raw"
    title: ClassVar[str] = "Raw signature"
    suffix: ClassVar[str] = ".rawsig"
    standard: ClassVar[str] = _RULE
    traits: ClassVar[Traits] = Traits(digests=_digests)
    specs: ClassVar[frozenset[str]] = SPECS
    peer_limits: ClassVar[str] = (
        "A raw ML-DSA signature is checked by OpenSSL 3.5 or newer (pkeyutl), which reads the "
        "whole file at once; add an ECDSA signature for older programs."
    )

    digest: str = ""
    pss: bool = True

    def __post_init__(self) -> None:
        """Check the choices."""
        if self.digest not in {"", *_RSA}:
            raise Refused(
                f"AWS KMS has no signatures with {self.digest!r}.", f"Choose {' or '.join(_RSA)}."
            )

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signature value; raises as `Format.sign`."""
        require_spec(self.title, self.specs, signing.spec)
        return sign_message(kms, signing, self.algorithm(signing.spec), content.pieces())

    def algorithm(self, spec: str) -> str:
        """Return AWS's SigningAlgorithm for a key of a spec.

        Raises:
            Refused: the digest does not go with the key.
        """
        allowed = _digests(spec)
        if self.digest and self.digest not in allowed:
            raise Refused(
                f"A key of spec {spec} does not sign with {self.digest} ({_RULE}).",
                f"Choose {' or '.join(allowed)}." if allowed else "Choose no digest.",
            )
        if spec.startswith("RSA"):
            kind = "PSS" if self.pss else "PKCS1_V1_5"
            return f"RSASSA_{kind}_{(self.digest or _RSA[0]).replace('-', '_')}"
        return _CURVES.get(spec, "ML_DSA_SHAKE_256")

    def sniff(self, head: bytes) -> bool:
        """Whether it looks like one: never, as nothing in a raw signature tells what it is."""
        del head
        return False

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check a value with every trusted key; raises as `Format.verify`."""
        found = Findings()
        signature = _value(signature)
        if not 0 < len(signature) <= _LONGEST:
            found.failed(
                "Signature file", f"A signature value has 1 to {_LONGEST} bytes.", _RULE,
                "Choose the signature that belongs to the file.",
            )  # fmt: skip
            return found.verdict(self.title)
        found.signer = "an unknown key"
        if content is None:
            content_missing(found, _RULE)
            return found.verdict(self.title)
        if not trust.usable():
            found.need("key", "the signer's public key")
            found.failed(
                "Trusted key",
                "A signature value does not say whose it is, and no public key was given.",
                _RULE,
                "Get the signer's public key from a source you trust and add it.",
            )
            return found.verdict(self.title)
        holder = _holder(signature, content, trust.usable())
        check_signature(found, content, _RULE, good=holder is not None)
        if holder is not None:
            key, found.algorithm = holder
            found.signer = key.name
            found.families.add(family_of(key.public_key))
            found.ok(
                "Trusted key", f"The key belongs to {key.name}.", "the verifier's trust",
                fingerprint_line(key.public_key),
            )  # fmt: skip
        return found.verdict(self.title)


def _value(data: bytes) -> bytes:
    """Return a signature value as it is, or out of what `aws kms sign` prints: base64, or JSON.

    A value of a key is never taken for base64 by chance: it would have to be text throughout.
    """
    text = data.strip()
    if text.startswith(b"{"):
        try:
            members = json.loads(text)
        except (ValueError, RecursionError):
            return data
        inside = members.get("Signature")
        text = inside.encode() if isinstance(inside, str) else b""
    try:
        return base64.b64decode(b"".join(text.split()), validate=True) or data
    except ValueError:
        return data


def _holder(
    signature: bytes, content: Content, keys: Sequence[TrustedKey]
) -> tuple[TrustedKey, str] | None:
    """Return which key made a value over the content, and by which of AWS's algorithms."""
    for key in keys:
        for algorithm in _algorithms(key.public_key, len(signature)):
            if matches(key.public_key, algorithm, content.pieces(), signature):
                return key, algorithm
    return None


def _algorithms(public_key: bytes, size: int) -> list[str]:
    """Return the algorithms by which a key could have made a value of so many bytes."""
    try:
        spec = spec_of(public_from_der(public_key))
    except Refused:
        return []
    if spec in _CURVES:
        return [_CURVES[spec]]
    if spec.startswith("ML_DSA"):
        return ["ML_DSA_SHAKE_256"]
    if spec.startswith("RSA") and size * 8 == int(spec.removeprefix("RSA_")):
        kinds = ("PSS", "PKCS1_V1_5")
        return [f"RSASSA_{kind}_{digest.replace('-', '_')}" for kind in kinds for digest in _RSA]
    return []
