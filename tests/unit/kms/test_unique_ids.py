"""Principals of key policies and grants: they must exist, and are kept by their unique ids."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    client_of,
    make_people,
    policy,
    session,
    user,
)
from tests.fakes.engine import QUICK, make_bench
from tests.fakes.secrets import MemoryStore
from tests.fakes.vaults import powered
from workbench.assembly import Assembly
from workbench.base.clock import TravelClock
from workbench.base.identifiers import Place
from workbench.bench import Bench
from workbench.engine import Engine
from workbench.vault.vault import Vault

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ANNA, APP = user("anna"), session("App")
NOBODY = f"arn:aws:iam::{ACCOUNT}:user/nobody"
INVALID = "Policy contains a statement with one or more invalid principals."


def naming(*principals: Any) -> str:
    """Return a key policy that lets root do everything and principals encrypt."""
    every = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    some = [
        {"Effect": "Allow", "Principal": one, "Action": "kms:Encrypt", "Resource": "*"}
        for one in principals
    ]
    return policy(every, *some)


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def may_encrypt(bench: Bench, caller: Any, key: str) -> bool:
    client = client_of(bench, caller)
    try:
        client.encrypt(KeyId=key, Plaintext=b"x")
    except client.exceptions.from_code("AccessDeniedException"):
        return False
    return True


def principals_of(bench: Bench, key: str) -> list[str]:
    text = bench.kms.get_key_policy(KeyId=key)["Policy"]
    return [one["Principal"]["AWS"] for one in json.loads(text)["Statement"][1:]]


def role_id(bench: Bench) -> str:
    role: str = bench.client("iam", "").get_role(RoleName="App")["Role"]["RoleId"]
    return role


@pytest.mark.parametrize(
    "name",
    [
        f"arn:aws:iam::{ACCOUNT}:user/nobody",
        f"arn:aws:iam::{ACCOUNT}:user/Anna",
        f"arn:aws:iam::{ACCOUNT}:user/path/anna",
        f"arn:aws:iam::{ACCOUNT}:role/anna",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/Nobody/session",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session",
        "AIDACKCEVSQ6C2EXAMPLE",
        "AROACKCEVSQ6C2EXAMPLE:session",
    ],
)
def test_nobody_may_be_named_who_does_not_exist(shared: Bench, name: str) -> None:
    kms = shared.kms
    if not shared.client("iam", "").list_users()["Users"]:
        make_people(shared, ANNA, APP)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    before = kms.get_key_policy(KeyId=key)["Policy"]
    for call, more in (
        (kms.put_key_policy, {"KeyId": key}),
        (kms.create_key, {}),
        (kms.replicate_key, {"KeyId": key, "ReplicaRegion": "eu-west-1"}),
    ):
        for principal in ({"AWS": name}, {"AWS": [ANNA.arn, name]}):
            told = refusal(call, Policy=naming(principal), **more)
            assert told == ("MalformedPolicyDocumentException", INVALID)
    assert kms.get_key_policy(KeyId=key)["Policy"] == before
    if name.startswith("arn:"):
        for role in ("GranteePrincipal", "RetiringPrincipal"):
            request: Any = {"KeyId": key, "Operations": ["Encrypt"], "GranteePrincipal": ANNA.arn}
            told = refusal(kms.create_grant, **request | {role: name})
            assert told == (
                "InvalidArnException",
                f"ARN does not refer to a valid principal: {name}",
            )
    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_the_refusal_says_who_is_missing(bench: Bench) -> None:
    nobody = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    with pytest.raises(ClientError) as caught:
        bench.kms.create_key(Policy=naming({"AWS": nobody}))
    step = f"There is no {nobody}: create the user or role first, or correct its name."
    assert caught.value.next_step == step


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/unknown-here"},
        {"AWS": f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/unknown/session"},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"},
        {"AWS": OTHER_ACCOUNT},
        {"Service": "logs.us-west-2.amazonaws.com"},
        "*",
    ],
)
def test_whoever_cannot_be_asked_about_is_taken_as_written(shared: Bench, principal: Any) -> None:
    text = naming(principal)
    key = shared.kms.create_key(Policy=text)["KeyMetadata"]["KeyId"]
    assert shared.kms.get_key_policy(KeyId=key)["Policy"] == text


def test_a_role_made_anew_is_not_the_one_that_was_named(bench: Bench) -> None:
    make_people(bench, ANNA, APP)
    narrow = {"AWS": APP.arn}
    text = naming({"AWS": [ANNA.arn]}, {"AWS": APP.identity}, narrow).replace(", ", " ,\n")
    key = bench.kms.create_key(Policy=text)["KeyMetadata"]["KeyId"]
    assert bench.kms.get_key_policy(KeyId=key)["Policy"] == text
    former = role_id(bench)
    assert may_encrypt(bench, APP, key)
    iam = bench.client("iam", "")
    iam.delete_role(RoleName="App")
    assert principals_of(bench, key) == [[ANNA.arn], former, f"{former}:session"]
    assert not may_encrypt(bench, APP, key)
    make_people(bench, APP)
    assert role_id(bench) != former
    assert principals_of(bench, key) == [[ANNA.arn], former, f"{former}:session"]
    assert not may_encrypt(bench, APP, key)
    assert may_encrypt(bench, ANNA, key)
    # What is shown cannot be put back: AWS wants whoever is gone taken out first.
    shown = bench.kms.get_key_policy(KeyId=key)["Policy"]
    told = refusal(bench.kms.put_key_policy, KeyId=key, Policy=shown)
    assert told == ("MalformedPolicyDocumentException", INVALID)
    bench.kms.put_key_policy(KeyId=key, Policy=text)
    assert may_encrypt(bench, APP, key)


def test_an_id_that_somebody_has_names_them(bench: Bench) -> None:
    make_people(bench, APP)
    text = naming({"AWS": role_id(bench)})
    key = bench.kms.create_key(Policy=text)["KeyMetadata"]["KeyId"]
    assert principals_of(bench, key) == [APP.identity]
    assert may_encrypt(bench, APP, key)


def test_a_deny_of_all_but_one_who_is_gone_denies_all(bench: Bench) -> None:
    make_people(bench, APP)
    spare = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [ROOT, APP.identity, APP.arn]},
        "Action": "kms:Encrypt",
        "Resource": "*",
    }
    open_to_all = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    key = bench.kms.create_key(Policy=policy(open_to_all, spare))["KeyMetadata"]["KeyId"]
    assert may_encrypt(bench, APP, key)
    bench.client("iam", "").delete_role(RoleName="App")
    make_people(bench, APP)
    assert not may_encrypt(bench, APP, key)


def test_ids_elsewhere_in_a_policy_are_left_alone(bench: Bench) -> None:
    make_people(bench, APP)
    unique = role_id(bench)
    condition = {"StringLike": {"aws:userid": f"{unique}:*", "kms:CallerAccount": [APP.identity]}}
    text = naming({"AWS": APP.identity}).replace(
        '"Action": "kms:Encrypt"', f'"Action": "kms:Encrypt", "Condition": {json.dumps(condition)}'
    )
    key = bench.kms.create_key(Policy=text)["KeyMetadata"]["KeyId"]
    assert bench.kms.get_key_policy(KeyId=key)["Policy"] == text


def test_a_replica_shows_its_policy_with_arns(bench: Bench) -> None:
    make_people(bench, APP)
    key = bench.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    text = naming({"AWS": APP.identity})
    made = bench.kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1", Policy=text)
    assert made["ReplicaPolicy"] == text


def test_a_grant_is_for_the_role_it_was_made_for(bench: Bench) -> None:
    make_people(bench, ANNA, APP)
    kms = bench.kms
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    request: Any = {
        "KeyId": key,
        "GranteePrincipal": APP.identity,
        "RetiringPrincipal": APP.identity,
        "Operations": ["Encrypt"],
        "Name": "once",
    }
    made = kms.create_grant(**request)["GrantId"]
    assert kms.create_grant(**request)["GrantId"] == made
    (shown,) = kms.list_grants(KeyId=key, GranteePrincipal=APP.identity)["Grants"]
    assert (shown["GranteePrincipal"], shown["RetiringPrincipal"]) == (APP.identity,) * 2
    assert may_encrypt(bench, APP, key)
    former = role_id(bench)
    bench.client("iam", "").delete_role(RoleName="App")
    make_people(bench, APP)
    (shown,) = kms.list_grants(KeyId=key)["Grants"]
    assert (shown["GranteePrincipal"], shown["RetiringPrincipal"]) == (former, former)
    assert not may_encrypt(bench, APP, key)
    assert kms.list_grants(KeyId=key, GranteePrincipal=APP.identity)["Grants"] == []
    assert kms.list_retirable_grants(RetiringPrincipal=APP.identity)["Grants"] == []
    with pytest.raises(ClientError, match="not authorized"):
        client_of(bench, APP).retire_grant(KeyId=shown["KeyId"], GrantId=made)
    assert kms.create_grant(**request)["GrantId"] != made
    assert may_encrypt(bench, APP, key)


def test_the_simulator_knows_whom_a_policy_means(bench: Bench) -> None:
    make_people(bench, APP)
    iam = bench.client("iam", "")
    key = bench.kms.create_key(Policy=naming({"AWS": APP.identity}))["KeyMetadata"]["Arn"]

    def decision() -> Any:
        (result,) = iam.simulate_principal_policy(
            PolicySourceArn=APP.identity, ActionNames=["kms:Encrypt"], ResourceArns=[key]
        )["EvaluationResults"]
        return result

    before = decision()
    assert before["EvalDecision"] == "allowed"
    # The statement's place is that in the policy as it is shown.
    (matched,) = before["MatchedStatements"]
    text = bench.kms.get_key_policy(KeyId=key)["Policy"]
    start, end = matched["StartPosition"]["Column"] - 1, matched["EndPosition"]["Column"] - 1
    assert json.loads(text[start:end])["Principal"] == {"AWS": APP.identity}
    iam.delete_role(RoleName="App")
    make_people(bench, APP)
    assert decision()["EvalDecision"] == "implicitDeny"


@pytest.fixture
def lenient(tmp_path: Path) -> Iterator[Engine]:
    module, clock = powered(), TravelClock()
    vault, _ = Vault.create(tmp_path / "v", module, MemoryStore(), clock, cost=QUICK)
    engine = Engine(vault, module, Place(), clock, lenient_principals=True)
    yield engine
    engine.stop()
    engine.journal.close()
    vault.close()


def test_throw_away_vaults_may_take_names_on_trust(lenient: Engine) -> None:
    kms, iam = lenient.client("kms"), lenient.client("iam")
    later = f"arn:aws:iam::{ACCOUNT}:user/later"
    text = naming({"AWS": [later, "AIDACKCEVSQ6C2EXAMPLE"]})
    key = kms.create_key(Policy=text)["KeyMetadata"]["KeyId"]
    assert kms.get_key_policy(KeyId=key)["Policy"] == text
    kms.create_grant(KeyId=key, GranteePrincipal=later, Operations=["Decrypt"])
    iam.create_role(
        RoleName="r",
        AssumeRolePolicyDocument=policy(
            {"Effect": "Allow", "Principal": {"AWS": later}, "Action": "sts:AssumeRole"}
        ),
    )
    iam.create_user(UserName="later")
    lenient.identity.turn_to(later)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_vault_of_an_older_version_is_brought_up(tmp_path: Path) -> None:
    secrets, clock = MemoryStore(), TravelClock()
    bench = make_bench(tmp_path / "vault", clock, secrets)
    make_people(bench, ANNA, APP)
    iam, kms = bench.client("iam", ""), bench.kms
    trust = policy({"Effect": "Allow", "Principal": {"AWS": ANNA.arn}, "Action": "sts:AssumeRole"})
    iam.update_assume_role_policy(RoleName="App", PolicyDocument=trust)
    key = kms.create_key(Policy=naming({"AWS": APP.identity}))["KeyMetadata"]["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal=ANNA.arn, Operations=["Encrypt"])
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    ids = {role_id(bench): APP.identity, iam.get_user(UserName="anna")["User"]["UserId"]: ANNA.arn}
    kept = _stored(bench)
    assert not any(arn in kept for arn in ids.values())
    assert all(unique in kept for unique in ids)
    _keep_as_before(bench, ids, other)
    assert all(arn in _stored(bench) for arn in ids.values())
    bench.close()
    bench = Assembly(clock=clock, secrets=secrets, cost=QUICK).open(tmp_path / "vault")
    bench.vault.unlock_with_keyring()
    try:
        found = _stored(bench)
        assert [arn for arn in ids.values() if arn in found] == []
        assert NOBODY in found  # there is nobody whose id could stand for it
        bench.client("iam", "").delete_role(RoleName="App")
        make_people(bench, APP)
        assert not may_encrypt(bench, APP, key)
        assert may_encrypt(bench, ANNA, key)
        bench.vault.lock()
        bench.vault.unlock_with_keyring()
        assert not may_encrypt(bench, APP, key)
    finally:
        bench.close()


def _keep_as_before(bench: Bench, ids: dict[str, str], other: str) -> None:
    """Keep principals by name, as version 0.1 did; `other` is a key that names nobody."""
    vault: Any = bench.vault
    with vault.transaction() as transaction:  # as it was kept before
        for table, column in (("identities", "$.trust"), ("keys", "$.policy"), ("grants", "$")):
            for unique, arn in ids.items():
                new = f"replace(json_extract(record, '{column}'), '{unique}', '{arn}')"
                value = new if column == "$" else f"json_set(record, '{column}', {new})"
                transaction.execute(f"UPDATE {table} SET record = {value}")
        transaction.execute("UPDATE grants SET grantee = ?", (ANNA.arn,))
        extra = f"replace(json_extract(record, '$.policy'), '{ROOT}', '{NOBODY}')"
        transaction.execute(
            f"UPDATE keys SET record = json_set(record, '$.policy', {extra}) WHERE id = ?",
            (other,),
        )
        transaction.execute("DELETE FROM settings WHERE name = 'principals_kept_by_id'")


def _stored(bench: Bench) -> str:
    """Return all that the vault keeps of trust policies, key policies and grants, as text."""
    vault: Any = bench.vault
    rows = vault.read(
        "SELECT json_extract(record, '$.trust') FROM identities UNION ALL "
        "SELECT json_extract(record, '$.policy') FROM keys UNION ALL "
        "SELECT grantee || json_extract(record, '$.grantee') FROM grants"
    )
    return "\n".join(str(row[0]) for row in rows)
