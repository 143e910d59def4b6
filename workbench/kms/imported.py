"""Imported key material over time: what its absence does to a key, and its expiry.

Source: AWS KMS Developer Guide, "Importing key material for AWS KMS keys".
"""

from dataclasses import replace
from datetime import datetime

from workbench.kms.records import (
    CURRENT,
    ENABLED,
    IMPORTED,
    NON_CURRENT,
    NOT_IMPORTED,
    PENDING_IMPORT,
    KeyRecord,
    MaterialRecord,
)
from workbench.kms.store import KeyStore


def settle(record: KeyRecord, store: KeyStore) -> KeyRecord:
    """Save and return an imported key with the state and expiry its materials give it.

    It can be used only while every material that ciphertexts may name is there.
    """
    history = store.materials(record.id)
    needed = [one for one in history if one.state in {CURRENT, NON_CURRENT}]
    complete = bool(needed) and all(one.import_state == IMPORTED for one in needed)
    dates = [one.valid_to for one in history if one.valid_to and one.import_state == IMPORTED]
    state = record.state
    if complete and state == PENDING_IMPORT:
        state = ENABLED
    elif not complete and state == ENABLED:
        state = PENDING_IMPORT
    changed = replace(record, state=state, expires=min(dates) if dates else None)
    store.save_key(changed)
    return changed


def without_material(material: MaterialRecord) -> MaterialRecord:
    """Return a material's record once the material itself is gone; it can be imported again."""
    return replace(material, sealed=None, import_state=NOT_IMPORTED, valid_to=None)


def expire(record: KeyRecord, store: KeyStore, moment: datetime) -> list[str]:
    """Drop every material that expired by `moment`; returns their ids."""
    gone = []
    for material in store.materials(record.id):
        if material.valid_to is not None and material.valid_to <= moment and material.sealed:
            store.save_material(without_material(material))
            gone.append(material.id)
    settle(record, store)
    return gone
