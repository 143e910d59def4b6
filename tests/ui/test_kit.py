from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakePreferences
from tests.fakes.panes import COLUMNS, Thing, things
from tests.ui.conftest import Open, click, dialog_of, press, type_text
from workbench.ui.assets import APPLICATION_ID
from workbench.ui.command import Command
from workbench.ui.icons import draw, icon_names
from workbench.ui.look import Look
from workbench.ui.preferences import Preferences
from workbench.ui.session import Session
from workbench.ui.tokens import DARK, LIGHT
from workbench.ui.widgets.basics import Badge, CommandButton, Link, ProgressLine, TimeText
from workbench.ui.widgets.dialogs import DangerDialog, FormDialog
from workbench.ui.widgets.fields import FieldList, Inspector, SelectableText
from workbench.ui.widgets.table import RowModel, RowTable

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def stored() -> FakePreferences:
    return FakePreferences()


@pytest.fixture
def preferences(stored: FakePreferences, session: Session) -> Iterator[Preferences]:
    made = Preferences(stored, session, session)
    yield made
    made.flush()


def test_a_narrow_inspector_cuts_nothing_off(x_server: str, look: Look, qtbot: QtBot) -> None:
    arn = f"arn:aws:acm-pca:us-west-2:111122223333:certificate-authority/{'7' * 36}"
    fields = FieldList(look, lambda _text, _what: None)
    fields.heading("Recent requests with this material, by whom they were made")
    fields.text("A name that is longer than the inspector is wide at this size", arn, copy=True)
    fields.link("Its key in KMS", arn, lambda: None, copy=True)
    inspector = Inspector(look, "Nothing")
    qtbot.addWidget(inspector)
    inspector.add_tab(fields, "Fields")
    inspector.show_head("A key")
    inspector.resize(240, 600)
    inspector.show()
    area = cast("QScrollArea", inspector.tabs.currentWidget())
    qtbot.waitUntil(lambda: fields.width() == area.viewport().width() > 100)
    link = fields.findChild(Link)
    assert link is not None
    assert link.text() == arn
    assert link.sizeHint().width() > link.width() > 100


def test_what_is_set_after_the_end_of_the_session_is_let_go(
    x_server: str, stored: FakePreferences, qtbot: QtBot
) -> None:
    session = Session()
    made = Preferences(stored, session, session)
    made.set("kept", 1)
    made.flush()
    qtbot.waitUntil(lambda: stored.get("window/kept") == 1)
    made.set("late", 2)
    session.close()
    qtbot.wait(600)  # beyond the 400 ms of the timer; what a slot raises fails the test
    assert stored.get("window/late") is None
    made.set("later", 3)
    made.flush()


def make_table(
    look: Look, preferences: Preferences, qtbot: QtBot, count: int = 40
) -> tuple[RowModel[Thing], RowTable]:
    model = RowModel(look, COLUMNS, lambda thing: thing.id)
    table = RowTable(model, look, preferences, "things", "Things")
    qtbot.addWidget(table)
    model.set_rows(things(count))
    table.resize(800, 400)
    table.show()
    qtbot.waitExposed(table)
    return model, table


def names(model: RowModel[Thing]) -> list[str]:
    return [model.row(line).name for line in range(model.rowCount())]


def test_a_heading_sorts_and_sorts_back(
    x_server: str, look: Look, preferences: Preferences, qtbot: QtBot
) -> None:
    model, table = make_table(look, preferences, qtbot)
    header = table.horizontalHeader()
    assert names(model) == sorted(names(model))
    place = QPoint(header.sectionViewportPosition(4) + 20, header.height() // 2)
    click(qtbot, header.viewport(), place)
    sizes = [model.row(line).size for line in range(model.rowCount())]
    assert sizes == sorted(sizes)
    click(qtbot, header.viewport(), place)
    sizes = [model.row(line).size for line in range(model.rowCount())]
    assert sizes == sorted(sizes, reverse=True)


def test_the_selection_stays_with_its_rows(
    x_server: str, look: Look, preferences: Preferences, qtbot: QtBot
) -> None:
    model, table = make_table(look, preferences, qtbot)
    first, third = model.id_at(0), model.id_at(2)
    table.select_id(first)
    press(qtbot, table, Qt.Key.Key_Down, SHIFT)
    press(qtbot, table, Qt.Key.Key_Down, SHIFT)
    chosen = set(table.selected_ids)
    assert {first, third} < chosen
    assert len(chosen) == 3
    table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert set(table.selected_ids) == chosen
    model.set_rows(things(40))
    assert set(table.selected_ids) == chosen
    model.set_filter(model.row(model.line_of(third) or 0).name)
    assert table.selected_ids == [third]
    model.set_filter("no such row")
    assert table.selected_ids == []


def test_selection_is_told_once_per_change_and_again_after_a_refresh(
    x_server: str, look: Look, preferences: Preferences, qtbot: QtBot
) -> None:
    model, table = make_table(look, preferences, qtbot)
    told: list[list[str]] = []
    table.chosen.connect(told.append)
    table.select_id(model.id_at(5))
    model.set_rows(things(40))
    assert told == [[model.id_at(5)]] * 2


def test_enter_and_double_click_open_a_row(
    x_server: str, look: Look, preferences: Preferences, qtbot: QtBot
) -> None:
    model, table = make_table(look, preferences, qtbot)
    table.select_id(model.id_at(1))
    with qtbot.waitSignal(table.opened) as told:
        press(qtbot, table, Qt.Key.Key_Return)
    assert told.args == [model.id_at(1)]


def test_columns_are_chosen_and_remembered(
    x_server: str,
    look: Look,
    preferences: Preferences,
    stored: FakePreferences,
    qtbot: QtBot,
) -> None:
    _model, table = make_table(look, preferences, qtbot)
    header = table.horizontalHeader()
    assert header.isSectionHidden(3)
    menu = table.column_menu()
    by_name = {action.text(): action for action in menu.actions()}
    by_name["Key id"].trigger()
    by_name["State"].trigger()
    header.moveSection(header.visualIndex(3), 0)
    header.resizeSection(0, 333)
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: "window/columns/things" in stored.values)
    menu.close()
    _again, second = make_table(look, preferences, qtbot)
    header = second.horizontalHeader()
    assert not header.isSectionHidden(3)
    assert header.isSectionHidden(2)
    assert header.visualIndex(3) == 0
    assert header.sectionSize(0) == 333
    assert header.sortIndicatorSection() == 1
    assert header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder


def test_the_last_column_cannot_be_hidden(
    x_server: str, look: Look, preferences: Preferences, qtbot: QtBot
) -> None:
    _model, table = make_table(look, preferences, qtbot)
    for number in range(1, len(COLUMNS)):
        table.horizontalHeader().setSectionHidden(number, True)
    menu = table.column_menu()
    allowed = [action.text() for action in menu.actions() if action.isEnabled() and action.text()]
    assert "Name" not in allowed
    assert "Spec" in allowed
    menu.close()


def test_every_row_selected_survives_a_filter(
    x_server: str, look: Look, preferences: Preferences, qtbot: QtBot
) -> None:
    model, table = make_table(look, preferences, qtbot, count=20_000)
    table.selectAll()
    assert len(table.selected_ids) == 20_000
    model.set_filter("ml_dsa_65")
    assert len(table.selected_ids) == model.rowCount() == 4_000


def test_cells_speak_with_their_column(look: Look, preferences: Preferences, qtbot: QtBot) -> None:
    model = RowModel(look, COLUMNS, lambda thing: thing.id)
    model.set_rows(things(2))
    cell = model.index(0, 2)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "State: Disabled"
    assert not cell.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert model.index(0, 4).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


def test_a_form_complains_inline_and_only_about_what_was_touched(
    open_window: Open, qtbot: QtBot
) -> None:
    window = open_window()
    assert window.workspace is not None
    window.workspace.panes["things"].ask()
    form: FormDialog = dialog_of("create")
    name = form.findChild(QLineEdit, "name")
    assert name is not None
    wrong = next(label for label in form.findChildren(QLabel) if label.property("role") == "error")
    assert not wrong.isVisible()
    press(qtbot, name, Qt.Key.Key_Return)
    assert form.isVisible()
    assert wrong.text() == "Use letters and digits only."
    assert wrong.isVisible()
    qtbot.waitUntil(name.hasFocus)
    type_text(qtbot, name, "good")
    assert not wrong.isVisible()
    form.show_problem("AlreadyExistsException: taken.")
    assert form._problem.isVisible()
    press(qtbot, name, Qt.Key.Key_Return)
    assert not form.isVisible()


def test_a_form_begins_in_its_first_field_that_can_be_filled(
    x_server: str, look: Look, qtbot: QtBot
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    for elsewhere in (False, True):
        dialog = FormDialog(look, "Form", "Make", parent)
        fixed, name, note = QLineEdit(), QLineEdit(), QLineEdit()
        fixed.setEnabled(False)
        for title, field in (("Fixed", fixed), ("Name", name), ("Note", note)):
            dialog.add_field(title, field)
        if elsewhere:
            note.setFocus()
        dialog.show()
        qtbot.waitExposed(dialog)
        assert dialog.focusWidget() is (note if elsewhere else name)
        assert dialog.main_button.isDefault()
        dialog.close()


def test_a_form_makes_room_for_what_it_has_to_say(x_server: str, look: Look, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    form = FormDialog(look, "Name it", "Save", parent)
    long = "It must not be longer than what anybody could read aloud in one breath. " * 3
    names = [QLineEdit() for _ in range(3)]
    for name in names:
        form.add_field("Name", name, check=lambda: long)
    form.open()
    qtbot.waitExposed(form)
    form.resize(form.minimumWidth(), form.height())
    click(qtbot, form.main_button)
    form.show_problem(long * 2)
    wrong = [one for one in form.findChildren(QLabel) if one.property("role") == "error"]
    spoken = [*wrong, form._problem_text]

    def whole() -> bool:
        return all(one.height() >= one.heightForWidth(one.width()) for one in spoken)

    qtbot.waitUntil(whole)
    assert all(one.isVisible() for one in spoken)
    assert form.main_button.geometry().bottom() < form.height()


def test_a_form_taller_than_the_screen_scrolls_and_keeps_its_buttons(
    x_server: str, look: Look, qtbot: QtBot
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    form = FormDialog(look, "Name them all", "Save", parent)
    names = [QLineEdit() for _ in range(40)]
    for name in names:
        form.add_field("Name", name, "A sentence that says what it is for.")
    form.open()
    qtbot.waitExposed(form)
    room = form.screen().availableGeometry().height()
    qtbot.waitUntil(lambda: form.height() > room * 0.8)
    assert form.height() <= room
    assert form.main_button.mapTo(form, QPoint(0, form.main_button.height())).y() <= form.height()
    hint = names[0].sizeHint().height()
    assert all(name.height() >= hint for name in names), "not squeezed"
    names[-1].setFocus(Qt.FocusReason.TabFocusReason)
    press(qtbot, names[-1], Qt.Key.Key_Backtab)
    qtbot.waitUntil(names[-2].hasFocus)
    top = names[-2].mapTo(form, QPoint(0, 0)).y()
    assert 0 < top < form.height(), "brought into view"


def test_a_form_can_end_as_a_report(x_server: str, look: Look, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    form = FormDialog(look, "Import", "Import", parent)
    form.open()
    qtbot.waitExposed(form)
    form.close_only()
    assert not form.main_button.isVisible()
    assert form.cancel_button.text() == "Close"
    press(qtbot, form, Qt.Key.Key_Return)
    assert not form.isVisible()


def test_escape_leaves_a_form(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    assert window.workspace is not None
    window.workspace.panes["things"].ask()
    form = dialog_of("create")
    press(qtbot, form, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: dialog_of("create") is None)


def test_danger_names_counts_and_offers_cancel_first(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    assert window.workspace is not None
    pane = window.workspace.panes["things"]
    qtbot.waitUntil(lambda: pane.model.total == pane.count)
    pane.table.select_id(pane.model.id_at(0))
    pane.ask_delete()
    dialog: DangerDialog = dialog_of("danger")
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "alias/thing-000000" in said
    assert "3 certificates" in said
    verbs = [button.text() for button in dialog.choice_buttons]
    assert verbs == ["Disable", "Schedule deletion"]
    cancel = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Cancel")
    assert cancel.isDefault()
    qtbot.waitUntil(cancel.hasFocus)
    press(qtbot, dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert window.notices.texts == []


def test_danger_runs_what_was_chosen(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    assert window.workspace is not None
    window.workspace.panes["things"].ask_delete()
    dialog = dialog_of("danger")
    click(qtbot, dialog.choice_buttons[0])
    assert window.notices.texts == ["Disabled"]


def test_fields_are_copied_selected_and_replaced(x_server: str, look: Look, qtbot: QtBot) -> None:
    copied: list[tuple[str, str]] = []
    fields = FieldList(look, lambda text, what: copied.append((text, what)))
    qtbot.addWidget(fields)
    value = fields.text("Key id", "1234-abcd", mono=True, copy=True)
    fields.time("Created", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    fields.text("Empty", "", copy=True)
    fields.show()
    qtbot.waitExposed(fields)
    buttons = fields.findChildren(QToolButton)
    assert [button.accessibleName() for button in buttons] == ["Copy Key id"]
    click(qtbot, buttons[0])
    assert copied == [("1234-abcd", "Key id")]
    value.selectAll()
    assert value.textCursor().selectedText() == "1234-abcd"
    tips = [text.toolTip() for text in fields.findChildren(SelectableText)]
    assert "2026-01-02 03:04:05 UTC" in tips
    fields.clear()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert fields.findChildren(SelectableText) == []


def test_a_long_value_wraps_and_is_wholly_visible(x_server: str, look: Look, qtbot: QtBot) -> None:
    value = SelectableText(look, "0123456789abcdef" * 20, mono=True)
    qtbot.addWidget(value)
    value.setFixedWidth(200)
    value.show()
    qtbot.waitExposed(value)
    lines = value.document().size().height() / value.fontMetrics().height()
    assert lines > 5
    assert value.height() >= value.document().size().height()


def test_the_inspector_keeps_its_tab(x_server: str, look: Look, qtbot: QtBot) -> None:
    inspector = Inspector(look, "Nothing is selected")
    qtbot.addWidget(inspector)
    inspector.show()
    first = inspector.add_tab(QWidget(), "General")
    second = inspector.add_tab(QWidget(), "Policy")
    assert not inspector.tabs.isVisible()
    inspector.show_head("alias/a", "RSA_2048", [("Enabled", "ok", "enable")])
    inspector.open_tab(second)
    inspector.show_head("alias/b")
    assert inspector.tabs.currentIndex() == second
    inspector.show_tab(second, shown=False)
    assert inspector.tabs.currentIndex() == first
    inspector.show_nothing()
    assert not inspector.tabs.isVisible()


def test_a_badge_has_a_word_and_changes(look: Look, qtbot: QtBot) -> None:
    badge = Badge(look, "Enabled", "ok")
    qtbot.addWidget(badge)
    badge.show_state("Pending deletion", "danger", "clock")
    assert badge.accessibleName() == "Pending deletion"
    assert DARK.danger not in badge.styleSheet()
    look.set_scheme("dark")
    assert DARK.danger in badge.styleSheet()
    look.set_scheme("light")
    assert LIGHT.danger in badge.styleSheet()


def test_a_button_may_go_before_its_command(look: Look, qtbot: QtBot) -> None:
    owner = QObject()
    done: list[int] = []
    command = Command(look, "x.y", "&Do it…", "add", lambda: done.append(1), parent=owner)
    button = CommandButton(look, command, primary=True)
    qtbot.addWidget(button)
    assert button.accessibleName() == "Do it"
    command.forbid("not yet")
    assert not button.isEnabled()
    assert "not yet" in button.toolTip()
    command.allow()
    button.deleteLater()
    QApplication.sendPostedEvents(button, QEvent.Type.DeferredDelete)
    command.forbid("gone")
    command.allow()
    command.trigger()
    assert done == [1]


def test_progress_is_shown_known_or_not(look: Look, qtbot: QtBot) -> None:
    stopped: list[int] = []
    line = ProgressLine(look, lambda: stopped.append(1))
    qtbot.addWidget(line)
    line.show_progress("Signing", 0.25)
    assert (line._bar.value(), line._bar.maximum()) == (250, 1000)
    line.show_progress("Waiting", -1)
    assert line._bar.maximum() == 0
    button = line.findChild(QToolButton)
    assert button is not None
    click(qtbot, button)
    assert stopped == [1]


def test_a_time_shows_utc_in_its_tooltip(look: Look, qtbot: QtBot) -> None:
    text = TimeText(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    qtbot.addWidget(text)
    assert text.toolTip() == "2026-01-02 03:04:05 UTC"
    text.show_moment(None)
    assert text.text() == "\N{EN DASH}"


def test_every_icon_can_be_drawn_in_any_colour(look: Look, qtbot: QtBot) -> None:
    for name in icon_names():
        image = draw(name, "#ff0000", 24).toImage()
        inked = [
            image.pixelColor(x, y)
            for x in range(24)
            for y in range(24)
            if image.pixelColor(x, y).alpha() > 200
        ]
        assert inked, name
        if name != APPLICATION_ID and not name.endswith(("-light", "-dark")):
            assert {(c.red(), c.green(), c.blue()) for c in inked} == {(255, 0, 0)}, name


def test_spacing_follows_the_size_of_the_text(look: Look, qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    before, font = look.unit, QFont(application.font())
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * 2)
    with qtbot.waitSignal(look.changed):
        application.setFont(larger)
    try:
        assert look.unit >= before * 1.7
        assert look.mono.pointSizeF() == pytest.approx(font.pointSizeF() * 2)
    finally:
        application.setFont(font)
    assert look.unit == before
