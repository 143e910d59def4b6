"""Who may do what: a principal, an operation, an encryption context in; a verdict and why out.

Knows the kit and IAM's simulator by `verdicts`; knows no pane.
"""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.policies.pairs import PairsField
from workbench.ui.policies.people import People
from workbench.ui.policies.picker import PrincipalPicker
from workbench.ui.policies.verdict_card import VerdictCard
from workbench.ui.policies.verdicts import Asked, Subject, Verdict, ask
from workbench.ui.session import Task
from workbench.ui.widgets.basics import label, push_button

_USES: Final = "uses"
_EVERYTHING: Final = "everything"


class WhoMayPage(QWidget):
    """Asks about one key.

    Args:
        context: the window.

    Signals:
        show_wanted(object): statements of the key policy are to be shown; indexes from 0.
    """

    show_wanted = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._subject: Subject | None = None
        self._task: Task | None = None
        look, unit = context.look, context.look.unit
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 4)
        self._column.setSpacing(unit)
        self.who = PrincipalPicker(look)
        self.action = QComboBox()
        self.action.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.pairs = PairsField(look, self.tr("Encryption context"), "tenant=acme")
        self.keys = PairsField(
            look,
            self.tr("Condition keys"),
            "kms:ViaService=s3.eu-central-1.amazonaws.com",
            repeated=True,
        )
        self._people_note = self._field(self.tr("&Who"), self.who)
        self._field(self.tr("&Does what"), self.action)
        self._field(self.tr("With &encryption context"), self.pairs)
        self._field(self.tr("And &condition keys"), self.keys)
        self.ask_button = push_button(self.tr("Ask"), self.ask, "primary")
        self._column.addWidget(self.ask_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._problem = label("", "error", wrap=True)
        self._note = label("", "muted", wrap=True)
        self.results = QListWidget()
        self.results.setProperty("role", "boxed")
        self.results.setAccessibleName(self.tr("Answers"))
        self.results.setIconSize(QSize(look.icon_size, look.icon_size))
        self.results.currentRowChanged.connect(self._chosen)
        self.card = VerdictCard(look)
        self.card.show_wanted.connect(self.show_wanted)
        self._column.addSpacing(unit)
        for widget in (self._problem, self._note, self.card, self.results):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self._verdicts: list[Verdict] = []
        self._clear()

    def offer(self, people: People) -> None:
        """Offer these principals."""
        self.who.offer(people.people)
        self._people_note.setText(people.problem)
        self._people_note.setVisible(bool(people.problem))

    def show_subject(self, subject: Subject | None) -> None:
        """Ask about this key from now on; answers about another go."""
        before = self._subject
        self._subject = subject
        self.setEnabled(subject is not None)
        if before is not None and subject is not None and before.arn == subject.arn:
            if before != subject:
                self._clear()
            return
        self._clear()
        self.action.clear()
        if subject is None:
            return
        self.action.addItem(self.tr("Every cryptographic operation"), _USES)
        self.action.addItem(self.tr("Everything that suits this key"), _EVERYTHING)
        for name in subject.actions:
            self.action.addItem(name, name)

    def ask(self) -> None:
        """Ask what the form says."""
        subject = self._subject
        problem = self.who.problem() or self.pairs.problem() or self.keys.problem()
        self._say_problem(problem)
        if subject is None or problem:
            return
        chosen = self.action.currentData()
        actions = {_USES: subject.uses, _EVERYTHING: subject.actions}.get(chosen, (chosen,))
        asked = Asked(self.who.principal, actions, self.pairs.pairs, self.keys.pairs)
        bench = self._context.bench
        if self._task is not None:
            self._task.drop()

        def arrived(verdicts: list[Verdict]) -> None:
            if subject is self._subject:
                self._show(verdicts)

        def refused(words: Explanation) -> None:
            self._clear()
            self._say_problem(words.text)

        self._task = self._context.session.start(
            self, lambda: ask(bench.client("iam", ""), subject, asked), arrived, refused
        )

    def _show(self, verdicts: list[Verdict]) -> None:
        self._clear()
        self._verdicts = verdicts
        look = self._context.look
        for verdict in verdicts:
            icon = look.icon("ok", "ok") if verdict.allowed else look.icon("disable", "danger")
            word = self.tr("allowed") if verdict.allowed else self.tr("denied")
            QListWidgetItem(icon, f"{verdict.action}: {word}", self.results)
        several = len(verdicts) > 1
        self.results.setVisible(several)
        if several:
            rows = min(len(verdicts), 10)
            self.results.setFixedHeight(self.results.sizeHintForRow(0) * rows + look.unit * 2)
        draft = self._subject is not None and bool(self._subject.draft)
        notes = []
        if draft:
            notes.append(self.tr("Judged by the policy as it is edited now; grants are left out."))
        if self._context.bench.site.aws:
            told = self.tr(
                "AWS's simulator leaves out grants, and for roles the key policy: only the policies"
                " that hang on the role are weighed."
            )
            notes.append(told)
        self._note.setText(" ".join(notes))
        self._note.setVisible(bool(notes))
        self.results.setCurrentRow(0)
        self._chosen(0)

    def _chosen(self, row: int) -> None:
        shown = 0 <= row < len(self._verdicts)
        self.card.show_verdict(self._verdicts[row] if shown else None)

    def _clear(self) -> None:
        self._verdicts = []
        self.results.clear()
        self.results.hide()
        self._note.hide()
        self.card.show_verdict(None)
        self._say_problem("")

    def _say_problem(self, text: str) -> None:
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def _field(self, name: str, field: QWidget) -> QLabel:
        caption = QLabel(name)
        caption.setProperty("role", "strong")
        caption.setBuddy(field)
        field.setAccessibleName(name.replace("&", ""))
        note = label("", "muted", wrap=True)
        note.hide()
        self._column.addWidget(caption)
        self._column.addWidget(field)
        self._column.addWidget(note)
        self._column.addSpacing(self._context.look.unit)
        return note
