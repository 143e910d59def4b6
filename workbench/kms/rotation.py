"""Rotation of key material: on demand, automatic, and its history.

Source: AWS KMS Developer Guide, "Rotate AWS KMS keys"; API Reference, ListKeyRotations.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.kms.login import Login
from workbench.kms.lookup import Finder, page, refuse_state
from workbench.kms.records import (
    AUTOMATIC,
    CURRENT,
    ON_DEMAND,
    KeyRecord,
    MaterialRecord,
)

MOST_ON_DEMAND = 10
_DEFAULT_PERIOD = 365
_PAGE, _LONGEST_PAGE = 100, 1000


class Rotations:
    """Key material over time; symmetric encryption keys with AWS_KMS origin only."""

    def __init__(self, finder: Finder, hsm: Login) -> None:
        self._finder = finder
        self._store = finder.store
        self._place = finder.place
        self._hsm = hsm

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
        if record.spec != "SYMMETRIC_DEFAULT":
            raise AwsError(
                "UnsupportedOperationException",
                "",
                "Only symmetric encryption keys rotate; make a new key and move its alias.",
            )
        return record

    def _enable(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._rotatable(request, call)
        refuse_state(record, self._place)
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
        record = self._rotatable(request, call)
        refuse_state(record, self._place)
        self._store.save_key(
            replace(record, rotation_enabled=False, next_rotation=None, rotation_base=None)
        )
        return {}

    def _status(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._rotatable(request, call)
        answer: dict[str, Any] = {
            "KeyId": record.arn(self._place),
            "KeyRotationEnabled": record.rotation_enabled,
        }
        if record.rotation_enabled:
            answer["RotationPeriodInDays"] = record.rotation_period
            answer["NextRotationDate"] = record.next_rotation
        return answer

    def _rotate(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._rotatable(request, call)
        refuse_state(record, self._place)
        history = self._store.materials(record.id)
        done = sum(material.rotation_type == ON_DEMAND for material in history)
        arn = record.arn(self._place)
        if done >= MOST_ON_DEMAND:
            raise AwsError(
                "LimitExceededException",
                "The on-demand rotations limit has been reached for the given keyId. No more "
                f"on-demand rotations can be performed for this key: {arn}",
            )
        made = self.renew(record, ON_DEMAND, call.time)
        call.note(keyMaterialId=made.current_material)
        return {"KeyId": arn}

    def renew(self, record: KeyRecord, kind: str, moment: datetime) -> KeyRecord:
        """Give a key new current material inside the caller's transaction.

        Args:
            record: the key.
            kind: AUTOMATIC or ON_DEMAND; an automatic one moves the next date, an on-demand one
                keeps it.
            moment: when.

        Returns:
            The key as saved.
        """
        history = self._store.materials(record.id)
        for material in history:
            if material.state == CURRENT:
                self._store.save_material(material.demoted())
        made = self._hsm.user.generate(record.id, record.spec, record.usage)
        sequence = history[-1].sequence + 1
        self._store.save_material(MaterialRecord(made.token, sequence, CURRENT, moment, kind))
        changed = replace(record, current_material=made.token.binding.material_id)
        if kind == AUTOMATIC:
            following = moment + timedelta(days=record.rotation_period)
            changed = replace(changed, next_rotation=following, rotation_base=moment)
        self._store.save_key(changed)
        return changed

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
