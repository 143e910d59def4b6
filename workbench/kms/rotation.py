"""Rotation of key material: on demand, automatic, and its history.

Source: AWS KMS Developer Guide, "Rotate AWS KMS keys"; API Reference, ListKeyRotations.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.kms.login import Login
from workbench.kms.lookup import Finder, page
from workbench.kms.records import (
    AUTOMATIC,
    CURRENT,
    EXTERNAL,
    LEAVING,
    ON_DEMAND,
    PENDING_ROTATION,
    Background,
    KeyRecord,
    MaterialRecord,
)
from workbench.kms.states import Group, require_state

_DEFAULT_PERIOD = 365
_PAGE, _LONGEST_PAGE = 100, 1000


class Rotations:
    """Key material of one Region's keys over time; symmetric encryption keys only.

    Args:
        finder: finds keys.
        hsm: makes material.
        wake: has the background worker look at what is due, soon.
    """

    def __init__(self, finder: Finder, hsm: Login, wake: Callable[[], None]) -> None:
        self._finder = finder
        self._store = finder.store
        self._place = finder.place
        self._hsm = hsm
        self._wake = wake

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "EnableKeyRotation": Operation(self._enable, **write),
            "DisableKeyRotation": Operation(self._disable, **write),
            "GetKeyRotationStatus": Operation(self._status),
            "RotateKeyOnDemand": Operation(self._rotate, **write),
            "ListKeyRotations": Operation(self._list),
        }

    def _rotatable(self, request: dict[str, Any], call: Call) -> KeyRecord:
        record = self._finder.key(request["KeyId"], call)
        if record.spec != "SYMMETRIC_DEFAULT" or record.key_store:
            raise AwsError(
                "UnsupportedOperationException",
                "",
                "Only symmetric encryption keys whose material the vault holds rotate; make a "
                "new key and move its alias.",
            )
        return record

    def _changeable(self, request: dict[str, Any], call: Call, group: Group) -> KeyRecord:
        """Return a key whose rotation may be changed here: not a replica's."""
        record = self._rotatable(request, call)
        arn = record.arn(self._place)
        if record.multi_region and record.primary_region != self._place.region:
            raise AwsError(
                "UnsupportedOperationException",
                f"{arn} is not a multi-region primary key.",
                f"Rotate the primary key in {record.primary_region}; replicas follow it.",
            )
        if record.origin == EXTERNAL and group is Group.ROTATION:
            raise AwsError(
                "UnsupportedOperationException",
                f"{arn} origin is EXTERNAL which is not valid for this operation.",
                "Import new key material and rotate on demand.",
            )
        require_state(record, group, self._place)
        return record

    def _enable(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._changeable(request, call, Group.ROTATION)
        period = int(request.get("RotationPeriodInDays", _DEFAULT_PERIOD))
        base = record.rotation_base if record.rotation_enabled else None
        start = base or call.time
        self._store.save_key(
            replace(
                record,
                rotation_enabled=True,
                rotation_period=period,
                rotation_base=start,
                next_rotation=max(start + timedelta(days=period), call.time),
            )
        )
        return {}

    def _disable(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._changeable(request, call, Group.ROTATION)
        self._store.save_key(
            replace(record, rotation_enabled=False, next_rotation=None, rotation_base=None)
        )
        return {}

    def _status(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._rotatable(request, call)
        answer: dict[str, Any] = {"KeyId": record.arn(self._place)}
        states = {record.state}
        if record.primary_region not in {"", self._place.region}:
            record = self._finder.stores.region(record.primary_region).key(record.id) or record
            states.add(record.state)
        if states & LEAVING:  # whatever it was comes back when the deletion is cancelled
            return {**answer, "KeyRotationEnabled": False}
        answer["KeyRotationEnabled"] = record.rotation_enabled
        if record.rotation_enabled:
            answer["RotationPeriodInDays"] = record.rotation_period
            answer["NextRotationDate"] = record.next_rotation
        if record.background == Background.ROTATE:
            answer["OnDemandRotationStartDate"] = record.background_start
        return answer

    def _rotate(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._changeable(request, call, Group.ROTATE)
        arn = record.arn(self._place)
        if record.background == Background.ROTATE:
            raise AwsError(
                "ConflictException",
                f"An on-demand rotation of {arn} is already in progress.",
                "Wait a moment and look at its key materials.",
            )
        history = self._store.materials(record.id)
        done = sum(material.rotation_type == ON_DEMAND for material in history)
        self._finder.stores.limits.check_rotations(done, arn)
        if record.origin == EXTERNAL and _pending(history) is None:
            raise AwsError(
                "KMSInvalidStateException",
                f"No available key material pending rotation for the key: {arn}.",
                "Import new key material first.",
            )
        self._store.save_key(
            replace(record, background=Background.ROTATE, background_start=call.time)
        )
        self._wake()
        return {"KeyId": arn}

    def renew(self, record: KeyRecord, kind: str, moment: datetime) -> KeyRecord:
        """Give a key its next current material inside the caller's transaction.

        Imported keys take the material that waits for rotation, and stay as they are where it is
        gone; replicas get the same material.

        Args:
            record: the key, the primary of a multi-Region key.
            kind: AUTOMATIC or ON_DEMAND; an automatic one moves the next date, an on-demand one
                keeps it.
            moment: when.

        Returns:
            The key as saved.
        """
        history = self._store.materials(record.id)
        material = _pending(history)
        if material is None and record.origin == EXTERNAL:  # it expired in a Region meanwhile
            self._store.save_key(record)
            return record
        if material is None:
            made = self._hsm.user.generate(record.id, record.spec, record.usage)
            material = MaterialRecord(
                made.token.binding, made.token, history[-1].sequence + 1, CURRENT, moment
            )
        changed = replace(record, current_material=material.id)
        if kind == AUTOMATIC:
            following = moment + timedelta(days=record.rotation_period)
            changed = replace(changed, next_rotation=following, rotation_base=moment)
        for region in self._finder.stores.regions_of(record.id):
            self._put_in_place(material, kind, moment, region)
        self._store.save_key(changed)
        return changed

    def _put_in_place(
        self, material: MaterialRecord, kind: str, moment: datetime, region: str
    ) -> None:
        """Make a material the current one in a Region; imported ones are there already."""
        store = self._finder.stores.region(region)
        for other in store.materials(material.binding.key_id):
            if other.state == CURRENT:
                store.save_material(other.demoted())
            elif other.id == material.id:
                material = other
        store.save_material(replace(material, state=CURRENT, created=moment, rotation_type=kind))
        record = store.key(material.binding.key_id)
        if record is not None:
            store.save_key(replace(record, current_material=material.id))

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._rotatable(request, call)
        history = self._store.materials(record.id)
        if request.get("IncludeKeyMaterial", "ROTATIONS_ONLY") == "ROTATIONS_ONLY":
            history = [material for material in history if material.rotation_type]
        arn = record.arn(self._place)

        def after(marker: str, limit: int) -> list[MaterialRecord]:
            if marker and not (marker.isascii() and marker.isdigit()):
                raise AwsError("InvalidMarkerException", "The marker is not valid.")
            least = int(marker) if marker else -1
            return [m for m in history if m.sequence > least][:limit]

        shown, more = page(after, request, _PAGE, _LONGEST_PAGE)
        answer: dict[str, Any] = {
            "Rotations": [{"KeyId": arn, **material.entry()} for material in shown],
            "Truncated": more,
        }
        if more:
            answer["NextMarker"] = str(shown[-1].sequence)
        return answer


def _pending(history: list[MaterialRecord]) -> MaterialRecord | None:
    return next((one for one in history if one.state == PENDING_ROTATION), None)
