"""Imported material that expires, on time and by itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.importing import World, create, import_into, materials, state

ONE, TWO = b"1" * 32, b"2" * 32
NEW: Any = "NEW_KEY_MATERIAL"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("expiry") / "vault")
    yield made
    made.close()


def in_days(world: World, days: int) -> Any:
    return world.clock.now() + timedelta(days=days)


def described(world: World, key: str) -> Any:
    return world.kms.describe_key(KeyId=key)["KeyMetadata"]


def events(world: World, name: str) -> list[str]:
    rows = world.vault.read(
        "SELECT json_extract(event, '$.additionalEventData.keyMaterialId') FROM journal "
        "WHERE json_extract(event, '$.eventName') = ?",
        (name,),
    )
    return [row[0] for row in rows]


def test_expiry_and_another_import(world: World) -> None:
    key = create(world.kms)
    until = in_days(world, 30)
    material = import_into(world.kms, key, ONE, ValidTo=until)
    shown = described(world, key)
    assert (shown["ExpirationModel"], shown["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", until)
    blob = world.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    world.later(days=29)
    assert state(world.kms, key) == "Enabled"
    world.later(days=1)
    shown = described(world, key)
    assert (shown["KeyState"], shown["Enabled"]) == ("PendingImport", False)
    assert not {"ExpirationModel", "ValidTo"} & shown.keys()
    assert shown["CurrentKeyMaterialId"] == material
    assert events(world, "DeleteExpiredKeyMaterial") == [material]
    assert world.vault.read("SELECT token FROM materials WHERE key_id = ?", (key,)) == [(None,)]
    with pytest.raises(world.kms.exceptions.KMSInvalidStateException, match="is pending import"):
        world.kms.decrypt(CiphertextBlob=blob)
    import_into(world.kms, key, ONE, ValidTo=in_days(world, 365))
    assert world.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"
    world.later(days=365)
    assert state(world.kms, key) == "PendingImport"


def test_another_import_moves_or_ends_the_expiry(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE, ValidTo=in_days(world, 10))
    import_into(world.kms, key, ONE, ValidTo=in_days(world, 20))
    world.later(days=10)
    assert state(world.kms, key) == "Enabled"
    import_into(world.kms, key, ONE)
    assert described(world, key)["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    world.later(days=400)
    assert state(world.kms, key) == "Enabled"


def test_a_deleted_material_no_longer_expires(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE, ValidTo=in_days(world, 10))
    world.kms.delete_imported_key_material(KeyId=key)
    import_into(world.kms, key, ONE)
    world.later(days=11)
    assert state(world.kms, key) == "Enabled"
    assert events(world, "DeleteExpiredKeyMaterial") == []


def test_the_earliest_of_several_counts(world: World) -> None:
    key = create(world.kms)
    late, early = in_days(world, 40), in_days(world, 20)
    first = import_into(world.kms, key, ONE, ValidTo=early)
    second = import_into(world.kms, key, TWO, ValidTo=late, ImportType=NEW)
    world.kms.rotate_key_on_demand(KeyId=key)
    world.engine.run_due()
    assert described(world, key)["ValidTo"] == early
    world.later(days=20)
    assert materials(world.kms, key) == [
        (first, "NON_CURRENT", "PENDING_IMPORT"),
        (second, "CURRENT", "IMPORTED"),
    ]
    assert state(world.kms, key) == "PendingImport"
    import_into(world.kms, key, ONE)
    assert described(world, key)["ValidTo"] == late
    world.later(days=20)
    assert state(world.kms, key) == "PendingImport"
    import_into(world.kms, key, TWO)
    assert state(world.kms, key) == "Enabled"


def test_material_that_waits_for_rotation_is_forgotten(world: World) -> None:
    key = create(world.kms)
    first = import_into(world.kms, key, ONE)
    import_into(world.kms, key, TWO, ImportType=NEW, ValidTo=in_days(world, 5))
    assert described(world, key)["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    world.later(days=5)
    assert materials(world.kms, key) == [(first, "CURRENT", "IMPORTED")]
    assert state(world.kms, key) == "Enabled"
    with pytest.raises(
        world.kms.exceptions.KMSInvalidStateException,
        match=r"No available key material pending rotation for the key: arn:.*\.",
    ):
        world.kms.rotate_key_on_demand(KeyId=key)


def test_a_rotation_that_began_in_time_is_finished_first(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE)
    second = import_into(world.kms, key, TWO, ImportType=NEW, ValidTo=in_days(world, 5))
    world.kms.rotate_key_on_demand(KeyId=key)
    world.later(days=6)
    assert described(world, key)["CurrentKeyMaterialId"] == second
    world.engine.run_due()
    assert materials(world.kms, key)[1] == (second, "CURRENT", "PENDING_IMPORT")
    assert state(world.kms, key) == "PendingImport"


def test_pairs_and_macs_expire_too(world: World) -> None:
    key = create(world.kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    import_into(world.kms, key, ONE, ValidTo=in_days(world, 1))
    shown = described(world, key)
    assert shown["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    assert "CurrentKeyMaterialId" not in shown
    world.later(days=1)
    assert state(world.kms, key) == "PendingImport"
    import_into(world.kms, key, ONE)
    assert state(world.kms, key) == "Enabled"


def test_expiry_of_a_disabled_key(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE, ValidTo=in_days(world, 1))
    world.kms.disable_key(KeyId=key)
    world.later(days=1)
    assert state(world.kms, key) == "PendingImport"


def test_expiry_while_the_key_awaits_its_deletion(world: World) -> None:
    key = create(world.kms)
    material = import_into(world.kms, key, ONE, ValidTo=in_days(world, 1))
    world.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    world.later(days=1)
    assert state(world.kms, key) == "PendingDeletion"
    assert events(world, "DeleteExpiredKeyMaterial") == [material]
    assert world.engine.run_due() == 0
    world.kms.cancel_key_deletion(KeyId=key)
    assert state(world.kms, key) == "PendingImport"
    world.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    world.later(days=7)
    with pytest.raises(world.kms.exceptions.NotFoundException):
        state(world.kms, key)


def test_expiry_while_the_vault_was_locked(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE, ValidTo=in_days(world, 1))
    world.vault.lock()
    world.clock.travel(timedelta(days=2))
    world.relock()
    assert state(world.kms, key) == "PendingImport"


def test_expired_material_is_gone_at_the_next_request(world: World) -> None:
    """Also before the worker comes by, which is once a minute."""
    keys = [create(world.kms) for _ in range(3)]
    ids = [
        import_into(world.kms, key, ONE, ValidTo=world.clock.now() + timedelta(seconds=30))
        for key in keys
    ]
    blobs = [world.kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"] for key in keys]
    world.clock.travel(timedelta(seconds=29))
    world.kms.encrypt(KeyId=keys[0], Plaintext=b"x")
    world.clock.travel(timedelta(seconds=1))
    invalid = world.kms.exceptions.KMSInvalidStateException
    with pytest.raises(invalid, match="is pending import"):
        world.kms.encrypt(KeyId=keys[0], Plaintext=b"x")
    with pytest.raises(invalid, match="is pending import"):
        world.kms.decrypt(CiphertextBlob=blobs[1])
    shown = described(world, keys[2])
    assert (shown["KeyState"], "ValidTo" in shown) == ("PendingImport", False)
    assert events(world, "DeleteExpiredKeyMaterial") == ids
    assert world.engine.run_due() == 0


def test_a_refused_request_does_not_bring_expired_material_back(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE, ValidTo=world.clock.now() + timedelta(seconds=30))
    world.clock.travel(timedelta(seconds=31))
    for _ in range(2):
        with pytest.raises(world.kms.exceptions.KMSInvalidStateException):
            world.kms.enable_key(KeyId=key)
    world.engine.run_due()
    assert state(world.kms, key) == "PendingImport"
    assert len(events(world, "DeleteExpiredKeyMaterial")) == 1


def test_a_rotation_that_began_before_the_expiry_is_finished(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE)
    until = world.clock.now() + timedelta(seconds=30)
    second = import_into(world.kms, key, TWO, ImportType=NEW, ValidTo=until)
    world.kms.rotate_key_on_demand(KeyId=key)
    world.clock.travel(timedelta(seconds=31))
    shown = described(world, key)
    assert (shown["CurrentKeyMaterialId"], shown["KeyState"]) == (second, "PendingImport")
