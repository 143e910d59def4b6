"""KMS permissions that concern one key, and those a grant on it may give.

Source: AWS KMS Developer Guide, "AWS KMS permissions" and "Grants in AWS KMS" (grant operations).
Knows no Qt.
"""

from typing import Final

SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_DATA_KEYS: Final = (
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
)
_CRYPT: Final = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo")
_USES: Final = {
    "ENCRYPT_DECRYPT": _CRYPT,
    "SIGN_VERIFY": ("Sign", "Verify"),
    "GENERATE_VERIFY_MAC": ("GenerateMac", "VerifyMac"),
    "KEY_AGREEMENT": ("DeriveSharedSecret",),
    "ENCAPSULATE_DECAPSULATE": ("Encapsulate", "Decapsulate"),
}
_ANY_GRANT: Final = ("CreateGrant", "RetireGrant", "DescribeKey")
_LOOK: Final = ("DescribeKey", "GetKeyPolicy", "ListKeyPolicies", "ListGrants", "ListResourceTags")
_MANAGE: Final = (
    "PutKeyPolicy",
    "CreateGrant",
    "RevokeGrant",
    "EnableKey",
    "DisableKey",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "UpdateKeyDescription",
    "CreateAlias",
    "UpdateAlias",
    "DeleteAlias",
    "TagResource",
    "UntagResource",
)
_ROTATE: Final = (
    "GetKeyRotationStatus",
    "ListKeyRotations",
    "EnableKeyRotation",
    "DisableKeyRotation",
    "RotateKeyOnDemand",
)
_IMPORT: Final = ("GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial")
_REPLICATE: Final = ("ReplicateKey", "UpdatePrimaryRegion")


def _pair(spec: str) -> bool:
    return spec != SYMMETRIC and not spec.startswith("HMAC_")


def uses_of(usage: str, spec: str) -> tuple[str, ...]:
    """Return the cryptographic operations that a key of a usage and spec does."""
    found = _USES.get(usage, ())
    if spec == SYMMETRIC:
        found = (*found, *_DATA_KEYS)
    return (*found, "GetPublicKey") if _pair(spec) else found


def grant_operations(usage: str, spec: str) -> tuple[str, ...]:
    """Return the operations that a grant on a key of a usage and spec may permit."""
    return (*uses_of(usage, spec), *_ANY_GRANT)


def management_of(spec: str, origin: str, *, multi_region: bool) -> tuple[str, ...]:
    """Return the permissions to look at a key and to manage it."""
    found: tuple[str, ...] = (*_LOOK, *_MANAGE)
    if spec == SYMMETRIC:
        found += _ROTATE
    if origin == "EXTERNAL":
        found += _IMPORT
    return found + _REPLICATE if multi_region else found
