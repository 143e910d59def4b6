"""Tables: a model over a `RowSet` and a view that keeps selection and columns.

Knows the look and the preferences; knows nothing of what the rows are.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QMenu,
    QTableView,
    QWidget,
)

from workbench.ui.look import Look
from workbench.ui.preferences import Preferences
from workbench.ui.widgets.rows import Column, RowSet

R = TypeVar("R")
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
ID_ROLE = Qt.ItemDataRole.UserRole
ROW_ROLE = Qt.ItemDataRole.UserRole + 1


def _side(column: Column[Any]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class RowModel(QAbstractTableModel, Generic[R]):
    """Shows the rows of a `RowSet` that pass the filter, in the chosen order."""

    def __init__(
        self,
        look: Look,
        columns: Sequence[Column[R]],
        row_id: Callable[[R], str],
        extra: Callable[[R], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._row_id = row_id
        self._extra = extra
        self.columns = tuple(columns)
        self._set: RowSet[R] = RowSet(columns, (), row_id)
        self._shown: Sequence[int] = ()
        self._text = ""
        self._predicate: Callable[[R], bool] | None = None
        self._column = -1
        self._descending = False

    def prepare(self, rows: Sequence[R]) -> RowSet[R]:
        """Build a row set; touches no Qt, so it may run on a worker. Give it to `adopt`."""
        prepared = RowSet(self.columns, rows, self._row_id, self._extra)
        return prepared.warm(self._column) if self._column >= 0 else prepared

    def adopt(self, prepared: RowSet[R]) -> None:
        """Show a prepared row set; filter and order stay."""
        self._show(prepared)

    def set_rows(self, rows: Sequence[R]) -> None:
        """Show these rows; for many thousands use `prepare` on a worker, then `adopt`."""
        self.adopt(self.prepare(rows))

    def set_filter(self, text: str, predicate: Callable[[R], bool] | None = None) -> None:
        """Show only rows with every word of `text` that fulfil `predicate`."""
        self._text, self._predicate = text, predicate
        self._show()

    @property
    def total(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._set)

    @property
    def rows(self) -> Sequence[R]:
        """Every row, shown or not."""
        return self._set.rows

    def row(self, index: _Index | int) -> R:
        """Return the row at an index or line of the view."""
        line = index if isinstance(index, int) else index.row()
        return self._set.rows[self._shown[line]]

    def line_of(self, row_id: str) -> int | None:
        """Return the line that shows a row, or None if it is filtered away or absent."""
        place = self._set.place(row_id)
        if place is None:
            return None
        try:
            return self._shown.index(place)
        except ValueError:
            return None

    def spans(self, row_ids: Sequence[str]) -> list[tuple[int, int]]:
        """Return the lines that show these rows, as (first, last) of each unbroken run."""
        places = {self._set.place(row_id) for row_id in row_ids}
        lines = (
            [line for line, place in enumerate(self._shown) if place in places] if places else []
        )
        runs: list[tuple[int, int]] = []
        for line in lines:
            if runs and runs[-1][1] == line - 1:
                runs[-1] = (runs[-1][0], line)
            else:
                runs.append((line, line))
        return runs

    def id_at(self, line: int) -> str:
        """Return the identity of the row at a line."""
        return self._set.ids[self._shown[line]]

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many rows pass the filter."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        row = self.row(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                found: Any = column.text(row)
            case Qt.ItemDataRole.DecorationRole:
                mark = column.mark(row) if column.mark else None
                found = self._look.icon(mark.icon, mark.tone) if mark else None
            case Qt.ItemDataRole.ToolTipRole:
                found = column.tip(row) if column.tip else column.text(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                found = f"{column.title}: {column.text(row)}"
            case Qt.ItemDataRole.TextAlignmentRole:
                found = _side(column)
            case Qt.ItemDataRole.FontRole:
                found = self._look.mono if column.mono else None
            case _:
                found = {ID_ROLE: self.id_at(index.row()), ROW_ROLE: row}.get(role)
        return found

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(self.columns[section])
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column."""
        self._column, self._descending = column, order is Qt.SortOrder.DescendingOrder
        self._show()

    def _show(self, prepared: RowSet[R] | None = None) -> None:
        # A reset, not a layout change: moving 100,000 persistent indexes costs more than the view's
        # one repaint, and `RowTable` keeps the selection by identity.
        self.beginResetModel()
        # Only now: whoever keeps a selection has just asked for identities of the old rows.
        if prepared is not None:
            self._set = prepared
        self._shown = self._set.select(
            self._text, self._predicate, self._column, descending=self._descending
        )
        self.endResetModel()


class RowTable(QTableView):
    """A table of whole rows: sorted by its headings, columns chosen by their menu and remembered.

    Args:
        model: what it shows.
        look: for row heights and widths.
        preferences: where columns are remembered.
        name: under which they are remembered, and the object name.
        label: accessible name.

    Signals:
        chosen(list[str]): identities of the selected rows changed.
        opened(str): a row was double-clicked or Enter pressed on it.
        menu_wanted(QPoint): a context menu is wanted, at this global position.
    """

    chosen = Signal(object)
    opened = Signal(str)
    menu_wanted = Signal(QPoint)

    def __init__(
        self,
        model: RowModel[Any],
        look: Look,
        preferences: Preferences,
        name: str,
        label: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = model
        self._look = look
        self._preferences = preferences
        self._name = name
        self._kept: list[str] = []
        self._current = ""
        self._restoring = False
        self._chosen = False
        model.setParent(self)
        self.setModel(model)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self._set_up()
        self._save_later = QTimer(self, singleShot=True, interval=200)
        self._save_later.timeout.connect(self._remember_columns)
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.activated.connect(lambda index: self.opened.emit(model.id_at(index.row())))
        self._load_columns()
        header = self.horizontalHeader()
        for changed in (header.sectionResized, header.sectionMoved):
            changed.connect(lambda *_: self._columns_changed())
        header.sortIndicatorChanged.connect(lambda *_: self._save_later.start())
        look.follow(self, self._measure)

    @property
    def selected_ids(self) -> list[str]:
        """Identities of the selected rows, topmost first."""
        return [self._rows.id_at(line) for line in self._selected_lines()]

    @property
    def selected_rows(self) -> list[Any]:
        """The selected rows, topmost first."""
        return [self._rows.row(line) for line in self._selected_lines()]

    def select_id(self, row_id: str) -> bool:
        """Select one row and bring it into view; False if it is not shown."""
        line = self._rows.line_of(row_id)
        if line is None:
            return False
        index = self._rows.index(line, self._first_column())
        self.selectionModel().setCurrentIndex(
            index,
            QItemSelectionModel.SelectionFlag.ClearAndSelect
            | QItemSelectionModel.SelectionFlag.Rows,
        )
        self.scrollTo(index)
        return True

    def select_ids(self, row_ids: Sequence[str]) -> None:
        """Select these rows, those of them that are shown, and no others."""
        lines = [line for line in map(self._rows.line_of, row_ids) if line is not None]
        flags = QItemSelectionModel.SelectionFlag
        if lines:
            leading = self._rows.index(lines[0], self._first_column())
            self.selectionModel().setCurrentIndex(leading, flags.NoUpdate)
            self.scrollTo(leading)
        self.selectionModel().select(self._spanned(row_ids), flags.ClearAndSelect)

    def column_menu(self) -> QMenu:
        """Return a menu that shows and hides columns."""
        menu = QMenu(self.tr("Columns"), self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        header = self.horizontalHeader()
        shown = header.count() - header.hiddenSectionCount()
        for number, column in enumerate(self._rows.columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(number))
            action.setEnabled(shown > 1 or header.isSectionHidden(number))
            action.toggled.connect(lambda on, n=number: self._show_column(n, on=on))
        menu.addSeparator()
        menu.addAction(self.tr("Reset columns"), self._reset_columns)
        return menu

    def focusInEvent(self, event: Any) -> None:
        """Make the first row current when the keyboard arrives, so that arrows work at once."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._rows.rowCount():
            self.selectionModel().setCurrentIndex(
                self._rows.index(0, self._first_column()),
                QItemSelectionModel.SelectionFlag.NoUpdate,
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let columns make room for others, or come back."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Measure again when the font changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_look"):
            self._measure()

    def _selected_lines(self) -> list[int]:
        # By ranges: asking Qt for every index takes seconds when 100,000 rows are selected.
        chosen = self.selectionModel().selection()
        parts = [chosen.at(number) for number in range(chosen.count())]
        return sorted({n for part in parts for n in range(part.top(), part.bottom() + 1)})

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda point: self.menu_wanted.emit(self.viewport().mapToGlobal(point))
        )
        vertical = self.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(
            lambda point: self.column_menu().popup(header.mapToGlobal(point))
        )

    def _first_column(self) -> int:
        header = self.horizontalHeader()
        return next(
            (
                header.logicalIndex(place)
                for place in range(header.count())
                if not header.isSectionHidden(header.logicalIndex(place))
            ),
            0,
        )

    def _measure(self) -> None:
        height = self._look.unit * 8
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.setIconSize(QSize(self._look.icon_size, self._look.icon_size))
        self.viewport().update()

    def _keep(self) -> None:
        self._kept = self.selected_ids
        current = self.currentIndex()
        self._current = self._rows.id_at(current.row()) if current.isValid() else ""
        self._restoring = True

    def _restore(self) -> None:
        selection = self._spanned(self._kept)
        line = self._rows.line_of(self._current) if self._current else None
        if line is not None:
            self.selectionModel().setCurrentIndex(
                self._rows.index(line, self._first_column()),
                QItemSelectionModel.SelectionFlag.NoUpdate,
            )
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._restoring = False
        # Told even if the same: the rows behind the identities may have changed.
        if self._kept:
            self.chosen.emit(self.selected_ids)

    def _spanned(self, row_ids: Sequence[str]) -> QItemSelection:
        selection = QItemSelection()
        last = len(self._rows.columns) - 1
        for top, bottom in self._rows.spans(row_ids):
            selection.select(self._rows.index(top, 0), self._rows.index(bottom, last))
        return selection

    def _selection_changed(self) -> None:
        if not self._restoring:
            self.chosen.emit(self.selected_ids)

    def _show_column(self, number: int, *, on: bool) -> None:
        self._chosen = True
        self.horizontalHeader().setSectionHidden(number, not on)
        self._save_later.start()

    def _columns_changed(self) -> None:
        # Qt resizes columns, too; a person does it with the mouse on the headings.
        pressed = bool(QApplication.mouseButtons() & Qt.MouseButton.LeftButton)
        if pressed and self.horizontalHeader().viewport().underMouse():
            self._chosen = True
        self._save_later.start()

    def _fit_columns(self) -> None:
        """Hide the columns that yield until the others fit, unless a person has chosen columns."""
        columns = self._rows.columns
        if self._chosen or not any(column.yields for column in columns):
            return
        header, room = self.horizontalHeader(), self.viewport().width()
        shown = [number for number, column in enumerate(columns) if not column.hidden]
        wanted = sum(self._wished_width(columns[number]) for number in shown)
        for number in sorted(shown, key=lambda n: -columns[n].yields):
            hidden = columns[number].yields > 0 and wanted > room
            header.setSectionHidden(number, hidden)
            wanted -= self._wished_width(columns[number]) if hidden else 0
        # What is left goes to the first column: names are the longest.
        first = self._first_column()
        header.resizeSection(first, self._wished_width(columns[first]) + max(0, room - wanted))

    def _wished_width(self, column: Column[Any]) -> int:
        character = QFontMetrics(self.font()).averageCharWidth()
        mark = self._look.icon_size * 3 // 2 if column.mark else 0
        return column.width * character + self._look.unit * 5 + mark

    def _reset_columns(self) -> None:
        self._preferences.set(f"columns/{self._name}", None)
        self._load_columns()
        self._fit_columns()

    def _load_columns(self) -> None:
        header = self.horizontalHeader()
        stored = self._preferences.get(f"columns/{self._name}")
        known = stored if isinstance(stored, dict) else {}
        self._chosen = bool(known) and not known.get(".fitted")
        for number, column in enumerate(self._rows.columns):
            entry = known.get(column.id)
            one = entry if isinstance(entry, dict) else {}
            header.resizeSection(number, int(one.get("width") or self._wished_width(column)))
            header.setSectionHidden(number, bool(one.get("hidden", column.hidden)))
            place = one.get("place", number)
            if isinstance(place, int) and 0 <= place < header.count():
                header.moveSection(header.visualIndex(number), place)
        names = [column.id for column in self._rows.columns]
        by, down = known.get(".by"), bool(known.get(".down"))
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.sortByColumn(names.index(by) if by in names else 0, order)

    def _remember_columns(self) -> None:
        header = self.horizontalHeader()
        layout: dict[str, Any] = {
            column.id: {
                "width": header.sectionSize(number) or column.width * 8,
                "hidden": header.isSectionHidden(number),
                "place": header.visualIndex(number),
            }
            for number, column in enumerate(self._rows.columns)
        }
        layout[".fitted"] = not self._chosen
        layout[".by"] = self._rows.columns[header.sortIndicatorSection()].id
        layout[".down"] = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
        self._preferences.set(f"columns/{self._name}", layout)
