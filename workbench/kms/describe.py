"""AWS's KeyMetadata of a key, with what other records add: materials, replicas, custom key stores.

Source: AWS KMS API Reference, KeyMetadata and MultiRegionConfiguration.
"""

from typing import Any

from workbench.kms.lookup import Finder
from workbench.kms.records import (
    CREATING,
    EXPIRES,
    EXPIRES_NOT,
    EXTERNAL,
    EXTERNAL_KEY_STORE,
    IMPORTED,
    KeyRecord,
)


def metadata(record: KeyRecord, finder: Finder) -> dict[str, Any]:
    """Return a key's KeyMetadata.

    Args:
        record: the key.
        finder: finds what else belongs to it in its Region.
    """
    described = record.metadata(finder.place)
    if record.multi_region:
        described["MultiRegionConfiguration"] = _regions(record, finder)
    if record.origin == EXTERNAL:
        material = finder.store.current_material(record.id)
        if material is not None and material.import_state == IMPORTED:
            described["ExpirationModel"] = EXPIRES if material.valid_to else EXPIRES_NOT
            if material.valid_to is not None:
                described["ValidTo"] = material.valid_to
    if record.key_store:
        described["CustomKeyStoreId"] = record.key_store
        if record.origin == EXTERNAL_KEY_STORE:
            described["XksKeyConfiguration"] = {"Id": record.external_key}
        else:
            store = finder.stores.custom(finder.place.region).store(record.key_store)
            described["CloudHsmClusterId"] = store.cluster if store else ""
    if record.state == CREATING or record.key_store:
        described.pop("CurrentKeyMaterialId", None)
    return described


def _regions(record: KeyRecord, finder: Finder) -> dict[str, Any]:
    here = finder.place.region
    entries = {
        region: {"Arn": record.arn(finder.place.elsewhere(region)), "Region": region}
        for region in {*finder.stores.regions_of(record.id), record.primary_region}
    }
    primary = entries.pop(record.primary_region)
    return {
        "MultiRegionKeyType": "PRIMARY" if here == record.primary_region else "REPLICA",
        "PrimaryKey": primary,
        "ReplicaKeys": [entries[region] for region in sorted(entries)],
    }
