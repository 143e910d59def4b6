"""The jobs as a list model: follows the queue by identity, so that selection and scroll stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workbench.pki.parse import Facts, facts
from workbench.signing.job import JobView
from workbench.signing.job_store import SealedJob
from workbench.ui.panes.signing.words import (
    DOT,
    certificate_name,
    job_files,
    job_mark,
    job_pace,
    priority_words,
    sealed_mark,
)

_Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
JOB_ROLE: Final = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with what is shown of its recipe.

    Attributes:
        view: the job.
        signer: common name in the signer's certificate.
        searched: what the filter looks into, casefolded.
    """

    view: JobView
    signer: str
    searched: str

    @property
    def recipe_line(self) -> str:
        """Signer, signature algorithm and digest in one line."""
        recipe = self.view.recipe
        parts = [self.signer, recipe.algorithm]
        if recipe.digest and recipe.digest not in recipe.algorithm:
            parts.append(recipe.digest)
        if not recipe.is_plain_cms:
            parts.append(recipe.form.title)
        if self.view.priority:
            parts.append(priority_words(self.view.priority))
        return DOT.join(parts)


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A job of which nothing may be seen but that it is there.

    Attributes:
        view: what may be known of it.
    """

    view: SealedJob

    @property
    def searched(self) -> str:
        """What the filter looks into, casefolded."""
        return f"{sealed_mark()[0]}\n{self.view.sentence}".casefold()


AnyRow = JobRow | SealedRow


def build_rows(views: Sequence[JobView]) -> list[JobRow]:
    """Return rows for jobs; reads certificates, so it is called on a worker."""
    rows = []
    for view in views:
        recipe = view.recipe
        signer = certificate_name(recipe.chain[0]) if recipe.chain else recipe.key_id
        words = (
            view.title, signer, recipe.algorithm, recipe.form.title, recipe.name, recipe.key_id,
            job_mark(view)[0],
        )  # fmt: skip
        rows.append(JobRow(view, signer, "\n".join(words).casefold()))
    return rows


def leaf_facts(view: JobView) -> Facts:
    """Return what is known of the signer's certificate of a job."""
    return facts(view.recipe.chain[0])


class JobModel(QAbstractListModel):
    """Jobs that match the filter, newest first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[AnyRow] = []
        self._every: list[AnyRow] = []
        self._words: list[str] = []

    @property
    def rows(self) -> Sequence[JobRow]:
        """Every job that may be seen, filtered away or not."""
        return [row for row in self._every if isinstance(row, JobRow)]

    @property
    def total(self) -> int:
        """How many jobs there are, those that may not be seen included."""
        return len(self._every)

    def show_rows(self, rows: Sequence[AnyRow]) -> None:
        """Show the jobs as they stand now."""
        self._every = list(rows)
        self._follow([row for row in rows if self._passes(row)])

    def set_filter(self, text: str) -> None:
        """Show only jobs with every word of `text`."""
        self._words = text.casefold().split()
        self.show_rows(self._every)

    def line_of(self, job_id: str) -> int | None:
        """Return the line that shows a job, or None."""
        lines = (line for line, row in enumerate(self._rows) if row.view.id == job_id)
        return next(lines, None)

    def row_at(self, line: int) -> AnyRow:
        """Return the job at a line."""
        return self._rows[line]

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many jobs are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a job's words; the delegate draws the rest."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        answers: dict[int, Callable[[], Any]] = {
            JOB_ROLE: lambda: row,
            Qt.ItemDataRole.DisplayRole: lambda: _title(row),
            Qt.ItemDataRole.AccessibleTextRole: lambda: _aloud(row),
            Qt.ItemDataRole.ToolTipRole: lambda: _aloud(row),
        }
        answer = answers.get(role)
        return answer() if answer else None

    def _passes(self, row: AnyRow) -> bool:
        return all(word in row.searched for word in self._words)

    def _follow(self, wanted: list[AnyRow]) -> None:
        """Remove what is gone, insert what is new, change the rest in place."""
        ids = {row.view.id for row in wanted}
        for line in range(len(self._rows) - 1, -1, -1):
            if self._rows[line].view.id not in ids:
                self.beginRemoveRows(_ROOT, line, line)
                del self._rows[line]
                self.endRemoveRows()
        for line, row in enumerate(wanted):
            if line < len(self._rows) and self._rows[line].view.id == row.view.id:
                if self._rows[line] != row:
                    self._rows[line] = row
                    index = self.index(line)
                    self.dataChanged.emit(index, index)
            else:
                self.beginInsertRows(_ROOT, line, line)
                self._rows.insert(line, row)
                self.endInsertRows()
        if len(self._rows) != len(wanted):
            self.beginResetModel()
            self._rows = list(wanted)
            self.endResetModel()


def _title(row: AnyRow) -> str:
    return row.view.title if isinstance(row, JobRow) else sealed_mark()[0]


def _aloud(row: AnyRow) -> str:
    if isinstance(row, SealedRow):
        return f"{sealed_mark()[0]}{DOT}{row.view.sentence} {row.view.next_step}".strip()
    parts = (row.view.title, job_mark(row.view)[0], job_files(row.view), job_pace(row.view),
             row.view.reason)  # fmt: skip
    return DOT.join(part for part in (*parts, row.recipe_line) if part)
