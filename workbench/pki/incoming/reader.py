"""Bytes brought in, whatever they are: PEM of many blocks, DER, a database, or nothing of use.

Owns telling formats by their content and never by a name, and the limits of what is read.
Source: RFC 7468 for PEM.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from workbench.base.errors import Refused
from workbench.crypto.foreign import read_private_pem
from workbench.pki.incoming.items import (
    LARGEST,
    LARGEST_DATABASE,
    MOST_ITEMS,
    Item,
    Reading,
    Sealed,
    Sort,
    nothing,
)
from workbench.pki.incoming.structures import first_element, key_item, read_structure
from workbench.pki.incoming.xca import SQLITE, read_xca

_BEGIN: Final = b"-----BEGIN "
_HEADERS: Final = re.compile(
    rb"\s*+(?:[A-Za-z][\w-]*+: [^\r\n]*+(?:\r?\n[ \t][^\r\n]*+)*+\r?\n)++\r?\n"
)
"""PEM's headers (RFC 1421 §4.6). Nothing of them matches in two ways, or a file could stop us."""
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=\s]+")
_PARAMETERS: Final = frozenset({b"EC PARAMETERS", b"DSA PARAMETERS", b"DH PARAMETERS"})
_TRUSTED: Final = b"TRUSTED CERTIFICATE"
_OTHER_FORMATS: Final = (
    (b"\xfe\xed\xfe\xed", "a Java keystore (JKS)"),
    (b"\xce\xce\xce\xce", "a Java keystore (JCEKS)"),
)
_ARCHIVES: Final = (
    (b"PK\x03\x04", "a ZIP archive"), (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"), (b"\xfd7zXZ\x00", "an xz archive"),
    (b"BZh", "a bzip2 archive"), (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
)  # fmt: skip
_KEYTOOL: Final = (
    "It is {what}, which no maintained library reads. Convert it with Java's own tool and import "
    "the result: keytool -importkeystore -srckeystore STORE -destkeystore STORE.p12 "
    "-deststoretype PKCS12"
)
_SSH: Final = (
    "It is an OpenSSH private key. Convert a copy of it and import that: "
    "ssh-keygen -p -m PKCS8 -f COPY"
)


def read_incoming(data: bytes, source: str = "") -> Reading:
    """Return what bytes hold; never raises and never unpacks.

    Args:
        data: at most `LARGEST_DATABASE` bytes are looked at.
        source: where they were found: a file's name, or empty for pasted text.
    """
    database = data.startswith(SQLITE)
    largest = LARGEST_DATABASE if database else LARGEST
    if len(data) > largest:
        return nothing(source, f"It is larger than {largest >> 20} MiB and was not read.")
    if database:
        return read_xca(data, source)
    data = _as_bytes(data)
    problem = _foreign(data) if data.strip() else "It is empty."
    if problem:
        return nothing(source, problem)
    if _BEGIN in data:
        return _pem(data, source)
    return read_structure(_bare_base64(data) or _without_line_end(data), source)


def _as_bytes(data: bytes) -> bytes:
    """Return text in UTF-16, as Windows' editor writes it, in UTF-8; anything else as it is."""
    if not data.startswith(_UTF16):
        return data
    return data.decode("utf-16", "replace").encode()


def _without_line_end(data: bytes) -> bytes:
    """Return DER without the line end that some transfers and editors put behind it."""
    first = first_element(data)
    return first if first and not data[len(first) :].strip() else data


def _foreign(data: bytes) -> str:
    for magic, what in _OTHER_FORMATS:
        if data.startswith(magic):
            return _KEYTOOL.format(what=what)
    for magic, what in _ARCHIVES:
        if data.startswith(magic):
            return (
                f"It is {what}; archives are not unpacked here. Unpack it and bring what is in it."
            )
    return ""


def _bare_base64(data: bytes) -> bytes:
    """Return DER that is written as Base64 without PEM's first and last line."""
    if not data.lstrip().startswith(b"MI") or not _BASE64.fullmatch(data):
        return b""
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return b""


def _pem(data: bytes, source: str) -> Reading:
    items: list[Item] = []
    sealed: list[Sealed] = []
    for reading in _blocks(data, source):
        items.extend(reading.items)
        sealed.extend(reading.sealed)
        if len(items) + len(sealed) >= MOST_ITEMS:
            items.append(
                Item(Sort.OTHER, source, problem=f"Only the first {MOST_ITEMS} entries were read.")
            )
            break
    if not items and not sealed:
        return nothing(source, "There is nothing in it that can be imported.")
    return Reading(tuple(items), tuple(sealed))


def _blocks(data: bytes, source: str) -> Iterator[Reading]:
    position = number = 0
    while (start := data.find(_BEGIN, position)) >= 0:
        number += 1
        label_end = data.find(b"-----", start + len(_BEGIN), start + 128)
        if label_end < 0:
            position = start + len(_BEGIN)
            yield nothing(source, f"Entry {number} has a damaged first line.")
            continue
        label = data[start + len(_BEGIN) : label_end]
        closing = b"-----END " + label + b"-----"
        end = data.find(closing, label_end)
        if end < 0:
            yield nothing(source, f"Entry {number} is cut off: its last line is missing.")
            return
        position = end + len(closing)
        yield _block(number, label, data[label_end + 5 : end], data[start:position], source)


def _block(number: int, label: bytes, body: bytes, whole: bytes, source: str) -> Reading:
    if label in _PARAMETERS:
        return Reading()
    if label == b"OPENSSH PRIVATE KEY":
        return nothing(source, _SSH)
    headers = _HEADERS.match(body)
    if headers and b"ENCRYPTED" in headers[0]:
        return Reading(sealed=(_sealed_pem(whole + b"\n", source),))
    try:
        der = base64.b64decode(b"".join(body[headers.end() if headers else 0 :].split()),
                               validate=True)  # fmt: skip
    except binascii.Error:
        return nothing(source, f"Entry {number} is damaged: it is not Base64.")
    if label == _TRUSTED:
        der = first_element(der)
    return read_structure(der, source)


def _sealed_pem(block: bytes, source: str) -> Sealed:
    def opened(password: str) -> list[Item]:
        try:
            key = read_private_pem(block, password)
        except Refused as error:
            if type(error) is not Refused:
                raise
            return [Item(Sort.KEY, source, problem=str(error))]
        return [key_item(key, source)]

    return Sealed(source, "Encrypted private key", opened)
