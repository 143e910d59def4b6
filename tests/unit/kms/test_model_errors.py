"""Every error that AWS's model declares for each operation of KMS: met by a request, or excused."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import make_kms_bench
from tests.fakes.kms_refusals import SPECIAL, refused
from tests.fakes.kms_requests import on_key
from tests.fakes.kms_store_refusals import ON_STORES
from tests.fakes.kms_zoo import LIMITS, Zoo
from workbench.api.models import aws_model

MODEL = aws_model("kms")
OPERATIONS = list(MODEL.operation_names)
DECLARED = {
    name: [shape.name for shape in MODEL.operation_model(name).error_shapes] for name in OPERATIONS
}

EVERY_STATE = (
    "DeleteAlias",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListGrants",
    "ListKeyPolicies",
    "ListKeyRotations",
    "PutKeyPolicy",
    "RetireGrant",
    "RevokeGrant",
)
"""What AWS's table of key states allows in every state, though the model declares an exception."""

NEEDS_MATERIAL = (
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
)
ASKS_STORES = ("CreateCustomKeyStore", "CreateKey", "UpdateCustomKeyStore")
IN_BACKGROUND = (
    "the store is connected in the background; DescribeCustomKeyStores tells what failed"
)
ON_CONNECTING = "a VPC endpoint service is first met when the store is connected"

NEVER: dict[str, str] = {
    "*.DependencyTimeoutException": "nothing here depends on another service that could be slow",
    "*.KeyUnavailableException": "a key is there or in a state that has its own exception",
    **{f"{name}.KMSInvalidStateException": "it works in every state" for name in EVERY_STATE},
    **{
        f"{name}.KMSInternalException": "it needs no key material; a bug is an InternalFailure"
        for name in OPERATIONS
        if name not in NEEDS_MATERIAL + ASKS_STORES
    },
    "ConnectCustomKeyStore.CloudHsmCluster*": IN_BACKGROUND,
    "CreateCustomKeyStore.XksProxyVpcEndpointServiceInvalid*": ON_CONNECTING,
    "CreateCustomKeyStore.XksProxyVpcEndpointServiceNot*": ON_CONNECTING,
    "CreateKey.InvalidArnException": "its only ARNs are a policy's, which is malformed then",
    "EnableKey.LimitExceededException": "the quota is of keys, whether enabled or not",
    "GetPublicKey.DisabledException": "AWS gives a disabled key's public key",
    "GetPublicKey.InvalidKeyUsageException": "every key with a public key may show it",
    "ListResourceTags.InvalidMarkerException": "a marker is a tag's key, which may be any text",
    "ListRetirableGrants.NotFoundException": "who retires no grant has an empty list",
    "PutKeyPolicy.UnsupportedOperationException": "every key that may be changed takes a policy",
    "TagResource.LimitExceededException": "too many tags are a TagException",
    "UntagResource.TagException": "any name may be taken off",
}
"""Errors that no request can meet here, and why."""


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    backend = FakeKeyStore()
    backends = {"AWS_CLOUDHSM": backend, "EXTERNAL_KEY_STORE": backend}
    bench = make_kms_bench(tmp_path_factory.mktemp("zoo") / "vault", backends, LIMITS)
    yield Zoo(bench, backend)
    bench.close()


def excused(operation: str, error: str) -> bool:
    return any(fnmatchcase(f"{operation}.{error}", pattern) for pattern in NEVER)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_declared_error_is_met(zoo: Zoo, operation: str) -> None:
    expected = [error for error in DECLARED[operation] if not excused(operation, error)]
    met = [zoo.ask(operation, refused(operation, error, zoo)) for error in expected]
    assert met == expected


def test_nothing_is_excused_or_tried_that_is_not_declared() -> None:
    declared = {f"{name}.{error}" for name in OPERATIONS for error in DECLARED[name]}
    assert all(any(fnmatchcase(pair, pattern) for pair in declared) for pattern in NEVER)
    assert SPECIAL.keys() | ON_STORES.keys() <= declared
    tried = SPECIAL.keys() | ON_STORES.keys()
    assert not [pair for pair in tried if excused(*pair.split("."))]


@pytest.mark.parametrize("operation", EVERY_STATE)
def test_what_works_in_every_state_works_on_a_key_that_is_to_be_deleted(
    zoo: Zoo, operation: str
) -> None:
    kms = zoo.kms
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    alias = f"alias/{operation}"
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    grant = zoo.grant(key)
    kms.schedule_key_deletion(KeyId=key)
    if operation == "DeleteAlias":
        request = {"AliasName": alias}
    elif operation in {"RetireGrant", "RevokeGrant"}:
        request = on_key(operation, zoo, key, GrantId=grant)
    else:
        request = on_key(operation, zoo, key)
    assert zoo.ask(operation, request) == ""
