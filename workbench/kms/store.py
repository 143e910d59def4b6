"""Keys, materials and aliases in the vault, with a cache that never outlives a change or a lock.

Owns the SQL of tables `keys`, `materials` and `aliases`. Values are immutable; a change is saved
inside the door's transaction and drops the cached value when that commits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from workbench.kms.import_parameters import ParameterTable
from workbench.kms.key_store_table import KeyStoreTable
from workbench.kms.limits import Limits
from workbench.kms.records import CURRENT, KeyRecord, MaterialRecord
from workbench.vault.caching import cached
from workbench.vault.vault import Vault

_MATERIAL_COLUMNS = "key_id, material_id, sequence, state, token, domain_key_id, public_key, record"
_MATERIALS = f"SELECT {_MATERIAL_COLUMNS} FROM materials WHERE region = ?"  # noqa: S608 - constants
_ALIASES = "SELECT name, key_id, created, updated FROM aliases WHERE region = ?"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Alias:
    """An alias: a name that points to a key."""

    name: str
    key_id: str
    created: datetime
    updated: datetime


class KeyStore:
    """Reads and writes what the vault holds about the KMS keys of one Region. Thread-safe.

    Args:
        vault: where they are kept.
        region: AWS Region name.
    """

    def __init__(self, vault: Vault, region: str) -> None:
        self._vault = vault
        self._region = region
        self._keys: dict[str, KeyRecord | None] = {}
        self._current: dict[str, MaterialRecord | None] = {}
        self._aliases: dict[str, Alias | None] = {}
        self._materials: dict[str, MaterialRecord | None] = {}
        vault.on_lock(self.forget)
        vault.on_unlock(self.forget)

    def forget(self) -> None:
        """Drop everything cached."""
        # New ones, not emptied ones: whoever read an old value meanwhile keeps it in the old ones.
        self._keys, self._current, self._aliases, self._materials = {}, {}, {}, {}

    def key(self, key_id: str) -> KeyRecord | None:
        """Return a key by id, or None."""
        return cached(self._vault, self._keys, key_id, self._read_key)

    def current_material(self, key_id: str) -> MaterialRecord | None:
        """Return a key's current material, or None where it has none."""
        return cached(self._vault, self._current, key_id, self._read_current)

    def alias(self, name: str) -> Alias | None:
        """Return an alias by its name, `alias/…`, or None."""
        return cached(self._vault, self._aliases, name, self._read_alias)

    def materials(self, key_id: str) -> list[MaterialRecord]:
        """Return every material of a key, oldest first."""
        sql = f"{_MATERIALS} AND key_id = ? ORDER BY sequence"
        return [MaterialRecord.from_row(row) for row in self._read(sql, key_id)]

    def material(self, material_id: str) -> MaterialRecord | None:
        """Return a material by its id, or None."""
        return cached(self._vault, self._materials, material_id, self._read_material)

    def key_ids(self, after: str, limit: int) -> list[str]:
        """Return key ids in order, those after `after` only."""
        sql = "SELECT id FROM keys WHERE region = ? AND id > ? ORDER BY id LIMIT ?"
        return [row[0] for row in self._read(sql, after, limit)]

    def more_than(self, number: int) -> bool:
        """Whether there are more customer managed keys than `number`."""
        # Row numbers are at once an upper bound; counting would cost each new key a look at all.
        rows = self._vault.read("SELECT coalesce(max(rowid), 0) FROM keys")
        if rows[0][0] <= number:
            return False
        counted = self._read(
            "SELECT count(*) FROM keys WHERE region = ?"
            " AND NOT coalesce(json_extract(record, '$.managed'), 0)"
        )
        return bool(counted[0][0] > number)

    def aliases(self, key_id: str | None, after: str, limit: int) -> list[Alias]:
        """Return aliases by name, of one key or of all, those after `after` only."""
        if key_id is None:
            rows = self._read(f"{_ALIASES} AND name > ? ORDER BY name LIMIT ?", after, limit)
        else:
            sql = f"{_ALIASES} AND key_id = ? AND name > ? ORDER BY name LIMIT ?"
            rows = self._read(sql, key_id, after, limit)
        return [_alias(row) for row in rows]

    def save_key(self, record: KeyRecord) -> None:
        """Insert or replace a key's record."""
        self._write(
            "INSERT INTO keys(region, id, record, created) VALUES(?, ?, ?, ?) "
            "ON CONFLICT(region, id) DO UPDATE SET record = excluded.record",
            (record.id, record.to_json(), record.created.isoformat()),
        )

    def save_material(self, material: MaterialRecord) -> None:
        """Insert or replace one key material."""
        self._write(
            f"INSERT OR REPLACE INTO materials(region, {_MATERIAL_COLUMNS}) "
            "VALUES(?,?,?,?,?,?,?,?,?)",
            material.row(),
        )

    def delete_material(self, key_id: str, material_id: str) -> None:
        """Remove one key material and every trace of it."""
        self._write(
            "DELETE FROM materials WHERE region = ? AND key_id = ? AND material_id = ?",
            (key_id, material_id),
        )

    def save_alias(self, alias: Alias) -> None:
        """Insert or replace an alias."""
        self._write(
            "INSERT OR REPLACE INTO aliases(region, name, key_id, created, updated) "
            "VALUES(?,?,?,?,?)",
            (alias.name, alias.key_id, alias.created.isoformat(), alias.updated.isoformat()),
        )

    def delete_alias(self, name: str) -> None:
        """Remove an alias."""
        self._write("DELETE FROM aliases WHERE region = ? AND name = ?", (name,))

    def delete_key(self, key_id: str) -> None:
        """Remove a key and all that hangs on it: after this its ciphertexts are lost."""
        for table in ("materials", "aliases", "grants", "import_parameters"):
            self._write(f"DELETE FROM {table} WHERE region = ? AND key_id = ?", (key_id,))  # noqa: S608 - constant names
        self._write("DELETE FROM keys WHERE region = ? AND id = ?", (key_id,))

    def _read(self, sql: str, *parameters: str | int) -> list[tuple[Any, ...]]:
        """Read with this Region as the first parameter."""
        return self._vault.read(sql, (self._region, *parameters))

    def _write(self, sql: str, parameters: tuple[Any, ...]) -> None:
        """Write with this Region as the first parameter."""
        with self._vault.transaction() as transaction:
            transaction.execute(sql, (self._region, *parameters))
            transaction.after_commit(self.forget)

    def _read_key(self, key_id: str) -> KeyRecord | None:
        rows = self._read("SELECT record FROM keys WHERE region = ? AND id = ?", key_id)
        return KeyRecord.from_json(rows[0][0]) if rows else None

    def _read_current(self, key_id: str) -> MaterialRecord | None:
        rows = self._read(f"{_MATERIALS} AND key_id = ? AND state = ?", key_id, CURRENT)
        return MaterialRecord.from_row(rows[0]) if rows else None

    def _read_material(self, material_id: str) -> MaterialRecord | None:
        rows = self._read(f"{_MATERIALS} AND material_id = ?", material_id)
        return MaterialRecord.from_row(rows[0]) if rows else None

    def _read_alias(self, name: str) -> Alias | None:
        rows = self._read(f"{_ALIASES} AND name = ?", name)
        return _alias(rows[0]) if rows else None


class Stores:
    """The key stores of all Regions of one vault.

    Args:
        vault: where they are kept.
        limits: quotas of the account in each Region.
    """

    def __init__(self, vault: Vault, limits: Limits | None = None) -> None:
        self._vault = vault
        self.limits = limits or Limits()
        self._stores: dict[str, KeyStore] = {}
        self._carry_out: Callable[[str, str, datetime], object] = lambda *_: None

    def on_expiry(self, carry_out: Callable[[str, str, datetime], object]) -> None:
        """Say who does what is due of a key: given its Region, its id, and the time."""
        self._carry_out = carry_out

    def expired(self, region: str, record: KeyRecord, moment: datetime) -> KeyRecord:
        """Return a key without imported material that expired, though the worker was not by yet."""
        while record.expires is not None and record.expires <= moment:
            self._carry_out(region, record.id, moment)  # a rotation under way is finished first
            former, record = record, self.region(region).key(record.id) or record
            if record == former:
                break
        return record

    def region(self, name: str) -> KeyStore:
        """Return the store of a Region; always the same one, for its cache's sake."""
        store = self._stores.get(name)
        if store is None:
            store = self._stores.setdefault(name, KeyStore(self._vault, name))
        return store

    def custom(self, region: str) -> KeyStoreTable:
        """Return the custom key stores of a Region."""
        return KeyStoreTable(self._vault, region)

    def created(self) -> datetime:
        """Return when the vault was made: its journal begins there."""
        rows = self._vault.read("SELECT value FROM meta WHERE name = 'created'")
        return datetime.fromisoformat(rows[0][0])

    def parameters(self, region: str) -> ParameterTable:
        """Return the import parameters of a Region."""
        return ParameterTable(self._vault, region)

    def regions(self) -> list[str]:
        """Return the Regions that have keys, in order."""
        rows = self._vault.read("SELECT DISTINCT region FROM keys ORDER BY region")
        return [str(row[0]) for row in rows]

    def regions_of(self, key_id: str) -> list[str]:
        """Return the Regions that have a key of this id, in order."""
        rows = self._vault.read("SELECT region FROM keys WHERE id = ? ORDER BY region", (key_id,))
        return [str(row[0]) for row in rows]

    def with_people(self) -> list[tuple[str, KeyRecord]]:
        """Return keys, each with its Region, whose policies may name users, roles or sessions."""
        rows = self._vault.read(
            "SELECT region, id FROM keys WHERE record LIKE '%:user%' OR record LIKE '%:role%' "
            "OR record LIKE '%:assumed-role%'"
        )
        found = ((str(region), self.region(region).key(key_id)) for region, key_id in rows)
        return [(region, record) for region, record in found if record is not None]

    def due(self, moment: datetime) -> list[tuple[str, str]]:
        """Return (Region, key id) of keys whose next scheduled change is at or before `moment`."""
        rows = self._vault.read(
            "SELECT region, id FROM keys WHERE json_extract(record, '$.due') <= ?",
            (moment.isoformat(),),
        )
        return [(str(region), str(key_id)) for region, key_id in rows]


def _alias(row: tuple[Any, ...]) -> Alias:
    name, key_id, created, updated = row
    return Alias(name, key_id, datetime.fromisoformat(created), datetime.fromisoformat(updated))
