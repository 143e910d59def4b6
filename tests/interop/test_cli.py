"""The command line as people and scripts meet it: a process, its streams and its exit code."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.command_line import Answer
from tests.fakes.engine import make_bench
from tests.fakes.shell import DASHES, PASSPHRASE, PATIENCE, REPOSITORY, SIGNED, Shell
from tests.fakes.signers import KEY
from workbench.assembly import Assembly
from workbench.cli.exits import Exit
from workbench.pki.quickstart import HierarchyRequest
from workbench.vault.process_lock import Holder

HOSTILE = b"line one\nline two \x1b[31m\xff"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"to be signed")
    return path


# --- verify


def test_verify_needs_no_vault(shell: Shell, signed: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "no vault here"
    answer = shell.run("verify", signed, "--root", shell.root, KEY_WORKBENCH_HOME=str(nowhere))
    assert answer.code == Exit.OK, answer.err
    assert answer.out.startswith("VALID: Signed by CN=Code Signing; the chain is trusted, ")
    assert answer.err == ""
    assert not nowhere.exists()


def test_verify_takes_the_signature_by_name_and_tells_as_json(
    shell: Shell, signed: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved.sig"
    moved.write_bytes(signed.with_name("signed.bin.p7s").read_bytes())
    answer = shell.run("verify", signed, moved, "--root", shell.root, "--json")
    assert answer.code == Exit.OK
    assert answer.document["valid"] is True
    assert answer.document["algorithm"] == "ML-DSA-65"
    assert "T" in answer.document["signingTime"]
    changed = tmp_path / "changed"
    changed.write_bytes(signed.read_bytes() + b"!")
    answer = shell.run("verify", changed, moved, "--root", shell.root, "--json")
    assert answer.code == Exit.INVALID
    assert answer.document["valid"] is False
    assert [check["name"] for check in answer.document["checks"] if check["state"] == "failed"] == [
        "File"
    ]


def test_verify_under_another_root_is_invalid(shell: Shell, signed: Path, tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "other")
    made = bench.create_hierarchy(HierarchyRequest(alias=KEY), lambda text, share: None)
    bench.close()
    other = tmp_path / "other.pem"
    other.write_text(made.root_pem)
    answer = shell.run("verify", signed, "--root", other)
    assert answer.code == Exit.INVALID
    assert answer.out.startswith("NOT VALID: ")


def test_a_missing_file_is_named(shell: Shell, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    answer = shell.run("verify", missing, "--root", shell.root)
    assert (answer.code, answer.out) == (Exit.ENVIRONMENT, "")
    assert answer.err.startswith("workbench: Could not ")
    assert "missing" in answer.err
    answer = shell.run("verify", missing, "--root", shell.root, "--json")
    assert (answer.code, answer.err) == (Exit.ENVIRONMENT, "")
    assert answer.document["exitCode"] == Exit.ENVIRONMENT
    assert "missing" in answer.document["error"]


def test_a_root_that_is_none_is_named(shell: Shell, signed: Path) -> None:
    answer = shell.run("verify", signed, "--root", signed)
    assert answer.code == Exit.ENVIRONMENT
    assert "There is no certificate in “" in answer.err


WRONG = {
    "no root": ("verify", "file"),
    "unknown command": ("frobnicate",),
    "unknown option": ("doctor", "--nonsense"),
    "no key": ("sign", "file"),
    "no file": ("sign", "--key", "k"),
    "a purpose that is none": ("verify", "f", "--root", "r", "--purpose", "fun"),
    "a time that is none": ("verify", "f", "--root", "r", "--at", "yesterday"),
    "a descriptor that is no number": ("doctor", "--passphrase-fd", "x"),
    "a descriptor no system has": ("doctor", "--passphrase-fd", "9" * 30),
    "a descriptor below nothing": ("doctor", "--passphrase-fd", "-1"),
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_wrong_arguments(shell: Shell, arguments: tuple[str, ...]) -> None:
    answer = shell.run(*arguments)
    assert (answer.code, answer.out) == (Exit.USAGE, "")
    assert "usage: workbench" in answer.err
    assert "Traceback" not in answer.err


def test_help_tells_the_exit_codes(shell: Shell) -> None:
    answer = shell.run("--help")
    assert answer.code == Exit.OK
    for code in Exit:
        assert f" {int(code)}  " in answer.out


# --- sign


def test_sign_unlocks_by_a_passphrase_from_a_descriptor(shell: Shell, file: Path) -> None:
    answer = shell.sign(file)
    assert (answer.code, answer.err) == (Exit.OK, "")
    assert answer.out == f"signed  {file}.p7s\n"
    assert shell.run("verify", file, "--root", shell.root).code == Exit.OK
    before = Path(f"{file}.p7s").read_bytes()
    again = shell.sign(file, "--json")
    assert again.code == Exit.INVALID
    assert again.document["failed"] == 1
    assert "exists already and was left as it is" in again.document["files"][0]["problem"]
    assert Path(f"{file}.p7s").read_bytes() == before
    assert shell.sign(file, "--replace").code == Exit.OK
    assert Path(f"{file}.p7s").read_bytes() != before


def test_a_passphrase_may_come_in_pieces(shell: Shell, file: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE[:10].encode())
    arguments = ("sign", file, "--key", KEY, "--passphrase-fd", str(reading))
    with shell.start(*arguments, pass_fds=[reading]) as process, killed_at_last(process):
        wait_for(lambda: unread(reading) == 0 or process.poll() is not None)
        os.write(writing, PASSPHRASE[10:].encode() + b"\nsomething else")
        os.close(writing)
        _, err = process.communicate(timeout=PATIENCE)
    os.close(reading)
    assert process.returncode == Exit.OK, err


@contextlib.contextmanager
def killed_at_last(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()


def unread(descriptor: int) -> int:
    answer = fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))
    return int.from_bytes(answer, sys.byteorder)


def wait_for(condition: Any) -> None:
    """Ask again and again; the process that is waited for gives no sign of its own."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        os.sched_yield()


@pytest.mark.parametrize("command", ["sign", "doctor"])
def test_a_wrong_passphrase(shell: Shell, file: Path, command: str) -> None:
    wrong = "incorrect horse battery staple"
    arguments: list[str | Path] = [file, "--key", KEY] if command == "sign" else []
    answer = shell.run(command, *arguments, passphrase=wrong)
    assert answer.code == Exit.LOCKED
    assert "The passphrase does not open this vault. Check" in answer.err
    assert wrong not in answer.out + answer.err


def test_no_way_in(shell: Shell, file: Path) -> None:
    answer = shell.run("sign", file, "--key", KEY)
    assert answer.code == Exit.LOCKED
    assert "--passphrase-fd" in answer.err
    answer = shell.run("sign", file, "--key", KEY, "--passphrase-fd", "97")
    assert answer.code == Exit.ENVIRONMENT
    assert "File descriptor 97 could not be read" in answer.err


@pytest.mark.parametrize(
    "key", ["alias/nobody", "nobody", "arn:aws:kms:x", "uncertified", "\udcff"]
)
def test_keys_that_cannot_sign(shell: Shell, file: Path, key: str) -> None:
    answer = shell.sign(file, key=key)
    assert (answer.code, answer.out) == (Exit.REFUSED, "")
    assert len(answer.err.splitlines()) == 1
    assert os.listdir(file.parent) == ["file"]


def test_an_alias_is_known_without_its_prefix_whatever_its_dashes(shell: Shell, file: Path) -> None:
    answer = shell.sign(file, key=DASHES.removeprefix("alias/"))
    assert answer.code == Exit.OK, answer.err


def test_sign_without_a_vault(shell: Shell, file: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    answer = shell.run("sign", file, "--key", KEY, KEY_WORKBENCH_HOME=str(nowhere))
    assert answer.code == Exit.ENVIRONMENT
    assert f"There is no vault in “{nowhere}”" in answer.err
    assert not nowhere.exists()


def test_a_vault_in_use_is_left_alone(shell: Shell, file: Path) -> None:
    bench = Assembly(holder=Holder.WINDOW).open(shell.home)
    answer = shell.sign(file)
    bench.close()
    assert answer.code == Exit.ENVIRONMENT
    assert answer.err == (
        f"workbench: The vault in “{shell.home}” is open in Key Workbench's window "
        f"(process {os.getpid()}). Do it in that window, or close the window first; "
        "one process at a time may use a vault.\n"
    )
    assert not file.with_name("file.p7s").exists()


def test_a_folder_with_hostile_names_into_another_folder(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    hostile = folder / os.fsdecode(HOSTILE)
    hostile.write_bytes(b"content")
    (folder / "link").symlink_to("nowhere")
    out = tmp_path / "out"
    answer = shell.sign(folder, "--out", out)
    assert answer.code == Exit.INVALID  # the link was not signed
    assert len(answer.out.splitlines()) == 1
    assert answer.out.rstrip("\n").isprintable()
    assert answer.err == "passed over  “link” is a symbolic link and was not followed.\n"
    (signature,) = (path for path in out.rglob("*") if path.is_file())
    assert os.fsencode(signature.name) == HOSTILE + b".p7s"
    verdict = shell.run("verify", hostile, signature, "--root", shell.root)
    assert verdict.code == Exit.OK
    assert all(line.isprintable() for line in verdict.out.splitlines())
    assert "line two" in verdict.out
    assert "\nline two" not in verdict.out


def test_hostile_names_as_json_are_exact(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(HOSTILE)
    path.write_bytes(b"content")
    answer = shell.sign(path, "--json")
    assert answer.code == Exit.OK
    (entry,) = answer.document["files"]
    assert os.fsencode(entry["file"]) == os.fsencode(path)
    assert os.fsencode(entry["signature"]) == os.fsencode(path) + b".p7s"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_missing_file_of_a_hostile_name_is_told_on_one_line(
    shell: Shell, tmp_path: Path, encoding: str
) -> None:
    arguments = ("verify", os.fsencode(tmp_path) + b"/" + HOSTILE, "--root", shell.root)
    answer = shell.run(*arguments, PYTHONIOENCODING=encoding)
    assert answer.code == Exit.ENVIRONMENT
    assert len(answer.err.splitlines()) == 1
    assert answer.err.rstrip("\n").isprintable()


def test_an_interrupt_stops_and_leaves_nothing(shell: Shell, tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    with endless.open("wb") as stream:
        stream.truncate(1 << 40)
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode())
    os.close(writing)
    arguments = ("sign", endless, "--key", KEY, "--passphrase-fd", str(reading))
    with shell.start(*arguments, pass_fds=[reading]) as process, killed_at_last(process):
        wait_for(lambda: reads(process.pid, endless) or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    os.close(reading)
    assert (process.returncode, out) == (Exit.CANCELLED, b""), err
    assert err.startswith(b"workbench: Stopped.")
    assert os.listdir(tmp_path) == ["endless"]
    with contextlib.closing(Assembly().open(shell.home)) as bench:
        bench.vault.unlock_with_passphrase(PASSPHRASE)
        assert [job.title for job in bench.jobs.jobs()] == [SIGNED]


def reads(process: int, path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        for link in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if link.readlink() == path:
                    return True
    return False


def redirected(shell: Shell, redirection: str, *arguments: str | Path) -> Answer:
    """Run with a standard output that the shell prepares."""
    line = f'exec "$@" {redirection}'
    words = ["sh", "-c", line, "sh", sys.executable, "-m", "workbench", *arguments]
    done = subprocess.run(
        words,
        env=shell.environment(),
        cwd=REPOSITORY,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_nobody_listening_is_no_error(shell: Shell, signed: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "verify", signed, "--root", shell.root],
        env=shell.environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        cwd=REPOSITORY,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.OK, b"")


@pytest.mark.parametrize("redirection", [">&-", ">&- 2>&-"])
def test_closed_streams_are_no_error(shell: Shell, signed: Path, redirection: str) -> None:
    answer = redirected(shell, redirection, "verify", signed, "--root", shell.root)
    assert (answer.code, answer.out, answer.err) == (Exit.OK, "", "")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_result_that_cannot_be_printed_is_told(
    shell: Shell, signed: Path, form: list[str]
) -> None:
    answer = redirected(shell, "> /dev/full", "verify", signed, "--root", shell.root, *form)
    assert (answer.code, answer.out) == (Exit.ENVIRONMENT, "")
    assert form or "The result could not be printed: No space left on device." in answer.err
