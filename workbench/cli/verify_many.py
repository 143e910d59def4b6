"""`workbench verify` of many files: pairs found by name, verified side by side, a line for each."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workbench.base.files import printable
from workbench.cli.exits import Exit
from workbench.cli.interrupt import Interrupt
from workbench.cli.output import Output
from workbench.cli.progress import ProgressBar, bar_of
from workbench.signing.checking import judged
from workbench.signing.pairing import Pairing, pair_all
from workbench.signing.verdict import Verdict
from workbench.signing.walk import walk

_LOOK_UP_SECONDS: Final = 0.2
_AHEAD: Final = 8
"""Pairs handed out for each that is verified at once: what is done waits for those before it."""

Judge = Callable[[Pairing, threading.Event], Verdict]
"""Verifies a pair until it is told to stop; raises as `Verifier.check`."""


@dataclass(slots=True)
class _Tally:
    total: int
    valid: int = 0
    invalid: int = 0
    unsigned: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.valid + self.invalid + self.unsigned

    def line(self) -> str:
        """Return how far it is, for a terminal."""
        shown = bar_of(self.done, self.total)
        wrong = self.invalid + self.unsigned
        return f"{shown}  {wrong:,} not valid" if wrong else shown


def verify_many(
    paths: Sequence[Path], judge: Judge, output: Output, jobs: int | None, *, quiet: bool
) -> Exit:
    """Verify files and folders, and tell the verdict on each and on all.

    Args:
        paths: files and folders; what is in folders is found, links not followed.
        judge: verifies one.
        output: is told.
        jobs: how many are verified at once; as many as there are processors when None.
        quiet: whether to draw no progress.

    Returns:
        `Exit.OK` when there was something to verify and all of it is valid, else `Exit.INVALID`.
    """
    with Interrupt() as interrupt:
        found, problems = _gathered(paths, interrupt)
        pairs = pair_all(found)
        tally, bar = _Tally(len(pairs)), ProgressBar(shown=not quiet)
        stop = threading.Event()
        try:
            for pair, future in _handed_out(pairs, judge, stop, jobs or os.cpu_count() or 1):
                while not wait([future], _LOOK_UP_SECONDS).done:
                    _end_if(interrupt)
                    bar.show(tally.line())
                _end_if(interrupt)
                bar.clear()
                _note(pair, future.result(), tally, output)
                bar.show(tally.line())
        finally:
            bar.clear()
    return _summary(tally, problems, output)


def _gathered(paths: Sequence[Path], interrupt: Interrupt) -> tuple[list[Path], list[str]]:
    """Return every file, and what could not be looked at."""
    found: list[Path] = []
    problems: list[str] = []
    for one in walk(paths):
        _end_if(interrupt)
        if one.problem:
            problems.append(one.problem)
        else:
            found.append(one.path)
    return found, problems


def _handed_out(
    pairs: Sequence[Pairing], judge: Judge, stop: threading.Event, jobs: int
) -> Iterator[tuple[Pairing, Future[Verdict | None]]]:
    """Yield pairs in order with their verdicts to be; None where a file has no signature."""

    def verify(pair: Pairing) -> Verdict | None:
        if pair.signature is None or stop.is_set():
            return None
        return judged(lambda: judge(pair, stop))

    waiting: deque[tuple[Pairing, Future[Verdict | None]]] = deque()
    with ThreadPoolExecutor(jobs, thread_name_prefix="verifying") as pool:
        try:
            for pair in pairs:
                waiting.append((pair, pool.submit(verify, pair)))
                if len(waiting) >= jobs * _AHEAD:
                    yield waiting.popleft()
            while waiting:
                yield waiting.popleft()
        finally:
            stop.set()  # the pool waits for what has begun


def _end_if(interrupt: Interrupt) -> None:
    if interrupt.noted:
        raise KeyboardInterrupt


def _note(pair: Pairing, verdict: Verdict | None, tally: _Tally, output: Output) -> None:
    if verdict is None:
        tally.unsigned += 1
        headline = f"There is no signature of {printable(pair.shown.name)}."
        output.line(f"NO SIGNATURE  {pair.shown}")
    elif verdict.valid:
        tally.valid += 1
        headline = verdict.headline
        output.line(f"valid  {pair.shown}")
    else:
        tally.invalid += 1
        headline = verdict.headline
        output.line(f"NOT VALID  {pair.shown}: {headline}")
    tally.files.append(_record(pair, verdict, headline))


def _record(pair: Pairing, verdict: Verdict | None, headline: str) -> dict[str, Any]:
    """Return what programs are told of one; its checks only where they failed."""
    failed = () if verdict is None else (one for one in verdict.checks if not one.passed)
    return {
        "file": None if pair.file is None else str(pair.file),
        "signature": None if pair.signature is None else str(pair.signature),
        "valid": verdict is not None and verdict.valid,
        "headline": headline,
        "format": "" if verdict is None else verdict.form,
        "signer": "" if verdict is None else verdict.signer,
        "signingTime": None if verdict is None else verdict.signing_time,
        "failed": [
            {"name": one.name, "sentence": one.sentence, "rule": one.rule} for one in failed
        ],
    }


def _summary(tally: _Tally, problems: Sequence[str], output: Output) -> Exit:
    for problem in problems:
        output.note(f"passed over  {problem}")
    complete = 0 < tally.valid == tally.total and not problems
    words = [f"{tally.valid:,} valid", f"{tally.invalid:,} not valid"]
    if tally.unsigned:
        words.append(f"{tally.unsigned:,} without a signature")
    if problems:
        words.append(f"{len(problems):,} passed over")
    output.line(f"{'VALID' if complete else 'NOT VALID'}: {', '.join(words)}.")
    output.set(
        valid=complete,
        counts={"valid": tally.valid, "notValid": tally.invalid, "unsigned": tally.unsigned},
        passedOver=list(problems),
        files=tally.files,
    )
    return Exit.OK if complete else Exit.INVALID
