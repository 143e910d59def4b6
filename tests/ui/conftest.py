"""What tests of the window share. They stand on a real X server with a window manager."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from tests.fakes.bench import FakeBench, FakeKeeper
from tests.fakes.panes import PANES
from workbench.ui.app import make_application
from workbench.ui.collector import Collector
from workbench.ui.look import Look
from workbench.ui.pane import PaneMaker
from workbench.ui.preferences import Local
from workbench.ui.session import Session
from workbench.ui.settings import MINUTES
from workbench.ui.window import Window

Open = Callable[..., Window]
PATIENCE = 30_000
"""Milliseconds that tests wait for what comes sooner or later: machines are busy at times."""


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """pytest-qt's, with more patience than its five seconds where a test names none."""
    patient: Any = qtbot
    patient.waitUntil = partial(qtbot.waitUntil, timeout=PATIENCE)
    patient.waitSignal = partial(qtbot.waitSignal, timeout=PATIENCE)
    return qtbot


@pytest.fixture(scope="module", autouse=True)
def collector(qapp: QApplication) -> Iterator[Collector]:
    """Forgotten widgets go on the GUI thread, as in the program."""
    made = Collector(qapp)
    yield made
    made.stop()
    made.deleteLater()


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> Look:
    """One look for the whole run, light."""
    make_application()
    return Look(qapp, "light")


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    """A session that ends with the test."""
    made = Session()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[QEventLoop]:
    """An asyncio loop on Qt's, for tests of coroutines."""
    made = QEventLoop(qapp, already_running=False)
    asyncio.set_event_loop(made)
    yield made
    made.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def run_async(loop: QEventLoop) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine to its end."""
    return lambda coroutine: loop.run_until_complete(asyncio.wait_for(coroutine, 20))


@pytest.fixture
def open_window(
    x_server: str, qtbot: QtBot, look: Look, session: Session, tmp_path: Path
) -> Iterator[Open]:
    """Open a window on fakes; by default the vault is open and the panes stand."""
    windows: list[Window] = []

    def make(
        bench: FakeBench | None = None,
        keeper: FakeKeeper | None = None,
        makers: Sequence[PaneMaker] = PANES,
    ) -> Window:
        used = keeper or FakeKeeper(exists=True)
        window = Window(used, look, session, Local(tmp_path / "window.ini"), makers)
        windows.append(window)
        window.resize(1200, 760)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        if keeper is None:
            shown: Any = bench or FakeBench(locked=False)
            if not isinstance(shown, FakeBench):
                # Its clock may travel for years, which is not to lock it.
                shown.preferences.set(f"window/{MINUTES}", 0)
            window.adopt(shown)
            qtbot.waitUntil(lambda: session.idle)
        return window

    yield make
    for window in windows:
        for dialog in window.findChildren(QDialog):
            dialog.close()
        window.close()
        qtbot.waitUntil(lambda: session.idle)
        window.deleteLater()
    look.set_scheme("light")
    QApplication.processEvents()


def dialog_of(kind: type[QDialog] | str) -> Any:
    """Return the open dialog of this class or object name."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            named = isinstance(kind, str) and widget.objectName() == kind
            if named or (not isinstance(kind, str) and isinstance(widget, kind)):
                return widget
    return None


def press(qtbot: QtBot, widget: QWidget, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    """Press a key as a person does."""
    together = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        together |= modifier
    hands: Any = qtbot  # pytest-qt leaves these untyped
    hands.keyClick(widget, key, together)


def type_text(qtbot: QtBot, widget: QWidget, text: str) -> None:
    """Type into a widget, key by key."""
    hands: Any = qtbot
    hands.keyClicks(widget, text)


def click(qtbot: QtBot, widget: QWidget, at: QPoint | None = None) -> None:
    """Click in the middle of a widget or at a point of it."""
    hands: Any = qtbot
    hands.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())
