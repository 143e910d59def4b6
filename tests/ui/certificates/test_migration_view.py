"""The view of what a quantum computer would break, and the list of documents."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from pytestqt.qtbot import QtBot

from tests.fakes.certificates import make, new_key
from tests.fakes.engine import make_bench
from tests.fakes.incoming import request, revocation_list
from tests.ui.certificates.conftest import Scene, button, waited, words_in
from tests.ui.conftest import click, dialog_of, type_text
from workbench.pki.authority import serial_text
from workbench.pki.migration import Kind, Urgency
from workbench.ui.panes.certificates.document_view import DocumentView
from workbench.ui.panes.certificates.documents_dialog import DocumentsDialog
from workbench.ui.panes.certificates.list_entries import certificates_of, find_entry
from workbench.ui.panes.certificates.migration_dialog import MigrationDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.records import read_collection


class Corpus:
    """A classical hierarchy, a post-quantum root, a key that encrypts, two documents."""

    def __init__(self, folder: Path) -> None:
        self.bench: Any = make_bench(folder)
        self.root = make("Old Root", key=new_key("P-256"))
        self.leaf = make("Old Leaf", self.root, key=new_key("P-256"), ca=False)
        self.new = make("New Root", key=new_key("ML-DSA-44"))
        data = self.root.pem + self.leaf.pem + self.new.pem
        self.bench.shelf.import_certificates(Data=data, TrustRoots=True)
        self.key = self.bench.kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        self.crl = revocation_list(self.root, self.leaf)
        self.bench.shelf.import_document(Document=self.crl)
        wish = request(new_key("P-256")).public_bytes(Encoding.DER)
        self.bench.shelf.import_document(Document=wish)


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    made = Corpus(tmp_path / "vault")
    yield made
    made.bench.close()


def open_view(pane: CertificatesPane, qtbot: QtBot) -> MigrationDialog:
    next(one for one in pane.extras.commands if "igration" in one.text()).trigger()
    dialog = waited(qtbot, MigrationDialog)
    assert isinstance(dialog, MigrationDialog)
    qtbot.waitUntil(lambda: dialog.survey is not None)
    return dialog


def test_the_view_is_filtered_explained_and_leads_to_things(
    open_pane: Scene, corpus: Corpus, qtbot: QtBot
) -> None:
    pane = open_pane(corpus.bench)
    dialog = open_view(pane, qtbot)
    assert dialog.shown[0].urgency is Urgency.NOW
    assert "recorded now" in dialog.why.text()
    assert dialog.summary.text().startswith("3 of 4 keys and certificates")
    dialog.which.setCurrentIndex(dialog.which.findData(Kind.LEAF))
    assert [row.name for row in dialog.shown] == ["Old Leaf"]
    dialog.which.setCurrentIndex(0)
    type_text(qtbot, dialog.filter, "new root")
    assert [row.name for row in dialog.shown] == ["New Root"]
    dialog.table.select_id(dialog.rows.id_at(0))
    click(qtbot, dialog.show_button)
    qtbot.waitUntil(lambda: dialog_of(MigrationDialog) is None)
    assert [record.name for record in pane.selected] == ["New Root"]


def test_what_is_shown_is_exported(
    open_pane: Scene, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(corpus.bench)
    dialog = open_view(pane, qtbot)
    type_text(qtbot, dialog.filter, "old")
    assert dialog.survey is not None
    table, bom = tmp_path / "out.csv", tmp_path / "out.cdx.json"
    save = pane.extras.migration.save_to
    save(table, dialog.survey, dialog.shown, cbom=False)
    qtbot.waitUntil(table.exists)
    with table.open(newline="", encoding="utf-8") as stream:
        assert {row["name"] for row in csv.DictReader(stream)} == {"Old Root", "Old Leaf"}
    save(bom, dialog.survey, dialog.shown, cbom=True)
    qtbot.waitUntil(bom.exists, timeout=15_000)
    text = bom.read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    names = {one["name"] for one in json.loads(text)["components"]}
    assert {"Old Root", "Old Leaf"} <= names
    assert "New Root" not in names
    dialog.reject()


def test_a_revoked_certificate_leads_to_its_entry_and_the_entry_back(
    open_pane: Scene, corpus: Corpus, qtbot: QtBot
) -> None:
    twin = make("Old Root", key=new_key("P-256"))
    corpus.bench.shelf.import_certificates(Data=twin.pem, TrustRoots=False)
    corpus.bench.shelf.import_document(Document=revocation_list(twin, corpus.new))
    pane = open_pane(corpus.bench)
    leaf = next(one for one in pane.collection.records.values() if one.name == "Old Leaf")
    pane.choose(leaf.id)
    qtbot.waitUntil(lambda: "Revoked by" in words_in(pane.details))
    click(qtbot, button(pane.details, "Entry in the list of CN=Old Root, O=Lab"))
    view = waited(qtbot, DocumentView)
    qtbot.waitUntil(lambda: view.table.selected_ids == [leaf.serial])
    assert view.show_button.isEnabled()
    other = next(one for one in pane.collection.records.values() if one.name == "New Root")
    pane.choose(other.id)
    click(qtbot, view.show_button)
    qtbot.waitUntil(lambda: pane.details.record is not None and pane.details.record.id == leaf.id)
    assert not view.isVisible()


def test_a_list_by_a_ca_of_the_same_name_is_no_entry(corpus: Corpus) -> None:
    collection = read_collection(corpus.bench.shelf, datetime.now(UTC))
    records = {one.name: one for one in collection.records.values()}
    leaf, root = records["Old Leaf"], records["Old Root"]
    found = find_entry(corpus.bench.shelf, leaf, collection)
    assert found is not None
    assert found.der == corpus.crl
    assert find_entry(corpus.bench.shelf, root, collection) is None
    forged = revocation_list(make("Old Root", key=new_key("P-256")), corpus.leaf)
    assert certificates_of(corpus.crl, {leaf.serial}, collection) == {leaf.serial: leaf.id}
    assert certificates_of(forged, {leaf.serial}, collection) == {}


def test_documents_are_listed_exported_and_deleted(
    open_pane: Scene, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(corpus.bench)
    next(one for one in pane.extras.commands if "quests" in one.text()).trigger()
    dialog = waited(qtbot, DocumentsDialog)
    qtbot.waitUntil(lambda: dialog.rows.rowCount() == 2)
    type_text(qtbot, dialog.filter, "revocation")
    assert dialog.rows.rowCount() == 1
    assert not dialog.export_button.isEnabled()
    dialog.table.select_id(dialog.rows.id_at(0))
    for name, form in (("list.crl", Encoding.DER), ("list.pem", Encoding.PEM)):
        dialog.save_to(tmp_path / name)
        qtbot.waitUntil((tmp_path / name).exists)
        crl = x509.load_der_x509_crl(corpus.crl)
        assert (tmp_path / name).read_bytes() == crl.public_bytes(form)
    click(qtbot, dialog.view_button)
    view = waited(qtbot, DocumentView)
    qtbot.waitUntil(lambda: view.rows.rowCount() == 1)
    serial = corpus.leaf.certificate.serial_number
    assert view.rows.id_at(0) == serial_text(serial)
    assert "CN=Old Root" in words_in(view)
    assert "CRL number" in words_in(view)
    for column in range(view.rows.columnCount()):
        assert view.table.columnWidth(column) >= view.table.sizeHintForColumn(column)
    type_text(qtbot, view.filter, "no such serial")
    assert view.rows.rowCount() == 0
    view.reject()
    click(qtbot, dialog.delete_button)
    qtbot.waitUntil(lambda: dialog.rows.total == 1)
    dialog.reject()
