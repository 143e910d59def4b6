"""Priorities and exported results, by the pane's commands on a real engine."""

import json
import os
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog

from tests.ui.certificates.conftest import words_in
from tests.ui.conftest import click, dialog_of
from tests.ui.signing.desk import Desk
from workbench.base.clock import TravelClock
from workbench.signing.choices import Choices, KeyChoice
from workbench.signing.watching import WatchState
from workbench.ui.panes.signing.job_model import JobRow
from workbench.ui.panes.signing.watch_dialog import WatchDialog


def asked() -> QFileDialog | None:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog)]
    return next((one for one in found if one.isVisible()), None)


def test_results_of_a_job_are_written_where_the_person_says(
    desk: Desk, files: Path, tmp_path: Path
) -> None:
    desk.sign(files / "a.bin")
    desk.wait(lambda: desk.pane.queue.job is not None)
    desk.do("export_results")
    desk.wait(asked)
    dialog, target = asked(), tmp_path / "out.json"
    assert dialog is not None
    dialog.fileSelected.emit(str(target))
    dialog.close()
    desk.wait(target.exists)
    desk.rest()
    (one,) = json.loads(target.read_text(encoding="utf-8"))["files"]
    assert one["file"].endswith("a.bin")
    assert one["state"] == "done"
    assert one["signature"].endswith("a.bin.p7s")
    assert "ended" in desk.tip("sooner"), "priority means nothing for what is done"


def test_a_waiting_job_is_raised_and_lowered(desk: Desk, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.touch()
    os.truncate(large, 64 << 30)
    desk.drop(large)
    click(desk.qtbot, desk.sheet().main_button)
    desk.wait(lambda: desk.pane.running and desk.pane.running[0][1] >= 0)

    def priority() -> int:
        view = desk.pane.queue.job
        return 0 if view is None else view.priority

    for command, reached in (("sooner", 1), ("later", 0), ("later", -1)):
        desk.do(command)
        desk.wait(lambda reached=reached: priority() == reached)  # type: ignore[misc] # bound now
        (row,) = desk.pane.queue.model.rows
        assert isinstance(row, JobRow)
        words = {1: "priority +1", 0: "", -1: "priority \N{MINUS SIGN}1"}[reached]
        assert words in row.recipe_line
        assert ("priority" in row.recipe_line) is bool(reached)
    desk.do("cancel")
    desk.settle()


def test_a_folder_is_watched_only_after_it_is_permitted(
    desk: Desk, tmp_path: Path, clock: TravelClock
) -> None:
    choices = Choices(keys=(KeyChoice("alias/code-signing"),), name="release")
    desk.bench.recipes.save([choices])
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    desk.do("watched")
    desk.wait(lambda: dialog_of(WatchDialog))
    dialog: WatchDialog = dialog_of(WatchDialog)
    desk.wait(lambda: dialog.recipe.currentText() == "release")
    assert not dialog.permitted.isChecked()
    dialog.add(inbox)
    desk.wait(lambda: dialog.list.topLevelItemCount() == 1)
    assert not dialog.turn_button.isEnabled(), "it is not permitted"
    dialog.permitted.click()
    desk.wait(lambda: desk.bench.watcher.permitted and dialog.turn_button.isEnabled())
    click(desk.qtbot, dialog.turn_button)
    desk.wait(lambda: desk.bench.watcher.all()[0].state is WatchState.WATCHING)
    (inbox / "new.bin").write_bytes(b"content")
    desk.wait(lambda: desk.bench.watcher.all()[0].waiting)

    def signed() -> bool:
        clock.travel(timedelta(seconds=3))
        return (inbox / "new.bin.p7s").exists()

    desk.wait(signed)
    dialog.add(inbox / "absent")
    desk.wait(lambda: "no folder" in words_in(dialog))
    click(desk.qtbot, dialog.turn_button)
    desk.wait(lambda: desk.bench.watcher.all()[0].state is WatchState.OFF)
    desk.rest()
    click(desk.qtbot, dialog.remove_button)
    desk.wait(lambda: not desk.bench.watcher.all())
    desk.wait(lambda: dialog.list.topLevelItemCount() == 0)
    assert not dialog.remove_button.isEnabled()
