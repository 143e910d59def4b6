"""The list of what was found: each with its verdict, and a tick where it is to be imported.

Shows `Findings`; owns no decision.
"""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal

from workbench.pki.incoming.items import Sort
from workbench.ui.look import Look
from workbench.ui.panes.certificates.incoming import Findings, Line
from workbench.ui.panes.certificates.tick_table import ROOT, Index, TickModel, TickView
from workbench.ui.tokens import Tone

NAME, KIND, SOURCE, VERDICT = range(4)
_ICONS: Final = {
    Sort.CERTIFICATE: "certificate",
    Sort.REQUEST: "file",
    Sort.LIST: "columns",
    Sort.ANSWER: "verify",
    Sort.KEY: "keys",
    Sort.OTHER: "file",
}


class FoundModel(TickModel):
    """Rows of what was found.

    Args:
        look: icons.
        findings: what was found.

    Signals:
        ticked: another choice was made.
    """

    ticked = Signal()

    def __init__(self, look: Look, findings: Findings) -> None:
        super().__init__(look)
        self._findings = findings

    def titles(self) -> Sequence[str]:
        """Return the columns' titles."""
        return self.tr("Name"), self.tr("What it is"), self.tr("From"), self.tr("Verdict")

    def line(self, row: int) -> Line:
        """Return the line in a row."""
        return self._findings.lines[row]

    def begin_change(self) -> None:
        """Say that what was found is about to change as a whole."""
        self.beginResetModel()

    def end_change(self) -> None:
        """Show what changed."""
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._findings.lines)

    def tickable(self, row: int) -> bool:
        """Whether it is new."""
        return self.line(row).new

    def cell(self, row: int, column: int, role: int) -> Any:
        """Return what a cell holds."""
        line = self.line(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.verdict(line)[0] if column == VERDICT else self._text(line, column)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(line, column)
        if role == Qt.ItemDataRole.CheckStateRole and column == NAME and line.new:
            return Qt.CheckState.Checked if line.wanted else Qt.CheckState.Unchecked
        return None

    def tick(self, row: int, *, wanted: bool) -> None:
        """Tick or untick a row."""
        self.line(row).wanted = wanted
        self.dataChanged.emit(self.index(row, NAME), self.index(row, NAME))
        self.ticked.emit()

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


def found_view(look: Look, model: FoundModel) -> TickView:
    """Return the list of what was found."""
    widths = {NAME: 56, KIND: 44, SOURCE: 32}
    return TickView(look, model, model.tr("What was found"), widths, 36)
