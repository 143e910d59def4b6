"""For every operation of AWS KMS on a key, a request that has nothing wrong but perhaps its key."""

from typing import Any, Final

from tests.fakes.kms_zoo import GRANT, REPLICA, Request, Zoo

TAGS: Final = [{"TagKey": "a", "TagValue": "b"}]
SIGNED: Final = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
MAC: Final = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
_KEM: Final = {"EncapsulationAlgorithm": "ML_KEM"}
PAIR: Final = {"KeyPairSpec": "ECC_NIST_P256"}
_DATA_KEY: Final = {"KeySpec": "AES_256"}
_WRAPPING: Final = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
POLICY: Final = (
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}]}'
)

ON_KEYS: Final[dict[str, tuple[str, Request]]] = {
    "CancelKeyDeletion": ("symmetric", {}),
    "CreateAlias": ("symmetric", {"AliasName": "alias/new"}),
    "CreateGrant": ("symmetric", GRANT),
    "Decapsulate": ("kem", {**_KEM, "SharedSecretCiphertextBlob": b"0" * 32}),
    "Decrypt": ("symmetric", {}),
    "DeleteImportedKeyMaterial": ("external", {}),
    "DeriveSharedSecret": ("agreement", {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"}),
    "DescribeKey": ("symmetric", {}),
    "DisableKey": ("symmetric", {}),
    "DisableKeyRotation": ("symmetric", {}),
    "EnableKey": ("symmetric", {}),
    "EnableKeyRotation": ("symmetric", {}),
    "Encapsulate": ("kem", _KEM),
    "Encrypt": ("symmetric", {"Plaintext": b"x"}),
    "GenerateDataKey": ("symmetric", _DATA_KEY),
    "GenerateDataKeyPair": ("symmetric", PAIR),
    "GenerateDataKeyPairWithoutPlaintext": ("symmetric", PAIR),
    "GenerateDataKeyWithoutPlaintext": ("symmetric", _DATA_KEY),
    "GenerateMac": ("hmac", MAC),
    "GetKeyLastUsage": ("symmetric", {}),
    "GetKeyPolicy": ("symmetric", {}),
    "GetKeyRotationStatus": ("symmetric", {}),
    "GetParametersForImport": ("external", _WRAPPING),
    "GetPublicKey": ("signing", {}),
    "ImportKeyMaterial": ("external", {"ImportToken": b"x", "EncryptedKeyMaterial": b"x"}),
    "ListAliases": ("symmetric", {}),
    "ListGrants": ("symmetric", {}),
    "ListKeyPolicies": ("symmetric", {}),
    "ListKeyRotations": ("symmetric", {}),
    "ListResourceTags": ("symmetric", {}),
    "PutKeyPolicy": ("symmetric", {"Policy": POLICY}),
    "ReEncrypt": ("symmetric", {}),
    "ReplicateKey": ("shared", {"ReplicaRegion": REPLICA}),
    "RetireGrant": ("symmetric", {"GrantId": "0" * 64}),
    "RevokeGrant": ("symmetric", {"GrantId": "0" * 64}),
    "RotateKeyOnDemand": ("symmetric", {}),
    "ScheduleKeyDeletion": ("symmetric", {}),
    "Sign": ("signing", SIGNED),
    "TagResource": ("symmetric", {"Tags": TAGS}),
    "UntagResource": ("symmetric", {"TagKeys": ["a"]}),
    "UpdateAlias": ("symmetric", {}),
    "UpdateKeyDescription": ("symmetric", {"Description": "d"}),
    "UpdatePrimaryRegion": ("shared", {"PrimaryRegion": REPLICA}),
    "Verify": ("signing", {**SIGNED, "Signature": b"x"}),
    "VerifyMac": ("hmac", {**MAC, "Mac": b"x"}),
}
"""By operation, the kind of key it is on and what else a request has."""


def on_key(operation: str, zoo: Zoo, key: str, **more: Any) -> Request:
    """Return a request of an operation on a key."""
    rest = dict(ON_KEYS[operation][1])
    if operation in {"Decrypt", "ReEncrypt"}:
        rest["CiphertextBlob"] = zoo.blob(zoo.key("symmetric"))
    if operation == "UpdateAlias":
        rest["AliasName"] = zoo.alias("there")
    alias = operation in {"CreateAlias", "UpdateAlias"}
    member = "TargetKeyId" if alias else "KeyId"
    if operation == "ReEncrypt":
        member = "DestinationKeyId"
    return {member: key, **rest, **more}
