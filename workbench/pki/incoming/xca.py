"""The database of XCA, version 2.4 and newer: certificates, requests, lists and private keys.

Owns XCA's tables. The file is read in memory and never opened in its place; nothing that the
database itself defines, such as a view, is run. Private keys are PKCS#8 under the database's
password or one of their own; everything else lies open.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final

import apsw

from workbench.base.errors import Refused
from workbench.crypto.derivation_cost import Budget, refuse_costly
from workbench.crypto.foreign import WrongPassword
from workbench.pki.incoming.items import MOST_ITEMS, Item, Reading, Sealed, Sort, nothing
from workbench.pki.incoming.structures import read_key, read_structure, sealed_key

SQLITE: Final = b"SQLite format 3\x00"
OLDEST_SCHEMA: Final = 7
"""That of XCA 2.4."""

_TABLES: Final = frozenset(
    {"settings", "items", "certs", "requests", "crls", "public_keys", "private_keys"}
)
_STEPS: Final = 10_000
_MOST_CALLS: Final = 2_000  # 20 million steps of SQLite's machine, about a second
_COMMON: Final = 0
_OPEN: Final = (
    ("certs", "cert"),
    ("requests", "request"),
    ("crls", "crl"),
)


def read_xca(data: bytes, source: str) -> Reading:
    """Return what an XCA database holds; never raises.

    Args:
        data: the file.
        source: its name.
    """
    # The file says how many pages of which size it has (SQLite's file format, §1.3).
    page, pages = int.from_bytes(data[16:18], "big"), int.from_bytes(data[28:32], "big")
    if len(data) < (65536 if page == 1 else page) * pages:
        return nothing(source, "The database is cut off.")
    connection = None
    try:
        connection = _connect(data)
        problem = _why_not(connection)
        return nothing(source, problem) if problem else _read(connection, source, _Meter(len(data)))
    except (apsw.Error, ValueError, TypeError, OverflowError):
        return nothing(source, "The database is damaged, or no database of XCA's.")
    finally:
        if connection is not None:
            connection.close()


def _connect(data: bytes) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    # A file in write-ahead mode cannot be read from memory; what is in it is whole without.
    connection.deserialize("main", data[:18] + b"\x01\x01" + data[20:])
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
    calls = iter(range(_MOST_CALLS))
    connection.set_progress_handler(lambda: next(calls, None) is None, _STEPS)
    # No value that is really stored is longer than the file.
    connection.limit(apsw.SQLITE_LIMIT_LENGTH, len(data))
    connection.execute("PRAGMA query_only = 1").fetchall()
    return connection


def _why_not(connection: apsw.Connection) -> str:
    rows = connection.execute("SELECT name FROM pragma_table_list WHERE type = 'table'").fetchall()
    real = {str(row[0]) for row in rows}
    if not real >= _TABLES or any(_computes(connection, table) for table in _TABLES):
        return "It is a database, but not XCA's."
    found = connection.execute(
        "SELECT value FROM settings WHERE key_ = 'schema' LIMIT 1"
    ).fetchall()
    schema = str(found[0][0]) if found else ""
    if not schema.isdecimal() or len(schema) > 4 or int(schema) < OLDEST_SCHEMA:
        return (
            "It is a database of XCA before 2.4. Open it once with a newer XCA, which converts it, "
            "and import it then."
        )
    return ""


def _computes(connection: apsw.Connection, table: str) -> bool:
    """Whether a table has columns that are made up when they are read."""
    columns = connection.execute("SELECT hidden FROM pragma_table_xinfo(?)", (table,))
    return any(hidden for (hidden,) in columns)


def _rounds(der: bytes) -> int:
    try:
        return refuse_costly(der)
    except Refused:
        return 0  # it is not opened: reading it says why


class _Meter:
    """Counts what is read: a database that gives more than its own size repeats itself."""

    def __init__(self, size: int) -> None:
        self._left = size

    def decode(self, text: Any) -> bytes:
        """Return what a column holds, empty if it is damaged.

        Raises:
            ValueError: more was read than the file can hold.
        """
        if not isinstance(text, str):
            return b""
        self._left -= len(text)
        if self._left < 0:
            raise ValueError("more was read than the file can hold")
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            return b""


def _read(connection: apsw.Connection, source: str, meter: _Meter) -> Reading:
    items: list[Item] = []
    for table, column in _OPEN:
        rows = connection.execute(
            f"SELECT items.name, {table}.{column} FROM {table} "  # noqa: S608 - our own names
            f"JOIN items ON items.id = {table}.item WHERE items.del = 0 LIMIT {MOST_ITEMS}"
        )
        for name, text in rows:
            items.extend(_open_item(meter.decode(text), source, str(name or "")))
    sealed, lacking = _keys(connection, source, meter)
    found = Reading((*items, *lacking), tuple(sealed))
    return found if found.items or found.sealed else nothing(source, "The XCA database is empty.")


def _open_item(der: bytes, source: str, name: str) -> Iterator[Item]:
    if not der:
        yield Item(Sort.OTHER, source, name, problem="Its entry in the database is damaged.")
        return
    yield from read_structure(der, source).items


def _keys(
    connection: apsw.Connection, source: str, meter: _Meter
) -> tuple[list[Sealed], list[Item]]:
    rows = connection.execute(
        "SELECT items.name, private_keys.private, private_keys.ownPass "
        "FROM public_keys JOIN items ON items.id = public_keys.item "
        "LEFT JOIN private_keys ON private_keys.item = public_keys.item "
        "WHERE items.del = 0 LIMIT ?",
        (MOST_ITEMS,),
    )
    common: list[tuple[str, bytes]] = []
    sealed: list[Sealed] = []
    lacking: list[Item] = []
    for title, private, own in rows:
        name, der = str(title or ""), meter.decode(private)
        if private is None:
            why = "Only its public half is in the database; the private key is elsewhere."
            lacking.append(Item(Sort.KEY, source, name, problem=why))
        elif not der:
            lacking.append(Item(Sort.KEY, source, name, problem="Its entry is damaged."))
        elif own == _COMMON:
            common.append((name, der))
        else:
            sealed.append(sealed_key(der, source, name))
    if common:
        count = len(common)
        title = "Private key in the XCA database" if count == 1 else (
            f"{count} private keys in the XCA database"
        )  # fmt: skip
        sealed.insert(0, Sealed(source, title, lambda secret: _open_all(common, source, secret)))
    return sealed, lacking


def _open_all(keys: Sequence[tuple[str, bytes]], source: str, password: str) -> list[Item]:
    items: list[Item] = []
    wrong = 0
    budget = Budget()
    for _, der in keys:
        budget.spend(_rounds(der))
    for name, der in keys:
        try:
            items.append(read_key(der, source, name, password))
        except WrongPassword:
            wrong += 1
            why = "The database's password does not open this key."
            items.append(Item(Sort.KEY, source, name, problem=why))
            if wrong == len(items) and wrong >= min(3, len(keys)):
                raise
    return items
