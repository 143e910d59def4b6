"""A vault with a byte flipped, its end cut off, or its log damaged: told, named, never believed."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.secrets import MemoryStore
from tests.fakes.vaults import PASSPHRASE, new_vault, powered, reopened
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault, IntegrityError
from workbench.vault.location import VaultFiles
from workbench.vault.vault import Vault

ROWS = [(f"name {n}", f"value {n} " * 20) for n in range(200)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    vault = new_vault(tmp_path / "v")
    with vault.transaction() as transaction:
        transaction.executemany("INSERT INTO settings VALUES (?, ?)", ROWS)
    vault.close()
    return tmp_path / "v"


def looked_through(folder: Path) -> list[tuple[Any, ...]]:
    """Open a vault and read all of it."""
    vault = Vault.open(folder, powered(), None, SystemClock())
    try:
        vault.unlock_with_passphrase(PASSPHRASE)
        return vault.read("SELECT name, value FROM settings")
    finally:
        vault.close()


def unhealthy(folder: Path) -> list[str]:
    vault = reopened(folder)
    subjects = [finding.subject for finding in vault.health() if not finding.passed]
    vault.close()
    return subjects


def outcome(folder: Path) -> list[tuple[Any, ...]] | IntegrityError:
    try:
        return looked_through(folder)
    except IntegrityError as error:
        return error


def places(size: int) -> list[int]:
    return [*range(0, 100, 3), *range(100, size, size // 60), size - 1]


def test_every_flipped_byte_is_told_and_no_wrong_row_is_given(folder: Path) -> None:
    path = VaultFiles(folder).database
    good = path.read_bytes()
    errors: list[IntegrityError] = []
    for place in places(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x10]) + good[place + 1 :])
        found = outcome(folder)
        if isinstance(found, IntegrityError):
            errors.append(found)
        else:
            # The byte lies in a page that these rows do not touch; the health check finds it.
            assert sorted(found) == sorted(ROWS)
            assert "database pages" in unhealthy(folder), place
    assert len(errors) > len(places(len(good))) // 3
    assert {"vault.db" in error.message for error in errors} == {True}
    assert {"Restore" in error.next_step for error in errors} == {True}
    path.write_bytes(good)
    assert sorted(looked_through(folder)) == sorted(ROWS)
    assert unhealthy(folder) == []


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_vault_is_told(folder: Path, share: float) -> None:
    path = VaultFiles(folder).database
    good = path.read_bytes()
    path.write_bytes(good[: int(len(good) * share)])
    with pytest.raises(IntegrityError, match=r"vault\.db” is.*(Restore|backup)"):
        looked_through(folder)
    path.write_bytes(good[: len(good) // 4096 // 2 * 4096])
    with pytest.raises(IntegrityError, match=r"vault\.db” is damaged.*Restore"):
        looked_through(folder)


def test_a_file_that_is_something_else_is_told(folder: Path) -> None:
    VaultFiles(folder).database.write_bytes(b"SQLite format 3\0" + bytes(8192))
    with pytest.raises(IntegrityError, match="damaged"):
        looked_through(folder)


def test_the_database_of_another_vault_is_told(folder: Path, tmp_path: Path) -> None:
    new_vault(tmp_path / "other").close()
    shutil.copy(VaultFiles(tmp_path / "other").database, VaultFiles(folder).database)
    with pytest.raises(IntegrityError, match="damaged"):
        looked_through(folder)


def test_an_unreadable_vault_is_told(folder: Path) -> None:
    files = VaultFiles(folder)
    files.database.unlink()
    files.database.mkdir()
    with pytest.raises((EnvironmentFault, IntegrityError), match=r"vault\.db"):
        looked_through(folder)


def test_a_damaged_write_ahead_log_is_noticed_by_the_anchor(tmp_path: Path) -> None:
    store = MemoryStore()
    vault = new_vault(tmp_path / "v", store)
    with vault.transaction() as transaction:
        transaction.executemany("INSERT INTO settings VALUES (?, ?)", ROWS)
    shutil.copytree(tmp_path / "v", tmp_path / "crashed")  # the log is not yet in the database
    vault.close()
    log = tmp_path / "crashed" / "vault.db-wal"
    good = log.read_bytes()

    # An intact log is taken in.
    shutil.copytree(tmp_path / "crashed", tmp_path / "intact")
    vault = reopened(tmp_path / "intact")
    assert sorted(vault.read("SELECT name, value FROM settings")) == sorted(ROWS)
    vault.close()

    for place in (40, len(good) // 2, len(good) - 10):
        shutil.rmtree(tmp_path / "v")
        shutil.copytree(tmp_path / "crashed", tmp_path / "v")
        changed = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        (tmp_path / "v" / "vault.db-wal").write_bytes(changed)
        vault = reopened(tmp_path / "v", store)
        assert "older copy" in " ".join(vault.warnings), place
        vault.close()
