"""A request put to every policy that concerns it, in AWS's order for KMS.

An explicit deny in any document ends it. Then the resource's own policy: naming the principal is
enough within the account; naming the account lets identity policies decide; across accounts both
sides must allow. A session policy narrows all of it unless the session itself is named. Grants come
last. Must not know where policies are kept or what a request does.

Source: IAM User Guide, "Policy evaluation logic"; AWS KMS Developer Guide, "Troubleshooting AWS KMS
permissions" and "Grants in AWS KMS".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from workbench.iam.policy.decisions import (
    Decision,
    FailedCondition,
    Layer,
    Matched,
    SourceKind,
    Why,
)
from workbench.iam.policy.matching import Context
from workbench.iam.policy.principals import PROVIDED, ROOT, SERVICE, Reach, Requester
from workbench.iam.policy.scanning import Position
from workbench.iam.policy.statements import PolicyDocument, PolicyKind, Statement

__all__ = ["Decision", "Grants", "Matched", "Request", "Source", "evaluate", "grant_match"]

NO_CONTEXT: Context = {}
_WITHOUT_POLICIES = frozenset({ROOT, SERVICE, *PROVIDED})
_NOWHERE = Position(0, 0)

Grants = Callable[[], Sequence[Matched]] | Sequence[Matched]
"""Grants that allow the request, made by `grant_match`; a callable is asked only when needed."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document and where it hangs.

    Attributes:
        id: the policy's name, or the resource's ARN.
        kind: what it hangs on.
        document: the policy.
    """

    id: str
    kind: SourceKind
    document: PolicyDocument


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        action: as in `kms:Encrypt`; case does not matter.
        resource: the resource's ARN, or `*` for an operation on none in particular.
        principal: who asks.
        context: the request's condition keys in lower case.
        resource_account: account that owns the resource; empty for the principal's own.
    """

    action: str
    resource: str
    principal: Requester
    context: Context = field(default_factory=lambda: NO_CONTEXT)
    resource_account: str = ""


def grant_match(grant_id: str) -> Matched:
    """Return a grant that allows the request, as evidence for a decision."""
    return Matched(grant_id, "grant", "", 0, _NOWHERE, _NOWHERE, "Allow")


def evaluate(
    request: Request,
    identity: Sequence[Source] = (),
    session: Sequence[Source] | None = None,
    resource: Source | None = None,
    grants: Grants = (),
) -> Decision:
    """Decide a request.

    Args:
        request: what is asked, and by whom.
        identity: policies of the user or role.
        session: session policies; None or empty for a session without.
        resource: the policy of the resource; None for an operation on none.
        grants: grants on the resource that fit the request.
    """
    return _Evaluation(request).decide(identity, session, resource, grants)


class _Evaluation:
    """One request on its way to a decision."""

    __slots__ = (
        "_action",
        "_conditional",
        "_denies",
        "_failed",
        "_holder",
        "_particular",
        "_request",
        "_trust",
    )

    def __init__(self, request: Request) -> None:
        self._request = request
        self._action = request.action.lower()
        self._conditional = False
        self._particular = False
        self._denies: list[Matched] = []
        self._failed: list[FailedCondition] = []
        self._holder = request.principal.identity.rpartition("/")[2]
        self._trust = False

    def decide(
        self,
        identity: Sequence[Source],
        session: Sequence[Source] | None,
        resource: Source | None,
        grants: Grants,
    ) -> Decision:
        """Return the decision; every document is searched for a deny first."""
        reach, named = Reach.NONE, None
        if resource is not None:
            self._trust = resource.document.kind is PolicyKind.TRUST
            reach, named = self._search(resource)
        granted = self._any(identity)
        narrowed = self._any(session) if session else None
        if self._denies:
            return self._made(Why.DENIED, tuple(self._denies))
        unlimited = not session
        if resource is None:
            decision = self._without_resource(granted)
        else:
            unlimited = unlimited or (reach is Reach.ITSELF and not self._abroad())
            decision = self._with_resource(reach, named, granted)
        if decision.allowed and (unlimited or narrowed):
            return decision
        if not decision.allowed and (not session or narrowed):
            return self._by_grant(grants) or decision
        if not decision.allowed:
            return decision
        return self._refused(Why.NO_SESSION, Layer.SESSION, decision.matched)

    def _without_resource(self, granted: Matched | None) -> Decision:
        kind = self._request.principal.kind
        if kind == ROOT:
            return self._made(Why.ROOT)
        if granted is None or kind == SERVICE:
            return self._refused(Why.NO_IDENTITY, Layer.IDENTITY)
        return self._made(Why.IDENTITY, (granted,))

    def _with_resource(
        self, reach: Reach, named: Matched | None, granted: Matched | None
    ) -> Decision:
        if named is None:
            found = (granted,) if granted is not None else ()
            silent = found and not self._abroad() and not self._nearly()
            why = Why.NO_SAY if silent else Why.NO_STATEMENT
            return self._refused(why, Layer.RESOURCE, found)
        kind = self._request.principal.kind
        abroad = self._abroad()
        if kind in _WITHOUT_POLICIES or (reach > Reach.ACCOUNT and not abroad):
            return self._made(Why.DIRECT, (named,))
        if granted is None:
            why = Why.NO_IDENTITY_ACROSS if abroad else Why.NO_IDENTITY
            return self._refused(why, Layer.IDENTITY, (named,))
        return self._made(Why.ACROSS if abroad else Why.DELEGATED, (named, granted))

    def _by_grant(self, grants: Grants) -> Decision | None:
        if callable(grants):
            self._conditional = True
            grants = grants()
        if not grants:
            return None
        self._conditional = True
        return self._made(Why.GRANT, tuple(grants))

    def _nearly(self) -> bool:
        """Return whether a condition alone kept the resource's policy from fitting."""
        return any(failure.statement.source_kind == "resource" for failure in self._failed)

    def _abroad(self) -> bool:
        request = self._request
        owner = request.resource_account
        return bool(owner) and request.principal.account != owner

    def _any(self, sources: Sequence[Source]) -> Matched | None:
        """Return the first statement that allows; every source is searched."""
        first: Matched | None = None
        for source in sources:
            _, found = self._search(source)
            first = first or found
        return first

    def _search(self, source: Source) -> tuple[Reach, Matched | None]:
        """Return the statement of a document that allows with the longest reach; note denies."""
        best, allowing = Reach.NONE, None
        for statement in source.document.statements:
            reach = self._reach(source, statement)
            if not reach:
                continue
            if statement.effect == "Deny":
                self._denies.append(self._matched(source, statement))
            elif reach > best:
                best, allowing = reach, statement
        return best, None if allowing is None else self._matched(source, allowing)

    def _reach(self, source: Source, statement: Statement) -> Reach:
        """Return how a statement names the principal; NONE if it does not fit the request."""
        if not statement.actions.matches(self._action):
            return Reach.NONE
        request, principals = self._request, statement.principals
        reach = Reach.ITSELF if principals is None else principals.reach(request.principal)
        if reach is Reach.NONE:
            return reach
        resources = statement.resources
        if resources is not None:
            if resources.variable:
                self._conditional = True
            if not resources.everything:
                self._particular = True
            if not resources.matches(request.resource, request.context):
                return Reach.NONE
        if statement.checks:
            self._conditional = True
            check = statement.failing(request.context)
            if check is not None:
                told = self._matched(source, statement)
                actual = check.actual(request.context)
                self._failed.append(FailedCondition.of(told, check, actual))
                return Reach.NONE
        return reach

    def _matched(self, source: Source, statement: Statement) -> Matched:
        holder = self._holder if source.kind in ("user", "role") else ""
        return _told(source.id, source.kind, statement, source.document.kind, holder)

    def _made(self, why: Why, matched: tuple[Matched, ...] = ()) -> Decision:
        denied = why is Why.DENIED
        return Decision(
            not denied,
            "explicitDeny" if denied else "allowed",
            why,
            matched,
            conditional=self._conditional,
            particular=self._particular,
            failed=tuple(self._failed),
        )

    def _refused(self, why: Why, lacking: Layer, found: tuple[Matched, ...] = ()) -> Decision:
        kind = self._request.principal.kind
        return Decision(
            allowed=False,
            outcome="implicitDeny",
            why=why,
            conditional=self._conditional,
            particular=self._particular,
            lacking=lacking,
            found=found,
            failed=tuple(self._failed),
            holder=self._holder if kind in ("IAMUser", "AssumedRole") else "",
            holder_kind={"IAMUser": "user", "AssumedRole": "role"}.get(kind, ""),
            trust=self._trust,
        )


@lru_cache(maxsize=4096)
def _told(
    source_id: str, source_kind: SourceKind, statement: Statement, kind: PolicyKind, holder: str
) -> Matched:
    return Matched(
        source_id,
        source_kind,
        statement.sid,
        statement.index,
        statement.start,
        statement.end,
        statement.effect,
        kind,
        holder,
    )
