"""Results of a job as CSV and JSON: every file, nothing a spreadsheet would carry out."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.base.errors import EnvironmentFault, NotFound
from workbench.signing.job import FileView
from workbench.signing.results import write_results
from workbench.signing.work import FileState

SIGNED = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Queue:
    """Twelve hundred files, some with names that mean harm."""

    def __init__(self, names: Sequence[str]) -> None:
        self.views = [
            FileView(number, Path(name), 4096, 4096, FileState.DONE, "", Path(f"{name}.p7s"),
                     "00ff", SIGNED)
            for number, name in enumerate(names)
        ]  # fmt: skip

    def files(self, job_id: str, start: int = 0, count: int = 200) -> tuple[FileView, ...]:
        if job_id != "job":
            raise NotFound("That signing job is not in the list any more.", "Start a new one.")
        return tuple(self.views[start : start + count])


NAMES = ["=cmd|'/C calc'!A0", "+1", "-1", "@x", 'with "quotes", comma', "line\nbreak", "bad\udcff"]


@pytest.fixture
def queue() -> Queue:
    return Queue([*NAMES, *(f"dist/file-{number}" for number in range(1193))])


def test_a_table_has_every_file_and_no_formula(queue: Queue, tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    assert write_results(queue, "job", target) == 1200
    with target.open(encoding="utf-8", newline="") as stream:
        heading, *rows = csv.reader(stream)
    assert heading[:4] == ["number", "file", "bytes", "state"]
    assert len(rows) == 1200
    assert [row[1] for row in rows[:6]] == [
        "'=cmd|'/C calc'!A0", "'+1", "'-1", "'@x", 'with "quotes", comma', "line\nbreak"
    ]  # fmt: skip
    assert rows[6][1] == "bad\\xff"
    assert rows[7] == ["8", "dist/file-0", "4096", "done", "00ff", "dist/file-0.p7s",
                       "2026-11-24T12:00:00+00:00", "", ""]  # fmt: skip


def test_json_has_the_same(queue: Queue, tmp_path: Path) -> None:
    target = tmp_path / "results.json"
    target.write_text("before")
    write_results(queue, "job", target)
    files = json.loads(target.read_text(encoding="utf-8"))["files"]
    assert len(files) == 1200
    assert files[0]["file"] == NAMES[0]
    assert files[7]["signature"] == "dist/file-0.p7s"
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_what_fails_leaves_what_was_there(queue: Queue, tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    target.write_text("before")
    with pytest.raises(NotFound):
        write_results(queue, "another", target)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]
    with pytest.raises(EnvironmentFault, match="results"):
        write_results(queue, "job", tmp_path / "absent" / "results.csv")
