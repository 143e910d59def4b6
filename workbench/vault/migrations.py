"""The database's schema, as numbered steps from an empty file to today's.

Owns the tables; must not know what the floors above write in their rows. `PRAGMA user_version`
counts the steps already taken. A step that was released is never changed: a new one is appended.
"""

from pathlib import Path
from typing import Final

import apsw

from workbench.base.errors import IntegrityError, Refused
from workbench.base.files import printable

APPLICATION_ID: Final = 0x4B574231
"""`KWB1`, in the database header, so that the file is known by its first page."""

_VERSION_1: Final = f"""
PRAGMA application_id = {APPLICATION_ID};
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE domain_keys (
    id TEXT PRIMARY KEY,
    wrapped BLOB NOT NULL,
    created TEXT NOT NULL,
    active INT NOT NULL
) STRICT;

CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    created TEXT NOT NULL
) STRICT;
CREATE INDEX keys_due ON keys (json_extract(record, '$.due'));
-- The reference keeps a token from being stored whose domain key would not be there to open it.
CREATE TABLE materials (
    key_id TEXT NOT NULL,
    material_id TEXT NOT NULL,
    sequence INT NOT NULL,
    state TEXT NOT NULL,
    token BLOB,
    domain_key_id TEXT REFERENCES domain_keys (id),
    public_key BLOB,
    record TEXT NOT NULL,
    PRIMARY KEY (key_id, material_id)
) STRICT;
CREATE INDEX materials_by_id ON materials (material_id);
CREATE TABLE aliases (
    name TEXT PRIMARY KEY,
    key_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
) STRICT;
CREATE INDEX aliases_of_key ON aliases (key_id);

CREATE TABLE authorities (arn TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE certificates (
    id TEXT PRIMARY KEY,
    der BLOB NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX certificates_by_arn ON certificates (json_extract(record, '$.arn'));
CREATE INDEX certificates_by_key ON certificates (json_extract(record, '$.key'));

CREATE TABLE idempotency (
    service TEXT NOT NULL,
    token TEXT NOT NULL,
    request_hash ANY,
    response ANY,
    created TEXT NOT NULL,
    PRIMARY KEY (service, token)
) STRICT;

CREATE TABLE journal (seq INTEGER PRIMARY KEY, event TEXT NOT NULL, leaf BLOB NOT NULL) STRICT;
CREATE INDEX journal_names ON journal (json_extract(event, '$.eventName'));
CREATE TABLE journal_resources (
    resource TEXT NOT NULL,
    seq INT NOT NULL,
    PRIMARY KEY (resource, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (id TEXT PRIMARY KEY, record TEXT NOT NULL, created TEXT NOT NULL) STRICT;
CREATE TABLE job_files (
    job_id TEXT NOT NULL,
    number INT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;
"""

# Version 1 had one Region only; its name was never stored because it could not be another.
_VERSION_2: Final = """
CREATE TABLE keys_2 (
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    record TEXT NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (region, id)
) STRICT;
INSERT INTO keys_2 SELECT 'us-west-2', id, record, created FROM keys;
DROP TABLE keys;
ALTER TABLE keys_2 RENAME TO keys;
CREATE INDEX keys_due ON keys (json_extract(record, '$.due'));
CREATE INDEX keys_by_id ON keys (id);
CREATE INDEX keys_in_store ON keys (region, json_extract(record, '$.key_store'))
    WHERE json_extract(record, '$.key_store') <> '';
CREATE TABLE materials_2 (
    region TEXT NOT NULL,
    key_id TEXT NOT NULL,
    material_id TEXT NOT NULL,
    sequence INT NOT NULL,
    state TEXT NOT NULL,
    token BLOB,
    domain_key_id TEXT REFERENCES domain_keys (id),
    public_key BLOB,
    record TEXT NOT NULL,
    PRIMARY KEY (region, key_id, material_id)
) STRICT;
INSERT INTO materials_2
    SELECT 'us-west-2', key_id, material_id, sequence, state, token, domain_key_id, public_key,
           record
    FROM materials;
DROP TABLE materials;
ALTER TABLE materials_2 RENAME TO materials;
CREATE INDEX materials_by_id ON materials (material_id);
CREATE TABLE aliases_2 (
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    PRIMARY KEY (region, name)
) STRICT;
INSERT INTO aliases_2 SELECT 'us-west-2', name, key_id, created, updated FROM aliases;
DROP TABLE aliases;
ALTER TABLE aliases_2 RENAME TO aliases;
CREATE INDEX aliases_of_key ON aliases (region, key_id);

CREATE TABLE grants (
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    grantee TEXT NOT NULL,
    retiring TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (region, id)
) STRICT;
CREATE INDEX grants_of_key ON grants (region, key_id, grantee);
CREATE INDEX grants_by_retiring ON grants (region, retiring);
CREATE TABLE import_parameters (
    region TEXT NOT NULL,
    key_id TEXT NOT NULL,
    id TEXT NOT NULL,
    expires TEXT NOT NULL,
    record TEXT NOT NULL,
    token BLOB NOT NULL,
    domain_key_id TEXT NOT NULL REFERENCES domain_keys (id),
    PRIMARY KEY (region, key_id, id)
) STRICT;
CREATE TABLE key_stores (
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (region, id),
    UNIQUE (region, name)
) STRICT;

CREATE TABLE identities (
    arn TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE TABLE access_keys (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    secret TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX access_keys_of_owner ON access_keys (owner);

CREATE TABLE revocations (
    authority TEXT NOT NULL,
    serial TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (authority, serial)
) STRICT, WITHOUT ROWID;
CREATE TABLE revocation_lists (
    authority TEXT NOT NULL,
    part INT NOT NULL,
    der BLOB NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (authority, part)
) STRICT;
CREATE TABLE profiles (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
"""

_VERSION_3: Final = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    der BLOB NOT NULL,
    record TEXT NOT NULL
) STRICT;
"""

_VERSION_4: Final = """
CREATE INDEX certificates_by_subject ON certificates (json_extract(record, '$.subject'));
"""

_VERSION_5: Final = """
CREATE TABLE managed_policies (arn TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
"""

MIGRATIONS: Final = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5)
"""SQL scripts; the script at index n takes the schema from version n to n + 1."""


def check_version(connection: apsw.Connection, path: Path) -> None:
    """Refuse a database that this version of the program cannot have written.

    Raises:
        Refused: a newer version of the program wrote it.
        IntegrityError: it has no schema at all, as a file emptied by accident.
    """
    version = int(connection.pragma("user_version"))
    if version > len(MIGRATIONS):
        raise Refused(
            f"The vault {printable(path)} was written by a newer version of Key Workbench "
            f"(schema {version}; this version knows {len(MIGRATIONS)}).",
            "Update Key Workbench; nothing was changed.",
        )
    if version < 1 or int(connection.pragma("application_id")) != APPLICATION_ID:
        raise IntegrityError(
            f"The vault {printable(path)} is empty or not a vault.", "Restore it from a backup."
        )


def migrate(connection: apsw.Connection) -> None:
    """Take the steps that are missing, each in a transaction of its own.

    Raises:
        apsw.Error: the database refused; steps already taken stay.
    """
    version = int(connection.pragma("user_version"))
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        with connection:
            connection.execute(script).fetchall()
            connection.pragma("user_version", number)
