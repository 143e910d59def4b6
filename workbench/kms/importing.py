"""GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial.

The material is opened inside the HSM; here it is known by its id alone.

Sources: AWS KMS API Reference; Developer Guide, "Importing key material for AWS KMS keys" and
"Importing key material into multi-Region keys".
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.base.errors import Refused
from workbench.hsm.user import Generated, UnwrapError
from workbench.kms.import_parameters import LIFETIME, ImportParameters, digest, new_token
from workbench.kms.import_terms import expiry, refuse_members, refuse_wrapping
from workbench.kms.imported import awaited, remove, settle_everywhere, waiting
from workbench.kms.login import Login
from workbench.kms.lookup import Finder
from workbench.kms.records import (
    CURRENT,
    EXTERNAL,
    IMPORTED,
    PENDING_REPLICAS,
    Background,
    KeyRecord,
    MaterialRecord,
)
from workbench.kms.states import Group, require_state
from workbench.kms.store import KeyStore

_NEW: Final = "NEW_KEY_MATERIAL"
_EXISTING: Final = "EXISTING_KEY_MATERIAL"


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Material that has just been opened, and what its importer said of it."""

    made: Generated
    time: datetime
    valid_to: datetime | None
    description: str | None

    @property
    def id(self) -> str:
        return self.made.token.binding.material_id

    def is_of(self, material: MaterialRecord) -> bool:
        """Whether a record is about the same material.

        A pair is known by its public half: one private key has several encodings.
        """
        public = self.made.public_key
        return self.id == material.id or (public is not None and public == material.public_key)

    def put_into(self, material: MaterialRecord) -> MaterialRecord:
        """Return the record once the material is there; no description keeps the old one."""
        kept = material.description if self.description is None else self.description
        return replace(
            material,
            binding=self.made.token.binding,
            sealed=self.made.token,
            description=kept,
            import_state=IMPORTED,
            valid_to=self.valid_to,
        )


class Imports:
    """Imported key material of one Region's keys.

    Args:
        finder: finds keys.
        hsm: makes wrapping keys and opens what is wrapped under them.
    """

    def __init__(self, finder: Finder, hsm: Login) -> None:
        self._finder = finder
        self._store = finder.store
        self._place = finder.place
        self._parameters = finder.stores.parameters(finder.place.region)
        self._hsm = hsm

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            # Making an RSA pair takes up to seconds: not inside the door's transaction, which
            # would hold up everyone who writes.
            "GetParametersForImport": Operation(self._get_parameters, read_only=False),
            "ImportKeyMaterial": Operation(self._import, **write),
            "DeleteImportedKeyMaterial": Operation(self._delete, **write),
        }

    def _external(self, request: dict[str, Any], call: Call, group: Group) -> KeyRecord:
        record = self._finder.key(request["KeyId"], call)
        if record.origin != EXTERNAL:
            raise AwsError(
                "UnsupportedOperationException",
                f"{record.arn(self._place)} origin is {record.origin} which is not valid for this "
                "operation.",
                "Create a key with the origin EXTERNAL.",
            )
        require_state(record, group, self._place)
        return record

    def _get_parameters(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._external(request, call, Group.PARAMETERS)
        algorithm, spec = request["WrappingAlgorithm"], request["WrappingKeySpec"]
        refuse_wrapping(record, algorithm, spec)
        name, token = new_token()
        made = self._hsm.user.generate_wrapping(record.id, name, spec)
        expires = call.time + LIFETIME
        self._parameters.save(
            ImportParameters(made.token, algorithm, expires, digest(token)), call.time
        )
        return {
            "KeyId": record.arn(self._place),
            "ImportToken": token,
            "PublicKey": made.public_key,
            "ParametersValidTo": expires,
        }

    def _import(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._external(request, call, Group.IMPORT)
        refuse_members(record, request)
        valid_to = expiry(request, call.time)
        parameters = self._named(record, bytes(request["ImportToken"]), call)
        made = self._open(record, parameters, bytes(request["EncryptedKeyMaterial"]))
        arrival = _Arrival(made, call.time, valid_to, request.get("KeyMaterialDescription"))
        history = self._store.materials(record.id)
        first = _NEW if not history and self._primary(record) else _EXISTING
        if request.get("ImportType", first) == _NEW:
            self._add(record, history, arrival)
        else:
            self._restore(record, history, arrival, request.get("KeyMaterialId"))
        settle_everywhere(record.id, self._finder.stores)
        return self._answer(record, arrival.id, call)

    def _named(self, record: KeyRecord, token: bytes, call: Call) -> ImportParameters:
        parameters = self._parameters.named(record.id, token)
        if parameters is None:
            raise AwsError(
                "InvalidImportTokenException",
                "The import token is invalid or is associated with a different KMS key.",
                "Use the token that came with the wrapping key, or get new import parameters.",
            )
        if parameters.expires <= call.time:
            raise AwsError(
                "ExpiredImportTokenException",
                "The import token is expired.",
                "Get new import parameters and wrap the key material under the new key.",
            )
        return parameters

    def _open(self, record: KeyRecord, parameters: ImportParameters, wrapped: bytes) -> Generated:
        try:
            return self._hsm.user.import_wrapped(
                record.id,
                record.spec,
                record.usage,
                parameters.wrapping,
                parameters.algorithm,
                wrapped,
            )
        except UnwrapError as error:
            raise AwsError("InvalidCiphertextException", "", error.next_step) from None
        except Refused as error:
            raise _incorrect(error.message, error.next_step) from None

    def _add(self, record: KeyRecord, history: list[MaterialRecord], arrival: _Arrival) -> None:
        """Give a key material it never had; the first is current at once."""
        arn = record.arn(self._place)
        if not self._primary(record):
            raise AwsError(
                "UnsupportedOperationException",
                f"{arn} is not a multi-region primary key.",
                f"Import new key material into the primary key in {record.primary_region} first.",
            )
        if any(arrival.is_of(material) for material in history):
            raise _incorrect(
                f"Key material (id: {arrival.id}) is already associated with KMS key {arn}.",
                "Import it as existing key material.",
            )
        other = waiting(history)
        if other is not None:
            raise AwsError(
                "KMSInvalidStateException",
                f"New key material (id: {arrival.id}) cannot be imported into KMS key {arn}, "
                f"because another key material (id: {other.id}) is pending rotation.",
                "Rotate the key on demand, or delete the material that is pending.",
            )
        material = arrival.put_into(
            MaterialRecord(
                arrival.made.token.binding,
                None,
                history[-1].sequence + 1 if history else 0,
                PENDING_REPLICAS if history else CURRENT,
                arrival.time,
                public_key=arrival.made.public_key,
            )
        )
        stores = self._finder.stores
        for region in stores.regions_of(record.id):
            store = stores.region(region)
            here = region == self._place.region
            store.save_material(material if here else awaited(material))
            if not history:
                _make_current(store.key(record.id), material.id, store)

    def _restore(
        self,
        record: KeyRecord,
        history: list[MaterialRecord],
        arrival: _Arrival,
        named: str | None,
    ) -> None:
        """Put a material back that the key had before, or give it another expiry date."""
        if named is not None and named != arrival.id:
            raise _incorrect(
                f"The key material is not the one with the id {named}.",
                "Import the key material of that id.",
            )
        known = next((one for one in history if arrival.is_of(one)), None)
        if known is None:
            raise _incorrect(
                f"The key material was not imported into KMS key {record.arn(self._place)} before.",
                "Import the same key material, or import it as new into a symmetric primary key.",
            )
        if known.id != arrival.id:
            self._store.delete_material(record.id, known.id)
            _make_current(self._store.key(record.id), arrival.id, self._store)
        self._store.save_material(arrival.put_into(known))

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._external(request, call, Group.DELETE_IMPORTED)
        named = request.get("KeyMaterialId")
        if named is not None:
            refuse_members(record, request)
        history = self._store.materials(record.id)
        wanted = record.current_material if named is None else named
        material = next((one for one in history if one.id == wanted), None)
        if material is None and named is not None:
            raise AwsError(
                "NotFoundException",
                f"Key material {named} is not associated with KMS key {record.arn(self._place)}.",
                "List the key's rotations to see its key materials.",
            )
        if material is None or material.import_state != IMPORTED:
            return self._answer(record, wanted, call)
        self._refuse_while_rotating(record, material)
        remove(material, record, self._finder.stores, self._place.region)
        return self._answer(record, material.id, call)

    def _refuse_while_rotating(self, record: KeyRecord, material: MaterialRecord) -> None:
        """Keep what the background worker is about to make current."""
        stores = self._finder.stores
        primary = stores.region(record.primary_region or self._place.region).key(record.id)
        rotating = primary is not None and primary.background == Background.ROTATE
        if rotating and waiting([material]):
            raise AwsError(
                "KMSInvalidStateException",
                f"Key material (id: {material.id}) of KMS key {record.arn(self._place)} is being "
                "rotated.",
                "Wait a moment and try again.",
            )

    def _primary(self, record: KeyRecord) -> bool:
        """Whether new material enters the key in this Region."""
        return record.primary_region in {"", self._place.region}

    def _answer(self, record: KeyRecord, material_id: str, call: Call) -> dict[str, Any]:
        answer = {"KeyId": record.arn(self._place)}
        if record.spec == "SYMMETRIC_DEFAULT" and material_id:
            answer["KeyMaterialId"] = material_id
            call.note(keyMaterialId=material_id)
        return answer


def _make_current(record: KeyRecord | None, material_id: str, store: KeyStore) -> None:
    if record is not None:
        store.save_key(replace(record, current_material=material_id))


def _incorrect(message: str, next_step: str) -> AwsError:
    return AwsError("IncorrectKeyMaterialException", message, next_step)
