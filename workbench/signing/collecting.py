"""What a job is to sign, found in threads of its own while signing has begun already.

Owns those threads. Must not know the queue that asks.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from workbench.base.clock import Clock
from workbench.base.errors import WorkbenchError
from workbench.base.sites import Site
from workbench.signing.checksums import list_checksums
from workbench.signing.holds import Hold
from workbench.signing.job import Job
from workbench.signing.recipe import Recipe
from workbench.signing.standing import StillGood
from workbench.signing.walk import Found, walk
from workbench.signing.work import FileSigner

_LOG = logging.getLogger(__name__)

_WAKE_EVERY: Final = 256
"""Files found on a walk before workers are told: signing begins while the walk goes on."""


class Collector:
    """Finds the files of jobs.

    Args:
        client_of: returns a boto3-shaped KMS client that acts as an ARN, at a recipe's site.
        clock: for the signing time.
        closing: whether everything is to end.
        wake: called when there is more to do for a job.
        obstacle: returns why a new job's records cannot be written, or None.
        require_good: raises `Refused` where a certificate of a job is revoked; asked now and then.
    """

    def __init__(
        self,
        client_of: Callable[[str, Site | None], Any],
        clock: Clock,
        closing: Callable[[], bool],
        wake: Callable[[Job], None],
        obstacle: Callable[[], Hold | None],
        require_good: Callable[[str, Recipe], None] = lambda _identity, _recipe: None,
    ) -> None:
        self._require_good = require_good
        self._client_of = client_of
        self._clock = clock
        self._closing = closing
        self._wake = wake
        self._obstacle = obstacle

    def start(self, job: Job) -> None:
        """Begin to look for a job's files, or go on where it was cut off."""
        threading.Thread(
            target=self._collect, args=(job,), name="signing-collect", daemon=True
        ).start()

    def _collect(self, job: Job) -> None:
        with job.walking:  # a job that was cancelled and is tried again may still be on its walk
            self._collect_alone(job)
        self._wake(job)

    def _collect_alone(self, job: Job) -> None:
        reason = self._prepare(job)
        try:
            self._look_for_files(job)
        except Exception as error:  # noqa: BLE001 - as above
            _LOG.exception("the files of a signing job could not be collected")
            job.note(f"The list is not complete: internal error ({type(error).__name__}).")
        finally:
            job.collecting = False
        if reason:
            job.fail_all(reason)

    def _prepare(self, job: Job) -> str:
        """Make what signs, or put the job on hold; return why all its files fail, or nothing."""
        try:
            if not job.recordable:
                obstacle = self._obstacle()
                if obstacle is not None:
                    job.wait_for(obstacle)
                    return ""
                job.recordable = True
            kms = self._client_of(job.identity, job.recipe.site)
            good = StillGood(lambda: self._require_good(job.identity, job.recipe), self._clock)
            job.signer = FileSigner(
                kms, job.recipe, self._clock, again=job.again, good=good.require
            )
        except WorkbenchError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a bug fails its job, which must not wait for ever
            _LOG.exception("a signing job could not begin")
            return f"Internal error ({type(error).__name__})."
        return ""

    def _look_for_files(self, job: Job) -> None:
        """Walk; `job.collected` becomes true only when the walk has reached its end."""
        if job.collected:
            return
        job.collecting = True
        known = {entry.name for entry in job.entries}
        for found in self._found(job):
            if self._closing() or job.cancelled:
                return
            name = str(found.path)
            if name not in known:
                known.add(name)
                job.add(found)
                if len(job.entries) % _WAKE_EVERY == 0:
                    self._wake(job)
        # A list of checksums ends early when it is told to stop.
        job.collected = not (self._closing() or job.cancelled)

    def _found(self, job: Job) -> Iterator[Found]:
        """Return what a job is to sign: files, or one list of their checksums."""
        if not job.recipe.checksums:
            return walk(job.paths, job.recipe.form)
        return list_checksums(job.recipe, job.paths, lambda: self._closing() or job.cancelled)
