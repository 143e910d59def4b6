"""What is drawn where: cards, the frames around those that belong together, who signed whom.

The product of `outline` and `placing`, ready to be painted and walked. Knows no Qt.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.pki.roster import Held
from workbench.ui.panes.certificates.outline import LOOSE, MANY, MORE, Folds, Group, Kin, outline
from workbench.ui.panes.certificates.placing import Box, place
from workbench.ui.panes.certificates.records import Collection, Record

LinkKind = Literal["signed", "also", "circle", "unverified"]


@dataclass(frozen=True, slots=True)
class Content:
    """What a card shows.

    Attributes:
        id: of the certificate, of the missing issuer, or `MORE` and the family's issuer.
        record: the certificate; None for a missing issuer and for the rest of a family.
        missing: name of the missing issuer, or of a CA without a certificate; else empty.
        children: how many cards hang right below it when it is unfolded.
        folded: how many certificates are hidden below it; 0 if it is unfolded.
        twins: how many certificates of the collection have its subject and its key.
        rest: how many certificates of a family this card stands for; 0 for a certificate.
        held: the CA of this vault whose card it is, by its certificate or without one; or None.
    """

    id: str
    record: Record | None
    missing: str = ""
    children: int = 0
    folded: int = 0
    twins: int = 1
    rest: int = 0
    held: Held | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.record.name if self.record else self.missing


@dataclass(frozen=True, slots=True)
class Placed:
    """A card and its place.

    Attributes:
        content: what it shows.
        box: where, in units.
        group: id of the group that it stands in.
    """

    content: Content
    box: Box
    group: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn around cards that stand together.

    Attributes:
        box: where.
        family: whether they are leaves of one issuer, rather than certificates of one CA.
        name: of the issuer or the CA; empty for what has no issuer.
        count: how many certificates it stands for.
    """

    box: Box
    family: bool
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Link:
    """Who signed whom, from group to card or to a family's frame.

    Attributes:
        upper: group of the issuer.
        lower: group of what it signed.
        start: issuer's box.
        end: box of the card, or of the family.
        kind: `signed`; `also`: signed by another one, too; `circle`: leads back up;
            `unverified`: the issuer is missing.
    """

    upper: str
    lower: str
    start: Box
    end: Box
    kind: LinkKind


class Drawing:
    """Cards in their places and the links between them.

    Args:
        cards: in any order.
        frames: around some of them.
        links: between groups.
        boxes: of every group.
    """

    def __init__(
        self,
        cards: Sequence[Placed] = (),
        frames: Sequence[Frame] = (),
        links: Sequence[Link] = (),
        boxes: Mapping[str, Box] | None = None,
    ) -> None:
        self.cards = tuple(sorted(cards, key=lambda card: (card.box.y, card.box.x)))
        self.frames = tuple(frames)
        self.links = tuple(links)
        self.boxes = boxes or {}
        self.by_id = {card.content.id: card for card in self.cards}
        self.above: dict[str, list[str]] = defaultdict(list)
        self.below: dict[str, list[str]] = defaultdict(list)
        for link in links:
            if link.kind != "circle":
                self.above[link.lower].append(link.upper)
                self.below[link.upper].append(link.lower)

    @property
    def bounds(self) -> Box:
        """Around everything."""
        if not self.boxes:
            return Box(0.0, 0.0, 0.0, 0.0)
        width = max(box.right for box in self.boxes.values())
        return Box(0.0, 0.0, width, max(box.bottom for box in self.boxes.values()))

    def ancestry(self, current: str) -> frozenset[tuple[str, str]]:
        """Return the links, as upper and lower group, from a card up to its roots."""
        card = self.by_id.get(current)
        found: set[tuple[str, str]] = set()
        waiting = [card.group] if card else []
        while waiting:
            lower = waiting.pop()
            for upper in self.above.get(lower, ()):
                if (upper, lower) not in found:
                    found.add((upper, lower))
                    waiting.append(upper)
        return frozenset(found)


def draw(kin: Kin, folds: Folds | None = None) -> Drawing:
    """Lay a collection out."""
    chosen = folds or Folds()
    drawn = outline(kin, chosen)
    placing = place(drawn)
    cards: list[Placed] = []
    frames: list[Frame] = []
    for group in drawn.groups.values():
        box, size = placing.frames[group.id], placing.sizes[group.id]
        for number, one in enumerate(group.members):
            content = _content(kin, one, group, chosen)
            cards.append(Placed(content, size.card(number, box), group.id))
        if group.hidden:
            issuer = group.id.partition(":")[2]
            content = Content(MORE + issuer, None, rest=len(group.hidden))
            cards.append(Placed(content, size.card(len(group.members), box), group.id))
        if size.framed:
            issuer = group.id.partition(":")[2] if group.family else group.id
            named = "" if issuer == LOOSE else kin.name(issuer)
            count = len(group.members) + len(group.hidden)
            frames.append(Frame(box, group.family, named, count))
    boxes = placing.frames
    at = {card.content.id: card.box for card in cards}
    links = [
        _link(kin, (upper, lower), boxes, at, main=drawn.hangs.get(lower) == upper)
        for upper, lower in sorted(drawn.arrows)
    ]
    links += [
        Link(upper, lower, boxes[upper], boxes[lower], "circle")
        for upper, lower in sorted(drawn.back)
    ]
    return Drawing(cards, frames, links, boxes)


def _content(kin: Kin, one: str, group: Group, folds: Folds) -> Content:
    record = kin.shelf.records.get(one)
    below = folded = 0
    if not group.family:
        below, folded = group.below, group.folded
    elif one in kin.head:
        below = len(kin.below.get(one, ()))
        folded = len(kin.everything_below(one)) if one in folds.folded and below else 0
    first = one == group.members[0] or group.family
    return Content(
        one,
        record,
        "" if record else kin.name(one),
        below if first else 0,
        folded if first else 0,
        kin.twins(one),
        held=kin.shelf.authority(one),
    )


def _link(
    kin: Kin,
    arrow: tuple[str, str],
    boxes: Mapping[str, Box],
    at: Mapping[str, Box],
    *,
    main: bool,
) -> Link:
    upper, lower = arrow
    end = boxes[lower]
    if lower in kin.members and len(kin.members[lower]) > 1:
        # Into the frame, to the very certificate that it signed.
        signed = [one for one in kin.members[lower] if _signed(kin, upper, one)]
        end = at[signed[0]] if signed else end
    kind: LinkKind = "signed" if main else "also"
    if upper not in kin.shelf.records:
        kind = "unverified"
    return Link(upper, lower, boxes[upper], end, kind)


def _signed(kin: Kin, upper: str, one: str) -> bool:
    return any(issuer in kin.members[upper] for issuer in kin.uppers.get(one, ()))


def first_folds(shelf: Collection) -> Folds:
    """Return what to hide at first, so that a large collection is not a wall of cards."""
    return Folds(short=len(shelf.records) > MANY)
