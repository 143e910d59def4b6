"""What a certificate's state is called, and its icon and tone. The state itself is `pki`'s."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication

from workbench.pki.authority import Status
from workbench.pki.hierarchy import MISSING
from workbench.pki.roster import Held
from workbench.ui.panes.certificates.standing import BROKEN, Heat, Standing
from workbench.ui.tokens import Tone
from workbench.ui.widgets.texts import number

_YEARS_FROM: Final = 2 * 365
_MONTHS_FROM: Final = 120


@dataclass(frozen=True, slots=True)
class Sign:
    """How a state is shown: never by its colour alone.

    Attributes:
        word: says its name, translated; use `text`.
        tone: its colour.
        icon: name in `icons/`.
    """

    word: Callable[[], str]
    tone: Tone
    icon: str

    @property
    def text(self) -> str:
        """The translated word."""
        return self.word()


def _word(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


SIGNS: Final = {
    "valid": Sign(lambda: _word("Valid"), "ok", "ok"),
    "expiring": Sign(lambda: _word("Expires soon"), "warning", "clock"),
    "expired": Sign(lambda: _word("Expired"), "danger", "error"),
    "not yet valid": Sign(lambda: _word("Not yet valid"), "info", "clock"),
    "revoked": Sign(lambda: _word("Revoked"), "danger", "cancel"),
    MISSING: Sign(lambda: _word("Issuer missing"), "warning", "warning"),
    BROKEN: Sign(lambda: _word("Issuer not valid"), "warning", "link"),
}
"""How `pki`'s states are shown, and those that come from what is above a certificate."""

AUTHORITIES: Final = {
    Status.CREATING: Sign(lambda: _word("Being created"), "info", "clock"),
    Status.PENDING_CERTIFICATE: Sign(lambda: _word("Waits for certificate"), "info", "clock"),
    Status.ACTIVE: Sign(lambda: _word("Active"), "ok", "ok"),
    Status.DISABLED: Sign(lambda: _word("Disabled"), "warning", "disable"),
    Status.EXPIRED: Sign(lambda: _word("Expired"), "danger", "error"),
    Status.DELETED: Sign(lambda: _word("Deleted"), "danger", "delete"),
}
"""How the states of the vault's own CAs are shown."""

_STOPPED: Final = frozenset({Status.DISABLED, Status.DELETED})


def stopped(held: Held | None) -> Sign | None:
    """Return the sign of a CA that issues nothing although its certificate may be valid."""
    return AUTHORITIES[held.status] if held is not None and held.status in _STOPPED else None


@dataclass(frozen=True, slots=True)
class Step:
    """How a step of heat is shown: by colour, by how much of the gauge is full, and in words.

    Attributes:
        light: its colour in the light scheme, `#rrggbb`.
        dark: in the dark scheme.
        word: says it, translated.
    """

    light: str
    dark: str
    word: Callable[[], str]


STEPS: Final = {
    Heat.CALM: Step("#2e8b57", "#3f9d6b", lambda: _word("More than a year left")),
    Heat.YEAR: Step("#7c9a2b", "#90ad3f", lambda: _word("A year or less")),
    Heat.QUARTER: Step("#c49a1a", "#d3ac3a", lambda: _word("90 days or less")),
    Heat.MONTH: Step("#d9741f", "#e58a3c", lambda: _word("30 days or less")),
    Heat.WEEK: Step("#c8331f", "#ee6a58", lambda: _word("7 days or less")),
    Heat.OVER: Step("#6f7682", "#8a929f", lambda: _word("Past its end")),
}
"""How near the end a certificate is."""


def left_in_words(standing: Standing) -> str:
    """Return how long something is still valid, as briefly as it can be said; may be empty."""
    days = standing.days
    if standing.state in {"expired", "not yet valid", "revoked"}:
        return ""
    if days >= _YEARS_FROM:
        return _word("{n} years").format(n=number(days // 365))
    if days >= _MONTHS_FROM:
        return _word("{n} months").format(n=number(days // 30))
    if days == 1:
        return _word("1 day")
    return _word("{n} days").format(n=number(days)) if days else _word("less than a day")
