"""Imported key material over time: what its absence does to a key, and its expiry.

A multi-Region key has the same materials in every Region, but each Region's must be imported there;
until then a material is recorded as one that is awaited. A key can be used only while every
material that ciphertexts may name is there. A material that waits for its rotation is not for good:
once it goes it is forgotten.

Sources: AWS KMS Developer Guide, "Importing key material for AWS KMS keys"; API Reference,
DeleteImportedKeyMaterial and RotationsListEntry.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from workbench.kms.records import (
    CURRENT,
    DISABLED,
    ENABLED,
    EXPIRES,
    EXPIRES_NOT,
    IMPORTED,
    NON_CURRENT,
    NOT_IMPORTED,
    PENDING_IMPORT,
    PENDING_REPLICAS,
    PENDING_ROTATION,
    KeyRecord,
    MaterialRecord,
)
from workbench.kms.store import KeyStore, Stores

_LASTING: Final = frozenset({CURRENT, NON_CURRENT})
_WAITING: Final = frozenset({PENDING_ROTATION, PENDING_REPLICAS})


def waiting(history: Iterable[MaterialRecord]) -> MaterialRecord | None:
    """Return the material that has not been rotated in yet, or None."""
    return next((one for one in history if one.state in _WAITING), None)


def without_material(material: MaterialRecord) -> MaterialRecord:
    """Return a material's record once the material itself is gone; it can be imported again."""
    return replace(material, sealed=None, import_state=NOT_IMPORTED, valid_to=None)


def awaited(material: MaterialRecord) -> MaterialRecord:
    """Return another Region's material as one that is to be imported here."""
    return replace(without_material(material), description="")


def expiry_members(record: KeyRecord, store: KeyStore) -> dict[str, Any]:
    """Return KeyMetadata's ExpirationModel and ValidTo; nothing while material is missing."""
    lasting = [one for one in store.materials(record.id) if one.state in _LASTING]
    if not _complete(lasting):
        return {}
    dates = [one.valid_to for one in lasting if one.valid_to]
    if not dates:
        return {"ExpirationModel": EXPIRES_NOT}
    return {"ExpirationModel": EXPIRES, "ValidTo": min(dates)}


def settle(record: KeyRecord, store: KeyStore) -> KeyRecord:
    """Return an imported key with the state and expiry its materials give it, saved if changed.

    While the key is being created or updated it is the state it will come out with that changes;
    one that awaits its deletion stays so.
    """
    history = store.materials(record.id)
    complete = _complete([one for one in history if one.state in _LASTING])
    dates = [one.valid_to for one in history if one.valid_to and one.import_state == IMPORTED]
    state = record.resumed_state or record.state
    if complete and state == PENDING_IMPORT:
        state = ENABLED
    elif not complete and state in {ENABLED, DISABLED}:
        state = PENDING_IMPORT
    changed = replace(record, expires=min(dates) if dates else None)
    if record.resumed_state:
        changed = replace(changed, resumed_state=state)
    else:
        changed = replace(changed, state=state)
    if changed != record:
        store.save_key(changed)
    return changed


def settle_everywhere(key_id: str, stores: Stores) -> None:
    """Bring a key's states in every Region in line with its materials.

    A material waits for rotation once every Region has it, and for the other Regions until then.
    """
    regions = [stores.region(name) for name in stores.regions_of(key_id)]
    found = [(store, waiting(store.materials(key_id))) for store in regions]
    ready = all(one is not None and one.import_state == IMPORTED for _, one in found)
    state = PENDING_ROTATION if ready else PENDING_REPLICAS
    for store, material in found:
        if material is not None and material.state != state:
            store.save_material(replace(material, state=state))
        record = store.key(key_id)
        if record is not None:
            settle(record, store)


def remove(material: MaterialRecord, record: KeyRecord, stores: Stores, region: str) -> None:
    """Take a material out of a key in one Region.

    What waits for rotation is forgotten in every Region when it leaves the primary.
    """
    if material.state in _WAITING and record.primary_region in {"", region}:
        for name in stores.regions_of(record.id):
            stores.region(name).delete_material(record.id, material.id)
    else:
        stores.region(region).save_material(without_material(material))
    settle_everywhere(record.id, stores)


def expire(record: KeyRecord, stores: Stores, region: str, moment: datetime) -> list[str]:
    """Drop every material of a Region's key that expired by `moment`; returns their ids."""
    gone = [
        material
        for material in stores.region(region).materials(record.id)
        if material.sealed and material.valid_to is not None and material.valid_to <= moment
    ]
    for material in gone:
        remove(material, record, stores, region)
    return [material.id for material in gone]


def _complete(lasting: list[MaterialRecord]) -> bool:
    return bool(lasting) and all(one.import_state == IMPORTED for one in lasting)
