"""Two certificates side by side, field by field: what is the same and what differs.

Knows `pki`'s descriptions; knows no Qt.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from workbench.pki.describe import Description, Group, describe

Item = TypeVar("Item", bound=Hashable)

ALWAYS_DIFFERENT: Final = frozenset({"Fingerprints"})
"""Groups in which any two certificates differ, so that they say nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both.

    Attributes:
        group: what the field belongs to.
        name: of the field; empty for the group as a whole.
        left: its value in the first; empty where it has none.
        right: its value in the second.
    """

    group: str
    name: str
    left: str
    right: str

    @property
    def same(self) -> bool:
        """Whether both have the same value."""
        return self.left == self.right


def compare(first: bytes, second: bytes, moment: datetime) -> list[Line]:
    """Return every field of two certificates, in the order of an inspector.

    Args:
        first: DER.
        second: DER.
        moment: for the words on validity.

    Raises:
        Malformed: one of them cannot be read.
    """
    left, right = describe(first, moment), describe(second, moment)
    lines: list[Line] = []
    for title in _titles(left, right):
        ours, theirs = _rows(left, title), _rows(right, title)
        lines.extend(
            Line(title, name, ours.get((name, turn), ""), theirs.get((name, turn), ""))
            for name, turn in _merge(list(ours), list(theirs))
        )
    return lines


def differences(lines: Iterable[Line]) -> int:
    """Return how many fields differ, those aside that always do."""
    return sum(not line.same and line.group not in ALWAYS_DIFFERENT for line in lines)


def _titles(left: Description, right: Description) -> list[str]:
    return _merge([group.title for group in left.groups], [group.title for group in right.groups])


def _merge(ours: Sequence[Item], theirs: Sequence[Item]) -> list[Item]:
    """Return what either has, each once: ours in order, theirs where they would follow."""
    known = set(ours)
    first: list[Item] = []
    after: dict[Item, list[Item]] = {}
    follows = first
    for one in theirs:
        if one in known:
            follows = after.setdefault(one, [])
        else:
            follows.append(one)
    return [*first, *(item for one in ours for item in (one, *after.get(one, ())))]


def _rows(described: Description, title: str) -> dict[tuple[str, int], str]:
    """Return a group's values by name and how often the name came before."""
    found: dict[tuple[str, int], str] = {}
    turns: Counter[str] = Counter()
    for group in described.groups:
        if group.title == title:
            for name, value in _values(group):
                found[name, turns[name]] = value
                turns[name] += 1
    return found


def _values(group: Group) -> Iterable[tuple[str, str]]:
    if group.critical is not None:
        yield "Critical", "yes" if group.critical else "no"
    for row in group.rows:
        yield row.label, row.value
