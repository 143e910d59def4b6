"""Which job's files are signed next: by priority, then in the order in which jobs first came.

Owns that order, kept as a heap, so that a worker's question costs the same with one open job and
with hundreds. A job that has nothing to give leaves the heap until it is offered again. Must not
know why a job has nothing to give.
"""

import heapq
import itertools

from workbench.signing.job import Job


class Turns:
    """The jobs that may have files to be signed. Not thread-safe."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Job]] = []
        self._numbers = itertools.count(1)

    def offer(self, job: Job) -> None:
        """Ask a job for files from now on; again, too, where its priority has changed."""
        if not job.turn:
            job.turn = next(self._numbers)
        rank = -job.priority
        if job.offered != rank:
            job.offered = rank
            # No two jobs have the same turn, so that jobs themselves are never compared; the same
            # entry may be there already, from before the priority went up and down again.
            heapq.heappush(self._heap, (rank, job.turn, job))

    def claim(self, workers: int) -> tuple[Job, list[int]] | None:
        """Take some files of the job whose turn it is, or None when no job has any."""
        heap = self._heap
        while heap:
            rank, _, job = heap[0]
            if job.offered == rank:
                numbers = job.claim(workers)
                if numbers:
                    return job, numbers
                job.offered = None
            heapq.heappop(heap)
        return None
