"""Users and roles in a table, what can be done with them, and the pages of the chosen one.

Owns the selection. A pane in all but its place: it stands in a window of its own.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QMenu

from workbench.ui.command import Command
from workbench.ui.errors import Explanation
from workbench.ui.identities import tabs
from workbench.ui.identities.columns import identity_columns
from workbench.ui.identities.deletion import ask_deletion
from workbench.ui.identities.reading import read_details, read_identities
from workbench.ui.identities.rows import ROLE, ROOT, USER, Details, Identities, IdentityRow
from workbench.ui.identities.verbs import TOPIC, IdentityVerbs
from workbench.ui.identities.words import title_of
from workbench.ui.pane import Context
from workbench.ui.session import Task
from workbench.ui.widgets.base import PaneBase
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.fields import Inspector
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import number


class IdentitiesPane(PaneBase):
    """Table, filters, commands, inspector.

    Args:
        context: the window.
        act_as: turns the window to an identity by its ARN.
    """

    id: ClassVar[str] = "identities"
    icon: ClassVar[str] = "role"
    help_page: ClassVar[str] = "identities"

    def __init__(self, context: Context, act_as: Callable[[str], None]) -> None:
        super().__init__(context)
        self._act_as = act_as
        self._known: tuple[IdentityRow, ...] = ()
        self._details: Details | None = None
        self._wanted = ""
        self._number = 0
        self._task: Task | None = None
        self.verbs = IdentityVerbs(context, self, lambda: self._known, self.show_target)
        self.set_filter_hint(self.tr("Filter by name, path, description, ARN"))
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(self.tr("Which identities"))
        for words, kind in ((self.tr("Users and roles"), ""), (self.tr("Users"), USER),
                            (self.tr("Roles"), ROLE)):  # fmt: skip
            self.kinds.addItem(words, kind)
        self.kinds.currentIndexChanged.connect(lambda _index: self._filter())
        self.add_header_widget(self.kinds)
        self._make_commands()
        self.model: RowModel[IdentityRow] = RowModel(
            context.look, identity_columns(), lambda row: row.arn, lambda row: row.arn
        )
        self.table = RowTable(
            self.model, context.look, context.preferences, "identities", self.tr("Identities")
        )
        self.table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.table.chosen.connect(lambda _ids: self._selected())
        self.table.opened.connect(lambda _id: self.details.tabs.tabBar().setFocus())
        self.table.menu_wanted.connect(self._show_menu)
        self.add_menu_button("columns", self.tr("Choose columns"), self.table.column_menu)
        self.note = label("", "muted", wrap=True)
        self.set_content(self.table)
        self._build_inspector()
        context.session.changed.connect(self._heard)
        self._selected()

    @classmethod
    def name(cls) -> str:
        """Return the translated name."""
        return QCoreApplication.translate("IdentitiesPane", "Users and roles")

    @property
    def selected(self) -> IdentityRow | None:
        """The chosen identity."""
        rows: list[IdentityRow] = self.table.selected_rows
        return rows[0] if rows else None

    def refresh(self) -> None:
        """Read everybody again."""
        self._number += 1
        mine, bench = self._number, self.context.bench
        self.show_busy(busy=True)

        def arrived(found: Identities) -> None:
            if mine == self._number:
                self._adopt(found)

        def failed(words: Explanation) -> None:
            self.show_busy(busy=False)
            self.context.frame.notify(f"{words.title}: {words.text}", "danger")

        self.context.session.start(
            self, lambda: read_identities(bench.client("iam", ""), bench.place), arrived, failed
        )

    def on_filter(self, text: str) -> None:
        """Show only identities with every word of the text."""
        del text
        self._filter()

    def show_target(self, target: str) -> None:
        """Select an identity by its ARN, now or once it is read."""
        self._wanted = target
        self._select_wanted()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what had to wait while the vault was locked."""
        super().showEvent(event)
        self.verbs.show_new_keys()

    def _make_commands(self) -> None:
        make = self.make_command
        self.create_user = make("create-user", self.tr("Create &user…"), "add",
                                self.verbs.create_user, "Ctrl+N",
                                self.tr("Make a user of the account"))  # fmt: skip
        self.create_role = make("create-role", self.tr("Create &role…"), "role",
                                self.verbs.create_role, "Ctrl+Shift+N",
                                self.tr("Make a role that others assume"))  # fmt: skip
        self.act = make("act", self.tr("&Act as it"), "user", self._act, "Ctrl+Return",
                        self.tr("Act as the chosen identity in this window"))  # fmt: skip
        self.delete = make("delete", self.tr("&Delete…"), "delete", self._delete, "Del",
                           self.tr("Delete the chosen user or role"))  # fmt: skip
        self.reread = make("refresh", self.tr("&Refresh"), "retry", self.refresh, "F5",
                           self.tr("Read again what is shown"))  # fmt: skip
        self.search = make("filter", self.tr("&Filter"), "filter", self.focus_filter, "Ctrl+F",
                         self.tr("Put the keyboard into the filter"))  # fmt: skip
        self.help = make("help", self.tr("&Help"), "help",
                         lambda: self.context.frame.open_help(self.help_page), "F1",
                         self.tr("Read about users and roles"))  # fmt: skip
        self.add_command(self.create_user, primary=True)
        self.add_command(self.create_role, button=True)
        self.add_command(self.act, button=True)
        self.add_command(self.delete, button=True)
        self.add_command(self.reread)
        self.add_command(self.search)
        self.add_command(self.help, button=True, words=False)

    def _build_inspector(self) -> None:
        context, verbs = self.context, self.verbs
        self.details = Inspector(context.look, self.tr("Nobody is selected"))
        self.pages: tuple[tabs.Page, ...] = (
            tabs.GeneralPage(context, verbs),
            tabs.PoliciesPage(context, verbs),
            tabs.TrustPage(context, verbs),
            tabs.KeysPage(context, verbs),
            tabs.TagsPage(context, verbs),
        )
        titles = (self.tr("General"), self.tr("Policies"), self.tr("Trust"),
                  self.tr("Access keys"), self.tr("Tags"))  # fmt: skip
        for page, title in zip(self.pages, titles, strict=True):
            self.details.add_tab(page, title)
        self.set_inspector(self.details)

    def _heard(self, topic: str) -> None:
        if topic == TOPIC and self.loaded:
            self.refresh()

    def _adopt(self, found: Identities) -> None:
        self.show_busy(busy=False)
        self._known = found.rows
        self.model.set_rows(found.rows)
        self.note.setText(" ".join(found.problems))
        self.note.setVisible(bool(found.problems))
        self._filter()
        self._select_wanted()
        if self.selected is None and self.model.rowCount():
            self.table.select_id(self.model.id_at(0))
        self._selected()

    def _select_wanted(self) -> None:
        if self._wanted not in {row.arn for row in self._known}:
            return
        if not self.table.select_id(self._wanted):
            self.kinds.setCurrentIndex(0)
            self.filter_field.clear()
            self._filter()
            self.table.select_id(self._wanted)
        self._wanted = ""

    def _filter(self) -> None:
        kind = self.kinds.currentData()
        only = (lambda row: row.kind == kind) if kind else None
        self.model.set_filter(self.filter_field.text(), only)
        shown, total = self.model.rowCount(), self.model.total
        words = self.tr("{shown} of {total}").format(shown=number(shown), total=number(total))
        self.show_count(number(total) if shown == total else words)

    def _selected(self) -> None:
        row = self.selected
        self._permit(row)
        if row is None:
            self._details = None
            self.details.show_nothing()
            return
        bench = self.context.bench
        if self._details is None or self._details.row.arn != row.arn:
            self._show(Details(row, policies=(), keys=()), ready=False)
        if self._task is not None:
            self._task.drop()

        def arrived(details: Details | None) -> None:
            if details is not None and details.row == self.selected:
                self._show(details, ready=True)

        self._task = self.context.session.start(
            self, lambda: read_details(bench.client("iam", ""), row, bench.organization), arrived
        )

    def _show(self, details: Details, *, ready: bool) -> None:
        row = details.row
        self._details = details if ready else None
        self.details.show_head(title_of(row), row.arn)
        shown = (True, row.kind != ROOT, row.kind == ROLE, row.kind != ROLE, row.kind != ROOT)
        for number_, on in enumerate(shown):
            self.details.show_tab(number_, shown=on)
        for page in self.pages:
            page.show_details(details if ready else None)
        self._permit(row)

    def _permit(self, row: IdentityRow | None) -> None:
        nobody = self.tr("nobody is selected")
        self.act.permit(possible=row is not None, why=nobody)
        if row is not None and row.arn == self.context.bench.acting.caller.identity:
            self.act.forbid(self.tr("it is whom you act as already"))
        self.delete.permit(possible=row is not None and self._details is not None, why=nobody)
        if row is not None and row.kind == ROOT:
            self.delete.forbid(self.tr("an account always has its root"))

    def _act(self) -> None:
        row = self.selected
        if row is not None:
            self._act_as(row.arn)

    def _delete(self) -> None:
        if self._details is not None and self._details.row.kind != ROOT:
            ask_deletion(self.context, self._details, self)

    def _show_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        chosen: Sequence[Command] = (self.act, self.delete, self.create_user, self.create_role)
        for command in chosen:
            menu.addAction(command)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)
