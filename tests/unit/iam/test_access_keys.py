"""Access keys, whom they act as, and when they were used."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.identities import ACCOUNT, ROOT, House
from tests.fakes.vaults import PASSPHRASE, new_vault
from workbench.base.errors import Locked, NotFound, Refused
from workbench.iam.ids import account_of, new_access_key_id
from workbench.iam.records import AccessKey

ANY = {"Action": "kms:Decrypt"}


def new_key(house: House, name: str) -> dict[str, Any]:
    key: dict[str, Any] = house.root.create_access_key(UserName=name)["AccessKey"]
    return key


def test_a_key_acts_as_its_user(house: House) -> None:
    house.user("alice", ANY, Path="/staff/", Tags=[{"Key": "team", "Value": "blue"}])
    key = new_key(house, "alice")
    assert (len(key["SecretAccessKey"]), key["Status"], key["UserName"]) == (40, "Active", "alice")
    assert key["AccessKeyId"].startswith("AKIA")
    found = house.iam.credentials.find(key["AccessKeyId"])
    assert found is not None
    assert found.secret == key["SecretAccessKey"]
    assert (found.session_token, found.expires) == ("", None)
    caller = found.caller
    assert caller.arn == caller.identity == f"arn:aws:iam::{ACCOUNT}:user/staff/alice"
    assert (caller.kind, caller.account) == ("IAMUser", ACCOUNT)
    assert (caller.tags, caller.policies) == ((("team", "blue"),), None)
    assert caller.access_key_id == key["AccessKeyId"]


def test_no_secret_is_told(house: House) -> None:
    house.user("alice")
    key = new_key(house, "alice")
    found = house.iam.credentials.find(key["AccessKeyId"])
    stored = house.iam.store.access_key(key["AccessKeyId"])
    told = [repr(found), repr(stored), str(house.root.list_access_keys(UserName="alice"))]
    told += [str(event.document()) for event in house.events]
    assert key["AccessKeyId"] in told[-1] + told[1]
    assert not any(key["SecretAccessKey"] in text for text in told)


def test_two_keys_and_no_more(house: House) -> None:
    house.user("alice")
    made = [new_key(house, "alice")["AccessKeyId"] for _ in range(2)]
    with pytest.raises(house.root.exceptions.LimitExceededException, match="AccessKeysPerUser: 2"):
        new_key(house, "alice")
    listed = house.root.list_access_keys(UserName="alice")
    assert sorted(key["AccessKeyId"] for key in listed["AccessKeyMetadata"]) == sorted(made)
    house.root.delete_access_key(UserName="alice", AccessKeyId=made[0])
    new_key(house, "alice")


def test_an_inactive_key_is_nobody(house: House) -> None:
    house.user("alice")
    key = new_key(house, "alice")["AccessKeyId"]
    find = house.iam.credentials.find
    assert find(key) is not None
    house.root.update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
    assert find(key) is None
    house.root.update_access_key(UserName="alice", AccessKeyId=key, Status="Active")
    assert find(key) is not None
    house.root.delete_access_key(UserName="alice", AccessKeyId=key)
    assert find(key) is None
    assert find("AKIAIOSFODNN7EXAMPLE") is None


def test_a_key_of_someone_else_is_not_found(house: House) -> None:
    house.user("alice")
    house.user("bob")
    key = new_key(house, "alice")["AccessKeyId"]
    missing = house.root.exceptions.NoSuchEntityException
    for name in ("delete_access_key", "update_access_key"):
        more = {"Status": "Inactive"} if name == "update_access_key" else {}
        with pytest.raises(missing, match=f"The Access Key with id {key} cannot be found"):
            getattr(house.root, name)(UserName="bob", AccessKeyId=key, **more)
    assert house.iam.credentials.find(key) is not None


def test_users_keep_their_own_keys(house: House) -> None:
    alice = house.user("alice", {"Action": "iam:*AccessKey*"})
    own = house.client("iam", alice)
    key = own.create_access_key()["AccessKey"]
    assert key["UserName"] == "alice"
    assert len(own.list_access_keys()["AccessKeyMetadata"]) == 1
    own.delete_access_key(AccessKeyId=key["AccessKeyId"])


def test_root_has_a_key_made_once(house: House) -> None:
    moment = house.clock.now()
    key = house.iam.ensure_root_key(moment)
    assert house.iam.ensure_root_key(moment + timedelta(days=1)) == key
    found = house.iam.credentials.find(key.id)
    assert found is not None
    assert (found.caller.arn, found.caller.kind) == (ROOT, "Root")
    shown = house.root.list_access_keys()["AccessKeyMetadata"]
    assert [item["AccessKeyId"] for item in shown] == [key.id]
    house.root.delete_access_key(AccessKeyId=key.id)
    assert house.iam.ensure_root_key(moment).id != key.id


def test_root_keys_have_the_same_limit(house: House) -> None:
    for _ in range(2):
        key = house.root.create_access_key()["AccessKey"]["AccessKeyId"]
        house.root.update_access_key(AccessKeyId=key, Status="Inactive")
    with pytest.raises(house.root.exceptions.LimitExceededException):
        house.root.create_access_key()


def test_changes_are_seen_at_once(house: House) -> None:
    house.user("alice", ANY)
    key = new_key(house, "alice")["AccessKeyId"]
    credentials = house.iam.credentials
    found = credentials.find(key)
    assert found is not None
    arn = found.caller.arn
    assert [name for name, _ in credentials.policies_of(arn)] == ["own"]
    house.root.tag_user(UserName="alice", Tags=[{"Key": "a", "Value": "b"}])
    house.root.delete_user_policy(UserName="alice", PolicyName="own")
    found = credentials.find(key)
    assert found is not None
    assert found.caller.tags == (("a", "b"),)
    assert credentials.policies_of(arn) == ()
    assert credentials.policies_of(f"arn:aws:iam::{ACCOUNT}:user/nobody") == ()


def test_what_is_rolled_back_was_never_so(house: House) -> None:
    arn = house.user("alice", ANY).arn
    before = house.iam.credentials.policies_of(arn)
    user = house.iam.store.identity(arn)
    assert user is not None
    house.iam.store.forget()
    seen: list[object] = []

    def change() -> None:
        with house.vault.transaction():
            house.iam.store.save_identity(replace(user, policies=()))
            seen.append(house.iam.credentials.policies_of(arn))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert seen == [()]
    assert house.iam.credentials.policies_of(arn) == before


def test_a_refused_change_changes_nothing(house: House) -> None:
    house.user("alice", ANY)
    arn = f"arn:aws:iam::{ACCOUNT}:user/alice"
    before = house.iam.credentials.policies_of(arn)
    with pytest.raises(ClientError):
        house.root.put_user_policy(UserName="alice", PolicyName="x", PolicyDocument="no")
    assert house.iam.credentials.policies_of(arn) == before


def test_policies_of_is_quick_once_known(house: House) -> None:
    arn = house.user("alice", ANY).arn
    policies_of = house.iam.credentials.policies_of
    policies_of(arn)
    best = 1.0
    for _ in range(20):
        start = time.perf_counter()
        for _ in range(1000):
            policies_of(arn)
        best = min(best, (time.perf_counter() - start) / 1000)
    assert best < 1e-6


def test_last_use_is_noted_and_written_once_a_minute(house: House) -> None:
    house.user("alice")
    key = new_key(house, "alice")["AccessKeyId"]
    ask = house.root.get_access_key_last_used
    assert ask(AccessKeyId=key)["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}

    def stored() -> AccessKey:
        found = house.iam.store.access_key(key)
        assert found is not None
        return found

    use = house.iam.credentials.used
    first = house.clock.now()
    use(key, first, "kms", "us-west-2")
    assert stored().last_used == first
    use(key, first + timedelta(seconds=59), "sts", "us-east-1")
    assert stored().last_used == first
    told = ask(AccessKeyId=key)
    assert told["UserName"] == "alice"
    assert told["AccessKeyLastUsed"] == {
        "LastUsedDate": first + timedelta(seconds=59),
        "ServiceName": "sts",
        "Region": "us-east-1",
    }
    use(key, first + timedelta(seconds=61), "kms", "us-west-2")
    assert stored().last_used == first + timedelta(seconds=61)
    use("AKIAIOSFODNN7EXAMPLE", first, "kms", "us-west-2")
    with pytest.raises(house.root.exceptions.NoSuchEntityException):
        ask(AccessKeyId="AKIAIOSFODNN7EXAMPLE")


def test_a_lock_forgets_and_keeps_the_last_use(tmp_path: Any) -> None:
    from workbench.base.clock import TravelClock

    vault = new_vault(tmp_path / "vault")
    try:
        house = House(vault, TravelClock())
        house.user("alice", ANY)
        key = new_key(house, "alice")["AccessKeyId"]
        moment = house.clock.now()
        for seconds in (0, 1):
            house.iam.credentials.used(key, moment + timedelta(seconds=seconds), "kms", "r")
        assert house.iam.credentials.find(key) is not None
        vault.lock()
        with pytest.raises(Locked):
            house.iam.credentials.find(key)
        with pytest.raises(Locked):
            house.iam.credentials.policies_of(f"arn:aws:iam::{ACCOUNT}:user/alice")
        vault.unlock_with_passphrase(PASSPHRASE)
        stored = house.iam.store.access_key(key)
        assert stored is not None
        assert stored.last_used == moment + timedelta(seconds=1)
        assert house.iam.credentials.find(key) is not None
    finally:
        vault.close()


def test_acting_as_someone(house: House) -> None:
    acting = house.iam.credentials.acting
    assert acting(ROOT).kind == "Root"
    alice = house.user("alice", Tags=[{"Key": "a", "Value": "b"}])
    assert (alice.kind, alice.tags) == ("IAMUser", (("a", "b"),))
    role = house.role("reader", {"AWS": ACCOUNT})
    session = acting(role)
    assert session.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/workbench"
    assert (session.identity, session.kind) == (role, "AssumedRole")
    for nobody in (f"arn:aws:iam::{ACCOUNT}:user/x", "arn:aws:iam::444455556666:root", "x"):
        with pytest.raises(NotFound, match="There is no user or role"):
            acting(nobody)


def test_an_account_may_belong_to_an_organization(house: House) -> None:
    assert house.iam.store.organization == ""
    assert house.iam.credentials.acting(ROOT).organization == ""
    house.iam.store.set_organization("o-exampleorgid")
    assert house.iam.credentials.acting(ROOT).organization == "o-exampleorgid"
    assert house.user("alice").organization == "o-exampleorgid"
    for wrong in ("o-short", "example", "o-EXAMPLEORGID", "o-exampleorgid\n"):
        with pytest.raises(Refused, match="is no organization id"):
            house.iam.store.set_organization(wrong)
    house.iam.store.set_organization("")
    assert house.iam.credentials.acting(ROOT).organization == ""


@pytest.mark.parametrize("account", ["000000000000", "111122223333", "999999999999"])
def test_key_ids_carry_their_account(account: str) -> None:
    key_id = new_access_key_id("AKIA", account)
    assert len(key_id) == 20
    assert account_of(key_id) == account


@pytest.mark.parametrize("key_id", ["", "AKIA", "AKIA" + "1" * 16, "AKIA" + "7" * 16, "x" * 20])
def test_key_ids_that_carry_none(key_id: str) -> None:
    assert account_of(key_id) == ""
