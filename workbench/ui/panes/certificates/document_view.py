"""The dialog that shows one request, revocation list or OCSP answer, entry by entry."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.pki.document_words import Entry, Told, tell
from workbench.pki.documents import DocumentKind
from workbench.ui.pane import Context
from workbench.ui.panes.certificates.list_entries import certificates_of
from workbench.ui.panes.certificates.records import Collection
from workbench.ui.widgets.basics import label, push_button
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
        Column("serial", _tr("Serial number"), lambda one: one.serial, width=72, mono=True),
        Column("since", _tr("Revoked since"), lambda one: local_time(one.since), width=23,
               key=lambda one: one.since.timestamp(), tip=lambda one: utc_time(one.since)),
        Column("reason", _tr("Reason"), lambda one: one.reason or _tr("none was given"), width=22),
    ]  # fmt: skip


class DocumentView(BaseDialog):
    """Shows a document.

    Args:
        context: session, look, frame.
        parent: what it opens over.
        title: whose it is.
        collection: where the certificates of its entries are looked for.

    Attributes:
        on_leave: called when it leads to a certificate.
    """

    def __init__(
        self, context: Context, parent: QWidget, title: str, collection: Collection
    ) -> None:
        look = context.look
        super().__init__(look, title, parent)
        self._context = context
        self._collection = collection
        self._certificates: dict[str, str] = {}
        self.on_leave: Callable[[], object] = lambda: None
        self.setMinimumWidth(look.unit * 220)
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
        self.show_button = push_button(self.tr("&Show certificate"), self._lead)
        self.body.addWidget(self.show_button, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self.filter, self.table, self.show_button):
            widget.hide()
        self.filter.textChanged.connect(self.rows.set_filter)
        self.table.chosen.connect(lambda _ids: self._allow())
        self.table.opened.connect(lambda _one: self._lead())
        self.add_cancel(self.tr("Close"))

    def read(self, kind: DocumentKind, der: bytes, serial: str = "") -> None:
        """Read a document and show it.

        Args:
            kind: what it is.
            der: its bytes.
            serial: the entry to choose, by its serial number.
        """

        def work() -> tuple[Told, dict[str, str]]:
            told = tell(kind, der)
            serials = {one.serial for one in told.entries}
            return told, certificates_of(der, serials, self._collection)

        def show(found: tuple[Told, dict[str, str]]) -> None:
            told, self._certificates = found
            self._show(told)
            if serial and self.table.select_id(serial):
                self.table.setFocus()

        self._context.session.start(self, work, show, self.show_problem)

    def _allow(self) -> None:
        known = self._target != ""
        self.show_button.setEnabled(known)
        why = self.tr("Choose an entry.")
        if self.table.selected_ids:
            why = self.tr("The certificate of this entry is not in the collection.")
        self.show_button.setToolTip("" if known else why)

    @property
    def _target(self) -> str:
        chosen = self.table.selected_ids
        return self._certificates.get(chosen[0], "") if len(chosen) == 1 else ""

    def _lead(self) -> None:
        target = self._target
        if target:
            self.accept()
            self.on_leave()
            self._context.frame.show_object("certificates", target)

    def _show(self, told: Told) -> None:
        for group in told.groups:
            self.fields.heading(group.title)
            for row in group.rows[:_MOST_ROWS]:
                self.fields.text(row.label, row.value, copy=True)
            if len(group.rows) > _MOST_ROWS:
                self.fields.widget(label(self.tr("There are more."), "muted"))
        self.rows.set_rows(list(told.entries))
        for widget in (self.filter, self.table, self.show_button):
            widget.setVisible(bool(told.entries))
        self._allow()
        self.grow()
