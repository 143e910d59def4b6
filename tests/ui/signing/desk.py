"""A window on a real engine with the Signing pane in front, as one test after the other uses it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import click, dialog_of
from workbench.bench import Bench
from workbench.pki.quickstart import Hierarchy
from workbench.signing.chains import chain_for_key
from workbench.ui.panes.signing.chain_cards import LinkCard
from workbench.ui.panes.signing.outward import folder_url
from workbench.ui.panes.signing.pane import SigningPane
from workbench.ui.panes.signing.sheet import DropSheet
from workbench.ui.widgets.base import PaneBase
from workbench.ui.window import Window


class CertificatesStandIn(PaneBase):
    """Remembers where the Signing pane led."""

    id: ClassVar[str] = "certificates"
    targets: ClassVar[list[str]] = []

    def show_target(self, target: str) -> None:
        self.targets.append(target)


class Desk:
    """A window on a real bench, with the Signing pane in front."""

    def __init__(self, window: Window, bench: Bench, made: Hierarchy, qtbot: QtBot) -> None:
        assert window.workspace is not None
        self.window, self.bench, self.made, self.qtbot = window, bench, made, qtbot
        self.pane: SigningPane = window.workspace.panes["signing"]

    def drop(self, *paths: Path, text: str = "") -> bool:
        """Drag things across the window and let go; returns whether the window took them."""
        mime = QMimeData()
        if paths:
            mime.setUrls([folder_url(path) for path in paths])
        else:
            mime.setText(text)
        middle = self.window.rect().center()
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        entering = QDragEnterEvent(QPointF(middle), Qt.DropAction.CopyAction, mime, buttons, keys)
        QApplication.sendEvent(self.window, entering)
        self.said = self.window.drops.sentence.text() if self.window.drops.isVisible() else ""
        if not entering.isAccepted():
            return False
        letting_go = QDropEvent(QPointF(middle), Qt.DropAction.CopyAction, mime, buttons, keys)
        QApplication.sendEvent(self.window, letting_go)
        return letting_go.isAccepted()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)

    def rest(self) -> None:
        self.wait(lambda: self.window.session.idle)

    def sheet(self) -> DropSheet:
        """Wait for the sheet, and until everything in it is looked up."""
        self.wait(lambda: dialog_of(DropSheet))
        self.rest()
        found = dialog_of(DropSheet)
        assert isinstance(found, DropSheet)
        return found

    def sign(self, *paths: Path) -> None:
        """Drop files and sign them with what is offered; returns once all are settled."""
        before = len(self.pane.queue.model.rows)
        self.drop(*paths)
        sheet = self.sheet()
        click(self.qtbot, sheet.main_button)
        self.wait(lambda: dialog_of(DropSheet) is None)
        self.wait(lambda: len(self.pane.queue.model.rows) > before)
        self.settle()

    def settle(self) -> None:
        for view in self.bench.jobs.jobs():
            self.bench.jobs.wait(view.id, 20)
        self.wait(lambda: not self.pane.running)
        self.rest()

    def verdict(self, file: str) -> tuple[str, str]:
        """Wait for the verdict on this file; returns its answer and its sentence."""

        def there() -> bool:
            pair = self.pane.verdicts.verdict_pair
            return pair is not None and pair[0] is not None and pair[0].name == file

        self.wait(there)
        self.rest()
        result = self.pane.verdicts.result
        return result.answer.text(), result.sentence.text()

    def cards(self) -> Sequence[LinkCard]:
        return self.pane.verdicts.result.chain.cards

    def do(self, name: str) -> None:
        """Carry out a command of the pane by its name, which must be possible."""
        command = next(c for c in self.pane.commands if c.objectName() == f"signing.{name}")
        assert command.isEnabled(), command.toolTip()
        command.trigger()

    def tip(self, name: str) -> str:
        return next(c.toolTip() for c in self.pane.commands if c.objectName() == f"signing.{name}")


def chain_of(desk: Desk) -> tuple[bytes, ...]:
    return chain_for_key(desk.bench.kms, desk.bench.shelf, desk.made.key_id)
