"""The dialog that takes a CA's certificate from outside and says what is wrong with it.

Knows the kit; reading files, looking and importing are handed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QPlainTextEdit, QWidget

from workbench.pki.installing import Arrival
from workbench.pki.names import common_name
from workbench.ui.drop import read_drop
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.finding_list import FindingList, entries
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import local_date

_PAUSE: Final = 250
"""Milliseconds without typing after which it is looked at."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


@dataclass(frozen=True, slots=True)
class Steps:
    """What the dialog has done by others.

    Attributes:
        read: reads files on a worker; their certificates come by `add`.
        look: looks at text on a worker; the answer comes by `show_arrival`.
        install: imports what arrived, and trusts its root if that is chosen.
    """

    read: Callable[[Sequence[Path]], None]
    look: Callable[[str], None]
    install: Callable[[Arrival, bool], None]


class InstallDialog(FormDialog):
    """Takes a CA's certificate with those above it.

    Args:
        look: colours and spacing.
        name: of the CA.
        steps: what is done by others.
        trusted: whether the root with a fingerprint is trusted already.
        parent: the pane.
    """

    def __init__(
        self, look: Look, name: str, steps: Steps, trusted: Callable[[str], bool], parent: QWidget
    ) -> None:
        title = _tr("Install the certificate of “{name}”").format(name=name)
        super().__init__(look, title, _tr("Install certificate"), parent)
        self.setProperty(HELP_PAGE, "outside-ca")
        self._steps, self._trusted = steps, trusted
        self._arrival: Arrival | None = None
        self._files: QFileDialog | None = None
        self.setAcceptDrops(True)
        self.text = QPlainTextEdit()
        self.text.setAcceptDrops(False)
        self.text.setPlaceholderText("-----BEGIN CERTIFICATE-----")
        self.text.setTabChangesFocus(True)
        self.text.setFont(look.mono)
        self.text.setMinimumHeight(look.unit * 22)
        self.setMinimumWidth(look.unit * 150)
        group = self.add_field(
            _tr("&Certificate and chain"), self.text,
            _tr("Paste PEM, choose files, or drop them here: PEM, DER or PKCS#7, in any order."
                " What the collection has of the chain may be left out."),
        )  # fmt: skip
        self.file_button = push_button(_tr("Choose &files…"), self._ask_files)
        inside = group.layout()
        if inside is not None:
            inside.addWidget(self.file_button)
            inside.setAlignment(self.file_button, Qt.AlignmentFlag.AlignLeft)
        self.chain = label("", "strong", wrap=True)
        self.findings = FindingList(look)
        self.trust = QCheckBox()
        for widget in (self.chain, self.findings, self.trust):
            self.body.addWidget(widget)
            widget.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._look)
        self.text.textChanged.connect(self._changed)
        self.main_button.setEnabled(False)
        self.on_submit(self._install)

    @property
    def arrival(self) -> Arrival | None:
        """What was found in the text, or None while it is not known."""
        return self._arrival

    def add(self, pem: str) -> None:
        """Add certificates to the text."""
        before = self.text.toPlainText().strip()
        self.text.setPlainText(f"{before}\n{pem}" if before else pem)

    def show_arrival(self, arrival: Arrival) -> None:
        """Show what was found in the text."""
        self._arrival = arrival
        self.show_problem("")
        if arrival.own is not None:
            way = [one.certificate for one in (arrival.own, *arrival.chain)]
            words = _tr("{chain}, valid until {date}").format(
                chain=" → ".join(f"“{common_name(one.subject)}”" for one in way),
                date=local_date(way[0].not_valid_after_utc),
            )
            self.chain.setText(words)
        self.chain.setVisible(arrival.own is not None)
        self.findings.show_entries(entries(arrival.findings))
        root = arrival.root if arrival.good else None
        asks = root is not None and not self._trusted(root.fingerprint)
        if root is not None:
            name = common_name(root.certificate.subject)
            self.trust.setText(_tr("Trust “{name}” as a root in this vault").format(name=name))
            self.trust.setToolTip(
                _tr("SHA-256 {fingerprint}: compare it with what the CA publishes").format(
                    fingerprint=root.fingerprint
                )
            )
        self.trust.setVisible(asks)
        self.main_button.setEnabled(arrival.good)
        self.grow()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and text."""
        event.setAccepted(read_drop(event.mimeData()) is not None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        drop = read_drop(event.mimeData())
        if drop is None:
            return
        event.acceptProposedAction()
        if drop.paths:
            self._steps.read(drop.paths)
        else:
            self.add(drop.text)

    def _changed(self) -> None:
        self._arrival = None
        self.main_button.setEnabled(False)
        for widget in (self.chain, self.findings, self.trust):
            widget.hide()
        self.trust.setChecked(False)
        self._timer.start()

    def _look(self) -> None:
        text = self.text.toPlainText()
        if text.strip():
            self._steps.look(text)

    def _install(self) -> None:
        if self._arrival is not None and self._arrival.good:
            trusted = not self.trust.isHidden() and self.trust.isChecked()
            self.show_working(working=True, text=_tr("Installing…"))
            self._steps.install(self._arrival, trusted)

    def _ask_files(self) -> None:
        files = QFileDialog(self, _tr("CA certificate and chain"))
        files.setFileMode(QFileDialog.FileMode.ExistingFiles)
        files.setNameFilters([_tr("Certificates (*.pem *.crt *.cer *.der *.p7b *.p7c)"),
                              _tr("All files (*)")])  # fmt: skip
        files.filesSelected.connect(lambda names: self._steps.read([Path(one) for one in names]))
        self._files = files
        files.open()
