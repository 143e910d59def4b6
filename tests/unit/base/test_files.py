import errno
import os
from pathlib import Path

import pytest

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable, write_atomically


def test_writes_whole_files_with_the_asked_mode(tmp_path: Path) -> None:
    target = tmp_path / "a file"
    write_atomically(target, b"content", replace=False, mode=0o640)
    assert target.read_bytes() == b"content"
    assert target.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a file"]


def test_never_over_an_existing_file_unless_allowed(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.write_bytes(b"old")
    with pytest.raises(EnvironmentFault, match="exists already"):
        write_atomically(target, b"new", replace=False)
    assert target.read_bytes() == b"old"
    write_atomically(target, b"new", replace=True)
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["taken"]


def test_a_dangling_link_counts_as_existing(tmp_path: Path) -> None:
    target = tmp_path / "link"
    target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(EnvironmentFault, match="exists already"):
        write_atomically(target, b"new", replace=False)
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="is not there any more") as refused:
        write_atomically(tmp_path / "none" / "file", b"x", replace=False)
    assert refused.value.next_step


@pytest.mark.parametrize("name", [b"new\nline", b"quo'te\"s", b"sp ace", b"\xff\xfe\x80"])
def test_hostile_names_are_written_and_shown_safely(tmp_path: Path, name: bytes) -> None:
    target = tmp_path / os.fsdecode(name)
    write_atomically(target, b"x", replace=False)
    assert os.listdir(os.fsencode(tmp_path)) == [name]
    shown = printable(target)
    assert "\n" not in shown
    shown.encode("utf-8")


def test_system_errors_name_reason_and_next_step() -> None:
    told = fault(OSError(errno.ENOSPC, "x"), "write", Path("a"))
    assert told.message == "Could not write “a”: the disk is full."
    assert told.next_step == "Free some space and try again."
    assert fault(OSError(errno.EPIPE, "Broken pipe"), "read", Path("a")).message.endswith(
        "Broken pipe."
    )
