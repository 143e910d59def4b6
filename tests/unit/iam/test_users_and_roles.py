"""Users, roles, tags and inline policies, with AWS's answers and refusals."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.exceptions import ClientError

from tests.fakes.identities import ACCOUNT, OTHER, House, policy, trust
from workbench.api.calls import Caller
from workbench.base.identifiers import Place

ANY = {"Action": "kms:Decrypt"}
TRUST = trust({"AWS": ACCOUNT})


def refused(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_user_is_made_told_listed_and_deleted(house: House) -> None:
    made = house.root.create_user(
        UserName="alice", Path="/staff/", Tags=[{"Key": "team", "Value": "blue"}]
    )["User"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/staff/alice"
    assert made["UserId"].startswith("AIDA")
    assert len(made["UserId"]) == 21
    assert made["CreateDate"].microsecond == 0
    assert made["Tags"] == [{"Key": "team", "Value": "blue"}]
    assert house.root.get_user(UserName="alice")["User"] == made
    house.user("bob")
    names = [user["UserName"] for user in house.root.list_users()["Users"]]
    assert names == ["alice", "bob"]
    staff = house.root.list_users(PathPrefix="/staff/")["Users"]
    assert [user["UserName"] for user in staff] == ["alice"]
    house.root.delete_user(UserName="alice")
    with pytest.raises(house.root.exceptions.NoSuchEntityException) as caught:
        house.root.get_user(UserName="alice")
    assert refused(caught) == ("NoSuchEntity", "The user with name alice cannot be found.")


def test_names_are_taken_in_any_letter_case(house: House) -> None:
    house.user("alice")
    with pytest.raises(house.root.exceptions.EntityAlreadyExistsException) as caught:
        house.root.create_user(UserName="Alice")
    assert refused(caught)[1] == "User with name Alice already exists."
    with pytest.raises(house.root.exceptions.NoSuchEntityException):
        house.root.get_user(UserName="Alice")
    house.role("alice", {"AWS": ACCOUNT})  # a role is no user


@pytest.mark.parametrize("name", ["a b", "a/b", "é", "x" * 65, "a\n"])
def test_names_that_are_none(house: House, name: str) -> None:
    with pytest.raises(ClientError) as caught:
        house.root.create_user(UserName=name)
    assert refused(caught)[0] in ("ValidationError", "ValidationException")
    with pytest.raises(ClientError):
        house.root.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


@pytest.mark.parametrize("path", ["staff", "/staff", "//\x7f\x80/"])
def test_paths_that_are_none(house: House, path: str) -> None:
    with pytest.raises(ClientError):
        house.root.create_user(UserName="a", Path=path)


def test_root_and_users_ask_about_themselves(house: House) -> None:
    assert house.root.get_user()["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    alice = house.user("alice", {"Action": "iam:GetUser"})
    assert house.client("iam", alice).get_user()["User"]["UserName"] == "alice"
    role = house.role("reader", {"AWS": ACCOUNT}, {"Action": "iam:*"})
    session = house.client("iam", house.iam.credentials.acting(role))
    with pytest.raises(ClientError) as caught:
        session.get_user()
    assert refused(caught)[0] == "ValidationError"


def test_an_account_has_its_own_identities(house: House) -> None:
    house.user("alice")
    other = house.client("iam", Caller(f"arn:aws:iam::{OTHER}:root", OTHER))
    assert other.list_users()["Users"] == []
    made = other.create_user(UserName="alice")["User"]
    assert made["Arn"] == f"arn:aws:iam::{OTHER}:user/alice"
    other.delete_user(UserName="alice")
    assert house.root.get_user(UserName="alice")["User"]["Arn"] != made["Arn"]


def test_a_user_with_policies_or_keys_stays(house: House) -> None:
    house.user("alice", ANY)
    key = house.root.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    conflict = house.root.exceptions.DeleteConflictException
    with pytest.raises(conflict) as caught:
        house.root.delete_user(UserName="alice")
    assert refused(caught)[1] == "Cannot delete entity, must delete policies first."
    house.root.delete_user_policy(UserName="alice", PolicyName="own")
    with pytest.raises(conflict) as caught:
        house.root.delete_user(UserName="alice")
    assert refused(caught)[1] == "Cannot delete entity, must delete access keys first."
    house.root.delete_access_key(UserName="alice", AccessKeyId=key)
    house.root.delete_user(UserName="alice")


def test_lists_come_in_pages(house: House) -> None:
    for number in range(5):
        house.user(f"u{number}")
    first = house.root.list_users(MaxItems=2)
    assert (len(first["Users"]), first["IsTruncated"]) == (2, True)
    pages = house.root.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2})
    names = [user["UserName"] for page in pages for user in page["Users"]]
    assert names == [f"u{number}" for number in range(5)]
    with pytest.raises(ClientError) as caught:
        house.root.list_users(Marker="no marker")
    assert refused(caught)[0] == "ValidationError"


def test_tags_do_not_tell_letter_case_apart(house: House) -> None:
    house.user("alice", Tags=[{"Key": "Team", "Value": "blue"}])
    house.root.tag_user(UserName="alice", Tags=[{"Key": "team", "Value": "red"}])
    assert house.root.list_user_tags(UserName="alice")["Tags"] == [{"Key": "team", "Value": "red"}]
    house.root.untag_user(UserName="alice", TagKeys=["TEAM"])
    assert house.root.list_user_tags(UserName="alice")["Tags"] == []


def test_tags_come_in_pages(house: House) -> None:
    keys = ["ключ" * 30, "b", "a"]
    house.user("alice", Tags=[{"Key": key, "Value": ""} for key in keys])
    pages = house.root.get_paginator("list_user_tags").paginate(
        UserName="alice", PaginationConfig={"PageSize": 1}
    )
    assert [tag["Key"] for page in pages for tag in page["Tags"]] == sorted(keys)


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([("a", "1"), ("A", "2")], "InvalidInput"),
        ([("aws:a", "1")], "InvalidInput"),
        ([(f"k{number}", "") for number in range(50)], "LimitExceeded"),
    ],
)
def test_tags_that_cannot_be(house: House, tags: list[tuple[str, str]], code: str) -> None:
    house.user("alice", Tags=[{"Key": "one", "Value": ""}])
    with pytest.raises(ClientError) as caught:
        house.root.tag_user(UserName="alice", Tags=[{"Key": k, "Value": v} for k, v in tags])
    assert refused(caught)[0] == code


def test_a_role_is_made_changed_and_deleted(house: House) -> None:
    made = house.root.create_role(
        RoleName="reader", AssumeRolePolicyDocument=TRUST, Description="reads", Path="/app/"
    )["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/app/reader"
    assert made["RoleId"].startswith("AROA")
    assert made["AssumeRolePolicyDocument"] == json.loads(TRUST)
    house.root.update_role(RoleName="reader", MaxSessionDuration=7200)
    service = trust({"Service": "ec2.amazonaws.com"})
    house.root.update_assume_role_policy(RoleName="reader", PolicyDocument=service)
    house.root.tag_role(RoleName="reader", Tags=[{"Key": "a", "Value": "b"}])
    role = house.root.get_role(RoleName="reader")["Role"]
    assert (role["MaxSessionDuration"], role["Description"]) == (7200, "reads")
    assert role["AssumeRolePolicyDocument"] == json.loads(service)
    assert role["RoleLastUsed"] == {}
    assert house.root.list_role_tags(RoleName="reader")["Tags"] == [{"Key": "a", "Value": "b"}]
    house.root.untag_role(RoleName="reader", TagKeys=["a"])
    assert "Tags" not in house.root.get_role(RoleName="reader")["Role"]
    assert [r["RoleName"] for r in house.root.list_roles(PathPrefix="/app/")["Roles"]] == ["reader"]
    house.root.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=policy(ANY))
    with pytest.raises(house.root.exceptions.DeleteConflictException):
        house.root.delete_role(RoleName="reader")
    house.root.delete_role_policy(RoleName="reader", PolicyName="p")
    house.root.delete_role(RoleName="reader")
    with pytest.raises(house.root.exceptions.NoSuchEntityException):
        house.root.get_role(RoleName="reader")


def test_policies_are_answered_percent_encoded(house: House) -> None:
    house.role("reader", {"AWS": ACCOUNT})
    answer, _ = house.door.call("iam", "GetRole", {"RoleName": "reader"}, Caller.owner(Place()))
    text = answer["Role"]["AssumeRolePolicyDocument"]
    assert text.startswith("%7B%22")
    assert unquote(text) == TRUST


@pytest.mark.parametrize("text", ["no JSON", "[]", policy(ANY), trust({"AWS": "nobody"}), "{}"])
def test_trust_policies_that_are_none(house: House, text: str) -> None:
    malformed = house.root.exceptions.MalformedPolicyDocumentException
    with pytest.raises(malformed):
        house.root.create_role(RoleName="r", AssumeRolePolicyDocument=text)
    house.role("r", {"AWS": ACCOUNT})
    with pytest.raises(malformed):
        house.root.update_assume_role_policy(RoleName="r", PolicyDocument=text)


def test_a_trust_policy_names_those_who_are_there(house: House) -> None:
    alice = house.user("alice").arn
    house.role("r", {"AWS": [alice, f"arn:aws:iam::{OTHER}:role/unknown-here"]})
    for missing in (f"arn:aws:iam::{ACCOUNT}:role/none", f"arn:aws:iam::{ACCOUNT}:user/Alice"):
        with pytest.raises(house.root.exceptions.MalformedPolicyDocumentException) as caught:
            house.root.update_assume_role_policy(
                RoleName="r", PolicyDocument=trust({"AWS": missing})
            )
        assert refused(caught)[1] == f'Invalid principal in policy: "AWS":"{missing}"'


def test_a_trust_policy_has_a_limit_that_leaves_out_white_space(house: House) -> None:
    spaced = json.dumps(json.loads(TRUST), indent=80)
    assert len(spaced) > 2048 / 4
    house.root.create_role(RoleName="r", AssumeRolePolicyDocument=" " * 2048 + spaced)
    long = trust({"AWS": [f"arn:aws:iam::{ACCOUNT}:user/u{number}" for number in range(60)]})
    with pytest.raises(house.root.exceptions.LimitExceededException) as caught:
        house.root.update_assume_role_policy(RoleName="r", PolicyDocument=long)
    assert refused(caught)[1] == "Cannot exceed quota for ACLSizePerRole: 2048"


def test_inline_policies_are_put_read_listed_and_deleted(house: House) -> None:
    house.user("alice")
    text = policy(ANY)
    for name in ("b", "a"):
        house.root.put_user_policy(UserName="alice", PolicyName=name, PolicyDocument=text)
    assert house.root.list_user_policies(UserName="alice")["PolicyNames"] == ["a", "b"]
    found = house.root.get_user_policy(UserName="alice", PolicyName="a")
    assert found["PolicyDocument"] == json.loads(text)
    house.root.delete_user_policy(UserName="alice", PolicyName="a")
    with pytest.raises(house.root.exceptions.NoSuchEntityException) as caught:
        house.root.get_user_policy(UserName="alice", PolicyName="a")
    assert refused(caught)[1] == "The user policy with name a cannot be found."
    with pytest.raises(house.root.exceptions.NoSuchEntityException):
        house.root.delete_user_policy(UserName="alice", PolicyName="a")


@pytest.mark.parametrize("text", ["no JSON", TRUST, '{"Statement": []}', "[" * 3000])
def test_inline_policies_that_are_none(house: House, text: str) -> None:
    house.user("alice")
    with pytest.raises(house.root.exceptions.MalformedPolicyDocumentException):
        house.root.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=text)


def test_inline_policies_share_one_limit(house: House) -> None:
    house.user("alice")
    half = policy({"Action": "kms:Decrypt", "Sid": "x" * 1000})
    house.root.put_user_policy(UserName="alice", PolicyName="one", PolicyDocument=half)
    with pytest.raises(house.root.exceptions.LimitExceededException) as caught:
        house.root.put_user_policy(UserName="alice", PolicyName="two", PolicyDocument=half)
    message = refused(caught)[1]
    assert message == "Maximum policy size of 2048 bytes exceeded for user alice"
    house.root.put_user_policy(UserName="alice", PolicyName="one", PolicyDocument=half)


def test_boundaries_are_refused_rather_than_forgotten(house: House) -> None:
    with pytest.raises(house.root.exceptions.InvalidInputException):
        house.root.create_user(
            UserName="alice", PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/boundary"
        )


def test_everything_about_an_account(house: House) -> None:
    house.user("alice", ANY)
    house.role("reader", {"AWS": ACCOUNT}, ANY)
    told = house.root.get_account_authorization_details()
    (user,), (role,) = told["UserDetailList"], told["RoleDetailList"]
    assert user["UserPolicyList"][0]["PolicyDocument"] == json.loads(policy(ANY))
    assert role["RolePolicyList"][0]["PolicyDocument"] == json.loads(policy(ANY))
    only = house.root.get_account_authorization_details(Filter=["Role"])
    assert (only["UserDetailList"], len(only["RoleDetailList"])) == ([], 1)
    pages: Any = house.root.get_paginator("get_account_authorization_details")
    shown = list(pages.paginate(Filter=["Role", "User"], PaginationConfig={"PageSize": 1}))
    assert [len(page["UserDetailList"]) for page in shown] == [0, 1]
