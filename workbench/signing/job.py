"""One signing job and its files, as they stand now. Thread-safe; knows no threads of its own."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from workbench.signing.holds import Hold
from workbench.signing.meter import Meter
from workbench.signing.recipe import Recipe
from workbench.signing.requests import packed, unpacked
from workbench.signing.states import StateList
from workbench.signing.walk import Found
from workbench.signing.work import FileSigner, FileState, Signed, output_path

_MOST_NOTES = 1000
_MOST_CLAIMED = 64
_CLAIMED_BYTES = 16 << 20
_OPEN = frozenset({FileState.WAITING, FileState.HASHING, FileState.SIGNING, FileState.WRITING})
_WAITS = frozenset({FileState.WAITING})
_TO_RETRY = frozenset({FileState.FAILED, FileState.CANCELLED})


class JobState(StrEnum):
    """Where a job stands."""

    COLLECTING = "collecting files"
    RUNNING = "running"
    PAUSED = "paused"
    LOCKED = "waiting for the vault"
    HELD = "on hold"
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
        bytes_per_second: speed of the last seconds, while it runs.
        seconds_left: estimate, or None.
        notes: what was passed over, with the reason.
        priority: jobs of a higher one go first; 0 is usual.
        identity: ARN of who submitted it and signs; empty where the key service decides alone.
        reason: why it is on hold, or empty.
        next_step: what to do about that, or empty.
        obstacles: for how many of the notes the reason is that it could not be signed; signatures,
            which are not signed again, are passed over as well.
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
    priority: int = 0
    identity: str = ""
    reason: str = ""
    next_step: str = ""
    obstacles: int = 0


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
        requests: ids of the Sign requests that made the signature.
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
    requests: tuple[str, ...] = ()


class Entry:
    """A file of a job, small enough for a hundred thousand of them.

    Attributes:
        name: the file's whole path; as text, which takes a third of what a `Path` does.
        size: bytes.
        state: where it stands.
        bytes_done: bytes read so far.
        sentence: why it failed, or empty.
        finished: when it was signed, seconds since 1970, or None.
        stopped: whether the user stopped this file alone.
    """

    __slots__ = ("_digest", "_inside", "_requests", "bytes_done", "finished", "name", "sentence",
                 "size", "state", "stopped")  # fmt: skip

    def __init__(
        self,
        name: str,
        size: int,
        relative: str = "",
        state: FileState = FileState.WAITING,
        sentence: str = "",
        digest: str = "",
        finished: float | None = None,
        requests: str = "",
    ) -> None:
        self.name = name
        self.size = size
        self.state = state
        self.bytes_done = size if state is FileState.DONE else 0
        self.sentence = sentence
        self.finished = finished
        self.stopped = False
        # A relative path is the end of the whole one, as the walk makes it: its length is enough.
        self._inside: int | str = len(relative) if name.endswith(relative) else relative
        self._digest = bytes.fromhex(digest)
        self._requests = packed(requests)

    @property
    def relative(self) -> str:
        """The path below what was dropped, or empty for what was dropped itself."""
        inside = self._inside
        if isinstance(inside, str):
            return inside
        return self.name[len(self.name) - inside :] if inside else ""

    @property
    def digest(self) -> str:
        """Hexadecimal content digest, once known."""
        return self._digest.hex()

    @digest.setter
    def digest(self, text: str) -> None:
        self._digest = bytes.fromhex(text)

    @property
    def requests(self) -> str:
        """Ids of the Sign requests that made the signature, with blanks between."""
        return unpacked(self._requests)

    @requests.setter
    def requests(self, ids: str) -> None:
        self._requests = packed(ids)


class Job:
    """One job. Made by the queue; `entries` grows while files are collected.

    Attributes:
        collecting: whether its files are being looked for.
        collected: whether the walk for them has reached its end.
        again: whether an earlier run may have left signatures that it did not note.
        identity: ARN of who submitted it and signs; empty where that is not known.
        recordable: whether its records are known to be writable; before, it signs nothing.
        recorded: whether it was written into the history; before, it is its submitter's alone.
        kept: whether that it was submitted is written, until it can be recorded.
        kept_from: id of the history's key that refused to seal it then, or empty.
        hold: why it waits though nobody paused it, or None.
        turn: its place among jobs of one priority; 0 until it is first offered.
        offered: the rank it waits for its turn with, or None; both are those of `turns`.
        walking: held by who looks for its files.
    """

    def __init__(
        self,
        job_id: str,
        created: datetime,
        recipe: Recipe,
        paths: tuple[Path, ...],
        identity: str = "",
    ) -> None:
        self.id = job_id
        self.created = created
        self.recipe = recipe
        self.paths = paths
        self.identity = identity
        self.entries: list[Entry] = []
        self.notes: list[str] = []
        self.obstacles = 0
        self.collecting = True
        self.collected = False
        self.paused = False
        self.cancelled = False
        self.interrupted = False
        self.again = False
        self.recordable = False
        self.recorded = False
        self.kept = False
        self.kept_from = ""
        self.hold: Hold | None = None
        self.priority = 0
        self.turn = 0
        self.offered: int | None = None
        self.signer: FileSigner | None = None
        self.unsaved: set[int] = set()
        self.saved_head: tuple[object, ...] = ()
        self._waiting: deque[int] = deque()
        self._meter = Meter()
        self._lock = threading.Lock()
        self.walking = threading.Lock()
        self._states = StateList(FileState)
        self._bytes_total = 0
        self._bytes_done = 0

    def add(self, found: Found) -> None:
        """Take in one thing the walk found."""
        if not found.wanted:
            self.note(found.problem or found.passed, obstacle=bool(found.problem))
            return
        self.restore(Entry(str(found.path), found.size, found.relative))

    def note(self, sentence: str, *, obstacle: bool = True) -> None:
        """Take in why something was not signed: because it could not be, or need not be."""
        with self._lock:
            self.obstacles += obstacle
            if len(self.notes) < _MOST_NOTES:
                self.notes.append(sentence)

    def restore(self, entry: Entry) -> None:
        """Append an entry as it was stored or found."""
        with self._lock:
            self.unsaved.add(len(self.entries))
            self.entries.append(entry)
            self._states.append(entry.state)
            self._bytes_total += entry.size
            self._bytes_done += entry.bytes_done
            if entry.state is FileState.WAITING:
                self._waiting.append(len(self.entries) - 1)

    def claim(self, workers: int) -> list[int]:
        """Take some waiting files to work on, none while the job may not run.

        A share of what waits, at most `_MOST_CLAIMED` files and about `_CLAIMED_BYTES` bytes: many
        small files in few claims, and large ones spread over all workers.
        """
        if not self._waiting or self.signer is None or not self.may_run:
            return []
        with self._lock:
            most = min(_MOST_CLAIMED, 1 + len(self._waiting) // (2 * workers))
            taken: list[int] = []
            size = 0
            while self._waiting and len(taken) < most and size < _CLAIMED_BYTES:
                taken.append(self._waiting.popleft())
                size += self.entries[taken[-1]].size
            return taken

    def give_back(self, numbers: Sequence[int]) -> None:
        """Put claimed files that were not begun back in front."""
        with self._lock:
            self._waiting.extendleft(reversed(numbers))

    @property
    def may_run(self) -> bool:
        """Whether neither a person nor a circumstance has it wait."""
        return not self.paused and not self.interrupted and self.hold is None

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return not self.collecting and not any(self._states.count(state) for state in _OPEN)

    def begin(self, number: int) -> bool:
        """Start a file unless it or the job was cancelled."""
        with self._lock:
            entry = self.entries[number]
            if entry.state is not FileState.WAITING:
                return False
            if self.cancelled:
                self._set(number, FileState.CANCELLED)
                return False
            self._set(number, FileState.HASHING)
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

    def stopping(self, number: int) -> bool:
        """Whether the user stopped a file, or the whole job."""
        return self.cancelled or self.entries[number].stopped

    def end(self, number: int, state: FileState, sentence: str = "") -> None:
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
            self._bytes_done += signed.size - entry.bytes_done
            entry.size = entry.bytes_done = signed.size
            entry.digest = signed.digest
            entry.requests = signed.requests
            entry.finished = moment.timestamp()
            entry.sentence = ""
            self._set(number, FileState.DONE)

    def cancel(self, number: int | None) -> None:
        """Stop the whole job, or one file."""
        with self._lock:
            if number is None:
                self.cancelled = True
                self.paused = self.interrupted = False
                self.hold = None
                self._waiting.clear()
                targets = self._states.find(_WAITS)
            else:
                targets = [number] if self.entries[number].state is FileState.WAITING else []
                self.entries[number].stopped = True
            for place in targets:
                self._set(place, FileState.CANCELLED)

    def reopen(self) -> None:
        """Put failed and cancelled files back."""
        with self._lock:
            self.cancelled = False
            # One that failed because its own signature is there already has nothing left to do.
            self.again = True
            numbers = self._states.find(_TO_RETRY)
            for number in numbers:
                entry = self.entries[number]
                entry.sentence, entry.stopped = "", False
                self._bytes_done -= entry.bytes_done
                entry.bytes_done = 0
                self._set(number, FileState.WAITING)
            self._waiting.extend(numbers)

    def wait_for(self, hold: Hold) -> None:
        """Put the job on hold; one that is cancelled has nothing to wait for."""
        with self._lock:
            if not self.cancelled:
                self.hold = hold

    def fail_all(self, sentence: str) -> None:
        """Give every waiting file the same reason."""
        with self._lock:
            self._waiting.clear()
            for number in self._states.find(_WAITS):
                self.entries[number].sentence = sentence
                self._set(number, FileState.FAILED)

    def _set(self, number: int, state: FileState) -> None:
        entry = self.entries[number]
        self._states[number] = state
        entry.state = state
        if state not in _OPEN or state is FileState.WAITING:
            self.unsaved.add(number)

    def take_unsaved(self) -> list[int]:
        """Return the numbers of files whose stored form is stale, and forget them."""
        with self._lock:
            numbers, self.unsaved = sorted(self.unsaved), set()
            return numbers

    def put_unsaved(self, numbers: Sequence[int]) -> None:
        """Note again what `take_unsaved` returned and could not be stored."""
        with self._lock:
            self.unsaved.update(numbers)

    def write_anew(self) -> None:
        """Have everything stored again."""
        with self._lock:
            self.unsaved.update(range(len(self.entries)))
        self.saved_head = ()

    def measure(self, now: float) -> None:
        """Note how far the job is at a moment, for its speed."""
        with self._lock:
            finished = len(self.entries) - sum(self._states.count(one) for one in _OPEN)
            self._meter.note(now, self._bytes_done, finished)

    def view(self, now: float, *, locked: bool = False) -> JobView:
        """Return the job as shown.

        Args:
            now: the clock's monotonic seconds.
            locked: whether the vault is.
        """
        with self._lock:
            counts = self._states.counts
            total, read, size = len(self.entries), self._bytes_done, self._bytes_total
        state = _state_of(self, counts, locked=locked)
        hold = self.hold if state is JobState.HELD else None
        speed, left = 0.0, None
        if state is JobState.RUNNING:
            waiting = sum(counts[one] for one in _OPEN)
            speed, left = self._meter.estimate(now, size - read, waiting)
        return JobView(
            self.id, self.created, _title(self.paths), self.recipe, state, total,
            counts[FileState.DONE], counts[FileState.FAILED], counts[FileState.SKIPPED],
            counts[FileState.CANCELLED], size, read, speed, left, tuple(self.notes),
            self.priority, self.identity,
            *(("", "") if hold is None else (hold.sentence, hold.next_step)), self.obstacles,
        )  # fmt: skip

    def files(self, start: int, count: int, states: frozenset[str] | None) -> tuple[FileView, ...]:
        """Return some files as shown."""
        with self._lock:
            if states is None:
                numbers: Sequence[int] = range(start, min(start + count, len(self.entries)))
            else:
                wanted = frozenset(FileState(state) for state in states)
                numbers = self._states.find(wanted, start, count)
            return tuple(_file_view(self.recipe, one, self.entries[one]) for one in numbers)


def _state_of(job: Job, counts: dict[FileState, int], *, locked: bool) -> JobState:
    waits = (
        (job.interrupted, JobState.INTERRUPTED),
        (locked, JobState.LOCKED),
        (job.paused, JobState.PAUSED),
        (job.hold is not None, JobState.HELD),
    )
    if job.collecting:
        return JobState.COLLECTING
    if job.settled and not job.interrupted:
        cancelled = job.cancelled and (counts[FileState.CANCELLED] or not job.entries)
        return JobState.CANCELLED if cancelled else JobState.DONE
    return next((state for is_so, state in waits if is_so), JobState.RUNNING)


def _file_view(recipe: Recipe, number: int, entry: Entry) -> FileView:
    path, finished, output = Path(entry.name), None, None
    if entry.finished is not None:
        output = output_path(recipe, path, entry.relative)
        finished = datetime.fromtimestamp(entry.finished, UTC)
    return FileView(
        number, path, entry.size, entry.bytes_done, entry.state, entry.sentence, output,
        entry.digest, finished, tuple(entry.requests.split()),
    )  # fmt: skip


def _title(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return paths[0].name or str(paths[0])
    return f"{paths[0].name} and {len(paths) - 1} more" if paths else ""
