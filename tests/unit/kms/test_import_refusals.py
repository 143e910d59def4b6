"""Imports that are refused, and change nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.fakes.importing import (
    World,
    create,
    everything,
    import_into,
    materials,
    parameters,
    request,
    wrap,
)
from workbench.api.errors import AwsError
from workbench.crypto import keys
from workbench.crypto.table import KEY_SPECS

ONE, TWO, THREE = b"1" * 32, b"2" * 32, b"3" * 32
NEW: Any = "NEW_KEY_MATERIAL"
EXISTING: Any = "EXISTING_KEY_MATERIAL"
HYBRID = "RSA_AES_KEY_WRAP_SHA_256"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("refusals") / "vault")
    yield made
    made.close()


def refused(world: World, name: str, text: str | None, made: dict[str, Any]) -> ClientError:
    """Make a request that must fail with one of AWS's exceptions and leave everything as it was."""
    before = everything(world)
    with pytest.raises(ClientError, match=text) as caught:
        world.kms.import_key_material(**made)
    assert caught.value.response["Error"]["Code"] == name
    assert everything(world) == before
    return caught.value


def der(spec: str) -> bytes:
    return keys.private_to_der(keys.generate(KEY_SPECS[spec]))


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_256", HYBRID])
def test_any_flipped_byte(world: World, algorithm: str) -> None:
    key = create(world.kms)
    made = request(world.kms, key, ONE, algorithm)
    whole = made["EncryptedKeyMaterial"]
    before = everything(world)
    for place in range(len(whole)):
        made["EncryptedKeyMaterial"] = (
            whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :]
        )
        with pytest.raises(world.kms.exceptions.InvalidCiphertextException) as caught:
            world.kms.import_key_material(**made)
        assert caught.value.response["Error"]["Message"] == ""
    assert everything(world) == before
    made["EncryptedKeyMaterial"] = whole
    world.kms.import_key_material(**made)


def test_what_does_not_unwrap_gives_one_answer(world: World) -> None:
    key = create(world.kms)
    made = request(world.kms, key, ONE, HYBRID)
    whole = made["EncryptedKeyMaterial"]
    _, another = parameters(world.kms, key, HYBRID)
    bad = [b"x", whole[:-1], whole + b"x", whole[:256], wrap(another, HYBRID, ONE), b"\xff" * 6144]
    told = {
        str(
            refused(
                world, "InvalidCiphertextException", None, {**made, "EncryptedKeyMaterial": one}
            )
        )
        for one in bad
    }
    assert len(told) == 1


def test_any_flipped_byte_of_the_token(world: World) -> None:
    key = create(world.kms)
    made = request(world.kms, key, ONE)
    token = made["ImportToken"]
    bad = [
        token[:place] + bytes([token[place] ^ bit]) + token[place + 1 :]
        for place in range(len(token))
        for bit in (1, 0x80)
    ]
    before = everything(world)
    for one in (*bad, token[:-1], token + b"\0", b"\0", b"\0" * 6144):
        made["ImportToken"] = one
        with pytest.raises(world.kms.exceptions.InvalidImportTokenException):
            world.kms.import_key_material(**made)
    assert everything(world) == before


def test_a_token_of_another_key_or_wrapping_key(world: World) -> None:
    key, other = create(world.kms), create(world.kms)
    made, theirs = request(world.kms, key, ONE), request(world.kms, other, ONE)
    refused(
        world,
        "InvalidImportTokenException",
        "associated with a different KMS key",
        {**made, "ImportToken": theirs["ImportToken"]},
    )
    again, _ = parameters(world.kms, key)
    refused(world, "InvalidCiphertextException", None, {**made, "ImportToken": again})


@pytest.mark.parametrize("size", [1, 16, 31, 33, 64])
def test_symmetric_material_has_32_bytes(world: World, size: int) -> None:
    key = create(world.kms)
    made = request(world.kms, key, b"k" * size)
    refused(world, "IncorrectKeyMaterialException", f"{size} bytes", made)


@pytest.mark.parametrize("size", [27, 65])
def test_mac_material_has_bounds(world: World, size: int) -> None:
    key = create(world.kms, KeySpec="HMAC_224", KeyUsage="GENERATE_VERIFY_MAC")
    made = request(world.kms, key, b"k" * size)
    refused(world, "IncorrectKeyMaterialException", "needs 28 to 64", made)


@pytest.mark.parametrize(
    ("spec", "usage", "material"),
    [
        ("RSA_2048", "SIGN_VERIFY", der("ECC_NIST_P256")),
        ("RSA_3072", "SIGN_VERIFY", der("RSA_2048")),
        ("ECC_NIST_P256", "KEY_AGREEMENT", der("ECC_SECG_P256K1")),
        ("ECC_NIST_P256", "SIGN_VERIFY", ONE),
        ("ML_DSA_44", "SIGN_VERIFY", der("ML_DSA_65")),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", der("ECC_NIST_EDWARDS25519")),
        ("ECC_NIST_P256", "SIGN_VERIFY", der("ECC_NIST_P256") + b"\0"),
    ],
    ids=["curve", "size", "agreement", "bytes", "level", "symmetric", "trailing"],
)
def test_material_of_another_kind(world: World, spec: str, usage: str, material: bytes) -> None:
    key = create(world.kms, KeySpec=spec, KeyUsage=usage)
    refused(world, "IncorrectKeyMaterialException", None, request(world.kms, key, material, HYBRID))


def test_a_pair_whose_halves_do_not_belong_together(world: World) -> None:
    """It must not stop the module either, as a new pair that fails its test does."""
    own, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    point = (Encoding.X962, PublicFormat.UncompressedPoint)
    forged = own.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()).replace(
        own.public_key().public_bytes(*point), other.public_key().public_bytes(*point)
    )
    key = create(world.kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    refused(world, "IncorrectKeyMaterialException", None, request(world.kms, key, forged, HYBRID))
    import_into(world.kms, key, der("ECC_NIST_P256"), algorithm=HYBRID)


@pytest.mark.parametrize(
    ("spec", "usage", "first", "second"),
    [
        ("ECC_NIST_P256", "SIGN_VERIFY", der("ECC_NIST_P256"), der("ECC_NIST_P256")),
        ("HMAC_256", "GENERATE_VERIFY_MAC", ONE, TWO),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", ONE, TWO),
    ],
)
def test_other_material_than_before(
    world: World, spec: str, usage: str, first: bytes, second: bytes
) -> None:
    key = create(world.kms, KeySpec=spec, KeyUsage=usage)
    import_into(world.kms, key, first, algorithm=HYBRID)
    made = request(world.kms, key, second, HYBRID)
    refused(world, "IncorrectKeyMaterialException", "was not imported into KMS key", made)
    world.kms.delete_imported_key_material(KeyId=key)
    refused(world, "IncorrectKeyMaterialException", "was not imported into KMS key", made)
    import_into(world.kms, key, first, algorithm=HYBRID)


def test_new_and_existing(world: World) -> None:
    key = create(world.kms)
    made = request(world.kms, key, ONE)
    incorrect = "IncorrectKeyMaterialException"
    refused(world, incorrect, "was not imported", {**made, "ImportType": EXISTING})
    first = world.kms.import_key_material(**made)["KeyMaterialId"]
    refused(world, incorrect, f"id: {first}.* already associated", {**made, "ImportType": NEW})
    second = import_into(world.kms, key, TWO, ImportType=NEW)
    made = request(world.kms, key, TWO)
    refused(world, incorrect, "already associated", {**made, "ImportType": NEW})
    arn = world.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    text = (
        rf"New key material \(id: [0-9a-f]{{64}}\) cannot be imported into KMS key {arn}, because "
        rf"another key material \(id: {second}\) is pending rotation\."
    )
    made = {**request(world.kms, key, THREE), "ImportType": NEW}
    refused(world, "KMSInvalidStateException", text, made)
    assert materials(world.kms, key)[1] == (second, "PENDING_ROTATION", "IMPORTED")


def test_the_material_named_is_the_one_that_must_come(world: World) -> None:
    key = create(world.kms)
    first = import_into(world.kms, key, ONE)
    import_into(world.kms, key, TWO, ImportType=NEW)
    made = request(world.kms, key, TWO)
    text = f"not the one with the id {first}"
    refused(world, "IncorrectKeyMaterialException", text, {**made, "KeyMaterialId": first})
    text = "KeyMaterialId cannot be specified"
    both = {**made, "KeyMaterialId": first, "ImportType": NEW}
    refused(world, "ValidationException", text, both)
    before = everything(world)
    with pytest.raises(world.kms.exceptions.NotFoundException, match="is not associated"):
        world.kms.delete_imported_key_material(KeyId=key, KeyMaterialId="0" * 64)
    assert everything(world) == before


@pytest.mark.parametrize(
    ("member", "value"),
    [("ImportType", NEW), ("KeyMaterialDescription", "text"), ("KeyMaterialId", "0" * 64)],
)
def test_only_symmetric_keys_tell_materials_apart(world: World, member: str, value: str) -> None:
    key = create(world.kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    made = {**request(world.kms, key, ONE), member: value}
    text = f"{member} is not supported for key spec HMAC_256"
    refused(world, "UnsupportedOperationException", text, made)
    if member == "KeyMaterialId":
        with pytest.raises(world.kms.exceptions.UnsupportedOperationException, match=text):
            world.kms.delete_imported_key_material(KeyId=key, KeyMaterialId=value)


@pytest.mark.parametrize("value", [-1e300, 1e300, "tomorrow", ""])
def test_dates_that_are_none(world: World, value: float | str) -> None:
    """The door's own refusal; boto3 does not even send them."""
    key = create(world.kms)
    made = {**request(world.kms, key, ONE), "ExpirationModel": "KEY_MATERIAL_EXPIRES"}
    before = everything(world)
    door, caller = world.engine.door(), world.engine.acting.caller
    with pytest.raises(AwsError, match="The validTo date is not a date"):
        door.call("kms", "ImportKeyMaterial", {**made, "ValidTo": value}, caller)
    assert everything(world) == before


EXPIRES = {"ExpirationModel": "KEY_MATERIAL_EXPIRES"}
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({}, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"),
        (EXPIRES, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"),
        (
            {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", "ValidTo": DAY},
            "must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        ),
        ({**EXPIRES, "ValidTo": timedelta(0)}, "must be in the future"),
        ({"ValidTo": -DAY}, "must be in the future"),
        ({"ValidTo": 365 * DAY + timedelta(minutes=1)}, "within 365 days"),
        ({"ValidTo": datetime(1, 1, 1, tzinfo=UTC)}, "must be in the future"),
        ({"ValidTo": datetime(9999, 12, 31, tzinfo=UTC)}, "within 365 days"),
        ({"ValidTo": 0}, "must be in the future"),
    ],
)
def test_expiry_dates(world: World, terms: dict[str, Any], text: str) -> None:
    key = create(world.kms)
    made = request(world.kms, key, ONE)
    del made["ExpirationModel"]
    if isinstance(terms.get("ValidTo"), timedelta):
        terms = {**terms, "ValidTo": world.clock.now() + terms["ValidTo"]}
    refused(world, "ValidationException", text, {**made, **terms})


@pytest.mark.parametrize(
    "terms",
    [
        {"ExpirationModel": "SOMETIME"},
        {"ImportType": "SOME_KEY_MATERIAL"},
        {"KeyMaterialDescription": "no; such"},
        {"KeyMaterialDescription": "d" * 257},
        {"KeyMaterialId": "A" * 64},
        {"KeyMaterialId": "a" * 65},
        {"EncryptedKeyMaterial": b"x" * 6145},
        {"ImportToken": b"x" * 6145},
    ],
)
def test_values_outside_aws_bounds(world: World, terms: dict[str, Any]) -> None:
    key = create(world.kms)
    made = {**request(world.kms, key, ONE), **terms}
    refused(world, "ValidationException", "failed to satisfy constraint", made)
