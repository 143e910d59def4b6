"""The bridge to `iam.policy`: stored texts and callers in, decisions out, told in AWS's terms.

Owns which documents concern a request to IAM or STS. Must not know where they are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.api.calls import Caller
from workbench.api.errors import AwsError
from workbench.iam.policy.decisions import Decision, Matched, SourceKind
from workbench.iam.policy.documents import MalformedPolicy, PolicyKind, parse_policy
from workbench.iam.policy.evaluate import Request, Source, evaluate
from workbench.iam.policy.scanning import Position
from workbench.iam.records import Pairs

_SOURCE_TYPES: Final = {"user": "user", "role": "role", "resource": "resource"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        caller: who asks; its session policies narrow it.
        action: as `sts:AssumeRole`.
        resource: ARN, or `*`.
        context: condition keys and their values, in any letter case.
        owner: account of the resource; empty for the caller's own.
    """

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, Sequence[str]]
    owner: str = ""


def checked_policy(text: str, kind: PolicyKind, code: str = "MalformedPolicyDocument") -> str:
    """Return a policy that is one of its kind.

    Args:
        text: the document, JSON.
        kind: where it is to hang.
        code: AWS's code of the refusal.

    Raises:
        AwsError: it is none; the text says which statement and element.
    """
    try:
        parse_policy(text, kind)
    except MalformedPolicy as error:
        raise AwsError(code, error.message, error.next_step) from None
    return text


def judge(
    question: Question,
    identity: Pairs,
    resource: tuple[str, str] | None = None,
    kind: PolicyKind = PolicyKind.TRUST,
) -> Decision:
    """Decide a question.

    Args:
        question: who asks for what.
        identity: policies of the user or role, (name, JSON text).
        resource: the policy of the resource, (name, JSON text); None for none.
        kind: the resource policy's kind.
    """
    caller = question.caller
    hangs: SourceKind = "role" if caller.kind == "AssumedRole" else "user"
    lowered = {key.lower(): tuple(values) for key, values in question.context.items()}
    request = Request(question.action, question.resource, caller, lowered, question.owner)
    session = enumerate(caller.session_policies, start=1)
    return evaluate(
        request,
        [_source(name, hangs, text, PolicyKind.IDENTITY) for name, text in identity],
        [_source(f"session.{n}", "session", text, PolicyKind.SESSION) for n, text in session],
        None if resource is None else _source(resource[0], "resource", resource[1], kind),
    )


def _source(name: str, hangs: SourceKind, text: str, kind: PolicyKind) -> Source:
    return Source(name, hangs, parse_policy(text, kind))


def statements_of(decision: Decision) -> list[dict[str, Any]]:
    """Return the statements that decided, as AWS's MatchedStatements."""
    return [_statement(matched) for matched in decision.matched]


def _statement(matched: Matched) -> dict[str, Any]:
    told: dict[str, Any] = {
        "SourcePolicyId": matched.source_id,
        "SourcePolicyType": _SOURCE_TYPES.get(matched.source_kind, "none"),
    }
    if matched.kind is not None:  # a grant has no text that a place could be in
        told["StartPosition"] = _position(matched.start)
        told["EndPosition"] = _position(matched.end)
    return told


def _position(position: Position) -> dict[str, int]:
    return {"Line": position.line, "Column": position.column}


def missing_keys(decision: Decision) -> list[str]:
    """Return the condition keys that a statement asks for and the request does not have."""
    return sorted({failure.key for failure in decision.failed if not failure.actual})
