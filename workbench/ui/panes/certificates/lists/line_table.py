"""The list of rows: what each would become, or became; a tick where it is to be issued.

Shows a `Batch`; owns no decision but which rows are shown.
"""

from collections.abc import Callable, Mapping, Sequence
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

from workbench.pki.authority import serial_text
from workbench.pki.parse import facts, one_certificate
from workbench.ui.look import Look
from workbench.ui.panes.certificates.lists.batch import KEYS, Batch, Line, Stand
from workbench.ui.tokens import Tone
from workbench.ui.widgets.texts import NOTHING, local_date, utc_time

_Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
LINE, SUBJECT, NAMES, KEY, ENDS, VERDICT = range(6)

_LOOKS: Final[Mapping[Stand, tuple[Tone, str]]] = {
    Stand.UNREADABLE: ("danger", "error"),
    Stand.WAITING: ("muted", "clock"),
    Stand.REFUSED: ("danger", "error"),
    Stand.REJECTED: ("danger", "warning"),
    Stand.WARNED: ("warning", "warning"),
    Stand.GOOD: ("ok", "ok"),
    Stand.ISSUED: ("ok", "certificate"),
    Stand.FAILED: ("danger", "error"),
}


class LineModel(QAbstractTableModel):
    """Rows of a batch.

    Args:
        look: icons.

    Signals:
        ticked(list[Line]): a person has chosen these otherwise.
    """

    ticked = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._batch = Batch()
        self._shown: Sequence[int] = ()
        self._passes: Callable[[Line], bool] = lambda _line: True
        self._locked = False
        self._titles = (
            self.tr("Line"), self.tr("Subject"), self.tr("Alternative names"), self.tr("Key"),
            self.tr("Valid until"), self.tr("Verdict"),
        )  # fmt: skip

    def show_batch(self, batch: Batch) -> None:
        """Show another batch."""
        self._batch = batch
        self.show_only(self._passes)

    def show_only(self, passes: Callable[[Line], bool]) -> None:
        """Show only the rows that pass."""
        self.beginResetModel()
        self._passes = passes
        self._shown = [place for place, one in enumerate(self._batch.lines) if passes(one)]
        self.endResetModel()

    def show_again(self) -> None:
        """Show the rows that pass now: some may have come to, others do no longer."""
        if len(self._shown) != len(self._batch.lines):
            self.show_only(self._passes)

    def lock(self, *, locked: bool) -> None:
        """Let nothing be ticked meanwhile."""
        self._locked = locked
        self.show_changed(self._shown)

    def line(self, row: int) -> Line:
        """Return the line in a row of the view."""
        return self._batch.lines[self._shown[row]]

    def show_changed(self, places: Sequence[int]) -> None:
        """Show what changed in these lines of the batch."""
        if not places or not self._shown:
            return
        top, bottom = min(places), max(places)
        if len(self._shown) != len(self._batch.lines):
            top, bottom = 0, len(self._shown) - 1
        self.dataChanged.emit(self.index(top, 0), self.index(bottom, VERDICT))

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many are shown."""
        return 0 if parent.isValid() else len(self._shown)

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
        """Let what can be issued be ticked."""
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == LINE and self._tickable(self.line(index.row())):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        line, column = self.line(index.row()), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(line, column)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(line, column)
            case Qt.ItemDataRole.DecorationRole if column == VERDICT:
                tone, icon = _LOOKS[line.stand]
                return self._look.icon(icon, tone)
            case Qt.ItemDataRole.CheckStateRole if column == LINE and line.choosable:
                return Qt.CheckState.Checked if line.wanted else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, self._look.unit * 7)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick."""
        line = self.line(index.row())
        if role != Qt.ItemDataRole.CheckStateRole or not self._tickable(line):
            return False
        self._batch.pick([line], wanted=Qt.CheckState(value) == Qt.CheckState.Checked)
        self.dataChanged.emit(index, index)
        self.ticked.emit([line])
        return True

    def tick_all(self, *, wanted: bool) -> None:
        """Tick or untick every row that is shown and can be."""
        if self._locked:
            return
        changed = self._batch.pick(map(self.line, range(self.rowCount())), wanted=wanted)
        self.show_changed(self._shown)
        self.ticked.emit(changed)

    def verdict(self, line: Line) -> str:
        """Return in a few words how a row stands."""
        words = {
            Stand.UNREADABLE: self.tr("Not usable"),
            Stand.WAITING: self.tr("Not checked yet"),
            Stand.REFUSED: self.tr("Refused"),
            Stand.REJECTED: self.tr("Would be rejected"),
            Stand.WARNED: self.tr("Warning"),
            Stand.GOOD: self.tr("Good"),
            Stand.FAILED: self.tr("Failed"),
            Stand.ISSUED: self.tr("Issued"),
        }[line.stand]
        said = line.remarks[0][1] if line.remarks else ""
        if line.stand is Stand.ISSUED:
            said = _serial(line)
        return f"{words}: {said}" if said and line.stand is not Stand.GOOD else words

    def key(self, line: Line) -> str:
        """Return which key a row is about."""
        row = line.row
        if row is None:
            return ""
        algorithm = line.looked.algorithm if line.looked else ""
        algorithm = algorithm or KEYS.get(row.key_spec, row.key_spec)
        if row.csr:
            words = self.tr("from its request")
        elif row.key_id:
            words = row.key_id
        elif row.alias:
            words = self.tr("new, {alias}").format(alias=row.alias)
        else:
            words = self.tr("new")
        return f"{algorithm} ({words})" if algorithm else words

    def _tickable(self, line: Line) -> bool:
        return line.choosable and not self._locked

    def _text(self, line: Line, column: int) -> str:
        if column == LINE:
            return str(line.number)
        if column == SUBJECT:
            return line.subject or NOTHING
        if column == NAMES:
            return line.names or NOTHING
        if column == KEY:
            return self.key(line) or NOTHING
        if column == ENDS:
            return local_date(line.looked.ends if line.looked else None)
        return self.verdict(line)

    def _tip(self, line: Line, column: int) -> str:
        if column == ENDS and line.looked:
            return utc_time(line.looked.ends)
        return self._text(line, column)


class LineView(QTreeView):
    """The list.

    Args:
        look: spacing.
        model: the rows.
    """

    def __init__(self, look: Look, model: LineModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setProperty("boxed", "true")
        self.setAccessibleName(self.tr("Rows of the list"))
        self.setSelectionBehavior(QTreeView.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        widths = ((LINE, 18), (SUBJECT, 54), (NAMES, 50), (KEY, 46), (ENDS, 24))
        for column, width in widths:
            self.setColumnWidth(column, look.unit * width)
        self.setMinimumHeight(look.unit * 56)


def _serial(line: Line) -> str:
    if line.outcome is None or not line.outcome.certificate:
        return ""
    certificate = facts(one_certificate(line.outcome.certificate.encode())).certificate
    return serial_text(certificate.serial_number)
