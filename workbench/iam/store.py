"""Identities and access keys in the vault, with a cache that never outlives a change or a lock.

Owns the SQL of tables `identities` and `access_keys` and the setting `organization`. Values are
immutable; a change is saved inside the door's transaction and drops what was cached on commit.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from workbench.base.errors import Refused
from workbench.base.files import printable
from workbench.iam.records import AccessKey, Identity
from workbench.vault.caching import cached
from workbench.vault.vault import Vault

_KEYS: Final = "SELECT id, owner, secret, record FROM access_keys"
_LONG_TERM: Final = "json_extract(record, '$.session') IS NULL"
_EXPIRES: Final = "json_extract(record, '$.session.expires')"
_ORGANIZATION: Final = "organization"
_FORM: Final = re.compile(
    r"o-[a-z0-9]{10,32}(?:/r-[a-z0-9]{4,32}(?:/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}){0,5}/?)?"
)
T = TypeVar("T")


class IdentityStore:
    """Reads and writes what the vault holds about identities. Thread-safe.

    Args:
        vault: where they are kept.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._identities: dict[str, Identity | None] = {}
        self._keys: dict[str, AccessKey | None] = {}
        self._settings: dict[str, str] = {}
        self._forgetters: list[Callable[[], None]] = []
        vault.on_lock(self.forget)
        vault.on_unlock(self.forget)

    def forget(self) -> None:
        """Drop everything cached, and what others derived from it."""
        # New ones, not emptied ones: whoever read an old value meanwhile keeps it in the old ones.
        self._identities, self._keys, self._settings = {}, {}, {}
        for forget in self._forgetters:
            forget()

    def on_forget(self, forget: Callable[[], None]) -> None:
        """Call `forget` whenever what was read here before may be old."""
        self._forgetters.append(forget)

    def identity(self, arn: str) -> Identity | None:
        """Return a user or role by ARN, or None."""
        return cached(self._vault, self._identities, arn, self._read_identity)

    def arns(self) -> dict[str, str]:
        """Return the ARNs of all users and roles, of every account, by their unique ids."""
        rows = self._vault.read("SELECT json_extract(record, '$.id'), arn FROM identities")
        return {str(unique): str(arn) for unique, arn in rows}

    def named(self, account: str, kind: str, name: str) -> Identity | None:
        """Return the user or role of an account by its name, in any letter case, or None."""
        rows = self._vault.read(
            "SELECT record FROM identities WHERE kind = ? AND lower(name) = lower(?)", (kind, name)
        )
        found = (Identity.from_json(row[0]) for row in rows)
        return next((identity for identity in found if identity.account == account), None)

    def identities(self, account: str, kind: str) -> list[Identity]:
        """Return an account's users or roles by name."""
        rows = self._vault.read("SELECT record FROM identities WHERE kind = ?", (kind,))
        found = [Identity.from_json(row[0]) for row in rows]
        return sorted((one for one in found if one.account == account), key=lambda one: one.name)

    def count(self, account: str, kind: str) -> int:
        """Return how many users or roles an account has."""
        rows = self._vault.read(
            "SELECT count(*) FROM identities "
            "WHERE kind = ? AND arn LIKE 'arn:%:iam::' || ? || ':%'",
            (kind, account),
        )
        return int(rows[0][0])

    def save_identity(self, identity: Identity) -> None:
        """Insert or replace a user or role."""
        self._write(
            "INSERT OR REPLACE INTO identities(arn, kind, name, record) VALUES(?, ?, ?, ?)",
            (identity.arn, str(identity.kind), identity.name, identity.to_json()),
        )

    def delete_identity(self, arn: str) -> None:
        """Remove a user or role, and every access key that acts as it."""
        self._write("DELETE FROM access_keys WHERE owner = ?", (arn,))
        self._write("DELETE FROM identities WHERE arn = ?", (arn,))

    def access_key(self, key_id: str) -> AccessKey | None:
        """Return an access key by id, or None."""
        return cached(self._vault, self._keys, key_id, self._read_key)

    def long_term_keys(self, owner: str) -> list[AccessKey]:
        """Return the access keys of a user or root that do not expire, oldest first."""
        rows = self._vault.read(
            f"{_KEYS} WHERE owner = ? AND {_LONG_TERM} ORDER BY rowid", (owner,)
        )
        return [AccessKey.from_row(row) for row in rows]

    def save_key(self, key: AccessKey) -> None:
        """Insert or replace an access key."""
        self._write(
            "INSERT INTO access_keys(id, owner, secret, record) VALUES(?, ?, ?, ?) "
            "ON CONFLICT(id) DO UPDATE SET record = excluded.record",
            (key.id, key.owner, key.secret, key.to_json()),
        )

    def add_temporary_key(self, key: AccessKey) -> None:
        """Insert an access key nobody knows yet: what is cached of others stays true."""
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT INTO access_keys(id, owner, secret, record) VALUES(?, ?, ?, ?)",
                (key.id, key.owner, key.secret, key.to_json()),
            )

    def delete_key(self, key_id: str) -> None:
        """Remove an access key."""
        self._write("DELETE FROM access_keys WHERE id = ?", (key_id,))

    def delete_expired(self, before: datetime) -> None:
        """Remove temporary access keys that expired before a moment."""
        self._write(f"DELETE FROM access_keys WHERE {_EXPIRES} < ?", (before.isoformat(),))  # noqa: S608 - constants

    def count_keys(self) -> int:
        """Return how many access keys there are, temporary ones included."""
        return int(self._vault.read("SELECT count(*) FROM access_keys")[0][0])

    def note_uses(self, uses: Iterable[tuple[str, str, datetime, str, str]]) -> None:
        """Write when access keys were last used.

        Args:
            uses: (access key id, ARN of the identity, moment, service, Region).
        """
        with self._vault.transaction() as transaction:
            for key_id, owner, moment, service, region in uses:
                when = moment.isoformat()
                transaction.execute(
                    "UPDATE access_keys SET record = json_set(record, '$.last_used', ?, "
                    "'$.last_service', ?, '$.last_region', ?) WHERE id = ?",
                    (when, service, region, key_id),
                )
                transaction.execute(
                    "UPDATE identities SET record = json_set(record, '$.last_used', ?, "
                    "'$.last_region', ?) WHERE arn = ?",
                    (when, region, owner),
                )
            transaction.after_commit(self.forget)

    @property
    def organization(self) -> str:
        """The organization of the vault's account: `o-…`, or where in it it is, `o-…/r-…/ou-…/`.

        Empty for none. Source: IAM User Guide, "aws:PrincipalOrgPaths".
        """
        return cached(self._vault, self._settings, _ORGANIZATION, self._read_setting)

    def set_organization(self, organization: str) -> None:
        """Say which organization the vault's account belongs to, and where in it the account is.

        Args:
            organization: its id, a path of ids from the organization down, or empty for none.

        Raises:
            Refused: it has not the form of one (Organizations API Reference, Organization, Root,
                OrganizationalUnit).
        """
        if organization and not _FORM.fullmatch(organization):
            raise Refused(
                f"{printable(organization)} is no organization id and no path of one.",
                "Write it as o- and 10 to 32 small letters and digits, perhaps with the root and "
                "the organizational units after it: o-…/r-…/ou-…/.",
            )
        if "/" in organization:
            organization = organization.rstrip("/") + "/"
        self._write(
            "INSERT OR REPLACE INTO settings(name, value) VALUES(?, ?)",
            (_ORGANIZATION, organization),
        )

    def _read_setting(self, name: str) -> str:
        rows = self._vault.read("SELECT value FROM settings WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def _read_identity(self, arn: str) -> Identity | None:
        rows = self._vault.read("SELECT record FROM identities WHERE arn = ?", (arn,))
        return Identity.from_json(rows[0][0]) if rows else None

    def _read_key(self, key_id: str) -> AccessKey | None:
        rows = self._vault.read(f"{_KEYS} WHERE id = ?", (key_id,))
        return AccessKey.from_row(rows[0]) if rows else None

    def _write(self, sql: str, parameters: tuple[Any, ...]) -> None:
        with self._vault.transaction() as transaction:
            transaction.execute(sql, parameters)
            transaction.after_commit(self.forget)
