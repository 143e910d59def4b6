"""General: everything DescribeKey says, and the description edited in place."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import PENDING_DELETION, KeyRow
from workbench.ui.panes.keys.stock import stock_of
from workbench.ui.panes.keys.tabs.base import KeyTab
from workbench.ui.widgets.basics import CommandButton, label, push_button
from workbench.ui.widgets.fields import SelectableText
from workbench.ui.widgets.texts import NOTHING, age

_LONGEST = 8192


class _TextEdit(QPlainTextEdit):
    """Ctrl+Enter saves, Escape gives up."""

    saved = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the two keys; leave the others to Qt."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.saved.emit()
        else:
            super().keyPressEvent(event)


class EditableText(QWidget):
    """A value with a button that turns it into a field.

    Signals:
        committed(str): another text was saved.
    """

    committed = Signal(str)

    def __init__(self, look: Look, name: str, text: str, why_not: str = "") -> None:
        super().__init__()
        self._text = text
        self._shown = SelectableText(look, text or NOTHING)
        self._shown.setAccessibleName(f"{name}: {text}")
        self._field = _TextEdit()
        self._field.setAccessibleName(name)
        self._field.setTabChangesFocus(True)
        self._field.setFixedHeight(look.unit * 20)
        self.edit_button = push_button(self.tr("Edit"), self.begin, "link")
        self.edit_button.setAccessibleName(self.tr("Edit {name}").format(name=name))
        self.edit_button.setEnabled(not why_not)
        self.edit_button.setToolTip(why_not or self.tr("Edit it here"))
        head = QHBoxLayout()
        head.addWidget(label(name, "muted"))
        head.addWidget(self.edit_button)
        head.addStretch(1)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.unit * 2)
        row.addStretch(1)
        row.addWidget(push_button(self.tr("Cancel"), self.end))
        self._save = push_button(self.tr("Save"), self._commit, "primary")
        row.addWidget(self._save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.unit)
        column.addLayout(head)
        for widget in (self._shown, self._field, self._buttons):
            column.addWidget(widget)
        self._field.saved.connect(self._commit)
        self._field.left.connect(self.end)
        self._field.textChanged.connect(self._check)
        self.end()

    @property
    def editing(self) -> bool:
        """Whether something is being typed."""
        return not self._field.isHidden()

    def begin(self) -> None:
        """Turn to the field."""
        self._field.setPlainText(self._text)
        self._turn(editing=True)
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.selectAll()

    def end(self) -> None:
        """Turn back to the value."""
        self._turn(editing=False)

    def _turn(self, *, editing: bool) -> None:
        self._shown.setVisible(not editing)
        self.edit_button.setVisible(not editing)
        self._field.setVisible(editing)
        self._buttons.setVisible(editing)

    def _check(self) -> None:
        fits = len(self._field.toPlainText()) <= _LONGEST
        self._save.setEnabled(fits)
        self._save.setToolTip("" if fits else self.tr("At most 8,192 characters."))

    def _commit(self) -> None:
        text = self._field.toPlainText().strip()
        if len(text) > _LONGEST:
            return
        self.end()
        if text != self._text:
            self._text = text
            self._shown.setText(text or NOTHING)
            self.committed.emit(text)


class GeneralTab(KeyTab):
    """State, names, ARN, description, dates, Regions.

    Args:
        context: the window.
        regional: the pane's commands for multi-Region keys, as buttons.
    """

    def __init__(self, context: Context, regional: Sequence[Command] = ()) -> None:
        super().__init__(context)
        self._regional = tuple(regional)
        self._stock = stock_of(context)
        self._fields = self.make_fields()
        self._description: EditableText | None = None

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("General")

    def show_key(self, row: KeyRow) -> None:
        """Show a key; what is being typed about the same key stays."""
        editing = self._description is not None and self._description.editing
        if editing and self.row is not None and self.row.id == row.id:
            return
        super().show_key(row)
        self._fields.clear()
        if row.deletion is not None:
            self._fields.time(self.tr("Deletion date"), row.deletion)
        fields = self._fields
        fields.text(self.tr("Key ID"), row.id, mono=True, copy=True)
        fields.text(self.tr("ARN"), row.arn, mono=True, copy=True)
        if row.problem:
            fields.text(self.tr("Not readable"), row.problem)
            return
        self._add_description(row)
        fields.text(self.tr("Aliases"), "\n".join(row.names))
        fields.text(self.tr("Key spec"), row.spec)
        fields.text(self.tr("Usage"), words.usage_name(row.usage), tip=row.usage)
        fields.text(self.tr("Material"), words.origin_name(row.origin), tip=row.origin)
        fields.time(self.tr("Created"), row.created)
        now = self.context.bench.clock.now()
        fields.text(self.tr("Current key material since"), age(row.material_since, now))
        manager = self.tr("AWS") if row.managed_by_aws else self.tr("You")
        fields.text(self.tr("Managed by"), manager)
        self._add_regions(row)

    def _add_regions(self, row: KeyRow) -> None:
        fields, regions = self._fields, row.regions
        if regions is None:
            fields.text(self.tr("Regionality"), self.tr("One Region"))
            return
        fields.heading(self.tr("Regions"))
        role = self.tr("Primary key") if regions.primary else self.tr("Replica key")
        fields.badge(self.tr("Multi-Region"), role, "info", "root" if regions.primary else "link")
        fields.text(self.tr("Primary Region"), regions.primary_region)
        if not regions.primary:
            fields.text(self.tr("Primary key's ARN"), regions.primary_arn, mono=True, copy=True)
        for region, arn in regions.replicas:
            name = self.tr("Replica in {region}").format(region=region)
            fields.text(name, arn, mono=True, copy=True)
        if not regions.replicas:
            fields.text(self.tr("Replicas"), self.tr("None yet"))
        buttons = QWidget()
        column = QVBoxLayout(buttons)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.context.look.unit * 2)
        for command in self._regional:
            column.addWidget(
                CommandButton(self.context.look, command), 0, Qt.AlignmentFlag.AlignLeft
            )
        fields.widget(buttons)

    def _add_description(self, row: KeyRow) -> None:
        why_not = ""
        if row.state == PENDING_DELETION:
            why_not = self.tr("Not now: the key is pending deletion")
        elif row.managed_by_aws:
            why_not = self.tr("Not possible: AWS manages this key")
        self._description = EditableText(
            self.context.look, self.tr("Description"), row.description, why_not
        )
        self._description.committed.connect(partial(self._save, row.id))
        self._fields.widget(self._description)

    def _save(self, key: str, text: str) -> None:
        kms = self.context.bench.kms

        def work() -> None:
            kms.update_key_description(KeyId=key, Description=text)

        def done(_none: None) -> None:
            self.context.frame.notify(self.tr("The description was saved."))
            self._stock.reread([key])

        session = self.context.session
        session.start(self, work, done, None, self.tr("Saving the description"), mutates=True)
