"""A key that can be exported: made, shown, exported and refused in the window."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.engine import make_bench
from tests.fakes.exportable import PASSWORD, issue_exportable, make_wrapping
from tests.ui.certificates.conftest import CTRL, Corpus, Scene, notices, waited, words_in
from tests.ui.conftest import click, dialog_of, press, type_text
from workbench.crypto import pkcs12
from workbench.pki import asking
from workbench.pki.bundles import Form
from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.panes.certificates.export_dialog import ExportDialog, KeyExport
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.sharing import Extent
from workbench.ui.panes.certificates.wizards.new_certificate import NewCertificateDialog
from workbench.ui.panes.keys.deletion import ask_deletion
from workbench.ui.panes.keys.impact import impact_of
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.widgets.dialogs import DangerDialog

NAME = "www.example.org"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys of files quickly."""
    monkeypatch.setattr(pkcs12, "ROUNDS", 1000)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Any]:
    made = make_bench(tmp_path / "vault")
    made.create_hierarchy(
        HierarchyRequest(algorithm="EC_prime256v1", alias="alias/sign"), lambda *_: None
    )
    make_wrapping(made, "exports")
    yield made
    made.close()


@pytest.fixture
def leaf(bench: Any) -> str:
    """A certificate whose key can be exported; its id."""
    authorities = bench.acm_pca.list_certificate_authorities()["CertificateAuthorities"]
    sub = next(one["Arn"] for one in authorities if one["Type"] == "SUBORDINATE")
    return str(issue_exportable(bench, "alias/exports", authority=sub)["Id"])


def begin(pane: CertificatesPane, leaf: str, qtbot: QtBot) -> ExportDialog:
    pane.choose(leaf)
    press(qtbot, pane.window(), Qt.Key.Key_E, CTRL)
    dialog = waited(qtbot, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    return dialog


def choose(dialog: ExportDialog, extent: Extent, form: Form) -> None:
    dialog.extent.setCurrentIndex(dialog.extent.findData(extent))
    dialog.form.setCurrentIndex(dialog.form.findData(form))


def fill(dialog: ExportDialog, qtbot: QtBot, password: str = PASSWORD) -> None:
    for field in (dialog.password, dialog.again):
        field.clear()
        type_text(qtbot, field, password)


def test_the_wizard_makes_one_and_the_inspector_says_so(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    pane.commands_by_name["issue"].trigger()
    dialog = waited(qtbot, NewCertificateDialog)
    assert dialog.source.currentData() == "key", "no key can be exported unless it is chosen"
    assert not dialog.exportable.wrapping.isVisible()
    dialog.source.setCurrentIndex(dialog.source.findData("exportable"))
    assert dialog.exportable.wrapping.isVisible()
    assert not dialog.key.isVisible()
    assert "in no journal here" in words_in(dialog)
    assert dialog.exportable.wrapping.currentText() == "alias/exports"
    assert not any("DSA" in dialog.exportable.spec.itemText(n) for n in range(7))
    type_text(qtbot, dialog.name, NAME)
    dialog.template.setCurrentIndex(dialog.template.findData(asking.TLS_SERVER))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(dialog.findings.isVisible)
    first = dialog_pair(pane)
    type_text(qtbot, dialog.others, NAME)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(NewCertificateDialog) is None)
    qtbot.waitUntil(lambda: [one.name for one in pane.selected] == [NAME])
    record = pane.selected[0]
    assert record.context == f"exportable-key={first}", "the key of the first look is the one"
    assert record.wrapping == wrapping_key(bench)["Arn"]
    told = words_in(pane.details)
    assert "Can be exported, under a password" in told
    assert record.context in told


def dialog_pair(pane: CertificatesPane) -> str:
    """Return the id of the pair that the wizard has made."""
    kept = pane.issuing._pair
    assert kept is not None
    return str(kept[2].members["EncryptionContext"]["exportable-key"])


def test_without_an_enabled_symmetric_key_the_wizard_says_what_to_do(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    bench.kms.disable_key(KeyId=wrapping_key(bench)["KeyId"])
    pane = open_pane(bench)
    pane.commands_by_name["issue"].trigger()
    dialog = waited(qtbot, NewCertificateDialog)
    dialog.source.setCurrentIndex(dialog.source.findData("exportable"))
    type_text(qtbot, dialog.name, NAME)
    click(qtbot, dialog.main_button)
    assert "create one in Keys" in words_in(dialog)


def wrapping_key(bench: Any) -> Any:
    return bench.kms.describe_key(KeyId="alias/exports")["KeyMetadata"]


def test_the_key_is_exported_with_its_chain_and_alone(
    open_pane: Scene, bench: Any, leaf: str, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(bench)
    dialog = begin(pane, leaf, qtbot)
    choose(dialog, Extent.CHAIN_WITH_ROOT, Form.KEY_PKCS12)
    assert dialog.form.findData(Form.KEY_PKCS8) < 0, "a key alone has no chain"
    assert "can use the key anywhere" in dialog.about.text()
    fill(dialog, qtbot)
    path = tmp_path / "web.p12"
    dialog.save_to(path)
    qtbot.waitUntil(lambda: dialog_of(ExportDialog) is None)
    opened = load_pkcs12(path.read_bytes(), PASSWORD.encode())
    own = x509.load_der_x509_certificate(pane.selected[0].der)
    assert opened.key is not None
    assert opened.key.public_key() == own.public_key()
    assert len(opened.additional_certs) == 2
    assert path.stat().st_mode & 0o777 == 0o600
    dialog = begin(pane, leaf, qtbot)
    choose(dialog, Extent.ONE, Form.KEY_PKCS8)
    fill(dialog, qtbot)
    dialog.save_to(path.with_suffix(".pem"))
    qtbot.waitUntil(lambda: dialog_of(ExportDialog) is None)
    key = load_pem_private_key(path.with_suffix(".pem").read_bytes(), PASSWORD.encode())
    assert key.public_key() == own.public_key()


def test_a_weak_password_is_told_and_a_shown_one_is_seen(
    open_pane: Scene, bench: Any, leaf: str, qtbot: QtBot
) -> None:
    dialog = begin(open_pane(bench), leaf, qtbot)
    choose(dialog, Extent.ONE, Form.KEY_PKCS12)
    fill(dialog, qtbot, "123456789012")
    click(qtbot, dialog.main_button)
    assert "too easy to guess" in words_in(dialog)
    assert "Strength: too weak" in words_in(dialog)
    assert dialog._files is None
    fill(dialog, qtbot)
    assert "Strength: strong" in words_in(dialog)
    assert dialog.password.echoMode() is QLineEdit.EchoMode.Password
    dialog._passwords.show_it.click()
    assert dialog.password.echoMode() is QLineEdit.EchoMode.Normal
    assert dialog.validate(everything=True)
    choose(dialog, Extent.ONE, Form.PKCS12)
    assert "Strength" not in "".join(
        one.text() for one in [dialog._passwords.about] if one.isVisible()
    )


def test_no_file_is_written_over_and_no_export_is_wasted(
    open_pane: Scene, bench: Any, leaf: str, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = begin(open_pane(bench), leaf, qtbot)
    choose(dialog, Extent.ONE, Form.KEY_PKCS8)
    fill(dialog, qtbot)
    path = tmp_path / "letter.pem"
    path.write_text("precious")
    dialog.save_to(path)
    qtbot.waitUntil(lambda: "takes no other file's place" in words_in(dialog))
    assert path.read_text() == "precious"
    assert dialog.isVisible()
    assert not events(bench, "ExportCertificateKey")
    dialog.save_to(tmp_path / "other.pem")
    qtbot.waitUntil(lambda: dialog_of(ExportDialog) is None)
    assert len(events(bench, "ExportCertificateKey")) == 1


def test_what_is_written_after_cancel_is_told(
    open_pane: Scene, bench: Any, leaf: str, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(bench)
    dialog = begin(pane, leaf, qtbot)
    choose(dialog, Extent.ONE, Form.KEY_PKCS8)
    fill(dialog, qtbot)
    dialog.save_to(tmp_path / "late.pem")
    dialog.reject()
    qtbot.waitUntil(lambda: any("late.pem" in words for words in notices(pane)))
    assert (tmp_path / "late.pem").exists()


def test_a_wanted_export_does_not_show_its_password() -> None:
    wanted = KeyExport("id", Path("key.pem"), Form.KEY_PKCS8, "NONE", PASSWORD)
    assert PASSWORD not in f"{wanted!r} {wanted}"


def events(bench: Any, name: str) -> list[Any]:
    attribute = {"AttributeKey": "EventName", "AttributeValue": name}
    found: list[Any] = bench.cloudtrail.lookup_events(LookupAttributes=[attribute])["Events"]
    return found


def test_a_refusal_names_the_statement_and_the_dialog_stays(
    open_pane: Scene, bench: Any, leaf: str, qtbot: QtBot, tmp_path: Path
) -> None:
    account = {"AWS": f"arn:aws:iam::{bench.place.account}:root"}
    every = {"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"}
    never = {**every, "Sid": "NoExports", "Effect": "Deny", "Action": "kms:Decrypt"}
    key = wrapping_key(bench)["KeyId"]
    text = json.dumps({"Version": "2012-10-17", "Statement": [every, never]})
    bench.kms.put_key_policy(KeyId=key, Policy=text)
    dialog = begin(open_pane(bench), leaf, qtbot)
    choose(dialog, Extent.ONE, Form.KEY_PKCS8)
    fill(dialog, qtbot)
    dialog.save_to(tmp_path / "key.pem")
    qtbot.waitUntil(lambda: "NoExports" in words_in(dialog))
    assert dialog.main_button.isEnabled()
    assert not (tmp_path / "key.pem").exists()


def test_deleting_the_last_certificate_warns_that_the_key_goes(
    open_pane: Scene, corpus: Corpus, qtbot: QtBot
) -> None:
    lost = corpus.id(corpus.lost)
    corpus.shelf.entries[lost]["ExportableKey"] = {"KeyId": "arn:aws:kms:us-west-2:1:key/k"}
    pane = open_pane(FakeBench(locked=False, shelf=corpus.shelf))
    pane.choose(lost)
    pane.commands_by_name["delete"].trigger()
    dialog = waited(qtbot, DangerDialog)
    # Other certificates of the corpus are of the same key, and keep it.
    assert "private key" not in words_in(dialog)
    dialog.reject()
    for name in (corpus.other, corpus.child):
        del corpus.shelf.entries[corpus.id(name)]
    pane.reload()
    qtbot.waitUntil(lambda: corpus.id(corpus.other) not in pane.collection.records)
    pane.choose(lost)
    pane.commands_by_name["delete"].trigger()
    dialog = waited(qtbot, DangerDialog)
    assert "Its private key goes with it" in words_in(dialog)
    assert "its private key cannot" in words_in(dialog)


def test_deleting_the_kms_key_counts_what_it_keeps(
    open_pane: Scene, bench: Any, leaf: str, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    key = wrapping_key(bench)
    row = KeyRow(key["KeyId"], key["Arn"], ("exports",), spec="SYMMETRIC_DEFAULT")
    impact = impact_of(bench.kms, bench.shelf, [row])
    assert [one.id for one in impact.exportable] == [leaf]
    assert not impact.certificates
    dialog = ask_deletion(pane.context, pane, [row], impact, lambda: None, lambda _days: None)
    assert "private key is kept encrypted under it and would be lost" in words_in(dialog)
    signing = bench.kms.describe_key(KeyId="alias/sign")["KeyMetadata"]
    other = KeyRow(signing["KeyId"], signing["Arn"], spec=signing["KeySpec"])
    assert not impact_of(bench.kms, bench.shelf, [other]).exportable
