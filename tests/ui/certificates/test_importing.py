"""Bringing things into the collection through the window: reviewed, opened, taken in."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.fakes.certificates import DAY, make, new_key
from tests.fakes.engine import make_bench
from tests.fakes.incoming import pkcs8, request, revocation_list
from tests.ui.certificates.conftest import CTRL, Corpus, Scene, waited, words_in
from tests.ui.conftest import click, dialog_of, press, type_text
from workbench.base.errors import Cancelled
from workbench.pki.incoming.items import Sort
from workbench.pki.shelf import public_key_hash
from workbench.ui.panes.certificates.import_dialog import ImportDialog
from workbench.ui.panes.certificates.import_table import KIND, NAME, VERDICT
from workbench.ui.panes.certificates.incoming import Findings, look_into, look_into_files
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.reading import ReadingDialog
from workbench.ui.session import Session

XCA = Path(__file__).parents[2] / "unit" / "pki" / "incoming" / "xca-2.4.xdb"


def cells(dialog: ImportDialog, column: int) -> list[str]:
    model = dialog.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def show(pane: CertificatesPane, qtbot: QtBot, path: Path) -> ImportDialog:
    pane.show_target(f"import:{path}")
    dialog = waited(qtbot, ImportDialog)
    assert isinstance(dialog, ImportDialog)
    return dialog


def test_pasted_certificates_are_reviewed_then_imported(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"
    text = corpus.absent.pem.decode() + corpus.leaf.pem.decode() + key
    QGuiApplication.clipboard().setText(text)
    pane.tree.setFocus()
    press(qtbot, pane.tree, Qt.Key.Key_V, CTRL)
    dialog = waited(qtbot, ImportDialog)
    assert cells(dialog, KIND)[0] == "Root CA, EC P-256"
    assert cells(dialog, VERDICT)[:2] == ["Good", "In the collection already."]
    assert "nothing that can be imported" in cells(dialog, VERDICT)[2]
    assert "nothing that can be imported" in dialog.verdict.text(), "the worst is told in full"
    assert dialog.main_button.text() == "Import 1 certificate"
    assert not dialog.trust.isChecked()
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: len(pane.collection.records) == 8)
    assert dialog.isVisible(), "what could not be imported stays told"
    click(qtbot, dialog.cancel_button)
    assert [record.name for record in pane.selected] == ["Absent Root"]
    lost = pane.collection.records[corpus.id(corpus.lost)]
    assert lost.state == "valid"
    assert not pane.collection.records[lost.issuer_id].trusted


def test_a_file_with_nothing_new_offers_no_import(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "known.txt").write_bytes(corpus.leaf.pem)
    dialog = show(pane, qtbot, tmp_path / "known.txt")
    assert not dialog.main_button.isVisible()
    press(qtbot, dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog_of(ImportDialog) is None)
    assert "ImportCertificates" not in corpus.shelf.calls


def test_what_is_not_ticked_stays_out(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "mixed"
    crl = revocation_list(corpus.sub, corpus.leaf)
    file.write_bytes(corpus.absent.pem + request(new_key("P-256")).public_bytes(Encoding.PEM))
    (tmp_path / "crl.bin").write_bytes(crl)
    pane.show_target(f"import:{file}\0{tmp_path / 'crl.bin'}")
    dialog = waited(qtbot, ImportDialog)
    assert dialog.main_button.text() == "Import 3 items"
    index = dialog.model.index(0, NAME)
    rect = dialog.table.visualRect(index)
    press(qtbot, dialog.table, Qt.Key.Key_Home)
    press(qtbot, dialog.table, Qt.Key.Key_Space)
    assert dialog.model.line(0).wanted is False
    assert rect.isValid()
    assert dialog.main_button.text() == "Import 2 items"
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: len(corpus.shelf.documents) == 2)
    assert len(pane.collection.records) == 7


def test_a_container_asks_once_and_again_until_it_opens(
    open_pane: Scene, qtbot: QtBot, tmp_path: Path
) -> None:
    bench = make_bench(tmp_path / "vault")
    pane = open_pane(bench)
    root = make("Their Root", key=new_key("P-384"))
    leaf = make("Their Signer", root, key=new_key("RSA"), ca=False)
    file = tmp_path / "theirs.bin"
    file.write_bytes(
        serialize_key_and_certificates(
            b"signer", leaf.key, leaf.certificate, [root.certificate],
            BestAvailableEncryption(b"open sesame"),
        )
    )  # fmt: skip
    dialog = show(pane, qtbot, file)
    assert dialog.sealed.isVisible()
    assert dialog.sealed.password.echoMode() == dialog.sealed.password.EchoMode.Password
    assert not dialog.main_button.isEnabled()
    type_text(qtbot, dialog.sealed.password, "sesame")
    press(qtbot, dialog.sealed.password, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.sealed.wrong.isVisible)
    assert "does not open it" in dialog.sealed.wrong.text()
    type_text(qtbot, dialog.sealed.password, "open sesame")
    click(qtbot, dialog.sealed.open_button)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 3)
    assert not dialog.sealed.isVisible()
    assert cells(dialog, KIND)[2] == "Private key, RSA 2048"
    assert dialog.main_button.text() == "Import 3 items"
    key = dialog.findings.lines[2].item.key
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: len(pane.collection.records) == 2, timeout=20_000)
    qtbot.waitUntil(lambda: "material is in the module" in cells(dialog, VERDICT)[2])
    assert key is not None
    assert not key.importable, "its bytes are gone"
    kms: Any = bench.kms
    (name,) = [one["KeyId"] for one in kms.list_keys()["Keys"]]
    record = next(one for one in pane.collection.records.values() if not one.authority)
    assert public_key_hash(kms.get_public_key(KeyId=name)["PublicKey"]) == record.spki_hash
    click(qtbot, dialog.cancel_button)
    bench.close()


def test_an_xca_database_comes_in_with_its_keys(
    open_pane: Scene, qtbot: QtBot, tmp_path: Path
) -> None:
    bench = make_bench(tmp_path / "vault")
    pane = open_pane(bench)
    dialog = show(pane, qtbot, XCA)
    assert dialog.model.rowCount() == 4
    type_text(qtbot, dialog.sealed.password, "secret")
    press(qtbot, dialog.sealed.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 7)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: all(line.outcome for line in dialog.findings.lines), timeout=20_000)
    assert all(line.outcome.good for line in dialog.findings.lines if line.outcome)
    kms: Any = bench.kms
    assert len(kms.list_keys()["Keys"]) == 3
    qtbot.waitUntil(lambda: len(pane.collection.records) == 2)
    click(qtbot, dialog.cancel_button)
    bench.close()


def test_a_container_can_be_skipped(pane: CertificatesPane, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(pkcs8(new_key("P-256"), "p"))
    dialog = show(pane, qtbot, tmp_path / "key")
    click(qtbot, dialog.sealed.skip_button)
    assert not dialog.sealed.isVisible()
    assert not dialog.main_button.isVisible()
    click(qtbot, dialog.cancel_button)


def test_closing_the_dialog_overwrites_the_keys(
    pane: CertificatesPane, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "key").write_bytes(pkcs8(new_key("P-256")))
    dialog = show(pane, qtbot, tmp_path / "key")
    key = dialog.findings.lines[0].item.key
    assert key is not None
    assert key.importable
    click(qtbot, dialog.cancel_button)
    qtbot.waitUntil(lambda: not key.importable)


def test_locking_overwrites_the_keys_that_wait(
    pane: CertificatesPane, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "key").write_bytes(pkcs8(new_key("P-256")))
    dialog = show(pane, qtbot, tmp_path / "key")
    key = dialog.findings.lines[0].item.key
    dialog.setProperty("curtained", True)
    dialog.hide()
    assert key is not None
    assert not key.importable
    dialog.setProperty("curtained", None)
    dialog.show()
    assert not dialog.main_button.isEnabled()
    click(qtbot, dialog.cancel_button)


def test_files_are_judged_by_content(tmp_path: Path) -> None:
    root = make("Root", key=new_key("P-256"))
    sub = make("Sub", root, key=root.key, ca=True)
    (tmp_path / "photo.jpg").write_bytes(root.der)
    (tmp_path / "cert.pem").write_bytes(b"no certificate at all")
    (tmp_path / "mixed").write_bytes(sub.pem + root.pem)
    os.mkfifo(tmp_path / "pipe")
    paths = [tmp_path / name for name in ("photo.jpg", "cert.pem", "mixed", "absent.pem")]
    told: list[str] = []
    everything = [*paths, tmp_path, tmp_path / "pipe"]
    reading = look_into_files(everything, lambda what, _share: told.append(what))
    assert told[:2] == ["photo.jpg", "cert.pem"]
    findings = Findings()
    findings.add(reading)
    lines = findings.lines
    assert [line.item.sort for line in lines] == [
        Sort.CERTIFICATE, Sort.OTHER, Sort.CERTIFICATE, Sort.CERTIFICATE, Sort.OTHER, Sort.OTHER,
        Sort.OTHER,
    ]  # fmt: skip
    assert [line.new for line in lines] == [True, False, True, False, False, False, False]
    assert lines[3].twice
    assert "absent.pem" in lines[4].item.problem
    assert "folder" in lines[5].item.problem
    assert "no file with content" in lines[6].item.problem, "a pipe would be waited for"


def test_reading_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")

    def stop(_what: str, _share: float) -> None:
        raise Cancelled("You stopped it.")

    with pytest.raises(Cancelled):
        look_into_files([tmp_path / "file"], stop)


def test_nothing_in_pasted_text_is_said() -> None:
    (item,) = look_into(b"hello").items
    assert item.problem


def test_a_list_that_came_in_counts_when_a_chain_is_checked(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    crl = revocation_list(corpus.sub, corpus.leaf, start=now - DAY, end=now + DAY)
    (tmp_path / "list").write_bytes(crl)
    pane.choose(corpus.id(corpus.leaf))
    pane.details.open_chain()
    qtbot.waitUntil(lambda: "Not trusted" not in words_in(pane.details)
                    and "Trusted" in words_in(pane.details))  # fmt: skip
    dialog = show(pane, qtbot, tmp_path / "list")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(ImportDialog) is None)
    pane.choose(corpus.id(corpus.old))
    pane.choose(corpus.id(corpus.leaf))
    pane.details.open_chain()
    qtbot.waitUntil(lambda: "Not trusted" in words_in(pane.details))
    assert "revoked" in words_in(pane.details).lower()


def test_text_that_was_dropped_is_reviewed_too(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    text = request(new_key("P-256"), "Dropped").public_bytes(Encoding.PEM).decode()
    pane.show_target(f"import-text:{text}")
    dialog = waited(qtbot, ImportDialog)
    assert cells(dialog, KIND) == ["Request, EC P-256"]
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: len(corpus.shelf.documents) == 1)
    qtbot.waitUntil(lambda: dialog_of(ImportDialog) is None)
    assert not pane.importer.take_target("Main Root"), "a name is not an import"


def test_importing_is_stopped_between_items(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    wishes = [request(new_key("P-256"), f"n{n}").public_bytes(Encoding.PEM) for n in range(3)]
    (tmp_path / "wishes").write_bytes(b"".join(wishes))
    dialog = show(pane, qtbot, tmp_path / "wishes")
    kept = corpus.shelf.import_document

    def stopping(**request: bytes) -> dict[str, Any]:
        pane.importer._stopped.set()
        return kept(**request)

    corpus.shelf.import_document = stopping  # type: ignore[method-assign]
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: all(line.outcome for line in dialog.findings.lines))
    words = cells(dialog, VERDICT)
    assert words[0] == "Added."
    assert words[1:] == ["Not taken in: you stopped before."] * 2
    assert len(corpus.shelf.documents) == 1
    click(qtbot, dialog.cancel_button)


def test_reading_many_files_shows_itself_and_can_be_stopped(
    pane: CertificatesPane, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{number}" for number in range(400)]
    for path in paths:
        with path.open("wb") as stream:
            stream.truncate(8 * 1024 * 1024)
    pane.importer.patience = 0
    pane.importer.take_files(paths)
    dialog = waited(qtbot, ReadingDialog)
    click(qtbot, dialog.cancel_button)
    qtbot.waitUntil(lambda: session.idle)
    assert pane.importer.dialog is None
    assert dialog_of(ReadingDialog) is None
    pane.importer.take_files(paths[:1])
    dialog = waited(qtbot, ImportDialog)
    assert dialog_of(ReadingDialog) is None
    click(qtbot, dialog.cancel_button)
