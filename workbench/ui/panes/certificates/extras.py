"""What the pane offers beside the collection: its documents, and the way to post-quantum.

Owns these commands, so that the pane need only make this.
"""

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command
from workbench.ui.panes.certificates.documents_dialog import DocumentsDialog
from workbench.ui.panes.certificates.host import CommandHost
from workbench.ui.panes.certificates.migration import Migration
from workbench.ui.panes.certificates.outgoing import Outgoing


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Extras:
    """Registers and keeps them.

    Args:
        pane: the pane.
        outgoing: writes files.
    """

    def __init__(self, pane: CommandHost, outgoing: Outgoing) -> None:
        self._pane = pane
        self._outgoing = outgoing
        self.migration = Migration(pane, outgoing)
        self.documents: DocumentsDialog | None = None
        self.commands: tuple[Command, ...] = (
            pane.make_command(
                "documents", _tr("Re&quests and revocation lists…"), "file", self._documents,
                "Ctrl+Alt+R",
                _tr("Certificate requests, revocation lists and OCSP responses of the collection"),
            ),
            pane.make_command(
                "migration", _tr("&Migration to post-quantum…"), "pq", self.migration.open,
                "Ctrl+Alt+M",
                _tr("What a quantum computer would break, until when, and what depends on it"),
            ),
        )  # fmt: skip
        for command in self.commands:
            pane.add_command(command)
        if pane.context.bench.site.aws:
            self.commands[0].forbid(_tr("AWS keeps no such collection"))

    def _documents(self) -> None:
        self.documents = DocumentsDialog(self._pane, self._outgoing)
        self.documents.open()
