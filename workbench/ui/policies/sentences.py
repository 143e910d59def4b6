"""Statements of a policy as sentences: who may do what, on what, when.

Owns the words. The statement is taken as it is written, so that wildcards and negations are told as
they stand. Knows no widget and decides nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QCoreApplication

from workbench.iam.policy.documents import PolicyDocument, PolicyKind
from workbench.ui.policies.people import kind_of, name_of

_MOST: Final = 8
_KMS: Final = "kms:"


def _tr(text: str) -> str:
    return QCoreApplication.translate("policies", text)


@dataclass(frozen=True, slots=True)
class Told:
    """One statement in words.

    Attributes:
        index: its place in the document, from 0.
        title: its Sid, or its number.
        allows: whether it allows; else it denies.
        sentence: what it says.
    """

    index: int
    title: str
    allows: bool
    sentence: str


def tell(document: PolicyDocument, account: str) -> tuple[Told, ...]:
    """Return a document's statements in words.

    Args:
        document: the policy.
        account: whose own users and roles are named without their account.
    """
    told = []
    for statement in document.statements:
        written = json.loads(statement.text)
        told.append(
            Told(
                statement.index,
                statement.sid or _tr("Statement {n}").format(n=statement.index + 1),
                statement.effect == "Allow",
                sentence_of(written, document.kind, account),
            )
        )
    return tuple(told)


def sentence_of(statement: Mapping[str, Any], kind: PolicyKind, account: str) -> str:
    """Return one statement as a sentence.

    Args:
        statement: as written, a valid one.
        kind: where its document hangs.
        account: the account whose people need no account named.
    """
    who = _who(statement, kind, account)
    may = _tr("may") if statement["Effect"] == "Allow" else _tr("may not")
    parts = [who, may, _what(statement, kind), _where(statement, kind), _when(statement)]
    text = " ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}."


def _who(statement: Mapping[str, Any], kind: PolicyKind, account: str) -> str:
    if not kind.names_principals:
        return _tr("whoever has this policy")
    if "NotPrincipal" in statement:
        return _tr("everybody but {who}").format(who=_people(statement["NotPrincipal"], account))
    return _people(statement["Principal"], account)


def _people(element: Any, account: str) -> str:
    if element == "*":
        return _tr("everybody")
    names = [
        _one(kind, str(value), account)
        for kind, values in element.items()
        for value in _many(values)
    ]
    return joined(names, _tr("and"))


def _one(kind: str, value: str, account: str) -> str:
    if value == "*":
        return _tr("everybody")
    if kind == "Service":
        return _tr("the AWS service {name}").format(name=value)
    if kind != "AWS":
        return value
    owner = value if value.isdigit() else value.split(":")[4] if value.count(":") >= 5 else ""
    if value.isdigit() or kind_of(value) == "root":
        whole = _tr("the account {account}, by its root and its identity policies,")
        return whole.format(account=owner)
    name = name_of(value)
    if kind_of(value) == "session":
        session = value.rpartition("/")[2]
        name = _tr("the session {session} of {role}").format(session=session, role=name)
    elif name != value:
        name = _tr("the {name}").format(name=name)
    if owner and owner != account:
        name = _tr("{name} of account {account}").format(name=name, account=owner)
    return name


def _what(statement: Mapping[str, Any], kind: PolicyKind) -> str:
    if "NotAction" in statement:
        told = _actions(_many(statement["NotAction"]))
        return _tr("do everything but {actions}").format(actions=told)
    actions = _many(statement["Action"])
    if "*" in actions or ("kms:*" in actions and kind is PolicyKind.RESOURCE):
        return _tr("do everything")
    if kind is PolicyKind.TRUST and set(actions) == {"sts:AssumeRole"}:
        return _tr("assume the role")
    if "kms:*" in actions and len(actions) == 1:
        return _tr("do everything in KMS")
    return _actions(actions)


def _actions(actions: Sequence[str]) -> str:
    return joined([one.removeprefix(_KMS) for one in actions], _tr("and"))


def _where(statement: Mapping[str, Any], kind: PolicyKind) -> str:
    if kind is PolicyKind.TRUST:
        return ""
    if "NotResource" in statement:
        spared = joined(_many(statement["NotResource"]), _tr("and"))
        return _tr("on everything but {resources}").format(resources=spared)
    values = _many(statement["Resource"])
    if "*" in values:
        return "" if kind is PolicyKind.RESOURCE else _tr("on every resource")
    return _tr("on {resources}").format(resources=joined(values, _tr("and")))


def _when(statement: Mapping[str, Any]) -> str:
    conditions = [
        _condition(operator, key, _many(values))
        for operator, block in (statement.get("Condition") or {}).items()
        for key, values in block.items()
    ]
    if not conditions:
        return ""
    return _tr("if {conditions}").format(conditions=f" {_tr('and')} ".join(conditions))


def _condition(written: str, key: str, values: Sequence[Any]) -> str:
    subject, operator = key, written
    if operator.startswith("ForAnyValue:"):
        subject = _tr("one of {key}").format(key=key)
    elif operator.startswith("ForAllValues:"):
        subject = _tr("each of {key}").format(key=key)
    operator = operator.partition(":")[2] or operator
    optional = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    shown = joined([_quoted(value) for value in values], _tr("or"))
    if operator == "Null":
        wanted = str(values[0]).lower() == "true"
        return f"{subject} {_tr('is absent') if wanted else _tr('is present')}"
    compared = f"{subject} {_relation(operator)} {shown}"
    return (
        _tr("{condition} (where it is given)").format(condition=compared) if optional else compared
    )


def _relation(operator: str) -> str:
    known = {
        "StringLike": _tr("matches"),
        "StringNotLike": _tr("does not match"),
        "ArnLike": _tr("matches"),
        "ArnEquals": _tr("matches"),
        "ArnNotLike": _tr("does not match"),
        "ArnNotEquals": _tr("does not match"),
        "IpAddress": _tr("is in"),
        "NotIpAddress": _tr("is not in"),
        "DateLessThan": _tr("is before"),
        "DateGreaterThan": _tr("is after"),
    }
    if operator in known:
        return known[operator]
    for end, words in (
        ("NotEquals", _tr("is not")),
        ("NotEqualsIgnoreCase", _tr("is not")),
        ("LessThanEquals", _tr("is at most")),
        ("LessThan", _tr("is less than")),
        ("GreaterThanEquals", _tr("is at least")),
        ("GreaterThan", _tr("is more than")),
    ):
        if operator.endswith(end):
            return words
    return _tr("is")


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{value}”"


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def joined(names: Iterable[str], last: str) -> str:
    """Return names as an enumeration; of very many only the first and how many more."""
    found = list(dict.fromkeys(names))
    if len(found) > _MOST + 1:
        more = _tr("{n} more").format(n=len(found) - _MOST)
        found = [*found[:_MOST], more]
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {last} {found[-1]}"
