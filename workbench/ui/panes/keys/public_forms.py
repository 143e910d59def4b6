"""A public key in the forms people hand on: PEM, DER, JWK, and its fingerprints.

Owns the encodings (RFC 7468 §13 PEM, RFC 7517 JWK, RFC 9964 AKP for ML-DSA, RFC 7638 thumbprint).
Public data only. Knows no Qt and no service.
"""

import base64
import hashlib
import json
import textwrap
from dataclasses import dataclass
from typing import Final

from asn1crypto import core

_RAW_KEY_ALGORITHMS: Final = {
    "ML_DSA_44": "ML-DSA-44",
    "ML_DSA_65": "ML-DSA-65",
    "ML_DSA_87": "ML-DSA-87",
}


@dataclass(frozen=True, slots=True)
class PublicForms:
    """One public key.

    Attributes:
        der: SubjectPublicKeyInfo, DER.
        spec: AWS key spec.
    """

    der: bytes
    spec: str

    @property
    def pem(self) -> str:
        """RFC 7468 `PUBLIC KEY`, with a final newline."""
        body = "\n".join(textwrap.wrap(base64.b64encode(self.der).decode(), 64))
        return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"

    @property
    def sha256(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def pin(self) -> str:
        """The same digest in base64, as certificate pins have it (RFC 7469 §2.1.1)."""
        return base64.b64encode(hashlib.sha256(self.der).digest()).decode()

    @property
    def has_jwk(self) -> bool:
        """Whether a JWK form is standardised; there is none for ML-KEM."""
        return not self.spec.startswith("ML_KEM")

    def jwk(self) -> str:
        """Return the JWK as indented JSON; slow at first, as it imports the library.

        Raises:
            ValueError: there is no JWK form.
        """
        document = self._document()
        return json.dumps(document, indent=2)

    def thumbprint(self) -> str:
        """Return the JWK thumbprint with SHA-256 in base64url (RFC 7638).

        Raises:
            ValueError: there is no JWK form.
        """
        document = self._document()
        members = {
            "RSA": ("e", "kty", "n"),
            "EC": ("crv", "kty", "x", "y"),
            "OKP": ("crv", "kty", "x"),
            "AKP": ("alg", "kty", "pub"),
        }[str(document["kty"])]
        canonical = json.dumps({name: document[name] for name in members}, separators=(",", ":"))
        return _base64url(hashlib.sha256(canonical.encode()).digest())

    def _document(self) -> dict[str, str]:
        if not self.has_jwk:
            raise ValueError(self.spec)
        algorithm = _RAW_KEY_ALGORITHMS.get(self.spec)
        if algorithm:
            # RFC 9964 §3: the raw key of FIPS 204, as it stands in the SubjectPublicKeyInfo.
            return {"kty": "AKP", "alg": algorithm, "pub": _base64url(self._raw())}
        from jwcrypto.jwk import JWK  # noqa: PLC0415 - 60 ms, needed for this alone

        key = JWK.from_pem(self.pem.encode())
        found: dict[str, str] = key.export_public(as_dict=True)
        return {name: value for name, value in found.items() if name != "kid"}

    def _raw(self) -> bytes:
        parts = core.SequenceOf.load(self.der, spec=core.Any, strict=True)
        return bytes(core.OctetBitString.load(parts[1].dump(), strict=True))


def spaced(digest: str) -> str:
    """Return a hexadecimal digest in pairs, as certificates' viewers show it."""
    return ":".join(textwrap.wrap(digest.upper(), 2))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
