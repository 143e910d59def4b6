from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.ui.conftest import click, dialog_of, press
from tests.ui.rotation.conftest import (
    DAY,
    NOON,
    OpenRotation,
    World,
    middle,
    press_mouse,
    row_number,
    said,
)
from workbench.ui.look import Look
from workbench.ui.panes.keys.materials import Condition
from workbench.ui.panes.rotation import ink
from workbench.ui.panes.rotation.hits import tip_at
from workbench.ui.session import Session
from workbench.ui.widgets.basics import CommandButton
from workbench.ui.widgets.fields import SelectableText

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def facts(pane: Any) -> str:
    shown = pane.details.bar.findChildren(SelectableText)
    return " ".join(one.text() for one in shown if not one.isHidden() and one.isVisible())


def test_every_material_is_drawn_in_its_condition(open_rotation: OpenRotation) -> None:
    pane = open_rotation()
    conditions = {
        lane.row.title: [bar.condition for bar in lane.bars] for lane in pane.timeline.lanes
    }
    assert conditions == {
        "payments": ["former", "current", "waiting"],
        "ledger": ["expired", "current"],
        "empty": ["missing"],
        "mac": ["current"],
    }
    line = row_number(pane, "payments")
    marks = {mark.kind: mark.moment for mark in pane.timeline.lanes[line].marks}
    assert marks["expiry"] == (NOON + 60 * DAY).timestamp()
    scene = pane.timeline.scene()
    at = QPointF(scene.place(marks["expiry"]), scene.top(line) + scene.unit * 4)
    assert "Imported material expires" in tip_at(scene, at)
    waiting = tip_at(scene, QPointF(middle(pane, "payments", 2)))
    assert "takes over when the key is rotated" in waiting
    assert "Q3 key" in waiting
    assert "not in use yet" in waiting
    assert "pending import" in tip_at(scene, QPointF(middle(pane, "empty", 0))).lower()


def test_conditions_look_different_without_their_colours(x_server: str, look: Look) -> None:
    conditions: tuple[Condition, ...] = ("current", "former", "waiting", "missing", "expired")
    drawn = []
    for condition in conditions:
        image = QImage(80, 20, QImage.Format.Format_ARGB32)
        image.fill(look.tokens.surface)
        painter = QPainter(image)
        ink.draw_condition(painter, look, QRectF(4, 4, 72, 12), condition)
        painter.end()
        grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
        light = [grey.pixelColor(x, y).lightness() for x in range(80) for y in range(20)]
        drawn.append(light)
    for number, one in enumerate(drawn):
        for other in drawn[number + 1 :]:
            apart = sum(abs(a - b) > 40 for a, b in zip(one, other, strict=True))
            assert apart > 50, "so many points differ in lightness alone"


def test_the_inspector_names_the_import_and_what_used_the_material(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, session: Session
) -> None:
    used = world.payments.materials[0].id
    for day in (1, 2, 3):
        world.trail.add("Decrypt", used, {"table": "orders"}, NOON - day * DAY)
    world.trail.add("GenerateDataKey", world.payments.materials[1].id, {}, NOON)
    world.trail.events.append({"EventId": "x", "EventTime": NOON, "EventName": "Encrypt",
                               "CloudTrailEvent": "no JSON"})  # fmt: skip
    pane = open_rotation()
    click(qtbot, pane.timeline.viewport(), middle(pane, "payments", 0))
    qtbot.waitUntil(lambda: session.idle and "3 times" in facts(pane))
    told = facts(pane)
    assert "Q1 key" in told
    assert used in told
    assert "Imported" in told
    names = [one.accessibleName() for one in pane.details.bar.findChildren(SelectableText)]
    assert any(name.startswith("Decrypt · table=orders") for name in names)
    assert not any(name.startswith("GenerateDataKey") for name in names)
    click(qtbot, pane.timeline.viewport(), middle(pane, "ledger", 0))
    qtbot.waitUntil(lambda: session.idle and "Pending import" in facts(pane))
    assert "3 times" not in facts(pane), "of another key"


def test_several_materials_are_picked_with_control_and_shift(
    open_rotation: OpenRotation, qtbot: QtBot
) -> None:
    pane = open_rotation()
    none = Qt.KeyboardModifier.NoModifier
    press_mouse(qtbot, pane, middle(pane, "payments", 0), none)
    press_mouse(qtbot, pane, middle(pane, "payments", 2), CTRL)
    assert [bar.condition for _, bar in pane.timeline.picked] == ["former", "waiting"]
    assert len(pane.table.selected_ids) == 2, "the list follows"
    assert "several" in pane.can.again.toolTip()
    press_mouse(qtbot, pane, middle(pane, "payments", 0), CTRL)
    assert [bar.condition for _, bar in pane.timeline.picked] == ["waiting"]
    press_mouse(qtbot, pane, middle(pane, "payments", 2), CTRL)
    assert len(pane.timeline.picked) == 1, "the last one stays"
    pane.timeline.setFocus()
    press(qtbot, pane.timeline, Qt.Key.Key_A, CTRL)
    assert len(pane.timeline.picked) == 4
    assert "4 selected" in pane.timeline.accessibleDescription()
    press(qtbot, pane.timeline, Qt.Key.Key_Home)
    press(qtbot, pane.timeline, Qt.Key.Key_Down, SHIFT)
    assert len(pane.timeline.picked) == 2
    press(qtbot, pane.timeline, Qt.Key.Key_Up, SHIFT)
    assert len(pane.timeline.picked) == 1


def test_lines_picked_in_the_list_are_picked_on_the_axis(
    open_rotation: OpenRotation, qtbot: QtBot
) -> None:
    pane = open_rotation()
    pane.can.as_list.trigger()
    pane.table.selectAll()
    assert len(pane.timeline.picked) == 7
    assert "empty" in pane.can.rotate.toolTip() or "not enabled" in pane.can.rotate.toolTip()


def test_commands_say_what_an_imported_key_lacks(
    open_rotation: OpenRotation, world: World, qtbot: QtBot
) -> None:
    world.kms.put_material(world.kms.add("fresh"), "7")
    pane = open_rotation()
    select = pane.timeline.select
    select(world.payments.id)
    assert pane.can.rotate.isEnabled(), "its new material waits"
    assert "on demand only" in pane.can.schedule.toolTip()
    select(world.ledger.id)
    assert "not enabled" in pane.can.rotate.toolTip()
    assert pane.can.again.isEnabled()
    select(world.ledger.id, 0)
    assert "not there" in pane.can.remove.toolTip()
    select(next(key for key in world.kms.keys if key.startswith("00000005")))
    assert "import new key material first" in pane.can.rotate.toolTip()
    select(world.empty.id)
    assert pane.can.bring.isEnabled()
    assert "never imported" in pane.can.again.toolTip()
    select(world.mac.id)
    assert "HMAC" in pane.can.rotate.toolTip()
    assert pane.can.remove.isEnabled()


def test_a_rotation_in_the_background_is_followed_to_its_end(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, session: Session
) -> None:
    pane = open_rotation()
    pane.timeline.select(world.payments.id)
    press(qtbot, pane.timeline, Qt.Key.Key_R, CTRL)
    dialog = dialog_of("keys.rotate.dialog")
    assert "“Q3 key” encrypts from now on" in said(dialog)
    click(qtbot, dialog.main_button)
    line = row_number(pane, "payments")
    qtbot.waitUntil(lambda: pane.timeline.lanes[line].row.rotating_since is not None)
    assert "under way" in pane.can.rotate.toolTip()
    world.kms.finish_rotations()
    qtbot.waitUntil(lambda: pane.timeline.lanes[line].row.rotating_since is None)
    bars = pane.timeline.lanes[row_number(pane, "payments")].bars
    assert [bar.condition for bar in bars] == ["former", "former", "current"]


def test_deleting_material_names_it_and_what_stops(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, session: Session
) -> None:
    current = world.payments.materials[1].id
    world.trail.add("Encrypt", current, {}, NOON - DAY)
    pane = open_rotation()
    pane.timeline.select(world.payments.id, 1)
    press(qtbot, pane.timeline, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: dialog_of("keys.material-deletion.dialog") is not None)
    dialog = dialog_of("keys.material-deletion.dialog")
    told = said(dialog)
    assert "payments stops working at once" in told
    assert "1 of the newest requests used it" in told
    assert "importing the very same material again" in told
    assert [one.text() for one in dialog.choice_buttons] == ["Disable key", "Delete material"]
    press(qtbot, dialog, Qt.Key.Key_Return)
    assert world.kms.asked == [], "Enter cancels"
    qtbot.waitUntil(pane.window().isActiveWindow)
    press(qtbot, pane.timeline, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: dialog_of("keys.material-deletion.dialog") is not None)
    click(qtbot, dialog_of("keys.material-deletion.dialog").choice_buttons[1])
    lanes = pane.timeline.lanes
    qtbot.waitUntil(lambda: session.idle and pane.timeline.lanes is not lanes)
    assert world.kms.asked == [
        ("delete_imported_key_material", {"KeyId": world.payments.id, "KeyMaterialId": current})
    ]
    lane = pane.timeline.lanes[row_number(pane, "payments")]
    assert lane.row.state == "PendingImport"
    assert lane.bars[1].condition == "missing"


def test_material_that_waits_is_deleted_without_stopping_the_key(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, session: Session
) -> None:
    pane = open_rotation()
    pane.timeline.select(world.payments.id, 2)
    pane.can.remove.trigger()
    qtbot.waitUntil(lambda: dialog_of("keys.material-deletion.dialog") is not None)
    dialog = dialog_of("keys.material-deletion.dialog")
    assert "goes on working" in said(dialog)
    assert "stops working at once" not in said(dialog)
    click(qtbot, dialog.choice_buttons[1])
    line = row_number(pane, "payments")
    qtbot.waitUntil(lambda: session.idle and len(pane.timeline.lanes[line].bars) == 2)
    assert pane.timeline.lanes[line].row.state == "Enabled"
    assert pane.timeline.places == ((world.payments.id, 1),), "another is selected instead"


def test_a_refused_deletion_is_told_and_changes_nothing(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, session: Session
) -> None:
    world.kms.refuse["delete_imported_key_material"] = "KMSInvalidStateException"
    pane = open_rotation()
    pane.timeline.select(world.mac.id)
    pane.can.remove.trigger()
    qtbot.waitUntil(lambda: dialog_of("keys.material-deletion.dialog") is not None)
    click(qtbot, dialog_of("keys.material-deletion.dialog").choice_buttons[1])
    window: Any = pane.window()
    qtbot.waitUntil(lambda: any("could not be changed" in one for one in window.notices.texts))
    assert world.kms.asked[-1][1] == {"KeyId": world.mac.id}, "its material has no id"


def test_a_material_chosen_in_the_inspector_is_chosen_on_the_axis(
    open_rotation: OpenRotation, world: World, qtbot: QtBot
) -> None:
    pane = open_rotation()
    pane.timeline.select(world.payments.id, 1)
    pane.details.open_tab(1)
    pane.details.key.table.select_id(world.payments.materials[0].id)
    assert pane.timeline.places == ((world.payments.id, 0),)
    assert pane.details.key.selected is not None
    assert pane.details.key.selected.id == world.payments.materials[0].id


def test_every_action_on_material_has_shortcut_icon_and_reason(open_rotation: OpenRotation) -> None:
    pane = open_rotation()
    for command in pane.can.for_selection:
        assert not command.shortcut().isEmpty()
        assert not command.icon().isNull()
        assert command.plain_text
        assert command.isEnabled() or "no key" in command.toolTip()
    shortcuts = [one.shortcut().toString() for one in pane.commands]
    assert len(set(shortcuts)) == len(shortcuts)
    assert all(one.accessibleName() for one in pane.details.findChildren(CommandButton))
