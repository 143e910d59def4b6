"""What happens to keys without a request: rotation, deletion, expiry, changes of Region.

The worker has no thread of its own; the assembly runs `run_due` when the vault is unlocked and
every minute after, and the time machine after each step.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from workbench.api.calls import Caller
from workbench.api.door import Recorder
from workbench.api.events import Event
from workbench.base.identifiers import Place, new_uuid
from workbench.kms.imported import expire, settle_everywhere
from workbench.kms.key_store_worker import KeyStoreWorker
from workbench.kms.records import (
    AUTOMATIC,
    ENABLED,
    EXTERNAL,
    LEAVING,
    ON_DEMAND,
    PENDING_DELETION,
    PENDING_REPLICA_DELETION,
    Background,
    KeyRecord,
)
from workbench.kms.rotation import Rotations
from workbench.kms.store import Stores
from workbench.vault.vault import Vault


class Worker:
    """Carries out what is due in any Region, each step in one durable transaction.

    Args:
        vault: opens transactions.
        stores: the keys of all Regions.
        rotations: returns a Region's rotations.
        recorder: the journal.
        place: the account; events name the key's own Region.
        key_stores: what becomes of custom key stores.
        delay: how long what a request began takes at least.
    """

    def __init__(
        self,
        vault: Vault,
        stores: Stores,
        rotations: Callable[[str], Rotations],
        recorder: Recorder,
        place: Place,
        key_stores: KeyStoreWorker,
        delay: timedelta = timedelta(),
    ) -> None:
        self._vault = vault
        self._key_stores = key_stores
        self._stores = stores
        self._rotations = rotations
        self._recorder = recorder
        self._place = place
        self._delay = delay

    def run_due(self, moment: datetime) -> int:
        """Do everything due at `moment`; returns how many keys and key stores changed."""
        changed = self._key_stores.run_due()
        return changed + sum(self.run_one(*found, moment) for found in self._stores.due(moment))

    def run_one(self, region: str, key_id: str, moment: datetime) -> bool:
        """Do what is due of one key; returns whether it changed."""
        with self._vault.transaction():
            record = self._stores.region(region).key(key_id)
            due = record.due() if record else None
            if record is None or due is None or due > moment:
                return False
            place = self._place.elsewhere(region)
            expired = record.expires is not None and record.expires <= moment
            if expired and (record.background != Background.ROTATE or record.state in LEAVING):
                self._expire(record, place, moment)
                record = self._stores.region(region).key(key_id) or record
            if record.state in LEAVING:
                return self._delete(record, place, moment) or expired
            if record.background_start is not None:
                if record.background_start + self._delay > moment:
                    return expired
                return self._finish(record, place, moment)
            return expired or self._rotate(record, place, moment)

    def _expire(self, record: KeyRecord, place: Place, moment: datetime) -> None:
        for material_id in expire(record, self._stores, place.region, moment):
            additional = {"keyMaterialId": material_id}
            self._tell("DeleteExpiredKeyMaterial", record, place, moment, additional)

    def _delete(self, record: KeyRecord, place: Place, moment: datetime) -> bool:
        if record.deletion_date is None or record.deletion_date > moment:
            return False
        self._stores.region(place.region).delete_key(record.id)
        self._key_stores.release(record, place.region)
        self._tell("DeleteKey", record, place, moment, {})
        self._release_primary(record, moment)
        if record.origin == EXTERNAL:
            settle_everywhere(record.id, self._stores)
        return True

    def _release_primary(self, replica: KeyRecord, moment: datetime) -> None:
        """Let a primary's own waiting period begin once its last replica is gone."""
        regions = self._stores.regions_of(replica.id)
        if regions != [replica.primary_region]:
            return
        store = self._stores.region(replica.primary_region)
        primary = store.key(replica.id)
        if primary is not None and primary.state == PENDING_REPLICA_DELETION:
            when = moment + timedelta(days=primary.deletion_window)
            store.save_key(
                replace(primary, state=PENDING_DELETION, deletion_window=0, deletion_date=when)
            )

    def _finish(self, record: KeyRecord, place: Place, moment: datetime) -> bool:
        store = self._stores.region(place.region)
        started = record.background_start or moment
        done = replace(record, background="", background_start=None)
        if record.background == Background.ROTATE:
            changed = self._rotations(place.region).renew(done, ON_DEMAND, started)
            if changed.current_material != record.current_material:
                self._tell_rotation(changed, place, moment, ON_DEMAND)
        else:
            store.save_key(replace(done, state=record.resumed_state, resumed_state=""))
            if record.background == Background.CREATE:
                self._tell("SynchronizeMultiRegionKey", record, place, moment, {})
        return True

    def _rotate(self, record: KeyRecord, place: Place, moment: datetime) -> bool:
        if record.state != ENABLED:
            # AWS does not rotate a disabled key; it is rotated when it is enabled again.
            return False
        changed = self._rotations(place.region).renew(record, AUTOMATIC, moment)
        self._tell_rotation(changed, place, moment, AUTOMATIC)
        return True

    def _tell_rotation(self, record: KeyRecord, place: Place, moment: datetime, kind: str) -> None:
        additional = {"rotationType": kind, "keyMaterialId": record.current_material}
        self._tell("RotateKey", record, place, moment, additional)

    def _tell(
        self,
        name: str,
        record: KeyRecord,
        place: Place,
        moment: datetime,
        additional: dict[str, Any],
    ) -> None:
        caller = Caller("AWS Internal", place.account, "AWSService", "kms.amazonaws.com")
        event = Event(
            time=moment,
            service="kms",
            name=name,
            caller=caller,
            region=place.region,
            request_id=new_uuid(),
            parameters={"KeyId": record.id},
            response_elements=None,
            additional=additional or None,
            resources=(record.arn(place),),
            read_only=False,
        )
        self._recorder.record(event, durable=True)
