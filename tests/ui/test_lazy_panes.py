"""Panes are made when they are wanted, and nothing is lost by it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.panes import EmptyPane, ThingsPane
from tests.ui.conftest import Open
from workbench.ui.pane import Drop
from workbench.ui.registry import PANES as REAL_PANES
from workbench.ui.window import Window
from workbench.ui.workspace import Workspace


def stage(window: Window) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def made(window: Window) -> list[str]:
    return [pane.id for pane in stage(window).panes.made]


def drop(window: Window, path: Path) -> bool:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    middle, copying = QPointF(window.rect().center()), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(middle, copying, mime, buttons, keys)
    QApplication.sendEvent(window, entering)
    event = QDropEvent(middle, copying, mime, buttons, keys)
    QApplication.sendEvent(window, event)
    return event.isAccepted()


@pytest.fixture
def window(open_window: Open) -> Window:
    """A window with the pane in front made, and no other yet."""
    found = open_window(makers=(EmptyPane, ThingsPane))
    found.look_at(stage(found)._context.bench)
    return found


def test_only_the_pane_in_front_is_made_and_the_rest_by_itself(
    window: Window, qtbot: QtBot
) -> None:
    assert made(window) == ["empty"]
    assert list(stage(window).rail.buttons) == ["empty", "things"]
    qtbot.waitUntil(lambda: made(window) == ["empty", "things"])
    assert not stage(window).panes["things"].loaded
    assert not stage(window).panes["things"].isVisible()


def test_the_pane_in_front_may_be_any(window: Window, qtbot: QtBot) -> None:
    stage(window).turn_to("things")
    window.look_at(stage(window)._context.bench)
    assert made(window) == ["things"]
    qtbot.waitUntil(lambda: made(window) == ["empty", "things"])
    assert stage(window).front.id == "things"


def test_what_is_dropped_reaches_a_pane_that_was_not_made(window: Window, tmp_path: Path) -> None:
    assert made(window) == ["empty"]
    assert drop(window, tmp_path / "a")
    assert stage(window).panes["things"].dropped == [Drop(paths=(tmp_path / "a",))]


def test_a_link_leads_into_a_pane_that_was_not_made(window: Window) -> None:
    assert made(window) == ["empty"]
    assert not window.show_object("nowhere", "")
    assert made(window) == ["empty"]
    assert window.show_object("things", "")
    assert stage(window).front is stage(window).panes["things"]
    assert stage(window).panes["things"].isVisible()


def test_the_palette_offers_what_a_pane_that_was_not_made_can_do(window: Window) -> None:
    assert made(window) == ["empty"]
    window.open_palette()
    titles = [item.title for item in window._actions.palette_items([])]
    assert set(titles) >= {command.plain_text for command in stage(window).panes["things"].commands}


def test_no_pane_is_made_behind_the_lock_screen(window: Window) -> None:
    assert stage(window)._rest_later.isActive()
    window.lock()
    assert not stage(window)._rest_later.isActive()
    assert made(window) == ["empty"]


def test_the_rail_says_of_the_panes_what_they_say_themselves(open_window: Open) -> None:
    window = open_window(FakeBench(locked=False), makers=REAL_PANES)
    told = [(maker.id, maker.icon, maker.name()) for maker in REAL_PANES]
    panes = stage(window).panes.values()
    assert [(pane.id, pane.icon, pane.title) for pane in panes] == told
