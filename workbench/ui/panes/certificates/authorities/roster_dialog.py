"""Every CA of the vault in a list, also those that wait for a certificate and deleted ones."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QPushButton

from workbench.pki.authority import Status
from workbench.pki.roster import Held, read_roster
from workbench.ui.help import HELP_PAGE
from workbench.ui.panes.certificates.authorities.actions import Action
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.states import AUTHORITIES
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import NOTHING, local_date

_LATER: Final = 0.0
_ABREAST: Final = 4


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _filters() -> Sequence[tuple[str, Callable[[Held], bool]]]:
    return (
        (_tr("Not deleted"), lambda one: one.status is not Status.DELETED),
        (_tr("Waiting for a certificate"), lambda one: one.waiting),
        (_tr("Disabled"), lambda one: one.status is Status.DISABLED),
        (_tr("Deleted, restorable"), lambda one: one.status is Status.DELETED),
        (_tr("All"), lambda _one: True),
    )


def _dated(name: str, title: str, moment: Callable[[Held], datetime | None]) -> Column[Held]:
    def text(one: Held) -> str:
        found = moment(one)
        return local_date(found) if found else NOTHING

    def key(one: Held) -> float:
        found = moment(one)
        return found.timestamp() if found else _LATER

    return Column(name, title, text, key=key, width=max(13, len(title) + 4), searched=False)


def _columns() -> list[Column[Held]]:
    return [
        Column("name", _tr("Name"), lambda one: one.name, width=32,
               mark=lambda one: Mark("root" if one.root else "hierarchy", "muted")),
        Column("status", _tr("State"), lambda one: AUTHORITIES[one.status].text, width=24,
               mark=lambda one: Mark(AUTHORITIES[one.status].icon, AUTHORITIES[one.status].tone)),
        Column("algorithm", _tr("Key"), lambda one: one.key, width=12),
        _dated("ends", _tr("Valid until"), lambda one: one.ends),
        _dated("restorable", _tr("Gone for good on"), lambda one: one.restorable_until),
        _dated("created", _tr("Created"), lambda one: one.created),
    ]  # fmt: skip


class RosterDialog(BaseDialog):
    """The list, with what can be done with the chosen CA.

    Args:
        host: the pane.
        actions: what can be done, by name.
    """

    def __init__(self, host: Host, actions: Mapping[str, Action]) -> None:
        look = host.context.look
        super().__init__(look, _tr("Certificate authorities"), host.widget)
        self.setProperty(HELP_PAGE, "deleting-ca")
        self._host, self._actions = host, actions
        self.setMinimumWidth(look.unit * 250)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_tr("Filter by name, state, key"))
        self.filter.setAccessibleName(_tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.which = QComboBox()
        self.which.setAccessibleName(_tr("Which CAs are listed"))
        for words, passes in _filters():
            self.which.addItem(words, passes)
        top = QHBoxLayout()
        top.setSpacing(look.unit * 2)
        top.addWidget(self.filter, 1)
        top.addWidget(self.which)
        self.rows: RowModel[Held] = RowModel(
            look, _columns(), lambda one: one.arn, lambda one: one.arn
        )
        self.table = RowTable(
            self.rows, look, host.context.preferences, "authorities", _tr("Certificate authorities")
        )
        self.table.setProperty("boxed", "true")
        self.table.setMinimumHeight(look.unit * 50)
        self.empty = label(_tr("There is no such CA."), "muted", wrap=True)
        self.body.addLayout(top)
        for widget in (self.table, self.empty):
            self.body.addWidget(widget)
        self._build_actions()
        self.filter.textChanged.connect(lambda _text: self._sieve())
        self.which.currentIndexChanged.connect(lambda _index: self._sieve())
        self.table.chosen.connect(lambda _ids: self._allow())
        self.add_cancel(_tr("Close"))
        self._allow()
        self.read()

    @property
    def chosen(self) -> Held | None:
        """The one CA that is chosen, or None."""
        rows: Sequence[Held] = self.table.selected_rows
        return rows[0] if len(rows) == 1 else None

    def read(self) -> None:
        """Read the CAs again."""
        context = self._host.context
        acm_pca = context.bench.acm_pca

        def show(roster: Mapping[str, Held]) -> None:
            self.rows.set_rows(list(roster.values()))
            self._sieve()

        context.session.start(self, lambda: read_roster(acm_pca), show, self.show_problem)

    def _build_actions(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(self.look.unit * 2)
        self.action_buttons: dict[str, QPushButton] = {}
        for place, (name, action) in enumerate(self._actions.items()):
            button = push_button(action.text(None), partial(self._run, action))
            self.look.dress(button, action.icon)
            grid.addWidget(button, *divmod(place, _ABREAST))
            self.action_buttons[name] = button
        self.body.addLayout(grid)

    def _sieve(self) -> None:
        self.rows.set_filter(self.filter.text(), self.which.currentData())
        self.empty.setVisible(not self.rows.rowCount())
        if self.rows.rowCount() and not self.table.selected_ids:
            self.table.select_id(self.rows.id_at(0))
        self._allow()

    def _allow(self) -> None:
        held = self.chosen
        for name, button in self.action_buttons.items():
            action = self._actions[name]
            why = action.why_not(held)
            button.setText(action.text(held))
            button.setEnabled(not why)
            button.setToolTip(_tr("Not possible: {why}").format(why=why) if why else action.tip)

    def _run(self, action: Action) -> None:
        held = self.chosen
        if held is not None:
            action.run(held)
