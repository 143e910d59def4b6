"""What happens to keys when their time comes: automatic rotation and deletion.

The worker has no thread of its own; the assembly runs `run_due` when the vault is unlocked and
every minute after, and the time machine after each step.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from workbench.api.calls import Caller
from workbench.api.door import Recorder
from workbench.api.events import Event
from workbench.base.identifiers import Place, new_uuid
from workbench.kms.records import AUTOMATIC, ENABLED, PENDING_DELETION, KeyRecord
from workbench.kms.rotation import Rotations
from workbench.kms.store import KeyStore
from workbench.vault.vault import Vault


class Worker:
    """Carries out rotations and deletions that are due, each in one durable transaction."""

    def __init__(
        self, vault: Vault, store: KeyStore, rotations: Rotations, recorder: Recorder, place: Place
    ) -> None:
        self._vault = vault
        self._store = store
        self._rotations = rotations
        self._recorder = recorder
        self._place = place

    def run_due(self, moment: datetime) -> int:
        """Do everything due at `moment`; returns how many keys changed."""
        return sum(self._handle(key_id, moment) for key_id in self._store.due(moment))

    def _handle(self, key_id: str, moment: datetime) -> bool:
        with self._vault.transaction():
            record = self._store.key(key_id)
            due = record.due() if record else None
            if record is None or due is None or due > moment:
                return False
            if record.state == PENDING_DELETION:
                return self._delete(record, moment)
            return self._rotate(record, moment)

    def _delete(self, record: KeyRecord, moment: datetime) -> bool:
        if record.deletion_date is None or record.deletion_date > moment:
            # A rotation that falls due while deletion is pending is skipped, as on AWS.
            self._store.save_key(replace(record, next_rotation=None))
            return False
        self._store.delete_key(record.id)
        self._tell("DeleteKey", record, moment, {})
        return True

    def _rotate(self, record: KeyRecord, moment: datetime) -> bool:
        if record.state != ENABLED:
            # AWS does not rotate a disabled key; it is rotated when it is enabled again.
            return False
        changed = self._rotations.renew(record, AUTOMATIC, moment)
        self._tell(
            "RotateKey", record, moment, {"rotationType": AUTOMATIC,
                                          "keyMaterialId": changed.current_material},
        )  # fmt: skip
        return True

    def _tell(
        self, name: str, record: KeyRecord, moment: datetime, additional: dict[str, Any]
    ) -> None:
        caller = Caller("AWS Internal", self._place.account, "AWSService", "kms.amazonaws.com")
        event = Event(
            time=moment,
            service="kms",
            name=name,
            caller=caller,
            region=self._place.region,
            request_id=new_uuid(),
            parameters={"KeyId": record.id},
            response_elements=None,
            additional=additional or None,
            resources=(record.arn(self._place),),
            read_only=False,
        )
        self._recorder.record(event, durable=True)
