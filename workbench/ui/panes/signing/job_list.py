"""The queue as a list of drawn rows: state, recipe, progress, pace."""

from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.ui.look import Look
from workbench.ui.panes.signing.job_model import JOB_ROLE, AnyRow, JobModel, JobRow, SealedRow
from workbench.ui.panes.signing.words import (
    SETTLED_JOBS,
    job_files,
    job_mark,
    job_pace,
    sealed_mark,
    share_done,
    shown_name,
)
from workbench.ui.tokens import Tone
from workbench.ui.widgets.texts import local_time

_Index = QModelIndex | QPersistentModelIndex
_NARROW = 130
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class JobDelegate(QStyledItemDelegate):
    """Draws one job in three lines."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """Return the height every row has."""
        line = QFontMetrics(option.font).height()
        return QSize(self._look.unit * 80, line * 3 + self._look.unit * 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw ground, icon, words and progress."""
        row: AnyRow = index.data(JOB_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, option)
        area: QRect = option.rect.adjusted(
            self._look.unit * 4, self._look.unit * 2, -self._look.unit * 4, -self._look.unit * 2
        )
        word, mark = job_mark(row.view) if isinstance(row, JobRow) else sealed_mark()
        size = self._look.icon_size
        place = QRect(area.left(), area.top() + self._look.unit // 2, size, size)
        self._look.icon(mark.icon, mark.tone).paint(painter, place)
        area.setLeft(area.left() + size + self._look.unit * 3)
        self._draw_lines(painter, option, area, row, (word, mark.tone))
        painter.restore()

    def _draw_ground(self, painter: QPainter, option: Any) -> None:
        tokens = self._look.tokens
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, tokens.selection)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, tokens.accent_soft)
        painter.setPen(QPen(tokens.sunken))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())

    def _draw_lines(
        self, painter: QPainter, option: Any, area: QRect, row: AnyRow, state: tuple[str, Tone]
    ) -> None:
        plain = QFont(option.font)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        height = QFontMetrics(plain).height() + self._look.unit
        first = QRect(area.left(), area.top(), area.width(), height)
        second, third = first.translated(0, height), first.translated(0, 2 * height)
        if isinstance(row, SealedRow):
            self._pair(painter, first, bold, state, ("", "muted"))
            self._pair(painter, second, plain, (row.view.sentence, "muted"), ("", "muted"))
            moment = local_time(row.view.created)
            self._pair(painter, third, plain, (moment, "muted"), ("", "muted"))
            return
        view = row.view
        about = job_files(view, short=area.width() < self._look.unit * _NARROW)
        self._pair(painter, first, bold, (shown_name(view.title), "text"), state)
        self._pair(painter, second, plain, (row.recipe_line, "muted"), (about, "muted"))
        pace = job_pace(view)
        if view.state in SETTLED_JOBS:
            self._pair(painter, third, plain, (local_time(view.created), "muted"), ("", "muted"))
            return
        if view.reason:
            self._pair(painter, third, plain, (view.reason, "warning"), ("", "muted"))
            return
        width = self._text(painter, third, plain, pace, "muted", _RIGHT) if pace else 0
        bar = QRectF(third)
        bar.setHeight(self._look.unit * 1.5)
        bar.moveTop(third.center().y() - bar.height() / 2)
        if width:
            bar.setRight(bar.right() - width - self._look.unit * 3)
        self._bar(painter, bar, share_done(view), state[1])

    def _pair(
        self,
        painter: QPainter,
        line: QRect,
        font: QFont,
        left: tuple[str, Tone],
        right: tuple[str, Tone],
    ) -> None:
        taken = self._text(painter, line, font, right[0], right[1], _RIGHT) if right[0] else 0
        room = line.adjusted(0, 0, -taken - self._look.unit * 3, 0)
        self._text(painter, room, font, left[0], left[1], _LEFT)

    def _text(
        self,
        painter: QPainter,
        line: QRect,
        font: QFont,
        text: str,
        tone: Tone,
        side: Qt.AlignmentFlag,
    ) -> int:
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
        painter.setFont(font)
        painter.setPen(self._look.colour(tone))
        painter.drawText(line, int(side), shown)
        return metrics.horizontalAdvance(shown)

    def _bar(self, painter: QPainter, bar: QRectF, share: float, tone: Tone) -> None:
        radius = bar.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.colour("muted"))
        painter.setOpacity(0.25)
        painter.drawRoundedRect(bar, radius, radius)
        painter.setOpacity(1.0)
        if share < 0:
            painter.setBrush(Qt.BrushStyle.Dense5Pattern)
            painter.drawRoundedRect(bar, radius, radius)
            return
        painter.setBrush(self._look.colour("muted" if tone == "muted" else "accent"))
        done = QRectF(bar)
        done.setWidth(max(bar.height(), bar.width() * share) if share else 0)
        painter.drawRoundedRect(done, radius, radius)


class JobList(QListView):
    """The jobs, newest first.

    Signals:
        chosen(list): ids of the selected jobs changed.
        menu_wanted(QPoint): a context menu is wanted, at this global position.
    """

    chosen = Signal(list)
    menu_wanted = Signal(QPoint)

    def __init__(self, look: Look, model: JobModel, label: str) -> None:
        super().__init__()
        self._jobs = model
        self._current = ""
        self.setModel(model)
        self.setAccessibleName(label)
        self.setItemDelegate(JobDelegate(look, self))
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda point: self.menu_wanted.emit(self.viewport().mapToGlobal(point))
        )
        self.selectionModel().selectionChanged.connect(
            lambda *_selections: self.chosen.emit(self.selected_ids)
        )
        look.changed.connect(self.viewport().update)

    @property
    def selected(self) -> list[JobRow]:
        """The selected jobs that may be seen, topmost first."""
        return [row for row in self._chosen if isinstance(row, JobRow)]

    @property
    def sealed(self) -> list[SealedRow]:
        """The selected jobs that may not be seen."""
        return [row for row in self._chosen if isinstance(row, SealedRow)]

    @property
    def selected_ids(self) -> list[str]:
        """The ids of all that are selected."""
        return [row.view.id for row in self._chosen]

    @property
    def _chosen(self) -> list[AnyRow]:
        lines = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._jobs.row_at(line) for line in lines]

    def select_job(self, job_id: str) -> bool:
        """Select one job and bring it into view; False if it is not shown."""
        line = self._jobs.line_of(job_id)
        if line is None:
            return False
        index = self._jobs.index(line)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True
