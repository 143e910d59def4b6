"""A real key store in memory: AES-256-GCM keys, and every way to fail on demand."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workbench.kms.key_store_backends import Asking, ExternalKey
from workbench.kms.key_store_faults import BackendFault, Fault
from workbench.kms.key_store_records import KeyStoreRecord


@dataclass
class FakeKeyStore:
    """Stands behind stores of either type.

    Attributes:
        keys: the keys it holds, by name.
        described: what it says of keys, where that is not the truth.
        failing: by the name of a method, the fault it meets, or the bug it has.
        asked: every request it was given, with the method's name.
        connected: ids of the stores that are connected.
    """

    keys: dict[str, AESGCM] = field(default_factory=dict)
    described: dict[str, ExternalKey] = field(default_factory=dict)
    failing: dict[str, Fault | Exception] = field(default_factory=dict)
    asked: list[tuple[str, Asking]] = field(default_factory=list)
    connected: set[str] = field(default_factory=set)

    def add(self, name: str) -> str:
        """Put a new key in under a name."""
        self.keys[name] = AESGCM(AESGCM.generate_key(256))
        return name

    def check(self, store: KeyStoreRecord, former: KeyStoreRecord | None, asking: Asking) -> None:
        self._meet("check", asking)
        assert former is None or former.id == store.id

    def connect(self, store: KeyStoreRecord, asking: Asking) -> None:
        self._meet("connect", asking)
        self.connected.add(store.id)

    def disconnect(self, store: KeyStoreRecord) -> None:
        self._meet("disconnect", Asking("", ""))
        self.connected.discard(store.id)

    def describe_key(self, store: KeyStoreRecord, key: str, asking: Asking) -> ExternalKey:
        self._meet("describe_key", asking)
        self._of(store, key)
        usual = ExternalKey("AES_256", frozenset({"ENCRYPT", "DECRYPT"}), enabled=True)
        return self.described.get(key, usual)

    def create_key(self, store: KeyStoreRecord, asking: Asking) -> str:
        assert store.id in self.connected
        self._meet("create_key", asking)
        return self.add(asking.key_arn)

    def delete_key(self, store: KeyStoreRecord, key: str) -> None:
        self._meet("delete_key", Asking("", ""))
        self._of(store, key)
        del self.keys[key]

    def encrypt(
        self, store: KeyStoreRecord, key: str, plaintext: bytes, aad: bytes, asking: Asking
    ) -> bytes:
        self._meet("encrypt", asking)
        nonce = os.urandom(12)
        return nonce + self._of(store, key).encrypt(nonce, plaintext, aad)

    def decrypt(
        self, store: KeyStoreRecord, key: str, ciphertext: bytes, aad: bytes, asking: Asking
    ) -> bytes:
        self._meet("decrypt", asking)
        try:
            return self._of(store, key).decrypt(ciphertext[:12], ciphertext[12:], aad)
        except InvalidTag:
            raise BackendFault(Fault.CIPHERTEXT) from None

    def random(self, store: KeyStoreRecord, size: int, asking: Asking) -> bytes:
        assert store.id in self.connected
        self._meet("random", asking)
        return os.urandom(size)

    def _of(self, store: KeyStoreRecord, key: str) -> AESGCM:
        assert store.id
        if key not in self.keys:
            raise BackendFault(Fault.KEY_NOT_FOUND)
        return self.keys[key]

    def _meet(self, method: str, asking: Asking) -> None:
        self.asked.append((method, asking))
        fault = self.failing.get(method)
        if isinstance(fault, Fault):
            raise BackendFault(fault)
        if fault is not None:
            raise fault
