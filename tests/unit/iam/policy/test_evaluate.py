"""The order in which policies count, row by row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from workbench.api.calls import Caller
from workbench.iam.policy.decisions import Decision, Layer, Matched, Why
from workbench.iam.policy.documents import PolicyKind, parse_policy
from workbench.iam.policy.evaluate import Request, Source, evaluate, grant_match

HERE, THERE = "111122223333", "444455556666"
KEY = f"arn:aws:kms:us-west-2:{HERE}:key/1234"
ROLE = f"arn:aws:iam::{HERE}:role/Clerk"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Clerk/Tuesday"
USER = f"arn:aws:iam::{HERE}:user/Alice"

root = Caller(f"arn:aws:iam::{HERE}:root", HERE)
user = Caller(USER, HERE, "IAMUser")
role = Caller(SESSION, HERE, "AssumedRole", principal=ROLE)
stranger = Caller(f"arn:aws:iam::{THERE}:user/Bob", THERE, "IAMUser")
strange_root = Caller(f"arn:aws:iam::{THERE}:root", THERE)
service = Caller("sso.amazonaws.com", "", "AWSService")

ACCOUNT = {"AWS": f"arn:aws:iam::{HERE}:root"}


def allow(principal: Any = None, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*", **more}
    return statement if principal is None else {**statement, "Principal": principal}


def deny(principal: Any = None, **more: Any) -> dict[str, Any]:
    return {**allow(principal, **more), "Effect": "Deny"}


def source(kind: PolicyKind, *statements: Mapping[str, Any]) -> Source:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    hangs = {PolicyKind.IDENTITY: "user", PolicyKind.SESSION: "session"}.get(kind, "resource")
    document = parse_policy(text, kind)
    if hangs == "user":
        return Source("p", "user", document)
    return (
        Source("s", "session", document)
        if hangs == "session"
        else Source(KEY, "resource", document)
    )


def ask(
    who: Caller,
    *,
    key: Sequence[Mapping[str, Any]] | None = None,
    own: Sequence[Mapping[str, Any]] = (),
    session: Sequence[Mapping[str, Any]] | None = None,
    grants: Sequence[Matched] = (),
    context: Mapping[str, str | tuple[str, ...]] | None = None,
) -> Decision:
    return evaluate(
        Request("kms:Encrypt", KEY if key is not None else "*", who, context or {}, HERE),
        [source(PolicyKind.IDENTITY, *own)] if own else [],
        [source(PolicyKind.SESSION, *session)] if session else None,
        None if key is None else source(PolicyKind.RESOURCE, *key),
        grants,
    )


BY_ACCOUNT = [allow(ACCOUNT)]
OTHER = [allow(Action="kms:Decrypt")]
OTHER_KEY = [allow(Resource=KEY + "5")]


@pytest.mark.parametrize(
    ("who", "key", "own", "why"),
    [
        (root, BY_ACCOUNT, [], Why.DIRECT),
        (root, [allow({"AWS": USER})], [], Why.NO_STATEMENT),
        (root, [allow("*")], [], Why.DIRECT),
        (user, BY_ACCOUNT, [allow()], Why.DELEGATED),
        (user, [allow({"AWS": HERE})], [allow()], Why.DELEGATED),
        (user, BY_ACCOUNT, [], Why.NO_IDENTITY),
        (user, BY_ACCOUNT, OTHER, Why.NO_IDENTITY),
        (user, BY_ACCOUNT, OTHER_KEY, Why.NO_IDENTITY),
        (user, [allow({"AWS": USER})], [], Why.DIRECT),
        (user, [allow("*")], [], Why.DIRECT),
        (user, [allow({"AWS": "*"})], [], Why.DIRECT),
        (user, [allow({"AWS": ROLE})], [allow()], Why.NO_SAY),
        (user, [allow({"AWS": ROLE})], [], Why.NO_STATEMENT),
        (user, [allow({"AWS": THERE})], [allow()], Why.NO_SAY),
        (role, [allow({"AWS": ROLE})], [], Why.DIRECT),
        (role, [allow({"AWS": SESSION})], [], Why.DIRECT),
        (role, BY_ACCOUNT, [allow()], Why.DELEGATED),
        (stranger, [allow({"AWS": THERE})], [allow()], Why.ACROSS),
        (stranger, [allow({"AWS": stranger.arn})], [allow()], Why.ACROSS),
        (stranger, [allow("*")], [allow()], Why.ACROSS),
        (stranger, [allow("*")], [], Why.NO_IDENTITY_ACROSS),
        (stranger, [allow({"AWS": stranger.arn})], [], Why.NO_IDENTITY_ACROSS),
        (stranger, BY_ACCOUNT, [allow()], Why.NO_STATEMENT),
        (strange_root, [allow({"AWS": THERE})], [], Why.DIRECT),
        (strange_root, BY_ACCOUNT, [], Why.NO_STATEMENT),
        (service, [allow({"Service": service.arn})], [], Why.DIRECT),
        (service, [allow("*")], [], Why.DIRECT),
        (service, BY_ACCOUNT, [allow()], Why.NO_STATEMENT),
        (user, None, [allow()], Why.IDENTITY),
        (user, None, OTHER, Why.NO_IDENTITY),
        (user, None, OTHER_KEY, Why.NO_IDENTITY),
        (root, None, [], Why.ROOT),
        (service, None, [allow()], Why.NO_IDENTITY),
    ],
)
def test_who_is_allowed_and_why(
    who: Caller, key: list[dict[str, Any]] | None, own: list[dict[str, Any]], why: Why
) -> None:
    decision = ask(who, key=key, own=own)
    assert decision.why is why
    assert decision.allowed == (not why.name.startswith("NO_"))
    assert decision.outcome == ("allowed" if decision.allowed else "implicitDeny")
    assert decision.conditional is False


@pytest.mark.parametrize(
    ("who", "key", "own", "session", "denier"),
    [
        (root, [*BY_ACCOUNT, deny(ACCOUNT)], [], None, "resource"),
        (user, [*BY_ACCOUNT, deny(ACCOUNT)], [allow()], None, "resource"),
        (user, [deny({"AWS": USER}), *BY_ACCOUNT], [allow()], None, "resource"),
        (role, [*BY_ACCOUNT, deny({"AWS": ROLE})], [allow()], None, "resource"),
        (user, [allow({"AWS": USER})], [deny()], None, "user"),
        (role, [allow({"AWS": SESSION})], [allow()], [allow(), deny()], "session"),
        (user, None, [allow(), deny(Resource="*")], None, "user"),
        (service, [allow("*"), deny("*")], [], None, "resource"),
    ],
)
def test_a_deny_anywhere_ends_it(
    who: Caller, key: Any, own: Any, session: Any, denier: str
) -> None:
    decision = ask(who, key=key, own=own, session=session, grants=[grant_match("g")])
    assert decision.outcome == "explicitDeny"
    assert not decision.allowed
    assert [found.source_kind for found in decision.matched] == [denier]
    assert decision.matched[0].effect == "Deny"


def test_every_deny_is_named() -> None:
    decision = ask(user, key=[deny("*"), deny(ACCOUNT)], own=[deny()])
    assert [(m.source_kind, m.index) for m in decision.matched] == [
        ("resource", 0),
        ("resource", 1),
        ("user", 0),
    ]


@pytest.mark.parametrize(
    ("key", "own", "session", "allowed"),
    [
        ([allow({"AWS": SESSION})], [], OTHER, True),
        ([allow({"AWS": ROLE})], [], OTHER, False),
        ([allow({"AWS": ROLE})], [], [allow()], True),
        ([allow({"AWS": ROLE}), allow({"AWS": SESSION})], [], OTHER, True),
        ([allow("*")], [], OTHER, False),
        (BY_ACCOUNT, [allow()], OTHER, False),
        (BY_ACCOUNT, [allow()], [allow()], True),
        (BY_ACCOUNT, [], [allow()], False),
        (None, [allow()], OTHER, False),
        (None, [allow()], [allow()], True),
    ],
)
def test_a_session_policy_narrows(key: Any, own: Any, session: Any, *, allowed: bool) -> None:
    decision = ask(role, key=key, own=own, session=session)
    assert decision.allowed is allowed
    if not allowed and own != []:
        assert decision.lacking is Layer.SESSION


def test_across_accounts_naming_the_session_does_not_lift_the_session_policy() -> None:
    arn = f"arn:aws:sts::{THERE}:assumed-role/Clerk/Tuesday"
    abroad = Caller(arn, THERE, "AssumedRole", principal=f"arn:aws:iam::{THERE}:role/Clerk")
    assert ask(abroad, key=[allow({"AWS": arn})], own=[allow()], session=[allow()]).allowed
    assert not ask(abroad, key=[allow({"AWS": arn})], own=[allow()], session=OTHER).allowed


def test_one_of_several_session_policies_is_enough() -> None:
    own, key = source(PolicyKind.IDENTITY, allow()), source(PolicyKind.RESOURCE, *BY_ACCOUNT)
    session = [source(PolicyKind.SESSION, *OTHER), source(PolicyKind.SESSION, allow())]
    assert evaluate(Request("kms:encrypt", KEY, role, {}, HERE), [own], session, key).allowed


def test_a_grant_allows_what_no_policy_does() -> None:
    grant = grant_match("g-1")
    for who in (user, role, service, stranger):
        decision = ask(who, key=BY_ACCOUNT, grants=[grant])
        assert (decision.why, decision.matched) == (Why.GRANT, (grant,))
        assert decision.conditional
    assert not ask(role, key=BY_ACCOUNT, session=OTHER, grants=[grant]).allowed
    assert ask(role, key=BY_ACCOUNT, session=[allow()], grants=[grant]).allowed


def test_grants_are_looked_for_only_when_needed() -> None:
    asked: list[str] = []

    def grants() -> list[Matched]:
        asked.append("grants")
        return []

    key = source(PolicyKind.RESOURCE, allow({"AWS": USER}), deny({"AWS": ROLE}))
    for who in (user, role):
        evaluate(Request("kms:Encrypt", KEY, who, {}, HERE), [], None, key, grants)
    assert asked == []
    decision = evaluate(Request("kms:Encrypt", KEY, root, {}, HERE), [], None, key, grants)
    assert asked == ["grants"]
    assert decision.why is Why.NO_STATEMENT


CONDITION = {"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}}


def test_only_what_was_looked_at_makes_a_decision_conditional() -> None:
    via = {"kms:viaservice": "s3.us-west-2.amazonaws.com"}
    bound = allow({"AWS": USER}, Condition=CONDITION)
    assert ask(user, key=[bound], context=via).conditional
    assert ask(user, key=[bound]).conditional
    elsewhere = [{**bound, "Action": "kms:Decrypt"}, {**bound, "Principal": {"AWS": ROLE}}]
    assert not ask(user, key=[*elsewhere, *BY_ACCOUNT], own=[allow()]).conditional
    variable = allow(Resource="arn:aws:kms:*:*:key/${aws:username}")
    assert ask(user, key=BY_ACCOUNT, own=[variable]).conditional


@pytest.mark.parametrize(
    ("key", "own", "particular"),
    [
        (BY_ACCOUNT, [allow()], False),
        (BY_ACCOUNT, [allow(Resource=["arn:aws:kms:*", "*"])], False),
        (BY_ACCOUNT, [allow(Resource="arn:aws:kms:*:*:key/*")], True),
        (BY_ACCOUNT, [allow(), deny(Resource=KEY + "5")], True),
        (BY_ACCOUNT, [allow(), {**deny(Resource=KEY + "5"), "Action": "kms:Sign"}], False),
        ([*BY_ACCOUNT, deny({"AWS": ROLE}, Resource=KEY)], [allow()], False),
        ([*BY_ACCOUNT, deny({"AWS": USER}, Resource=KEY + "5")], [allow()], True),
    ],
    ids=["all", "all-of-several", "pattern", "deny", "other-action", "other-person", "own-deny"],
)
def test_a_statement_about_some_resources_makes_a_decision_particular(
    key: list[dict[str, Any]], own: list[dict[str, Any]], *, particular: bool
) -> None:
    decision = ask(user, key=key, own=own)
    assert decision.allowed
    assert decision.particular is particular


def test_all_but_some_resources_are_particular() -> None:
    others = {"Effect": "Allow", "Action": "kms:Encrypt", "NotResource": KEY + "5"}
    nothing = {**others, "NotResource": "*"}
    assert ask(user, key=BY_ACCOUNT, own=[others]).particular
    assert not ask(user, key=BY_ACCOUNT, own=[nothing]).allowed


def test_a_failed_condition_is_kept() -> None:
    bound = allow({"AWS": USER}, Condition=CONDITION, Sid="ViaS3")
    decision = ask(
        user, key=[bound], own=[allow()], context={"kms:viaservice": "ec2.amazonaws.com"}
    )
    assert decision.why is Why.NO_STATEMENT
    (failed,) = decision.failed
    assert failed.statement.sid == "ViaS3"
    assert (failed.operator, failed.key) == ("StringEquals", "kms:ViaService")
    assert failed.expected == ("s3.us-west-2.amazonaws.com",)
    assert failed.actual == ("ec2.amazonaws.com",)
    met = {"kms:viaservice": "s3.us-west-2.amazonaws.com"}
    assert ask(user, key=[bound], context=met).failed == ()


def test_a_statement_of_another_action_or_resource_is_no_near_miss() -> None:
    bound = allow({"AWS": USER}, Condition=CONDITION)
    others = [{**bound, "Action": "kms:Decrypt"}, {**bound, "Resource": "arn:aws:s3:::b"}]
    assert ask(user, key=others).failed == ()


def test_not_action_and_not_resource() -> None:
    everything_else = {"Effect": "Allow", "NotAction": "kms:Decrypt", "NotResource": KEY + "5"}
    policy = {**everything_else, "Principal": {"AWS": USER}}
    assert ask(user, key=[policy]).allowed
    assert not ask(user, key=[{**policy, "NotAction": "kms:enc*"}]).allowed
    assert not ask(user, key=[{**policy, "NotResource": KEY}]).allowed


def test_not_principal_denies_the_rest() -> None:
    spared = {**deny(), "NotPrincipal": {"AWS": [f"arn:aws:iam::{HERE}:root", USER]}}
    key = [*BY_ACCOUNT, spared]
    assert ask(user, key=key, own=[allow()]).allowed
    assert ask(role, key=key, own=[allow()]).outcome == "explicitDeny"


def test_a_trust_policy_decides_who_may_assume_a_role() -> None:
    text = json.dumps(
        {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": ACCOUNT}}
    )
    trust = Source(ROLE, "resource", parse_policy(text, PolicyKind.TRUST))
    request = Request("sts:AssumeRole", ROLE, user, {}, HERE)
    may = source(PolicyKind.IDENTITY, allow(Action="sts:AssumeRole", Resource=ROLE))
    assert evaluate(request, [may], None, trust).why is Why.DELEGATED
    refused = evaluate(request, [], None, trust)
    assert refused.missing == "no identity-based policy allows"
    abroad = evaluate(replace(request, principal=stranger), [may], None, trust)
    assert "no statement of the trust policy does" in abroad.sentence()


def test_the_account_of_the_resource_may_be_left_out() -> None:
    key = source(PolicyKind.RESOURCE, allow({"AWS": USER}))
    assert evaluate(Request("kms:Encrypt", KEY, user), resource=key).allowed


def test_whom_a_provider_vouches_for_needs_the_trust_policy_only() -> None:
    provider = "accounts.google.com"
    text = json.dumps(
        {
            "Statement": {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": provider},
            }
        }
    )
    trust = Source(ROLE, "resource", parse_policy(text, PolicyKind.TRUST))
    who = Caller("someone", "", "WebIdentityUser", principal=provider)
    request = Request("sts:AssumeRoleWithWebIdentity", ROLE, who, {}, HERE)
    assert evaluate(request, [], None, trust).allowed
    other = replace(request, principal=replace(who, principal="example.org"))
    assert not evaluate(other, [], None, trust).allowed


def test_of_statements_that_allow_alike_the_first_is_named() -> None:
    key = [allow(ACCOUNT), allow({"AWS": USER}, Sid="First"), allow({"AWS": USER}, Sid="Second")]
    (found,) = ask(user, key=key).matched
    assert (found.sid, found.index) == ("First", 1)
