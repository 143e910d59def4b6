"""Follows the queue: reads it on a worker whenever it says that something changed.

Calls that come while a reading is under way become one more reading. Owns which jobs ended while
the window was open.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.signing.job import JobState
from workbench.signing.job_store import SealedJob
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.panes.signing.job_model import JobRow, build_rows
from workbench.ui.panes.signing.words import SETTLED_JOBS


class QueueFollower(QObject):
    """Keeps the jobs as they stand now.

    Args:
        context: session and bench.
        parent: the pane.

    Signals:
        read(list[JobRow]): the queue was read.
        ended(JobView): a job is done that was not before.
        failed(Explanation): the queue could not be read.
    """

    read = Signal(list)
    ended = Signal(object)
    failed = Signal(object)

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._reading = self._read_again = False
        self._states: dict[str, JobState] = {}
        self._awaited: set[str] = set()
        self.rows: list[JobRow] = []
        self.sealed: Sequence[SealedJob] = ()
        # The queue calls from its own thread: relayed, and dropped once this is gone.
        undo = context.bench.jobs.subscribe(context.session.relay(self, self.follow))
        self.destroyed.connect(lambda _object=None: undo())

    def follow(self) -> None:
        """Read the queue."""
        if self._reading:
            self._read_again = True
            return
        self._reading, self._read_again = True, False
        jobs = self._context.bench.jobs
        self._context.session.start(
            self,
            lambda: (build_rows(jobs.jobs()), jobs.history.denied()),
            self._read,
            self._not_read,
        )

    def wait_for(self, job_id: str) -> None:
        """Tell of this job's end even if it ends before it is ever seen under way."""
        self._awaited.add(job_id)
        self.follow()

    def _read(self, found: tuple[list[JobRow], Sequence[SealedJob]]) -> None:
        rows, self.sealed = found
        self.rows = rows
        self.read.emit(rows)
        self._tell_ended(rows)
        self._rest()

    def _not_read(self, words: Explanation) -> None:
        self._rest()
        if not words.bug:
            self.failed.emit(words)

    def _rest(self) -> None:
        self._reading = False
        if self._read_again:
            QTimer.singleShot(0, self, self.follow)

    def _tell_ended(self, rows: Iterable[JobRow]) -> None:
        before, self._states = self._states, {row.view.id: row.view.state for row in rows}
        for row in rows:
            view = row.view
            unseen = JobState.RUNNING if view.id in self._awaited else view.state
            was = before.get(view.id, unseen)
            if view.state in SETTLED_JOBS:
                self._awaited.discard(view.id)
            if was not in SETTLED_JOBS and view.state is JobState.DONE:
                self.ended.emit(view)
