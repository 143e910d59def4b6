"""Aliases and tags: add, take away, edit."""

from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from workbench.ui.command import Command
from workbench.ui.pane import Context
from workbench.ui.panes.keys.alias_field import PREFIX, AliasField
from workbench.ui.panes.keys.inventory import PENDING_DELETION, TAGS, KeyRow
from workbench.ui.panes.keys.stock import stock_of
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.panes.keys.tabs.base import KeyTab
from workbench.ui.widgets.basics import CommandButton, CopyButton, label, push_button
from workbench.ui.widgets.dialogs import Choice, DangerDialog, FormDialog


class NamesTab(KeyTab):
    """The key's aliases, each with its buttons, and its tags.

    Args:
        context: the window.
        edit_tags: the pane's command for tags, as a button.
    """

    def __init__(self, context: Context, edit_tags: Command) -> None:
        super().__init__(context)
        self._stock = stock_of(context)
        self._edit_tags = edit_tags
        self._fields = self.make_fields()

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Aliases and tags")

    def show_key(self, row: KeyRow) -> None:
        """Show a key."""
        super().show_key(row)
        fields = self._fields
        fields.clear()
        fields.heading(self.tr("Aliases"))
        for name in row.names:
            fields.widget(self._alias_line(row, name))
        if not row.names:
            fields.widget(label(self.tr("This key has no alias: it is found by its ID."), "muted"))
        add = push_button(self.tr("Add alias…"), lambda: self.ask_alias(row))
        self.context.look.dress(add, "add")
        pending = row.state == PENDING_DELETION
        add.setEnabled(not pending)
        add.setToolTip(self.tr("Not now: the key is pending deletion") if pending else "")
        fields.widget(_at_left(add))
        fields.heading(self.tr("Tags"))
        for key, value in row.tags:
            fields.text(key, value)
        if TAGS in row.withheld:
            told = self.tr("Not permitted: kms:ListResourceTags is needed to see the tags.")
            fields.widget(label(told, "muted", wrap=True))
        elif not row.tags:
            fields.widget(label(self.tr("This key has no tags."), "muted"))
        fields.widget(_at_left(CommandButton(self.context.look, self._edit_tags)))

    def ask_alias(self, row: KeyRow) -> None:
        """Open the form for another alias of a key."""
        look = self.context.look
        form = FormDialog(look, self.tr("Add an alias"), self.tr("Add alias"), self)
        field = AliasField(look, lambda name: self._stock.row(PREFIX + name) is not None)
        form.add_field(
            self.tr("&Alias"),
            field,
            self.tr("Programs that name it use this key from now on."),
            lambda: field.problem() or ("" if field.name else self.tr("Type a name.")),
        )

        def work() -> Any:
            return self.context.bench.kms.create_alias(
                AliasName=PREFIX + name[0], TargetKeyId=row.id
            )

        name: list[str] = [""]

        def decided() -> None:
            name[0] = field.name
            submit(self.context, self, form, work, done, self.tr("Adding an alias"))

        def done(_answer: Any) -> None:
            self.context.frame.notify(self.tr("The alias {name} was added.").format(name=name[0]))
            self._stock.reread([row.id])

        form.on_submit(decided)
        form.setObjectName("keys.alias.dialog")
        form.open()
        field.setFocus()

    def ask_removal(self, row: KeyRow, name: str) -> None:
        """Ask before an alias is taken away."""
        dialog = DangerDialog(
            self.context.look,
            self.tr("Remove this alias?"),
            [PREFIX + name],
            [],
            [
                Choice(
                    self.tr("Remove alias"),
                    partial(self._remove, row, name),
                    danger=True,
                    why=self.tr("programs that use this name stop working; the key stays."),
                )
            ],
            self,
        )
        dialog.setObjectName("keys.alias-removal.dialog")
        dialog.open()

    def _remove(self, row: KeyRow, name: str) -> None:
        kms = self.context.bench.kms

        def again(_answer: Any) -> None:
            self._stock.reread([row.id])

        def restore() -> None:
            self.context.session.start(
                self,
                lambda: kms.create_alias(AliasName=PREFIX + name, TargetKeyId=row.id),
                again,
                mutates=True,
            )

        def done(_answer: Any) -> None:
            told = self.tr("The alias {name} was removed.").format(name=name)
            self.context.frame.notify(told, "ok", (self.tr("Put it back"), restore))
            self._stock.reread([row.id])

        self.context.session.start(
            self,
            lambda: kms.delete_alias(AliasName=PREFIX + name),
            done,
            None,
            self.tr("Removing an alias"),
            mutates=True,
        )

    def _alias_line(self, row: KeyRow, name: str) -> QWidget:
        look = self.context.look
        line = QWidget()
        across = QHBoxLayout(line)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(look.unit)
        across.addWidget(label(PREFIX + name, wrap=True), 1)
        copy = partial(self.context.frame.copy, PREFIX + name, self.tr("Alias"))
        across.addWidget(CopyButton(look, self.tr("alias {name}").format(name=name), copy))
        remove = QToolButton()
        remove.setProperty("role", "flat")
        look.dress(remove, "delete", "muted")
        words = self.tr("Remove alias {name}").format(name=name)
        remove.setToolTip(words)
        remove.setAccessibleName(words)
        remove.clicked.connect(lambda _checked=False: self.ask_removal(row, name))
        across.addWidget(remove)
        return line


def _at_left(widget: QWidget) -> QWidget:
    line = QWidget()
    across = QHBoxLayout(line)
    across.setContentsMargins(0, 0, 0, 0)
    across.addWidget(widget)
    across.addStretch(1)
    return line
