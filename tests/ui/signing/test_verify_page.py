"""Verifying in the window, on a real engine and a real X server."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from tests.fakes import pdfs
from tests.fakes.format_bench import make_stamper
from tests.ui.conftest import click, dialog_of
from tests.ui.signing.desk import Desk
from workbench.base.clock import TravelClock
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.equivalent import public_pem
from workbench.signing.job import FileView
from workbench.ui.panes.signing.sheet import DropSheet
from workbench.ui.panes.signing.survey import Way, look_at
from workbench.ui.widgets.basics import Badge


def test_a_file_with_its_signature_goes_to_verify_at_once(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    desk.drop(files / "a.bin.p7s", files / "a.bin")
    answer, sentence = desk.verdict("a.bin")
    assert answer == "Valid signature"
    assert "Code Signing" in sentence
    assert [card.link.ok for card in desk.cards()] == [True, True, True]
    assert dialog_of(DropSheet) is None


@pytest.mark.parametrize("first", ["file", "signature"])
def test_one_half_first_waits_for_the_other(
    desk: Desk, files: Path, tmp_path: Path, first: str
) -> None:
    desk.sign(files / "a.bin")
    apart = tmp_path / "elsewhere"
    apart.mkdir()
    signature = (files / "a.bin.p7s").rename(apart / "detached.p7s")
    inputs = desk.pane.verdicts.inputs
    if first == "signature":
        desk.drop(signature)
        desk.wait(lambda: inputs.signature.path == signature)
        assert "Now drop the file" in inputs.file.accessibleName()
        desk.drop(files / "a.bin")
    else:
        desk.drop(files / "a.bin")
        sheet = desk.sheet()
        sheet._group.button(sheet.ways.index(Way.VERIFY)).click()
        click(desk.qtbot, sheet.main_button)
        desk.wait(lambda: inputs.file.path == files / "a.bin")
        assert "Now drop the signature" in inputs.signature.accessibleName()
        desk.drop(signature)
    assert desk.verdict("a.bin")[0] == "Valid signature"


def test_a_signature_finds_its_file_beside_it(desk: Desk, files: Path) -> None:
    desk.sign(files / "b.bin")
    desk.drop(files / "b.bin.p7s")
    assert desk.verdict("b.bin")[0] == "Valid signature"


def test_a_changed_byte_is_said_first(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    changed = bytearray((files / "a.bin").read_bytes())
    changed[10] ^= 1
    (files / "a.bin").write_bytes(changed)
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    answer, sentence = desk.verdict("a.bin")
    assert answer == "Not valid"
    assert "is not the file that was signed" in sentence
    lines = desk.pane.verdicts.result._checks
    item = lines.itemAt(0)
    first = item.widget() if item else None
    assert first is not None
    assert first.accessibleName().startswith("File: failed")


def test_the_broken_link_stands_out(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    root = next(
        one for one in desk.bench.shelf.list_certificates()["Certificates"] if one["Trusted"]
    )
    desk.bench.shelf.set_certificate_trust(Id=root["Id"], Trusted=False)
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    answer, sentence = desk.verdict("a.bin")
    assert answer == "Not valid"
    assert "not among the trusted roots" in sentence
    broken = [card for card in desk.cards() if not card.link.ok]
    assert [card.property("role") for card in broken] == ["card-danger"]
    assert [b.accessibleName() for b in broken[0].findChildren(Badge)] == ["Broken here"]
    assert "not among the trusted roots" in broken[0].accessibleName()


def test_another_root_is_trusted_instead_and_given_up_again(
    desk: Desk, files: Path, tmp_path: Path
) -> None:
    desk.sign(files / "a.bin")
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    assert desk.verdict("a.bin")[0] == "Valid signature"
    other = desk.bench.create_hierarchy(
        HierarchyRequest(root_name="Stranger", algorithm="EC_prime256v1", alias=""),
        lambda *_: None,
    )
    pem = tmp_path / "stranger.pem"
    pem.write_text(other.root_pem)
    result = desk.pane.verdicts.result
    desk.pane.verdicts.trust.use(pem)
    desk.wait(lambda: result.answer.text() == "Not valid")
    desk.pane.verdicts.trust.use(None)
    desk.wait(lambda: result.answer.text() == "Valid signature")


def test_another_date_is_judged_by(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    assert desk.verdict("a.bin")[0] == "Valid signature"
    inputs = desk.pane.verdicts.inputs
    inputs._at.setChecked(True)
    inputs._when.setDateTime(inputs._when.dateTime().addYears(3))
    result = desk.pane.verdicts.result
    desk.wait(lambda: result.answer.text() == "Not valid")
    assert "expired" in result.sentence.text().lower()


def test_a_file_that_is_no_signature_gets_a_sentence(desk: Desk, files: Path) -> None:
    (files / "fake.p7s").write_bytes(b"not a signature")
    desk.pane.verdicts.verify([(files / "a.bin", files / "fake.p7s")])
    answer, sentence = desk.verdict("a.bin")
    assert answer == "Not valid"
    assert "not a CMS signature" in sentence


def test_a_whole_job_is_verified_again(desk: Desk, files: Path) -> None:
    desk.sign(files)
    (files / "b.bin").write_bytes(b"changed")
    desk.do("verify_again")
    listed = desk.pane.verdicts._list
    desk.wait(lambda: listed.count() == 3)
    desk.rest()
    texts = [listed.item(place).text() for place in range(3)]
    assert texts == ["Valid: a.bin", "Not valid: b.bin", "Valid: c.bin"]
    assert listed.currentRow() == 1


def test_a_large_verification_can_be_stopped(desk: Desk, files: Path, tmp_path: Path) -> None:
    desk.sign(files / "a.bin")
    large = tmp_path / "large.img"
    large.touch()
    os.truncate(large, 64 << 30)
    page = desk.pane.verdicts
    page.verify([(large, files / "a.bin.p7s")])
    desk.wait(lambda: page.share > 0)
    page.cancel()
    desk.wait(lambda: page.share < -1)
    assert page.verdict_pair is None
    assert any("stopped" in text for text in desk.window.notices.texts)


def test_what_is_inside_a_signature_is_shown(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    (files / "a.bin").unlink()
    survey = look_at([files / "a.bin.p7s"])
    desk.pane.reception.inspect(survey)
    desk.wait(lambda: dialog_of("signing.contents"))
    dialog = dialog_of("signing.contents")
    names = [one.accessibleName() for one in dialog.fields.findChildren(QWidget)]
    assert "Signature algorithm: ML-DSA-44" in names
    assert "Content: Detached: the file is not inside" in names


def signed(desk: Desk, files: Path, kind: str, key: str, **choices: Any) -> FileView:
    chosen = Choices((KeyChoice(key),), kind, **choices)
    recipe = recipe_from(desk.bench.kms, desk.bench.shelf, chosen)
    job = desk.bench.jobs.submit(recipe, [files / "a.bin"])
    desk.bench.jobs.wait(job, 20)
    (file,) = desk.bench.jobs.files(job)
    assert file.output is not None, file.sentence
    return file


def test_a_signature_with_the_file_inside_needs_no_other(desk: Desk, files: Path) -> None:
    file = signed(desk, files, "cms", desk.made.key_id, options=(("detached", False),))
    assert file.output is not None
    moved = file.output.rename(files / "alone.p7s")
    desk.drop(moved)
    page = desk.pane.verdicts
    desk.wait(lambda: page.verdict_pair == (None, moved))
    desk.rest()
    assert page.result.answer.text() == "Valid signature"


def test_public_keys_are_trusted_when_asked_for(desk: Desk, files: Path, tmp_path: Path) -> None:
    made = desk.bench.kms.create_key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    key = made["KeyMetadata"]["KeyId"]
    file = signed(desk, files, "sshsig", key)
    assert file.output is not None
    desk.drop(file.path, file.output)
    answer, sentence = desk.verdict("a.bin")
    assert answer == "Not valid"
    assert "not among the trusted keys" in sentence
    public = tmp_path / "signer.pem"
    public.write_text(public_pem(bytes(desk.bench.kms.get_public_key(KeyId=key)["PublicKey"])))
    desk.pane.verdicts.trust.use_keys(public)
    result = desk.pane.verdicts.result
    desk.wait(lambda: result.answer.text() == "Valid signature")
    desk.rest()
    desk.pane.verdicts.trust.use(None)
    desk.wait(lambda: result.answer.text() == "Not valid")
    desk.rest()


def test_a_verdict_is_written_as_a_report(desk: Desk, files: Path, tmp_path: Path) -> None:
    file = signed(desk, files, "cms", desk.made.key_id)
    assert file.output is not None
    desk.drop(file.path, file.output)
    assert desk.verdict("a.bin")[0] == "Valid signature"
    for name in ("report.html", "report.json"):
        desk.pane.verdicts.write_report(tmp_path / name)
        desk.rest()
    assert "Valid signature" in (tmp_path / "report.html").read_text()
    assert json.loads((tmp_path / "report.json").read_text())["valid"] is True


def test_the_signing_time_can_be_the_moment(desk: Desk, files: Path, clock: TravelClock) -> None:
    file = signed(desk, files, "cms", desk.made.key_id)
    assert file.output is not None
    clock.travel(timedelta(days=3 * 365))
    desk.drop(file.path, file.output)
    assert desk.verdict("a.bin")[0] == "Not valid"
    desk.pane.verdicts.inputs._signing.setChecked(True)
    result = desk.pane.verdicts.result
    desk.wait(lambda: result.answer.text() == "Valid signature")
    desk.rest()


def test_a_timestamp_is_no_signature(desk: Desk, files: Path) -> None:
    request = HierarchyRequest(root_name="Clock", algorithm="EC_prime256v1", alias="")
    made = desk.bench.create_hierarchy(request, lambda *_: None)
    file = signed(desk, files, "timestamp", make_stamper(desk.bench, made.subordinate_arn))
    assert file.output is not None
    desk.drop(file.path, file.output)
    answer, sentence = desk.verdict("a.bin")
    assert answer == "Valid timestamp, no signature"
    assert "existed at 2026-06-01" in sentence
    assert "no signature" in sentence
    assert [card.link.ok for card in desk.cards()] == [True, True, True]
    headline = desk.pane.verdicts.result._headline.accessibleName()
    assert headline.startswith("Valid timestamp, no signature. ")
    file.path.write_bytes(b"changed")
    desk.drop(file.path, file.output)
    desk.wait(lambda: desk.verdict("a.bin")[0] == "Not valid")
    assert "not over" in desk.verdict("a.bin")[1]


def test_a_list_of_checksums_is_checked_with_its_files(desk: Desk, files: Path) -> None:
    signed(desk, files, "cms", desk.made.key_id, checksums="SHA-256")
    listed = files / "SHA256SUMS"
    (files / "a.bin").write_bytes(b"changed")
    desk.drop(listed, listed.with_name("SHA256SUMS.p7s"))
    answer, sentence = desk.verdict("SHA256SUMS")
    assert answer == "Not valid"
    assert "is not the file that was listed" in sentence


def signed_pdf(desk: Desk, files: Path) -> Path:
    """Sign a PDF inside and have the window verify it alone."""
    file = files / "contract.pdf"
    file.write_bytes(pdfs.document())
    choices = Choices((KeyChoice(desk.made.key_id),), kind="pades")
    job = desk.bench.jobs.submit(recipe_from(desk.bench.kms, desk.bench.shelf, choices), [file])
    desk.bench.jobs.wait(job, 20)
    (done,) = desk.bench.jobs.files(job, 0, 1)
    assert done.output is not None, done.sentence
    desk.pane.verdicts.verify([(None, done.output)])
    desk.wait(lambda: desk.pane.verdicts.verdict_pair == (None, done.output))
    desk.rest()
    return done.output


def test_the_next_thing_dropped_is_not_taken_for_the_file_of_a_signed_document(
    desk: Desk, files: Path
) -> None:
    signed_pdf(desk, files)
    verdicts = desk.pane.verdicts
    assert verdicts.result.answer.text() == "Valid signature"
    assert "It is inside “contract-signed.pdf”" in verdicts.inputs.file.accessibleName()
    assert verdicts.waiting_for == ""
    evil = files / "evil.exe"
    evil.write_bytes(b"MZevil" * 100)
    desk.drop(evil)
    assert "sign, verify, inspect or import" in desk.said
    assert desk.sheet().isVisible()
    pair = verdicts.verdict_pair
    assert pair is not None
    assert pair[0] is None
    verdicts.verify([(evil, pair[1])])
    assert desk.verdict("evil.exe")[0] == "Not valid"


def test_another_date_is_judged_by_for_a_signed_document(desk: Desk, files: Path) -> None:
    signed_pdf(desk, files)
    inputs, result = desk.pane.verdicts.inputs, desk.pane.verdicts.result
    assert result.answer.text() == "Valid signature"
    inputs._at.setChecked(True)
    inputs._when.setDateTime(inputs._when.dateTime().addYears(3))
    desk.wait(lambda: result.answer.text() == "Not valid")
    assert "expired" in result.sentence.text().lower()
    inputs._at.setChecked(False)
    desk.wait(lambda: result.answer.text() == "Valid signature")


def test_it_is_said_that_the_vaults_roots_are_trusted_beside_others(
    desk: Desk, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = tmp_path / "other.pem"
    pem.write_text(public_root(desk))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    desk.sign(files / "a.bin")
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    assert desk.verdict("a.bin")[0] == "Valid signature"
    page = desk.pane.verdicts
    own = sum(one["Trusted"] for one in desk.bench.shelf.list_certificates()["Certificates"])
    said = page.inputs._trust
    assert said.text().startswith(f"Trusts the {own} root")
    page.trust.use_system()
    desk.wait(lambda: "the system's roots" in said.text())
    desk.rest()
    assert desk.verdict("a.bin")[0] == "Valid signature"
    assert said.text().startswith(f"Trusts the {own} root")
    assert "only" not in said.text()
    page.trust.use(None)
    page.trust.use(pem)
    desk.wait(lambda: said.text().startswith("Trusts only “Sign"))
    desk.rest()


def public_root(desk: Desk) -> str:
    made = desk.bench.create_hierarchy(
        HierarchyRequest(root_name="Signpost", algorithm="EC_prime256v1", alias=""),
        lambda *_: None,
    )
    return made.root_pem
