"""Managed policies: versions, attachments, and what they permit beside all others."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.identities import ACCOUNT, House, policy

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
GET = {"Action": "iam:GetUser"}
KINDS = ("user", "role", "group")


def code(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return str(caught.value.response["Error"]["Code"])


def made(house: House, name: str = "readers", *statements: dict[str, Any], **more: Any) -> str:
    answer = house.root.create_policy(
        PolicyName=name, PolicyDocument=policy(*(statements or (GET,))), **more
    )
    return str(answer["Policy"]["Arn"])


def member(house: House, kind: str, name: str) -> dict[str, str]:
    """Make somebody and return what requests call them."""
    if kind == "user":
        house.user(name)
    elif kind == "role":
        house.role(name, {"AWS": ACCOUNT})
    else:
        house.root.create_group(GroupName=name)
    return {f"{kind.capitalize()}Name": name}


def test_a_policy_is_described_as_it_was_made(house: House) -> None:
    arn = made(house, Path="/team/", Description="d", Tags=[{"Key": "a", "Value": "b"}])
    assert arn == f"arn:aws:iam::{ACCOUNT}:policy/team/readers"
    told = house.root.get_policy(PolicyArn=arn)["Policy"]
    assert told["PolicyId"].startswith("ANPA")
    assert (told["Path"], told["Description"]) == ("/team/", "d")
    assert told["Tags"] == [{"Key": "a", "Value": "b"}]
    assert (told["DefaultVersionId"], told["AttachmentCount"], told["IsAttachable"]) == (
        "v1", 0, True,
    )  # fmt: skip
    version = house.root.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"]["Statement"][0]["Action"] == "iam:GetUser"
    assert version["IsDefaultVersion"]
    house.root.untag_policy(PolicyArn=arn, TagKeys=["A"])
    house.root.tag_policy(PolicyArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    assert house.root.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "c", "Value": "d"}]


def test_what_is_no_policy_is_refused(house: House) -> None:
    create = house.root.create_policy
    made(house)
    document = policy(GET)
    assert code(create, PolicyName="READERS", PolicyDocument=document) == "EntityAlreadyExists"
    assert code(create, PolicyName="b", PolicyDocument="{}") == "MalformedPolicyDocument"
    assert code(create, PolicyName="ä", PolicyDocument=document) == "ValidationError"
    long = policy({"Action": [f"iam:{'x' * 100}{n}" for n in range(70)]})
    assert code(create, PolicyName="b", PolicyDocument=long) == "LimitExceeded"
    named = policy({**GET, "Principal": "*"})
    assert code(create, PolicyName="b", PolicyDocument=named) == "MalformedPolicyDocument"
    gone = f"arn:aws:iam::{ACCOUNT}:policy/gone"
    assert code(house.root.get_policy, PolicyArn=gone) == "NoSuchEntity"
    assert code(house.root.delete_policy, PolicyArn=gone) == "NoSuchEntity"
    house.user("anna")
    attach = house.root.attach_user_policy
    assert code(attach, UserName="anna", PolicyArn=gone) == "NoSuchEntity"
    abroad = "arn:aws:iam::444455556666:policy/readers"
    assert code(attach, UserName="anna", PolicyArn=abroad) == "NoSuchEntity"


def test_versions_are_five_and_one_of_them_counts(house: House) -> None:
    arn = made(house)
    anna = house.user("anna")
    house.root.attach_user_policy(UserName="anna", PolicyArn=arn)
    iam = house.client("iam", anna)
    iam.get_user(UserName="anna")
    deny = policy({**GET, "Effect": "Deny"})
    add = house.root.create_policy_version
    second = add(PolicyArn=arn, PolicyDocument=deny)["PolicyVersion"]
    assert (second["VersionId"], second["IsDefaultVersion"]) == ("v2", False)
    iam.get_user(UserName="anna")
    house.root.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert code(iam.get_user, UserName="anna") == "AccessDenied"
    for _ in range(3):
        add(PolicyArn=arn, PolicyDocument=policy(GET), SetAsDefault=True)
    iam.get_user(UserName="anna")
    assert code(add, PolicyArn=arn, PolicyDocument=deny) == "LimitExceeded"
    drop = house.root.delete_policy_version
    assert code(drop, PolicyArn=arn, VersionId="v5") == "DeleteConflict"
    assert code(drop, PolicyArn=arn, VersionId="v9") == "NoSuchEntity"
    drop(PolicyArn=arn, VersionId="v4")
    listed = house.root.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [one["VersionId"] for one in listed] == ["v5", "v3", "v2", "v1"]
    assert add(PolicyArn=arn, PolicyDocument=deny)["PolicyVersion"]["VersionId"] == "v6"


@pytest.mark.parametrize("kind", KINDS)
def test_attached_policies_are_listed_and_detached(house: House, kind: str) -> None:
    arn = made(house)
    named = member(house, kind, "it")
    attach = getattr(house.root, f"attach_{kind}_policy")
    attached = getattr(house.root, f"list_attached_{kind}_policies")
    for _ in range(2):
        attach(**named, PolicyArn=arn)
    attach(**named, PolicyArn=ADMINISTRATOR)
    found = attached(**named)["AttachedPolicies"]
    assert [one["PolicyArn"] for one in found] == [ADMINISTRATOR, arn]
    assert attached(**named, PathPrefix="/team/")["AttachedPolicies"] == []
    holders = house.root.list_entities_for_policy(PolicyArn=arn)
    (holder,) = holders[f"Policy{kind.capitalize()}s"]
    assert holder[f"{kind.capitalize()}Name"] == "it"
    other = next(one for one in KINDS if one != kind).capitalize()
    filtered = house.root.list_entities_for_policy(PolicyArn=arn, EntityFilter=other)
    assert not filtered[f"Policy{kind.capitalize()}s"]
    assert house.root.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert code(house.root.delete_policy, PolicyArn=arn) == "DeleteConflict"
    delete = getattr(house.root, f"delete_{kind}")
    assert code(delete, **named) == "DeleteConflict"
    detach = getattr(house.root, f"detach_{kind}_policy")
    for one in (arn, ADMINISTRATOR):
        detach(**named, PolicyArn=one)
        assert code(detach, **named, PolicyArn=one) == "NoSuchEntity"
    delete(**named)
    house.root.delete_policy(PolicyArn=arn)


def test_ten_may_be_attached(house: House) -> None:
    house.user("anna")
    arns = [made(house, f"p{number}") for number in range(11)]
    for arn in arns[:10]:
        house.root.attach_user_policy(UserName="anna", PolicyArn=arn)
    attach = house.root.attach_user_policy
    assert code(attach, UserName="anna", PolicyArn=arns[10]) == "LimitExceeded"
    pages = house.root.get_paginator("list_attached_user_policies").paginate(
        UserName="anna", PaginationConfig={"PageSize": 3}
    )
    assert [one["PolicyArn"] for page in pages for one in page["AttachedPolicies"]] == arns[:10]


def test_policies_are_listed_by_scope_and_use(house: House) -> None:
    arn = made(house)
    house.user("anna")
    listed = house.root.list_policies

    def arns(**request: Any) -> list[str]:
        return [one["Arn"] for one in listed(**request)["Policies"]]

    assert arns() == [ADMINISTRATOR, arn]
    assert arns(Scope="Local") == [arn]
    assert arns(Scope="AWS") == [ADMINISTRATOR]
    assert arns(OnlyAttached=True) == []
    house.root.attach_user_policy(UserName="anna", PolicyArn=ADMINISTRATOR)
    assert arns(OnlyAttached=True) == [ADMINISTRATOR]
    assert arns(PolicyUsageFilter="PermissionsBoundary") == []


def test_aws_s_own_policy_can_be_given_and_not_changed(house: House) -> None:
    anna = house.user("anna")
    iam = house.client("iam", anna)
    assert code(iam.list_users) == "AccessDenied"
    house.root.attach_user_policy(UserName="anna", PolicyArn=ADMINISTRATOR)
    iam.list_users()
    change = house.root.create_policy_version
    refused = code(change, PolicyArn=ADMINISTRATOR, PolicyDocument=policy(GET))
    assert refused == "AccessDenied"
    assert code(house.root.delete_policy, PolicyArn=ADMINISTRATOR) == "AccessDenied"


def test_who_may_attach_can_be_told_which(house: House) -> None:
    arn = made(house)
    only = {"ArnEquals": {"iam:PolicyARN": arn}}
    boss = house.user("boss", {"Action": "iam:AttachUserPolicy", "Condition": only})
    house.user("anna")
    attach = house.client("iam", boss).attach_user_policy
    attach(UserName="anna", PolicyArn=arn)
    assert code(attach, UserName="anna", PolicyArn=ADMINISTRATOR) == "AccessDenied"
    resource = f"arn:aws:iam::{ACCOUNT}:policy/team/*"
    maker = house.user("maker", {"Action": "iam:*Policy", "Resource": resource})
    iam = house.client("iam", maker)
    iam.create_policy(PolicyName="x", Path="/team/", PolicyDocument=policy(GET))
    iam.get_policy(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/team/x")
    refused = code(iam.create_policy, PolicyName="y", PolicyDocument=policy(GET))
    assert refused == "AccessDenied"
    assert code(iam.list_policies) == "AccessDenied"


def test_everything_about_an_account_has_them(house: House) -> None:
    arn = made(house)
    house.user("anna")
    house.root.create_group(GroupName="team")
    house.root.add_user_to_group(GroupName="team", UserName="anna")
    house.root.put_group_policy(GroupName="team", PolicyName="own", PolicyDocument=policy(GET))
    house.root.attach_group_policy(GroupName="team", PolicyArn=arn)
    told = house.root.get_account_authorization_details()
    (user,), (group,) = told["UserDetailList"], told["GroupDetailList"]
    assert (user["GroupList"], user["AttachedManagedPolicies"]) == (["team"], [])
    assert group["AttachedManagedPolicies"] == [{"PolicyName": "readers", "PolicyArn": arn}]
    assert group["GroupPolicyList"][0]["PolicyName"] == "own"
    local = house.root.get_account_authorization_details(Filter=["LocalManagedPolicy"])
    (policy_told,) = local["Policies"]
    assert (policy_told["Arn"], policy_told["AttachmentCount"]) == (arn, 1)
    assert policy_told["PolicyVersionList"][0]["IsDefaultVersion"]
    assert local["UserDetailList"] == local["GroupDetailList"] == []
