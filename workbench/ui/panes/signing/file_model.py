"""The files of one job, page by page: a hundred thousand scroll, for only the seen are asked for.

Owns which pages are at hand and which were asked for. Pages come from the queue on a worker; rows
that have not come yet are blank for a moment.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workbench.signing.job import FileView
from workbench.ui.look import Look
from workbench.ui.panes.signing.words import file_detail, file_mark, shown_name, shown_path
from workbench.ui.session import Session
from workbench.ui.widgets.rows import Mark
from workbench.ui.widgets.texts import size

_Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
PAGE: Final = 200
_KEPT_PAGES: Final = 40
FILE, STATE, SIZE, DETAIL, FOLDER = range(5)
_NUMBERS: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

Fetch = Callable[[str, int, int, frozenset[str] | None], tuple[Any, ...]]


class FileModel(QAbstractTableModel):
    """Files of a job as rows.

    Args:
        look: where icons come from.
        session: fetches pages off the GUI thread.
        fetch: `JobQueue.files`.
        parent: owns it.
    """

    def __init__(self, look: Look, session: Session, fetch: Fetch, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._session = session
        self._fetch = fetch
        self._job = ""
        self._states: frozenset[str] | None = None
        self._total = 0
        self._pages: OrderedDict[int, tuple[Any, ...]] = OrderedDict()
        self._asked: set[int] = set()
        self._stale: set[int] = set()
        self._generation = 0
        self._titles = (
            self.tr("File"),
            self.tr("State"),
            self.tr("Size"),
            self.tr("Result"),
            self.tr("Folder"),
        )

    def show_job(self, job: str, total: int, states: frozenset[str] | None = None) -> None:
        """Show the files of another job, or other states of it."""
        self.beginResetModel()
        self._job, self._total, self._states = job, total, states
        self._generation += 1
        self._pages.clear()
        self._asked.clear()
        self._stale.clear()
        self.endResetModel()

    def renew(self, total: int, first: int, last: int) -> None:
        """Take up what changed in the job.

        Args:
            total: how many files there are now.
            first: the first line in sight.
            last: the last line in sight.
        """
        self._resize(total)
        self._stale.update(self._pages)
        for page in range(first // PAGE, last // PAGE + 1):
            if page * PAGE < self._total:
                self._ask(page)

    def file(self, line: int) -> FileView | None:
        """Return the file at a line, or None while it has not come yet."""
        row = self._row(line)
        return None if row is None else self.view_of(row)

    def view_of(self, row: Any) -> FileView:
        """Return the file of what was fetched; for models that fetch more than files."""
        view: FileView = row
        return view

    def mark_of(self, row: Any) -> tuple[str, Mark]:
        """Return how a row stands, as a word and its icon."""
        return file_mark(self.view_of(row).state)

    def detail_of(self, row: Any) -> str:
        """Return what came of a row."""
        return file_detail(self.view_of(row))

    def _row(self, line: int) -> Any:
        rows = self._pages.get(line // PAGE, ())
        place = line % PAGE
        return rows[place] if place < len(rows) else None

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many files there are."""
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            return _NUMBERS if section == SIZE else left
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows; asks for its page if it is not at hand."""
        if not index.isValid():
            return None
        page = index.row() // PAGE
        if page not in self._pages or page in self._stale:
            self._ask(page)
        row = self._row(index.row())
        if row is None:
            return None
        return self._cell(row, index.column(), role)

    def _cell(self, row: Any, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == STATE:
            mark = self.mark_of(row)[1]
            return self._look.icon(mark.icon, mark.tone)
        if role == Qt.ItemDataRole.ToolTipRole:
            whole = shown_path(self.view_of(row).path)
            return whole if column == FILE else self._text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._titles[column]}: {self._text(row, column)}"
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SIZE:
            return _NUMBERS
        return None

    def _text(self, row: Any, column: int) -> str:
        file = self.view_of(row)
        if column == FILE:
            return shown_name(file.path)
        if column == STATE:
            return self.mark_of(row)[0]
        if column == SIZE:
            return size(file.size)
        if column == DETAIL:
            return self.detail_of(row)
        return shown_path(file.path.parent)

    def _resize(self, total: int) -> None:
        if total > self._total:
            self.beginInsertRows(_ROOT, self._total, total - 1)
            self._total = total
            self.endInsertRows()
        elif total < self._total:
            self.beginRemoveRows(_ROOT, total, self._total - 1)
            self._total = total
            self.endRemoveRows()

    def _ask(self, page: int) -> None:
        if page in self._asked:
            return
        self._asked.add(page)
        self._stale.discard(page)
        job, states, fetch = self._job, self._states, self._fetch
        before = self._pages.get(page)

        def read() -> tuple[tuple[Any, ...], bool]:
            # Compared here and not where it is shown: hundreds of paths are.
            rows = fetch(job, page * PAGE, PAGE, states)
            return rows, rows != before

        # The job may be taken off the list while its page is on the way: then there is no page.
        self._session.start(
            self,
            read,
            partial(self._arrived, self._generation, page),
            lambda _words: None,
        )

    def _arrived(self, generation: int, page: int, found: tuple[tuple[Any, ...], bool]) -> None:
        if generation != self._generation:
            return
        self._asked.discard(page)
        rows, changed = found
        changed = changed or page not in self._pages
        self._pages[page] = rows
        self._pages.move_to_end(page)
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)
        if changed:
            last = min(self._total, (page + 1) * PAGE) - 1
            self.dataChanged.emit(
                self.index(page * PAGE, 0), self.index(last, len(self._titles) - 1)
            )
