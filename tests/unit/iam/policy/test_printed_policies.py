"""The policies that AWS's posts print: who must pass, and who must not."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes import printed_policies as printed
from workbench.api.calls import Caller
from workbench.iam.policy.decisions import Matched
from workbench.iam.policy.documents import MalformedPolicy, PolicyKind, parse_policy
from workbench.iam.policy.evaluate import Decision, Request, Source, evaluate, grant_match
from workbench.iam.policy.matching import Context

HERE, MEMBER, KEY = printed.HERE, printed.MEMBER, printed.KEY
SSO, STORE = "sso.us-east-1.amazonaws.com", "identitystore.us-east-1.amazonaws.com"
Policy = Mapping[str, Any] | None


def session_of(role: str, name: str = "now") -> Caller:
    account = role.split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{name}"
    return Caller(arn, account, "AssumedRole", principal=role)


def service(name: str) -> Caller:
    return Caller(name, "", "AWSService")


def source(policy: Policy, kind: PolicyKind) -> Any:
    hangs: Any = {PolicyKind.IDENTITY: "role", PolicyKind.SESSION: "session"}.get(kind, "resource")
    return Source("p", hangs, parse_policy(json.dumps(policy), kind))


def ask(
    who: Caller,
    action: str,
    context: Context | None = None,
    *,
    key: Policy = None,
    own: Policy = None,
    session: Policy = None,
    grants: tuple[Matched, ...] = (),
    resource: str = KEY,
) -> Decision:
    return evaluate(
        Request(action, resource, who, context or {}, HERE),
        [source(own, PolicyKind.IDENTITY)] if own else [],
        [source(session, PolicyKind.SESSION)] if session else None,
        source(key, PolicyKind.RESOURCE) if key else None,
        grants,
    )


ADMIN = session_of(printed.ADMIN_ROLE)
OTHER_ROLE = session_of(f"arn:aws:iam::{HERE}:role/Other")
MEMBER_ADMIN = session_of(f"arn:aws:iam::{MEMBER}:role/AppAdmin")
ORG = {"aws:principalorgid": printed.ORG}
APP = {"aws:principalisawsservice": "true", "aws:sourceorgid": printed.ORG, "kms:viaservice": SSO}


@pytest.mark.parametrize(
    ("who", "action", "context", "allowed"),
    [
        (ADMIN, "kms:Encrypt", {"kms:viaservice": SSO}, True),
        (ADMIN, "kms:Decrypt", {"kms:viaservice": STORE}, True),
        (ADMIN, "kms:Decrypt", {"kms:viaservice": "s3.us-east-1.amazonaws.com"}, False),
        (ADMIN, "kms:Decrypt", {"kms:viaservice": "sso.amazonaws.com"}, False),
        (ADMIN, "kms:Decrypt", {}, False),
        (ADMIN, "kms:GenerateDataKey", {"kms:viaservice": SSO}, False),
        (ADMIN, "kms:DescribeKey", {}, True),
        (ADMIN, "kms:ScheduleKeyDeletion", {}, False),
        (OTHER_ROLE, "kms:Encrypt", {"kms:viaservice": SSO}, False),
        (OTHER_ROLE, "kms:DescribeKey", {}, False),
        (OTHER_ROLE, "kms:Decrypt", {**ORG, "kms:viaservice": SSO}, True),
        (OTHER_ROLE, "kms:Decrypt", ORG, False),
        (OTHER_ROLE, "kms:Decrypt", {"aws:principalorgid": "o-z", "kms:viaservice": SSO}, False),
        (OTHER_ROLE, "kms:Decrypt", {"kms:viaservice": SSO}, False),
        (service("sso.amazonaws.com"), "kms:Decrypt", {"aws:sourceaccount": HERE}, True),
        (
            service("identitystore.amazonaws.com"),
            "kms:ReEncryptTo",
            {"aws:sourceaccount": HERE},
            True,
        ),
        (service("sso.amazonaws.com"), "kms:Decrypt", {"aws:sourceaccount": MEMBER}, False),
        (service("sso.amazonaws.com"), "kms:Decrypt", {}, False),
        (service("sso.amazonaws.com"), "kms:DescribeKey", {}, True),
        (service("s3.amazonaws.com"), "kms:DescribeKey", {}, False),
        (service("s3.amazonaws.com"), "kms:Decrypt", {"aws:sourceaccount": HERE}, False),
        (service("quicksight.amazonaws.com"), "kms:Decrypt", APP, True),
        (service("quicksight.amazonaws.com"), "kms:Encrypt", APP, False),
        (
            service("quicksight.amazonaws.com"),
            "kms:Decrypt",
            {**APP, "aws:sourceorgid": "o-z"},
            False,
        ),
        (OTHER_ROLE, "kms:Decrypt", {**APP, "aws:principalisawsservice": "false"}, False),
    ],
)
def test_identity_center(who: Caller, action: str, context: Context, *, allowed: bool) -> None:
    assert ask(who, action, context, key=printed.IDENTITY_CENTER_KEY).allowed is allowed


def test_an_app_admin_of_another_account_needs_both_policies() -> None:
    key, own = printed.IDENTITY_CENTER_KEY, printed.APP_ADMIN
    via: Context = {**ORG, "kms:viaservice": SSO}
    assert ask(MEMBER_ADMIN, "kms:Decrypt", via, key=key, own=own).allowed
    assert ask(MEMBER_ADMIN, "kms:Decrypt", via, key=key).lacking is not None
    elsewhere = ask(MEMBER_ADMIN, "kms:Decrypt", via, key=key, own=own, resource=KEY + "0")
    assert not elsewhere.allowed
    direct = ask(MEMBER_ADMIN, "kms:Decrypt", ORG, key=key, own=own)
    assert len(direct.missing_condition_explanations) == 3


@pytest.mark.parametrize(
    ("condition", "name", "arn", "via"),
    [
        (printed.ONE_INSTANCE, "aws:sso:instance-arn", printed.INSTANCE, SSO),
        (printed.ONE_STORE, "aws:identitystore:identitystore-arn", printed.STORE, STORE),
    ],
)
def test_one_instance_only(condition: Any, name: str, arn: str, via: str) -> None:
    statement = {**printed.IDENTITY_CENTER_KEY["Statement"][2], "Condition": condition}
    key, who = printed.document(statement), service("sso.amazonaws.com")
    context = {f"kms:encryptioncontext:{name}": arn, "kms:viaservice": via}
    assert ask(who, "kms:Decrypt", context, key=key).allowed
    for change in ({f"kms:encryptioncontext:{name}": arn + "0"}, {"kms:viaservice": "s3"}):
        assert not ask(who, "kms:Decrypt", {**context, **change}, key=key).allowed


SERVICE_A = session_of(printed.SERVICE_A, "Tenant123Session")


@pytest.mark.parametrize(
    ("key", "session", "alias", "allowed"),
    [
        ("123", "123", "alias/customer-123", True),
        ("123", None, "alias/customer-123", True),
        ("123", "456", "alias/customer-123", False),
        ("456", "123", "alias/customer-456", False),
        ("123", "123", "alias/customer-1234", False),
        ("123", "123", None, False),
    ],
)
def test_a_tenant_s_session_opens_its_own_key(
    key: str, session: str | None, alias: str | None, *, allowed: bool
) -> None:
    decision = ask(
        SERVICE_A,
        "kms:GenerateDataKeyWithoutPlaintext",
        {"kms:requestalias": alias} if alias else {},
        key=printed.tenant_key(key),
        own=printed.TENANT_ROLE,
        session=printed.tenant_session(session) if session else None,
    )
    assert decision.allowed is allowed


def test_only_the_role_of_service_a_meets_tenant_keys() -> None:
    alias, key = {"kms:requestalias": "alias/customer-123"}, printed.tenant_key("123")
    for who in (
        session_of(printed.SERVICE_B),
        OTHER_ROLE,
        Caller(f"arn:aws:iam::{HERE}:root", HERE),
    ):
        assert not ask(who, "kms:Encrypt", alias, key=key, own=printed.TENANT_ROLE).allowed
    assert not ask(SERVICE_A, "kms:PutKeyPolicy", alias, key=key).allowed


def test_service_b_may_assume_the_role_of_service_a() -> None:
    trust = source(printed.TENANT_TRUST, PolicyKind.TRUST)
    may = printed.document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    own = [source(may, PolicyKind.IDENTITY)]

    def assume(who: Caller, policies: list[Source]) -> bool:
        request = Request("sts:AssumeRole", printed.SERVICE_A, who, {}, HERE)
        return evaluate(request, policies, None, trust).allowed

    assert assume(session_of(printed.SERVICE_B), own)
    assert not assume(session_of(printed.SERVICE_B), [])
    assert not assume(session_of(f"arn:aws:iam::{MEMBER}:role/ServiceCRole"), own)
    assert not assume(OTHER_ROLE, own)


STATES = {"kms:viaservice": "states.us-east-1.amazonaws.com"}
MEMBER_MAY = printed.document({"Effect": "Allow", "Action": "kms:*", "Resource": KEY})


def test_a_member_account_uses_the_key_through_step_functions() -> None:
    key, who = printed.STEP_FUNCTIONS_MEMBER_KEY, session_of(printed.MEMBER_ROLE)
    assert ask(who, "kms:GenerateDataKey", STATES, key=key, own=MEMBER_MAY).allowed
    assert not ask(who, "kms:GenerateDataKey", STATES, key=key).allowed
    assert not ask(who, "kms:GenerateDataKey", {}, key=key, own=MEMBER_MAY).allowed
    assert not ask(who, "kms:Encrypt", STATES, key=key, own=MEMBER_MAY).allowed
    west = {"kms:viaservice": "states.us-west-2.amazonaws.com"}
    assert not ask(who, "kms:Decrypt", west, key=key, own=MEMBER_MAY).allowed
    assert not ask(MEMBER_ADMIN, "kms:Decrypt", STATES, key=key, own=MEMBER_MAY).allowed


def test_one_state_machine_uses_the_key() -> None:
    key, who = printed.STEP_FUNCTIONS_OWN_KEY, session_of(printed.EXECUTION_ROLE)
    name = "kms:encryptioncontext:aws:states:statemachinearn"
    assert ask(who, "kms:Decrypt", {name: printed.STATE_MACHINE}, key=key).allowed
    assert not ask(who, "kms:Decrypt", {name: printed.STATE_MACHINE + "2"}, key=key).allowed
    assert not ask(who, "kms:Decrypt", {}, key=key).allowed
    assert not ask(ADMIN, "kms:Decrypt", {name: printed.STATE_MACHINE}, key=key).allowed


def test_logs_are_delivered() -> None:
    key = printed.LOG_DELIVERY_KEY
    assert ask(service("delivery.logs.amazonaws.com"), "kms:Decrypt", key=key).allowed
    assert not ask(service("logs.amazonaws.com"), "kms:Decrypt", key=key).allowed
    assert not ask(service("delivery.logs.amazonaws.com"), "kms:Encrypt", key=key).allowed


def granted(who: Caller, operation: str, context: Mapping[str, str]) -> tuple[Matched, ...]:
    """The printed grant, if it fits."""
    grant = printed.FARGATE_GRANT
    subset = grant["constraints"]["encryptionContextSubset"].items()
    fits = who.arn == grant["granteePrincipal"] and operation in grant["operations"]
    return (grant_match("e3b0"),) if fits and subset <= context.items() else ()


@pytest.mark.parametrize(
    ("name", "operation", "change", "allowed"),
    [
        ("fargate.us-west-2.amazonaws.com", "Decrypt", {"more": "x"}, True),
        ("fargate.us-west-2.amazonaws.com", "Encrypt", {}, False),
        ("fargate.us-west-2.amazonaws.com", "Decrypt", {"aws:ebs:id": "vol-0"}, False),
        ("ec2.us-west-2.amazonaws.com", "Decrypt", {}, False),
    ],
)
def test_fargate_opens_its_volume_by_a_grant(
    name: str, operation: str, change: dict[str, str], *, allowed: bool
) -> None:
    context = {**printed.FARGATE_GRANT["constraints"]["encryptionContextSubset"], **change}
    who, key = service(name), printed.STEP_FUNCTIONS_OWN_KEY
    grants = granted(who, operation, context)
    assert ask(who, f"kms:{operation}", key=key, grants=grants).allowed is allowed


def test_clusters_are_made_with_that_key_only() -> None:
    name = "ecs:fargate-ephemeral-storage-kms-key"
    own = printed.FARGATE_CLUSTERS
    assert ask(ADMIN, "ecs:CreateCluster", {name: KEY}, own=own, resource="*").allowed
    assert not ask(ADMIN, "ecs:CreateCluster", {name: KEY + "0"}, own=own, resource="*").allowed
    assert not ask(ADMIN, "ecs:CreateCluster", {}, own=own, resource="*").allowed
    assert not ask(ADMIN, "ecs:DeleteCluster", {name: KEY}, own=own, resource="*").allowed


def test_a_user_of_the_directory_bucket_needs_the_key_too() -> None:
    by_account = printed.document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{HERE}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    )
    user = Caller(f"arn:aws:iam::{HERE}:user/Reader", HERE, "IAMUser")
    own = printed.S3_EXPRESS_USER
    bucket_only = printed.document(own["Statement"][0])
    assert ask(user, "kms:Decrypt", key=by_account, own=own).allowed
    assert not ask(user, "kms:Decrypt", key=by_account, own=bucket_only).allowed
    assert not ask(user, "kms:Encrypt", key=by_account, own=own).allowed
    for policy in (own, bucket_only):
        opened = ask(user, "s3express:CreateSession", own=policy, resource=printed.EXPRESS_BUCKET)
        assert opened.allowed


@pytest.mark.parametrize(
    ("policy", "kind", "element"),
    [
        (printed.COPY_BUCKET_AS_PRINTED, PolicyKind.RESOURCE, "Principal"),
        (printed.MEMBER_KEY_AS_PRINTED, PolicyKind.RESOURCE, "Principal"),
        (printed.ECR_KEY_AS_PRINTED, PolicyKind.RESOURCE, "Principal"),
        (printed.APP_ADMIN_AS_PRINTED, PolicyKind.IDENTITY, "Sid"),
    ],
)
def test_what_is_printed_wrong_is_refused(policy: Policy, kind: PolicyKind, element: str) -> None:
    with pytest.raises(MalformedPolicy) as caught:
        parse_policy(json.dumps(policy), kind)
    assert caught.value.element == element
