"""The Keys pane: every key in a table, what can be done with it, and its page at the right."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QMenu

from workbench.ui.errors import Explanation
from workbench.ui.pane import Context, PaletteItem
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.columns import also_searched, key_columns
from workbench.ui.panes.keys.commands import KeyCommands
from workbench.ui.panes.keys.create import CreatedKey, CreateKeyDialog, KeyRequest, create_key
from workbench.ui.panes.keys.filters import StateAndGroup
from workbench.ui.panes.keys.inspector import KeyInspector
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.last_uses import LastUses
from workbench.ui.panes.keys.material_commands import MaterialCommands
from workbench.ui.panes.keys.menu import grouped
from workbench.ui.panes.keys.stock import stock_of
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.panes.keys.use_column import UseColumn
from workbench.ui.panes.keys.verbs import KeyVerbs
from workbench.ui.session import Task
from workbench.ui.widgets.base import PaneBase
from workbench.ui.widgets.rows import RowSet
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import number

_FEW = 300
"""Up to so many rows are prepared at once, without the way to a worker and back."""


class KeysPane(PaneBase):
    """Table, filters, commands, inspector."""

    id: ClassVar[str] = "keys"
    icon: ClassVar[str] = "keys"
    help_page: ClassVar[str] = "keys"
    in_menu = staticmethod(grouped)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._stock = stock_of(context)
        self.verbs = KeyVerbs(
            context, self._stock, self, lambda: self.selected, lambda: self.key_inspector
        )
        self._wanted = ""
        self._preparing: Task | None = None
        self.set_filter_hint(self.tr("Filter by name, ID, spec, tag"))
        self.choice = StateAndGroup()
        self.choice.changed.connect(self._filter)
        for box in self.choice.boxes:
            self.add_header_widget(box)
        self.can = KeyCommands(self, self.verbs, self.ask_create)
        self.may = MaterialCommands(self, self.verbs)
        self._uses = LastUses(context, self._stock.parallel, self)
        self.model: RowModel[KeyRow] = RowModel(
            context.look,
            key_columns(context.bench.clock.now, self._uses),
            lambda row: row.id,
            also_searched,
        )
        self.table = RowTable(
            self.model, context.look, context.preferences, "keys", self.tr("Keys")
        )
        self.table.chosen.connect(lambda _ids: self._selected())
        self.table.opened.connect(lambda _id: self._focus_inspector())
        self.table.menu_wanted.connect(self._show_menu)
        self.add_menu_button("columns", self.tr("Choose columns"), self.table.column_menu)
        self.set_empty(
            self.tr("There are no keys yet. Make one to sign, encrypt or authenticate with."),
            self.can.create,
        )
        self.set_content(self.table)
        self.key_inspector = KeyInspector(
            context,
            (self.can.rotate, self.can.schedule, *self.may.for_material),
            self.may.for_regions,
            self.can.tags,
            self.can.grant,
        )
        self.key_inspector.material.chosen.connect(lambda _id: self._permit())
        self.set_inspector(self.key_inspector)
        self._stock.rows_changed.connect(self._rows_changed)
        self._stock.busy_changed.connect(lambda busy: self.show_busy(busy=busy))
        self._use_column = UseColumn(
            self.table, self.model, self._stock, self._uses, self._rows_changed
        )
        self._stock.trouble.connect(self._trouble)
        self._selected()

    @classmethod
    def name(cls) -> str:
        """Return the translated name."""
        return QCoreApplication.translate("KeysPane", "Keys")

    @property
    def selected(self) -> list[KeyRow]:
        """The selected keys."""
        return self.table.selected_rows

    def refresh(self) -> None:
        """Read every key again."""
        self._uses.forget()
        self._stock.refresh()

    def on_filter(self, text: str) -> None:
        """Show only keys with every word of the text."""
        del text
        self._filter()

    def palette_items(self) -> Sequence[PaletteItem]:
        """Return the keys for Ctrl+K."""
        kind = self.tr("Key")
        return [
            PaletteItem(
                row.title,
                kind,
                words.group_mark(words.group_of(row.spec)).icon,
                partial(self._show_in_front, row.id),
                f"{row.spec} · {words.state_name(row.state)}",
                " ".join((row.arn, row.description, *row.names)),
            )
            for row in self._stock.rows
        ]

    def show_target(self, target: str) -> None:
        """Select a key by id, ARN or alias, now or once it is read."""
        self._wanted = target
        self._stock.ensure()
        self._select_wanted()

    def showcase(self) -> None:
        """Select a key that has something in every tab; for pictures."""
        named = [row for row in self._stock.rows if row.names]
        signing = [row for row in named if row.usage == "SIGN_VERIFY"]
        chosen = next((row for row in signing if words.group_of(row.spec) == "pq"), None)
        if chosen is not None:
            self.table.select_id(chosen.id)

    def ask_create(self) -> None:
        """Open the dialog that creates a key."""
        dialog = CreateKeyDialog(
            self.context.look,
            lambda name: any(name in row.names for row in self._stock.rows),
            lambda request: self._create(dialog, request),
            self,
        )
        dialog.setObjectName("keys.create.dialog")
        dialog.open()

    def _create(self, dialog: CreateKeyDialog, request: KeyRequest) -> None:
        kms = self.context.bench.kms
        submit(
            self.context,
            self,
            dialog,
            lambda: create_key(kms, request),
            partial(self._created, request),
            self.tr("Creating a key"),
        )

    def _created(self, request: KeyRequest, made: CreatedKey) -> None:
        def show() -> None:
            row = self._stock.row(made.id)
            if row is None:
                return
            # What was asked for must be seen, whatever the filters say.
            if not self.table.select_id(made.id):
                self.choice.clear()
                self.filter_field.clear()
                self._filter()
            self._wanted = made.id
            self._select_wanted()

        self._stock.reread([made.id], show)
        name = request.alias or made.id
        if made.alias_problem is not None:
            text = self.tr("The key {id} was created, but not its alias: {why}").format(
                id=made.id, why=made.alias_problem.text
            )
            self.context.frame.notify(text, "warning")
            return
        spec = words.SPECS.get(request.spec)
        action = None
        if request.external:
            action = (self.tr("Import its material"), partial(self._import_into, made.id))
        elif spec is not None and spec.asymmetric:
            action = (self.tr("Show public key"), partial(self._show_key_of, made.id))
        self.context.frame.notify(
            self.tr("The key {name} was created.").format(name=name), "ok", action
        )

    def _show_in_front(self, key: str) -> None:
        self.context.frame.show_object(self.id, key)

    def _show_key_of(self, key: str) -> None:
        self.context.frame.show_object(self.id, key)
        self.verbs.show_public_key()

    def _import_into(self, key: str) -> None:
        self.context.frame.show_object(self.id, key)
        self.may.bring.trigger()

    def _rows_changed(self) -> None:
        rows = self._stock.rows
        if len(rows) <= _FEW:
            self._adopt(self.model.prepare(rows))
            return
        if self._preparing is not None:
            self._preparing.drop()
        self._preparing = self.context.session.start(
            self, lambda: self.model.prepare(rows), self._adopt_if_current
        )

    def _adopt_if_current(self, prepared: RowSet[KeyRow]) -> None:
        if prepared.rows is self._stock.rows or self._stock.busy:
            self._adopt(prepared)

    def _adopt(self, prepared: RowSet[KeyRow]) -> None:
        self.model.adopt(prepared)
        self.show_empty(empty=self._stock.loaded and not prepared.rows)
        self._tell_count()
        self._select_wanted()
        self._use_column.want()
        if not self.selected:
            self._selected()

    def _select_wanted(self) -> None:
        row = self._stock.row(self._wanted) if self._wanted else None
        if row is not None and self.table.select_id(row.id):
            self._wanted = ""

    def _filter(self) -> None:
        self.model.set_filter(self.filter_field.text(), self.choice.predicate)
        self._tell_count()

    def _tell_count(self) -> None:
        shown, total = self.model.rowCount(), self.model.total
        told = (
            number(total)
            if shown == total
            else self.tr("{shown} of {total}").format(shown=number(shown), total=number(total))
        )
        self.show_count(told if total else "")

    def _selected(self) -> None:
        self.key_inspector.show_rows(self.selected)
        self._permit()

    def _permit(self) -> None:
        rows = self.selected
        self.can.permit(rows)
        self.may.permit(rows, self.key_inspector.material.chosen_of(rows))

    def _focus_inspector(self) -> None:
        self.key_inspector.tabs.tabBar().setFocus()

    def _show_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        every = (*self.can.for_selection, *self.may.for_material, *self.may.for_regions)
        for command in every:
            menu.addAction(command)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)

    def _trouble(self, why: Explanation) -> None:
        if why.denied:
            self.show_refused(why)
        elif not self.context.bench.vault.locked:
            self.context.session.failed.emit(self, why)
