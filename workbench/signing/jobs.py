"""The signing queue: many files, many workers, nothing lost and nothing blocked.

Owns jobs and their workers. Workers are threads: signing and hashing release the interpreter's
lock. A locked vault makes jobs wait and unlocking makes them go on; a job that was running when the
program ended is shown as interrupted and can be resumed. Must not know Qt: observers are called
from a thread of the queue, at most ten times a second.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from workbench.base.clock import Clock
from workbench.base.errors import Locked, NotFound, WorkbenchError
from workbench.base.identifiers import new_uuid
from workbench.base.sites import Site
from workbench.signing.batch import Batch
from workbench.signing.collecting import Collector
from workbench.signing.history import CONTEXT, History
from workbench.signing.job import FileView, Job, JobState, JobView
from workbench.signing.job_store import JobStore, SealedJob
from workbench.signing.recipe import Recipe
from workbench.signing.sealing import Sealer
from workbench.signing.turns import Turns
from workbench.signing.work import FileSigner, FileState
from workbench.vault.vault import Vault

__all__ = ["FileState", "FileView", "JobQueue", "JobState", "JobView", "SealedJob"]

_LOG = logging.getLogger(__name__)
_TICK_SECONDS = 0.1
_SAVE_AGAIN_SECONDS = 5.0
"""After the list could not be saved: a key that refuses is asked again now and then, and each time
leaves an event in the journal."""
_EXTRA_WORKERS = 1
"""One more than there are processors: while one waits for the disk, another has the processor."""


def _at_once() -> None:
    """Nothing to wait for: there is no journal."""


class JobQueue:
    """Signs files in the background. Thread-safe; `close` it before the vault.

    Args:
        kms: boto3-shaped KMS client.
        vault: where jobs are kept.
        clock: for dates and speeds.
        viewer: returns who looks now: the ARN the window acts as.
        client_of: makes a client that acts as an ARN, whoever the window acts as, at the site a
            recipe names; without it every job signs with `kms`.
        settle: returns once the requests made so far are in the journal, which is before a
            signature gets its name.
        require_good: raises `Refused` where a certificate that an ARN's job signs with is revoked;
            asked now and then while it runs.

    Attributes:
        history: which jobs may be seen, and the key that seals them.
    """

    def __init__(
        self,
        kms: Any,
        vault: Vault,
        clock: Clock,
        viewer: Callable[[], str] = str,
        client_of: Callable[[str, Site | None], Any] | None = None,
        settle: Callable[[], None] = _at_once,
        require_good: Callable[[str, Recipe], None] = lambda _identity, _recipe: None,
    ) -> None:
        self._vault = vault
        self._settle = settle
        self._clock = clock
        self._viewer = viewer
        self._store = JobStore(vault, Sealer(kms, clock, CONTEXT), clock, viewer)
        self._jobs: dict[str, Job] = {}
        self._turns = Turns()
        self._changed = threading.Condition()
        self._saving = threading.Lock()
        self.history = History(self._store, self._jobs, self._changed, self._saving, self._wake)
        self._observers: list[Callable[[], None]] = []
        self._dirty = False
        self._unsaved = ""
        self._save_at = 0.0
        self._closing = False
        self._collector = Collector(
            client_of or (lambda _identity, _site: kms),
            clock,
            lambda: self._closing,
            self._offer,
            self.history.obstacle,
            require_good,
        )
        self._workers = (os.cpu_count() or 1) + _EXTRA_WORKERS
        self._most = self._workers
        self._busy = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"signing-{n}", daemon=True)
            for n in range(self._workers)
        ]
        self._threads.append(
            threading.Thread(target=self._tick, name="signing-ticker", daemon=True)
        )
        for thread in self._threads:
            thread.start()
        vault.on_unlock(self._unlocked)
        vault.before_lock(self.save)
        vault.on_lock(self._wake)
        if not vault.locked:
            self._unlocked()

    def limit(self, workers: int) -> None:
        """Let at most so many workers sign at the same time, one at least."""
        with self._changed:
            self._most = max(1, min(workers, self._workers))
            self._changed.notify_all()

    def submit(
        self, recipe: Recipe, paths: Sequence[Path], priority: int = 0, identity: str = ""
    ) -> str:
        """Queue files and folders to be signed; returns the job's id at once, asking nobody.

        Where the history is sealed with a key that may not be used now, the job is put on hold.

        Args:
            recipe: how they are signed.
            paths: files and folders.
            priority: jobs of a higher one go first, those of one in the order they came.
            identity: ARN of who signs; who the window acts as when empty.
        """
        who = identity or self._viewer()
        job = Job(new_uuid(), self._clock.now(), recipe, tuple(paths), who)
        job.priority = priority
        with self._changed:
            self._jobs[job.id] = job
            self._turns.offer(job)
        self._collector.start(job)
        return job.id

    def jobs(self) -> tuple[JobView, ...]:
        """Return every job that may be seen, newest first."""
        jobs = self.history.visible()
        return tuple(
            self._view(job) for job in sorted(jobs, key=lambda job: job.created, reverse=True)
        )

    def prioritise(self, job_id: str, priority: int) -> None:
        """Let a job go before those of a lower priority; 0 is usual."""
        job = self._job(job_id)
        job.priority = priority
        self._offer(job)

    def files(
        self,
        job_id: str,
        start: int = 0,
        count: int = 200,
        states: frozenset[str] | None = None,
    ) -> tuple[FileView, ...]:
        """Return some files of a job, in order, of certain states only if asked."""
        return self._job(job_id).files(start, count, states)

    def cancel(self, job_id: str, number: int | None = None) -> None:
        """Stop a job, or one file of it; what is signed stays signed."""
        self._job(job_id).cancel(number)
        self._wake()

    def pause(self, job_id: str) -> None:
        """Let running files finish and start no others."""
        self._job(job_id).paused = True
        self._wake()

    def resume(self, job_id: str) -> None:
        """Go on with a paused or interrupted job, or look again whether one on hold can."""
        job = self._job(job_id)
        job.paused = False
        if job.interrupted:
            # Jobs of before it was noted who submitted them are those of who goes on with them.
            job.identity = job.identity or self._viewer()
            job.interrupted = False
            # The end may have come between a signature and the note of it.
            job.again = True
            # A walk that was cut off is taken up again; what is known already is not added twice.
            self._collector.start(job)
        elif job.hold is not None:
            self._release(job)
        self._offer(job)

    def retry(self, job_id: str) -> None:
        """Try the failed and cancelled files of a job again."""
        job = self._job(job_id)
        job.reopen()
        self._collector.start(job)

    def remove(self, job_id: str) -> None:
        """Take a job off the list; its signatures stay where they are."""
        job = self._job(job_id)
        job.cancel(None)
        with self._saving:
            self._store.delete(job_id)
            with self._changed:
                self._jobs.pop(job_id, None)
        self._wake()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` from a thread of the queue when something changed; returns the undo."""
        self._observers.append(callback)

        def undo() -> None:
            with contextlib.suppress(ValueError):
                self._observers.remove(callback)

        return undo

    def wait(self, job_id: str, timeout: float | None = None) -> JobView:
        """Return once a job has nothing left to do, or after `timeout` seconds."""
        job = self._job(job_id)
        with self._changed:
            self._changed.wait_for(lambda: job.settled or self._closing, timeout)
        return self._view(job)

    def close(self) -> None:
        """Stop all workers after the file each is at, and save; unfinished jobs can be resumed."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self.save()

    def _view(self, job: Job) -> JobView:
        return job.view(self._clock.monotonic(), locked=self._vault.locked)

    def _job(self, job_id: str) -> Job:
        self.history.require(job_id)
        job = self._jobs.get(job_id)
        if job is None:
            raise NotFound("That signing job is not in the list any more.", "Start a new one.")
        return job

    def _offer(self, job: Job) -> None:
        """Have workers look at a job again."""
        with self._changed:
            self._turns.offer(job)
        self._wake()

    def _release(self, job: Job) -> None:
        """Let a job on hold go on; what still is in its way holds it again."""
        job.hold = None
        if job.signer is None:
            self._collector.start(job)
        self._offer(job)

    def _wake(self) -> None:
        with self._changed:
            self._dirty = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (claimed := self._claim()) is not None:
            job, signer, numbers = claimed
            batch = Batch(job, signer, self._clock, self._halted, self._settle)
            try:
                batch.run(numbers)
            finally:
                with self._changed:
                    self._busy -= 1
            self._offer(job)
            if batch.met_lock:
                # Usually `_claim` waits for unlocking then; where it does not know of the lock yet,
                # trying again at once would only heat the processor.
                with self._changed:
                    self._changed.wait(_TICK_SECONDS)

    def _halted(self) -> bool:
        return self._closing or self._vault.locked

    def _claim(self) -> tuple[Job, FileSigner, list[int]] | None:
        """Wait for files that may be signed now, oldest job first; None when the queue closes."""
        with self._changed:
            while not self._closing:
                if not self._vault.locked and self._busy < self._most:
                    claimed = self._turns.claim(self._most)
                    if claimed is not None and claimed[0].signer is not None:
                        self._busy += 1
                        job, numbers = claimed
                        return job, claimed[0].signer, numbers
                self._changed.wait()
        return None

    def _unlocked(self) -> None:
        self.history.unlocked()
        self._wake()

    def _tick(self) -> None:
        while not self._closing:
            with self._changed:
                active = any(not job.settled for job in self._jobs.values())
                if not self._dirty and not active:
                    self._changed.wait_for(lambda: self._dirty or self._closing)
                self._changed.wait_for(lambda: self._closing, _TICK_SECONDS)
                self._dirty = False
                jobs = tuple(self._jobs.values())
            now = self._clock.monotonic()
            for job in jobs:
                if not job.settled:
                    job.measure(now)
                hold = job.hold
                if hold is not None and not self._vault.locked and hold.over():
                    self._release(job)
            if now >= self._save_at:
                self.save()
                self._save_at = now + _SAVE_AGAIN_SECONDS if self._unsaved else 0.0
            else:
                self._dirty = True
            with contextlib.suppress(Locked):
                self.history.refresh()
            for observer in tuple(self._observers):
                observer()

    def save(self) -> None:
        """Store what is not stored yet, as who acts now; nothing while the vault is locked."""
        with self._saving:
            with self._changed:
                jobs = list(self._jobs.values())
            try:
                self._store.save(jobs)
            except Locked:
                return
            except WorkbenchError as error:
                if str(error) != self._unsaved:
                    _LOG.warning("the list of signing jobs was not saved: %s", error)
                self._unsaved = str(error)
            else:
                self._unsaved = ""
