"""A whole job verified again: what became of every file and its signature since they were signed.

Owns the four answers and whose they are. Files are read as often as it takes, but only a byte and a
number are kept of each, so that a hundred thousand are one job here too. Must not know windows.
"""

import os
import threading
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from workbench.base.errors import Cancelled, WorkbenchError
from workbench.crypto.digests import new_digest
from workbench.signing.checking import check_listed
from workbench.signing.formats.base import Trust, TrustedKey
from workbench.signing.hashing import hash_file
from workbench.signing.job import FileView
from workbench.signing.recipe import Recipe
from workbench.signing.states import StateList
from workbench.signing.verdict import Check, Verdict
from workbench.signing.verify import Verifier
from workbench.signing.work import FileState

_MOST_TAKEN: Final = 64
"""Files that one processor takes at a time; fewer of a small job, so that all have something."""

_MOST_SENTENCES: Final = 4096
_DIGESTS: Final = ("SHA-256", "SHA-384", "SHA-512", "SHAKE256")
"""What a file is hashed with again where the verdict does not tell the digest that the job noted;
all of them where the recipe leaves it to each key."""
_GONE: Final = "The file is not there any more."
_UNSIGNED: Final = "The signature is not there any more."
_ELSE: Final = "Verify this file by itself to see why."
_REPLACED: Final = "The file and its signature were both replaced since the job signed it."
_OTHER_SIGNER: Final = "The signature is of another certificate than the job's."


class Outcome(StrEnum):
    """What became of a file of the job."""

    WAITING = "not checked yet"
    VALID = "valid"
    CHANGED = "changed"
    MISSING = "missing"
    UNTRUSTED = "not trusted"
    UNSIGNED = "not signed"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file of the job with what became of it.

    Attributes:
        file: as the job has it.
        outcome: what became of it.
        sentence: why it is not valid, or empty.
    """

    file: FileView
    outcome: Outcome
    sentence: str


class Files(Protocol):
    """Where the files come from: `workbench.signing.jobs.JobQueue`."""

    def files(self, job_id: str, start: int = 0, count: int = 200) -> tuple[FileView, ...]:
        """Return some files of a job, in order."""


class Recheck:
    """Verifies every signed file of a job. Thread-safe; `run` once.

    Args:
        queue: has the job.
        job_id: which.
        recipe: how it signed.
        total: how many files it has.
        verifier: verifies.
        trust: whom to believe, and at which moment; the job's own keys are added, for formats
            without certificates.
    """

    def __init__(
        self, queue: Files, job_id: str, recipe: Recipe, total: int, verifier: Verifier,
        trust: Trust,
    ) -> None:  # fmt: skip
        self._queue = queue
        self.job_id = job_id
        self.total = total
        keys = tuple(
            TrustedKey(one.key_id, one.public_key) for one in recipe.credentials if not one.chain
        )
        trust = replace(trust, keys=(*trust.keys, *keys))
        self._judge = _Judge(verifier, recipe, trust)
        self._lock = threading.Lock()
        self._outcomes = StateList(Outcome)
        for _ in range(total):
            self._outcomes.append(Outcome.WAITING)
        self._sentence_of = array("H", (0,)) * total
        self._sentences = ["", _ELSE]
        self._places = {one: place for place, one in enumerate(self._sentences)}

    def run(self, stop: threading.Event) -> bool:
        """Verify on all processors until all is done or `stop` is set.

        Returns:
            Whether it came to the end.

        Raises:
            NotFound, Refused: the job is not in the list any more, or may not be seen.
        """
        workers = os.cpu_count() or 1
        size = min(_MOST_TAKEN, 1 + self.total // (4 * workers))
        portions = iter(range(0, self.total, size))
        taking = threading.Lock()

        def work() -> None:
            while not stop.is_set():
                with taking:
                    start = next(portions, None)
                if start is None:
                    return
                self._portion(start, size, stop)

        with ThreadPoolExecutor(workers, thread_name_prefix="rechecking") as pool:
            done = [pool.submit(work) for _ in range(workers)]
            try:
                for one in done:
                    one.result()
            except BaseException:
                stop.set()
                raise
        return not stop.is_set()

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many files have each outcome."""
        with self._lock:
            return self._outcomes.counts

    def files(
        self, start: int = 0, count: int = 200, outcomes: frozenset[str] | None = None
    ) -> tuple[Checked, ...]:
        """Return some files, in order, of certain outcomes only if asked; raises as `run`."""
        with self._lock:
            if outcomes is None:
                numbers: Sequence[int] = range(start, min(start + count, self.total))
            else:
                wanted = frozenset(Outcome(one) for one in outcomes)
                numbers = self._outcomes.find(wanted, start, count)
            known = [(one, self._outcomes[one], self._sentence_of[one]) for one in numbers]
        found: list[Checked] = []
        page: dict[int, FileView] = {}
        for number, outcome, place in known:
            if number not in page:
                page = {one.number: one for one in self._queue.files(self.job_id, number, count)}
            if number in page:
                found.append(Checked(page[number], outcome, self._sentences[place]))
        return tuple(found)

    def _portion(self, start: int, size: int, stop: threading.Event) -> None:
        count = min(size, self.total - start)
        for file in self._queue.files(self.job_id, start, count):
            if stop.is_set():
                return
            try:
                outcome, sentence = self._judge.judge(file, stop)
            except Cancelled:
                return
            with self._lock:
                self._sentence_of[file.number] = self._place(sentence)
                self._outcomes[file.number] = outcome

    def _place(self, sentence: str) -> int:
        """Return where a sentence is kept; most are the same, and only so many are kept."""
        found = self._places.get(sentence)
        if found is not None:
            return found
        if len(self._sentences) == _MOST_SENTENCES:
            return self._places[_ELSE]
        self._places[sentence] = len(self._sentences)
        self._sentences.append(sentence)
        return self._places[sentence]


@dataclass(frozen=True, slots=True)
class _Judge:
    """Tells what became of one file."""

    verifier: Verifier
    recipe: Recipe
    trust: Trust

    def judge(self, file: FileView, stop: threading.Event) -> tuple[Outcome, str]:
        """Return the outcome, and why it is not valid; raises `Cancelled`."""
        if file.state is not FileState.DONE or file.output is None:
            return Outcome.UNSIGNED, file.sentence
        embeds = self.recipe.form.traits.embeds
        if not embeds and not os.path.lexists(file.path):
            return Outcome.MISSING, _GONE
        if not os.path.lexists(file.output):
            return Outcome.MISSING, _UNSIGNED
        try:
            return self._verdict(file, file.output, stop)
        except Cancelled:
            raise
        except WorkbenchError as error:
            return Outcome.MISSING, str(error)

    def _verdict(self, file: FileView, output: Path, stop: threading.Event) -> tuple[Outcome, str]:
        recipe = self.recipe
        source = None if recipe.form.traits.embeds else file.path
        verdict = self.verifier.check(source, output, self.trust, expected=recipe.form, stop=stop)
        if recipe.checksums:
            verdict = check_listed(verdict, file.path, stop.is_set)
        wrong = [check for check in verdict.checks if check.state == "failed"]
        broken = next((check for check in wrong if not check.about_trust), None)
        if broken is not None:
            return Outcome.CHANGED, _why(broken)
        if source is not None and not self._as_noted(file, verdict, stop):
            return Outcome.CHANGED, _REPLACED
        if not self._same_signers(verdict):
            return Outcome.CHANGED, _OTHER_SIGNER
        if wrong:
            return Outcome.UNTRUSTED, _why(wrong[0])
        return (Outcome.VALID, "") if verdict.valid else (Outcome.UNTRUSTED, verdict.headline)

    def _as_noted(self, file: FileView, verdict: Verdict, stop: threading.Event) -> bool:
        """Whether the file's content is what the job noted; where it noted nothing, it is."""
        if not file.digest:
            return True
        if verdict.file_hash and verdict.digest == self.recipe.hashed:
            return verdict.file_hash == file.digest
        names = [one for one in _DIGESTS if one == (self.recipe.hashed or one)]
        running = [new_digest(one) for one in names]
        found = hash_file(file.path, running, stop=stop.is_set).digests
        fitting = [one.hex() for one in found if 2 * len(one) == len(file.digest)]
        # None fits where the digest is one that is made inside its format only.
        return not fitting or file.digest in fitting

    def _same_signers(self, verdict: Verdict) -> bool:
        leaves = {part.links[0].der for part in verdict.parts
                  if part.kind == "signature" and part.links}  # fmt: skip
        leaves |= {verdict.links[0].der} if verdict.links else set()
        return leaves <= {one.chain[0] for one in self.recipe.credentials if one.chain}


def _why(check: Check) -> str:
    return f"{check.sentence} {check.next_step}".strip()
