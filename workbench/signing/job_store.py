"""Signing jobs in the vault: what is written survives a crash; what runs is shown interrupted.

Owns the records in tables `jobs` and `job_files`, sealed where a key for that was chosen, and who
may see them. A row of `job_files` holds `_BLOCK` files, so that ten thousand files are a few
hundred rows.

Where the chosen key refuses to seal, a new job is not lost: what was asked for is kept as it is,
without its files, for who asked for it and for who may use that key (see `History`). As everything
in the vault it is encrypted under the vault's key; sealed records replace it as soon as they can be
made.
"""

import json
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.base.clock import Clock
from workbench.base.errors import EnvironmentFault, Refused, WorkbenchError
from workbench.signing.job import Entry, Job
from workbench.signing.recipe import Recipe
from workbench.signing.sealing import USUAL_REUSE, Denied, HistoryKey, Sealer, is_sealed
from workbench.signing.work import FileState
from workbench.vault.vault import Vault

_LOG = logging.getLogger(__name__)
_BLOCK = 64
_CHOICE = "signing/history-key"
_EARLY = datetime.min.replace(tzinfo=UTC)
_FINAL = frozenset({FileState.DONE, FileState.FAILED, FileState.CANCELLED, FileState.SKIPPED})


class _Change:
    """What of a job is to be written."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.head = _head(job)
        self.numbers = job.take_unsaved()
        self.record = ""
        self.rows: list[tuple[str, int, str]] = []
        self.kept = False

    def prepare(self, sealer: Sealer, refusal: WorkbenchError | None) -> WorkbenchError | None:
        """Make the rows; sealing may ask the key service, which is not for inside a transaction.

        Args:
            sealer: seals them.
            refusal: why the key refused to seal for another job just now, if it did; it is not
                asked again for this one.

        Returns:
            Why the key refuses to seal, or None.
        """
        if self.job.recordable and refusal is None:
            try:
                self._seal(sealer)
            except (Denied, EnvironmentFault) as error:
                refusal = error
            else:
                return None
        self._keep(_key_of(sealer))
        return refusal

    def _seal(self, sealer: Sealer) -> None:
        if self.head != self.job.saved_head:
            self.record = sealer.seal(_job_record(self.job), self.job.id)
        self.rows = list(self._blocks(sealer))

    def _keep(self, key: str) -> None:
        """Have nothing written but that it was submitted, where nothing is known of it yet."""
        self.job.put_unsaved(self.numbers)
        self.rows, self.kept = [], True
        self.head, self.record = self.job.saved_head, ""
        if not self.job.recorded and self.head != _kept_head(self.job):
            self.job.kept_from = self.job.kept_from or key
            self.head, self.record = _kept_head(self.job), _job_record(self.job, kept=True)

    def _blocks(self, sealer: Sealer) -> Iterator[tuple[str, int, str]]:
        entries = self.job.entries
        for block in sorted({number // _BLOCK for number in self.numbers}):
            files = [_file_record(one) for one in entries[block * _BLOCK : (block + 1) * _BLOCK]]
            text = json.dumps(files, separators=(",", ":"))
            yield self.job.id, block, sealer.seal(text, f"{self.job.id}/{block}")


@dataclass(frozen=True, slots=True)
class SealedJob:
    """A job of which nothing may be seen but that it is there.

    Attributes:
        id: identifies it.
        created: when it was submitted, UTC.
        sentence: why it may not be seen.
        next_step: what to do, with the statement that decided.
    """

    id: str
    created: datetime
    sentence: str = "Whether you may see this job is being looked up."
    next_step: str = ""


class JobStore:
    """Reads and writes tables `jobs` and `job_files`.

    Args:
        vault: where they are.
        sealer: seals and opens records.
        clock: when to look again who may see what.
        viewer: returns who looks now.

    Attributes:
        sealer: as given.
        viewer: as given.
        sealed: when jobs with sealed records were submitted, by id.
        kept: ids of jobs that are kept until they can be sealed.
    """

    def __init__(
        self, vault: Vault, sealer: Sealer, clock: Clock, viewer: Callable[[], str] = str
    ) -> None:
        self._vault = vault
        self.sealer = sealer
        self.sealed: dict[str, datetime] = {}
        self.kept: set[str] = set()
        self._clock = clock
        self.viewer = viewer
        self._seen_by = ""
        self._seen_at = 0.0
        vault.on_lock(sealer.forget)

    def read_choice(self) -> None:
        """Take up which key seals the history; raises `Locked`."""
        rows = self._vault.read("SELECT value FROM settings WHERE name = ?", (_CHOICE,))
        self.sealer.choose(None)
        for (text,) in rows:
            try:
                record = json.loads(text)
                self.sealer.choose(HistoryKey(str(record["key"]), int(record["reuse"])))
            except (ValueError, KeyError, TypeError, Refused):
                _LOG.warning("the choice of a key for the signing history cannot be read")

    def choose(self, key: HistoryKey | None) -> None:
        """Seal with another key from now on, or with none; records stay as they are.

        Raises:
            Denied, EnvironmentFault: the key does not let the caller seal and open.
            Locked: the vault is.
        """
        if key is not None:
            self.sealer.try_out(key)
        with self._vault.transaction() as transaction:
            transaction.execute("DELETE FROM settings WHERE name = ?", (_CHOICE,))
            if key is not None:
                transaction.execute(
                    "INSERT INTO settings(name, value) VALUES(?,?)",
                    (_CHOICE, json.dumps({"key": key.key_id, "reuse": key.reuse})),
                )
        self.sealer.choose(key)

    def somebody_else(self) -> bool:
        """Whether another looks than the one that records were last opened for."""
        return bool(self.sealed) and self.viewer() != self._seen_by

    def stale(self) -> bool:
        """Whether it must be looked again who may see what: another looks, or time has passed."""
        chosen = self.sealer.chosen
        reuse = USUAL_REUSE if chosen is None else chosen.reuse
        late = self._clock.monotonic() - self._seen_at >= reuse
        moved = self.viewer() != self._seen_by
        return (bool(self.sealed) or bool(self.kept)) and (moved or late)

    def save(self, jobs: Sequence[Job]) -> None:
        """Write what changed since the last save, in one transaction.

        Raises:
            Locked, EnvironmentFault: nothing was written; it is tried again at the next save.
            Denied: the key refused to seal what was to be; it is tried again likewise.
        """
        changes = [_Change(job) for job in jobs if _stale(job)]
        if not changes:
            return
        try:
            refusal: WorkbenchError | None = None
            for change in changes:
                refusal = change.prepare(self.sealer, refusal)
            with self._vault.transaction() as transaction:
                for change in changes:
                    if change.record:
                        transaction.execute(
                            "INSERT OR REPLACE INTO jobs(id, record, created) VALUES(?,?,?)",
                            (
                                change.job.id,
                                change.record,
                                change.job.created.isoformat(),
                            ),
                        )
                    transaction.executemany(
                        "INSERT OR REPLACE INTO job_files(job_id, number, record) VALUES(?,?,?)",
                        change.rows,
                    )
        except BaseException:
            for change in changes:
                change.job.put_unsaved(change.numbers)
            raise
        for change in changes:
            self._note_saved(change)
        if refusal is not None:
            raise refusal

    def _note_saved(self, change: _Change) -> None:
        job = change.job
        job.saved_head = change.head
        if change.kept:
            if change.record:
                job.kept = True
                self.kept.add(job.id)
            return
        job.recorded, job.kept = True, False
        self.kept.discard(job.id)
        if change.record:
            self._note_sealed(job.id, job.created, change.record)

    def _note_sealed(self, job_id: str, created: datetime, record: str) -> None:
        if is_sealed(record):
            self.sealed[job_id] = created
        else:
            self.sealed.pop(job_id, None)

    def delete(self, job_id: str) -> None:
        """Forget a job."""
        self.sealed.pop(job_id, None)
        self.kept.discard(job_id)
        with self._vault.transaction() as transaction:
            transaction.execute("DELETE FROM job_files WHERE job_id = ?", (job_id,))
            transaction.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def load(self, known: Collection[str] = ()) -> Iterator[Job | SealedJob]:
        """Yield every stored job; files that were under way wait again.

        A job whose record cannot be understood is left where it is and logged.

        Args:
            known: jobs that are not wanted again; only whether they may be seen is looked up.
        """
        if self.viewer() != self._seen_by:
            self.sealer.forget()
        self._seen_by, self._seen_at = self.viewer(), self._clock.monotonic()
        for job_id, stored, created in self._vault.read(
            "SELECT id, record, created FROM jobs ORDER BY created"
        ):
            if job_id in known and not is_sealed(stored):
                continue
            moment = _EARLY
            try:
                moment = datetime.fromisoformat(created)
                self._note_sealed(job_id, moment, stored)
                text = self.sealer.open(stored, job_id)
                if job_id not in known:
                    yield self._job(job_id, text, moment)
            except (Denied, EnvironmentFault) as error:
                yield SealedJob(job_id, moment, error.message, error.next_step)
            except (ValueError, KeyError, TypeError, WorkbenchError):
                _LOG.exception("the signing job %s cannot be read", job_id)

    def _job(self, job_id: str, text: str, created: datetime) -> Job:
        record: dict[str, Any] = json.loads(text)
        job = Job(
            job_id,
            created,
            Recipe.from_record(record["recipe"]),
            tuple(Path(path) for path in record["paths"]),
            record.get("identity", ""),
        )
        job.kept, job.kept_from = bool(record.get("kept")), str(record.get("keptFrom", ""))
        job.recordable = job.recorded = not job.kept
        job.collecting = False
        job.collected = record["collected"]
        job.cancelled = record["cancelled"]
        job.priority = record.get("priority", 0)
        job.notes = list(record["notes"])
        job.obstacles = record.get("obstacles", len(job.notes))
        rows = self._vault.read(
            "SELECT number, record FROM job_files WHERE job_id = ? ORDER BY number", (job_id,)
        )
        for number, block in rows:
            for file in json.loads(self.sealer.open(block, f"{job_id}/{number}")):
                job.restore(_entry(*file))
        job.interrupted = not job.settled or not (job.collected or job.cancelled)
        job.take_unsaved()
        job.saved_head = _kept_head(job) if job.kept else _head(job)
        if job.kept:
            self.kept.add(job_id)
        return job


def _stale(job: Job) -> bool:
    if not job.recordable:
        return (job.kept or job.hold is not None) and _kept_head(job) != job.saved_head
    return bool(job.unsaved) or _head(job) != job.saved_head


def _head(job: Job) -> tuple[object, ...]:
    """Return what of the job's own record can change."""
    return job.cancelled, job.collected, len(job.notes), job.priority, job.identity


def _key_of(sealer: Sealer) -> str:
    return "" if sealer.chosen is None else sealer.chosen.key_id


def _kept_head(job: Job) -> tuple[object, ...]:
    """Return what of the record of a job that is only kept can change."""
    return "kept", job.cancelled, job.priority, job.identity


def _job_record(job: Job, *, kept: bool = False) -> str:
    """Return a job's own record; of one that is only kept, nothing that was found for it."""
    return json.dumps(
        {
            "recipe": job.recipe.to_record(),
            "paths": [str(path) for path in job.paths],
            "cancelled": job.cancelled,
            "collected": job.collected and not kept,
            "priority": job.priority,
            "identity": job.identity,
            "notes": [] if kept else list(job.notes),
            "obstacles": 0 if kept else job.obstacles,
            "kept": kept,
            "keptFrom": job.kept_from if kept else "",
        },
        sort_keys=True,
    )


def _file_record(entry: Entry) -> tuple[str | float | None, ...]:
    return (
        entry.name,
        entry.size,
        entry.relative,
        entry.state if entry.state in _FINAL else FileState.WAITING,
        entry.sentence,
        entry.digest,
        entry.finished,
        entry.requests,
    )


def _entry(
    name: str,
    size: int,
    relative: str,
    state: str,
    sentence: str,
    digest: str,
    finished: float | None,
    requests: str = "",  # not there in records of before they were noted
) -> Entry:
    return Entry(name, size, relative, FileState(state), sentence, digest, finished, requests)
