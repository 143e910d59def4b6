"""Verification under way: one file after the other on a worker, with progress and a way to stop.

Owns the running verification. Knows no Qt: what it finds it tells by functions it is given.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.base.errors import Cancelled
from workbench.pki.purposes import Purpose
from workbench.pki.status import Evidence
from workbench.signing.chains import revocation_evidence, shelf_certificates, trusted_roots
from workbench.signing.checking import FAMILIES, check_listed, judged
from workbench.signing.checksums import LISTS
from workbench.signing.formats.base import Demand, TrustedKey
from workbench.signing.formats.base import Trust as Believed
from workbench.signing.verdict import Verdict

_TELL_SECONDS = 0.1

Pair = tuple[Path | None, Path]
"""A file (None where it is inside the signature) and its signature."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a verification trusts.

    Attributes:
        roots: DER.
        others: certificates that may stand between, DER.
        keys: public keys, for formats without certificates.
        evidence: what the vault knows of revocation.
    """

    roots: tuple[bytes, ...]
    others: tuple[bytes, ...]
    keys: tuple[TrustedKey, ...] = ()
    evidence: Evidence = field(default=Evidence(), repr=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a signature is taken for good.

    Attributes:
        moment: when certificates must be valid, UTC; None for now.
        at_signing: whether the time that the signer claims goes before it.
        purpose: what the signer's certificate must be for; None for the format's usual.
        required: kinds of key that must each have signed, as in `FAMILIES`.
        demands: what signatures of a format must be for.
        revocation: whether it must be known of every certificate that it is not revoked.
    """

    moment: datetime | None = None
    at_signing: bool = False
    purpose: Purpose | None = None
    required: tuple[str, ...] = ()
    demands: tuple[Demand, ...] = ()
    revocation: bool = False


def read_trust(shelf: Any) -> Trust:
    """Return the collection's trusted roots, other certificates, and evidence of revocation."""
    roots = trusted_roots(shelf)
    others = tuple(one.der for one in shelf_certificates(shelf) if one.der not in roots)
    return Trust(roots, others, evidence=revocation_evidence(shelf))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A pair with its verdict, and whom it believed."""

    pair: Pair
    verdict: Verdict
    believed: Believed


def needs_file(verifier: Any, signature: Path) -> bool:
    """Return whether the content is not inside a signature; called on a worker.

    Raises:
        WorkbenchError: it cannot be read.
    """
    verdict: Verdict = verifier.check(None, signature, verifier.trust())
    return any(need.kind == "file" for need in verdict.needs)


def verify_all(
    verifier: Any,
    pairs: Sequence[Pair],
    trust: Trust,
    terms: Terms,
    stop: threading.Event,
    found: Callable[[Sequence[Outcome]], None],
    progress: Callable[[int, int, int], None],
) -> int:
    """Verify pairs in order until `stop` is set.

    Args:
        verifier: `workbench.signing.verify.Verifier`.
        pairs: what to verify.
        trust: whom to trust.
        terms: on which terms a signature is good.
        stop: ends it.
        found: told outcomes, several at once: small files are verified faster than shown.
        progress: told now and then (number of the pair, bytes read of its file, its size).

    Returns:
        How many were verified.
    """
    believed: Believed = verifier.trust(
        roots=trust.roots, intermediates=trust.others, keys=trust.keys, moment=terms.moment
    )
    # The page says in words whether something was signed or only stamped.
    believed = replace(
        believed,
        at_signing_time=terms.at_signing,
        stamps=True,
        evidence=replace(trust.evidence, required=terms.revocation),
        purpose=terms.purpose,
        required=tuple(FAMILIES[kind] for kind in terms.required),
        demands=terms.demands,
    )
    fresh: list[Outcome] = []
    pace = _Pace()
    done = 0
    for number, pair in enumerate(pairs):
        size = _size(pair[0])
        if pace.due():
            found(tuple(fresh))
            fresh.clear()
            progress(number, 0, size)

        def read(count: int, number: int = number, size: int = size) -> None:
            if pace.due():
                progress(number, count, size)

        try:
            if stop.is_set():
                break
            verdict = _verdict(verifier, pair, believed, stop, read)
            fresh.append(Outcome(pair, verdict, believed))
        except Cancelled:
            break
        done = number + 1
    found(tuple(fresh))
    return done


def _verdict(
    verifier: Any,
    pair: Pair,
    believed: Believed,
    stop: threading.Event,
    progress: Callable[[int], None],
) -> Verdict:
    file, signature = pair

    def check() -> Verdict:
        verdict: Verdict = verifier.check(file, signature, believed, progress=progress, stop=stop)
        listed = file is not None and file.name in LISTS
        return check_listed(verdict, file, stop.is_set) if file and listed else verdict

    return judged(check)


def _size(path: Path | None) -> int:
    try:
        return 0 if path is None else path.stat().st_size
    except OSError:
        return 0


class _Pace:
    """Says when it is time to tell something again: at most ten times a second."""

    def __init__(self) -> None:
        self._next = 0.0

    def due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + _TELL_SECONDS
        return True
