"""What is stored about a KMS key and its key materials, and what AWS tells of it.

Source: AWS KMS API Reference, KeyMetadata and RotationsListEntry.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from workbench.base.identifiers import Place
from workbench.crypto.table import KEY_SPECS, KeySpec
from workbench.hsm.user import KeyBinding, KeyToken

ENABLED = "Enabled"
DISABLED = "Disabled"
PENDING_DELETION = "PendingDeletion"
PENDING_IMPORT = "PendingImport"

CURRENT = "CURRENT"
NON_CURRENT = "NON_CURRENT"

AUTOMATIC = "AUTOMATIC"
ON_DEMAND = "ON_DEMAND"

_DATES = ("created", "deletion_date", "next_rotation", "rotation_base")
_ALGORITHM_MEMBERS = {
    "SIGN_VERIFY": "SigningAlgorithms",
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}


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
        current_material: id of the current key material.
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
        """Return AWS's KeyMetadata."""
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
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": self.spec,
            "KeySpec": self.spec,
            "MultiRegion": self.multi_region,
            **self.algorithm_members(),
        }
        if self.deletion_date is not None:
            described["DeletionDate"] = self.deletion_date
        if self.spec == "SYMMETRIC_DEFAULT":
            described["CurrentKeyMaterialId"] = self.current_material
        return described

    def due(self) -> datetime | None:
        """Return when the background worker must look at this key next, or None."""
        dates = [d for d in (self.deletion_date, self.next_rotation) if d is not None]
        return min(dates) if dates else None

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
            moment = document[name]
            document[name] = None if moment is None else datetime.fromisoformat(moment)
        return cls(**document)


@dataclass(frozen=True, slots=True)
class MaterialRecord:
    """One key material of a key: its wrapped token and its history, never the material itself.

    Attributes:
        token: what the HSM wrapped.
        sequence: 0 for the first material, then 1, 2, ….
        state: CURRENT or NON_CURRENT.
        created: when it became current, UTC.
        rotation_type: AUTOMATIC or ON_DEMAND; empty for the first.
        public_key: SPKI DER of a pair, else None.
    """

    token: KeyToken
    sequence: int
    state: str
    created: datetime
    rotation_type: str = ""
    public_key: bytes | None = None

    @property
    def id(self) -> str:
        """The key material id: 64 hexadecimal digits."""
        return self.token.binding.material_id

    def entry(self) -> dict[str, Any]:
        """Return AWS's RotationsListEntry, without KeyId (the caller adds it)."""
        shown: dict[str, Any] = {
            "KeyMaterialId": self.id,
            "KeyMaterialState": self.state,
        }
        if self.rotation_type:
            shown["RotationDate"] = self.created
            shown["RotationType"] = self.rotation_type
        return shown

    def demoted(self) -> "MaterialRecord":
        """Return the same material once another has become current."""
        return replace(self, state=NON_CURRENT)

    def row(self) -> tuple[str, str, int, str, bytes, str, bytes | None, str]:
        """Return the stored row of table `materials`."""
        binding = self.token.binding
        record = {
            "spec": binding.spec,
            "created": self.created.isoformat(),
            "rotation_type": self.rotation_type,
        }
        return (
            binding.key_id,
            binding.material_id,
            self.sequence,
            self.state,
            self.token.wrapped,
            self.token.domain_key_id,
            self.public_key,
            json.dumps(record, separators=(",", ":"), sort_keys=True),
        )

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> "MaterialRecord":
        """Read a row of table `materials`."""
        key_id, material_id, sequence, state, wrapped, domain_key_id, public_key, text = row
        record = json.loads(text)
        binding = KeyBinding(key_id, material_id, record["spec"])
        return cls(
            KeyToken(binding, domain_key_id, wrapped),
            sequence,
            state,
            datetime.fromisoformat(record["created"]),
            record["rotation_type"],
            public_key,
        )
