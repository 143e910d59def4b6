"""Grants: who else may use the key, for what, and the way to more grants and to their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from workbench.ui.command import Command
from workbench.ui.errors import explain
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.panes.keys.tabs.base import AskingTab
from workbench.ui.panes.keys.tabs.grant_card import GrantCard
from workbench.ui.panes.keys.tabs.grant_ending import RETIRE, REVOKE, GrantEnding
from workbench.ui.panes.keys.tabs.grant_form import GrantForm, GrantShown
from workbench.ui.panes.keys.tabs.grant_table import GrantTable, grant_columns
from workbench.ui.policies.grants import (
    Grant,
    GrantPage,
    Made,
    create_grant,
    read_grants,
    retires_by_itself,
)
from workbench.ui.policies.people import People, read_people
from workbench.ui.policies.verdicts import Asked, Subject, ask
from workbench.ui.session import Task
from workbench.ui.widgets.basics import CommandButton, label, push_button
from workbench.ui.widgets.table import RowModel


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was read.

    Attributes:
        page: the first grants.
        own: ids of those that whoever acts may retire without a policy.
        why_not_retire: why they may not retire the others; empty if they may, or nobody knows.
    """

    page: GrantPage
    own: frozenset[str]
    why_not_retire: str


class GrantsTab(AskingTab[_Answer]):
    """The grants of the key, the selected one in words.

    Args:
        context: the window.
        create: the pane's command that asks for another grant.
    """

    def __init__(self, context: Context, create: Command) -> None:
        super().__init__(context)
        self._own: frozenset[str] = frozenset()
        self._why_not_retire = ""
        self._marker = ""
        self._reading: Task | None = None
        self._wanted = ""
        self._grants: tuple[Grant, ...] = ()
        unit = context.look.unit
        self.ending = GrantEnding(context, self)
        self.ending.ended.connect(self._changed)
        self._empty = label(
            self.tr("This key has no grants: its policy and those of identities alone decide."),
            "muted",
            wrap=True,
        )
        self._empty.setContentsMargins(unit * 4, unit * 3, unit * 4, 0)
        self._model: RowModel[Grant] = RowModel(
            context.look, grant_columns(context.bench.place.account), lambda one: one.id
        )
        self.table = GrantTable(
            self._model,
            context.look,
            context.preferences,
            "key-grants",
            self.tr("Grants, with grantee and operations"),
        )
        self.table.setMinimumHeight(unit * 34)
        self.table.chosen.connect(lambda _ids: self._chosen())
        self.table.menu_wanted.connect(self._show_menu)
        self.table.ending_wanted.connect(lambda: self._end(REVOKE))
        self.card = GrantCard(context)
        self.card.revoke.clicked.connect(lambda _on: self._end(REVOKE))
        self.card.retire.clicked.connect(lambda _on: self._end(RETIRE))
        self._more = push_button(self.tr("Show more grants"), self._read_more, "link")
        self.column.addWidget(self._build_bar(create))
        self.column.addWidget(self._empty)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self._more)
        self.column.addWidget(self.card)
        self.column.addStretch(0)
        context.session.changed.connect(self._heard)
        self.show_nothing()

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Grants")

    @property
    def help_page(self) -> str:
        """Stem of the help page that F1 opens while the tab is in front."""
        return "grants"

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What is shown."""
        return self._grants

    def ask(self, row: KeyRow) -> _Answer:
        """Read the grants, and which of them whoever acts may retire; on a worker."""
        bench = self.context.bench
        page = read_grants(bench.kms, row.id)
        caller = bench.acting.caller
        own = frozenset(
            one.id for one in page.grants if retires_by_itself(one, caller, bench.place.account)
        )
        why = ""
        if len(own) < len(page.grants):
            why = self._why_not(row, caller.identity)
        return _Answer(page, own, why)

    def show_answer(self, row: KeyRow, answer: _Answer) -> None:
        """Show them."""
        del row
        self._own, self._why_not_retire = answer.own, answer.why_not_retire
        self._show(answer.page.grants, answer.page.marker)
        if self._wanted and self.table.select_id(self._wanted):
            self._wanted = ""
        elif len(self._grants) == 1:
            self.table.select_id(self._grants[0].id)
        self._chosen()

    def show_nothing(self) -> None:
        """Take away the grants of another key."""
        self._own, self._why_not_retire = frozenset(), ""
        self._show((), "")
        self._empty.hide()
        self._chosen()

    def ask_create(self, row: KeyRow) -> None:
        """Open the form for another grant on a key."""
        form = GrantForm(self.context.look, row, self)
        form.on_submit(lambda: self._create(row, form))
        form.open()
        bench = self.context.bench

        def offer(people: People) -> None:
            form.offer(people)

        self.context.session.start(
            form, lambda: read_people(bench.client("iam", ""), bench.place), offer
        )

    def _create(self, row: KeyRow, form: GrantForm) -> None:
        kms, terms = self.context.bench.kms, form.terms
        submit(
            self.context,
            self,
            form,
            lambda: create_grant(kms, row.id, terms),
            partial(self._created, row),
            self.tr("Creating a grant"),
        )

    def _created(self, row: KeyRow, made: Made) -> None:
        self._wanted = made.id
        GrantShown(self.context, row, made, self).open()
        self._changed()

    def _changed(self) -> None:
        self.context.session.announce("grants")
        self.reload()

    def _build_bar(self, create: Command) -> QWidget:
        unit = self.context.look.unit
        bar = QWidget()
        across = QHBoxLayout(bar)
        across.setContentsMargins(unit * 4, unit * 3, unit * 3, unit * 2)
        across.addWidget(CommandButton(self.context.look, create))
        across.addStretch(1)
        self._columns = push_button(self.tr("Columns"), self._show_columns, "link")
        self._columns.setAccessibleName(self.tr("Choose columns of the grants"))
        help_button = push_button(self.tr("About grants"), self._help, "link")
        across.addWidget(self._columns)
        across.addWidget(help_button)
        return bar

    def _show(self, grants: Sequence[Grant], marker: str) -> None:
        self._grants, self._marker = tuple(grants), marker
        self._model.set_rows(self._grants)
        self._empty.setVisible(not grants)
        self.table.setVisible(bool(grants))
        self._columns.setVisible(bool(grants))
        self._more.setVisible(bool(marker))

    def _read_more(self) -> None:
        row, marker = self.row, self._marker
        if row is None or not marker:
            return
        self._more.setEnabled(False)
        bench = self.context.bench
        before = self._grants

        def arrived(page: GrantPage) -> None:
            self._more.setEnabled(True)
            if self._marker != marker or self._grants is not before:
                return  # another key, or read anew meanwhile
            caller, account = bench.acting.caller, bench.place.account
            self._own |= {one.id for one in page.grants if retires_by_itself(one, caller, account)}
            self._show((*before, *page.grants), page.marker)

        def refused(words: object) -> None:
            self._more.setEnabled(True)
            self._say(getattr(words, "text", ""), again=True)

        self._reading = self.context.session.start(
            self, lambda: read_grants(bench.kms, row.id, marker), arrived, refused
        )

    def _chosen(self) -> None:
        chosen: list[Grant] = self.table.selected_rows
        foreign = any(one.id not in self._own for one in chosen)
        self.card.show_grants(chosen, self._why_not_retire if foreign else "")

    def _end(self, verb: str) -> None:
        chosen = self.table.selected_rows
        if chosen and self.row is not None:
            self.ending.ask(self.row, chosen, verb)

    def _show_menu(self, point: QPoint) -> None:
        chosen: list[Grant] = self.table.selected_rows
        if not chosen:
            return
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        look = self.context.look
        copy = self.tr("Copy grant ID") if len(chosen) == 1 else self.tr("Copy grant IDs")
        menu.addAction(look.icon("copy", "text"), copy, self.card.copy_ids)
        for verb, button in ((RETIRE, self.card.retire), (REVOKE, self.card.revoke)):
            action = menu.addAction(
                look.icon("delete", "text"), button.text(), partial(self._end, verb)
            )
            action.setEnabled(button.isEnabled())
            action.setToolTip(button.toolTip())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)

    def _show_columns(self) -> None:
        self.table.column_menu().popup(self._columns.mapToGlobal(self._columns.rect().bottomLeft()))

    def _help(self) -> None:
        self.context.frame.open_help(self.help_page)

    def _heard(self, topic: str) -> None:
        if topic == "identities" and self.row is not None and self.isVisible():
            self.reload()

    def _why_not(self, row: KeyRow, identity: str) -> str:
        """Return which statement keeps an identity from retiring grants; empty if it may try."""
        iam = self.context.bench.client("iam", "")
        try:
            (verdict,) = ask(iam, Subject(row.arn, ""), Asked(identity, ("RetireGrant",)))
        except Exception as error:
            if not explain(error).denied:
                raise
            return ""
        # What only a condition stands against may be allowed for the grant in question.
        return "" if verdict.allowed or verdict.near else verdict.because
