from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.fakes.bench import PASSPHRASE, FakeBench
from tests.ui.conftest import Open, click, dialog_of, press, type_text
from workbench.base.clock import TravelClock
from workbench.ui.desktop import Desktop
from workbench.ui.session import Session
from workbench.ui.settings import MINUTES, SettingsDialog
from workbench.ui.window import Window

CTRL = Qt.KeyboardModifier.ControlModifier


def test_ctrl_l_covers_the_window_and_locks_the_vault(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    press(qtbot, window, Qt.Key.Key_L, CTRL)
    assert window.is_locked, "before the vault itself has locked"
    qtbot.waitUntil(lambda: session.idle)
    assert bench.vault.locked
    assert window.status.vault.text() == "Vault locked"
    assert window.workspace is not None
    assert not window.workspace.isVisible()
    assert not window.menus.commands["backup"].isEnabled()
    assert "not open" in window.menus.commands["backup"].toolTip()


def test_the_keyring_opens_it_again_with_one_key(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    window.lock()
    qtbot.waitUntil(lambda: session.idle)
    assert window.lock_screen.keyring_button.hasFocus()
    press(qtbot, window.lock_screen.keyring_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.is_locked)
    assert window.menus.commands["backup"].isEnabled()


def test_a_wrong_passphrase_is_said_inline_and_the_right_one_opens(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    window.lock()
    qtbot.waitUntil(lambda: session.idle)
    screen = window.lock_screen
    type_text(qtbot, screen.passphrase, "wrong")
    press(qtbot, screen.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(screen.problem))
    assert screen.problem == "The passphrase does not open this vault. Check it and try again."
    assert window.is_locked
    assert screen.passphrase.hasFocus()
    type_text(qtbot, screen.passphrase, PASSPHRASE)
    press(qtbot, screen.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.is_locked)
    assert screen.passphrase.text() == ""


def test_an_empty_passphrase_is_not_tried(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    window.lock()
    qtbot.waitUntil(lambda: session.idle)
    press(qtbot, window.lock_screen.passphrase, Qt.Key.Key_Return)
    assert "first" in window.lock_screen.problem


def test_a_keyring_that_fails_leaves_the_passphrase(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    window.lock()
    qtbot.waitUntil(lambda: session.idle)
    bench.vault.keyring = False
    click(qtbot, window.lock_screen.keyring_button)
    qtbot.waitUntil(lambda: bool(window.lock_screen.problem))
    assert "recovery passphrase" in window.lock_screen.problem


def test_what_was_typed_is_there_after_unlocking(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    assert window.workspace is not None
    pane = window.workspace.panes["things"]
    type_text(qtbot, pane.filter_field, "ml_")
    pane.ask()
    dialog = dialog_of("create")
    name = dialog.findChild(QLineEdit, "name")
    type_text(qtbot, name, "half_typed")
    window.lock()
    qtbot.waitUntil(lambda: session.idle)
    assert not dialog.isVisible()
    assert window.curtain.holds == 1
    click(qtbot, window.lock_screen.keyring_button)
    qtbot.waitUntil(dialog.isVisible)
    assert name.text() == "half_typed"
    assert pane.filter_field.text() == "ml_"
    assert dialog.isModal()


def test_it_locks_when_nobody_does_anything(open_window: Open, qtbot: QtBot) -> None:
    clock = TravelClock()
    bench = FakeBench(locked=False, clock=clock)
    bench.preferences.values[f"window/{MINUTES}"] = 5
    window = open_window(bench)
    clock.travel(timedelta(minutes=4))
    window.upkeep.guard.tick()
    assert not window.is_locked
    assert window.status.vault.text().startswith("Vault open, locks in 0:5")
    clock.travel(timedelta(minutes=2))
    window.upkeep.guard.tick()
    assert window.is_locked


def _press_a_key(window: Window) -> None:
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)


def _move_the_mouse_over_a_dialog(window: Window) -> None:
    window.menus.commands["settings"].trigger()
    dialog = dialog_of(SettingsDialog)
    QTest.qWaitForWindowActive(dialog)
    QTest.mouseMove(dialog.windowHandle(), QPoint(20, 20))
    QTest.mouseClick(dialog.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))


def _write_by_an_input_method(window: Window) -> None:
    assert window.workspace is not None
    window.workspace.front.focus_filter()
    written = QInputMethodEvent()
    written.setCommitString("\N{CJK UNIFIED IDEOGRAPH-9375}")
    QApplication.sendEvent(QGuiApplication.focusObject(), written)


def _do_nothing(_window: Window) -> None: ...


@pytest.mark.parametrize(
    ("act", "lives"),
    [
        (_press_a_key, True),
        (_move_the_mouse_over_a_dialog, True),
        (_write_by_an_input_method, True),
        (_do_nothing, False),
    ],
    ids=["key", "mouse in a dialog", "input method", "nothing"],
)
def test_a_sign_of_life_begins_the_countdown_anew(
    open_window: Open, act: Callable[[Window], None], *, lives: bool
) -> None:
    clock = TravelClock()
    window = open_window(FakeBench(locked=False, clock=clock))
    clock.travel(timedelta(minutes=9))
    act(window)
    clock.travel(timedelta(minutes=9))
    window.upkeep.guard.tick()
    assert window.is_locked is not lives


def test_it_never_locks_by_itself_when_told_so(open_window: Open, qtbot: QtBot) -> None:
    clock = TravelClock()
    bench = FakeBench(locked=False, clock=clock)
    bench.preferences.values[f"window/{MINUTES}"] = 0
    window = open_window(bench)
    clock.travel(timedelta(days=400))
    window.upkeep.guard.tick()
    assert not window.is_locked
    assert window.status.vault.text() == "Vault open"


def test_it_locks_with_the_screen_unless_told_not_to(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    for wanted in (False, True):
        window.menus.commands["settings"].trigger()
        dialog = dialog_of(SettingsDialog)
        if dialog.with_screen.isChecked() is not wanted:
            press(qtbot, dialog.with_screen, Qt.Key.Key_Space)
        click(qtbot, dialog.main_button)
        window.upkeep.desktop.flag(begins=False)
        assert not window.is_locked
        window.upkeep.desktop.flag(begins=True)
        assert window.is_locked is wanted


def test_the_desktop_is_heard_on_the_bus(secret_service: str, qtbot: QtBot) -> None:
    desktop = Desktop()
    assert desktop.listen() >= 5
    message = QDBusMessage.createSignal(
        "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged"
    )
    message.setArguments([True])
    with qtbot.waitSignal(desktop.away):
        QDBusConnection.sessionBus().send(message)


def test_panes_read_again_after_unlocking(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    assert window.workspace is not None
    pane = window.workspace.panes["things"]
    qtbot.waitUntil(lambda: pane.refreshed == 1)
    window.lock()
    qtbot.waitUntil(lambda: session.idle)
    click(qtbot, window.lock_screen.keyring_button)
    qtbot.waitUntil(lambda: not window.is_locked)
    assert pane.refreshed == 2


def test_nothing_is_said_about_work_that_locking_cut_off(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    assert window.bench is not None
    window.lock()
    qtbot.waitUntil(lambda: session.idle)
    session.start(window, window.bench.kms.list_keys, lambda _none: None)
    qtbot.waitUntil(lambda: session.idle)
    assert window.notices.texts == []
    session.start(window, window.bench.create_hierarchy, lambda _none: None)
    qtbot.waitUntil(lambda: bool(window.notices.texts))
