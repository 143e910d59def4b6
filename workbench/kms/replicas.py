"""Multi-Region keys: replicas and the change of the primary.

Keys of one id in several Regions share key material, its rotation, spec, usage and origin; policy,
tags, aliases, grants, description and state are each Region's own.

Source: AWS KMS Developer Guide, "Multi-Region keys in AWS KMS".
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from botocore.exceptions import UnknownRegionError

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.kms.describe import metadata
from workbench.kms.imported import awaited, settle_everywhere
from workbench.kms.key_policies import KeyPolicies
from workbench.kms.keys import default_policy
from workbench.kms.lookup import Finder
from workbench.kms.records import (
    CREATING,
    ENABLED,
    EXTERNAL,
    LEAVING,
    PENDING_IMPORT,
    UPDATING,
    Background,
    KeyRecord,
)
from workbench.kms.states import Group, require_state
from workbench.kms.tags import checked_tags


@cache
def known_regions(partition: str = "aws") -> frozenset[str]:
    """Return the Regions of a partition that have AWS KMS, by botocore's list."""
    from botocore.session import Session  # noqa: PLC0415 - 40 ms, and rarely asked

    session = Session()
    return frozenset(session.get_available_regions("kms", partition_name=partition))


@cache
def partition_of(region: str) -> str:
    """Return the partition whose Regions have such names, by botocore's list; aws for others."""
    from botocore.session import Session  # noqa: PLC0415 - as above

    try:
        partition: str = Session().get_partition_for_region(region)
    except UnknownRegionError:
        return "aws"
    return partition


class Replicas:
    """ReplicateKey and UpdatePrimaryRegion.

    Args:
        finder: finds keys.
        policies: checks the replica's key policy.
        wake: has the background worker look at what is due, soon.
    """

    def __init__(self, finder: Finder, policies: KeyPolicies, wake: Callable[[], None]) -> None:
        self._finder = finder
        self._policies = policies
        self._wake = wake
        self._store = finder.store
        self._place = finder.place

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "ReplicateKey": Operation(self._replicate, **write),
            "UpdatePrimaryRegion": Operation(self._update_primary, **write),
        }

    def _primary(self, request: dict[str, Any], call: Call, group: Group) -> KeyRecord:
        record = self._finder.key(request["KeyId"], call)
        if record.primary_region != self._place.region:
            raise AwsError(
                "UnsupportedOperationException",
                f"{record.arn(self._place)} is not a multi-region primary key.",
            )
        require_state(record, group, self._place)
        moving = group is Group.PRIMARY and record.background == Background.UPDATE_PRIMARY
        if record.background and not moving:
            raise AwsError(
                "KMSInvalidStateException",
                f"{record.arn(self._place)} is updating.",
                "Wait a moment and try again.",
            )
        return record

    def _replicate(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._primary(request, call, Group.REPLICATE)
        region = request["ReplicaRegion"]
        if region not in known_regions(self._place.partition):
            raise AwsError("ValidationException", f"Region {region} is not a Region of AWS KMS.")
        there = Finder(self._finder.stores, self._place.elsewhere(region))
        if there.store.key(record.id) is not None:
            raise AwsError(
                "AlreadyExistsException",
                f"Unable to replicate key to region {region}. "
                f"{record.arn(there.place)} already exists.",
            )
        limits = self._finder.stores.limits
        limits.check_keys(there.store.more_than)
        tags = checked_tags({}, request.get("Tags", []), limits)
        replica = KeyRecord(
            id=record.id,
            spec=record.spec,
            usage=record.usage,
            created=call.time,
            state=CREATING,
            description=request.get("Description", ""),
            origin=record.origin,
            multi_region=True,
            tags=tags,
            primary_region=record.primary_region,
            background=Background.CREATE,
            background_start=call.time,
            resumed_state=PENDING_IMPORT if record.origin == EXTERNAL else ENABLED,
        )
        if "Policy" in request:
            policy = self._policies.checked(replica, request["Policy"], request, call)
        else:
            policy = default_policy(self._place)
        replica = replace(replica, policy=policy)
        imported = record.origin == EXTERNAL
        for material in self._store.materials(record.id):
            there.store.save_material(awaited(material) if imported else material)
        replica = replace(replica, current_material=record.current_material)
        there.store.save_key(replica)
        if imported:
            settle_everywhere(record.id, self._finder.stores)
        self._wake()
        call.note(replica.arn(there.place))
        return {
            "ReplicaKeyMetadata": metadata(replica, there),
            "ReplicaPolicy": self._policies.shown(replica),
            "ReplicaTags": [{"TagKey": name, "TagValue": tags[name]} for name in sorted(tags)],
        }

    def _update_primary(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._primary(request, call, Group.PRIMARY)
        region = request["PrimaryRegion"]
        there = self._finder.stores.region(region).key(record.id)
        place = self._place.elsewhere(region)
        if region == self._place.region:
            raise AwsError(
                "UnsupportedOperationException",
                f"{record.arn(self._place)} is already the primary key.",
            )
        if there is None:
            raise AwsError("NotFoundException", f"Key '{record.arn(place)}' does not exist")
        if there.state in LEAVING:
            raise AwsError("KMSInvalidStateException", f"{there.arn(place)} is pending deletion.")
        require_state(there, Group.PRIMARY, place)
        self._hand_over(record, region, call)
        self._wake()
        call.note(there.arn(place))
        return {}

    def _hand_over(self, old: KeyRecord, region: str, call: Call) -> None:
        """Make the key in `region` the primary; both are Updating until the worker is done."""
        stores = self._finder.stores
        for where in stores.regions_of(old.id):
            record = stores.region(where).key(old.id)
            if record is None:
                continue
            changed = replace(record, primary_region=region)
            if where in {region, self._place.region}:
                changed = replace(
                    changed,
                    state=UPDATING,
                    background=Background.UPDATE_PRIMARY,
                    background_start=call.time,
                    resumed_state=record.resumed_state or record.state,
                )
            if where == region:  # automatic rotation is the primary's business
                changed = replace(
                    changed,
                    rotation_enabled=old.rotation_enabled,
                    rotation_period=old.rotation_period,
                    rotation_base=old.rotation_base,
                    next_rotation=old.next_rotation,
                )
            elif where == self._place.region:
                changed = replace(
                    changed, rotation_enabled=False, next_rotation=None, rotation_base=None
                )
            stores.region(where).save_key(changed)
