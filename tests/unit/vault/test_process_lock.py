import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.base.errors import EnvironmentFault
from workbench.vault.location import HOME_VARIABLE, VaultFiles, default_directory
from workbench.vault.process_lock import Holder, ProcessLock

HOLD = """
import sys
from pathlib import Path
from workbench.vault.location import VaultFiles
from workbench.vault.process_lock import Holder, ProcessLock
lock = ProcessLock(VaultFiles(Path(sys.argv[1])), Holder(sys.argv[2]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("holder", "called", "step"),
    [
        (Holder.UNKNOWN, "another process", "Close it there first"),
        (Holder.WINDOW, "Key Workbench's window", "Do it in that window, or close the window"),
        (Holder.COMMAND, "another command of workbench", "Wait until that command has ended"),
        (Holder.ENDPOINT, "“workbench serve”", "Stop it first"),
    ],
    ids=["unknown", "window", "command", "endpoint"],
)
def test_another_process_is_named_and_its_death_frees_the_lock(
    tmp_path: Path, holder: Holder, called: str, step: str
) -> None:
    lock = ProcessLock(VaultFiles(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), str(holder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(EnvironmentFault) as caught:
            lock.acquire()
        assert caught.value.message == (
            f"The vault in “{tmp_path}” is open in {called} (process {other.pid})."
        )
        assert caught.value.next_step.startswith(step)
        other.kill()
    assert VaultFiles(tmp_path).owner.exists()  # it died without tidying up
    lock.acquire()
    assert VaultFiles(tmp_path).owner.read_text() == f"{os.getpid()}\n"
    lock.release()
    lock.release()
    assert not VaultFiles(tmp_path).owner.exists()


def test_the_same_process_cannot_open_it_twice(tmp_path: Path) -> None:
    lock = ProcessLock(VaultFiles(tmp_path))
    lock.acquire()
    with pytest.raises(EnvironmentFault, match="open in this process already"):
        ProcessLock(VaultFiles(tmp_path)).acquire()
    lock.release()
    second = ProcessLock(VaultFiles(tmp_path))
    second.acquire()
    second.release()


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"-1", b"12; rm", b"window"])
def test_an_unreadable_owner_is_another_process(tmp_path: Path, content: bytes | None) -> None:
    files = VaultFiles(tmp_path)
    lock = ProcessLock(files)
    lock.acquire()
    files.owner.unlink()
    if content is not None:
        files.owner.write_bytes(content)
    with pytest.raises(EnvironmentFault, match=r"is open in another process\."):
        ProcessLock(files).acquire()
    lock.release()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="create the folder"):
        VaultFiles(tmp_path / "file" / "vault").make_directory()


def test_where_a_vault_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "x"))
    assert default_directory() == tmp_path / "x"
    monkeypatch.setenv(HOME_VARIABLE, "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_directory().name == "key-workbench"
