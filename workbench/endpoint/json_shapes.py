"""AWS JSON 1.1 values: JSON trees to Python values and back, by the model's shapes.

Source: Smithy 2.0, "AWS JSON 1.1 protocol": blobs are base64, timestamps epoch seconds, unknown and
null members are ignored. Every shape is compiled once; what needs no change is not walked. Types of
strings, numbers and lists are left to the door's validation.
"""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.model

from workbench.endpoint.refusals import Malformed

Convert = Callable[[Any], Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def compile_parser(shape: botocore.model.Shape | None) -> Convert:
    """Return a function from a request's JSON tree to its members.

    The function raises `Malformed` for what cannot be a value of the shape.
    """
    if shape is None:
        return _no_members
    return _Parsers().structure(shape)


def compile_serialiser(shape: botocore.model.Shape | None) -> Convert:
    """Return a function from an answer's members to a tree for `json.dumps`."""
    if shape is None:
        return _no_members
    return _Serialisers().structure(shape)


def blob(value: Any) -> bytes:
    """Return the bytes of base64 text (RFC 4648 §4, padding required)."""
    if value.__class__ is not str:
        raise Malformed("A blob must be base64 text")
    try:
        return binascii.a2b_base64(value, strict_mode=True)
    except ValueError:
        raise Malformed("A blob is not valid base64") from None


def timestamp(value: Any) -> datetime:
    """Return the moment of epoch seconds, to the millisecond as AWS keeps them."""
    if value.__class__ is not int and value.__class__ is not float:
        raise Malformed("A timestamp must be a number of seconds")
    try:
        return _EPOCH + timedelta(milliseconds=round(value * 1000))
    except (OverflowError, ValueError):  # ValueError: not a number at all
        raise Malformed("A timestamp is out of range") from None


def epoch_seconds(value: datetime) -> float:
    """Return seconds since 1970, to the millisecond as AWS prints them."""
    return round(value.timestamp(), 3)


def _no_members(value: Any) -> dict[str, Any]:
    if value.__class__ is not dict:
        raise Malformed("The body must be a JSON object")
    return {}


def _text_of_blob(value: Any) -> str:
    return base64.b64encode(value).decode("ascii")


class _Compiler:
    """Walks shapes; None stands for a value that needs no change."""

    blob: Convert
    timestamp: Convert

    def __init__(self) -> None:
        self._made: dict[str, Convert] = {}

    def any(self, shape: botocore.model.Shape) -> Convert | None:
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape)
        if kind == "list":
            return self._list(self.any(shape.member))
        if kind == "map":
            return self._map(self.any(shape.value))
        if kind == "blob":
            return self.blob
        if kind == "timestamp":
            return self.timestamp
        return None

    def structure(self, shape: botocore.model.Shape) -> Convert:
        name = shape.name
        if name not in self._made:

            def later(value: Any) -> Any:  # a recursive shape
                return self._made[name](value)

            self._made[name] = later
            self._made[name] = self._structure({n: self.any(s) for n, s in shape.members.items()})
        return self._made[name]

    def _structure(self, members: dict[str, Convert | None]) -> Convert:
        raise NotImplementedError

    def _list(self, item: Convert | None) -> Convert | None:
        raise NotImplementedError

    def _map(self, item: Convert | None) -> Convert | None:
        raise NotImplementedError


class _Parsers(_Compiler):
    blob = staticmethod(blob)
    timestamp = staticmethod(timestamp)

    def _structure(self, members: dict[str, Convert | None]) -> Convert:
        def parse(value: Any) -> dict[str, Any]:
            if value.__class__ is not dict:
                raise Malformed("A structure must be a JSON object")
            found = {}
            for name, item in value.items():
                if item is not None and name in members:
                    convert = members[name]
                    found[name] = convert(item) if convert else item
            return found

        return parse

    def _list(self, item: Convert | None) -> Convert | None:
        def parse(value: Any) -> list[Any]:
            if value.__class__ is not list:
                raise Malformed("A list must be a JSON array")
            assert item is not None
            return [item(entry) for entry in value]

        return parse if item else None

    def _map(self, item: Convert | None) -> Convert | None:
        def parse(value: Any) -> dict[str, Any]:
            if value.__class__ is not dict:
                raise Malformed("A map must be a JSON object")
            assert item is not None
            return {key: item(entry) for key, entry in value.items()}

        return parse if item else None


class _Serialisers(_Compiler):
    blob = staticmethod(_text_of_blob)
    timestamp = staticmethod(epoch_seconds)

    def _structure(self, members: dict[str, Convert | None]) -> Convert:
        def serialise(value: dict[str, Any]) -> dict[str, Any]:
            tree = {}
            for name, item in value.items():
                if item is not None and name in members:
                    convert = members[name]
                    tree[name] = convert(item) if convert else item
            return tree

        return serialise

    def _list(self, item: Convert | None) -> Convert | None:
        return (lambda value: [item(entry) for entry in value]) if item else None

    def _map(self, item: Convert | None) -> Convert | None:
        if item is None:
            return None
        return lambda value: {key: item(entry) for key, entry in value.items()}
