"""A whole job verified again: valid, changed, missing, not trusted; stopped, filtered, exported."""

import csv
import json
import os
import resource
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.format_bench import EDWARDS, PLAIN, format_bench
from tests.fakes.signers import CLASSICAL, KEY
from workbench.base.clock import TravelClock
from workbench.base.errors import NotFound
from workbench.bench import Bench
from workbench.signing.chains import trusted_roots
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.job import FileView
from workbench.signing.jobs import FileState
from workbench.signing.rechecking import Outcome, Recheck
from workbench.signing.results import write_checks

PATIENCE = 30.0
EVERY = dict.fromkeys(Outcome, 0)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = format_bench(tmp_path_factory.mktemp("recheck") / "vault", TravelClock())
    yield made
    made.close()


class Job:
    """A finished job over some files."""

    def __init__(self, bench: Bench, folder: Path, choices: Choices, count: int = 6) -> None:
        self.bench = bench
        folder.mkdir(exist_ok=True)
        self.paths = [folder / f"file-{number}" for number in range(count)]
        for number, path in enumerate(self.paths):
            path.write_bytes(b"content %d" % number)
        self.choices = choices
        self.id = bench.jobs.submit(recipe_from(bench.kms, bench.shelf, choices), self.paths)
        self.view = bench.jobs.wait(self.id, PATIENCE)
        assert self.view.done == count

    @property
    def outputs(self) -> list[Path]:
        files = self.bench.jobs.files(self.id)
        return [file.output for file in files if file.output is not None]

    def recheck(self, **trust: Any) -> Recheck:
        believed = self.bench.verifier.trust(**{"roots": trusted_roots(self.bench.shelf), **trust})
        return Recheck(
            self.bench.jobs, self.id, self.view.recipe, self.view.total, self.bench.verifier,
            believed,
        )  # fmt: skip

    def outcomes(self, **trust: Any) -> list[Outcome]:
        recheck = self.recheck(**trust)
        assert recheck.run(threading.Event())
        return [one.outcome for one in recheck.files()]


WAYS: dict[str, Choices] = {
    "cms": Choices(keys=(KeyChoice(KEY),)),
    "two signers": Choices(keys=(KeyChoice(CLASSICAL), KeyChoice(KEY)), kind="cades"),
    "jws": Choices(keys=(KeyChoice(CLASSICAL),), kind="jws"),
    "sshsig": Choices(keys=(KeyChoice(PLAIN),), kind="sshsig"),
    "minisign": Choices(keys=(KeyChoice(EDWARDS),), kind="minisign"),
    "raw": Choices(keys=(KeyChoice(PLAIN),), kind="raw"),
    "dsse": Choices(keys=(KeyChoice(PLAIN),), kind="dsse"),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_file_has_the_outcome_it_deserves(bench: Bench, tmp_path: Path, way: str) -> None:
    job = Job(bench, tmp_path / "files", WAYS[way])
    assert job.outcomes() == [Outcome.VALID] * 6
    # Valid; changed; file gone; signature gone; another file's signature; both replaced.
    job.paths[1].write_bytes(b"content X")
    job.paths[2].unlink()
    job.outputs[3].unlink()
    job.outputs[4].write_bytes(job.outputs[5].read_bytes())
    other = Job(bench, tmp_path / "other", WAYS[way], 7)
    job.paths[5].write_bytes(other.paths[6].read_bytes())
    job.outputs[5].write_bytes(other.outputs[6].read_bytes())
    found = job.outcomes()
    missing, changed = Outcome.MISSING, Outcome.CHANGED
    assert found[:5] == [Outcome.VALID, changed, missing, missing, changed]
    noted = bool(bench.jobs.files(job.id)[5].digest)
    assert found[5] is (changed if noted else Outcome.VALID), "where the job noted a digest"


def test_who_is_not_trusted_is_told_from_what_changed(bench: Bench, tmp_path: Path) -> None:
    job = Job(bench, tmp_path / "files", WAYS["cms"], 3)
    job.paths[1].write_bytes(b"content X")
    untrusted, changed = Outcome.UNTRUSTED, Outcome.CHANGED
    assert job.outcomes(roots=()) == [untrusted, changed, untrusted]
    late = datetime.now(UTC) + timedelta(days=4000)
    recheck = job.recheck(moment=late)
    recheck.run(threading.Event())
    first = recheck.files()[0]
    assert first.outcome is Outcome.UNTRUSTED
    assert first.sentence


def test_a_valid_signature_of_somebody_else_is_a_change(bench: Bench, tmp_path: Path) -> None:
    job = Job(bench, tmp_path / "files", WAYS["cms"], 2)
    classical = Choices(keys=(KeyChoice(CLASSICAL),), replace=True)
    again = bench.jobs.submit(recipe_from(bench.kms, bench.shelf, classical), [job.paths[0]])
    assert bench.jobs.wait(again, PATIENCE).done == 1
    assert job.outcomes() == [Outcome.CHANGED, Outcome.VALID]


def test_what_was_not_signed_is_counted_apart_and_filtered(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    first = Job(bench, folder, WAYS["cms"], 3)
    first.outputs[1].unlink()
    second = bench.jobs.submit(first.view.recipe, first.paths)  # two have signatures already
    assert bench.jobs.wait(second, PATIENCE).done == 1
    first.id = second
    first.paths[1].write_bytes(b"content X")
    recheck = first.recheck()
    assert recheck.counts == {**EVERY, Outcome.WAITING: 3}
    assert recheck.run(threading.Event())
    assert recheck.counts == {**EVERY, Outcome.UNSIGNED: 2, Outcome.CHANGED: 1}
    (only,) = recheck.files(outcomes=frozenset({Outcome.CHANGED, Outcome.MISSING}))
    assert (only.file.number, only.file.path) == (1, first.paths[1])
    assert only.sentence
    assert [one.file.number for one in recheck.files(outcomes=frozenset({Outcome.UNSIGNED}))] == [
        0, 2
    ]  # fmt: skip
    assert recheck.files(1, 1, frozenset({Outcome.UNSIGNED}))[0].file.number == 2
    assert recheck.files(5) == ()


def test_it_is_exported_with_outcomes(bench: Bench, tmp_path: Path) -> None:
    job = Job(bench, tmp_path / "files", WAYS["cms"], 3)
    job.paths[2].unlink()
    recheck = job.recheck()
    recheck.run(threading.Event())
    assert write_checks(recheck, tmp_path / "out.json") == 3
    lines = json.loads((tmp_path / "out.json").read_text())["files"]
    assert [line["outcome"] for line in lines] == ["valid", "valid", "missing"]
    assert [bool(line["finding"]) for line in lines] == [False, False, True]
    assert write_checks(recheck, tmp_path / "out.csv") == 3
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        heading, *rows = csv.reader(stream)
    assert heading[-2:] == ["outcome", "finding"]
    assert rows[2][-2] == "missing"


def test_it_stops_at_once_in_the_middle_of_a_file(bench: Bench, tmp_path: Path) -> None:
    job = Job(bench, tmp_path / "files", WAYS["cms"], 3)
    os.truncate(job.paths[1], 1 << 40)
    recheck, stop, ended = job.recheck(), threading.Event(), []
    thread = threading.Thread(target=lambda: ended.append(recheck.run(stop)))
    thread.start()
    threading.Event().wait(0.05)
    stop.set()
    thread.join(PATIENCE)
    assert ended == [False]
    assert recheck.counts[Outcome.WAITING] >= 1


def test_a_job_taken_off_the_list_ends_it(bench: Bench, tmp_path: Path) -> None:
    job = Job(bench, tmp_path / "files", WAYS["cms"], 2)
    recheck = job.recheck()
    bench.jobs.remove(job.id)
    with pytest.raises(NotFound):
        recheck.run(threading.Event())


def test_lists_of_checksums_are_checked_to_the_listed_files(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(name.encode())
    choices = Choices(keys=(KeyChoice(KEY),), checksums="SHA-256")
    id_ = bench.jobs.submit(recipe_from(bench.kms, bench.shelf, choices), [folder])
    view = bench.jobs.wait(id_, PATIENCE)
    assert view.done == 1

    def outcome() -> Outcome:
        trust = bench.verifier.trust(roots=trusted_roots(bench.shelf))
        recheck = Recheck(bench.jobs, id_, view.recipe, 1, bench.verifier, trust)
        recheck.run(threading.Event())
        return recheck.files()[0].outcome

    assert outcome() is Outcome.VALID
    (folder / "b").write_bytes(b"changed")
    assert outcome() is Outcome.CHANGED


GONE = Path("/nowhere/file")


class Many:
    """A job of very many files that are all gone."""

    def __init__(self, count: int) -> None:
        self.count = count

    def files(self, job_id: str, start: int = 0, count: int = 200) -> tuple[FileView, ...]:
        assert job_id == "many"
        return tuple(
            FileView(number, GONE, 1, 1, FileState.DONE, "", GONE, "", None)
            for number in range(start, min(start + count, self.count))
        )  # fmt: skip


def test_three_bytes_are_kept_of_each_file(bench: Bench) -> None:
    recipe = recipe_from(bench.kms, bench.shelf, WAYS["cms"])
    count = 30_000
    trust = bench.verifier.trust()
    tracemalloc.start()
    try:
        recheck = Recheck(Many(count), "many", recipe, count, bench.verifier, trust)
        assert recheck.run(threading.Event())
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert recheck.counts[Outcome.MISSING] == count
    assert kept < 4 * count
    assert peak < 4 * count + (1 << 20)
    page = recheck.files(count - 100, 200, frozenset({Outcome.MISSING}))
    assert [one.file.number for one in page] == list(range(count - 100, count))


def test_only_so_many_different_sentences_are_kept(bench: Bench) -> None:
    recipe = recipe_from(bench.kms, bench.shelf, WAYS["cms"])
    recheck = Recheck(Many(1), "many", recipe, 1, bench.verifier, bench.verifier.trust())
    places = [recheck._place(f"sentence {number}") for number in range(5000)]
    assert places[0] == recheck._place("sentence 0")
    assert len(set(places)) < 4100
    assert "by itself" in recheck._sentences[places[-1]]


def resident() -> int:
    """Return how many bytes of memory this process has, as Linux tells them."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_hundred_thousand_files_are_verified_again_in_flat_memory(
    bench: Bench, tmp_path: Path
) -> None:
    """Signed and verified again for real: the last ninety thousand take no more memory."""
    folder, count, some = tmp_path / "files", 100_000, 10_000
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:06}").write_bytes(b"%d" % number)
    recipe = recipe_from(bench.kms, bench.shelf, Choices(keys=(KeyChoice(CLASSICAL),)))
    job = bench.jobs.submit(recipe, [folder])
    assert bench.jobs.wait(job, 3000).done == count
    (folder / "050000").write_bytes(b"changed")
    believed = bench.verifier.trust(roots=trusted_roots(bench.shelf))
    recheck = Recheck(bench.jobs, job, recipe, count, bench.verifier, believed)
    seen: list[int] = []
    ended, stop = threading.Event(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            if count - recheck.counts[Outcome.WAITING] >= some:
                seen.append(resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert recheck.run(stop)
    finally:
        ended.set()
        watcher.join()
    assert recheck.counts[Outcome.VALID] == count - 1
    assert recheck.counts[Outcome.CHANGED] == 1
    assert max(seen) - seen[0] < 16 << 20
