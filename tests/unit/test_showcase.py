"""The demo vault has something to show in every tab."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.engine import QUICK
from workbench import showcase
from workbench.assembly import Assembly
from workbench.bench import Bench


@pytest.fixture(scope="module")
def demo() -> Iterator[Bench]:
    made = Assembly(cost=QUICK).demo(lambda _text, _share: None)
    yield made
    made.close()


def described(bench: Bench, alias: str, region: str = "") -> Any:
    return bench.client("kms", region).describe_key(KeyId=alias)["KeyMetadata"]


def test_imported_material_is_in_use_and_expires(demo: Bench) -> None:
    key = described(demo, showcase.IMPORTED_ALIAS)
    assert (key["Origin"], key["KeyState"]) == ("EXTERNAL", "Enabled")
    assert key["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    left = key["ValidTo"] - demo.clock.now()
    assert showcase.IMPORTED_LIFE - timedelta(hours=1) < left <= showcase.IMPORTED_LIFE
    demo.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


def test_a_multi_region_key_has_a_replica_that_works(demo: Bench) -> None:
    key = described(demo, showcase.MULTI_REGION_ALIAS)
    (replica,) = key["MultiRegionConfiguration"]["ReplicaKeys"]
    assert replica["Region"] == showcase.REPLICA_REGION
    there = demo.client("kms", showcase.REPLICA_REGION)
    assert described(demo, key["KeyId"], showcase.REPLICA_REGION)["KeyState"] == "Enabled"
    blob = demo.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"here")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"here"


def test_there_are_people_with_policies(demo: Bench) -> None:
    iam = demo.client("iam", "")
    assert [one["UserName"] for one in iam.list_users()["Users"]] == ["anna", "build-server"]
    assert [one["RoleName"] for one in iam.list_roles()["Roles"]] == ["order-service"]
    assert iam.list_user_policies(UserName="anna")["PolicyNames"] == ["look-around"]
    assert iam.list_role_policies(RoleName="order-service")["PolicyNames"] == ["find-keys"]


def test_grants_permit_what_they_say_and_no_more(demo: Bench) -> None:
    for alias, name in (("orders-database", "order-service"), ("firmware-2026", "nightly-build")):
        key = described(demo, f"alias/{alias}")["KeyId"]
        (grant,) = demo.kms.list_grants(KeyId=key)["Grants"]
        assert grant["Name"] == name
    orders = described(demo, "alias/orders-database")["Arn"]

    def may(action: str, **context: str) -> str:
        answer = demo.client("iam", "").simulate_principal_policy(
            PolicySourceArn=demo.place.iam("role/order-service"),
            ActionNames=[f"kms:{action}"],
            ResourceArns=[orders],
            ContextEntries=[
                {
                    "ContextKeyName": f"kms:EncryptionContext:{name}",
                    "ContextKeyValues": [value],
                    "ContextKeyType": "string",
                }
                for name, value in context.items()
            ],
        )
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    assert may("Decrypt", table="orders") == "allowed"
    assert may("Decrypt", table="people") == "implicitDeny"
    assert may("ScheduleKeyDeletion", table="orders") == "implicitDeny"
