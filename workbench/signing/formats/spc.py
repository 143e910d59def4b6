"""Authenticode's ASN.1: what a signature says it is over, and PKCS #7 turned into today's CMS.

Owns writing and strict reading of it. Must not know executables or certificates.

Source: Windows Authenticode Portable Executable Signature Format (Microsoft, 2008); RFC 2315 §9.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from workbench.signing import der
from workbench.signing.algorithms import DIGESTS
from workbench.signing.cms_build import SIGNED_DATA, attribute
from workbench.signing.cms_frame import attributes_of
from workbench.signing.formats.base import Broken
from workbench.signing.formats.pe import AUTHENTICODE
from workbench.signing.formats.signed_data import SIGNATURE_TIME_STAMP

INDIRECT_DATA: Final = "1.3.6.1.4.1.311.2.1.4"
_IMAGE_DATA: Final = "1.3.6.1.4.1.311.2.1.15"
_OPUS: Final = "1.3.6.1.4.1.311.2.1.12"
_STAMP: Final = "1.3.6.1.4.1.311.3.3.1"
_NESTED: Final = "1.3.6.1.4.1.311.2.4.1"
_BIT_STRING: Final = 0x03
_MOST_NESTED: Final = 16
_NEXT: Final = "Get an undamaged copy of the program."
_BY_OID: Final = {one.oid: name for name, one in DIGESTS.items() if name.startswith("SHA-")}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A signature of a program, taken apart.

    Attributes:
        digest: of the image, by name.
        stated: the digest.
        content: what the signature is over: the indirect data without its frame.
        cms: the signature as CMS, its content outside.
        nested: further signatures kept in it, as they are.
    """

    digest: str
    stated: bytes
    content: bytes = field(repr=False)
    cms: bytes = field(repr=False)
    nested: tuple[bytes, ...] = field(repr=False)


def indirect_data(digest: str, value: bytes) -> bytes:
    """Return the indirect data about a PE image, with its frame.

    Args:
        digest: name of the digest.
        value: the image's digest.
    """
    # An empty text: what stood there once is obsolete.
    link = der.tlv(0xA0, der.tlv(0xA2, der.tlv(0x80)))
    image = der.tlv(der.SEQUENCE, der.tlv(_BIT_STRING, b"\0"), link)
    return der.tlv(
        der.SEQUENCE,
        der.tlv(der.SEQUENCE, der.object_identifier(_IMAGE_DATA), image),
        der.tlv(der.SEQUENCE, DIGESTS[digest].identifier, der.tlv(der.OCTET_STRING, value)),
    )


def content_of(framed: bytes) -> bytes:
    """Return indirect data without its frame: what is signed (RFC 2315 §9.3)."""
    return bytes(der.read(framed, "The indirect data").content)


def opus(description: str, url: str) -> bytes:
    """Return the signed attribute that describes a program.

    Args:
        description: what Windows shows as its name, or empty.
        url: where to read more, ASCII, or empty.
    """
    parts = []
    if description:
        parts.append(der.tlv(0xA0, der.tlv(0x80, description.encode("utf-16-be"))))
    if url:
        parts.append(der.tlv(0xA1, der.tlv(0x80, url.encode("ascii"))))
    return attribute(_OPUS, der.tlv(der.SEQUENCE, *parts))


def unsigned_attributes(stamp: bytes | None, nested: Sequence[bytes]) -> bytes:
    """Return the unsigned attributes: a timestamp and nested signatures; or nothing."""
    found = [] if stamp is None else [attribute(_STAMP, stamp)]
    if nested:
        kind = der.object_identifier(_NESTED)
        found.append(der.tlv(der.SEQUENCE, kind, der.set_of(nested)))
    return der.set_of(found, tag=0xA1) if found else b""


def pkcs7(digest: bytes, content: bytes, certificates: Sequence[bytes], info: bytes) -> bytes:
    """Return a signature as PKCS #7 has it, its content inside without the octet string of CMS.

    Args:
        digest: the digest's algorithm identifier.
        content: the indirect data.
        certificates: the chain.
        info: the SignerInfo without its frame.
    """
    inside = der.tlv(
        der.SEQUENCE,
        der.tlv(der.INTEGER, b"\x01"),
        der.set_of([digest]),
        der.tlv(der.SEQUENCE, der.object_identifier(INDIRECT_DATA), der.tlv(0xA0, content)),
        der.set_of(set(certificates), tag=0xA0),
        der.set_of([der.tlv(der.SEQUENCE, info)]),
    )
    return der.tlv(der.SEQUENCE, der.object_identifier(SIGNED_DATA), der.tlv(0xA0, inside))


def read_signature(data: bytes) -> Spoken:
    """Take a program's signature apart.

    Raises:
        Broken: it is malformed.
    """
    try:
        return _read(data)
    except der.Malformed as error:
        raise Broken(error.sentence, error.rule, _NEXT) from error
    except (IndexError, ValueError) as error:
        raise Broken("The signature is malformed.", AUTHENTICODE, _NEXT) from error


def _read(data: bytes) -> Spoken:
    what = "The signature"
    # What fills the table up to its alignment is not part of the signature.
    whole = der.expect(der.leading(data, what), der.SEQUENCE, what)
    if bytes(data[len(whole.raw) :]).strip(b"\0"):
        raise Broken("Something stands behind the signature.", AUTHENTICODE, _NEXT)
    kind, wrapped = der.children(whole, what)
    (signed,) = der.children(der.expect(wrapped, 0xA0, what), what)
    parts = der.children(der.expect(signed, der.SEQUENCE, what), what)
    version, digests, inside, *rest, signers = parts
    der.expect(inside, der.SEQUENCE, what)
    der.expect(signers, der.SET, what)
    if der.dotted(kind, what) != SIGNED_DATA or der.integer(version, what) != 1:
        raise Broken("It is not a signature as programs have it.", "RFC 2315 §9.1", _NEXT)
    content_kind, framed = der.children(inside, what)
    if der.dotted(content_kind, what) != INDIRECT_DATA or framed.tag != 0xA0:
        raise Broken("The signature is not over a program.", AUTHENTICODE, _NEXT)
    (content,) = der.children(framed, what)
    digest, stated = _stated(der.expect(content, der.SEQUENCE, what))
    (signer,) = der.children(signers, "The signers")
    info, nested = _modern(signer)
    cms = der.tlv(
        der.SEQUENCE,
        der.tlv(der.INTEGER, b"\x03"),
        bytes(digests.raw),
        der.tlv(der.SEQUENCE, der.object_identifier(INDIRECT_DATA)),
        *(bytes(one.raw) for one in rest),
        der.tlv(der.SET, info),
    )
    made = der.tlv(der.SEQUENCE, der.object_identifier(SIGNED_DATA), der.tlv(0xA0, cms))
    return Spoken(digest, stated, bytes(content.content), made, nested)


def _stated(content: der.Element) -> tuple[str, bytes]:
    """Return the image's digest that indirect data states."""
    about, digest_info = der.children(content, "The indirect data")
    kind = der.children(about, "The indirect data")[0]
    if der.dotted(kind, "The indirect data") != _IMAGE_DATA:
        raise Broken("The signature is not over a PE image.", AUTHENTICODE, _NEXT)
    algorithm, value = der.children(digest_info, "The digest")
    name = _BY_OID.get(der.dotted(der.children(algorithm, "The digest")[0], "The digest"))
    if name is None:
        raise Broken(
            "The program's digest is weaker than SHA-256 and can be forged.",
            "SP 800-131A Rev. 2 §9",
            "Ask for a program with a newer signature.",
        )
    return name, bytes(der.expect(value, der.OCTET_STRING, "The digest").content)


def _modern(signer: der.Element) -> tuple[bytes, tuple[bytes, ...]]:
    """Return a SignerInfo with Microsoft's timestamp as CMS names it, and nested signatures."""
    parts = der.children(der.expect(signer, der.SEQUENCE, "A signer"), "A signer")
    if parts[-1].tag != 0xA1:
        return bytes(signer.raw), ()
    kept: list[bytes] = []
    nested: list[bytes] = []
    for kind, values in attributes_of(bytes(parts[-1].raw)):
        if kind == _NESTED and not nested:
            nested += values
            continue
        name = SIGNATURE_TIME_STAMP if kind == _STAMP else kind
        kept.append(der.tlv(der.SEQUENCE, der.object_identifier(name), der.set_of(values)))
    if len(nested) > _MOST_NESTED:
        raise Broken(f"The program has over {_MOST_NESTED} signatures.", AUTHENTICODE, _NEXT)
    tail = der.set_of(kept, tag=0xA1) if kept else b""
    front = b"".join(bytes(part.raw) for part in parts[:-1])
    return der.tlv(der.SEQUENCE, front + tail), tuple(nested)
