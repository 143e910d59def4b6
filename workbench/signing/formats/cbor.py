"""CBOR read strictly: nothing twice, nothing after the end, no tag with a life of its own.

Owns what of RFC 8949 is accepted; the library does the reading and writing. Tags stay tags: none is
turned into dates, numbers, patterns or references by input that nobody trusts yet.
"""

import io
from collections.abc import Mapping
from typing import Any, Final

import cbor2

from workbench.signing.formats.base import Broken

_DEEPEST: Final = 24
_LARGEST: Final = 96 << 20
_SELF_DESCRIBED: Final = 55799
_BYTES: Final = 0x40
_SHORT: Final = 24


def _kept(tag: int) -> Any:
    return lambda value, _immutable: cbor2.CBORTag(tag, value)


# Every tag that the library would give a meaning to.
_TAGS: Final = {
    tag: _kept(tag)
    for tag in (
        *range(6), 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000,
        _SELF_DESCRIBED,
    )
}  # fmt: skip


def read_cbor(data: bytes, what: str) -> Any:
    """Read one CBOR value.

    Args:
        data: the bytes, all of which must belong to it.
        what: what they should be, to begin a sentence with.

    Raises:
        Broken: not CBOR, cut off, followed by something, too deep, or a map with a key twice.
    """
    if len(data) > _LARGEST:
        raise Broken(f"{what} is too large.", "RFC 8949 §3")
    stream = io.BytesIO(data)
    try:
        decoder = cbor2.CBORDecoder(
            stream,
            semantic_decoders=_TAGS,
            max_depth=_DEEPEST,
            allow_duplicate_keys=False,
            read_size=1,
        )
        value = decoder.decode()
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Broken(f"{what} is not well-formed CBOR.", "RFC 8949 §5.3.1") from error
    if stream.tell() != len(data):
        raise Broken(f"{what} is followed by bytes that do not belong to it.", "RFC 8949 §5.3.1")
    return _plain(value)


def _plain(value: Any) -> Any:
    """Return lists and dictionaries in place of the frozen ones that the library puts into tags."""
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, _plain(value.value))
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def write_cbor(value: object) -> bytes:
    """Return a value in CBOR, maps in the order they have (RFC 8949 §4.1)."""
    return cbor2.dumps(value)


def byte_string_head(size: int) -> bytes:
    """Return what stands before the bytes of a byte string (RFC 8949 §3.1)."""
    if size < _SHORT:
        return bytes((_BYTES + size,))
    width = next(power for power in range(4) if size < 1 << (8 << power))
    return bytes((_BYTES + _SHORT + width,)) + size.to_bytes(1 << width, "big")


def tagged(tag: int, value: object) -> Any:
    """Return a value under a tag."""
    return cbor2.CBORTag(tag, value)


def untagged(value: object, tag: int, what: str, rule: str) -> Any:
    """Return what is under a tag.

    Raises:
        Broken: the value has not that tag.
    """
    if not isinstance(value, cbor2.CBORTag) or value.tag != tag:
        raise Broken(f"{what} lacks the CBOR tag {tag}.", rule)
    return value.value


def embedded(value: object, what: str, rule: str) -> bytes:
    """Return the bytes of CBOR inside CBOR (tag 24, RFC 8949 §3.4.5.1); raises `Broken`."""
    inside = untagged(value, 24, what, rule)
    if not isinstance(inside, bytes):
        raise Broken(f"{what} holds no encoded CBOR.", rule)
    return inside
