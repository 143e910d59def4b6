"""Files for signing jobs, and what must be true of them after anything that went wrong.

A file that takes for ever to read (sparse, a tebibyte) stands for any moment in the middle of a
job: a test waits until it is being read, does something, and needs no luck with time.
"""

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.fakes.engine import QUICK
from tests.fakes.secrets import MemoryStore
from tests.fakes.signers import KEY
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import trusted_roots
from workbench.signing.jobs import FileState, FileView, JobState
from workbench.signing.outputs import SUFFIX

PASSPHRASE = "correct horse battery staple"
ENDLESS = 1 << 40
PATIENCE = 30.0
CONTENT = b"content " * 512


def ready(folder: Path, secrets: MemoryStore | None = None) -> Bench:
    """Return an unlocked bench that can sign."""
    bench, _ = Assembly(secrets=secrets or MemoryStore(), cost=QUICK).create(folder, PASSPHRASE)
    bench.create_hierarchy(HierarchyRequest(alias=KEY), lambda text, share: None)
    return bench


def make(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(CONTENT)
    return paths


def endless(folder: Path) -> Path:
    path = folder / "endless"
    with path.open("wb") as stream:
        stream.truncate(ENDLESS)
    return path


def until(bench: Bench, condition: Callable[[], bool]) -> None:
    """Wait for the queue to report a change after which `condition` holds."""
    changed = threading.Event()
    undo = bench.jobs.subscribe(changed.set)
    while not condition():
        assert changed.wait(PATIENCE)
        changed.clear()
    undo()


def being_read(bench: Bench, job: str) -> None:
    """Wait until the endless file of a job is being read and the others are done."""

    def midway() -> bool:
        view = bench.jobs.jobs()[0]
        open_files = [f for f in bench.jobs.files(job) if f.state is not FileState.DONE]
        return (
            view.state is JobState.RUNNING
            and [f.path.name for f in open_files] == ["endless"]
            and open_files[0].bytes_done > 0
        )

    until(bench, midway)


def by_name(files: Iterable[FileView]) -> dict[str, FileView]:
    return {file.path.name: file for file in files}


def assert_whole(bench: Bench, folder: Path, *signed: Path) -> None:
    """Exactly these files have signatures, every one valid, and nothing else was left."""
    assert_signatures(folder, *signed)
    roots = trusted_roots(bench.shelf)
    for path in signed:
        verdict = bench.verifier.verify(path, Path(f"{path}{SUFFIX}"), roots)
        assert verdict.valid, verdict.headline


def assert_signatures(folder: Path, *signed: Path) -> None:
    """Exactly these files have signatures, and nothing partial was left."""
    names = {os.fsencode(path) for path in folder.rglob("*")}
    signatures = {os.fsencode(path) + SUFFIX.encode() for path in signed}
    assert {name for name in names if name.endswith(SUFFIX.encode())} == signatures
    assert not [name for name in names if b"partial" in name]
