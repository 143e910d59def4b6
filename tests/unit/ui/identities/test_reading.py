"""What is read of identities and what names them, on a real account, as different people."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.engine import make_bench
from workbench.api.calls import Caller
from workbench.bench import Bench
from workbench.ui.identities.changes import delete_identity, set_tags
from workbench.ui.identities.naming import Naming, find_naming
from workbench.ui.identities.reading import read_details, read_identities, root_row
from workbench.ui.identities.rows import IdentityRow
from workbench.ui.identities.words import (
    name_problem,
    path_problem,
    policy_name_problem,
    short_name,
)

A = "arn:aws:iam::111122223333:"
ANNA, BOB = f"{A}user/staff/anna", f"{A}user/bob"


def document(*actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault")
    iam = made.client("iam", "")
    iam.create_user(UserName="anna", Path="/staff/")
    iam.create_user(UserName="bob")
    trust = {"Effect": "Allow", "Principal": {"AWS": ANNA}, "Action": "sts:AssumeRole"}
    for name in ("Signer", "Own"):
        text = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)
    yield made
    made.close()


def row_of(bench: Bench, arn: str) -> IdentityRow:
    rows = read_identities(bench.client("iam", ""), bench.place).rows
    return next(row for row in rows if row.arn == arn)


def naming(bench: Bench, arn: str) -> Naming:
    bench.act_as(f"{A}root")
    row = row_of(bench, arn)
    return find_naming(bench.kms, bench.client("iam", ""), row)


def test_every_page_is_read(bench: Bench) -> None:
    iam = bench.client("iam", "")
    for number in range(101):
        iam.create_user(UserName=f"w{number:03}")
    found = read_identities(iam, bench.place)
    assert len(found.rows) == 1 + 103 + 2
    assert found.problems == ()
    assert found.rows[0] == root_row(bench.place)


def test_what_may_not_be_read_is_told_part_by_part(bench: Bench) -> None:
    iam = bench.client("iam", "")
    row = row_of(bench, ANNA)
    iam.tag_user(UserName="anna", Tags=[{"Key": "a", "Value": "b"}])
    iam.put_user_policy(
        UserName="bob", PolicyName="look", PolicyDocument=document("iam:Get*", "iam:ListUserTags")
    )
    bench.act_as(BOB)
    found = read_identities(iam, bench.place)
    assert [one.kind for one in found.rows] == ["root"]
    assert "iam:ListUsers" in found.problems[0]
    assert "iam:ListRoles" in found.problems[1]
    details = read_details(iam, row, bench.organization)
    assert details is not None
    assert (details.tags, details.policies, details.keys) == ((("a", "b"),), None, None)
    assert "iam:ListUserPolicies" in details.problem("policies")
    assert "iam:ListAccessKeys" in details.problem("keys")
    assert details.problem("tags") == ""


def test_whoever_is_gone_has_no_details(bench: Bench) -> None:
    iam, row = bench.client("iam", ""), row_of(bench, ANNA)
    iam.delete_user(UserName="anna")
    assert read_details(iam, row, bench.organization) is None


def test_what_names_an_identity_is_found_however_it_is_written(bench: Bench) -> None:
    kms = bench.kms
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3)]
    default = json.loads(kms.get_key_policy(KeyId=keys[0])["Policy"])
    named = {"Effect": "Allow", "Principal": {"AWS": ANNA}, "Action": "kms:Sign", "Resource": "*"}
    default["Statement"].append(named)
    escaped = json.dumps(default).replace("user/staff/anna", "user\\/staff\\/\\u0061nna")
    kms.put_key_policy(KeyId=keys[0], PolicyName="default", Policy=escaped)
    kms.create_grant(KeyId=keys[1], GranteePrincipal=ANNA, Operations=["Decrypt"])
    kms.create_grant(
        KeyId=keys[1], GranteePrincipal=BOB, RetiringPrincipal=ANNA, Operations=["Encrypt"]
    )
    assert naming(bench, ANNA) == Naming((keys[0],), 2, (keys[1],), ("Own", "Signer"))
    assert naming(bench, BOB) == Naming((), 1, (keys[1],), ())
    assert naming(bench, f"{A}role/Signer") == Naming()


def test_a_role_is_named_by_its_sessions(bench: Bench) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    default = json.loads(bench.kms.get_key_policy(KeyId=key)["Policy"])
    session = "arn:aws:sts::111122223333:assumed-role/Signer/nightly"
    default["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": session}, "Action": "kms:Sign", "Resource": "*"}
    )
    bench.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(default))
    assert naming(bench, f"{A}role/Signer").keys == (key,)
    assert naming(bench, f"{A}role/Own").keys == ()


def test_what_could_not_be_looked_through_is_told(bench: Bench) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    bench.kms.create_grant(KeyId=key, GranteePrincipal=ANNA, Operations=["Decrypt"])
    iam, row = bench.client("iam", ""), row_of(bench, ANNA)
    iam.put_user_policy(
        UserName="bob", PolicyName="look", PolicyDocument=document("kms:ListKeys", "iam:List*")
    )
    bench.act_as(BOB)
    assert find_naming(bench.kms, iam, row) == Naming((), 0, (), ("Own", "Signer"), whole=False)


def test_deleting_takes_policies_and_keys_along(bench: Bench) -> None:
    iam = bench.client("iam", "")
    for name in ("one", "two"):
        iam.put_user_policy(UserName="anna", PolicyName=name, PolicyDocument=document("kms:Sign"))
        iam.create_access_key(UserName="anna")
    iam.put_role_policy(RoleName="Own", PolicyName="one", PolicyDocument=document("kms:Sign"))
    for arn in (ANNA, f"{A}role/Own"):
        delete_identity(iam, row_of(bench, arn))
    left = [row.name for row in read_identities(iam, bench.place).rows]
    assert left == ["root", "bob", "Signer"]


def test_tags_become_those_wanted(bench: Bench) -> None:
    iam, row = bench.client("iam", ""), row_of(bench, BOB)
    before = (("Team", "a"), ("old", "x"), ("same", "y"))
    iam.tag_user(UserName="bob", Tags=[{"Key": key, "Value": value} for key, value in before])
    set_tags(iam, row, before, {"team": "b", "same": "y", "new": ""})
    found = read_details(iam, row, bench.organization)
    assert found is not None
    assert found.tags == (("new", ""), ("same", "y"), ("team", "b"))


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        (Caller(f"{A}root", "111122223333"), "root"),
        (Caller(ANNA, "111122223333", "IAMUser"), "user/anna"),
        (
            Caller(
                "arn:aws:sts::111122223333:assumed-role/Signer/workbench",
                "111122223333",
                "AssumedRole",
                principal=f"{A}role/team/Signer",
            ),
            "role/Signer",
        ),
    ],
)
def test_a_caller_in_short(caller: Caller, shown: str) -> None:
    assert short_name(caller) == shown


@pytest.mark.parametrize("name", ["anna", "a" * 64, "a_b+c=d,e.f@g-h"])
def test_good_names(name: str) -> None:
    assert name_problem(name) == ""


@pytest.mark.parametrize("name", ["", "a" * 65, "a b", "änna", "a/b", "a\n"])
def test_bad_names(name: str) -> None:
    assert name_problem(name)


@pytest.mark.parametrize("path", ["/", "/staff/", "/a/b/"])
def test_good_paths(path: str) -> None:
    assert path_problem(path) == ""


@pytest.mark.parametrize("path", ["", "staff", "/staff", "staff/", "/a b/", "/" + "a" * 511 + "/"])
def test_bad_paths(path: str) -> None:
    assert path_problem(path)


def test_policy_names() -> None:
    assert policy_name_problem("a" * 128, ()) == ""
    assert policy_name_problem("use", ("use",))
    for wrong in ("", "a" * 129, "a b", "a" * 65 + " "):
        assert policy_name_problem(wrong, ())
