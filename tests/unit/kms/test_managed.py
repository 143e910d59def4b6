"""AWS managed keys: made when first asked about, used by their service alone, changed by nobody."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from tests.fakes.callers import ACCOUNT, allow, client_of, user
from tests.fakes.engine import make_bench
from workbench.base.clock import TravelClock
from workbench.base.identifiers import Place
from workbench.bench import Bench
from workbench.kms.limits import Limits
from workbench.kms.managed import PROTECTED, policy_of
from workbench.kms.store import KeyStore
from workbench.vault.vault import Vault

S3 = "alias/aws/s3"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
THROUGH = "s3.us-west-2.amazonaws.com"


@pytest.fixture(scope="module")
def clock() -> TravelClock:
    return TravelClock()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, clock: TravelClock) -> Iterator[Bench]:
    made = make_bench(tmp_path_factory.mktemp("managed") / "vault", clock)
    yield made
    made.close()


@pytest.fixture(scope="module")
def kms(bench: Bench) -> Any:
    return bench.kms


@pytest.fixture(scope="module")
def key(kms: Any) -> str:
    return str(kms.describe_key(KeyId=S3)["KeyMetadata"]["KeyId"])


def code(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**request)
    return str(refused.value.response["Error"]["Code"])


def test_nothing_is_made_before_it_is_asked_about(bench: Bench, kms: Any) -> None:
    listed = kms.list_aliases()["Aliases"]
    assert [one["AliasName"] for one in listed] == sorted(f"alias/aws/{name}" for name in PROTECTED)
    assert {frozenset(one) for one in listed} == {frozenset({"AliasName", "AliasArn"})}
    assert code(kms.encrypt, KeyId="alias/aws/sqs", Plaintext=b"x") == "NotFoundException"
    assert code(kms.describe_key, KeyId="alias/aws/nosuch") == "NotFoundException"
    stranger = client_of(bench, user("stranger", allow("kms:List*")))
    assert code(stranger.describe_key, KeyId="alias/aws/sqs") == "AccessDeniedException"
    assert kms.list_keys()["Keys"] == []


def test_asking_makes_it_once_as_aws_describes_it(kms: Any, key: str) -> None:
    found = kms.describe_key(KeyId=S3)["KeyMetadata"]
    assert found["KeyId"] == key
    assert found["KeyManager"] == "AWS"
    assert (found["KeyState"], found["Origin"]) == ("Enabled", "AWS_KMS")
    assert "S3 objects" in found["Description"]
    (alias,) = kms.list_aliases(KeyId=key)["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == (S3, key)
    (made,) = [one for one in kms.list_aliases()["Aliases"] if "TargetKeyId" in one]
    assert made == alias
    assert kms.describe_key(KeyId=alias["AliasArn"])["KeyMetadata"]["KeyId"] == key
    status = kms.get_key_rotation_status(KeyId=key)
    assert status["KeyRotationEnabled"]
    assert status["RotationPeriodInDays"] == 365


@pytest.mark.parametrize(
    ("operation", "request_of"),
    [
        ("encrypt", {"Plaintext": b"x"}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
        ("disable_key", {}),
        ("schedule_key_deletion", {}),
        ("enable_key_rotation", {}),
        ("disable_key_rotation", {}),
        ("rotate_key_on_demand", {}),
        ("update_key_description", {"Description": "mine"}),
        ("tag_resource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("create_grant", {"GranteePrincipal": ROOT, "Operations": ["Decrypt"]}),
        ("put_key_policy", {"Policy": policy_of("s3", Place())}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_not_even_root_uses_or_changes_it(
    kms: Any, key: str, operation: str, request_of: dict[str, Any]
) -> None:
    before = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert code(getattr(kms, operation), KeyId=key, **request_of) == "AccessDeniedException"
    assert kms.describe_key(KeyId=key)["KeyMetadata"] == before


def test_predefined_aliases_are_listed_page_by_page_among_the_others(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "vault")
    try:
        kms: Any = bench.kms
        mine = kms.create_key()["KeyMetadata"]["KeyId"]
        for name in ("alias/zebra", "alias/aws-like", "alias/aaa"):
            kms.create_alias(AliasName=name, TargetKeyId=mine)
        kms.describe_key(KeyId=S3)
        every = [one["AliasName"] for one in kms.list_aliases()["Aliases"]]
        expected = [f"alias/aws/{name}" for name in PROTECTED]
        assert every == sorted([*expected, "alias/zebra", "alias/aws-like", "alias/aaa"])
        for limit in (1, 3, len(every) - 1, len(every)):
            pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": limit})
            assert [one["AliasName"] for page in pages for one in page["Aliases"]] == every
        last = kms.list_aliases(Limit=len(every))
        assert not last["Truncated"]
    finally:
        bench.close()


def test_its_alias_cannot_be_taken_away_nor_another_given(kms: Any, key: str) -> None:
    mine = kms.create_key()["KeyMetadata"]["KeyId"]
    assert code(kms.delete_alias, AliasName=S3) == "AccessDeniedException"
    assert code(kms.update_alias, AliasName=S3, TargetKeyId=mine) == "AccessDeniedException"
    refused = code(kms.create_alias, AliasName="alias/mine", TargetKeyId=key)
    assert refused == "AccessDeniedException"
    reserved = code(kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=mine)
    assert reserved == "NotAuthorizedException"


def test_its_service_uses_it_for_who_may_use_the_service(bench: Bench, key: str) -> None:
    anna = user("anna", allow("s3:*"))
    through = client_of(bench, replace(anna, invoked_by="s3.amazonaws.com"))
    sealed = through.encrypt(KeyId=key, Plaintext=b"object")["CiphertextBlob"]
    assert through.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"object"
    direct = client_of(bench, anna)
    assert code(direct.decrypt, CiphertextBlob=sealed) == "AccessDeniedException"
    other = client_of(bench, replace(anna, invoked_by="sqs.amazonaws.com"))
    assert code(other.decrypt, CiphertextBlob=sealed) == "AccessDeniedException"


def test_the_account_decides_who_sees_it(bench: Bench, key: str) -> None:
    policies = client_of(bench, user("reader", allow("kms:GetKeyPolicy")))
    text = policies.get_key_policy(KeyId=key)["Policy"]
    through, seen = json.loads(text)["Statement"]
    assert through["Condition"]["StringEquals"]["kms:ViaService"] == THROUGH
    assert seen["Principal"] == {"AWS": ROOT}
    nobody = client_of(bench, user("nobody"))
    assert code(nobody.get_key_policy, KeyId=key) == "AccessDeniedException"


def test_it_rotates_every_year(bench: Bench, clock: TravelClock, kms: Any, key: str) -> None:
    clock.travel(timedelta(days=366))
    bench.run_due()
    (rotation,) = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert rotation["RotationType"] == "AUTOMATIC"


def test_each_region_and_service_has_its_own(bench: Bench, key: str) -> None:
    abroad: Any = bench.client("kms", "eu-central-1")
    assert abroad.describe_key(KeyId=S3)["KeyMetadata"]["KeyId"] != key
    made = {
        abroad.describe_key(KeyId=f"alias/aws/{name}")["KeyMetadata"]["KeyId"] for name in PROTECTED
    }
    assert len(made) == len(PROTECTED)


def test_it_does_not_count_as_a_key_of_the_customer(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "vault")
    try:
        bench.kms.describe_key(KeyId=S3)
        bench.kms.create_key()
        store = KeyStore(cast("Vault", bench.vault), "us-west-2")
        Limits(keys=2).check_keys(store.more_than)
        assert not store.more_than(1)
        assert store.more_than(0)
    finally:
        bench.close()
