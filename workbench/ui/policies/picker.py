"""Choosing a principal: an identity of the account from a list, or any ARN typed.

Knows the kit; what is chosen means is the asker's.
"""

import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox

from workbench.ui.look import Look
from workbench.ui.policies.people import Person, icon_of

SERVICES: Final = (
    "s3.amazonaws.com",
    "lambda.amazonaws.com",
    "logs.amazonaws.com",
    "states.amazonaws.com",
)
_PRINCIPAL: Final = re.compile(
    r"arn:aws[a-z-]*:(?:iam::\d{12}:(?:root|user/.+|role/.+)"
    r"|sts::\d{12}:(?:assumed-role|federated-user)/.+)"
)
_SERVICE: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")


class PrincipalPicker(QComboBox):
    """An editable list of principals.

    Args:
        look: icons.
        optional: whether nobody is a choice.
        preset: whether somebody is chosen to begin with; nobody is where nobody is a choice.

    Signals:
        changed: something else is chosen or typed.
    """

    changed = Signal()

    def __init__(self, look: Look, *, optional: bool = False, preset: bool = True) -> None:
        super().__init__()
        self._look = look
        self._optional = optional
        self._preset = preset and not optional
        self._people: tuple[Person, ...] = ()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(16)
        line = self.lineEdit()
        assert line is not None
        line.setPlaceholderText(self.tr("Choose, or type an ARN or service"))
        self.editTextChanged.connect(lambda _text: self.changed.emit())
        look.follow(self, self._fill)

    def offer(self, people: Sequence[Person]) -> None:
        """Offer these identities; what is chosen stays."""
        self._people = tuple(people)
        self._fill()

    @property
    def principal(self) -> str:
        """The ARN or service chosen or typed; empty if none."""
        text = self.currentText().strip()
        for number in range(self.count()):
            if self.itemText(number) == text:
                return str(self.itemData(number))
        return text

    def choose(self, arn: str) -> None:
        """Choose a principal."""
        number = self.findData(arn)
        if number >= 0:
            self.setCurrentIndex(number)
        else:
            self.setEditText(arn)

    def problem(self) -> str:
        """Return what is wrong with the choice, or nothing."""
        chosen = self.principal
        if not chosen:
            return "" if self._optional else self.tr("Choose a principal, or type its ARN.")
        if _PRINCIPAL.fullmatch(chosen) or _SERVICE.fullmatch(chosen):
            return ""
        return self.tr(
            "This is no principal. Write an ARN such as arn:aws:iam::111122223333:role/name, or a"
            " service such as s3.amazonaws.com."
        )

    def _fill(self) -> None:
        text = self.currentText()
        known = [(person.title, person.arn) for person in self._people]
        known += [(name, name) for name in SERVICES]
        blocked = self.blockSignals(True)
        self.clear()
        for title, arn in known:
            self.addItem(self._look.icon(icon_of(arn), "muted"), title, arn)
        self.setCurrentIndex(self.findText(text) if text else self._first())
        if self.currentIndex() < 0:
            self.setEditText(text)
        self.blockSignals(blocked)
        if self.currentText() != text:
            self.changed.emit()

    def _first(self) -> int:
        """Return what is chosen to begin with: a user or role before root, never a service."""
        if not (self._preset and self._people):
            return -1
        kinds = [person.kind for person in self._people]
        return next((n for n, kind in enumerate(kinds) if kind != "root"), 0)
