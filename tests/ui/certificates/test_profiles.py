"""Profiles seen, edited, kept, exported and deleted in the window, on the real engine."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.fakes.certificates import CODE, make
from tests.fakes.engine import make_bench
from tests.ui.certificates.conftest import Scene, button, waited, words_in
from tests.ui.conftest import click, dialog_of, press, type_text
from workbench.pki.asking import Order, request_of
from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.panes.certificates.lifecycle.renewing import SuccessorDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.profiles.browser import ProfilesDialog
from workbench.ui.panes.certificates.profiles.editor import ProfileDialog
from workbench.ui.panes.certificates.profiles.words import purposes, usages
from workbench.ui.widgets.dialogs import DangerDialog, FormDialog

_LONG = 20_000
CODE_SIGNING = "arn:aws:acm-pca:::template/CodeSigningCertificate/V1"
FULL = {
    "Name": "full",
    "Description": "All of it",
    "CertificateAuthority": True,
    "PathLength": 1,
    "BasicConstraintsCritical": True,
    "KeyUsage": ["key_cert_sign", "crl_sign"],
    "ExtendedKeyUsage": ["1.3.6.1.5.5.7.3.3", "1.2.3.4"],
    "ExtendedKeyUsageCritical": True,
    "SelfSigned": False,
    "PassesApi": False,
    "PassesCsr": True,
    "ValidityDays": 400,
    "Revocation": "OWN",
    "CrlAddresses": ["http://a.example/1.crl", "http://b.example/1.crl"],
    "OcspAddresses": [],
    "IssuerAddresses": ["http://a.example/ca.cer"],
    "Extensions": [
        {"ObjectIdentifier": "1.3.6.1.5.5.7.1.24", "Critical": True, "Value": b"\x30\x03\2\1\5"}
    ],
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Any]:
    made = make_bench(tmp_path / "vault")
    made.shelf.create_profile(Name="mine", Description="For us", TemplateArn=CODE_SIGNING)
    yield made
    made.close()


def kept(bench: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = bench.shelf.get_profile(Name=name)["Profile"]
    return found


def names(bench: Any) -> list[str]:
    return [one["Name"] for one in bench.shelf.list_profiles(Kind="KEPT")["Profiles"]]


def browse(pane: CertificatesPane, qtbot: QtBot) -> ProfilesDialog:
    pane.commands_by_name["profiles"].trigger()
    dialog = waited(qtbot, ProfilesDialog)
    assert isinstance(dialog, ProfilesDialog)
    qtbot.waitUntil(lambda: len(dialog.entries) > 60)
    return dialog


def opened(qtbot: QtBot) -> ProfileDialog:
    dialog = waited(qtbot, ProfileDialog)
    assert isinstance(dialog, ProfileDialog)
    return dialog


def remarked(dialog: ProfileDialog, qtbot: QtBot, passes: Callable[[str], bool]) -> None:
    qtbot.waitUntil(lambda: passes("\n".join(dialog.remarks.texts)), timeout=_LONG)


def test_a_template_is_shown_and_a_profile_begun_from_it_with_what_standards_say(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    dialog = browse(open_pane(bench), qtbot)
    assert dialog.rows.row(0)["Name"] == "mine", "one's own come first"
    dialog.table.select_id("AWS EndEntityCertificate")
    assert not dialog.delete_button.isEnabled()
    assert dialog.delete_button.toolTip().startswith("It cannot be changed")
    click(qtbot, dialog.show_button)
    shown = opened(qtbot)
    usage = shown.form.usage["key_encipherment"]
    click(qtbot, usage, QPoint(8, usage.height() // 2))
    press(qtbot, usage, Qt.Key.Key_Space)
    type_text(qtbot, shown.form.description, "other")
    assert usage.isChecked()
    assert (shown.form.description.text(), shown.form.days.isEnabled()) == ("", False)
    assert not shown.main_button.isVisible()
    shown.reject()
    qtbot.waitUntil(lambda: dialog_of(ProfileDialog) is None)
    click(qtbot, dialog.new_button)
    editor = opened(qtbot)
    remarked(editor, qtbot, lambda text: "With ML-DSA keys:" in text and "RFC 9881 §5" in text)
    assert "TLS server authentication" in editor.remarks.sample.text()
    click(qtbot, editor.main_button)
    assert "1 to 64 letters" in words_in(editor)
    type_text(qtbot, editor.name, "mine")
    assert "There is a profile of this name already." in words_in(editor)
    type_text(qtbot, editor.name, "-servers")
    editor.form.usage["key_encipherment"].setChecked(False)
    remarked(editor, qtbot, lambda text: "RFC 9881" not in text)
    click(qtbot, editor.main_button)
    qtbot.waitUntil(lambda: dialog_of(ProfileDialog) is None)
    qtbot.waitUntil(lambda: [one["Name"] for one in dialog.table.selected_rows] == ["mine-servers"])
    assert kept(bench, "mine-servers")["KeyUsage"] == ["digital_signature"]


def test_every_field_goes_there_and_back(open_pane: Scene, bench: Any, qtbot: QtBot) -> None:
    bench.shelf.create_profile(Name="full", Profile=FULL)
    before = kept(bench, "full")
    dialog = browse(open_pane(bench), qtbot)
    dialog.table.select_id("KEPT full")
    click(qtbot, dialog.show_button)
    editor = opened(qtbot)
    assert not editor.name_group.isEnabled()
    type_text(qtbot, editor.form.policies, "1.2.3.4.5 https://cps.example")
    click(qtbot, editor.main_button)
    qtbot.waitUntil(lambda: dialog_of(ProfileDialog) is None)
    after = kept(bench, "full")
    policy, *others = after.pop("Extensions")
    assert policy["ObjectIdentifier"] == "2.5.29.32"
    assert others == before.pop("Extensions")
    assert after == before


def test_what_makes_no_sense_is_said_and_not_kept(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    dialog = browse(open_pane(bench), qtbot)
    dialog.table.select_id("KEPT mine")
    click(qtbot, dialog.show_button)
    editor, form = opened(qtbot), opened(qtbot).form
    form.revocation.setCurrentIndex(form.revocation.findData("OWN"))
    form.other_purposes.setText("1.2.x")
    form.further.setPlainText("2.5.29.15 0303")
    click(qtbot, editor.main_button)
    words = words_in(editor)
    assert "Give at least one address below." in words
    assert "“1.2.x” is no object identifier." in words
    remarked(editor, qtbot, lambda text: "no object identifier" in text)
    form.other_purposes.clear()
    form.revocation.setCurrentIndex(form.revocation.findData("NONE"))
    click(qtbot, editor.main_button)
    qtbot.waitUntil(lambda: "has a place of its own in a profile" in words_in(editor))
    assert dialog_of(ProfileDialog) is editor
    assert kept(bench, "mine")["Revocation"] == "AUTHORITY"


def test_a_profile_of_a_certificate(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    bench.create_hierarchy(
        HierarchyRequest(algorithm="EC_prime256v1", alias="alias/sign"), lambda *_: None
    )
    pane = open_pane(bench)
    assert not pane.commands_by_name["profile"].isEnabled()
    signer = next(o for o in pane.collection.records.values() if o.name == "Code Signing")
    pane.choose(signer.id)
    pane.commands_by_name["profile"].trigger()
    editor = opened(qtbot)
    assert editor.name.text() == "Code-Signing"
    assert editor.form.purpose["1.3.6.1.5.5.7.3.3"].isChecked()
    click(qtbot, editor.main_button)
    qtbot.waitUntil(lambda: "Code-Signing" in names(bench))
    bench.shelf.create_profile(Name="a-ca", Profile={"Name": "x", "CertificateAuthority": True})
    pane.choose(signer.id)
    pane.commands_by_name["renew"].trigger()
    renewal = waited(qtbot, SuccessorDialog)
    offered = [renewal.profile.itemText(n) for n in range(renewal.profile.count())]
    assert [one.split("“")[-1].split("”")[0] for one in offered[1:]] == ["Code-Signing", "mine"]
    renewal.profile.setCurrentIndex(1)
    click(qtbot, renewal.main_button)
    qtbot.waitUntil(lambda: bench.shelf.list_profile_uses(Name="Code-Signing")["Count"] == 1)
    qtbot.waitUntil(lambda: dialog_of(SuccessorDialog) is None)
    dialog = browse(pane, qtbot)
    other, noise = tmp_path / "other.pem", tmp_path / "noise.pem"
    other.write_bytes(make("Other", ca=False, eku=(CODE,)).certificate.public_bytes(Encoding.PEM))
    noise.write_text("no certificate")
    pane.profiles.take_certificate(noise)
    qtbot.waitUntil(lambda: "MalformedCertificate" in words_in(dialog))
    pane.profiles.take_certificate(other)
    assert opened(qtbot).name.text() == "other"


def test_duplicated_renamed_and_deleted(open_pane: Scene, bench: Any, qtbot: QtBot) -> None:
    bench.create_hierarchy(
        HierarchyRequest(algorithm="EC_prime256v1", alias="alias/sign"), lambda *_: None
    )
    _issue_from_mine(bench)
    pane = open_pane(bench)
    dialog = browse(pane, qtbot)
    dialog.table.select_id("KEPT mine")
    assert dialog.new_button.text().replace("&", "") == "Duplicate…"
    click(qtbot, dialog.new_button)
    editor = opened(qtbot)
    assert (editor.name.text(), editor.form.description.text()) == ("mine-2", "For us")
    click(qtbot, editor.main_button)
    qtbot.waitUntil(lambda: names(bench) == ["mine", "mine-2"])
    dialog.table.select_id("KEPT mine")
    click(qtbot, dialog.rename_button)
    naming = pane.profiles.naming
    assert isinstance(naming, FormDialog)
    qtbot.waitUntil(naming.isVisible)
    field = naming.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    type_text(qtbot, field, "mine-2")
    click(qtbot, naming.main_button)
    qtbot.waitUntil(lambda: "ResourceExists" in words_in(naming))
    type_text(qtbot, field, "-b")
    click(qtbot, naming.main_button)
    qtbot.waitUntil(lambda: names(bench) == ["mine-2", "mine-2-b"])
    qtbot.waitUntil(lambda: [one["Name"] for one in dialog.table.selected_rows] == ["mine-2-b"])
    click(qtbot, dialog.delete_button)
    question = waited(qtbot, DangerDialog)
    assert "CN=Made, until" in words_in(question)
    assert "stay valid" in words_in(question)
    click(qtbot, button(question, "Cancel"))
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) is None)
    assert len(names(bench)) == 2
    click(qtbot, dialog.delete_button)
    click(qtbot, waited(qtbot, DangerDialog).choice_buttons[0])
    qtbot.waitUntil(lambda: names(bench) == ["mine-2"])


def _issue_from_mine(bench: Any) -> None:
    ca = bench.acm_pca.list_certificate_authorities()["CertificateAuthorities"]
    issuer = next(one["Arn"] for one in ca if one["Type"] == "SUBORDINATE")
    order = Order(issuer, kept(bench, "mine")["Arn"], 30, "alias/sign", "Made")
    bench.shelf.issue_certificate(**request_of(bench.kms, order))


def test_exported_and_imported(open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path) -> None:
    pane = open_pane(bench)
    dialog = browse(pane, qtbot)
    dialog.table.select_id("KEPT mine")
    click(qtbot, dialog.export_button)
    written = tmp_path / "mine.profile.json"
    asked = pane.profiles.asked
    assert asked is not None
    asked.fileSelected.emit(str(written))
    asked.reject()
    qtbot.waitUntil(written.exists)
    document = json.loads(written.read_text())
    assert document["name"] == "mine"
    document["name"] = "other"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    pane.profiles.take_document(other)
    qtbot.waitUntil(lambda: names(bench) == ["mine", "other"])
    document["days"] = 5
    other.write_text(json.dumps(document))
    pane.profiles.take_document(other)
    click(qtbot, waited(qtbot, DangerDialog).choice_buttons[1])
    qtbot.waitUntil(lambda: kept(bench, "other")["ValidityDays"] == 5)
    pane.profiles.take_document(other)
    click(qtbot, waited(qtbot, DangerDialog).choice_buttons[0])
    assert opened(qtbot).name.text() == "other-2"


def test_what_is_no_profile_is_said(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(bench)
    dialog = browse(pane, qtbot)
    wrong = tmp_path / "wrong.json"
    for data, says in (
        (b"\xff\xfe", "is not a certificate profile of Key Workbench"),
        (b"{", "The file is not JSON."),
        (b'{"format": "key-workbench certificate profile 1", "name": "x", "hue": 1}', "hue"),
        (b"0" * (1 << 16) + b"0", "is too large"),
    ):
        wrong.write_bytes(data)
        pane.profiles.take_document(wrong)
        qtbot.waitUntil(partial(_says, dialog, says))
    pane.profiles.take_document(tmp_path)
    qtbot.waitUntil(lambda: "is no file" in words_in(dialog))
    assert names(bench) == ["mine"]


def _says(dialog: ProfilesDialog, text: str) -> bool:
    return text in words_in(dialog)


def test_every_usage_and_purpose_has_words_of_its_own() -> None:
    for table in (usages(), purposes()):
        assert len({words for _, words in table}) == len(table)
        assert all(words[0].isupper() or words.startswith("IP") for _, words in table)
