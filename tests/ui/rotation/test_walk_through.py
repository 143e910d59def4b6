"""AWS's walk through rotating imported keys, done in the window on the real services."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QDateTime, QTimeZone
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open, click, dialog_of, type_text
from tests.ui.rotation.conftest import NOON, get_wrapping_key, open_import, row_number, said, wrap
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.session import Session

FIRST, SECOND = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
def clock() -> TravelClock:
    return TravelClock(NOON)


@pytest.fixture
def bench(tmp_path: Path, clock: TravelClock) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", clock)
    key = made.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    made.kms.create_alias(AliasName="alias/byok", TargetKeyId=key)
    yield made
    made.close()


@pytest.fixture
def pane(open_window: Open, bench: Bench, session: Session, qtbot: QtBot) -> Iterator[RotationPane]:
    window = open_window(bench, makers=(KeysPane, RotationPane))
    assert window.workspace is not None
    window.workspace.turn_to("rotation")
    found = cast("RotationPane", window.workspace.panes["rotation"])
    qtbot.waitUntil(lambda: session.idle and len(found.timeline.lanes) == 1)
    yield found
    window.bench = None  # the fixture closes the bench


def conditions(pane: RotationPane) -> list[str]:
    return [bar.condition for bar in pane.timeline.lanes[row_number(pane, "byok")].bars]


def bring(
    qtbot: QtBot, pane: RotationPane, path: Path, secret: bytes, text: str = "", bar: int = -1
) -> None:
    """Import a secret by the dialog."""
    dialog = open_import(pane, pane.timeline.lanes[0].row.id, bar)
    dialog.wrapping.spec.setCurrentIndex(2)  # the smallest: made quickly
    get_wrapping_key(qtbot, dialog)
    wrap(dialog, path, secret)
    click(qtbot, dialog.main_button)
    dialog.material.wrapped.put(path)
    if text:
        dialog.material.description.clear()
        type_text(qtbot, dialog.material.description, text)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of("keys.import.dialog") is None)


def test_imported_material_is_rotated_deleted_and_brought_back(
    pane: RotationPane, bench: Bench, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "wrapped.bin"
    assert conditions(pane) == ["missing"]
    bring(qtbot, pane, path, FIRST, "Q1 key")
    qtbot.waitUntil(lambda: conditions(pane) == ["current"])
    old = bench.kms.encrypt(KeyId="alias/byok", Plaintext=b"old")["CiphertextBlob"]
    assert "import new key material first" in pane.can.rotate.toolTip()
    bring(qtbot, pane, path, SECOND, "Q2 key")
    qtbot.waitUntil(lambda: conditions(pane) == ["current", "waiting"])
    pane.can.rotate.trigger()
    click(qtbot, dialog_of("keys.rotate.dialog").main_button)
    qtbot.waitUntil(lambda: session.idle and dialog_of("keys.rotate.dialog") is None)
    bench.run_due()
    qtbot.waitUntil(lambda: session.idle and conditions(pane) == ["former", "current"])
    bench.kms.encrypt(KeyId="alias/byok", Plaintext=b"new")
    pane.timeline.select(pane.timeline.lanes[0].row.id, 0)
    pane.can.remove.trigger()
    qtbot.waitUntil(lambda: dialog_of("keys.material-deletion.dialog") is not None)
    dialog = dialog_of("keys.material-deletion.dialog")
    assert "1 of the newest requests used it" in said(dialog)
    click(qtbot, dialog.choice_buttons[1])
    qtbot.waitUntil(lambda: session.idle and conditions(pane) == ["missing", "current"])
    assert pane.timeline.lanes[0].row.state == "PendingImport"
    bring(qtbot, pane, path, FIRST, bar=0)
    qtbot.waitUntil(lambda: session.idle and conditions(pane) == ["former", "current"])
    assert pane.timeline.lanes[0].bars[0].material.description == "Q1 key", "kept"
    assert bench.kms.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"


def test_material_runs_out_on_its_date(
    pane: RotationPane,
    bench: Bench,
    clock: TravelClock,
    qtbot: QtBot,
    session: Session,
    tmp_path: Path,
) -> None:
    dialog = open_import(pane, pane.timeline.lanes[0].row.id)
    dialog.wrapping.spec.setCurrentIndex(2)
    get_wrapping_key(qtbot, dialog)
    wrap(dialog, tmp_path / "wrapped.bin", FIRST)
    click(qtbot, dialog.main_button)
    dialog.material.wrapped.put(tmp_path / "wrapped.bin")
    dialog.material.expires.setChecked(True)
    until = NOON + timedelta(days=30)
    zone = QTimeZone.systemTimeZone()
    dialog.material.until.setDateTime(QDateTime.fromSecsSinceEpoch(int(until.timestamp()), zone))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: session.idle and conditions(pane) == ["current"])
    marks = {mark.kind: mark.moment for mark in pane.timeline.lanes[0].marks}
    assert marks["expiry"] == until.timestamp()
    clock.travel(timedelta(days=31))
    bench.run_due()
    pane.refresh()
    qtbot.waitUntil(lambda: session.idle and conditions(pane) == ["expired"])
    assert pane.timeline.lanes[0].row.state == "PendingImport"


def test_what_the_real_service_refuses_is_explained(
    pane: RotationPane, bench: Bench, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "wrapped.bin"
    bring(qtbot, pane, path, FIRST)
    qtbot.waitUntil(lambda: session.idle and conditions(pane) == ["current"])
    dialog = open_import(pane, pane.timeline.lanes[0].row.id)
    dialog.wrapping.spec.setCurrentIndex(2)
    get_wrapping_key(qtbot, dialog)
    wrap(dialog, path, FIRST)
    click(qtbot, dialog.main_button)
    dialog.material.wrapped.put(path)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "IncorrectKeyMaterialException" in said(dialog))
    path.write_bytes(b"\xff" * 256)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "InvalidCiphertextException" in said(dialog))
    assert "Wrap again" in said(dialog)
    dialog.material.token.put(path)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "InvalidImportTokenException" in said(dialog))
    assert conditions(pane) == ["current"]
