"""The queue: drop area, jobs, and the files of the job that is selected.

Owns what is selected and what is in sight. What is done with it are the pane's commands.
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.signing.job import FileView, JobView
from workbench.signing.job_store import SealedJob
from workbench.ui.command import Command
from workbench.ui.pane import Context
from workbench.ui.panes.signing.drop_area import DropArea
from workbench.ui.panes.signing.file_model import FileModel
from workbench.ui.panes.signing.file_table import SIGHTS, FileTable, in_sight
from workbench.ui.panes.signing.job_list import JobList
from workbench.ui.panes.signing.job_model import AnyRow, JobModel, JobRow, SealedRow
from workbench.ui.panes.signing.words import shown_name
from workbench.ui.widgets.basics import CommandButton, label
from workbench.ui.widgets.texts import number

_TALL = 130
_NARROWEST = 136


class QueuePage(QWidget):
    """Jobs and their files.

    Args:
        context: look, session, bench.
        first: the actions of an empty queue: sign, verify.
        actions: what can be done with the selected job, as buttons above its files.

    Signals:
        selected: another job or file is selected, or what is known of it changed.
        file_opened(int): Enter or a double click on a file, by its line.
    """

    selected = Signal()
    file_opened = Signal(int)

    def __init__(
        self, context: Context, first: Sequence[Command], actions: Sequence[Command]
    ) -> None:
        super().__init__()
        look = context.look
        self._look = look
        self._shown = ""
        self._known: dict[str, JobView] = {}
        self._buttons: list[CommandButton] = []
        self.model = JobModel(self)
        self.jobs = JobList(look, self.model, self.tr("Signing jobs"))
        self.files_model = FileModel(look, context.session, context.bench.jobs.files, self)
        self.files = FileTable(look, self.files_model, self.tr("Files of the job"))
        self.strip = DropArea(look, (), large=False)
        self.large = DropArea(look, first, large=True)
        self._say()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.jobs)
        splitter.addWidget(self._build_lower(context, actions))
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(splitter, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.large)
        self._stack.addWidget(full)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.setFocusProxy(self.jobs)
        self.jobs.chosen.connect(lambda _ids: self._job_chosen())
        self.files.chosen.connect(self.selected)
        self.files.opened.connect(self.file_opened)
        self._sight.currentIndexChanged.connect(lambda _place: self._turn_files())

    def show_rows(self, rows: Sequence[JobRow], sealed: Sequence[SealedJob] = ()) -> None:
        """Show the queue as it stands now, with the jobs that may not be seen."""
        self._known = {row.view.id: row.view for row in rows}
        every: list[AnyRow] = [*rows, *(SealedRow(one) for one in sealed)]
        every.sort(key=lambda row: row.view.created, reverse=True)
        self.model.show_rows(every)
        self._stack.setCurrentIndex(1 if every else 0)
        if every and not self.jobs.selected_ids and self.model.rowCount():
            self.jobs.select_job(self.model.row_at(0).view.id)
        view = self.job
        if view is not None and view.id == self._shown:
            self._name_files(view)
            self.files.renew(in_sight(view, self._states))
        self.selected.emit()

    @property
    def job(self) -> JobView | None:
        """The job whose files are shown: the first of the selected ones."""
        rows = self.jobs.selected
        return rows[0].view if rows else None

    @property
    def sealed(self) -> SealedJob | None:
        """The first selected job that may not be seen."""
        rows = self.jobs.sealed
        return rows[0].view if rows else None

    @property
    def selected_jobs(self) -> list[JobView]:
        """Every selected job."""
        return [row.view for row in self.jobs.selected]

    @property
    def selected_files(self) -> list[FileView]:
        """The selected files of the job that is shown."""
        return self.files.selected

    def show_failed(self) -> None:
        """Show only what failed."""
        self._sight.setCurrentIndex(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words off the buttons where there is no room; their tooltips have them."""
        super().resizeEvent(event)
        # On a low window the files need the room more than the reminder; the window takes drops.
        self.strip.setVisible(self.height() >= self._look.unit * _TALL)
        words = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for button in self._buttons:
            button.setToolButtonStyle(words)
        unit = self._look.unit
        wanted = sum(button.sizeHint().width() + unit * 2 for button in self._buttons) + unit * 6
        if self.width() < wanted:
            for button in self._buttons:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    @property
    def _states(self) -> frozenset[str] | None:
        return SIGHTS[max(0, self._sight.currentIndex())]

    def _build_lower(self, context: Context, actions: Sequence[Command]) -> QWidget:
        look = context.look
        unit = look.unit
        self._files_title = label("", "strong")
        self._sight = QComboBox()
        self._sight.addItems(
            [
                self.tr("All files"),
                self.tr("Failed"),
                self.tr("Signed"),
                self.tr("Unfinished"),
                self.tr("Cancelled or skipped"),
            ]
        )
        self._sight.setAccessibleName(self.tr("Which files are shown"))
        self._sight.setToolTip(self.tr("Which files are shown"))
        bar = QFrame()
        bar.setProperty("role", "header")
        # Words on the buttons are for spare room; they must not ask for it.
        bar.setMinimumWidth(unit * _NARROWEST)
        above = QHBoxLayout()
        above.setSpacing(unit * 2)
        for command in actions:
            button = CommandButton(look, command)
            self._buttons.append(button)
            above.addWidget(button)
        above.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(unit * 2)
        row.addWidget(self._files_title, 1)
        row.addWidget(self._sight)
        rows = QVBoxLayout(bar)
        rows.setContentsMargins(unit * 4, unit * 2, unit * 4, unit * 2)
        rows.setSpacing(unit * 2)
        rows.addLayout(above)
        rows.addLayout(row)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.files, 1)
        return lower

    def _say(self) -> None:
        hint = self.tr(
            "Any number of files or whole folders. A file together with its signature is verified."
        )
        self.strip.say(self.tr("Drop files anywhere on the window to sign or verify them"), hint)
        self.large.say(self.tr("Drop files here to sign or verify them"), hint)

    def _job_chosen(self) -> None:
        view = self.job
        if view is None:
            self._shown = ""
            self._files_title.setText("")
            self.files_model.show_job("", 0)
        elif view.id != self._shown:
            self._shown = view.id
            self._turn_files()
        self.selected.emit()

    def _turn_files(self) -> None:
        view = self._known.get(self._shown)
        if view is None:
            return
        self._name_files(view)
        states = self._states
        self.files_model.show_job(view.id, in_sight(view, states), states)

    def _name_files(self, view: JobView) -> None:
        shown, total = in_sight(view, self._states), view.total
        count = (
            number(total)
            if shown == total
            else self.tr("{shown} of {total}").format(shown=number(shown), total=number(total))
        )
        self._files_title.setText(
            self.tr("Files of “{job}” ({count})").format(job=shown_name(view.title), count=count)
        )
