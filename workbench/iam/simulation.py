"""The policy simulator: who may do what, and because of which statement.

Owns what a simulation asks and how its answer is told. Where a resource has a policy of its own
(a KMS key) and the request brings none, its service decides, grants and all. Beyond AWS, a caller
may also be root, a role's session or an AWS service, as key policies name them. Source: IAM API
Reference, SimulatePrincipalPolicy, SimulateCustomPolicy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from workbench.api.calls import Call, Caller, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam import context as contexts
from workbench.iam.answers import listed, not_offered
from workbench.iam.credentials import Credentials
from workbench.iam.judging import (
    Question,
    checked_policy,
    judge,
    missing_keys,
    statements_of,
)
from workbench.iam.policy.decisions import Decision
from workbench.iam.policy.statements import PolicyKind
from workbench.iam.ports import Decider
from workbench.iam.principals import Principals
from workbench.iam.records import Pairs

_UNSUPPORTED: Final = (
    "PermissionsBoundaryPolicyInputList",
    "OrderedOrganizationPolicyInputList",
    "PolicyExclusionList",
    "ResourceHandlingOption",
)
_CUSTOM: Final = "simulated"
_MOST_RESULTS: Final = 10_000


class Simulation:
    """The two operations that simulate.

    Args:
        principals: makes callers from ARNs.
        credentials: their policies.
        deciders: by service prefix, who decides about that service's resources.
    """

    def __init__(
        self, principals: Principals, credentials: Credentials, deciders: Mapping[str, Decider]
    ) -> None:
        self._principals = principals
        self._credentials = credentials
        self._deciders = deciders

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "SimulatePrincipalPolicy": Operation(self._principal),
            "SimulateCustomPolicy": Operation(self._custom),
        }

    def _principal(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        source = self._caller(request["PolicySourceArn"], call)
        call.note(source.identity)
        policies = self._credentials.policies_for(source)
        if "CallerArn" not in request and not request.get("PolicyInputList"):
            return self._simulate(request, call, source, policies)
        policies += _given(request)
        caller = self._caller(request["CallerArn"], call) if "CallerArn" in request else source
        return self._simulate(request, call, _with(caller, policies), policies)

    def _custom(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        policies = _given(request)
        if "CallerArn" in request:
            caller = self._caller(request["CallerArn"], call)
        else:
            account = call.caller.account
            partition = call.place.partition
            caller = Caller(f"arn:{partition}:iam::{account}:user/{_CUSTOM}", account, "IAMUser")
        return self._simulate(request, call, _with(caller, policies), policies)

    def _caller(self, arn: str, call: Call) -> Caller:
        found = self._principals.named(arn)
        if found is None:
            raise AwsError(
                "InvalidInput",
                f"Invalid Entity Arn: {arn} does not clearly define entity type and name.",
            )
        own = found.account == call.caller.account
        if not own and self._abroad(call):
            raise AwsError("AccessDenied", f"{arn} is of another account.")
        stored = found.kind in ("IAMUser", "AssumedRole")
        if own and stored and self._principals.store.identity(found.identity) is None:
            kind, _, name = found.identity.rpartition(":")[2].partition("/")
            raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.")
        return found

    def _simulate(
        self, request: dict[str, Any], call: Call, caller: Caller, policies: Pairs
    ) -> dict[str, Any]:
        not_offered(request, *_UNSUPPORTED)
        resources = request.get("ResourceArns") or ["*"]
        pairs = [(action, arn) for action in request["ActionNames"] for arn in resources]
        if len(pairs) > _MOST_RESULTS:
            raise AwsError("InvalidInput", f"More than {_MOST_RESULTS} results were asked for.")
        names = [f"{number:05d}" for number in range(len(pairs))]
        answer = listed("EvaluationResults", pairs, names, request)
        given = _entries(request.get("ContextEntries", ()))
        resource_policy = _resource_policy(request)
        results: list[dict[str, Any]] = []
        for action, resource in answer["EvaluationResults"]:
            owner = _owner(request.get("ResourceOwner", ""), resource, call)
            question = Question(caller, action, resource, given, owner)
            decision = self._decide(call, question, policies, resource_policy)
            results.append(self._result(decision, action, resource))
        return {**answer, "EvaluationResults": results}

    def _decide(
        self, call: Call, question: Question, policies: Pairs, resource_policy: str
    ) -> Decision:
        prefix = question.resource.split(":", 3)[2] if question.resource.count(":") >= 5 else ""
        decider = self._deciders.get(prefix)
        if decider is not None and not resource_policy and not self._abroad(call):
            return decider.decide(
                question.caller, question.action, question.resource, question.context
            )
        own = contexts.of_call(_as(call, question.caller), self._principals)
        asked = replace(question, context={**own, **question.context})
        if resource_policy:
            resource = ("ResourcePolicy", resource_policy)
            return judge(asked, policies, resource, PolicyKind.RESOURCE)
        return judge(asked, policies)

    def _abroad(self, call: Call) -> bool:
        """Whether the vault's policies are no business of who asks: it is of another account."""
        return call.caller.account != self._principals.place.account

    def _result(self, decision: Decision, action: str, resource: str) -> dict[str, Any]:
        return {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": decision.outcome,
            "MatchedStatements": statements_of(decision),
            "MissingContextValues": missing_keys(decision),
            "EvalDecisionDetails": _details(decision),
        }


def _details(decision: Decision) -> dict[str, str]:
    """Return the decision in words, and each statement that fits but for a condition."""
    near = enumerate(decision.missing_condition_explanations, start=1)
    told = {f"nearMiss.{number}": sentence for number, sentence in near}
    return {"explanation": decision.sentence(), **told}


def _with(caller: Caller, policies: Pairs) -> Caller:
    return replace(caller, policies=tuple(text for _, text in policies))


def _given(request: dict[str, Any]) -> Pairs:
    return tuple(
        (f"PolicyInputList.{number}", checked_policy(text, PolicyKind.IDENTITY, "InvalidInput"))
        for number, text in enumerate(request.get("PolicyInputList", ()), start=1)
    )


def _resource_policy(request: dict[str, Any]) -> str:
    text = request.get("ResourcePolicy", "")
    return checked_policy(text, PolicyKind.RESOURCE, "InvalidInput") if text else ""


def _entries(entries: Sequence[Mapping[str, Any]]) -> contexts.Context:
    context: contexts.Context = {}
    for entry in entries:
        name = entry.get("ContextKeyName")
        if not name:
            raise AwsError("InvalidInput", "A context entry has no ContextKeyName.")
        context[name] = tuple(entry.get("ContextKeyValues", ()))
    return context


def _owner(said: str, resource: str, call: Call) -> str:
    """Return the account of a resource: as said (an account or its root), as its ARN says, or ours.

    AWS takes a resource without an account, as a bucket, to be in the account simulated.
    """
    fields = (said or resource).split(":", 5)
    if said and len(fields) == 1:
        return said
    return fields[4] if len(fields) == 6 and fields[4] else call.caller.account


def _as(call: Call, caller: Caller) -> Call:
    return Call(caller, call.time, call.request_id, call.place)
