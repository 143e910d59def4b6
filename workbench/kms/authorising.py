"""Who may do what with keys: key policies, identity policies, session policies and grants.

Gathers what decides a request and has `workbench.iam.policy` decide; must not interpret policies
itself.

Source: AWS KMS Developer Guide, "Troubleshooting key access" (order of evaluation), "AWS KMS
permissions", "Permissions for using multiple keys".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from workbench.api.calls import Call, Caller
from workbench.api.errors import AwsError
from workbench.base.clock import Clock
from workbench.iam.policy.decisions import Decision, Matched, SourceKind
from workbench.iam.policy.documents import PolicyKind, parse_policy
from workbench.iam.policy.evaluate import Request, Source, evaluate, grant_match
from workbench.iam.unique_ids import AsWritten
from workbench.kms.conditions import CONTEXT_MEMBERS, People, RequestContext, Subject, Value
from workbench.kms.grant_store import Grant, GrantStore
from workbench.kms.lookup import Finder
from workbench.kms.questions import (
    KEYS_BY_ID,
    NOT_ON_ONE_KEY,
    Question,
    Questions,
    refuse_aliases,
)
from workbench.kms.records import KeyRecord

PoliciesOf = Callable[[str], Sequence[tuple[str, str]]]
"""Returns the identity policies of an ARN as (name, JSON text)."""

_MOST_REMEMBERED: Final = 20_000
_MOST_ALIASES: Final = 100


class KmsAuthoriser:
    """Decides about the KMS requests of one Region; satisfies `api.door.Authoriser`.

    Args:
        finder: finds keys.
        grants: the grants of the Region.
        policies_of: the identity policies of the account.
        ids: the principals that key policies name.
        clock: the time a simulated request is made at.
        people: knows unique ids and organizations.
        provide: makes the key of an identifier if it is one of AWS's that is made when it is first
            asked about; returns whether it is.
    """

    def __init__(
        self,
        finder: Finder,
        grants: GrantStore,
        policies_of: PoliciesOf,
        ids: AsWritten,
        clock: Clock,
        people: People,
        provide: Callable[[str, Call], bool],
    ) -> None:
        self._provide = provide
        self._people = people
        self._finder = finder
        self._place = finder.place
        self._grants = grants
        self._policies_of = policies_of
        self._ids = ids
        self._clock = clock
        self._questions = Questions(finder, grants)
        self._remembered: dict[
            tuple[int, str, str], tuple[Caller, KeyRecord | None, object, str]
        ] = {}

    def authorise(self, call: Call, service: str, name: str, request: dict[str, Any]) -> None:
        """Raise `AwsError("AccessDeniedException", …)` unless the request is allowed.

        Raises:
            AwsError: AccessDeniedException with AWS's text, its next step naming the statement
                that decided; InvalidGrantTokenException; NotFoundException or InvalidArnException
                for an alias where AWS takes none.
        """
        del service
        if name in KEYS_BY_ID:
            refuse_aliases(request)
        if "GrantTokens" in request:
            for token in request["GrantTokens"]:
                self._grants.of_token(token)
        identifier = request.get("KeyId")
        if identifier is not None and name not in NOT_ON_ONE_KEY:
            # The common case, kept short: one permission on one key.
            try:
                record = self._finder.find(identifier)
            except AwsError:
                # Those who may ask hear that no key is there; others are told nothing of it.
                self._require(call, self._questions.about_nothing(name, identifier), request)
                if name != "DescribeKey" or not self._provide(identifier, call):
                    return
                record = self._finder.find(identifier)
            if not self._remembers(call.caller, name, record):
                self._require(call, Question(name, record, record.arn(self._place)), request)
            return
        for question in self._questions.of(call, name, request):
            self._require(call, question, request)

    def decide(
        self,
        caller: Caller,
        action: str,
        resource: str,
        context: Mapping[str, Sequence[str]],
    ) -> Decision:
        """Return how a request would be decided, without making it.

        Args:
            caller: who would ask.
            action: `kms:…`.
            resource: ARN of a key or alias, or `*`.
            context: condition keys that the request would carry, by name.

        Raises:
            AwsError: NotFoundException: no such key.
        """
        name = action.partition(":")[2]
        extra: dict[str, Value] = {
            key.lower(): tuple(values) if len(values) != 1 else values[0]
            for key, values in context.items()
        }
        record = None if resource == "*" else self._finder.find(resource)
        where = "*" if record is None else record.arn(self._place)
        question = Question(name, record, where)
        pairs = {
            key.partition(":")[2].partition(":")[2]: values[0]
            for key, values in context.items()
            if key.lower().startswith("kms:encryptioncontext:") and values
        }
        request = {CONTEXT_MEMBERS.get(name, "EncryptionContext"): pairs} if pairs else {}
        return self._decision(caller, question, request, self._clock.now(), extra)

    def would_allow(self, call: Call, action: str, record: KeyRecord) -> bool:
        """Whether the caller might do something if a key were as `record` says."""
        question = Question(action, record, record.arn(self._place))
        return self._decision(call.caller, question, {}, call.time).allowed

    def _remembers(self, caller: Caller, name: str, record: KeyRecord) -> bool:
        """Whether the same was allowed before, by nothing that could have changed since."""
        remembered = self._remembered
        # Most keys share a policy that tells none of them from another.
        known = remembered.get((id(caller), name, record.policy))
        if known is None:
            known = remembered.get((id(caller), name, record.id))
        return (
            known is not None
            and known[0] is caller
            and (known[1] is None or known[1] is record)
            and known[2] is self._policies_of(caller.identity)
            and known[3] is self._ids.policy_shown(record.policy)
        )

    def _remember(self, caller: Caller, name: str, record: KeyRecord, *, particular: bool) -> None:
        """Keep that something was allowed: on this key, or on every key with such a policy."""
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered = {}
        policies = self._policies_of(caller.identity)
        shown = self._ids.policy_shown(record.policy)
        general = (id(caller), name, record.policy)
        if particular:
            self._remembered.pop(general, None)  # what was known there is out of date
            self._remembered[(id(caller), name, record.id)] = (caller, record, policies, shown)
        else:
            self._remembered[general] = (caller, None, policies, shown)

    def _require(self, call: Call, question: Question, request: dict[str, Any]) -> None:
        known = question.record
        if known is not None and self._remembers(call.caller, question.action, known):
            return
        decision = self._decision(call.caller, question, request, call.time, agent=call.agent)
        at_home = question.record is not None or call.caller.account == self._place.account
        if decision.allowed and at_home:
            if not decision.conditional and question.record is not None:
                self._remember(
                    call.caller,
                    question.action,
                    question.record,
                    particular=decision.particular,
                )
            return
        action = f"kms:{question.action}"
        where = "" if question.resource == "*" else f" on resource: {question.resource}"
        reason = decision.aws_reason(action) or f"because no policy allows the {action} action"
        raise AwsError(
            "AccessDeniedException",
            f"User: {call.caller.arn} is not authorized to perform: {action}{where} {reason}",
            " ".join((decision.sentence(), *decision.missing_condition_explanations)),
        )

    def _decision(
        self,
        caller: Caller,
        question: Question,
        request: Mapping[str, Any],
        time: datetime,
        extra: Mapping[str, Value] | None = None,
        agent: str = "",
    ) -> Decision:
        record, place = question.record, question.place or self._place
        context = RequestContext(
            caller,
            place,
            time,
            question.action,
            request,
            Subject(record, lambda: self._aliases(record, place.region), question.partner),
            self._people,
            extra,
        )
        context.agent = agent
        asked = Request(
            action=f"kms:{question.action}",
            resource=question.resource,
            principal=caller,
            context=context,
            resource_account=self._place.account,
        )
        policy = None
        if record is not None:
            shown = self._ids.policy_shown(record.policy)
            document = parse_policy(shown, PolicyKind.RESOURCE)
            policy = Source("default", "resource", document)
        return evaluate(
            asked,
            identity=self._identity(caller),
            session=_session(caller),
            resource=policy,
            grants=lambda: self._granted(caller, question, request, context),
        )

    def _identity(self, caller: Caller) -> tuple[Source, ...]:
        named: Sequence[tuple[str, str]]
        if caller.policies is None:
            named = self._policies_of(caller.identity)
        else:
            named = [(f"policy {n}", text) for n, text in enumerate(caller.policies, start=1)]
        kind: SourceKind = "user" if caller.kind == "IAMUser" else "role"
        return tuple(
            Source(name, kind, parse_policy(text, PolicyKind.IDENTITY)) for name, text in named
        )

    def _aliases(self, record: KeyRecord | None, region: str) -> tuple[str, ...]:
        if record is None:
            return ()
        found = self._finder.stores.region(region).aliases(record.id, "", _MOST_ALIASES)
        return tuple(alias.name for alias in found)

    def _granted(
        self,
        caller: Caller,
        question: Question,
        request: Mapping[str, Any],
        context: RequestContext,
    ) -> tuple[Matched, ...]:
        """Return a grant that permits the request; none if there is none.

        RetireGrant in a grant is about that grant alone, see `may_retire`: it permits nothing here.
        """
        if question.record is None or question.action == "RetireGrant":
            return ()
        names = tuple(dict.fromkeys((caller.arn, caller.identity)))
        for grant in self._grants.of_grantee(question.record.id, names):
            if not grant.permits(question.action, context.encryption_context(), caller.source_arn):
                continue
            if question.action == "CreateGrant" and not _no_wider(grant, request):
                continue
            return (grant_match(grant.id),)
        return ()


def _session(caller: Caller) -> tuple[Source, ...] | None:
    if not caller.session_policies:
        return None
    return tuple(
        Source(f"session policy {number}", "session", parse_policy(text, PolicyKind.SESSION))
        for number, text in enumerate(caller.session_policies, start=1)
    )


def _no_wider(grant: Grant, request: Mapping[str, Any]) -> bool:
    return grant.covers(request.get("Operations") or (), request.get("Constraints") or {})
