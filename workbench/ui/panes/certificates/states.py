"""What a certificate's state is called, and its icon and tone. The state itself is `pki`'s."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication

from workbench.ui.tokens import Tone


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
    "issuer missing": Sign(lambda: _word("Issuer missing"), "warning", "warning"),
}
"""How `pki`'s states are shown, and that of a certificate whose issuer is missing."""
