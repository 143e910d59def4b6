"""Groups of users, and the policies that their users have from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.callers import client_of
from tests.fakes.engine import make_bench
from tests.fakes.identities import ACCOUNT, House, policy
from workbench.api.calls import Caller
from workbench.base.errors import NotFound
from workbench.bench import Bench
from workbench.iam.unique_ids import UnknownPrincipal

GET = {"Action": "iam:GetUser"}
GROUP = f"arn:aws:iam::{ACCOUNT}:group/team"


def code(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return str(caught.value.response["Error"]["Code"])


def test_users_join_and_leave(house: House) -> None:
    root = house.root
    made = root.create_group(GroupName="team")["Group"]
    assert made["Arn"] == GROUP
    assert made["GroupId"].startswith("AGPA")
    assert code(root.create_group, GroupName="Team") == "EntityAlreadyExists"
    for name in ("bob", "anna"):
        house.user(name)
        for _ in range(2):
            root.add_user_to_group(GroupName="team", UserName=name)
    members = root.get_group(GroupName="team")["Users"]
    assert [one["UserName"] for one in members] == ["anna", "bob"]
    assert root.list_groups_for_user(UserName="anna")["Groups"] == [made]
    assert root.list_groups()["Groups"] == [made]
    assert root.list_groups(PathPrefix="/x/")["Groups"] == []
    assert code(root.delete_group, GroupName="team") == "DeleteConflict"
    assert code(root.delete_user, UserName="anna") == "DeleteConflict"
    for name in ("bob", "anna"):
        root.remove_user_from_group(GroupName="team", UserName=name)
    gone = {"GroupName": "team", "UserName": "anna"}
    assert code(root.remove_user_from_group, **gone) == "NoSuchEntity"
    root.delete_user(UserName="anna")
    root.delete_group(GroupName="team")
    assert code(root.get_group, GroupName="team") == "NoSuchEntity"
    assert code(root.add_user_to_group, GroupName="team", UserName="bob") == "NoSuchEntity"


def test_a_user_is_in_ten_groups_at_most(house: House) -> None:
    house.user("anna")
    for number in range(11):
        house.root.create_group(GroupName=f"g{number}")
    for number in range(10):
        house.root.add_user_to_group(GroupName=f"g{number}", UserName="anna")
    join = house.root.add_user_to_group
    assert code(join, GroupName="g10", UserName="anna") == "LimitExceeded"


def test_nobody_acts_as_a_group_nor_is_one_trusted(house: House) -> None:
    house.root.create_group(GroupName="team")
    with pytest.raises(NotFound):
        house.iam.credentials.acting(GROUP)
    assert house.iam.principals.named(GROUP) is None
    assert house.iam.ids.kept(GROUP) == GROUP
    with pytest.raises(UnknownPrincipal):
        house.iam.ids.kept(f"arn:aws:iam::{ACCOUNT}:user/team")
    made = house.root.create_policy(PolicyName="p", PolicyDocument=policy(GET))["Policy"]
    simulate = house.root.simulate_principal_policy
    for arn in (GROUP, made["Arn"]):
        request = {"PolicySourceArn": arn, "ActionNames": ["iam:GetUser"]}
        assert code(simulate, **request) == "InvalidInput"


def test_membership_is_the_group_s_business(house: House) -> None:
    house.root.create_group(GroupName="team")
    house.root.create_group(GroupName="admins")
    join = {"Action": "iam:AddUserToGroup", "Resource": GROUP}
    anna = house.user("anna", join)
    iam = house.client("iam", anna)
    iam.add_user_to_group(GroupName="team", UserName="anna")
    refused = code(iam.add_user_to_group, GroupName="admins", UserName="anna")
    assert refused == "AccessDenied"
    assert code(iam.list_groups) == "AccessDenied"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = make_bench(Path(tmp_path_factory.mktemp("groups")) / "vault")
    yield made
    made.close()


def document(effect: str, *actions: str) -> str:
    return policy({"Effect": effect, "Action": list(actions)})


def test_policies_of_a_user_and_its_groups_count_together(bench: Bench) -> None:
    iam: Any = bench.client("iam", "")
    key = bench.kms.create_key()["KeyMetadata"]["Arn"]
    arn = iam.create_user(UserName="anna")["User"]["Arn"]
    iam.create_group(GroupName="team")
    kms = client_of(bench, Caller(arn, ACCOUNT, "IAMUser"))

    def outcome() -> tuple[str, str]:
        codes = []
        for ask, request in ((kms.encrypt, {"Plaintext": b"x"}), (kms.describe_key, {})):
            try:
                ask(KeyId=key, **request)
                codes.append("")
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        return codes[0], codes[1]

    denied = "AccessDeniedException"
    assert outcome() == (denied, denied)
    iam.put_group_policy(
        GroupName="team", PolicyName="own", PolicyDocument=document("Allow", "kms:Encrypt")
    )
    assert outcome() == (denied, denied)
    iam.add_user_to_group(GroupName="team", UserName="anna")
    assert outcome() == ("", denied)
    see = iam.create_policy(PolicyName="see", PolicyDocument=document("Allow", "kms:DescribeKey"))[
        "Policy"
    ]["Arn"]
    iam.attach_group_policy(GroupName="team", PolicyArn=see)
    assert outcome() == ("", "")
    simulated = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["kms:DescribeKey"], ResourceArns=[key]
    )["EvaluationResults"][0]
    assert simulated["EvalDecision"] == "allowed"
    assert see in simulated["MatchedStatements"][-1]["SourcePolicyId"]
    no = iam.create_policy(PolicyName="no", PolicyDocument=document("Deny", "kms:Encrypt"))
    iam.attach_user_policy(UserName="anna", PolicyArn=no["Policy"]["Arn"])
    assert outcome() == (denied, "")
    iam.detach_user_policy(UserName="anna", PolicyArn=no["Policy"]["Arn"])
    assert outcome() == ("", "")
    iam.create_policy_version(
        PolicyArn=see, PolicyDocument=document("Deny", "kms:*"), SetAsDefault=True
    )
    assert outcome() == (denied, denied)
    iam.remove_user_from_group(GroupName="team", UserName="anna")
    assert outcome() == (denied, denied)
    iam.attach_user_policy(UserName="anna", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert outcome() == ("", "")


def test_what_a_role_has_attached_counts_in_its_sessions(house: House) -> None:
    role = house.role("reader", {"AWS": ACCOUNT})
    iam = house.client("iam", house.iam.credentials.acting(role))
    assert code(iam.list_users) == "AccessDenied"
    made = house.root.create_policy(
        PolicyName="see", PolicyDocument=policy({"Action": "iam:List*"})
    )["Policy"]["Arn"]
    house.root.attach_role_policy(RoleName="reader", PolicyArn=made)
    iam.list_users()
    house.root.detach_role_policy(RoleName="reader", PolicyArn=made)
    assert code(iam.list_users) == "AccessDenied"
