"""Outputs that exist, odd files and odd names: kept, signed or listed, and shown safely."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.engine import QUICK
from tests.fakes.secrets import MemoryStore
from tests.fakes.signers import recipe, sign
from tests.faults.job_files import (
    CONTENT,
    PASSPHRASE,
    PATIENCE,
    assert_whole,
    by_name,
    make,
    ready,
    until,
)
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.signing.chains import trusted_roots
from workbench.signing.jobs import FileState, JobState
from workbench.signing.outputs import SUFFIX

# --- outputs that exist


def _file(path: Path) -> None:
    path.write_bytes(b"mine")


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


TAKEN: dict[str, Callable[[Path], None]] = {
    "file": _file,
    "folder": Path.mkdir,
    "dangling link": _dangling,
    "pipe": os.mkfifo,
}


@pytest.mark.parametrize("kind", TAKEN)
def test_what_has_the_name_already_is_kept(shared: Bench, files: Path, kind: str) -> None:
    (path,) = make(files, "file")
    output = files / f"file{SUFFIX}"
    TAKEN[kind](output)
    before = output.lstat()
    (found,) = sign(shared, [path])
    assert found.state is FileState.FAILED
    assert found.sentence == (
        f"“{output}” exists already and was left as it is. Move it away, or allow replacing it."
    )
    after = output.lstat()
    assert (after.st_ino, after.st_mode, after.st_mtime_ns, after.st_size) == (
        before.st_ino,
        before.st_mode,
        before.st_mtime_ns,
        before.st_size,
    )
    assert kind != "file" or output.read_bytes() == b"mine"
    assert not (files / "nowhere").exists()


@pytest.mark.parametrize("kind", ["file", "dangling link", "pipe"])
def test_what_has_the_name_is_replaced_when_that_is_wanted(
    shared: Bench, files: Path, kind: str
) -> None:
    (path,) = make(files, "file")
    TAKEN[kind](files / f"file{SUFFIX}")
    (found,) = sign(shared, [path], replace_existing=True)
    assert found.state is FileState.DONE
    assert not (files / f"file{SUFFIX}").is_symlink()
    assert_whole(shared, files, path)


def test_a_folder_is_never_replaced(shared: Bench, files: Path) -> None:
    (path,) = make(files, "file")
    folder = files / f"file{SUFFIX}"
    folder.mkdir()
    make(folder, "inside")
    (found,) = sign(shared, [path], replace_existing=True)
    assert found.state is FileState.FAILED
    assert "it is a folder" in found.sentence
    assert [entry.name for entry in folder.iterdir()] == ["inside"]
    assert {entry.name for entry in files.iterdir()} == {"file", f"file{SUFFIX}"}


# --- odd files and odd names


def test_an_empty_file_is_signed(shared: Bench, files: Path) -> None:
    empty = files / "empty"
    empty.touch()
    (found,) = sign(shared, [empty])
    assert (found.state, found.size) == (FileState.DONE, 0)
    assert_whole(shared, files, empty)
    empty.write_bytes(b"x")
    signature = files / f"empty{SUFFIX}"
    assert not shared.verifier.verify(empty, signature, trusted_roots(shared.shelf)).valid


NAMES = (
    b"two words",
    b" leading and trailing ",
    b'it\'s "quoted" `here` $(touch x)',
    b"line one\nline two\r",
    b"\x1b[31mred\x1b[0m",
    b"latin-1 \xe9\xff",
    b"-rf",
    b"--key=x",
    b"back\\slash %s %n {}",
    "ключ-🔑".encode(),
    "right to left \u202egnp.exe".encode(),
    b".hidden",
    b"already.p7s",
)


def test_names_of_all_kinds_are_signed_and_shown_safely(shared: Bench, files: Path) -> None:
    paths = [files / os.fsdecode(name) for name in NAMES]
    for path in paths:
        path.write_bytes(CONTENT)
    found = sign(shared, [files])
    assert {file.path for file in found} == set(paths)
    assert {file.state for file in found} == {FileState.DONE}, found
    signatures = {os.fsencode(path.name) for path in files.iterdir()} - set(NAMES)
    assert signatures == {name + SUFFIX.encode() for name in NAMES}
    roots = trusted_roots(shared.shelf)
    for path in paths:
        verdict = shared.verifier.verify(path, Path(f"{path}{SUFFIX}"), roots)
        assert verdict.valid, verdict.headline
        for check in verdict.checks:
            assert check.sentence.isprintable()
            check.sentence.encode()
    # Now every output exists: the sentences name the files, on one line and encodable.
    for file in sign(shared, paths):
        assert file.state is FileState.FAILED
        assert file.sentence.isprintable()
        file.sentence.encode()


def test_jobs_with_such_names_survive_the_vault(tmp_path: Path, files: Path) -> None:
    secrets = MemoryStore()
    bench = ready(tmp_path / "vault", secrets)
    paths = [files / os.fsdecode(name) for name in NAMES]
    for path in paths:
        path.write_bytes(CONTENT)
    sign(bench, [files])
    bench.close()
    bench = Assembly(secrets=secrets, cost=QUICK).open(tmp_path / "vault")
    bench.vault.unlock_with_keyring()
    (job,) = bench.jobs.jobs()
    assert {file.path for file in bench.jobs.files(job.id)} == set(paths)
    assert job.done == len(paths)
    bench.close()


def test_a_name_too_long_for_its_signature_is_named(shared: Bench, files: Path) -> None:
    long, longest = make(files, "n" * (255 - len(SUFFIX)), "m" * 255)
    found = by_name(sign(shared, [files]))
    assert found[long.name].state is FileState.DONE
    assert found[longest.name].state is FileState.FAILED
    assert "its name is too long. Choose a shorter name." in found[longest.name].sentence
    assert_whole(shared, files, long)


def test_links_loops_and_special_files_in_a_folder_are_listed(shared: Bench, files: Path) -> None:
    (good,) = make(files, "good")
    (files / "loop").symlink_to("loop")
    (files / "up").symlink_to(files, target_is_directory=True)
    (files / "link").symlink_to(good)
    (files / "null").symlink_to(os.devnull)
    os.mkfifo(files / "pipe")
    inside = files / "sub"
    inside.mkdir()
    (inside / "back").symlink_to("..", target_is_directory=True)
    with socket.socket(socket.AF_UNIX) as listening:
        # A socket's path may be 107 bytes only, which the folder of a test may exceed.
        descriptor = os.open(files, os.O_RDONLY)
        listening.bind(f"/proc/self/fd/{descriptor}/socket")
        os.close(descriptor)
        job = shared.jobs.submit(recipe(shared), [files])
        view = shared.jobs.wait(job, PATIENCE)
    assert (view.done, view.total) == (1, 1)
    link = "is a symbolic link and was not followed."
    special = "is a special file (pipe, socket or device), not content."
    assert set(view.notes) == {
        *(f"“{name}” {link}" for name in ("loop", "up", "link", "null", "back")),
        *(f"“{name}” {special}" for name in ("pipe", "socket")),
    }
    assert_whole(shared, files, good)


def test_links_loops_and_special_files_named_directly(shared: Bench, files: Path) -> None:
    (good,) = make(files, "good")
    (files / "loop").symlink_to("loop")
    (files / "link").symlink_to(good)
    os.mkfifo(files / "pipe")
    paths = [files / "loop", files / "pipe", files / "link", Path(os.devnull)]
    job = shared.jobs.submit(recipe(shared), paths)
    view = shared.jobs.wait(job, PATIENCE)
    assert (view.done, view.total, len(view.notes)) == (1, 1, 3)
    assert_whole(shared, files, files / "link")


def test_a_file_exchanged_for_a_pipe_does_not_hang(own: Bench, files: Path) -> None:
    (path,) = make(files, "file")
    plan = recipe(own)
    own.vault.lock()
    job = own.jobs.submit(plan, [files])
    until(own, lambda: own.jobs.jobs()[0].state is JobState.LOCKED)
    path.unlink()
    os.mkfifo(path)
    own.vault.unlock_with_passphrase(PASSPHRASE)
    assert own.jobs.wait(job, PATIENCE).failed == 1
    assert "is not a regular file but a device, pipe" in own.jobs.files(job)[0].sentence
    assert_whole(own, files)
