from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QDateTime, QMimeData, QPointF, Qt, QTimeZone, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import click, dialog_of, press, type_text
from tests.ui.rotation.conftest import (
    DAY,
    NOON,
    OpenRotation,
    World,
    get_wrapping_key,
    open_import,
    row_number,
    said,
    wrap,
)
from workbench.ui.panes.keys.import_dialog import IMPORT, WRAP
from workbench.ui.session import Session

SECRET = bytes(range(32))


def drop(target: QWidget, *paths: Path) -> bool:
    """Drop files on a widget as a file manager does; returns whether it takes them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = target.rect().center()
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPointF(at), copy, mime, buttons, none)
    enter.ignore()
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(target, QDropEvent(QPointF(at), copy, mime, buttons, none))
    return True


def tick(qtbot: QtBot, box: QWidget) -> None:
    """Tick a box, or take the tick away."""
    box.setFocus()
    press(qtbot, box, Qt.Key.Key_Space)


def test_material_is_imported_in_two_steps(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    pane = open_rotation()
    dialog = open_import(pane, world.empty.id)
    assert dialog.main_button.text() == "Get wrapping key"
    assert dialog.wrapping.chosen == ("RSAES_OAEP_SHA_256", "RSA_4096")
    assert not dialog.wrapping.commands.isVisible()
    get_wrapping_key(qtbot, dialog)
    assert "24 hours" in said(dialog)
    dialog.wrapping.write_key(tmp_path / "wrapping.pem")
    dialog.wrapping.write_token(tmp_path / "token.bin")
    assert (tmp_path / "wrapping.pem").read_bytes().startswith(b"-----BEGIN PUBLIC KEY-----")
    text = dialog.wrapping.commands.toPlainText()
    assert f"-inkey {tmp_path / 'wrapping.pem'} -pubin -keyform PEM" in text
    click(qtbot, dialog.wrapping.copy)
    assert QApplication.clipboard().text() == text
    wrapped = wrap(dialog, tmp_path / "wrapped.bin", SECRET)
    assert dialog.main_button.text() == "Next"
    click(qtbot, dialog.main_button)
    assert dialog.steps.currentIndex() == IMPORT
    assert not dialog.material.which.isVisible(), "there is nothing else it could be"
    assert drop(dialog.material.wrapped, wrapped)
    type_text(qtbot, dialog.material.description, "Q1 2026 key from HSM1")
    click(qtbot, dialog.main_button)
    line = row_number(pane, "empty")
    qtbot.waitUntil(lambda: session.idle and pane.timeline.lanes[line].row.state == "Enabled")
    assert not dialog_of("keys.import.dialog")
    request = world.kms.asked[-1][1]
    assert "ImportType" not in request
    assert request["KeyMaterialDescription"] == "Q1 2026 key from HSM1"
    assert world.empty.materials[0].secret == SECRET


def test_a_day_later_the_files_are_dropped_together(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    pane = open_rotation()
    first = open_import(pane, world.ledger.id)
    get_wrapping_key(qtbot, first)
    first.wrapping.write_token(tmp_path / "ledger-token.bin")
    wrapped = wrap(first, tmp_path / "out.bin", SECRET)
    press(qtbot, first, Qt.Key.Key_Escape)
    dialog = open_import(pane, world.ledger.id)
    assert drop(dialog, wrapped, tmp_path / "ledger-token.bin")
    assert dialog.steps.currentIndex() == IMPORT
    assert dialog.material.token.path == tmp_path / "ledger-token.bin"
    assert dialog.material.which.currentText() == "New key material"
    tick(qtbot, dialog.material.expires)
    until = NOON + 365 * DAY
    zone = QTimeZone.systemTimeZone()
    late = QDateTime.fromSecsSinceEpoch(int(until.timestamp()) + 120, zone)
    dialog.material.until.setDateTime(late)
    click(qtbot, dialog.main_button)
    assert "At most 365 days" in said(dialog)
    dialog.material.until.setDateTime(QDateTime.fromSecsSinceEpoch(int(until.timestamp()), zone))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: len(world.ledger.materials) == 3)
    request = world.kms.asked[-1][1]
    assert (request["ImportType"], request["ValidTo"]) == ("NEW_KEY_MATERIAL", until)
    assert request["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    assert world.ledger.materials[2].state == "PENDING_ROTATION"


def test_expired_material_is_imported_again_by_its_name(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    pane = open_rotation()
    lost = world.ledger.materials[0]
    dialog = open_import(pane, world.ledger.id, 0)
    get_wrapping_key(qtbot, dialog)
    wrapped = wrap(dialog, tmp_path / "wrapped.bin", lost.secret)
    click(qtbot, dialog.main_button)
    assert dialog.material.which.currentData() == lost.id
    assert "(expired)" in dialog.material.which.currentText()
    assert dialog.material.expires.isChecked(), "as it was before"
    tick(qtbot, dialog.material.expires)
    dialog.material.wrapped.put(wrapped)
    click(qtbot, dialog.main_button)
    line = row_number(pane, "ledger")
    qtbot.waitUntil(lambda: session.idle and pane.timeline.lanes[line].row.state == "Enabled")
    request = world.kms.asked[-1][1]
    assert request["ImportType"] == "EXISTING_KEY_MATERIAL"
    assert request["KeyMaterialId"] == lost.id
    assert request["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert pane.timeline.lanes[line].bars[0].condition == "former"


def test_another_material_than_before_is_refused_and_explained(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_rotation()
    dialog = open_import(pane, world.ledger.id, 0)
    get_wrapping_key(qtbot, dialog)
    wrapped = wrap(dialog, tmp_path / "wrapped.bin", SECRET)
    click(qtbot, dialog.main_button)
    dialog.material.wrapped.put(wrapped)
    tick(qtbot, dialog.material.expires)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "IncorrectKeyMaterialException" in said(dialog))
    assert "very material that was imported before" in said(dialog)
    assert dialog.main_button.isEnabled()
    assert not world.ledger.materials[0].present
    bottom = dialog.main_button.mapTo(dialog, dialog.main_button.rect().bottomLeft()).y()
    assert bottom < dialog.height(), "the words have room"


def test_a_token_that_grew_old_is_noticed_before_kms_is_asked(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_rotation()
    dialog = open_import(pane, world.empty.id)
    get_wrapping_key(qtbot, dialog)
    wrapped = wrap(dialog, tmp_path / "wrapped.bin", SECRET)
    dialog.wrapping.write_token(tmp_path / "token.bin")
    world.clock.travel(timedelta(hours=25))
    click(qtbot, dialog.main_button)
    dialog.material.wrapped.put(wrapped)
    click(qtbot, dialog.main_button)
    assert "It is too old" in said(dialog)
    assert world.kms.asked[-1][0] == "get_parameters_for_import"
    dialog.material.token.put(tmp_path / "token.bin")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "ExpiredImportTokenException" in said(dialog))
    assert "Get a new wrapping key in step 1" in said(dialog)


@pytest.mark.parametrize("code", ["KMSInvalidStateException", "UnsupportedOperationException"])
def test_a_refused_wrapping_key_is_explained_in_place(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, code: str
) -> None:
    world.kms.refuse["get_parameters_for_import"] = code
    pane = open_rotation()
    dialog = open_import(pane, world.empty.id)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: code in said(dialog))
    assert dialog.main_button.text() == "Get wrapping key"
    assert dialog.steps.currentIndex() == WRAP


def test_another_algorithm_needs_another_wrapping_key(
    open_rotation: OpenRotation, world: World, qtbot: QtBot
) -> None:
    pane = open_rotation()
    dialog = open_import(pane, world.empty.id)
    get_wrapping_key(qtbot, dialog)
    dialog.wrapping.algorithm.setCurrentIndex(1)
    assert dialog.wrapping.parameters is None
    assert not dialog.wrapping.commands.isVisible()
    assert dialog.main_button.text() == "Get wrapping key"
    dialog.steps.setCurrentIndex(IMPORT)
    click(qtbot, dialog.main_button)
    assert "Choose the token's file" in said(dialog)
    assert "Choose the file that the wrapping wrote" in said(dialog)


def test_what_the_form_cannot_send_is_refused_by_it(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_rotation()
    dialog = open_import(pane, world.payments.id)
    dialog.steps.setCurrentIndex(IMPORT)
    (tmp_path / "empty").write_bytes(b"")
    dialog.material.wrapped.put(tmp_path / "empty")
    dialog.material.token.put(tmp_path / "empty")
    type_text(qtbot, dialog.material.description, "what; is <this>")
    click(qtbot, dialog.main_button)
    assert "Only letters, digits" in said(dialog)
    dialog.material.description.clear()
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "is empty" in said(dialog))
    assert world.kms.asked == []


def test_a_place_for_a_file_takes_one_file_only(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_rotation()
    dialog = open_import(pane, world.empty.id)
    dialog.steps.setCurrentIndex(IMPORT)
    slot = dialog.material.wrapped
    assert not drop(slot, *(tmp_path / name for name in "abc"))
    assert not drop(dialog, *(tmp_path / name for name in "abc"))
    assert drop(slot, tmp_path / "a")
    assert slot.path == tmp_path / "a"
    assert "“a”" in slot.accessibleName()
    press(qtbot, slot.button, Qt.Key.Key_Space)
    files = slot.findChild(QFileDialog)
    assert isinstance(files, QFileDialog), "by keyboard as well"
    files.reject()


def test_a_private_key_gets_the_two_step_wrapping(
    open_rotation: OpenRotation, world: World, qtbot: QtBot
) -> None:
    key = world.kms.add("signer", spec="ECC_NIST_P384", usage="SIGN_VERIFY")
    pane = open_rotation()
    dialog = open_import(pane, key.id)
    get_wrapping_key(qtbot, dialog)
    assert dialog.wrapping.chosen[0] == "RSA_AES_KEY_WRAP_SHA_256"
    assert "openssl enc -id-aes256-wrap-pad" in dialog.wrapping.commands.toPlainText()
    click(qtbot, dialog.main_button)
    assert not dialog.material.description.isVisible(), "only symmetric keys remember one"


def test_a_file_that_cannot_be_written_is_told_in_place(
    open_rotation: OpenRotation, world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_rotation()
    dialog = open_import(pane, world.empty.id)
    get_wrapping_key(qtbot, dialog)
    dialog.wrapping.write_token(tmp_path / "no" / "token.bin")
    assert "Could not write" in said(dialog)
    assert dialog.wrapping._token_where.text() == "not saved yet"
    dialog.wrapping.write_token(tmp_path / "token.bin")
    assert "token.bin" in dialog.wrapping._token_where.text()
