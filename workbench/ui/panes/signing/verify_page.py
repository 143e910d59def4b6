"""The Verify page: what is verified at the top, the verdict below, a list when there are more."""

import threading
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.base.files import write_atomically
from workbench.signing.report import Circumstances, to_html, to_json
from workbench.ui.command import Command
from workbench.ui.pane import Context
from workbench.ui.panes.signing.result_view import ResultView
from workbench.ui.panes.signing.trust import TrustChoice
from workbench.ui.panes.signing.verify_inputs import VerifyInputs
from workbench.ui.panes.signing.verify_work import (
    Outcome,
    Pair,
    Trust,
    read_trust,
    verify_all,
)
from workbench.ui.panes.signing.words import shown_name
from workbench.ui.widgets.basics import ProgressLine, label
from workbench.ui.widgets.texts import number, size

_NARROW = 180
_PUBLIC = 0o644


class VerifyPage(QWidget):
    """Verifies and shows verdicts.

    Args:
        context: look, session, bench, frame.
        again: the command that verifies again, shown as a button.

    Signals:
        picked(bytes): a certificate is to be shown in the inspector; its DER, or None.
        running_changed: a verification began, went on or ended.
    """

    picked = Signal(object)
    running_changed = Signal()

    def __init__(self, context: Context, again: Command) -> None:
        super().__init__()
        self._context = context
        self._stop = threading.Event()
        self._pairs: tuple[Pair, ...] = ()
        self._outcomes: list[Outcome] = []
        self._bad = False
        self._share = -2.0
        unit = context.look.unit
        self.inputs = VerifyInputs(context.look, context.bench.clock, again)
        self.inputs.ready.connect(self._verify_slots)
        self.trust = self._build_trust()
        self._progress = ProgressLine(context.look, self.cancel)
        self._progress.hide()
        self._list = _pair_list(unit, self.tr("Verified files"))
        self._list.currentRowChanged.connect(self._show)
        self.result = ResultView(context.look, context.frame.copy)
        self.result.picked.connect(self.picked)
        self.result.report_wanted.connect(self._ask_report)
        self.result.demand_wanted.connect(self.inputs.demands.reach)
        hint = label(
            self.tr(
                "Drop a file and its signature, together or one after the other. The answer comes "
                "with its reasons: is the file unchanged, who signed it, and can that be trusted."
            ),
            "muted",
            wrap=True,
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(hint)
        self._stack.addWidget(self.result)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._below.setSpacing(unit * 3)
        self._below.addWidget(self._list, 1)
        self._below.addWidget(self._stack, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 4, unit * 4, unit * 4, 0)
        column.setSpacing(unit * 3)
        column.addWidget(self.inputs)
        column.addWidget(self._progress)
        column.addLayout(self._below, 1)
        self.inputs.show_trust(0, "")

    def _build_trust(self) -> TrustChoice:
        trust, inputs = TrustChoice(self._context, self), self.inputs
        trust.told.connect(inputs.show_trust)
        trust.chosen.connect(self.repeat)
        inputs.root_wanted.connect(trust.choose)
        inputs.root_dropped.connect(lambda: trust.use(None))
        inputs.key_wanted.connect(trust.choose_keys)
        inputs.system_wanted.connect(trust.use_system)
        inputs.demands.changed.connect(self.repeat)
        return trust

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put things below each other where they do not fit beside each other."""
        super().resizeEvent(event)
        unit = self._context.look.unit
        narrow = self.width() < unit * _NARROW
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._below.setDirection(down if narrow else across)
        self._list.setMaximumWidth(unit * (1000 if narrow else 70))
        self.inputs.show_narrow(narrow=narrow)

    # What the pane asks.

    @property
    def waiting_for(self) -> str:
        """`file`, `signature`, or nothing: what the slots still wait for."""
        if self.inputs.file.waiting:
            return "file"
        return "signature" if self.inputs.signature.waiting else ""

    @property
    def verdict_pair(self) -> Pair | None:
        """The pair whose verdict is shown."""
        outcome = self._current()
        return outcome.pair if outcome else None

    @property
    def share(self) -> float:
        """How far a running verification is, below -1 if none is."""
        return self._share

    @property
    def can_repeat(self) -> bool:
        """Whether there is something to verify again."""
        return bool(self._pairs)

    def wait_for(self, *, file: Path | None = None, signature: Path | None = None) -> None:
        """Keep one half of a pair and ask for the other."""
        self._forget()
        if signature is not None:
            self.inputs.wait_for_file(signature)
        elif file is not None:
            self.inputs.wait_for_signature(file)

    def verify(self, pairs: Sequence[Pair]) -> None:
        """Verify these now."""
        if not pairs:
            return
        self._forget()
        stop = self._stop
        self._pairs = tuple(pairs)
        self._list.setVisible(len(pairs) > 1)
        self._stack.setVisible(len(pairs) > 1)
        self.inputs.show_pair(*pairs[0])
        self._tell(0, 0, 0)
        bench, choice = self._context.bench, self.trust
        terms = self.inputs.terms
        todo = self._pairs
        session = self._context.session
        found = session.relay(self, lambda outcomes: self._found(stop, outcomes))
        progress = session.relay(self, lambda *values: self._progressed(stop, *values))

        def work() -> tuple[Trust, int]:
            trust = read_trust(bench.shelf)
            used = choice.applied_to(trust)
            return trust, verify_all(bench.verifier, todo, used, terms, stop, found, progress)

        session.start(
            self,
            work,
            lambda done: self._ended(stop, *done),
            lambda words: self._failed(stop, words.text),
        )

    def repeat(self) -> None:
        """Verify the same again."""
        self.verify(self._pairs)

    def _ask_report(self) -> None:
        """Ask where the verdict that is shown is to be written."""
        outcome = self._current()
        if outcome is None:
            return
        dialog = QFileDialog(self, self.tr("Save report"), f"{outcome.pair[1].name}.html")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Web page (*.html)"), self.tr("JSON (*.json)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.write_report(Path(name)))
        dialog.open()

    def write_report(self, target: Path) -> None:
        """Write the verdict that is shown; as JSON if the name ends so, else as HTML."""
        outcome = self._current()
        if outcome is None:
            return
        about = Circumstances(*outcome.pair, self._context.bench.clock.now(), outcome.believed)
        make = to_json if target.suffix.lower() == ".json" else to_html

        def work() -> None:
            text = make(outcome.verdict, about)
            write_atomically(target, text.encode(), replace=True, mode=_PUBLIC)

        said = self.tr("The report was saved as “{name}”.").format(name=shown_name(target))
        notify = self._context.frame.notify
        self._context.session.start(self, work, lambda _none: notify(said))

    def cancel(self) -> None:
        """Stop; what is found stays."""
        self._stop.set()

    # What happens.

    def _forget(self) -> None:
        """Stop what runs and take away the verdicts of before."""
        self._stop.set()
        self._stop = threading.Event()
        self._pairs = ()
        self._outcomes.clear()
        self._bad = False
        self._list.clear()
        self._list.hide()
        self._stack.setCurrentIndex(0)
        self._rest()

    def _verify_slots(self) -> None:
        signature = self.inputs.signature.path
        if signature is not None:
            self.verify([(self.inputs.file.path, signature)])

    def _found(self, stop: threading.Event, outcomes: Sequence[Outcome]) -> None:
        if stop is not self._stop:
            return
        for outcome in outcomes:
            first = not self._outcomes
            first_bad = not outcome.verdict.valid and not self._bad
            self._bad = self._bad or not outcome.verdict.valid
            self._outcomes.append(outcome)
            self._list.addItem(self._line(outcome))
            if first or first_bad:
                self._list.setCurrentRow(len(self._outcomes) - 1)

    def _line(self, outcome: Outcome) -> QListWidgetItem:
        good = outcome.verdict.valid
        right = self.tr("Timestamp") if outcome.verdict.proves == "time" else self.tr("Valid")
        word = right if good else self.tr("Not valid")
        file = outcome.pair[0] or outcome.pair[1]
        look = self._context.look
        icon = look.icon("ok", "ok") if good else look.icon("error", "danger")
        line = QListWidgetItem(icon, f"{word}: {shown_name(file)}")
        line.setToolTip(outcome.verdict.headline)
        return line

    def _progressed(self, stop: threading.Event, place: int, read: int, whole: int) -> None:
        if stop is self._stop:
            self._tell(place, read, whole)

    def _tell(self, place: int, read: int, whole: int) -> None:
        pairs = self._pairs
        file = pairs[place][0] or pairs[place][1]
        part = min(1.0, read / whole) if whole else 0.0
        self._share = (place + part) / len(pairs) if len(pairs) > 1 or whole else -1.0
        text = self.tr("Verifying {file}").format(file=shown_name(file))
        if len(pairs) > 1:
            text = self.tr("{text} ({n} of {total})").format(
                text=text, n=number(place + 1), total=number(len(pairs))
            )
        if whole:
            text = self.tr("{text}: {read} of {whole}").format(
                text=text, read=size(read), whole=size(whole)
            )
        self._progress.show_progress(text, self._share)
        self._progress.show()
        self.running_changed.emit()

    def _ended(self, stop: threading.Event, trust: Trust, done: int) -> None:
        if stop is not self._stop:
            return
        self._rest()
        self.trust.tell(trust)
        if done < len(self._pairs):
            self._context.frame.notify(
                self.tr("Verification stopped after {n} of {total} files.").format(
                    n=number(done), total=number(len(self._pairs))
                ),
                "info",
            )

    def _failed(self, stop: threading.Event, text: str) -> None:
        if stop is self._stop:
            self._rest()
            self._context.frame.notify(text, "danger")

    def _rest(self) -> None:
        self._share = -2.0
        self._progress.hide()
        self._stack.show()
        self.running_changed.emit()

    def _current(self) -> Outcome | None:
        place = self._list.currentRow()
        return self._outcomes[place] if 0 <= place < len(self._outcomes) else None

    def _show(self, _place: int) -> None:
        outcome = self._current()
        if outcome is None:
            self.picked.emit(None)
            return
        self.inputs.show_pair(*outcome.pair)
        self.inputs.demands.show_format(outcome.verdict.kind)
        self.result.show_verdict(outcome.verdict)
        self._stack.setCurrentIndex(1)
        self._stack.show()
        self.show_picked()

    def show_picked(self) -> None:
        """Have the inspector show the broken link, or else the signer."""
        outcome = self._current()
        if outcome is None:
            self.picked.emit(None)
            return
        links = outcome.verdict.links
        shown = next((link for link in links if not link.ok), links[0] if links else None)
        self.picked.emit(shown.der if shown else None)


def _pair_list(unit: int, name: str) -> QListWidget:
    made = QListWidget()
    made.setProperty("role", "boxed")
    made.setAccessibleName(name)
    made.setMinimumWidth(unit * 55)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.setUniformItemSizes(True)
    made.hide()
    return made
