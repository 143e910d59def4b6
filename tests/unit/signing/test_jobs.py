"""The queue: progress, pausing, cancelling, retrying, locking, and starting again."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.certificates import DAY, NOW
from tests.fakes.job_desk import SECONDS, Desk, states, until
from tests.fakes.kms_client import FakeKms
from tests.fakes.vaults import PASSPHRASE, new_vault, powered
from workbench.base.clock import TravelClock
from workbench.base.errors import Locked, NotFound, Refused
from workbench.signing.hashing import CHUNK
from workbench.signing.job import JobState
from workbench.signing.jobs import JobQueue
from workbench.signing.work import FileState
from workbench.vault.vault import Vault


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def test_files_are_signed_and_verify(desk: Desk) -> None:
    paths = desk.make(150)
    view, files = desk.run(*paths)
    assert (view.state, view.total, view.done) == (JobState.DONE, 150, 150)
    assert view.bytes_done == view.bytes_total == 150 * 100
    assert [file.path for file in files] == paths
    assert all(file.state is FileState.DONE and file.finished for file in files)
    assert desk.verifies(files[0])
    assert desk.verifies(files[149])
    assert sorted(p.name for p in desk.files.iterdir()) == sorted(
        name for path in paths for name in (path.name, f"{path.name}.p7s")
    )


@pytest.mark.parametrize("name", ["with space", "quote's \"", "line\nbreak", b"\xff\xfe", "-rf"])
def test_any_name_is_signed(desk: Desk, name: str | bytes) -> None:
    path = desk.files / os.fsdecode(name)
    path.write_bytes(b"content")
    _, (file,) = desk.run(path)
    assert file.state is FileState.DONE
    assert desk.verifies(file)
    desk.restart()
    ((again,),) = (desk.all(view.id) for view in desk.queue.jobs())
    assert again.path == path


def test_an_empty_file_is_signed(desk: Desk) -> None:
    path = desk.files / "empty"
    path.touch()
    _, (file,) = desk.run(path)
    assert desk.verifies(file)


def test_a_folder_is_walked_and_what_is_no_file_is_noted(desk: Desk) -> None:
    (desk.files / "sub").mkdir()
    (desk.files / "sub" / "a").write_bytes(b"a")
    (desk.files / "b").write_bytes(b"b")
    (desk.files / "link").symlink_to("b")
    os.mkfifo(desk.files / "pipe")
    view, files = desk.run(desk.files)
    assert sorted(file.path.name for file in files) == ["a", "b"]
    assert states(files) == ["done", "done"]
    assert len(view.notes) == 2
    again, _ = desk.run(desk.files)
    assert (again.total, again.failed) == (2, 2)


def test_equal_names_stay_apart_in_a_folder_of_their_own(desk: Desk, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (desk.files / name).mkdir()
        (desk.files / name / "same").write_bytes(name.encode())
    view, files = desk.run(desk.files, folder=tmp_path / "out")
    assert view.done == 2
    assert all(desk.verifies(file) for file in files)
    assert sorted(p.relative_to(tmp_path / "out") for p in (tmp_path / "out").rglob("*.p7s")) == [
        Path("files/one/same.p7s"),
        Path("files/two/same.p7s"),
    ]


def test_an_output_that_exists_fails_before_anything_is_signed(desk: Desk) -> None:
    first, second = desk.make(2)
    occupied = Path(f"{first}.p7s")
    occupied.write_bytes(b"mine")
    view, files = desk.run(first, second)
    assert states(files) == ["failed", "done"]
    assert "exists already" in files[0].sentence
    assert occupied.read_bytes() == b"mine"
    assert len(desk.kms.asked) == 1
    assert (view.done, view.failed) == (1, 1)
    _, files = desk.run(first, replace_existing=True)
    assert desk.verifies(files[0])


def test_a_missing_file_is_noted(desk: Desk) -> None:
    (path,) = desk.make(1)
    view, _ = desk.run(path, desk.files / "gone")
    assert view.done == 1
    assert view.notes == ("“gone” cannot be read: No such file or directory.",)


def test_a_file_that_vanishes_is_named_and_retried(desk: Desk) -> None:
    (path,) = desk.make(1)
    desk.kms.locked = True
    job = desk.queue.submit(desk.recipe(), [path])
    until(desk.queue, lambda: desk.view(job).total == 1)
    desk.queue.pause(job)
    until(desk.queue, lambda: states(desk.all(job)) == ["waiting"])
    away = path.rename(desk.folder / "away")
    desk.kms.locked = False
    desk.queue.resume(job)
    desk.queue.wait(job, SECONDS)
    (file,) = desk.all(job)
    assert file.state is FileState.FAILED
    assert "file-000”: it is not there any more" in file.sentence
    away.rename(path)
    desk.queue.retry(job)
    until(desk.queue, lambda: desk.view(job).done == 1)
    assert desk.verifies(desk.all(job)[0])


def test_a_refusing_key_is_quoted_and_retried(desk: Desk) -> None:
    (path,) = desk.make(1)
    desk.kms.refusal = "DisabledException"
    job = desk.queue.submit(desk.recipe(), [path])
    desk.queue.wait(job, SECONDS)
    (file,) = desk.all(job)
    assert file.state is FileState.FAILED
    assert file.sentence == "The key refused (DisabledException): key is disabled."
    assert list(desk.files.glob("*.p7s")) == []
    desk.kms.refusal = ""
    desk.queue.retry(job)
    until(desk.queue, lambda: desk.view(job).done == 1)
    assert desk.view(job).failed == 0


def test_an_expired_certificate_fails_the_job_with_its_name(desk: Desk) -> None:
    paths = desk.make(2)
    desk.clock.travel(400 * DAY)
    view, files = desk.run(*paths)
    assert view.failed == 2
    assert "“Signer” expired on" in files[0].sentence
    assert desk.kms.asked == []


def test_a_bug_fails_its_file_only(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = desk.make(3)
    healthy = desk.kms.sign
    calls = []

    def sign(**request: Any) -> dict[str, Any]:
        calls.append(request)
        if len(calls) == 1:
            raise ZeroDivisionError
        return healthy(**request)

    monkeypatch.setattr(desk.kms, "sign", sign)
    view, files = desk.run(*paths)
    assert (view.done, view.failed) == (2, 1)
    assert sorted(states(files)) == ["done", "done", "failed"]


def test_one_file_is_cancelled_while_it_is_read(desk: Desk) -> None:
    slow = desk.files / "slow"
    with slow.open("wb") as stream:
        stream.truncate(8 << 30)
    job = desk.queue.submit(desk.recipe(), [slow])
    until(desk.queue, lambda: any(file.bytes_done > CHUNK for file in desk.all(job)))
    desk.queue.cancel(job, 0)
    view = desk.queue.wait(job, SECONDS)
    (file,) = desk.all(job)
    assert file.state is FileState.CANCELLED
    assert view.cancelled == 1
    assert desk.kms.asked == []
    assert not Path(f"{slow}.p7s").exists()


def test_a_job_is_cancelled_and_what_is_signed_stays(desk: Desk) -> None:
    paths = desk.make(40)
    desk.kms.opened.clear()
    job = desk.queue.submit(desk.recipe(), paths)
    assert desk.kms.reached.acquire(timeout=SECONDS)
    desk.queue.cancel(job)
    desk.kms.opened.set()
    view = desk.queue.wait(job, SECONDS)
    assert view.state is JobState.CANCELLED
    assert view.done + view.cancelled == 40
    assert view.cancelled > 0
    assert len(list(desk.files.glob("*.p7s"))) == view.done
    desk.queue.retry(job)
    until(desk.queue, lambda: desk.view(job).done == 40)


def test_a_job_pauses_and_goes_on(desk: Desk) -> None:
    paths = desk.make(40)
    desk.kms.opened.clear()
    job = desk.queue.submit(desk.recipe(), paths)
    assert desk.kms.reached.acquire(timeout=SECONDS)
    desk.queue.pause(job)
    desk.kms.opened.set()
    open_states = {FileState.HASHING, FileState.SIGNING, FileState.WRITING}
    until(desk.queue, lambda: not any(file.state in open_states for file in desk.all(job)))
    view = desk.view(job)
    assert view.state is JobState.PAUSED
    assert view.done < 40
    desk.queue.resume(job)
    assert desk.queue.wait(job, SECONDS).done == 40


def test_a_locked_vault_makes_the_job_wait(desk: Desk) -> None:
    paths = desk.make(40)
    desk.kms.opened.clear()
    job = desk.queue.submit(desk.recipe(), paths)
    assert desk.kms.reached.acquire(timeout=SECONDS)
    desk.kms.locked = True
    desk.kms.opened.set()
    desk.vault.lock()
    assert desk.view(job).state is JobState.LOCKED
    desk.kms.locked = False
    desk.vault.unlock_with_passphrase(PASSPHRASE)
    view = desk.queue.wait(job, SECONDS)
    assert (view.done, view.failed) == (40, 0)
    assert len([view for view in desk.queue.jobs() if view.id == job]) == 1


def test_jobs_survive_a_restart(desk: Desk) -> None:
    paths = desk.make(70)
    Path(f"{paths[3]}.p7s").write_bytes(b"mine")
    before, files = desk.run(*paths)
    desk.restart()
    (after,) = desk.queue.jobs()
    assert (after.id, after.state, after.done, after.failed) == (before.id, "done", 69, 1)
    assert after.recipe == before.recipe
    again = desk.all(after.id)
    assert [file.path for file in again] == paths
    assert [(f.state, f.sentence, f.digest) for f in again] == [
        (f.state, f.sentence, f.digest) for f in files
    ]
    assert again[0].finished is not None


def test_an_interrupted_job_is_resumed(desk: Desk) -> None:
    paths = desk.make(40)
    desk.kms.locked = True
    job = desk.queue.submit(desk.recipe(), paths)
    until(desk.queue, lambda: desk.view(job).total == 40)
    desk.restart()
    desk.kms.locked = False
    assert desk.view(job).state is JobState.INTERRUPTED
    desk.queue.resume(job)
    view = desk.queue.wait(job, SECONDS)
    assert (view.done, view.failed) == (40, 0)


def test_what_was_signed_but_not_noted_counts_as_done(desk: Desk) -> None:
    paths = desk.make(3)
    desk.kms.locked = True
    job = desk.queue.submit(desk.recipe(), paths)
    until(desk.queue, lambda: desk.view(job).total == 3)
    desk.restart()
    desk.kms.locked = False
    # As a kill between the signature and the note of it leaves things: one is ours, one is not.
    desk.run(paths[0])
    Path(f"{paths[1]}.p7s").write_bytes(b"mine")
    asked = len(desk.kms.asked)
    desk.queue.resume(job)
    view = desk.queue.wait(job, SECONDS)
    assert states(desk.all(job)) == ["done", "failed", "done"]
    assert (view.done, view.failed) == (2, 1)
    assert len(desk.kms.asked) == asked + 1
    assert Path(f"{paths[1]}.p7s").read_bytes() == b"mine"


def test_a_removed_job_stays_away(desk: Desk) -> None:
    view, _ = desk.run(*desk.make(2))
    desk.queue.remove(view.id)
    assert desk.queue.jobs() == ()
    with pytest.raises(NotFound):
        desk.queue.files(view.id)
    desk.restart()
    assert desk.queue.jobs() == ()
    assert len(list(desk.files.glob("*.p7s"))) == 2


def test_removing_while_locked_is_refused_and_changes_nothing(desk: Desk) -> None:
    view, _ = desk.run(*desk.make(1))
    desk.vault.lock()
    with pytest.raises(Locked):
        desk.queue.remove(view.id)
    assert [one.id for one in desk.queue.jobs()] == [view.id]


def test_a_record_that_cannot_be_read_does_not_hide_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    view, _ = desk.run(*desk.make(1))
    with desk.vault.transaction() as transaction:
        transaction.execute("INSERT INTO jobs VALUES ('bad', '{}', '2020')")
    desk.restart()
    assert [one.id for one in desk.queue.jobs()] == [view.id]
    assert "bad" in caplog.text


def test_files_are_paged_and_filtered(desk: Desk) -> None:
    paths = desk.make(10)
    Path(f"{paths[7]}.p7s").write_bytes(b"mine")
    view, _ = desk.run(*paths)
    assert [f.number for f in desk.queue.files(view.id, 8, 5)] == [8, 9]
    failed = desk.queue.files(view.id, states=frozenset({FileState.FAILED}))
    assert [f.path for f in failed] == [paths[7]]


def test_observers_are_told_until_they_leave(desk: Desk) -> None:
    told = threading.Semaphore(0)
    undo = desk.queue.subscribe(told.release)
    desk.run(*desk.make(5))
    assert told.acquire(timeout=SECONDS)
    undo()
    undo()
    while told.acquire(blocking=False):
        pass
    view, _ = desk.run(*desk.make(1), replace_existing=True)
    until(desk.queue, lambda: desk.view(view.id).state is JobState.DONE)
    desk.queue.close()
    assert not told.acquire(blocking=False)


def test_a_list_that_cannot_be_saved_is_not_saved_at_every_tick(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    ticks = threading.Semaphore(0)

    def refuse(_jobs: object) -> None:
        tries.append(1)
        raise Refused("Access denied: the history's key.", "Ask for the right to use it.")

    monkeypatch.setattr(desk.queue._store, "save", refuse)
    desk.queue.subscribe(ticks.release)
    job = desk.queue.submit(desk.recipe(), desk.make(1))
    desk.queue.wait(job, SECONDS)
    tries.clear()
    for _ in range(6):
        desk.queue.prioritise(job, 1)
        assert ticks.acquire(timeout=SECONDS)
    assert len(tries) <= 1


def test_nothing_to_sign_is_done_at_once(desk: Desk) -> None:
    view, files = desk.run(desk.files)
    assert (view.state, view.total, files) == (JobState.DONE, 0, [])


def test_a_file_named_twice_is_signed_once(desk: Desk) -> None:
    (path,) = desk.make(1)
    view, _ = desk.run(path, path, desk.files)
    assert (view.total, view.failed) == (1, 0)


def test_large_files_go_to_all_workers(desk: Desk) -> None:
    paths = [desk.files / f"large-{number}" for number in range(2)]
    for path in paths:
        with path.open("wb") as stream:
            stream.truncate(20 << 20)
    desk.kms.opened.clear()
    job = desk.queue.submit(desk.recipe(), paths)
    for _ in paths:
        assert desk.kms.reached.acquire(timeout=SECONDS)
    desk.kms.opened.set()
    assert desk.queue.wait(job, SECONDS).done == len(paths)


def test_closing_twice_is_harmless(desk: Desk) -> None:
    desk.queue.close()
    desk.queue.close()


def test_the_vault_need_not_be_open_to_begin(tmp_path: Path) -> None:
    new_vault(tmp_path / "vault", clock=TravelClock(NOW)).close()
    vault = Vault.open(tmp_path / "vault", powered(), None, TravelClock(NOW))
    queue = JobQueue(FakeKms(), vault, TravelClock(NOW))
    assert queue.jobs() == ()
    queue.close()
    vault.close()
