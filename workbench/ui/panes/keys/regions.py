"""The Regions of a multi-Region key, as DescribeKey's MultiRegionConfiguration tells them.

Also which Regions KMS is in at all, from botocore's own data. Knows no Qt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Regions:
    """A key and its related keys.

    Attributes:
        primary: whether this one is the primary key.
        primary_region: where the primary key is.
        primary_arn: its ARN.
        replicas: Region and ARN of every replica, sorted.
    """

    primary: bool
    primary_region: str
    primary_arn: str
    replicas: tuple[tuple[str, str], ...] = ()

    @property
    def taken(self) -> frozenset[str]:
        """Where there is one already."""
        return frozenset({self.primary_region, *(region for region, _ in self.replicas)})


def regions_of(meta: Mapping[str, Any]) -> Regions | None:
    """Return the Regions in a KeyMetadata; None for a key of one Region."""
    if not meta.get("MultiRegion"):
        return None
    told = meta.get("MultiRegionConfiguration") or {}
    primary = told.get("PrimaryKey") or {}
    arn = primary.get("Arn") or meta.get("Arn", "")
    return Regions(
        told.get("MultiRegionKeyType", "PRIMARY") == "PRIMARY",
        primary.get("Region") or region_in(arn),
        arn,
        tuple(sorted((one["Region"], one["Arn"]) for one in told.get("ReplicaKeys", ()))),
    )


def region_in(arn: str) -> str:
    """Return the Region an ARN names; empty if it names none."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 3 else ""


def known_regions() -> tuple[str, ...]:
    """Return the Regions that have KMS, of every partition; for a worker, as it reads files."""
    import botocore.session  # noqa: PLC0415 - heavy, and wanted by one dialog only

    session = botocore.session.get_session()
    found: set[str] = set()
    for partition in session.get_available_partitions():
        found.update(session.get_available_regions("kms", partition_name=partition))
    return tuple(sorted(found))
