"""Disks and files that fail while a job signs: each is named, and nothing half is left."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.signers import recipe, sign
from tests.fakes.small_disk import SmallDisk, small_disk
from tests.faults.job_files import (
    CONTENT,
    PASSPHRASE,
    PATIENCE,
    assert_signatures,
    assert_whole,
    being_read,
    by_name,
    endless,
    make,
    ready,
    until,
)
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault
from workbench.bench import Bench
from workbench.signing.jobs import FileState, JobState
from workbench.signing.outputs import SUFFIX
from workbench.signing.work import FileSigner


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def test_a_disk_that_fills_up_fails_the_rest_and_spoils_nothing(
    shared: Bench, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        if not disk.smallest_file_too:
            pytest.skip("needs a file system of its own, which only root can mount")
        paths = make(disk.folder, *(f"{n}.bin" for n in range(80)))
        job = shared.jobs.submit(recipe(shared), paths)
        shared.jobs.wait(job, PATIENCE)
        done = [f.path for f in shared.jobs.files(job) if f.state is FileState.DONE]
        failed = [f for f in shared.jobs.files(job) if f.state is FileState.FAILED]
        assert 0 < len(done) < len(paths) == len(done) + len(failed)
        for file in failed:
            assert file.sentence == (
                f"Could not write “{file.path}{SUFFIX}”: the disk is full. "
                "Free some space and try again."
            )
        assert_whole(shared, disk.folder, *done)


def test_no_room_at_all(shared: Bench, disk: SmallDisk) -> None:
    paths = make(disk.folder, *(f"{n}.bin" for n in range(12)))
    disk.fill()
    job = shared.jobs.submit(recipe(shared), paths)
    view = shared.jobs.wait(job, PATIENCE)
    assert (view.done, view.failed) == (0, len(paths))
    assert_whole(shared, disk.folder)
    disk.free()
    shared.jobs.retry(job)
    assert shared.jobs.wait(job, PATIENCE).done == len(paths)
    assert_whole(shared, disk.folder, *paths)


def make_key(bench: Bench) -> str:
    return bench.kms.create_key(Description="x" * 2000)["KeyMetadata"]["KeyId"]


def make_keys_until_full(bench: Bench) -> None:
    for _ in range(1000):
        make_key(bench)


def test_a_vault_without_room_keeps_its_keys_and_tells_what_was_signed(
    disk: SmallDisk, files: Path
) -> None:
    with contextlib.closing(ready(disk.folder / "vault")) as bench:
        blob = bench.kms.encrypt(KeyId=make_key(bench), Plaintext=b"before")["CiphertextBlob"]
        paths = make(files, "a", "b")
        plan = recipe(bench)
        disk.fill()
        with pytest.raises(EnvironmentFault, match="Free some space"):
            make_keys_until_full(bench)
        made = len(bench.kms.list_keys(Limit=1000)["Keys"])
        job = bench.jobs.submit(plan, paths)
        view = bench.jobs.wait(job, PATIENCE)
        assert view.done + view.failed == len(paths)
        done = [f.path for f in bench.jobs.files(job) if f.state is FileState.DONE]
        assert_signatures(files, *done)
        bench.vault.lock()
        bench.vault.unlock_with_passphrase(PASSPHRASE)
        disk.free()
        # What waited is written down; until then the journal lets nothing happen unrecorded.
        assert bench.journal.verify().problems == ()
        assert len(bench.kms.list_keys(Limit=1000)["Keys"]) == made
        assert bench.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"
        bench.jobs.retry(job)
        assert bench.jobs.wait(job, PATIENCE).done == len(paths)
        assert_whole(bench, files, *paths)
        make_key(bench)
        assert bench.journal.verify().problems == ()


# --- files that cannot be read, folders that cannot be written


def test_an_unreadable_file_is_named_and_the_others_are_signed(shared: Bench, files: Path) -> None:
    good, closed = make(files, "good", "closed")
    closed.chmod(0)
    found = by_name(sign(shared, [files]))
    assert found["good"].state is FileState.DONE
    assert found["closed"].state is FileState.FAILED
    assert found["closed"].sentence == (
        f"Could not open “{closed}”: permission was denied. "
        "Check the permissions of the file and its folder."
    )
    assert_whole(shared, files, good)
    closed.chmod(0o600)
    job = shared.jobs.jobs()[0].id
    shared.jobs.retry(job)
    assert shared.jobs.wait(job, PATIENCE).done == 2
    assert_whole(shared, files, good, closed)


def test_an_unreadable_folder_is_listed_and_the_rest_is_signed(shared: Bench, files: Path) -> None:
    closed = files / "closed"
    closed.mkdir()
    make(closed, "inside")
    (good,) = make(files, "good")
    closed.chmod(0)
    job = shared.jobs.submit(recipe(shared), [files])
    view = shared.jobs.wait(job, PATIENCE)
    closed.chmod(0o700)
    assert (view.done, view.total) == (1, 1)
    assert view.notes == ("The folder “closed” cannot be read: Permission denied.",)
    assert_whole(shared, files, good)


@pytest.mark.parametrize("count", [1, 12])
def test_a_folder_that_cannot_be_written_is_named(shared: Bench, files: Path, count: int) -> None:
    paths = make(files, *(f"{n}" for n in range(count)))
    files.chmod(0o500)
    found = sign(shared, paths)
    files.chmod(0o700)
    assert {file.state for file in found} == {FileState.FAILED}
    for file in found:
        assert f"“{file.path}{SUFFIX}”: permission was denied. Check the" in file.sentence
    assert_whole(shared, files)
    assert by_name(sign(shared, paths))["0"].state is FileState.DONE
    assert_whole(shared, files, *paths)


def test_a_target_folder_that_cannot_be_made_is_named(shared: Bench, files: Path) -> None:
    (file,) = make(files, "file")
    (found,) = sign(shared, [file], folder=file / "below a file")
    assert found.state is FileState.FAILED
    assert "Could not make the folder “" in found.sentence
    assert_whole(shared, files)


def test_a_file_that_is_gone_when_its_turn_comes(own: Bench, files: Path) -> None:
    stays, goes = make(files, "stays", "goes")
    plan = recipe(own)
    own.vault.lock()
    job = own.jobs.submit(plan, [stays, goes])
    until(own, lambda: own.jobs.jobs()[0].state is JobState.LOCKED)
    goes.unlink()
    own.vault.unlock_with_passphrase(PASSPHRASE)
    view = own.jobs.wait(job, PATIENCE)
    assert (view.done, view.failed) == (1, 1)
    sentence = by_name(own.jobs.files(job))["goes"].sentence
    assert sentence.startswith(f"Could not open “{goes}”: it is not there")
    assert_whole(own, files, stays)


def test_a_file_that_is_not_there_at_all(shared: Bench, files: Path) -> None:
    job = shared.jobs.submit(recipe(shared), [files / "nobody"])
    view = shared.jobs.wait(job, PATIENCE)
    assert (view.total, view.notes) == (
        0,
        ("“nobody” cannot be read: No such file or directory.",),
    )


# --- files that change


def _append(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def _rewrite(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.write(b"other")


def _exchange(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


CHANGES: dict[str, Callable[[Path], None]] = {
    "grows": _append,
    "shrinks": lambda path: os.truncate(path, 300_000),
    "is rewritten": _rewrite,
    "is exchanged": _exchange,
    "is deleted": Path.unlink,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_refused(
    shared: Bench, files: Path, change: str
) -> None:
    path = files / "changing"
    path.write_bytes(bytes(1_000_000))
    signer = FileSigner(shared.kms, recipe(shared), SystemClock())
    before = path.stat().st_mtime_ns - 1_000_000_000
    os.utime(path, ns=(before, before))
    once = iter([CHANGES[change]])

    def tamper(size: int) -> None:
        for act in once:
            act(path)

    with pytest.raises(EnvironmentFault, match=r"“.*changing” changed while it was read\. Wait"):
        signer.sign(path, lambda state: None, progress=tamper)
    assert_whole(shared, files)
    path.write_bytes(CONTENT)
    signer.sign(path, lambda state: None, progress=lambda size: None)
    assert_whole(shared, files, path)


def test_a_file_that_shrinks_in_a_job_fails_alone(shared: Bench, files: Path) -> None:
    (other,) = make(files, "other")
    long = endless(files)
    job = shared.jobs.submit(recipe(shared), [files])
    being_read(shared, job)
    os.truncate(long, 4096)
    view = shared.jobs.wait(job, PATIENCE)
    assert (view.done, view.failed) == (1, 1)
    assert "changed while it was read" in by_name(shared.jobs.files(job))["endless"].sentence
    assert_whole(shared, files, other)
