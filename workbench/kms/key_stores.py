"""Custom key stores: Create, Describe, Update, Connect, Disconnect, Delete.

Connecting and disconnecting are finished by the background worker (`key_store_worker`).

Source: AWS KMS API Reference, the operations named; CustomKeyStoreInvalidStateException.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.kms.key_store_backends import Asking, Backends
from workbench.kms.key_store_faults import BackendFault
from workbench.kms.key_store_keys import made_unavailable, required_store
from workbench.kms.key_store_records import (
    CONNECTED,
    CONNECTING,
    DISCONNECTED,
    DISCONNECTING,
    FAILED,
    PUBLIC,
    KeyStoreRecord,
)
from workbench.kms.key_store_settings import (
    changed,
    completed,
    needs_disconnection,
    require_unique,
)
from workbench.kms.lookup import Finder, page
from workbench.kms.records import AWS_CLOUDHSM

_PAGE, _LONGEST_PAGE = 100, 1000
_ID_DIGITS: Final = 17
_ID: Final = re.compile(r"cks-[0-9a-f]{17}")


class CustomKeyStores:
    """The life of custom key stores in one Region.

    Args:
        finder: finds keys and stores.
        backends: what stands behind stores, by type.
        wake: has the background worker look at what is due, soon.
    """

    def __init__(self, finder: Finder, backends: Backends, wake: Callable[[], None]) -> None:
        self._finder = finder
        self._table = finder.stores.custom(finder.place.region)
        self._place = finder.place
        self._backends = backends
        self._wake = wake

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreateCustomKeyStore": Operation(self._create, **write),
            "DescribeCustomKeyStores": Operation(self._describe),
            "UpdateCustomKeyStore": Operation(self._update, **write),
            "ConnectCustomKeyStore": Operation(self._connect, **write),
            "DisconnectCustomKeyStore": Operation(self._disconnect, **write),
            "DeleteCustomKeyStore": Operation(self._delete, **write),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        blank = KeyStoreRecord(
            id=f"cks-{secrets.token_hex(_ID_DIGITS)[:_ID_DIGITS]}",
            region=self._place.region,
            name=request["CustomKeyStoreName"],
            kind=request.get("CustomKeyStoreType", AWS_CLOUDHSM),
            created=call.time,
        )
        store = completed(blank, request)
        present = self._table.everything()
        require_unique(store, present)
        self._finder.stores.limits.check_key_stores(len(present))
        if store.kind == AWS_CLOUDHSM or store.connectivity == PUBLIC:
            # One behind a VPC endpoint service is first met when it is connected, as on AWS.
            self._check(store, None, "CreateCustomKeyStore", call)
        self._table.save(store)
        call.note(customKeyStoreId=store.id)
        return {"CustomKeyStoreId": store.id}

    def _check(
        self, store: KeyStoreRecord, former: KeyStoreRecord | None, operation: str, call: Call
    ) -> None:
        backend = self._backends.get(store.kind)
        if backend is None:
            return
        try:
            backend.check(store, former, Asking(call.request_id, operation))
        except BackendFault as fault:
            raise fault.in_store() from fault

    def _describe(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        store_id, name = request.get("CustomKeyStoreId"), request.get("CustomKeyStoreName")
        if store_id and name:
            raise AwsError(
                "ValidationException",
                "CustomKeyStoreId and CustomKeyStoreName cannot both be specified.",
            )
        if store_id:
            found = [required_store(self._table, store_id)]
        elif name:
            found = [self._named(name)]
        else:
            found, more = page(self._table.stores, request, _PAGE, _LONGEST_PAGE, _ID)
            answer = {"CustomKeyStores": [store.entry() for store in found], "Truncated": more}
            return {**answer, "NextMarker": found[-1].id} if more else answer
        return {"CustomKeyStores": [store.entry() for store in found], "Truncated": False}

    def _named(self, name: str) -> KeyStoreRecord:
        store = self._table.named(name)
        if store is None:
            raise AwsError(
                "CustomKeyStoreNotFoundException", f"Custom key store {name} was not found."
            )
        return store

    def _update(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        store = required_store(self._table, request["CustomKeyStoreId"])
        after = changed(store, request)
        suitable = {DISCONNECTED}
        if not needs_disconnection(request):
            suitable.add(CONNECTED)
        _require(store, suitable, "updated", "Disconnect it first.")
        require_unique(after, self._table.everything())
        if set(request) - {"CustomKeyStoreId", "NewCustomKeyStoreName"}:
            self._check(after, store, "UpdateCustomKeyStore", call)
        self._table.save(after)
        return {}

    def _connect(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        store = required_store(self._table, request["CustomKeyStoreId"])
        allowed = {CONNECTED, CONNECTING, DISCONNECTED}
        _require(store, allowed, "connected", "Disconnect it first, then connect it.")
        if store.state == DISCONNECTED:
            self._table.save(replace(store, state=CONNECTING))
            self._wake()
        return {}

    def _disconnect(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        store = required_store(self._table, request["CustomKeyStoreId"])
        allowed = {CONNECTED, CONNECTING, FAILED}
        _require(store, allowed, "disconnected", "It is disconnected already.")
        self._table.save(replace(store, state=DISCONNECTING, error_code=""))
        for key in self._table.keys(store.id):
            self._finder.store.save_key(made_unavailable(key))
        self._wake()
        return {}

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        store = required_store(self._table, request["CustomKeyStoreId"])
        if self._table.keys(store.id):
            raise AwsError(
                "CustomKeyStoreHasCMKsException",
                f"Custom key store {store.id} contains KMS keys.",
                "Schedule the deletion of its keys and wait until they are gone.",
            )
        _require(store, {DISCONNECTED}, "deleted", "Disconnect it first.")
        self._table.delete(store.id)
        return {}


def _require(store: KeyStoreRecord, allowed: set[str], done: str, next_step: str) -> None:
    if store.state not in allowed:
        raise AwsError(
            "CustomKeyStoreInvalidStateException",
            f"Custom key store {store.id} cannot be {done} while its connection state is "
            f"{store.state}.",
            next_step,
        )
