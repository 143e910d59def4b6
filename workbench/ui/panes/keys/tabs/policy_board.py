"""The policy of one key: text, statements in words, who may do what, everybody against everything.

Owns the edited text until it is saved or reverted. Knows nothing of how the tab gets the policy.
"""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.iam.policy.documents import MalformedPolicy, PolicyDocument, PolicyKind
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.policy_saving import PolicySaving
from workbench.ui.policies.actions import management_of, uses_of
from workbench.ui.policies.asking import WhoMayPage
from workbench.ui.policies.editor import PolicyEditor
from workbench.ui.policies.matrix import MatrixPage
from workbench.ui.policies.people import People
from workbench.ui.policies.sentences import tell
from workbench.ui.policies.summary import StatementList
from workbench.ui.policies.texts import pretty_json, same_policy
from workbench.ui.policies.verdicts import Subject
from workbench.ui.widgets.basics import Badge, CopyButton, label, push_button
from workbench.ui.widgets.fields import scrolled


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """What the board shows.

    Attributes:
        row: the key.
        text: its policy as saved.
        people: who there is.
    """

    row: KeyRow
    text: str
    people: People


class PolicyBoard(QWidget):
    """Shows and edits.

    Args:
        context: the window.
        wide: whether the text stands beside the rest, or is one page among them.
        drafts: edited texts by key id; shared where two boards may show one key.

    Signals:
        saved: the policy was saved.
        enlarge_wanted: it is to be shown with more room.
    """

    saved = Signal()
    enlarge_wanted = Signal()

    def __init__(
        self, context: Context, *, wide: bool, drafts: dict[str, str] | None = None
    ) -> None:
        super().__init__()
        self._context = context
        self.policy: KeyPolicy | None = None
        self.drafts: dict[str, str] = {} if drafts is None else drafts
        self._showing = False
        look = context.look
        self.editor = PolicyEditor(look, PolicyKind.RESOURCE, self.tr("Key policy, JSON"))
        self.editor.checked.connect(self._checked)
        self.editor.textChanged.connect(self._typed)
        self.summary = StatementList(look)
        self.summary.chosen.connect(lambda index: self.show_statements((index,)))
        self.who = WhoMayPage(context)
        self.matrix = MatrixPage(context)
        for page in (self.who, self.matrix):
            page.show_wanted.connect(self.show_statements)
        self._saving = PolicySaving(context, self)
        self._saving.saved.connect(self._saved)
        self._saving.refused.connect(self._refused)
        self._build_bar(wide=wide)
        self._text_page = self._build_text_page()
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.setUsesScrollButtons(True)
        self.pages.setAccessibleName(self.tr("Views of the policy"))
        self.pages.addTab(scrolled(self.summary), self.tr("In words"))
        if not wide:
            self.pages.addTab(self._text_page, self.tr("JSON"))
        self.pages.addTab(scrolled(self.who), self.tr("Who may"))
        if wide:  # its columns need more room than an inspector has; Enlarge shows it
            self.pages.addTab(self.matrix, self.tr("Matrix"))
        else:
            self.matrix.setParent(self)
            self.matrix.hide()
        self._lay_out(wide=wide)
        self.show_policy(None)

    def show_policy(self, policy: KeyPolicy | None) -> None:
        """Show a key's policy; what was typed before is still there."""
        self.policy = policy
        self._showing = True
        if policy is None:
            self.editor.show_text("")
        else:
            draft = self.drafts.get(policy.row.id)
            if draft is not None and same_policy(draft, policy.text):
                del self.drafts[policy.row.id]
                draft = None
            self.editor.setReadOnly(policy.row.managed_by_aws)
            self.editor.show_text(pretty_json(policy.text) if draft is None else draft)
            self.who.offer(policy.people)
        self._showing = False
        self._say("")
        self._permit()
        self._show_subject()

    @property
    def edited(self) -> bool:
        """Whether what is shown is not what is saved."""
        return self.policy is not None and self.policy.row.id in self.drafts

    def show_statements(self, indexes: tuple[int, ...]) -> None:
        """Show statements in the text, counted from 0."""
        at = self.pages.indexOf(self._text_page)
        if at >= 0:
            self.pages.setCurrentIndex(at)
        self.editor.mark_statements(indexes)
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def save(self) -> None:
        """Save the text."""
        self.editor.check()
        if self.policy is not None and self.edited and self.editor.problem is None:
            self._say("")
            self._saving.save(self.policy.row, self.editor.toPlainText())

    def revert(self) -> None:
        """Go back to what is saved; Undo brings the text back."""
        if self.policy is None:
            return
        self.drafts.pop(self.policy.row.id, None)
        self._showing = True
        cursor = self.editor.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(pretty_json(self.policy.text))
        self._showing = False
        self.editor.check()
        self._say("")
        self._permit()

    def _build_bar(self, *, wide: bool) -> None:
        look = self._context.look
        self.state = Badge(look, "", "ok")
        self.save_button = push_button(self.tr("&Save"), self.save, "primary")
        self.revert_button = push_button(self.tr("&Revert"), self.revert)
        self._copy = CopyButton(look, self.tr("key policy"), self._copy_policy)
        self.enlarge = push_button(self.tr("Enlarge"), self.enlarge_wanted.emit, "link")
        self.enlarge.setToolTip(self.tr("Show text and meaning side by side"))
        self.enlarge.setVisible(not wide)

    def _build_text_page(self) -> QWidget:
        unit = self._context.look.unit
        self._problem = push_button("", self._go_to_problem, "link")
        self._problem_text = label("", "error", wrap=True)
        self._problem.setAccessibleName(self.tr("Go to the mistake"))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(unit * 4, unit * 2, unit * 4, unit * 3)
        column.setSpacing(unit)
        column.addWidget(self.editor, 1)
        column.addWidget(self._problem_text)
        column.addWidget(self._problem)
        return page

    def _lay_out(self, *, wide: bool) -> None:
        unit = self._context.look.unit
        bar = QHBoxLayout()
        bar.setContentsMargins(unit * 4, unit * 2, unit * 3, unit * 2)
        bar.setSpacing(unit * 2)
        bar.addWidget(self.state)
        bar.addStretch(1)
        for widget in (self.enlarge, self._copy, self.revert_button, self.save_button):
            bar.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        if not wide:
            column.addWidget(self.pages, 1)
            return
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self._text_page)
        halves.addWidget(self.pages)
        halves.setSizes([unit * 110, unit * 130])
        column.addWidget(halves, 1)

    def _typed(self) -> None:
        if self._showing or self.policy is None:
            return
        text = self.editor.toPlainText()
        if same_policy(text, self.policy.text):
            self.drafts.pop(self.policy.row.id, None)
        else:
            self.drafts[self.policy.row.id] = text
        self._permit()

    def _checked(self, outcome: PolicyDocument | MalformedPolicy | None) -> None:
        if isinstance(outcome, PolicyDocument):
            told = tell(outcome, self._context.bench.place.account)
            self.summary.show_statements(told)
            self._say("")
        elif outcome is None:
            self.summary.show_statements((), self.tr("The policy is empty."))
        else:
            note = self.tr("What the text says is not known while it is not valid.")
            self.summary.show_statements((), note)
            self._say(outcome.message, at=outcome)
        self._permit()
        self._show_subject()

    def _show_subject(self) -> None:
        policy = self.policy
        if policy is None or self.editor.problem is not None:
            self.who.show_subject(None)
            self.matrix.show_subject(None, People(()))
            return
        row = policy.row
        uses = uses_of(row.usage, row.spec)
        others = management_of(row.spec, row.origin, multi_region=row.multi_region)
        draft = self.editor.toPlainText() if self.edited else ""
        subject = Subject(
            row.arn, policy.text, draft, (*uses, *others), uses, self._context.bench.site.aws
        )
        self.who.show_subject(subject)
        self.matrix.show_subject(subject, policy.people)

    def _permit(self) -> None:
        managed = self.policy is not None and self.policy.row.managed_by_aws
        self.state.setVisible(managed or self.edited)
        if self.policy is not None and self.policy.row.managed_by_aws:
            self.state.show_state(self.tr("Managed by AWS"), "info")
        elif not self.edited:
            pass  # nothing to tell
        elif self.editor.problem is not None:
            self.state.show_state(self.tr("Not valid"), "danger")
        else:
            self.state.show_state(self.tr("Not saved"), "warning")
        valid = self.editor.outcome is not None and self.editor.problem is None
        self.save_button.setEnabled(self.edited and valid)
        why = "" if self.edited else self.tr("Nothing was changed.")
        self.save_button.setToolTip(why or ("" if valid else self.tr("Correct the text first.")))
        self.revert_button.setEnabled(self.edited)
        self.revert_button.setToolTip(why)

    def _say(self, text: str, at: MalformedPolicy | None = None) -> None:
        self._problem_text.setText(text)
        self._problem_text.setVisible(bool(text))
        self._problem.setVisible(at is not None)
        if at is not None:
            words = self.tr("Go to line {line}, column {column}")
            self._problem.setText(words.format(line=at.line, column=at.column))

    def _go_to_problem(self) -> None:
        problem = self.editor.problem
        if problem is not None:
            self.editor.go_to(problem.line, problem.column)
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refused(self, text: str) -> None:
        at = self.pages.indexOf(self._text_page)
        if at >= 0:
            self.pages.setCurrentIndex(at)
        self._say(text)

    def _saved(self, key: str) -> None:
        self.drafts.pop(key, None)
        self.saved.emit()
        if self.policy is not None and self.policy.row.id == key:
            text = self.editor.toPlainText()
            self.show_policy(KeyPolicy(self.policy.row, text, self.policy.people))

    def _copy_policy(self) -> None:
        self._context.frame.copy(self.editor.toPlainText(), self.tr("Key policy"))
