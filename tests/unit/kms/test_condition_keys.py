"""Every condition key KMS policies may ask for: a value that lets a request pass, and one not.

A key without a case fails: see `test_every_key_has_a_case`.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.callers import ACCOUNT, OTHER_ACCOUNT, allow, client_of, policy, service, user
from workbench.api.calls import Caller
from workbench.bench import Bench
from workbench.kms.conditions import CONDITION_KEYS

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
BUCKET = f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/one"
ORG = "o-a1b2c3d4e5"
PATH = f"{ORG}/r-ab12/ou-ab12-11111111/"
ANNA = user("anna", tags=(("team", "red"),), organization=ORG)
VIA_S3 = user("anna", invoked_by="s3.amazonaws.com")
S3 = service("s3", source_account=ACCOUNT, source_arn=BUCKET)
PAIR = {"a": "1", "b": "2"}
ENCRYPT: dict[str, Any] = {"Plaintext": b"x", "EncryptionContext": PAIR}
GRANT: dict[str, Any] = {
    "GranteePrincipal": ROOT,
    "RetiringPrincipal": ROOT,
    "Operations": ["Encrypt", "Decrypt"],
    "Constraints": {"EncryptionContextSubset": PAIR},
}
FOR_SERVICE: dict[str, Any] = {
    "GranteeServicePrincipal": "s3.amazonaws.com",
    "RetiringServicePrincipal": "s3.amazonaws.com",
    "Operations": ["Encrypt"],
    "Constraints": {"SourceArn": BUCKET},
}
EC, MAC = "ECC_NIST_P256", "HMAC_256"
FIFTY_YEARS = timedelta(days=50 * 365)


@dataclass(frozen=True)
class Case:
    """A request, a test of the condition key that it meets, and a value that it does not.

    Attributes:
        operator: of the condition.
        good: a value the request meets.
        bad: one it does not.
        ask: client method.
        request: without KeyId; callables are given the bench and the key.
        caller: who asks.
        spec: of the key, and its usage.
        code: the error that follows once the request is allowed, or empty.
        without_key: whether the request names no key, so that an identity policy decides.
        also: what an identity policy of the caller allows besides.
    """

    operator: str
    good: str | list[str]
    bad: str | list[str]
    ask: str = "encrypt"
    request: dict[str, Any] = field(default_factory=lambda: ENCRYPT)
    caller: Caller = ANNA
    spec: tuple[str, str] = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    code: str = ""
    without_key: bool = False
    also: tuple[str, ...] = ()


def moment(bench: Bench, _: str) -> Any:
    """When imported material is to expire."""
    return bench.clock.now() + timedelta(days=1)


def sealed(bench: Bench, key: str) -> Any:
    return bench.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]


def itself(_: Bench, key: str) -> Any:
    return key


def by_alias(bench: Bench, key: str) -> Any:
    named(bench, key)
    return f"alias/red-{key}"


def public_key(bench: Bench, key: str) -> Any:
    return bench.kms.get_public_key(KeyId=key)["PublicKey"]


def named(bench: Bench, key: str) -> Any:
    bench.kms.create_alias(AliasName=f"alias/red-{key}", TargetKeyId=key)
    return b"x"


def own_policy(bench: Bench, key: str) -> Any:
    return bench.kms.get_key_policy(KeyId=key)["Policy"]


SIGN: dict[str, Any] = {
    "ask": "sign",
    "request": {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256", "MessageType": "RAW"},
    "spec": (EC, "SIGN_VERIFY"),
}
REENCRYPT: dict[str, Any] = {
    "ask": "re_encrypt",
    "request": {"CiphertextBlob": sealed, "DestinationKeyId": itself},
}
IMPORT: dict[str, Any] = {
    "ask": "import_key_material",
    "request": {
        "ImportToken": b"t",
        "EncryptedKeyMaterial": b"m",
        "ExpirationModel": "KEY_MATERIAL_EXPIRES",
        "ValidTo": moment,
    },
    "code": "UnsupportedOperationException",
}
PARAMETERS: dict[str, Any] = {
    "ask": "get_parameters_for_import",
    "request": {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
    "code": "UnsupportedOperationException",
}
TAG: dict[str, Any] = {
    "ask": "tag_resource",
    "request": {"Tags": [{"TagKey": "Cost", "TagValue": "1"}]},
}
CREATE: dict[str, Any] = {"ask": "create_key", "request": {}, "without_key": True}
GRANTING: dict[str, Any] = {"ask": "create_grant", "request": GRANT}
TO_SERVICE: dict[str, Any] = {"ask": "create_grant", "request": FOR_SERVICE}

CASES: dict[str, Case] = {
    "aws:CalledVia": Case(
        "ForAnyValue:StringEquals", "s3.amazonaws.com", "ec2.amazonaws.com", caller=VIA_S3
    ),
    "aws:CurrentTime": Case("DateGreaterThan", "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"),
    "aws:EpochTime": Case("NumericGreaterThan", "1000000000", "99999999999"),
    "aws:PrincipalAccount": Case("StringEquals", ACCOUNT, OTHER_ACCOUNT),
    "aws:PrincipalArn": Case("ArnLike", "arn:aws:iam::*:user/ann?", "arn:aws:iam::*:user/bob"),
    "aws:PrincipalIsAWSService": Case("Bool", "true", "false", caller=S3),
    "aws:PrincipalOrgID": Case("StringEquals", ORG, "o-zzzzzzzzzz"),
    "aws:PrincipalOrgPaths": Case("ForAnyValue:StringLike", f"{ORG}/r-ab12/*", f"{ORG}/r-cd34/*"),
    "aws:UserAgent": Case("StringLike", "key-workbench*", "aws-cli/*"),
    "aws:PrincipalServiceName": Case(
        "StringEquals", "s3.amazonaws.com", "ec2.amazonaws.com", caller=S3
    ),
    "aws:PrincipalTag/Team": Case("StringEquals", "red", "blue"),
    "aws:PrincipalType": Case("StringEquals", "User", "AssumedRole"),
    "aws:RequestTag/cost": Case("StringEquals", "1", "2", **TAG),
    "aws:RequestedRegion": Case("StringEquals", "us-west-2", "us-east-1"),
    "aws:ResourceAccount": Case("StringEquals", ACCOUNT, OTHER_ACCOUNT),
    "aws:ResourceTag/Colour": Case("StringEquals", "green", "red"),
    "aws:SecureTransport": Case("Bool", "true", "false"),
    "aws:SourceAccount": Case("StringEquals", ACCOUNT, OTHER_ACCOUNT, caller=S3),
    "aws:SourceArn": Case("ArnEquals", BUCKET, BUCKET + "2", caller=S3),
    "aws:SourceIp": Case("IpAddress", "127.0.0.0/8", "10.0.0.0/8"),
    "aws:SourceOrgID": Case("StringEquals", ORG, "o-zzzzzzzzzz", caller=S3),
    "aws:TagKeys": Case("ForAllValues:StringEquals", ["Cost", "x"], ["cost"], **TAG),
    "aws:ViaAWSService": Case("Bool", "true", "false", caller=VIA_S3),
    "aws:userid": Case("StringEquals", "<id of anna>", "anna"),
    "aws:username": Case("StringEquals", "anna", "bob"),
    "kms:BypassPolicyLockoutSafetyCheck": Case(
        "Bool",
        "true",
        "false",
        ask="put_key_policy",
        request={"Policy": own_policy, "BypassPolicyLockoutSafetyCheck": True},
    ),
    "kms:CallerAccount": Case("StringEquals", ACCOUNT, OTHER_ACCOUNT),
    "kms:CustomerMasterKeySpec": Case("StringEquals", "SYMMETRIC_DEFAULT", "RSA_2048"),
    "kms:CustomerMasterKeyUsage": Case("StringEquals", "ENCRYPT_DECRYPT", "SIGN_VERIFY"),
    "kms:DataKeyPairSpec": Case(
        "StringEquals",
        EC,
        "ECC_NIST_P384",
        ask="generate_data_key_pair_without_plaintext",
        request={"KeyPairSpec": EC},
    ),
    "kms:EncryptionAlgorithm": Case("StringEquals", "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256"),
    "kms:EncryptionContext:A": Case("StringEquals", "1", "2"),
    "kms:EncryptionContextKeys": Case(
        "ForAllValues:StringEquals", ["a", "b"], ["a", "B"], **GRANTING
    ),
    "kms:ExpirationModel": Case(
        "StringEquals", "KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE", **IMPORT
    ),
    "kms:GrantConstraintSourceArn": Case("ArnEquals", BUCKET, BUCKET + "2", **TO_SERVICE),
    "kms:GrantConstraintType": Case(
        "StringEquals", "EncryptionContextSubset", "EncryptionContextEquals", **GRANTING
    ),
    "kms:GrantIsForAWSResource": Case("Bool", "true", "false", **GRANTING, caller=VIA_S3),
    "kms:GrantOperations": Case(
        "ForAllValues:StringEquals", ["Encrypt", "Decrypt"], ["Encrypt"], **GRANTING
    ),
    "kms:GranteePrincipal": Case("ArnEquals", ROOT, ANNA.arn, **GRANTING),
    "kms:GranteeServicePrincipal": Case(
        "StringEquals", "s3.amazonaws.com", "ec2.amazonaws.com", **TO_SERVICE
    ),
    "kms:KeyAgreementAlgorithm": Case(
        "StringEquals",
        "ECDH",
        "X25519",
        ask="derive_shared_secret",
        request={"KeyAgreementAlgorithm": "ECDH", "PublicKey": public_key},
        spec=(EC, "KEY_AGREEMENT"),
    ),
    "kms:KeyOrigin": Case("StringEquals", "AWS_KMS", "EXTERNAL"),
    "kms:KeySpec": Case("StringEquals", "SYMMETRIC_DEFAULT", "RSA_2048", **CREATE),
    "kms:KeyUsage": Case("StringEquals", "SIGN_VERIFY", "ENCRYPT_DECRYPT", **SIGN),
    "kms:MacAlgorithm": Case(
        "StringEquals",
        "HMAC_SHA_256",
        "HMAC_SHA_512",
        ask="generate_mac",
        request={"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"},
        spec=(MAC, "GENERATE_VERIFY_MAC"),
    ),
    "kms:MessageType": Case("StringEquals", "RAW", "DIGEST", **SIGN),
    "kms:MultiRegion": Case("Bool", "true", "false"),
    "kms:MultiRegionKeyType": Case("StringEquals", "PRIMARY", "REPLICA"),
    "kms:PrimaryRegion": Case(
        "StringEquals",
        "eu-west-1",
        "eu-west-2",
        ask="update_primary_region",
        request={"PrimaryRegion": "eu-west-1"},
        code="NotFoundException",
    ),
    "kms:ReEncryptOnSameKey": Case("Bool", "true", "false", **REENCRYPT),
    "kms:ReplicaRegion": Case(
        "StringEquals",
        "eu-west-1",
        "eu-west-2",
        ask="replicate_key",
        request={"ReplicaRegion": "eu-west-1"},
        also=("kms:CreateKey",),
    ),
    "kms:RequestAlias": Case(
        "StringLike", "alias/red-*", "alias/blue-*", request={"KeyId": by_alias, "Plaintext": b"x"}
    ),
    "kms:ResourceAliases": Case(
        "ForAnyValue:StringLike", "alias/red-*", "alias/blue-*", request={"Plaintext": named}
    ),
    "kms:RetiringPrincipal": Case("ArnEquals", ROOT, ANNA.arn, **GRANTING),
    "kms:RetiringServicePrincipal": Case(
        "StringEquals", "s3.amazonaws.com", "ec2.amazonaws.com", **TO_SERVICE
    ),
    "kms:RotationPeriodInDays": Case(
        "NumericLessThanEquals",
        "90",
        "89",
        ask="enable_key_rotation",
        request={"RotationPeriodInDays": 90},
    ),
    "kms:ScheduleKeyDeletionPendingWindowInDays": Case(
        "NumericGreaterThanEquals", "30", "31", ask="schedule_key_deletion", request={}
    ),
    "kms:SigningAlgorithm": Case("StringEquals", "ECDSA_SHA_256", "ECDSA_SHA_384", **SIGN),
    "kms:ValidTo": Case("NumericLessThanEquals", "99999999999", "1000000000", **IMPORT),
    "kms:ViaService": Case(
        "StringEquals",
        "s3.us-west-2.amazonaws.com",
        "s3.us-east-1.amazonaws.com",
        caller=VIA_S3,
    ),
    "kms:WrappingAlgorithm": Case(
        "StringEquals", "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", **PARAMETERS
    ),
    "kms:WrappingKeySpec": Case("StringEquals", "RSA_2048", "RSA_4096", **PARAMETERS),
}
FAMILIES = {
    "aws:principaltag/team",
    "aws:requesttag/cost",
    "aws:resourcetag/colour",
    "kms:encryptioncontext:a",
}
"""Keys whose names hold a name of the user's choice."""


@pytest.fixture(scope="module")
def people(shared: Bench) -> dict[str, str]:
    """Users that the vault knows, by name, with their unique ids; its organization is `ORG`."""
    shared.set_organization(PATH)
    made = shared.client("iam", "").create_user(UserName="anna")["User"]
    return {"anna": made["UserId"]}


def test_every_key_has_a_case() -> None:
    assert {name.lower() for name in CASES} == set(CONDITION_KEYS) | FAMILIES


def outcome(bench: Bench, case: Case, condition: dict[str, Any]) -> str:
    """Ask on a new key whose policy, or for whom a policy, has the condition; return the error."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*", "Service": "s3.amazonaws.com"},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": condition,
    }
    own = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    kms: Any = bench.kms
    spec, usage = case.spec
    key = kms.create_key(
        Policy=policy(own, statement),
        KeySpec=spec,
        KeyUsage=usage,
        MultiRegion=True,
        Tags=[{"TagKey": "colour", "TagValue": "green"}],
    )["KeyMetadata"]["KeyId"]
    request = {
        name: value(bench, key) if callable(value) else value
        for name, value in case.request.items()
    }
    if case.ask != "re_encrypt" and not case.without_key:
        request = {"KeyId": key, **request}
    allowed = [allow(*case.also)] if case.also else []
    if case.without_key:
        allowed.append(allow("kms:*", **condition))
    caller = case.caller
    if caller.kind == "IAMUser":
        caller = user(
            "anna",
            *allowed,
            tags=caller.tags,
            organization=caller.organization,
            invoked_by=caller.invoked_by,
        )
    try:
        getattr(client_of(bench, caller), case.ask)(**request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_key_decides(shared: Bench, people: dict[str, str], name: str) -> None:
    case = CASES[name]
    good: Any = case.good
    if good == "<id of anna>":
        good = people["anna"]
        assert good.startswith("AIDA")
    condition = {case.operator: {name: good}, "Null": {name: "false"}}
    assert outcome(shared, case, condition) == case.code
    condition[case.operator] = {name: case.bad}
    assert outcome(shared, case, condition) == "AccessDeniedException"
