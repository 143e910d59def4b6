"""The way to post-quantum algorithms: opened from the pane, read on a worker, exported.

Owns the order of steps; the judgement is `workbench.pki.migration`'s, the window of it
`migration_dialog`'s.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog

from workbench.base.errors import Cancelled
from workbench.pki.migration import Kind, Row, Survey, as_csv, read_survey
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.migration_dialog import MigrationDialog
from workbench.ui.panes.certificates.outgoing import Outgoing


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Migration:
    """Opens the view and does what it asks for.

    Args:
        host: the pane.
        outgoing: writes files.
    """

    def __init__(self, host: Host, outgoing: Outgoing) -> None:
        self._host = host
        self._outgoing = outgoing
        self._stopped = False
        self.dialog: MigrationDialog | None = None
        self.files: QFileDialog | None = None

    def open(self) -> None:
        """Open the view and read."""
        context = self._host.context
        dialog = MigrationDialog(context, self._host.widget, self._show_object, self._ask_where)
        self.dialog = dialog
        self._stopped = False
        dialog.finished.connect(lambda _code: self._stop())
        dialog.open()
        bench = context.bench
        show = context.session.relay(dialog, dialog.show_step)

        def tell(what: str, share: float) -> None:
            if self._stopped:
                raise Cancelled(_tr("The view was closed."))
            show(what, share)

        context.session.start(
            dialog,
            lambda: read_survey(bench.kms, bench.shelf, bench.clock.now(), tell),
            dialog.show_survey,
            dialog.show_problem,
            _tr("Judging keys and certificates"),
        )

    def save_to(self, path: Path, survey: Survey, rows: Sequence[Row], *, cbom: bool) -> None:
        """Write rows to a file: CycloneDX, or CSV."""

        def make() -> bytes:
            if not cbom:
                return as_csv(rows).encode()
            # Heavy, and needed here only.
            from workbench.pki.cbom import as_cbom  # noqa: PLC0415

            return as_cbom(survey, rows).encode()

        self._outgoing.write_made(path, make)

    def _stop(self) -> None:
        self._stopped = True

    def _show_object(self, row: Row) -> None:
        pane = "keys" if row.kind is Kind.KEY else "certificates"
        self._host.context.frame.show_object(pane, row.id)

    def _ask_where(self, survey: Survey, rows: Sequence[Row], cbom: bool) -> None:  # noqa: FBT001
        assert self.dialog is not None
        files = QFileDialog(self.dialog, _tr("Export"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if cbom:
            files.setNameFilters([_tr("CycloneDX inventory (*.cdx.json)")])
            files.selectFile("cryptography.cdx.json")
        else:
            files.setNameFilters([_tr("Comma-separated values (*.csv)")])
            files.selectFile("migration.csv")
        save = partial(self.save_to, survey=survey, rows=rows, cbom=cbom)
        files.fileSelected.connect(lambda name: save(Path(name)))
        self.files = files
        files.open()
