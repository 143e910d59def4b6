"""The way from files or pasted text to certificates in the collection."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.import_dialog import ImportDialog
from workbench.ui.panes.certificates.incoming import Item, look_into, look_into_files
from workbench.ui.widgets.texts import number


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Importer:
    """Looks into what is brought, shows the review, imports.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.dialog: ImportDialog | None = None
        self.files: QFileDialog | None = None

    def ask_files(self) -> None:
        """Ask for files."""
        files = QFileDialog(self._host.widget, _tr("Import certificates"))
        files.setFileMode(QFileDialog.FileMode.ExistingFiles)
        kinds = "*.pem *.crt *.cer *.der *.p7b *.p7c *.p7s *.cert"
        files.setNameFilters([_tr("Certificates ({kinds})").format(kinds=kinds),
                              _tr("All files (*)")])  # fmt: skip
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

    def take_files(self, paths: Sequence[Path]) -> None:
        """Look into files and show what they hold."""
        known = frozenset(self._host.collection.records)
        self._host.context.session.start(
            self._host.widget,
            lambda: look_into_files(paths, known),
            self._review,
            busy_text=_tr("Reading files"),
        )

    def take_text(self, text: str) -> None:
        """Look into text and show what it holds."""
        known = frozenset(self._host.collection.records)
        data = text.encode("utf-8", "replace")
        self._host.context.session.start(
            self._host.widget, lambda: look_into(data, known), self._review
        )

    def _review(self, items: list[Item]) -> None:
        dialog = ImportDialog(self._host.context.look, items, self._import, self._host.widget)
        self.dialog = dialog
        dialog.open()

    def _import(self, data: bytes, trust: bool) -> None:  # noqa: FBT001 - as the dialog calls it
        dialog, context = self.dialog, self._host.context
        assert dialog is not None
        dialog.show_working(working=True, text=_tr("Importing…"))
        shelf = context.bench.shelf
        context.session.start(
            dialog,
            partial(shelf.import_certificates, Data=data, TrustRoots=trust),
            lambda answer: self._imported(dialog, answer["Results"]),
            dialog.show_failure,
            _tr("Importing certificates"),
            mutates=True,
        )

    def _imported(self, dialog: ImportDialog, results: Sequence[Mapping[str, Any]]) -> None:
        added = [str(one["Id"]) for one in results if one.get("Outcome") == "ADDED"]
        if dialog.show_results(results):
            dialog.accept()
        if added:
            words = (
                _tr("1 certificate was imported.")
                if len(added) == 1
                else _tr("{n} certificates were imported.").format(n=number(len(added)))
            )
            self._host.context.frame.notify(words)
        self._host.reload(added[0] if added else "")
