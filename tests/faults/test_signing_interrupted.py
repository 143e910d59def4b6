"""A job locked, cancelled or closed in the middle waits, stops or is resumed; no file is half."""

from pathlib import Path

import pytest

from tests.fakes.engine import QUICK
from tests.fakes.secrets import MemoryStore
from tests.fakes.signers import recipe
from tests.faults.job_files import (
    CONTENT,
    PASSPHRASE,
    PATIENCE,
    assert_whole,
    being_read,
    by_name,
    endless,
    make,
    ready,
    until,
)
from workbench.assembly import Assembly
from workbench.base.errors import WorkbenchError
from workbench.bench import Bench
from workbench.signing.jobs import FileState, JobState


def test_a_vault_locked_in_the_middle_makes_the_job_wait(own: Bench, files: Path) -> None:
    others = make(files, "a", "b", "c")
    long = endless(files)
    job = own.jobs.submit(recipe(own), [files])
    being_read(own, job)
    own.vault.lock()
    until(own, lambda: own.jobs.files(job)[3].state is FileState.WAITING)
    assert own.jobs.jobs()[0].state is JobState.LOCKED
    long.write_bytes(CONTENT)
    own.vault.unlock_with_passphrase(PASSPHRASE)
    view = own.jobs.wait(job, PATIENCE)
    assert (view.state, view.done) == (JobState.DONE, 4)
    assert_whole(own, files, *others, long)


def test_locking_again_and_again_fails_no_file(own: Bench, files: Path) -> None:
    paths = make(files, *(f"{n}" for n in range(400)))
    job = own.jobs.submit(recipe(own), paths)
    locks = 0
    while own.jobs.wait(job, 0.01).state is not JobState.DONE:
        own.vault.lock()
        own.vault.unlock_with_passphrase(PASSPHRASE)
        locks += 1
    assert own.jobs.wait(job, PATIENCE).done == len(paths), {
        file.sentence for file in own.jobs.files(job, 0, len(paths))
    }
    assert locks
    assert_whole(own, files, *paths)


def test_cancelling_in_the_middle_keeps_what_is_signed(shared: Bench, files: Path) -> None:
    others = make(files, "a", "b")
    endless(files)
    job = shared.jobs.submit(recipe(shared), [files])
    being_read(shared, job)
    shared.jobs.cancel(job)
    view = shared.jobs.wait(job, PATIENCE)
    assert (view.state, view.done, view.cancelled) == (JobState.CANCELLED, 2, 1)
    assert_whole(shared, files, *others)


def test_cancelling_one_file_lets_the_others_finish(shared: Bench, files: Path) -> None:
    others = make(files, "a", "b")
    endless(files)
    job = shared.jobs.submit(recipe(shared), [files])
    being_read(shared, job)
    number = by_name(shared.jobs.files(job))["endless"].number
    shared.jobs.cancel(job, number)
    view = shared.jobs.wait(job, PATIENCE)
    assert (view.state, view.done, view.cancelled) == (JobState.DONE, 2, 1)
    assert_whole(shared, files, *others)


def test_a_job_cut_off_by_closing_is_shown_interrupted_and_resumed(
    tmp_path: Path, files: Path
) -> None:
    secrets = MemoryStore()
    bench = ready(tmp_path / "vault", secrets)
    others = make(files, "a", "b")
    long = endless(files)
    job = bench.jobs.submit(recipe(bench), [files])
    being_read(bench, job)
    bench.close()
    bench = Assembly(secrets=secrets, cost=QUICK).open(tmp_path / "vault")
    bench.vault.unlock_with_keyring()
    (view,) = bench.jobs.jobs()
    assert (view.id, view.state, view.done, view.total) == (job, JobState.INTERRUPTED, 2, 3)
    assert by_name(bench.jobs.files(job))["endless"].state is FileState.WAITING
    assert_whole(bench, files, *others)
    long.write_bytes(CONTENT)
    bench.jobs.resume(job)
    view = bench.jobs.wait(job, PATIENCE)
    assert (view.state, view.done, view.failed) == (JobState.DONE, 3, 0)
    assert_whole(bench, files, *others, long)
    bench.close()


def test_an_interrupted_job_can_be_given_up(tmp_path: Path, files: Path) -> None:
    secrets = MemoryStore()
    bench = ready(tmp_path / "vault", secrets)
    endless(files)
    job = bench.jobs.submit(recipe(bench), [files])
    being_read(bench, job)
    bench.close()
    for remaining in (1, 0):
        bench = Assembly(secrets=secrets, cost=QUICK).open(tmp_path / "vault")
        bench.vault.unlock_with_keyring()
        assert len(bench.jobs.jobs()) == remaining
        if remaining:
            bench.jobs.cancel(job)
            assert bench.jobs.wait(job, PATIENCE).state is JobState.CANCELLED
            bench.jobs.remove(job)
        bench.close()


def test_a_job_submitted_to_a_locked_vault_waits_for_it(own: Bench, files: Path) -> None:
    (path,) = make(files, "file")
    plan = recipe(own)
    own.vault.lock()
    job = own.jobs.submit(plan, [path])
    until(own, lambda: own.jobs.jobs()[0].state is JobState.LOCKED)
    with pytest.raises(WorkbenchError, match="locked"):
        recipe(own)
    assert [entry.name for entry in files.iterdir()] == ["file"]
    own.vault.unlock_with_passphrase(PASSPHRASE)
    assert own.jobs.wait(job, PATIENCE).done == 1
    assert_whole(own, files, path)
