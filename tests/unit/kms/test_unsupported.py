"""What AWS has and this place has not is refused by AWS's own errors, never ignored."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from workbench.api.models import aws_model
from workbench.bench import Bench

RECIPIENT = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"\x84D\xa1"}
MODEL = aws_model("kms")


def having(member: str) -> set[str]:
    """Return the operations whose requests have a member."""
    return {
        name
        for name in MODEL.operation_names
        if (shape := MODEL.operation_model(name).input_shape) is not None
        and member in shape.members
    }


def refused(bench: Bench, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        getattr(bench.kms, operation)(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture(scope="module")
def requests(shared: Bench) -> dict[str, tuple[str, dict[str, Any]]]:
    """Requests that succeed, for every operation that takes a Recipient."""
    key = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    ecdh = shared.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
    agree = ecdh["KeyMetadata"]["KeyId"]
    public = shared.kms.get_public_key(KeyId=agree)["PublicKey"]
    blob = shared.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    return {
        "Decrypt": ("decrypt", {"CiphertextBlob": blob}),
        "GenerateDataKey": ("generate_data_key", {"KeyId": key, "KeySpec": "AES_256"}),
        "GenerateDataKeyPair": (
            "generate_data_key_pair",
            {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"},
        ),
        "GenerateRandom": ("generate_random", {"NumberOfBytes": 8}),
        "DeriveSharedSecret": (
            "derive_shared_secret",
            {"KeyId": agree, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public},
        ),
    }


@pytest.mark.parametrize("name", sorted(having("Recipient")))
def test_attestation_documents(
    shared: Bench, requests: dict[str, tuple[str, dict[str, Any]]], name: str
) -> None:
    operation, request = requests[name]
    getattr(shared.kms, operation)(**request)
    for recipient in (RECIPIENT, {}):
        code, text = refused(shared, operation, **request, Recipient=recipient)
        assert code == "ValidationException"
        assert "Recipient" in text


def test_sm2(shared: Bench) -> None:
    unsupported = ("UnsupportedOperationException", "KeySpec SM2 is not supported in this Region")
    for usage in ("SIGN_VERIFY", "ENCRYPT_DECRYPT", "KEY_AGREEMENT"):
        assert refused(shared, "create_key", KeySpec="SM2", KeyUsage=usage) == unsupported
    key = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    for operation in ("generate_data_key_pair", "generate_data_key_pair_without_plaintext"):
        assert refused(shared, operation, KeyId=key, KeyPairSpec="SM2") == unsupported
    code, text = refused(shared, "encrypt", KeyId=key, Plaintext=b"x", EncryptionAlgorithm="SM2PKE")
    assert code == "InvalidKeyUsageException"
    assert text == "Algorithm SM2PKE is incompatible with key spec SYMMETRIC_DEFAULT."


def test_dry_runs_that_ignore_the_ciphertext(shared: Bench) -> None:
    key, other = (shared.kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    ignoring: dict[str, Any] = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    moving = {"SourceKeyId": key, "DestinationKeyId": other}
    for operation, request in (("decrypt", {"KeyId": key}), ("re_encrypt", moving)):
        for blob in ({}, {"CiphertextBlob": b"anything"}):
            code, _ = refused(shared, operation, **request, **blob, **ignoring)
            assert code == "DryRunOperationException"
        code, _ = refused(shared, operation, **request, CiphertextBlob=b"anything", DryRun=True)
        assert code == "InvalidCiphertextException"
        code, _ = refused(shared, operation, **request, DryRunModifiers=["IGNORE_CIPHERTEXT"])
        assert code == "ValidationException"
    assert refused(shared, "decrypt", **ignoring)[0] == "ValidationException"
    assert refused(shared, "re_encrypt", DestinationKeyId=other, **ignoring)[0] == (
        "ValidationException"
    )
    shared.kms.disable_key(KeyId=other)
    assert refused(shared, "re_encrypt", **moving, **ignoring)[0] == "DisabledException"
    assert refused(shared, "decrypt", KeyId=other, **ignoring)[0] == "DisabledException"
    signing = shared.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    wrong = signing["KeyMetadata"]["KeyId"]
    assert refused(shared, "decrypt", KeyId=wrong, **ignoring)[0] == "InvalidKeyUsageException"
