"""Key materials as ListKeyRotations tells them: their order in time, and what each is good for.

Owns what a key material is. Knows no Qt and no client, so it runs anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

CURRENT: Final = "CURRENT"
NON_CURRENT: Final = "NON_CURRENT"
PENDING: Final = "PENDING_ROTATION"
PENDING_ELSEWHERE: Final = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
WAITING: Final = frozenset({PENDING, PENDING_ELSEWHERE})
AUTOMATIC: Final = "AUTOMATIC"
ON_DEMAND: Final = "ON_DEMAND"
IMPORTED: Final = "IMPORTED"
PENDING_IMPORT: Final = "PENDING_IMPORT"
EXPIRES: Final = "KEY_MATERIAL_EXPIRES"
EXPIRES_NOT: Final = "KEY_MATERIAL_DOES_NOT_EXPIRE"

Condition = Literal["current", "former", "waiting", "elsewhere", "missing", "expired"]
"""What a material is good for: encrypts and decrypts; decrypts only; takes over at the next
rotation; has to be imported in other Regions before that; has to be imported; ran out."""


@dataclass(frozen=True, slots=True)
class Material:
    """One key material over time.

    Attributes:
        id: its id, 64 hexadecimal digits; empty where the service does not tell.
        state: AWS's state: CURRENT, NON_CURRENT, PENDING_ROTATION, ...
        start: when it became current; None while it waits.
        end: when another became current; None for the current one.
        kind: AUTOMATIC or ON_DEMAND, by which rotation it came; empty for the first.
        description: what was said of it when it was imported.
        import_state: IMPORTED or PENDING_IMPORT; empty for material that KMS made.
        expires: when imported material runs out; None if it does not.
    """

    id: str
    state: str
    start: datetime | None
    end: datetime | None = None
    kind: str = ""
    description: str = ""
    import_state: str = ""
    expires: datetime | None = None

    @property
    def imported(self) -> bool:
        """Whether it came, or has to come, from outside."""
        return bool(self.import_state)

    @property
    def present(self) -> bool:
        """Whether KMS has it now."""
        return self.import_state != PENDING_IMPORT

    def condition(self, now: datetime) -> Condition:
        """Return what it is good for at a moment."""
        if self.expires is not None and self.expires <= now:
            return "expired"
        if not self.present:
            return "missing"
        if self.state in WAITING:
            return "waiting" if self.state == PENDING else "elsewhere"
        return "current" if self.state == CURRENT else "former"


def order_materials(
    entries: Sequence[Mapping[str, Any]], created: datetime | None
) -> tuple[Material, ...]:
    """Return ListKeyRotations' entries as materials, oldest first, each with its end.

    Args:
        entries: RotationsListEntry structures, in any order.
        created: the key's creation date, since when the first material is in use.
    """
    waiting = [entry for entry in entries if entry.get("KeyMaterialState") in WAITING]
    begun = [
        (entry.get("RotationDate") or created, entry) for entry in entries if entry not in waiting
    ]
    begun.sort(key=lambda pair: (pair[0] is not None, pair[0], "RotationDate" in pair[1]))
    ends = [start for start, _ in begun[1:]]
    known = [
        _material(entry, start, end)
        for (start, entry), end in zip(begun, [*ends, None], strict=True)
    ]
    return (*known, *(_material(entry, None, None) for entry in waiting))


def only_material(meta: Mapping[str, Any]) -> Material:
    """Return the one material of a key that lists none, from its KeyMetadata."""
    external = meta.get("Origin") == "EXTERNAL"
    waits = meta.get("KeyState") == "PendingImport"
    return Material(
        meta.get("CurrentKeyMaterialId", ""),
        CURRENT,
        meta.get("CreationDate"),
        import_state=(PENDING_IMPORT if waits else IMPORTED) if external else "",
        expires=meta.get("ValidTo"),
    )


def _material(entry: Mapping[str, Any], start: datetime | None, end: datetime | None) -> Material:
    return Material(
        entry.get("KeyMaterialId", ""),
        entry.get("KeyMaterialState") or (CURRENT if end is None else NON_CURRENT),
        start,
        end,
        entry.get("RotationType", ""),
        entry.get("KeyMaterialDescription", ""),
        entry.get("ImportState", ""),
        entry.get("ValidTo"),
    )
