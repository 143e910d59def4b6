from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.fakes.kms_bench import make_kms_bench
from workbench.base.clock import TravelClock
from workbench.bench import Bench


def create(bench: Bench) -> str:
    return bench.kms.create_key()["KeyMetadata"]["KeyId"]


def materials(bench: Bench, key: str) -> list[tuple[str, str, str]]:
    answer = bench.kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    return [
        (entry["KeyMaterialId"], entry["KeyMaterialState"], entry.get("RotationType", ""))
        for entry in answer["Rotations"]
    ]


def test_on_demand_rotation_keeps_old_ciphertexts_readable(bench: Bench) -> None:
    key = create(bench)
    first = bench.kms.encrypt(KeyId=key, Plaintext=b"one")["CiphertextBlob"]
    bench.kms.rotate_key_on_demand(KeyId=key)
    bench.run_due()
    second = bench.kms.encrypt(KeyId=key, Plaintext=b"two")["CiphertextBlob"]
    history = materials(bench, key)
    assert [(state, kind) for _, state, kind in history] == [
        ("NON_CURRENT", ""),
        ("CURRENT", "ON_DEMAND"),
    ]
    assert first[5:37].hex() == history[0][0]
    assert second[5:37].hex() == history[1][0]
    opened = bench.kms.decrypt(CiphertextBlob=first)
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"one", history[0][0])
    described = bench.kms.describe_key(KeyId=key)["KeyMetadata"]
    assert described["CurrentKeyMaterialId"] == history[1][0]
    only_rotations = bench.kms.list_key_rotations(KeyId=key)["Rotations"]
    assert [entry["KeyMaterialId"] for entry in only_rotations] == [history[1][0]]


def test_the_twenty_sixth_on_demand_rotation_is_refused(bench: Bench) -> None:
    key = create(bench)
    for _ in range(25):
        bench.kms.rotate_key_on_demand(KeyId=key)
        bench.run_due()
    with pytest.raises(bench.kms.exceptions.LimitExceededException, match="limit has been reached"):
        bench.kms.rotate_key_on_demand(KeyId=key)
    assert len(materials(bench, key)) == 26


def test_automatic_rotation_comes_when_it_is_due(bench: Bench, clock: TravelClock) -> None:
    key = create(bench)
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    status = bench.kms.get_key_rotation_status(KeyId=key)
    assert status["KeyRotationEnabled"]
    assert status["RotationPeriodInDays"] == 90
    planned = status["NextRotationDate"]
    clock.travel(timedelta(days=30))
    bench.kms.rotate_key_on_demand(KeyId=key)
    bench.run_due()
    assert bench.kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == planned
    clock.travel(timedelta(days=61))
    bench.run_due()
    bench.run_due()
    assert [kind for _, _, kind in materials(bench, key)] == ["", "ON_DEMAND", "AUTOMATIC"]
    assert bench.kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] > planned
    bench.kms.disable_key_rotation(KeyId=key)
    clock.travel(timedelta(days=400))
    bench.run_due()
    assert len(materials(bench, key)) == 3
    assert not bench.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_a_disabled_key_is_not_rotated(bench: Bench, clock: TravelClock) -> None:
    key = create(bench)
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    bench.kms.disable_key(KeyId=key)
    clock.travel(timedelta(days=100))
    bench.run_due()
    assert len(materials(bench, key)) == 1
    bench.kms.enable_key(KeyId=key)
    bench.run_due()
    assert len(materials(bench, key)) == 2


def test_rotation_period_has_bounds(bench: Bench) -> None:
    key = create(bench)
    with pytest.raises(ParamValidationError, match="valid min value: 90"):
        bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=89)
    with pytest.raises(ClientError) as refused:
        bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2561)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert not bench.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_asymmetric_keys_do_not_rotate(bench: Bench) -> None:
    key = bench.kms.create_key(KeySpec="ML_DSA_65", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    for request in (
        bench.kms.rotate_key_on_demand,
        bench.kms.enable_key_rotation,
        bench.kms.list_key_rotations,
    ):
        with pytest.raises(bench.kms.exceptions.UnsupportedOperationException):
            request(KeyId=key)


def leave_and_come_back(kms: Any, clock: TravelClock, run_due: Any, key: str) -> None:
    """Have a rotation fall due while the key waits for its deletion, which is cancelled then."""
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    assert "NextRotationDate" not in kms.get_key_rotation_status(KeyId=key)
    clock.travel(timedelta(days=10))
    run_due()
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 0
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)


@pytest.mark.parametrize("multi_region", [False, True])
def test_a_cancelled_deletion_gives_rotation_back(
    bench: Bench, clock: TravelClock, *, multi_region: bool
) -> None:
    key = bench.kms.create_key(MultiRegion=multi_region)["KeyMetadata"]["KeyId"]
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    clock.travel(timedelta(days=85))
    leave_and_come_back(bench.kms, clock, bench.run_due, key)
    status = bench.kms.get_key_rotation_status(KeyId=key)
    assert status["KeyRotationEnabled"]
    assert status["NextRotationDate"] < clock.now()
    bench.run_due()
    assert [kind for _, _, kind in materials(bench, key)] == ["", "AUTOMATIC"]
    assert bench.kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] > clock.now()
    clock.travel(timedelta(days=91))
    bench.run_due()
    assert len(materials(bench, key)) == 3


def test_a_primary_that_waits_for_its_replicas_keeps_its_rotation(
    bench: Bench, clock: TravelClock
) -> None:
    key = bench.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    bench.kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    bench.run_due()
    away = bench.client("kms", "eu-west-1")
    clock.travel(timedelta(days=85))
    state = bench.kms.schedule_key_deletion(KeyId=key)["KeyState"]
    assert state == "PendingReplicaDeletion"
    assert away.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    clock.travel(timedelta(days=10))
    bench.run_due()
    bench.kms.cancel_key_deletion(KeyId=key)
    bench.kms.enable_key(KeyId=key)
    bench.run_due()
    assert [kind for _, _, kind in materials(bench, key)] == ["", "AUTOMATIC"]
    assert away.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_a_rotation_on_demand_waits_for_a_deletion_to_be_cancelled(tmp_path: Path) -> None:
    bench = make_kms_bench(tmp_path / "vault")
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    bench.kms.rotate_key_on_demand(KeyId=key)
    leave_and_come_back(bench.kms, bench.clock, bench.run_due, key)
    assert bench.kms.get_key_rotation_status(KeyId=key)["OnDemandRotationStartDate"]
    bench.run_due()
    kinds = [one["RotationType"] for one in bench.kms.list_key_rotations(KeyId=key)["Rotations"]]
    bench.close()
    assert kinds == ["ON_DEMAND"]


def test_a_key_is_deleted_though_its_rotation_waits(bench: Bench, clock: TravelClock) -> None:
    key = create(bench)
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    clock.travel(timedelta(days=85))
    bench.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock.travel(timedelta(days=8))
    bench.run_due()
    with pytest.raises(bench.kms.exceptions.NotFoundException):
        bench.kms.describe_key(KeyId=key)
