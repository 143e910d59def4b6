"""CAs and certificates of every kind, made in the real dialogs and judged by OpenSSL."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pytestqt.qtbot import QtBot

from tests.fakes.engine import QUICK
from tests.fakes.pki_orders import make_request
from tests.fakes.secrets import MemoryStore
from tests.interop.conftest import openssl
from tests.ui.certificates.conftest import Scene, button, waited, words_in
from tests.ui.conftest import click, dialog_of, type_text
from workbench.assembly import Assembly
from workbench.base.clock import TravelClock
from workbench.pki import asking, founding
from workbench.pki.founding import Wish, found
from workbench.pki.names import EMAIL
from workbench.ui.panes.certificates.authorities.self_sign import SelfSignDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.wizards.new_authority import NewAuthorityDialog
from workbench.ui.panes.certificates.wizards.new_certificate import NewCertificateDialog
from workbench.ui.widgets.dialogs import DangerDialog, FormDialog

__all__ = ["openssl"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Any]:
    assembly = Assembly(clock=TravelClock(), secrets=MemoryStore(), cost=QUICK)
    made, _ = assembly.create(tmp_path / "vault", "correct horse battery staple")
    key = made.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    made.kms.create_alias(AliasName="alias/signer", TargetKeyId=key["KeyId"])
    yield made
    made.close()


def choose(box: Any, data: Any) -> None:
    place = next(n for n in range(box.count()) if box.itemData(n) == data)
    box.setCurrentIndex(place)


def made(pane: CertificatesPane, qtbot: QtBot, dialog: FormDialog, name: str) -> Record:
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog_of(type(dialog)) is None)
    qtbot.waitUntil(lambda: [one.name for one in pane.selected] == [name])
    return pane.selected[0]


def new_authority(pane: CertificatesPane, qtbot: QtBot) -> NewAuthorityDialog:
    pane.commands_by_name["found"].trigger()
    dialog = waited(qtbot, NewAuthorityDialog)
    assert isinstance(dialog, NewAuthorityDialog)
    return dialog


def new_certificate(pane: CertificatesPane, qtbot: QtBot) -> NewCertificateDialog:
    pane.commands_by_name["issue"].trigger()
    dialog = waited(qtbot, NewCertificateDialog)
    assert isinstance(dialog, NewCertificateDialog)
    return dialog


def accepted(openssl: str, folder: Path, root: Record, leaf: Record, *more: str) -> str:
    """Return what OpenSSL says about a leaf right below a root, strictly."""
    for name, record in (("root", root), ("leaf", leaf)):
        certificate = x509.load_der_x509_certificate(record.der)
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    command = [openssl, "verify", "-x509_strict", *more, "-CAfile", "root.pem", "leaf.pem"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def extension(record: Record, kind: Any) -> Any:
    certificate = x509.load_der_x509_certificate(record.der)
    return certificate.extensions.get_extension_for_class(kind)


def of_a_licence_root(root: Record) -> Any:
    """Check what ISO/IEC 18013-5 Annex B.1.2 asks of a root; returns its issuerAltName."""
    limits = extension(root, x509.BasicConstraints)
    assert (limits.critical, limits.value.ca, limits.value.path_length) == (True, True, 0)
    usage = extension(root, x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature
    mails = extension(root, x509.IssuerAlternativeName).value
    assert mails.get_values_for_type(x509.RFC822Name) == ["licences@utopia.example"]
    (point,) = extension(root, x509.CRLDistributionPoints).value
    assert point.full_name[0].value.startswith("http://lists.utopia.example/crl/")
    return mails


def test_a_hierarchy_for_driving_licences_is_made_without_a_word_from_the_check(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path, openssl: str
) -> None:
    pane = open_pane(bench)
    dialog = new_authority(pane, qtbot)
    assert not dialog.contact.isVisible()
    choose(dialog.kind, ("", founding.IACA))
    assert (dialog.wish.algorithm, dialog.wish.days) == ("EC_prime256v1", 3285)
    assert dialog.wish.lists
    assert not dialog.lists.isVisible(), "there is no choice"
    type_text(qtbot, dialog.name, "Utopia IACA")
    click(qtbot, dialog.main_button)
    assert "need the country" in words_in(dialog)
    type_text(qtbot, dialog.subject.lines["Country"], "ut")
    type_text(qtbot, dialog.contact, "utopia")
    assert "no e-mail address" in words_in(dialog)
    dialog.contact.clear()
    type_text(qtbot, dialog.contact, "licences@utopia.example")
    type_text(qtbot, dialog.host, "http://lists.example")
    assert "no http://" in words_in(dialog)
    dialog.host.clear()
    type_text(qtbot, dialog.host, "lists.utopia.example")
    root = made(pane, qtbot, dialog, "Utopia IACA")

    mails = of_a_licence_root(root)
    signer = new_certificate(pane, qtbot)
    type_text(qtbot, signer.name, "Utopia Signer")
    signer.template.choose(asking.MDL_SIGNER)
    country = signer.subject.lines["Country"]
    assert (country.isVisible(), country.text()) == (True, "UT"), "its root's country"
    leaf = made(pane, qtbot, signer, "Utopia Signer")
    purposes = extension(leaf, x509.ExtendedKeyUsage)
    assert purposes.critical
    assert [one.dotted_string for one in purposes.value] == ["1.0.18013.5.1.2"]
    assert extension(leaf, x509.IssuerAlternativeName).value == mails
    subject = x509.load_der_x509_certificate(leaf.der).subject
    assert subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value == "UT"
    assert extension(leaf, x509.CRLDistributionPoints).value
    for record in (root, leaf):
        found = bench.shelf.check_certificate(CertificateId=record.id)
        assert [one for one in found["Findings"] if one["Severity"] != "NOTICE"] == []
    said = accepted(openssl, tmp_path, root, leaf, "-purpose", "any")
    assert said == "leaf.pem: OK\n"


def test_the_country_is_taken_back_where_no_licences_are_signed(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    wish = Wish({"CommonName": "Root", "Country": "DE"}, "EC_prime256v1", 900, "", founding.ROOT)
    found(bench.acm_pca, bench.shelf, wish)
    pane = open_pane(bench)
    dialog = new_certificate(pane, qtbot)
    country = dialog.subject.lines["Country"]
    dialog.template.choose(asking.MDL_SIGNER)
    assert country.text() == "DE"
    dialog.template.choose(asking.TLS_SERVER)
    assert (country.text(), country.isVisible()) == ("", False)
    dialog.template.choose(asking.MDL_SIGNER)
    country.setText("FR")
    dialog.template.choose(asking.TLS_SERVER)
    assert country.text() == "FR", "what somebody typed stays"


def test_a_whole_subject_and_names_of_every_kind(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path, openssl: str
) -> None:
    pane = open_pane(bench)
    dialog = new_authority(pane, qtbot)
    assert not dialog.subject.lines["Locality"].isVisible()
    click(qtbot, dialog.subject.more)
    typed = {
        "CommonName": "House Root", "Organization": "Häuser", "Country": "de", "State": "Hessen",
        "Locality": "Kassel", "OrganizationalUnit": "Keys", "SerialNumber": "7-1",
    }  # fmt: skip
    for member, text in typed.items():
        dialog.subject.lines[member].setText(text)
    choose(dialog.algorithm, "ED25519")
    assert not dialog.signature.isVisible()
    root = made(pane, qtbot, dialog, "House Root")
    subject = x509.load_der_x509_certificate(root.der).subject
    assert subject.rfc4514_string() == (
        "L=Kassel,2.5.4.5=7-1,CN=House Root,ST=Hessen,OU=Keys,O=Häuser,C=DE"
    )

    leaf = new_certificate(pane, qtbot)
    leaf.template.choose(asking.EMAIL_PROTECTION)
    type_text(qtbot, leaf.name, "Anna")
    click(qtbot, leaf.subject.more)
    leaf.subject.lines["SerialNumber"].setText("é")
    click(qtbot, leaf.main_button)
    assert "without accents" in words_in(leaf)
    leaf.subject.lines["SerialNumber"].clear()
    type_text(qtbot, leaf.subject.lines[EMAIL], "anna@house.example")
    type_text(qtbot, leaf.subject.lines["GivenName"], "Anna")
    type_text(qtbot, leaf.others, "anna@house.example house.example 127.0.0.1 https://h.example/a")
    leaf.further.setPlainText("nonsense:\n")
    click(qtbot, leaf.main_button)
    assert "“nonsense:” is no DNS name" in words_in(leaf)
    leaf.further.setPlainText(
        "upn:anna@house\nother:1.2.3.4=text\ndir:CN=Anna A,O=House\nrid:1.2.3.4.5\nuri:https://h.example/b"
    )
    record = made(pane, qtbot, leaf, "Anna")
    names = extension(record, x509.SubjectAlternativeName).value
    kinds = [type(one) for one in names]
    assert set(kinds) == {
        x509.RFC822Name, x509.DNSName, x509.IPAddress, x509.UniformResourceIdentifier,
        x509.OtherName, x509.DirectoryName, x509.RegisteredID,
    }  # fmt: skip
    assert len(kinds) == 9
    said = x509.load_der_x509_certificate(record.der).subject
    assert said.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)[0].value == "anna@house.example"
    assert said.get_attributes_for_oid(NameOID.GIVEN_NAME)[0].value == "Anna"
    purposes = extension(record, x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.EMAIL_PROTECTION]
    assert accepted(openssl, tmp_path, root, record, "-purpose", "smimesign") == "leaf.pem: OK\n"


def test_a_request_gets_another_subject_and_attributes_without_a_field(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path, openssl: str
) -> None:
    pane = open_pane(bench)
    dialog = new_authority(pane, qtbot)
    type_text(qtbot, dialog.name, "Root")
    click(qtbot, dialog.subject.more)
    dialog.subject.custom.setPlainText("plant 7")
    click(qtbot, dialog.main_button)
    assert "does not begin with an object identifier" in words_in(dialog)
    dialog.subject.custom.setPlainText("1.2.3.4=plant 7")
    root = made(pane, qtbot, dialog, "Root")
    assert (
        x509.load_der_x509_certificate(root.der).subject.rfc4514_string()
        == "1.2.3.4=plant 7,CN=Root"
    )
    strict = bench.shelf.create_profile(
        Name="strict", TemplateArn="arn:aws:acm-pca:::template/CodeSigningCertificate/V1"
    )["Profile"]
    assert not strict["PassesApi"]

    leaf = new_certificate(pane, qtbot)
    asked = x509.SubjectAlternativeName([x509.DNSName("plant.example")])
    leaf.take_request(make_request(None, None, (asked, False)).decode())
    assert not leaf.name.isVisible()
    leaf.rename.click()
    assert leaf.name.isVisible()
    click(qtbot, leaf.main_button)
    assert "Give it a name" in words_in(leaf)
    type_text(qtbot, leaf.name, "Plant")
    click(qtbot, leaf.subject.more)
    assert not leaf.further.isVisible()
    leaf.subject.custom.setPlainText("1.2.3.4=line 2")
    leaf.template.choose(strict["Arn"])
    click(qtbot, leaf.main_button)
    assert "takes the subject from the request alone" in words_in(leaf)
    leaf.template.choose(asking.CODE_SIGNING)
    record = made(pane, qtbot, leaf, "Plant")
    subject = x509.load_der_x509_certificate(record.der).subject
    assert subject.rfc4514_string() == "1.2.3.4=line 2,CN=Plant"
    assert extension(record, x509.SubjectAlternativeName).value == asked
    assert accepted(openssl, tmp_path, root, record) == "leaf.pem: OK\n"


def test_an_rsa_ca_signs_as_is_chosen(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path, openssl: str
) -> None:
    pane = open_pane(bench)
    dialog = new_authority(pane, qtbot)
    type_text(qtbot, dialog.name, "RSA Root")
    choose(dialog.algorithm, "RSA_3072")
    assert dialog.signature.count() == 6
    assert dialog.signature.currentText() == "RSA PKCS#1 v1.5 with SHA-256"
    choose(dialog.signature, "SHA384WITHRSA_PSS")
    root = made(pane, qtbot, dialog, "RSA Root")
    leaf = new_certificate(pane, qtbot)
    assert leaf.signature.currentData() == "SHA384WITHRSA_PSS", "as its CA usually does"
    type_text(qtbot, leaf.name, "Stamps")
    choose(leaf.signature, "SHA512WITHRSA_PSS")
    leaf.template.choose(asking.TIMESTAMPS)
    assert leaf.signature.currentData() == "SHA512WITHRSA_PSS", "the purpose changes nothing"
    record = made(pane, qtbot, leaf, "Stamps")
    for one, digest in ((root, "sha384"), (record, "sha512")):
        certificate = x509.load_der_x509_certificate(one.der)
        assert certificate.signature_algorithm_oid.dotted_string == "1.2.840.113549.1.1.10"
        used = certificate.signature_hash_algorithm
        assert used is not None
        assert used.name == digest
    said = accepted(openssl, tmp_path, root, record, "-purpose", "timestampsign")
    assert said == "leaf.pem: OK\n"


def test_a_root_made_by_the_api_signs_its_own_certificate(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    arns = [
        bench.acm_pca.create_certificate_authority(
            CertificateAuthorityType=kind,
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "EC_prime256v1",
                "SigningAlgorithm": "SHA256WITHECDSA",
                "Subject": {"CommonName": f"Waiting {kind}"},
            },
        )["CertificateAuthorityArn"]
        for kind in ("ROOT", "SUBORDINATE")
    ]
    pane = open_pane(bench)
    pane.choose(arns[1])
    assert not pane.commands_by_name["ca-self-sign"].isEnabled()
    pane.choose(arns[0])
    click(qtbot, button(pane.details, "Sign its own certificate"))
    dialog = waited(qtbot, SelfSignDialog)
    choose(dialog.kind, founding.IACA)
    click(qtbot, dialog.main_button)
    assert dialog_of(SelfSignDialog) is dialog, "an IACA needs a contact"
    type_text(qtbot, dialog.contact, "licences@utopia.example")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "names its country" in words_in(dialog))
    choose(dialog.kind, founding.ROOT)
    dialog.days.setValue(400)
    root = made(pane, qtbot, dialog, "Waiting ROOT")
    assert (root.root, root.trusted, (root.ends - root.starts).days) == (True, True, 400)
    described = bench.acm_pca.describe_certificate_authority(CertificateAuthorityArn=arns[0])
    assert described["CertificateAuthority"]["Status"] == "ACTIVE"
    assert not pane.commands_by_name["ca-self-sign"].isEnabled()


def pane_lacks(pane: CertificatesPane, name: str) -> bool:
    return name not in pane.collection.records


def test_certificates_of_a_ca_that_is_gone_for_good_can_be_removed(
    open_pane: Scene, bench: Any, qtbot: QtBot
) -> None:
    name = found(
        bench.acm_pca,
        bench.shelf,
        Wish({"CommonName": "Short Root"}, "EC_prime256v1", 900, "", founding.ROOT),
    )
    (arn,) = (
        one["Arn"] for one in bench.acm_pca.list_certificate_authorities()["CertificateAuthorities"]
    )
    order = asking.Order(arn, asking.CODE_SIGNING, 90, "alias/signer", "Code")
    issued = bench.shelf.issue_certificate(**asking.request_of(bench.kms, order))
    bench.acm_pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    bench.acm_pca.delete_certificate_authority(
        CertificateAuthorityArn=arn, PermanentDeletionTimeInDays=7
    )
    pane = open_pane(bench)
    for one in (name, issued["Id"]):
        pane.choose(one)
        assert not pane.commands_by_name["delete"].isEnabled(), "the CA can still be restored"
        with pytest.raises(Exception, match=r"delete the CA|keeps a record"):
            bench.shelf.delete_certificate(Id=one)
    bench.clock.travel(timedelta(days=8))
    pane.refresh()
    qtbot.waitUntil(lambda: pane.collection.records[name].outlived)
    for one in (issued["Id"], name):
        pane.choose(one)
        pane.commands_by_name["delete"].trigger()
        dialog = waited(qtbot, DangerDialog)
        click(qtbot, dialog.choice_buttons[0])
        qtbot.waitUntil(lambda: dialog_of(DangerDialog) is None)
        qtbot.waitUntil(partial(pane_lacks, pane, one))
    left = {one["Id"] for one in bench.shelf.list_certificates()["Certificates"]}
    assert not left & {name, issued["Id"]}
