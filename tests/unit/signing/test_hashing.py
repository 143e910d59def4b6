"""Files are read once, whole, and a change meanwhile is noticed."""

import hashlib
import os
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.base.errors import Cancelled, EnvironmentFault, Refused
from workbench.crypto.digests import new_digest
from workbench.signing.hashing import CHUNK, hash_file, read_chunks, read_whole

Reader = Callable[..., object]


def hashing(path: Path, **options: Any) -> object:
    return hash_file(path, [new_digest("SHA-256")], **options)


def reading(path: Path, **options: Any) -> object:
    return list(read_chunks(path, **options))


READERS = pytest.mark.parametrize("reader", [hashing, reading])
SIZES = [0, 1, 4096, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5]


@pytest.mark.parametrize("size", SIZES)
def test_digests_are_hashlibs(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    path = tmp_path / "file"
    path.write_bytes(data)
    hashed = hash_file(path, [new_digest("SHA-512"), new_digest("SHAKE256")])
    expected = (hashlib.sha512(data).digest(), hashlib.shake_256(data).digest(64))
    assert hashed.digests == expected
    assert hashed.size == size
    assert b"".join(read_chunks(path)) == data
    assert read_whole(path, size) == data
    assert size == 0 or read_whole(path, size - 1) is None


@pytest.mark.parametrize("name", ["a b", "quote'\"", "line\nbreak", b"\xff\xfe.bin", "-rf"])
def test_any_name_will_do(tmp_path: Path, name: str | bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"x")
    assert hash_file(path, [new_digest("SHA-256")]).size == 1


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(64 << 20)
    tracemalloc.start()
    try:
        hash_file(path, [new_digest("SHA-256")])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * CHUNK


def test_progress_is_told_and_reaches_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(3 * CHUNK + 5))
    told: list[int] = []
    hash_file(path, [new_digest("SHA-256")], progress=told.append)
    assert told == [CHUNK, 2 * CHUNK, 3 * CHUNK, 3 * CHUNK + 5]


@READERS
def test_it_stops_when_told(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(5 * CHUNK))
    told: list[int] = []

    def stop() -> bool:
        return len(told) == 2

    with pytest.raises(Cancelled):
        reader(path, stop=stop, progress=told.append)
    assert told[-1] == 2 * CHUNK


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def shrink(path: Path) -> None:
    os.truncate(path, 1)


def rewrite(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.write(b"other")
    os.utime(path, ns=(1, 1))


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(path.stat().st_mtime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [grow, shrink, rewrite, replace, remove])
@READERS
def test_a_file_that_changes_is_noticed(
    tmp_path: Path, change: Callable[[Path], None], reader: Reader
) -> None:
    path = tmp_path / "busy"
    path.write_bytes(bytes(3 * CHUNK))
    done: list[int] = []

    def meddle(size: int) -> None:
        if not done:
            done.append(size)
            change(path)

    with pytest.raises(EnvironmentFault, match=r"“.*busy” changed while it was read") as caught:
        reader(path, progress=meddle)
    assert caught.value.next_step


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"“.*gone”: it is not there any more"):
        hash_file(tmp_path / "gone", [new_digest("SHA-256")])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is a folder"):
        hash_file(tmp_path, [new_digest("SHA-256")])


def test_a_pipe_is_no_file_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Refused, match="pipe"):
        hash_file(tmp_path / "pipe", [new_digest("SHA-256")])


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.raises(Refused, match="socket"):
            hash_file("socket", [new_digest("SHA-256")])


def test_a_device_is_no_file() -> None:
    with pytest.raises(Refused, match="device"):
        hash_file("/dev/zero", [new_digest("SHA-256")])


def test_a_name_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="not a file name"):
        hash_file("a\0b", [new_digest("SHA-256")])


def test_links_are_followed_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    link = tmp_path / "link"
    link.symlink_to("file")
    assert hash_file(link, [new_digest("SHA-256")]).size == 1
    with pytest.raises(Refused, match="symbolic link"):
        hash_file(link, [new_digest("SHA-256")], follow=False)
