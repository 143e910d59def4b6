"""The line that asks for the password of a container: once for each, until it opens or is skipped.

Owns the field and its words; opening is handed in.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from workbench.pki.incoming.items import Sealed
from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.widgets.basics import label, push_button


class PasswordLine(QFrame):
    """Asks for a password.

    Args:
        look: colours and spacing.
        open_it: is given the container and the password.
        skip: is given the container that is left closed.
    """

    def __init__(
        self, look: Look, open_it: Callable[[Sealed, str], None], skip: Callable[[Sealed], None]
    ) -> None:
        super().__init__()
        self._open = open_it
        self._sealed: Sealed | None = None
        self.setProperty("role", "card")
        unit = look.unit
        mark = QLabel()
        look.dress_label(mark, "lock", "accent")
        self.what = label("", "strong", wrap=True)
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(self.tr("Password"))
        self.password.setAccessibleName(self.tr("Password"))
        self.wrong = label("", "error", wrap=True)
        self.wrong.hide()
        self.open_button = push_button(self.tr("&Open"), self._press)
        self.skip_button = push_button(self.tr("&Skip"), lambda: self._skip(skip), "flat")
        self.skip_button.setToolTip(self.tr("Leave it closed and go on without it"))
        self.password.returnPressed.connect(self._press)
        fields = QHBoxLayout()
        fields.setSpacing(unit * 2)
        for widget in (self.password, self.open_button, self.skip_button):
            fields.addWidget(widget, 1 if widget is self.password else 0)
        words = QVBoxLayout()
        words.setSpacing(unit)
        words.addWidget(self.what)
        words.addLayout(fields)
        words.addWidget(self.wrong)
        row = QHBoxLayout(self)
        row.setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2)
        row.setSpacing(unit * 3)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def ask(self, sealed: Sealed | None, waiting: int) -> None:
        """Ask for the password of a container; None hides the line.

        Args:
            sealed: what waits.
            waiting: how many wait, itself included.
        """
        self._sealed = sealed
        self.setVisible(sealed is not None)
        self.password.clear()
        self.wrong.hide()
        if sealed is None:
            return
        where = self.tr(" in “{file}”").format(file=sealed.source) if sealed.source else ""
        more = self.tr(" ({n} more wait)").format(n=waiting - 1) if waiting > 1 else ""
        self.what.setText(f"{sealed.title}{where}{more}")
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_working(self, *, working: bool) -> None:
        """Let nothing be changed while it is being opened."""
        for widget in (self.password, self.open_button, self.skip_button):
            widget.setEnabled(not working)
        self.open_button.setText(self.tr("Opening…") if working else self.tr("&Open"))

    def show_wrong(self, words: Explanation) -> None:
        """Say why it did not open, and let it be tried again."""
        self.show_working(working=False)
        self.wrong.setText(f"{words.message} {words.next_step}".strip())
        self.wrong.show()
        self.password.selectAll()
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _press(self) -> None:
        if self._sealed is not None and self.open_button.isEnabled():
            self.wrong.hide()
            self._open(self._sealed, self.password.text())

    def _skip(self, skip: Callable[[Sealed], None]) -> None:
        if self._sealed is not None:
            skip(self._sealed)
