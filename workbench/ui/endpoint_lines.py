"""The lines that point AWS's clients at the endpoint; the secret is covered until it is asked for.

Owns how they are shown and copied: without the access key as anything public, with it by an
explicit step, marked as a secret, for ten seconds. Nothing of it is kept, logged or written.
"""

import os
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from workbench.endpoint.lines import Shell, lines
from workbench.ui.look import Look
from workbench.ui.secret_clipboard import SECONDS, SecretClipboard
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.fields import Copy, SelectableText

COVERED: Final = "AWS_SECRET_ACCESS_KEY"
"""The variable that is no public thing."""

_KEY: Final = ("AWS_ACCESS_KEY_ID", COVERED)
_COVER: Final = "*" * 12
_SELECTABLE: Final = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)
_READABLE: Final = Qt.TextInteractionFlag.NoTextInteraction


class EnvironmentLines(QWidget):
    """Region, shell, the lines, and two ways to copy them.

    Args:
        look: colours and spacing.
        regions: those that are served.
        copy: `context.frame.copy`, for what is public.

    Signals:
        region_chosen(str): other lines are wanted.
    """

    region_chosen = Signal(str)

    def __init__(self, look: Look, regions: tuple[str, ...], region: str, copy: Copy) -> None:
        super().__init__()
        self._copy = copy
        self._values: dict[str, str] = {}
        self.region = QComboBox()
        self.region.addItems(regions)
        self.region.setCurrentText(region)
        self.region.setAccessibleName(self.tr("Region"))
        self.shell = QComboBox()
        for shell in Shell:
            self.shell.addItem(shell.value, shell.value)
        self.shell.setCurrentText((Shell.POWERSHELL if os.name == "nt" else Shell.SH).value)
        self.shell.setAccessibleName(self.tr("Shell"))
        self.text = SelectableText(look, "", mono=True)
        self.text.setAccessibleName(self.tr("Environment of clients"))
        self.show_it = QCheckBox(self.tr("Show the &secret access key"))
        self.copy_public = push_button(self.tr("Copy &without the access key"), self._copy_without)
        self.copy_secret = push_button("", self._copy_with)
        look.dress(self.copy_public, "copy", "muted")
        look.dress(self.copy_secret, "copy", "muted")
        self._told = label("", "muted", wrap=True)
        self._clipboard = SecretClipboard()
        self._clipboard.left.connect(self._tell_left)
        self._lay_out(look)
        self.region.currentTextChanged.connect(self.region_chosen)
        self.shell.currentTextChanged.connect(lambda _text: self._show())
        self.show_it.toggled.connect(lambda _on: self._show())
        self._tell_left(0)

    def _lay_out(self, look: Look) -> None:
        choices, buttons = QHBoxLayout(), QHBoxLayout()
        for name, field in ((self.tr("&Region"), self.region), (self.tr("S&hell"), self.shell)):
            caption = label(name)
            caption.setBuddy(field)
            choices.addWidget(caption)
            choices.addWidget(field, 1)
        for button in (self.copy_secret, self.copy_public):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for row in (choices, buttons):
            row.setSpacing(look.unit * 2)
        column.setSpacing(look.unit * 2)
        column.addLayout(choices)
        column.addWidget(self.text)
        column.addWidget(self.show_it)
        column.addLayout(buttons)
        column.addWidget(self._told)

    def show_variables(self, values: Mapping[str, str]) -> None:
        """Show another environment; an empty one forgets the secret."""
        self._values = dict(values)
        if not values:
            self.show_it.setChecked(False)
        self._show()

    @property
    def chosen(self) -> Shell:
        """Whose syntax the lines have."""
        return Shell(self.shell.currentData())

    def _show(self) -> None:
        shown, covered = dict(self._values), not self.show_it.isChecked()
        if COVERED in shown and covered:
            shown[COVERED] = _COVER
        # A secret can be read, but not taken along without its mark.
        self.text.setTextInteractionFlags(_SELECTABLE if covered else _READABLE)
        self.text.setText(lines(shown, self.chosen).strip())
        for widget in (self.copy_secret, self.copy_public, self.show_it):
            widget.setEnabled(bool(shown))

    def _copy_without(self) -> None:
        public = {name: value for name, value in self._values.items() if name not in _KEY}
        self._copy(lines(public, self.chosen), self.tr("the lines without the access key"))

    def _copy_with(self) -> None:
        self._clipboard.put(lines(self._values, self.chosen))

    def _tell_left(self, seconds: int) -> None:
        words = self.tr("&Copy all for {n} s").format(n=SECONDS)
        told = self.tr(
            "The lines hold the secret access key of the account's root, and leave the clipboard"
            " after {n} seconds."
        ).format(n=SECONDS)
        if seconds:
            words = self.tr("Copied: {n} s left").format(n=seconds)
            told = self.tr("Paste them now: they leave the clipboard in {n} s.").format(n=seconds)
        self.copy_secret.setText(words)
        self.copy_secret.setAccessibleName(
            self.tr("Copy the lines with the secret access key for {n} seconds").format(n=SECONDS)
        )
        self._told.setText(told)
