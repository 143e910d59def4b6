"""AWS's KeyMetadata of a key, with what other records add: materials, replicas, custom key stores.

Source: AWS KMS API Reference, KeyMetadata and MultiRegionConfiguration.
"""

from typing import Any

from workbench.kms.imported import expiry_members
from workbench.kms.lookup import Finder
from workbench.kms.records import (
    CREATING,
    EXTERNAL,
    EXTERNAL_KEY_STORE,
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
        described.update(expiry_members(record, finder.store))
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
