"""What every certificate of a collection is at a moment, and how near its end it is.

Moves nothing and reads nothing: facts in, words out, so that the whole hierarchy can be shown on
any date. Knows no Qt. Source: RFC 5280 §4.1.2.5 for validity, §6.1 for what an issuer means.
"""

from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final, Protocol

from workbench.pki.hierarchy import MISSING, Edge
from workbench.pki.states import LAST_PART, SOON, State, state_between

BROKEN: Final = "issuer not valid"
"""State of what would be valid itself, but hangs below something that is not."""

_GOOD: Final = frozenset({State.VALID, State.EXPIRING})
_SECOND: Final = timedelta(seconds=1)
_LAST: Final = datetime.max.replace(microsecond=0, tzinfo=UTC)
"""What RFC 5280 §4.1.2.5 writes for no end at all: there is no time after it."""


class Dated(Protocol):
    """A certificate, as far as time concerns it."""

    @property
    def starts(self) -> datetime:
        """From when it is valid."""

    @property
    def ends(self) -> datetime:
        """Until when."""

    @property
    def revoked(self) -> datetime | None:
        """Since when it is revoked, or None."""

    @property
    def issuer_id(self) -> str:
        """Its issuer, a placeholder, or empty for a root."""

    @property
    def root(self) -> bool:
        """Whether it is self-issued."""


class Heat(IntEnum):
    """How near the end is, in steps that a person acts on."""

    CALM = 0
    YEAR = 1
    QUARTER = 2
    MONTH = 3
    WEEK = 4
    OVER = 5


HEAT_DAYS: Final = {Heat.WEEK: 7, Heat.MONTH: 30, Heat.QUARTER: 90, Heat.YEAR: 365}
"""Up to how many days before the end a step begins; `CALM` is farther away, `OVER` is past it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one certificate is at a moment.

    Attributes:
        state: a `State`, `MISSING` or `BROKEN`.
        heat: how near its end is.
        left: until its end; negative past it.
    """

    state: str
    heat: Heat
    left: timedelta

    @property
    def days(self) -> int:
        """Whole days until its end, never below zero."""
        return max(0, self.left.days)


def heat_of(ends: datetime, moment: datetime) -> Heat:
    """Return how near an end is at a moment; the end itself still belongs to the validity."""
    left = ends - moment
    if left < timedelta(0):
        return Heat.OVER
    return next(
        (step for step, days in HEAT_DAYS.items() if left <= timedelta(days=days)), Heat.CALM
    )


def standings(
    records: Mapping[str, Dated], edges: Iterable[Edge], moment: datetime
) -> dict[str, Standing]:
    """Return what each certificate is at a moment.

    One that is valid by its own dates but has no way up to a root over certificates that are valid
    then is `BROKEN`, or `MISSING` where its issuer is not here.
    """
    own = {
        name: state_between(one.starts, one.ends, moment, one.revoked)
        for name, one in records.items()
    }
    sound = _sound(records, own, edges)
    return {
        name: Standing(
            own[name] if own[name] not in _GOOD or name in sound else _why(name, records, own),
            heat_of(one.ends, moment),
            one.ends - moment,
        )
        for name, one in records.items()
    }


def _sound(
    records: Mapping[str, Dated], own: Mapping[str, State], edges: Iterable[Edge]
) -> set[str]:
    """Return what is reached from valid roots over valid certificates."""
    below: dict[str, list[str]] = {}
    for edge in edges:
        below.setdefault(edge.upper, []).append(edge.lower)
    waiting = [name for name, one in records.items() if one.root and own[name] in _GOOD]
    found = set(waiting)
    while waiting:
        for lower in below.get(waiting.pop(), ()):
            if lower not in found and own.get(lower) in _GOOD:
                found.add(lower)
                waiting.append(lower)
    return found


def _why(name: str, records: Mapping[str, Dated], own: Mapping[str, State]) -> str:
    """Return what is wrong above a certificate, along the edges that it is drawn on."""
    issuer = records[name].issuer_id
    if issuer and issuer not in records:
        return MISSING
    seen = {name}
    while issuer in records and issuer not in seen:
        if own[issuer] not in _GOOD:
            return BROKEN
        seen.add(issuer)
        issuer = records[issuer].issuer_id
    return own[name]


def changes(records: Iterable[Dated]) -> list[datetime]:
    """Return the instants at which any certificate's own state changes, in order, each once."""
    found: set[datetime] = set()
    for one in records:
        found.add(one.starts)
        if one.ends < _LAST:
            found.add(one.ends + _SECOND)
        whole = max(one.ends - one.starts, timedelta(0))
        found.add(one.ends - min(SOON, whole * LAST_PART))
        if one.revoked is not None:
            found.add(one.revoked)
    return sorted(found)


def neighbours(
    instants: Many[datetime], moment: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return the last instant before a moment and the first after it."""
    before = max((one for one in instants if one < moment), default=None)
    return before, min((one for one in instants if one > moment), default=None)
