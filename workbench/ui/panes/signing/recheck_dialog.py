"""A whole job verified again: how far it is, what was found, and the files of each outcome.

Knows the recheck's answers and the kit. It runs on a worker; the dialog looks at it now and then.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QProgressBar, QWidget

from workbench.signing.job import FileView, JobView
from workbench.signing.rechecking import Checked, Outcome, Recheck
from workbench.signing.results import write_checks
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.pane import Context
from workbench.ui.panes.signing.file_model import FILE, FOLDER, SIZE, STATE, FileModel
from workbench.ui.panes.signing.file_table import FileTable
from workbench.ui.panes.signing.moment_choice import MomentChoice
from workbench.ui.panes.signing.verify_work import read_trust
from workbench.ui.panes.signing.words import count_files, outcome_mark, shown_name
from workbench.ui.widgets.basics import Badge, label, push_button
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.rows import Mark
from workbench.ui.widgets.texts import number

_LOOK_AGAIN: Final = 100
_WIDTHS: Final = {FILE: 24, STATE: 24, SIZE: 13, FOLDER: 14}
_COUNTED: Final = (Outcome.VALID, Outcome.CHANGED, Outcome.MISSING, Outcome.UNTRUSTED)
_WRONG: Final = frozenset({Outcome.CHANGED, Outcome.MISSING, Outcome.UNTRUSTED})
_SIGHTS: Final[tuple[frozenset[str] | None, ...]] = (
    None,
    _WRONG,
    *(frozenset({one}) for one in _COUNTED),
    frozenset({Outcome.UNSIGNED}),
    frozenset({Outcome.WAITING}),
)
"""What can be seen: all, whatever is not valid, each outcome."""


class CheckedModel(FileModel):
    """Files of a job with what became of them."""

    def view_of(self, row: Checked) -> FileView:
        """Return the file."""
        return row.file

    def mark_of(self, row: Checked) -> tuple[str, Mark]:
        """Return the outcome as a word and its icon."""
        return outcome_mark(row.outcome)

    def detail_of(self, row: Checked) -> str:
        """Return why it is not valid."""
        return row.sentence


class RecheckDialog(FormDialog):
    """Verifies a job again and shows what came of it.

    Args:
        context: bench, session, look, frame.
        view: the job.
        show_file: shows one file's whole verdict.
        parent: the pane.
    """

    def __init__(
        self,
        context: Context,
        view: JobView,
        show_file: Callable[[FileView], None],
        parent: QWidget,
    ) -> None:
        title = parent.tr("Verify “{job}” again").format(job=shown_name(view.title))
        super().__init__(context.look, title, parent.tr("Verify again"), parent)
        self.setProperty(HELP_PAGE, "signing")
        self._context = context
        self._view = view
        self._show_file = show_file
        self._stop = threading.Event()
        self._recheck: Recheck | None = None
        self._running = False
        about = self.tr(
            "Every file of the job is read again and compared with its signature. Trusted are the"
            " root certificates of this vault, and the keys of the job's own recipe."
        )
        self.body.addWidget(label(about, "muted", wrap=True))
        self.as_of = MomentChoice(context.look, context.bench.clock)
        self._as_of = ""
        self.body.addWidget(self.as_of)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Files verified"))
        self.body.addWidget(self.progress)
        self.line = label("", wrap=True)
        self.body.addWidget(self.line)
        self.badges = {one: Badge(context.look, "", "muted") for one in _COUNTED}
        self._add_row(*self.badges.values())
        self.sight = self._make_sight()
        self.stop_button = push_button(self.tr("Stop"), self._halt)
        self.export_button = push_button(self.tr("Export…"), self._ask_target)
        self._add_row(self.sight, None, self.stop_button, self.export_button)
        self.model = CheckedModel(context.look, context.session, self._fetch, self)
        self.table = FileTable(context.look, self.model, self.tr("Files that were verified"))
        self.table.setMinimumSize(context.look.unit * 180, context.look.unit * 50)
        character = self.table.fontMetrics().averageCharWidth()
        for column, width in _WIDTHS.items():
            self.table.horizontalHeader().resizeSection(column, width * character)
        self.table.opened.connect(self._open)
        self.body.addWidget(self.table, 1)
        self.on_submit(self._begin)
        self.cancel_button.setText(self.tr("Close"))
        self._timer = QTimer(self, interval=_LOOK_AGAIN)
        self._timer.timeout.connect(self.look_again)
        self.finished.connect(lambda _code: self._halt())
        self._begin()

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many files have each outcome so far."""
        return dict.fromkeys(Outcome, 0) if self._recheck is None else self._recheck.counts

    def look_again(self) -> None:
        """Show how far it is."""
        counts, total = self.counts, self._view.total
        done = total - counts[Outcome.WAITING] if self._recheck is not None else 0
        self.progress.setMaximum(max(1, total))
        self.progress.setValue(done)
        self.line.setText(self._sentence(done))
        for outcome, badge in self.badges.items():
            word, mark = outcome_mark(outcome)
            count = counts[outcome]
            tone = mark.tone if count else "muted"
            badge.show_state(f"{number(count)} {word.lower()}", tone, mark.icon)
        self.table.renew(self._in_sight(counts))
        self.stop_button.setEnabled(self._running)
        self.export_button.setEnabled(not self._running and bool(done))
        self.main_button.setEnabled(not self._running)

    def _sentence(self, done: int) -> str:
        total = self._view.total
        if self._running:
            text = self.tr("{done} of {total} files verified…")
        elif done < total:
            text = self.tr("Stopped after {done} of {total} files.")
        else:
            skipped = self.counts[Outcome.UNSIGNED]
            if not skipped:
                said = self.tr("{files} verified.").format(files=count_files(total))
            else:
                text = self.tr("{files} verified; {n} of them the job had not signed.")
                said = text.format(files=count_files(total), n=number(skipped))
            return f"{said} {self._as_of}".strip()
        return text.format(done=number(done), total=number(total))

    def _begin(self) -> None:
        """Verify everything, from the beginning."""
        if self._running:
            return
        self._running, self._stop = True, threading.Event()
        self.show_problem("")
        bench, view, stop = self._context.bench, self._view, self._stop
        moment, at_signing = self.as_of.moment, self.as_of.at_signing
        self._as_of = self.as_of.words()

        def prepare() -> Recheck:
            trust = read_trust(bench.shelf)
            believed = bench.verifier.trust(
                roots=trust.roots, intermediates=trust.others, moment=moment
            )
            believed = replace(believed, at_signing_time=at_signing, evidence=trust.evidence)
            return Recheck(bench.jobs, view.id, view.recipe, view.total, bench.verifier, believed)

        def prepared(recheck: Recheck) -> None:
            self._recheck = recheck
            self._turn()
            self._context.session.start(
                self, lambda: recheck.run(stop), lambda _whole: self._ended(), self._failed,
                self.tr("Verifying a job again"),
            )  # fmt: skip

        self._context.session.start(self, prepare, prepared, self._failed)
        self._timer.start()
        self.look_again()

    def _ended(self) -> None:
        self._running = False
        self._timer.stop()
        wrong = sum(self.counts[one] for one in _WRONG)
        if wrong and self.sight.currentIndex() == 0:
            self.sight.setCurrentIndex(1)
        self.look_again()

    def _failed(self, words: Explanation) -> None:
        self._ended()
        self.show_problem(words)

    def _halt(self) -> None:
        self._stop.set()

    def _make_sight(self) -> QComboBox:
        made = QComboBox()
        words = [outcome_mark(one)[0] for one in (*_COUNTED, Outcome.UNSIGNED, Outcome.WAITING)]
        made.addItems([self.tr("All files"), self.tr("Whatever is not valid"), *words])
        made.setAccessibleName(self.tr("Which files are shown"))
        made.setToolTip(self.tr("Which files are shown"))
        made.currentIndexChanged.connect(lambda _place: self._turn())
        return made

    def _in_sight(self, counts: Mapping[Outcome, int]) -> int:
        wanted = _SIGHTS[max(0, self.sight.currentIndex())]
        if self._recheck is None:
            return 0
        return self._view.total if wanted is None else sum(counts[Outcome(one)] for one in wanted)

    def _turn(self) -> None:
        wanted = _SIGHTS[max(0, self.sight.currentIndex())]
        self.model.show_job(self._view.id, self._in_sight(self.counts), wanted)

    def _fetch(
        self, _job: str, start: int, count: int, outcomes: frozenset[str] | None
    ) -> tuple[Any, ...]:
        recheck = self._recheck
        return () if recheck is None else recheck.files(start, count, outcomes)

    def _open(self, line: int) -> None:
        file = self.model.file(line)
        if file is not None and file.output is not None:
            self.accept()
            self._show_file(file)

    def _ask_target(self) -> None:
        name = f"{Path(self._view.title).stem or 'job'}-verified.csv"
        dialog = QFileDialog(self, self.tr("Export what was verified"), name)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(
            [self.tr("Table (*.csv)"), self.tr("JSON (*.json)"), self.tr("All files (*)")]
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.export(Path(chosen)))
        dialog.open()

    def export(self, target: Path) -> None:
        """Write every file with its outcome; the name's ending says whether as JSON."""
        recheck = self._recheck
        if recheck is None:
            return

        def written(count: int) -> None:
            text = self.tr("The outcomes of {n} files were written to {name}.")
            said = text.format(n=number(count), name=shown_name(target))
            self._context.frame.notify(said, "ok")

        self._context.session.start(
            self, lambda: write_checks(recheck, target), written, self.show_problem,
            self.tr("Exporting what was verified"),
        )  # fmt: skip

    def _add_row(self, *widgets: QWidget | None) -> None:
        row = QHBoxLayout()
        row.setSpacing(self.look.unit * 2)
        for widget in widgets:
            if widget is None:
                row.addStretch(1)
            else:
                row.addWidget(widget)
        if None not in widgets:
            row.addStretch(1)
        self.body.addLayout(row)
