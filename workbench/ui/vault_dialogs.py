"""Small dialogs about the vault and the program: backup, passphrase, about."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QLineEdit, QWidget

from workbench.ports import VaultPort
from workbench.ui.assets import APPLICATION_ID
from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.session import Session
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import BaseDialog, FormDialog

_SHORTEST = 12


def ask_backup(
    parent: QWidget, vault: VaultPort, session: Session, notify: Callable[[str], None]
) -> None:
    """Ask where the backup goes and write it."""

    def begin(name: str) -> None:
        target = Path(name)
        done = QCoreApplication.translate("vault", "The vault was backed up to {file}.").format(
            file=target.name
        )
        session.start(
            parent,
            partial(vault.backup, target),
            lambda _none: notify(done),
            busy_text=QCoreApplication.translate("vault", "Backing up"),
            mutates=True,
        )

    dialog = QFileDialog(parent, QCoreApplication.translate("vault", "Back up the vault"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("kwbackup")
    dialog.selectFile("key-workbench.kwbackup")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(begin)
    dialog.open()


class PassphraseDialog(FormDialog):
    """Replaces the recovery passphrase by one of the person's own."""

    def __init__(self, look: Look, session: Session, vault: VaultPort, parent: QWidget) -> None:
        title = QCoreApplication.translate("vault", "Change the recovery passphrase")
        super().__init__(
            look, title, QCoreApplication.translate("vault", "Change passphrase"), parent
        )
        self._session = session
        self._vault = vault
        self.first = QLineEdit()
        self.second = QLineEdit()
        self.add_field(
            self.tr("&New passphrase"),
            self.first,
            self.tr("At least {n} characters; several words are easiest.").format(n=_SHORTEST),
            self._check_first,
        )
        self.add_field(self.tr("&Repeat it"), self.second, "", self._check_second)
        self.show_it = QCheckBox(self.tr("Show what I type"))
        self.show_it.toggled.connect(lambda on: self._show(shown=on))
        self.body.addWidget(self.show_it)
        self._show(shown=False)
        self.on_submit(self._change)

    def _show(self, *, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.first.setEchoMode(mode)
        self.second.setEchoMode(mode)

    def _check_first(self) -> str:
        if len(self.first.text()) >= _SHORTEST:
            return ""
        return self.tr("Use at least {n} characters.").format(n=_SHORTEST)

    def _check_second(self) -> str:
        same = self.first.text() == self.second.text()
        return "" if same else self.tr("The two are not the same.")

    def _change(self) -> None:
        self.show_working(working=True, text=self.tr("Changing…"))
        work = partial(self._vault.change_passphrase, self.first.text())
        self._session.start(self, work, self._changed, self._refused, mutates=True)

    def _changed(self, _none: None) -> None:
        self.first.clear()
        self.second.clear()
        self.accept()

    def _refused(self, words: Explanation) -> None:
        self.show_working(working=False)
        self.show_problem(words)


class AboutDialog(BaseDialog):
    """Name, version, licence, and what the program does not promise."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(look, QCoreApplication.translate("vault", "Key Workbench"), parent)
        try:
            number = version("key-workbench")
        except PackageNotFoundError:
            number = self.tr("(not installed)")
        mark = QLabel()
        look.dress_label(mark, APPLICATION_ID, "accent", look.unit * 16)
        self.body.addWidget(mark)
        for text in (
            self.tr("Version {number}, Apache License 2.0").format(number=number),
            self.tr(
                "A desktop workbench for keys, certificates and post-quantum signatures, on an"
                " engine shaped like AWS KMS and AWS Private CA."
            ),
            self.tr(
                "The module follows the ideas of FIPS 140-3 and has not been validated. Not"
                " affiliated with Amazon Web Services."
            ),
        ):
            self.body.addWidget(label(text, wrap=True))
        self.add_cancel(self.tr("Close"))
