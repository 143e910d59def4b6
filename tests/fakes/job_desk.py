"""A queue over a vault of its own, with a key service that can be made to wait."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fakes.certificates import NOW, Chain
from tests.fakes.kms_client import FakeKms
from tests.fakes.vaults import new_vault, reopened
from workbench.base.clock import TravelClock
from workbench.signing.job import FileView, JobView
from workbench.signing.jobs import JobQueue
from workbench.signing.recipe import Recipe, make_recipe
from workbench.signing.verify import Verifier

SECONDS = 30.0


class Gate(FakeKms):
    """A key service that waits at a gate before each signature, once told to."""

    def __init__(self, key: Any) -> None:
        super().__init__(key=key)
        self.reached = threading.Semaphore(0)
        self.opened = threading.Event()
        self.opened.set()

    def sign(self, **request: Any) -> dict[str, Any]:
        self.reached.release()
        assert self.opened.wait(SECONDS)
        return super().sign(**request)


class Desk:
    """A vault, a queue and a recipe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.chain = Chain("P-256")
        self.clock = TravelClock(NOW)
        self.kms = Gate(self.chain.leaf.key)
        self.vault = new_vault(folder / "vault", clock=self.clock)
        self.settle: Callable[[], None] = lambda: None
        self.queue = self._queue()
        self.files = folder / "files"
        self.files.mkdir()

    def recipe(self, **choices: Any) -> Recipe:
        chain = (self.chain.leaf.der, self.chain.sub.der, self.chain.root.der)
        return make_recipe(FakeKms(key=self.chain.leaf.key), "key", chain, **choices)

    def make(self, count: int, size: int = 100) -> list[Path]:
        paths = [self.files / f"file-{number:03}" for number in range(count)]
        for path in paths:
            path.write_bytes(os.urandom(size))
        return paths

    def run(self, *paths: Path, **choices: Any) -> tuple[JobView, list[FileView]]:
        job = self.queue.submit(self.recipe(**choices), paths)
        view = self.queue.wait(job, SECONDS)
        return view, self.all(job)

    def all(self, job: str) -> list[FileView]:
        return list(self.queue.files(job, 0, 10_000))

    def view(self, job: str) -> JobView:
        return next(view for view in self.queue.jobs() if view.id == job)

    def restart(self) -> None:
        self.queue.close()
        self.vault.close()
        self.vault = reopened(self.folder / "vault", clock=self.clock)
        self.queue = self._queue()

    def _queue(self) -> JobQueue:
        return JobQueue(self.kms, self.vault, self.clock, settle=self._settle)

    def _settle(self) -> None:
        self.settle()  # whichever a test has put there by then

    def verifies(self, file: FileView) -> bool:
        assert file.output is not None
        verdict = Verifier(self.clock).verify(file.path, file.output, [self.chain.root.der])
        return verdict.valid

    def close(self) -> None:
        self.kms.opened.set()
        self.queue.close()
        self.vault.close()


def until(queue: JobQueue, condition: Callable[[], bool]) -> None:
    """Wait for a condition that the queue's observers will see."""
    seen = threading.Event()

    def look() -> None:
        if condition():
            seen.set()

    undo = queue.subscribe(look)
    try:
        look()
        assert seen.wait(SECONDS)
    finally:
        undo()


def states(files: list[FileView]) -> list[str]:
    return [str(file.state) for file in files]
