"""The texts AWS KMS says, to the letter, as recorded from it."""

import re
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.fakes.kms_bench import make_kms_bench
from workbench.api.calls import Caller
from workbench.api.errors import AwsError
from workbench.bench import Bench

ARN = "arn:aws:kms:us-west-2:111122223333:"
NOBODY = "12345678-1234-1234-1234-123456789012"
OWNER = Caller("arn:aws:iam::111122223333:root", "111122223333")


def create(bench: Bench, **request: Any) -> tuple[str, str]:
    """Return id and ARN of a new key."""
    made = bench.kms.create_key(**request)["KeyMetadata"]
    return made["KeyId"], made["Arn"]


def refused(bench: Bench, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        getattr(bench.kms, operation)(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def at_the_door(bench: Bench, name: str, request: dict[str, Any]) -> str:
    """Return the message of a request that boto3 itself would not have sent."""
    door = bench.kms._door
    with pytest.raises(AwsError) as caught:
        door.call("kms", name, request, OWNER)
    assert caught.value.code == "ValidationException"
    return str(caught.value.message)


def test_errors_without_a_message(shared: Bench) -> None:
    key, _ = create(shared, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    mac = {"MacAlgorithm": "HMAC_SHA_256", "Message": b"m", "Mac": b"x"}
    assert refused(shared, "verify_mac", KeyId=key, **mac) == ("KMSInvalidMacException", "")
    key, _ = create(shared, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    signed = {"SigningAlgorithm": "ECDSA_SHA_256", "Message": b"m", "Signature": b"x"}
    assert refused(shared, "verify", KeyId=key, **signed) == ("KMSInvalidSignatureException", "")
    assert refused(shared, "decrypt", CiphertextBlob=b"x") == ("InvalidCiphertextException", "")


@pytest.mark.parametrize(
    ("name", "request_", "text"),
    [
        (
            "GenerateRandom",
            {"NumberOfBytes": 1025},
            "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy "
            "constraint: Member must have value less than or equal to 1024",
        ),
        (
            "GenerateRandom",
            {"NumberOfBytes": 0},
            "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1",
        ),
        ("GenerateRandom", {}, "NumberOfBytes is required."),
        (
            "Encrypt",
            {"KeyId": NOBODY, "Plaintext": bytes(4097)},
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
            "Member must have length less than or equal to 4096",
        ),
        (
            "PutKeyPolicy",
            {"KeyId": NOBODY},
            "1 validation error detected: Value null at 'policy' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "TagResource",
            {"KeyId": NOBODY, "Tags": [{"TagKey": "", "TagValue": ""}]},
            "1 validation error detected: Value '' at 'tags.1.member.tagKey' failed to satisfy "
            "constraint: Member must have length greater than or equal to 1",
        ),
    ],
)
def test_validation(shared: Bench, name: str, request_: dict[str, Any], text: str) -> None:
    assert at_the_door(shared, name, request_) == text


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        (NOBODY, f"Key '{ARN}key/{NOBODY}' does not exist"),
        (f"{ARN}key/{NOBODY}", f"Key '{ARN}key/{NOBODY}' does not exist"),
        ("x", "Invalid keyId 'x'"),
        (f"arn:aws:kms:eu-west-1:111122223333:key/{NOBODY}", "Invalid arn eu-west-1"),
        ("alias/nobody", f"Alias {ARN}alias/nobody is not found."),
    ],
)
def test_keys_that_are_not_there(shared: Bench, identifier: str, text: str) -> None:
    assert refused(shared, "describe_key", KeyId=identifier) == ("NotFoundException", text)


def test_states(shared: Bench) -> None:
    key, arn = create(shared)
    shared.kms.disable_key(KeyId=key)
    answer = refused(shared, "encrypt", KeyId=key, Plaintext=b"x")
    assert answer == ("DisabledException", f"{arn} is disabled.")
    key, arn = create(shared, Origin="EXTERNAL")
    answer = refused(shared, "encrypt", KeyId=key, Plaintext=b"x")
    assert answer == ("KMSInvalidStateException", f"{arn} is pending import.")
    key, arn = create(shared)
    shared.kms.schedule_key_deletion(KeyId=key)
    answer = refused(shared, "encrypt", KeyId=key, Plaintext=b"x")
    assert answer == ("KMSInvalidStateException", f"{arn} is pending deletion.")


def test_usages(shared: Bench) -> None:
    key, arn = create(shared, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    assert refused(shared, "encrypt", KeyId=key, Plaintext=b"x") == (
        "InvalidKeyUsageException",
        f"{arn} key usage is SIGN_VERIFY which is not valid for Encrypt.",
    )
    size: dict[str, Any] = {"KeyId": key, "NumberOfBytes": 8}
    pair: dict[str, Any] = {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}
    for name, request in (
        ("GenerateDataKey", size),
        ("GenerateDataKeyWithoutPlaintext", size),
        ("GenerateDataKeyPair", pair),
        ("GenerateDataKeyPairWithoutPlaintext", pair),
    ):
        assert refused(shared, xform_name(name), **request)[1] == (
            f"{arn} key usage is SIGN_VERIFY which is not valid for {name}."
        )
    key, _ = create(shared, KeySpec="HMAC_224", KeyUsage="GENERATE_VERIFY_MAC")
    request = {"KeyId": key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    assert refused(shared, "generate_mac", **request) == (
        "InvalidKeyUsageException",
        "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.",
    )
    assert refused(shared, "create_key", KeySpec="RSA_2048") == (
        "ValidationException",
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    )
    assert refused(shared, "create_key", KeySpec="RSA_2048", KeyUsage="KEY_AGREEMENT") == (
        "ValidationException",
        "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
    )


def test_digests(shared: Bench) -> None:
    key, _ = create(shared, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    request: dict[str, Any] = {"MessageType": "DIGEST", "Message": bytes(31)}
    answer = refused(shared, "sign", KeyId=key, SigningAlgorithm="ECDSA_SHA_256", **request)
    assert answer == (
        "ValidationException",
        "Digest is invalid length for algorithm ECDSA_SHA_256.",
    )
    key, _ = create(shared, KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")
    algorithm: Any = "ML_DSA_SHAKE_256"
    answer = refused(shared, "sign", KeyId=key, SigningAlgorithm=algorithm, **request)
    assert answer == (
        "ValidationException",
        "Message type DIGEST is incompatible with key spec ML_DSA_44.",
    )
    made = shared.kms.sign(KeyId=key, SigningAlgorithm=algorithm, Message=b"m")
    assert len(made["Signature"]) == 2420


@pytest.mark.parametrize(
    ("spec", "sha1", "sha256"),
    [("RSA_2048", 214, 190), ("RSA_3072", 342, 318), ("RSA_4096", 470, 446)],
)
def test_rsa_plaintexts(shared: Bench, spec: str, sha1: int, sha256: int) -> None:
    key, _ = create(shared, KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")
    for algorithm, most in (("RSAES_OAEP_SHA_1", sha1), ("RSAES_OAEP_SHA_256", sha256)):
        request: dict[str, Any] = {"KeyId": key, "EncryptionAlgorithm": algorithm}
        assert shared.kms.encrypt(**request, Plaintext=bytes(most))["CiphertextBlob"]
        assert refused(shared, "encrypt", **request, Plaintext=bytes(most + 1)) == (
            "ValidationException",
            f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {most} "
            "bytes.",
        )


def test_the_wrong_key(shared: Bench) -> None:
    (key, _), (other, _) = create(shared), create(shared)
    blob = shared.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    text = "The key ID in the request does not identify a CMK that can perform this operation."
    answer = refused(shared, "decrypt", CiphertextBlob=blob, KeyId=other)
    assert answer == ("IncorrectKeyException", text)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a", "a"], "Duplicate tag keys"),
        (["aws:a"], "Tags beginning with aws: are reserved"),
        ([str(number) for number in range(51)], "Too many tags"),
    ],
)
def test_tags(shared: Bench, names: list[str], text: str) -> None:
    key, _ = create(shared)
    tags = [{"TagKey": name, "TagValue": ""} for name in names]
    assert refused(shared, "tag_resource", KeyId=key, Tags=tags) == ("TagException", text)
    assert refused(shared, "create_key", Tags=tags) == ("TagException", text)


def test_aliases(shared: Bench) -> None:
    key, _ = create(shared)
    signing, _ = create(shared, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    assert refused(shared, "create_alias", AliasName="name", TargetKeyId=key) == (
        "ValidationException",
        'Alias must start with the prefix "alias/". Please see '
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    )
    shared.kms.create_alias(AliasName="alias/usages", TargetKeyId=key)
    request = {"AliasName": "alias/usages", "TargetKeyId": signing}
    assert refused(shared, "update_alias", **request)[0] == "ValidationException"
    for name in ("alias/aws/s3", "alias/a b"):
        assert refused(shared, "create_alias", AliasName=name, TargetKeyId=key)[0] in {
            "NotAuthorizedException",
            "ValidationException",
        }


def test_rotating_what_does_not_rotate(shared: Bench) -> None:
    for spec, usage in (
        ("RSA_2048", "SIGN_VERIFY"),
        ("ECC_NIST_P256", "KEY_AGREEMENT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
        ("ML_DSA_44", "SIGN_VERIFY"),
    ):
        key, _ = create(shared, KeySpec=spec, KeyUsage=usage)
        for operation in ("rotate_key_on_demand", "enable_key_rotation", "list_key_rotations"):
            answer = refused(shared, operation, KeyId=key)
            assert answer == ("UnsupportedOperationException", "")


def test_replicas(bench: Bench) -> None:
    key, arn = create(bench, MultiRegion=True)
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", key)
    answer = bench.kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    metadata = answer["ReplicaKeyMetadata"]
    assert metadata["KeyState"] == "Creating"
    assert metadata["Enabled"] is False
    assert metadata["Description"] == ""
    assert "CurrentKeyMaterialId" not in metadata
    assert metadata["Arn"] == arn.replace("us-west-2", "eu-west-1")
    assert "Enable IAM User Permissions" in answer["ReplicaPolicy"]
    bench.run_due()


def test_replicas_are_no_primaries(tmp_path: Path) -> None:
    bench = make_kms_bench(tmp_path / "vault")
    key = bench.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    bench.kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    bench.run_due()
    there = bench.region("eu-west-1")
    with pytest.raises(ClientError) as caught:
        there.replicate_key(KeyId=key, ReplicaRegion="eu-central-1")
    blob = bench.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    bench.close()
    assert caught.value.response["Error"] == {
        "Code": "UnsupportedOperationException",
        "Message": f"arn:aws:kms:eu-west-1:111122223333:key/{key} is not a multi-region primary "
        "key.",
    }


def test_answers_carry_the_arn(shared: Bench) -> None:
    key, arn = create(shared)
    mac, mac_arn = create(shared, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    request: dict[str, Any] = {"KeyId": mac, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    tag = shared.kms.generate_mac(**request)
    assert tag["KeyId"] == mac_arn
    assert shared.kms.verify_mac(**request, Mac=tag["Mac"])["KeyId"] == mac_arn
    assert shared.kms.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == arn
    assert shared.kms.generate_data_key(KeyId=key, KeySpec="AES_256")["KeyId"] == arn
    assert shared.kms.rotate_key_on_demand(KeyId=key)["KeyId"] == arn
    assert shared.kms.schedule_key_deletion(KeyId=key)["KeyId"] == arn
