"""A disk that fills up at the thousandth file, and folders that go away while a job signs."""

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.signers import KEY, recipe
from tests.fakes.small_disk import small_disk
from tests.faults.job_files import PATIENCE, assert_signatures, assert_whole
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault
from workbench.bench import Bench
from workbench.signing.chains import trusted_roots
from workbench.signing.choices import Choices, KeyChoice
from workbench.signing.jobs import FileState, FileView, JobState
from workbench.signing.outputs import SUFFIX
from workbench.signing.recipe import Recipe
from workbench.signing.work import FileSigner

PAGE = 4096
BEFORE = 1000
MANY = 1100
COUNT = 24
LARGE = 8 << 20


def many(folder: Path, count: int, size: int) -> list[Path]:
    """Make files, sparse ones, that take no room."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:04}" for number in range(count)]
    for number, path in enumerate(paths):
        with path.open("wb") as stream:
            stream.write(b"%d" % number)
            stream.truncate(size)
    return paths


def every(bench: Bench, job: str) -> tuple[FileView, ...]:
    return bench.jobs.files(job, 0, 10_000)


def in_state(bench: Bench, job: str, state: FileState) -> list[FileView]:
    return [file for file in every(bench, job) if file.state is state]


def midway(bench: Bench, plan: Recipe, paths: list[Path], act: Callable[[], object]) -> str:
    """Have files signed, and do something when the first are and the last are not."""
    job = bench.jobs.submit(plan, paths)
    pause, ends = threading.Event(), time.monotonic() + PATIENCE
    while bench.jobs.jobs()[0].done < 2:
        assert time.monotonic() < ends
        pause.wait(0.002)
    act()
    view = bench.jobs.wait(job, PATIENCE)
    assert view.state is JobState.DONE
    assert 0 < view.done < len(paths), "it was not midway"
    assert view.done + view.failed == len(paths)
    return job


def test_a_disk_that_is_full_at_the_thousandth_file(shared: Bench, tmp_path: Path) -> None:
    paths = many(tmp_path / "files", MANY, 64)
    (first,) = many(tmp_path / "first", 1, 64)
    shared.jobs.wait(shared.jobs.submit(recipe(shared), [first]), PATIENCE)
    each = -(-Path(f"{first}{SUFFIX}").stat().st_size // PAGE) * PAGE
    with small_disk(tmp_path / "disk", f"{2 * MANY * each}") as disk:
        if not disk.smallest_file_too:
            pytest.skip("needs a file system of its own, which only root can mount")
        disk.fill()
        filler = disk.folder / "filler"
        os.truncate(filler, filler.stat().st_size - BEFORE * each)
        job = shared.jobs.submit(recipe(shared, folder=disk.folder), paths)
        view = shared.jobs.wait(job, PATIENCE)
        assert view.done + view.failed == MANY
        # A signature that is written and has no name yet takes room too, until it fails.
        assert BEFORE - 200 < view.done <= BEFORE
        for file in in_state(shared, job, FileState.FAILED):
            assert "the disk is full. Free some space and try again." in file.sentence
        done = [file.path for file in in_state(shared, job, FileState.DONE)]
        assert_signatures(disk.folder, *(disk.folder / path.name for path in done))
        before = {path: path.stat().st_ino for path in disk.folder.glob(f"*{SUFFIX}")}
        disk.free()
        shared.jobs.retry(job)
        assert shared.jobs.wait(job, PATIENCE).done == MANY
        after = {path: path.stat().st_ino for path in disk.folder.glob(f"*{SUFFIX}")}
        assert before.items() <= after.items(), "what was signed was left alone"
        assert_signatures(disk.folder, *(disk.folder / path.name for path in paths))
        roots = trusted_roots(shared.shelf)
        for path in (*paths[:3], *paths[-3:]):
            signature = disk.folder / f"{path.name}{SUFFIX}"
            assert shared.verifier.verify(path, signature, roots).valid


def test_a_folder_of_files_removed_while_it_is_signed(shared: Bench, tmp_path: Path) -> None:
    files, out = tmp_path / "files", tmp_path / "out"
    out.mkdir()
    paths = many(files, COUNT, LARGE)
    plan = recipe(shared, folder=out)
    job = midway(shared, plan, paths, lambda: shutil.rmtree(files))
    for file in in_state(shared, job, FileState.FAILED):
        assert "it is not there" in file.sentence or "changed while it was read" in file.sentence
    done = in_state(shared, job, FileState.DONE)
    assert_signatures(out, *(out / file.path.name for file in done))
    many(files, COUNT, LARGE)
    for file in done:
        assert file.output is not None
        verdict = shared.verifier.verify(file.path, file.output, trusted_roots(shared.shelf))
        assert verdict.valid, "what was signed is whole"
    shared.jobs.retry(job)
    assert shared.jobs.wait(job, PATIENCE).done == len(paths)


def remove(folder: Path) -> None:
    """Remove a folder into which files are still being put."""
    while folder.exists():
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def test_a_folder_for_signatures_removed_meanwhile(shared: Bench, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    paths = many(tmp_path / "files", COUNT, LARGE)
    job = midway(shared, recipe(shared, folder=out), paths, lambda: remove(out))
    for file in in_state(shared, job, FileState.FAILED):
        assert "Could not write “" in file.sentence
        assert file.output is None
    assert not out.exists(), "it was not made again behind the person's back"
    shared.jobs.retry(job)
    view = shared.jobs.wait(job, PATIENCE)
    assert view.done == len(paths)
    assert not [path for path in out.iterdir() if "partial" in path.name]


class Moving:
    """A key service; while it signs the second time, a folder goes and another takes its name."""

    def __init__(self, kms: Any, folder: Path) -> None:
        self._kms = kms
        self._folder = folder
        self._signed = 0

    def sign(self, **request: Any) -> Any:
        self._signed += 1
        if self._signed == 2:
            self._folder.rename(self._folder.with_name("gone"))
            self._folder.mkdir()
        return self._kms.sign(**request)


@pytest.mark.parametrize("where", ["beside", "folder"])
@pytest.mark.parametrize("kind", ["cms", "cades"])
def test_a_folder_that_goes_away_between_reading_and_writing(
    shared: Bench, tmp_path: Path, kind: str, where: str
) -> None:
    files, out = tmp_path / "files", tmp_path / "out"
    out.mkdir()
    first, second = many(files, 2, 64)
    place, folder = (files, "") if where == "beside" else (out, str(out))
    plan = shared.recipe(Choices(keys=(KeyChoice(KEY),), kind=kind, folder=folder))
    signer = FileSigner(Moving(shared.kms, place), plan, SystemClock())
    signer.sign(first, lambda state: None)
    with pytest.raises(EnvironmentFault, match="its folder went away meanwhile"):
        signer.sign(second, lambda state: None)
    assert list(place.iterdir()) == [], "nothing was written where the folder had been"
    gone = place.with_name("gone")
    assert_signatures(gone, gone / first.name)


def test_a_signature_that_is_there_and_was_not_noted_counts_as_done_when_tried_again(
    shared: Bench, tmp_path: Path
) -> None:
    ours, altered, other = many(tmp_path / "files", 3, 64)
    by_hand = FileSigner(shared.kms, recipe(shared), SystemClock())
    for path in (ours, altered):
        by_hand.sign(path, lambda state: None)
    altered.write_bytes(b"altered")
    Path(f"{other}{SUFFIX}").write_bytes(b"no signature")
    written = Path(f"{ours}{SUFFIX}").read_bytes()
    job = shared.jobs.submit(recipe(shared), [ours, altered, other])
    assert shared.jobs.wait(job, PATIENCE).failed == 3, "nobody said that it may be ours"
    shared.jobs.retry(job)
    shared.jobs.wait(job, PATIENCE)
    (done,) = in_state(shared, job, FileState.DONE)
    assert done.path == ours
    assert Path(f"{ours}{SUFFIX}").read_bytes() == written
    for file in in_state(shared, job, FileState.FAILED):
        assert "exists already and was left as it is" in file.sentence


@contextlib.contextmanager
def bound(store: Path, place: Path) -> Iterator[Callable[[], int]]:
    """Lend a folder mounted at a place; what is returned takes it away while it is in use."""
    place.mkdir()

    def run(*words: str | Path) -> int:
        done = subprocess.run([*map(str, words)], check=False, capture_output=True)
        return done.returncode

    if os.name != "posix" or os.geteuid() != 0 or run("mount", "--bind", store, place):
        pytest.skip("only root can mount")
    try:
        yield lambda: run("umount", "--lazy", place)
    finally:
        run("umount", "--lazy", place)


def test_a_folder_unmounted_while_it_is_signed(shared: Bench, tmp_path: Path) -> None:
    store, place = tmp_path / "store", tmp_path / "stick"
    names = [path.name for path in many(store, COUNT, LARGE)]
    paths = [place / name for name in names]
    with bound(store, place) as take_away:
        job = midway(shared, recipe(shared), paths, take_away)
    for file in in_state(shared, job, FileState.FAILED):
        assert str(place) in file.sentence, "which file, and what to do"
    done = [file.path.name for file in in_state(shared, job, FileState.DONE)]
    assert_whole(shared, store, *(store / name for name in done))
    assert list(place.iterdir()) == [], "nothing was written where the folder had been"
    place.rmdir()
    with bound(store, place):
        shared.jobs.retry(job)
        assert shared.jobs.wait(job, PATIENCE).done == len(paths)
    assert_whole(shared, store, *(store / name for name in names))
