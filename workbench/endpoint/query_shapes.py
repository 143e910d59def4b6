"""AWS query values: form fields to Python values, answers to XML, by the model's shapes.

Source: Smithy 2.0, "AWS query protocol". Only its plain form is here: no model that is served
renames or flattens members (a test watches that).
"""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import botocore.model

from workbench.endpoint.json_shapes import blob, timestamp
from workbench.endpoint.refusals import Malformed

MOST_FIELDS = 4_000
_DEEPEST = 24
_MOST_ENTRIES_DIGITS = 6
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {'"': "&quot;", "\r": "&#xD;", "\n": "&#xA;", "\t": "&#x9;"}


class Fields:
    """One field of a form and those whose names continue its own with a dot."""

    __slots__ = ("children", "text")

    def __init__(self) -> None:
        self.text: str | None = None
        self.children: dict[str, Fields] = {}

    def child(self, name: str) -> "Fields":
        """Return the continuation by `name`, made when it is new."""
        found = self.children.get(name)
        if found is None:
            found = self.children[name] = Fields()
        return found


Parse = Callable[[Fields], Any]
Write = Callable[[Any], str]


def form(text: str) -> dict[str, str]:
    """Return the fields of a form (`application/x-www-form-urlencoded`) or a query string.

    Raises:
        Malformed: too many fields, not UTF-8, or a field given twice.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Malformed("The form cannot be read") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("A field of the form is given more than once")
    return fields


def tree(fields: dict[str, str]) -> Fields:
    """Return a form's fields as a tree of their dotted names."""
    root = Fields()
    for name, value in fields.items():
        parts = name.split(".")
        if len(parts) > _DEEPEST:
            raise Malformed("A field's name is nested too deeply")
        node = root
        for part in parts:
            node = node.child(part)
        node.text = value
    return root


def compile_parser(shape: botocore.model.Shape | None) -> Parse:
    """Return a function from a form's tree to a request's members; unknown fields are ignored.

    The function raises `Malformed` for what cannot be a value of the shape.
    """
    return (lambda _: {}) if shape is None else _Parsers().structure(shape)


def compile_serialiser(shape: botocore.model.Shape | None) -> Write:
    """Return a function from an answer's members to the XML inside its result element."""
    return (lambda _: "") if shape is None else _Writers().structure(shape)


def xml_text(value: str) -> str:
    """Return text as XML 1.0 character data; what XML cannot carry becomes U+FFFD."""
    return escape(_NOT_XML.sub("\ufffd", value), _ENTITIES)


def iso8601(value: datetime) -> str:
    """Return a moment in UTC as AWS's query services print it."""
    moment = value.astimezone(UTC)
    pattern = "%Y-%m-%dT%H:%M:%S.%fZ" if moment.microsecond else "%Y-%m-%dT%H:%M:%SZ"
    return moment.strftime(pattern)


def _text(fields: Fields) -> str:
    if fields.children or fields.text is None:
        raise Malformed("A simple value must be one field")
    return fields.text


def _integer(fields: Fields) -> int:
    text = _text(fields)
    if re.fullmatch(r"-?[0-9]{1,19}", text) is None:
        raise Malformed("An integer must be decimal digits")
    return int(text)


def _boolean(fields: Fields) -> bool:
    text = _text(fields)
    if text not in {"true", "false"}:
        raise Malformed("A boolean must be true or false")
    return text == "true"


def _timestamp(fields: Fields) -> datetime:
    text = _text(fields)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    if re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", text) is None:
        raise Malformed("A timestamp must follow ISO 8601")
    return timestamp(float(text))


def _entries(fields: Fields, word: str) -> list[Fields]:
    """Return numbered entries in their order; an empty field is an empty collection."""
    if fields.text == "" and not fields.children:
        return []
    numbered = fields.children.get(word)
    if fields.text is not None or numbered is None or len(fields.children) != 1:
        raise Malformed(f"A collection must be numbered fields under .{word}.")
    for key in numbered.children:
        if not (key.isascii() and key.isdecimal() and len(key) <= _MOST_ENTRIES_DIGITS):
            raise Malformed("An entry's number must be a small integer")
    return [numbered.children[key] for key in sorted(numbered.children, key=int)]


class _Parsers:
    def __init__(self) -> None:
        self._made: dict[str, Parse] = {}
        self._simple: dict[str, Parse] = {
            "integer": _integer,
            "long": _integer,
            "boolean": _boolean,
            "timestamp": _timestamp,
            "blob": lambda fields: blob(_text(fields)),
        }

    def any(self, shape: botocore.model.Shape) -> Parse:
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape)
        if kind == "list":
            item = self.any(shape.member)
            return lambda fields: [item(entry) for entry in _entries(fields, "member")]
        if kind == "map":
            return self._map(self.any(shape.key), self.any(shape.value))
        return self._simple.get(kind, _text)

    def structure(self, shape: botocore.model.Shape) -> Parse:
        name = shape.name
        if name not in self._made:

            def later(fields: Fields) -> Any:  # a recursive shape
                return self._made[name](fields)

            self._made[name] = later
            members = {n: self.any(s) for n, s in shape.members.items()}

            def parse(fields: Fields) -> dict[str, Any]:
                if fields.text:
                    raise Malformed("A structure must be fields of its members")
                return {
                    member: members[member](node)
                    for member, node in fields.children.items()
                    if member in members
                }

            self._made[name] = parse
        return self._made[name]

    def _map(self, key: Parse, value: Parse) -> Parse:
        def parse(fields: Fields) -> dict[str, Any]:
            found = {}
            for entry in _entries(fields, "entry"):
                if set(entry.children) != {"key", "value"}:
                    raise Malformed("An entry of a map must have key and value")
                found[key(entry.children["key"])] = value(entry.children["value"])
            return found

        return parse


class _Writers:
    def __init__(self) -> None:
        self._made: dict[str, Write] = {}
        self._simple: dict[str, Write] = {
            "boolean": lambda value: "true" if value else "false",
            "timestamp": iso8601,
            "blob": lambda value: base64.b64encode(value).decode("ascii"),
        }

    def any(self, shape: botocore.model.Shape) -> Write:
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape)
        if kind == "list":
            item = self.any(shape.member)
            return lambda value: "".join(f"<member>{item(entry)}</member>" for entry in value)
        if kind == "map":
            return self._map(self.any(shape.key), self.any(shape.value))
        return self._simple.get(kind, lambda value: xml_text(str(value)))

    def structure(self, shape: botocore.model.Shape) -> Write:
        name = shape.name
        if name not in self._made:

            def later(value: Any) -> str:  # a recursive shape
                return self._made[name](value)

            self._made[name] = later
            members = {n: self.any(s) for n, s in shape.members.items()}

            def write(value: dict[str, Any]) -> str:
                return "".join(
                    f"<{member}>{members[member](item)}</{member}>"
                    for member, item in value.items()
                    if item is not None and member in members
                )

            self._made[name] = write
        return self._made[name]

    def _map(self, key: Write, value: Write) -> Write:
        return lambda entries: "".join(
            f"<entry><key>{key(name)}</key><value>{value(item)}</value></entry>"
            for name, item in entries.items()
        )
