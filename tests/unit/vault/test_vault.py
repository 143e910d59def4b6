import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.secrets import MemoryStore
from tests.fakes.vaults import PASSPHRASE, QUICK, new_vault, powered, reopened
from workbench.base.clock import SystemClock, TravelClock
from workbench.base.errors import EnvironmentFault, IntegrityError, Locked, Refused
from workbench.vault import slots as slots_file
from workbench.vault.location import VaultFiles
from workbench.vault.vault import Vault


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def vault(tmp_path: Path, store: MemoryStore) -> Iterator[Vault]:
    vault = new_vault(tmp_path / "vault", store)
    yield vault
    vault.close()


def remember(vault: Vault, value: str) -> None:
    with vault.transaction() as transaction:
        transaction.execute("INSERT OR REPLACE INTO settings VALUES ('it', ?)", (value,))


def remembered(vault: Vault) -> str:
    ((value,),) = vault.read("SELECT value FROM settings WHERE name = 'it'")
    return str(value)


def test_a_new_vault_is_unlocked_private_and_healthy(vault: Vault) -> None:
    assert not vault.locked
    assert vault.warnings == ()
    assert [slot.kind for slot in vault.slots] == ["keyring", "passphrase"]
    assert vault.directory.stat().st_mode & 0o777 == 0o700
    for path in vault.directory.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path.name
    assert {finding.subject for finding in vault.health() if not finding.passed} == set()
    assert len(vault.health()) == 6


def test_either_slot_opens_it_and_everything_is_there(
    tmp_path: Path, vault: Vault, store: MemoryStore
) -> None:
    remember(vault, "something")
    vault.close()
    ways: list[Callable[[Vault], None]] = [
        lambda opened: opened.unlock_with_keyring(),
        lambda opened: opened.unlock_with_passphrase(PASSPHRASE),
    ]
    for unlock in ways:
        opened = Vault.open(tmp_path / "vault", powered(), store, SystemClock())
        assert opened.locked
        assert [slot.kind for slot in opened.slots] == ["keyring", "passphrase"]
        unlock(opened)
        unlock(opened)  # a second time is harmless
        assert remembered(opened) == "something"
        assert opened.warnings == ()
        opened.close()


def test_a_generated_passphrase_is_returned_once_and_opens_it_however_it_is_typed(
    tmp_path: Path,
) -> None:
    vault, shown = Vault.create(tmp_path / "v", powered(), None, SystemClock(), cost=QUICK)
    assert [slot.kind for slot in vault.slots] == ["passphrase"]
    assert "generated" in vault.slots[0].parameters
    vault.lock()
    typo = ("0" if shown[0] != "0" else "1") + shown[1:]
    with pytest.raises(Refused, match="typing mistake in group 1"):
        vault.unlock_with_passphrase(typo)
    vault.unlock_with_passphrase(shown.lower().replace("-", " "))
    assert not vault.locked
    vault.close()


def test_a_wrong_passphrase_is_told_and_the_right_one_still_opens(vault: Vault) -> None:
    vault.lock()
    for wrong in ("correct horse battery stable", "", PASSPHRASE + " "):
        with pytest.raises(Refused, match="passphrase"):
            vault.unlock_with_passphrase(wrong)
        assert vault.locked
        with pytest.raises(Locked):
            vault.read("SELECT 1")
    vault.unlock_with_passphrase(PASSPHRASE)
    assert vault.read("SELECT 1") == [(1,)]


def test_while_locked_every_request_is_refused(vault: Vault, tmp_path: Path) -> None:
    vault.lock()
    vault.lock()  # harmless
    requests: list[Callable[[], object]] = [
        lambda: vault.read("SELECT 1"),
        vault.transaction,
        vault.rotate_domain_key,
        lambda: vault.key_slots.change_passphrase(None),
        lambda: vault.change_passphrase("another long passphrase"),
        vault.key_slots.add_keyring,
        vault.key_slots.remove_keyring,
        lambda: vault.backup(tmp_path / "backup"),
    ]
    for request in requests:
        with pytest.raises(Locked, match="locked"):
            request()
    assert len(vault.health()) == 2
    assert not (tmp_path / "backup").exists()


def test_callbacks_run_before_and_after_locking_and_after_unlocking(vault: Vault) -> None:
    seen: list[str] = []
    vault.before_lock(lambda: seen.append(f"before {vault.locked}"))
    vault.on_lock(lambda: seen.append(f"after {vault.locked}"))
    vault.on_unlock(lambda: seen.append(f"unlocked {vault.locked}"))
    vault.lock()
    vault.unlock_with_keyring()
    assert seen == ["before False", "after True", "unlocked False"]


def test_a_callback_that_fails_does_not_keep_it_open(vault: Vault) -> None:
    def fail() -> None:
        raise EnvironmentFault("The disk is full.", "Free some space.")

    vault.before_lock(fail)
    vault.lock()
    assert vault.locked
    assert vault.warnings == ("The disk is full. Free some space.",)


def test_what_fails_after_an_unlock_is_told_and_does_not_undo_it(vault: Vault) -> None:
    def fail() -> None:
        raise EnvironmentFault("A rotation was due and failed.", "Try again.")

    vault.on_unlock(fail)
    vault.lock()
    vault.unlock_with_passphrase(PASSPHRASE)
    assert not vault.locked
    assert vault.warnings == ("A rotation was due and failed. Try again.",)


def test_locking_inside_a_transaction_is_a_bug(vault: Vault) -> None:
    with vault.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES ('it', 'kept')")
        with pytest.raises(RuntimeError, match="inside a transaction"):
            vault.lock()
    assert remembered(vault) == "kept"


def test_locking_waits_for_another_threads_transaction(vault: Vault) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with vault.transaction() as transaction:
            inside.set()
            go_on.wait()
            transaction.execute("INSERT INTO settings VALUES ('it', 'finished')")

    writer = threading.Thread(target=write)
    writer.start()
    inside.wait()
    locker = threading.Thread(target=vault.lock)
    locker.start()
    go_on.set()
    writer.join()
    locker.join()
    vault.unlock_with_keyring()
    assert remembered(vault) == "finished"


def test_creating_where_a_vault_is_leaves_it_alone(vault: Vault, tmp_path: Path) -> None:
    remember(vault, "precious")
    vault.close()
    before = VaultFiles(tmp_path / "vault").database.read_bytes()
    with pytest.raises(Refused, match="There is a vault in"):
        new_vault(tmp_path / "vault")
    assert VaultFiles(tmp_path / "vault").database.read_bytes() == before


def test_a_short_passphrase_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    store, module = MemoryStore(), powered()
    with pytest.raises(Refused, match="at least 12"):
        Vault.create(tmp_path, module, store, SystemClock(), passphrase="short", cost=QUICK)
    assert store.kept == {}
    assert {path.name for path in tmp_path.iterdir()} <= {"vault.lock"}
    vault, _ = Vault.create(tmp_path, module, store, SystemClock(), cost=QUICK)
    vault.close()


def test_a_keyring_that_refuses_stops_the_creation_and_nothing_is_left(tmp_path: Path) -> None:
    store = MemoryStore()
    store.refusing = True
    with pytest.raises(EnvironmentFault, match="keyring"):
        new_vault(tmp_path, store)
    assert {path.name for path in tmp_path.iterdir()} <= {"vault.lock"}
    store.refusing = False
    new_vault(tmp_path, store).close()


def test_an_interrupted_creation_is_finished_or_begun_anew(vault: Vault, tmp_path: Path) -> None:
    remember(vault, "whole")
    vault.close()
    files = VaultFiles(tmp_path / "vault")
    files.database.rename(files.building)  # as after a crash between the last two steps
    vault = reopened(tmp_path / "vault")
    assert remembered(vault) == "whole"
    vault.close()
    other = VaultFiles(tmp_path / "other")
    other.make_directory()
    other.building.write_bytes(b"half a database")  # as after a crash before them
    new_vault(tmp_path / "other").close()
    assert not other.building.exists()


def test_without_a_keyring_the_passphrase_is_the_next_step(tmp_path: Path) -> None:
    vault = new_vault(tmp_path, None)
    vault.lock()
    with pytest.raises(Refused, match=r"no keyring slot\. Use the recovery passphrase"):
        vault.unlock_with_keyring()
    vault.unlock_with_passphrase(PASSPHRASE)
    assert "No keyring is in use" in vault.warnings[0]
    with pytest.raises(EnvironmentFault, match="No keyring service"):
        vault.key_slots.add_keyring()
    vault.close()


def test_each_way_the_keyring_can_fail_names_the_passphrase(
    vault: Vault, tmp_path: Path, store: MemoryStore
) -> None:
    vault.close()
    (name,) = (name for name in store.kept if " slot " in name)
    secret = store.kept[name]

    def attempt(kept: bytes | None, *, given: bool = True, refusing: bool = False) -> Vault:
        store.kept.pop(name, None)
        if kept is not None:
            store.kept[name] = kept
        store.refusing = refusing
        opened = Vault.open(tmp_path / "vault", powered(), store if given else None, SystemClock())
        try:
            opened.unlock_with_keyring()
        finally:
            opened.close()
        return opened

    with pytest.raises(EnvironmentFault, match=r"No keyring service.*Use the recovery passphrase"):
        attempt(secret, given=False)
    with pytest.raises(EnvironmentFault, match=r"has no secret.*Use the recovery passphrase"):
        attempt(None)
    with pytest.raises(IntegrityError, match=r"does not open.*Use the recovery passphrase"):
        attempt(bytes(32))
    with pytest.raises((IntegrityError, Refused), match="Use the recovery passphrase"):
        attempt(secret[:5])
    with pytest.raises(EnvironmentFault, match="refuses"):
        attempt(secret, refusing=True)
    assert attempt(secret).locked


def test_a_keyring_that_fails_later_is_a_warning_only(vault: Vault, store: MemoryStore) -> None:
    store.refusing = True
    vault.lock()
    vault.unlock_with_passphrase(PASSPHRASE)
    assert "would not be noticed" in vault.warnings[0]


def test_changing_the_passphrase(vault: Vault) -> None:
    vault.change_passphrase("quite another passphrase")
    vault.lock()
    with pytest.raises(Refused):
        vault.unlock_with_passphrase(PASSPHRASE)
    vault.unlock_with_passphrase("quite another passphrase")
    with pytest.raises(Refused, match="at least 12"):
        vault.change_passphrase("short")
    shown = vault.key_slots.change_passphrase(None)
    vault.lock()
    vault.unlock_with_passphrase(shown)
    vault.lock()
    vault.unlock_with_keyring()


def test_the_keyring_slot_can_be_removed_and_added(vault: Vault, store: MemoryStore) -> None:
    before = dict(store.kept)
    vault.key_slots.add_keyring()
    assert len([name for name in store.kept if " slot " in name]) == 1
    assert not [n for n in before if " slot " in n and n in store.kept]
    vault.lock()
    vault.unlock_with_keyring()
    vault.key_slots.remove_keyring()
    vault.key_slots.remove_keyring()  # harmless
    assert not [name for name in store.kept if " slot " in name]
    vault.lock()
    with pytest.raises(Refused, match="no keyring slot"):
        vault.unlock_with_keyring()
    vault.unlock_with_passphrase(PASSPHRASE)
    store.refusing = True
    with pytest.raises(EnvironmentFault):
        vault.key_slots.add_keyring()
    assert [slot.kind for slot in vault.slots] == ["passphrase"]


def test_slots_of_another_vault_do_not_open_this_one(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    new_vault(one).close()
    new_vault(two).close()
    VaultFiles(two).slots.write_bytes(VaultFiles(one).slots.read_bytes())
    with pytest.raises(IntegrityError, match="damaged"):
        reopened(two)


def test_a_slot_with_forged_parameters_does_not_open(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.close()
    files = VaultFiles(tmp_path)
    body = json.loads(files.slots.read_bytes())
    body["slots"][0]["created"] = "2001-01-01T00:00:00+00:00"
    del body["sha256"]
    body["sha256"] = slots_file._checksum(body)
    files.slots.write_bytes(json.dumps(body, indent=1).encode() + b"\n")
    with pytest.raises(Refused, match="does not open this vault"):
        reopened(tmp_path)


def test_a_missing_vault_is_named_with_the_next_step(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"There is no vault in .*nowhere”\. Create one"):
        reopened(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    vault.close()
    files = VaultFiles(tmp_path / "vault")
    database = files.database.read_bytes()
    files.database.unlink()
    with pytest.raises(EnvironmentFault, match=r"vault\.db.*restore one from a backup"):
        reopened(tmp_path / "vault")
    files.database.write_bytes(database)
    files.slots.unlink()
    with pytest.raises(EnvironmentFault, match=r"slots\.json.*are missing.*Restore"):
        reopened(tmp_path / "vault")
    with pytest.raises(Refused, match="There is a vault"):
        new_vault(tmp_path / "vault")


def test_the_clock_is_the_one_given(tmp_path: Path) -> None:
    clock = TravelClock()
    clock.travel(timedelta(days=10_000))
    vault = new_vault(tmp_path, None, clock)
    assert vault.slots[0].created[:4] == str(clock.now().year)
    vault.close()
    with pytest.raises(Locked):
        vault.read("SELECT 1")
    vault.close()


def test_a_clock_that_jumps_while_a_slot_is_made_does_no_harm(tmp_path: Path) -> None:
    class Jumping(TravelClock):
        step = timedelta(0)

        def monotonic(self) -> float:
            self.travel(self.step)
            return super().monotonic()

    for number, days in enumerate((-400, 400)):
        clock = Jumping()
        clock.step = timedelta(days=days)
        new_vault(tmp_path / str(number), None, clock).close()
        reopened(tmp_path / str(number)).close()


def test_nothing_secret_is_shown(vault: Vault, store: MemoryStore) -> None:
    shown = repr(vault) + repr(vars(vault)) + repr(vault._database) + repr(vault.slots)
    for secret in store.kept.values():
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
    assert PASSPHRASE not in shown
