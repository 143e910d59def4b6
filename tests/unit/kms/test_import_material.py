"""Imports that succeed: every kind of key, several materials, deletion, another import."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.importing import World, create, import_into, materials, request, state
from workbench.crypto import keys
from workbench.crypto.table import KEY_SPECS, Family

ONE, TWO, THREE = b"1" * 32, b"2" * 32, b"3" * 32
NEW = "NEW_KEY_MATERIAL"
PAIRS = [
    (name, usage)
    for name, spec in KEY_SPECS.items()
    for usage in spec.usages
    if spec.asymmetric and spec.family is not Family.ML_KEM and not name.endswith(("3072", "4096"))
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("imports") / "vault")
    yield made
    made.close()


def encrypt(world: World, key: str) -> bytes:
    return world.kms.encrypt(KeyId=key, Plaintext=b"plaintext")["CiphertextBlob"]


def decrypts(world: World, blob: bytes) -> str:
    opened = world.kms.decrypt(CiphertextBlob=blob)
    assert opened["Plaintext"] == b"plaintext"
    return opened["KeyMaterialId"]


def test_the_first_material_is_current_at_once(world: World) -> None:
    key = create(world.kms)
    described = world.kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"]) == ("PendingImport", False)
    assert not {"ExpirationModel", "ValidTo", "CurrentKeyMaterialId"} & described.keys()
    material = import_into(world.kms, key, ONE, KeyMaterialDescription="from HSM 1")
    described = world.kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"]) == ("Enabled", True)
    assert described["CurrentKeyMaterialId"] == material
    assert described["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert decrypts(world, encrypt(world, key)) == material
    entries = world.kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert entries["Rotations"] == [
        {
            "KeyId": described["Arn"],
            "KeyMaterialId": material,
            "KeyMaterialDescription": "from HSM 1",
            "ImportState": "IMPORTED",
            "KeyMaterialState": "CURRENT",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }
    ]


@pytest.mark.parametrize(
    "algorithm",
    [
        "RSAES_OAEP_SHA_1",
        "RSAES_OAEP_SHA_256",
        "RSA_AES_KEY_WRAP_SHA_1",
        "RSA_AES_KEY_WRAP_SHA_256",
    ],
)
def test_every_wrapping_algorithm(world: World, algorithm: str) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE, algorithm=algorithm)
    assert state(world.kms, key) == "Enabled"


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_pairs(world: World, spec: str, usage: str) -> None:
    key = create(world.kms, KeySpec=spec, KeyUsage=usage)
    private = keys.generate(KEY_SPECS[spec])
    answer: Any = world.kms.import_key_material(
        **request(
            world.kms, key, keys.private_to_der(private), algorithm="RSA_AES_KEY_WRAP_SHA_256"
        )
    )
    assert "KeyMaterialId" not in answer
    assert answer["KeyId"].endswith(f":key/{key}")
    described = world.kms.describe_key(KeyId=key)["KeyMetadata"]
    assert described["KeyState"] == "Enabled"
    assert "CurrentKeyMaterialId" not in described
    shown = world.kms.get_public_key(KeyId=key)["PublicKey"]
    assert shown == keys.public_to_der(private.public_key())


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs(world: World, bits: int) -> None:
    spec = f"HMAC_{bits}"
    algorithm: Any = f"HMAC_SHA_{bits}"
    key = create(world.kms, KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")
    material = b"m" * KEY_SPECS[spec].longest_import
    assert not import_into(world.kms, key, material)
    made = world.kms.generate_mac(KeyId=key, MacAlgorithm=algorithm, Message=b"message")
    expected = world.kms.verify_mac(
        KeyId=key, MacAlgorithm=algorithm, Message=b"message", Mac=made["Mac"]
    )
    assert expected["MacValid"]


def test_rotation_and_old_ciphertexts(world: World) -> None:
    key = create(world.kms)
    first = import_into(world.kms, key, ONE)
    old = encrypt(world, key)
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    assert materials(world.kms, key) == [
        (first, "CURRENT", "IMPORTED"),
        (second, "PENDING_ROTATION", "IMPORTED"),
    ]
    assert decrypts(world, encrypt(world, key)) == first
    world.kms.rotate_key_on_demand(KeyId=key)
    status = world.kms.get_key_rotation_status(KeyId=key)
    assert status["OnDemandRotationStartDate"] <= world.clock.now()
    assert not status["KeyRotationEnabled"]
    world.engine.run_due()
    assert "OnDemandRotationStartDate" not in world.kms.get_key_rotation_status(KeyId=key)
    assert materials(world.kms, key) == [
        (first, "NON_CURRENT", "IMPORTED"),
        (second, "CURRENT", "IMPORTED"),
    ]
    assert decrypts(world, encrypt(world, key)) == second
    assert decrypts(world, old) == first
    third = import_into(world.kms, key, THREE, ImportType=NEW)
    assert materials(world.kms, key)[2] == (third, "PENDING_ROTATION", "IMPORTED")


@pytest.mark.parametrize("which", [0, 1], ids=["non-current", "current"])
def test_a_key_needs_every_material(world: World, which: int) -> None:
    key = create(world.kms)
    ids = [import_into(world.kms, key, ONE)]
    ids.append(import_into(world.kms, key, TWO, ImportType=NEW))
    world.kms.rotate_key_on_demand(KeyId=key)
    world.engine.run_due()
    blob = encrypt(world, key)
    gone = world.kms.delete_imported_key_material(KeyId=key, KeyMaterialId=ids[which])
    assert gone["KeyMaterialId"] == ids[which]
    described = world.kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"]) == ("PendingImport", False)
    assert "ExpirationModel" not in described
    assert described["CurrentKeyMaterialId"] == ids[1]
    assert materials(world.kms, key)[which][2] == "PENDING_IMPORT"
    with pytest.raises(world.kms.exceptions.KMSInvalidStateException, match=r"is pending import\."):
        world.kms.decrypt(CiphertextBlob=blob)
    import_into(world.kms, key, (ONE, TWO)[which], KeyMaterialId=ids[which])
    assert state(world.kms, key) == "Enabled"
    assert decrypts(world, blob) == ids[1]


def test_without_an_id_the_current_material_is_deleted(world: World) -> None:
    key = create(world.kms)
    first = import_into(world.kms, key, ONE)
    assert world.kms.delete_imported_key_material(KeyId=key)["KeyMaterialId"] == first
    assert materials(world.kms, key) == [(first, "CURRENT", "PENDING_IMPORT")]
    again = world.kms.delete_imported_key_material(KeyId=key)
    assert again["KeyMaterialId"] == first
    assert import_into(world.kms, key, ONE) == first
    assert state(world.kms, key) == "Enabled"


def test_deleting_what_was_never_imported_changes_nothing(world: World) -> None:
    key = create(world.kms)
    assert "KeyMaterialId" not in world.kms.delete_imported_key_material(KeyId=key)
    assert state(world.kms, key) == "PendingImport"


def test_material_pending_rotation_can_be_exchanged(world: World) -> None:
    key = create(world.kms)
    first = import_into(world.kms, key, ONE)
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    world.kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    assert materials(world.kms, key) == [(first, "CURRENT", "IMPORTED")]
    assert state(world.kms, key) == "Enabled"
    with pytest.raises(ClientError, match="No available key material pending rotation"):
        world.kms.rotate_key_on_demand(KeyId=key)
    third = import_into(world.kms, key, THREE, ImportType=NEW)
    world.kms.rotate_key_on_demand(KeyId=key)
    world.engine.run_due()
    assert world.kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == third


def test_another_import_keeps_or_changes_the_description(world: World) -> None:
    def description() -> str:
        answer = world.kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        return answer["Rotations"][0]["KeyMaterialDescription"]

    key = create(world.kms)
    import_into(world.kms, key, ONE, KeyMaterialDescription="first")
    import_into(world.kms, key, ONE)
    assert description() == "first"
    import_into(world.kms, key, ONE, KeyMaterialDescription="second")
    assert description() == "second"


def test_one_private_key_in_two_encodings_is_one_key(world: World) -> None:
    """RSA's primes may be written in either order; AWS knows the key by its public half."""
    key = create(world.kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    private = keys.generate(KEY_SPECS["RSA_2048"])
    der = keys.private_to_der(private)
    assert isinstance(private, rsa.RSAPrivateKey)
    numbers = private.private_numbers()
    swapped = rsa.RSAPrivateNumbers(
        numbers.q, numbers.p, numbers.d, numbers.dmq1, numbers.dmp1,
        rsa.rsa_crt_iqmp(numbers.q, numbers.p), numbers.public_numbers,
    ).private_key()  # fmt: skip
    other = keys.private_to_der(swapped)
    assert other != der
    hybrid = "RSA_AES_KEY_WRAP_SHA_256"
    import_into(world.kms, key, der, algorithm=hybrid)
    world.kms.delete_imported_key_material(KeyId=key)
    import_into(world.kms, key, other, algorithm=hybrid)
    assert state(world.kms, key) == "Enabled"
    asked: Any = {"KeyId": key, "SigningAlgorithm": "RSASSA_PSS_SHA_256", "Message": b"m"}
    signature = world.kms.sign(**asked)["Signature"]
    assert world.kms.verify(**asked, Signature=signature)["SignatureValid"]
    rows = world.vault.read("SELECT state FROM materials WHERE key_id = ?", (key,))
    assert rows == [("CURRENT",)]


def test_a_disabled_key_stays_disabled_until_material_is_missing(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE)
    world.kms.disable_key(KeyId=key)
    import_into(world.kms, key, ONE)
    assert state(world.kms, key) == "Disabled"
    world.kms.delete_imported_key_material(KeyId=key)
    assert state(world.kms, key) == "PendingImport"
    with pytest.raises(world.kms.exceptions.KMSInvalidStateException):
        world.kms.enable_key(KeyId=key)
    import_into(world.kms, key, ONE)
    assert state(world.kms, key) == "Enabled"


def test_deletion_of_material_while_the_key_awaits_its_own(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE)
    world.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    world.kms.delete_imported_key_material(KeyId=key)
    assert state(world.kms, key) == "PendingDeletion"
    world.kms.cancel_key_deletion(KeyId=key)
    assert state(world.kms, key) == "PendingImport"
    import_into(world.kms, key, ONE)
    assert state(world.kms, key) == "Enabled"


def test_cancelled_deletion_of_a_whole_key_leaves_it_disabled(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE)
    world.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    world.kms.cancel_key_deletion(KeyId=key)
    assert state(world.kms, key) == "Disabled"


def test_what_is_being_rotated_is_not_deleted(world: World) -> None:
    key = create(world.kms)
    import_into(world.kms, key, ONE)
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    world.kms.rotate_key_on_demand(KeyId=key)
    with pytest.raises(world.kms.exceptions.KMSInvalidStateException, match="is being rotated"):
        world.kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    world.engine.run_due()
    assert materials(world.kms, key)[1] == (second, "CURRENT", "IMPORTED")


def test_the_material_survives_lock_domain_key_rotation_and_key_use(world: World) -> None:
    key = create(world.kms)
    made = request(world.kms, key, ONE)
    world.vault.rotate_domain_key()
    world.relock()
    material = world.kms.import_key_material(**made)["KeyMaterialId"]
    blob = encrypt(world, key)
    world.vault.rotate_domain_key()
    world.relock()
    assert decrypts(world, blob) == material
