"""A list with a tick in the first column of rows that can be chosen: what such lists share.

Owns no row and no decision.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QHeaderView, QTreeView

from workbench.ui.look import Look

Index = QModelIndex | QPersistentModelIndex
ROOT: Final = QModelIndex()
TICK: Final = 0
"""The column with the tick."""


class TickModel(QAbstractTableModel):
    """Rows, some of which can be ticked; a subclass knows them.

    Args:
        look: icons and heights.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    def titles(self) -> Sequence[str]:
        """Return the columns' titles."""
        raise NotImplementedError

    def tickable(self, row: int) -> bool:
        """Whether a row can be ticked now."""
        raise NotImplementedError

    def tick(self, row: int, *, wanted: bool) -> None:
        """Tick or untick a row that can be, and tell who listens."""
        raise NotImplementedError

    def cell(self, row: int, column: int, role: int) -> Any:
        """Return what a cell holds beside what all rows have alike."""
        raise NotImplementedError

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.titles())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.titles()[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let what can be chosen be ticked."""
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == TICK and self.tickable(index.row()):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, self._look.unit * 7)
        return self.cell(index.row(), index.column(), role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick."""
        ticks = role == Qt.ItemDataRole.CheckStateRole and index.column() == TICK
        if not ticks or not self.tickable(index.row()):
            return False
        self.tick(index.row(), wanted=Qt.CheckState(value) == Qt.CheckState.Checked)
        return True


class TickView(QTreeView):
    """The list.

    Args:
        look: spacing.
        model: the rows.
        name: what a screen reader calls it.
        widths: of columns, in units; the last one takes the rest.
        height: at least, in units.
    """

    def __init__(
        self, look: Look, model: TickModel, name: str, widths: Mapping[int, int], height: int
    ) -> None:
        super().__init__()
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setProperty("boxed", "true")
        self.setAccessibleName(name)
        self.setSelectionBehavior(QTreeView.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in widths.items():
            self.setColumnWidth(column, look.unit * width)
        self.setMinimumHeight(look.unit * height)
        self._unit = look.unit

    def fit(self) -> None:
        """Be as tall as the rows need, within reason."""
        row = max(self.sizeHintForRow(0), self._unit * 6)
        rows = min(max(self.model().rowCount(), 3), 10)
        self.setFixedHeight(self.header().sizeHint().height() + rows * row + self._unit * 2)
