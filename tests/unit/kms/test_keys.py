from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from workbench.api.calls import Caller
from workbench.api.client import Client
from workbench.api.models import aws_model
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.crypto.table import KEY_SPECS

SUPPORTED = [
    (spec.name, usage) for spec in KEY_SPECS.values() if spec.supported for usage in spec.usages
]
ALGORITHM_MEMBER = {
    "SIGN_VERIFY": "SigningAlgorithms",
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}


def create(bench: Bench, **parameters: Any) -> str:
    return str(bench.kms.create_key(**parameters)["KeyMetadata"]["KeyId"])


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


@pytest.mark.parametrize(("spec", "usage"), SUPPORTED)
def test_create_describes_every_spec(shared: Bench, spec: str, usage: str) -> None:
    made = shared.kms.create_key(KeySpec=spec, KeyUsage=usage, Description="d")  # type: ignore[arg-type]
    metadata = made["KeyMetadata"]
    assert metadata["KeySpec"] == metadata["CustomerMasterKeySpec"] == spec
    assert metadata["KeyState"] == "Enabled"
    assert metadata["Enabled"] is True
    assert metadata["Description"] == "d"
    assert metadata["Origin"] == "AWS_KMS"
    assert metadata["Arn"].endswith(f":key/{metadata['KeyId']}")
    assert metadata[ALGORITHM_MEMBER[usage]] == list(KEY_SPECS[spec].algorithms(usage))  # type: ignore[literal-required]
    described = shared.kms.describe_key(KeyId=metadata["Arn"])
    assert described["KeyMetadata"] == metadata
    assert described["ResponseMetadata"]["HTTPStatusCode"] == 200
    if KEY_SPECS[spec].asymmetric:
        public = shared.kms.get_public_key(KeyId=metadata["KeyId"])
        assert public["PublicKey"][0] == 0x30
        assert public["KeySpec"] == spec
    else:
        with pytest.raises(ClientError) as refused:
            shared.kms.get_public_key(KeyId=metadata["KeyId"])
        assert code(refused)[0] == "UnsupportedOperationException"


def test_symmetric_default_needs_no_usage(shared: Bench) -> None:
    metadata = shared.kms.create_key()["KeyMetadata"]
    assert metadata["KeyUsage"] == "ENCRYPT_DECRYPT"
    assert len(metadata["CurrentKeyMaterialId"]) == 64


def test_missing_library_support_is_said_plainly(shared: Bench) -> None:
    with pytest.raises(ClientError) as refused:
        shared.kms.create_key(KeySpec="ML_KEM_512", KeyUsage="ENCAPSULATE_DECAPSULATE")
    name, text = code(refused)
    assert name == "UnsupportedOperationException"
    assert "ML-KEM-512" in text
    assert "ML_KEM_768" in text


@pytest.mark.parametrize(
    ("parameters", "expected", "text"),
    [
        (
            {"KeySpec": "RSA_2048"},
            "ValidationException",
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption "
            "keys.",
        ),
        (
            {"KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT"},
            "ValidationException",
            "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
        ),
        (
            {"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"},
            "UnsupportedOperationException",
            "KeySpec SM2 is not supported in this Region",
        ),
        (
            {"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]},
            "TagException",
            "Duplicate tag keys",
        ),
        (
            {"Tags": [{"TagKey": "aws:x", "TagValue": "1"}]},
            "TagException",
            "Tags beginning with aws: are reserved",
        ),
    ],
)
def test_create_refuses(
    shared: Bench, parameters: dict[str, Any], expected: str, text: str
) -> None:
    with pytest.raises(ClientError) as refused:
        shared.kms.create_key(**parameters)
    assert code(refused) == (expected, text)


def test_unknown_spec_gives_aws_validation_text(shared: Bench) -> None:
    with pytest.raises(ClientError) as refused:
        shared.kms.create_key(KeySpec="ML_DSA_66")  # type: ignore[arg-type]
    name, text = code(refused)
    assert name == "ValidationException"
    assert text.startswith(
        "1 validation error detected: Value 'ML_DSA_66' at 'keySpec' failed to satisfy "
        "constraint: Member must satisfy enum value set: ["
    )


def test_missing_and_ill_typed_parameters_fail_as_in_boto3(shared: Bench) -> None:
    with pytest.raises(ParamValidationError, match='Missing required parameter in input: "KeyId"'):
        shared.kms.describe_key()  # type: ignore[call-arg]
    with pytest.raises(ParamValidationError, match="Unknown parameter in input"):
        shared.kms.describe_key(KeyId="a", Colour="red")  # type: ignore[call-arg]
    with pytest.raises(ParamValidationError, match="Invalid type for parameter KeyId"):
        shared.kms.describe_key(KeyId=7)  # type: ignore[arg-type]


def test_identifiers_of_every_form_name_the_key(shared: Bench) -> None:
    key = create(shared)
    shared.kms.create_alias(AliasName="alias/forms", TargetKeyId=key)
    arn = shared.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    alias_arn = arn.rpartition(":")[0] + ":alias/forms"
    for identifier in (key, arn, "alias/forms", alias_arn):
        assert shared.kms.describe_key(KeyId=identifier)["KeyMetadata"]["KeyId"] == key


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("nonsense", "Invalid keyId 'nonsense'"),
        (
            "12345678-1234-1234-1234-123456789012",
            "Key 'arn:aws:kms:us-west-2:111122223333:key/12345678-1234-1234-1234-123456789012' "
            "does not exist",
        ),
        ("alias/none", "Alias arn:aws:kms:us-west-2:111122223333:alias/none is not found."),
        (
            "arn:aws:kms:eu-south-1:111122223333:key/12345678-1234-1234-1234-123456789012",
            "Invalid arn eu-south-1",
        ),
    ],
)
def test_unknown_identifiers(shared: Bench, identifier: str, text: str) -> None:
    with pytest.raises(shared.kms.exceptions.NotFoundException) as refused:
        shared.kms.describe_key(KeyId=identifier)
    assert refused.value.response["Error"]["Message"] == text


def test_disabled_keys_refuse_use_and_come_back(shared: Bench) -> None:
    key = create(shared)
    shared.kms.disable_key(KeyId=key)
    with pytest.raises(shared.kms.exceptions.DisabledException, match="is disabled"):
        shared.kms.encrypt(KeyId=key, Plaintext=b"x")
    shared.kms.enable_key(KeyId=key)
    assert shared.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]


def test_deletion_is_scheduled_cancelled_and_carried_out(bench: Bench, clock: TravelClock) -> None:
    key = create(bench)
    kept = create(bench)
    answer = bench.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert answer["KeyState"] == "PendingDeletion"
    assert answer["DeletionDate"] - clock.now() > timedelta(days=6, hours=23)
    bench.kms.schedule_key_deletion(KeyId=kept)
    bench.kms.cancel_key_deletion(KeyId=kept)
    assert bench.kms.describe_key(KeyId=kept)["KeyMetadata"]["KeyState"] == "Disabled"
    with pytest.raises(ClientError) as refused:
        bench.kms.cancel_key_deletion(KeyId=kept)
    assert code(refused)[0] == "KMSInvalidStateException"
    refused_now: tuple[Callable[[], Any], ...] = (
        lambda: bench.kms.encrypt(KeyId=key, Plaintext=b"x"),
        lambda: bench.kms.enable_key(KeyId=key),
        lambda: bench.kms.create_alias(AliasName="alias/late", TargetKeyId=key),
        lambda: bench.kms.tag_resource(KeyId=key, Tags=[]),
    )
    for request in refused_now:
        with pytest.raises(bench.kms.exceptions.KMSInvalidStateException, match="pending deletion"):
            request()
    bench.run_due()
    assert bench.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    clock.travel(timedelta(days=8))
    bench.run_due()
    with pytest.raises(bench.kms.exceptions.NotFoundException):
        bench.kms.describe_key(KeyId=key)
    assert bench.kms.describe_key(KeyId=kept)
    names = [event["EventName"] for event in bench.cloudtrail.lookup_events()["Events"]]
    assert "DeleteKey" in names


@pytest.mark.parametrize("window", [1, 6, 31, 365])
def test_deletion_window_has_bounds(shared: Bench, window: int) -> None:
    key = create(shared)
    with pytest.raises(ClientError) as refused:
        shared.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=window)
    assert code(refused)[0] == "ValidationException"
    assert shared.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_listing_pages_through_everything(bench: Bench) -> None:
    made = {create(bench) for _ in range(23)}
    pages = list(bench.kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 5}))
    assert len(pages) == 5
    assert {key["KeyId"] for page in pages for key in page["Keys"]} == made
    assert pages[0]["Truncated"] is True
    assert pages[-1]["Truncated"] is False


def test_tags_and_description_change(shared: Bench) -> None:
    key = create(shared, Tags=[{"TagKey": "a", "TagValue": "1"}])
    shared.kms.tag_resource(
        KeyId=key, Tags=[{"TagKey": "b", "TagValue": "2"}, {"TagKey": "a", "TagValue": "3"}]
    )
    assert shared.kms.list_resource_tags(KeyId=key)["Tags"] == [
        {"TagKey": "a", "TagValue": "3"},
        {"TagKey": "b", "TagValue": "2"},
    ]
    shared.kms.untag_resource(KeyId=key, TagKeys=["a", "none"])
    assert [t["TagKey"] for t in shared.kms.list_resource_tags(KeyId=key)["Tags"]] == ["b"]
    shared.kms.update_key_description(KeyId=key, Description="new")
    assert shared.kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"
    many = [{"TagKey": f"t{n}", "TagValue": "v"} for n in range(50)]
    with pytest.raises(ClientError) as refused:
        shared.kms.tag_resource(KeyId=key, Tags=many)  # type: ignore[arg-type]
    assert code(refused) == ("TagException", "Too many tags")


def test_aliases_move_between_like_keys_only(shared: Bench) -> None:
    first, second = create(shared), create(shared)
    signer = create(shared, KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")
    shared.kms.create_alias(AliasName="alias/moving", TargetKeyId=first)
    with pytest.raises(shared.kms.exceptions.AlreadyExistsException):
        shared.kms.create_alias(AliasName="alias/moving", TargetKeyId=second)
    shared.kms.update_alias(AliasName="alias/moving", TargetKeyId=second)
    assert shared.kms.describe_key(KeyId="alias/moving")["KeyMetadata"]["KeyId"] == second
    with pytest.raises(ClientError) as refused:
        shared.kms.update_alias(AliasName="alias/moving", TargetKeyId=signer)
    assert code(refused)[0] == "ValidationException"
    assert [a["AliasName"] for a in shared.kms.list_aliases(KeyId=second)["Aliases"]] == [
        "alias/moving"
    ]
    shared.kms.delete_alias(AliasName="alias/moving")
    with pytest.raises(shared.kms.exceptions.NotFoundException):
        shared.kms.delete_alias(AliasName="alias/moving")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain", "ValidationException"),
        ("alias/aws/s3", "NotAuthorizedException"),
        ("alias/with space", "ValidationException"),
    ],
)
def test_alias_names_are_checked(shared: Bench, name: str, expected: str) -> None:
    key = create(shared)
    with pytest.raises(ClientError) as refused:
        shared.kms.create_alias(AliasName=name, TargetKeyId=key)
    assert code(refused)[0] == expected


def test_policies_are_kept_and_must_be_documents(shared: Bench) -> None:
    key = create(shared)
    policy = shared.kms.get_key_policy(KeyId=key)["Policy"]
    assert "arn:aws:iam::111122223333:root" in policy
    shared.kms.put_key_policy(KeyId=key, Policy=policy.replace("key-default-1", "mine"))
    assert '"mine"' in shared.kms.get_key_policy(KeyId=key)["Policy"]
    with pytest.raises(shared.kms.exceptions.MalformedPolicyDocumentException):
        shared.kms.put_key_policy(KeyId=key, Policy="{not json")
    assert shared.kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]


def test_other_accounts_are_refused(shared: Bench) -> None:
    stranger = Caller("arn:aws:iam::999999999999:root", "999999999999")
    door = cast("Client", shared.kms)._door
    outside = Client(door, aws_model("kms"), stranger)
    with pytest.raises(ClientError) as refused:
        outside.list_keys()
    assert code(refused)[0] == "AccessDeniedException"
    assert "kms:ListKeys" in code(refused)[1]
