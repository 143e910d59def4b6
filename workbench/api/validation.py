"""Requests checked against the service model, with AWS's own message texts.

Every shape is compiled once into a function. A check appends sentences to a list, so that one
answer names every problem, as AWS does:
`2 validation errors detected: Value '…' at 'keySpec' failed to satisfy constraint: …; Value …`.
"""

import math
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import botocore.model

from workbench.api.events import lower_camel

Check = Callable[[Any, str, list[str]], None]

_LONGEST_SHOWN = 256
_NOT_NULL = "Member must not be null"
_NOT_TEXT = "Member must be valid Unicode text"


class WrongType(Exception):
    """A value is not of its shape's type: boto3 refuses such a request before sending it."""


def compile_request(operation: botocore.model.OperationModel) -> Check:
    """Return the check of an operation's whole request."""
    shape = operation.input_shape
    if shape is None:
        return _nothing
    return _Compiler().compile(shape)


def message(problems: list[str]) -> str:
    """Return AWS's text for a list of problems."""
    plural = "" if len(problems) == 1 else "s"
    return f"{len(problems)} validation error{plural} detected: " + "; ".join(problems)


def _nothing(value: Any, path: str, problems: list[str]) -> None:
    if value:
        raise WrongType(path)
    del problems


def _problem(value: Any, path: str, constraint: str) -> str:
    if value is None:
        return f"Value null at '{path}' failed to satisfy constraint: {constraint}"
    if isinstance(value, bytes | bytearray):
        return f"Value at '{path}' failed to satisfy constraint: {constraint}"
    # A lone surrogate could be neither printed nor stored.
    shown = str(value).encode("utf-8", "backslashreplace").decode()
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[:_LONGEST_SHOWN] + "…"
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"


def _sensitive(shape: botocore.model.Shape) -> bool:
    return bool(shape.metadata.get("sensitive"))


class _Compiler:
    """Turns shapes into checks; a recursive shape refers to itself by name."""

    def __init__(self) -> None:
        self._made: dict[str, Check] = {}

    def compile(self, shape: botocore.model.Shape) -> Check:
        name = shape.name
        if name in self._made:
            return self._made[name]

        def later(value: Any, path: str, problems: list[str]) -> None:
            self._made[name](value, path, problems)

        self._made[name] = later
        make = getattr(self, f"_{shape.type_name}", None)
        check: Check = make(shape) if make else _accept
        self._made[name] = check
        return check

    def _structure(self, shape: botocore.model.StructureShape) -> Check:
        members = {n: (self.compile(s), lower_camel(n)) for n, s in shape.members.items()}
        required = tuple(shape.required_members)

        def check(value: Any, path: str, problems: list[str]) -> None:
            if not isinstance(value, dict):
                raise WrongType(path)
            prefix = f"{path}." if path else ""
            for name in required:
                if value.get(name) is None:
                    problems += [_problem(None, prefix + lower_camel(name), _NOT_NULL)]
            for name, item in value.items():
                member = members.get(name)
                if member is None:
                    raise WrongType(prefix + name)
                if item is not None:
                    member[0](item, prefix + member[1], problems)

        return check

    def _list(self, shape: botocore.model.ListShape) -> Check:
        item = self.compile(shape.member)
        bounds = _length(shape)

        def check(value: Any, path: str, problems: list[str]) -> None:
            if not isinstance(value, list | tuple):
                raise WrongType(path)
            bounds(value, path, problems)
            for number, entry in enumerate(value, start=1):
                item(entry, f"{path}.{number}.member", problems)

        return check

    def _map(self, shape: botocore.model.MapShape) -> Check:
        key, entry = self.compile(shape.key), self.compile(shape.value)

        def check(value: Any, path: str, problems: list[str]) -> None:
            if not isinstance(value, dict):
                raise WrongType(path)
            for name, item in value.items():
                key(name, f"{path}.key", problems)
                entry(item, f"{path}.{name}.member", problems)

        return check

    def _string(self, shape: botocore.model.StringShape) -> Check:
        if shape.enum:
            return _enumeration(shape)
        bounds = _length(shape)
        hidden = _sensitive(shape)
        pattern = shape.metadata.get("pattern")
        matches = _pattern(pattern) if pattern else None

        def check(value: Any, path: str, problems: list[str]) -> None:
            if not isinstance(value, str):
                raise WrongType(path)
            shown = b"" if hidden else value
            if not value.isascii() and not _encodable(value):
                problems.append(_problem(shown, path, _NOT_TEXT))
                return
            bounds(value, path, problems)
            if matches is not None and not matches(value):
                constraint = f"Member must satisfy regular expression pattern: {pattern}"
                problems.append(_problem(shown, path, constraint))

        return check

    def _blob(self, shape: botocore.model.Shape) -> Check:
        bounds = _length(shape)

        def check(value: Any, path: str, problems: list[str]) -> None:
            if not isinstance(value, bytes | bytearray):
                raise WrongType(path)
            bounds(value, path, problems)

        return check

    def _integer(self, shape: botocore.model.Shape) -> Check:
        low, high = shape.metadata.get("min"), shape.metadata.get("max")

        def check(value: Any, path: str, problems: list[str]) -> None:
            if not isinstance(value, int) or isinstance(value, bool):
                raise WrongType(path)
            if low is not None and value < low:
                constraint = f"Member must have value greater than or equal to {low}"
                problems.append(_problem(value, path, constraint))
            if high is not None and value > high:
                constraint = f"Member must have value less than or equal to {high}"
                problems.append(_problem(value, path, constraint))

        return check

    _long = _integer

    def _boolean(self, shape: botocore.model.Shape) -> Check:
        del shape

        def check(value: Any, path: str, problems: list[str]) -> None:
            del problems
            if not isinstance(value, bool):
                raise WrongType(path)

        return check

    def _timestamp(self, shape: botocore.model.Shape) -> Check:
        del shape

        def check(value: Any, path: str, problems: list[str]) -> None:
            del problems
            if not isinstance(value, datetime | int | float | str) or isinstance(value, bool):
                raise WrongType(path)
            if isinstance(value, float) and not math.isfinite(value):
                raise WrongType(path)  # JSON has no such numbers, and so the journal has none

        return check


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _accept(value: Any, path: str, problems: list[str]) -> None:
    del value, path, problems


def _enumeration(shape: botocore.model.StringShape) -> Check:
    allowed = frozenset(shape.enum)
    constraint = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"

    def check(value: Any, path: str, problems: list[str]) -> None:
        if not isinstance(value, str):
            raise WrongType(path)
        if value not in allowed:
            problems.append(_problem(value, path, constraint))

    return check


def _length(shape: botocore.model.Shape) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    hidden = _sensitive(shape)
    if low is None and high is None:
        return _accept

    def check(value: Any, path: str, problems: list[str]) -> None:
        size = len(value)
        shown = b"" if hidden else value
        if low is not None and size < low:
            constraint = f"Member must have length greater than or equal to {low}"
            problems.append(_problem(shown, path, constraint))
        elif high is not None and size > high:
            constraint = f"Member must have length less than or equal to {high}"
            problems.append(_problem(shown, path, constraint))

    return check


@cache
def _pattern(pattern: str) -> Callable[[str], object]:
    r"""Compile a Java-style pattern of the models; `\p{…}` classes are spelled out for Python."""
    spelled = (
        pattern.replace(r"\p{L}", r"[^\W\d_]")
        .replace(r"\p{Z}", r"\s")
        .replace(r"\p{N}", r"\d")
        .replace(r"\p{Alnum}", "[A-Za-z0-9]")
    )
    spelled = re.sub(r"\[((?:[^\]\\]|\\.)*)\[\^\\W\\d_\]", r"[\1\\w", spelled)
    return re.compile(spelled).fullmatch
