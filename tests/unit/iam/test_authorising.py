"""Who may ask IAM for what."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.identities import ACCOUNT, OTHER, ROOT, House, policy
from workbench.api.calls import Caller

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
TEXT = "User: {} is not authorized to perform: {} on resource: {} {}"
NONE = "because no identity-based policy allows the {} action"


def refusal(caught: pytest.ExceptionInfo[ClientError]) -> str:
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    return str(error["Message"])


def test_users_may_do_nothing_by_themselves(house: House) -> None:
    iam = house.client("iam", house.user("alice"))
    with pytest.raises(ClientError) as caught:
        iam.create_user(UserName="bob", Path="/x/")
    resource = f"arn:aws:iam::{ACCOUNT}:user/x/bob"
    action = "iam:CreateUser"
    assert refusal(caught) == TEXT.format(ALICE, action, resource, NONE.format(action))
    with pytest.raises(house.root.exceptions.NoSuchEntityException):
        house.root.get_user(UserName="bob")


def test_users_do_what_their_policy_says_and_no_more(house: House) -> None:
    resource = f"arn:aws:iam::{ACCOUNT}:user/team/*"
    statement = {"Action": ["iam:*User", "iam:TagUser"], "Resource": resource}
    iam = house.client("iam", house.user("alice", statement))
    iam.create_user(UserName="bob", Path="/team/")
    iam.tag_user(UserName="bob", Tags=[{"Key": "a", "Value": "b"}])
    iam.get_user(UserName="bob")
    refused: list[tuple[str, dict[str, Any]]] = [
        ("create_user", {"UserName": "eve"}),
        ("get_user", {}),
        ("create_access_key", {"UserName": "bob"}),
        ("list_users", {}),
    ]
    for operation, request in refused:
        with pytest.raises(ClientError) as caught:
            getattr(iam, operation)(**request)
        refusal(caught)


def test_an_explicit_deny_wins(house: House) -> None:
    deny = {"Effect": "Deny", "Action": "iam:DeleteUser"}
    iam = house.client("iam", house.user("alice", {"Action": "*"}, deny))
    iam.create_user(UserName="bob")
    with pytest.raises(ClientError) as caught:
        iam.delete_user(UserName="bob")
    assert refusal(caught).endswith("with an explicit deny in an identity-based policy")


def test_a_session_policy_narrows(house: House) -> None:
    role = house.role("admin", {"AWS": ACCOUNT}, {"Action": "iam:*"})
    wide = house.iam.credentials.acting(role)
    house.client("iam", wide).list_users()
    text = policy({"Action": "iam:GetUser"})
    narrow = Caller(
        wide.arn, wide.account, wide.kind, principal=wide.principal, session_policies=(text,)
    )
    with pytest.raises(ClientError) as caught:
        house.client("iam", narrow).list_users()
    assert refusal(caught).endswith("because no session policy allows the iam:ListUsers action")


def test_policies_that_a_caller_brings_along_count(house: House) -> None:
    house.user("alice")
    alice = Caller(ALICE, ACCOUNT, "IAMUser", policies=(policy({"Action": "iam:GetUser"}),))
    house.client("iam", alice).get_user(UserName="alice")
    with pytest.raises(ClientError) as caught:
        house.client("iam", Caller(ALICE, ACCOUNT, "IAMUser", policies=())).get_user()
    refusal(caught)


def test_tags_of_request_resource_and_principal_count(house: House) -> None:
    own = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    blue = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    alice = house.user(
        "alice",
        {"Action": "iam:GetUser", "Condition": own},
        {"Action": "iam:CreateUser", "Condition": blue},
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    iam = house.client("iam", alice)
    iam.create_user(UserName="bob", Tags=[{"Key": "team", "Value": "blue"}])
    iam.get_user(UserName="bob")
    house.user("eve", Tags=[{"Key": "team", "Value": "red"}])
    with pytest.raises(ClientError):
        iam.get_user(UserName="eve")
    with pytest.raises(ClientError):
        iam.create_user(UserName="mallory", Tags=[{"Key": "team", "Value": "red"}])
    with pytest.raises(ClientError):
        iam.create_user(UserName="mallory")


def test_services_and_strangers_have_no_say(house: House) -> None:
    for caller in (
        Caller("ec2.amazonaws.com", ACCOUNT, "AWSService"),
        Caller(f"arn:aws:iam::{OTHER}:user/alice", OTHER, "IAMUser"),
    ):
        with pytest.raises(ClientError) as caught:
            house.client("iam", caller).list_users()
        refusal(caught)


def test_a_refusal_is_journalled(house: House) -> None:
    with pytest.raises(ClientError):
        house.client("iam", house.user("alice")).list_users()
    event = house.events[-1].document()
    assert (event["eventName"], event["errorCode"]) == ("ListUsers", "AccessDenied")
    assert event["userIdentity"]["arn"] == ALICE
    assert house.iam.credentials.acting(ROOT).kind == "Root"
