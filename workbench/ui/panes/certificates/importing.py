"""The way from files or pasted text to what is in the collection and in the module."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from shiboken6 import isValid

from workbench.base.errors import Cancelled
from workbench.pki.incoming.items import Item, Reading, Sealed, Sort
from workbench.pki.incoming.taking import Outcome, Taker
from workbench.ui.errors import Explanation
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.import_dialog import ImportDialog, Steps
from workbench.ui.panes.certificates.incoming import (
    Findings,
    known_documents,
    look_into,
    look_into_files,
)
from workbench.ui.panes.certificates.key_finder import KeyFinder
from workbench.ui.panes.certificates.reading import ReadingDialog
from workbench.ui.widgets.texts import number

_PATIENCE: Final = 400
"""Milliseconds until reading files is shown."""
IMPORT: Final = "import:"
"""What begins a target that names files: `show_object("certificates", "import:…")`."""
IMPORT_TEXT: Final = "import-text:"
"""What begins a target that is itself what to import; never for private keys."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Importer:
    """Looks into what is brought, shows the review, imports.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._stopped = Event()
        self.patience = _PATIENCE
        self.reading: ReadingDialog | None = None
        self.dialog: ImportDialog | None = None
        self.files: QFileDialog | None = None

    def ask_files(self) -> None:
        """Ask for files."""
        files = QFileDialog(self._host.widget, _tr("Import"))
        files.setFileMode(QFileDialog.FileMode.ExistingFiles)
        kinds = (
            "*.pem *.crt *.cer *.der *.cert *.p7b *.p7c *.p7s *.p12 *.pfx *.key *.p8 *.csr *.crl"
            " *.ors *.xdb"
        )
        files.setNameFilters([_tr("All files, told by their content (*)"),
                              _tr("Usual names ({kinds})").format(kinds=kinds)])  # fmt: skip
        files.filesSelected.connect(lambda names: self.take_files([Path(name) for name in names]))
        self.files = files
        files.open()

    def paste(self) -> None:
        """Take what is on the clipboard."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self.take_text(text)
        else:
            self._host.context.frame.notify(_tr("There is no text on the clipboard."), "info")

    def take_target(self, target: str) -> bool:
        """Begin to import what a target names, by `IMPORT` or `IMPORT_TEXT`; False if it does not.

        Several files are parted by NUL, the one byte that no path contains.
        """
        if target.startswith(IMPORT):
            self.take_files([Path(name) for name in target.removeprefix(IMPORT).split("\0")])
        elif target.startswith(IMPORT_TEXT):
            self.take_text(target.removeprefix(IMPORT_TEXT))
        else:
            return False
        return True

    def take_files(self, paths: Sequence[Path]) -> None:
        """Look into files and show what they hold."""
        context = self._host.context
        shelf = context.bench.shelf
        reading = ReadingDialog(context.look, self._host.widget, self.patience)
        self.reading = reading
        tell = reading.teller(context.session.relay(reading, reading.show_step))

        def done(found: tuple[Reading, frozenset[str]]) -> None:
            if isValid(reading):
                if reading.stopped:
                    return
                reading.end()
            self._review(*found)

        def failed(words: Explanation) -> None:
            stopped = not isValid(reading) or reading.stopped
            if not stopped:
                reading.end()
                context.frame.notify(words.text, "danger")

        context.session.start(
            self._host.widget,
            lambda: (look_into_files(paths, tell), known_documents(shelf)),
            done,
            failed,
            _tr("Reading files"),
        )

    def take_text(self, text: str) -> None:
        """Look into text and show what it holds."""
        self.take_data(text.encode("utf-8", "replace"))

    def take_data(self, data: bytes) -> None:
        """Look into bytes and show what they hold."""
        shelf = self._host.context.bench.shelf
        self._host.context.session.start(
            self._host.widget,
            lambda: (look_into(data), known_documents(shelf)),
            lambda found: self._review(*found),
        )

    def _review(self, reading: Reading, documents: frozenset[str]) -> None:
        findings = Findings(documents.union(self._host.collection.records))
        findings.add(reading)
        steps = Steps(self._unseal, self._import, self._stopped.set)
        dialog = ImportDialog(self._host.context.look, findings, steps, self._host.widget)
        self.dialog = dialog
        dialog.open()

    def _unseal(self, sealed: Sealed, password: str) -> None:
        dialog = self.dialog
        assert dialog is not None
        self._host.context.session.start(
            dialog,
            lambda: sealed.open(password),
            lambda items: dialog.show_opened(sealed, items),
            dialog.show_still_sealed,
            _tr("Opening"),
        )

    def _import(self, items: Sequence[Item], trust: bool) -> None:  # noqa: FBT001 - as called
        dialog, context = self.dialog, self._host.context
        assert dialog is not None
        self._stopped.clear()
        show = context.session.relay(dialog, dialog.show_step)

        def tell(text: str, share: float) -> None:
            if self._stopped.is_set():
                raise Cancelled(_tr("You stopped it."))
            show(text, share)

        bench = context.bench
        taker = Taker(bench.kms, bench.shelf, KeyFinder(bench.kms).find)
        context.session.start(
            dialog,
            partial(taker.take, items, trust=trust, tell=tell),
            lambda outcomes: self._imported(dialog, outcomes),
            dialog.show_failure,
            _tr("Importing"),
            mutates=True,
        )

    def _imported(self, dialog: ImportDialog, outcomes: Sequence[Outcome]) -> None:
        added = [one for one in outcomes if one.added]
        if dialog.show_outcomes(outcomes):
            dialog.accept()
        if added:
            self._host.context.frame.notify(_words(added))
        session = self._host.context.session
        if any(one.item.sort is Sort.KEY for one in added):
            session.announce("keys")
        first = next((one.target for one in added if one.item.sort is Sort.CERTIFICATE), "")
        self._host.reload(first)


def _words(added: Sequence[Outcome]) -> str:
    count = len(added)
    if all(one.item.sort is Sort.CERTIFICATE for one in added):
        if count == 1:
            return _tr("1 certificate was imported.")
        return _tr("{n} certificates were imported.").format(n=number(count))
    if count == 1:
        return _tr("“{name}” was imported.").format(
            name=added[0].item.name or added[0].item.detail or str(added[0].item.sort)
        )
    return _tr("{n} items were imported.").format(n=number(count))
