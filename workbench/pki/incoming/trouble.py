"""Why a certificate cannot be read, and what is odd about one that can: in sentences.

Owns only words; `parse` decides. Looks at the outermost fields itself, because a library that
refuses a certificate seldom says why. Source: RFC 5280 §4.1 and §4.1.2.
"""

import re
from collections.abc import Iterator
from typing import Final

from workbench.pki.parse import Facts
from workbench.pki.paths import signed_by

_LONGEST_SERIAL: Final = 20
_MOST_FIELDS: Final = 16
_UTC: Final = re.compile(rb"[0-9]{12}Z")
_GENERALIZED: Final = re.compile(rb"[0-9]{14}Z")


def why_unreadable(der: bytes, said: str) -> str:
    """Return the most telling sentence about a certificate that could not be read.

    Args:
        der: the bytes.
        said: what the reader said.
    """
    outer = _value(der)
    if outer is None or "twice" in said or "larger" in said:
        return said
    fields = list(_fields(_first(outer)))
    for found in (_version(fields), _times(fields)):
        if found:
            return found
    return said


def remarks(one: Facts) -> str:
    """Return what is odd about a certificate that can be read, in a sentence; or empty."""
    serial = one.certificate.serial_number
    if serial <= 0:
        return "Its serial number is not positive (RFC 5280 §4.1.2.2)."
    if serial.bit_length() > 8 * _LONGEST_SERIAL:
        size = (serial.bit_length() + 7) // 8
        return f"Its serial number has {size} bytes; RFC 5280 §4.1.2.2 allows {_LONGEST_SERIAL}."
    if one.self_issued and one.ca and not signed_by(one, one):
        return "Its signature does not verify with its own key: it is damaged, forged or re-keyed."
    return ""


def _version(fields: list[tuple[int, bytes]]) -> str:
    if not fields or fields[0][0] != 0xA0:
        return ""
    number = next((value for tag, value in _fields(fields[0][1]) if tag == 0x02), b"")
    version = int.from_bytes(number[:4], "big", signed=True)
    if 0 <= version <= 2 and len(number) == 1:
        return ""
    shown = version + 1 if len(number) <= 4 else "of many digits"
    return f"It says that it is of X.509 version {shown}; there are versions 1 to 3."


def _times(fields: list[tuple[int, bytes]]) -> str:
    # version?, serial, signature, issuer, validity
    place = 4 if fields and fields[0][0] == 0xA0 else 3
    if len(fields) <= place:
        return ""
    for name, (tag, value) in zip(("begins", "ends"), _fields(fields[place][1]), strict=False):
        form = {0x17: _UTC, 0x18: _GENERALIZED}.get(tag)
        if form is None or not form.fullmatch(value):
            shown = ascii(value[:32].decode("latin-1"))[1:-1]
            return (
                f"The time when it {name}, “{shown}”, is not written as RFC 5280 §4.1.2.5 demands."
            )
    return ""


def _value(data: bytes) -> bytes | None:
    """Return what one element holds if it fills `data` wholly."""
    fields = list(_fields(data))
    return fields[0][1] if len(fields) == 1 else None


def _first(data: bytes) -> bytes:
    return next((value for _tag, value in _fields(data)), b"")


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of elements one after the other; ends early where they are broken."""
    place = 0
    for _ in range(_MOST_FIELDS):
        if place + 2 > len(data):
            return
        tag, size = data[place], data[place + 1]
        place += 2
        if size & 0x80:
            count = size & 0x7F
            if not 0 < count <= 4 or place + count > len(data):
                return
            size = int.from_bytes(data[place : place + count], "big")
            place += count
        if place + size > len(data):
            return
        yield tag, data[place : place + size]
        place += size
