"""Asking IAM's policy simulator who may do what with a key, and because of what.

Knows boto3's IAM client and no Qt; runs on a worker. Source: IAM API Reference,
SimulatePrincipalPolicy, SimulateCustomPolicy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.iam.policy.documents import PolicyKind
from workbench.ui.policies.texts import statement_at

_KMS: Final = "kms:"
_CONTEXT: Final = "kms:EncryptionContext:"
_USER: Final = ":user/"
_NEAR: Final = "nearMiss."
_USUAL: Final = {
    "allowed": "A statement allows it.",
    "explicitDeny": "A statement denies it.",
    "implicitDeny": "No statement allows it.",
}
"""What is said where the simulator does not explain itself, as on AWS."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The key that is asked about.

    Attributes:
        arn: its ARN.
        policy: its key policy as saved.
        draft: the policy as edited, where that is to be asked; else empty.
        actions: permissions that suit the key, without prefix.
        uses: those of them that are cryptographic operations.
        aws: whether AWS's own simulator is asked, which must be told the key policy.
    """

    arn: str
    policy: str
    draft: str = ""
    actions: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    aws: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked.

    Attributes:
        principal: ARN, or service principal.
        actions: without prefix.
        context: encryption context pairs.
        keys: further condition keys with their values.
    """

    principal: str
    actions: tuple[str, ...]
    context: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer.

    Attributes:
        principal: who.
        action: what, without prefix.
        allowed: whether they may.
        explicit: whether a statement denies it, rather than none allowing it.
        because: one sentence.
        near: statements that fit but for a condition, a sentence each.
        statements: statements of the key policy that decided, counted from 0.
        elsewhere: other policies and grants that decided, by name.
    """

    principal: str
    action: str
    allowed: bool
    explicit: bool
    because: str
    near: tuple[str, ...] = ()
    statements: tuple[int, ...] = ()
    elsewhere: tuple[str, ...] = ()


def ask(iam: Any, subject: Subject, asked: Asked) -> list[Verdict]:
    """Return a verdict for each action.

    Raises:
        ClientError: NoSuchEntity, AccessDenied, InvalidInput.
    """
    request: dict[str, Any] = {
        "ActionNames": [f"{_KMS}{name}" for name in asked.actions],
        "ResourceArns": [subject.arn],
        "ContextEntries": _entries(asked),
    }
    policy = subject.draft or (subject.policy if subject.aws and _USER in asked.principal else "")
    if policy:
        request["ResourcePolicy"] = policy
    if ".amazonaws.com" in asked.principal:
        request |= {"PolicyInputList": [], "CallerArn": asked.principal}
        simulate = iam.simulate_custom_policy
    else:
        request["PolicySourceArn"] = asked.principal
        simulate = iam.simulate_principal_policy
    text = subject.draft or subject.policy
    return [_verdict(asked.principal, text, result) for result in _results(simulate, request)]


def _entries(asked: Asked) -> list[dict[str, Any]]:
    given: dict[str, list[str]] = {}
    for name, value in asked.context:
        given.setdefault(f"{_CONTEXT}{name}", []).append(value)
    if asked.context:
        given["kms:EncryptionContextKeys"] = [name for name, _ in asked.context]
    for name, value in asked.keys:
        given.setdefault(name, []).append(value)
    return [
        {
            "ContextKeyName": name,
            "ContextKeyValues": values,
            "ContextKeyType": "string" if len(values) == 1 else "stringList",
        }
        for name, values in given.items()
    ]


def _results(simulate: Any, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    marker: dict[str, str] = {}
    while True:
        answer = simulate(**request, **marker)
        yield from answer["EvaluationResults"]
        if not answer.get("IsTruncated"):
            return
        marker = {"Marker": answer["Marker"]}


def _verdict(principal: str, text: str, result: Mapping[str, Any]) -> Verdict:
    statements, elsewhere = _places(text, result.get("MatchedStatements", ()))
    details = result.get("EvalDecisionDetails") or {}
    decision = result["EvalDecision"]
    return Verdict(
        principal,
        result["EvalActionName"].removeprefix(_KMS),
        decision == "allowed",
        decision == "explicitDeny",
        details.get("explanation") or _USUAL.get(decision, ""),
        tuple(sentence for name, sentence in details.items() if name.startswith(_NEAR)),
        statements,
        elsewhere,
    )


def _places(
    text: str, matched: Sequence[Mapping[str, Any]]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    statements: list[int] = []
    elsewhere: list[str] = []
    for one in matched:
        if one.get("SourcePolicyType") != "resource":
            elsewhere.append(one.get("SourcePolicyId", ""))
            continue
        start = one.get("StartPosition") or {"Line": 0, "Column": 0}
        index = statement_at(text, PolicyKind.RESOURCE, start["Line"], start["Column"])
        if index is not None:
            statements.append(index)
    return tuple(statements), tuple(elsewhere)
