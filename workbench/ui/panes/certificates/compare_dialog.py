"""The dialog that shows two certificates side by side, with what differs marked."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from workbench.ui.look import Look
from workbench.ui.panes.certificates.compare import ALWAYS_DIFFERENT, Line, differences
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.texts import number

Copy = Callable[[str, str], None]

MOST_ROWS: Final = 500
"""Of one group; a certificate may have thousands of names, which nobody reads here."""


class CompareTree(QTreeWidget):
    """Fields in two columns, by group.

    Args:
        look: colours and icons.
        names: of both certificates.
        copy: the frame's.
    """

    def __init__(self, look: Look, names: tuple[str, str], copy: Copy) -> None:
        super().__init__()
        self._look = look
        self._copy = copy
        self.setAccessibleName(self.tr("Fields of both certificates"))
        self.setProperty("role", "boxed")
        self.setHeaderLabels([self.tr("Field"), *names])
        self.setWordWrap(True)
        self.setMinimumHeight(look.unit * 90)
        self.setIndentation(look.unit * 3)
        header = self.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def show_lines(self, lines: Sequence[Line], *, different: bool) -> None:
        """Show fields: all, or only those that differ."""
        self.clear()
        groups: dict[str, list[Line]] = {}
        for line in lines:
            if not different or not (line.same or line.group in ALWAYS_DIFFERENT):
                groups.setdefault(line.group, []).append(line)
        for title, found in groups.items():
            items = [self._item(line) for line in found[:MOST_ROWS]]
            if len(found) > MOST_ROWS:
                more = self.tr("{n} more").format(n=number(len(found) - MOST_ROWS))
                items.append(QTreeWidgetItem([more]))
            self._heading(title).addChildren(items)
        self.expandAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the chosen field."""
        item = self.currentItem()
        if event.matches(QKeySequence.StandardKey.Copy) and item is not None:
            words = [item.text(column) for column in range(3) if item.text(column)]
            self._copy("\t".join(words), self.tr("field of both certificates"))
        else:
            super().keyPressEvent(event)

    def _heading(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        self.addTopLevelItem(item)
        item.setFirstColumnSpanned(True)
        return item

    def _item(self, line: Line) -> QTreeWidgetItem:
        absent = self.tr("(none)")
        item = QTreeWidgetItem([line.name, line.left or absent, line.right or absent])
        if line.same:
            return item
        item.setIcon(0, self._look.icon("warning", "warning"))
        item.setToolTip(0, self.tr("They differ"))
        item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, self.tr("They differ"))
        for column in (0, 1, 2):
            item.setBackground(column, self._look.soft("warning"))
        for column, words in ((1, line.left), (2, line.right)):
            item.setToolTip(column, words)
        return item


class CompareDialog(BaseDialog):
    """Shows what differs.

    Args:
        look: colours and spacing.
        names: of both certificates.
        lines: their fields.
        copy: the frame's.
        parent: the pane.
    """

    def __init__(
        self, look: Look, names: tuple[str, str], lines: Sequence[Line], copy: Copy, parent: QWidget
    ) -> None:
        super().__init__(look, parent.tr("Compare certificates"), parent)
        self._lines = lines
        self.setMinimumWidth(look.unit * 190)
        count = differences(lines)
        words = {
            0: self.tr("Both say the same."),
            1: self.tr("They differ in 1 field."),
        }.get(count, self.tr("They differ in {n} fields.").format(n=number(count)))
        self.summary = label(words, "strong")
        self.only = QCheckBox(self.tr("&Only what differs"))
        self.only.toggled.connect(lambda _on: self._show())
        self.tree = CompareTree(look, names, copy)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.only)
        self.body.addWidget(self.tree, 1)
        self.buttons.addWidget(push_button(self.tr("Close"), self.accept))
        self._show()

    def _show(self) -> None:
        self.tree.show_lines(self._lines, different=self.only.isChecked())
