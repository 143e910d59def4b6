import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.secrets import MemoryStore
from tests.fakes.vaults import PASSPHRASE, Happening, new_vault, reopened
from workbench.audit import log, merkle
from workbench.audit.journal import Journal
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault, IntegrityError, Locked
from workbench.vault.vault import Vault

ARN = "arn:aws:kms:us-west-2:111122223333:key/"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = new_vault(tmp_path / "vault", MemoryStore())
    yield vault
    vault.close()


@pytest.fixture
def journal(vault: Vault) -> Iterator[Journal]:
    journal = Journal(vault, SystemClock())
    yield journal
    journal.close()


def event(n: int, name: str = "Sign") -> Happening:
    return Happening(name, (f"{ARN}{n % 3}",), {"number": n})


def fill(journal: Journal, count: int) -> None:
    for n in range(count):
        journal.record(event(n), durable=False)
    journal.flush()


def change(vault: Vault, sql: str, *parameters: Any) -> None:
    with vault.transaction() as transaction:
        transaction.execute(sql, parameters)
        assert transaction.changes > 0


class Oops(Exception):
    pass


def test_events_are_kept_in_order_with_a_leaf_each(vault: Vault, journal: Journal) -> None:
    fill(journal, 10)
    rows = vault.read("SELECT seq, event, leaf FROM journal ORDER BY seq")
    assert [seq for seq, _, _ in rows] == list(range(10))
    assert [json.loads(text)["number"] for _, text, _ in rows] == list(range(10))
    assert all(merkle.leaf_hash(text.encode()) == leaf for _, text, leaf in rows)
    head = journal.head()
    assert head.size == 10
    assert head.root == merkle.root([leaf for _, _, leaf in rows])
    assert journal.verify().problems == ()
    assert journal.verify().root == head.root


def test_an_empty_journal(journal: Journal) -> None:
    assert journal.head() == log.TreeHead(0, merkle.EMPTY_ROOT)
    assert journal.verify().problems == ()
    assert journal.lookup() == []


def test_a_durable_event_is_committed_with_its_operation(vault: Vault, journal: Journal) -> None:
    with vault.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES ('made', 1)")
        journal.record(event(0, "CreateKey"), durable=True)
        assert vault.read("SELECT count(*) FROM journal") == [(1,)]
    assert [found["eventName"] for found in journal.lookup()] == ["CreateKey"]


def test_a_rolled_back_operation_leaves_no_event_and_no_gap(vault: Vault, journal: Journal) -> None:
    fill(journal, 5)
    before = journal.head()

    def fail(*, inner: bool) -> None:
        with vault.transaction():
            journal.record(event(5, "Undone"), durable=True)
            if inner:
                with vault.transaction():
                    journal.record(event(6, "UndoneToo"), durable=True)
                    raise Oops
            raise Oops

    for inner in (False, True):
        with pytest.raises(Oops):
            fail(inner=inner)
        assert journal.head() == before
    with vault.transaction():
        journal.record(event(5, "Outer"), durable=True)
        with pytest.raises(Oops):
            fail(inner=True)
        journal.record(event(6, "Outer"), durable=True)
    fill(journal, 1)
    assert [e["seq"] for e in journal.lookup()] == [7, 6, 5, 4, 3, 2, 1, 0]
    assert [e["eventName"] for e in journal.lookup(limit=3)] == ["Sign", "Outer", "Outer"]
    assert journal.verify().problems == ()


def test_both_ways_from_many_threads_share_gapless_numbers(vault: Vault, journal: Journal) -> None:
    def queue() -> None:
        for n in range(200):
            journal.record(event(n), durable=False)

    def operate(n: int) -> None:
        with vault.transaction():
            journal.record(event(n, "CreateKey"), durable=True)
            if n % 3 == 0:
                raise Oops

    def commit() -> None:
        for n in range(30):
            with contextlib.suppress(Oops):
                operate(n)

    threads = [threading.Thread(target=work) for work in (queue, commit, queue, commit)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.flush()
    assert journal.head().size == 2 * 200 + 2 * 20
    assert journal.verify().problems == ()


def test_durable_without_a_transaction_is_a_bug(journal: Journal) -> None:
    with pytest.raises(RuntimeError, match="open transaction"):
        journal.record(event(0), durable=True)


def test_looking_up_inside_a_transaction_does_not_wait_for_itself(
    vault: Vault, journal: Journal
) -> None:
    with vault.transaction():
        journal.record(event(0), durable=False)
        journal.record(event(1, "CreateKey"), durable=True)
        assert [found["eventName"] for found in journal.lookup()] == ["CreateKey"]
        with pytest.raises(RuntimeError, match="inside a transaction"):
            journal.flush()
    assert len(journal.lookup()) == 2


def test_lookup_by_resource_name_and_page(journal: Journal) -> None:
    for n in range(30):
        journal.record(event(n, "Sign" if n % 2 else "Decrypt"), durable=False)

    def numbers(**wanted: Any) -> list[int]:
        return [found["number"] for found in journal.lookup(**wanted)]

    assert numbers() == list(range(29, -1, -1))
    assert numbers(limit=2) == [29, 28]
    assert numbers(resource=f"{ARN}1") == [28, 25, 22, 19, 16, 13, 10, 7, 4, 1]
    assert numbers(resource=f"{ARN}1", event_name="Sign") == [25, 19, 13, 7, 1]
    assert numbers(event_name="Decrypt", limit=3) == [28, 26, 24]
    assert numbers(resource=f"{ARN}1", before=13) == [10, 7, 4, 1]
    assert numbers(event_name="Sign", before=5) == [3, 1]
    assert numbers(before=2) == [1, 0]
    assert numbers(resource="nothing") == numbers(event_name="nothing") == []
    assert numbers(resource="' OR 1=1 --") == []


def test_an_event_may_name_several_resources_and_one_twice(journal: Journal) -> None:
    journal.record(Happening("ReEncrypt", ("a", "b", "a")), durable=False)
    assert len(journal.lookup(resource="a")) == len(journal.lookup(resource="b")) == 1


def test_hostile_text_survives(journal: Journal) -> None:
    hostile = "\udcff\n\0\"'; DROP TABLE journal; --\U0001f511"
    journal.record(Happening("Sign", (), {"file": hostile}), durable=False)
    assert journal.lookup()[0]["file"] == hostile
    assert journal.verify().problems == ()


@pytest.mark.parametrize("value", [b"bytes", float("nan"), object()])
def test_an_event_that_is_no_json_leaves_a_stand_in(journal: Journal, value: object) -> None:
    journal.record(Happening("Sign", (), {"bad": value}), durable=False)
    journal.record(event(1), durable=False)
    good, stand_in = journal.lookup()
    assert good["number"] == 1
    assert stand_in["eventName"] == "UnrecordableEvent"
    assert stand_in["errorCode"] == "InternalFailure"
    assert {"eventID", "eventTime", "readOnly", "userIdentity"} <= set(stand_in)
    assert journal.verify().problems == ()


def test_a_durable_event_that_is_no_json_undoes_its_operation(
    vault: Vault, journal: Journal
) -> None:
    def operate() -> None:
        with vault.transaction() as transaction:
            transaction.execute("INSERT INTO settings VALUES ('made', 1)")
            journal.record(Happening("CreateKey", (), {"bad": b""}), durable=True)

    with pytest.raises(TypeError):
        operate()
    assert vault.read("SELECT count(*) FROM settings") == [(0,)]


def test_proofs_are_those_of_the_tree(vault: Vault, journal: Journal) -> None:
    fill(journal, 21)
    leaves = [row[0] for row in vault.read("SELECT leaf FROM journal ORDER BY seq")]
    root = journal.head().root
    for seq in range(21):
        proof = journal.inclusion_proof(seq, 21)
        assert merkle.verify_inclusion(leaves[seq], seq, 21, proof, root)
    old = merkle.root(leaves[:9])
    assert merkle.verify_consistency(9, 21, old, root, journal.consistency_proof(9, 21))
    with pytest.raises(ValueError, match="has no 22 events"):
        journal.inclusion_proof(0, 22)
    with pytest.raises(ValueError, match="not in a tree"):
        journal.inclusion_proof(21, 21)
    with pytest.raises(ValueError, match="no part of"):
        journal.consistency_proof(0, 21)


def test_locking_commits_what_waits_and_unlocking_goes_on(vault: Vault, journal: Journal) -> None:
    journal.record(event(0), durable=False)
    vault.lock()
    assert vault.warnings == ()
    with pytest.raises(Locked):
        journal.record(event(1), durable=False)
    for request in (journal.head, journal.verify, journal.lookup):
        with pytest.raises(Locked):
            request()
    journal.flush()  # nothing waits
    vault.unlock_with_passphrase(PASSPHRASE)
    journal.record(event(2), durable=False)
    assert [found["number"] for found in journal.lookup()] == [2, 0]


def test_it_goes_on_after_reopening(tmp_path: Path, vault: Vault, journal: Journal) -> None:
    fill(journal, 7)
    head = journal.head()
    journal.close()
    journal.close()  # harmless
    with pytest.raises(Locked):
        journal.record(event(0), durable=False)
    vault.close()
    vault = reopened(tmp_path / "vault")
    again = Journal(vault, SystemClock())
    assert again.head() == head
    fill(again, 5)
    assert again.head().size == 12
    assert again.verify().problems == ()
    again.close()
    vault.close()


def test_a_full_queue_makes_room(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.audit.journal._GROUP", 10)
    monkeypatch.setattr("workbench.audit.journal._MOST_WAITING", 30)
    for n in range(500):
        journal.record(event(n), durable=False)
        assert len(journal._queue) <= 31
    assert journal.head().size == 500


def test_what_waits_when_closing_a_locked_vault_is_told(
    vault: Vault, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = EnvironmentFault("The disk is full.", "Free some space.")

    def fail(*_: object) -> None:
        raise full

    monkeypatch.setattr(log, "append", fail)
    journal.record(event(0), durable=False)
    vault.lock()
    assert vault.warnings == (str(full),)
    with pytest.raises(Locked):
        journal.close()


def test_it_fails_closed_and_loses_nothing(
    vault: Vault, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(journal, 3)
    failing = True
    append = log.append

    def sometimes(*arguments: Any) -> None:
        if failing:
            raise EnvironmentFault("The disk is full.", "Free some space.")
        append(*arguments)

    monkeypatch.setattr(log, "append", sometimes)
    for n in range(3, 6):
        journal.record(event(n), durable=False)
    with pytest.raises(EnvironmentFault, match="disk is full"):
        journal.flush()
    for _ in range(3):
        with pytest.raises(EnvironmentFault, match=r"was refused.*disk is full.*Free some space"):
            journal.record(event(99), durable=False)
    assert [found["number"] for found in journal.lookup()] == [2, 1, 0]
    failing = False
    journal.flush()
    journal.record(event(6), durable=False)
    assert [found["number"] for found in journal.lookup()] == [6, 5, 4, 3, 2, 1, 0]
    assert journal.verify().problems == ()


def test_a_bug_while_writing_does_not_kill_the_thread(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(log, "append", fail)
    journal.record(event(0), durable=False)
    with pytest.raises(EnvironmentFault, match="ZeroDivisionError"):
        journal.flush()
    monkeypatch.undo()
    assert journal.head().size == 1


def swap(vault: Vault, a: int, b: int) -> None:
    with vault.transaction() as transaction:
        transaction.execute("UPDATE journal SET seq = -1 WHERE seq = ?", (a,))
        transaction.execute("UPDATE journal SET seq = ? WHERE seq = ?", (a, b))
        transaction.execute("UPDATE journal SET seq = ? WHERE seq = -1", (b,))


def duplicate(vault: Vault, seq: int, at: int) -> None:
    change(vault, "INSERT INTO journal SELECT ?, event, leaf FROM journal WHERE seq = ?", at, seq)


def rewrite(vault: Vault, seq: int) -> None:
    """Change an event together with its leaf hash, as one who knows the format would."""
    text = json.dumps({"eventName": "Innocent"})
    leaf = merkle.leaf_hash(text.encode())
    change(vault, "UPDATE journal SET event = ?, leaf = ? WHERE seq = ?", text, leaf, seq)


FORGE = "UPDATE meta SET value = replace(value, ?, ?) WHERE name = 'journal.head'"
TAMPERINGS: dict[str, tuple[Callable[[Vault], None], str]] = {
    "an event": (
        lambda v: change(v, "UPDATE journal SET event = event || ' ' WHERE seq = 4"),
        "Event 4 was changed",
    ),
    "a leaf": (
        lambda v: change(v, "UPDATE journal SET leaf = zeroblob(32) WHERE seq = 4"),
        "Event 4 was changed",
    ),
    "event and leaf": (lambda v: rewrite(v, 4), "do not give the journal's stored root"),
    "first dropped": (lambda v: change(v, "DELETE FROM journal WHERE seq = 0"), "Event 0 is miss"),
    "some dropped": (
        lambda v: change(v, "DELETE FROM journal WHERE seq IN (3, 4, 5)"),
        "Events 3 to 5 are missing",
    ),
    "end cut off": (
        lambda v: change(v, "DELETE FROM journal WHERE seq >= 8"),
        "Events 8 to 9 are missing",
    ),
    "all dropped": (
        lambda v: change(v, "DELETE FROM journal WHERE 1"),
        "Events 0 to 9 are missing",
    ),
    "swapped": (lambda v: swap(v, 2, 7), "do not give the journal's stored root"),
    "one added": (lambda v: duplicate(v, 4, 10), "Event 10 was added"),
    "one before": (lambda v: duplicate(v, 4, -1), "out of order"),
    "one far off": (lambda v: duplicate(v, 4, 10_000), "Event 10000 was added"),
    "head dropped": (
        lambda v: change(v, "DELETE FROM meta WHERE name = 'journal.head'"),
        "Event 0 was added",
    ),
    "head's size forged": (
        lambda v: change(v, FORGE, '"size": 10', '"size": 9'),
        "Event 9 was added",
    ),
    "head's root forged": (
        lambda v: change(v, FORGE, '"root": "', '"root": "00'),
        "head is damaged",
    ),
    "head's edge forged": (
        lambda v: change(v, FORGE, '"edge": [', '"edge": ["00", '),
        "head is damaged",
    ),
    "head no JSON": (
        lambda v: change(v, "UPDATE meta SET value = 'x' WHERE name = 'journal.head'"),
        "head is damaged",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_told(vault: Vault, journal: Journal, name: str) -> None:
    fill(journal, 10)
    tamper, told = TAMPERINGS[name]
    assert journal.verify().problems == ()
    tamper(vault)
    assert told in " ".join(journal.verify().problems)


def test_every_flipped_character_of_an_event_is_told(vault: Vault, journal: Journal) -> None:
    fill(journal, 3)
    ((text,),) = vault.read("SELECT event FROM journal WHERE seq = 1")
    for place in range(len(text)):
        changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        # The index over the name needs JSON; what is no JSON cannot even be stored.
        try:
            json.loads(changed)
        except ValueError:
            continue
        change(vault, "UPDATE journal SET event = ? WHERE seq = 1", changed)
        assert "Event 1 was changed." in journal.verify().problems, place
    change(vault, "UPDATE journal SET event = ? WHERE seq = 1", text)
    assert journal.verify().problems == ()


@pytest.mark.parametrize("size", range(10))
def test_truncation_at_every_size_is_told(vault: Vault, journal: Journal, size: int) -> None:
    fill(journal, 10)
    change(vault, "DELETE FROM journal WHERE seq >= ?", size)
    assert "missing" in " ".join(journal.verify().problems)


def test_a_log_cut_off_together_with_its_head_is_told_by_the_anchor(tmp_path: Path) -> None:
    store = MemoryStore()
    vault = new_vault(tmp_path / "v", store)
    journal = Journal(vault, SystemClock())
    fill(journal, 10)
    leaves = log.read_leaves(vault, 10)
    journal.close()
    vault.close()
    vault = reopened(tmp_path / "v", store)
    journal = Journal(vault, SystemClock())
    assert journal.verify().problems == ()
    edge = merkle.CompactRange().extended(leaves[:6])
    head = {"size": 6, "root": edge.root().hex(), "edge": [h.hex() for h in edge.hashes]}
    change(vault, "DELETE FROM journal WHERE seq >= 6")
    change(vault, "UPDATE meta SET value = ? WHERE name = 'journal.head'", json.dumps(head))
    (problem,) = journal.verify().problems
    assert "remembers 10 events; the journal has 6" in problem
    fill(journal, 6)  # forked and grown beyond
    (problem,) = journal.verify().problems
    assert "first 10 events are not those" in problem
    journal.close()
    vault.close()


def test_a_damaged_head_stops_appending(vault: Vault, journal: Journal) -> None:
    fill(journal, 2)
    change(vault, "UPDATE meta SET value = '{}' WHERE name = 'journal.head'")
    journal.record(event(2), durable=False)
    with pytest.raises(IntegrityError, match=r"head is damaged\. Restore"):
        journal.flush()
    with pytest.raises(EnvironmentFault, match="head is damaged"):
        journal.record(event(3), durable=False)
    change(vault, "DELETE FROM journal")
    change(vault, "DELETE FROM meta WHERE name = 'journal.head'")
    journal.flush()


def test_many_problems_are_counted_not_listed(vault: Vault, journal: Journal) -> None:
    fill(journal, 60)
    change(vault, "UPDATE journal SET leaf = zeroblob(32)")
    problems = journal.verify().problems
    assert len(problems) == 21
    assert problems[-1] == "And 40 more problems."


def test_the_last_success_of_a_resource(journal: Journal) -> None:
    journal.record(Happening("Encrypt", ("a",), {"number": 0}), durable=False)
    journal.record(Happening("Decrypt", ("a", "b"), {"number": 1}), durable=False)
    journal.record(Happening("Encrypt", ("a",), {"number": 2, "errorCode": "X"}), durable=False)
    journal.record(Happening("TagResource", ("a",), {"number": 3}), durable=False)

    def number(resource: str, *names: str) -> int | None:
        found = journal.last_success(resource, names)
        return None if found is None else found["number"]

    assert number("a", "Encrypt", "Decrypt") == 1
    assert number("a", "Encrypt") == 0
    assert number("b", "Encrypt") is None
    assert number("b", "Encrypt", "Decrypt") == 1
    assert number("c", "Encrypt") is None
    assert number("a") is None
    assert number("a", "') OR 1 --") is None
