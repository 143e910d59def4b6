"""A disk that is full while the vault saves: said, rolled back, nothing lost, and it recovers."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.secrets import MemoryStore
from tests.fakes.small_disk import SmallDisk, small_disk
from tests.fakes.vaults import PASSPHRASE, Happening, new_vault
from workbench.audit.journal import Journal
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault
from workbench.vault.vault import Vault

FULL = r"vault\.db”.*Nothing was changed\. Free some space"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def vault(disk: SmallDisk) -> Iterator[Vault]:
    vault = new_vault(disk.folder / "vault", MemoryStore())
    with vault.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES ('before', 1)")
    yield vault
    disk.free()
    vault.close()


def insert(vault: Vault, name: str, rows: int = 1, *, cache: int = 4000) -> None:
    with vault.transaction() as transaction:
        # A small cache makes SQLite write before the commit.
        transaction.execute(f"PRAGMA cache_size = {cache}")
        for n in range(rows):
            transaction.execute(
                "INSERT INTO settings VALUES (?, randomblob(3000))", (f"row {name} {n}",)
            )


def write_until_full(vault: Vault) -> int:
    """Commit rows until the disk is full; return how many were acknowledged."""
    acknowledged = 0

    def write() -> None:
        nonlocal acknowledged
        while acknowledged < 10_000:
            insert(vault, f"{count(vault)}")
            acknowledged += 1

    with pytest.raises(EnvironmentFault, match=FULL):
        write()
    return acknowledged


def count(vault: Vault) -> int:
    return int(vault.read("SELECT count(*) FROM settings WHERE name LIKE 'row %'")[0][0])


def test_what_was_acknowledged_stays_and_saving_recovers(vault: Vault, disk: SmallDisk) -> None:
    disk.fill()
    acknowledged = write_until_full(vault)
    assert count(vault) == acknowledged
    ((before,),) = vault.read("SELECT value FROM meta WHERE name = 'generation'")
    for cache in (10, 4000):
        with pytest.raises(EnvironmentFault, match=FULL):
            insert(vault, "many", 2000, cache=cache)
    assert count(vault) == acknowledged
    assert vault.read("SELECT value FROM meta WHERE name = 'generation'") == [(before,)]
    disk.free()
    with vault.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES ('row after', 1)")
    assert count(vault) == acknowledged + 1
    vault.lock()
    vault.unlock_with_passphrase(PASSPHRASE)
    assert count(vault) == acknowledged + 1
    assert all(finding.passed for finding in vault.health())


def test_an_error_that_is_caught_inside_does_not_leave_the_transaction_half_done(
    vault: Vault, disk: SmallDisk
) -> None:
    disk.fill()
    write_until_full(vault)
    before = count(vault)

    def careless() -> None:
        with vault.transaction() as outer:
            outer.execute("INSERT INTO settings VALUES ('row outer', 1)")
            with pytest.raises(EnvironmentFault):
                insert(vault, "inner", 2000, cache=10)
            disk.free()
            outer.execute("INSERT INTO settings VALUES ('row later', 1)")

    try:
        careless()
        together = 2
    except EnvironmentFault:
        together = 0
    assert count(vault) == before + together


def test_the_journal_refuses_until_it_can_be_written_and_loses_nothing(
    vault: Vault, disk: SmallDisk
) -> None:
    journal = Journal(vault, SystemClock())
    journal.record(Happening("Sign", ("a",), {"n": 0}), durable=False)
    journal.flush()
    disk.fill()
    write_until_full(vault)
    accepted = 1

    def go_on() -> None:
        nonlocal accepted
        for _ in range(10_000):
            big = Happening("Sign", ("a",), {"n": accepted, "x": "y" * 5000})
            journal.record(big, durable=False)
            accepted += 1
            with contextlib.suppress(EnvironmentFault):
                journal.flush()

    with pytest.raises(EnvironmentFault, match=r"was refused.*Free some space"):
        go_on()
    with pytest.raises(EnvironmentFault, match=r"disk is full.*Free some space"):
        journal.flush()
    assert accepted > 1
    disk.free()
    journal.flush()
    journal.record(Happening("Sign", ("a",), {"n": accepted}), durable=False)
    numbers = [found["n"] for found in journal.lookup(limit=100_000)]
    assert numbers == list(range(accepted, -1, -1))
    assert journal.verify().problems == ()
    journal.close()


def test_slots_and_backups_are_whole_or_not_there(
    vault: Vault, disk: SmallDisk, tmp_path: Path
) -> None:
    disk.fill()
    write_until_full(vault)
    slots = (vault.directory / "slots.json").read_bytes()
    target = disk.folder / "backup"
    with pytest.raises(EnvironmentFault, match="Free some space"):
        vault.backup(target)
    if disk.smallest_file_too:
        disk.fill()
        with pytest.raises(EnvironmentFault, match=r"slots\.json”: the disk is full\. Free some"):
            vault.change_passphrase("quite another passphrase")
    assert (vault.directory / "slots.json").read_bytes() == slots
    left = {path.name for path in [*disk.folder.iterdir(), *vault.directory.iterdir()]}
    assert not [name for name in left if "partial" in name or name == "backup"]
    disk.free()
    vault.backup(tmp_path / "backup")
    vault.lock()
    vault.unlock_with_passphrase(PASSPHRASE)
    assert all(finding.passed for finding in vault.health())


def test_a_vault_on_a_full_disk_can_be_locked_and_is_whole_afterwards(
    vault: Vault, disk: SmallDisk
) -> None:
    disk.fill()
    acknowledged = write_until_full(vault)
    disk.fill()
    vault.lock()
    assert vault.locked
    disk.free()
    vault.unlock_with_passphrase(PASSPHRASE)
    assert count(vault) == acknowledged
    assert all(finding.passed for finding in vault.health())
