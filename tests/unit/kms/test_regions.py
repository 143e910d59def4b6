"""Several Regions in one vault, and multi-Region keys in them."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.callers import ACCOUNT, allow, client_of, make_people, user
from workbench.base.clock import TravelClock
from workbench.bench import Bench

HOME, AWAY, THIRD = "us-west-2", "eu-west-1", "ap-southeast-2"


def code_of(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return str(caught.value.response["Error"]["Code"])


def kms_in(bench: Bench, region: str) -> Any:
    return bench.client("kms", region)


def made(bench: Bench, **more: Any) -> dict[str, Any]:
    return dict(bench.kms.create_key(MultiRegion=True, **more)["KeyMetadata"])


def state(bench: Bench, region: str, key: str) -> str:
    return str(kms_in(bench, region).describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def replicated(bench: Bench, *regions: str, **more: Any) -> str:
    key = str(made(bench, **more)["KeyId"])
    for region in regions:
        bench.kms.replicate_key(KeyId=key, ReplicaRegion=region)
    bench.run_due()
    return key


def test_regions_know_nothing_of_each_other_s_keys(bench: Bench) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    away = kms_in(bench, AWAY)
    assert away.list_keys()["Keys"] == []
    assert code_of(away.describe_key, KeyId=key) == "NotFoundException"
    arn = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/{key}"
    assert code_of(away.describe_key, KeyId=arn) == "NotFoundException"
    blob = bench.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert code_of(away.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    other = away.create_key()["KeyMetadata"]
    assert other["Arn"].startswith(f"arn:aws:kms:{AWAY}:")
    for kms, target in ((bench.kms, key), (away, other["KeyId"])):
        kms.create_alias(AliasName="alias/same", TargetKeyId=target)
        (alias,) = [one for one in kms.list_aliases()["Aliases"] if "TargetKeyId" in one]
        assert alias["TargetKeyId"] == target


def test_a_new_multi_region_key_is_a_primary(bench: Bench) -> None:
    meta = made(bench)
    assert meta["KeyId"].startswith("mrk-")
    assert len(meta["KeyId"]) == 36
    assert meta["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": meta["Arn"], "Region": HOME},
        "ReplicaKeys": [],
    }


def test_replicating(bench: Bench) -> None:
    meta = made(bench, Description="the primary", Tags=[{"TagKey": "a", "TagValue": "b"}])
    key = meta["KeyId"]
    answer = bench.kms.replicate_key(
        KeyId=key, ReplicaRegion=AWAY, Tags=[{"TagKey": "c", "TagValue": "d"}]
    )
    replica = answer["ReplicaKeyMetadata"]
    assert replica["KeyState"] == "Creating"
    assert not replica["Enabled"]
    assert replica["Description"] == ""
    assert "CurrentKeyMaterialId" not in replica
    assert replica["Arn"] == f"arn:aws:kms:{AWAY}:{ACCOUNT}:key/{key}"
    assert answer["ReplicaTags"] == [{"TagKey": "c", "TagValue": "d"}]
    assert "Enable IAM User Permissions" in answer["ReplicaPolicy"]
    bench.run_due()
    there = kms_in(bench, AWAY).describe_key(KeyId=key)["KeyMetadata"]
    assert there["KeyState"] == "Enabled"
    assert there["CurrentKeyMaterialId"] == meta["CurrentKeyMaterialId"]
    for region, kind in ((HOME, "PRIMARY"), (AWAY, "REPLICA")):
        found = kms_in(bench, region).describe_key(KeyId=key)["KeyMetadata"]
        assert found["MultiRegionConfiguration"] == {
            "MultiRegionKeyType": kind,
            "PrimaryKey": {"Arn": meta["Arn"], "Region": HOME},
            "ReplicaKeys": [{"Arn": replica["Arn"], "Region": AWAY}],
        }


def test_replicas_open_what_the_others_sealed(bench: Bench) -> None:
    key = replicated(bench, AWAY)
    away = kms_in(bench, AWAY)
    for one, other in ((bench.kms, away), (away, bench.kms)):
        blob = one.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})
        opened = other.decrypt(CiphertextBlob=blob["CiphertextBlob"], EncryptionContext={"a": "b"})
        assert opened["Plaintext"] == b"x"
    pair = replicated(bench, AWAY, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    request: Any = {"KeyId": pair, "SigningAlgorithm": "ECDSA_SHA_256", "Message": b"text"}
    signature = bench.kms.sign(**request)["Signature"]
    assert away.verify(**request, Signature=signature)["SignatureValid"]
    assert (
        away.get_public_key(KeyId=pair)["PublicKey"]
        == (bench.kms.get_public_key(KeyId=pair)["PublicKey"])
    )


def test_what_is_each_region_s_own(bench: Bench) -> None:
    key = replicated(bench, AWAY)
    away = kms_in(bench, AWAY)
    away.update_key_description(KeyId=key, Description="there")
    away.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])
    away.create_alias(AliasName="alias/there", TargetKeyId=key)
    grantee = user("anna").arn
    make_people(bench, user("anna"))
    away.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])
    away.disable_key(KeyId=key)
    assert bench.kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == ""
    assert bench.kms.list_resource_tags(KeyId=key)["Tags"] == []
    assert bench.kms.list_aliases(KeyId=key)["Aliases"] == []
    assert bench.kms.list_grants(KeyId=key)["Grants"] == []
    assert state(bench, HOME, key) == "Enabled"
    anna = client_of(bench, user("anna"), AWAY)
    away.enable_key(KeyId=key)
    anna.encrypt(KeyId=key, Plaintext=b"x")
    assert code_of(client_of(bench, user("anna")).encrypt, KeyId=key, Plaintext=b"x") == (
        "AccessDeniedException"
    )


def test_replicating_is_refused(bench: Bench) -> None:
    key = replicated(bench, AWAY)
    single = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    away = kms_in(bench, AWAY)
    for call, request, code in (
        (bench.kms.replicate_key, {"KeyId": single, "ReplicaRegion": AWAY}, "Unsupported"),
        (away.replicate_key, {"KeyId": key, "ReplicaRegion": THIRD}, "Unsupported"),
        (bench.kms.replicate_key, {"KeyId": key, "ReplicaRegion": AWAY}, "AlreadyExists"),
        (bench.kms.replicate_key, {"KeyId": key, "ReplicaRegion": HOME}, "AlreadyExists"),
        (bench.kms.replicate_key, {"KeyId": key, "ReplicaRegion": "mars-north-1"}, "Validation"),
    ):
        assert code_of(call, **request).startswith(code)
    bench.kms.disable_key(KeyId=key)
    request = {"KeyId": key, "ReplicaRegion": THIRD}
    assert code_of(bench.kms.replicate_key, **request) == "DisabledException"
    anna = client_of(bench, user("anna", allow("kms:ReplicateKey")))
    assert code_of(anna.replicate_key, **request) == "AccessDeniedException"


def test_rotation_of_the_primary_reaches_replicas(bench: Bench, clock: TravelClock) -> None:
    key = replicated(bench, AWAY)
    away = kms_in(bench, AWAY)
    old = away.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    bench.kms.rotate_key_on_demand(KeyId=key)
    bench.run_due()
    for region in (HOME, AWAY):
        kms = kms_in(bench, region)
        entries = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        states = [entry["KeyMaterialState"] for entry in entries["Rotations"]]
        assert states == ["NON_CURRENT", "CURRENT"]
        current = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
        assert entries["Rotations"][1]["KeyMaterialId"] == current
        assert kms.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    new = bench.kms.encrypt(KeyId=key, Plaintext=b"new")["CiphertextBlob"]
    assert away.decrypt(CiphertextBlob=new)["Plaintext"] == b"new"
    for call in (away.rotate_key_on_demand, away.enable_key_rotation, away.disable_key_rotation):
        assert code_of(call, KeyId=key) == "UnsupportedOperationException"
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert away.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90
    clock.travel(timedelta(days=91))
    bench.run_due()
    assert len(away.list_key_rotations(KeyId=key)["Rotations"]) == 2


def test_a_replica_made_after_rotations_has_every_material(bench: Bench) -> None:
    key = str(made(bench)["KeyId"])
    old = bench.kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    bench.kms.rotate_key_on_demand(KeyId=key)
    bench.run_due()
    bench.kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    bench.run_due()
    assert kms_in(bench, AWAY).decrypt(CiphertextBlob=old)["Plaintext"] == b"old"


def test_changing_the_primary(bench: Bench) -> None:
    key = replicated(bench, AWAY, THIRD)
    away = kms_in(bench, AWAY)
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    kms_in(bench, THIRD).disable_key(KeyId=key)
    bench.kms.update_primary_region(KeyId=key, PrimaryRegion=AWAY)
    bench.run_due()
    for region in (HOME, AWAY, THIRD):
        found = kms_in(bench, region).describe_key(KeyId=key)["KeyMetadata"]
        configuration = found["MultiRegionConfiguration"]
        assert configuration["PrimaryKey"]["Region"] == AWAY
        assert [one["Region"] for one in configuration["ReplicaKeys"]] == [THIRD, HOME]
        assert found["KeyState"] == ("Disabled" if region == THIRD else "Enabled")
    assert away.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 100
    away.rotate_key_on_demand(KeyId=key)
    bench.run_due()
    assert len(bench.kms.list_key_rotations(KeyId=key)["Rotations"]) == 1
    request = {"KeyId": key}
    assert code_of(bench.kms.rotate_key_on_demand, **request) == "UnsupportedOperationException"


def test_changing_the_primary_is_refused(bench: Bench) -> None:
    key = replicated(bench, AWAY)
    away = kms_in(bench, AWAY)
    for call, region, code in (
        (away.update_primary_region, HOME, "UnsupportedOperationException"),
        (bench.kms.update_primary_region, HOME, "UnsupportedOperationException"),
        (bench.kms.update_primary_region, THIRD, "NotFoundException"),
    ):
        assert code_of(call, KeyId=key, PrimaryRegion=region) == code
    away.schedule_key_deletion(KeyId=key)
    request = {"KeyId": key, "PrimaryRegion": AWAY}
    assert code_of(bench.kms.update_primary_region, **request) == "KMSInvalidStateException"


def test_deleting_a_primary_waits_for_its_replicas(bench: Bench, clock: TravelClock) -> None:
    key = replicated(bench, AWAY)
    away = kms_in(bench, AWAY)
    answer: Any = bench.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=10)
    assert answer["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in answer
    found = bench.kms.describe_key(KeyId=key)["KeyMetadata"]
    assert found["PendingDeletionWindowInDays"] == 10
    clock.travel(timedelta(days=20))
    bench.run_due()
    assert state(bench, HOME, key) == "PendingReplicaDeletion"
    assert away.encrypt(KeyId=key, Plaintext=b"x")["KeyId"]
    away.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock.travel(timedelta(days=8))
    bench.run_due()
    assert code_of(away.describe_key, KeyId=key) == "NotFoundException"
    assert state(bench, HOME, key) == "PendingDeletion"
    clock.travel(timedelta(days=9))
    bench.run_due()
    assert state(bench, HOME, key) == "PendingDeletion"
    clock.travel(timedelta(days=2))
    bench.run_due()
    assert code_of(bench.kms.describe_key, KeyId=key) == "NotFoundException"


def test_a_primary_s_deletion_can_be_cancelled(bench: Bench) -> None:
    key = replicated(bench, AWAY)
    bench.kms.schedule_key_deletion(KeyId=key)
    bench.kms.cancel_key_deletion(KeyId=key)
    found = bench.kms.describe_key(KeyId=key)["KeyMetadata"]
    assert found["KeyState"] == "Disabled"
    assert "PendingDeletionWindowInDays" not in found


def test_deleting_a_replica_leaves_the_others(bench: Bench, clock: TravelClock) -> None:
    key = replicated(bench, AWAY, THIRD)
    blob = bench.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms_in(bench, AWAY).schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock.travel(timedelta(days=8))
    bench.run_due()
    for region in (HOME, THIRD):
        kms = kms_in(bench, region)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        configuration = kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
        assert [one["Region"] for one in configuration["ReplicaKeys"]] == [THIRD]


def test_events_name_their_region(bench: Bench) -> None:
    kms_in(bench, AWAY).create_key()
    (event,) = bench.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateKey"}]
    )["Events"]
    assert f'"awsRegion":"{AWAY}"' in event["CloudTrailEvent"].replace(": ", ":")
