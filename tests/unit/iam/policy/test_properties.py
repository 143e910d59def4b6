"""The evaluator against a second, plain one, on policies and requests made up by hypothesis."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.naive_policies import decide, glob
from workbench.api.calls import Caller
from workbench.iam.policy.decisions import Matched
from workbench.iam.policy.documents import PolicyKind, parse_policy
from workbench.iam.policy.evaluate import Request, Source, evaluate, grant_match
from workbench.iam.policy.matching import Pattern, read_parts

HERE, THERE = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{HERE}:role/Clerk"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Clerk/Tuesday"
ALICE, BOB = f"arn:aws:iam::{HERE}:user/Alice", f"arn:aws:iam::{THERE}:user/Bob"
KEY = f"arn:aws:kms:us-west-2:{HERE}:key/1234"

CALLERS = [
    Caller(f"arn:aws:iam::{HERE}:root", HERE),
    Caller(f"arn:aws:iam::{THERE}:root", THERE),
    Caller(ALICE, HERE, "IAMUser"),
    Caller(BOB, THERE, "IAMUser"),
    Caller(SESSION, HERE, "AssumedRole", principal=ROLE),
    Caller("sso.amazonaws.com", "", "AWSService"),
]

TESTS = [
    ("kms:ViaService", ["s3.amazonaws.com", "ec2.amazonaws.com", ""], ["String"]),
    ("aws:TagKeys", ["red", "blue", "Red"], ["String"]),
    ("kms:Days", ["7", "30", "7.0"], ["Numeric"]),
    ("aws:CurrentTime", ["2026-01-01T00:00:00Z", "1767225600", "2026-03-01"], ["Date"]),
    ("aws:PrincipalArn", [ROLE, "arn:*:iam::*:role/C*", "arn:aws:s3:::b:c"], ["Arn"]),
    ("kms:MultiRegion", ["true", "false", "TRUE"], ["Bool"]),
]
OPERATORS = {
    "String": [
        *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
        *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ],
    "Numeric": ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"],
    "Date": ["DateEquals", "DateNotEquals", "DateLessThanEquals", "DateGreaterThan"],
    "Arn": ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
    "Bool": ["Bool"],
}


def one_or_more(values: list[str]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=2)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    key, values, (family,) = draw(st.sampled_from(TESTS))
    if draw(st.integers(0, 5)) == 0:
        return {"Null": {key: draw(st.sampled_from(["true", "false", True, False]))}}
    operator = draw(st.sampled_from(OPERATORS[family]))
    prefix = draw(st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"]))
    suffix = draw(st.sampled_from(["", "", "IfExists"]))
    return {f"{prefix}{operator}{suffix}": {key: draw(one_or_more(values))}}


@st.composite
def statements(draw: st.DrawFn, *, principals: bool) -> dict[str, Any]:
    effect = draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
    statement: dict[str, Any] = {"Effect": effect}
    actions = ["kms:Encrypt", "KMS:enc*", "kms:?ecrypt", "kms:*", "*", "s3:Get*"]
    statement[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(one_or_more(actions))
    resources = ["*", KEY, "arn:aws:kms:*:*:key/*", "arn:aws:kms:us-west-2:*:key/9?34"]
    element = draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))
    statement[element] = draw(one_or_more(resources))
    if principals:
        named = [f"arn:aws:iam::{HERE}:root", THERE, HERE, ROLE, SESSION, ALICE, BOB, "*"]
        if effect == "Deny" and draw(st.booleans()):
            listed = st.lists(st.sampled_from(named[:-1]), min_size=1, max_size=4)
            statement["NotPrincipal"] = {"AWS": draw(listed)}
        else:
            service = {"Service": draw(one_or_more(["sso.amazonaws.com", "s3.amazonaws.com"]))}
            choices = [{"AWS": draw(one_or_more(named))}, service, "*"]
            statement["Principal"] = draw(st.sampled_from(choices))
    if draw(st.booleans()):
        statement["Condition"] = draw(conditions())
    return statement


def documents(*, principals: bool) -> st.SearchStrategy[str]:
    listed = st.lists(statements(principals=principals), min_size=1, max_size=3)
    return listed.map(lambda s: json.dumps({"Version": "2012-10-17", "Statement": s}))


@st.composite
def contexts(draw: st.DrawFn) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for key, values, (family,) in TESTS:
        several = st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple)
        single = st.sampled_from(values)
        if draw(st.booleans()):
            context[key.lower()] = draw(single | several if family == "String" else single)
    return context


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(CALLERS),
    st.sampled_from(["kms:Encrypt", "kms:Decrypt"]),
    contexts(),
    st.lists(documents(principals=False), max_size=2),
    st.lists(documents(principals=False), max_size=1),
    st.none() | documents(principals=True) | documents(principals=True),
    st.sampled_from([[], [], [], [grant_match("g-1")]]),
)
def test_two_evaluators_agree(
    caller: Caller,
    action: str,
    context: dict[str, Any],
    identity: list[str],
    session: list[str],
    resource: str | None,
    grants: list[Matched],
) -> None:
    if caller.kind in ("Root", "AWSService"):
        identity, session = [], []  # neither has any
    plain = decide(
        {
            "action": action,
            "resource": KEY,
            "context": context,
            "owner": HERE,
            "who": {
                "arn": caller.arn,
                "identity": caller.identity,
                "account": caller.account,
                "kind": caller.kind,
            },
        },
        identity,
        session,
        resource,
        granted=bool(grants),
    )
    decision = evaluate(
        Request(action, KEY, caller, context, HERE),
        [Source("p", "user", parse_policy(text, PolicyKind.IDENTITY)) for text in identity],
        [Source("s", "session", parse_policy(text, PolicyKind.SESSION)) for text in session],
        Source(KEY, "resource", parse_policy(resource, PolicyKind.RESOURCE)) if resource else None,
        grants,
    )
    assert decision.outcome == plain, decision.sentence()
    assert decision.allowed == (plain == "allowed")
    assert decision.sentence().endswith(".")
    assert bool(decision.aws_reason(action)) != decision.allowed


@settings(max_examples=300, deadline=None)
@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_a_compiled_pattern_matches_what_the_plain_one_does(pattern: str, text: str) -> None:
    compiled = Pattern(read_parts(pattern, wildcards=True, variables=True))
    assert compiled.matches(text, {}) == glob(pattern, text)
