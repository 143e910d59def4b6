"""Policy documents read from their text, checked strictly, and cached.

Owns the grammar: which elements a kind of document has and what they may hold. Must not know
requests or decisions.

Source: IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM and AWS STS quotas"; AWS
KMS Developer Guide, "Key policies" and "Quotas" (32 KiB).
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

from workbench.iam.policy.conditions import BadCondition, Check, check_operator
from workbench.iam.policy.matching import Actions, BadPattern, Resources
from workbench.iam.policy.principals import BadPrincipal, Principals
from workbench.iam.policy.scanning import (
    Lines,
    Member,
    Number,
    Object,
    Position,
    Unreadable,
    begin,
    members,
    read,
)
from workbench.iam.policy.statements import (
    MalformedPolicy,
    PolicyDocument,
    PolicyKind,
    Statement,
    statement_label,
)

__all__ = ["MalformedPolicy", "PolicyDocument", "PolicyKind", "Statement", "parse_policy"]

CURRENT, OLD = "2012-10-17", "2008-10-17"
LONGEST = 131_072
"""Characters of any document IAM takes, white space and all."""

_LIMITS = {  # characters; white space does not count but in a session policy and a key policy
    PolicyKind.RESOURCE: 32_768,
    PolicyKind.IDENTITY: 10_240,
    PolicyKind.SESSION: 2_048,
    PolicyKind.TRUST: 2_048,
}
_PRINCIPAL_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
_DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_COMMON = frozenset({"Sid", "Effect", "Action", "NotAction", "Condition"})
_OF_RESOURCES = frozenset({"Resource", "NotResource"})
_ELEMENTS = {
    PolicyKind.RESOURCE: _COMMON | _OF_RESOURCES | {"Principal", "NotPrincipal"},
    PolicyKind.IDENTITY: _COMMON | _OF_RESOURCES,
    PolicyKind.SESSION: _COMMON | _OF_RESOURCES,
    PolicyKind.TRUST: _COMMON | {"Principal"},
}
_PERMITTED = re.compile(r"[\t\n\r\x20-\xff]*")
_SPACES = re.compile(r"[ \t\r\n]+")
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?-]+")
_KEY = re.compile(r"[^\s:]+:.+", re.DOTALL)
_SID = re.compile(r"[A-Za-z0-9]*")


@lru_cache(maxsize=2048)
def parse_policy(text: str, kind: PolicyKind) -> PolicyDocument:
    """Return the policy document that `text` holds.

    Args:
        text: JSON.
        kind: where it hangs.

    Raises:
        MalformedPolicy: it is none of that kind; the error names statement, element and place.
    """
    return _Reader(text, kind).document()


class _Reader:
    """Reads one document; knows where it is, for the error."""

    def __init__(self, text: str, kind: PolicyKind) -> None:
        self._text = text
        self._kind = kind
        self._lines = Lines(text[:LONGEST])
        self._variables = False
        self._statement = ""
        self._element = ""
        self._at = 0

    def document(self) -> PolicyDocument:
        self._check_text()
        try:
            value = read(self._text)
        except Unreadable as error:
            self._at = error.offset
            self._refuse(error.message)
        if not isinstance(value, Object):
            self._refuse("it is no JSON object")
        found = self._elements(begin(self._text), value, _DOCUMENT_ELEMENTS)
        version = self._version(found)
        self._variables = version == CURRENT
        name = self._string(found["Id"]) if "Id" in found else ""
        return PolicyDocument(self._kind, version, name, self._statements(found), self._text)

    def _check_text(self) -> None:
        kind, limit = self._kind, _LIMITS[self._kind]
        if len(self._text) > LONGEST:
            self._refuse(f"it is longer than {LONGEST:,} characters")
        permitted = _PERMITTED.match(self._text)
        self._at = permitted.end() if permitted else 0
        if self._at < len(self._text):
            self._refuse("it holds a character that policies may not hold")
        self._at = 0
        if kind is PolicyKind.RESOURCE:
            size = len(self._text.encode())
        elif kind is PolicyKind.SESSION:
            size = len(self._text)
        else:
            size = len(_SPACES.sub("", self._text))
        if size > limit:
            unit = "bytes" if kind is PolicyKind.RESOURCE else "characters"
            self._refuse(f"it has {size:,} {unit}, and the most is {limit:,}")

    def _version(self, found: Mapping[str, Member]) -> str:
        if "Version" not in found:
            return OLD
        version = self._string(found["Version"])
        if version not in (CURRENT, OLD):
            self._refuse(f"Version is {CURRENT} or {OLD}, not “{version}”")
        return version

    def _statements(self, found: Mapping[str, Member]) -> tuple[Statement, ...]:
        if "Statement" not in found:
            self._refuse("it has no Statement")
        whole = found["Statement"]
        self._enter(whole)
        items = members(self._text, whole.start) if isinstance(whole.value, list) else [whole]
        if not items:
            self._refuse("it has no statement")
        statements = tuple(self._one(index, item) for index, item in enumerate(items))
        seen: set[str] = set()
        for statement, item in zip(statements, items, strict=True):
            if statement.sid and statement.sid in seen:
                self._statement, self._element, self._at = statement.label, "Sid", item.start
                self._refuse("another statement has the same Sid")
            seen.add(statement.sid)
        return statements

    def _one(self, index: int, item: Member) -> Statement:
        self._statement, self._element, self._at = str(index + 1), "", item.start
        if not isinstance(item.value, Object):
            self._refuse("a statement is a JSON object")
        sid = item.value.get("Sid", "")
        self._statement = statement_label("" if _no_text(sid) else sid, index)
        found = self._elements(item.start, item.value, _ELEMENTS[self._kind])
        return Statement(
            sid=self._sid(found),
            index=index,
            effect=self._effect(found, item),
            start=self._lines.position(item.start),
            end=self._lines.position(item.end),
            text=self._text[item.start : item.end],
            actions=self._actions(found, item),
            principals=self._principals(found, item),
            resources=self._resources(found, item),
            checks=self._checks(found),
        )

    def _elements(self, offset: int, value: Object, allowed: frozenset[str]) -> dict[str, Member]:
        if value.twice is not None:
            self._element = value.twice
            self._refuse(f"{value.twice} is given twice")
        found: dict[str, Member] = {}
        for member in members(self._text, offset):
            if member.key not in allowed:
                self._enter(member)
                kind = self._kind.value
                self._refuse(f"there is no element “{member.key}” in a {kind}")
            found[member.key] = member
        return found

    def _sid(self, found: Mapping[str, Member]) -> str:
        if "Sid" not in found:
            return ""
        sid = self._string(found["Sid"])
        if self._kind is not PolicyKind.RESOURCE and not _SID.fullmatch(sid):
            self._refuse("a Sid has letters and digits only")
        return sid

    def _effect(self, found: Mapping[str, Member], item: Member) -> str:
        if "Effect" not in found:
            self._missing(item, "Effect")
        effect = self._string(found["Effect"])
        if effect not in ("Allow", "Deny"):
            self._refuse(f"Effect is Allow or Deny, not “{effect}”")
        return effect

    def _ineffective(self, found: Mapping[str, Member], name: str) -> bool:
        """Whether a key policy's statement lacks an element that AWS KMS lets it lack.

        Such a statement is kept and has no effect (AWS KMS API Reference, PutKeyPolicy).
        """
        of_key = self._kind is PolicyKind.RESOURCE
        return of_key and not {name, f"Not{name}"} & found.keys()

    def _actions(self, found: Mapping[str, Member], item: Member) -> Actions:
        if self._ineffective(found, "Action"):
            return Actions((), negated=False)
        member = self._either(found, item, "Action", "NotAction")
        actions = self._strings(member.value)
        for action in actions:
            if not _ACTION.fullmatch(action):
                self._refuse(f"“{action}” is no action; actions are written service:Action")
        return Actions(actions, negated=member.key == "NotAction")

    def _resources(self, found: Mapping[str, Member], item: Member) -> Resources | None:
        if self._kind is PolicyKind.TRUST:
            return None
        if self._ineffective(found, "Resource"):
            return Resources((), negated=False, variables=False)
        member = self._either(found, item, "Resource", "NotResource")
        resources = self._strings(member.value)
        for resource in resources:
            if resource != "*" and not resource.startswith("arn:"):
                self._refuse(f"“{resource}” is neither an ARN nor *")
        try:
            return Resources(
                resources, negated=member.key == "NotResource", variables=self._variables
            )
        except BadPattern as error:
            self._refuse(str(error))

    def _principals(self, found: Mapping[str, Member], item: Member) -> Principals | None:
        if not self._kind.names_principals:
            return None
        member = self._either(found, item, "Principal", "NotPrincipal")
        negated = member.key == "NotPrincipal"
        if negated and found["Effect"].value != "Deny":
            self._refuse("NotPrincipal goes with Deny only")
        try:
            return Principals(self._by_kind(member.value), negated=negated)
        except BadPrincipal as error:
            self._refuse(str(error))

    def _by_kind(self, value: Any) -> dict[str, tuple[str, ...]] | None:
        if value == "*":
            return None
        if not isinstance(value, Object) or not value:
            self._refuse("principals are given as * or by kind: AWS, Service, Federated")
        if value.twice is not None:
            self._refuse(f"{value.twice} is given twice")
        for kind in value:
            if kind not in _PRINCIPAL_KINDS:
                self._refuse(f"there is no kind of principal “{kind}”")
        return {kind: self._strings(values) for kind, values in value.items()}

    def _checks(self, found: Mapping[str, Member]) -> tuple[Check, ...]:
        if "Condition" not in found:
            return ()
        self._enter(found["Condition"])
        checks: list[Check] = []
        for name, block in self._object(found["Condition"].value).items():
            try:
                check_operator(name)
                for key, values in self._object(block).items():
                    checks.append(self._check(name, key, values))
            except BadCondition as error:
                self._refuse(str(error))
        return tuple(checks)

    def _check(self, name: str, key: str, values: Any) -> Check:
        if not _KEY.fullmatch(key):
            self._refuse(f"“{key}” is no condition key; keys are written service:Key")
        given = values if isinstance(values, list) else [values]
        return Check(name, key, [self._scalar(v) for v in given], variables=self._variables)

    def _scalar(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Number):
            return str(value)
        return self._clean(value)

    def _object(self, value: Any) -> Object:
        if not isinstance(value, Object):
            self._refuse("conditions are written {operator: {key: value}}")
        if value.twice is not None:
            self._refuse(f"{value.twice} is given twice")
        return value

    def _either(self, found: Mapping[str, Member], item: Member, name: str, other: str) -> Member:
        if name in found and other in found:
            self._enter(found[other])
            self._refuse(f"it has both {name} and {other}")
        member = found.get(name) or found.get(other)
        if member is None:
            self._missing(item, name)
        self._enter(member)
        return member

    def _strings(self, value: Any) -> tuple[str, ...]:
        values: Sequence[Any] = value if isinstance(value, list) else [value]
        if not values:
            self._refuse(f"{self._element} is empty")
        return tuple(self._clean(item) for item in values)

    def _string(self, member: Member) -> str:
        self._enter(member)
        return self._clean(member.value)

    def _clean(self, value: Any) -> str:
        if _no_text(value):
            self._refuse(f"a value of {self._element} is no text")
        try:
            value.encode()
        except UnicodeEncodeError:
            self._refuse(f"a value of {self._element} is no valid Unicode")
        return str(value)

    def _enter(self, member: Member) -> None:
        self._element, self._at = member.key or self._element, member.key_at

    def _missing(self, item: Member, name: str) -> NoReturn:
        self._element, self._at = name, item.start
        self._refuse(f"it has no {name}")

    def _refuse(self, problem: str) -> NoReturn:
        position: Position = self._lines.position(self._at)
        place = f"line {position.line}, column {position.column}"
        subject = f"The {self._kind.value}"
        if self._statement:
            subject = f"Statement {self._statement} of the {self._kind.value}"
        message = f"{subject} is not valid ({place}): {problem}."
        raise MalformedPolicy(
            _printable(message), _printable(self._statement), _printable(self._element), position
        )


def _no_text(value: Any) -> bool:
    return not isinstance(value, str) or isinstance(value, Number)


def _printable(text: str) -> str:
    """Return a text without lone surrogates, which could be neither printed nor stored."""
    return text.encode("utf-8", "backslashreplace").decode()
