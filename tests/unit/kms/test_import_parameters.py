"""GetParametersForImport: wrapping keys, tokens, and who may use them for how long."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.fakes.importing import World, create, everything, import_into, parameters, request, state
from workbench.kms.service import SLOW_OPERATIONS

MATERIAL = b"m" * 32
OAEP: Any = "RSAES_OAEP_SHA_256"
HYBRID = "RSA_AES_KEY_WRAP_SHA_256"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("parameters") / "vault")
    yield made
    made.close()


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("time") / "vault")
    yield made
    made.close()


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_the_answer(shared: World, bits: int) -> None:
    key = create(shared.kms)
    spec: Any = f"RSA_{bits}"
    before = shared.clock.now()
    answer = shared.kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=OAEP, WrappingKeySpec=spec
    )
    after = shared.clock.now()
    assert answer["KeyId"] == f"arn:aws:kms:us-east-1:111122223333:key/{key}"
    public = load_der_public_key(answer["PublicKey"])
    assert isinstance(public, rsa.RSAPublicKey)
    assert (public.key_size, public.public_numbers().e) == (bits, 65537)
    assert 1 <= len(answer["ImportToken"]) <= 6144
    day = timedelta(hours=24)
    assert before + day <= answer["ParametersValidTo"] <= after + day
    assert state(shared.kms, key) == "PendingImport"


def test_every_answer_is_another_one(shared: World) -> None:
    key = create(shared.kms)
    answers = [parameters(shared.kms, key) for _ in range(3)]
    assert len({token for token, _ in answers}) == 3
    assert len({public for _, public in answers}) == 3


def test_making_wrapping_keys_is_known_to_be_slow() -> None:
    assert "GetParametersForImport" in SLOW_OPERATIONS
    assert "Encrypt" not in SLOW_OPERATIONS


def test_a_wrapping_key_is_made_while_others_write(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seconds that a large pair may take are not spent inside the vault's transaction."""
    key = create(shared.kms)
    inside = []
    kind = type(shared.module.user())
    make = kind.generate_wrapping

    def watched(*arguments: Any) -> Any:
        inside.append(shared.vault.in_transaction)
        return make(*arguments)

    monkeypatch.setattr(kind, "generate_wrapping", watched)
    parameters(shared.kms, key)
    assert inside == [False]


@pytest.mark.parametrize(
    ("spec", "usage", "algorithm", "wrapping", "text"),
    [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSAES_PKCS1_V1_5", "RSA_2048", "PKCS1_V1_5"),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "SM2PKE", "SM2", "SM2 is not supported"),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "SM2PKE", "RSA_2048", "SM2PKE is not supported"),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", OAEP, "SM2", "SM2 is not supported"),
        ("RSA_2048", "SIGN_VERIFY", OAEP, "RSA_4096", "not supported for key spec RSA_2048"),
        ("RSA_4096", "ENCRYPT_DECRYPT", "RSAES_OAEP_SHA_1", "RSA_4096", "key spec RSA_4096"),
        ("ECC_NIST_P521", "SIGN_VERIFY", OAEP, "RSA_2048", "key spec ECC_NIST_P521"),
        ("ECC_NIST_P521", "KEY_AGREEMENT", "RSAES_OAEP_SHA_1", "RSA_2048", "ECC_NIST_P521"),
    ],
)
def test_wrappings_that_aws_does_not_offer(
    shared: World, spec: str, usage: str, algorithm: str, wrapping: str, text: str
) -> None:
    key = create(shared.kms, KeySpec=spec, KeyUsage=usage)
    with pytest.raises(shared.kms.exceptions.UnsupportedOperationException, match=text):
        parameters(shared.kms, key, algorithm, wrapping)


@pytest.mark.parametrize(
    ("spec", "usage", "algorithm", "wrapping"),
    [
        ("RSA_2048", "SIGN_VERIFY", HYBRID, "RSA_2048"),
        ("ECC_NIST_P521", "SIGN_VERIFY", HYBRID, "RSA_2048"),
        ("ECC_NIST_P521", "SIGN_VERIFY", OAEP, "RSA_3072"),
        ("ECC_NIST_P384", "SIGN_VERIFY", OAEP, "RSA_2048"),
        ("ML_DSA_65", "SIGN_VERIFY", OAEP, "RSA_2048"),
    ],
)
def test_wrappings_that_aws_offers(
    shared: World, spec: str, usage: str, algorithm: str, wrapping: str
) -> None:
    key = create(shared.kms, KeySpec=spec, KeyUsage=usage)
    assert parameters(shared.kms, key, algorithm, wrapping)


@pytest.mark.parametrize("member", ["WrappingAlgorithm", "WrappingKeySpec"])
def test_values_outside_aws_list(shared: World, member: str) -> None:
    key = create(shared.kms)
    asked: Any = {"KeyId": key, "WrappingAlgorithm": OAEP, "WrappingKeySpec": "RSA_2048"}
    with pytest.raises(ClientError, match="failed to satisfy constraint") as refused:
        shared.kms.get_parameters_for_import(**{**asked, member: "RSA_1024"})
    assert code(refused) == "ValidationException"


def test_keys_of_another_origin(shared: World) -> None:
    key = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    text = r"key/.* origin is AWS_KMS which is not valid for this operation\."
    for ask in (
        lambda: parameters(shared.kms, key),
        lambda: shared.kms.import_key_material(
            KeyId=key, ImportToken=b"t", EncryptedKeyMaterial=b"e"
        ),
        lambda: shared.kms.delete_imported_key_material(KeyId=key),
    ):
        with pytest.raises(shared.kms.exceptions.UnsupportedOperationException, match=text):
            ask()


def test_keys_that_await_their_deletion(shared: World) -> None:
    key = create(shared.kms)
    made = request(shared.kms, key, MATERIAL)
    shared.kms.schedule_key_deletion(KeyId=key)
    for ask in (
        lambda: parameters(shared.kms, key),
        lambda: shared.kms.import_key_material(**made),
    ):
        with pytest.raises(
            shared.kms.exceptions.KMSInvalidStateException, match="is pending deletion"
        ):
            ask()


def test_keys_that_are_not_there(shared: World) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(shared.kms.exceptions.NotFoundException, match="does not exist"):
        parameters(shared.kms, missing)
    with pytest.raises(shared.kms.exceptions.NotFoundException, match="does not exist"):
        shared.kms.delete_imported_key_material(KeyId=missing)


def test_encapsulation_keys_take_no_imports(shared: World) -> None:
    with pytest.raises(ClientError, match="not compatible with Origin EXTERNAL") as refused:
        create(shared.kms, KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")
    assert code(refused) == "ValidationException"


def test_parameters_are_good_for_a_day_and_any_number_of_imports(world: World) -> None:
    key = create(world.kms)
    made = request(world.kms, key, MATERIAL)
    for _ in range(2):
        world.later(hours=11)
        world.kms.import_key_material(**made)
    world.later(hours=2)
    before = everything(world)
    with pytest.raises(world.kms.exceptions.ExpiredImportTokenException):
        world.kms.import_key_material(**made)
    assert everything(world) == before
    import_into(world.kms, key, MATERIAL)


def test_a_late_client_is_told_so_until_old_parameters_are_cleared_away(world: World) -> None:
    key = create(world.kms)
    made = request(world.kms, key, MATERIAL)
    world.later(days=7)
    parameters(world.kms, key)
    with pytest.raises(world.kms.exceptions.ExpiredImportTokenException):
        world.kms.import_key_material(**made)
    world.later(days=2)
    parameters(world.kms, key)
    with pytest.raises(world.kms.exceptions.InvalidImportTokenException):
        world.kms.import_key_material(**made)
    rows = world.vault.read("SELECT count(*) FROM import_parameters WHERE key_id = ?", (key,))
    assert rows == [(2,)]


def test_the_vault_keeps_neither_the_token_nor_the_private_key(world: World) -> None:
    key = create(world.kms)
    token, public = parameters(world.kms, key)
    rows = world.vault.read("SELECT * FROM import_parameters")
    assert len(rows) == 1
    shown = repr(rows)
    for secret in (token, token[16:], public):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
    assert all(token[16:] not in value for value in rows[0] if isinstance(value, bytes))


def test_the_journal_says_who_asked_and_nothing_secret(world: World) -> None:
    key = create(world.kms)
    made = request(world.kms, key, MATERIAL)
    world.kms.import_key_material(**made)
    world.engine.journal.close()
    text = repr(world.vault.read("SELECT * FROM journal"))
    for name in ("GetParametersForImport", "ImportKeyMaterial"):
        assert name in text
    for secret in (made["ImportToken"], made["EncryptedKeyMaterial"], MATERIAL):
        assert repr(secret)[2:-1] not in text
        assert secret.hex() not in text
