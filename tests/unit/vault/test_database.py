import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from workbench.base.errors import EnvironmentFault, IntegrityError, Locked, Refused
from workbench.vault import building, migrations
from workbench.vault.database import Database, Transaction

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "vault.db"
    building.create_private(path)
    database = Database(path, KEY, create=True)
    with database.transaction() as transaction:
        transaction.execute("INSERT INTO meta VALUES ('generation', 0)")
    database.close()
    return path


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = Database(path, KEY)
    yield database
    database.close()


def put(database: Database, name: str) -> None:
    with database.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES (?, 1)", (name,))


def names(database: Database) -> list[str]:
    return [row[0] for row in database.read("SELECT name FROM settings ORDER BY name")]


def generation(database: Database) -> int:
    return int(database.read("SELECT value FROM meta WHERE name = 'generation'")[0][0])


def in_thread(work: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


class Oops(Exception):
    pass


@contextlib.contextmanager
def abandoned(database: Database) -> Iterator[Transaction]:
    """A transaction that its user leaves by an exception."""
    with contextlib.suppress(Oops), database.transaction() as transaction:
        yield transaction
        raise Oops


def test_the_file_and_its_companions_are_encrypted_and_private(database: Database) -> None:
    put(database, "a name to look for")
    files = list(database._path.parent.iterdir())
    assert {file.name for file in files} == {"vault.db", "vault.db-wal", "vault.db-shm"}
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        assert b"a name to look for" not in file.read_bytes()
        assert b"CREATE TABLE" not in file.read_bytes()


def test_the_settings_that_durability_hangs_on(database: Database) -> None:
    with database.transaction():
        assert database.read("PRAGMA journal_mode") == [("wal",)]
        assert database.read("PRAGMA synchronous") == [(2,)]
        assert database.read("PRAGMA foreign_keys") == [(1,)]
        assert database.read("PRAGMA cipher") == [("chacha20",)]


def test_another_key_does_not_open_it(path: Path) -> None:
    with pytest.raises(IntegrityError, match=r"vault\.db” is damaged.*Restore"):
        Database(path, bytes(32))


def test_a_transaction_is_committed_or_not_at_all(database: Database) -> None:
    put(database, "a")
    with abandoned(database) as transaction:
        transaction.execute("INSERT INTO settings VALUES ('b', 1)")
    assert names(database) == ["a"]
    put(database, "c")
    assert names(database) == ["a", "c"]


def test_own_writes_are_seen_inside_and_by_others_only_after(database: Database) -> None:
    with database.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES ('a', 1)")
        assert transaction.changes == 1
        inside = database.in_transaction
        assert names(database) == ["a"]
        seen: list[list[str]] = []
        in_thread(lambda: seen.append(names(database)))
        assert seen == [[]]
    assert (inside, database.in_transaction) == (True, False)
    in_thread(lambda: seen.append(names(database)))
    assert seen == [[], ["a"]]


def test_an_inner_transaction_joins_the_outer_one(database: Database) -> None:
    with abandoned(database):
        put(database, "a")
    assert names(database) == []


def test_an_inner_failure_undoes_the_inner_writes_only(database: Database) -> None:
    called = []
    with database.transaction() as outer:
        outer.execute("INSERT INTO settings VALUES ('outer', 1)")
        outer.after_commit(lambda: called.append("outer"))
        with abandoned(database) as inner:
            inner.execute("INSERT INTO settings VALUES ('inner', 1)")
            inner.after_commit(lambda: called.append("inner"))
            put(database, "innermost")
        assert names(database) == ["outer"]
        put(database, "second inner")
        assert called == []
    assert names(database) == ["outer", "second inner"]
    assert called == ["outer"]


def test_after_commit_is_not_called_on_rollback(database: Database) -> None:
    called = []
    with abandoned(database) as transaction:
        transaction.after_commit(lambda: called.append(1))
    put(database, "a")
    assert called == []


def test_a_transaction_is_of_no_use_after_its_end(database: Database) -> None:
    with database.transaction() as transaction:
        pass
    with pytest.raises(EnvironmentFault, match="rolled back"):
        transaction.execute("INSERT INTO settings VALUES ('late', 1)")
    with pytest.raises(EnvironmentFault, match="rolled back"):
        transaction.executemany("INSERT INTO settings VALUES (?, 1)", [("late",)])
    assert names(database) == []


def test_each_commit_that_changes_something_advances_the_generation(path: Path) -> None:
    commits = []
    database = Database(path, KEY, on_commit=lambda: commits.append(1))
    start = generation(database)
    put(database, "a")
    with database.transaction():
        put(database, "b")
        put(database, "c")
    assert generation(database) == start + 2
    with database.transaction() as transaction:
        transaction.execute("SELECT * FROM settings")
    with abandoned(database) as transaction:
        transaction.execute("DELETE FROM settings")
    assert generation(database) == start + 2
    assert len(commits) == 2
    database.close()


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        database.read("INSERT INTO settings VALUES ('a', 1)")
    assert names(database) == []


def test_a_bug_stays_a_bug(database: Database) -> None:
    with pytest.raises(apsw.SQLError, match="no such table"):
        database.read("SELECT * FROM absent")
    put(database, "a")
    with pytest.raises(apsw.ConstraintError):
        put(database, "a")


def test_a_token_without_its_domain_key_is_not_stored(database: Database) -> None:
    with pytest.raises(apsw.ConstraintError), database.transaction() as transaction:
        transaction.execute(
            "INSERT INTO materials VALUES "
            "('us-west-2', 'k', 'm', 0, 'CURRENT', x'00', 'lost', NULL, '{}')"
        )


def test_one_writer_at_a_time_and_nothing_lost(database: Database) -> None:
    with database.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES ('count', 0)")

    def add() -> None:
        for _ in range(50):
            with database.transaction() as transaction:
                ((value,),) = database.read("SELECT value FROM settings")
                transaction.execute("UPDATE settings SET value = ?", (value + 1,))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.read("SELECT value FROM settings") == [(200,)]


def test_readers_are_not_blocked_by_the_writer_and_are_shared(database: Database) -> None:
    put(database, "a")
    with database.transaction():
        for _ in range(5):
            in_thread(lambda: names(database))
    assert len(database._idle) == 1


def test_closed_is_closed(path: Path) -> None:
    database = Database(path, KEY)
    put(database, "a")
    database.close()
    database.close()
    with pytest.raises(Locked):
        names(database)
    with pytest.raises(Locked), database.transaction():
        pass
    assert {file.name for file in path.parent.iterdir()} == {"vault.db"}
    assert "00010203" not in repr(vars(database))


def test_closing_inside_a_transaction_is_a_bug(database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError):
        database.close()


def test_closing_interrupts_a_long_read(path: Path) -> None:
    database = Database(path, KEY)
    started = threading.Event()
    result: list[BaseException] = []

    def count() -> None:
        with database.reader() as connection:
            started.set()
            try:
                connection.execute(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                    "SELECT count(*) FROM n"
                ).fetchall()
            except apsw.InterruptError as error:
                result.append(error)

    thread = threading.Thread(target=count)
    thread.start()
    started.wait()
    database.close()
    thread.join()
    assert [type(error) for error in result] == [apsw.InterruptError]


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    connection = Database(path, KEY)
    with connection.transaction() as transaction:
        transaction.execute(f"PRAGMA user_version = {len(migrations.MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Refused, match=r"newer version.*Update Key Workbench"):
        Database(path, KEY)
    assert path.read_bytes() == before


def test_an_emptied_or_foreign_database_is_no_vault(path: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    building.create_private(empty)
    with pytest.raises(IntegrityError, match="empty or not a vault"):
        Database(empty, KEY)
    connection = Database(path, KEY)
    with connection.transaction() as transaction:
        transaction.execute("PRAGMA application_id = 1")
    connection.close()
    with pytest.raises(IntegrityError, match="empty or not a vault"):
        Database(path, KEY)


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="Could not open"):
        Database(tmp_path / "vault.db", KEY)
    assert list(tmp_path.iterdir()) == []


def test_an_older_schema_is_brought_up_step_by_step(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (
        *migrations.MIGRATIONS,
        "CREATE TABLE later (a)",
        "ALTER TABLE later ADD COLUMN b; INSERT INTO later VALUES (1, 2)",
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    database = Database(path, KEY)
    assert database.read("SELECT a, b FROM later") == [(1, 2)]
    assert database.read("PRAGMA user_version") == [(len(steps),)]
    database.close()
    database = Database(path, KEY)
    assert database.read("SELECT a, b FROM later") == [(1, 2)]
    database.close()


def test_a_failing_step_leaves_the_schema_before_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (*migrations.MIGRATIONS, "CREATE TABLE later (a); CREATE TABLE later (b)")
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    with pytest.raises(apsw.SQLError):
        Database(path, KEY)
    monkeypatch.undo()
    database = Database(path, KEY)
    assert database.read("SELECT name FROM sqlite_schema WHERE name = 'later'") == []
    database.close()
