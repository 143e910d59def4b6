"""Signature files are complete or absent, and never over something else."""

import hashlib
import os
import resource
import sys
from pathlib import Path

import pytest

from workbench.base.errors import EnvironmentFault
from workbench.signing import outputs
from workbench.signing.outputs import (
    Staged,
    check_free,
    place_of,
    prepare_folder,
    publish,
    signature_path,
    stage,
)

NAMES = ["plain", "with space", "quote'\"", "line\nbreak", b"\xff\xfe.bin", "-rf"]


def write_signature(path: str, data: bytes, *, replace: bool) -> None:
    (failure,) = publish([stage(path, data, replace=replace)])
    if failure is not None:
        raise failure


@pytest.fixture(params=["unnamed", "temporary"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to write: by a file without a name, and by a temporary one."""
    if request.param == "temporary":
        monkeypatch.setattr(outputs, "_UNNAMED", 0)
    return str(request.param)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("replace", [True, False])
def test_it_is_written(tmp_path: Path, way: str, name: str | bytes, *, replace: bool) -> None:
    path = signature_path(str(tmp_path / os.fsdecode(name)))
    write_signature(path, b"signature", replace=replace)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"signature"]
    assert os.fsdecode(os.fsencode(path)).endswith(".p7s")
    assert Path(path).stat().st_mode & 0o777 == 0o644


def test_what_exists_is_left(tmp_path: Path, way: str) -> None:
    path = tmp_path / "file.p7s"
    path.write_bytes(b"mine")
    with pytest.raises(EnvironmentFault, match=r"“.*file\.p7s” exists already") as caught:
        write_signature(str(path), b"signature", replace=False)
    assert caught.value.next_step
    assert [p.name for p in tmp_path.iterdir()] == ["file.p7s"]
    assert path.read_bytes() == b"mine"


def test_a_dangling_link_is_left(tmp_path: Path, way: str) -> None:
    path = tmp_path / "file.p7s"
    path.symlink_to("elsewhere")
    with pytest.raises(EnvironmentFault, match="exists already"):
        write_signature(str(path), b"signature", replace=False)
    with pytest.raises(EnvironmentFault, match="exists already"):
        check_free(str(path), replace=False)
    assert path.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


def test_replacing_needs_to_be_said(tmp_path: Path, way: str) -> None:
    path = tmp_path / "file.p7s"
    path.write_bytes(b"old")
    with pytest.raises(EnvironmentFault):
        check_free(str(path), replace=False)
    check_free(str(path), replace=True)
    write_signature(str(path), b"new", replace=True)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"new"]


def test_a_missing_folder_is_said(tmp_path: Path, way: str) -> None:
    with pytest.raises(EnvironmentFault, match="Could not write") as caught:
        write_signature(str(tmp_path / "none" / "file.p7s"), b"x", replace=False)
    assert caught.value.next_step
    assert list(tmp_path.iterdir()) == []


def test_a_name_too_long_is_said(tmp_path: Path, way: str) -> None:
    with pytest.raises(EnvironmentFault, match="too long"):
        write_signature(str(tmp_path / ("n" * 255)) + ".p7s", b"x", replace=False)
    assert list(tmp_path.iterdir()) == []


def test_where_signatures_go(tmp_path: Path) -> None:
    assert signature_path("/a/b.bin") == "/a/b.bin.p7s"
    assert signature_path("/a/b.bin", Path("/out")) == "/out/b.bin.p7s"
    assert signature_path("/a/s/b.bin", Path("/out"), "s/b.bin") == "/out/s/b.bin.p7s"


def test_the_folder_is_made(tmp_path: Path) -> None:
    path = str(tmp_path / "a" / "b" / "file.p7s")
    prepare_folder(path)
    prepare_folder(path)
    write_signature(path, b"x", replace=False)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="make the folder"):
        prepare_folder(str(tmp_path / "file" / "file.p7s"))


def test_what_a_killed_process_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "file.p7s"
    target.write_bytes(b"old")
    mark = hashlib.sha256(b"file.p7s").hexdigest()[:16]
    (tmp_path / f".{mark}.partial").write_bytes(b"left")
    write_signature(str(target), b"new", replace=True)
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file.p7s"]


@pytest.mark.skipif(sys.platform != "linux", reason="files without a name are Linux's")
def test_too_many_open_files_fail_these_signatures_and_nothing_else(tmp_path: Path) -> None:
    staged = [stage(str(tmp_path / name), b"x", replace=False) for name in ("a", "b")]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        failures = publish(staged)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert all(failure is not None for failure in failures)
    assert os.listdir(tmp_path) == []
    assert publish([stage(str(tmp_path / "a"), b"x", replace=False)]) == [None]


def exchange(folder: Path) -> Path:
    """Put another folder under the name of one, which goes elsewhere."""
    gone = folder.with_name("gone")
    folder.rename(gone)
    folder.mkdir()
    return gone


@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_folder_that_took_the_name_of_another_is_not_written(
    tmp_path: Path, way: str, when: str, *, replace: bool
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    path = str(folder / "file.p7s")
    place = place_of(path)

    def staged() -> Staged:
        return stage(path, b"x", replace=replace, place=place)

    if when == "before":
        gone = exchange(folder)
        made = staged()
    else:
        made = staged()
        gone = exchange(folder)
    (failure,) = publish([made])
    assert failure is not None
    assert "its folder went away meanwhile" in failure.message
    assert "try again" in failure.next_step
    assert [*os.listdir(folder), *os.listdir(gone)] == []
    folder.rmdir()
    gone.rename(folder)
    assert publish([staged()]) == [None]
    assert os.listdir(folder) == ["file.p7s"]


def test_a_folder_that_only_lets_write_is_written(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o300)
    path = str(folder / "file.p7s")
    assert publish([stage(path, b"x", replace=False, place=place_of(path))]) == [None]
    folder.chmod(0o700)
    assert os.listdir(folder) == ["file.p7s"]
