"""Signing jobs in the vault: what is written survives a crash; what runs is shown interrupted.

Owns the records in tables `jobs` and `job_files`. A row of `job_files` holds `_BLOCK` files, so
that ten thousand files are a few hundred rows.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.base.errors import WorkbenchError
from workbench.signing.job import Entry, Job
from workbench.signing.recipe import Recipe
from workbench.signing.work import FileState
from workbench.vault.vault import Vault

_LOG = logging.getLogger(__name__)
_BLOCK = 64
_FINAL = frozenset({FileState.DONE, FileState.FAILED, FileState.CANCELLED, FileState.SKIPPED})


class _Change:
    """What of a job is to be written."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.head = _head(job)
        self.numbers = job.take_unsaved()

    def rows(self) -> Iterator[tuple[str, int, str]]:
        entries = self.job.entries
        for block in sorted({number // _BLOCK for number in self.numbers}):
            files = [_file_record(one) for one in entries[block * _BLOCK : (block + 1) * _BLOCK]]
            yield self.job.id, block, json.dumps(files, separators=(",", ":"))


class JobStore:
    """Reads and writes tables `jobs` and `job_files`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def save(self, jobs: Sequence[Job]) -> None:
        """Write what changed since the last save, in one transaction.

        Raises:
            Locked, EnvironmentFault: nothing was written; it is tried again at the next save.
        """
        changes = [_Change(job) for job in jobs if job.unsaved or _head(job) != job.saved_head]
        if not changes:
            return
        try:
            with self._vault.transaction() as transaction:
                for change in changes:
                    if change.head != change.job.saved_head:
                        transaction.execute(
                            "INSERT OR REPLACE INTO jobs(id, record, created) VALUES(?,?,?)",
                            (
                                change.job.id,
                                _job_record(change.job),
                                change.job.created.isoformat(),
                            ),
                        )
                    transaction.executemany(
                        "INSERT OR REPLACE INTO job_files(job_id, number, record) VALUES(?,?,?)",
                        change.rows(),
                    )
        except BaseException:
            for change in changes:
                change.job.put_unsaved(change.numbers)
            raise
        for change in changes:
            change.job.saved_head = change.head

    def delete(self, job_id: str) -> None:
        """Forget a job."""
        with self._vault.transaction() as transaction:
            transaction.execute("DELETE FROM job_files WHERE job_id = ?", (job_id,))
            transaction.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def load(self) -> Iterator[Job]:
        """Yield every stored job; files that were under way wait again.

        A job whose record cannot be understood is left where it is and logged.
        """
        for job_id, text, created in self._vault.read(
            "SELECT id, record, created FROM jobs ORDER BY created"
        ):
            try:
                yield self._job(job_id, text, created)
            except (ValueError, KeyError, TypeError, WorkbenchError):
                _LOG.exception("the signing job %s cannot be read", job_id)

    def _job(self, job_id: str, text: str, created: str) -> Job:
        record: dict[str, Any] = json.loads(text)
        job = Job(
            job_id,
            datetime.fromisoformat(created),
            Recipe.from_record(record["recipe"]),
            tuple(Path(path) for path in record["paths"]),
        )
        job.collecting = False
        job.collected = record["collected"]
        job.cancelled = record["cancelled"]
        job.notes = list(record["notes"])
        rows = self._vault.read(
            "SELECT record FROM job_files WHERE job_id = ? ORDER BY number", (job_id,)
        )
        for (block,) in rows:
            for file in json.loads(block):
                job.restore(_entry(*file))
        job.interrupted = not job.settled or not (job.collected or job.cancelled)
        job.take_unsaved()
        job.saved_head = _head(job)
        return job


def _head(job: Job) -> tuple[object, ...]:
    """Return what of the job's own record can change."""
    return job.cancelled, job.collected, len(job.notes)


def _job_record(job: Job) -> str:
    return json.dumps(
        {
            "recipe": job.recipe.to_record(),
            "paths": [str(path) for path in job.paths],
            "cancelled": job.cancelled,
            "collected": job.collected,
            "notes": list(job.notes),
        },
        sort_keys=True,
    )


def _file_record(entry: Entry) -> tuple[str | float | None, ...]:
    return (
        str(entry.path),
        entry.size,
        entry.relative,
        entry.state if entry.state in _FINAL else FileState.WAITING,
        entry.sentence,
        entry.digest,
        None if entry.finished is None else entry.finished.timestamp(),
    )


def _entry(
    path: str,
    size: int,
    relative: str,
    state: str,
    sentence: str,
    digest: str,
    finished: float | None,
) -> Entry:
    done = state == FileState.DONE
    return Entry(
        Path(path),
        size,
        FileState(state),
        size if done else 0,
        sentence,
        digest,
        None if finished is None else datetime.fromtimestamp(finished, UTC),
        relative,
    )
