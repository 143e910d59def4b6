"""A JSON Web Signature taken apart, strictly, and which headers it may have.

Owns the serialisations of RFC 7515 §7 and Appendix F, the payload option of RFC 7797 and the rules
for critical headers. Must not check signature values.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from workbench.signing.formats.base import Broken
from workbench.signing.formats.jose import (
    JoseAlgorithm,
    decode,
    encode_pieces,
    known_algorithm,
    strict_json,
)

LARGEST: Final = 96 << 20
MOST_SIGNATURES: Final = 16
_MOST_CERTIFICATES: Final = 16
_COMPACT: Final = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")
_REGISTERED: Final = frozenset(
    {"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"}
)


@dataclass(frozen=True, slots=True)
class JwsSignature:
    """One signature of a JWS, its headers checked.

    Attributes:
        algorithm: what it claims to be made with.
        protected: the protected header as it is signed, in base64url.
        header: all header parameters, the unprotected ones too.
        value: the signature value.
        encoded: whether the payload is signed in base64url (RFC 7797 §3).
        certificates: the x5c chain, DER, the signer's first.
    """

    algorithm: JoseAlgorithm
    protected: str
    header: dict[str, Any] = field(repr=False)
    value: bytes = field(repr=False)
    encoded: bool = True
    certificates: tuple[bytes, ...] = field(default=(), repr=False)

    def signed(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what is signed over some content (RFC 7515 §5.1, RFC 7797 §3)."""
        payload = encode_pieces(content) if self.encoded else content
        return chain((self.protected.encode() + b".",), payload)


@dataclass(frozen=True, slots=True)
class Jws:
    """A JWS taken apart.

    Attributes:
        payload: the content inside, or None where it is detached.
        signatures: at least one.
        compact: whether it was in the compact serialisation.
    """

    payload: bytes | None = field(repr=False)
    signatures: tuple[JwsSignature, ...]
    compact: bool


def read_jws(data: bytes) -> Jws:
    """Take a JWS in any serialisation apart.

    Raises:
        Broken: with the section that is broken.
    """
    if len(data) > LARGEST:
        raise Broken("This is too large for a JSON Web Signature.", "RFC 7515 §7")
    stripped = data.strip(b" \t\r\n")
    if stripped.startswith(b"{"):
        return _json(strict_json(stripped, "The JSON Web Signature"))
    if _COMPACT.fullmatch(stripped) is None:
        raise Broken(
            "This is not a JSON Web Signature: it has not three parts in base64url with dots "
            "between them.",
            "RFC 7515 §7.1",
        )
    protected, payload, value = stripped.decode().split(".")
    one = _signature(protected, {}, value)
    if not one.encoded and payload:
        raise Broken("The compact form holds a payload that is not base64url.", "RFC 7797 §5.2")
    return Jws(_payload(payload) if payload else None, (one,), compact=True)


def _payload(text: str) -> bytes:
    return decode(text, "The payload")


def _json(members: dict[str, Any]) -> Jws:
    payload = members.get("payload")
    if payload is not None and not isinstance(payload, str):
        raise Broken("The payload is not a string.", "RFC 7515 §7.2.1")
    listed = members.get("signatures")
    if listed is None:
        signatures: tuple[JwsSignature, ...] = (_from_json(members),)
    elif "signature" in members or "protected" in members or "header" in members:
        raise Broken("The flattened and the general form are mixed.", "RFC 7515 §7.2.2")
    elif not isinstance(listed, list) or not 0 < len(listed) <= MOST_SIGNATURES:
        raise Broken(
            f"There must be between 1 and {MOST_SIGNATURES} signatures.", "RFC 7515 §7.2.1"
        )
    else:
        signatures = tuple(_from_json(one) for one in listed)
    if len({one.encoded for one in signatures}) != 1:
        raise Broken("The signatures disagree about the payload's encoding.", "RFC 7797 §3")
    if payload is None:
        return Jws(None, signatures, compact=False)
    content = _payload(payload) if signatures[0].encoded else _unencoded(payload)
    return Jws(content, signatures, compact=False)


def _unencoded(payload: str) -> bytes:
    try:
        return payload.encode()
    except UnicodeEncodeError as error:
        raise Broken("The payload is not Unicode text.", "RFC 7797 §5.3") from error


def _from_json(members: object) -> JwsSignature:
    if not isinstance(members, dict):
        raise Broken("A signature is not a JSON object.", "RFC 7515 §7.2.1")
    protected, value = members.get("protected"), members.get("signature")
    unprotected = members.get("header", {})
    if (
        not isinstance(protected, str)
        or not isinstance(value, str)
        or not isinstance(unprotected, dict)
    ):
        raise Broken("A signature lacks its protected header or its value.", "RFC 7515 §7.2.1")
    return _signature(protected, unprotected, value)


def _signature(protected: str, unprotected: dict[str, Any], value: str) -> JwsSignature:
    header = strict_json(decode(protected, "The protected header"), "The protected header")
    if header.keys() & unprotected.keys():
        raise Broken("A header parameter is both protected and unprotected.", "RFC 7515 §7.2.1")
    if "alg" not in header:
        raise Broken(
            "The algorithm is not in the protected header, so anybody could change it.",
            "RFC 8725 §3.1",
        )
    if "crit" in unprotected or "b64" in unprotected:
        raise Broken("A critical header parameter is not protected.", "RFC 7515 §4.1.11")
    encoded = _check_critical(header)
    everything = {**unprotected, **header}
    return JwsSignature(
        algorithm=known_algorithm(header["alg"]),
        protected=protected,
        header=everything,
        value=decode(value, "The signature value"),
        encoded=encoded,
        certificates=_certificates(everything),
    )


def _check_critical(header: dict[str, Any]) -> bool:
    """Check crit and return whether the payload is encoded (RFC 7515 §4.1.11, RFC 7797 §6)."""
    critical = header.get("crit", ())
    if "crit" in header:
        _check_list(critical)
        for name in critical:
            if name in _REGISTERED or name not in header:
                raise Broken(
                    "The list of critical header parameters names one that is missing or must not "
                    "be listed.",
                    "RFC 7515 §4.1.11",
                )
            if name != "b64":
                raise Broken(
                    f"The header parameter {name[:40]!r} is critical and not understood here.",
                    "RFC 7515 §4.1.11", "Check it with the program that made it.",
                )  # fmt: skip
    encoded = header.get("b64", True)
    if not isinstance(encoded, bool) or ("b64" in header and "b64" not in critical):
        raise Broken(
            "The header parameter b64 is not true or false, or not listed as critical.",
            "RFC 7797 §6",
        )
    return encoded


def _check_list(critical: object) -> None:
    if (
        not isinstance(critical, list)
        or not critical
        or not all(isinstance(name, str) for name in critical)
        or len(set(critical)) != len(critical)
    ):
        raise Broken("The list of critical header parameters is malformed.", "RFC 7515 §4.1.11")


def _certificates(header: dict[str, Any]) -> tuple[bytes, ...]:
    """Read x5c: standard base64 of DER, the signer's first (RFC 7515 §4.1.6)."""
    if "x5c" not in header:
        return ()
    listed = header["x5c"]
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST_CERTIFICATES:
        raise Broken("The certificate chain in the header is malformed.", "RFC 7515 §4.1.6")
    found = []
    for text in listed:
        try:
            found.append(base64.b64decode(text, validate=True))
        except (ValueError, TypeError, binascii.Error) as error:
            raise Broken("A certificate in the header is not base64.", "RFC 7515 §4.1.6") from error
    return tuple(found)


def is_jws(head: bytes) -> bool:
    """Whether something begins like a JWS."""
    text = head.lstrip(b" \t\r\n")
    if text.startswith(b"{"):
        named = b'"protected"' in text and b'"signature"' in text
        return named and b'"payloadType"' not in text
    first = re.match(rb"(e[A-Za-z0-9_-]+)\.", text)
    if first is None:
        return False
    try:
        return strict_json(decode(first[1].decode(), "it"), "it").get("alg") is not None
    except Broken:
        return False


def shown_header(one: JwsSignature) -> str:
    """Return a signature's key id for people, or nothing."""
    kid = one.header.get("kid")
    return kid if isinstance(kid, str) and kid.isprintable() and len(kid) < 200 else ""
