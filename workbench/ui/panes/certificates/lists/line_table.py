"""The list of rows: what each would become, or became; a tick where it is to be issued.

Shows a `Batch`; owns no decision but which rows are shown.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal

from workbench.pki.authority import serial_text
from workbench.pki.parse import facts, one_certificate
from workbench.ui.look import Look
from workbench.ui.panes.certificates.lists.batch import KEYS, Batch, Line, Stand
from workbench.ui.panes.certificates.tick_table import ROOT, Index, TickModel, TickView
from workbench.ui.tokens import Tone
from workbench.ui.widgets.texts import NOTHING, local_date, utc_time

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


class LineModel(TickModel):
    """Rows of a batch.

    Args:
        look: icons.

    Signals:
        ticked(list[Line]): a person has chosen these otherwise.
    """

    ticked = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._batch = Batch()
        self._shown: Sequence[int] = ()
        self._passes: Callable[[Line], bool] = lambda _line: True
        self._locked = False

    def titles(self) -> Sequence[str]:
        """Return the columns' titles."""
        return (
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

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def tickable(self, row: int) -> bool:
        """Whether it can be issued, and nothing is under way."""
        return self.line(row).choosable and not self._locked

    def cell(self, row: int, column: int, role: int) -> Any:
        """Return what a cell holds."""
        line = self.line(row)
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
        return None

    def tick(self, row: int, *, wanted: bool) -> None:
        """Tick or untick a row."""
        line = self.line(row)
        self._batch.pick([line], wanted=wanted)
        self.dataChanged.emit(self.index(row, LINE), self.index(row, LINE))
        self.ticked.emit([line])

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


def line_view(look: Look, model: LineModel) -> TickView:
    """Return the list of rows."""
    widths = {LINE: 18, SUBJECT: 54, NAMES: 50, KEY: 46, ENDS: 24}
    return TickView(look, model, model.tr("Rows of the list"), widths, 56)


def _serial(line: Line) -> str:
    if line.outcome is None or not line.outcome.certificate:
        return ""
    certificate = facts(one_certificate(line.outcome.certificate.encode())).certificate
    return serial_text(certificate.serial_number)
