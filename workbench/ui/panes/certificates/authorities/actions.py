"""One thing that can be done with a CA of this vault, wherever it is offered. Knows no widget."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.pki.roster import Held


@dataclass(frozen=True, slots=True)
class Action:
    """What a menu, a button or the palette offers.

    Attributes:
        text: returns what it says for a CA, or for none.
        icon: name in `icons/`.
        keys: its shortcut, or empty.
        tip: one sentence.
        why_not: returns why it cannot be done with a CA, or for want of one; empty if it can.
        run: does it.
    """

    text: Callable[[Held | None], str]
    icon: str
    keys: str
    tip: str
    why_not: Callable[[Held | None], str]
    run: Callable[[Held], None]
