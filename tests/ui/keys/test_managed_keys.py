"""AWS managed keys in the Keys pane: shown, and changed by nobody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open
from workbench.bench import Bench
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.session import Session
from workbench.ui.widgets.fields import SelectableText

REASON = "AWS manages a selected key"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault")
    made.kms.describe_key(KeyId="alias/aws/s3")
    mine = made.kms.create_key(Description="mine")["KeyMetadata"]["KeyId"]
    made.kms.create_alias(AliasName="alias/mine", TargetKeyId=mine)
    yield made
    made.close()


@pytest.fixture
def pane(bench: Bench, open_window: Open, session: Session, qtbot: QtBot) -> KeysPane:
    window = open_window(cast("Any", bench), makers=(KeysPane,))
    assert window.workspace is not None
    found = cast("KeysPane", window.workspace.panes["keys"])
    qtbot.waitUntil(lambda: session.idle and found._stock.loaded)
    return found


def select(pane: KeysPane, session: Session, qtbot: QtBot, name: str) -> None:
    rows = [pane.model.row(number) for number in range(pane.model.rowCount())]
    (found,) = [row for row in rows if row.title == name]
    pane.table.select_id(found.id)
    qtbot.waitUntil(lambda: session.idle and [row.id for row in pane.selected] == [found.id])


def told(pane: KeysPane) -> str:
    inspector = pane.key_inspector
    texts: list[Any] = [*inspector.findChildren(QLabel), *inspector.findChildren(SelectableText)]
    return " ".join(one.text() for one in texts if one.isVisible())


def test_it_is_shown_and_its_commands_say_why_they_are_off(
    pane: KeysPane, session: Session, qtbot: QtBot
) -> None:
    select(pane, session, qtbot, "aws/s3")
    (row,) = pane.selected
    assert row.managed_by_aws
    qtbot.waitUntil(lambda: "Default key that protects my S3 objects" in told(pane))
    commands = pane.can
    changing = (
        commands.alias,
        commands.tags,
        commands.grant,
        commands.rotate,
        commands.schedule,
        commands.disable,
        commands.delete,
    )
    for command in changing:
        assert not command.isEnabled()
        assert "AWS" in command.toolTip(), command.text()
    assert REASON in commands.delete.toolTip()
    assert commands.copy.isEnabled()


def test_one_s_own_key_beside_it_can_be_changed(
    pane: KeysPane, session: Session, qtbot: QtBot
) -> None:
    select(pane, session, qtbot, "mine")
    assert pane.can.delete.isEnabled()
    assert REASON not in pane.can.delete.toolTip()
    pane.table.selectAll()
    qtbot.waitUntil(lambda: len(pane.selected) == 2)
    assert not pane.can.delete.isEnabled()
    assert REASON in pane.can.delete.toolTip()
    assert not pane.can.disable.isEnabled()
