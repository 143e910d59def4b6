"""Certificates written to files by the window, in every form."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.certificates.conftest import CTRL, Corpus, click_card, waited
from tests.ui.conftest import click, press, type_text
from workbench.pki.bundles import Form
from workbench.pki.incoming.reader import read_incoming
from workbench.ui.panes.certificates.export_dialog import ExportDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.sharing import Extent


def begin(pane: CertificatesPane, corpus: Corpus, qtbot: QtBot) -> ExportDialog:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    press(qtbot, pane.window(), Qt.Key.Key_E, CTRL)
    dialog = waited(qtbot, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    return dialog


def choose(dialog: ExportDialog, extent: Extent, form: Form) -> None:
    dialog.extent.setCurrentIndex(dialog.extent.findData(extent))
    dialog.form.setCurrentIndex(dialog.form.findData(form))


def test_only_one_certificate_is_written_as_der(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = begin(pane, corpus, qtbot)
    choose(dialog, Extent.CHAIN, Form.PEM)
    assert dialog.form.findData(Form.DER) < 0
    choose(dialog, Extent.ONE, Form.DER)
    dialog.save_to(tmp_path / "leaf.cer")
    qtbot.waitUntil((tmp_path / "leaf.cer").exists)
    assert (tmp_path / "leaf.cer").read_bytes() == corpus.leaf.der


@pytest.mark.parametrize("form", [Form.PKCS12, Form.TRUSTSTORE])
def test_a_container_wants_a_password_twice_and_holds_no_key(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path, form: Form
) -> None:
    dialog = begin(pane, corpus, qtbot)
    assert not dialog.password.isVisible()
    choose(dialog, Extent.CHAIN_WITH_ROOT, form)
    assert dialog.password.isVisible()
    assert "No private key" in dialog.about.text()
    type_text(qtbot, dialog.password, "12345")
    click(qtbot, dialog.main_button)
    assert dialog._files is None, "it is too short"
    type_text(qtbot, dialog.password, "6")
    type_text(qtbot, dialog.again, "123457")
    click(qtbot, dialog.main_button)
    assert dialog._files is None, "they differ"
    dialog.again.clear()
    type_text(qtbot, dialog.again, "123456")
    assert dialog.validate(everything=True)
    path = tmp_path / "all.p12"
    dialog.save_to(path)
    qtbot.waitUntil(path.exists)
    loaded = load_pkcs12(path.read_bytes(), b"123456")
    assert loaded.key is None
    assert len(loaded.additional_certs) == 3


def test_the_trust_bundle_holds_every_trusted_root(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = begin(pane, corpus, qtbot)
    choose(dialog, Extent.TRUSTED, Form.PKCS7)
    dialog.save_to(tmp_path / "trust.p7b")
    qtbot.waitUntil((tmp_path / "trust.p7b").exists)
    items = read_incoming((tmp_path / "trust.p7b").read_bytes()).items
    assert [one.der for one in items] == [corpus.root.der]
