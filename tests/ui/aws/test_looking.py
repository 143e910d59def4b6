"""The panes on AWS: what is there is shown, changed and used as in the vault, by boto3."""

import subprocess
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.aws.conftest import ACCOUNT, ORDERS, RELEASE, Aws, Travel, Traveller
from tests.ui.conftest import click, dialog_of, press
from workbench.base.sites import HOME
from workbench.bench import Bench
from workbench.signing.job import JobState
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.keys.tabs.grant_form import GrantForm, GrantShown
from workbench.ui.panes.keys.tabs.policy import PolicyTab
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.panes.signing.pane import SigningPane
from workbench.ui.panes.signing.sheet import DropSheet
from workbench.ui.widgets.basics import CommandButton

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def test_keys_of_aws_are_shown_and_the_window_says_where_it_looks(
    traveller: Traveller, aws: Aws, qtbot: QtBot
) -> None:
    assert traveller.names == {"mine"}
    traveller.go(aws.site())
    assert {"aws-orders", "aws-release"} <= traveller.names
    assert "mine" not in traveller.names
    status, commands = traveller.window.status, traveller.window.menus.commands
    where = f"127.0.0.1:{aws.port} · prod · eu-west-1"
    assert status.where.text() == where
    assert status.where.property("role") == "away"
    assert status.where.accessibleName() == f"Where requests go: {where}"
    assert aws.url in status.where.toolTip()
    assert status.identity.text() == f"root of {ACCOUNT}"
    assert not status.identity.isEnabled()
    assert where in traveller.window.windowTitle()
    for name in ("act", "act-root", "identities"):
        assert "on AWS you act as the profile says" in commands[name].toolTip()
    press(qtbot, traveller.window, Qt.Key.Key_Home, CTRL, ALT)
    traveller.arrive(HOME)
    assert traveller.names == {"mine"}
    assert status.where.text() == "This vault · us-west-2"
    assert status.where.property("role") == ""
    assert commands["act"].isEnabled()
    assert not commands["home"].isEnabled()


def test_every_tab_of_the_inspector_reads_aws(travel: Travel, aws: Aws) -> None:
    traveller = travel(RotationPane)
    traveller.go(aws.site())
    pane = traveller.keys
    pane.show_target("alias/aws-orders")
    inspector = pane.key_inspector
    said: dict[str, str] = {}
    row = pane._stock.row(ORDERS)
    assert row is not None
    for tab in inspector._tabs_by_number.values():
        if not tab.applies(row):
            continue
        inspector.open(tab)
        traveller.pause()
        traveller.rest()
        said[tab.title] = getattr(tab, "_state", inspector).property("text") or ""
    assert said.keys() >= {"Policy", "Grants", "Activity", "Key material"}
    assert not any(said.values()), said
    assert traveller.pane("rotation")._stock is pane._stock
    assert inspector.activity._events, "LookupEvents gave none"
    assert traveller.notice.count("look at") == 1, traveller.notice
    # Who may do what is asked of IAM, with the key policy.
    (tab,) = [one for one in inspector._tabs_by_number.values() if isinstance(one, PolicyTab)]
    page = tab.board.who
    page.who.choose(f"arn:aws:iam::{ACCOUNT}:user/looker")
    page.action.setCurrentIndex(page.action.findData("DescribeKey"))
    page.ask()
    traveller.wait(lambda: page._verdicts)
    (verdict,) = page._verdicts
    assert (verdict.action, verdict.allowed) == ("DescribeKey", True)
    assert "AWS's simulator leaves out grants" in page._note.text()


def test_a_key_is_made_rotated_and_granted_in_aws(
    traveller: Traveller, aws: Aws, bench: Bench, qtbot: QtBot
) -> None:
    traveller.go(aws.site())
    pane, kms = traveller.keys, aws.client("kms")
    pane.ask_create()
    dialog = dialog_of("keys.create.dialog")
    dialog.specs.choose("SYMMETRIC_DEFAULT")
    dialog.alias.field.setText("made-in-the-window")
    click(qtbot, dialog.main_button)
    traveller.wait(lambda: dialog_of("keys.create.dialog") is None)
    traveller.wait(lambda: "made-in-the-window" in {row.title for row in pane.selected})
    made = kms.describe_key(KeyId="alias/made-in-the-window")["KeyMetadata"]
    assert made["Arn"].startswith(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/")
    pane.can.rotate.trigger()
    traveller.wait(lambda: dialog_of("keys.rotate.dialog") is not None)
    click(qtbot, dialog_of("keys.rotate.dialog").main_button)
    traveller.wait(lambda: dialog_of("keys.rotate.dialog") is None)
    traveller.wait(lambda: len(kms.list_key_rotations(KeyId=made["KeyId"])["Rotations"]) == 1)
    pane.can.grant.trigger()
    traveller.wait(lambda: dialog_of(GrantForm) is not None)
    traveller.rest()
    form = dialog_of(GrantForm)
    form.grantee.choose(f"arn:aws:iam::{ACCOUNT}:user/looker")
    form.operations.tick(["Decrypt"])
    click(qtbot, form.main_button)
    traveller.wait(lambda: dialog_of(GrantShown) is not None)
    dialog_of(GrantShown).reject()
    traveller.rest()
    (grant,) = kms.list_grants(KeyId=made["KeyId"])["Grants"]
    assert grant["GranteePrincipal"] == f"arn:aws:iam::{ACCOUNT}:user/looker"
    assert [key["KeyId"] for key in bench.kms.list_keys()["Keys"]] != [made["KeyId"]]
    assert len(bench.kms.list_keys()["Keys"]) == 1, "nothing was made in the vault"


def sign(traveller: Traveller, qtbot: QtBot, file: Path, name: str) -> None:
    """Drop a file and sign it raw with the key aws-release, as a recipe of this name."""
    pane = traveller.pane("signing")
    traveller.window.workspace.turn_to("signing")  # type: ignore[union-attr]
    traveller.rest()
    pane.reception._look([file], pane.reception._dropped)
    traveller.wait(lambda: dialog_of(DropSheet) is not None)
    traveller.rest()
    sheet = dialog_of(DropSheet)
    form = sheet.form
    form._format.setCurrentIndex(form._format.findData("raw"))
    traveller.rest()
    names = [form._key.itemText(place) for place in range(form._key.count())]
    (place,) = [place for place, text in enumerate(names) if "aws-release" in text]
    form._key.setCurrentIndex(place)
    form._name.setText(name)
    traveller.wait(sheet.main_button.isEnabled)
    click(qtbot, sheet.main_button)
    traveller.wait(lambda: dialog_of(DropSheet) is None)


def test_a_file_is_signed_by_a_key_in_aws_and_the_job_keeps_its_place(
    travel: Travel, aws: Aws, bench: Bench, qtbot: QtBot, tmp_path: Path, openssl: str
) -> None:
    traveller = travel(SigningPane)
    traveller.go(aws.site())
    history = traveller.pane("signing")._do.history_key
    assert not history.isEnabled()
    assert "home Region" in history.toolTip()
    file = tmp_path / "release.bin"
    file.write_bytes(b"release" * 1000)
    sign(traveller, qtbot, file, "Release")
    traveller.window.places.go_home()
    traveller.wait(lambda: traveller.site == HOME)
    (job,) = bench.jobs.jobs()
    view = bench.jobs.wait(job.id, 20)
    assert view.state is JobState.DONE, bench.jobs.files(job.id)
    assert view.recipe.site == aws.site()
    assert view.recipe.key_id == RELEASE
    traveller.wait(lambda: [row.view.id for row in traveller.pane("signing").follower.rows])
    public = tmp_path / "public.der"
    public.write_bytes(aws.client("kms").get_public_key(KeyId=RELEASE)["PublicKey"])
    signature = file.with_name("release.bin.rawsig")
    check = [
        *(openssl, "dgst", "-sha256", "-verify", str(public), "-keyform", "DER"),
        *("-signature", str(signature), str(file)),
    ]
    assert subprocess.run(check, capture_output=True, check=True).stdout == b"Verified OK\n"
    file.write_bytes(b"other")
    assert subprocess.run(check, capture_output=True, check=False).returncode == 1
    # The recipe says where its key is: it can be chosen there only.
    assert bench.recipes.get("Release").site == aws.site()
    assert bench.recipe(bench.recipes.get("Release")).public_key == public.read_bytes()
    bar = open_sheet(traveller, tmp_path).form._bar.list
    traveller.rest()
    row = bar.findText(f"Release ({aws.site().text})")
    assert row > 0
    assert not bar.model().item(row).isEnabled()
    assert "look there first" in bar.model().item(row).toolTip()
    dialog_of(DropSheet).reject()


def open_sheet(traveller: Traveller, folder: Path) -> Any:
    (folder / "other.bin").write_bytes(b"other")
    reception = traveller.pane("signing").reception
    reception._look([folder / "other.bin"], reception._dropped)
    traveller.wait(lambda: dialog_of(DropSheet) is not None)
    traveller.rest()
    return dialog_of(DropSheet)


def test_what_is_denied_is_said_in_its_place_and_spoils_nothing_else(
    traveller: Traveller, aws: Aws
) -> None:
    traveller.go(aws.site("looker"))
    pane = traveller.keys
    row = pane._stock.row(ORDERS)
    assert row is not None
    assert (row.state, row.names) == ("Enabled", ("aws-orders",))
    assert row.withheld == {"tags", "rotation"}
    columns = {column.id: column.text(row) for column in pane.model.columns}
    assert (columns["tags"], columns["rotation"]) == ("Not permitted", "Not permitted")
    pane.show_target(ORDERS)
    assert "its tags may not be seen" in pane.can.tags.toolTip()
    inspector = pane.key_inspector
    for tab, action in (
        (inspector.grants, "kms:ListGrants"),
        (inspector.activity, "cloudtrail:LookupEvents"),
    ):
        inspector.open(tab)
        traveller.pause()
        traveller.rest()
        assert action in tab._state.text()
    inspector.open(inspector.general)
    assert inspector.general.isVisible()
    # Who may see nothing at all is offered another profile.
    traveller.window.places.go(aws.site("nobody"))
    traveller.wait(lambda: traveller.site == aws.site("nobody"))
    traveller.wait(lambda: traveller.keys._refused is not None)
    pane = traveller.keys
    assert pane._stock.rows == ()
    assert pane._refused is not None
    said = pane._refused._sentence.text()
    assert "kms:ListKeys" in said
    assert "Connect with a profile that may" in said
    button = pane._refused.findChild(CommandButton)
    assert button is not None
    assert button.text() == "Connect to AWS"


def test_cas_of_private_ca_are_shown_and_only_looked_at(
    travel: Travel, aws: Aws, bench: Bench
) -> None:
    made = aws.client("acm-pca").create_certificate_authority(
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "Root in AWS"},
        },
        CertificateAuthorityType="ROOT",
    )["CertificateAuthorityArn"]
    install(aws, made)
    traveller = travel(CertificatesPane)
    traveller.go(aws.site())
    traveller.window.workspace.turn_to("certificates")  # type: ignore[union-attr]
    pane = traveller.pane("certificates")
    traveller.wait(lambda: pane._known)
    (record,) = [one for one in pane.collection.records.values() if one.name == "Root in AWS"]
    assert made in record.arns
    pane.choose(record.id)
    for name in ("create", "issue", "import", "trust", "revoke", "delete"):
        command = pane.commands_by_name[name]
        assert not command.isEnabled()
        assert "only looked at here" in command.toolTip()
    assert pane.commands_by_name["export"].isEnabled()
    assert "AWS keeps no such collection" in pane.extras.commands[0].toolTip()
    assert bench.shelf.list_certificates()["Certificates"] == []


def install(aws: Aws, authority: str) -> None:
    """Have a root CA certify itself."""
    pca = aws.client("acm-pca")
    request = pca.get_certificate_authority_csr(CertificateAuthorityArn=authority)["Csr"]
    issued = pca.issue_certificate(
        CertificateAuthorityArn=authority,
        Csr=request.encode(),
        SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
        Validity={"Type": "DAYS", "Value": 100},
    )["CertificateArn"]
    certificate = pca.get_certificate(CertificateAuthorityArn=authority, CertificateArn=issued)
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=authority, Certificate=certificate["Certificate"].encode()
    )
