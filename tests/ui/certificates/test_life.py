"""The life of the vault's own CAs in the window, on the real engine.

Certified outside the vault, disabled, deleted, restored, reported, and successors overridden.
"""

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.fakes.certificates import CA_BITS, DAY, Made, make, name, new_key
from tests.fakes.engine import QUICK
from tests.fakes.secrets import MemoryStore
from tests.ui.certificates.conftest import (
    Scene,
    card_point,
    click_card,
    drawn,
    notices,
    waited,
    words_in,
)
from tests.ui.conftest import click, dialog_of, type_text
from tests.ui.test_drop import Foreign
from workbench.assembly import Assembly
from workbench.base.clock import TravelClock
from workbench.pki.authority import Status
from workbench.pki.quickstart import HierarchyRequest
from workbench.pki.roster import Held, read_roster
from workbench.pki.templates import key_usage
from workbench.signing.choices import Choices, KeyChoice
from workbench.ui.panes.certificates.authorities.install_dialog import InstallDialog
from workbench.ui.panes.certificates.authorities.report_dialog import ReportDialog
from workbench.ui.panes.certificates.authorities.request_dialog import RequestDialog
from workbench.ui.panes.certificates.authorities.roster_dialog import RosterDialog
from workbench.ui.panes.certificates.cards import spoken
from workbench.ui.panes.certificates.dropping import certificates_in
from workbench.ui.panes.certificates.import_dialog import ImportDialog
from workbench.ui.panes.certificates.lifecycle.renewing import SuccessorDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.wizards.new_authority import OUTSIDE, NewAuthorityDialog
from workbench.ui.widgets.dialogs import DangerDialog
from workbench.ui.widgets.fields import SelectableText

PLAIN = HierarchyRequest(algorithm="EC_prime256v1", alias="alias/sign")
ISSUING, LEAF = "Code Signing Subordinate", "Code Signing"


class House:
    """A vault that can be closed and opened again, and a CA outside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.assembly = Assembly(clock=TravelClock(), secrets=MemoryStore(), cost=QUICK)
        self.bench, _ = self.assembly.create(folder, "correct horse battery staple")
        self.now = self.bench.clock.now()
        self.root = make("Outside Root", key=new_key("P-256"), start=self.now - DAY,
                         end=self.now + 3000 * DAY)  # fmt: skip

    def again(self) -> Any:
        self.bench.close()
        self.bench = self.assembly.open(self.folder)
        self.bench.vault.unlock_with_keyring()
        return self.bench

    def certify(self, csr: str, issuer: Made | None = None) -> bytes:
        """Return what the outside CA answers: a certificate in DER, without its chain."""
        asked, issuer = x509.load_pem_x509_csr(csr.encode()), issuer or self.root
        public = asked.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(asked.subject)
            .issuer_name(issuer.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - DAY)
            .not_valid_after(self.now + 900 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(key_usage(CA_BITS), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier(issuer.ski, None, None), critical=False)
        )
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def begin(self, common_name: str = "Our Issuing CA") -> str:
        """Make a CA that waits for its certificate; returns its ARN."""
        made = self.bench.acm_pca.create_certificate_authority(
            CertificateAuthorityType="SUBORDINATE",
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "EC_prime256v1",
                "SigningAlgorithm": "SHA256WITHECDSA",
                "Subject": {"CommonName": common_name},
            },
        )
        return str(made["CertificateAuthorityArn"])

    def csr(self, arn: str) -> str:
        answer = self.bench.acm_pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)
        return str(answer["Csr"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "vault")
    yield made
    made.bench.close()


def named(pane: CertificatesPane, wanted: str) -> Record:
    return next(one for one in pane.collection.records.values() if one.name == wanted)


def held(pane: CertificatesPane, wanted: str) -> Held:
    roster = read_roster(pane.context.bench.acm_pca)
    return next(one for one in roster.values() if one.name == wanted)


def _uncut(pane: CertificatesPane) -> bool:
    """Whether every value in the inspector has the room that it needs."""
    shown = [one for one in pane.details.findChildren(SelectableText) if one.isVisible()]
    rows = [one.parentWidget() for one in shown]
    heights = [(row.height(), row.minimumSizeHint().height()) for row in rows if row is not None]
    return bool(heights) and all(given >= needed for given, needed in heights)


def run(pane: CertificatesPane, command: str) -> None:
    one = pane.commands_by_name[command]
    assert one.isEnabled(), one.toolTip()
    one.trigger()


def pick(qtbot: QtBot, dialog: DangerDialog, verb: str) -> None:
    click(qtbot, next(one for one in dialog.choice_buttons if one.text() == verb))


def switched(pane: CertificatesPane, qtbot: QtBot, wanted: str, status: Status) -> None:
    def now() -> bool:
        known = pane.collection.authorities.values()
        return [one.status for one in known if one.name == wanted] == [status]

    qtbot.waitUntil(now)


def test_a_ca_is_begun_its_request_goes_out_and_it_waits_through_a_restart(
    open_pane: Scene, house: House, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(house.bench)
    run(pane, "found")
    dialog = waited(qtbot, NewAuthorityDialog)
    dialog.kind.setCurrentIndex(dialog.kind.findText("Signed by a CA outside this vault"))
    assert dialog.kind.currentData() == ("", OUTSIDE)
    assert not dialog.trusted.isVisible()
    assert not dialog.days.isVisible()
    type_text(qtbot, dialog.name, "Our Issuing CA")
    dialog.algorithm.setCurrentIndex(dialog.algorithm.findData("EC_prime256v1"))
    click(qtbot, dialog.main_button)
    shown = waited(qtbot, RequestDialog)
    asked = x509.load_pem_x509_csr(shown.text.toPlainText().encode())
    assert asked.subject.rfc4514_string() == "CN=Our Issuing CA"
    click(qtbot, shown.copy_button)
    assert QApplication.clipboard().text() == shown.text.toPlainText()
    shown.save_to(tmp_path / "ours.csr")
    qtbot.waitUntil((tmp_path / "ours.csr").exists)
    assert x509.load_pem_x509_csr((tmp_path / "ours.csr").read_bytes()) == asked
    dragged = Path(shown.mime().urls()[0].toLocalFile())
    assert (dragged.name, dragged.read_text()) == ("Our-Issuing-CA.csr", shown.text.toPlainText())
    text = shown.text.toPlainText()
    click(qtbot, shown.close_button)
    (arn,) = pane.collection.waiting
    again = open_pane(house.again())
    assert drawn(again) == {arn}, "it is the only card, and it is no empty pane"
    click_card(qtbot, again, arn)
    assert again.authority is not None
    content = again.tree.canvas.drawing.by_id[arn].content
    assert "Our Issuing CA waits for its certificate" in spoken(content, None)
    qtbot.waitUntil(lambda: _uncut(again), timeout=2000)
    links = [one.text() for one in again.details.findChildren(QPushButton)]
    assert {"Show its certificate request", "Install the certificate"} <= set(links)
    for command, possible in (("ca-install", True), ("ca-switch", False), ("ca-report", False)):
        assert again.commands_by_name[command].isEnabled() is possible
    run(again, "ca-request")
    assert waited(qtbot, RequestDialog).text.toPlainText() == text


def test_a_certificate_dropped_on_the_card_is_looked_at_and_installed(
    open_pane: Scene, house: House, qtbot: QtBot, tmp_path: Path
) -> None:
    arn = house.begin()
    pane = open_pane(house.bench)
    pane.window().setGeometry(20, 40, 1100, 700)
    qtbot.waitUntil(lambda: pane.window().width() == 1100)
    pane.tree.choose(arn)
    path = tmp_path / "answer.der"
    path.write_bytes(house.certify(house.csr(arn)))
    foreign = Foreign(qtbot, "files", [str(path)])
    try:
        foreign.carry(pane.tree.viewport(), card_point(pane, arn))
        qtbot.waitUntil(lambda: pane.tree.canvas.target == arn)
        foreign.let_go()
    finally:
        foreign.end()
    dialog = waited(qtbot, InstallDialog)
    qtbot.waitUntil(lambda: dialog.arrival is not None)
    assert not dialog.main_button.isEnabled()
    assert "whose certificate is missing" in dialog.findings.text()
    dialog.add(house.root.pem.decode())
    assert not dialog.main_button.isEnabled(), "what is not looked at is not installed"
    qtbot.waitUntil(dialog.main_button.isEnabled)
    assert "“Our Issuing CA” → “Outside Root”" in dialog.chain.text()
    assert "path length 0" in dialog.findings.text()
    assert dialog.trust.isVisible()
    assert not dialog.trust.isChecked(), "trust is never given by default"
    dialog.trust.setChecked(True)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: [one.name for one in pane.selected] == ["Our Issuing CA"])
    assert arn not in drawn(pane)
    assert named(pane, "Outside Root").trusted
    assert pane.selected[0].state == "valid"
    run(pane, "ca-install")
    renewed = waited(qtbot, InstallDialog)
    assert renewed.text.toPlainText() == "", "the present certificate is not offered again"


def test_what_is_wrong_with_a_certificate_is_said_before_it_is_imported(
    open_pane: Scene, house: House, qtbot: QtBot, tmp_path: Path
) -> None:
    arn = house.begin()
    pane = open_pane(house.bench)
    pane.choose(arn)
    run(pane, "ca-install")
    dialog = waited(qtbot, InstallDialog)
    stranger = make("Somebody Else", house.root, key=new_key("P-256"), ca=True)
    dialog.add(stranger.pem.decode())
    qtbot.waitUntil(lambda: "“Somebody Else”" in dialog.findings.text())
    assert not dialog.main_button.isEnabled()
    letter = tmp_path / "letter.txt"
    letter.write_text("no certificate")
    dialog._steps.read([letter])
    qtbot.waitUntil(lambda: "letter.txt" in words_in(dialog))
    dialog._steps.read([tmp_path / "absent.pem"])
    qtbot.waitUntil(lambda: "absent.pem" in words_in(dialog))
    good = tmp_path / "good.der"
    good.write_bytes(house.certify(house.csr(arn)))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(good)), QUrl.fromLocalFile(str(letter))])
    assert certificates_in(mime) == b"", "something else is among it"
    dialog.text.clear()
    root = tmp_path / "root.crt"
    root.write_bytes(house.root.pem)
    dialog._steps.read([good, root])
    qtbot.waitUntil(dialog.main_button.isEnabled)
    house.bench.acm_pca.delete_certificate_authority(
        CertificateAuthorityArn=arn, PermanentDeletionTimeInDays=7
    )
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "DELETED" in words_in(dialog))
    assert dialog.isVisible(), "what the service refuses is said where it can be mended"


def test_certificates_dropped_beside_the_card_are_imported(
    open_pane: Scene, house: House, qtbot: QtBot
) -> None:
    arn = house.begin()
    pane = open_pane(house.bench)
    pane.tree.certificate_dropped.emit("", house.root.pem)
    review = waited(qtbot, ImportDialog)
    assert "Outside Root" in [line.name for line in review.findings.lines]
    assert arn in drawn(pane)


def test_a_certificate_that_the_collection_has_is_offered(
    open_pane: Scene, house: House, qtbot: QtBot
) -> None:
    arn = house.begin()
    for data in (house.certify(house.csr(arn)), house.root.der):
        house.bench.shelf.import_certificates(Data=data)
    pane = open_pane(house.bench)
    pane.choose(arn)
    run(pane, "ca-install")
    dialog = waited(qtbot, InstallDialog)
    qtbot.waitUntil(dialog.main_button.isEnabled)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: [one.source for one in pane.selected] == ["AUTHORITY"])


def test_a_ca_is_disabled_first_deleted_then_and_restored_from_the_list(
    open_pane: Scene, house: House, qtbot: QtBot
) -> None:
    house.bench.create_hierarchy(PLAIN, lambda *_: None)
    recipe = Choices(keys=(KeyChoice("alias/sign"),), name="Nightly builds")
    house.bench.recipes.save([recipe])
    pane = open_pane(house.bench)
    pane.choose(named(pane, ISSUING).id)
    run(pane, "ca-delete")
    dialog = waited(qtbot, DangerDialog)
    assert [one.text() for one in dialog.choice_buttons] == ["Disable CA"], "as with AWS"
    said = words_in(dialog)
    assert "1 certificate that it issued is still valid: “Code Signing”" in said
    assert "“Nightly builds”" in said
    cancel = next(one for one in dialog.findChildren(QPushButton) if one.text() == "Cancel")
    assert cancel.isDefault()
    pick(qtbot, dialog, "Disable CA")
    switched(pane, qtbot, ISSUING, Status.DISABLED)
    card = pane.tree.canvas.drawing.by_id[named(pane, ISSUING).id]
    assert "CA: Disabled" in spoken(card.content, pane.tree.canvas.standings[card.content.id])
    assert pane.commands_by_name["ca-switch"].plain_text == "Enable CA"
    run(pane, "ca-delete")
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) not in {None, dialog})
    dialog = dialog_of(DangerDialog)
    days = pane.authorities.ending.days
    assert days is not None
    assert (days.spin.minimum(), days.spin.maximum(), days.days) == (7, 30, 30)
    days.spin.setValue(9)
    pick(qtbot, dialog, "Delete CA")
    switched(pane, qtbot, ISSUING, Status.DELETED)
    until = held(pane, ISSUING).restorable_until
    assert until is not None
    assert timedelta(days=8) < until - house.bench.clock.now() <= timedelta(days=9)
    assert any("can be restored until" in text for text in notices(pane))
    _restored_from_the_list(pane, qtbot)


def _restored_from_the_list(pane: CertificatesPane, qtbot: QtBot) -> None:
    run(pane, "ca-roster")
    roster = waited(qtbot, RosterDialog)
    qtbot.waitUntil(lambda: roster.rows.rowCount() == 1)
    assert roster.rows.row(0).name != ISSUING, "deleted ones are shown on request"
    assert roster.chosen == roster.rows.row(0), "something is chosen at once"
    roster.which.setCurrentIndex(roster.which.findText("Deleted, restorable"))
    assert [roster.rows.row(line).name for line in range(roster.rows.rowCount())] == [ISSUING]
    roster.table.select_id(held(pane, ISSUING).arn)
    buttons = roster.action_buttons
    qtbot.waitUntil(buttons["ca-restore"].isEnabled)
    assert "restore it first" in buttons["ca-switch"].toolTip()
    click(qtbot, buttons["ca-restore"])
    switched(pane, qtbot, ISSUING, Status.DISABLED)
    qtbot.waitUntil(lambda: not roster.rows.rowCount())
    assert roster.empty.isVisible()
    pane.choose(named(pane, ISSUING).id)
    run(pane, "ca-switch")
    switched(pane, qtbot, ISSUING, Status.ACTIVE)


def test_a_waiting_ca_is_deleted_and_its_card_goes(
    open_pane: Scene, house: House, qtbot: QtBot
) -> None:
    arn = house.begin("Unwanted CA")
    pane = open_pane(house.bench)
    pane.commands_by_name["view"].trigger()
    pane.show_target(arn)
    assert [one.name for one in pane.table.selected_rows] == ["Unwanted CA"]
    line = pane.table.records.index(pane.table.currentIndex().row(), 0)
    assert line.data() == "Unwanted CA"
    texts = [line.siblingAtColumn(n).data() for n in range(pane.table.records.columnCount())]
    assert "Waits for certificate" in texts
    pane.filter_field.setText("unwanted")
    assert pane.table.records.rowCount() == 1
    pane.filter_field.clear()
    pane.commands_by_name["view"].trigger()
    assert pane.authority is not None
    run(pane, "ca-delete")
    dialog = waited(qtbot, DangerDialog)
    assert "could no longer be installed" in words_in(dialog)
    pick(qtbot, dialog, "Delete CA")
    qtbot.waitUntil(lambda: not drawn(pane))
    run(pane, "ca-roster")
    roster = waited(qtbot, RosterDialog)
    roster.which.setCurrentIndex(roster.which.count() - 1)
    qtbot.waitUntil(lambda: roster.rows.rowCount() == 1)
    assert roster.rows.row(0).restorable_until is not None


def test_who_may_not_see_cas_still_sees_certificates(open_pane: Scene, house: House) -> None:
    house.bench.create_hierarchy(PLAIN, lambda *_: None)
    iam = house.bench.client("iam", "")
    iam.create_user(UserName="reader")
    statement = {"Effect": "Allow", "Action": "shelf:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName="reader", PolicyName="shelf", PolicyDocument=json.dumps(document))
    house.bench.act_as(iam.get_user(UserName="reader")["User"]["Arn"])
    pane = open_pane(house.bench)
    assert LEAF in {one.name for one in pane.collection.records.values()}
    assert pane.collection.authorities == {}


def test_a_report_is_shown_as_a_table_and_saved_as_it_is(
    open_pane: Scene, house: House, qtbot: QtBot, tmp_path: Path
) -> None:
    made = house.bench.create_hierarchy(PLAIN, lambda *_: None)
    arn, serial = made.certificate_arn.rpartition("/certificate/")[::2]
    house.bench.acm_pca.revoke_certificate(
        CertificateAuthorityArn=arn, CertificateSerial=serial, RevocationReason="SUPERSEDED"
    )
    pane = open_pane(house.bench)
    pane.choose(named(pane, ISSUING).id)
    run(pane, "ca-report")
    dialog = waited(qtbot, ReportDialog)
    for form in ("CSV", "JSON"):
        if form == "JSON":
            dialog.form.setCurrentIndex(dialog.form.findData(form))
            assert not dialog.save_button.isEnabled(), "it was made in the other format"
            assert dialog.main_button.isDefault()
            click(qtbot, dialog.main_button)
        qtbot.waitUntil(dialog.save_button.isEnabled)
        assert dialog.save_button.isDefault(), "Enter saves what was made"
        assert "Issued: 1. Revoked: 1." in dialog.summary.text()
        shown = [dialog.rows.data(dialog.rows.index(0, column)) for column in range(5)]
        assert (shown[0], shown[4]) == ("CN=Code Signing", "superseded")
        target = tmp_path / f"report.{form.lower()}"
        dialog.save_to(target)
        qtbot.waitUntil(target.exists)
        text = target.read_text()
        (line,) = json.loads(text) if form == "JSON" else csv.DictReader(text.splitlines())
        assert line["serial"].replace(":", "").endswith(serial.lstrip("0"))


def test_a_failed_check_of_a_successor_is_overridden_only_by_name(
    open_pane: Scene, house: House, qtbot: QtBot
) -> None:
    bench = house.bench
    made = bench.create_hierarchy(PLAIN, lambda *_: None)
    key = new_key("P-256")
    request = x509.CertificateSigningRequestBuilder().subject_name(name("Nameless server"))
    bench.acm_pca.issue_certificate(
        CertificateAuthorityArn=made.certificate_arn.partition("/certificate/")[0],
        Csr=request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM),
        SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn="arn:aws:acm-pca:::template/EndEntityServerAuthCertificate/V1",
        Validity={"Type": "DAYS", "Value": 30},
    )
    pane = open_pane(bench)
    before = named(pane, "Nameless server")
    pane.choose(before.id)
    run(pane, "renew")
    dialog = waited(qtbot, SuccessorDialog)
    click(qtbot, dialog.main_button)
    checked = dialog.checked
    qtbot.waitUntil(checked.findings.isVisible)
    assert "Would be rejected" in checked.findings.text()
    assert "RFC 9525 §6.3" in checked.tick.text(), "the tick names what it overrides"
    assert not dialog.main_button.isEnabled()
    dialog.days.setValue(20)
    assert dialog.main_button.isEnabled(), "other terms are checked anew"
    assert dialog.main_button.text() == "Renew"
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(checked.findings.isVisible)
    checked.tick.setChecked(True)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(SuccessorDialog) is None)
    qtbot.waitUntil(lambda: sum(one.name == before.name
                                for one in pane.collection.records.values()) == 2)  # fmt: skip
    events = bench.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "RenewCertificate"}]
    )["Events"]
    noted = [json.loads(one["CloudTrailEvent"]).get("additionalEventData") or {} for one in events]
    assert any("RFC 9525 §6.3" in one.get("overriddenRules", "") for one in noted)
    assert any("Confirmed in the dialog" in one.get("overrideReason", "") for one in noted)
