"""Certificates issued from a list in the window, on the real engine; and the rows by themselves."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from cryptography import x509
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.certificates.conftest import Scene, notices, waited, words_in
from tests.ui.conftest import click, dialog_of, press
from workbench.base.errors import EnvironmentFault
from workbench.pki.order_files import example
from workbench.pki.order_run import Outcome, Preview
from workbench.pki.order_table import Defaults, read_table
from workbench.pki.order_words import Looked
from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.look import Look
from workbench.ui.panes.certificates.lists.batch import Batch, Stand, read_list
from workbench.ui.panes.certificates.lists.line_table import LINE, VERDICT, LineModel
from workbench.ui.panes.certificates.lists.list_dialog import ListDialog
from workbench.ui.panes.certificates.lists.working import Run
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.wizards.new_certificate import NewCertificateDialog
from workbench.ui.session import Session
from workbench.ui.window import Window

_LONG = 20_000
SIGNING = "EndEntityServerAuthCertificate_SigningKey"
CODE = "arn:aws:acm-pca:::template/CodeSigningCertificate/V1"
MIXED = """cn,dns,days,alias,key_spec
good.example,good.example,,good,ECC_NIST_P256
nameless,,,,ECC_NIST_P256
late.example,late.example,30000,,ECC_NIST_P256
bad,,,,HMAC_256
=1+1,x.example,,,
good.example,good.example,,,ECC_NIST_P256
left.example,left.example,,,ECC_NIST_P256
taken.example,taken.example,,sign,ECC_NIST_P256
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Any]:
    made = make_bench(tmp_path / "vault")
    made.create_hierarchy(
        HierarchyRequest(algorithm="EC_prime256v1", alias="alias/sign"), lambda *_: None
    )
    yield made
    made.close()


def ask(pane: CertificatesPane, qtbot: QtBot) -> ListDialog:
    ca = next(o for o in pane.collection.records.values() if o.name == "Code Signing Subordinate")
    pane.choose(ca.id)
    pane.commands_by_name["list"].trigger()
    dialog = waited(qtbot, ListDialog)
    assert isinstance(dialog, ListDialog)
    assert dialog.fields.issuer_arn in ca.arns
    assert not dialog.main_button.isEnabled()
    assert dialog.main_button.toolTip() == "Choose a list first."
    return dialog


def give(dialog: ListDialog, qtbot: QtBot, path: Path, text: str) -> None:
    path.write_text(text)
    dialog.take_file(path)
    checked(dialog, qtbot)


def checked(dialog: ListDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: bool(dialog.batch.lines) and not dialog.progress.isVisible(), timeout=_LONG
    )


def stands(dialog: ListDialog) -> dict[int, Stand]:
    return {one.number: one.stand for one in dialog.batch.lines}


def tick(dialog: ListDialog, row: int, *, on: bool) -> None:
    state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
    index = dialog.model.index(row, LINE)
    assert dialog.model.setData(index, state.value, Qt.ItemDataRole.CheckStateRole)


def test_rows_are_checked_left_out_issued_knowingly_and_saved(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(bench)
    dialog = ask(pane, qtbot)
    give(dialog, qtbot, tmp_path / "list.csv", MIXED)
    assert stands(dialog) == {
        2: Stand.GOOD, 3: Stand.REJECTED, 4: Stand.REFUSED, 5: Stand.REFUSED, 6: Stand.UNREADABLE,
        7: Stand.UNREADABLE, 8: Stand.GOOD, 9: Stand.REFUSED,
    }  # fmt: skip
    assert dialog.main_button.text() == "Issue 2 certificates"
    dialog.table.setCurrentIndex(dialog.model.index(5, 0))
    assert "Line 7: Refused: The same certificate is asked for in line 2" in words_in(dialog)
    dialog.table.setCurrentIndex(dialog.model.index(1, 0))
    assert "[RFC 9525 §6.3]" in dialog.remarks.text()
    refused = dialog.model.index(2, LINE)
    assert not dialog.model.flags(refused) & Qt.ItemFlag.ItemIsUserCheckable
    tick(dialog, 6, on=False)
    tick(dialog, 1, on=True)
    assert not dialog.main_button.isEnabled(), "what would be rejected is issued knowingly only"
    dialog.knowing.setChecked(True)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(dialog.files.isVisible, timeout=_LONG)
    assert stands(dialog)[2] is Stand.ISSUED
    assert stands(dialog)[3] is Stand.ISSUED
    assert stands(dialog)[8] is Stand.GOOD
    qtbot.waitUntil(lambda: "nameless" in {o.name for o in pane.collection.records.values()})
    assert "left.example" not in {one.name for one in pane.collection.records.values()}
    _save(dialog, qtbot, pane, tmp_path)


def _save(dialog: ListDialog, qtbot: QtBot, pane: CertificatesPane, place: Path) -> None:
    folder, single, table = place / "out", place / "all.pem", place / "results.csv"
    folder.mkdir()
    dialog.files.save_each(folder, True)
    qtbot.waitUntil(lambda: any("Certificates written" in one for one in notices(pane)))
    names = sorted(one.name for one in folder.iterdir())
    assert names == ["2-good.example.pem", "3-nameless.pem"]
    chain = x509.load_pem_x509_certificates((folder / names[0]).read_bytes())
    assert len(chain) == 3
    chain[0].verify_directly_issued_by(chain[1])
    dialog.files.save_each(folder, False)
    qtbot.waitUntil(lambda: "files of these names already: 2 of 2" in words_in(dialog))
    dialog.files.save_one(single)
    dialog.files.save_results(table)
    qtbot.waitUntil(lambda: single.exists() and table.exists())
    assert len(x509.load_pem_x509_certificates(single.read_bytes())) == 2
    with table.open(newline="") as stream:
        told = {one["line"]: one["outcome"] for one in csv.DictReader(stream)}
    assert told == {"2": "issued", "3": "issued", "4": "not issued", "5": "not issued",
                    "8": "not issued", "9": "not issued"}  # fmt: skip


def test_stopped_in_the_middle_nothing_is_lost_and_the_rest_can_follow(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(bench)
    dialog = ask(pane, qtbot)
    rows = "".join(f"n{n},n{n}.example,ECC_NIST_P256\n" for n in range(20))
    give(dialog, qtbot, tmp_path / "list.csv", f"cn,dns,key_spec\n{rows}")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog.batch.counts[Stand.ISSUED] > 0)
    press(qtbot, dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible(), "Escape stops, and closes nothing that still runs"
    qtbot.waitUntil(lambda: not dialog.issuing)
    issued = dialog.batch.counts[Stand.ISSUED]
    assert 0 < issued < 20
    here = {one.certificate_id for one in dialog.batch.issued}
    qtbot.waitUntil(lambda: here <= set(pane.collection.records))
    assert sum(one.name.startswith("n") for one in pane.collection.records.values()) == issued
    assert dialog.main_button.text() == f"Issue {20 - issued} certificates"
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog.batch.counts[Stand.ISSUED] == 20)
    press(qtbot, dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: dialog_of(ListDialog) is None)


def test_locking_stops_and_loses_nothing(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = open_pane(bench)
    window, dialog = pane.window(), ask(pane, qtbot)
    assert isinstance(window, Window)
    rows = "".join(f"n{n},n{n}.example,ECC_NIST_P256\n" for n in range(20))
    give(dialog, qtbot, tmp_path / "list.csv", f"cn,dns,key_spec\n{rows}")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog.batch.counts[Stand.ISSUED] > 0)
    window.lock()
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: bench.vault.locked and not dialog.issuing, timeout=_LONG)
    assert 0 < dialog.batch.counts[Stand.ISSUED] < 20
    qtbot.waitUntil(window.lock_screen.keyring_button.isVisible)
    press(qtbot, window.lock_screen.keyring_button, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.batch.counts[Stand.FAILED] <= 1, "at most the row that was being issued"
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog.batch.counts[Stand.ISSUED] == 20, timeout=_LONG)


def test_a_row_that_fails_spares_the_others_and_is_tried_again(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = ask(open_pane(bench), qtbot)
    text = "cn,dns,alias,key_spec\na,a.example,late,ECC_NIST_P256\nb,b.example,,ECC_NIST_P256\n"
    give(dialog, qtbot, tmp_path / "list.csv", text)
    key = bench.kms.describe_key(KeyId="alias/sign")["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName="alias/late", TargetKeyId=key)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(dialog.files.isVisible, timeout=_LONG)
    assert stands(dialog) == {2: Stand.FAILED, 3: Stand.ISSUED}
    assert "AlreadyExistsException" in dialog.remarks.text()
    assert dialog.main_button.text() == "Try 1 again"
    bench.kms.delete_alias(AliasName="alias/late")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: stands(dialog)[2] is Stand.ISSUED)


def test_where_nothing_could_be_issued_the_settings_come_back(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = ask(open_pane(bench), qtbot)
    text = "cn,dns,key_spec\na,a.example,ECC_NIST_P256\n"
    give(dialog, qtbot, tmp_path / "list.csv", text)
    arn = dialog.fields.issuer_arn
    bench.acm_pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    click(qtbot, dialog.main_button)
    assert not dialog.fields.issuer.isVisible()
    qtbot.waitUntil(lambda: stands(dialog) == {2: Stand.FAILED}, timeout=_LONG)
    qtbot.waitUntil(dialog.fields.issuer.isVisible)
    assert "only an active one issues" in dialog.remarks.text()
    dialog.fields.issuer.setCurrentIndex(1 - dialog.fields.issuer.currentIndex())
    qtbot.waitUntil(lambda: stands(dialog) == {2: Stand.GOOD}, timeout=_LONG)


def test_settings_are_checked_anew_and_choices_stay(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    bench.shelf.create_profile(Name="short", TemplateArn=CODE)
    profile = bench.shelf.get_profile(Name="short")["Profile"]
    bench.shelf.update_profile(Profile={**profile, "ValidityDays": 12})
    pane = open_pane(bench)
    dialog = ask(pane, qtbot)
    give(dialog, qtbot, tmp_path / "list.csv", "cn,key_spec\na,ECC_NIST_P256\nb,ECC_NIST_P256\n")
    assert set(stands(dialog).values()) == {Stand.REJECTED}, "servers need a DNS name"
    dialog._read()
    assert dialog.main_button.toolTip() == "The rows are still being checked."
    checked(dialog, qtbot)
    place = dialog.fields.template.findText("Profile: short")
    dialog.fields.template.setCurrentIndex(place)
    assert dialog.fields.days.value() == 12
    qtbot.waitUntil(lambda: dialog.batch.picked[Stand.GOOD] == 2)
    checked(dialog, qtbot)
    tick(dialog, 1, on=False)
    before = dialog.batch
    dialog.fields.days.setValue(13)
    assert not dialog.main_button.isEnabled(), "what was checked had other settings"
    qtbot.waitUntil(lambda: dialog.batch is not before and dialog.batch.counts[Stand.GOOD] == 2)
    assert [one.number for one in dialog.batch.chosen] == [2]
    dialog.reject()
    pane.commands_by_name["issue"].trigger()
    single = waited(qtbot, NewCertificateDialog)
    words = [single.template.itemText(n) for n in range(single.template.count())]
    assert "Profile: short" in words
    assert "CodeSigningCertificate_APIPassthrough" in words
    assert "RootCACertificate" not in " ".join(words)


def test_dropped_and_unreadable_lists(
    open_pane: Scene, bench: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = ask(open_pane(bench), qtbot)
    list_file, noise = tmp_path / "list.csv", tmp_path / "noise.csv"
    noise.write_bytes(b"\xff\xfe\x00\xd8")
    dialog.take_file(noise)
    qtbot.waitUntil(lambda: "not UTF-8" in words_in(dialog))
    assert not dialog.main_button.isEnabled()
    dialog.take_file(tmp_path)
    qtbot.waitUntil(lambda: "is no file" in words_in(dialog))
    dialog._steps.save_example(list_file)
    qtbot.waitUntil(list_file.exists)
    assert list_file.read_bytes() == example()
    two = _mime(list_file, noise)
    assert not _dragged(dialog, two)
    one = _mime(list_file)
    assert _dragged(dialog, one)
    dialog.dropEvent(
        QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, one, Qt.MouseButton.LeftButton,
                   Qt.KeyboardModifier.NoModifier)
    )  # fmt: skip
    qtbot.waitUntil(lambda: len(dialog.batch.lines) == 3)
    checked(dialog, qtbot)
    assert "is no file" not in words_in(dialog)
    assert dialog.batch.picked.total() == 3


def _mime(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(one)) for one in paths])
    return mime


def _dragged(dialog: ListDialog, mime: QMimeData) -> bool:
    event = QDragEnterEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime,
                            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    event.ignore()
    dialog.dragEnterEvent(event)
    return event.isAccepted()


def many(count: int) -> Batch:
    rows = "".join(f"n{n},n{n}.example\n" for n in range(count))
    templates = {SIGNING: f"arn:aws:acm-pca:::profile/{SIGNING}/V1"}
    return Batch.of(
        read_table(f"cn,dns\n{rows}=x,a.example\n".encode(), templates, Defaults(SIGNING))
    )


def test_counts_follow_every_change(look: Look) -> None:
    batch = many(6)
    verdicts = ["CLEAR", "CLEAR", "OVERRIDABLE", "REFUSED", "CLEAR", "CLEAR"]
    wrong = ({"Severity": "ERROR", "Rule": "r", "Sentence": "s", "Overridable": True},)
    seen = [
        Looked(Preview(row, verdict, wrong if verdict == "OVERRIDABLE" else ()), "", "", "", None)
        for row, verdict in zip(batch.rows, verdicts, strict=True)
    ]
    batch.look(seen, {3: True})
    model = LineModel(look)
    model.show_batch(batch)
    model.tick_all(wanted=True)
    batch.settle([Outcome(batch.rows[0], "arn"), Outcome(batch.rows[1], problem="no")])
    assert +batch.counts == Counter(one.stand for one in batch.lines)
    assert +batch.picked == Counter(one.stand for one in batch.chosen)
    assert (batch.rejected, batch.counts[Stand.ISSUED], batch.counts[Stand.FAILED]) == (1, 1, 1)
    model.lock(locked=True)
    model.tick_all(wanted=False)
    assert batch.picked.total() > 0, "nothing is unticked while certificates are issued"
    model.show_only(lambda one: one.stand is Stand.FAILED)
    assert model.index(0, VERDICT).data() == "Failed: no"
    assert model.rowCount() == 1


def test_thousands_of_rows_change_within_a_frame(look: Look, qtbot: QtBot) -> None:
    batch = many(5000)
    model = LineModel(look)
    model.show_batch(batch)
    found = [Looked(Preview(row, "CLEAR", ()), "CN=x", "x", "", None) for row in batch.rows]
    began = process_time()
    for start in range(0, 5000, 8):
        model.show_changed(batch.look(found[start : start + 8], {}))
    spent = process_time() - began
    assert batch.counts[Stand.GOOD] == 5000
    assert spent / 625 < 0.008, "a few rows cost far less than a frame"


def test_what_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="is no file"):
        read_list(tmp_path / "absent.csv")


def test_a_run_that_is_forgotten_tells_nothing_more(session: Session, qtbot: QtBot) -> None:
    told: list[Any] = []
    run = Run(
        session, session, list(range(20)), lambda few, _stopped: list(few),
        lambda done, begun: told.append((done, begun)), told.append,
        "", mutates=False,
    )  # fmt: skip
    run.go_on()
    run.forget()
    qtbot.waitUntil(lambda: session.idle)
    assert told == []
    other = Run(
        session, session, list(range(10)), lambda few, _stopped: list(few),
        lambda done, begun: told.append(begun), told.append, "", mutates=False,
    )  # fmt: skip
    other.go_on()
    qtbot.waitUntil(lambda: told[-1:] == [None])
    assert told == [8, 10, None]
