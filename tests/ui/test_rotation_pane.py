from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open, click, dialog_of, press
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.ui.look import Look
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.materials import CURRENT, Material
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.rotation.hits import tip_at
from workbench.ui.panes.rotation.lanes import lanes_of
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.panes.rotation.timeline import Timeline
from workbench.ui.session import Session

CTRL = Qt.KeyboardModifier.ControlModifier
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
OpenRotation = Callable[[], RotationPane]


@pytest.fixture
def clock() -> TravelClock:
    return TravelClock(NOON)


@pytest.fixture
def bench(tmp_path: Path, clock: TravelClock) -> Iterator[Bench]:
    """A key with three materials, a pair, and an HMAC key."""
    made = make_bench(tmp_path / "vault", clock)
    kms = made.kms
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    clock.travel(timedelta(days=30))
    kms.rotate_key_on_demand(KeyId=key)
    made.run_due()
    clock.travel(timedelta(days=61))
    made.run_due()
    clock.travel(timedelta(days=20))
    for name, spec, usage in (
        ("web", "ECC_NIST_P256", "SIGN_VERIFY"),
        ("cookies", "HMAC_256", "GENERATE_VERIFY_MAC"),
    ):
        made_key = kms.create_key(KeySpec=spec, KeyUsage=usage)  # type: ignore[arg-type]
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=made_key["KeyMetadata"]["KeyId"])
    yield made
    made.close()


@pytest.fixture
def open_rotation(
    open_window: Open, bench: Bench, session: Session, qtbot: QtBot
) -> Iterator[OpenRotation]:
    windows: list[Any] = []

    def make() -> RotationPane:
        window = open_window(bench, makers=(KeysPane, RotationPane))
        windows.append(window)
        assert window.workspace is not None
        window.workspace.turn_to("rotation")
        pane = cast("RotationPane", window.workspace.panes["rotation"])
        qtbot.waitUntil(lambda: session.idle and len(pane.timeline.lanes) == 3)
        return pane

    yield make
    for window in windows:
        window.bench = None  # the fixture closes the bench


def key_of(pane: RotationPane, name: str) -> str:
    row = pane._stock.row(f"alias/{name}")
    assert row is not None
    return row.id


def middle(pane: RotationPane, name: str, bar: int) -> QPoint:
    names = [lane.row.title for lane in pane.timeline.lanes]
    line = names.index(name)
    return (
        pane.timeline.scene().bar_box(line, pane.timeline.lanes[line].bars[bar]).center().toPoint()
    )


def turn_wheel(timeline: Timeline, at: QPoint, steps: int) -> None:
    viewport = timeline.viewport()
    event = QWheelEvent(
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_keys_that_rotate_come_first_and_the_others_say_why_not(
    open_rotation: OpenRotation,
) -> None:
    pane = open_rotation()
    assert [lane.row.title for lane in pane.timeline.lanes] == ["orders", "cookies", "web"]
    assert len(pane.timeline.lanes[0].bars) == 3
    assert [mark.kind for mark in pane.timeline.lanes[0].marks] == [
        "created",
        "on-demand",
        "automatic",
        "scheduled",
    ]
    tip = tip_at(pane.timeline.scene(), QPointF(middle(pane, "web", 0)))
    assert "Does not rotate" in tip
    assert "public key" in tip


def test_a_click_on_a_bar_shows_its_material(open_rotation: OpenRotation, qtbot: QtBot) -> None:
    pane = open_rotation()
    click(qtbot, pane.timeline.viewport(), middle(pane, "orders", 1))
    chosen = pane.timeline.selected
    assert chosen is not None
    assert chosen[0].row.title == "orders"
    assert chosen[1].material.kind == "ON_DEMAND"
    assert pane.details.bar._bar is chosen[1]
    assert pane.table.selected_ids == [f"{key_of(pane, 'orders')}#1"], "the list follows"


def test_arrows_walk_through_keys_and_materials(open_rotation: OpenRotation, qtbot: QtBot) -> None:
    pane = open_rotation()
    timeline = pane.timeline
    timeline.setFocus()
    assert timeline.selected is not None
    assert timeline.selected[1].material.state == CURRENT, "the current one first"
    press(qtbot, timeline, Qt.Key.Key_Left)
    assert timeline.selected[1].material.kind == "ON_DEMAND"
    press(qtbot, timeline, Qt.Key.Key_Left)
    press(qtbot, timeline, Qt.Key.Key_Left)
    assert timeline.selected[1].material.kind == ""
    assert "Decrypts only".lower() in timeline.accessibleDescription()
    press(qtbot, timeline, Qt.Key.Key_End)
    assert timeline.selected[0].row.title == "web"
    assert "does not rotate" in timeline.accessibleDescription()
    press(qtbot, timeline, Qt.Key.Key_Home)
    assert timeline.selected[0].row.title == "orders"


def test_the_wheel_zooms_around_the_pointer_and_fit_shows_all(
    open_rotation: OpenRotation, qtbot: QtBot
) -> None:
    pane = open_rotation()
    timeline = pane.timeline
    whole = timeline.span
    at = middle(pane, "orders", 1)
    scene = timeline.scene()
    under = scene.moment(at.x())
    turn_wheel(timeline, at, 3)
    assert timeline.span.length < whole.length * 0.6
    assert timeline.scene().moment(at.x()) == pytest.approx(under, abs=1)
    press(qtbot, pane, Qt.Key.Key_0, CTRL)
    assert timeline.span == whole
    timeline.setFocus()
    press(qtbot, timeline, Qt.Key.Key_Plus)
    assert timeline.span.length < whole.length


def test_dragging_pans_and_does_not_select_another(
    open_rotation: OpenRotation, qtbot: QtBot
) -> None:
    pane = open_rotation()
    timeline = pane.timeline
    before = timeline.span
    start = middle(pane, "orders", 1)
    hands: Any = qtbot
    hands.mousePress(timeline.viewport(), Qt.MouseButton.LeftButton, pos=start)
    hands.mouseMove(timeline.viewport(), start + QPoint(-60, 0))
    hands.mouseMove(timeline.viewport(), start + QPoint(-120, 0))
    qtbot.waitUntil(lambda: timeline.span != before)
    hands.mouseRelease(timeline.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(-120, 0))
    moved = (timeline.span.start - before.start) / before.length
    assert moved == pytest.approx(120 / timeline.scene().width, abs=0.02)
    assert timeline.span.length == pytest.approx(before.length)


def test_tooltips_name_marks_and_materials(open_rotation: OpenRotation) -> None:
    pane = open_rotation()
    timeline = pane.timeline
    scene = timeline.scene()
    lane = timeline.lanes[0]
    scheduled = lane.marks[-1]
    at = QPointF(scene.place(scheduled.moment), scene.top(0) + scene.unit * 4)
    assert "Next automatic rotation" in tip_at(timeline.scene(), at)
    assert "Material" in tip_at(timeline.scene(), QPointF(middle(pane, "orders", 0)))
    assert "every" not in tip_at(timeline.scene(), QPointF(5, scene.top(0) + 5))
    assert "rotates next on" in tip_at(timeline.scene(), QPointF(5, scene.top(0) + 5))
    assert tip_at(timeline.scene(), QPointF(5, 2)) == ""


def test_rotating_now_says_what_is_left_and_does_it(
    open_rotation: OpenRotation, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    pane = open_rotation()
    pane.timeline.select(key_of(pane, "orders"))
    press(qtbot, pane.timeline, Qt.Key.Key_R, CTRL)
    dialog = dialog_of("keys.rotate.dialog")
    from PySide6.QtWidgets import QLabel

    said = " ".join(one.text() for one in dialog.findChildren(QLabel))
    assert "1 used, 24 left" in said
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: session.idle and len(pane.timeline.lanes[0].bars) == 4)
    rotations = bench.kms.list_key_rotations(KeyId=key_of(pane, "orders"))["Rotations"]
    assert len(rotations) == 3


def test_automatic_rotation_is_changed_and_switched_off(
    open_rotation: OpenRotation, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    pane = open_rotation()
    pane.timeline.select(key_of(pane, "orders"))
    pane.can.schedule.trigger()
    dialog = dialog_of("keys.schedule.dialog")
    assert (dialog.days.minimum(), dialog.days.maximum(), dialog.days.value()) == (90, 2560, 90)
    dialog.days.setValue(400)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: session.idle and pane.timeline.lanes[0].row.rotation_days == 400)
    pane.can.schedule.trigger()
    dialog = dialog_of("keys.schedule.dialog")
    dialog.switch.click()
    assert not dialog.days.isEnabled()
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: session.idle and pane.timeline.lanes[0].row.rotation_days == 0)
    status = bench.kms.get_key_rotation_status(KeyId=key_of(pane, "orders"))
    assert status["KeyRotationEnabled"] is False


def test_commands_say_why_they_cannot(open_rotation: OpenRotation, qtbot: QtBot) -> None:
    pane = open_rotation()
    pane.timeline.select(key_of(pane, "cookies"))
    assert not pane.can.rotate.isEnabled()
    assert "HMAC" in pane.can.rotate.toolTip()
    pane.timeline.select(key_of(pane, "orders"))
    assert pane.can.rotate.isEnabled()


def test_the_list_has_the_same_and_selects_the_same(
    open_rotation: OpenRotation, qtbot: QtBot
) -> None:
    pane = open_rotation()
    pane.can.as_list.trigger()
    assert pane.table.isVisible()
    assert not pane.timeline.isVisible()
    assert pane.model.total == 5
    assert not pane.can.fit.isEnabled()
    assert pane.table.select_id(f"{key_of(pane, 'orders')}#0")
    chosen = pane.timeline.selected
    assert chosen is not None
    assert chosen[1].material.kind == ""
    assert pane.context.preferences.get("rotation/list") is True


def test_filters_narrow_both_views(open_rotation: OpenRotation, qtbot: QtBot) -> None:
    pane = open_rotation()
    pane.kinds.setCurrentIndex(1)
    assert [lane.row.title for lane in pane.timeline.lanes] == ["orders"]
    assert pane.model.rowCount() == 3
    pane.kinds.setCurrentIndex(0)
    pane.filter_field.setText("hmac")
    qtbot.waitUntil(lambda: [lane.row.title for lane in pane.timeline.lanes] == ["cookies"])


def test_enter_goes_to_the_key(open_rotation: OpenRotation, qtbot: QtBot) -> None:
    pane = open_rotation()
    pane.timeline.setFocus()
    press(qtbot, pane.timeline, Qt.Key.Key_Return)
    window = cast("Any", pane.window())
    assert window.workspace.front.id == "keys"
    assert [row.title for row in window.workspace.front.selected] == ["orders"]


def test_ten_thousand_keys_are_drawn_as_fast_as_twenty(
    x_server: str, look: Look, qtbot: QtBot
) -> None:
    start = NOON - timedelta(days=300)
    rows = [
        KeyRow(f"key-{n}", "arn", (f"name-{n:05}",), spec="SYMMETRIC_DEFAULT", origin="AWS_KMS",
               state="Enabled", materials=(Material(f"m{n}", CURRENT, start),))
        for n in range(10_000)
    ]  # fmt: skip
    timeline = Timeline(look)
    qtbot.addWidget(timeline)
    timeline.resize(900, 600)
    timeline.show_lanes(lanes_of(rows, NOON), NOON)
    drawn = list(timeline.scene().visible())
    assert 5 < len(drawn) < 20
    assert timeline.select("key-9999")
    drawn = list(timeline.scene().visible())
    assert drawn[-1][1].row.id == "key-9999", "brought into view"
    image = timeline.grab().toImage()
    accent = look.colour("accent").rgb()
    column = image.width() * 3 // 4
    assert any(image.pixel(column, y) == accent for y in range(image.height()))
