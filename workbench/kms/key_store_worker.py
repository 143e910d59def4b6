"""Connecting and disconnecting custom key stores, after the request that asked for it.

A back end is called outside any transaction: it may be slow, and others must go on writing. What it
did is recorded only if the store is still in the state it was asked for.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from workbench.base.identifiers import new_uuid
from workbench.kms.key_store_backends import Asking, Backends
from workbench.kms.key_store_faults import OUTCOMES, BackendFault, Fault
from workbench.kms.key_store_keys import made_available, missing
from workbench.kms.key_store_records import (
    CONNECTED,
    CONNECTING,
    DISCONNECTED,
    FAILED,
    KeyStoreRecord,
)
from workbench.kms.key_store_table import in_motion
from workbench.kms.records import AWS_CLOUDHSM, KeyRecord
from workbench.kms.store import Stores
from workbench.vault.vault import Vault

_LOG = logging.getLogger(__name__)


class KeyStoreWorker:
    """Brings stores of all Regions to the state that was asked for.

    Args:
        vault: opens transactions.
        stores: tables of all Regions.
        backends: what stands behind stores, by type.
    """

    def __init__(self, vault: Vault, stores: Stores, backends: Backends) -> None:
        self._vault = vault
        self._stores = stores
        self._backends = backends
        self._one_at_a_time = threading.Lock()

    def run_due(self) -> int:
        """Finish every connection and disconnection that was begun; returns how many."""
        with self._one_at_a_time:
            return sum(self._move(store) for store in in_motion(self._vault))

    def _move(self, store: KeyStoreRecord) -> bool:
        if store.state == CONNECTING:
            fault = self._tried(store, self._connect)
            if fault is None:
                return self._settle(store, replace(store, state=CONNECTED, error_code=""))
            code = OUTCOMES[fault].connection
            return self._settle(store, replace(store, state=FAILED, error_code=code))
        self._tried(store, self._disconnect)
        return self._settle(store, replace(store, state=DISCONNECTED, error_code=""))

    def _tried(self, store: KeyStoreRecord, work: Callable[[KeyStoreRecord], None]) -> Fault | None:
        try:
            work(store)
        except BackendFault as fault:
            _LOG.warning("custom key store %s: %s", store.id, fault)
            return fault.fault
        except Exception as error:  # noqa: BLE001 - no bug of a back end may leave it CONNECTING
            # Its text may hold the store's secrets.
            _LOG.warning("custom key store %s: %s", store.id, type(error).__name__)
            return Fault.INTERNAL
        return None

    def _connect(self, store: KeyStoreRecord) -> None:
        backend = self._backends.get(store.kind)
        if backend is None:
            raise BackendFault(missing(store.kind))
        backend.connect(store, Asking(new_uuid(), "ConnectCustomKeyStore"))

    def _disconnect(self, store: KeyStoreRecord) -> None:
        backend = self._backends.get(store.kind)
        if backend is not None:
            backend.disconnect(store)

    def _settle(self, before: KeyStoreRecord, after: KeyStoreRecord) -> bool:
        table = self._stores.custom(before.region)
        with self._vault.transaction():
            if table.store(before.id) != before:
                return False
            table.save(after)
            if after.state == CONNECTED:
                keys = self._stores.region(before.region)
                for key in table.keys(before.id):
                    keys.save_key(made_available(key))
        return True

    def release(self, record: KeyRecord, region: str) -> None:
        """Have a deleted key's material deleted from its cluster, once that is committed.

        As on AWS an attempt: a cluster that cannot be reached keeps it.
        """
        if record.origin != AWS_CLOUDHSM:
            return
        store = self._stores.custom(region).store(record.key_store)
        backend = self._backends.get(AWS_CLOUDHSM)
        if store is None or backend is None:
            return

        def delete() -> None:
            self._tried(store, lambda one: backend.delete_key(one, record.external_key))

        with self._vault.transaction() as transaction:
            transaction.after_commit(delete)
