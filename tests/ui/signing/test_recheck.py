"""A whole job verified again in the window: summary, filter, stop, export, one file's verdict."""

import json
import os
from pathlib import Path

from PySide6.QtWidgets import QLabel

from tests.fakes.signers import revoke
from tests.ui.conftest import click, dialog_of
from tests.ui.signing.desk import Desk
from workbench.signing.rechecking import Outcome
from workbench.ui.panes.signing.recheck_dialog import RecheckDialog


def opened(desk: Desk) -> RecheckDialog:
    desk.wait(lambda: desk.pane.queue.job is not None)
    desk.do("recheck")
    desk.wait(lambda: dialog_of(RecheckDialog))
    found = dialog_of(RecheckDialog)
    assert isinstance(found, RecheckDialog)
    return found


def said(dialog: RecheckDialog) -> list[str]:
    return [
        next(one.text() for one in badge.findChildren(QLabel) if one.text())
        for badge in dialog.badges.values()
    ]


def test_a_job_is_verified_again_and_counted(desk: Desk, files: Path, tmp_path: Path) -> None:
    assert "no job is selected" in desk.tip("recheck")
    desk.sign(files)
    (files / "b.bin").write_bytes(b"changed")
    (files / "c.bin.p7s").unlink()
    dialog = opened(desk)
    desk.wait(dialog.main_button.isEnabled)
    assert dialog.line.text() == "3 files verified."
    assert said(dialog) == ["1 valid", "1 changed", "1 missing", "0 not trusted"]
    # What is wrong is shown by itself, with its reason.
    desk.wait(lambda: dialog.model.rowCount() == 2 and dialog.model.file(1) is not None)
    model = dialog.model
    cells = [[model.index(row, column).data() for column in range(4)] for row in range(2)]
    assert [cell[:2] for cell in cells] == [["b.bin", "Changed"], ["c.bin", "Missing"]]
    assert cells[1][3] == "The signature is not there any more."
    dialog.sight.setCurrentIndex(0)
    desk.wait(lambda: model.rowCount() == 3 and model.file(0) is not None)
    assert model.index(0, 1).data() == "Valid"
    dialog.export(tmp_path / "out.json")
    desk.wait((tmp_path / "out.json").exists)
    lines = json.loads((tmp_path / "out.json").read_text())["files"]
    assert [line["outcome"] for line in lines] == ["valid", "changed", "missing"]
    # Mended, and verified once more.
    (files / "b.bin").write_bytes(b"b.bin" * 1000)
    click(desk.qtbot, dialog.main_button)
    desk.wait(lambda: dialog.counts[Outcome.VALID] == 2)
    desk.wait(dialog.main_button.isEnabled)
    dialog.sight.setCurrentIndex(0)
    desk.wait(lambda: model.rowCount() == 3 and model.file(1) is not None)
    dialog.table.opened.emit(1)
    desk.wait(lambda: dialog_of(RecheckDialog) is None)
    assert desk.verdict("b.bin")[0]


def test_it_stops_when_the_person_says_so_and_when_it_is_closed(desk: Desk, files: Path) -> None:
    desk.sign(files)
    os.truncate(files / "c.bin", 1 << 40)  # takes for ever to read
    for close in (False, True):
        dialog = opened(desk)
        desk.wait(lambda dialog=dialog: dialog.counts[Outcome.VALID] == 2)  # type: ignore[misc] # bound now
        assert dialog.stop_button.isEnabled()
        assert not dialog.main_button.isEnabled()
        if not close:
            click(desk.qtbot, dialog.stop_button)
            desk.wait(dialog.main_button.isEnabled)
            assert dialog.line.text() == "Stopped after 2 of 3 files."
        dialog.reject()
        desk.wait(lambda: dialog_of(RecheckDialog) is None)
        desk.rest()


def test_a_job_is_verified_again_as_of_another_date(desk: Desk, files: Path) -> None:
    desk.sign(files)
    dialog = opened(desk)
    desk.wait(dialog.main_button.isEnabled)
    assert said(dialog)[0] == "3 valid"
    assert dialog.as_of.date.isHidden()
    dialog.as_of.way.setCurrentIndex(2)
    assert dialog.as_of.date.isVisible()
    dialog.as_of.date.setDateTime(dialog.as_of.date.dateTime().addYears(40))
    assert said(dialog)[0] == "3 valid", "it counts from the next time on"
    click(desk.qtbot, dialog.main_button)
    desk.wait(lambda: dialog.counts[Outcome.UNTRUSTED] == 3)
    desk.wait(dialog.main_button.isEnabled)
    assert dialog.line.text().startswith("3 files verified. Certificates were judged as of ")
    desk.wait(lambda: dialog.model.file(0) is not None)
    assert "expired" in str(dialog.model.index(0, 3).data())
    dialog.as_of.way.setCurrentIndex(1)
    click(desk.qtbot, dialog.main_button)
    desk.wait(lambda: dialog.counts[Outcome.VALID] == 3)
    desk.wait(dialog.main_button.isEnabled)
    assert dialog.line.text().endswith("as of the time that each signer claims.")
    dialog.as_of.way.setCurrentIndex(0)
    click(desk.qtbot, dialog.main_button)
    desk.wait(lambda: dialog.counts[Outcome.VALID] == 3)
    desk.wait(dialog.main_button.isEnabled)
    assert dialog.line.text() == "3 files verified."


def test_a_job_of_a_certificate_that_was_revoked_is_not_trusted(desk: Desk, files: Path) -> None:
    desk.sign(files)
    revoke(desk.bench, desk.made.key_id)
    dialog = opened(desk)
    desk.wait(dialog.main_button.isEnabled)
    assert said(dialog)[3] == "3 not trusted"
    desk.wait(lambda: dialog.model.file(0) is not None)
    assert "revoked" in str(dialog.model.index(0, 3).data())
