"""The dialog that shows one request, revocation list or OCSP answer, entry by entry."""

from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit

from workbench.pki.document_words import Entry, Told, tell
from workbench.pki.documents import DocumentKind
from workbench.ui.panes.certificates.host import Host
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.fields import FieldList, scrolled
from workbench.ui.widgets.rows import Column
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import local_time, utc_time

_MOST_ROWS: Final = 100


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _columns() -> list[Column[Entry]]:
    return [
        Column("serial", _tr("Serial number"), lambda one: one.serial, width=56, mono=True),
        Column("since", _tr("Revoked since"), lambda one: local_time(one.since), width=18,
               key=lambda one: one.since.timestamp(), tip=lambda one: utc_time(one.since)),
        Column("reason", _tr("Reason"), lambda one: one.reason or _tr("none was given"), width=22),
    ]  # fmt: skip


class DocumentView(BaseDialog):
    """Shows a document.

    Args:
        host: the pane.
        kind: what it is.
        title: whose it is.
        der: its bytes.
    """

    def __init__(self, host: Host, kind: DocumentKind, title: str, der: bytes) -> None:
        look, context = host.context.look, host.context
        super().__init__(look, title, host.widget)
        self.setMinimumWidth(look.unit * 200)
        self.fields = FieldList(look, context.frame.copy)
        area = scrolled(self.fields)
        area.setMinimumHeight(look.unit * 70)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter by serial number or reason"))
        self.filter.setAccessibleName(self.tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.rows: RowModel[Entry] = RowModel(look, _columns(), lambda one: one.serial)
        self.table = RowTable(
            self.rows, look, context.preferences, "entries", self.tr("Revoked certificates")
        )
        self.table.setProperty("boxed", "true")
        self.table.setMinimumHeight(look.unit * 50)
        self.body.addWidget(area, 1)
        self.body.addWidget(self.filter)
        self.body.addWidget(self.table, 1)
        for widget in (self.filter, self.table):
            widget.hide()
        self.filter.textChanged.connect(self.rows.set_filter)
        self.add_cancel(self.tr("Close"))
        context.session.start(self, lambda: tell(kind, der), self._show, self.show_problem)

    def _show(self, told: Told) -> None:
        for group in told.groups:
            self.fields.heading(group.title)
            for row in group.rows[:_MOST_ROWS]:
                self.fields.text(row.label, row.value, copy=True)
            if len(group.rows) > _MOST_ROWS:
                self.fields.widget(label(self.tr("There are more."), "muted"))
        self.rows.set_rows(list(told.entries))
        for widget in (self.filter, self.table):
            widget.setVisible(bool(told.entries))
        self.grow()
