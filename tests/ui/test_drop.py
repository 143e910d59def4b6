import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QProcess, QUrl
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Open
from workbench.ui.drop import read_drop
from workbench.ui.pane import Drop
from workbench.ui.window import Window

SOURCE = Path(__file__).with_name("drag_source.py")
AT = (1190, 40)


def pointer(*words: str | int) -> None:
    subprocess.run(["xdotool", *map(str, words)], check=True, timeout=10)


def move(widget: QWidget, inside: QPoint) -> None:
    at = widget.mapToGlobal(inside)
    pointer("mousemove", at.x(), at.y())


class Foreign:
    """A drag under way in another process, the button held down."""

    def __init__(self, qtbot: QtBot, kind: str, values: Sequence[str]) -> None:
        self._qtbot = qtbot
        self.said = ""
        self.process = QProcess()
        self.process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self.process.readyReadStandardOutput.connect(self._listen)
        arguments = [os.fsencode(word) for word in (str(SOURCE), *map(str, AT), kind, *values)]
        # In hexadecimal: QProcess takes text and would spoil names that are not UTF-8.
        self.process.start(sys.executable, ["-c", LAUNCH, *[word.hex() for word in arguments]])
        qtbot.waitUntil(lambda: self.hears("ready"))
        pointer("mousemove", AT[0] + 20, AT[1] + 20, "mousedown", 1)
        pointer("mousemove", AT[0] + 30, AT[1] + 30, "mousemove", AT[0] + 40, AT[1] + 30)

    def hears(self, word: str) -> bool:
        return word in self.said.split()

    def carry(self, widget: QWidget, to: QPoint, *, accepted: bool = True) -> None:
        """Move to a place in small steps, as a hand does, until the drop would be taken there."""
        self.said = "" if not accepted else self.said
        for step in (40, 20, 0):
            move(widget, to + QPoint(step, step))
        if accepted:
            self._qtbot.waitUntil(lambda: self.hears("CopyAction"), timeout=10_000)

    def let_go(self) -> None:
        pointer("mouseup", 1)
        self._qtbot.waitUntil(lambda: self.hears("done"), timeout=10_000)

    def end(self) -> None:
        if not self.hears("done"):
            pointer("mouseup", 1)
        self.process.kill()
        self.process.waitForFinished()

    def _listen(self) -> None:
        self.said += bytes(self.process.readAllStandardOutput().data()).decode()


LAUNCH = """
import os, sys
words = [bytes.fromhex(word) for word in sys.argv[1:]]
os.execv(sys.executable, [os.fsencode(sys.executable), *words])
"""


Dragging = Callable[..., AbstractContextManager[Foreign]]


@pytest.fixture
def dragging(qtbot: QtBot) -> Iterator[Dragging]:
    """Another process's drag; at the end of the block the button goes up."""
    begun: list[Foreign] = []

    @contextmanager
    def drag(kind: str, values: Sequence[str]) -> Iterator[Foreign]:
        foreign = Foreign(qtbot, kind, values)
        begun.append(foreign)
        yield foreign
        foreign.let_go()

    yield drag
    for foreign in begun:
        foreign.end()


@pytest.fixture
def stage(open_window: Open, qtbot: QtBot) -> Window:
    window = open_window()
    window.setGeometry(20, 40, 1100, 700)
    qtbot.waitUntil(lambda: window.width() == 1100)
    return window


def dropped(window: Window) -> list[Drop]:
    assert window.workspace is not None
    found: list[Drop] = window.workspace.panes["things"].dropped
    return found


def test_files_dropped_anywhere_are_announced_and_taken(
    stage: Window, dragging: Dragging, qtbot: QtBot, tmp_path: Path
) -> None:
    names = [tmp_path / "a b.txt", tmp_path / "ü“quote”.bin", tmp_path / "line\nbreak"]
    with dragging("files", [str(name) for name in names]) as drag:
        drag.carry(stage, QPoint(500, 300))
        assert stage.drops.sentence.text() == "Take 3 files"
        assert dropped(stage) == []
    qtbot.waitUntil(lambda: bool(dropped(stage)))
    assert dropped(stage) == [Drop(paths=tuple(names))]
    assert not stage.drops.isVisible()


def test_files_can_be_dropped_over_the_filter_field(
    stage: Window, dragging: Dragging, qtbot: QtBot, tmp_path: Path
) -> None:
    assert stage.workspace is not None
    field = stage.workspace.panes["things"].filter_field
    with dragging("files", [str(tmp_path / "a")]) as drag:
        drag.carry(stage, QPoint(500, 400))
        drag.carry(field, field.rect().center())
    qtbot.waitUntil(lambda: bool(dropped(stage)))
    assert field.text() == ""


def test_names_that_are_not_utf_8_arrive_byte_for_byte(
    stage: Window, dragging: Dragging, qtbot: QtBot, tmp_path: Path
) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\xfe%41.dat"
    with dragging("files", [os.fsdecode(name)]) as drag:
        drag.carry(stage, QPoint(500, 300))
    qtbot.waitUntil(lambda: bool(dropped(stage)))
    assert [os.fsencode(path) for path in dropped(stage)[0].paths] == [name]


def test_text_is_taken_as_text(stage: Window, dragging: Dragging, qtbot: QtBot) -> None:
    with dragging("text", ["-----BEGIN CERTIFICATE-----"]) as drag:
        drag.carry(stage, QPoint(500, 300))
        assert stage.drops.sentence.text() == "Take this text"
    qtbot.waitUntil(lambda: bool(dropped(stage)))
    assert dropped(stage) == [Drop(text="-----BEGIN CERTIFICATE-----")]


def test_leaving_without_dropping_leaves_no_trace(
    stage: Window, dragging: Dragging, qtbot: QtBot, tmp_path: Path
) -> None:
    with dragging("files", [str(tmp_path / "a")]) as drag:
        drag.carry(stage, QPoint(500, 300))
        assert stage.drops.isVisible()
        pointer("mousemove", AT[0] + 50, AT[1] + 30, "mousemove", AT[0] + 60, AT[1] + 30)
        qtbot.waitUntil(lambda: not stage.drops.isVisible(), timeout=10_000)
    assert dropped(stage) == []


def test_a_locked_window_takes_nothing(
    stage: Window, dragging: Dragging, qtbot: QtBot, tmp_path: Path
) -> None:
    stage.lock()
    qtbot.waitUntil(lambda: stage.session.idle)
    with dragging("files", [str(tmp_path / "a")]) as drag:
        drag.carry(stage, QPoint(500, 300), accepted=False)
    assert not drag.hears("CopyAction")
    assert not stage.drops.isVisible()
    assert dropped(stage) == []


def test_what_is_no_file_and_no_text_is_nothing() -> None:
    mime = QMimeData()
    assert read_drop(mime) is None
    mime.setUrls([QUrl("https://example.org/a")])
    assert read_drop(mime) is None
    blank = QMimeData()
    blank.setText("  \n")
    assert read_drop(blank) is None


def test_files_win_over_their_own_names_as_text() -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/tmp/a"), QUrl("https://example.org/b")])
    mime.setText("/tmp/a")
    assert read_drop(mime) == Drop(paths=(Path("/tmp/a"),))
