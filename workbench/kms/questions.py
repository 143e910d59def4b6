"""Which permissions a request needs: mostly one on one key, sometimes several or none.

Must not decide them; see `workbench.kms.authorising`.

Source: AWS KMS Developer Guide, "AWS KMS permissions" and "Permissions for using multiple keys".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.base.errors import IntegrityError
from workbench.base.identifiers import Place
from workbench.kms.grant_store import Grant, GrantStore
from workbench.kms.grants import may_retire
from workbench.kms.key_store_blobs import blob_material_id
from workbench.kms.lookup import Finder
from workbench.kms.records import KeyRecord

WITHOUT_KEY: Final = frozenset(
    {
        "CreateKey",
        "ListKeys",
        "ListAliases",
        "ListRetirableGrants",
        "GenerateRandom",
        "CreateCustomKeyStore",
        "DescribeCustomKeyStores",
        "UpdateCustomKeyStore",
        "DeleteCustomKeyStore",
        "ConnectCustomKeyStore",
        "DisconnectCustomKeyStore",
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """One permission a request needs.

    Attributes:
        action: KMS action without its prefix.
        record: the key, or None where the permission is on no key.
        resource: ARN that policies name; `*` for none.
        place: where the key is, if not in the Region that is asked.
        partner: the other key of ReEncrypt, or None.
    """

    action: str
    record: KeyRecord | None
    resource: str
    place: Place | None = None
    partner: KeyRecord | None = None


KEYS_BY_ID: Final = frozenset(
    {
        "CancelKeyDeletion",
        "CreateAlias",
        "CreateGrant",
        "DeleteImportedKeyMaterial",
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "GetKeyLastUsage",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "GetParametersForImport",
        "ImportKeyMaterial",
        "ListAliases",
        "ListGrants",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListResourceTags",
        "PutKeyPolicy",
        "ReplicateKey",
        "RetireGrant",
        "RevokeGrant",
        "RotateKeyOnDemand",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
        "UpdatePrimaryRegion",
    }
)
"""Operations that take a key's id or ARN, and no alias (each operation's KeyId in AWS's API)."""


def refuse_aliases(request: dict[str, Any]) -> None:
    """Refuse an alias where AWS takes a key's id or ARN only.

    Raises:
        AwsError: NotFoundException for an alias name, InvalidArnException for an alias ARN,
            ValidationException for an alias's target.
    """
    member = "TargetKeyId" if "TargetKeyId" in request else "KeyId"
    identifier = request.get(member, "")
    step = f"Give the key's id or ARN as {member}: DescribeKey with the alias tells both."
    by_arn = identifier.startswith("arn:") and ":alias/" in identifier
    if not by_arn and not identifier.startswith("alias/"):
        return
    if member == "TargetKeyId":
        raise AwsError("ValidationException", "Aliases must refer to keys. Not aliases", step)
    if by_arn:
        raise AwsError(
            "InvalidArnException", "Key Aliases are not supported for this operation.", step
        )
    raise AwsError("NotFoundException", f"Invalid keyId '{identifier}'", step)


class Questions:
    """Knows the operations that are not simply about the key they name.

    Args:
        finder: finds keys.
        grants: the grants of the Region.
    """

    def __init__(self, finder: Finder, grants: GrantStore) -> None:
        self._finder = finder
        self._place = finder.place
        self._grants = grants
        self._special: Mapping[str, Callable[[Call, dict[str, Any]], list[Question]]] = {
            "Decrypt": self._decrypt,
            "ReEncrypt": self._re_encrypt,
            "CreateAlias": self._create_alias,
            "UpdateAlias": self._update_alias,
            "DeleteAlias": self._delete_alias,
            "CreateKey": self._create_key,
            "ReplicateKey": self._replicate,
            "UpdatePrimaryRegion": self._update_primary,
            "RetireGrant": self._retire,
        }

    def of(self, call: Call, name: str, request: dict[str, Any]) -> list[Question]:
        """Return the permissions that a request needs; none about what is not there.

        Args:
            call: who asks.
            name: AWS operation, one of `NOT_ON_ONE_KEY`.
            request: its parameters.

        Raises:
            AwsError: InvalidGrantTokenException.
        """
        special = self._special.get(name)
        return [Question(name, None, "*")] if special is None else special(call, request)

    def _on_key(self, action: str, identifier: str) -> list[Question]:
        """Return the question about a key; none where it is not there: the operation says so."""
        try:
            record = self._finder.find(identifier)
        except AwsError:
            return []
        return [Question(action, record, record.arn(self._place))]

    def named(self, action: str, identifier: str) -> list[Question]:
        """As `_on_key`, but about nothing at the identifier where no key is there.

        So only those who may ask about it hear that it is not.
        """
        return self._on_key(action, identifier) or [self.about_nothing(action, identifier)]

    def about_nothing(self, action: str, identifier: str) -> Question:
        """Return the question about an identifier that leads to no key."""
        arn = identifier
        if not identifier.startswith("arn:"):
            kind = "" if identifier.startswith("alias/") else "key/"
            arn = self._place.arn("kms", f"{kind}{identifier}")
        return Question(action, None, arn)

    def _on_ciphertext(self, action: str, identifier: str, blob: object) -> list[Question]:
        """Return the question about the key a request or its ciphertext names."""
        if identifier:
            return self._on_key(action, identifier)
        if not isinstance(blob, bytes | bytearray):
            return []
        try:
            material = self._finder.store.material(blob_material_id(bytes(blob)))
        except IntegrityError:
            return []
        return [] if material is None else self._on_key(action, material.binding.key_id)

    def _decrypt(self, call: Call, request: dict[str, Any]) -> list[Question]:
        del call
        return self._on_ciphertext(
            "Decrypt", request.get("KeyId", ""), request.get("CiphertextBlob")
        )

    def _re_encrypt(self, call: Call, request: dict[str, Any]) -> list[Question]:
        del call
        source = self._on_ciphertext(
            "ReEncryptFrom", request.get("SourceKeyId", ""), request.get("CiphertextBlob")
        )
        target = self._on_key("ReEncryptTo", request["DestinationKeyId"])
        if not (source and target):
            return source + target
        (first,), (second,) = source, target
        return [replace(first, partner=second.record), replace(second, partner=first.record)]

    def _alias_change(self, name: str, request: dict[str, Any]) -> list[Question]:
        alias = request["AliasName"]
        found = [Question(name, None, self._place.arn("kms", alias))]
        if name != "CreateAlias":
            known = self._finder.store.alias(alias)
            found += self._on_key(name, known.key_id) if known else []
        if name != "DeleteAlias":
            found += self._on_key(name, request["TargetKeyId"])
        return found

    def _create_alias(self, call: Call, request: dict[str, Any]) -> list[Question]:
        del call
        return self._alias_change("CreateAlias", request)

    def _update_alias(self, call: Call, request: dict[str, Any]) -> list[Question]:
        del call
        return self._alias_change("UpdateAlias", request)

    def _delete_alias(self, call: Call, request: dict[str, Any]) -> list[Question]:
        del call
        return self._alias_change("DeleteAlias", request)

    def _create_key(self, call: Call, request: dict[str, Any]) -> list[Question]:
        del call
        found = [Question("CreateKey", None, "*")]
        if request.get("Tags"):
            found.append(Question("TagResource", None, "*"))
        return found

    def _replicate(self, call: Call, request: dict[str, Any]) -> list[Question]:
        found = self.named("ReplicateKey", request["KeyId"])
        return found + self._create_key(call, request)

    def _update_primary(self, call: Call, request: dict[str, Any]) -> list[Question]:
        del call
        (primary,) = self.named("UpdatePrimaryRegion", request["KeyId"])
        place = self._place.elsewhere(request["PrimaryRegion"])
        stores, key = self._finder.stores, primary.record
        if key is None or place.region not in stores.regions_of(key.id):
            return [primary]
        replica = stores.region(place.region).key(key.id)
        return [primary, Question(primary.action, replica, key.arn(place), place)]

    def _retire(self, call: Call, request: dict[str, Any]) -> list[Question]:
        """Who is named by the grant may retire it; others need a policy."""
        if request.get("GrantToken"):
            grant: Grant | None = self._grants.of_token(request["GrantToken"])
        else:
            grant = self._grants.get(request.get("GrantId", ""))
        if grant is None or may_retire(call.caller, grant, self._place.account):
            return []
        return self._on_key("RetireGrant", grant.key_id)


NOT_ON_ONE_KEY: Final = WITHOUT_KEY | frozenset(
    {
        "Decrypt",
        "ReEncrypt",
        "CreateAlias",
        "UpdateAlias",
        "DeleteAlias",
        "ReplicateKey",
        "RetireGrant",
        "UpdatePrimaryRegion",
    }
)
"""Operations whose permissions `Questions.of` knows; all others need one on the key they name."""
