import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from workbench.base.errors import Refused
from workbench.ui.errors import Explanation
from workbench.ui.session import Session


def fail(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def test_work_leaves_the_gui_thread_and_its_outcome_comes_back(
    qtbot: QtBot, session: Session
) -> None:
    owner = QObject()
    seen: list[tuple[int, QThread]] = []
    here = threading.get_ident()
    session.start(owner, threading.get_ident, lambda n: seen.append((n, QThread.currentThread())))
    assert not session.idle
    qtbot.waitUntil(lambda: bool(seen))
    worker, delivered = seen[0]
    assert worker != here
    assert delivered is QApplication.instance().thread()  # type: ignore[union-attr]
    assert session.idle


def test_a_destroyed_owner_gets_nothing(qtbot: QtBot, session: Session) -> None:
    owner, other = QObject(), QObject()
    gate = threading.Event()
    seen: list[str] = []
    session.start(owner, gate.wait, lambda _done: seen.append("owner"))
    session.start(other, gate.wait, lambda _done: seen.append("other"))
    delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: session.idle)
    assert seen == ["other"]


def test_a_closed_window_gets_nothing_but_a_curtained_one_does(
    x_server: str, qtbot: QtBot, session: Session
) -> None:
    closed, curtained = QWidget(), QWidget()
    seen: list[str] = []
    gate = threading.Event()
    for name, window in (("closed", closed), ("curtained", curtained)):
        qtbot.addWidget(window)
        window.show()
        session.start(window, gate.wait, lambda _done, n=name: seen.append(n))  # type: ignore[misc]
    closed.close()
    curtained.setProperty("curtained", True)
    curtained.hide()
    gate.set()
    qtbot.waitUntil(lambda: session.idle)
    assert seen == ["curtained"]


def test_a_failure_comes_back_in_words(qtbot: QtBot, session: Session) -> None:
    owner = QObject()
    words: list[Explanation] = []
    unexpected: list[Any] = []
    session.failed.connect(lambda _owner, explained: unexpected.append(explained))
    error = ClientError({"Error": {"Code": "NotFoundException", "Message": "gone"}}, "Sign")
    session.start(owner, fail(error), unexpected.append, words.append)
    qtbot.waitUntil(lambda: bool(words))
    assert (words[0].title, words[0].message) == ("NotFoundException", "gone")
    assert unexpected == []


def test_a_failure_nobody_takes_reaches_the_window(qtbot: QtBot, session: Session) -> None:
    owner = QObject()
    with qtbot.waitSignal(session.failed) as told:
        session.start(owner, fail(Refused("No.", "Ask.")), lambda _none: None)
    assert told.args[0] is owner
    assert told.args[1].text == "No. Ask."


def test_a_bug_reaches_the_crash_dialog_and_the_caller(qtbot: QtBot, session: Session) -> None:
    owner = QObject()
    words: list[Explanation] = []
    with qtbot.waitSignal(session.crashed) as told:
        session.start(owner, fail(KeyError("x")), lambda _none: None, words.append)
    assert isinstance(told.args[0], KeyError)
    assert words[0].bug


def test_mutations_run_one_at_a_time_in_order(qtbot: QtBot, session: Session) -> None:
    owner = QObject()
    events: list[str] = []
    gate = threading.Event()

    def work(name: str) -> Callable[[], None]:
        def run() -> None:
            events.append(f"begin {name}")
            gate.wait(10)
            events.append(f"end {name}")

        return run

    for name in "abc":
        session.start(owner, work(name), lambda _none: None, mutates=True)
    gate.set()
    qtbot.waitUntil(lambda: session.idle)
    assert events == [f"{what} {name}" for name in "abc" for what in ("begin", "end")]


def test_waiting_work_can_be_dropped(qtbot: QtBot, session: Session) -> None:
    owner = QObject()
    gate = threading.Event()
    seen: list[int] = []
    session.start(owner, gate.wait, lambda _done: seen.append(1), mutates=True)
    waiting = session.start(owner, lambda: 2, seen.append, mutates=True)
    waiting.drop()
    gate.set()
    qtbot.waitUntil(lambda: session.idle)
    assert seen == [1]


def test_running_tasks_are_told(qtbot: QtBot, session: Session) -> None:
    gate = threading.Event()
    told: list[tuple[str, ...]] = []
    session.tasks_changed.connect(told.append)
    owner = QObject()
    session.start(owner, gate.wait, lambda _done: None, busy_text="Signing")
    assert session.busy == ("Signing",)
    gate.set()
    qtbot.waitUntil(lambda: session.idle)
    assert told == [("Signing",), ()]


def test_progress_is_relayed_to_the_gui_thread_only_while_the_owner_lives(
    qtbot: QtBot, session: Session
) -> None:
    owner, gone = QObject(), QObject()
    seen: list[tuple[str, bool]] = []
    here = threading.get_ident()
    tell = session.relay(owner, lambda text: seen.append((text, threading.get_ident() == here)))
    lost = session.relay(gone, lambda text: seen.append((text, False)))
    delete(gone)

    def work() -> None:
        lost("lost")
        tell("half")

    session.start(owner, work, lambda _none: None)
    qtbot.waitUntil(lambda: session.idle)
    assert seen == [("half", True)]


def test_coroutines_await_workers(session: Session, run_async: Callable[..., Any]) -> None:
    async def both() -> tuple[int, int]:
        return await session.run(lambda: 1), await session.run(lambda: 2, mutates=True)

    assert run_async(both()) == (1, 2)


def test_an_awaited_failure_is_raised(session: Session, run_async: Callable[..., Any]) -> None:
    with pytest.raises(Refused, match="No"):
        run_async(session.run(fail(Refused("No."))))


def test_a_spawned_coroutine_ends_with_its_owner(
    session: Session, run_async: Callable[..., Any]
) -> None:
    owner = QObject()
    steps: list[str] = []

    async def wait_for_ever() -> None:
        steps.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("ended")

    async def scene() -> None:
        session.spawn(owner, wait_for_ever())
        await asyncio.sleep(0)
        delete(owner)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    run_async(scene())
    assert steps == ["begun", "ended"]
    assert session.idle


def test_a_spawned_coroutine_that_fails_is_reported(
    session: Session, run_async: Callable[..., Any]
) -> None:
    owner = QObject()
    told: list[Explanation] = []
    session.failed.connect(lambda _owner, words: told.append(words))

    async def refuse() -> None:
        raise Refused("No.")

    async def scene() -> None:
        session.spawn(owner, refuse())
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    run_async(scene())
    assert [words.message for words in told] == ["No."]


def test_nothing_is_delivered_after_the_end(qtbot: QtBot) -> None:
    made = Session()
    owner = QObject()
    seen: list[int] = []
    made.start(owner, lambda: 1, seen.append)
    made.close()
    QApplication.processEvents()
    assert seen == []
    delete(made)
