"""Wildcards and policy variables; the Action and Resource elements made of them.

Patterns are compiled once. Must not know statements, documents or requests.

Source: IAM User Guide, "IAM policy elements: Variables and tags", "IAM JSON policy elements:
Resource" (an incomplete ARN is completed with wildcards).
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial

Context = Mapping[str, str | tuple[str, ...]]
"""A request's condition keys, in lower case, and their values; several for a multi-valued key.

A mapping may compute a value when it is asked for; an absent key and an empty tuple are the same.
"""

Predicate = Callable[[str], object]


class BadPattern(ValueError):
    """A text is no pattern: a policy variable is left open."""


class Wild(Enum):
    """A wildcard: any run of characters, or exactly one."""

    ANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable: the condition key it stands for, in lower case, and its default."""

    key: str
    default: str | None


Filled = tuple[str | Wild, ...]
Parts = tuple[str | Wild | Variable, ...]

# Possessive all through: a hostile text is read once, not again from every place.
_TOKEN = re.compile(r"\$\{(?P<key>[^,{}']++)(?:,\s*+'(?P<default>[^']*+)'\s*+)?+\}|\$\{|[*?]")
_WILD = re.compile("[*?]")
_ESCAPED = ("*", "?", "$")
_ARN_FIELDS = 6


def read_parts(text: str, *, wildcards: bool, variables: bool) -> Parts:
    """Return a pattern's parts, neighbouring texts and runs of `*` joined.

    Args:
        text: the pattern as it stands in a policy.
        wildcards: whether `*` and `?` mean something.
        variables: whether `${…}` means something (Version 2012-10-17 only).

    Raises:
        BadPattern: `${` begins no policy variable.
    """
    parts: list[str | Wild | Variable] = []
    at = 0
    for token in (_TOKEN if variables else _WILD).finditer(text):
        parts.append(text[at : token.start()])
        parts.append(_part(token, wildcards=wildcards))
        at = token.end()
    return _joined([*parts, text[at:]])


def single(value: str | tuple[str, ...] | None) -> str | None:
    """Return a key's only value; None where it has none or several."""
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else None
    return value


class Pattern:
    """A text with wildcards and variables, compiled.

    Attributes:
        parts: what it is made of.
        variables: the policy variables in it.
    """

    __slots__ = ("_test", "parts", "variables")

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.variables = tuple(part for part in parts if isinstance(part, Variable))
        self._test = None if self.variables else _compiled(_without_variables(parts))

    def matches(self, value: str, context: Context) -> bool:
        """Return whether `value` fits; False where a variable has no value in the request."""
        test = self._test
        if test is None:
            filled = self.filled(context)
            if filled is None:
                return False
            test = _compiled(filled)
        return bool(test(value))

    def resolvable(self, context: Context) -> bool:
        """Return whether every variable has a value in the request, or a default."""
        return all(_value(variable, context) is not None for variable in self.variables)

    def text(self, context: Context) -> str | None:
        """Return a pattern without wildcards as text; None where a variable has no value."""
        filled = self.filled(context)
        return None if filled is None else "".join(p for p in filled if isinstance(p, str))

    def filled(self, context: Context) -> Filled | None:
        """Return the parts with variables replaced; None where one has no value."""
        filled: list[str | Wild | Variable] = []
        for part in self.parts:
            if isinstance(part, Variable):
                value = _value(part, context)
                if value is None:
                    return None
                filled.append(value)
            else:
                filled.append(part)
        return _without_variables(_joined(filled))


class ArnPattern:
    """An ARN whose six fields are compared one by one, as the ARN operators do.

    Fields are those written in the policy, so that a variable's value does not shift them; only
    where fewer are written, as in `${aws:PrincipalArn}`, a value may bring its own.
    """

    __slots__ = ("_everything", "_fields", "_whole", "variables")

    def __init__(self, parts: Parts) -> None:
        self._everything = parts == (Wild.ANY,)
        self._whole = Pattern(parts)
        self._fields = _field_patterns(parts)
        self.variables = self._whole.variables

    def matches(self, value: str, context: Context) -> bool:
        """Return whether the ARN `value` fits; False for what is no ARN."""
        fields = value.split(":", _ARN_FIELDS - 1)
        if len(fields) != _ARN_FIELDS or fields[0] != "arn":
            return False
        if self._everything:
            return True
        patterns = self._fields
        if len(patterns) < _ARN_FIELDS:
            patterns = _field_patterns(self._whole.filled(context) or ())
        if len(patterns) != _ARN_FIELDS:
            return False
        return all(p.matches(v, context) for p, v in zip(patterns, fields, strict=True))

    def resolvable(self, context: Context) -> bool:
        """Return whether every variable has a value in the request, or a default."""
        return self._whole.resolvable(context)


def split_fields(parts: Parts) -> tuple[Parts, ...]:
    """Return the parts of the at most six colon-separated fields of an ARN pattern.

    Only colons written in the policy separate; those in a variable's name or value do not.
    """
    fields: list[list[str | Wild | Variable]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        first, *others = part.split(":", _ARN_FIELDS - len(fields))
        fields[-1].append(first)
        fields += [[other] for other in others]
    return tuple(_joined(field) for field in fields)


class Actions:
    """The Action or NotAction element; case does not matter."""

    __slots__ = ("_exact", "_negated", "_tests")

    def __init__(self, texts: Sequence[str], *, negated: bool) -> None:
        self._negated = negated
        lowered = [text.lower() for text in texts]
        self._exact = frozenset(text for text in lowered if "*" not in text and "?" not in text)
        self._tests = tuple(
            _compiled(_without_variables(read_parts(text, wildcards=True, variables=False)))
            for text in lowered
            if text not in self._exact
        )

    def matches(self, action: str) -> bool:
        """Return whether the element covers `action`, given in lower case."""
        if action in self._exact:
            return not self._negated
        for test in self._tests:
            if test(action):
                return not self._negated
        return self._negated


class Resources:
    """The Resource or NotResource element.

    Attributes:
        variable: whether it holds policy variables, so that the request decides.
        everything: whether it covers whatever there is, so that it tells no resource from another.
    """

    __slots__ = ("_negated", "_patterns", "everything", "variable")

    def __init__(self, texts: Sequence[str], *, negated: bool, variables: bool) -> None:
        self._negated = negated
        self._patterns = tuple(
            Pattern(_completed(read_parts(text, wildcards=True, variables=variables)))
            for text in texts
        )
        self.variable = any(pattern.variables for pattern in self._patterns)
        self.everything = not negated and any(p.parts == (Wild.ANY,) for p in self._patterns)

    def matches(self, resource: str, context: Context) -> bool:
        """Return whether the element covers `resource`, an ARN, or `*` for none in particular.

        NotResource with a variable that has no value covers nothing: AWS calls the statement
        invalid then.
        """
        if self._negated and self.variable and not self._resolvable(context):
            return False
        for pattern in self._patterns:
            if pattern.matches(resource, context):
                return not self._negated
        return self._negated

    def _resolvable(self, context: Context) -> bool:
        return all(pattern.resolvable(context) for pattern in self._patterns)


def _field_patterns(parts: Parts) -> tuple[Pattern, ...]:
    return tuple(Pattern(field) for field in split_fields(parts))


def _part(token: re.Match[str], *, wildcards: bool) -> str | Wild | Variable:
    text = token.group()
    if text in ("*", "?"):
        return Wild(text) if wildcards else text
    key = (token.group("key") or "").strip()
    if not key:
        raise BadPattern("“${” begins no policy variable")
    if key in _ESCAPED:
        return key
    return Variable(key.lower(), token.group("default"))


def _joined(parts: Sequence[str | Wild | Variable]) -> Parts:
    joined: list[str | Wild | Variable] = []
    for part in parts:
        if part == "":
            continue
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        elif not (joined and part is Wild.ANY and joined[-1] is Wild.ANY):
            joined.append(part)
    return tuple(joined)


def _completed(parts: Parts) -> Parts:
    missing = _ARN_FIELDS - len(split_fields(parts))
    if parts == (Wild.ANY,) or missing <= 0 or parts[-1:] == (Wild.ANY,):
        return parts
    return _joined([*parts, *(":", Wild.ANY) * missing])


def _without_variables(parts: Parts) -> Filled:
    return tuple(part for part in parts if not isinstance(part, Variable))


def _value(variable: Variable, context: Context) -> str | None:
    value = single(context.get(variable.key))
    return variable.default if value is None else value


@lru_cache(maxsize=4096)
def _compiled(parts: Filled) -> Predicate:
    match parts:
        case ():
            return partial(operator.eq, "")
        case (str() as text,):
            return partial(operator.eq, text)
        case (Wild.ANY,):
            return _always
        case (str() as text, Wild.ANY):
            return partial(_starts, text)
    return re.compile(_regex(parts), re.DOTALL).fullmatch


def _always(value: str) -> bool:
    del value
    return True


def _starts(prefix: str, value: str) -> bool:
    return value.startswith(prefix)


def _regex(parts: Filled) -> str:
    """Translate to a regular expression that never backtracks over an earlier `*`.

    What stands between two `*` has a fixed length, so its leftmost place is as good as any:
    an atomic group keeps it, and a hostile pattern costs length times length at the most.
    """
    chunks = [""]
    for part in parts:
        if part is Wild.ANY:
            chunks.append("")
        else:
            chunks[-1] += re.escape(part) if isinstance(part, str) else "."
    if len(chunks) == 1:
        return chunks[0]
    middle = "".join(f"(?>.*?{chunk})" for chunk in chunks[1:-1])
    return f"{chunks[0]}{middle}.*{chunks[-1]}"
