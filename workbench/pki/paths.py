"""From a certificate to a root: which certificates could have signed which, bounded.

Building only follows issuers whose name matches and whose subject key identifier is the one the
certificate asks for (RFC 5280 §4.2.1.1), verifies each signature once, and stops after a fixed
number of steps: CAs that share a name and sign each other cannot make it run away.
What is wrong with a path is for `rules` to say.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from workbench.pki.parse import Facts

DEEPEST: Final = 10
"""Certificates in a path, the leaf and the root included."""

MOST_STEPS: Final = 1_000
MOST_SIGNATURES: Final = 300
MOST_PATHS: Final = 64


class Ending(Enum):
    """Where a path ends."""

    ANCHORED = "at a trusted root"
    UNTRUSTED = "at a root that is not trusted"
    MISSING = "where the issuer's certificate is missing"
    LIMIT = "at a limit of path building"


@dataclass(frozen=True, slots=True)
class Path:
    """Certificates from the leaf upwards.

    Attributes:
        certificates: leaf first.
        signed: for each certificate whether the next one's key (its own for the last, if it is
            self-issued) verifies its signature; True where there is nothing to verify with.
        ending: why it goes no further.
    """

    certificates: tuple[Facts, ...]
    signed: tuple[bool, ...]
    ending: Ending


class PathBuilder:
    """Finds paths from certificates to roots.

    Args:
        candidates: certificates that may be between; duplicates do no harm.
        roots: trusted roots.
    """

    def __init__(self, candidates: Iterable[Facts], roots: Iterable[Facts]) -> None:
        self._roots = {root.fingerprint for root in roots}
        self._by_subject: dict[bytes, dict[str, Facts]] = defaultdict(dict)
        for one in (*roots, *candidates):
            self._by_subject[one.subject].setdefault(one.fingerprint, one)
        self._verified: dict[tuple[str, str], bool] = {}
        self._steps = 0

    def trusted(self, one: Facts) -> bool:
        """Whether a certificate is one of the trusted roots."""
        return one.fingerprint in self._roots

    def paths(self, leaf: Facts) -> Iterator[Path]:
        """Yield paths, those along trusted and valid signatures first; at least one."""
        self._steps = 0
        for number, path in enumerate(self._extend((leaf,), ())):
            yield path
            if number + 1 == MOST_PATHS:
                return

    def issuers(self, child: Facts) -> Iterator[tuple[Facts, bool]]:
        """Yield who could have signed a certificate, best first, and whether it really did.

        Only if no signature verifies, the best of those whose name and key identifier match is
        yielded with False, so that the broken link can be shown.
        """
        named = [
            one
            for one in self._by_subject.get(child.issuer, {}).values()
            if one.fingerprint != child.fingerprint and matches(child, one)
        ]
        named.sort(key=lambda one: self._preference(child, one), reverse=True)
        none = True
        for one in named:
            if self._signed(child, one):
                none = False
                yield one, True
            elif self._exhausted:
                return
        if none and named:
            yield named[0], False

    def _preference(self, child: Facts, one: Facts) -> tuple[bool, bool, bool, datetime]:
        exact = child.aki is not None and one.ski == child.aki
        return self.trusted(one), exact, one.ca, one.certificate.not_valid_after_utc

    @property
    def _exhausted(self) -> bool:
        return self._steps > MOST_STEPS or len(self._verified) >= MOST_SIGNATURES

    def _extend(self, chain: tuple[Facts, ...], signed: tuple[bool, ...]) -> Iterator[Path]:
        self._steps += 1
        last = chain[-1]
        if self.trusted(last):
            yield Path(chain, (*signed, self._own_signature(last)), Ending.ANCHORED)
            return
        if len(chain) >= DEEPEST or self._exhausted:
            yield Path(chain, (*signed, True), Ending.LIMIT)
            return
        seen = {(one.subject, one.spki) for one in chain}
        onward = False
        for issuer, verified in self.issuers(last):
            if (issuer.subject, issuer.spki) in seen:
                continue
            onward = True
            yield from self._extend((*chain, issuer), (*signed, verified))
        if not onward:
            own = self._own_signature(last)
            yield Path(chain, (*signed, own), self._ending(last))

    def _ending(self, last: Facts) -> Ending:
        if self._exhausted:
            return Ending.LIMIT
        return Ending.UNTRUSTED if last.self_issued else Ending.MISSING

    def _own_signature(self, one: Facts) -> bool:
        return not one.self_issued or self._signed(one, one)

    def _signed(self, child: Facts, issuer: Facts) -> bool:
        edge = (child.fingerprint, issuer.fingerprint)
        if edge not in self._verified:
            if len(self._verified) >= MOST_SIGNATURES:
                return False
            self._verified[edge] = signed_by(child, issuer)
        return self._verified[edge]


def matches(child: Facts, issuer: Facts) -> bool:
    """Whether a certificate names another as issuer, by name and by key identifier if both do."""
    if child.issuer != issuer.subject:
        return False
    return child.aki is None or issuer.ski is None or child.aki == issuer.ski


@lru_cache(maxsize=16384)
def signed_by(child: Facts, issuer: Facts) -> bool:
    """Whether the issuer's key verifies a certificate's signature."""
    try:
        child.certificate.verify_directly_issued_by(issuer.certificate)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True
