"""The policy language once more, plainly: JSON in, answer out; nothing compiled, nothing cached.

It shares no code with the evaluator, so that the two can be held against each other.
"""

import json
from datetime import datetime
from typing import Any


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def glob(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(glob(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and glob(pattern[1:], text[1:])


def word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def one_value(operator: str, wanted: str, given: str) -> bool:
    if operator.startswith("Numeric"):
        return ordered(operator, float(given), float(wanted))
    if operator.startswith("Date"):
        return ordered(operator, seconds(given), seconds(wanted))
    if operator in ("ArnEquals", "ArnLike"):
        patterns, texts = wanted.split(":", 5), given.split(":", 5)
        return len(patterns) == len(texts) == 6 and all(map(glob, patterns, texts))
    if operator == "StringLike":
        return glob(wanted, given)
    if operator in ("StringEqualsIgnoreCase", "Bool"):
        return wanted.lower() == given.lower()
    return wanted == given


def seconds(text: str) -> float:
    if text.isdigit():
        return int(text)
    return datetime.fromisoformat(text).timestamp()


def ordered(operator: str, given: float, wanted: float) -> bool:
    if operator.endswith("LessThan"):
        return given < wanted
    if operator.endswith("LessThanEquals"):
        return given <= wanted
    if operator.endswith("GreaterThan"):
        return given > wanted
    if operator.endswith("GreaterThanEquals"):
        return given >= wanted
    return given == wanted


def condition(name: str, key: str, wanted: list[str], context: dict[str, Any]) -> bool:
    given = context.get(key.lower())
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if name == "Null":
        return ("true" if given is None else "false") in wanted
    every, some = name.startswith("ForAllValues:"), name.startswith("ForAnyValue:")
    name = name.split(":")[-1]
    negated = "Not" in name
    operator = name.replace("Not", "")
    if given is None:
        return if_exists or every or (negated and not some)
    values = list(given) if isinstance(given, tuple) else [given]
    if (every or some) and not any(values):
        return every or if_exists
    hits = [any(one_value(operator, w, value) for w in wanted) for value in values]
    if every:
        return all(hit != negated for hit in hits)
    if some:
        return any(hit != negated for hit in hits)
    return any(hits) != negated


def principal(value: Any, who: dict[str, str]) -> str:
    """How a Principal names who asks: "", account, role or self."""
    if value == "*":
        value = {"AWS": "*"}
    aws = listed(value.get("AWS", []))
    if who["kind"] == "AWSService":
        return "self" if "*" in aws or who["arn"] in listed(value.get("Service", [])) else ""
    if who["arn"] in aws and who["kind"] != "Root":
        return "self"
    if "*" in aws or who["identity"] in aws:
        return "role"
    if who["account"] in aws or f"arn:aws:iam::{who['account']}:root" in aws:
        return "self" if who["kind"] == "Root" else "account"
    return ""


def spared(value: Any, who: dict[str, str]) -> bool:
    """Whether NotPrincipal lists the account, the identity and the session of who asks."""
    aws = listed(value.get("AWS", []))
    if who["kind"] == "AWSService":
        return who["arn"] in listed(value.get("Service", []))
    account = who["account"] in aws or f"arn:aws:iam::{who['account']}:root" in aws
    return account and (who["kind"] == "Root" or (who["arn"] in aws and who["identity"] in aws))


def covered(statement: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether a statement covers the action and the resource."""
    action, resource = request["action"].lower(), request["resource"]
    actions = listed(statement.get("Action", statement.get("NotAction")))
    resources = listed(statement.get("Resource", statement.get("NotResource")))
    some_action = any(glob(a.lower(), action) for a in actions)
    some_resource = any(glob(r, resource) for r in resources)
    return some_action == ("Action" in statement) and some_resource == ("Resource" in statement)


def conditions_hold(statement: dict[str, Any], context: dict[str, Any]) -> bool:
    return all(
        condition(name, key, [word(value) for value in listed(wanted)], context)
        for name, block in statement.get("Condition", {}).items()
        for key, wanted in block.items()
    )


def fits(statement: dict[str, Any], request: dict[str, Any]) -> str:
    """How a statement fits the request: "", account, role or self."""
    if not covered(statement, request) or not conditions_hold(statement, request["context"]):
        return ""
    if "Principal" in statement:
        return principal(statement["Principal"], request["who"])
    if "NotPrincipal" in statement:
        return "" if spared(statement["NotPrincipal"], request["who"]) else "self"
    return "self"


def fitting(text: str, request: dict[str, Any]) -> list[tuple[str, str]]:
    statements = listed(json.loads(text)["Statement"])
    return [(s["Effect"], how) for s in statements if (how := fits(s, request))]


def decide(
    request: dict[str, Any],
    identity: list[str],
    session: list[str],
    resource: str | None,
    *,
    granted: bool,
) -> str:
    """The outcome: allowed, explicitDeny or implicitDeny."""
    own = [found for text in identity for found in fitting(text, request)]
    limits = [found for text in session for found in fitting(text, request)]
    named = [] if resource is None else fitting(resource, request)
    if any(effect == "Deny" for effect, _ in own + limits + named):
        return "explicitDeny"
    inside = not session or bool(limits)
    if granted and inside:
        return "allowed"
    kind, ways = request["who"]["kind"], [how for _, how in named]
    if kind == "AWSService":
        return "allowed" if ways and inside else "implicitDeny"
    agreed = bool(own) or kind == "Root"
    if resource is None:
        return "allowed" if agreed and inside else "implicitDeny"
    if request["who"]["account"] == request["owner"]:
        if "self" in ways:
            return "allowed"
        agreed = agreed or "role" in ways
    return "allowed" if ways and agreed and inside else "implicitDeny"
