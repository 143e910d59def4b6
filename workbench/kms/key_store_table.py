"""Custom key stores in the vault, and the keys in them.

Owns the SQL of table `key_stores`. Values are immutable; changes are saved inside the door's or the
worker's transaction. Nothing is cached: stores are few, and what is read holds secrets.
"""

from typing import Any, Final

from workbench.kms.key_store_records import CONNECTING, DISCONNECTING, KeyStoreRecord
from workbench.kms.records import KeyRecord
from workbench.vault.vault import Vault

# The comparison with nothing lets the index be used, which has keys in stores alone.
KEYS_IN_STORE: Final = """
    SELECT record FROM keys
    WHERE region = ? AND json_extract(record, '$.key_store') = ?
    AND json_extract(record, '$.key_store') <> ''"""
_STORES: Final = "SELECT record FROM key_stores WHERE region = ?"


class KeyStoreTable:
    """Reads and writes the custom key stores of one Region.

    Args:
        vault: where they are kept.
        region: AWS Region name.
    """

    def __init__(self, vault: Vault, region: str) -> None:
        self._vault = vault
        self._region = region

    def store(self, store_id: str) -> KeyStoreRecord | None:
        """Return a store by its id, or None."""
        return _first(self._read(f"{_STORES} AND id = ?", store_id))

    def named(self, name: str) -> KeyStoreRecord | None:
        """Return a store by its name, or None."""
        return _first(self._read(f"{_STORES} AND name = ?", name))

    def stores(self, after: str, limit: int) -> list[KeyStoreRecord]:
        """Return stores in the order of their ids, those after `after` only."""
        rows = self._read(f"{_STORES} AND id > ? ORDER BY id LIMIT ?", after, limit)
        return [KeyStoreRecord.from_json(row[0]) for row in rows]

    def everything(self) -> list[KeyStoreRecord]:
        """Return every store of the Region."""
        return [KeyStoreRecord.from_json(row[0]) for row in self._read(_STORES)]

    def save(self, record: KeyStoreRecord) -> None:
        """Insert or replace a store."""
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT INTO key_stores(region, id, name, record) VALUES(?, ?, ?, ?) "
                "ON CONFLICT(region, id) DO UPDATE "
                "SET name = excluded.name, record = excluded.record",
                (self._region, record.id, record.name, record.to_json()),
            )

    def delete(self, store_id: str) -> None:
        """Remove a store."""
        with self._vault.transaction() as transaction:
            transaction.execute(
                "DELETE FROM key_stores WHERE region = ? AND id = ?", (self._region, store_id)
            )

    def keys(self, store_id: str) -> list[KeyRecord]:
        """Return every key in a store."""
        rows = self._read(KEYS_IN_STORE, store_id)
        return [KeyRecord.from_json(row[0]) for row in rows]

    def _read(self, sql: str, *parameters: str | int) -> list[tuple[Any, ...]]:
        return self._vault.read(sql, (self._region, *parameters))


def in_motion(vault: Vault) -> list[KeyStoreRecord]:
    """Return the stores of all Regions that are being connected or disconnected."""
    rows = vault.read(
        "SELECT record FROM key_stores WHERE json_extract(record, '$.state') IN (?, ?)",
        (CONNECTING, DISCONNECTING),
    )
    return [KeyStoreRecord.from_json(row[0]) for row in rows]


def _first(rows: list[tuple[Any, ...]]) -> KeyStoreRecord | None:
    return KeyStoreRecord.from_json(rows[0][0]) if rows else None
