"""The password of a file with a private key: typed twice, shown on request, its strength told.

Knows the kit and `pki`'s judgement of passwords.
"""

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from workbench.pki.passwords import SHORTEST, Strength, strength, wrong_with_password
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class PasswordFields(QObject):
    """Two fields, a tick to see them, and a line about their strength.

    Args:
        dialog: gets the fields.
        shortest: the least characters of a password that protects certificates alone.

    Attributes:
        private: whether it protects a private key, so that it must be strong.
    """

    def __init__(self, dialog: FormDialog, shortest: int) -> None:
        super().__init__(dialog)
        self._shortest = shortest
        self.private = False
        self.first, self.second = QLineEdit(), QLineEdit()
        self.show_it = QCheckBox(_tr("Show what I type"))
        self.about = label("", "muted", wrap=True)
        first = dialog.add_field(_tr("&Password"), self.first, check=self._check_first)
        inside = first.layout()
        if inside is not None:
            inside.addWidget(self.about)
        second = dialog.add_field(_tr("Password &again"), self.second, check=self._check_second)
        dialog.body.addWidget(self.show_it)
        self._widgets: tuple[QWidget, ...] = (first, second, self.show_it)
        self.show_it.toggled.connect(lambda on: self._show_text(shown=on))
        self.first.textChanged.connect(lambda _text: self._tell())
        self._show_text(shown=False)
        self._tell()

    @property
    def text(self) -> str:
        """What was typed."""
        return self.first.text()

    def show_fields(self, *, shown: bool, private: bool) -> None:
        """Show or hide them; for a private key the strength is told."""
        self.private = private
        for widget in self._widgets:
            widget.setVisible(shown)
        self._tell()

    def clear(self) -> None:
        """Forget what was typed."""
        self.first.clear()
        self.second.clear()
        self.show_it.setChecked(False)

    def _show_text(self, *, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        for field in (self.first, self.second):
            field.setEchoMode(mode)

    def _tell(self) -> None:
        text = self.first.text()
        words = _tr("At least {n} characters; several words are easiest.").format(n=SHORTEST)
        if text:
            words = {
                Strength.WEAK: _tr("Strength: too weak"),
                Strength.FAIR: _tr("Strength: fair; longer is better"),
                Strength.GOOD: _tr("Strength: good"),
                Strength.STRONG: _tr("Strength: strong"),
            }[strength(text)]
        self.about.setText(words)
        self.about.setVisible(self.private)
        self.first.setAccessibleDescription(words if self.private else "")

    def _check_first(self) -> str:
        if self.private:
            return wrong_with_password(self.first.text())
        if len(self.first.text()) >= self._shortest:
            return ""
        return _tr("At least {n} characters.").format(n=self._shortest)

    def _check_second(self) -> str:
        same = self.second.text() == self.first.text()
        return "" if same else _tr("The two are not the same.")
