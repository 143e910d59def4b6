"""The requests, revocation lists and OCSP answers of the collection: seen, exported, deleted.

Knows the shelf's client and the kit. What they say about a certificate is told with its chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from workbench.pki.document_shelf import AUTHORITY, every_document
from workbench.pki.documents import DocumentKind, as_pem
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.document_view import DocumentView
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.outgoing import Outgoing
from workbench.ui.panes.certificates.sharing import plain_name
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import NOTHING, local_date

_SUFFIXES: Final = {"CSR": ".csr", "CRL": ".crl", "OCSP": ".ors"}
_ICONS: Final = {"CSR": "file", "CRL": "columns", "OCSP": "verify"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


@dataclass(frozen=True, slots=True)
class Row:
    """One document, as shown.

    Attributes:
        id: SHA-256 of its bytes, hexadecimal.
        kind: `CSR`, `CRL` or `OCSP`.
        title: whose it is.
        detail: what tells it from others.
        der: its bytes.
        own: whether a CA of this vault made it.
        ends: until when it speaks, or None.
        warning: what is wrong with it, or empty.
    """

    id: str
    kind: str
    title: str
    detail: str
    der: bytes
    own: bool
    ends: datetime | None
    warning: str

    @property
    def words(self) -> str:
        """What kind it is, translated."""
        return {
            "CSR": _tr("Certificate request"),
            "CRL": _tr("Revocation list"),
            "OCSP": _tr("OCSP response"),
        }[self.kind]


def read_rows(shelf: Any) -> list[Row]:
    """Read every document; for a worker.

    Raises:
        botocore.exceptions.ClientError: the shelf refused.
    """
    return [_row(entry) for entry in every_document(shelf)]


def written(row: Row, *, pem: bool) -> bytes:
    """Return a document as it is written to a file."""
    return as_pem(DocumentKind(row.kind), row.der).encode() if pem else row.der


def _row(entry: Mapping[str, Any]) -> Row:
    return Row(
        str(entry["Id"]),
        str(entry["Kind"]),
        str(entry["Title"]),
        str(entry["Detail"]),
        bytes(entry["Document"]),
        entry["Source"] == AUTHORITY,
        entry.get("EndsAt"),
        str(entry.get("Warning", "")),
    )


def _columns() -> list[Column[Row]]:
    return [
        Column("kind", _tr("What it is"), lambda one: one.words, width=22,
               mark=lambda one: Mark(_ICONS[one.kind], "muted")),
        Column("title", _tr("Whose"), lambda one: one.title, width=34),
        Column("detail", _tr("Details"), lambda one: one.warning or one.detail, width=26,
               mark=lambda one: Mark("warning", "warning") if one.warning else None),
        Column("ends", _tr("Speaks until"), lambda one: local_date(one.ends) if one.ends
               else NOTHING, width=14, key=lambda one: one.ends.timestamp() if one.ends else 0.0,
               searched=False),
        Column("source", _tr("From"), lambda one: _tr("A CA of this vault") if one.own
               else _tr("Imported"), width=18),
    ]  # fmt: skip


class DocumentsDialog(BaseDialog):
    """The list, with what can be done.

    Args:
        host: the pane.
        outgoing: writes files.
    """

    def __init__(self, host: Host, outgoing: Outgoing) -> None:
        look: Look = host.context.look
        super().__init__(look, host.widget.tr("Requests and revocation lists"), host.widget)
        self.setProperty(HELP_PAGE, "import")
        self._host = host
        self._outgoing = outgoing
        self._files: QFileDialog | None = None
        self.view: DocumentView | None = None
        self.setMinimumWidth(look.unit * 235)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter by kind, name, details"))
        self.filter.setAccessibleName(self.tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.rows: RowModel[Row] = RowModel(look, _columns(), lambda one: one.id)
        self.table = RowTable(
            self.rows, look, host.context.preferences, "documents", self.tr("Documents")
        )
        self.table.setProperty("boxed", "true")
        self.table.setMinimumHeight(look.unit * 70)
        self.empty = label(
            self.tr(
                "There are none yet. Import certificate requests, revocation lists and OCSP"
                " responses like certificates; lists of the vault's own CAs appear by themselves."
            ),
            "muted",
            wrap=True,
        )
        for widget in (self.filter, self.table, self.empty):
            self.body.addWidget(widget)
        self._actions()
        self.filter.textChanged.connect(self.rows.set_filter)
        self.table.chosen.connect(lambda _ids: self._allow())
        self.table.opened.connect(lambda _one: self._view())
        self.read()

    def read(self) -> None:
        """Read the shelf again."""
        context = self._host.context
        shelf = context.bench.shelf
        context.session.start(self, lambda: read_rows(shelf), self._show, self.show_problem)

    def save_to(self, path: Path) -> None:
        """Write the chosen document; PEM if the file's name ends in `.pem`."""
        (row,) = self._chosen
        self._outgoing.write(path, written(row, pem=path.suffix.lower() == ".pem"))

    def _actions(self) -> None:
        self.view_button = push_button(self.tr("&View"), self._view)
        self.export_button = push_button(self.tr("&Export…"), self._ask_where)
        self.delete_button = push_button(self.tr("&Delete"), self._delete, "danger")
        row = QHBoxLayout()
        row.addWidget(self.view_button)
        row.addWidget(self.export_button)
        row.addWidget(self.delete_button)
        row.addStretch(1)
        holder = QWidget()
        holder.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(holder)
        self.add_cancel(self.tr("Close"))

    @property
    def _chosen(self) -> Sequence[Row]:
        rows: Sequence[Row] = self.table.selected_rows
        return rows

    def _show(self, rows: list[Row]) -> None:
        self.rows.set_rows(rows)
        self.table.setVisible(bool(rows))
        self.filter.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self._allow()
        self.grow()

    def _allow(self) -> None:
        chosen = self._chosen
        for button in (self.view_button, self.export_button):
            button.setEnabled(len(chosen) == 1)
            button.setToolTip("" if len(chosen) == 1 else self.tr("Choose one."))
        own = any(row.own for row in chosen)
        self.delete_button.setEnabled(bool(chosen) and not own)
        why = "" if chosen else self.tr("Nothing is chosen.")
        if own:
            why = self.tr("Lists of the vault's own CAs are made anew by themselves.")
        self.delete_button.setToolTip(why)

    def _view(self) -> None:
        if len(self._chosen) == 1:
            (row,) = self._chosen
            host = self._host
            self.view = DocumentView(host.context, host.widget, row.title, host.collection)
            self.view.on_leave = self.reject
            self.view.read(DocumentKind(row.kind), row.der)
            self.view.open()

    def _ask_where(self) -> None:
        (row,) = self._chosen
        files = QFileDialog(self, self.tr("Export"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        suffix = _SUFFIXES[row.kind]
        files.setNameFilters([f"DER (*{suffix})", "PEM (*.pem)"])
        files.selectFile(plain_name(row.title, row.id) + suffix)
        files.fileSelected.connect(lambda name: self.save_to(Path(name)))
        self._files = files
        files.open()

    def _delete(self) -> None:
        context = self._host.context
        shelf, chosen = context.bench.shelf, [row.id for row in self._chosen]

        def work() -> None:
            for name in chosen:
                shelf.delete_document(Id=name)

        context.session.start(
            self, work, lambda _none: self.read(), self.show_problem, _tr("Deleting"), mutates=True
        )
