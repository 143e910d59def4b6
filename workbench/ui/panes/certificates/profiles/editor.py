"""The dialog of one profile: its fields, and beside them what standards say, as one types.

Knows the fields and the kit; checking and keeping are handed in.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.base.errors import Refused
from workbench.pki.profiles import wrong_name
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.profiles.form import ProfileForm
from workbench.ui.panes.certificates.profiles.remarks import Remarks
from workbench.ui.widgets.dialogs import FormDialog

_PATIENCE: Final = 300
"""Milliseconds after the last key stroke after which standards are asked."""

_ANY_NAME: Final = "sample"
"""A check needs a name, and the one in the field may not be one yet."""


class ProfileDialog(FormDialog):
    """Shows and edits a profile.

    Args:
        look: colours and spacing.
        title: what is done.
        profile: what it starts from, as the shelf has it.
        check: is given a profile, answers by `show_findings` or `show_refused`.
        parent: the dialog of all profiles, or the pane.
    """

    def __init__(
        self,
        look: Look,
        title: str,
        profile: Mapping[str, Any],
        check: Callable[["ProfileDialog", dict[str, Any]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(look, title, parent.tr("Save profile"), parent)
        self.setProperty(HELP_PAGE, "profiles")
        self.setMinimumWidth(look.unit * 245)
        self._check = check
        self._taken: Collection[str] = ()
        self.number = 0  # of the last check that was asked for
        self.name = QLineEdit()
        self.name.setMaxLength(64)
        self.name_group = self.add_field(
            self.tr("&Name"),
            self.name,
            self.tr("Letters, digits, dots, dashes and underscores."),
            self._check_name,
        )
        self.form = ProfileForm(self)
        self.body.addStretch(1)
        self.remarks = Remarks(look)
        self.put_beside(self.remarks)
        self._later = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._later.timeout.connect(self._ask)
        self.form.show_profile(profile)
        self.form.changed.connect(self._later.start)
        self._ask()

    @property
    def profile(self) -> dict[str, Any]:
        """What stands in the fields.

        Raises:
            Refused: a text in them makes no sense.
        """
        return {"Name": self.name.text().strip(), **self.form.profile}

    def ask_name(self, suggested: str, taken: Collection[str]) -> None:
        """Let a name be given, other than those that are taken."""
        self._taken = taken
        self.name.setText(suggested)
        self.name.selectAll()
        self.name.setFocus()

    def keep_name(self, name: str) -> None:
        """Edit a profile that has its name already."""
        self.name.setText(name)
        self.name_group.setEnabled(False)
        self.form.description.setFocus()

    def show_only(self, name: str) -> None:
        """Show what cannot be changed."""
        self.keep_name(name)
        self.form.lock()
        self.close_only()

    def show_findings(self, answer: Mapping[str, Any], now: datetime) -> None:
        """Show what standards say."""
        self.remarks.show_findings(answer, now)

    def show_refused(self, words: Explanation | str) -> None:
        """Say why it makes no profile."""
        self.remarks.show_refused(words)

    def _ask(self) -> None:
        try:
            profile = {**self.form.profile, "Name": _ANY_NAME}
        except Refused as error:
            self.remarks.show_refused(error.message)
            return
        self.remarks.show_checking()
        self._check(self, profile)

    def _check_name(self) -> str:
        name = self.name.text().strip()
        if name in self._taken:
            return self.tr("There is a profile of this name already.")
        return wrong_name(name)
