"""Domain keys at rest: stored wrapped, loaded at unlock, rotated in one transaction.

Owns the table `domain_keys` and the tokens' re-wrapping. Must not know what the keys open.
"""

import json
from datetime import datetime

from workbench.hsm.officer import DomainKeyToken, Officer
from workbench.hsm.tokens import KeyBinding, KeyToken
from workbench.vault.database import Database, Transaction


def stored(database: Database) -> list[DomainKeyToken]:
    """Return every domain key's token, the active one last; raises as `Database.read`."""
    rows = database.read("SELECT id, wrapped FROM domain_keys ORDER BY active, created, rowid")
    return [DomainKeyToken(name, wrapped) for name, wrapped in rows]


def store(transaction: Transaction, token: DomainKeyToken, now: datetime) -> None:
    """Store a new domain key's token as the active one."""
    transaction.execute("UPDATE domain_keys SET active = 0")
    transaction.execute(
        "INSERT INTO domain_keys (id, wrapped, created, active) VALUES (?, ?, ?, 1)",
        (token.domain_key_id, token.wrapped, now.isoformat()),
    )


def rotate(database: Database, officer: Officer, now: datetime) -> int:
    """Make a new domain key, re-wrap every stored material under it, and return how many.

    All of it is one transaction: a crash in the midst leaves the old keys and the old tokens. Old
    domain keys stay, for the sake of tokens that a caller still holds and of older backups.

    Raises:
        EnvironmentFault: the disk is full or failed; nothing was changed.
        IntegrityError: a stored token is damaged; nothing was changed.
    """
    try:
        with database.transaction() as transaction:
            store(transaction, officer.create_domain_key(), now)
            rows = database.read(
                "SELECT 'materials', rowid, key_id, material_id, record, domain_key_id, token "
                "FROM materials WHERE token IS NOT NULL UNION ALL "
                "SELECT 'import_parameters', rowid, key_id, id, record, domain_key_id, token "
                "FROM import_parameters"
            )
            for table, row, key_id, material_id, record, domain_key_id, wrapped in rows:
                binding = KeyBinding(key_id, material_id, json.loads(record)["spec"])
                token = officer.rewrap(KeyToken(binding, domain_key_id, wrapped))
                transaction.execute(
                    f"UPDATE {table} SET token = ?, domain_key_id = ? WHERE rowid = ?",  # noqa: S608 - two constant names
                    (token.wrapped, token.domain_key_id, row),
                )
    except BaseException:
        # The module must not go on wrapping under a key that was not stored.
        officer.load_domain_keys(stored(database))
        raise
    return len(rows)
