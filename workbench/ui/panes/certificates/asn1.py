"""DER as a tree of elements with offsets, for people who want to see the bytes.

Walks any DER, certificate or not, within limits; what cannot be parsed is shown as bytes. Knows no
Qt. Source: ITU-T X.690.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from asn1crypto import core, parser

from workbench.pki.names import visible

DEEPEST: Final = 32
MOST: Final = 20_000
_PREVIEW: Final = 24

_UNIVERSAL: Final = {
    1: "BOOLEAN", 2: "INTEGER", 3: "BIT STRING", 4: "OCTET STRING", 5: "NULL",
    6: "OBJECT IDENTIFIER", 10: "ENUMERATED", 12: "UTF8String", 13: "RELATIVE-OID",
    16: "SEQUENCE", 17: "SET", 18: "NumericString", 19: "PrintableString", 20: "T61String",
    22: "IA5String", 23: "UTCTime", 24: "GeneralizedTime", 26: "VisibleString",
    27: "GeneralString", 28: "UniversalString", 30: "BMPString",
}  # fmt: skip
_TEXTS: Final = {
    **dict.fromkeys((18, 19, 22, 23, 24, 26, 27), "ascii"),
    12: "utf-8",
    20: "latin-1",
    28: "utf-32-be",
    30: "utf-16-be",
}


@dataclass(frozen=True, slots=True)
class Element:
    """One element.

    Attributes:
        depth: how deep it is nested; 0 for the outermost.
        offset: of its first byte.
        header: bytes of tag and length.
        length: bytes of content.
        tag: such as `SEQUENCE` or `[0]`.
        value: its content in words, empty for what holds others.
        inside: whether it was found inside an OCTET STRING or BIT STRING.
    """

    depth: int
    offset: int
    header: int
    length: int
    tag: str
    value: str = ""
    inside: bool = False


def elements(der: bytes) -> Iterator[Element]:
    """Yield every element of `der` in order, at most `MOST`."""
    for number, element in enumerate(_walk(der, 0, 0, inside=False)):
        if number >= MOST:
            return
        yield element


def _walk(data: bytes, base: int, depth: int, *, inside: bool) -> Iterator[Element]:
    position = 0
    while position < len(data):
        try:
            kind, method, tag, header, content, trailer = parser.parse(data[position:])
        except ValueError:
            rest = data[position:]
            yield Element(depth, base + position, 0, len(rest), "?", _hex(rest), inside)
            return
        start = base + position + len(header)
        name = _name(kind, tag)
        place = (depth, base + position, len(header), len(content), name)
        if method == 1 and depth < DEEPEST:
            yield Element(*place, "", inside)
            yield from _walk(content, start, depth + 1, inside=False)
        else:
            nested = _nested(kind, tag, content) if depth < DEEPEST else None
            yield Element(*place, "" if nested else _value(kind, tag, content), inside)
            if nested:
                skipped = len(content) - len(nested)
                yield from _walk(nested, start + skipped, depth + 1, inside=True)
        position += len(header) + len(content) + len(trailer)


def _name(kind: int, tag: int) -> str:
    if kind == 0:
        return _UNIVERSAL.get(tag, f"UNIVERSAL {tag}")
    return {1: f"APPLICATION {tag}", 2: f"[{tag}]"}.get(kind, f"PRIVATE {tag}")


def _nested(kind: int, tag: int, content: bytes) -> bytes | None:
    """Return what an OCTET STRING or BIT STRING holds if that is one whole DER structure."""
    if kind != 0 or tag not in {3, 4} or not content:
        return None
    body = content[1:] if tag == 3 and content[0] == 0 else content
    if not body or body[0] not in {0x30, 0x31, 0x03, 0x04, 0x02, 0x0C}:
        return None
    try:
        _, method, _, header, inner, trailer = parser.parse(body, strict=True)
    except ValueError:
        return None
    whole = len(header) + len(inner) + len(trailer) == len(body)
    return body if whole and (method == 1 or body[0] in {0x03, 0x04}) else None


def _value(kind: int, tag: int, content: bytes) -> str:
    if kind != 0:
        return _text_or_hex(content)
    if tag in _TEXTS:
        return visible(content.decode(_TEXTS[tag], "backslashreplace"))
    try:
        return _plain(tag, content)
    except (ValueError, TypeError, IndexError):
        return _hex(content)


def _plain(tag: int, content: bytes) -> str:
    match tag:
        case 1:
            return "TRUE" if content != b"\0" else "FALSE"
        case 2 | 10:
            number = int.from_bytes(content, "big", signed=True)
            return str(number) if len(content) <= 8 else _hex(content)
        case 3:
            return f"{_hex(content[1:])}"
        case 5:
            return ""
        case 6:
            oid = core.ObjectIdentifier(contents=content)
            mapped = NAMES.get(str(oid.dotted), "")
            return f"{oid.dotted} ({mapped})" if mapped else str(oid.dotted)
        case _:
            return _hex(content)


def _text_or_hex(content: bytes) -> str:
    text = content.decode("ascii", "replace")
    return (
        text
        if content and text.isprintable() and "\N{REPLACEMENT CHARACTER}" not in text
        else (_hex(content))
    )


def _hex(content: bytes) -> str:
    shown = content[:_PREVIEW].hex(" ")
    return f"{shown} …" if len(content) > _PREVIEW else shown


NAMES: Final = {
    "2.5.4.3": "commonName", "2.5.4.5": "serialNumber", "2.5.4.6": "countryName",
    "2.5.4.7": "localityName", "2.5.4.8": "stateOrProvinceName", "2.5.4.10": "organizationName",
    "2.5.4.11": "organizationalUnitName", "2.5.29.14": "subjectKeyIdentifier",
    "2.5.29.15": "keyUsage", "2.5.29.17": "subjectAltName", "2.5.29.19": "basicConstraints",
    "2.5.29.30": "nameConstraints", "2.5.29.31": "cRLDistributionPoints",
    "2.5.29.32": "certificatePolicies", "2.5.29.35": "authorityKeyIdentifier",
    "2.5.29.37": "extKeyUsage", "1.3.6.1.5.5.7.1.1": "authorityInfoAccess",
    "1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning", "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning", "1.2.840.113549.1.1.1": "rsaEncryption",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.10045.2.1": "ecPublicKey", "1.2.840.10045.3.1.7": "prime256v1",
    "1.3.132.0.34": "secp384r1", "1.3.132.0.35": "secp521r1",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256", "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512", "1.3.101.112": "Ed25519",
    "2.16.840.1.101.3.4.3.17": "id-ml-dsa-44", "2.16.840.1.101.3.4.3.18": "id-ml-dsa-65",
    "2.16.840.1.101.3.4.3.19": "id-ml-dsa-87",
}  # fmt: skip
"""Object identifiers by name, those that certificates of this program have (RFC 5280, RFC 9881)."""
