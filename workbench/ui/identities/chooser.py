"""Whom to act as: root always, users and roles as far as they may be listed.

Knows the kit; what acting means is the asker's.
"""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.ui.identities.columns import kind_column, name_column
from workbench.ui.identities.reading import root_row
from workbench.ui.identities.rows import Identities, IdentityRow
from workbench.ui.identities.words import title_of
from workbench.ui.pane import Context
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable

_FEW = 8
"""Up to so many are found without a search field."""


class _Search(QLineEdit):
    """A search field whose arrows walk the list below it."""

    def __init__(self, table: RowTable) -> None:
        super().__init__()
        self._table = table

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._table.keyPressEvent(event)
            return
        super().keyPressEvent(event)


class Chooser(BaseDialog):
    """Asks whom to act as.

    Args:
        context: the window.
        now: ARN of the user, role or root that acts at the moment.
        parent: the workspace.

    Signals:
        picked(str): act as this ARN.
        manage_wanted: users and roles are to be shown.
    """

    picked = Signal(str)
    manage_wanted = Signal()

    def __init__(self, context: Context, now: str, parent: QWidget) -> None:
        title = QCoreApplication.translate("identities", "Act as")
        super().__init__(context.look, title, parent)
        self.setObjectName("identities.chooser")
        self._now = now
        look = context.look
        self._model: RowModel[IdentityRow] = RowModel(
            look, (name_column(), kind_column(), self._now_column()), lambda row: row.arn
        )
        self.table = RowTable(
            self._model, look, context.preferences, "chooser", self.tr("Identities")
        )
        self.table.setProperty("role", "boxed")
        self.table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.table.setMinimumHeight(look.unit * 64)
        self.table.opened.connect(self._pick)
        self.table.chosen.connect(self._selected)
        self.search = _Search(self.table)
        hint = self.tr("Find a user or role")
        self.search.setPlaceholderText(hint)
        self.search.setAccessibleName(hint)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self._note = label("", "muted", wrap=True)
        told = self.tr("Requests are then allowed or refused by what this identity may do.")
        self.body.addWidget(label(told, "muted", wrap=True))
        self.body.addWidget(self.search)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self._note)
        self.buttons.insertWidget(
            0, push_button(self.tr("&Manage identities…"), self._manage, "link")
        )
        self.add_cancel()
        self.act_button = push_button(self.tr("Act as"), self._act, "primary")
        self.act_button.setDefault(True)
        self.buttons.addWidget(self.act_button)
        self.offer(Identities((root_row(context.bench.place),)))

    def offer(self, identities: Identities) -> None:
        """Offer these; where some may not be listed it says so."""
        chosen = self.table.selected_ids
        rows = list(identities.rows)
        if self._now not in {row.arn for row in rows}:
            kind, _, name = self._now.rpartition(":")[2].partition("/")
            rows.append(IdentityRow(self._now, kind, name.rpartition("/")[2]))
        self._model.set_rows(rows)
        self.search.setVisible(len(rows) > _FEW)
        self._note.setText(" ".join(identities.problems))
        self._note.setVisible(bool(identities.problems))
        if not chosen:
            self.table.select_id(self._now)
        if self.search.isVisibleTo(self):
            self.search.setFocus()
        else:
            self.table.setFocus()
        self._selected(self.table.selected_ids)

    def _now_column(self) -> Column[IdentityRow]:
        acting = self.tr("acting now")

        def text(row: IdentityRow) -> str:
            return acting if row.arn == self._now else ""

        def mark(row: IdentityRow) -> Mark | None:
            return Mark("ok", "ok") if row.arn == self._now else None

        return Column("now", self.tr("Now"), text, mark=mark, width=14, searched=False)

    def _filter(self, text: str) -> None:
        self._model.set_filter(text)
        if not self.table.selected_ids and self._model.rowCount():
            self.table.select_id(self._model.id_at(0))
        self._selected(self.table.selected_ids)

    def _selected(self, chosen: list[str]) -> None:
        new = bool(chosen) and chosen[0] != self._now
        self.act_button.setEnabled(new)
        rows = self.table.selected_rows
        words = self.tr("Act as {who}").format(who=title_of(rows[0])) if new else self.tr("Act as")
        self.act_button.setText(words)
        why = "" if new else self.tr("This is whom you act as already.")
        self.act_button.setToolTip(why)

    def _act(self) -> None:
        for arn in self.table.selected_ids[:1]:
            self._pick(arn)

    def _pick(self, arn: str) -> None:
        self.accept()
        if arn != self._now:
            self.picked.emit(arn)

    def _manage(self) -> None:
        self.reject()
        self.manage_wanted.emit()
