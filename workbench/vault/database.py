"""The encrypted database: one writer, a pool of readers, errors told in words.

Owns connections, transactions and the cipher settings: SQLite3 Multiple Ciphers, `chacha20`
(ChaCha20-Poly1305 per page, RFC 8439) under a raw 32-byte key, write-ahead log, every commit
synced. Must not know the tables, except the generation counter that each commit advances.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import apsw

from workbench.base.errors import EnvironmentFault, Locked
from workbench.vault.database_errors import explained
from workbench.vault.migrations import check_version, migrate

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
Row: TypeAlias = tuple[Any, ...]

_BUSY_MILLISECONDS: Final = 10_000
_CACHE_KIB: Final = 16 * 1024
_ADVANCE: Final = "UPDATE meta SET value = value + 1 WHERE name = 'generation'"


class Transaction:
    """What may be done inside `Database.transaction`; of no use after it."""

    __slots__ = ("_after_commit", "_connection")

    def __init__(self, connection: apsw.Connection, after_commit: list[Callable[[], None]]) -> None:
        self._connection = connection
        self._after_commit = after_commit

    def execute(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run one statement and return its rows.

        Raises:
            EnvironmentFault: the disk is full or failed.
            IntegrityError: the database is damaged.
        """
        self._still_open()
        return _run(self._connection, sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run one statement for each of `rows`; raises as `execute` does."""
        self._still_open()
        try:
            self._connection.executemany(sql, rows)
        except apsw.Error as error:
            raise explained(error, Path(self._connection.filename)) from error

    @property
    def changes(self) -> int:
        """How many rows the last statement inserted, changed or deleted."""
        return self._connection.changes()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once this transaction is durable, and not if it is rolled back."""
        self._after_commit.append(callback)

    def _still_open(self) -> None:
        # SQLite ends a transaction by itself on some disk errors. Whoever caught that error and
        # went on would write outside any transaction.
        if not self._connection.in_transaction:
            raise EnvironmentFault(
                "The changes could not be saved and were rolled back.",
                "Free some space, check the disk and try again.",
            )


class Database:
    """An open encrypted database.

    Args:
        path: the file; it must exist, and be empty only when `create` is true.
        key: 32 bytes, used as they are.
        create: whether to lay the schema in an empty file.
        on_commit: called after each transaction that changed something, on the writer's thread.

    Raises:
        IntegrityError: damaged, truncated, or not written under this key.
        EnvironmentFault: the system refused.
        Refused: written by a newer version.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        create: bool = False,
        on_commit: Callable[[], None] | None = None,
    ) -> None:
        self._path = path
        self._key = key
        self._on_commit = on_commit
        self._writing = threading.RLock()
        self._writer_thread = 0
        self._transaction: Transaction | None = None
        self._after_commit: list[Callable[[], None]] = []
        self._depth = 0
        self._readers = threading.Condition(threading.Lock())
        self._idle: list[apsw.Connection] = []
        self._busy: set[apsw.Connection] = set()
        self._closed = False
        try:
            self._writer = self._open_writer(create=create)
        except apsw.Error as error:
            raise explained(error, path) from error

    @property
    def in_transaction(self) -> bool:
        """Whether the calling thread is inside a transaction."""
        writer = self._writer_thread  # mostly nobody, and this is asked thousands of times a second
        return writer != 0 and writer == threading.get_ident()

    def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run a query and return its rows; safe from any thread, never blocked by the writer.

        Inside the caller's own transaction it sees what that has written so far.

        Raises:
            Locked: the database is closed.
            EnvironmentFault, IntegrityError: as `Transaction.execute`.
        """
        if self._writer_thread == threading.get_ident():
            return _run(self._writer, sql, parameters)
        # As `reader` does, without its generator: each request of a key not in memory reads once.
        connection = self._borrow()
        try:
            return _run(connection, sql, parameters)
        finally:
            self._give_back(connection)

    @contextlib.contextmanager
    def reader(self) -> Iterator[apsw.Connection]:
        """Lend a read-only connection, for several queries or a backup.

        Raises:
            Locked: the database is closed.
        """
        connection = self._borrow()
        try:
            yield connection
        finally:
            self._give_back(connection)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Write durably: everything inside is committed at the outermost exit, or nothing.

        One thread writes at a time. An inner transaction joins the outer one; when the inner one
        is left by an exception, its own writes are undone and the outer one may go on.

        Raises:
            Locked: the database is closed.
            EnvironmentFault: the disk is full or failed; everything was rolled back.
            IntegrityError: the database is damaged.
        """
        with self._writing:
            if self._transaction is not None:
                with self._inner(self._transaction) as inner:
                    yield inner
                return
            if self._closed:
                raise _locked()
            with self._outermost() as outer:
                yield outer

    def copy_to(self, empty: Path) -> None:
        """Copy the last committed state into an existing empty file, under the same key.

        Raises:
            Locked: the database is closed.
            EnvironmentFault, IntegrityError: as `Transaction.execute`.
        """
        try:
            with (
                self.reader() as source,
                contextlib.closing(self._connect(empty)) as copy,
                copy.backup("main", source, "main") as steps,
            ):
                steps.step()
        except apsw.Error as error:
            raise explained(error, empty) from error

    def close(self) -> None:
        """Wait for the running transaction, interrupt readers, close every connection.

        Raises:
            RuntimeError: called from inside a transaction, which is a bug.
        """
        if self.in_transaction:
            raise RuntimeError("the database cannot be closed from inside a transaction")
        with self._writing:
            if self._closed:
                return
            self._close_readers()
            self._writer.close()
            self._key = b""

    def _open_writer(self, *, create: bool) -> apsw.Connection:
        writer = self._connect()
        try:
            if not create:
                check_version(writer, self._path)
            writer.pragma("journal_mode", "wal")
            writer.pragma("synchronous", "full")
            writer.pragma("foreign_keys", "on")
            migrate(writer)
        except BaseException:
            writer.close()
            raise
        return writer

    def _connect(self, path: Path | None = None) -> apsw.Connection:
        name = str(self._path if path is None else path)
        connection = apsw.Connection(name, flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.pragma("cipher", "chacha20")
            connection.pragma("key", f"raw:{self._key.hex()}")
            connection.set_busy_timeout(_BUSY_MILLISECONDS)
            connection.pragma("trusted_schema", "off")
            connection.pragma("cache_size", -_CACHE_KIB)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def _outermost(self) -> Iterator[Transaction]:
        writer = self._writer
        callbacks: list[Callable[[], None]] = []
        self._after_commit = callbacks
        transaction = Transaction(writer, callbacks)
        before = writer.total_changes()
        _run(writer, "BEGIN IMMEDIATE")
        self._transaction, self._writer_thread = transaction, threading.get_ident()
        try:
            yield transaction
            if writer.total_changes() != before:
                _run(writer, _ADVANCE)
                if self._on_commit is not None:
                    callbacks.append(self._on_commit)
            _run(writer, "COMMIT")
        except BaseException:
            _roll_back(writer, "ROLLBACK")
            raise
        finally:
            self._transaction, self._writer_thread = None, 0
        for callback in callbacks:
            callback()

    @contextlib.contextmanager
    def _inner(self, transaction: Transaction) -> Iterator[Transaction]:
        self._depth += 1
        name = f"inner_{self._depth}"
        callbacks = len(self._after_commit)
        _run(self._writer, f"SAVEPOINT {name}")
        try:
            yield transaction
            _run(self._writer, f"RELEASE {name}")
        except BaseException:
            del self._after_commit[callbacks:]
            _roll_back(self._writer, f"ROLLBACK TO {name}; RELEASE {name}")
            raise
        finally:
            self._depth -= 1

    def _borrow(self) -> apsw.Connection:
        with self._readers:
            if self._closed:
                raise _locked()
            if self._idle:
                connection = self._idle.pop()
                self._busy.add(connection)
                return connection
            try:
                connection = self._connect()
                connection.pragma("query_only", "on")
            except apsw.Error as error:
                raise explained(error, self._path) from error
            self._busy.add(connection)
            return connection

    def _give_back(self, connection: apsw.Connection) -> None:
        with self._readers:
            self._busy.discard(connection)
            if self._closed:
                connection.close()
                self._readers.notify_all()
            else:
                self._idle.append(connection)

    def _close_readers(self) -> None:
        with self._readers:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            while self._busy:
                for connection in self._busy:
                    connection.interrupt()
                # A reader between two statements misses one interrupt; ask again until all are in.
                self._readers.wait(timeout=0.05)


def _run(connection: apsw.Connection, sql: str, parameters: Parameters = ()) -> list[Row]:
    try:
        return connection.execute(sql, parameters).fetchall()
    except apsw.Error as error:
        raise explained(error, Path(connection.filename)) from error


def _roll_back(connection: apsw.Connection, sql: str) -> None:
    # After a full disk SQLite may have rolled back by itself; a second failure adds nothing.
    if connection.in_transaction:
        with contextlib.suppress(apsw.Error):
            connection.execute(sql).fetchall()


def _locked() -> Locked:
    return Locked("The vault is locked.", "Unlock it and try again.")
