"""Trust policies keep whom they name by unique id, and the store knows who has one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.identities import ACCOUNT, OTHER, House, policy, trust
from workbench.base.identifiers import Place
from workbench.iam.policy.documents import PolicyKind, parse_policy
from workbench.iam.policy.renaming import renamed
from workbench.iam.unique_ids import UniqueIds, UnknownPrincipal

MAY_ASSUME = {"Action": "sts:AssumeRole"}


def principals_of(house: House, role: str) -> Any:
    document = house.root.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return document["Statement"][0]["Principal"]["AWS"]


def test_a_user_made_anew_is_not_the_one_that_was_trusted(house: House) -> None:
    alice = house.user("alice", MAY_ASSUME)
    arn = house.role("r", {"AWS": alice.arn})
    assert principals_of(house, "r") == alice.arn
    sts = house.client("sts", alice)
    sts.assume_role(RoleArn=arn, RoleSessionName="once")
    unique = house.root.get_user(UserName="alice")["User"]["UserId"]
    house.root.delete_user_policy(UserName="alice", PolicyName="own")
    house.root.delete_user(UserName="alice")
    assert principals_of(house, "r") == unique
    anew = house.user("alice", MAY_ASSUME)
    for call in (house.root.list_roles, house.root.get_account_authorization_details):
        answer = call()
        (role,) = answer.get("Roles") or answer["RoleDetailList"]
        assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"] == unique
    with pytest.raises(Exception, match="not authorized to perform: sts:AssumeRole"):
        house.client("sts", anew).assume_role(RoleArn=arn, RoleSessionName="once")
    with pytest.raises(house.root.exceptions.MalformedPolicyDocumentException, match=unique):
        house.root.update_assume_role_policy(
            RoleName="r", PolicyDocument=trust({"AWS": [anew.arn, unique]})
        )
    house.root.update_assume_role_policy(RoleName="r", PolicyDocument=trust({"AWS": anew.arn}))
    house.client("sts", anew).assume_role(RoleArn=arn, RoleSessionName="once")


def test_what_is_read_in_a_transaction_is_not_remembered(house: House) -> None:
    ids = house.iam.ids
    alice = house.user("alice").arn
    text = trust({"AWS": alice})
    kept = ids.policy_kept(text)
    assert ids.policy_shown(kept) == text

    def delete_and_fail() -> None:
        with house.vault.transaction():
            house.iam.store.delete_identity(alice)
            assert alice not in ids.policy_shown(kept)
            assert ids.found(alice) == alice
            raise RuntimeError("back")

    with pytest.raises(RuntimeError, match="back"):
        delete_and_fail()
    assert ids.policy_shown(kept) == text
    assert ids.found(alice) in kept


def test_identities_of_other_accounts_are_known_if_the_vault_has_them(house: House) -> None:
    stranger = f"arn:aws:iam::{OTHER}:role/there"
    assert house.iam.ids.kept(stranger) == stranger
    with pytest.raises(UnknownPrincipal):
        UniqueIds(house.iam.store, house.vault, Place(OTHER)).kept(stranger)
    lenient = UniqueIds(house.iam.store, house.vault, Place(OTHER), lenient=True)
    assert lenient.kept(stranger) == stranger


NAMES = st.sampled_from(
    [f"arn:aws:iam::{ACCOUNT}:user/a", f"arn:aws:iam::{ACCOUNT}:role/b", "*", ACCOUNT]
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.just("Deny"),
        "Action": st.just("kms:*"),
        "Resource": st.sampled_from([f"arn:aws:iam::{ACCOUNT}:user/a", ["*"]]),
    },
    optional={
        "Sid": st.sampled_from(["Principal", "AWS", '"AWS": "arn:aws:iam::1:user/a"']),
        "Condition": st.just({"StringEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{ACCOUNT}:"]}}),
    },
)
PRINCIPALS = st.one_of(
    st.just("*"),
    st.fixed_dictionaries({"AWS": NAMES | st.lists(NAMES, min_size=1, unique=True)}),
    st.just({"Service": "s3.amazonaws.com"}),
)


@given(
    st.lists(st.tuples(STATEMENTS, PRINCIPALS, st.booleans()), min_size=1),
    st.sampled_from([None, 2]),
)
def test_only_principals_are_exchanged(
    written: list[tuple[dict[str, Any], Any, bool]], indent: int | None
) -> None:
    def with_names(change: Any) -> list[dict[str, Any]]:
        made = []
        for number, (statement, principal, negated) in enumerate(written):
            element, named = "NotPrincipal" if negated else "Principal", principal
            if principal != "*" and "AWS" in principal:
                values = principal["AWS"]
                many = isinstance(values, list)
                named = {"AWS": [change(one) for one in values] if many else change(values)}
            sid = f"{statement.get('Sid', '')}{number}"
            made.append({**statement, "Sid": sid, element: named})
        return made

    def longer(name: str) -> str:
        return f"{name}x" if name.startswith("arn:") else name

    text = json.dumps({"Statement": with_names(str)}, indent=indent)
    parse_policy(text, PolicyKind.RESOURCE)
    assert renamed(text, str) is text
    changed = renamed(text, longer)
    assert json.loads(changed) == {"Statement": with_names(longer)}
    assert renamed(changed, lambda name: name.removesuffix("x")) == text


def test_escaped_names_are_names(house: House) -> None:
    alice = house.user("alice").arn
    escaped = trust({"AWS": alice}).replace("/alice", "\\/\\u0061lice")
    house.root.create_role(RoleName="r", AssumeRolePolicyDocument=escaped)
    assert principals_of(house, "r") == alice
    unique = house.root.get_user(UserName="alice")["User"]["UserId"]
    (role,) = house.iam.store.identities(ACCOUNT, "role")
    assert unique in role.trust


def test_ids_may_not_make_a_policy_longer_than_it_may_be(house: House) -> None:
    ids = []
    for number in range(60):
        house.root.create_user(UserName=f"u{number}", Path=f"/{'x' * 200}/")
        ids.append(house.root.get_user(UserName=f"u{number}")["User"]["UserId"])
    text = trust({"AWS": ids})
    assert len(text) < 2048
    with pytest.raises(house.root.exceptions.MalformedPolicyDocumentException, match="the most"):
        house.root.create_role(RoleName="r", AssumeRolePolicyDocument=text)
    house.root.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"AWS": ids[0]}))
    assert principals_of(house, "r").endswith("/u0")


def test_a_text_that_is_no_policy_stays(house: House) -> None:
    for text in ("", "no JSON", policy(MAY_ASSUME), '{"Statement": {"AROA": 1}}'):
        assert house.iam.ids.policy_found(text, PolicyKind.TRUST) == text
