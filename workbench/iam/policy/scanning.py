"""JSON of a policy read with the place of every member kept.

Must not know what the members mean. The standard library's decoder reads every value; this module
only walks from one member to the next.
"""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn


class Position(NamedTuple):
    """A place in a text: line and column, both from 1."""

    line: int
    column: int


class Unreadable(Exception):
    """A text is no JSON this module reads.

    Args:
        message: what is wrong.
        offset: where, in characters from the start.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Number(str):
    """A JSON number, as written: policies compare it as text or by an operator's own type."""

    __slots__ = ()


class Object(dict[str, Any]):
    """A JSON object that remembers a key it was given twice."""

    twice: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object or an item of an array.

    Attributes:
        key: its key; empty for an item.
        value: its value.
        key_at: offset of the key, or of the value for an item.
        start: offset of the value.
        end: offset just after the value.
    """

    key: str
    value: Any
    key_at: int
    start: int
    end: int


class Lines:
    """Offsets of a text as lines and columns."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\r\n|\r|\n", text))]

    def position(self, offset: int) -> Position:
        """Return the place of an offset."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


def read(text: str) -> Any:
    """Return the value a text holds.

    Raises:
        Unreadable: it is no JSON, or nested too deeply.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"this is no JSON: {error.msg}", error.pos) from error
    except _NotANumber as error:
        raise Unreadable(f"this is no JSON: {error} is no number", 0) from error
    except RecursionError as error:
        raise Unreadable("it is nested too deeply", 0) from error


def members(text: str, offset: int) -> list[Member]:
    """Return the members of the object, or the items of the array, that begins at `offset`.

    The text was read before, so nothing in it can surprise here.
    """
    closing = {"{": "}", "[": "]"}[text[offset]]
    keyed = closing == "}"
    found: list[Member] = []
    at = _skip(text, offset + 1)
    while text[at] != closing:
        if text[at] == ",":
            at = _skip(text, at + 1)
        key, key_at = "", at
        if keyed:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value, end = _DECODER.raw_decode(text, at)
        found.append(Member(key, value, key_at, at, end))
        at = _skip(text, end)
    return found


def begin(text: str) -> int:
    """Return the offset of the first character that is not white space."""
    return _skip(text, 0)


class _NotANumber(ValueError):
    pass


def _refuse(constant: str) -> NoReturn:
    raise _NotANumber(constant)


def _object(pairs: list[tuple[str, Any]]) -> Object:
    result = Object()
    for key, value in pairs:
        if key in result:
            result.twice = key
        result[key] = value
    return result


_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_refuse
)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
