"""Sessions: who may begin one, how long it lasts, what it carries."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.fakes.identities import ACCOUNT, OTHER, ROOT, House, policy, trust
from workbench.api.calls import Caller

ASSUME = {"Action": "sts:AssumeRole"}
DENIED = "User: {} is not authorized to perform: {} on resource: {}"
SERVICE_B = Caller(
    f"arn:aws:sts::{OTHER}:assumed-role/ServiceBRole/lambda",
    OTHER,
    "AssumedRole",
    principal=f"arn:aws:iam::{OTHER}:role/ServiceBRole",
    policies=(policy(ASSUME),),
)


def refused(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def assume(house: House, caller: Caller, role: str, **request: Any) -> dict[str, Any]:
    sts = house.client("sts", caller)
    answer: dict[str, Any] = sts.assume_role(
        RoleArn=role, **{"RoleSessionName": "session", **request}
    )
    return answer


def denied(house: House, caller: Caller, role: str, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        assume(house, caller, role, **request)
    code, message = refused(caught)
    assert code == "AccessDenied"
    return message


def session_of(house: House, answer: dict[str, Any]) -> Caller:
    found = house.iam.credentials.find(answer["Credentials"]["AccessKeyId"])
    assert found is not None
    return found.caller


def test_who_am_i(house: House) -> None:
    root = house.client("sts", house.iam.credentials.acting(ROOT)).get_caller_identity()
    assert (root["UserId"], root["Account"], root["Arn"]) == (ACCOUNT, ACCOUNT, ROOT)
    alice = house.client("sts", house.user("alice")).get_caller_identity()
    assert alice["UserId"] == house.root.get_user(UserName="alice")["User"]["UserId"]
    nobody = house.client("sts", SERVICE_B).get_caller_identity()
    assert (nobody["Account"], nobody["UserId"]) == (OTHER, "ServiceBRole:lambda")


def test_the_tenants_of_two_accounts(house: House) -> None:
    """The multi-tenant example: ServiceBRole of another account assumes ServiceARole."""
    aliases = {"StringLike": {"kms:RequestAlias": "alias/customer-*"}}
    work = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
    trusted = {"AWS": f"arn:aws:iam::{OTHER}:role/ServiceBRole"}
    role = house.role("ServiceARole", trusted, {"Action": work, "Condition": aliases})
    alias = {"StringEquals": {"kms:RequestAlias": "alias/customer-123"}}
    text = policy({"Action": work, "Condition": alias})
    answer = assume(house, SERVICE_B, role, RoleSessionName="Tenant123Session", Policy=text)
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/ServiceARole/Tenant123Session"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert answer["AssumedRoleUser"]["AssumedRoleId"].startswith("AROA")
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":Tenant123Session")
    assert 0 < answer["PackedPolicySize"] <= 100
    caller = session_of(house, answer)
    assert (caller.arn, caller.identity, caller.kind) == (arn, role, "AssumedRole")
    assert caller.session_policies == (text,)
    assert caller.access_key_id.startswith("ASIA")
    assert [name for name, _ in house.iam.credentials.policies_of(caller.identity)] == ["own"]
    told = house.signed("sts", answer["Credentials"]).get_caller_identity()
    assert told["Arn"] == arn
    assert told["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]


@pytest.mark.parametrize(
    "stranger",
    [
        Caller(
            f"arn:aws:iam::{OTHER}:user/ServiceBRole", OTHER, "IAMUser", policies=(policy(ASSUME),)
        ),
        Caller(
            f"arn:aws:sts::{OTHER}:assumed-role/Other/lambda",
            OTHER,
            "AssumedRole",
            principal=f"arn:aws:iam::{OTHER}:role/Other",
            policies=(policy(ASSUME),),
        ),
        Caller(SERVICE_B.arn, OTHER, "AssumedRole", principal=SERVICE_B.principal, policies=()),
        Caller(SERVICE_B.arn, OTHER, "AssumedRole", principal=SERVICE_B.principal),
    ],
    ids=["a user of that name", "another role", "not let by its account", "of unknown policies"],
)
def test_tenants_that_may_not(house: House, stranger: Caller) -> None:
    role = house.role("ServiceARole", {"AWS": f"arn:aws:iam::{OTHER}:role/ServiceBRole"})
    message = denied(house, stranger, role)
    assert message == DENIED.format(stranger.arn, "sts:AssumeRole", role)


def test_a_role_that_is_not_there_is_refused_alike(house: House) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/none"
    assert denied(house, SERVICE_B, role) == DENIED.format(SERVICE_B.arn, "sts:AssumeRole", role)
    alice = house.user("alice", ASSUME)
    assert "sts:AssumeRole" in denied(house, alice, alice.arn)


def test_root_assumes_no_role(house: House) -> None:
    role = house.role("r", {"AWS": ACCOUNT})
    root = house.iam.credentials.acting(ROOT)
    assert denied(house, root, role) == "Roles may not be assumed by root accounts."


def test_trust_in_the_account_asks_for_an_identity_policy(house: House) -> None:
    role = house.role("r", {"AWS": ROOT})
    assert "sts:AssumeRole" in denied(house, house.user("alice"), role)
    bob = house.user("bob", ASSUME)
    assert session_of(house, assume(house, bob, role)).identity == role


def test_trust_by_name_is_enough_in_the_same_account(house: House) -> None:
    alice = house.user("alice")
    role = house.role("r", {"AWS": alice.arn})
    assume(house, alice, role)
    bob = house.user("bob", ASSUME)
    denied(house, bob, role)


def test_an_explicit_deny_wins(house: House) -> None:
    alice = house.user("alice", {"Effect": "Deny", **ASSUME})
    role = house.role("r", {"AWS": alice.arn})
    denied(house, alice, role)


def test_services_assume_roles_that_trust_them(house: House) -> None:
    role = house.role("r", {"Service": "lambda.amazonaws.com"})
    service = Caller("lambda.amazonaws.com", ACCOUNT, "AWSService")
    assume(house, service, role)
    denied(house, Caller("ec2.amazonaws.com", ACCOUNT, "AWSService"), role)


def test_an_external_id_is_asked_for(house: House) -> None:
    external = {"StringEquals": {"sts:ExternalId": "12345"}}
    role = house.role("r", {"AWS": SERVICE_B.principal})
    house.root.update_assume_role_policy(
        RoleName="r", PolicyDocument=trust({"AWS": SERVICE_B.principal}, Condition=external)
    )
    denied(house, SERVICE_B, role)
    denied(house, SERVICE_B, role, ExternalId="54321")
    assume(house, SERVICE_B, role, ExternalId="12345")


def test_sessions_end(house: House) -> None:
    alice = house.user("alice", ASSUME)
    role = house.role("r", {"AWS": ACCOUNT}, MaxSessionDuration=7200)
    begun = house.clock.now().replace(microsecond=0)
    answer = assume(house, alice, role)
    assert abs(answer["Credentials"]["Expiration"] - begun) <= timedelta(seconds=3605)
    answer = assume(house, alice, role, DurationSeconds=7200)
    assert answer["Credentials"]["Expiration"] - begun >= timedelta(seconds=7200)
    with pytest.raises(ClientError) as caught:
        assume(house, alice, role, DurationSeconds=7201)
    assert refused(caught) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    for seconds in (899, 43_201):
        with pytest.raises((ClientError, ParamValidationError)):
            assume(house, alice, role, DurationSeconds=seconds)


def test_expired_keys_are_told_apart_until_they_are_forgotten(house: House) -> None:
    alice = house.user("alice", ASSUME)
    role = house.role("r", {"AWS": ACCOUNT})
    first = assume(house, alice, role)["Credentials"]
    house.clock.travel(timedelta(hours=2))
    assume(house, alice, role)
    found = house.iam.credentials.find(first["AccessKeyId"])
    assert found is not None
    assert found.expires == first["Expiration"] < house.clock.now()
    house.clock.travel(timedelta(hours=12))
    assume(house, alice, role)
    house.iam.store.forget()
    assert house.iam.credentials.find(first["AccessKeyId"]) is None


def test_a_chain_lasts_an_hour_at_most(house: House) -> None:
    alice = house.user("alice", ASSUME)
    one = house.role("one", {"AWS": ACCOUNT}, ASSUME, MaxSessionDuration=7200)
    two = house.role("two", {"AWS": one}, MaxSessionDuration=7200)
    session = session_of(house, assume(house, alice, one))
    assume(house, session, two, DurationSeconds=3600)
    with pytest.raises(ClientError) as caught:
        assume(house, session, two, DurationSeconds=3601)
    assert "role chaining" in refused(caught)[1]


def test_a_session_policy_narrows_the_next_step_too(house: House) -> None:
    alice = house.user("alice", ASSUME)
    one = house.role("one", {"AWS": ACCOUNT}, ASSUME)
    two = house.role("two", {"AWS": ACCOUNT})
    narrow = assume(house, alice, one, Policy=policy({"Action": "kms:Decrypt"}))
    denied(house, session_of(house, narrow), two)
    assume(house, session_of(house, assume(house, alice, one)), two)


@pytest.mark.parametrize("text", ["no JSON", "{}", trust({"AWS": ACCOUNT})])
def test_session_policies_that_are_none(house: House, text: str) -> None:
    role = house.role("r", {"AWS": ACCOUNT})
    sts = house.client("sts", house.user("alice", ASSUME))
    with pytest.raises(sts.exceptions.MalformedPolicyDocumentException):
        sts.assume_role(RoleArn=role, RoleSessionName="s1", Policy=text)


def test_session_policies_have_a_length(house: House) -> None:
    alice = house.user("alice", ASSUME)
    role = house.role("r", {"AWS": ACCOUNT})
    with pytest.raises(ClientError) as caught:
        assume(house, alice, role, Policy=policy({"Action": "kms:Decrypt", "Sid": "x" * 2048}))
    assert refused(caught)[0] == "ValidationError"


def test_managed_session_policies_are_refused_rather_than_forgotten(house: House) -> None:
    alice = house.user("alice", ASSUME)
    role = house.role("r", {"AWS": ACCOUNT})
    arns = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    with pytest.raises(ClientError) as caught:
        assume(house, alice, role, PolicyArns=arns)
    assert refused(caught)[0] == "InvalidParameterValue"


def test_codes_of_devices_nobody_has(house: House) -> None:
    alice = house.user("alice", ASSUME)
    role = house.role("r", {"AWS": ACCOUNT})
    device = f"arn:aws:iam::{ACCOUNT}:mfa/alice"
    denied(house, alice, role, SerialNumber=device, TokenCode="123456")


TAGGING = ["sts:AssumeRole", "sts:TagSession"]


def tagged(house: House) -> tuple[Caller, str, str]:
    alice = house.user("alice", {"Action": TAGGING})
    one = house.role("one", {"AWS": ACCOUNT}, {"Action": TAGGING})
    two = house.role("two", {"AWS": ACCOUNT})
    for name in ("one", "two"):
        document = trust({"AWS": ACCOUNT}, TAGGING)
        house.root.update_assume_role_policy(RoleName=name, PolicyDocument=document)
    return alice, one, two


def test_session_tags_hide_the_roles(house: House) -> None:
    alice, one, _ = tagged(house)
    role_tags = [{"Key": "Team", "Value": "blue"}, {"Key": "site", "Value": "oslo"}]
    house.root.tag_role(RoleName="one", Tags=role_tags)
    answer = assume(house, alice, one, Tags=[{"Key": "team", "Value": "red"}])
    assert session_of(house, answer).tags == (("site", "oslo"), ("team", "red"))


def test_transitive_tags_pass_on(house: House) -> None:
    alice, one, two = tagged(house)
    tags = [{"Key": "tenant", "Value": "1"}, {"Key": "other", "Value": "2"}]
    answer = assume(house, alice, one, Tags=tags, TransitiveTagKeys=["tenant"])
    session = session_of(house, answer)
    following = session_of(house, assume(house, session, two))
    assert following.tags == (("tenant", "1"),)
    with pytest.raises(ClientError) as caught:
        assume(house, session, two, Tags=[{"Key": "Tenant", "Value": "2"}])
    assert refused(caught)[0] == "InvalidParameterValue"
    with pytest.raises(ClientError) as caught:
        assume(house, alice, one, Tags=tags, TransitiveTagKeys=["absent"])
    assert refused(caught)[0] == "InvalidParameterValue"


def test_tags_need_a_permission_of_their_own(house: House) -> None:
    role = house.role("r", {"AWS": ACCOUNT})
    alice = house.user("alice", {"Action": TAGGING})
    message = denied(house, alice, role, Tags=[{"Key": "a", "Value": "b"}])
    assert message == DENIED.format(alice.arn, "sts:TagSession", role)


def test_too_much_to_pack(house: House) -> None:
    alice, one, _ = tagged(house)
    tags = [{"Key": f"{n}" * 9, "Value": f"{n * 7919**40}"[:150]} for n in range(11, 61)]
    sts = house.client("sts", alice)
    with pytest.raises(sts.exceptions.PackedPolicyTooLargeException):
        sts.assume_role(RoleArn=one, RoleSessionName="s1", Tags=tags)


def test_a_source_identity_stays(house: House) -> None:
    action = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    alice = house.user("alice", {"Action": action})
    one = house.role("one", {"AWS": ACCOUNT}, {"Action": action})
    two = house.role("two", {"AWS": ACCOUNT})
    denied(house, alice, one, SourceIdentity="alice")
    for name in ("one", "two"):
        house.root.update_assume_role_policy(
            RoleName=name, PolicyDocument=trust({"AWS": ACCOUNT}, action)
        )
    answer = assume(house, alice, one, SourceIdentity="alice")
    assert answer["SourceIdentity"] == "alice"
    session = session_of(house, answer)
    assert assume(house, session, two)["SourceIdentity"] == "alice"
    assert "sts:SetSourceIdentity" in denied(house, session, two, SourceIdentity="bob")


def test_session_tokens_of_users_and_root(house: House) -> None:
    alice = house.user("alice", {"Action": "iam:GetUser"})
    begun = house.clock.now()
    own = house.client("sts", alice).get_session_token()["Credentials"]
    assert own["Expiration"] > begun + timedelta(hours=11)
    signed = house.signed("sts", own)
    assert signed.get_caller_identity()["Arn"] == alice.arn
    with pytest.raises(ClientError) as caught:
        signed.get_session_token()
    assert refused(caught) == (
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    )
    with pytest.raises(ClientError) as caught:
        house.signed("iam", own).get_user()
    assert refused(caught)[0] == "InvalidClientTokenId"
    role = house.role("r", {"AWS": alice.arn})
    signed.assume_role(RoleArn=role, RoleSessionName="from-a-session")
    root = house.client("sts", house.iam.credentials.acting(ROOT))
    root.get_session_token(DurationSeconds=3600)
    with pytest.raises(ClientError):
        root.get_session_token(DurationSeconds=3601)


@pytest.mark.parametrize("size", [1, 353, 4096])
def test_tokens_are_as_long_as_asked_for(house: House, size: int) -> None:
    sts = house.client("sts", house.user("alice"))
    answer = sts.get_session_token(MinimumSessionTokenSize=size)
    token = answer["Credentials"]["SessionToken"]
    assert size <= len(token) == answer["SessionTokenSize"] < size + 356
    assert 0 < answer["SessionTokenUtilization"] <= 100


def test_a_session_asks_for_no_session_token(house: House) -> None:
    role = house.role("r", {"AWS": ACCOUNT})
    session = house.client("sts", house.iam.credentials.acting(role))
    with pytest.raises(ClientError, match="session credentials"):
        session.get_session_token()


def test_sessions_end_with_their_role_or_user(house: House) -> None:
    alice = house.user("alice")
    role = house.role("r", {"AWS": alice.arn})
    keys = [
        assume(house, alice, role)["Credentials"]["AccessKeyId"],
        house.client("sts", alice).get_session_token()["Credentials"]["AccessKeyId"],
    ]
    house.root.delete_role(RoleName="r")
    house.root.delete_user(UserName="alice")
    assert [house.iam.credentials.find(key) for key in keys] == [None, None]


def test_temporary_keys_are_no_keys_of_the_user(house: House) -> None:
    alice = house.user("alice")
    key = house.client("sts", alice).get_session_token()["Credentials"]["AccessKeyId"]
    assert house.root.list_access_keys(UserName="alice")["AccessKeyMetadata"] == []
    with pytest.raises(house.root.exceptions.NoSuchEntityException):
        house.root.delete_access_key(UserName="alice", AccessKeyId=key)


def test_roles_and_users_are_told_as_cloudtrail_does(house: House) -> None:
    alice = house.user("alice", ASSUME)
    assume(house, alice, house.role("r", {"AWS": ACCOUNT}))
    event = house.events[-1].document()
    assert [item["type"] for item in event["resources"]] == ["AWS::IAM::Role"]
    assert event["userIdentity"]["type"] == "IAMUser"
    assert event["responseElements"]["credentials"]["accessKeyId"].startswith("ASIA")


def test_the_account_of_a_key(house: House) -> None:
    key = house.iam.ensure_root_key(house.clock.now()).id
    sts = house.client("sts", house.iam.credentials.acting(ROOT))
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT
    with pytest.raises(ClientError) as caught:
        sts.get_access_key_info(AccessKeyId="0" * 16)
    assert refused(caught)[0] == "ValidationError"
    with pytest.raises(ClientError) as caught:
        house.client("sts", house.user("alice")).get_access_key_info(AccessKeyId=key)
    assert refused(caught)[0] == "AccessDenied"


def test_no_secret_of_a_session_is_told(house: House) -> None:
    alice = house.user("alice", ASSUME)
    answer = assume(house, alice, house.role("r", {"AWS": ACCOUNT}))["Credentials"]
    key = house.iam.store.access_key(answer["AccessKeyId"])
    told = repr(key) + repr(house.iam.credentials.find(answer["AccessKeyId"]))
    told += json.dumps([event.document() for event in house.events])
    assert answer["AccessKeyId"] in told
    assert answer["SecretAccessKey"] not in told
    assert answer["SessionToken"] not in told


def test_there_is_an_end_to_temporary_keys(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.iam.sts._MOST_KEYS", 2)
    alice = house.client("sts", house.user("alice"))
    for _ in range(2):
        alice.get_session_token(DurationSeconds=900)
    with pytest.raises(ClientError) as caught:
        alice.get_session_token()
    assert refused(caught)[0] == "LimitExceeded"
    house.clock.travel(timedelta(minutes=16))
    alice.get_session_token()
