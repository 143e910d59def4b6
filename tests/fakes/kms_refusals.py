"""For every operation of AWS KMS, requests that meet the errors which its model declares.

What is wrong with a request is mostly the same for all operations; the rest is one table.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from tests.fakes.kms_requests import ON_KEYS, POLICY, TAGS, on_key
from tests.fakes.kms_store_refusals import ON_STORES
from tests.fakes.kms_tour import ANNA
from tests.fakes.kms_zoo import Refused, Request, Zoo

_OAEP: Final = "RSAES_OAEP_SHA_256"
_LONG: Final = {"Policy": POLICY + " " * 32_768}
_BROKEN: Final = {"Policy": "{}"}
_TWICE: Final = {"Tags": [*TAGS, *TAGS]}
_NOBODY: Final = "arn:aws:kms:us-west-2:111122223333:nothing/here"
_NO_KEY: Final = "00000000-0000-4000-8000-000000000000"

_USUAL: Final[dict[str, Callable[[str, Callable[..., Request], Zoo], Request]]] = {
    "NotFoundException": lambda _kind, on, _zoo: on(_NO_KEY),
    "InvalidArnException": lambda _kind, on, _zoo: on(_NOBODY),
    "DisabledException": lambda kind, on, zoo: on(zoo.key(kind, "disabled")),
    "KMSInvalidStateException": lambda kind, on, zoo: on(zoo.key(kind, "leaving")),
    "KMSInternalException": lambda kind, on, zoo: on(zoo.key(kind, "hollow")),
    "InvalidKeyUsageException": lambda kind, on, zoo: on(
        zoo.key("symmetric" if kind == "hmac" else "hmac")
    ),
    "InvalidGrantTokenException": lambda kind, on, zoo: on(zoo.key(kind), GrantTokens=["x"]),
    "DryRunOperationException": lambda kind, on, zoo: on(zoo.key(kind), DryRun=True),
    "InvalidMarkerException": lambda kind, on, zoo: on(zoo.key(kind), Marker="none!"),
    "UnsupportedOperationException": lambda _kind, on, zoo: on(zoo.key("hmac")),
    "MalformedPolicyDocumentException": lambda kind, on, zoo: on(zoo.key(kind), **_BROKEN),
    "TagException": lambda kind, on, zoo: on(zoo.key(kind), **_TWICE),
}
"""What meets an error on most operations; given the kind of key and a maker of requests."""


def _on(operation: str, kind: str, state: str = "", **more: Any) -> Refused:
    return lambda zoo: on_key(operation, zoo, zoo.key(kind, state), **more)


def _aliased(operation: str) -> Refused:
    """Return a request for an alias of a key that can have no more."""

    def request(zoo: Zoo) -> Request:
        zoo.alias("full")
        return on_key(operation, zoo, zoo.key("symmetric", "full"))

    return request


def _granted(operation: str, **more: Any) -> Refused:
    """Return a request on a key that has a grant and can have no more."""

    def request(zoo: Zoo) -> Request:
        key = zoo.key("symmetric", "granted")
        grant = zoo.grant(key)
        own = {} if operation == "CreateGrant" else {"GrantId": grant}
        return on_key(operation, zoo, key, **own, **more)

    return request


def _expired(zoo: Zoo) -> Request:
    request = zoo.import_of(zoo.key("external"), b"2" * 32)
    zoo.bench.clock.travel(timedelta(hours=24))
    return request


SPECIAL: Final[dict[str, Refused]] = {
    "CancelKeyDeletion.KMSInvalidStateException": _on("CancelKeyDeletion", "symmetric"),
    "CreateAlias.AlreadyExistsException": lambda zoo: on_key(
        "CreateAlias", zoo, zoo.key("symmetric"), AliasName=zoo.alias("there")
    ),
    "CreateAlias.InvalidAliasNameException": _on("CreateAlias", "symmetric", AliasName="alias/a:b"),
    "CreateAlias.LimitExceededException": _aliased("CreateAlias"),
    "CreateGrant.LimitExceededException": _granted("CreateGrant"),
    "CreateKey.LimitExceededException": lambda _zoo: _LONG,
    "CreateKey.MalformedPolicyDocumentException": lambda _zoo: _BROKEN,
    "CreateKey.TagException": lambda _zoo: _TWICE,
    "CreateKey.UnsupportedOperationException": lambda _zoo: {
        "KeySpec": "SM2",
        "KeyUsage": "SIGN_VERIFY",
    },
    "Decapsulate.InvalidCiphertextException": _on("Decapsulate", "kem"),
    "Decrypt.IncorrectKeyException": _on("Decrypt", "symmetric", "other"),
    "Decrypt.InvalidCiphertextException": _on("Decrypt", "symmetric", CiphertextBlob=b"x"),
    "Decrypt.KMSInternalException": _on("Decrypt", "rsa", "hollow", EncryptionAlgorithm=_OAEP),
    "DeleteAlias.NotFoundException": lambda _zoo: {"AliasName": "alias/none"},
    "DeleteImportedKeyMaterial.KMSInvalidStateException": _on(
        "DeleteImportedKeyMaterial", "shared external", "updating"
    ),
    "EnableKeyRotation.KMSInvalidStateException": _on("EnableKeyRotation", "symmetric", "leaving"),
    "GenerateDataKeyPair.UnsupportedOperationException": _on(
        "GenerateDataKeyPair", "symmetric", KeyPairSpec="SM2"
    ),
    "GenerateDataKeyPairWithoutPlaintext.UnsupportedOperationException": _on(
        "GenerateDataKeyPairWithoutPlaintext", "symmetric", KeyPairSpec="SM2"
    ),
    "ImportKeyMaterial.ExpiredImportTokenException": _expired,
    "ImportKeyMaterial.IncorrectKeyMaterialException": lambda zoo: zoo.import_of(
        zoo.imported("external"), b"2" * 32
    ),
    "ImportKeyMaterial.InvalidCiphertextException": lambda zoo: zoo.import_of(
        zoo.key("external"), b"2" * 32, EncryptedKeyMaterial=b"x"
    ),
    "ImportKeyMaterial.InvalidImportTokenException": _on(
        "ImportKeyMaterial", "external", ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE"
    ),
    "ListGrants.InvalidGrantIdException": _on("ListGrants", "symmetric", GrantId="x"),
    "ListKeys.InvalidMarkerException": lambda _zoo: {"Marker": "none!"},
    "ListRetirableGrants.InvalidArnException": lambda _zoo: {"RetiringPrincipal": "anna"},
    "ListRetirableGrants.InvalidMarkerException": lambda _zoo: {
        "RetiringPrincipal": ANNA,
        "Marker": "none!",
    },
    "PutKeyPolicy.LimitExceededException": _on("PutKeyPolicy", "symmetric", **_LONG),
    "ReEncrypt.IncorrectKeyException": lambda zoo: on_key(
        "ReEncrypt", zoo, zoo.key("symmetric"), SourceKeyId=zoo.key("symmetric", "other")
    ),
    "ReEncrypt.InvalidCiphertextException": _on("ReEncrypt", "symmetric", CiphertextBlob=b"x"),
    "ReplicateKey.AlreadyExistsException": _on("ReplicateKey", "shared", "replicated"),
    "ReplicateKey.LimitExceededException": _on("ReplicateKey", "shared", **_LONG),
    "RetireGrant.DryRunOperationException": _granted("RetireGrant", DryRun=True),
    "RetireGrant.InvalidGrantIdException": _on("RetireGrant", "symmetric", GrantId="x"),
    "RetireGrant.InvalidGrantTokenException": lambda _zoo: {"GrantToken": "x"},
    "RevokeGrant.DryRunOperationException": _granted("RevokeGrant", DryRun=True),
    "RevokeGrant.InvalidGrantIdException": _on("RevokeGrant", "symmetric", GrantId="x"),
    "RotateKeyOnDemand.ConflictException": _on("RotateKeyOnDemand", "symmetric", "rotating"),
    "RotateKeyOnDemand.LimitExceededException": _on("RotateKeyOnDemand", "symmetric", "rotated"),
    "UpdateAlias.LimitExceededException": _aliased("UpdateAlias"),
    "UpdatePrimaryRegion.UnsupportedOperationException": _on("UpdatePrimaryRegion", "symmetric"),
    "Verify.KMSInvalidSignatureException": _on("Verify", "signing"),
    "VerifyMac.KMSInvalidMacException": _on("VerifyMac", "hmac"),
}
"""What meets one error of one operation, by `operation.error`."""


def refused(operation: str, error: str, zoo: Zoo) -> Request:
    """Return a request of an operation that meets an error.

    Raises:
        KeyError: none is known.
    """
    name = f"{operation}.{error}"
    special = SPECIAL.get(name) or ON_STORES.get(name)
    if special is not None:
        return special(zoo)
    kind = ON_KEYS[operation][0]
    return _USUAL[error](kind, partial(on_key, operation, zoo), zoo)
