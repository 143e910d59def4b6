"""The Condition element: operators, set operators, IfExists, and what an absent key means.

Values in a policy are read once; what cannot be read as its operator's type is refused there, what
cannot be read in a request matches nothing. Must not know statements, documents or requests.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple
context keys or values", "Single-valued vs. multivalued context keys".
"""

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from workbench.iam.policy.matching import (
    ArnPattern,
    BadPattern,
    Context,
    Parts,
    Pattern,
    Variable,
    read_parts,
)


class BadCondition(ValueError):
    """An operator is unknown, or a value is not of its type."""


class Expected(Protocol):
    """One value of a condition, compiled."""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The policy variables in it."""

    def matches(self, value: str, context: Context) -> bool:
        """Return whether a value of the request fits."""

    def resolvable(self, context: Context) -> bool:
        """Return whether every variable in it has a value."""


@dataclass(frozen=True, slots=True)
class _Operator:
    """How an operator reads a policy's value: as a pattern, or as a value of a type."""

    pattern: Callable[[Parts], Expected] | None = None
    typed: Callable[[str], Callable[[str], bool]] | None = None
    wildcards: bool = False
    negated: bool = False

    def read(self, value: str, *, variables: bool) -> Expected:
        if self.pattern is not None:
            return self.pattern(read_parts(value, wildcards=self.wildcards, variables=variables))
        assert self.typed is not None  # an operator has one of the two
        return _Plain(self.typed(value))


class _Plain:
    """A value without variables, compared by a function of the request's value."""

    __slots__ = ("_test",)
    variables: tuple[Variable, ...] = ()

    def __init__(self, test: Callable[[str], bool]) -> None:
        self._test = test

    def matches(self, value: str, context: Context) -> bool:
        del context
        return self._test(value)

    def resolvable(self, context: Context) -> bool:
        del context
        return True


class _Folded:
    """A text compared without case."""

    __slots__ = ("_pattern", "variables")

    def __init__(self, parts: Parts) -> None:
        self._pattern = Pattern(parts)
        self.variables = self._pattern.variables

    def matches(self, value: str, context: Context) -> bool:
        text = self._pattern.text(context)
        return text is not None and text.casefold() == value.casefold()

    def resolvable(self, context: Context) -> bool:
        return self._pattern.resolvable(context)


class Check:
    """One key of one operator.

    Attributes:
        operator: the operator as written, with its set operator and IfExists.
        key: the condition key as written.
        expected: the values as written.
        equality: whether a failed test may be told as “is a, not b”.
    """

    __slots__ = (
        "_absent",
        "_each",
        "_lowered",
        "_negated",
        "_null",
        "_values",
        "_variable",
        "equality",
        "expected",
        "key",
        "operator",
    )

    def __init__(self, name: str, key: str, values: Sequence[str], *, variables: bool) -> None:
        each, base, if_exists = _taken_apart(name)
        self.operator, self.key, self.expected = name, key, tuple(values)
        self._lowered = key.lower()
        self._each = each
        self._null = base == "Null"
        known = _OPERATORS[base]
        self._negated = known.negated
        self._values = tuple(_read(known, name, value, variables=variables) for value in values)
        self._variable = any(value.variables for value in self._values)
        self._absent = if_exists or (known.negated if each is None else each == _ALL)
        self.equality = not known.negated and base.endswith(("Equals", "IgnoreCase", "Like"))
        self.equality = self.equality and not base.endswith("ThanEquals")

    def holds(self, context: Context) -> bool:
        """Return whether the request meets the test."""
        values = self.actual(context)
        if self._null:
            word = "false" if values else "true"
            return any(value.matches(word, context) for value in self._values)
        if not values:
            return self._absent
        if self._negated and self._variable and not self._resolvable(context):
            return False  # AWS calls a statement invalid whose variable has no value
        if self._each is None:
            return self._any(values, context) != self._negated
        fits = (self._any((value,), context) != self._negated for value in values)
        return all(fits) if self._each == _ALL else any(fits)

    def actual(self, context: Context) -> tuple[str, ...]:
        """Return the request's values of the key; empty if it has none."""
        found = context.get(self._lowered)
        if found is None:
            return ()
        values = (found,) if isinstance(found, str) else found
        if self._each is not None and not any(values):
            return ()  # nothing but empty strings is an empty set
        return values

    def _any(self, values: Iterable[str], context: Context) -> bool:
        return any(e.matches(value, context) for value in values for e in self._values)

    def _resolvable(self, context: Context) -> bool:
        return all(value.resolvable(context) for value in self._values)


_ALL = "ForAllValues"
_ANY = "ForAnyValue"
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_EPOCH = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?", re.IGNORECASE)


def check_operator(name: str) -> None:
    """Check that a condition operator exists.

    Raises:
        BadCondition: it does not.
    """
    _taken_apart(name)


def _taken_apart(name: str) -> tuple[str | None, str, bool]:
    each, colon, rest = name.rpartition(":")
    base = rest.removesuffix("IfExists")
    if_exists = base != rest
    unknown = base not in _OPERATORS or (if_exists and base == "Null")
    if unknown or (colon and each not in (_ALL, _ANY)):
        raise BadCondition(f"there is no condition operator “{name}”")
    return (each if colon else None), base, if_exists


def _read(known: _Operator, name: str, value: str, *, variables: bool) -> Expected:
    try:
        return known.read(value, variables=variables)
    except (BadPattern, ValueError) as error:
        raise BadCondition(f"“{value}” is no value for {name}") from error


def _boolean(value: str) -> Callable[[str], bool]:
    wanted = value.lower()
    if wanted not in ("true", "false"):
        raise ValueError(value)
    return lambda given: given.lower() == wanted


class _Bool(_Folded):
    """`true` or `false`, without case; may be a variable."""

    __slots__ = ()

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        if not self.variables:
            _boolean("".join(part for part in parts if isinstance(part, str)))


def _binary(value: str) -> Callable[[str], bool]:
    wanted = base64.b64decode(value, validate=True)

    def test(given: str) -> bool:
        try:
            return base64.b64decode(given, validate=True) == wanted
        except (binascii.Error, ValueError):
            return False

    return test


def _address(value: str) -> Callable[[str], bool]:
    network = ipaddress.ip_network(value, strict=False)

    def test(given: str) -> bool:
        try:
            return ipaddress.ip_address(given) in network
        except ValueError:
            return False

    return test


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _moment(text: str) -> Decimal:
    """Return a date as seconds since 1970: ISO 8601 (W3C-NOTE-datetime) or the seconds themselves.

    A date without a zone is in UTC.
    """
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    if _MONTH.fullmatch(text):
        text += "-01"
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return Decimal(since.days * 86_400 + since.seconds) + Decimal(since.microseconds).scaleb(-6)


Compare = Callable[[Decimal, Decimal], bool]


def _compared(read: Callable[[str], Decimal], compare: Compare) -> _Operator:
    def typed(value: str) -> Callable[[str], bool]:
        wanted = read(value)

        def test(given: str) -> bool:
            try:
                return compare(read(given), wanted)
            except (ValueError, OverflowError):
                return False

        return test

    return _Operator(typed=typed)


def _ordered(prefix: str, read: Callable[[str], Decimal]) -> dict[str, _Operator]:
    equal = _compared(read, operator.eq)
    return {
        f"{prefix}Equals": equal,
        f"{prefix}NotEquals": replace(equal, negated=True),
        f"{prefix}LessThan": _compared(read, operator.lt),
        f"{prefix}LessThanEquals": _compared(read, operator.le),
        f"{prefix}GreaterThan": _compared(read, operator.gt),
        f"{prefix}GreaterThanEquals": _compared(read, operator.ge),
    }


_EQUAL = _Operator(pattern=Pattern)
_FOLDED = _Operator(pattern=_Folded)
_LIKE = _Operator(pattern=Pattern, wildcards=True)
_ARN = _Operator(pattern=ArnPattern, wildcards=True)
_ADDRESS = _Operator(typed=_address)

_OPERATORS: dict[str, _Operator] = {
    "StringEquals": _EQUAL,
    "StringNotEquals": replace(_EQUAL, negated=True),
    "StringEqualsIgnoreCase": _FOLDED,
    "StringNotEqualsIgnoreCase": replace(_FOLDED, negated=True),
    "StringLike": _LIKE,
    "StringNotLike": replace(_LIKE, negated=True),
    **_ordered("Numeric", _number),
    **_ordered("Date", _moment),
    "Bool": _Operator(pattern=_Bool),
    "BinaryEquals": _Operator(typed=_binary),
    "IpAddress": _ADDRESS,
    "NotIpAddress": replace(_ADDRESS, negated=True),
    "ArnEquals": _ARN,
    "ArnLike": _ARN,
    "ArnNotEquals": replace(_ARN, negated=True),
    "ArnNotLike": replace(_ARN, negated=True),
    "Null": _Operator(typed=_boolean),
}
OPERATORS = frozenset(_OPERATORS)
