"""Some files of one job signed by one worker, their signatures published together.

Owns what becomes of a file when something goes wrong. Must not know threads or the list of jobs.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from workbench.base.clock import Clock
from workbench.base.errors import Cancelled, Locked, NotFound, WorkbenchError
from workbench.base.files import sync_folder
from workbench.signing.holds import Hold, NotYet
from workbench.signing.job import Job
from workbench.signing.outputs import Staged, discard, publish
from workbench.signing.work import FileSigner, FileState, Prepared

_LOG = logging.getLogger(__name__)
_MOST_SECONDS = 0.25
"""How long a finished signature may wait for others before it gets its name."""


class Batch:
    """Signs claimed files of a job.

    Args:
        job: the job.
        signer: signs by its recipe.
        clock: for dates and for how long signatures wait.
        halted: whether to stop after the file at hand, because the vault is locked or the program
            ends.
        settle: returns once the journal has every request made so far; it may raise what
            `audit.journal.Journal.flush` raises.
    """

    def __init__(
        self,
        job: Job,
        signer: FileSigner,
        clock: Clock,
        halted: Callable[[], bool],
        settle: Callable[[], None],
    ) -> None:
        self._job = job
        self._signer = signer
        self._clock = clock
        self._halted = halted
        self._settle = settle
        self._ready: list[tuple[int, Prepared]] = []
        self._since = 0.0
        self.met_lock = False
        """Whether the key service said that the vault is locked."""

    def run(self, numbers: Sequence[int]) -> None:
        """Sign them; those that cannot be begun now are given back to the job."""
        for place, number in enumerate(numbers):
            if not self._job.may_run or self._halted() or not self._prepare(number):
                self._job.give_back(numbers[place:])
                break
            if self._ready and self._clock.monotonic() - self._since > _MOST_SECONDS:
                self._publish()
        self._publish()

    def _prepare(self, number: int) -> bool:
        """Make one signature; False when the file must be tried again later."""
        job, entry = self._job, self._job.entries[number]
        if not job.begin(number):
            return True
        try:
            prepared = self._signer.prepare(
                Path(entry.name),
                lambda state: job.step(number, state),
                relative=entry.relative,
                progress=lambda size: job.read(number, size),
                stop=lambda: job.stopping(number) or self._halted(),
            )
        except Cancelled:
            if not job.stopping(number):
                job.end(number, FileState.WAITING)
                return False
            job.end(number, FileState.CANCELLED)
        except Locked:
            self.met_lock = True
            job.end(number, FileState.WAITING)
            return False
        except (NotYet, NotFound) as error:
            return self._hold(number, error)
        except (WorkbenchError, ClientError, BotoCoreError) as error:
            job.end(number, FileState.FAILED, _sentence(error))
        except Exception as error:  # noqa: BLE001 - a bug fails its file, not the worker of all
            _LOG.exception("signing failed")
            job.end(number, FileState.FAILED, f"Internal error ({type(error).__name__}).")
        else:
            if not self._ready:
                self._since = self._clock.monotonic()
            self._ready.append((number, prepared))
        return True

    def _hold(self, number: int, error: NotYet | NotFound) -> bool:
        """Have the whole job wait, for the clock or for a person."""

        def over() -> bool:
            # Who submitted the job is gone (NotFound). One made anew under that name may be
            # somebody else: a person is to say that the job goes on.
            return isinstance(error, NotYet) and self._clock.now() >= error.since

        self._job.wait_for(Hold(error.message, error.next_step, over))
        self._job.end(number, FileState.WAITING)
        return False

    def _publish(self) -> None:
        """Give what is ready its names, once the journal knows how it came to be."""
        ready, self._ready = self._ready, []
        if not ready:
            return
        try:
            self._settle()
        except WorkbenchError as error:
            self._withdraw(ready, error)
            return
        new = [(number, prepared) for number, prepared in ready if prepared.staged is not None]
        failures = _publish([prepared.staged for _, prepared in new if prepared.staged is not None])
        failed = {
            number: failure
            for (number, _), failure in zip(new, failures, strict=True)
            if failure is not None
        }
        written = {
            prepared.signed.output.parent for number, prepared in ready if number not in failed
        }
        for folder in written:
            sync_folder(folder)
        moment = self._clock.now()
        for number, prepared in ready:
            if number in failed:
                self._job.end(number, FileState.FAILED, str(failed[number]))
            else:
                self._job.finish(number, prepared.signed, moment)

    def _withdraw(self, ready: Sequence[tuple[int, Prepared]], error: WorkbenchError) -> None:
        """Drop signatures whose requests are not in the journal."""
        discard([prepared.staged for _, prepared in ready if prepared.staged is not None])
        numbers = [number for number, _ in ready]
        if not isinstance(error, Locked):
            for number in numbers:
                self._job.end(number, FileState.FAILED, str(error))
            return
        self.met_lock = True
        for number in numbers:
            self._job.end(number, FileState.WAITING)
        self._job.give_back(numbers)


def _publish(staged: Sequence[Staged]) -> Sequence[WorkbenchError | None]:
    """Publish; a bug fails these files, not the worker of all."""
    try:
        return publish(staged)
    except Exception as error:  # noqa: BLE001 - as above
        _LOG.exception("signatures could not be published")
        discard(staged)
        sentence = f"Internal error ({type(error).__name__})."
        return [WorkbenchError(sentence, "Try it again.")] * len(staged)


def _sentence(error: Exception) -> str:
    if isinstance(error, ClientError):
        answer = error.response["Error"]
        step = getattr(error, "next_step", "")
        return f"The key refused ({answer.get('Code')}): {answer.get('Message', '')} {step}".strip()
    if isinstance(error, BotoCoreError):
        return f"The key could not be reached: {error}"
    return str(error)
