"""What a job is to sign, found in threads of its own while signing has begun already.

Owns those threads. Must not know the queue that asks.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from workbench.base.clock import Clock
from workbench.base.errors import WorkbenchError
from workbench.signing.checksums import list_checksums
from workbench.signing.job import Job
from workbench.signing.walk import Found, walk
from workbench.signing.work import FileSigner

_WAKE_EVERY: Final = 256
"""Files found on a walk before workers are told: signing begins while the walk goes on."""


class Collector:
    """Finds the files of jobs.

    Args:
        kms: boto3-shaped KMS client.
        clock: for the signing time.
        closing: whether everything is to end.
        wake: called when there is more to do.
    """

    def __init__(
        self, kms: Any, clock: Clock, closing: Callable[[], bool], wake: Callable[[], None]
    ) -> None:
        self._kms = kms
        self._clock = clock
        self._closing = closing
        self._wake = wake

    def start(self, job: Job) -> None:
        """Begin to look for a job's files, or go on where it was cut off."""
        threading.Thread(
            target=self._collect, args=(job,), name="signing-collect", daemon=True
        ).start()

    def _collect(self, job: Job) -> None:
        try:
            job.signer = FileSigner(self._kms, job.recipe, self._clock, again=job.again)
        except WorkbenchError as error:
            self._look_for_files(job)
            job.fail_all(str(error))
        else:
            self._look_for_files(job)
        self._wake()

    def _look_for_files(self, job: Job) -> None:
        if job.collected:
            return
        job.collecting = True
        known = {entry.path for entry in job.entries}
        for found in self._found(job):
            if self._closing() or job.cancelled:
                break
            if found.path not in known:
                known.add(found.path)
                job.add(found)
                if len(job.entries) % _WAKE_EVERY == 0:
                    self._wake()
        job.collected = not self._closing()
        job.collecting = False

    def _found(self, job: Job) -> Iterator[Found]:
        """Return what a job is to sign: files, or one list of their checksums."""
        if not job.recipe.checksums:
            return walk(job.paths)
        return list_checksums(job.recipe, job.paths, lambda: self._closing() or job.cancelled)
