"""KMS keys in custom key stores: making them, using them, and their state when a store is away.

A key in a CloudHSM key store has its material in the cluster. One in an external key store has two:
material that KMS makes and the external key; what is encrypted goes through KMS's first. Of both
kinds the table `materials` has a row, whose id ciphertexts name; for the former it is an id alone.

Sources: AWS KMS API Reference, CreateKey; Developer Guide, "Custom key stores".
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.base.errors import IntegrityError
from workbench.hsm.user import KeyBinding
from workbench.kms import key_store_blobs as layout
from workbench.kms.key_store_backends import Asking, Backends, ExternalKey, KeyStoreBackend
from workbench.kms.key_store_faults import BackendFault, Fault
from workbench.kms.key_store_records import CONNECTED, KeyStoreRecord
from workbench.kms.key_store_table import KeyStoreTable
from workbench.kms.login import Login
from workbench.kms.lookup import Finder
from workbench.kms.records import (
    AWS_CLOUDHSM,
    CURRENT,
    DISABLED,
    ENABLED,
    EXTERNAL_KEY_STORE,
    UNAVAILABLE,
    KeyRecord,
    MaterialRecord,
)

STORE_ORIGINS: Final = frozenset({AWS_CLOUDHSM, EXTERNAL_KEY_STORE})
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_MATERIAL_ID_BYTES: Final = 32
_NEEDED: Final = frozenset({"ENCRYPT", "DECRYPT"})
T = TypeVar("T")


def made_unavailable(record: KeyRecord) -> KeyRecord:
    """Return a key as it is while its store is not connected; one pending deletion stays so."""
    if record.state not in {ENABLED, DISABLED}:
        return record
    return replace(record, state=UNAVAILABLE, resumed_state=record.state)


def made_available(record: KeyRecord) -> KeyRecord:
    """Return a key as it was before its store was disconnected."""
    if record.state != UNAVAILABLE:
        return record
    return replace(record, state=record.resumed_state or ENABLED, resumed_state="")


def switched(record: KeyRecord, state: str, finder: Finder) -> KeyRecord:
    """Return a key once it is enabled or disabled, which shows when its store is connected."""
    changed = replace(record, state=state, resumed_state="")
    if not record.key_store:
        return changed
    store = finder.stores.custom(finder.place.region).store(record.key_store)
    connected = store is not None and store.state == CONNECTED
    return changed if connected else made_unavailable(changed)


def required_store(table: KeyStoreTable, store_id: str) -> KeyStoreRecord:
    """Return a custom key store by its id.

    Raises:
        AwsError: CustomKeyStoreNotFoundException.
    """
    store = table.store(store_id)
    if store is None:
        raise AwsError(
            "CustomKeyStoreNotFoundException", f"Custom key store {store_id} was not found."
        )
    return store


def check_origin(request: dict[str, Any], origin: str, spec: str) -> None:
    """Refuse members of CreateKey that do not go together with its origin.

    Raises:
        AwsError: ValidationException or UnsupportedOperationException.
    """
    if origin not in STORE_ORIGINS:
        for member in ("CustomKeyStoreId", "XksKeyId"):
            if request.get(member):
                raise AwsError("ValidationException", f"{member} is not valid for Origin {origin}.")
        return
    if not request.get("CustomKeyStoreId"):
        raise AwsError("ValidationException", f"CustomKeyStoreId is required for Origin {origin}.")
    if origin == EXTERNAL_KEY_STORE and not request.get("XksKeyId"):
        raise AwsError("ValidationException", f"XksKeyId is required for Origin {origin}.")
    if origin == AWS_CLOUDHSM and request.get("XksKeyId"):
        raise AwsError("ValidationException", f"XksKeyId is not valid for Origin {origin}.")
    if spec != _SYMMETRIC:
        raise AwsError(
            "UnsupportedOperationException",
            f"KeySpec {spec} is not supported for Origin {origin}; the KeySpec must be "
            f"{_SYMMETRIC}.",
        )
    if request.get("MultiRegion"):
        raise AwsError(
            "UnsupportedOperationException",
            f"Multi-Region keys are not supported for Origin {origin}.",
        )


class StoreKeys:
    """What keys in one Region's custom key stores do.

    Args:
        finder: finds keys and stores.
        hsm: makes and uses KMS's own material of keys in external key stores.
        backends: what stands behind stores, by type.
    """

    def __init__(self, finder: Finder, hsm: Login, backends: Backends) -> None:
        self._finder = finder
        self._place = finder.place
        self._hsm = hsm
        self._backends = backends
        self._table = finder.stores.custom(finder.place.region)

    def create(self, record: KeyRecord, request: dict[str, Any], call: Call) -> KeyRecord:
        """Return a new key with what its custom key store gives it; saves its material.

        Raises:
            AwsError: the store is not there, is of another type or not connected, or refuses.
        """
        store = self._connected(request["CustomKeyStoreId"], record.origin)
        asking = self._asking(record, "CreateKey", call)
        backend = self._backend(store)
        try:
            if record.origin == EXTERNAL_KEY_STORE:
                key = self._external(store, request["XksKeyId"], backend, asking)
                made = self._hsm.user.generate(record.id, record.spec, record.usage)
                material = MaterialRecord(made.token.binding, made.token, 0, CURRENT, call.time)
            else:
                key = backend.create_key(store, asking)
                material_id = secrets.token_bytes(_MATERIAL_ID_BYTES).hex()
                binding = KeyBinding(record.id, material_id, record.spec)
                material = MaterialRecord(binding, None, 0, CURRENT, call.time)
        except BackendFault as fault:
            raise fault.in_creation() from fault
        self._finder.store.save_material(material)
        call.note(customKeyStoreId=store.id)
        return replace(record, key_store=store.id, external_key=key, current_material=material.id)

    def _connected(self, store_id: str, kind: str) -> KeyStoreRecord:
        store = required_store(self._table, store_id)
        if store.kind != kind:
            raise AwsError(
                "ValidationException",
                f"Custom key store {store_id} is of type {store.kind}, not {kind}.",
            )
        if store.state != CONNECTED:
            raise AwsError(
                "CustomKeyStoreInvalidStateException",
                f"Custom key store {store_id} is not connected; its connection state is "
                f"{store.state}.",
                "Connect it first.",
            )
        return store

    def _backend(self, store: KeyStoreRecord) -> KeyStoreBackend:
        backend = self._backends.get(store.kind)
        if backend is None:
            raise BackendFault(missing(store.kind)).in_use()
        return backend

    def _external(
        self, store: KeyStoreRecord, key: str, backend: KeyStoreBackend, asking: Asking
    ) -> str:
        if any(other.external_key == key for other in self._table.keys(store.id)):
            raise AwsError(
                "XksKeyAlreadyInUseException",
                f"The external key {key} is already associated with another KMS key in this "
                "external key store.",
            )
        _require_suitable(backend.describe_key(store, key, asking))
        return key

    def seal(self, record: KeyRecord, plaintext: bytes, aad: bytes, call: Call) -> bytes:
        """Return the ciphertext of a key in a custom key store.

        Raises:
            AwsError: KMSInvalidStateException with AWS's text of what failed.
        """
        material = self._finder.material(record)
        call.note(keyMaterialId=material.id)
        if material.sealed is not None:
            plaintext = self._hsm.user.encrypt(material.token, plaintext, aad)
        bound = layout.header(material.id) + aad

        def encrypt(backend: KeyStoreBackend, store: KeyStoreRecord) -> bytes:
            asking = self._asking(record, "Encrypt", call)
            return backend.encrypt(store, record.external_key, plaintext, bound, asking)

        return layout.join(material.id, self._through(record, encrypt, call))

    def unseal(
        self, record: KeyRecord, material: MaterialRecord, blob: bytes, aad: bytes, call: Call
    ) -> bytes:
        """Return the plaintext of a ciphertext of a key in a custom key store.

        Raises:
            IntegrityError: changed, of another key, or with another context.
            AwsError: KMSInvalidStateException with AWS's text of what else failed.
        """
        content = layout.content(blob)
        bound = layout.header(material.id) + aad

        def decrypt(backend: KeyStoreBackend, store: KeyStoreRecord) -> bytes:
            asking = self._asking(record, "Decrypt", call)
            return backend.decrypt(store, record.external_key, content, bound, asking)

        inner = self._through(record, decrypt, call)
        return (
            inner if material.sealed is None else self._hsm.user.decrypt(material.token, inner, aad)
        )

    def _through(
        self, record: KeyRecord, work: Callable[[KeyStoreBackend, KeyStoreRecord], T], call: Call
    ) -> T:
        store = self._table.store(record.key_store)
        if store is None:
            raise AwsError("KMSInternalException", f"{record.arn(self._place)} has no key store.")
        call.note(customKeyStoreId=store.id)
        if record.origin == EXTERNAL_KEY_STORE:
            call.note(xksKeyId=record.external_key)
        try:
            return work(self._backend(store), store)
        except BackendFault as fault:
            if fault.fault is Fault.CIPHERTEXT and record.origin == AWS_CLOUDHSM:
                raise IntegrityError("The ciphertext was changed.", "Use another copy.") from fault
            raise fault.in_use() from fault

    def random(self, store_id: str, size: int, call: Call) -> bytes:
        """Return random bytes from the cluster of a CloudHSM key store.

        Raises:
            AwsError: there is no such store, it is an external one, not connected, or fails.
        """
        if required_store(self._table, store_id).kind == EXTERNAL_KEY_STORE:
            raise AwsError(
                "UnsupportedOperationException",
                f"Custom key store {store_id} is an external key store, which gives no random "
                "bytes.",
            )
        store = self._connected(store_id, AWS_CLOUDHSM)
        asking = Asking(call.request_id, "GenerateRandom", call.caller.arn)
        try:
            return self._backend(store).random(store, size, asking)
        except BackendFault as fault:
            raise fault.in_use() from fault

    def _asking(self, record: KeyRecord, operation: str, call: Call) -> Asking:
        caller = call.caller
        arn = record.arn(self._place)
        return Asking(call.request_id, operation, caller.arn, arn, caller.invoked_by)


def missing(kind: str) -> Fault:
    """Return the fault of a type of store that nothing stands behind."""
    return Fault.CLUSTER_NOT_FOUND if kind == AWS_CLOUDHSM else Fault.UNREACHABLE


def _require_suitable(key: ExternalKey) -> None:
    """Raise XksKeyInvalidConfigurationException unless KMS can use an external key."""
    if not key.enabled:
        raise BackendFault(Fault.KEY_DISABLED)
    if not key.usages >= _NEEDED:
        raise BackendFault(Fault.KEY_USAGE)
    if key.spec != "AES_256":
        raise AwsError(
            "XksKeyInvalidConfigurationException",
            "The external key is not a 256-bit symmetric encryption key.",
        )
