"""What stands behind custom key stores: the interface drawn here, its implementations elsewhere.

A back end serves every store of one type. KMS tells it everything with each call and keeps the
state of connections itself, so that a back end may be made anew with each start of the program.
Must not know requests, AWS errors or tables: it raises `BackendFault`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from workbench.kms.key_store_records import KeyStoreRecord


@dataclass(frozen=True, slots=True)
class Asking:
    """On whose behalf a back end is asked; an external key store proxy is told all of it.

    Attributes:
        request_id: id of the KMS request.
        operation: its name, such as `Encrypt`.
        principal: ARN of the caller; empty for health checks.
        key_arn: the KMS key; empty before there is one.
        via_service: AWS service the request came through, or empty.
    """

    request_id: str
    operation: str
    principal: str = ""
    key_arn: str = ""
    via_service: str = ""


@dataclass(frozen=True, slots=True)
class ExternalKey:
    """A key in an external key manager.

    Attributes:
        spec: `AES_256` is the only one KMS accepts.
        usages: `ENCRYPT`, `DECRYPT`, ….
        enabled: whether it can be used now.
    """

    spec: str
    usages: frozenset[str]
    enabled: bool


class KeyStoreBackend(Protocol):
    """One type of key store. Thread-safe; every method raises `BackendFault` and nothing else.

    No method may take long: KMS gives an external key store proxy 250 ms. What KMS calls inside a
    transaction is said; all else is called outside.
    """

    def check(self, store: KeyStoreRecord, former: KeyStoreRecord | None, asking: Asking) -> None:
        """Look whether a store could work with these settings; inside a transaction.

        Args:
            store: the settings asked for.
            former: the settings there were, of an update; a CloudHSM cluster must be related.
            asking: the request.
        """

    def connect(self, store: KeyStoreRecord, asking: Asking) -> None:
        """Connect, or find out why not."""

    def disconnect(self, store: KeyStoreRecord) -> None:
        """Let go of whatever a connection holds; harmless when there is none."""

    def describe_key(self, store: KeyStoreRecord, key: str, asking: Asking) -> ExternalKey:
        """Describe a key that is there already, by its external id; inside a transaction."""

    def create_key(self, store: KeyStoreRecord, asking: Asking) -> str:
        """Make a key in the store and return its name there; inside a transaction."""

    def delete_key(self, store: KeyStoreRecord, key: str) -> None:
        """Delete a key that `create_key` made; never called for external keys."""

    def encrypt(
        self, store: KeyStoreRecord, key: str, plaintext: bytes, aad: bytes, asking: Asking
    ) -> bytes:
        """Encrypt with authentication; the answer is opaque to KMS."""

    def decrypt(
        self, store: KeyStoreRecord, key: str, ciphertext: bytes, aad: bytes, asking: Asking
    ) -> bytes:
        """Decrypt what `encrypt` made; `Fault.CIPHERTEXT` when anything differs."""

    def random(self, store: KeyStoreRecord, size: int, asking: Asking) -> bytes:
        """Return random bytes from a CloudHSM cluster."""


Backends = Mapping[str, KeyStoreBackend]
"""Back ends by type of store: AWS_CLOUDHSM, EXTERNAL_KEY_STORE. A type may be missing: a store of
it can be created and described, and connecting it fails."""
