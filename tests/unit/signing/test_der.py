"""DER: what is written is what asn1crypto writes, what is read is DER and nothing else."""

from datetime import UTC, datetime

import pytest
from asn1crypto import cms, core
from hypothesis import given
from hypothesis import strategies as st

from workbench.signing import der


@given(st.binary(max_size=70_000))
def test_values_are_written_as_asn1crypto_writes_them(content: bytes) -> None:
    assert der.tlv(der.OCTET_STRING, content) == core.OctetString(content).dump()


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65535, 65536, 1 << 24])
def test_lengths_are_shortest(size: int) -> None:
    content = bytes(size)
    assert der.tlv(der.OCTET_STRING, content) == core.OctetString(content).dump()
    assert der.read(der.tlv(der.OCTET_STRING, content), "It").content == content


@pytest.mark.parametrize(
    ("year", "tag"), [(1949, 0x18), (1950, 0x17), (2026, 0x17), (2049, 0x17), (2050, 0x18)]
)
def test_times_take_the_type_of_their_year(year: int, tag: int) -> None:
    time = datetime(year, 3, 1, 12, 30, 59, tzinfo=UTC)
    encoded = der.moment(time)
    kind = "utc_time" if tag == 0x17 else "generalized_time"
    assert encoded == cms.Time({kind: time}).dump()
    assert encoded[0] == tag
    assert der.time(der.read(encoded, "It"), "It") == time


@pytest.mark.parametrize(
    "text",
    ["260230120000Z", "2603011230Z", "260301123059+0100", "26030112305aZ", "260301246000Z"],
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(der.Malformed) as caught:
        der.time(der.read(der.tlv(der.UTC_TIME, text.encode()), "It"), "It")
    assert caught.value.rule == "RFC 5652 §11.3"


@pytest.mark.parametrize(
    ("tag", "text"), [(der.GENERALIZED_TIME, "20260301123059Z"), (der.UTC_TIME, "")]
)
def test_the_wrong_time_type_is_refused(tag: int, text: str) -> None:
    with pytest.raises(der.Malformed):
        der.time(der.read(der.tlv(tag, text.encode()), "It"), "It")


@pytest.mark.parametrize("number", [0, 1, -1, 127, 128, -128, -129, 255, 2**64, -(2**159)])
def test_integers_are_read_as_written(number: int) -> None:
    element = der.read(core.Integer(number).dump(), "It")
    assert der.integer(element, "It") == number


@pytest.mark.parametrize("content", [b"", b"\x00\x7f", b"\xff\x80", bytes(65)])
def test_integers_of_other_forms_are_refused(content: bytes) -> None:
    with pytest.raises(der.Malformed):
        der.integer(der.read(der.tlv(der.INTEGER, content), "It"), "It")


@pytest.mark.parametrize("dotted", ["1.2.840.113549.1.7.2", "2.16.840.1.101.3.4.3.18", "2.999.1"])
def test_object_identifiers_go_and_come(dotted: str) -> None:
    encoded = der.object_identifier(dotted)
    assert encoded == core.ObjectIdentifier(dotted).dump()
    assert der.dotted(der.read(encoded, "It"), "It") == dotted


@pytest.mark.parametrize("content", [b"", b"\x2a\x86", b"\x2a\x80\x01", b"\x01" * 65])
def test_damaged_object_identifiers_are_refused(content: bytes) -> None:
    with pytest.raises(der.Malformed):
        der.dotted(der.read(der.tlv(der.OID, content), "It"), "It")


def opened(data: bytes, which: int = -1) -> bytes:
    """Return a value with the lengths of its constructed values left open, or of the n-th only."""
    count = 0

    def walk(one: der.Element) -> bytes:
        nonlocal count
        if not one.tag & 0x20:
            return bytes(one.raw)
        number, count = count, count + 1
        inside = b"".join(walk(part) for part in der.children(one, "It"))
        if which in {-1, number}:
            return bytes((one.tag, 0x80)) + inside + b"\0\0"
        return der.tlv(one.tag, inside)

    return walk(der.read(data, "It"))


NESTED = der.tlv(
    der.SEQUENCE,
    der.tlv(der.INTEGER, b"\1"),
    der.tlv(
        0xA0, der.tlv(der.SET, der.tlv(der.OCTET_STRING, b"\0\0" * 100)), der.tlv(der.SEQUENCE)
    ),
    der.tlv(der.SET, der.tlv(der.NULL)),
)


@pytest.mark.parametrize("which", range(-1, 5))
def test_open_lengths_are_put_in(which: int) -> None:
    left_open = opened(NESTED, which)
    assert left_open != NESTED
    assert der.closed(left_open + b"more", "It") == (NESTED, len(left_open))
    assert der.closed(NESTED, "It") == (NESTED, len(NESTED))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cut off"),
        (b"\x30", "cut off"),
        (b"\x30\x80", "cut off"),
        (b"\x30\x80\x02\x01\x01\x00", "cut off"),
        (b"\x30\x80\x02\x05\x01\x00\x00", "cut off"),
        (b"\x04\x80a\x00\x00", "cut off"),
        (b"\x3f\x80\x01\x00\x00\x00", "cut off|tag"),
        (b"\x30\x81\x02\x05\x00\x00\x00", "shortest"),
        (b"\x30\x80" * 40 + b"\0\0" * 40, "deeply"),
        (b"\x30\x80" + b"\5\0" * 5000 + b"\0\0", "parts"),
        (opened(NESTED)[:-1], "cut off"),
    ],
)
def test_what_cannot_be_closed_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(der.Malformed, match=words) as caught:
        der.closed(data, "The thing")
    assert caught.value.rule


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cut off"),
        (b"\x30", "cut off"),
        (b"\x04\x05abc", "cut off"),
        (b"\x04\x82\x01", "cut off"),
        (b"\x04\x89" + bytes(9), "cut off"),
        (b"\x04\x01a!", "1 bytes that do not belong"),
        (b"\x30\x80\x00\x00", "BER"),
        (b"\x04\x81\x01a", "shortest"),
        (b"\x04\x82\x00\x81" + bytes(129), "shortest"),
        (b"\x1f\x81\x01\x00", "tag"),
    ],
)
def test_what_is_not_der_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(der.Malformed, match=words) as caught:
        der.read(data, "The thing")
    assert caught.value.rule


def test_pieces_of_a_string_are_refused() -> None:
    pieces = der.read(der.tlv(0x24, der.tlv(4, b"a"), der.tlv(4, b"b")), "It")
    with pytest.raises(der.Malformed, match="in pieces"):
        der.expect(pieces, der.OCTET_STRING, "It")


def test_sets_come_sorted_and_must() -> None:
    items = [der.tlv(4, b"bb"), der.tlv(4, b"a"), der.tlv(2, b"\x05")]
    encoded = der.set_of(items)
    members = der.sorted_set(der.read(encoded, "They"), "They", "X.690 §11.6")
    assert [bytes(member.raw) for member in members] == sorted(items)
    with pytest.raises(der.Malformed) as caught:
        der.sorted_set(der.read(der.tlv(der.SET, *items), "They"), "They", "X.690 §11.6")
    assert caught.value.rule == "X.690 §11.6"


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(der.Malformed, match="more than"):
        der.children(der.read(der.tlv(der.SEQUENCE, der.tlv(der.NULL) * 5000), "It"), "It")


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_or_read_but_never_crash(data: bytes) -> None:
    try:
        element = der.read(data, "It")
        parts = der.children(element, "It")
    except der.Malformed:
        return
    assert b"".join(bytes(part.raw) for part in parts) == bytes(element.content)
