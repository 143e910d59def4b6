"""Which certificates are looked for: by family of algorithm, state, purpose, origin.

Knows records and what they are at a moment; knows no Qt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.standing import Heat, Standing


class Family(StrEnum):
    """Kinds of keys."""

    POST_QUANTUM = "post-quantum"
    CLASSICAL = "classical"


class Kind(StrEnum):
    """What a certificate is there for, beside the purposes it names."""

    ROOT = "root"
    AUTHORITY = "authority"
    ENTITY = "entity"


class Origin(StrEnum):
    """Where a certificate comes from."""

    OWN = "own"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Sieve:
    """What passes: everything whose every set that is not empty names it.

    Attributes:
        families: of its key's algorithm.
        states: as in a `Standing`.
        heats: how near its end it may be, at most; None for any.
        kinds: root, other CA, end entity.
        purposes: `pki`'s names of purposes, of which it names one.
        origins: of this vault, or imported.
    """

    families: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    heats: Heat | None = None
    kinds: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    @property
    def open(self) -> bool:
        """Whether everything passes."""
        return self == Sieve()

    @property
    def count(self) -> int:
        """How many of its questions are asked."""
        sets = (self.families, self.states, self.kinds, self.purposes, self.origins)
        return sum(bool(one) for one in sets) + (self.heats is not None)

    def passes(self, record: Record, standing: Standing) -> bool:
        """Whether a certificate passes."""
        if self.heats is not None and not self.heats <= standing.heat < Heat.OVER:
            return False
        return (
            _in(self.families, {family_of(record)})
            and _in(self.states, {standing.state})
            and _in(self.kinds, {kind_of(record)})
            and _in(self.purposes, set(record.purposes))
            and _in(self.origins, {Origin.OWN if record.own else Origin.IMPORTED})
        )

    def select(self, records: Mapping[str, Record], standings: Mapping[str, Standing]) -> set[str]:
        """Return the ids of what passes."""
        return {name for name, one in records.items() if self.passes(one, standings[name])}


def family_of(record: Record) -> Family:
    """Return the family of a certificate's key."""
    return Family.POST_QUANTUM if record.post_quantum else Family.CLASSICAL


def kind_of(record: Record) -> Kind:
    """Return what a certificate is there for."""
    if not record.authority:
        return Kind.ENTITY
    return Kind.ROOT if record.root else Kind.AUTHORITY


def _in(wanted: frozenset[str], has: set[Family] | set[str] | set[Kind] | set[Origin]) -> bool:
    return not wanted or bool(wanted & {str(one) for one in has})
