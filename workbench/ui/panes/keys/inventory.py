"""The keys of a KMS as rows: read page by page, key by key, through boto3's methods alone.

Owns what a row is and how it is put together from ListKeys, ListAliases, DescribeKey,
ListResourceTags, GetKeyRotationStatus and ListKeyRotations. Knows no Qt, so it runs on a worker;
works on AWS as in process.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from workbench.ui.many import each
from workbench.ui.panes.keys.materials import (
    CURRENT,
    ON_DEMAND,
    Material,
    only_material,
    order_materials,
)
from workbench.ui.panes.keys.regions import Regions, regions_of

ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
PENDING_DELETION: Final = "PendingDeletion"
UNREADABLE: Final = ""
"""The state of a key that may be listed but not described."""

AWAITING_IMPORT: Final = "PendingImport"
UPDATING: Final = "Updating"
CREATING: Final = "Creating"
MOST_ON_DEMAND: Final = 25
MADE_BY_KMS: Final = "AWS_KMS"
EXTERNAL: Final = "EXTERNAL"

SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_FIRST_PAUSE: Final = 0.08
_ALIAS: Final = "alias/"
_GONE: Final = frozenset({"NotFoundException"})
_DENIED: Final = "AccessDeniedException"
_REFUSED: Final = frozenset({_DENIED, "UnsupportedOperationException", "KMSInvalidStateException"})
TAGS: Final = "tags"
ROTATION: Final = "rotation"
"""What of a key may be withheld, by these names."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One KMS key as the tables show it.

    Attributes:
        id: key id.
        arn: key ARN.
        names: aliases without their prefix, sorted.
        spec: AWS key spec; empty if the key may not be described.
        usage: AWS key usage.
        state: AWS key state, or `UNREADABLE`.
        origin: AWS origin of its material.
        created: creation date.
        description: free text.
        tags: tag keys and values, sorted.
        deletion: when it will be deleted.
        next_rotation: when it will be rotated by itself.
        rotation_days: days between automatic rotations; 0 if they are off.
        materials: its key materials, oldest first; of keys that do not rotate one without id.
        algorithms: AWS algorithm names it may be used with.
        regions: where it and its related keys are, if it is a multi-Region key.
        rotating_since: since when a rotation on demand is being carried out; None if none is.
        managed_by_aws: whether AWS owns its life; such keys cannot be changed.
        problem: AWS's words where the key may not be described.
        withheld: what whoever asks may not see of it: `TAGS`, `ROTATION`.
    """

    id: str
    arn: str
    names: tuple[str, ...] = ()
    spec: str = ""
    usage: str = ""
    state: str = UNREADABLE
    origin: str = ""
    created: datetime | None = None
    description: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    deletion: datetime | None = None
    next_rotation: datetime | None = None
    rotation_days: int = 0
    materials: tuple[Material, ...] = ()
    algorithms: tuple[str, ...] = ()
    regions: Regions | None = None
    rotating_since: datetime | None = None
    managed_by_aws: bool = False
    problem: str = ""
    withheld: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """Return what people call it: its first alias, or its id."""
        return self.names[0] if self.names else self.id

    @property
    def external(self) -> bool:
        """Whether its material is imported."""
        return self.origin == EXTERNAL

    @property
    def multi_region(self) -> bool:
        """Whether it is a multi-Region key."""
        return self.regions is not None

    @property
    def rotates(self) -> bool:
        """Whether its material can be rotated: symmetric encryption keys, made by KMS or imported.

        A replica's is rotated with its primary key's.
        """
        return self.spec == SYMMETRIC and self.origin in {MADE_BY_KMS, EXTERNAL}

    @property
    def under_way(self) -> bool:
        """Whether KMS is carrying something out, after which the key will be another."""
        return self.rotating_since is not None or self.state in {UPDATING, CREATING}

    @property
    def material_since(self) -> datetime | None:
        """Return since when the current material is in use; None while it is not there."""
        current = [one for one in self.materials if one.state == CURRENT]
        if not current:
            return self.created
        return current[-1].start if current[-1].present else None

    @property
    def rotations_left(self) -> int:
        """Return how many on-demand rotations AWS still allows."""
        used = sum(one.kind == ON_DEMAND for one in self.materials)
        return max(0, MOST_ON_DEMAND - used)


def error_code(error: Exception) -> str:
    """Return the AWS code of a client's exception; empty if it is none."""
    response = getattr(error, "response", None)
    found = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(found or "")


def error_message(error: Exception) -> str:
    """Return AWS's words of a client's exception; empty if it is none."""
    response = getattr(error, "response", None)
    return str(response["Error"].get("Message", "")) if isinstance(response, dict) else ""


def pages(
    call: Callable[..., dict[str, Any]], member: str, limit: int, **request: Any
) -> Iterator[Any]:
    """Yield every item of an operation that pages by Marker and NextMarker."""
    answer = call(**request, Limit=limit)
    yield from answer.get(member, ())
    while answer.get("Truncated") and answer.get("NextMarker"):
        answer = call(**request, Limit=limit, Marker=answer["NextMarker"])
        yield from answer.get(member, ())


_STOPPED: Final = KeyRow("", "")
"""Stands for the rest where reading was stopped."""


class Inventory:
    """Reads keys from a KMS.

    Args:
        kms: a boto3-shaped client; may be called from several threads.
        monotonic: seconds that never go backwards, to pace what is shown meanwhile.
        parallel: how many requests may be under way at once: 1 in process, more over a network.
    """

    def __init__(self, kms: Any, monotonic: Callable[[], float], parallel: int = 1) -> None:
        self._kms = kms
        self._monotonic = monotonic
        self._parallel = parallel

    def load(
        self,
        show: Callable[[list[KeyRow]], None],
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[KeyRow]:
        """Read every key.

        Args:
            show: given all rows read so far, first after a few, then at growing intervals, so
                that the whole costs no more than a few times the last.
            stopped: asked now and then; True ends the reading.

        Returns:
            Every row, in the order of names; what was read if it was stopped.
        """
        names = self._names()
        keys = [
            (item["KeyId"], item["KeyArn"]) for item in pages(self._kms.list_keys, "Keys", 1000)
        ]
        keys.sort(key=lambda key: names.get(key[0], ("~",)))
        rows: list[KeyRow] = []
        pause = _FIRST_PAUSE
        due = self._monotonic() + pause

        def read(key: tuple[str, str]) -> KeyRow | None:
            # Asked for each: over a network a few rows can be much to wait for.
            return _STOPPED if stopped() else self._row(key[0], key[1], names.get(key[0], ()))

        for row in each(read, keys, self._parallel):
            if row is _STOPPED:
                break
            if row is not None:
                rows.append(row)
            if self._monotonic() >= due:
                show(list(rows))
                pause *= 2
                due = self._monotonic() + pause
        return rows

    def read(self, ids: Sequence[str]) -> dict[str, KeyRow | None]:
        """Read some keys again; None for those that are gone."""
        return dict(zip(ids, each(self._read_alone, ids, self._parallel), strict=True))

    def _read_alone(self, key: str) -> KeyRow | None:
        try:
            listed = list(pages(self._kms.list_aliases, "Aliases", 100, KeyId=key))
        except Exception as error:
            if error_code(error) in _GONE:
                return None
            if error_code(error) not in _REFUSED:
                raise
            listed = []
        names = sorted(item["AliasName"].removeprefix(_ALIAS) for item in listed)
        return self._row(key, "", tuple(names))

    def _names(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        listed, _ = _allowed(lambda: list(pages(self._kms.list_aliases, "Aliases", 100)))
        for item in listed or ():
            if item.get("TargetKeyId"):
                name = item["AliasName"].removeprefix(_ALIAS)
                found.setdefault(item["TargetKeyId"], []).append(name)
        return {key: tuple(sorted(names)) for key, names in found.items()}

    def _row(self, key: str, arn: str, names: tuple[str, ...]) -> KeyRow | None:
        try:
            meta = self._kms.describe_key(KeyId=key)["KeyMetadata"]
        except Exception as error:
            if error_code(error) in _GONE:
                return None
            if error_code(error) in _REFUSED:
                return KeyRow(key, arn, names, problem=error_message(error))
            raise
        tags, withheld = self._tags(key)
        row = KeyRow(
            id=meta["KeyId"],
            arn=meta["Arn"],
            names=names,
            spec=meta.get("KeySpec", SYMMETRIC),
            usage=meta.get("KeyUsage", ""),
            state=meta.get("KeyState", UNREADABLE),
            origin=meta.get("Origin", ""),
            created=meta.get("CreationDate"),
            description=meta.get("Description", ""),
            tags=tags,
            deletion=meta.get("DeletionDate"),
            materials=(only_material(meta),),
            algorithms=_algorithms(meta),
            regions=regions_of(meta),
            managed_by_aws=meta.get("KeyManager") == "AWS",
            withheld=frozenset({TAGS}) if withheld else frozenset(),
        )
        return self._with_rotation(row) if row.rotates else row

    def _tags(self, key: str) -> tuple[tuple[tuple[str, str], ...], bool]:
        """Return a key's tags, and whether they may not be seen."""
        tags, denied = _allowed(
            lambda: list(pages(self._kms.list_resource_tags, "Tags", 50, KeyId=key))
        )
        return tuple(sorted((tag["TagKey"], tag["TagValue"]) for tag in tags or ())), denied

    def _with_rotation(self, row: KeyRow) -> KeyRow:
        status, denied = _allowed(lambda: self._kms.get_key_rotation_status(KeyId=row.id))
        told = status or {}
        days = told.get("RotationPeriodInDays", 365) if told.get("KeyRotationEnabled") else 0
        entries, denied_too = _allowed(
            lambda: list(
                pages(
                    self._kms.list_key_rotations,
                    "Rotations",
                    1000,
                    KeyId=row.id,
                    IncludeKeyMaterial="ALL_KEY_MATERIAL",
                )
            )
        )
        return replace(
            row,
            next_rotation=told.get("NextRotationDate"),
            rotating_since=told.get("OnDemandRotationStartDate"),
            rotation_days=days,
            materials=order_materials(entries, row.created) if entries else row.materials,
            withheld=row.withheld | ({ROTATION} if denied or denied_too else frozenset()),
        )


def _algorithms(meta: dict[str, Any]) -> tuple[str, ...]:
    members = (
        "SigningAlgorithms",
        "EncryptionAlgorithms",
        "MacAlgorithms",
        "KeyAgreementAlgorithms",
        "EncapsulationAlgorithms",
    )
    return tuple(name for member in members for name in meta.get(member, ()))


def _allowed(call: Callable[[], Any]) -> tuple[Any, bool]:
    """Return an answer and whether it was denied; None where the key does not have it."""
    try:
        return call(), False
    except Exception as error:
        if error_code(error) not in _REFUSED:
            raise
        return None, error_code(error) == _DENIED
