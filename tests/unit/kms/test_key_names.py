"""Which operations take an alias in place of a key's id, as AWS documents for each KeyId."""

from typing import Any, Final

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from workbench.api.models import aws_model
from workbench.bench import Bench
from workbench.kms.questions import KEYS_BY_ID

MODEL: Final = aws_model("kms")
MACS: Final = frozenset({"GenerateMac", "VerifyMac"})
"""AWS's example takes an alias here, its parameter's text does not say so."""
TELLING: Final = {
    "PendingWindowInDays": 7,
    "AliasName": "alias/b",
    "PolicyName": "default",
    "Policy": "{}",
    "Operations": ["Decrypt"],
    "GranteePrincipal": "arn:aws:iam::111122223333:user/anna",
    "GrantId": "a" * 64,
    "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
    "WrappingKeySpec": "RSA_2048",
    "ImportToken": b"t",
    "EncryptedKeyMaterial": b"m",
    "ReplicaRegion": "eu-west-1",
    "PrimaryRegion": "eu-west-1",
    "Tags": [{"TagKey": "a", "TagValue": "b"}],
    "TagKeys": ["a"],
    "Description": "d",
}


def with_key() -> set[str]:
    """Operations whose request names a key."""
    return {
        name
        for name in MODEL.operation_names
        if (shape := MODEL.operation_model(name).input_shape) is not None
        and {"KeyId", "TargetKeyId", "DestinationKeyId"} & set(shape.members)
    }


def says_alias(name: str) -> bool:
    """Whether AWS's text of the operation's key parameters allows an alias."""
    shape = MODEL.operation_model(name).input_shape
    assert shape is not None
    return any(
        "alias name:" in member.documentation.lower()
        for key, member in shape.members.items()
        if key in {"KeyId", "TargetKeyId", "DestinationKeyId"}
    )


def test_the_list_is_awss() -> None:
    assert {name for name in with_key() if not says_alias(name)} - MACS == KEYS_BY_ID


def request_of(name: str, alias: str) -> dict[str, Any]:
    shape = MODEL.operation_model(name).input_shape
    assert shape is not None
    wanted = {*shape.required_members, *({"GrantId"} if name == "RetireGrant" else ())}
    request: dict[str, Any] = {key: value for key, value in TELLING.items() if key in wanted}
    request["KeyId" if "KeyId" in shape.members else "TargetKeyId"] = alias
    return request


@pytest.mark.parametrize("name", sorted(KEYS_BY_ID))
def test_no_alias_where_aws_takes_none(bench: Bench, name: str) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    ask = getattr(bench.kms, xform_name(name))
    alias_arn = "arn:aws:kms:us-west-2:111122223333:alias/a"
    no_target = ("ValidationException", "Aliases must refer to keys. Not aliases")
    told: Any = (
        ("alias/a", "NotFoundException", "Invalid keyId 'alias/a'"),
        (
            alias_arn,
            "InvalidArnException",
            "Key Aliases are not supported for this operation.",
        ),
    )
    if name in {"CreateAlias", "UpdateAlias"}:
        told = (("alias/a", *no_target), (alias_arn, *no_target))
    for alias, code, message in told:
        with pytest.raises(ClientError) as caught:
            ask(**request_of(name, alias))
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["Error"]["Message"] == message


def test_an_alias_where_aws_takes_one(bench: Bench) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    for alias in ("alias/a", "arn:aws:kms:us-west-2:111122223333:alias/a"):
        assert bench.kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == key
        blob = bench.kms.encrypt(KeyId=alias, Plaintext=b"x")["CiphertextBlob"]
        assert bench.kms.decrypt(KeyId=alias, CiphertextBlob=blob)["Plaintext"] == b"x"


@pytest.mark.parametrize(
    "wrong",
    [
        "arn:aws-cn:kms:us-west-2:111122223333:key/{key}",
        "arn:aws:kms:us-west-2:111122223333:foo/{key}",
        "arn:aws:kms:us-west-2:111122223333:KEY/{key}",
        "arn:aws:kms:us-west-2:111122223333:{key}",
        "arn:aws:kms:us-west-2:111122223333:key/",
        "arn:aws:iam:us-west-2:111122223333:key/{key}",
        "arn:aws:kms:us-west-2:111122223333",
    ],
)
def test_arns_are_read_strictly(shared: Bench, wrong: str) -> None:
    key = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    shared.kms.describe_key(KeyId=f"arn:aws:kms:us-west-2:111122223333:key/{key}")
    arn = wrong.format(key=key)
    with pytest.raises(shared.kms.exceptions.InvalidArnException, match="Invalid arn"):
        shared.kms.describe_key(KeyId=arn)
