"""What programs that stand in for AWS KMS are known to get wrong, one test for each.

Messages are in `test_aws_messages.py`; policies and grants in `test_authorising.py` and
`test_grants.py`.
"""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, Hash
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.fakes.callers import make_people, user
from tests.fakes.kms_bench import make_kms_bench
from workbench.api.calls import Caller
from workbench.api.errors import AwsError
from workbench.api.models import aws_model
from workbench.base.clock import TravelClock
from workbench.bench import Bench

MODEL = aws_model("kms")
DRY = "The request would have succeeded, but the DryRun option is set."
ANNA = "arn:aws:iam::111122223333:user/anna"


def create(bench: Bench, spec: str = "SYMMETRIC_DEFAULT", usage: str = "ENCRYPT_DECRYPT") -> str:
    request: Any = {"KeySpec": spec, "KeyUsage": usage}
    return bench.kms.create_key(**request)["KeyMetadata"]["KeyId"]


def refused(bench: Bench, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        getattr(bench.kms, operation)(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


DRY_RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "Encrypt": ("symmetric", {"Plaintext": b"x"}),
    "Decrypt": ("symmetric", {"CiphertextBlob": "blob"}),
    "ReEncrypt": ("", {"CiphertextBlob": "blob", "DestinationKeyId": "symmetric"}),
    "GenerateDataKey": ("symmetric", {"KeySpec": "AES_256"}),
    "GenerateDataKeyWithoutPlaintext": ("symmetric", {"KeySpec": "AES_256"}),
    "GenerateDataKeyPair": ("symmetric", {"KeyPairSpec": "RSA_2048"}),
    "GenerateDataKeyPairWithoutPlaintext": ("symmetric", {"KeyPairSpec": "RSA_2048"}),
    "Sign": ("signing", {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}),
    "Verify": (
        "signing",
        {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256", "Signature": b"s"},
    ),
    "GenerateMac": ("mac", {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}),
    "VerifyMac": ("mac", {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256", "Mac": b"t"}),
    "DeriveSharedSecret": ("ecdh", {"KeyAgreementAlgorithm": "ECDH", "PublicKey": "public"}),
    "Encapsulate": ("kem", {"EncapsulationAlgorithm": "kem algorithm"}),
    "Decapsulate": (
        "kem",
        {"EncapsulationAlgorithm": "kem algorithm", "SharedSecretCiphertextBlob": b"c"},
    ),
    "CreateGrant": ("symmetric", {"GranteePrincipal": ANNA, "Operations": ["Encrypt"]}),
    "RevokeGrant": ("symmetric", {"GrantId": "grant"}),
    "RetireGrant": ("", {"GrantToken": "token"}),
}


@pytest.fixture(scope="module")
def things(shared: Bench) -> dict[str, Any]:
    """Keys and other things that requests above name."""
    symmetric, agreeing = create(shared), create(shared, "ECC_NIST_P256", "KEY_AGREEMENT")
    kem = create(shared, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    make_people(shared, user("anna"))
    grant = shared.kms.create_grant(
        KeyId=symmetric, GranteePrincipal=ANNA, Operations=["Encrypt"], Name="kept"
    )
    described = shared.kms.describe_key(KeyId=kem)["KeyMetadata"]
    return {
        "symmetric": symmetric,
        "signing": create(shared, "ECC_NIST_P256", "SIGN_VERIFY"),
        "mac": create(shared, "HMAC_256", "GENERATE_VERIFY_MAC"),
        "ecdh": agreeing,
        "kem": kem,
        "kem algorithm": described["EncapsulationAlgorithms"][0],
        "blob": shared.kms.encrypt(KeyId=symmetric, Plaintext=b"x")["CiphertextBlob"],
        "public": shared.kms.get_public_key(KeyId=agreeing)["PublicKey"],
        "grant": grant["GrantId"],
        "token": grant["GrantToken"],
    }


def test_every_dry_run_is_tried() -> None:
    having = {
        name
        for name in MODEL.operation_names
        if (shape := MODEL.operation_model(name).input_shape) is not None
        and "DryRun" in shape.members
    }
    assert set(DRY_RUNS) == having


@pytest.mark.parametrize("name", sorted(DRY_RUNS))
def test_dry_runs(shared: Bench, things: dict[str, Any], name: str) -> None:
    key, members = DRY_RUNS[name]
    request = {
        member: things[value] if isinstance(value, str) and value in things else value
        for member, value in members.items()
    }
    if key:
        request["KeyId"] = things[key]
    methods = {op: method for method, op in shared.kms.meta.method_to_api_mapping.items()}
    before = shared.kms.list_grants(KeyId=things["symmetric"])["Grants"]
    assert refused(shared, methods[name], **request, DryRun=True) == (
        "DryRunOperationException",
        DRY,
    )
    assert shared.kms.list_grants(KeyId=things["symmetric"])["Grants"] == before
    if name not in {"ReEncrypt", "RetireGrant", "RevokeGrant", "CreateGrant", "Decrypt"}:
        disabled = things[f"disabled {key}"] = things.get(f"disabled {key}") or disable(
            shared, things[key]
        )
        code, _ = refused(shared, methods[name], **{**request, "KeyId": disabled}, DryRun=True)
        assert code == "DisabledException"


def disable(bench: Bench, like: str) -> str:
    described = bench.kms.describe_key(KeyId=like)["KeyMetadata"]
    key = create(bench, described["KeySpec"], described["KeyUsage"])
    bench.kms.disable_key(KeyId=key)
    return key


def test_key_material_ids_in_every_answer(bench: Bench) -> None:
    first, second = create(bench), create(bench)
    ids = {
        key: bench.kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
        for key in (first, second)
    }
    blob = bench.kms.encrypt(KeyId=first, Plaintext=b"x")["CiphertextBlob"]
    assert blob[5:37].hex() == ids[first]
    assert bench.kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == ids[first]
    moved = bench.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=second)
    assert moved["SourceKeyMaterialId"] == ids[first]
    assert moved["DestinationKeyMaterialId"] == ids[second]
    size: dict[str, Any] = {"KeyId": first, "NumberOfBytes": 9}
    pair: dict[str, Any] = {"KeyId": first, "KeyPairSpec": "ECC_NIST_P256"}
    for answer in (
        bench.kms.generate_data_key(**size),
        bench.kms.generate_data_key_without_plaintext(**size),
        bench.kms.generate_data_key_pair(**pair),
        bench.kms.generate_data_key_pair_without_plaintext(**pair),
    ):
        assert answer["KeyMaterialId"] == ids[first]
    bench.kms.rotate_key_on_demand(KeyId=first)
    bench.run_due()
    assert bench.kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == ids[first]
    newer = bench.kms.generate_data_key(**size)["KeyMaterialId"]
    assert newer not in ids.values()
    assert bench.kms.describe_key(KeyId=first)["KeyMetadata"]["CurrentKeyMaterialId"] == newer
    asymmetric = create(bench, "RSA_2048")
    oaep: dict[str, Any] = {"KeyId": asymmetric, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    sealed = bench.kms.encrypt(**oaep, Plaintext=b"x")["CiphertextBlob"]
    assert "KeyMaterialId" not in bench.kms.decrypt(**oaep, CiphertextBlob=sealed)


@pytest.mark.parametrize(
    ("sealed_with", "opened_with"),
    [
        ({"a": "bc"}, {"ab": "c"}),
        ({"a": "b", "c": "d"}, {"a": "bcd"}),
        ({"a": ""}, {}),
        ({"aws-crypto-public-key": "k"}, {}),
        ({"a": "b"}, {"A": "b"}),
        ({"a": "b"}, {"a": "B"}),
        ({"é": "1"}, {"e\u0301": "1"}),
    ],
)
def test_encryption_contexts_do_not_run_together(
    shared: Bench,
    things: dict[str, Any],
    sealed_with: dict[str, str],
    opened_with: dict[str, str],
) -> None:
    key = things["symmetric"]
    for one, other in ((sealed_with, opened_with), (opened_with, sealed_with)):
        sealed = shared.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=one)
        blob = sealed["CiphertextBlob"]
        answer = refused(shared, "decrypt", CiphertextBlob=blob, EncryptionContext=other)
        assert answer == ("InvalidCiphertextException", "")
        opened = shared.kms.decrypt(CiphertextBlob=blob, EncryptionContext=one)
        assert opened["Plaintext"] == b"x"


def test_the_order_of_a_context_does_not_matter(shared: Bench, things: dict[str, Any]) -> None:
    sealed = shared.kms.encrypt(
        KeyId=things["symmetric"], Plaintext=b"x", EncryptionContext={"a": "1", "b": "2"}
    )
    opened = shared.kms.decrypt(
        CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"b": "2", "a": "1"}
    )
    assert opened["Plaintext"] == b"x"


@pytest.mark.parametrize(("algorithm", "hashing"), [("1", SHA1()), ("256", SHA256())])
def test_rsa_encryption_is_rsa(shared: Bench, algorithm: str, hashing: SHA1 | SHA256) -> None:
    key = create(shared, "RSA_2048")
    public = load_der_public_key(shared.kms.get_public_key(KeyId=key)["PublicKey"])
    assert isinstance(public, rsa.RSAPublicKey)
    outside = public.encrypt(b"made outside", padding.OAEP(padding.MGF1(hashing), hashing, None))
    request: dict[str, Any] = {"KeyId": key, "EncryptionAlgorithm": f"RSAES_OAEP_SHA_{algorithm}"}
    opened = shared.kms.decrypt(**request, CiphertextBlob=outside)
    assert opened["Plaintext"] == b"made outside"
    assert len(shared.kms.encrypt(**request, Plaintext=b"x")["CiphertextBlob"]) == 256


def test_the_default_algorithm_is_named(shared: Bench, things: dict[str, Any]) -> None:
    sealed = shared.kms.encrypt(KeyId=things["symmetric"], Plaintext=b"x")
    opened = shared.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])
    assert sealed["EncryptionAlgorithm"] == opened["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"


@pytest.mark.parametrize("hashing", [SHA256(), SHA384(), SHA512()])
def test_pss_salts_are_as_long_as_the_hash(
    shared: Bench, hashing: SHA256 | SHA384 | SHA512
) -> None:
    key = create(shared, "RSA_2048", "SIGN_VERIFY")
    algorithm: Any = f"RSASSA_PSS_SHA_{hashing.digest_size * 8}"
    signature = shared.kms.sign(KeyId=key, Message=b"m", SigningAlgorithm=algorithm)["Signature"]
    public = load_der_public_key(shared.kms.get_public_key(KeyId=key)["PublicKey"])
    assert isinstance(public, rsa.RSAPublicKey)
    pss = padding.PSS(padding.MGF1(hashing), hashing.digest_size)
    public.verify(signature, b"m", pss, hashing)


def digest(message: bytes) -> bytes:
    hashing = Hash(SHA256())
    hashing.update(message)
    return hashing.finalize()


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
    ],
)
def test_digests_are_not_hashed_again(shared: Bench, spec: str, algorithm: Any) -> None:
    key = create(shared, spec, "SIGN_VERIFY")
    signature = shared.kms.sign(
        KeyId=key, Message=digest(b"m"), MessageType="DIGEST", SigningAlgorithm=algorithm
    )["Signature"]
    raw = shared.kms.verify(
        KeyId=key, Message=b"m", SigningAlgorithm=algorithm, Signature=signature
    )
    assert raw["SignatureValid"] is True
    public = load_der_public_key(shared.kms.get_public_key(KeyId=key)["PublicKey"])
    if isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, digest(b"m"), ec.ECDSA(Prehashed(SHA256())))
    wrong: dict[str, Any] = {"KeyId": key, "SigningAlgorithm": algorithm, "Signature": signature}
    answer = refused(shared, "verify", **wrong, Message=digest(b"m"))
    assert answer == ("KMSInvalidSignatureException", "")


def test_false_is_an_exception(shared: Bench, things: dict[str, Any]) -> None:
    request: dict[str, Any] = {"KeyId": things["mac"], "MacAlgorithm": "HMAC_SHA_256"}
    answer = refused(shared, "verify_mac", **request, Message=b"m", Mac=bytes(32))
    assert answer == ("KMSInvalidMacException", "")
    mac = shared.kms.generate_mac(**request, Message=b"m")
    assert mac["KeyId"].startswith("arn:aws:kms:")


def test_long_messages(shared: Bench, things: dict[str, Any]) -> None:
    request: dict[str, Any] = {"KeyId": things["signing"], "SigningAlgorithm": "ECDSA_SHA_256"}
    assert shared.kms.sign(**request, Message=bytes(4096))["Signature"]
    assert refused(shared, "sign", **request, Message=bytes(4097))[0] == "ValidationException"


@pytest.mark.parametrize(
    ("request_", "size"),
    [
        ({"KeySpec": "AES_128"}, 16),
        ({"KeySpec": "AES_256"}, 32),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024}, 1024),
    ],
)
def test_data_keys_have_the_size_asked_for(
    shared: Bench, things: dict[str, Any], request_: dict[str, Any], size: int
) -> None:
    made = shared.kms.generate_data_key(KeyId=things["symmetric"], **request_)
    assert len(made["Plaintext"]) == size


def test_re_encryption_checks_its_source(shared: Bench, things: dict[str, Any]) -> None:
    other = create(shared)
    request = {"CiphertextBlob": things["blob"], "DestinationKeyId": other}
    answer = refused(shared, "re_encrypt", **request, SourceKeyId=other)
    assert answer[0] == "IncorrectKeyException"
    assert shared.kms.re_encrypt(**request)["SourceKeyId"].endswith(things["symmetric"])
    context = {"SourceEncryptionContext": {"a": "b"}}
    assert refused(shared, "re_encrypt", **request, **context)[0] == "InvalidCiphertextException"


STATES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "encrypt": ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Plaintext": b"x"}),
    "generate_data_key": ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"KeySpec": "AES_256"}),
    "sign": (
        "ECC_NIST_P256",
        "SIGN_VERIFY",
        {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"},
    ),
    "generate_mac": (
        "HMAC_256",
        "GENERATE_VERIFY_MAC",
        {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"},
    ),
    "derive_shared_secret": (
        "ECC_NIST_P256",
        "KEY_AGREEMENT",
        {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"p"},
    ),
}


@pytest.mark.parametrize("operation", STATES)
def test_states_are_checked(shared: Bench, operation: str) -> None:
    spec, usage, request = STATES[operation]
    key = create(shared, spec, usage)
    shared.kms.disable_key(KeyId=key)
    assert refused(shared, operation, KeyId=key, **request)[0] == "DisabledException"
    shared.kms.schedule_key_deletion(KeyId=key)
    assert refused(shared, operation, KeyId=key, **request)[0] == "KMSInvalidStateException"
    assert refused(shared, "enable_key", KeyId=key)[0] == "KMSInvalidStateException"
    shared.kms.cancel_key_deletion(KeyId=key)
    assert shared.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    assert refused(shared, "cancel_key_deletion", KeyId=key)[0] == "KMSInvalidStateException"


def test_external_keys_begin_without_material(shared: Bench) -> None:
    made = shared.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert made["KeyState"] == "PendingImport"
    assert made["Enabled"] is False
    assert refused(shared, "enable_key", KeyId=made["KeyId"])[0] == "KMSInvalidStateException"


def test_deletion_tells_state_and_window(shared: Bench) -> None:
    key = create(shared)
    answer = shared.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert answer["KeyId"].startswith("arn:aws:kms:")
    assert answer["KeyState"] == "PendingDeletion"
    assert answer["PendingWindowInDays"] == 7
    for window in (6, 31):
        request = {"KeyId": create(shared), "PendingWindowInDays": window}
        assert refused(shared, "schedule_key_deletion", **request)[0] == "ValidationException"


def test_public_keys(shared: Bench, things: dict[str, Any]) -> None:
    key = create(shared, "RSA_2048", "SIGN_VERIFY")
    shared.kms.disable_key(KeyId=key)
    answer = shared.kms.get_public_key(KeyId=key)
    assert answer["KeyId"].startswith("arn:aws:kms:")
    assert answer["KeySpec"] == answer["CustomerMasterKeySpec"] == "RSA_2048"
    for other in (things["symmetric"], things["mac"]):
        answered = refused(shared, "get_public_key", KeyId=other)
        assert answered[0] == "UnsupportedOperationException"


def test_rotation_changes_the_material(bench: Bench, clock: TravelClock) -> None:
    key = create(bench)
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert bench.kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90
    bench.kms.rotate_key_on_demand(KeyId=key)
    bench.run_due()
    clock.travel(timedelta(days=90, minutes=1))
    bench.run_due()
    rotations = bench.kms.list_key_rotations(KeyId=key)["Rotations"]
    assert [one["RotationType"] for one in rotations] == ["ON_DEMAND", "AUTOMATIC"]
    assert len({one["KeyMaterialId"] for one in rotations}) == 2
    request: dict[str, Any] = {"KeyId": key, "RotationPeriodInDays": 2561}
    assert refused(bench, "enable_key_rotation", **request)[0] == "ValidationException"
    with pytest.raises(ParamValidationError, match="valid min value: 90"):
        bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=89)


def test_replicas_open_what_the_primary_sealed(bench: Bench) -> None:
    tags: Any = [{"TagKey": "a", "TagValue": "b"}]
    key = bench.kms.create_key(MultiRegion=True, Description="primary")["KeyMetadata"]["KeyId"]
    made = bench.kms.replicate_key(
        KeyId=key, ReplicaRegion="eu-west-1", Description="replica", Tags=tags
    )
    assert made["ReplicaKeyMetadata"]["KeyState"] == "Creating"
    assert made["ReplicaKeyMetadata"]["Description"] == "replica"
    assert made["ReplicaTags"] == tags
    assert refused(bench, "replicate_key", KeyId=key, ReplicaRegion="eu-west-1")[0] == (
        "AlreadyExistsException"
    )
    assert refused(bench, "replicate_key", KeyId=create(bench), ReplicaRegion="eu-west-1")[0] == (
        "UnsupportedOperationException"
    )


def test_lists_refuse_what_is_no_marker(shared: Bench) -> None:
    grants = {"KeyId": create(shared)}
    for operation, request in (
        ("list_keys", {}),
        ("list_aliases", {}),
        ("describe_custom_key_stores", {}),
        ("list_grants", grants),
        ("list_key_rotations", grants),
    ):
        answer = refused(shared, operation, **request, Marker="nonsense")
        assert answer[0] == "InvalidMarkerException"
        with pytest.raises(ParamValidationError, match="valid min value: 1"):
            getattr(shared.kms, operation)(**request, Limit=0)


def test_pages_of_aliases(bench: Bench, clock: TravelClock) -> None:
    key = create(bench)
    for number in range(3):
        bench.kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=key)
    clock.travel(timedelta(hours=1))
    bench.kms.update_alias(AliasName="alias/1", TargetKeyId=key)
    pages = list(
        bench.kms.get_paginator("list_aliases").paginate(
            KeyId=key, PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["Aliases"]) for page in pages] == [2, 1]
    found = {one["AliasName"]: one for page in pages for one in page["Aliases"]}
    assert found["alias/1"]["LastUpdatedDate"] > found["alias/1"]["CreationDate"]
    assert found["alias/0"]["LastUpdatedDate"] == found["alias/0"]["CreationDate"]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Any:
    bench = make_kms_bench(tmp_path_factory.mktemp("empty") / "vault")
    yield bench
    bench.close()


@pytest.mark.parametrize("name", list(MODEL.operation_names))
def test_empty_requests(empty: Any, name: str) -> None:
    """An empty body is an answer or an error of AWS, at the client and at the door below it."""
    door = empty.kms._door
    caller = Caller("arn:aws:iam::111122223333:root", "111122223333")
    shape = MODEL.operation_model(name).input_shape
    required = shape.required_members if shape else []
    if not door.offers("kms", name):
        return
    if not required:
        with_default = {"CreateKey", "DescribeCustomKeyStores", "ListAliases", "ListKeys"}
        if name in with_default:
            assert door.call("kms", name, {}, caller)
            return
    with pytest.raises(AwsError) as error:
        door.call("kms", name, {}, caller)
    assert error.value.code != "InternalFailure"
    for member in required:
        assert f"Value null at '{member[0].lower()}{member[1:]}' failed" in error.value.message
    methods = {op: method for method, op in empty.kms.meta.method_to_api_mapping.items()}
    with pytest.raises((ClientError, ParamValidationError)):
        getattr(empty.kms, methods[name])()
