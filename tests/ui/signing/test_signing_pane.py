"""The Signing pane on a real engine and a real X server, by mouse, keys and drop events."""

import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.fakes import pdfs
from tests.fakes.queue import FakeQueue, job_view
from tests.ui.conftest import Open, click, press, type_text
from tests.ui.signing.desk import CertificatesStandIn, Desk, chain_of
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.equivalent import public_pem
from workbench.signing.recipe import Recipe, make_recipe
from workbench.ui.panes.signing.pane import SigningPane
from workbench.ui.panes.signing.survey import Way
from workbench.ui.session import Session


def test_an_empty_queue_says_what_to_drop_and_offers_both_first_actions(desk: Desk) -> None:
    large = desk.pane.queue.large
    assert large.isVisible()
    assert "Drop files here" in large.sentence.text()
    assert not desk.pane.queue.jobs.isVisible()


def test_words_on_buttons_ask_for_no_room(desk: Desk) -> None:
    queue = desk.pane.queue
    queue.resize(2000, 800)
    assert queue.minimumSizeHint().width() < 700, "else it could not be made narrower again"
    styles = {button.toolButtonStyle() for button in queue._buttons}
    assert styles == {Qt.ToolButtonStyle.ToolButtonTextBesideIcon}
    queue.resize(700, 800)
    styles = {button.toolButtonStyle() for button in queue._buttons}
    assert styles == {Qt.ToolButtonStyle.ToolButtonIconOnly}


def test_a_dropped_file_is_signed_by_two_clicks_and_verifies(desk: Desk, files: Path) -> None:
    assert desk.drop(files / "a.bin")
    assert desk.said == "Drop “a.bin” to sign, verify, inspect or import"
    sheet = desk.sheet()
    assert sheet.way is Way.SIGN
    assert sheet.main_button.text() == "Sign 1 file"
    chain = "Code Signing ← Code Signing Subordinate ← Code Signing Root"
    assert any(chain in one.text() for one in sheet.findChildren(QLabel))
    click(desk.qtbot, sheet.main_button)
    desk.wait((files / "a.bin.p7s").exists)
    desk.settle()
    root = desk.bench.verifier.verify(files / "a.bin", files / "a.bin.p7s", [chain_of(desk)[-1]])
    assert root.valid
    assert desk.pane.queue.files_model.index(0, 1).data() == "Signed"
    assert "Signed 1 file." in desk.window.notices.texts


def test_a_folder_is_counted_with_what_stands_in_the_way(desk: Desk, files: Path) -> None:
    (files / "a.bin.p7s").write_bytes(b"")
    (files / "link").symlink_to(files / "b.bin")
    desk.drop(files)
    sheet = desk.sheet()
    said = sheet.summary.text()
    assert "Passes over 1 link" in said
    assert "1 has a signature already; it stays" in said
    assert "with code-signing" in said
    sheet.form._place.replace.setChecked(True)
    assert "1 signature that exists already is replaced" in sheet.summary.text()


def test_a_file_that_could_not_be_signed_says_why_and_is_retried(desk: Desk, files: Path) -> None:
    blocker = files / "b.bin.p7s"
    blocker.write_bytes(b"someone else's")
    desk.sign(files / "a.bin", files / "b.bin", files / "c.bin")
    view = desk.pane.queue.job
    assert view is not None
    assert (view.done, view.failed) == (2, 1)
    assert blocker.read_bytes() == b"someone else's"
    desk.pane.queue.show_failed()
    model = desk.pane.queue.files_model
    assert model.rowCount() == 1
    desk.wait(lambda: model.index(0, 0).data() == "b.bin")
    assert "exists already and was left as it is" in model.index(0, 3).data()
    blocker.unlink()
    desk.do("retry")
    desk.wait(lambda: (job := desk.pane.queue.job) is not None and job.done == 3)
    assert blocker.exists()
    assert "no file of the job failed" in desk.tip("retry")


def test_a_key_without_a_certificate_says_so_and_leads_to_issuing(desk: Desk, files: Path) -> None:
    made = desk.bench.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    key_id = made["KeyMetadata"]["KeyId"]
    desk.bench.kms.create_alias(AliasName="alias/bare", TargetKeyId=key_id)
    desk.drop(files / "a.bin")
    sheet = desk.sheet()
    keys = sheet.form._key
    texts = [keys.itemText(place) for place in range(keys.count())]
    assert texts[0] == "code-signing (ML-DSA-44)"
    assert texts[-1] == "bare (EC P-256) \N{EN DASH} no certificate yet"
    assert not any("root" in text.casefold() for text in texts)
    keys.setCurrentIndex(keys.count() - 1)
    assert not sheet.main_button.isEnabled()
    click(desk.qtbot, sheet.form._issue)
    assert CertificatesStandIn.targets == [key_id]


def test_choices_are_remembered_and_can_be_named(desk: Desk, files: Path, tmp_path: Path) -> None:
    out = tmp_path / "signatures"
    out.mkdir()
    desk.drop(files / "a.bin")
    sheet = desk.sheet()
    sheet.form._digest.setCurrentIndex(1)
    digest = sheet.form.choices.digest
    sheet.form._place.where.setCurrentIndex(1)
    sheet.form._place.folder.setText(str(out))
    type_text(desk.qtbot, sheet.form._name, "Nightly")
    click(desk.qtbot, sheet.main_button)
    desk.wait((out / "a.bin.p7s").exists)
    desk.settle()
    desk.drop(files / "b.bin")
    again = desk.sheet()
    assert again.form.choices.digest == digest
    assert again.form.choices.folder == str(out)
    assert again.form.choices.name == ""
    bar = again.form._bar
    bar.list.setCurrentIndex(bar.list.findText("Nightly"))
    assert again.form.choices.name == "Nightly"
    exported = tmp_path / "recipes.json"
    bar.write(exported)
    desk.rest()
    bar.give_name("Nightly", "Weekly")
    desk.wait(lambda: bar.list.currentText() == "Weekly")
    bar.read_file(exported)
    desk.wait(lambda: bar.list.currentText() == "Nightly")
    bar.delete.trigger()
    desk.wait(lambda: bar.list.count() == 2)
    desk.rest()
    bar.list.setCurrentIndex(1)
    bar.delete.trigger()
    desk.wait(lambda: bar.list.count() == 1)
    desk.rest()
    assert desk.bench.recipes.all() == ()


def test_the_format_decides_what_there_is_to_choose(desk: Desk, files: Path) -> None:
    made = desk.bench.kms.create_key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    edwards = made["KeyMetadata"]["KeyId"]
    desk.drop(files / "a.bin")
    sheet = desk.sheet()
    form = sheet.form
    assert "OpenSSL 3.5" in form._advice.text(), "who cannot check ML-DSA is said before signing"
    form._format.setCurrentIndex(form._format.findData("sshsig"))
    desk.rest()
    assert form.signer is not None
    assert form.signer.id == edwards, "the first key that this format has signatures for"
    assert not form._advice.isVisibleTo(form)
    assert [one.choice.name for one in form._options._fields] == ["namespace"]
    form._options._fields[0].write("git")
    assert form.choices.options == (("namespace", "git"),)
    click(desk.qtbot, sheet.main_button)
    desk.wait((files / "a.bin.sig").exists)
    desk.settle()
    assert (files / "a.bin.sig").read_bytes().startswith(b"-----BEGIN SSH SIGNATURE-----")
    row = desk.pane.queue.model.rows[0]
    assert "OpenSSH signature" in row.recipe_line


def test_two_keys_sign_together(desk: Desk, files: Path) -> None:
    desk.bench.create_hierarchy(
        HierarchyRequest(root_name="Classical", algorithm="EC_prime256v1", alias="alias/classical"),
        lambda text, share: None,
    )
    desk.drop(files / "b.bin")
    sheet = desk.sheet()
    form = sheet.form
    form._format.setCurrentIndex(form._format.findData("cades"))
    desk.rest()
    second = form._further._second[1]
    assert second.isVisibleTo(form)
    second.setCurrentIndex(1)
    assert len(form.choices.keys) == 2
    said = form._advice.text()
    assert "OpenSSL 3.5" not in said, "the second one can be checked by everybody"
    assert "accept CMS signatures by one key only" in said
    form._place.replace.setChecked(True)
    click(desk.qtbot, sheet.main_button)
    desk.wait((files / "b.bin.p7s").exists)
    desk.settle()
    desk.drop(files / "b.bin", files / "b.bin.p7s")
    assert desk.verdict("b.bin")[0] == "Valid signature"
    verdict = desk.pane.verdicts.result.verdict
    assert verdict is not None
    assert len(verdict.parts) == 2
    titles = [title.text() for title in desk.pane.verdicts.result.parts.titles]
    assert [one.split(":")[0] for one in titles] == ["Signer 1", "Signer 2"]


def test_names_with_any_bytes_are_signed_and_shown_safely(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    raw = os.fsencode(folder) + b"/it's\na \xff name"
    Path(os.fsdecode(raw)).write_bytes(b"content")
    desk.sign(Path(os.fsdecode(raw)))
    assert Path(os.fsdecode(raw + b".p7s")).exists()
    shown = desk.pane.queue.files_model.index(0, 0).data()
    assert shown == "it's\\na \\udcff name"
    desk.do("copy_command")
    line = QGuiApplication.clipboard().text()
    assert line.startswith("openssl cms -verify ")
    assert "\n" not in line
    assert "\\xff" in line


def test_the_root_is_saved_for_the_copied_command(desk: Desk, files: Path, tmp_path: Path) -> None:
    desk.sign(files / "a.bin")
    target = tmp_path / "the root.pem"
    desk.pane.actions_on_jobs.write_trust(target)
    desk.wait(target.exists)
    desk.rest()
    assert target.read_text() == desk.made.root_pem
    desk.do("copy_command")
    assert f"-CAfile '{target}'" in QGuiApplication.clipboard().text()


def signed_as(desk: Desk, kind: str, file: Path, suffix: str) -> Recipe:
    """Sign a file in a format, and select the job; returns its recipe."""
    before = len(desk.pane.queue.model.rows)
    recipe = recipe_from(
        desk.bench.kms, desk.bench.shelf, Choices((KeyChoice(desk.made.key_id),), kind)
    )
    job = desk.bench.jobs.submit(recipe, [file])
    desk.bench.jobs.wait(job, 20)
    desk.wait(lambda: len(desk.pane.queue.model.rows) == before + 1)
    desk.rest()
    desk.wait(lambda: desk.pane.queue.jobs.select_job(job))
    at_hand = desk.pane.actions_on_jobs
    desk.wait(lambda: [one.output and one.output.suffix for one in at_hand.at_hand] == [suffix])
    return recipe


def test_lines_for_messages_name_the_keys_and_where_there_is_none_it_is_said(
    desk: Desk, files: Path, tmp_path: Path
) -> None:
    signed_as(desk, "jws", files / "a.bin", ".jws")
    desk.do("copy_command")
    assert "openssl pkeyutl -verify -pubin -inkey public.pem" in QGuiApplication.clipboard().text()
    assert any("keys in public.pem" in text for text in desk.window.notices.texts)
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdfs.document())
    signed_as(desk, "pades", paper, ".pdf")
    desk.do("copy_command")
    desk.wait(lambda: any("pdfsig checks" in text for text in desk.window.notices.texts))
    assert "-inkey public.pem" in QGuiApplication.clipboard().text()


def test_lines_that_sign_and_the_public_key_they_name_are_there_for_raw_signatures(
    desk: Desk, files: Path, tmp_path: Path
) -> None:
    desk.sign(files / "a.bin")
    assert "the key stays in the vault" in desk.tip("copy_signing")
    root = tmp_path / "root of the same key.pem"
    desk.pane.actions_on_jobs.write_trust(root)
    desk.wait(root.exists)
    recipe = signed_as(desk, "raw", files / "a.bin", ".rawsig")
    desk.do("copy_signing")
    line = QGuiApplication.clipboard().text()
    assert "aws kms sign" in line
    assert "--message-type EXTERNAL_MU" in line
    desk.do("copy_command")
    assert "-inkey public.pem" in QGuiApplication.clipboard().text()
    target = tmp_path / "the public.pem"
    desk.pane.actions_on_jobs.write_trust(target)
    desk.wait(target.exists)
    desk.rest()
    assert target.read_text() == public_pem(recipe.public_key)
    desk.do("copy_command")
    assert f"-inkey '{target}'" in QGuiApplication.clipboard().text()


def test_a_running_job_is_paused_resumed_and_cancelled(desk: Desk, tmp_path: Path) -> None:
    large = tmp_path / "large.img"
    large.touch()
    os.truncate(large, 64 << 30)
    desk.drop(large)
    sheet = desk.sheet()
    click(desk.qtbot, sheet.main_button)
    desk.wait(lambda: desk.pane.running and desk.pane.running[0][1] >= 0)
    assert desk.window.status.work.isVisible()
    assert "the job has not" not in desk.tip("cancel")
    desk.do("cancel")
    desk.settle()
    view = desk.pane.queue.job
    assert view is not None
    assert view.cancelled == 1
    assert not (tmp_path / "large.img.p7s").exists()
    assert "the job has ended" in desk.tip("cancel")
    desk.pane.queue.jobs.setFocus()
    press(desk.qtbot, desk.pane.queue.jobs, Qt.Key.Key_Delete)
    desk.wait(lambda: not desk.pane.queue.model.rows)
    assert desk.pane.queue.large.isVisible()


def test_dropped_certificates_go_to_the_pane_that_keeps_them(desk: Desk, tmp_path: Path) -> None:
    pems = [tmp_path / "one.pem", tmp_path / "two.txt"]
    for path in pems:
        path.write_text(desk.made.root_pem)
    desk.drop(*pems)
    sheet = desk.sheet()
    assert sheet.ways == (Way.IMPORT,)
    click(desk.qtbot, sheet.main_button)
    assert CertificatesStandIn.targets == ["import:" + "\0".join(map(str, pems))]


def test_dropped_text_is_taken_only_if_it_is_a_certificate(desk: Desk) -> None:
    assert not desk.drop(text="just words")
    assert desk.drop(text=desk.made.root_pem)
    desk.wait(lambda: any("known already" in text for text in desk.window.notices.texts))


def test_a_private_key_is_never_signed_but_offered_for_import(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    desk.drop(path)
    sheet = desk.sheet()
    assert sheet.ways == (Way.IMPORT,)
    assert any("Private key" in one.text() for one in sheet.findChildren(QLabel))


def test_commands_that_cannot_run_say_why(desk: Desk) -> None:
    for name in ("pause", "resume", "cancel", "retry", "remove", "verify_again", "show_folder"):
        assert "no job is selected" in desk.tip(name)


def test_the_inspector_leads_from_hash_to_certificates(desk: Desk, files: Path) -> None:
    desk.sign(files)
    files_table = desk.pane.queue.files
    desk.wait(lambda: desk.pane.queue.files_model.file(1) is not None)
    row = files_table.visualRect(desk.pane.queue.files_model.index(1, 0)).center()
    click(desk.qtbot, files_table.viewport(), QPoint(row))
    fields = desk.pane.details._file
    desk.wait(fields.isVisible)
    headings = [one.text() for one in fields.findChildren(QLabel) if one.isVisible()]
    order = [
        headings.index(one)
        for one in (
            "1. File",
            "2. Recipe and key",
            "3. Certificates",
            "4. Signature",
            "5. Journal",
        )
    ]
    assert order == sorted(order)


def test_the_vault_locks_over_an_open_sheet_and_gives_it_back(desk: Desk, files: Path) -> None:
    desk.drop(files / "a.bin")
    sheet = desk.sheet()
    type_text(desk.qtbot, sheet.form._name, "kept")
    desk.window.lock()
    desk.wait(lambda: desk.bench.vault.locked)
    assert not sheet.isVisible()
    desk.bench.vault.unlock_with_passphrase("correct horse battery staple")
    desk.window._unlocked()
    assert sheet.isVisible()
    assert sheet.form.choices.name == "kept"


def test_nothing_calls_a_pane_that_is_gone(desk: Desk) -> None:
    observers = desk.bench.jobs._observers
    assert len(observers) == 1
    desk.window.leave_vault()
    desk.rest()
    QApplication.processEvents()
    desk.wait(lambda: not observers)


def test_a_hundred_thousand_files_are_fetched_only_where_they_are_seen(
    open_window: Open, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    hierarchy = bench.create_hierarchy(HierarchyRequest(algorithm="ML_DSA_44"), lambda *_: None)
    chain = chain_for_key(bench.kms, bench.shelf, hierarchy.key_id)
    queue = FakeQueue(job_view(make_recipe(bench.kms, hierarchy.key_id, chain), 100_000))

    class Borrowed:
        """The bench with another queue."""

        def __getattr__(self, name: str) -> Any:
            return queue if name == "jobs" else getattr(bench, name)

    window = open_window(bench=Borrowed(), makers=(SigningPane,))
    assert window.workspace is not None
    pane = window.workspace.panes["signing"]
    model, table = pane.queue.files_model, pane.queue.files
    qtbot.waitUntil(lambda: model.rowCount() == 100_000 and model.file(0) is not None)
    table.scrollToBottom()
    qtbot.waitUntil(lambda: model.file(99_999) is not None)
    assert model.index(99_999, 0).data() == "file-099999.bin"
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum() // 2)
    qtbot.waitUntil(lambda: session.idle)
    assert len(queue.fetched) <= 8
    table.selectAll()
    assert len(table.selected) <= 500


def test_dropped_urls_that_are_no_files_are_refused(desk: Desk) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/a.bin")])
    event = QDragEnterEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(desk.window, event)
    assert not event.isAccepted()
