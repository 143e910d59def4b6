from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.ui.conftest import Open, click, dialog_of, press, type_text
from workbench.ui.help import HelpReader
from workbench.ui.registry import PANES as REAL_PANES
from workbench.ui.session import Session
from workbench.ui.settings import MINUTES, SettingsDialog
from workbench.ui.vault_dialogs import AboutDialog, PassphraseDialog
from workbench.ui.window import Window
from workbench.ui.workspace import Workspace

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def stage(window: Window) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def ready(window: Window, qtbot: QtBot) -> Any:
    pane = stage(window).panes["things"]
    qtbot.waitUntil(lambda: pane.model.total == pane.count)
    return pane


def test_ctrl_and_a_digit_turn_to_a_pane(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    press(qtbot, window, Qt.Key.Key_2, CTRL)
    assert stage(window).front.id == "empty"
    assert stage(window).rail.buttons["empty"].isChecked()
    assert window.windowTitle() == "Empty \N{EN DASH} Key Workbench"
    press(qtbot, window, Qt.Key.Key_1, CTRL)
    assert stage(window).front.id == "things"


def test_the_rail_is_clicked_and_walked_by_arrows(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    buttons = stage(window).rail.buttons
    click(qtbot, buttons["empty"])
    assert stage(window).front.id == "empty"
    buttons["empty"].setFocus()
    press(qtbot, buttons["empty"], Qt.Key.Key_Up)
    assert buttons["things"].hasFocus()
    press(qtbot, buttons["things"], Qt.Key.Key_Space)
    assert stage(window).front.id == "things"


def test_one_shortcut_serves_the_pane_in_front(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    press(qtbot, window, Qt.Key.Key_N, CTRL)
    assert dialog_of("create") is not None
    dialog_of("create").reject()
    press(qtbot, window, Qt.Key.Key_2, CTRL)
    press(qtbot, window, Qt.Key.Key_N, CTRL)
    assert stage(window).panes["empty"].made == 1
    assert dialog_of("create") is None


def test_ctrl_f_puts_the_keyboard_into_a_filter_that_says_what_it_searches(
    open_window: Open, qtbot: QtBot
) -> None:
    window = open_window()
    pane = ready(window, qtbot)
    press(qtbot, window, Qt.Key.Key_F, CTRL)
    assert pane.filter_field.hasFocus()
    assert pane.filter_field.placeholderText() == "Filter by name, spec, id"
    type_text(qtbot, pane.filter_field, "rsa disabled")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    assert {row.spec for row in (pane.model.row(0), pane.model.row(1))} == {"RSA_3072"}


def test_the_palette_finds_objects_and_actions(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    pane = ready(window, qtbot)
    press(qtbot, window, Qt.Key.Key_2, CTRL)
    press(qtbot, window, Qt.Key.Key_K, CTRL)
    layer = window.palette_layer
    assert layer.isVisible()
    assert layer.field.hasFocus()
    type_text(qtbot, layer.field, "thing-000007")
    assert layer.shown_titles[0] == "alias/thing-000007"
    press(qtbot, layer.field, Qt.Key.Key_Return)
    assert not layer.isVisible()
    assert stage(window).front.id == "things"
    assert [thing.name for thing in pane.table.selected_rows] == ["alias/thing-000007"]


def test_the_palette_finds_by_identifier(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    ready(window, qtbot)
    press(qtbot, window, Qt.Key.Key_K, CTRL)
    type_text(qtbot, window.palette_layer.field, "0000001f-0000")
    assert window.palette_layer.shown_titles == ["alias/thing-000009"]


def test_the_palette_runs_a_command_of_another_pane(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    press(qtbot, window, Qt.Key.Key_K, CTRL)
    type_text(qtbot, window.palette_layer.field, "make the first")
    press(qtbot, window.palette_layer.field, Qt.Key.Key_Return)
    assert stage(window).front.id == "empty"
    assert stage(window).panes["empty"].made == 1


def test_the_palette_shows_but_does_not_run_what_cannot_run(
    open_window: Open, qtbot: QtBot
) -> None:
    window = open_window()
    press(qtbot, window, Qt.Key.Key_K, CTRL)
    type_text(qtbot, window.palette_layer.field, "delete")
    assert window.palette_layer.shown_titles[0] == "Delete"
    press(qtbot, window.palette_layer.field, Qt.Key.Key_Return)
    assert window.palette_layer.isVisible()
    assert dialog_of("danger") is None


def test_the_palette_is_walked_left_and_closed(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    pane = ready(window, qtbot)
    pane.filter_field.setFocus()
    press(qtbot, window, Qt.Key.Key_K, CTRL)
    layer = window.palette_layer
    type_text(qtbot, layer.field, "alias/thing")
    press(qtbot, layer.field, Qt.Key.Key_Down)
    press(qtbot, layer.field, Qt.Key.Key_Down)
    press(qtbot, layer.field, Qt.Key.Key_Up)
    assert layer.list.currentIndex().row() == 1
    press(qtbot, layer.field, Qt.Key.Key_Tab)
    assert layer.field.hasFocus()
    press(qtbot, layer.field, Qt.Key.Key_Escape)
    assert not layer.isVisible()
    assert pane.filter_field.hasFocus()
    press(qtbot, window, Qt.Key.Key_K, CTRL)
    type_text(qtbot, layer.field, "no such thing at all")
    assert layer.shown_titles == []
    click(qtbot, layer, QPoint(4, 4))
    assert not layer.isVisible()


def test_f1_reads_about_the_pane_in_front(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    press(qtbot, window, Qt.Key.Key_2, CTRL)
    press(qtbot, window, Qt.Key.Key_F1)
    reader = dialog_of(HelpReader)
    assert reader.pages.currentItem().text() == "Certificates"
    assert "Valid" in reader.text.toPlainText()
    window.open_help("no-such-page")
    assert reader.pages.currentRow() == 0


def test_an_action_that_cannot_run_says_why(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    pane = ready(window, qtbot)
    assert not pane.remove.isEnabled()
    assert pane.remove.toolTip() == "Delete \N{EM DASH} not now: nothing is selected (Del)"
    pane.table.select_id(pane.model.id_at(0))
    assert pane.remove.isEnabled()
    assert pane.remove.toolTip() == "Delete (Del)"


def test_every_command_has_name_icon_tooltip_and_a_place_in_a_menu(
    open_window: Open, qtbot: QtBot
) -> None:
    window = open_window()
    for name, pane in stage(window).panes.items():
        stage(window).turn_to(name)
        menus = [bar.menu() for bar in window.menuBar().actions()]
        held = {action for menu in menus if isinstance(menu, QMenu) for action in menu.actions()}
        for command in [*pane.commands, *window.menus.all]:
            assert command.plain_text
            assert not command.icon().isNull()
            assert command.toolTip()
            assert command in held, command.objectName()


def test_shortcuts_do_not_collide(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    for pane in stage(window).panes.values():
        keys = [
            command.shortcut().toString()
            for command in [*pane.commands, *window.menus.all]
            if not command.shortcut().isEmpty()
        ]
        assert len(keys) == len(set(keys)), keys


def test_the_menu_and_shortcuts_of_the_panes_themselves(open_window: Open, qtbot: QtBot) -> None:
    window = open_window(FakeBench(locked=False), makers=REAL_PANES)
    for name, pane in stage(window).panes.items():
        stage(window).turn_to(name)
        keys = Counter(
            command.shortcut().toString()
            for command in [*pane.commands, *window.menus.all]
            if not command.shortcut().isEmpty()
        )
        assert [key for key, times in keys.items() if times > 1] == []
        bar = window.menuBar().actions()[1].menu()
        assert isinstance(bar, QMenu)
        inside = [one.menu() for one in bar.actions()]
        menus = [bar, *(menu for menu in inside if isinstance(menu, QMenu))]
        shown = Counter(action for menu in menus for action in menu.actions())
        assert {shown[command] for command in pane.commands} == {1}
        for menu in menus:
            assert menu.sizeHint().height() < window.height() * 9 // 10
        for before, after in pairwise(bar.actions()):
            assert not (before.isSeparator() and after.isSeparator())


def test_no_mnemonic_stands_twice_in_a_menu(open_window: Open, qtbot: QtBot) -> None:
    window = open_window(FakeBench(locked=False), makers=REAL_PANES)
    for name in stage(window).panes:
        stage(window).turn_to(name)
        tops = [bar.menu() for bar in window.menuBar().actions()]
        menus = [menu for menu in tops if isinstance(menu, QMenu)]
        inside = [action.menu() for menu in menus for action in menu.actions()]
        menus += [menu for menu in inside if isinstance(menu, QMenu)]
        for held in (window.menuBar(), *menus):
            texts = [one.text() for one in held.actions() if one.isVisible()]
            letters = Counter(QKeySequence.mnemonic(text).toString() for text in texts)
            twice = [text for text in texts if letters[QKeySequence.mnemonic(text).toString()] > 1]
            assert [text for text in twice if "&" in text] == [], name


def test_the_rail_is_never_narrower_than_its_names(open_window: Open, qtbot: QtBot) -> None:
    rail = stage(open_window()).rail
    buttons = rail.findChildren(QToolButton)
    assert max(one.sizeHint().width() for one in buttons) < rail.minimumSizeHint().width()


CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QSpinBox,
    QAbstractItemView,
    QPlainTextEdit,
    QProgressBar,
)


def nameless(root: QWidget) -> Iterator[str]:
    for control in root.findChildren(QWidget):
        inner = control.objectName().startswith("qt_") or control.metaObject().className() in {
            "QComboBoxListView",
            "QTableCornerButton",
            "QHeaderView",
        }
        private = isinstance(control.parentWidget(), (QSpinBox, QLineEdit, QComboBox))
        if not isinstance(control, CONTROLS) or inner or private:
            continue
        text = control.text() if isinstance(control, QAbstractButton) else ""
        if not (control.accessibleName() or text) and type(control).__name__ != "QToolButton":
            yield f"{type(control).__name__} {control.objectName()}"
        elif isinstance(control, QAbstractButton) and not (control.accessibleName() or text):
            yield f"button {control.objectName()} {control.toolTip()}"


def test_every_control_has_an_accessible_name(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    pane = ready(window, qtbot)
    pane.table.select_id(pane.model.id_at(0))
    window.notify("Done", "ok", ("Undo", lambda: None))
    pane.ask()
    pane.ask_delete()
    window.menus.commands["settings"].trigger()
    window.menus.commands["passphrase"].trigger()
    window.open_help("keys")
    known = {"qt_menubar_ext_button", "ScrollLeftButton", "ScrollRightButton"}
    found = [name for name in nameless(window) if not known & set(name.split())]
    assert found == []


def test_a_nameless_control_is_found(x_server: str, qtbot: QtBot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    QLineEdit(box)
    assert list(nameless(box)) == ["QLineEdit "]


def test_tab_reaches_filter_table_and_rail(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    pane = ready(window, qtbot)
    pane.filter_field.setFocus()
    reached = set()
    for _ in range(40):
        here = QApplication.focusWidget()
        assert here is not None
        press(qtbot, here, Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert {pane.table, pane.filter_field, stage(window).rail.buttons["things"]} <= reached


def test_settings_apply_and_are_remembered(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    window.menus.commands["settings"].trigger()
    dialog = dialog_of(SettingsDialog)
    dialog.scheme.setCurrentIndex(dialog.scheme.findData("dark"))
    dialog.minutes.setValue(3)
    press(qtbot, dialog.main_button, Qt.Key.Key_Space)
    assert window.look.tokens.name == "dark"
    assert window.status.vault.text().startswith("Vault open, locks in ")
    assert window.local.text("scheme") == "dark"
    qtbot.waitUntil(lambda: bench.preferences.values.get(f"window/{MINUTES}") == 3)


def test_a_damaged_setting_counts_as_absent(open_window: Open, qtbot: QtBot) -> None:
    bench = FakeBench(locked=False)
    bench.preferences.values |= {f"window/{MINUTES}": "soon", "window/widths": [1, "x"]}
    bench.preferences.values |= {"window/columns/things": [3], "window/pane": "gone"}
    window = open_window(bench)
    assert stage(window).front.id == "things"
    assert "locks in 9:5" in window.status.vault.text() or "10:00" in window.status.vault.text()


def test_light_and_dark_recolour_everything_live(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    pane = ready(window, qtbot)
    before = pane.create_command.icon().pixmap(20, 20).toImage()
    press(qtbot, window, Qt.Key.Key_D, CTRL, SHIFT)
    assert window.look.tokens.name == "dark"
    assert window.palette().window().color().name() == window.look.tokens.window
    assert pane.create_command.icon().pixmap(20, 20).toImage() != before
    press(qtbot, window, Qt.Key.Key_D, CTRL, SHIFT)
    assert pane.create_command.icon().pixmap(20, 20).toImage() == before


def test_the_inspector_follows_the_selection_and_can_be_hidden(
    open_window: Open, qtbot: QtBot
) -> None:
    window = open_window()
    pane = ready(window, qtbot)
    assert pane.details.isVisible()
    pane.table.select_id(pane.model.id_at(3))
    words = [label.text() for label in pane.details.findChildren(type(pane.details._title))]
    assert "alias/thing-000003" in words
    press(qtbot, window, Qt.Key.Key_I, CTRL)
    assert not pane.details.isVisible()
    press(qtbot, window, Qt.Key.Key_I, CTRL)
    assert pane.details.isVisible()
    press(qtbot, window, Qt.Key.Key_2, CTRL)
    assert not pane.details.isVisible()
    assert "this pane has none" in window.menus.commands["inspector"].toolTip()


def test_notices_say_what_failed_and_stay_while_good_news_goes(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    assert window.bench is not None
    session.start(window, window.bench.create_hierarchy, lambda _none: None)
    qtbot.waitUntil(lambda: bool(window.notices.texts))
    assert window.notices.texts == [
        "This did not work: The fake bench makes no hierarchy. Use a real one."
    ]
    done: list[str] = []
    window.notify("Key created", "ok", ("Show", lambda: done.append("shown")))
    assert len(window.notices.texts) == 2
    notice = window.notices._shown[-1]
    button = next(b for b in notice.findChildren(QAbstractButton) if b.text() == "Show")
    click(qtbot, button)
    assert done == ["shown"]
    assert len(window.notices.texts) == 1


def test_the_same_notice_is_not_stacked(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    for number in range(7):
        window.notify(f"Number {number % 2}", "danger")
    assert window.notices.texts == ["Number 1", "Number 0"]


def test_copying_says_what_was_copied(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    window.copy("arn:aws:kms:1", "key ARN")
    assert QGuiApplication.clipboard().text() == "arn:aws:kms:1"
    assert window.notices.texts == ["Copied: key ARN"]


def test_running_work_is_in_the_status_bar(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    assert not window.status.work.isVisible()
    window.status.show_jobs([("Signing a.iso", 0.25), ("Signing b.iso", 0.75)])
    assert window.status.work.text() == "Signing a.iso (+1)"
    assert window.status._bar.value() == 500
    window.status.show_jobs([])
    assert not window.status.work.isVisible()


def test_status_names_module_identity_and_endpoint(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    assert window.status.module.text == "Module: ready"
    assert window.status.identity.text() == "root of 111122223333"
    assert window.status.where.text() == "This vault · us-west-2"
    assert window.status.endpoint.text() == "Endpoint off"


def test_the_passphrase_is_changed(open_window: Open, qtbot: QtBot, session: Session) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    window.menus.commands["passphrase"].trigger()
    dialog = dialog_of(PassphraseDialog)
    type_text(qtbot, dialog.first, "short")
    type_text(qtbot, dialog.second, "other")
    click(qtbot, dialog.main_button)
    assert dialog.isVisible()
    before = bench.vault.passphrase
    for field in (dialog.first, dialog.second):
        field.clear()
        type_text(qtbot, field, "a long enough one")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: bench.vault.passphrase == "a long enough one")
    assert before != bench.vault.passphrase


def test_about_says_what_it_is_not(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    window.menus.commands["about"].trigger()
    assert dialog_of(AboutDialog) is not None


def test_another_vault_can_be_opened_in_its_place(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    press(qtbot, window, Qt.Key.Key_O, CTRL, SHIFT)
    qtbot.waitUntil(lambda: bench.closed)
    assert window.pages.currentWidget() is window.first_run
    assert window.status.vault.text() == "No vault"
    window.adopt(FakeBench(locked=False))
    press(qtbot, window, Qt.Key.Key_2, CTRL)
    assert stage(window).front.id == "empty"


def test_closing_the_window_closes_the_vault(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    window.close()
    qtbot.waitUntil(lambda: bench.closed)


def test_what_is_due_is_carried_out(open_window: Open, qtbot: QtBot, session: Session) -> None:
    bench = FakeBench(locked=False)
    ran: list[int] = []

    def run_due() -> int:
        ran.append(1)
        return 2

    bench.run_due = run_due  # type: ignore[method-assign]
    window = open_window(bench)
    with qtbot.waitSignal(session.changed) as told:
        window.upkeep.run_due()
    assert told.args == ["keys"]
    assert ran == [1]


@pytest.mark.parametrize("pane", ["things", "empty"])
def test_the_last_pane_is_remembered(open_window: Open, qtbot: QtBot, pane: str) -> None:
    bench = FakeBench(locked=False)
    bench.preferences.values["window/pane"] = pane
    assert stage(open_window(bench)).front.id == pane
