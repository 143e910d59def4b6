"""A field for an alias: the prefix stands before it, what is typed is checked at once.

Owns AWS's rules for alias names (KMS API Reference, CreateAlias); knows no service.
"""

import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from workbench.ui.look import Look
from workbench.ui.widgets.basics import label

PREFIX: Final = "alias/"
_LONGEST: Final = 256 - len(PREFIX)
_ALLOWED: Final = re.compile(r"[a-zA-Z0-9/_-]+")


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def alias_problem(name: str, taken: Callable[[str], bool]) -> str:
    """Return what is wrong with an alias in a sentence; empty if nothing is.

    Args:
        name: without `alias/`; empty is right: a key need not have an alias.
        taken: whether another key has that name already.
    """
    if not name:
        return ""
    if name.startswith("aws/"):
        return _tr("Names that begin with aws/ are reserved for AWS.")
    if not _ALLOWED.fullmatch(name):
        return _tr("Use letters, digits, / _ and - only.")
    if len(name) > _LONGEST:
        return _tr("An alias has at most {n} characters here.").format(n=_LONGEST)
    if taken(name):
        return _tr("Another key has this alias. Choose another name.")
    return ""


class AliasField(QWidget):
    """`alias/` and a line edit; a pasted prefix is dropped.

    Signals:
        edited(str): what is typed changed.
    """

    edited = Signal(str)

    def __init__(self, look: Look, taken: Callable[[str], bool]) -> None:
        super().__init__()
        self._taken = taken
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("Alias, without the prefix alias/"))
        self.field.setPlaceholderText(self.tr("release-signing"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.unit)
        row.addWidget(label(PREFIX, "muted"))
        row.addWidget(self.field, 1)
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self._typed)

    @property
    def textChanged(self) -> SignalInstance:
        """The signal by the name a text field has it under, for `FormDialog`."""
        return self.edited

    @property
    def name(self) -> str:
        """The alias without its prefix."""
        return self.field.text().strip()

    def problem(self) -> str:
        """Return what is wrong, in a sentence; empty if nothing is."""
        return alias_problem(self.name, self._taken)

    def _typed(self, text: str) -> None:
        if text.startswith(PREFIX):
            self.field.setText(text.removeprefix(PREFIX))
            return
        self.edited.emit(text)
