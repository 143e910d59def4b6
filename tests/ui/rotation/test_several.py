import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open, click, dialog_of, press
from tests.ui.rotation.conftest import NOON, said
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.session import Session

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", TravelClock(NOON))
    for name in ("one", "three", "two"):
        key = made.kms.create_key()["KeyMetadata"]["KeyId"]
        made.kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    yield made
    made.close()


@pytest.fixture
def pane(open_window: Open, bench: Bench, session: Session, qtbot: QtBot) -> Iterator[RotationPane]:
    window = open_window(bench, makers=(KeysPane, RotationPane))
    assert window.workspace is not None
    window.workspace.turn_to("rotation")
    found = cast("RotationPane", window.workspace.panes["rotation"])
    qtbot.waitUntil(lambda: session.idle and len(found.timeline.lanes) == 3)
    found.timeline.setFocus()
    press(qtbot, found.timeline, Qt.Key.Key_Home)
    press(qtbot, found.timeline, Qt.Key.Key_Down, SHIFT)
    assert [lane.row.title for lane, _ in found.timeline.picked] == ["one", "three"]
    yield found
    window.bench = None  # the fixture closes the bench


def rotations(bench: Bench) -> list[int]:
    names = ("one", "three", "two")
    kms = bench.kms
    keys = [kms.describe_key(KeyId=f"alias/{one}")["KeyMetadata"]["KeyId"] for one in names]
    return [len(kms.list_key_rotations(KeyId=key)["Rotations"]) for key in keys]


def test_several_keys_are_rotated_at_once(
    pane: RotationPane, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    press(qtbot, pane.timeline, Qt.Key.Key_R, CTRL)
    dialog = dialog_of("keys.rotate.dialog")
    assert "Rotate 2 keys now?" in said(dialog)
    assert "one, three" in said(dialog)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: session.idle and dialog_of("keys.rotate.dialog") is None)
    bench.run_due()
    assert rotations(bench) == [1, 1, 0]
    window: Any = pane.window()
    assert any("2 keys are being rotated" in text for text in window.notices.texts)
    assert len(pane.timeline.picked) == 2, "the selection stays"


def test_several_keys_get_one_schedule(
    pane: RotationPane, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    press(qtbot, pane.timeline, Qt.Key.Key_R, CTRL, SHIFT)
    dialog = dialog_of("keys.schedule.dialog")
    assert dialog.days.value() == 365
    dialog.days.setValue(90)
    click(qtbot, dialog.main_button)
    lanes = pane.timeline.lanes
    qtbot.waitUntil(lambda: session.idle and pane.timeline.lanes is not lanes)
    assert [lane.row.rotation_days for lane in pane.timeline.lanes] == [90, 90, 0]


def test_what_fails_for_one_is_told_and_done_for_the_other(
    pane: RotationPane, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    press(qtbot, pane.timeline, Qt.Key.Key_R, CTRL)
    bench.kms.disable_key(KeyId=bench.kms.describe_key(KeyId="alias/one")["KeyMetadata"]["KeyId"])
    click(qtbot, dialog_of("keys.rotate.dialog").main_button)
    window: Any = pane.window()
    qtbot.waitUntil(lambda: any("1 of 2 could not" in text for text in window.notices.texts))
    bench.run_due()
    assert rotations(bench) == [0, 1, 0]
    qtbot.waitUntil(lambda: session.idle and "one: the key is not" in pane.can.rotate.toolTip())


def test_a_pasted_ciphertext_chooses_its_material(
    pane: RotationPane, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    blob = bench.kms.encrypt(KeyId="alias/two", Plaintext=b"x")["CiphertextBlob"]
    pane.filter_field.setText(base64.b64encode(blob).decode())
    qtbot.waitUntil(lambda: len(pane.timeline.lanes) == 1)
    qtbot.waitUntil(lambda: len(pane.timeline.picked) == 1)
    assert pane.timeline.picked[0][0].row.title == "two"
    pane.filter_field.setText(base64.b64encode(b"\xff" * 60).decode())
    qtbot.waitUntil(lambda: len(pane.timeline.lanes) == 0)
