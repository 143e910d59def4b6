"""A signing queue that holds whatever a test says, and counts what it is asked for."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from workbench.signing.job import FileView, JobState, JobView
from workbench.signing.job_store import SealedJob
from workbench.signing.recipe import Recipe
from workbench.signing.work import FileState

CREATED = datetime(2026, 6, 1, 12, tzinfo=UTC)


def job_view(recipe: Recipe, total: int, state: JobState = JobState.DONE) -> JobView:
    """Return a job whose files are all signed."""
    return JobView(
        "job-1", CREATED, "release", recipe, state, total, total, 0, 0, 0,
        total * 4096, total * 4096, 0.0, None, (),
    )  # fmt: skip


class OpenHistory:
    """A history that hides nothing."""

    key = None

    def denied(self) -> tuple[SealedJob, ...]:
        return ()


class FakeQueue:
    """Answers `jobs` and `files`; remembers which pages were fetched."""

    def __init__(self, *views: JobView) -> None:
        self.views = list(views)
        self.history = OpenHistory()
        self.fetched: list[tuple[int, int]] = []
        self.observers: list[Callable[[], None]] = []

    def jobs(self) -> tuple[JobView, ...]:
        return tuple(self.views)

    def files(
        self, job_id: str, start: int = 0, count: int = 200, states: frozenset[str] | None = None
    ) -> tuple[FileView, ...]:
        assert states is None, "the fake has no states to choose from"
        self.fetched.append((start, count))
        total = next(view.total for view in self.views if view.id == job_id)
        return tuple(_file(number) for number in range(start, min(start + count, total)))

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        self.observers.append(callback)
        return lambda: self.observers.remove(callback)


def _file(number: int) -> FileView:
    path = Path(f"/srv/files/file-{number:06}.bin")
    output = path.with_name(f"{path.name}.p7s")
    digest = f"{number:0128x}"
    return FileView(number, path, 4096, 4096, FileState.DONE, "", output, digest, CREATED)
