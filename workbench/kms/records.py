"""What is stored about a KMS key and its key materials, and what AWS tells of it.

Source: AWS KMS API Reference, KeyMetadata and RotationsListEntry.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from workbench.api.errors import AwsError
from workbench.base.identifiers import Place
from workbench.crypto.table import KEY_SPECS, KeySpec
from workbench.hsm.user import KeyBinding, KeyToken

ENABLED = "Enabled"
DISABLED = "Disabled"
PENDING_DELETION = "PendingDeletion"
PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
PENDING_IMPORT = "PendingImport"
CREATING = "Creating"
UPDATING = "Updating"
UNAVAILABLE = "Unavailable"
LEAVING = frozenset({PENDING_DELETION, PENDING_REPLICA_DELETION})
"""States in which a key waits for its deletion."""

CURRENT = "CURRENT"
NON_CURRENT = "NON_CURRENT"
PENDING_ROTATION = "PENDING_ROTATION"
PENDING_REPLICAS = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"

IMPORTED = "IMPORTED"
NOT_IMPORTED = "PENDING_IMPORT"
EXPIRES = "KEY_MATERIAL_EXPIRES"
EXPIRES_NOT = "KEY_MATERIAL_DOES_NOT_EXPIRE"

AUTOMATIC = "AUTOMATIC"
ON_DEMAND = "ON_DEMAND"

AWS_KMS = "AWS_KMS"
EXTERNAL = "EXTERNAL"
EXTERNAL_KEY_STORE = "EXTERNAL_KEY_STORE"
AWS_CLOUDHSM = "AWS_CLOUDHSM"

_DATES = (
    "created",
    "deletion_date",
    "next_rotation",
    "rotation_base",
    "background_start",
    "expires",
)
_ALGORITHM_MEMBERS = {
    "SIGN_VERIFY": "SigningAlgorithms",
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}


class Background(StrEnum):
    """What the background worker is to do with a key next; see `KeyRecord.background`."""

    NONE = ""
    ROTATE = "rotate on demand"
    CREATE = "finish creation"
    UPDATE_PRIMARY = "finish the change of the primary Region"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One KMS key without its material.

    Attributes:
        id: key id (UUID or `mrk-…`).
        spec: AWS key spec.
        usage: AWS key usage.
        created: creation date, UTC.
        state: AWS key state.
        description: free text.
        origin: AWS origin of the material.
        multi_region: whether it is a multi-Region key.
        policy: key policy document, JSON text.
        tags: tag key to tag value.
        deletion_date: when a pending deletion takes place.
        rotation_enabled: whether automatic rotation is on.
        rotation_period: days between automatic rotations.
        next_rotation: date of the next automatic rotation.
        rotation_base: when automatic rotation was last switched on.
        current_material: id of the current key material; empty where it has none.
        primary_region: Region of the primary of a multi-Region key, else empty.
        deletion_window: days to wait once the last replica of a primary is gone, else 0.
        background: what the worker is to do with it; `background_start` says since when.
        resumed_state: the state it has once the background work is done or its custom key store
            is connected.
        expires: when the first of its imported key materials expires, or None.
        key_store: id of its custom key store, or empty.
        external_key: name of the key in its custom key store, or empty.
        managed: whether it is an AWS managed key.
    """

    id: str
    spec: str
    usage: str
    created: datetime
    state: str = ENABLED
    description: str = ""
    origin: str = "AWS_KMS"
    multi_region: bool = False
    policy: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    deletion_date: datetime | None = None
    rotation_enabled: bool = False
    rotation_period: int = 365
    next_rotation: datetime | None = None
    rotation_base: datetime | None = None
    current_material: str = ""
    primary_region: str = ""
    deletion_window: int = 0
    background: str = Background.NONE
    background_start: datetime | None = None
    resumed_state: str = ""
    expires: datetime | None = None
    key_store: str = ""
    external_key: str = ""
    managed: bool = False

    @property
    def key_spec(self) -> KeySpec:
        """The frozen facts of this key's spec."""
        return KEY_SPECS[self.spec]

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The AWS algorithms this key may be used with."""
        return self.key_spec.algorithms(self.usage)

    def arn(self, place: Place) -> str:
        """Return the key ARN."""
        return place.arn("kms", f"key/{self.id}")

    def algorithm_members(self) -> dict[str, list[str]]:
        """Return the response member that lists this key's algorithms, as AWS names it."""
        return {_ALGORITHM_MEMBERS[self.usage]: list(self.algorithms)}

    def metadata(self, place: Place) -> dict[str, Any]:
        """Return what AWS's KeyMetadata says from the record alone; see `describe.metadata`."""
        described: dict[str, Any] = {
            "AWSAccountId": place.account,
            "KeyId": self.id,
            "Arn": self.arn(place),
            "CreationDate": self.created,
            "Enabled": self.state == ENABLED,
            "Description": self.description,
            "KeyUsage": self.usage,
            "KeyState": self.state,
            "Origin": self.origin,
            "KeyManager": "AWS" if self.managed else "CUSTOMER",
            "CustomerMasterKeySpec": self.spec,
            "KeySpec": self.spec,
            "MultiRegion": self.multi_region,
            **self.algorithm_members(),
        }
        if self.deletion_date is not None:
            described["DeletionDate"] = self.deletion_date
        if self.state == PENDING_REPLICA_DELETION:
            described["PendingDeletionWindowInDays"] = self.deletion_window
        if self.spec == "SYMMETRIC_DEFAULT" and self.current_material:
            described["CurrentKeyMaterialId"] = self.current_material
        return described

    def due(self) -> datetime | None:
        """Return when the background worker must look at this key next, or None.

        Rotations of a key that waits for its deletion wait with it: they are due again, late or
        not, once the deletion is cancelled.
        """
        dates: tuple[datetime | None, ...] = (self.deletion_date, self.expires)
        if self.state not in LEAVING:
            dates += (self.next_rotation, self.background_start)
        known = [moment for moment in dates if moment is not None]
        return min(known) if known else None

    def to_json(self) -> str:
        """Return the stored form."""
        document = asdict(self)
        for name in _DATES:
            moment = document[name]
            document[name] = None if moment is None else moment.isoformat()
        due = self.due()
        document["due"] = None if due is None else due.isoformat()
        return json.dumps(document, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "KeyRecord":
        """Read the stored form."""
        document = json.loads(text)
        document.pop("due", None)
        for name in _DATES:
            moment = document.get(name)
            document[name] = None if moment is None else datetime.fromisoformat(moment)
        return cls(**document)


@dataclass(frozen=True, slots=True)
class MaterialRecord:
    """One key material of a key: its wrapped token and its history, never the material itself.

    Attributes:
        binding: the key, the material's id and the key spec.
        sealed: what the HSM wrapped; None while imported material is deleted or expired.
        sequence: 0 for the first material, then 1, 2, ….
        state: AWS's KeyMaterialState.
        created: when it became current, or was imported if it never was; UTC.
        rotation_type: AUTOMATIC or ON_DEMAND; empty for the first.
        public_key: SPKI DER of a pair, else None.
        description: what the importer wrote about it.
        import_state: IMPORTED or PENDING_IMPORT; empty for material made here.
        valid_to: when imported material expires, or None.
    """

    binding: KeyBinding
    sealed: KeyToken | None
    sequence: int
    state: str
    created: datetime
    rotation_type: str = ""
    public_key: bytes | None = None
    description: str = ""
    import_state: str = ""
    valid_to: datetime | None = None

    @property
    def id(self) -> str:
        """The key material id: 64 hexadecimal digits."""
        return self.binding.material_id

    @property
    def token(self) -> KeyToken:
        """The wrapped token of material that is there.

        Raises:
            AwsError: KMSInvalidStateException: it was deleted or has expired.
        """
        if self.sealed is None:
            raise AwsError(
                "KMSInvalidStateException",
                f"Key material {self.id} is pending import.",
                "Import the same key material again.",
            )
        return self.sealed

    def entry(self) -> dict[str, Any]:
        """Return AWS's RotationsListEntry, without KeyId (the caller adds it)."""
        shown: dict[str, Any] = {
            "KeyMaterialId": self.id,
            "KeyMaterialState": self.state,
        }
        if self.import_state:
            shown["ImportState"] = self.import_state
            if self.description:
                shown["KeyMaterialDescription"] = self.description
            if self.import_state == IMPORTED:
                shown["ExpirationModel"] = EXPIRES if self.valid_to else EXPIRES_NOT
            if self.valid_to is not None:
                shown["ValidTo"] = self.valid_to
        if self.rotation_type:
            shown["RotationDate"] = self.created
            shown["RotationType"] = self.rotation_type
        return shown

    def demoted(self) -> "MaterialRecord":
        """Return the same material once another has become current."""
        return replace(self, state=NON_CURRENT)

    def row(self) -> tuple[str, str, int, str, bytes | None, str | None, bytes | None, str]:
        """Return the stored row of table `materials`."""
        record = {
            "spec": self.binding.spec,
            "created": self.created.isoformat(),
            "rotation_type": self.rotation_type,
            "description": self.description,
            "import_state": self.import_state,
            "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
        }
        return (
            self.binding.key_id,
            self.binding.material_id,
            self.sequence,
            self.state,
            None if self.sealed is None else self.sealed.wrapped,
            None if self.sealed is None else self.sealed.domain_key_id,
            self.public_key,
            json.dumps(record, separators=(",", ":"), sort_keys=True),
        )

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> "MaterialRecord":
        """Read a row of table `materials`."""
        key_id, material_id, sequence, state, wrapped, domain_key_id, public_key, text = row
        record = json.loads(text)
        binding = KeyBinding(key_id, material_id, record["spec"])
        valid_to = record.get("valid_to")
        return cls(
            binding,
            None if wrapped is None else KeyToken(binding, domain_key_id, wrapped),
            sequence,
            state,
            datetime.fromisoformat(record["created"]),
            record["rotation_type"],
            public_key,
            record.get("description", ""),
            record.get("import_state", ""),
            datetime.fromisoformat(valid_to) if valid_to else None,
        )
