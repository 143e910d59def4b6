"""Which jobs may be seen by who looks now, and which key the history is sealed with.

Owns hiding jobs whose records the KMS key refuses to open, and those that are not recorded yet from
everybody but who submitted them and who may use that key. Must not know how jobs run.
"""

import threading
from collections.abc import Callable
from typing import Final

from workbench.base.errors import EnvironmentFault, Locked, Refused, WorkbenchError
from workbench.signing.holds import Hold
from workbench.signing.job import Job
from workbench.signing.job_store import JobStore, SealedJob
from workbench.signing.sealing import Denied, HistoryKey

CONTEXT: Final = "jobs"
"""What the history calls itself in the encryption context of its key."""

_NOT_SEALED: Final = "This job is not sealed yet; until then not everybody may see it."
_NOT_ASKED: Final = Refused("", "Look again in a moment, or act as who submitted it.")


class History:
    """The jobs of a queue as far as they may be seen. Thread-safe.

    Args:
        store: where jobs are kept.
        jobs: every loaded job by id; shared with the queue.
        changed: guards `jobs`.
        saving: held while jobs are written.
        wake: called when there is something to look up or to show.
    """

    def __init__(
        self,
        store: JobStore,
        jobs: dict[str, Job],
        changed: threading.Condition,
        saving: threading.Lock,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._changed = changed
        self._saving = saving
        self._wake = wake
        self._denied: dict[str, SealedJob] = {}
        self._looked_by = ""
        self._answers: dict[str, WorkbenchError | None] = {}

    @property
    def key(self) -> HistoryKey | None:
        """The KMS key that seals the history, or None."""
        return self._store.sealer.chosen

    def seal(self, key: HistoryKey | None) -> None:
        """Seal the history with a KMS key from now on, what may be seen of it included.

        The key there is now is given up by who may use it; by the account's root also where it
        refuses, as nobody could ever give up a key that is gone.

        Args:
            key: the key; None keeps the history as open as the vault.

        Raises:
            Denied: that key, or the one there is now, does not let the caller seal and open.
            EnvironmentFault: it cannot be reached.
            Locked: the vault is.
        """
        with self._saving:
            if self.key is not None and not self._store.viewer().endswith(":root"):
                self._store.sealer.try_out(self.key)
            self._store.choose(key)
            for job in self.visible():
                job.write_anew()
        self._wake()

    def obstacle(self) -> Hold | None:
        """Return why a new job's records could not be sealed now, or None; asks the key service."""
        who = self._store.viewer()
        try:
            self._store.sealer.check()
        except Locked as error:
            return Hold(error.message, error.next_step, lambda: True)
        except WorkbenchError as error:
            return Hold(error.message, error.next_step, lambda: self._store.viewer() != who)
        return None

    def visible(self) -> list[Job]:
        """Return the jobs that may be seen, oldest first."""
        self._mask()
        with self._changed:
            jobs = [job for job in self._jobs.values() if job.id not in self._denied]
        return [job for job in jobs if not self._private(job)]

    def denied(self) -> tuple[SealedJob, ...]:
        """Return the jobs that may not be seen, newest first, with the reason."""
        self._mask()
        with self._changed:
            found = list(self._denied.values())
            jobs = [job for job in self._jobs.values() if job.id not in self._denied]
        found += [self._not_sealed(job) for job in jobs if self._private(job)]
        return tuple(sorted(found, key=lambda one: one.created, reverse=True))

    def require(self, job_id: str) -> None:
        """Refuse a job that may not be seen.

        Raises:
            Refused: with the reason.
        """
        self._mask()
        denied, job = self._denied.get(job_id), self._jobs.get(job_id)
        if denied is None and job is not None and self._private(job):
            denied = self._not_sealed(job)
        if denied is not None:
            raise Refused(denied.sentence, denied.next_step)

    def unlocked(self) -> None:
        """Take up what is stored; raises `Locked`."""
        self._store.read_choice()
        self.look_again()

    def refresh(self) -> None:
        """Look again who may see what, where that may have changed; raises `Locked`."""
        if self._store.stale():
            self.look_again()

    def look_again(self) -> None:
        """Load what may be seen, and note what may not; raises `Locked`."""
        with self._changed:
            known = frozenset(self._jobs)
        found = list(self._store.load(known))
        with self._changed:
            self._denied = {one.id: one for one in found if isinstance(one, SealedJob)}
            for one in found:
                if isinstance(one, Job):
                    self._jobs.setdefault(one.id, one)
        self._look_for_kept()

    def _private(self, job: Job) -> bool:
        """Whether a job is to be sealed and is not yet, and who looks may not see it before."""
        waits = job.kept or (self.key is not None and not job.recorded)
        who = self._store.viewer()
        if not waits or job.identity in {"", who}:
            return False
        return not job.kept or self._looked_by != who or self._answer(job) is not None

    def _look_for_kept(self) -> None:
        """Ask the keys that jobs were kept from whether who looks may seal and open with them.

        Whichever key has been chosen meanwhile, it does not say who may see those jobs.
        """
        who = self._store.viewer()
        with self._changed:
            keys = {job.kept_from for job in self._jobs.values() if job.kept and job.kept_from}
        answers = {key: self._ask(key) for key in sorted(keys)}
        # Who turned to another identity meanwhile is looked up again.
        self._looked_by, self._answers = who, answers if self._store.viewer() == who else {}

    def _ask(self, key: str) -> WorkbenchError | None:
        try:
            self._store.sealer.try_out(HistoryKey(key))
        except (Denied, EnvironmentFault) as error:
            return error
        return None

    def _answer(self, job: Job) -> WorkbenchError | None:
        return self._answers.get(job.kept_from, _NOT_ASKED)

    def _not_sealed(self, job: Job) -> SealedJob:
        why = (self._answer(job) if job.kept else None) or _NOT_ASKED
        return SealedJob(job.id, job.created, f"{_NOT_SEALED} {why.message}".strip(), why.next_step)

    def _mask(self) -> None:
        """Hide what is sealed as soon as somebody else looks; it is looked up later who may."""
        if self._store.kept and self._looked_by != self._store.viewer():
            self._wake()
        if not self._store.somebody_else():
            return
        with self._changed:
            for job_id, created in list(self._store.sealed.items()):
                self._denied.setdefault(job_id, SealedJob(job_id, created))
        self._wake()
