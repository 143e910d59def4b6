"""The dialog that issues many certificates from a list: what is chosen, checked, and became of it.

Knows the rows and the kit; reading, checking, issuing and writing are handed in. Nothing is issued
before it was checked with the settings it is issued with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from workbench.pki.asking import Offered
from workbench.pki.order_run import Outcome
from workbench.pki.order_table import Defaults
from workbench.pki.order_words import Looked
from workbench.ui.drop import read_drop
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.lists.bars import FilesBar, RowsBar
from workbench.ui.panes.certificates.lists.batch import Batch, Line, Stand
from workbench.ui.panes.certificates.lists.fields import ListFields
from workbench.ui.panes.certificates.lists.line_table import LineModel, line_view
from workbench.ui.panes.certificates.lists.telling import remarks_on, summary, verb_for
from workbench.ui.widgets.basics import ProgressLine, label
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import number

_PATIENCE: Final = 250
"""Milliseconds after which a change of settings is checked."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What the dialog has done.

    Attributes:
        read: reads a list with what holds where a row says nothing; answers by `show_batch`.
        issue: issues lines by a CA.
        stop: stops what is under way.
        save_example: writes the example to a file.
        save_results: writes what became of the rows of a batch to a file.
        save_one: writes what was issued to one file.
        save_each: writes what was issued into a folder, with the chains or without.
    """

    read: Callable[[Path, str, Defaults], None]
    issue: Callable[[Sequence[Line], str], None]
    stop: Callable[[], None]
    save_example: Callable[[Path], None]
    save_results: Callable[[Path, Batch], None]
    save_one: Callable[[Path, Sequence[Outcome]], None]
    save_each: Callable[[Path, Sequence[Outcome], bool], None]


class ListDialog(FormDialog):
    """Issues certificates from a list.

    Args:
        look: colours and spacing.
        offered: what can be chosen; at least one CA.
        steps: what it has done.
        parent: the pane.
    """

    def __init__(self, look: Look, offered: Offered, steps: Steps, parent: QWidget) -> None:
        super().__init__(look, parent.tr("Issue from a list"), parent.tr("Issue"), parent)
        self.setProperty(HELP_PAGE, "lists")
        self.setMinimumWidth(look.unit * 275)
        self.setAcceptDrops(True)
        self.batch = Batch()
        self.path: Path | None = None
        self._steps = steps
        self._left_out: dict[int, bool] = {}
        self._working = ""
        self._stale = False  # whether what is shown was checked with other settings
        self.fields = ListFields(self, offered, self.take_file, steps.save_example)
        self.summary = label("", "", wrap=True)
        self.bar = RowsBar(look)
        self.model = LineModel(look)
        self.table = line_view(look, self.model)
        self.remarks = label("", "muted", wrap=True)
        self.remarks.setAccessibleName(self.tr("Remarks on the chosen row"))
        self.knowing = QCheckBox()
        self.progress = ProgressLine(look, self._stop)
        self.files = FilesBar(
            self,
            lambda folder, chain: steps.save_each(folder, self.batch.issued, chain),
            lambda path: steps.save_one(path, self.batch.issued),
            lambda path: steps.save_results(path, self.batch),
        )
        for widget in (self.summary, self.bar, self.table, self.remarks, self.knowing,
                       self.progress, self.files):  # fmt: skip
            self.body.addWidget(widget, 1 if widget is self.table else 0)
            widget.hide()
        self._later = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._later.timeout.connect(self._read)
        self._connect()
        self._allow()
        self.fields.choose.setFocus()

    def choose_issuer(self, arn: str) -> None:
        """Choose a CA, if it can issue."""
        self.fields.choose_issuer(arn)

    def take_file(self, path: Path) -> None:
        """Read a list."""
        if self.issuing or self.issued:
            return
        self.path = path
        self._left_out.clear()
        self.fields.show_file(path)
        self._read()

    def show_batch(self, batch: Batch) -> None:
        """Show the rows of the list; the check goes on."""
        self.batch = batch
        self._stale = False
        self.model.show_batch(batch)
        for widget in (self.summary, self.bar, self.table):
            widget.show()
        self._begin("checking", self.tr("Checking"))
        if batch.lines:
            worst = next((n for n, one in enumerate(batch.lines) if one.row is None), 0)
            self.table.setCurrentIndex(self.model.index(worst, 0))
        self._allow()
        self.grow()

    def show_unreadable(self, words: Explanation) -> None:
        """Say that the list could not be read."""
        self.path = None
        self.show_batch(Batch())
        self.end(words)

    def show_looked(self, found: Sequence[Looked], share: float) -> None:
        """Show what the check said about some rows."""
        self.model.show_changed(self.batch.look(found, self._left_out))
        self.progress.show_progress(self.tr("Checking"), share)
        self._allow()

    def show_outcomes(self, outcomes: Sequence[Outcome], share: float) -> None:
        """Show what became of some rows."""
        self.model.show_changed(self.batch.settle(outcomes))
        self.progress.show_progress(self.tr("Issuing"), share)
        self._allow()

    def end(self, words: Explanation | None = None) -> None:
        """End what is under way; with what broke it off, if anything did."""
        self._working = ""
        self.progress.hide()
        self.fields.show(shown=not self.issued)
        self.model.lock(locked=False)
        self.model.show_again()
        self.show_working(working=False)
        if words is not None:
            self.show_problem(words)
        first = next((n for n in range(self.model.rowCount())
                      if self.model.line(n).stand is Stand.FAILED), None)  # fmt: skip
        if first is not None:
            self.table.setCurrentIndex(self.model.index(first, 0))
        self._allow()
        self._show_remarks()

    @property
    def issued(self) -> bool:
        """Whether anything was issued."""
        return self.batch.counts[Stand.ISSUED] > 0

    @property
    def issuing(self) -> bool:
        """Whether certificates are being issued."""
        return self._working == "issuing"

    def reject(self) -> None:
        """Close; while certificates are issued, stop first, so that nothing is lost from sight."""
        if self.issuing:
            self._stop()
        else:
            self._steps.stop()
            super().reject()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on checking after the vault was locked."""
        super().showEvent(event)
        if self.batch.counts[Stand.WAITING] and not self._working:
            self._later.start()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file."""
        drop = read_drop(event.mimeData())
        if drop is not None and len(drop.paths) == 1:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read it."""
        drop = read_drop(event.mimeData())
        if drop is not None and len(drop.paths) == 1:
            event.acceptProposedAction()
            self.take_file(drop.paths[0])

    def _connect(self) -> None:
        self.fields.changed.connect(self._settings_changed)
        self.bar.every.connect(lambda: self.model.tick_all(wanted=True))
        self.bar.none.connect(lambda: self.model.tick_all(wanted=False))
        self.bar.filtered.connect(self.model.show_only)
        self.model.ticked.connect(self._ticked)
        self.model.modelReset.connect(self._show_remarks)
        self.knowing.toggled.connect(lambda _on: self._allow())
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_remarks())
        self.on_submit(self._issue)

    def _settings_changed(self) -> None:
        self._stale = True
        self._allow()
        self._later.start()

    def _read(self) -> None:
        if self.path is None or self.issuing or self.issued:
            return
        # Nothing can be issued until what is read now was checked.
        self._stale = True
        self._later.stop()
        self._allow()
        self.show_problem("")
        self._steps.read(self.path, self.fields.issuer_arn, self.fields.defaults)

    def _begin(self, what: str, words: str) -> None:
        self._working = what
        self.progress.show_progress(words, 0.0)
        self.progress.show()

    def _issue(self) -> None:
        chosen = self.batch.chosen
        self._begin("issuing", self.tr("Issuing"))
        self.fields.show(shown=False)
        self.model.lock(locked=True)
        self.show_working(working=True, text=self.tr("Issuing…"))
        self._allow()
        self._steps.issue(chosen, self.fields.issuer_arn)

    def _stop(self) -> None:
        self.progress.show_progress(self.tr("Stopping"), -1.0)
        self._steps.stop()

    def _ticked(self, lines: Sequence[Line]) -> None:
        self._left_out.update((one.number, not one.wanted) for one in lines)
        self._allow()

    def _show_remarks(self) -> None:
        index = self.table.currentIndex()
        line = self.model.line(index.row()) if index.isValid() else None
        text = remarks_on(line, self.model.verdict(line)) if line is not None else ""
        self.remarks.setText(text)
        self.remarks.setVisible(bool(text))
        self.grow()

    def _allow(self) -> None:
        rejected = self.batch.rejected
        words = self.tr("Issue also what strict verifiers will reject (chosen: {n})")
        self.knowing.setText(words.format(n=number(rejected)))
        self.knowing.setVisible(bool(rejected))
        if not rejected:
            self.knowing.setChecked(False)
        self.summary.setText(summary(self.batch))
        done = self.issued
        self.files.setVisible(done and not self.issuing)
        self.bar.show_stands({one for one, count in self.batch.counts.items() if count})
        self.bar.allow(possible=not self.issuing)
        if self.issuing:
            return
        self.name_verb(verb_for(self.batch.picked))
        why = self._why_not()
        self.main_button.setEnabled(not why)
        self.main_button.setToolTip(why)
        self.cancel_button.setText(self.tr("Close") if done else self.tr("Cancel"))

    def _why_not(self) -> str:
        if self.path is None:
            return self.tr("Choose a list first.")
        if self._working or self._stale:
            return self.tr("The rows are still being checked.")
        if not self.batch.picked.total():
            return self.tr("Nothing is chosen.")
        if self.batch.rejected and not self.knowing.isChecked():
            return self.tr("Some of the chosen would be rejected: confirm it, or leave them out.")
        return ""
