"""Every dialog that a command opens: no word in it is cut, and every field of it has a name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QTabBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.command import Command
from workbench.ui.registry import PANES
from workbench.ui.session import Session
from workbench.ui.widgets.basics import Link
from workbench.ui.widgets.elided import ElidedLabel
from workbench.ui.window import Window

WORDED = (QLabel, QPushButton, QCheckBox, QRadioButton)
FIELDS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QTabBar,
    QTextEdit,
)
OF_THE_PANES = {
    "keys": {"keys.create", "keys.alias", "keys.tags", "keys.grant", "keys.delete"},
    "rotation": {"rotation.now", "rotation.schedule"},
    "certificates": {
        "certificates.create",
        "certificates.found",
        "certificates.issue",
        "certificates.list",
        "certificates.profiles",
        "certificates.profile",
        "certificates.export",
        "certificates.trust",
        "certificates.renew",
        "certificates.cross",
        "certificates.settings",
        "certificates.revoke",
        "certificates.documents",
        "certificates.migration",
        "certificates.ca-roster",
        "certificates.ca-request",
        "certificates.ca-install",
        "certificates.ca-report",
        "certificates.ca-delete",
    },
    "signing": {"signing.watched", "signing.history_key"},
}
OF_THE_WINDOW = ("passphrase", "identities", "endpoint", "settings", "connect", "help", "about")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A vault with keys of several kinds and a hierarchy."""
    made = make_bench(tmp_path / "vault")
    for alias, spec, usage in (
        ("alias/archive", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("alias/packages-of-a-long-name", "ECC_NIST_P256", "SIGN_VERIFY"),
    ):
        key = made.kms.create_key(KeySpec=cast("Any", spec), KeyUsage=cast("Any", usage))
        made.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyMetadata"]["KeyId"])
    made.create_hierarchy(HierarchyRequest(algorithm="ML_DSA_44"), lambda *_: None)
    yield made
    made.close()


def named(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or getattr(widget, 'text', str)()!r}"


def cut(dialog: QDialog) -> list[str]:
    """Return what has words and no room for them."""
    found = []
    for widget in dialog.findChildren(QWidget):
        if not isinstance(widget, WORDED) or not widget.isVisible() or not widget.text():
            continue
        wanted, least = widget.sizeHint(), 0
        if not (isinstance(widget, QLabel) and widget.wordWrap()):
            least = 0 if isinstance(widget, ElidedLabel | Link) else wanted.width()
            height = wanted.height()
        else:
            height = widget.heightForWidth(widget.width())
        if widget.width() < least or widget.height() < height:
            found.append(f"{named(widget)}: {widget.size().toTuple()} for {least}, {height}")
    return found


def nameless(dialog: QDialog) -> list[str]:
    """Return what takes the keyboard and says nothing of what it is for."""
    with_buddy = {one.buddy() for one in dialog.findChildren(QLabel)}
    found = []
    for widget in dialog.findChildren(QWidget):
        if not isinstance(widget, FIELDS) or not widget.isVisible():
            continue
        if widget.focusPolicy() is Qt.FocusPolicy.NoFocus:
            continue
        inside = isinstance(widget.parent(), QComboBox | QAbstractSpinBox)
        worded = isinstance(widget, QAbstractButton) and bool(widget.text())
        if not (inside or worded or widget.accessibleName() or widget in with_buddy):
            found.append(named(widget))
    return found


def authorities(pane: Any) -> tuple[str, str]:
    """Return the ids of the root and of the CA below it."""
    known = pane.collection.records.values()
    root = next(one.id for one in known if one.root)
    return root, next(one.id for one in known if one.authority and not one.root)


class Tour:
    """Goes from dialog to dialog and remembers what is wrong in them."""

    def __init__(self, window: Window, session: Session, qtbot: QtBot) -> None:
        self.window, self.session, self.qtbot = window, session, qtbot
        self.cut: list[str] = []
        self.nameless: list[str] = []
        self.without_dialog: list[str] = []

    def rest(self) -> None:
        self.qtbot.waitUntil(lambda: self.session.idle)

    def see(self, command: Command) -> None:
        """Give a command and look at what opens."""
        name = command.objectName()
        assert command.isEnabled(), f"{name}: {command.toolTip()}"
        command.trigger()
        self.rest()
        QApplication.processEvents()
        shown = [
            one
            for one in QApplication.topLevelWidgets()
            if isinstance(one, QDialog) and one.isVisible() and not isinstance(one, QFileDialog)
        ]
        if not shown:
            self.without_dialog.append(name)
        for dialog in shown:
            self.qtbot.waitExposed(dialog)
            QApplication.processEvents()
            self.cut += [f"{name}: {one}" for one in cut(dialog)]
            self.nameless += [f"{name}: {one}" for one in nameless(dialog)]
            dialog.reject()
        self.rest()

    def walk(self, name: str) -> None:
        """Give the commands of a pane, one after the other, with something selected."""
        assert self.window.workspace is not None
        self.window.workspace.turn_to(name)
        pane: Any = self.window.workspace.panes[name]
        self.qtbot.waitUntil(lambda: bool(pane.loaded))
        self.rest()
        chosen = {"keys": "alias/packages-of-a-long-name", "rotation": "alias/archive"}.get(name)
        root = ""
        if name == "certificates":
            self.qtbot.waitUntil(lambda: len(pane.collection.records) == 3)
            root, chosen = authorities(pane)
        commands = {command.objectName(): command for command in pane.commands}
        for command in sorted(OF_THE_PANES[name]):
            if chosen:
                pane.show_target(root if command == "certificates.trust" else chosen)
                self.rest()
            self.see(commands[command])


def test_no_dialog_cuts_its_words_or_leaves_a_field_without_a_name(
    bench: Bench, open_window: Open, session: Session, qtbot: QtBot
) -> None:
    window = open_window(cast("Any", bench), makers=PANES)
    tour = Tour(window, session, qtbot)
    for name in OF_THE_PANES:
        tour.walk(name)
    for command in OF_THE_WINDOW:
        tour.see(window.menus.commands[command])
    window.bench = None  # the fixture closes it
    assert (tour.without_dialog, tour.cut, tour.nameless) == ([], [], [])
