"""What of a collection is drawn: what stands together, what hangs where, what is folded.

Certificates of one CA (one subject, one key: a root issued anew, a cross-sign) stand together as
one. Many leaves of one issuer stand together as a family. Decides no place. Knows no Qt.
"""

from collections import defaultdict
from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from workbench.ui.panes.certificates.layered import Arrow, cut_circles
from workbench.ui.panes.certificates.records import Collection, Record

FAMILY: Final = 6
"""Leaves of one issuer that are drawn side by side; more are drawn in a block."""

SHORT: Final = 12
"""Cards of a family that is drawn short: its first members and one that stands for the rest."""

MANY: Final = 120
"""Certificates that are drawn in full at first."""

LOOSE: Final = "loose"
"""Name of the family of what hangs below nothing and holds nothing."""

MORE: Final = "more:"
"""What begins the id of the card that stands for the rest of a family."""


@dataclass(frozen=True, slots=True)
class Folds:
    """What is hidden.

    Attributes:
        folded: what hides everything below it; ids of any certificate of a CA.
        short: whether large families are drawn short.
        opened: families that are drawn in full all the same; ids of their issuers, or `LOOSE`.
        only: if not None, the only certificates to draw, with what is above them.
    """

    folded: AbstractSet[str] = frozenset()
    short: bool = False
    opened: AbstractSet[str] = frozenset()
    only: AbstractSet[str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Cards that stand together.

    Attributes:
        id: of the certificate that stands for it, or of a family.
        members: its certificates, the standing one first.
        family: whether it is a family of leaves.
        hidden: certificates of the family that its last card stands for.
        below: how many cards hang right below it, shown or not.
        folded: how many certificates are hidden below it.
    """

    id: str
    members: tuple[str, ...]
    family: bool = False
    hidden: tuple[str, ...] = ()
    below: int = 0
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Outline:
    """What is drawn.

    Attributes:
        groups: by id.
        arrows: from upper to lower group, without circles; they shape the layout.
        hangs: for each group that hangs below others, the one that it mainly hangs on.
        back: arrows that close circles.
    """

    groups: Mapping[str, Group]
    arrows: AbstractSet[Arrow]
    hangs: Mapping[str, str]
    back: AbstractSet[Arrow] = field(default_factory=frozenset)


class Kin:
    """Which certificates of a collection are one CA, and who is above whom. The same for any folds.

    Args:
        shelf: the collection.
    """

    def __init__(self, shelf: Collection) -> None:
        self.shelf = shelf
        self.members: dict[str, tuple[str, ...]] = {}
        self.head: dict[str, str] = {}
        self._gather()
        names = sorted(self.members, key=self._rank)
        arrows = {
            (self.head[edge.upper], self.head[edge.lower])
            for edge in shelf.graph.edges
            if self.head[edge.upper] != self.head[edge.lower]
        }
        self.uppers: dict[str, list[str]] = defaultdict(list)
        for edge in shelf.graph.edges:
            self.uppers[edge.lower].append(edge.upper)
        lower = {arrow[1] for arrow in arrows}
        names.sort(key=lambda name: name in lower)
        self.arrows, self.back = cut_circles(names, arrows)
        self.above: dict[str, list[str]] = defaultdict(list)
        self.below: dict[str, list[str]] = defaultdict(list)
        order = {name: place for place, name in enumerate(names)}
        for upper, one in sorted(self.arrows, key=lambda arrow: order[arrow[1]]):
            self.above[one].append(upper)
            self.below[upper].append(one)
        self.hangs = {one: self._main(one, uppers) for one, uppers in self.above.items()}
        self.order = order

    def name(self, one: str) -> str:
        """Return what a certificate or placeholder is called."""
        record = self.shelf.records.get(one)
        return record.name if record else self._missing.get(one, "")

    def twins(self, one: str) -> int:
        """Return how many certificates stand together with one, itself included."""
        return len(self.members[self.head[one]])

    def everything_below(self, head: str) -> list[str]:
        """Return every certificate below a group, each once."""
        found: dict[str, None] = {}
        waiting = list(self.below.get(head, ()))
        seen = set(waiting)
        for one in waiting:
            found.update(dict.fromkeys(self.members[one]))
            fresh = [name for name in self.below.get(one, ()) if name not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return list(found)

    def _gather(self) -> None:
        records = self.shelf.records
        self._missing = {node.id: node.name for node in self.shelf.graph.nodes if node.placeholder}
        self._missing |= {arn: one.name for arn, one in self.shelf.waiting.items()}
        same: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for one in records.values():
            key = (one.subject, one.spki_hash) if one.authority else (one.id, "")
            same[key].append(one)
        for found in same.values():
            found.sort(
                key=lambda one: (not one.trusted, not one.root, -one.ends.timestamp(), one.id)
            )
            self.members[found[0].id] = tuple(one.id for one in found)
        self.members.update({name: (name,) for name in self._missing})
        self.head = {one: head for head, members in self.members.items() for one in members}

    def _rank(self, name: str) -> tuple[bool, bool, str, str]:
        record = self.shelf.records.get(name)
        if record is None:
            return (True, True, self._missing[name].casefold(), name)
        return (not record.trusted, not record.root, record.name.casefold(), name)

    def _main(self, one: str, uppers: Sequence[str]) -> str:
        """Return the group that another mainly hangs on: that of its issuer, where it has one."""
        for member in self.members[one]:
            record = self.shelf.records.get(member)
            issuer = self.head.get(record.issuer_id, "") if record else ""
            if issuer in uppers:
                return issuer
        return uppers[0]


def outline(kin: Kin, folds: Folds) -> Outline:
    """Return what is drawn of a collection."""
    folded = {kin.head[one] for one in folds.folded if one in kin.head}
    wanted = _wanted(kin, folds.only)
    shown = _reach(kin, folded, wanted)
    arrows = {arrow for arrow in kin.arrows if arrow[0] in shown and arrow[1] in shown}
    arrows = {arrow for arrow in arrows if arrow[0] not in folded}
    inner = {upper for upper, _ in arrows}
    families = _families(kin, shown, inner)
    taken = {one for members in families.values() for one in members}
    groups = {
        name: Group(
            name,
            kin.members[name],
            below=len(kin.below.get(name, ())),
            folded=len(kin.everything_below(name)) if name in folded else 0,
        )
        for name in shown
        if name not in taken
    }
    kept = {arrow for arrow in arrows if arrow[1] not in taken}
    hangs = {one: kin.hangs[one] for _, one in kept}
    for issuer, members in families.items():
        block = _block(issuer, members, folds, folded)
        groups[block.id] = block
        if issuer != LOOSE:
            kept.add((issuer, block.id))
            hangs[block.id] = issuer
    back = {arrow for arrow in kin.back if arrow[0] in groups and arrow[1] in groups}
    return Outline(groups, kept, hangs, back)


def _block(issuer: str, members: Sequence[str], folds: Folds, folded: Many[str]) -> Group:
    """Return a family, in full or short."""
    name = f"family:{issuer}"
    full = not folds.short or folds.only is not None or issuer in folds.opened
    if full or len(members) <= SHORT:
        return Group(name, tuple(members), family=True, below=0)
    first = [one for one in members if one not in folded][: SHORT - 1]
    rest = tuple(one for one in members if one not in first)
    return Group(name, tuple(first), family=True, hidden=rest)


def _wanted(kin: Kin, only: AbstractSet[str] | None) -> set[str] | None:
    """Return the groups to draw: those of some certificates and everything above them."""
    if only is None:
        return None
    waiting = [kin.head[one] for one in only if one in kin.head]
    found = set(waiting)
    while waiting:
        for upper in kin.above.get(waiting.pop(), ()):
            if upper not in found:
                found.add(upper)
                waiting.append(upper)
    return found


def _reach(kin: Kin, folded: Many[str], wanted: AbstractSet[str] | None) -> dict[str, None]:
    """Return the groups that can be seen, in the order in which they are named."""
    fits = kin.members if wanted is None else wanted
    waiting = [name for name in kin.order if name in fits and not kin.above.get(name)]
    seen = set(waiting)
    while waiting:
        one = waiting.pop()
        if one in folded:
            continue
        for lower in kin.below.get(one, ()):
            if lower in fits and lower not in seen:
                seen.add(lower)
                waiting.append(lower)
    return {name: None for name in kin.order if name in seen}


def _families(kin: Kin, shown: Iterable[str], inner: Many[str]) -> dict[str, list[str]]:
    """Return by issuer the leaves that are drawn in a block, in the order of their names."""
    leaves: dict[str, list[str]] = defaultdict(list)
    for one in shown:
        uppers = kin.above.get(one, ())
        alone = one not in inner and len(kin.members[one]) == 1 and len(uppers) <= 1
        if alone and one in kin.shelf.records:
            leaves[uppers[0] if uppers else LOOSE].append(one)
    found = {issuer: members for issuer, members in leaves.items() if len(members) > FAMILY}
    for members in found.values():
        members.sort(key=lambda one: (kin.name(one).casefold(), one))
    return found
