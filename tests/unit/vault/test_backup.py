import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.secrets import MemoryStore
from tests.fakes.vaults import PASSPHRASE, new_vault, powered, reopened
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault, IntegrityError, Refused
from workbench.vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = new_vault(tmp_path / "vault", MemoryStore())
    with vault.transaction() as transaction:
        transaction.executemany(
            "INSERT INTO settings VALUES (?, ?)", [(f"n{n}", "v" * 200) for n in range(100)]
        )
    yield vault
    vault.close()


def settings(vault: Vault) -> int:
    return int(vault.read("SELECT count(*) FROM settings")[0][0])


def test_a_restored_vault_has_everything_and_opens_by_the_passphrase_alone(
    vault: Vault, tmp_path: Path
) -> None:
    backup = tmp_path / "my vault.kwbackup"
    vault.backup(backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in vault.directory.iterdir() if "partial" in path.name} == set()
    Vault.restore(backup, tmp_path / "restored")
    restored = Vault.open(tmp_path / "restored", powered(), None, SystemClock())
    assert [slot.kind for slot in restored.slots] == ["passphrase"]
    assert restored.key_slots.vault_id == vault.key_slots.vault_id
    restored.unlock_with_passphrase(PASSPHRASE)
    assert settings(restored) == 100
    assert [finding for finding in restored.health() if not finding.passed] == []
    restored.close()
    for path in (tmp_path / "restored").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path.name


def test_nothing_readable_is_in_a_backup(vault: Vault, tmp_path: Path) -> None:
    vault.backup(tmp_path / "b")
    data = (tmp_path / "b").read_bytes()
    assert b"vvvvvvvv" not in data
    assert b"CREATE TABLE" not in data


def test_it_is_one_committed_state_while_others_write(vault: Vault, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with vault.transaction() as transaction:
                for _ in range(2):
                    transaction.execute("INSERT INTO settings VALUES (hex(randomblob(8)), 1)")

    writer = threading.Thread(target=write)
    writer.start()
    for n in range(5):
        vault.backup(tmp_path / f"b{n}")
    stop.set()
    writer.join()
    counts = []
    for n in range(5):
        Vault.restore(tmp_path / f"b{n}", tmp_path / f"r{n}")
        restored = reopened(tmp_path / f"r{n}")
        counts.append(settings(restored))
        assert restored.read("PRAGMA integrity_check") == [("ok",)]
        restored.close()
    assert counts == sorted(counts)
    assert all(count % 2 == 0 for count in counts)


def test_an_existing_file_is_not_overwritten(vault: Vault, tmp_path: Path) -> None:
    target = tmp_path / "b"
    target.write_bytes(b"something else")
    with pytest.raises(EnvironmentFault, match="exists already and was left"):
        vault.backup(target)
    assert target.read_bytes() == b"something else"
    with pytest.raises(EnvironmentFault, match="write the backup"):
        vault.backup(tmp_path / "no folder" / "b")
    assert {path.name for path in tmp_path.iterdir()} == {"b", "vault"}


def test_an_existing_vault_is_not_overwritten(vault: Vault, tmp_path: Path) -> None:
    vault.backup(tmp_path / "b")
    with pytest.raises(EnvironmentFault, match="open in this process"):
        Vault.restore(tmp_path / "b", vault.directory)
    vault.close()
    with pytest.raises(Refused, match="There is a vault"):
        Vault.restore(tmp_path / "b", vault.directory)
    again = reopened(vault.directory)
    assert settings(again) == 100
    again.close()


def test_every_damage_is_refused_and_nothing_is_restored(vault: Vault, tmp_path: Path) -> None:
    vault.backup(tmp_path / "b")
    good = (tmp_path / "b").read_bytes()
    start = good.index(b"{") + 1
    places = [*range(0, start + 700, 7), *range(start + 700, len(good), 9973), len(good) - 1]
    damaged = [good[:p] + bytes([good[p] ^ 1]) + good[p + 1 :] for p in places]
    damaged += [good[:p] for p in places] + [good + b"\0", b""]
    target = tmp_path / "restored"
    for data in damaged:
        (tmp_path / "bad").write_bytes(data)
        with pytest.raises((IntegrityError, Refused)) as caught:
            Vault.restore(tmp_path / "bad", target)
        assert "bad”" in str(caught.value)
        assert {path.name for path in target.iterdir()} <= {"vault.lock"}
    Vault.restore(tmp_path / "b", target)


def test_a_newer_format_is_named_as_such(vault: Vault, tmp_path: Path) -> None:
    vault.backup(tmp_path / "b")
    data = (tmp_path / "b").read_bytes()
    (tmp_path / "b2").write_bytes(
        data.replace(b"key-workbench-backup 1", b"key-workbench-backup 2")
    )
    with pytest.raises(Refused, match="newer version"):
        Vault.restore(tmp_path / "b2", tmp_path / "restored")


def test_a_hostile_header_is_refused(tmp_path: Path) -> None:
    first = b"key-workbench-backup 1\n"
    for header in (
        b"\xff\xff\xff\xff",
        b"\0\0\0\2{}",
        b"\0\0\0\2[]",
        b"\0\0\0\4null",
        (100).to_bytes(4, "big")
        + json.dumps({"created": 1, "slots": "{}", "database_bytes": -1}).encode().ljust(100),
    ):
        (tmp_path / "b").write_bytes(first + header)
        with pytest.raises(IntegrityError, match="damaged or incomplete"):
            Vault.restore(tmp_path / "b", tmp_path / "restored")
    with pytest.raises(EnvironmentFault, match="not there"):
        Vault.restore(tmp_path / "missing", tmp_path / "restored")
