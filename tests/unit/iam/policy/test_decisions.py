"""How decisions are told: to a person in a sentence, to a client in AWS's words."""

import json
from typing import Any

import pytest

from workbench.api.calls import Caller
from workbench.iam.policy.decisions import Decision
from workbench.iam.policy.documents import PolicyKind, parse_policy
from workbench.iam.policy.evaluate import Request, Source, evaluate, grant_match

HERE = "111122223333"
KEY = f"arn:aws:kms:us-west-2:{HERE}:key/1234"
ROLE = f"arn:aws:iam::{HERE}:role/app/Clerk"
CLERK = Caller(f"arn:aws:sts::{HERE}:assumed-role/Clerk/x", HERE, "AssumedRole", principal=ROLE)
ALLOW = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
DENY = {**ALLOW, "Effect": "Deny"}
BY_ACCOUNT = {**ALLOW, "Sid": "Let IAM decide", "Principal": {"AWS": HERE}}


def decide(
    key: list[dict[str, Any]],
    own: list[dict[str, Any]] | None = None,
    session: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Decision:
    def parsed(statements: list[dict[str, Any]], kind: PolicyKind) -> Any:
        return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), kind)

    who = more.get("who", CLERK)
    return evaluate(
        Request("kms:Encrypt", KEY, who, more.get("context", {}), HERE),
        [Source("p", "role", parsed(own, PolicyKind.IDENTITY))] if own else [],
        [Source("s", "session", parsed(session, PolicyKind.SESSION))] if session else [],
        Source(KEY, "resource", parsed(key, PolicyKind.RESOURCE)),
        more.get("grants", ()),
    )


@pytest.mark.parametrize(
    ("decision", "sentence", "reason"),
    [
        (
            decide([{**DENY, "Sid": "NoExports", "Principal": "*"}]),
            "Denied by statement “NoExports” of the key policy.",
            "with an explicit deny in a resource-based policy",
        ),
        (
            decide([BY_ACCOUNT], [DENY]),
            "Denied by statement 1 of policy “p” of role Clerk.",
            "with an explicit deny in an identity-based policy",
        ),
        (
            decide([BY_ACCOUNT], [ALLOW], [DENY]),
            "Denied by statement 1 of the session policy.",
            "with an explicit deny in a session policy",
        ),
        (
            decide([BY_ACCOUNT], [{**ALLOW, "Sid": "Use"}]),
            "Allowed: statement “Let IAM decide” of the key policy lets the account decide, and "
            "statement “Use” of policy “p” of role Clerk allows it.",
            "",
        ),
        (
            decide([{**ALLOW, "Principal": {"AWS": ROLE}}]),
            "Allowed: statement 1 of the key policy allows it.",
            "",
        ),
        (
            decide([BY_ACCOUNT], grants=[grant_match("abc")]),
            "Allowed: grant abc allows it.",
            "",
        ),
        (
            decide([{**BY_ACCOUNT, "Action": "kms:Decrypt"}], [ALLOW]),
            "Not allowed: the key policy gives the account no say, so identity policies do not "
            "count.",
            "because no resource-based policy allows the kms:Encrypt action",
        ),
        (
            decide([{**BY_ACCOUNT, "Action": "kms:Decrypt"}]),
            "Not allowed: no statement of the key policy allows it.",
            "because no resource-based policy allows the kms:Encrypt action",
        ),
        (
            decide([BY_ACCOUNT]),
            "Not allowed: statement “Let IAM decide” of the key policy lets identity policies "
            "decide, but no policy of role Clerk allows it.",
            "because no identity-based policy allows the kms:Encrypt action",
        ),
        (
            decide([{**ALLOW, "Principal": {"AWS": ROLE}}], [], [{**ALLOW, "Action": "s3:*"}]),
            "Not allowed: statement 1 of the key policy allows it, but the session policy does "
            "not.",
            "because no session policy allows the kms:Encrypt action",
        ),
        (
            decide([BY_ACCOUNT], [ALLOW], [{**ALLOW, "Action": "s3:*"}]),
            "Not allowed: statement “Let IAM decide” of the key policy and statement 1 of policy "
            "“p” of role Clerk allow it, but the session policy does not.",
            "because no session policy allows the kms:Encrypt action",
        ),
    ],
)
def test_told(decision: Decision, sentence: str, reason: str) -> None:
    assert decision.sentence() == sentence
    assert decision.aws_reason("kms:Encrypt", KEY) == reason


def test_across_accounts_both_sides_are_told() -> None:
    role = "arn:aws:iam::444455556666:role/Far"
    far = Caller(
        "arn:aws:sts::444455556666:assumed-role/Far/x", "444455556666", "AssumedRole", "", role
    )
    named = {**ALLOW, "Sid": "Far", "Principal": {"AWS": role}}
    assert decide([named], [ALLOW], who=far).sentence() == (
        "Allowed: statement “Far” of the key policy and statement 1 of policy “p” of role Far "
        "allow it."
    )
    assert decide([named], who=far).sentence() == (
        "Not allowed: statement “Far” of the key policy allows it, but no policy of role Far "
        "allows it, and another account's key needs both."
    )
    assert decide([BY_ACCOUNT], [ALLOW], who=far).sentence() == (
        "Not allowed: statement 1 of policy “p” of role Far allows it, but no statement of the "
        "key policy does."
    )


def test_the_root_is_told() -> None:
    root = Caller(f"arn:aws:iam::{HERE}:root", HERE)
    decision = evaluate(Request("kms:ListKeys", "*", root))
    assert decision.sentence() == "Allowed: the account's root user needs no policy for it."
    refused = decide([{**ALLOW, "Principal": {"AWS": ROLE}}], who=root)
    assert refused.sentence() == "Not allowed: no statement of the key policy allows it."


@pytest.mark.parametrize(
    ("condition", "context", "words"),
    [
        (
            {"StringLike": {"kms:ViaService": ["sso.*", "s3.*"]}},
            {"kms:viaservice": "ec2.amazonaws.com"},
            "would allow, but kms:ViaService is “ec2.amazonaws.com”, not “sso.*” or “s3.*”.",
        ),
        (
            {"StringLike": {"kms:ViaService": "sso.*"}},
            {},
            "would allow, but the request has no kms:ViaService (StringLike “sso.*”).",
        ),
        (
            {"NumericLessThan": {"kms:RotationPeriodInDays": 365}},
            {"kms:rotationperiodindays": "400"},
            "would allow, but kms:RotationPeriodInDays is “400”, and NumericLessThan asks for "
            "“365”.",
        ),
        (
            {"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a"]}},
            {"aws:tagkeys": ("a", "b")},
            "would allow, but aws:TagKeys is “a” and “b”, and ForAllValues:StringNotEquals asks "
            "for “a”.",
        ),
        (
            {"Null": {"kms:ViaService": "true"}},
            {"kms:viaservice": "s3"},
            "would allow, but the request has kms:ViaService.",
        ),
    ],
)
def test_a_failed_condition_is_told(
    condition: dict[str, Any], context: dict[str, Any], words: str
) -> None:
    statement = {**ALLOW, "Sid": "X", "Principal": {"AWS": ROLE}, "Condition": condition}
    decision = decide([statement], context=context)
    assert decision.missing_condition_explanations == (f"Statement “X” of the key policy {words}",)


def test_a_deny_that_just_missed_is_told_as_one() -> None:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    statement = {**DENY, "Principal": "*", "Condition": condition}
    (told,) = decide([BY_ACCOUNT, statement], [ALLOW]).missing_condition_explanations
    assert told.startswith("Statement 2 of the key policy would deny, but the request has no")
