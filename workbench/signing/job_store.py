"""Signing jobs in the vault: what is written survives a crash; what runs is shown interrupted."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.signing.job import Entry, Job
from workbench.signing.recipe import Recipe
from workbench.signing.work import FileState
from workbench.vault.vault import Vault

_FINAL = frozenset({FileState.DONE, FileState.FAILED, FileState.CANCELLED, FileState.SKIPPED})


class JobStore:
    """Reads and writes tables `jobs` and `job_files`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def save(self, job: Job) -> None:
        """Write what changed since the last save, in one transaction.

        Raises:
            Locked, EnvironmentFault: nothing was written; it is tried again at the next save.
        """
        record = _job_record(job)
        numbers = job.take_unsaved()
        if not numbers and record == job.saved_state:
            return
        rows = [(job.id, number, _file_record(job.entries[number])) for number in numbers]
        try:
            with self._vault.transaction() as transaction:
                transaction.execute(
                    "INSERT INTO jobs(id, record, created) VALUES(?,?,?) "
                    "ON CONFLICT(id) DO UPDATE SET record = excluded.record",
                    (job.id, record, job.created.isoformat()),
                )
                transaction.executemany(
                    "INSERT OR REPLACE INTO job_files(job_id, number, record) VALUES(?,?,?)", rows
                )
        except BaseException:
            job.unsaved.update(numbers)
            raise
        job.saved_state = record

    def delete(self, job_id: str) -> None:
        """Forget a job."""
        with self._vault.transaction() as transaction:
            transaction.execute("DELETE FROM job_files WHERE job_id = ?", (job_id,))
            transaction.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def load(self) -> Iterator[Job]:
        """Yield every stored job; files that were under way wait again."""
        for job_id, text, created in self._vault.read("SELECT id, record, created FROM jobs"):
            yield self._job(job_id, text, created)

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
        for (file_text,) in rows:
            job.restore(_entry(json.loads(file_text)))
        job.interrupted = not job.settled or not (job.collected or job.cancelled)
        job.take_unsaved()
        job.saved_state = text
        return job


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


def _file_record(entry: Entry) -> str:
    return json.dumps(
        {
            "path": str(entry.path),
            "size": entry.size,
            "state": entry.state if entry.state in _FINAL else FileState.WAITING,
            "sentence": entry.sentence,
            "digest": entry.digest,
            "finished": None if entry.finished is None else entry.finished.isoformat(),
        },
        separators=(",", ":"),
    )


def _entry(record: dict[str, Any]) -> Entry:
    finished = record["finished"]
    state = FileState(record["state"])
    return Entry(
        Path(record["path"]),
        record["size"],
        state,
        record["size"] if state is FileState.DONE else 0,
        record["sentence"],
        record["digest"],
        None if finished is None else datetime.fromisoformat(finished),
    )
