"""A certificate asked for, checked, issued and revoked in the window, on the real engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pytestqt.qtbot import QtBot

from tests.fakes.certificates import new_key
from tests.fakes.engine import make_bench
from tests.fakes.incoming import request
from tests.ui.certificates.conftest import Scene, waited, words_in
from tests.ui.conftest import click, dialog_of, type_text
from workbench.base.errors import Refused
from workbench.pki import asking as orders
from workbench.pki.alternative import alternative_name
from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.panes.certificates.lifecycle.renewing import SuccessorDialog
from workbench.ui.panes.certificates.lifecycle.revoking import RevokeDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.wizards.new_certificate import NewCertificateDialog


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Any]:
    made = make_bench(tmp_path / "vault")
    made.create_hierarchy(
        HierarchyRequest(algorithm="EC_prime256v1", alias="alias/sign"), lambda *_: None
    )
    yield made
    made.close()


def named(pane: CertificatesPane, name: str) -> Record:
    return next(one for one in pane.collection.records.values() if one.name == name)


def ask(pane: CertificatesPane, qtbot: QtBot) -> NewCertificateDialog:
    pane.choose(named(pane, "Code Signing Subordinate").id)
    pane.commands_by_name["issue"].trigger()
    dialog = waited(qtbot, NewCertificateDialog)
    assert isinstance(dialog, NewCertificateDialog)
    return dialog


def test_a_key_of_the_vault_is_certified_for_a_server(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    dialog = ask(pane, qtbot)
    assert dialog.issuer.currentText().startswith("Code Signing Subordinate")
    click(qtbot, dialog.main_button)
    assert "Give it a name." in words_in(dialog), "nothing is asked for without a name"
    type_text(qtbot, dialog.name, "www.example.com")
    type_text(qtbot, dialog.others, "www.example.com 127.0.0.1")
    dialog.template.setCurrentIndex(dialog.template.findData(orders.TLS_SERVER))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(NewCertificateDialog) is None)
    qtbot.waitUntil(lambda: [one.name for one in pane.selected] == ["www.example.com"])
    certificate = x509.load_der_x509_certificate(pane.selected[0].der)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["www.example.com"]
    assert (
        certificate.issuer
        == x509.load_der_x509_certificate(named(pane, "Code Signing Subordinate").der).subject
    )


def test_what_strict_verifiers_reject_is_issued_only_knowingly(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    dialog = ask(pane, qtbot)
    type_text(qtbot, dialog.name, "Nameless server")
    dialog.template.setCurrentIndex(dialog.template.findData(orders.TLS_SERVER))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(dialog.findings.isVisible)
    assert "Would be rejected" in dialog.findings.text()
    assert not dialog.main_button.isEnabled()
    type_text(qtbot, dialog.name, "!")
    assert dialog.main_button.isEnabled(), "another name is checked anew"
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(dialog.findings.isVisible)
    dialog.override.setChecked(True)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: [one.name for one in pane.selected] == ["Nameless server!"])


def test_a_request_dropped_on_a_ca_is_certified_by_it(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    wish = request(new_key("P-256")).public_bytes(Encoding.PEM).decode()
    ca = named(pane, "Code Signing Subordinate")
    pane.tree.csr_dropped.emit(ca.id, wish)
    dialog = waited(qtbot, NewCertificateDialog)
    assert dialog.order.csr.strip() == wish.strip()
    assert dialog.order.issuer in ca.arns
    before = set(pane.collection.records)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(NewCertificateDialog) is None)
    qtbot.waitUntil(lambda: len(set(pane.collection.records) - before) == 1)


def test_a_damaged_request_is_refused_before_anything_is_asked(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(bench)
    dialog = ask(pane, qtbot)
    dialog.take_request("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END")
    click(qtbot, dialog.main_button)
    assert "no certificate request that can be read" in words_in(dialog)
    other = tmp_path / "letter.txt"
    other.write_text("no request")
    dialog.read_file(other)
    assert "“letter.txt” holds no certificate request." in words_in(dialog)
    wish = bytearray(request(new_key("P-256")).public_bytes(Encoding.DER))
    wish[-1] ^= 1
    forged = x509.load_der_x509_csr(bytes(wish)).public_bytes(Encoding.PEM).decode()
    with pytest.raises(Refused, match="not its key's"):
        orders.request_name(forged)


@pytest.mark.parametrize(
    "text", ["a b", "x/y", "a@@b c", "ä" * 300, "dir:Anna", "rid:x", "other:1.2.3", "ip:x"]
)
def test_other_names_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="no DNS name"):
        alternative_name(text)


def test_revoking_a_ca_tells_what_breaks_and_cancel_is_the_default(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    pane.choose(named(pane, "Code Signing Root").id)
    assert not pane.commands_by_name["revoke"].isEnabled()
    ca = named(pane, "Code Signing Subordinate")
    pane.choose(ca.id)
    pane.commands_by_name["revoke"].trigger()
    dialog = waited(qtbot, RevokeDialog)
    assert dialog.cancel_button.isDefault()
    assert "1 certificate below it would no longer be valid" in words_in(dialog)
    click(qtbot, dialog.cancel_button)
    qtbot.waitUntil(lambda: dialog_of(RevokeDialog) is None)
    assert named(pane, "Code Signing Subordinate").revoked is None
    pane.commands_by_name["revoke"].trigger()
    dialog = waited(qtbot, RevokeDialog)
    dialog.reason.setCurrentIndex(dialog.reason.findData("KEY_COMPROMISE"))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: named(pane, "Code Signing Subordinate").revoked is not None)
    assert pane.collection.records[ca.id].reason
    pane.choose(ca.id)
    assert not pane.commands_by_name["revoke"].isEnabled()


@pytest.mark.parametrize("choice", ["same", "new"])
@pytest.mark.parametrize("name", ["Code Signing", "Code Signing Subordinate"])
def test_a_successor_has_the_same_key_or_a_new_one(
    open_pane: Scene, bench: Any, qtbot: QtBot, name: str, choice: str
) -> None:
    pane = open_pane(bench)
    before = named(pane, name)
    pane.choose(before.id)
    pane.commands_by_name["renew"].trigger()
    dialog = waited(qtbot, SuccessorDialog)
    assert dialog.days.value() == round((before.ends - before.starts).total_seconds() / 86_400)
    dialog.days.setValue(200)
    dialog.choice.setCurrentIndex(dialog.choice.findData(choice))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(SuccessorDialog) is None)
    qtbot.waitUntil(
        lambda: any(
            one.name == name and one.id != before.id for one in pane.collection.records.values()
        )
    )
    after = next(
        one for one in pane.collection.records.values() if one.name == name and one.id != before.id
    )
    assert (after.spki_hash == before.spki_hash) is (choice == "same")


def test_a_validity_beyond_the_issuers_is_refused_in_the_dialog(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    pane.choose(named(pane, "Code Signing").id)
    pane.commands_by_name["renew"].trigger()
    dialog = waited(qtbot, SuccessorDialog)
    dialog.days.setValue(30_000)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(dialog.main_button.isEnabled)
    assert "alid" in words_in(dialog)
    assert dialog_of(SuccessorDialog) is dialog
    assert sum(one.name == "Code Signing" for one in pane.collection.records.values()) == 1


def test_a_ca_is_certified_by_another_one_as_well(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    other = HierarchyRequest(
        root_name="Other Root",
        subordinate_name="Other Subordinate",
        signer_name="Other",
        algorithm="EC_prime256v1",
        alias="alias/other",
    )
    bench.create_hierarchy(other, lambda *_: None)
    pane = open_pane(bench)
    pane.choose(named(pane, "Code Signing").id)
    assert not pane.commands_by_name["cross"].isEnabled()
    root = named(pane, "Other Root")
    pane.choose(root.id)
    pane.commands_by_name["cross"].trigger()
    dialog = waited(qtbot, SuccessorDialog)
    place = [dialog.choice.itemText(n).split(" (")[0] for n in range(dialog.choice.count())]
    assert "Other Root" not in place
    dialog.choice.setCurrentIndex(place.index("Code Signing Root"))
    dialog.days.setValue(400)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(SuccessorDialog) is None)
    qtbot.waitUntil(
        lambda: any(
            one.name == "Other Root" and one.issuer == "Code Signing Root"
            for one in pane.collection.records.values()
        )
    )
