"""A CA made and set in the window, on the real engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.certificates.conftest import Scene, waited, words_in
from tests.ui.conftest import click, dialog_of, type_text
from workbench.ui.panes.certificates.lifecycle.settings import AuthorityDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.wizards.new_authority import NewAuthorityDialog


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Any]:
    made = make_bench(tmp_path / "vault")
    yield made
    made.close()


def ask(pane: CertificatesPane, qtbot: QtBot, name: str) -> NewAuthorityDialog:
    pane.commands_by_name["found"].trigger()
    dialog = waited(qtbot, NewAuthorityDialog)
    assert isinstance(dialog, NewAuthorityDialog)
    type_text(qtbot, dialog.name, name)
    return dialog


def made(pane: CertificatesPane, qtbot: QtBot, dialog: NewAuthorityDialog) -> Record:
    name = dialog.wish.name
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(NewAuthorityDialog) is None)
    qtbot.waitUntil(lambda: [one.name for one in pane.selected] == [name])
    return pane.selected[0]


def test_a_name_suffices_for_a_root_and_the_next_goes_below_it(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    dialog = ask(pane, qtbot, "House Root")
    assert dialog.wish.algorithm == "ML_DSA_65"
    root = made(pane, qtbot, dialog)
    assert (root.root, root.trusted, root.source) == (True, True, "AUTHORITY")
    dialog = ask(pane, qtbot, "House Issuing")
    assert dialog.wish.issuer in root.arns, "below the chosen one"
    dialog.levels.setValue(1)
    dialog.algorithm.setCurrentIndex(dialog.algorithm.findData("EC_prime256v1"))
    below = made(pane, qtbot, dialog)
    assert below.issuer_id == root.id
    certificate = x509.load_der_x509_certificate(below.der)
    limits = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 1)
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert len(points) == 1


def test_a_key_of_the_vault_becomes_a_cas(open_pane: Scene, bench: Any, qtbot: QtBot) -> None:
    key = bench.kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    bench.kms.create_alias(AliasName="alias/chosen", TargetKeyId=key["KeyId"])
    pane = open_pane(bench)
    dialog = ask(pane, qtbot, "Chosen Root")
    dialog.key.setCurrentIndex(dialog.key.findText("alias/chosen (EC P-384)"))
    dialog.trusted.setChecked(False)
    root = made(pane, qtbot, dialog)
    assert not root.trusted
    public = x509.load_der_x509_certificate(root.der).public_key()
    assert isinstance(public, EllipticCurvePublicKey)
    assert public.curve.name == "secp384r1"


def test_what_is_refused_leaves_no_ca_behind(open_pane: Scene, bench: Any, qtbot: QtBot) -> None:
    pane = open_pane(bench)
    dialog = ask(pane, qtbot, "Short Root")
    dialog.days.setValue(30)
    made(pane, qtbot, dialog)
    dialog = ask(pane, qtbot, "")
    assert dialog.days.value() == 29, "no longer than the CA above it"
    click(qtbot, dialog.main_button)
    assert "Give it a name." in words_in(dialog)
    type_text(qtbot, dialog.name, "Longer than its issuer")
    dialog.days.setValue(3000)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(dialog.main_button.isEnabled)
    assert dialog_of(NewAuthorityDialog) is dialog
    states = [
        one["Status"]
        for one in bench.acm_pca.list_certificate_authorities()["CertificateAuthorities"]
    ]
    assert sorted(states) == ["ACTIVE", "DELETED"]


def test_a_ca_is_switched_off_and_on_and_its_revocation_set(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    pane = open_pane(bench)
    dialog = ask(pane, qtbot, "House Root")
    root = made(pane, qtbot, dialog)
    arn = next(one for one in root.arns if "/certificate/" not in one)

    def now() -> dict[str, Any]:
        answer = bench.acm_pca.describe_certificate_authority(CertificateAuthorityArn=arn)
        return dict(answer["CertificateAuthority"])

    for on in (False, True):
        pane.commands_by_name["settings"].trigger()
        settings = waited(qtbot, AuthorityDialog)
        assert settings.issues.isChecked() is not on
        for box in (settings.issues, settings.lists, settings.ocsp):
            box.setChecked(on)
        click(qtbot, settings.main_button)
        qtbot.waitUntil(lambda: dialog_of(AuthorityDialog) is None)
        found = now()
        assert found["Status"] == ("ACTIVE" if on else "DISABLED")
        for part in ("CrlConfiguration", "OcspConfiguration"):
            assert found["RevocationConfiguration"][part]["Enabled"] is on
