"""Everybody against everything: who of the account may do what with one key.

Knows the kit and IAM's simulator by `verdicts`; knows no pane.
"""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.policies.people import People, Person
from workbench.ui.policies.verdict_card import VerdictCard
from workbench.ui.policies.verdicts import Asked, Subject, Verdict, ask
from workbench.ui.session import Task
from workbench.ui.widgets.basics import label, push_button

_MOST: Final = 200
"""Identities shown at once; more would be no picture."""

Verdicts = dict[tuple[str, str], Verdict]


def ask_all(iam: Any, subject: Subject, people: Sequence[Person]) -> Verdicts:
    """Return a verdict for each pair of (ARN, action)."""
    found: Verdicts = {}
    for person in people:
        for verdict in ask(iam, subject, Asked(person.arn, subject.actions)):
            found[(person.arn, verdict.action)] = verdict
    return found


class MatrixPage(QWidget):
    """A line for each operation, a column for each identity.

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
        self._people = People(())
        self._asked: tuple[Subject, People] | None = None
        self._task: Task | None = None
        self.verdicts: Verdicts = {}
        unit = context.look.unit
        self.only_uses = QCheckBox(self.tr("Cryptographic &operations only"))
        self.only_uses.setChecked(True)
        self.only_uses.toggled.connect(lambda _on: self._fill())
        self._note = label("", "muted", wrap=True)
        again = push_button(self.tr("Ask again"), self.reload, "link")
        line = QHBoxLayout()
        line.addWidget(self.only_uses, 1)
        line.addWidget(again)
        self.table = QTableWidget()
        self.table.setProperty("role", "boxed")
        self.table.setAccessibleName(self.tr("Who may do what"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        edge = context.look.icon_size
        self.table.setIconSize(QSize(edge, edge))
        self.table.currentCellChanged.connect(lambda row, column, *_: self._chosen(row, column))
        self.card = VerdictCard(context.look)
        self.card.show_wanted.connect(self.show_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 4)
        column.setSpacing(unit * 2)
        column.addLayout(line)
        column.addWidget(self._note)
        column.addWidget(self.table, 1)
        column.addWidget(self.card)
        self._note.hide()

    def show_subject(self, subject: Subject | None, people: People) -> None:
        """Show this key; asked when the page is in front."""
        self._subject, self._people = subject, people
        if self.isVisible():
            self._ask_if_new()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask when the page comes to the front."""
        super().showEvent(event)
        self._ask_if_new()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave at least half of the width to the answers."""
        super().resizeEvent(event)
        self._name_rows()

    def reload(self) -> None:
        """Ask again now."""
        self._asked = None
        self._ask_if_new()

    def _ask_if_new(self) -> None:
        subject, people = self._subject, self._people
        if subject is None:
            self.verdicts = {}
            self._fill()
            return
        if self._asked == (subject, people):
            return
        self._asked = asked = (subject, people)
        if self._task is not None:
            self._task.drop()
        self._say(self.tr("Asking…"))
        bench, shown = self._context.bench, people.people[:_MOST]

        def arrived(verdicts: Verdicts) -> None:
            if self._asked == asked:
                self.verdicts = verdicts
                self._say(self._remarks(subject, people))
                self._fill()

        def refused(words: Explanation) -> None:
            if self._asked == asked:
                self.verdicts = {}
                self._fill()
                self._say(words.text)

        self._task = self._context.session.start(
            self, lambda: ask_all(bench.client("iam", ""), subject, shown), arrived, refused
        )

    def _remarks(self, subject: Subject, people: People) -> str:
        remarks = [self.tr("Asked without encryption context and condition keys.")]
        if subject.draft:
            remarks.append(
                self.tr("Judged by the policy as it is edited now; grants are left out.")
            )
        if len(people.people) > _MOST:
            remarks.append(self.tr("The first {n} identities are shown.").format(n=_MOST))
        return " ".join([*remarks, people.problem]).strip()

    def _fill(self) -> None:
        subject = self._subject
        people = [p for p in self._people.people[:_MOST] if self.verdicts]
        actions: tuple[str, ...] = ()
        if subject is not None and self.verdicts:
            actions = subject.uses if self.only_uses.isChecked() else subject.actions
        self.card.show_verdict(None)
        self.table.clear()
        self.table.setRowCount(len(actions))
        self.table.setColumnCount(len(people))
        self.table.setHorizontalHeaderLabels([person.title for person in people])
        self.table.setVerticalHeaderLabels(list(actions))
        for row, action in enumerate(actions):
            self.table.verticalHeaderItem(row).setToolTip(action)
        self._name_rows()
        for row, action in enumerate(actions):
            for column, person in enumerate(people):
                verdict = self.verdicts.get((person.arn, action))
                if verdict is not None:
                    self.table.setItem(row, column, self._cell(verdict, person))

    def _name_rows(self) -> None:
        header = self.table.verticalHeader()
        unit = self._context.look.unit
        room = (self.width() - unit * 8) // 2
        header.setMaximumWidth(room)
        font = header.font()
        font.setBold(True)  # as the stylesheet draws it
        metrics = QFontMetrics(font)
        for row in range(self.table.rowCount()):
            item = self.table.verticalHeaderItem(row)
            shown = room - unit * 6
            item.setText(metrics.elidedText(item.toolTip(), Qt.TextElideMode.ElideMiddle, shown))

    def _cell(self, verdict: Verdict, person: Person) -> QTableWidgetItem:
        look = self._context.look
        word = self.tr("may") if verdict.allowed else self.tr("may not")
        icon = look.icon("ok", "ok") if verdict.allowed else look.icon("disable", "danger")
        cell = QTableWidgetItem(icon, word)
        cell.setToolTip(verdict.because)
        told = f"{person.title}, {verdict.action}: {word}. {verdict.because}"
        cell.setData(Qt.ItemDataRole.AccessibleTextRole, told)
        return cell

    def _chosen(self, row: int, column: int) -> None:
        people = self._people.people
        if not (0 <= row < self.table.rowCount() and 0 <= column < len(people)):
            self.card.show_verdict(None)
            return
        action = self.table.verticalHeaderItem(row).toolTip()
        self.card.show_verdict(self.verdicts.get((people[column].arn, action)))

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))
