"""DER, strictly: one way to write it, one way to read it (ITU-T X.690 §10, §11).

Owns tags, lengths and order. Must not know what the values mean. Reading never copies: elements are
views into the input, so that a large attached content costs no memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from asn1crypto import core

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

_LONGEST_OID: Final = 64
_LONGEST_INTEGER: Final = 64
_MOST_CHILDREN: Final = 4096
_DEEPEST: Final = 32
_CONSTRUCTED: Final = 0x20
_UTC_TIME_ENDS: Final = 2050


class Malformed(ValueError):
    """Bytes that do not follow their standard.

    Attributes:
        sentence: what is wrong, for people.
        rule: the standard and section that is broken.
    """

    def __init__(self, sentence: str, rule: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Element:
    """One DER value: its tag, its content, and both with the length between them."""

    tag: int
    content: memoryview
    raw: memoryview


def length(size: int) -> bytes:
    """Return the length octets of a definite, shortest form (X.690 §10.1)."""
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one value: tag, length, and the parts one after the other."""
    content = b"".join(parts)
    return bytes((tag,)) + length(len(content)) + content


def set_of(items: Iterable[bytes], tag: int = SET) -> bytes:
    """Return a SET OF in the order DER demands (X.690 §11.6)."""
    return tlv(tag, *sorted(items))


def object_identifier(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    encoded: bytes = core.ObjectIdentifier(dotted).dump()
    return encoded


def moment(time: datetime) -> bytes:
    """Return a Time: UTCTime through 2049, else GeneralizedTime (RFC 5652 §11.3)."""
    utc = time.astimezone(UTC)
    if 1950 <= utc.year < _UTC_TIME_ENDS:
        return tlv(UTC_TIME, utc.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(GENERALIZED_TIME, f"{utc.year:04}{utc:%m%d%H%M%S}Z".encode())


def read(data: bytes | memoryview, what: str) -> Element:
    """Read exactly one value.

    Args:
        data: the bytes, all of which must belong to it.
        what: what they should be, to begin a sentence with.

    Raises:
        Malformed: not DER, cut off, or followed by something.
    """
    view = memoryview(data)
    element, end = _next(view, 0, what)
    if end != len(view):
        raise Malformed(
            f"{what} is followed by {len(view) - end} bytes that do not belong to it.",
            "X.690 §8.1.1",
        )
    return element


def leading(data: bytes | memoryview, what: str) -> Element:
    """Read the value some bytes begin with, whatever follows; raises `Malformed` as `read` does."""
    return _next(memoryview(data), 0, what)[0]


def closed(data: bytes | memoryview, what: str) -> tuple[bytes, int]:
    """Return the value some bytes begin with, the lengths that BER leaves open put in.

    Nothing else of BER is taken away: values in pieces stay so, and are for the reader to refuse.

    Args:
        data: the bytes, whatever follows the value.
        what: what they should be, to begin a sentence with.

    Returns:
        The value with definite lengths (X.690 §8.1.3), and how many bytes it was before.

    Raises:
        Malformed: cut off, too deep, or not BER.
    """
    return _closed(memoryview(data), 0, what, 0)


def children(element: Element, what: str) -> list[Element]:
    """Read the values inside a constructed value; raises `Malformed` as `read` does."""
    found: list[Element] = []
    position = 0
    while position < len(element.content):
        if len(found) == _MOST_CHILDREN:
            raise Malformed(f"{what} has more than {_MOST_CHILDREN} parts.", "RFC 5652")
        child, position = _next(element.content, position, what)
        found.append(child)
    return found


def expect(element: Element, tag: int, what: str, rule: str = "RFC 5652") -> Element:
    """Return `element` if it has the tag; raises `Malformed` otherwise."""
    if element.tag == tag:
        return element
    if element.tag == tag | 0x20 and tag in {OCTET_STRING, UTC_TIME, GENERALIZED_TIME}:
        raise Malformed(f"{what} is in pieces, as BER allows and DER does not.", "X.690 §10.2")
    raise Malformed(f"{what} has the tag 0x{element.tag:02x} instead of 0x{tag:02x}.", rule)


def sorted_set(element: Element, what: str, rule: str) -> list[Element]:
    """Return the members of a SET OF, which must be in DER's order, each once."""
    members = children(element, what)
    encodings = [bytes(member.raw) for member in members]
    if encodings != sorted(encodings):
        raise Malformed(f"{what} are not in DER's order.", rule)
    return members


def integer(element: Element, what: str) -> int:
    """Return an INTEGER of shortest form (X.690 §8.3.2)."""
    octets = expect(element, INTEGER, what).content
    if not 0 < len(octets) <= _LONGEST_INTEGER:
        raise Malformed(f"{what} is an INTEGER of {len(octets)} bytes.", "X.690 §8.3")
    if len(octets) > 1 and octets[0] in {0x00, 0xFF} and (octets[0] ^ octets[1]) < 0x80:
        raise Malformed(f"{what} is not in the shortest form.", "X.690 §8.3.2")
    return int.from_bytes(octets, "big", signed=True)


def dotted(element: Element, what: str) -> str:
    """Return an OBJECT IDENTIFIER as dotted text."""
    octets = expect(element, OID, what).content
    starts = [0, *(i + 1 for i, octet in enumerate(octets) if octet < 0x80)]
    ended = bool(octets) and octets[-1] < 0x80 and len(octets) <= _LONGEST_OID
    if not ended or any(octets[start] == 0x80 for start in starts[:-1]):
        raise Malformed(f"{what} is not a well-formed OBJECT IDENTIFIER.", "X.690 §8.19")
    text: str = core.ObjectIdentifier.load(bytes(element.raw)).dotted
    return text


def time(element: Element, what: str) -> datetime:
    """Return a Time in UTC, in the one form that RFC 5652 §11.3 allows for its year."""
    text = bytes(element.content)
    year = 2 if element.tag == UTC_TIME else 4
    if (
        element.tag not in {UTC_TIME, GENERALIZED_TIME}
        or len(text) != year + 11
        or not text.endswith(b"Z")
        or not text[:-1].isdigit()
    ):
        raise Malformed(f"{what} is not a UTC time with seconds.", "RFC 5652 §11.3")
    number = int(text[:year])
    if year == 2:
        number += 1900 if number >= 50 else 2000
    try:
        found = datetime.strptime(f"{number:04}{text[year:-1].decode()}+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        raise Malformed(f"{what} is no date of the calendar.", "RFC 5652 §11.3") from None
    if (1950 <= number < _UTC_TIME_ENDS) != (year == 2):
        raise Malformed(
            f"{what} uses the other of the two time types than its year asks for.",
            "RFC 5652 §11.3",
        )
    return found


def _closed(view: memoryview, position: int, what: str, depth: int) -> tuple[bytes, int]:
    """Return the value at a position with all lengths put in, and where it ends."""
    if depth > _DEEPEST:
        raise Malformed(f"{what} is nested too deeply.", "RFC 5652")
    opened = bytes(view[position + 1 : position + 2]) == b"\x80"
    if opened:
        tag, within, start, end = view[position], view, position + 2, 0
    else:
        element, end = _next(view, position, what)
        tag, within, start = element.tag, element.content, 0
        if not tag & _CONSTRUCTED:
            return bytes(element.raw), end
    parts: list[bytes] = []
    while start < len(within) and not (opened and bytes(within[start : start + 2]) == b"\0\0"):
        if len(parts) == _MOST_CHILDREN:
            raise Malformed(f"{what} has more than {_MOST_CHILDREN} parts.", "RFC 5652")
        part, start = _closed(within, start, what, depth + 1)
        parts.append(part)
    if opened:
        if start >= len(within) or not tag & _CONSTRUCTED or tag & 0x1F == 0x1F:
            raise Malformed(f"{what} is cut off.", "X.690 §8.1")
        end = start + 2
    return tlv(tag, *parts), end


def _next(view: memoryview, position: int, what: str) -> tuple[Element, int]:
    cut_off = Malformed(f"{what} is cut off.", "X.690 §8.1")
    if len(view) - position < 2:
        raise cut_off
    tag, first = view[position], view[position + 1]
    if tag & 0x1F == 0x1F:
        raise Malformed(f"{what} has a tag that no CMS structure has.", "RFC 5652")
    start = position + 2
    size = first
    if first == 0x80:
        raise Malformed(
            f"{what} is BER with lengths left open, not DER; rewrite it with “openssl cms "
            "-cmsout -inform DER -outform DER”.",
            "X.690 §10.1",
        )
    if first > 0x80:
        octets = view[start : start + (first & 0x7F)]
        start += len(octets)
        if len(octets) != first & 0x7F or len(octets) > 8:
            raise cut_off
        size = int.from_bytes(octets, "big")
        if octets[0] == 0 or size < 0x80:
            raise Malformed(f"{what} has a length that is not in the shortest form.", "X.690 §10.1")
    end = start + size
    if end > len(view):
        raise cut_off
    return Element(tag, view[start:end], view[position:end]), end
