"""One signing job and its files, as they stand now. Thread-safe; knows no threads of its own."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from workbench.base.files import sync_folder
from workbench.signing.recipe import Recipe
from workbench.signing.walk import Found
from workbench.signing.work import FileState, Signed, output_path

_MOST_NOTES = 1000
_OPEN = frozenset({FileState.WAITING, FileState.HASHING, FileState.SIGNING, FileState.WRITING})


class JobState(StrEnum):
    """Where a job stands."""

    COLLECTING = "collecting files"
    RUNNING = "running"
    PAUSED = "paused"
    LOCKED = "waiting for the vault"
    DONE = "done"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as shown.

    Attributes:
        id: identifies it.
        created: when it was submitted, UTC.
        title: what it is about.
        recipe: how its files are signed.
        state: where it stands.
        total: files in it.
        done: signed.
        failed: not signed, for a reason each.
        skipped: passed over.
        cancelled: stopped by the user.
        bytes_total: bytes of all files.
        bytes_done: bytes read.
        bytes_per_second: mean speed since it began.
        seconds_left: estimate, or None.
        notes: what was not signed because it is no regular file.
    """

    id: str
    created: datetime
    title: str
    recipe: Recipe
    state: JobState
    total: int
    done: int
    failed: int
    skipped: int
    cancelled: int
    bytes_total: int
    bytes_done: int
    bytes_per_second: float
    seconds_left: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a job as shown.

    Attributes:
        number: its place in the job.
        path: the file.
        size: bytes.
        bytes_done: bytes read so far.
        state: where it stands.
        sentence: why it failed, or empty.
        output: its signature, once written.
        digest: hexadecimal content digest, once known.
        finished: when, UTC.
    """

    number: int
    path: Path
    size: int
    bytes_done: int
    state: FileState
    sentence: str
    output: Path | None
    digest: str
    finished: datetime | None


@dataclass(slots=True)
class Entry:
    """A file of a job, small enough for a hundred thousand of them."""

    path: Path
    size: int
    state: FileState = FileState.WAITING
    bytes_done: int = 0
    sentence: str = ""
    digest: str = ""
    finished: datetime | None = None
    stop: threading.Event | None = None


class Job:
    """One job. Made by the queue; `entries` grows while files are collected."""

    def __init__(
        self, job_id: str, created: datetime, recipe: Recipe, paths: tuple[Path, ...]
    ) -> None:
        self.id = job_id
        self.created = created
        self.recipe = recipe
        self.paths = paths
        self.entries: list[Entry] = []
        self.notes: list[str] = []
        self.collecting = True
        self.collected = False
        self.paused = False
        self.cancelled = False
        self.interrupted = False
        self.started: float | None = None
        self.ended: float | None = None
        self.stop_all = threading.Event()
        self.unsaved: set[int] = set()
        self.saved_state = ""
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(FileState, 0)
        self._bytes_total = 0
        self._bytes_done = 0

    def add(self, found: Found) -> None:
        """Take in one thing the walk found."""
        with self._lock:
            if found.problem:
                if len(self.notes) < _MOST_NOTES:
                    self.notes.append(found.problem)
                return
            self.restore(Entry(found.path, found.size))

    def restore(self, entry: Entry) -> None:
        """Append an entry as it was stored or found."""
        self.unsaved.add(len(self.entries))
        self.entries.append(entry)
        self._counts[entry.state] += 1
        self._bytes_total += entry.size
        self._bytes_done += entry.bytes_done

    def unfinished(self) -> list[int]:
        """Return the numbers of files that wait."""
        return [n for n, entry in enumerate(self.entries) if entry.state is FileState.WAITING]

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return not self.collecting and not any(self._counts[state] for state in _OPEN)

    def begin(self, number: int) -> bool:
        """Start a file unless it or the job was cancelled."""
        with self._lock:
            entry = self.entries[number]
            if entry.state is not FileState.WAITING:
                return False
            if self.cancelled:
                self._set(number, FileState.CANCELLED)
                return False
            return True

    def step(self, number: int, state: FileState) -> None:
        """Note which step a file is at."""
        with self._lock:
            self._set(number, state)

    def read(self, number: int, size: int) -> None:
        """Note how many bytes of a file were read so far."""
        with self._lock:
            entry = self.entries[number]
            self._bytes_done += size - entry.bytes_done
            entry.bytes_done = size

    def end(self, number: int, state: FileState, sentence: str) -> None:
        """Note that a file ended without a signature, or must be tried again."""
        with self._lock:
            entry = self.entries[number]
            self._bytes_done -= entry.bytes_done
            entry.bytes_done = 0
            entry.sentence = sentence
            self._set(number, state)

    def finish(self, number: int, signed: Signed, moment: datetime) -> None:
        """Note a signature."""
        with self._lock:
            entry = self.entries[number]
            self._bytes_total += signed.size - entry.size
            entry.size = signed.size
            entry.digest = signed.digest
            entry.finished = moment
            entry.sentence = ""
            self._set(number, FileState.DONE)

    def cancel(self, number: int | None) -> None:
        """Stop the whole job, or one file."""
        with self._lock:
            if number is None:
                self.cancelled = True
                self.paused = self.interrupted = False
                self.stop_all.set()
                targets: Sequence[int] = range(len(self.entries))
            else:
                targets = (number,)
                entry = self.entries[number]
                entry.stop = entry.stop or threading.Event()
                entry.stop.set()
            for place in targets:
                if self.entries[place].state is FileState.WAITING:
                    self._set(place, FileState.CANCELLED)

    def reopen(self) -> list[int]:
        """Put failed and cancelled files back and return their numbers."""
        with self._lock:
            self.cancelled = False
            self.stop_all = threading.Event()
            numbers = [
                n
                for n, entry in enumerate(self.entries)
                if entry.state in {FileState.FAILED, FileState.CANCELLED}
            ]
            for number in numbers:
                entry = self.entries[number]
                entry.sentence, entry.stop = "", None
                self._bytes_done -= entry.bytes_done
                entry.bytes_done = 0
                self._set(number, FileState.WAITING)
            return numbers

    def fail_all(self, sentence: str) -> None:
        """Give every waiting file the same reason."""
        for number in self.unfinished():
            self.end(number, FileState.FAILED, sentence)

    def sync_folders(self) -> None:
        """Make the signatures' folder entries durable."""
        outputs = {output_path(self.recipe, entry.path).parent for entry in self.entries}
        for folder in outputs:
            sync_folder(folder)

    def _set(self, number: int, state: FileState) -> None:
        entry = self.entries[number]
        self._counts[entry.state] -= 1
        self._counts[state] += 1
        entry.state = state
        if state not in _OPEN or state is FileState.WAITING:
            self.unsaved.add(number)

    def take_unsaved(self) -> list[int]:
        """Return the numbers of files whose stored form is stale, and forget them."""
        with self._lock:
            numbers, self.unsaved = sorted(self.unsaved), set()
            return numbers

    def view(self, now: float, *, locked: bool = False) -> JobView:
        """Return the job as shown.

        Args:
            now: the clock's monotonic seconds.
            locked: whether the vault is.
        """
        with self._lock:
            counts = dict(self._counts)
            total, read, size = len(self.entries), self._bytes_done, self._bytes_total
        state = self._state(locked=locked)
        if state is JobState.DONE and self.ended is None:
            self.ended = now
        elapsed = max((self.ended or now) - self.started, 1e-6) if self.started else 0.0
        speed = read / elapsed if elapsed else 0.0
        finished = total - sum(counts[one] for one in _OPEN)
        left = None
        if state is JobState.RUNNING and finished and elapsed:
            by_bytes = (size - read) / speed if speed else 0.0
            left = max(by_bytes, (total - finished) * elapsed / finished)
        return JobView(
            self.id, self.created, self._title(), self.recipe, state, total,
            counts[FileState.DONE], counts[FileState.FAILED], counts[FileState.SKIPPED],
            counts[FileState.CANCELLED], size, read, speed, left, tuple(self.notes),
        )  # fmt: skip

    def _state(self, *, locked: bool) -> JobState:
        if self.collecting:
            return JobState.COLLECTING
        if self.settled:
            cancelled = self.cancelled and self._counts[FileState.CANCELLED]
            return JobState.CANCELLED if cancelled else JobState.DONE
        if self.interrupted:
            return JobState.INTERRUPTED
        if locked:
            return JobState.LOCKED
        return JobState.PAUSED if self.paused else JobState.RUNNING

    def _title(self) -> str:
        if len(self.paths) == 1:
            return self.paths[0].name or str(self.paths[0])
        return f"{self.paths[0].name} and {len(self.paths) - 1} more" if self.paths else ""

    def files(self, start: int, count: int, states: frozenset[str] | None) -> tuple[FileView, ...]:
        """Return some files as shown."""
        with self._lock:
            if states is None:
                numbers: Sequence[int] = range(start, min(start + count, len(self.entries)))
            else:
                matching = [n for n, e in enumerate(self.entries) if e.state in states]
                numbers = matching[start : start + count]
            return tuple(self._file(number) for number in numbers)

    def _file(self, number: int) -> FileView:
        entry = self.entries[number]
        output = output_path(self.recipe, entry.path) if entry.finished else None
        return FileView(
            number, entry.path, entry.size, entry.bytes_done, entry.state, entry.sentence,
            output, entry.digest, entry.finished,
        )  # fmt: skip
