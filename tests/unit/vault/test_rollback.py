"""An old copy of the vault put in place of the new one is noticed by the keyring's anchor."""

import shutil
import threading
from pathlib import Path

import pytest

from tests.fakes.secrets import MemoryStore
from tests.fakes.vaults import Happening, new_vault, reopened
from workbench.audit.journal import Journal
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault
from workbench.vault.anchor import Anchor, AnchorKeeper
from workbench.vault.vault import Vault


def change(vault: Vault, times: int = 1) -> None:
    for _ in range(times):
        with vault.transaction() as transaction:
            transaction.execute("INSERT INTO settings VALUES (hex(randomblob(8)), 1)")


def record(vault: Vault, *names: str) -> None:
    journal = Journal(vault, SystemClock())
    for name in names:
        journal.record(Happening(name), durable=False)
    journal.close()


def anchor_in(store: MemoryStore) -> Anchor:
    (data,) = (value for name, value in store.kept.items() if name.endswith(" anchor"))
    return Anchor.decode(data)


def test_the_anchor_follows_the_file(tmp_path: Path) -> None:
    store = MemoryStore()
    vault = new_vault(tmp_path / "v", store)
    vault.close()
    first = anchor_in(store)
    vault = reopened(tmp_path / "v", store)
    assert vault.anchor == first
    change(vault, 3)
    record(vault, "Sign", "Sign")
    vault.close()
    second = anchor_in(store)
    assert second.generation > first.generation + 3
    assert (first.size, second.size) == (0, 2)
    assert len(second.root) == 64


def test_it_is_written_without_closing_too(tmp_path: Path) -> None:
    store = MemoryStore()
    vault = new_vault(tmp_path / "v", store)
    keeper = vault._keeper
    assert keeper is not None
    change(vault)
    keeper._hurry.set()  # as when the interval is over
    keeper._closing = True
    keeper._changed.set()
    assert keeper._thread is not None
    keeper._thread.join()
    ((generation,),) = vault.read("SELECT value FROM meta WHERE name = 'generation'")
    assert anchor_in(store).generation == generation
    vault.close()


@pytest.mark.parametrize("events", [0, 3])
def test_an_older_copy_is_noticed_said_and_remembered(tmp_path: Path, events: int) -> None:
    store = MemoryStore()
    new_vault(tmp_path / "v", store).close()
    shutil.copytree(tmp_path / "v", tmp_path / "old")
    vault = reopened(tmp_path / "v", store)
    change(vault, 5)
    record(vault, *["Sign"] * events)
    vault.close()
    shutil.rmtree(tmp_path / "v")
    shutil.copytree(tmp_path / "old", tmp_path / "v")

    vault = reopened(tmp_path / "v", store)
    assert len(vault.warnings) == 1
    assert "older copy" in vault.warnings[0]
    assert f"{events} journal events" in vault.warnings[0]
    journal = Journal(vault, SystemClock())
    problems = journal.verify().problems
    assert ["keyring remembers 3 events" in problem for problem in problems] == [True] * (
        events > 0
    )
    journal.close()
    vault.close()

    # Said once, as the anchor follows the file again; but the health check goes on telling it.
    vault = reopened(tmp_path / "v", store)
    assert vault.warnings == ()
    (history,) = (finding for finding in vault.health() if finding.subject == "history")
    assert not history.passed
    assert "older copy" in history.detail
    vault.close()

    # The same old copy a second time is noticed as well.
    shutil.rmtree(tmp_path / "v")
    shutil.copytree(tmp_path / "old", tmp_path / "v")
    vault = reopened(tmp_path / "v", store)
    assert "older copy" in vault.warnings[0]
    vault.close()


def test_a_journal_of_the_same_length_but_another_content_is_noticed(tmp_path: Path) -> None:
    store = MemoryStore()
    new_vault(tmp_path / "v", store).close()
    shutil.copytree(tmp_path / "v", tmp_path / "fork")
    vault = reopened(tmp_path / "v", store)
    record(vault, "Sign")
    vault.close()
    vault = reopened(tmp_path / "fork")
    record(vault, "Decrypt")
    change(vault, 10)
    vault.close()
    vault = reopened(tmp_path / "fork", store)
    assert "journal differs" in vault.warnings[0]
    journal = Journal(vault, SystemClock())
    journal.record(Happening("Sign"), durable=False)
    (problem,) = journal.verify().problems
    assert "not those that the keyring remembers" in problem
    journal.close()
    vault.close()


def test_a_crash_before_the_anchor_was_written_is_no_rollback(tmp_path: Path) -> None:
    store = MemoryStore()
    new_vault(tmp_path / "v", store).close()
    before = dict(store.kept)
    vault = reopened(tmp_path / "v", store)
    change(vault, 5)
    record(vault, "Sign")
    vault.close()
    store.kept = before
    vault = reopened(tmp_path / "v", store)
    assert vault.warnings == ()
    journal = Journal(vault, SystemClock())
    assert journal.verify().problems == ()
    journal.close()
    vault.close()


@pytest.mark.parametrize("kept", [b"", b"{}", b"[1, 2]", b'["1", 2, "3"]', b"\xff", b"[1,2,3]"])
def test_an_unreadable_anchor_is_a_warning(tmp_path: Path, kept: bytes) -> None:
    store = MemoryStore()
    new_vault(tmp_path / "v", store).close()
    (name,) = (name for name in store.kept if name.endswith(" anchor"))
    store.kept[name] = kept
    vault = reopened(tmp_path / "v", store)
    assert "cannot be read" in vault.warnings[0]
    vault.close()
    assert anchor_in(store).generation > 0


def test_a_keyring_that_refuses_delays_the_anchor_and_nothing_else(tmp_path: Path) -> None:
    store = MemoryStore()
    vault = new_vault(tmp_path / "v", store)
    store.refusing = True
    change(vault)
    vault.lock()
    vault.close()
    store.refusing = False
    vault = reopened(tmp_path / "v", store)
    assert vault.warnings == ()
    vault.close()


def test_anchors_are_written_in_order_and_gathered(tmp_path: Path) -> None:
    store = MemoryStore()
    written: list[int] = []
    setting = store.set

    def set_and_note(name: str, secret: bytes) -> None:
        written.append(Anchor.decode(secret).generation)
        setting(name, secret)

    store.set = set_and_note  # type: ignore[method-assign]
    now = [0]
    keeper = AnchorKeeper(store, "id", lambda: Anchor(now[0], 0, ""), interval=60.0)
    keeper.start()
    keeper.start()
    for n in range(100):
        now[0] = n
        keeper.changed()
    keeper.close()
    assert written == [99]
    assert keeper.read() == Anchor(99, 0, "")


def test_an_anchor_that_is_none_is_refused() -> None:
    keeper = AnchorKeeper(MemoryStore(), "id", lambda: Anchor(0, 0, ""), interval=60.0)
    assert keeper.read() is None
    store = MemoryStore()
    store.kept["vault id anchor"] = b"what"
    keeper = AnchorKeeper(store, "id", lambda: Anchor(0, 0, ""), interval=60.0)
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        keeper.read()


def test_a_damaged_counter_or_head_is_a_warning_and_the_vault_still_opens(tmp_path: Path) -> None:
    store = MemoryStore()
    vault = new_vault(tmp_path / "v", store)
    record(vault, "Sign")
    for damage in (
        "UPDATE meta SET value = 'x' WHERE name = 'journal.head'",
        "UPDATE meta SET value = '{}' WHERE name = 'journal.head'",
        "DELETE FROM meta WHERE name = 'generation'",
    ):
        with vault.transaction() as transaction:
            transaction.execute(damage)
        vault.close()
        vault = reopened(tmp_path / "v", store)
        assert "is damaged" in vault.warnings[0]
    vault.close()


def test_a_keyring_that_does_not_answer_is_not_waited_for_for_ever() -> None:
    answer = threading.Event()

    class Silent(MemoryStore):
        def get(self, name: str) -> bytes | None:
            answer.wait()
            return super().get(name)

    keeper = AnchorKeeper(Silent(), "id", lambda: Anchor(0, 0, ""), interval=60.0, patience=0.001)
    with pytest.raises(EnvironmentFault, match=r"\(memory\) did not answer in time"):
        keeper.read()
    answer.set()
