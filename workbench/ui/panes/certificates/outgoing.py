"""The ways out: copied, exported to a file, dragged to another program.

Private keys go by one of them only: into a file of their own, encrypted by the module.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PySide6.QtCore import QCoreApplication, QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag
from shiboken6 import isValid

from workbench.base.errors import Refused
from workbench.base.files import printable, write_atomically
from workbench.pki.bundles import Form
from workbench.ui.errors import Explanation
from workbench.ui.panes.certificates.export_dialog import ExportDialog, KeyExport
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.sharing import PEM_TYPE, file_name, offer, pem_text
from workbench.ui.panes.certificates.table import kind_icon
from workbench.ui.widgets.texts import number

_FORMATS: Final = {Form.KEY_PKCS12: "PKCS12", Form.KEY_PKCS8: "PKCS8"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Outgoing:
    """Copies, exports, and is dragged out.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._folder: TemporaryDirectory[str] | None = None
        self.dialog: ExportDialog | None = None

    def copy(self) -> None:
        """Copy the chosen certificates as PEM."""
        chosen = self._host.selected
        what = (
            _tr("certificate as PEM")
            if len(chosen) == 1
            else _tr("{n} certificates as PEM").format(n=number(len(chosen)))
        )
        self._host.context.frame.copy(pem_text(chosen), what)

    def export(self) -> None:
        """Ask what to export and where to."""
        offered = offer(self._host.selected[0], self._host.collection)
        dialog = ExportDialog(
            self._host.context.look, offered, self.write_made, self._write_key, self._host.widget
        )
        self.dialog = dialog
        dialog.open()

    def write(self, path: Path, data: bytes) -> None:
        """Write a file and say so; the file dialog has asked whether to replace one."""
        self.write_made(path, lambda: data)

    def write_made(self, path: Path, make: Callable[[], bytes]) -> None:
        """Make what is to be written on a worker, write it and say so."""
        context = self._host.context

        def work() -> None:
            write_atomically(path, make(), replace=True, mode=0o644)

        context.session.start(
            self._host.widget, work, partial(self._tell, path), busy_text=_tr("Writing")
        )

    def _write_key(self, wanted: KeyExport) -> None:
        """Have the module encrypt a private key, and write it where no file is."""
        context, dialog, path = self._host.context, self.dialog, wanted.path
        assert dialog is not None
        shelf = context.bench.shelf
        request = {"Format": _FORMATS[wanted.form], "CertificateChain": wanted.chain}

        def work() -> None:
            if os.path.lexists(path):  # before the journal has an export that came to nothing
                raise Refused(
                    _tr("There is a file {name} already.").format(name=printable(path.name)),
                    _tr("Choose another name: a private key takes no other file's place."),
                )
            made = shelf.export_certificate_key(
                CertificateId=wanted.certificate, Password=wanted.password, **request
            )
            write_atomically(path, bytes(made["Data"]), replace=False, mode=0o600)

        def done(_none: None) -> None:
            if _shown(dialog):
                dialog.key_written()
            self._tell(path)

        def failed(words: Explanation) -> None:
            if _shown(dialog):
                dialog.key_refused(words)
            else:
                context.frame.notify(words.text, "danger")

        # The pane's work, not the dialog's: what was written is told after Cancel, too.
        context.session.start(self._host.widget, work, done, failed, _tr("Exporting"))

    def _tell(self, path: Path, _none: None = None) -> None:
        folder = QUrl.fromLocalFile(str(path.parent))

        def show() -> None:
            QDesktopServices.openUrl(folder)

        words = _tr("Written: {file}").format(file=printable(path.name))
        self._host.context.frame.notify(words, "ok", (_tr("Show in folder"), show))

    def drag(self, card: str) -> None:
        """Let a card be dropped elsewhere as a PEM file."""
        record = self._host.collection.records.get(card)
        if record is None:
            return
        drag = QDrag(self._host.widget)
        drag.setMimeData(self.mime(record))
        drag.setPixmap(self._host.context.look.pixmap(kind_icon(record), "accent"))
        drag.exec(Qt.DropAction.CopyAction)

    def mime(self, record: Record) -> QMimeData:
        """Return a certificate as a file for file managers and as text for editors."""
        return self.mime_of(pem_text([record]), file_name(record, ".pem"))

    def mime_of(self, text: str, name: str) -> QMimeData:
        """Return PEM as a file of a name for file managers and as text for editors."""
        if self._folder is None:
            self._folder = TemporaryDirectory(
                prefix="key-workbench-drag-", ignore_cleanup_errors=True
            )
        path = Path(self._folder.name, name)
        path.write_text(text, "ascii")
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        mime.setText(text)
        mime.setData(PEM_TYPE, text.encode())
        return mime

    def forget(self) -> None:
        """Delete what was written to be dragged out."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _shown(dialog: ExportDialog) -> bool:
    """Whether a dialog is open still, be it behind the curtain of a locked vault."""
    return isValid(dialog) and (dialog.isVisible() or dialog.property("curtained") is True)
