"""The files of the selected job, with a choice of which of them to see."""

from typing import cast

from PySide6.QtCore import QItemSelectionRange, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTableView

from workbench.signing.job import FileView, JobView
from workbench.signing.work import FileState
from workbench.ui.look import Look
from workbench.ui.panes.signing.file_model import (
    DETAIL,
    FILE,
    FOLDER,
    PAGE,
    SIZE,
    STATE,
    FileModel,
)
from workbench.ui.panes.signing.words import OPEN_STATES

MOST_SELECTED = 500
_WIDTHS = {FILE: 34, STATE: 16, SIZE: 16, DETAIL: 28, FOLDER: 20}

SIGHTS: tuple[frozenset[str] | None, ...] = (
    None,
    frozenset({FileState.FAILED}),
    frozenset({FileState.DONE}),
    frozenset(OPEN_STATES),
    frozenset({FileState.CANCELLED, FileState.SKIPPED}),
)
"""What can be seen: all, failed, signed, unfinished, passed over."""


def in_sight(view: JobView, states: frozenset[str] | None) -> int:
    """Return how many files of a job are in these states."""
    if states is None:
        return view.total
    ended = view.done + view.failed + view.cancelled + view.skipped
    counts = {
        SIGHTS[1]: view.failed,
        SIGHTS[2]: view.done,
        SIGHTS[3]: max(0, view.total - ended),
        SIGHTS[4]: view.cancelled + view.skipped,
    }
    return counts[states]


class FileTable(QTableView):
    """A table over a `FileModel`.

    Signals:
        chosen: the selection changed, or what is known of it.
        opened(int): Enter or a double click on a file, by its line.
        menu_wanted(QPoint): a context menu is wanted, at this global position.
    """

    chosen = Signal()
    opened = Signal(int)
    menu_wanted = Signal(QPoint)

    def __init__(self, look: Look, model: FileModel, label: str) -> None:
        super().__init__()
        self._look = look
        self._files = model
        self.setModel(model)
        self.setAccessibleName(label)
        self.setObjectName("signing.files")
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda point: self.menu_wanted.emit(self.viewport().mapToGlobal(point))
        )
        vertical = self.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        character = QFontMetrics(self.font()).averageCharWidth()
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width * character)
        header.setMinimumSectionSize(look.unit * 12)
        header.setSectionResizeMode(DETAIL, QHeaderView.ResizeMode.Stretch)
        look.follow(self, self._measure)
        self._tell = QTimer(self, singleShot=True, interval=0)
        self._tell.timeout.connect(self.chosen)
        self.selectionModel().selectionChanged.connect(lambda *_: self._tell.start())
        model.dataChanged.connect(lambda *_: self._tell.start())
        model.modelReset.connect(self._tell.start)
        self.activated.connect(lambda index: self.opened.emit(index.row()))

    def renew(self, total: int) -> None:
        """Take up what changed, for the lines in sight."""
        top = max(0, self.rowAt(0))
        bottom = self.rowAt(self.viewport().height() - 1)
        self._files.renew(total, top, bottom if bottom >= 0 else top + PAGE)

    @property
    def selected(self) -> list[FileView]:
        """The selected files that are at hand, topmost first, at most `MOST_SELECTED`."""
        found: list[FileView] = []
        ranges = cast("list[QItemSelectionRange]", self.selectionModel().selection())
        for one in sorted(ranges, key=QItemSelectionRange.top):
            for line in range(one.top(), one.bottom() + 1):
                file = self._files.file(line)
                if file is not None:
                    found.append(file)
                if len(found) == MOST_SELECTED:
                    return found
        return found

    def _measure(self) -> None:
        height = self._look.unit * 8
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.viewport().update()
