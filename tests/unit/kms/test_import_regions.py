"""Imported material of multi-Region keys: the same in every Region, and imported in each."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.importing import World, create, everything, import_into, materials, request, state
from workbench.crypto import keys
from workbench.crypto.table import KEY_SPECS

ONE, TWO, THREE = b"1" * 32, b"2" * 32, b"3" * 32
NEW: Any = "NEW_KEY_MATERIAL"
EXISTING: Any = "EXISTING_KEY_MATERIAL"
ELSEWHERE = "eu-west-1"
WAITS = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
HYBRID = "RSA_AES_KEY_WRAP_SHA_256"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("regions") / "vault")
    yield made
    made.close()


@pytest.fixture
def there(world: World) -> Any:
    return world.region(ELSEWHERE)


def replicated(world: World, key: str, region: str = ELSEWHERE) -> str:
    world.kms.replicate_key(KeyId=key, ReplicaRegion=region)
    world.engine.run_due()
    return key


def refused(world: World, client: Any, name: str, made: dict[str, Any]) -> None:
    before = everything(world)
    with pytest.raises(ClientError) as caught:
        client.import_key_material(**made)
    assert caught.value.response["Error"]["Code"] == name
    assert everything(world) == before


def test_a_replica_gets_its_material_by_an_import_of_its_own(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    first = import_into(world.kms, key, ONE, KeyMaterialDescription="first")
    blob = world.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    replicated(world, key)
    assert state(there, key) == "PendingImport"
    assert materials(there, key) == [(first, "CURRENT", "PENDING_IMPORT")]
    refused(world, there, "IncorrectKeyMaterialException", request(there, key, TWO))
    assert import_into(there, key, ONE) == first
    assert state(there, key) == "Enabled"
    opened = there.decrypt(CiphertextBlob=blob)
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"p", first)
    shown = there.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert "KeyMaterialDescription" not in shown["Rotations"][0]


def test_a_token_is_of_one_region(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    import_into(world.kms, key, ONE)
    replicated(world, key)
    made = request(world.kms, key, ONE)
    refused(world, there, "InvalidImportTokenException", made)


def test_a_key_without_material_is_replicated_once_it_has_some(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    with pytest.raises(world.kms.exceptions.KMSInvalidStateException, match="is pending import"):
        world.kms.replicate_key(KeyId=key, ReplicaRegion=ELSEWHERE)
    first = import_into(world.kms, key, ONE)
    replicated(world, key)
    other = request(there, key, TWO)
    refused(world, there, "IncorrectKeyMaterialException", other)
    refused(world, there, "UnsupportedOperationException", {**other, "ImportType": NEW})
    assert materials(there, key) == [(first, "CURRENT", "PENDING_IMPORT")]
    assert import_into(there, key, ONE) == first
    assert (state(world.kms, key), state(there, key)) == ("Enabled", "Enabled")


def test_new_material_waits_for_every_region(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    first = import_into(world.kms, key, ONE)
    replicated(world, key)
    import_into(there, key, ONE)
    third = replicated(world, key, "ap-south-1")
    india: Any = world.region("ap-south-1")
    import_into(india, third, ONE)
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    assert materials(world.kms, key)[1] == (second, WAITS, "IMPORTED")
    assert materials(there, key)[1] == (second, WAITS, "PENDING_IMPORT")
    text = r"No available key material pending rotation for the key: arn:aws:kms:us-east-1:.*\."
    with pytest.raises(world.kms.exceptions.KMSInvalidStateException, match=text):
        world.kms.rotate_key_on_demand(KeyId=key)
    refused(
        world,
        world.kms,
        "KMSInvalidStateException",
        {**request(world.kms, key, THREE), "ImportType": NEW},
    )
    import_into(there, key, TWO, ImportType=EXISTING)
    assert materials(world.kms, key)[1] == (second, WAITS, "IMPORTED")
    import_into(india, key, TWO, ImportType=EXISTING, KeyMaterialId=second)
    for client in (world.kms, there, india):
        assert state(client, key) == "Enabled"
        assert materials(client, key)[1] == (second, "PENDING_ROTATION", "IMPORTED")
    world.kms.rotate_key_on_demand(KeyId=key)
    world.engine.run_due()
    for client in (world.kms, there, india):
        assert materials(client, key) == [
            (first, "NON_CURRENT", "IMPORTED"),
            (second, "CURRENT", "IMPORTED"),
        ]
    blob = there.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    assert india.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == second


def test_a_new_replica_makes_the_rotation_wait(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    import_into(world.kms, key, ONE)
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    assert materials(world.kms, key)[1][1] == "PENDING_ROTATION"
    replicated(world, key)
    assert materials(world.kms, key)[1] == (second, WAITS, "IMPORTED")
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    world.later(days=7)
    assert materials(world.kms, key)[1] == (second, "PENDING_ROTATION", "IMPORTED")


def test_a_replica_needs_the_older_materials_too(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    first = import_into(world.kms, key, ONE)
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    world.kms.rotate_key_on_demand(KeyId=key)
    world.engine.run_due()
    replicated(world, key)
    import_into(there, key, TWO)
    assert materials(there, key) == [
        (first, "NON_CURRENT", "PENDING_IMPORT"),
        (second, "CURRENT", "IMPORTED"),
    ]
    assert state(there, key) == "PendingImport"
    import_into(there, key, ONE)
    assert state(there, key) == "Enabled"


def test_pending_material_leaves_every_region_with_the_primarys(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    import_into(world.kms, key, ONE)
    replicated(world, key)
    import_into(there, key, ONE)
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    import_into(there, key, TWO)
    there.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    assert materials(there, key)[1] == (second, WAITS, "PENDING_IMPORT")
    assert materials(world.kms, key)[1] == (second, WAITS, "IMPORTED")
    assert (state(world.kms, key), state(there, key)) == ("Enabled", "Enabled")
    world.kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    assert len(materials(world.kms, key)) == len(materials(there, key)) == 1


def test_deletion_and_expiry_are_each_regions_own(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    import_into(world.kms, key, ONE)
    replicated(world, key)
    import_into(there, key, ONE, ValidTo=world.clock.now() + timedelta(days=3))
    world.kms.delete_imported_key_material(KeyId=key)
    assert (state(world.kms, key), state(there, key)) == ("PendingImport", "Enabled")
    import_into(world.kms, key, ONE)
    world.later(days=3)
    assert (state(world.kms, key), state(there, key)) == ("Enabled", "PendingImport")


def pending_everywhere(world: World, there: Any, **terms: Any) -> tuple[str, str, str]:
    """Return a key whose second material waits for rotation in two Regions, and both ids."""
    key = create(world.kms, MultiRegion=True)
    first = import_into(world.kms, key, ONE)
    replicated(world, key)
    import_into(there, key, ONE)
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    import_into(there, key, TWO, **terms)
    return key, first, second


def test_a_replica_keeps_what_is_being_rotated(world: World, there: Any) -> None:
    tomorrow = world.clock.now() + timedelta(days=1)
    key, first, second = pending_everywhere(world, there, ValidTo=tomorrow)
    world.kms.rotate_key_on_demand(KeyId=key)
    with pytest.raises(there.exceptions.KMSInvalidStateException, match="is being rotated"):
        there.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    world.later(days=1)
    world.engine.run_due()
    assert materials(world.kms, key)[1] == (second, "CURRENT", "IMPORTED")
    assert materials(there, key) == [
        (first, "NON_CURRENT", "IMPORTED"),
        (second, "CURRENT", "PENDING_IMPORT"),
    ]
    import_into(there, key, TWO)
    assert state(there, key) == "Enabled"


def test_a_rotation_whose_material_expired_in_a_replica_does_not_take_place(
    world: World, there: Any
) -> None:
    """An imported key must never get material that KMS made in its stead."""
    tomorrow = world.clock.now() + timedelta(days=1)
    key, first, second = pending_everywhere(world, there, ValidTo=tomorrow)
    world.clock.travel(timedelta(days=2))
    world.kms.rotate_key_on_demand(KeyId=key)
    world.engine.run_due()
    assert materials(world.kms, key) == [
        (first, "CURRENT", "IMPORTED"),
        (second, WAITS, "IMPORTED"),
    ]
    assert "OnDemandRotationStartDate" not in world.kms.get_key_rotation_status(KeyId=key)
    told = "SELECT 1 FROM journal WHERE json_extract(event, '$.eventName') = 'RotateKey'"
    assert world.vault.read(told) == []
    import_into(there, key, TWO)
    world.kms.rotate_key_on_demand(KeyId=key)
    world.engine.run_due()
    assert len(world.vault.read(told)) == 1
    for client in (world.kms, there):
        assert state(client, key) == "Enabled"
        assert materials(client, key)[1] == (second, "CURRENT", "IMPORTED")


def test_material_enters_by_the_new_primary(world: World, there: Any) -> None:
    key = create(world.kms, MultiRegion=True)
    import_into(world.kms, key, ONE)
    replicated(world, key)
    import_into(there, key, ONE)
    world.kms.update_primary_region(KeyId=key, PrimaryRegion=ELSEWHERE)
    assert state(there, key) == "Updating"
    with pytest.raises(there.exceptions.KMSInvalidStateException, match="is updating"):
        there.delete_imported_key_material(KeyId=key)
    world.engine.run_due()
    there.delete_imported_key_material(KeyId=key)
    assert (state(world.kms, key), state(there, key)) == ("Enabled", "PendingImport")
    import_into(there, key, ONE)
    made = {**request(world.kms, key, TWO), "ImportType": NEW}
    refused(world, world.kms, "UnsupportedOperationException", made)
    second = import_into(there, key, TWO, ImportType=NEW)
    assert materials(world.kms, key)[1] == (second, WAITS, "PENDING_IMPORT")


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "HMAC_256"])
def test_pairs_and_macs(world: World, there: Any, spec: str) -> None:
    usage = "SIGN_VERIFY" if spec.startswith("ECC") else "GENERATE_VERIFY_MAC"
    one, two = (
        keys.private_to_der(keys.generate(KEY_SPECS[spec])) if spec.startswith("ECC") else raw
        for raw in (ONE, TWO)
    )
    key = create(world.kms, KeySpec=spec, KeyUsage=usage, MultiRegion=True)
    import_into(world.kms, key, one, algorithm=HYBRID)
    replicated(world, key)
    refused(world, there, "IncorrectKeyMaterialException", request(there, key, two, HYBRID))
    import_into(there, key, one, algorithm=HYBRID)
    assert state(there, key) == "Enabled"
    asked: Any = {"KeyId": key, "Message": b"m"}
    if usage == "SIGN_VERIFY":
        asked["SigningAlgorithm"] = "ECDSA_SHA_256"
        made = world.kms.sign(**asked)["Signature"]
        assert there.verify(**asked, Signature=made)["SignatureValid"]
    else:
        asked["MacAlgorithm"] = "HMAC_SHA_256"
        tag = world.kms.generate_mac(**asked)["Mac"]
        assert there.verify_mac(**asked, Mac=tag)["MacValid"]
