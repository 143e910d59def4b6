"""The list of what was found: each with its verdict, and a tick where it is to be imported.

Shows `Findings`; owns no decision.
"""

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QHeaderView, QTreeView

from workbench.pki.incoming.items import Sort
from workbench.ui.look import Look
from workbench.ui.panes.certificates.incoming import Findings, Line
from workbench.ui.tokens import Tone

_Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
NAME, KIND, SOURCE, VERDICT = range(4)
_ICONS: Final = {
    Sort.CERTIFICATE: "certificate",
    Sort.REQUEST: "file",
    Sort.LIST: "columns",
    Sort.ANSWER: "verify",
    Sort.KEY: "keys",
    Sort.OTHER: "file",
}


class FoundModel(QAbstractTableModel):
    """Rows of what was found.

    Args:
        look: icons.
        findings: what was found.

    Signals:
        ticked: another choice was made.
    """

    ticked = Signal()

    def __init__(self, look: Look, findings: Findings) -> None:
        super().__init__()
        self._look = look
        self._findings = findings
        self._titles = (
            self.tr("Name"), self.tr("What it is"), self.tr("From"), self.tr("Verdict")
        )  # fmt: skip

    def line(self, row: int) -> Line:
        """Return the line in a row."""
        return self._findings.lines[row]

    def begin_change(self) -> None:
        """Say that what was found is about to change as a whole."""
        self.beginResetModel()

    def end_change(self) -> None:
        """Show what changed."""
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._findings.lines)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let what is new be ticked."""
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == NAME and self.line(index.row()).new:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        line = self.line(index.row())
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.verdict(line)[0] if column == VERDICT else self._text(line, column)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(line, column)
        if role == Qt.ItemDataRole.CheckStateRole and column == NAME and line.new:
            return Qt.CheckState.Checked if line.wanted else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, self._look.unit * 7)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick."""
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != NAME:
            return False
        self.line(index.row()).wanted = Qt.CheckState(value) == Qt.CheckState.Checked
        self.dataChanged.emit(index, index)
        self.ticked.emit()
        return True

    def tick_all(self, *, wanted: bool) -> None:
        """Tick or untick everything that can be."""
        for line in self._findings.lines:
            line.wanted = wanted and line.new
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, NAME))
        self.ticked.emit()

    def verdict(self, line: Line) -> tuple[str, Tone, str]:
        """Return what is said of a line, its tone and its icon."""
        if line.outcome is not None:
            good = line.outcome.good
            return line.outcome.words, "ok" if good else "danger", "ok" if good else "error"
        if line.item.problem:
            return line.item.problem, "danger", "error"
        if line.known:
            return self.tr("In the collection already."), "info", "info"
        if line.twice:
            return self.tr("The same as one above."), "info", "info"
        if line.item.remark:
            return line.item.remark, "warning", "warning"
        return self.tr("Good"), "ok", "ok"

    def _text(self, line: Line, column: int) -> str:
        if column == NAME:
            return line.name
        if column == KIND:
            return self.kind(line)
        if column == SOURCE:
            return line.item.source or self.tr("Pasted text")
        return self.verdict(line)[0]

    def kind(self, line: Line) -> str:
        """Return what a line is, in a few words."""
        item = line.item
        words = {
            Sort.CERTIFICATE: self.tr("Root CA") if item.root else self.tr("Certificate"),
            Sort.REQUEST: self.tr("Request"),
            Sort.LIST: self.tr("Revocation list"),
            Sort.ANSWER: self.tr("OCSP response"),
            Sort.KEY: self.tr("Private key"),
            Sort.OTHER: self.tr("Not usable"),
        }
        return ", ".join(part for part in (words[item.sort], item.detail) if part)

    def _icon(self, line: Line, column: int) -> Any:
        if column == VERDICT:
            _words, tone, icon = self.verdict(line)
            return self._look.icon(icon, tone)
        if column == NAME:
            return self._look.icon(_ICONS[line.item.sort], "muted")
        return None


class FoundView(QTreeView):
    """The list.

    Args:
        look: spacing.
        model: what was found.
    """

    def __init__(self, look: Look, model: FoundModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setProperty("boxed", "true")
        self.setAccessibleName(self.tr("What was found"))
        self.setSelectionBehavior(QTreeView.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        unit = look.unit
        for column, width in ((NAME, 56), (KIND, 44), (SOURCE, 32)):
            self.setColumnWidth(column, unit * width)
        self.setMinimumHeight(unit * 36)
        self._unit = unit

    def fit(self) -> None:
        """Be as tall as the rows need, within reason."""
        model = self.model()
        row = max(self.sizeHintForRow(0), self._unit * 6)
        rows = min(max(model.rowCount(), 3), 10)
        self.setFixedHeight(self.header().sizeHint().height() + rows * row + self._unit * 2)
