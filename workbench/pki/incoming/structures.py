"""One DER structure, told by what is inside it: certificate, request, list, answer, key, container.

Owns telling them apart. What a password protects is returned sealed.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from workbench.base.errors import Refused
from workbench.crypto.foreign import ForeignKey, read_private
from workbench.crypto.pkcs12 import Opened, open_pkcs12
from workbench.pki.algorithms import key_summary
from workbench.pki.documents import Document, DocumentKind, read_answer, read_list, read_request
from workbench.pki.incoming.items import (
    LARGEST,
    MOST_ITEMS,
    Item,
    Reading,
    Sealed,
    Sort,
    nothing,
)
from workbench.pki.incoming.trouble import remarks, why_unreadable
from workbench.pki.names import common_name
from workbench.pki.parse import Malformed, facts, read_certificates

_SORTS: Final = {
    DocumentKind.REQUEST: Sort.REQUEST,
    DocumentKind.LIST: Sort.LIST,
    DocumentKind.ANSWER: Sort.ANSWER,
}
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_CONTENT_INFO: Final = bytes.fromhex("06092a864886f70d0107")
_OLD_SCHEME: Final = (
    "A part of it is under an old protection (RC2 or triple DES) and stays closed, because the key "
    "beside it is of a newer kind. Write the container anew without “-legacy”."
)
_ENUMERATED, _INTEGER, _SEQUENCE, _OCTETS, _BITS = 0x0A, 0x02, 0x30, 0x04, 0x03


def read_structure(der: bytes, source: str) -> Reading:
    """Return what one DER structure is; never raises.

    Args:
        der: the bytes.
        source: where they were found.
    """
    if len(der) > LARGEST:
        return nothing(source, f"It is larger than {LARGEST >> 20} MiB and was not read.")
    if der.startswith(b"\x30") and der[1:2] != b"\x80" and _length(der) != len(der):
        return nothing(source, "It is cut off, or has bytes too many: its length does not fit.")
    return _reader(der)(der, source)


def read_certificate(der: bytes, source: str) -> Reading:
    """Return a certificate with its verdict."""
    try:
        one = facts(der)
    except Malformed as error:
        problem = why_unreadable(der, str(error))
        return Reading((Item(Sort.CERTIFICATE, source, problem=problem),))
    return Reading(
        (
            Item(
                Sort.CERTIFICATE,
                source,
                common_name(one.certificate.subject),
                key_summary(one.certificate).name,
                der,
                remark=remarks(one),
                spki_hash=hashlib.sha256(one.spki).hexdigest(),
                root=one.self_issued and one.ca,
            ),
        )
    )


def read_key(der: bytes, source: str, name: str = "", password: str | None = None) -> Item:
    """Return a private key with its verdict.

    Raises:
        WrongPassword: it is encrypted and the password is not the one.
    """
    try:
        key = read_private(der, password)
    except Refused as error:
        if password is not None and type(error) is not Refused:
            raise
        return Item(Sort.KEY, source, name, problem=str(error))
    return key_item(key, source, name)


def key_item(key: ForeignKey, source: str, name: str = "") -> Item:
    """Return a private key that was read."""
    return Item(
        Sort.KEY,
        source,
        name,
        key.name,
        problem=key.why_not,
        remark=key.remark,
        key=key,
        spki_hash=hashlib.sha256(key.spki).hexdigest() if key.spki else "",
    )


def sealed_key(der: bytes, source: str, name: str = "") -> Sealed:
    """Return an encrypted private key that waits for its password."""
    title = f"Private key “{name}”" if name else "Encrypted private key"
    return Sealed(source, title, lambda password: [read_key(der, source, name, password)])


def _reader(der: bytes) -> Callable[[bytes, str], Reading]:
    first, inner = _peek(der)
    if first == _SEQUENCE:
        return _parted(der)
    if first == _INTEGER:
        return _numbered(der)
    if first == _ENUMERATED:
        return partial(_document, read_answer)
    return _bag if inner.startswith(_CONTENT_INFO) else _unknown


def _parted(der: bytes) -> Callable[[bytes, str], Reading]:
    """Return the reader of what begins with a part of its own: what is signed, or how it is."""
    kind = {_OCTETS: _sealed, _BITS: _public}.get(_after_first(der))
    if kind is not None:
        return kind
    signed = _inside(_inside(der))
    if _inside(signed).startswith(b"\x06") or signed.startswith(b"\x02\x01\x01\x30"):
        return partial(_document, read_list)
    if signed.startswith(b"\x02\x01\x00\x30"):
        return partial(_document, read_request)
    return read_certificate


def _numbered(der: bytes) -> Callable[[bytes, str], Reading]:
    """Return the reader of what begins with a version number."""
    if _inside(der).startswith(b"\x02\x01\x03\x30"):
        return _container
    return lambda data, source: Reading((read_key(data, source),))


def _sealed(der: bytes, source: str) -> Reading:
    return Reading(sealed=(sealed_key(der, source),))


def _public(_der: bytes, source: str) -> Reading:
    return nothing(source, "It is a public key alone; bring its certificate or its request.")


def _unknown(_der: bytes, source: str) -> Reading:
    return nothing(
        source, "It is nothing that can be imported: no certificate, request, list, answer or key."
    )


def _document(reader: Callable[[bytes], Document], der: bytes, source: str) -> Reading:
    try:
        one = reader(der)
    except Malformed as error:
        return nothing(source, str(error))
    item = Item(
        _SORTS[one.kind],
        source,
        one.title,
        one.detail,
        der,
        remark=one.warning,
        spki_hash=one.spki_hash,
    )
    return Reading((item,))


def _bag(der: bytes, source: str) -> Reading:
    if _SIGNED_DATA not in der[:32]:
        return nothing(
            source, "It is a CMS message without certificates, such as an encrypted one."
        )
    items: list[Item] = []
    for found in read_certificates(der)[:MOST_ITEMS]:
        if found.problem:
            items.append(Item(Sort.CERTIFICATE, source, problem=found.problem))
        else:
            items.extend(read_certificate(found.der, source).items)
    return Reading(tuple(items)) if items else nothing(source, "There are no certificates in it.")


def _container(der: bytes, source: str) -> Reading:
    def opened(password: str) -> list[Item]:
        return _contents(open_pkcs12(der, password), source)

    return Reading(sealed=(Sealed(source, "PKCS#12 container", opened),))


def _contents(opened: Opened, source: str) -> list[Item]:
    items: list[Item] = []
    for name, der in opened.certificates:
        items.extend(
            one if one.name else replace(one, name=name)
            for one in read_certificate(der, source).items
        )
    for name, key in opened.keys:
        if isinstance(key, Refused):
            items.append(Item(Sort.KEY, source, name, problem=str(key)))
        else:
            items.append(key_item(key, source, name))
    if opened.unread:
        items.append(Item(Sort.OTHER, source, problem=_OLD_SCHEME))
    return items


def _header(data: bytes) -> int:
    """Return how many bytes tag and length take; 0 where there is no element."""
    if len(data) < 2:
        return 0
    return 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)


def _inside(data: bytes) -> bytes:
    """Return the beginning of what is inside an outer SEQUENCE."""
    if not data.startswith(b"\x30"):
        return b""
    return data[_header(data) :][:64]


def _peek(der: bytes) -> tuple[int, bytes]:
    """Return the first tag inside, and what follows from there."""
    inner = _inside(der)
    return (inner[0] if inner else -1), inner


def _after_first(der: bytes) -> int:
    """Return the tag of the second element inside."""
    inner = der[_header(der) :]
    size = _header(inner)
    if not size:
        return -1
    length = inner[1]
    if length & 0x80:
        length = int.from_bytes(inner[2:size], "big")
    place = size + length
    return inner[place] if place < len(inner) else -1


def first_element(der: bytes) -> bytes:
    """Return the first element of several, such as a certificate before OpenSSL's trust data."""
    return der[: _length(der)]


def _length(der: bytes) -> int:
    """Return how many bytes the first element says that it has, tag and length included."""
    size = _header(der)
    length = der[1] if size else 0
    if length & 0x80:
        length = int.from_bytes(der[2:size], "big")
    return size + length
