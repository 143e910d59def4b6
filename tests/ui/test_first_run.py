from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.bench import PASSPHRASE, FakeKeeper
from tests.ui.conftest import Open, click, press, type_text
from workbench.base.errors import EnvironmentFault
from workbench.ui.session import Session
from workbench.ui.window import Window


def begin(open_window: Open, qtbot: QtBot, keeper: FakeKeeper, session: Session) -> Window:
    window = open_window(keeper=keeper)
    window.start()
    qtbot.waitUntil(lambda: session.idle)
    return window


def shown(widget: QWidget) -> bool:
    return widget.isVisible()


def test_a_vault_is_made_by_keyboard_alone(
    open_window: Open, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    keeper = FakeKeeper(directory=tmp_path / "vault")
    window = begin(open_window, qtbot, keeper, session)
    run = window.first_run
    assert run.choices[0].hasFocus()
    press(qtbot, run.choices[0], Qt.Key.Key_Return)
    assert shown(run.create_step)
    assert run.create_step.keyring.text() == "Secret Service (fake)"
    assert run.create_button.hasFocus()
    press(qtbot, run.create_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(run.passphrase_step))
    assert keeper.created_at == tmp_path / "vault"
    step = run.passphrase_step
    assert not step.proceed.isEnabled()
    press(qtbot, step.written, Qt.Key.Key_Space)
    type_text(qtbot, step.answer, step.asked.lower())
    press(qtbot, step.answer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.workspace is not None and shown(window.workspace))
    assert not window.is_locked


def test_the_passphrase_is_shown_whole_and_once(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = begin(open_window, qtbot, FakeKeeper(), session)
    run = window.first_run
    click(qtbot, run.choices[0])
    click(qtbot, run.create_button)
    qtbot.waitUntil(lambda: shown(run.passphrase_step))
    texts = [
        child.text()
        for child in run.passphrase_step.findChildren(type(run.passphrase_step.question))
    ]
    assert all(any(group in text for text in texts) for group in PASSPHRASE.split("-"))
    run.passphrase_step.written.setChecked(True)
    run.passphrase_step.answer.setText(run.passphrase_step.asked)
    click(qtbot, run.passphrase_step.proceed)
    texts = [
        child.text()
        for child in run.passphrase_step.findChildren(type(run.passphrase_step.question))
    ]
    assert not any(group in text for text in texts for group in PASSPHRASE.split("-"))
    assert run.passphrase_step.asked == ""


def test_it_does_not_go_on_before_the_passphrase_was_written_down(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = begin(open_window, qtbot, FakeKeeper(), session)
    run = window.first_run
    click(qtbot, run.choices[0])
    click(qtbot, run.create_button)
    step = run.passphrase_step
    qtbot.waitUntil(lambda: shown(step))
    type_text(qtbot, step.answer, "XXXXX")
    assert "not group" in step.problem
    press(qtbot, step.answer, Qt.Key.Key_Return)
    step.written.setChecked(True)
    assert not step.proceed.isEnabled()
    step.answer.clear()
    type_text(qtbot, step.answer, step.asked)
    assert step.problem == ""
    step.written.setChecked(False)
    assert not step.proceed.isEnabled()
    press(qtbot, step.answer, Qt.Key.Key_Return)
    assert window.workspace is None


def test_a_folder_that_cannot_be_used_is_said_where_it_was_typed(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    trouble = EnvironmentFault("Could not write “/x”: the disk is full.", "Free some space.")
    window = begin(open_window, qtbot, FakeKeeper(trouble=trouble), session)
    run = window.first_run
    click(qtbot, run.choices[0])
    click(qtbot, run.create_button)
    qtbot.waitUntil(lambda: bool(run.create_step.problem))
    assert shown(run.create_step)
    assert run.create_step.problem == "Could not write “/x”: the disk is full. Free some space."


def test_a_vault_is_not_made_over_another(
    open_window: Open, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    keeper = FakeKeeper(exists=True, directory=tmp_path)
    window = open_window(keeper=keeper)
    click(qtbot, window.first_run.choices[0])
    click(qtbot, window.first_run.create_button)
    assert "lies there already" in window.first_run.create_step.problem
    assert keeper.created_at is None


def test_without_a_keyring_it_says_so(open_window: Open, qtbot: QtBot, session: Session) -> None:
    window = begin(open_window, qtbot, FakeKeeper(keyring=False), session)
    assert window.first_run.create_step.keyring.text() == "No keyring service answers."


def test_the_demo_opens_at_once(open_window: Open, qtbot: QtBot, session: Session) -> None:
    window = begin(open_window, qtbot, FakeKeeper(), session)
    click(qtbot, window.first_run.choices[2])
    qtbot.waitUntil(lambda: window.workspace is not None and shown(window.workspace))


def test_opening_a_folder_without_a_vault_says_so(
    open_window: Open, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    window = begin(open_window, qtbot, FakeKeeper(), session)
    window.first_run.open_folder(str(tmp_path))
    assert str(tmp_path) in window.first_run.start_step.problem


def test_a_vault_that_exists_asks_to_be_unlocked(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = begin(open_window, qtbot, FakeKeeper(exists=True), session)
    qtbot.waitUntil(lambda: window.is_locked)
    assert window.lock_screen.keyring_button.hasFocus()
    assert window.workspace is None
