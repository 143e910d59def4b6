"""Dropped folders: every file once, in a stable order, and nothing passed over in silence."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.signing.formats.registry import FORMATS
from workbench.signing.walk import Found, walk

DEPTH = 1200
"""Folders in folders: more than Python calls functions in functions."""


def names(found: list[Found]) -> list[str]:
    return [one.path.name for one in found if one.wanted]


def problems(found: list[Found]) -> list[str]:
    return [one.problem for one in found if one.problem]


def test_files_come_in_order_with_their_places(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "b" / "c").mkdir(parents=True)
    for name in ("z", "a", "b/y", "b/c/x"):
        (top / name).write_bytes(name.encode())
    found = list(walk([top]))
    assert [one.relative for one in found] == ["top/a", "top/z", "top/b/y", "top/b/c/x"]
    assert [one.size for one in found] == [1, 1, 3, 5]
    assert problems(found) == []


def test_things_named_directly_are_followed_and_have_no_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    found = list(walk([tmp_path / "link", tmp_path / "file", tmp_path / "link"]))
    assert names(found) == ["link", "file"]
    assert [one.relative for one in found] == ["", ""]


def test_links_and_special_files_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        found = list(walk([tmp_path]))
    assert names(found) == []
    assert [one.path.name for one in found] == ["dangling", "loop", "pipe", "socket"]
    assert problems(found)[:2] == [
        "“dangling” is a symbolic link and was not followed.",
        "“loop” is a symbolic link and was not followed.",
    ]
    assert all("special file" in one for one in problems(found)[2:])


def test_a_pipe_named_directly_is_a_problem(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "special file" in problems(list(walk([tmp_path / "pipe"])))[0]


def test_what_is_missing_is_listed(tmp_path: Path) -> None:
    (one,) = walk([tmp_path / "gone\n"])
    assert one.problem == "“gone\\n” cannot be read: No such file or directory."


def test_a_folder_inside_another_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "file").write_bytes(b"x")
    found = list(walk([tmp_path, tmp_path / "sub"]))
    assert names(found) == ["file"]
    assert problems(found) == ["The folder “sub” was listed already."]


@pytest.fixture
def deep_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file below very many folders; taken away again here, for that is too deep for rmtree."""
    monkeypatch.chdir(tmp_path)
    for _ in range(DEPTH):
        Path("d").mkdir()
        os.chdir("d")
    Path("file").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    yield Path("d")
    deepest = os.path.join(*["d"] * DEPTH)  # noqa: PTH118 - a Path of this depth is slow
    Path(deepest, "file").unlink()
    os.removedirs(deepest)


def test_a_very_deep_folder_is_walked(deep_folder: Path) -> None:
    found = list(walk([deep_folder]))
    assert names(found) == ["file"]
    assert found[0].relative.count("/") == DEPTH


def test_signatures_in_folders_are_known_by_content_too(tmp_path: Path) -> None:
    signature = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
    (tmp_path / "a.p7s").write_bytes(signature)
    (tmp_path / "b.p7s").write_bytes(b"no signature")
    (tmp_path / "c.bin").write_bytes(signature)
    found = list(walk([tmp_path]))
    assert names(found) == ["b.p7s", "c.bin"]
    assert problems(found) == []
    assert [one.passed for one in found if one.passed] == [
        "“a.p7s” is a signature and was not signed again."
    ]
    assert names(list(walk([tmp_path / "a.p7s"]))) == ["a.p7s"]


def test_signed_copies_in_folders_are_not_signed_again(tmp_path: Path) -> None:
    for name in ("a.pdf", "a-signed.pdf", "b-signed.pdf", "c", "c-signed", "-signed.pdf"):
        (tmp_path / name).write_bytes(b"x")
    found = list(walk([tmp_path], FORMATS["pades"]))
    assert names(found) == ["-signed.pdf", "a.pdf", "b-signed.pdf", "c"]
    assert [one.passed for one in found if one.passed] == [
        "“a-signed.pdf” is where the signed “a.pdf” goes; it was not signed.",
        "“c-signed” is where the signed “c” goes; it was not signed.",
    ]
    assert len(names(list(walk([tmp_path], FORMATS["cms"])))) == 6
    assert names(list(walk([tmp_path / "a-signed.pdf"], FORMATS["pades"]))) == ["a-signed.pdf"]


def test_copies_signed_again_are_not_signed_a_third_time(tmp_path: Path) -> None:
    for name in ("a.pdf", "a-signed-2.pdf", "b-signed.pdf", "b-signed-2.pdf", "c-signed-2.pdf"):
        (tmp_path / name).write_bytes(b"x")
    found = list(walk([tmp_path], FORMATS["pades"]))
    assert names(found) == ["a.pdf", "b-signed.pdf", "c-signed-2.pdf"]
    assert [one.passed for one in found if one.passed] == [
        "“a-signed-2.pdf” is where the signed “a.pdf” goes; it was not signed.",
        "“b-signed-2.pdf” is where the signed “b-signed.pdf” goes; it was not signed.",
    ]


def test_an_empty_folder_is_listed(tmp_path: Path) -> None:
    (tmp_path / "empty" / "below").mkdir(parents=True)
    sentence = "The folder “empty” holds no files."
    assert problems(list(walk([tmp_path / "empty"]))) == [sentence]
    (tmp_path / "empty" / "below" / "file").write_bytes(b"x")
    assert problems(list(walk([tmp_path / "empty"]))) == []


def test_any_name_is_found(tmp_path: Path) -> None:
    raw = [b"with space", b"line\nbreak", b"\xff\xfe", b"-rf"]
    for name in raw:
        (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    assert sorted(os.fsencode(one.path.name) for one in walk([tmp_path])) == sorted(raw)
