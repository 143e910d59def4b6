"""The Signing pane on a real engine and a real X server, by mouse, keys and drop events."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.fakes.queue import FakeQueue, job_view
from tests.ui.conftest import Open, click, dialog_of, press, type_text
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.pki.quickstart import Hierarchy, HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.recipe import make_recipe
from workbench.ui.panes.signing.chain_cards import LinkCard
from workbench.ui.panes.signing.outward import folder_url
from workbench.ui.panes.signing.pane import SigningPane
from workbench.ui.panes.signing.sheet import DropSheet
from workbench.ui.panes.signing.survey import Way, look_at
from workbench.ui.session import Session
from workbench.ui.widgets.base import PaneBase
from workbench.ui.widgets.basics import Badge
from workbench.ui.window import Window

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class CertificatesStandIn(PaneBase):
    """Remembers where the Signing pane led."""

    id: ClassVar[str] = "certificates"
    targets: ClassVar[list[str]] = []

    def show_target(self, target: str) -> None:
        self.targets.append(target)


class Desk:
    """A window on a real bench, with the Signing pane in front."""

    def __init__(self, window: Window, bench: Bench, made: Hierarchy, qtbot: QtBot) -> None:
        assert window.workspace is not None
        self.window, self.bench, self.made, self.qtbot = window, bench, made, qtbot
        self.pane: SigningPane = window.workspace.panes["signing"]

    def drop(self, *paths: Path, text: str = "") -> bool:
        """Drag things across the window and let go; returns whether the window took them."""
        mime = QMimeData()
        if paths:
            mime.setUrls([folder_url(path) for path in paths])
        else:
            mime.setText(text)
        middle = self.window.rect().center()
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        entering = QDragEnterEvent(QPointF(middle), Qt.DropAction.CopyAction, mime, buttons, keys)
        QApplication.sendEvent(self.window, entering)
        self.said = self.window.drops.sentence.text() if self.window.drops.isVisible() else ""
        if not entering.isAccepted():
            return False
        letting_go = QDropEvent(QPointF(middle), Qt.DropAction.CopyAction, mime, buttons, keys)
        QApplication.sendEvent(self.window, letting_go)
        return letting_go.isAccepted()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)

    def rest(self) -> None:
        self.wait(lambda: self.window.session.idle)

    def sheet(self) -> DropSheet:
        """Wait for the sheet, and until everything in it is looked up."""
        self.wait(lambda: dialog_of(DropSheet))
        self.rest()
        found = dialog_of(DropSheet)
        assert isinstance(found, DropSheet)
        return found

    def sign(self, *paths: Path) -> None:
        """Drop files and sign them with what is offered; returns once all are settled."""
        before = len(self.pane.queue.model.rows)
        self.drop(*paths)
        sheet = self.sheet()
        click(self.qtbot, sheet.main_button)
        self.wait(lambda: dialog_of(DropSheet) is None)
        self.wait(lambda: len(self.pane.queue.model.rows) > before)
        self.settle()

    def settle(self) -> None:
        for view in self.bench.jobs.jobs():
            self.bench.jobs.wait(view.id, 20)
        self.wait(lambda: not self.pane.running)
        self.rest()

    def verdict(self, file: str) -> tuple[str, str]:
        """Wait for the verdict on this file; returns its answer and its sentence."""

        def there() -> bool:
            pair = self.pane.verdicts.verdict_pair
            return pair is not None and pair[0] is not None and pair[0].name == file

        self.wait(there)
        self.rest()
        result = self.pane.verdicts.result
        return result.answer.text(), result.sentence.text()

    def cards(self) -> Sequence[LinkCard]:
        return self.pane.verdicts.result.chain.cards

    def do(self, name: str) -> None:
        """Carry out a command of the pane by its name, which must be possible."""
        command = next(c for c in self.pane.commands if c.objectName() == f"signing.{name}")
        assert command.isEnabled(), command.toolTip()
        command.trigger()

    def tip(self, name: str) -> str:
        return next(c.toolTip() for c in self.pane.commands if c.objectName() == f"signing.{name}")


@pytest.fixture
def clock() -> TravelClock:
    return TravelClock(NOW)


@pytest.fixture
def bench(tmp_path: Path, clock: TravelClock) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", clock)
    yield made
    made.close()


@pytest.fixture
def desk(open_window: Open, bench: Bench, qtbot: QtBot, session: Session) -> Desk:
    hierarchy = bench.create_hierarchy(HierarchyRequest(algorithm="ML_DSA_44"), lambda *_: None)
    CertificatesStandIn.targets.clear()
    window = open_window(bench=bench, makers=(SigningPane, CertificatesStandIn))
    found = Desk(window, bench, hierarchy, qtbot)
    found.rest()
    return found


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with three files."""
    folder = tmp_path / "release"
    folder.mkdir()
    for name in ("a.bin", "b.bin", "c.bin"):
        (folder / name).write_bytes(name.encode() * 1000)
    return folder


def test_an_empty_queue_says_what_to_drop_and_offers_both_first_actions(desk: Desk) -> None:
    large = desk.pane.queue.large
    assert large.isVisible()
    assert "Drop files here" in large.sentence.text()
    assert not desk.pane.queue.jobs.isVisible()


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


def chain_of(desk: Desk) -> tuple[bytes, ...]:
    return chain_for_key(desk.bench.kms, desk.bench.shelf, desk.made.key_id)


def test_a_folder_is_counted_with_what_stands_in_the_way(desk: Desk, files: Path) -> None:
    (files / "a.bin.p7s").write_bytes(b"")
    (files / "link").symlink_to(files / "b.bin")
    desk.drop(files)
    sheet = desk.sheet()
    said = sheet.summary.text()
    assert "Passes over 1 link" in said
    assert "1 has a signature already; it stays" in said
    assert "with code-signing" in said
    sheet.form._replace.setChecked(True)
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
    desk.pane.verdicts.use_root(pem)
    desk.wait(lambda: result.answer.text() == "Not valid")
    desk.pane.verdicts.use_root(None)
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


def test_a_key_without_a_certificate_says_so_and_leads_to_issuing(desk: Desk, files: Path) -> None:
    made = desk.bench.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    key_id = made["KeyMetadata"]["KeyId"]
    desk.bench.kms.create_alias(AliasName="alias/bare", TargetKeyId=key_id)
    desk.drop(files / "a.bin")
    sheet = desk.sheet()
    keys = sheet.form._key
    texts = [keys.itemText(place) for place in range(keys.count())]
    assert texts[0] == "code-signing (ML-DSA-44)"
    assert texts[-1] == "bare (ECC-NIST-P256) \N{EN DASH} no certificate yet"
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
    sheet.form._where.setCurrentIndex(1)
    sheet.form._folder.setText(str(out))
    type_text(desk.qtbot, sheet.form._name, "Nightly")
    click(desk.qtbot, sheet.main_button)
    desk.wait((out / "a.bin.p7s").exists)
    desk.settle()
    desk.drop(files / "b.bin")
    again = desk.sheet()
    assert again.form.choices.digest == digest
    assert again.form.choices.folder == str(out)
    assert again.form.choices.name == ""
    again.form._recipe.setCurrentIndex(again.form._recipe.findText("Nightly"))
    assert again.form.choices.name == "Nightly"
    click(desk.qtbot, again.form._forget)
    assert again.form._recipe.findText("Nightly") == -1


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
    desk.pane._actions.write_root(target)
    desk.wait(target.exists)
    desk.rest()
    assert target.read_text() == desk.made.root_pem
    desk.do("copy_command")
    assert f"-CAfile '{target}'" in QGuiApplication.clipboard().text()


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
    desk.pane._inspect(survey)
    desk.wait(lambda: dialog_of("signing.contents"))
    dialog = dialog_of("signing.contents")
    names = [one.accessibleName() for one in dialog.fields.findChildren(QWidget)]
    assert "Signature algorithm: ML-DSA-44" in names
    assert "Content: Detached: the file is not inside" in names


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


def test_a_private_key_is_refused_with_a_reason(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    desk.drop(path)
    sheet = desk.sheet()
    assert sheet.ways == ()
    assert not sheet.main_button.isVisible()
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
        headings.index(one) for one in ("1. File", "2. Key", "3. Signature", "4. Certificates")
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
