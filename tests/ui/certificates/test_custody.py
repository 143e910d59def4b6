"""Importing, trusting, exporting and deleting certificates in the window."""

from pathlib import Path
from typing import Any, cast

from cryptography import x509
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.fakes.shelf import refused
from tests.ui.certificates.conftest import (
    CTRL,
    SHIFT,
    Corpus,
    card_point,
    card_rect,
    click_card,
    frame,
    notices,
    waited,
    words_in,
)
from tests.ui.conftest import click, dialog_of, press
from workbench.ui.panes.certificates.export_dialog import ExportDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.sharing import PEM_TYPE, Extent
from workbench.ui.panes.certificates.trust_dialog import TrustDialog
from workbench.ui.widgets.dialogs import DangerDialog


def test_a_root_is_trusted_only_after_its_fingerprint_was_compared(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    other = corpus.id(corpus.other)
    click_card(qtbot, pane, other)
    pane.commands_by_name["trust"].trigger()
    dialog = waited(qtbot, TrustDialog)
    assert not dialog.main_button.isEnabled()
    click(qtbot, dialog.main_button)
    assert not corpus.shelf.entries[other]["Trusted"]
    click(qtbot, dialog.compared, QPoint(10, dialog.compared.height() // 2))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: pane.collection.records[other].trusted)
    pane.commands_by_name["trust"].trigger()
    danger = waited(qtbot, DangerDialog)
    assert "1 certificate below it will no longer be trusted." in words_in(danger)
    click(qtbot, danger.choice_buttons[0])
    qtbot.waitUntil(lambda: not pane.collection.records[other].trusted)


def test_deleting_counts_what_was_issued_below_and_cancel_is_the_default(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    other = corpus.id(corpus.other)
    click_card(qtbot, pane, other)
    press(qtbot, pane.window(), Qt.Key.Key_Delete)
    dialog = waited(qtbot, DangerDialog)
    assert "1 certificate was issued below and will lack its issuer." in words_in(dialog)
    press(qtbot, dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) is None)
    assert other in corpus.shelf.entries
    press(qtbot, pane.window(), Qt.Key.Key_Delete)
    dialog = waited(qtbot, DangerDialog)
    click(qtbot, dialog.choice_buttons[0])
    qtbot.waitUntil(lambda: other not in pane.collection.records)
    child = pane.collection.records[corpus.id(corpus.child)]
    assert child.state == "issuer missing"


def test_what_a_ca_issued_cannot_be_deleted_and_the_tooltip_says_why(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    delete = pane.commands_by_name["delete"]
    assert not delete.isEnabled()
    assert "a CA in this vault issued it" in delete.toolTip()
    press(qtbot, pane.window(), Qt.Key.Key_Delete)
    assert dialog_of(DangerDialog) is None


def test_the_chain_is_written_to_a_file(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    press(qtbot, pane.window(), Qt.Key.Key_E, CTRL)
    dialog = waited(qtbot, ExportDialog)
    dialog.extent.setCurrentIndex(dialog.extent.findData(Extent.CHAIN_WITH_ROOT))
    assert dialog.form.findData("der") < 0
    dialog.save_to(tmp_path / "chain.pem")
    qtbot.waitUntil((tmp_path / "chain.pem").exists)
    written = x509.load_pem_x509_certificates((tmp_path / "chain.pem").read_bytes())
    made = [corpus.leaf, corpus.sub, corpus.root]
    assert written == [one.certificate for one in made]


def test_an_export_that_fails_is_told(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    press(qtbot, pane.window(), Qt.Key.Key_E, CTRL)
    waited(qtbot, ExportDialog).save_to(tmp_path / "absent" / "chain.pem")
    qtbot.waitUntil(lambda: any("Could not write" in text for text in notices(pane)))
    frame(pane).notices.clear()


def test_what_is_dragged_out_is_the_certificate_and_nothing_private(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    wanted: list[str] = []
    pane.tree.drag_wanted.disconnect()
    pane.tree.drag_wanted.connect(wanted.append)
    leaf, hands = corpus.id(corpus.leaf), cast("Any", qtbot)
    pane.tree.ensureVisible(card_rect(pane, leaf))
    start, viewport = card_point(pane, leaf), pane.tree.viewport()
    hands.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    hands.mouseMove(viewport, start + QPoint(QApplication.startDragDistance() + 5, 0))
    qtbot.waitUntil(lambda: wanted == [leaf])
    hands.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start)
    mime = pane.outgoing.mime(pane.collection.records[leaf])
    path = Path(mime.urls()[0].toLocalFile())
    assert path.name == "Main-Signer.pem"
    assert path.read_bytes() == corpus.leaf.pem == bytes(mime.data(PEM_TYPE).data())
    assert b"PRIVATE" not in path.read_bytes()
    pane.outgoing.forget()
    assert not path.exists()


def test_a_missing_issuer_is_a_card_of_its_own(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    lost = pane.collection.records[corpus.id(corpus.lost)]
    click_card(qtbot, pane, lost.issuer_id)
    assert pane.selected == []
    assert "Its certificate is not in the collection." in words_in(pane.details)
    assert pane.tree.accessibleDescription().startswith("Issuer missing: Absent Root")
    click_card(qtbot, pane, lost.id)
    press(qtbot, pane.window(), Qt.Key.Key_H, CTRL, SHIFT)
    qtbot.waitUntil(lambda: "Not trusted" in words_in(pane.details._chain), timeout=20_000)
    assert "missing" in words_in(pane.details._chain)


def test_the_bytes_are_shown_as_elements_and_pem(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.root))
    details = pane.details
    details.open_tab(details._bytes_number)
    qtbot.waitUntil(lambda: details._bytes.elements.topLevelItemCount() == 1)
    assert details._bytes.text.toPlainText() == corpus.root.pem.decode().strip()
    outermost = details._bytes.elements.topLevelItem(0)
    assert outermost is not None
    assert outermost.text(0) == "SEQUENCE"


def test_a_shelf_that_refuses_is_told_and_nothing_is_lost(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    def refuse(**_request: Any) -> dict[str, Any]:
        raise refused("ListCertificates", "ThrottlingException", "Too fast.")

    cast("Any", corpus.shelf).list_certificates = refuse
    pane.refresh()
    qtbot.waitUntil(lambda: any("Too fast." in text for text in notices(pane)))
    assert len(pane.collection.records) == 7
    frame(pane).notices.clear()


def test_every_control_has_a_name_and_every_command_a_reason(pane: CertificatesPane) -> None:
    for one in pane.findChildren(QPushButton):
        assert one.accessibleName() or one.text()
    for command in pane.commands:
        assert command.toolTip()
        assert not command.icon().isNull()
        assert command.isEnabled() or "not now" in command.toolTip()
    for view in (pane.tree, pane.table):
        assert view.accessibleName()


def test_palette_items_lead_to_the_certificate(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    items = {item.title: item for item in cast("Any", pane.palette_items())}
    assert corpus.id(corpus.leaf) in items["Main Signer"].keywords
    items["Main Signer"].run()
    assert pane.tree.current == corpus.id(corpus.leaf)


def test_signing_with_a_certificate_whose_key_is_elsewhere_says_so(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    pane.commands_by_name["sign"].trigger()
    qtbot.waitUntil(lambda: any("is not in this vault" in text for text in notices(pane)))
    frame(pane).notices.clear()
    click_card(qtbot, pane, corpus.id(corpus.sub))
    assert not pane.commands_by_name["sign"].isEnabled()
