"""Replicas and the primary Region on the real services, carried out in the background."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open, click, dialog_of
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.session import Session


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", TravelClock())
    key = made.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    made.kms.create_alias(AliasName="alias/shared", TargetKeyId=key)
    yield made
    made.close()


@pytest.fixture
def pane(open_window: Open, bench: Bench, session: Session, qtbot: QtBot) -> Iterator[KeysPane]:
    window = open_window(bench, makers=(KeysPane, RotationPane))
    assert window.workspace is not None
    found = cast("KeysPane", window.workspace.panes["keys"])
    qtbot.waitUntil(lambda: session.idle and found._stock.loaded)
    found.table.select_id(found._stock.rows[0].id)
    yield found
    window.bench = None  # the fixture closes the bench


def row_of(pane: KeysPane) -> KeyRow:
    (row,) = pane._stock.rows
    return row


def test_a_key_is_replicated_and_its_primary_region_changed(
    pane: KeysPane, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    home = row_of(pane).regions
    assert home is not None
    there = "ap-southeast-2"
    pane.may.replicate.trigger()
    qtbot.waitUntil(lambda: dialog_of("keys.replicate.dialog") is not None)
    dialog = dialog_of("keys.replicate.dialog")
    dialog.region.setEditText(there)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: session.idle and dialog_of("keys.replicate.dialog") is None)
    bench.run_due()

    def replicated() -> bool:
        regions = row_of(pane).regions
        return regions is not None and there in regions.taken and not row_of(pane).under_way

    qtbot.waitUntil(replicated)
    pane.may.primary.trigger()
    dialog = dialog_of("keys.primary.dialog")
    assert dialog.region.currentText() == there
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: session.idle and dialog_of("keys.primary.dialog") is None)
    bench.run_due()

    def moved() -> bool:
        regions = row_of(pane).regions
        return regions is not None and regions.primary_region == there

    qtbot.waitUntil(lambda: moved() and row_of(pane).state == "Enabled")
    assert there in pane.may.primary.toolTip()
    assert not pane.can.rotate.isEnabled(), "the primary key is rotated"
