"""How long a certificate is to be valid, in days."""

from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QSpinBox

from workbench.ui.look import Look

_LONGEST: Final = 36_500


class DaysBox(QSpinBox):
    """Takes a number of days; proposes one that the issuer's own certificate has left.

    What a person chose stays, even where it is too long: the check says so.

    Args:
        look: spacing.
        usual: days that are proposed where the issuer has as many left.
    """

    def __init__(self, look: Look, usual: int) -> None:
        super().__init__()
        self.setRange(1, _LONGEST)
        self.setSuffix(QCoreApplication.translate("certificates", " days"))
        self.lineEdit().setTextMargins(look.unit * 2, 0, 0, 0)
        self._usual, self._left = usual, _LONGEST
        self._proposed = self.value()
        self.suggest(usual)

    def suggest(self, usual: int) -> None:
        """Propose another number of days, in place of what was chosen, too."""
        self._usual = usual
        self._propose()

    def stay_within(self, left: int | None) -> None:
        """Propose no more days than the issuer has left; None for one that sets no end."""
        self._left = _LONGEST if left is None else max(1, left)
        if self.value() == self._proposed:
            self._propose()

    def _propose(self) -> None:
        self._proposed = min(self._usual, self._left)
        self.setValue(self._proposed)
