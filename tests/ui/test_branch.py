"""The session of one place: left at once, and nothing that was begun to change goes untold."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from workbench.base.errors import Cancelled, EnvironmentFault
from workbench.ui.branch import Branch
from workbench.ui.errors import Explanation
from workbench.ui.session import Session


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What work waits for; opened at the end, so that no worker is left."""
    made = threading.Event()
    yield made
    made.set()


def test_what_is_read_is_dropped_at_once_and_the_branch_goes_when_its_workers_have(
    session: Session, qtbot: QtBot, gate: threading.Event
) -> None:
    branch = Branch(session, "Waiting")
    owner = QObject()
    told: list[object] = []
    branch.start(owner, gate.wait, told.append)
    idle = [session.idle]
    branch.end()
    idle.append(session.idle)
    assert idle == [False, True], "nobody waits for it any more"
    assert isValid(branch), "a worker is still at work"
    branch.start(owner, lambda: 1, told.append)
    gate.set()
    qtbot.waitUntil(lambda: not isValid(branch))
    assert told == []


def test_a_change_that_fails_after_the_place_was_left_is_told(
    session: Session, qtbot: QtBot, gate: threading.Event
) -> None:
    branch = Branch(session, "Waiting")
    owner, failures = QObject(branch), []
    session.failed.connect(lambda _owner, words: failures.append(words))

    def change() -> None:
        gate.wait()
        raise EnvironmentFault("The network went away.", "Look at the key again.")

    branch.start(owner, change, lambda _none: None, lambda _words: None, mutates=True)
    branch.end()
    gate.set()
    qtbot.waitUntil(lambda: bool(failures))
    assert [words.text for words in failures] == ["The network went away. Look at the key again."]
    qtbot.waitUntil(lambda: not isValid(branch))
    assert session.idle


def test_stopping_fails_what_is_read_and_leaves_what_changes(
    session: Session, qtbot: QtBot, gate: threading.Event
) -> None:
    branch = Branch(session, "Waiting for AWS")
    owner = QObject()
    read: list[object] = []
    changed: list[object] = []
    refused: list[Explanation] = []
    branch.start(owner, gate.wait, read.append, refused.append)
    branch.start(owner, gate.wait, changed.append, refused.append, mutates=True)
    texts: list[Any] = []
    session.tasks_changed.connect(texts.append)
    assert not branch.stoppable
    qtbot.waitUntil(lambda: branch.stoppable)
    qtbot.waitUntil(lambda: ("Waiting for AWS",) in texts)
    branch.stop()
    assert [words.kind for words in refused] == [Cancelled]
    assert not branch.stoppable
    gate.set()
    qtbot.waitUntil(lambda: changed == [True])
    assert read == []
    branch.end()
    qtbot.waitUntil(lambda: not isValid(branch))


def test_a_place_of_the_vault_shares_its_workers_and_its_news(
    session: Session, qtbot: QtBot
) -> None:
    one, other = Branch(session), Branch(session)
    heard: list[tuple[str, str]] = []
    for name, branch in (("one", one), ("other", other)):
        branch.changed.connect(lambda topic, name=name: heard.append((name, topic)))
    one.announce("keys")
    assert sorted(heard) == [("one", "keys"), ("other", "keys")]
    threads: list[str] = []
    owner = QObject()
    work = lambda: threading.current_thread().name  # noqa: E731
    session.start(owner, work, threads.append, mutates=True)
    one.start(owner, work, threads.append, mutates=True)
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] == threads[1], "changes of the vault are made in order"
    one.end()
    other.end()
    qtbot.waitUntil(lambda: not isValid(one) and not isValid(other))
    session.start(owner, work, threads.append)
    qtbot.waitUntil(lambda: len(threads) == 3)
