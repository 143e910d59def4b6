"""Dialogs are as tall as their words, and their words stand together."""

import itertools
from typing import Any

import pytest
from PySide6.QtWidgets import QFrame, QLabel, QSpinBox, QSplitter, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeKeeper, FakePreferences
from tests.ui.conftest import Open
from workbench.ui.first_run import ChoiceButton
from workbench.ui.look import Look
from workbench.ui.policies.picker import PrincipalPicker
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import BaseDialog, Choice, DangerDialog, Dependant, FormDialog
from workbench.ui.widgets.fields import Inspector
from workbench.ui.widgets.rows import Column
from workbench.ui.widgets.spin import padded
from workbench.ui.widgets.table import RowModel, RowTable

LONG = "What hangs on it is told in a sentence that is long enough to be wrapped, once or twice. "


@pytest.fixture
def parent(x_server: str, qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def opened(dialog: BaseDialog, qtbot: QtBot) -> BaseDialog:
    dialog.open()
    qtbot.waitExposed(dialog)
    qtbot.wait(20)  # a second look at the height comes with the next turn of the loop
    return dialog


def wanted(dialog: BaseDialog) -> int:
    layout = dialog.layout()
    assert layout is not None
    return layout.totalHeightForWidth(dialog.width())


def danger(look: Look, parent: QWidget) -> DangerDialog:
    told = [Dependant(LONG), Dependant(LONG * 2), Dependant("Short.")]
    choice = Choice("Do it", lambda: None, danger=True, why=LONG)
    return DangerDialog(look, "Do it?", ["one", "two"], told, [choice], parent)


def test_a_dialog_is_as_tall_as_its_words(look: Look, parent: QWidget, qtbot: QtBot) -> None:
    dialog = opened(danger(look, parent), qtbot)
    assert dialog.height() == wanted(dialog)
    cards = [one for one in dialog.findChildren(QFrame) if one.property("role") == "card-warning"]
    heights = [card.height() for card in cards]
    assert heights[1] > heights[0] > heights[2]
    for above, below in itertools.pairwise(cards):
        assert below.y() - above.geometry().bottom() - 1 == look.unit * 3


def test_words_that_come_later_get_room(look: Look, parent: QWidget, qtbot: QtBot) -> None:
    dialog = opened(danger(look, parent), qtbot)
    before = dialog.height()
    dialog.show_problem(LONG * 3)
    qtbot.waitUntil(lambda: dialog.height() > before)
    grown = dialog.height()
    dialog.show_problem("")
    qtbot.wait(20)
    assert dialog.height() == grown


def test_a_size_given_before_is_kept(look: Look, parent: QWidget, qtbot: QtBot) -> None:
    dialog = BaseDialog(look, "Large", parent)
    dialog.body.addWidget(label("little"))
    dialog.resize(640, 500)
    opened(dialog, qtbot)
    assert dialog.height() == 500


def test_it_keeps_its_size_when_it_comes_back(look: Look, parent: QWidget, qtbot: QtBot) -> None:
    dialog = opened(danger(look, parent), qtbot)
    dialog.resize(dialog.width(), dialog.height() + 80)
    tall = dialog.height()
    dialog.hide()
    dialog.show()
    qtbot.waitExposed(dialog)
    assert dialog.height() == tall


def test_a_field_s_own_signal_tells_of_changes(look: Look, parent: QWidget, qtbot: QtBot) -> None:
    form = FormDialog(look, "Who?", "Go", parent)
    picker = PrincipalPicker(look, preset=False)
    form.add_field("Who", picker, "", picker.problem)
    opened(form, qtbot)
    picker.setEditText("nobody")  # typed: no other line of the list is chosen by it
    assert picker.property("invalid") == "true"


def test_the_open_tab_stays_in_view_when_others_go(look: Look, x_server: str, qtbot: QtBot) -> None:
    inspector = Inspector(look, "Nothing")
    qtbot.addWidget(inspector)
    numbers = [inspector.add_tab(QLabel(str(n)), f"A long name of tab {n}") for n in range(9)]
    inspector.show_head("Head")
    inspector.resize(300, 400)
    inspector.show()
    qtbot.waitExposed(inspector)
    inspector.open_tab(numbers[7])
    bar: Any = inspector.tabs.tabBar()
    heard: list[int] = []
    inspector.tabs.currentChanged.connect(heard.append)
    for hidden in (1, 3):
        inspector.show_tab(numbers[hidden], shown=False)
    inspector.show_tab(numbers[8], shown=False)
    inspector.reveal_tab()
    assert bar.rect().contains(bar.tabRect(numbers[7]).center())
    assert inspector.tabs.currentIndex() == numbers[7]
    assert heard == []


def test_a_dialog_is_as_wide_as_its_content(look: Look, parent: QWidget, qtbot: QtBot) -> None:
    dialog = BaseDialog(look, "Wide", parent)
    inside = label("much")
    inside.setMinimumWidth(look.unit * 150)
    dialog.body.addWidget(inside)
    opened(dialog, qtbot)
    assert inside.visibleRegion().boundingRect().width() == inside.width() >= look.unit * 150


def test_no_dialog_is_larger_than_the_screen(look: Look, parent: QWidget, qtbot: QtBot) -> None:
    screen = parent.screen().availableGeometry()
    dialog = BaseDialog(look, "Too wide", parent)
    dialog.setMinimumWidth(screen.width() * 2)
    dialog.resize(screen.width() * 2, screen.height() * 2)
    inside, beside = label("much"), label("what stands beside")
    inside.setMinimumWidth(screen.width() * 2)
    dialog.body.addWidget(inside)
    dialog.put_beside(beside)
    opened(dialog, qtbot)
    assert dialog.width() <= screen.width()
    assert dialog.height() <= screen.height()
    assert beside.y() > inside.y()  # there is no room at the right


def test_tabs_without_room_are_in_a_menu(look: Look, x_server: str, qtbot: QtBot) -> None:
    inspector = Inspector(look, "Nothing")
    qtbot.addWidget(inspector)
    numbers = [inspector.add_tab(QLabel(str(n)), f"A long name of tab {n}") for n in range(5)]
    inspector.show_tab(numbers[3], shown=False)
    inspector.show_head("Head")
    inspector.resize(300, 400)
    inspector.show()
    qtbot.waitExposed(inspector)
    qtbot.waitUntil(inspector.tab_menu.isVisible)
    menu = inspector.tab_menu.menu()
    menu.aboutToShow.emit()
    assert [one.text()[-1] for one in menu.actions()] == ["0", "1", "2", "4"]
    assert [one.isChecked() for one in menu.actions()] == [True, False, False, False]
    menu.actions()[3].trigger()
    assert inspector.tabs.currentIndex() == numbers[4]
    for number in numbers[1:]:
        inspector.show_tab(number, shown=False)
    qtbot.waitUntil(inspector.tab_menu.isHidden)


def test_columns_make_room_until_somebody_chooses(
    look: Look, parent: QWidget, qtbot: QtBot
) -> None:
    def column(name: str, yields: int = 0) -> Column[str]:
        return Column(name, name, lambda row: row, width=20, yields=yields)

    preferences: Any = FakePreferences()
    columns = (column("name"), column("first", 2), column("second", 1))
    model = RowModel(look, columns, str)
    table = RowTable(model, look, preferences, "some", "Some", parent)
    table.resize(800, 200)
    table.show()
    header = table.horizontalHeader()
    one = header.sectionSize(1)

    def hidden(width: int) -> list[bool]:
        table.resize(width, 200)
        return [header.isSectionHidden(number) for number in range(3)]

    assert hidden(one * 3 + 40) == [False, False, False]
    assert hidden(one * 2 + 40) == [False, True, False]
    assert hidden(one // 2) == [False, True, True]
    assert hidden(one * 3 + 40) == [False, False, False]
    assert [header.sectionSize(number) for number in (0, 1)] == [one + 38, one]
    qtbot.waitUntil(lambda: preferences.get("columns/some") is not None)
    again = RowTable(RowModel(look, columns, str), look, preferences, "some", "Some", parent)
    again.resize(one // 2, 200)
    again.show()
    header = again.horizontalHeader()
    assert [header.isSectionHidden(number) for number in range(3)] == [False, True, True]
    again.column_menu().actions()[1].trigger()
    again.resize(one // 2 + 1, 200)
    assert [header.isSectionHidden(number) for number in range(3)] == [False, False, True]


def test_a_spin_box_s_text_keeps_off_its_edge(look: Look, x_server: str, qtbot: QtBot) -> None:
    box = padded(look, QSpinBox())
    qtbot.addWidget(box)
    assert box.lineEdit().textMargins().left() > 0


def test_a_small_window_scrolls(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    workspace = window.workspace
    assert workspace is not None
    window.setMinimumSize(1, 1)
    window.resize(420, 320)
    qtbot.waitUntil(lambda: window.width() <= 640)
    halves = workspace.findChild(QSplitter)
    assert halves is not None
    qtbot.waitUntil(lambda: halves.width() > workspace.width())
    assert halves.width() >= halves.minimumSizeHint().width()


def test_the_inspector_keeps_its_width(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    workspace = window.workspace
    assert workspace is not None
    halves = workspace.findChild(QSplitter)
    assert halves is not None
    before = window.look.unit * 95
    qtbot.waitUntil(lambda: halves.sizes()[1] == before)
    halves.setSizes([1, 2000])  # as Qt does where there is no room
    assert halves.sizes()[1] > before
    window.resize(window.width() + 10, window.height())
    qtbot.waitUntil(lambda: halves.sizes()[1] == before)
    halves.moveSplitter(halves.sizes()[0] - 50, 1)
    halves.splitterMoved.emit(halves.sizes()[0], 1)  # as by a hand
    window.resize(window.width() - 10, window.height())
    qtbot.wait(50)
    assert halves.sizes()[1] == before + 50


def test_the_first_page_is_whole_in_a_small_window(open_window: Open, qtbot: QtBot) -> None:
    window = open_window(keeper=FakeKeeper(exists=False))
    window.setMinimumSize(1, 1)
    window.resize(420, 320)
    qtbot.waitUntil(lambda: window.width() <= 640)
    for button in window.findChildren(ChoiceButton):
        for words in button.findChildren(QLabel):
            assert words.height() >= words.sizeHint().height()


def test_long_names_are_broken_and_long_headings_shortened(
    look: Look, parent: QWidget, qtbot: QtBot
) -> None:
    name = "n" * 200
    choice = Choice("Do it", lambda: None)
    dialog = DangerDialog(look, f"Delete {name}?", [name], [Dependant(name)], [choice], parent)
    opened(dialog, qtbot)
    screen = parent.screen().availableGeometry()
    assert dialog.width() < screen.width() * 3 // 4
    assert dialog.windowTitle() == f"Delete {name}?"
    (heading,) = (one for one in dialog.findChildren(QLabel) if one.toolTip())
    assert heading.toolTip() == f"Delete {name}?"
    assert "…" in heading.text()
    assert heading.height() <= heading.fontMetrics().height() * 4
