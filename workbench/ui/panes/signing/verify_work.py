"""Verification under way: one file after the other on a worker, with progress and a way to stop.

Owns the running verification. Knows no Qt: what it finds it tells by functions it is given.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.base.errors import Cancelled, WorkbenchError
from workbench.signing.chains import shelf_certificates, trusted_roots
from workbench.signing.verify import Check, Verdict

_TELL_SECONDS = 0.1

Pair = tuple[Path | None, Path]
"""A file (None where it is inside the signature) and its signature."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a verification trusts.

    Attributes:
        roots: DER.
        others: certificates that may stand between, DER.
    """

    roots: tuple[bytes, ...]
    others: tuple[bytes, ...]


def read_trust(shelf: Any) -> Trust:
    """Return the collection's trusted roots and its other certificates."""
    roots = trusted_roots(shelf)
    others = tuple(one.der for one in shelf_certificates(shelf) if one.der not in roots)
    return Trust(roots, others)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A pair with its verdict."""

    pair: Pair
    verdict: Verdict


def verify_all(
    verifier: Any,
    pairs: Sequence[Pair],
    trust: Trust,
    moment: datetime | None,
    stop: threading.Event,
    found: Callable[[Outcome], None],
    progress: Callable[[int, int, int], None],
) -> int:
    """Verify pairs in order until `stop` is set.

    Args:
        verifier: `workbench.signing.verify.Verifier`.
        pairs: what to verify.
        trust: whom to trust.
        moment: when certificates must be valid; None for now.
        stop: ends it.
        found: told each outcome.
        progress: told now and then (number of the pair, bytes read of its file, its size).

    Returns:
        How many were verified.
    """
    for number, pair in enumerate(pairs):
        if stop.is_set():
            return number
        size = _size(pair[0])
        pacer = _Pacer(lambda read, n=number, s=size: progress(n, read, s))  # type: ignore[misc]
        progress(number, 0, size)
        try:
            verdict = verifier.verify(
                pair[0],
                pair[1],
                trust.roots,
                trust.others,
                moment=moment,
                progress=pacer,
                stop=stop,
            )
        except Cancelled:
            return number
        except WorkbenchError as error:
            # A file that cannot be read is an answer too, and must not hide those after it.
            verdict = Verdict(
                valid=False,
                headline=str(error),
                checks=(Check("File", "failed", str(error)),),
            )
        found(Outcome(pair, verdict))
    return len(pairs)


def _size(path: Path | None) -> int:
    try:
        return 0 if path is None else path.stat().st_size
    except OSError:
        return 0


class _Pacer:
    """Passes progress on, at most ten times a second."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._next = 0.0

    def __call__(self, read: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _TELL_SECONDS
            self._tell(read)
