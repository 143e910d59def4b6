"""Policy: the key policy to read, change and try out, and the JSON view other tabs use."""

from dataclasses import dataclass

from PySide6.QtWidgets import QPlainTextEdit

from workbench.ui.errors import explain
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.base import AskingTab
from workbench.ui.panes.keys.tabs.policy_board import KeyPolicy, PolicyBoard
from workbench.ui.panes.keys.tabs.policy_window import PolicyWindow
from workbench.ui.policies.people import read_people
from workbench.ui.policies.texts import pretty_json

__all__ = ["CodeView", "PolicyTab", "pretty_json"]


class CodeView(QPlainTextEdit):
    """Fixed-width text to read and select."""

    def __init__(self, context: Context, name: str) -> None:
        super().__init__()
        self.setProperty("role", "readonly")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        context.look.follow(self, lambda: self.setFont(context.look.mono))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was read: the policy, or why it may not be seen."""

    policy: KeyPolicy | None
    problem: str = ""


class PolicyTab(AskingTab[_Answer]):
    """The key's one policy, `default`."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.board = PolicyBoard(context, wide=False)
        self.board.saved.connect(self.reload)
        self.board.enlarge_wanted.connect(self._enlarge)
        self.column.addWidget(self.board, 1)
        context.session.changed.connect(self._heard)

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Policy")

    @property
    def help_page(self) -> str:
        """Stem of the help page that F1 opens while the tab is in front."""
        return "policies"

    @property
    def scrolls(self) -> bool:
        """The pages scroll themselves."""
        return False

    def ask(self, row: KeyRow) -> _Answer:
        """Read the policy and who there is; on a worker."""
        bench = self.context.bench
        try:
            answer = bench.kms.get_key_policy(KeyId=row.id, PolicyName="default")
        except Exception as error:
            words = explain(error)
            if not words.denied:
                raise
            return _Answer(None, words.text)
        people = read_people(bench.client("iam", ""), bench.place)
        return _Answer(KeyPolicy(row, answer["Policy"], people))

    def show_answer(self, row: KeyRow, answer: _Answer) -> None:
        """Show the policy, or say why it may not be seen."""
        del row
        self.board.show_policy(answer.policy)
        self.board.setVisible(answer.policy is not None)
        if answer.problem:
            self._say(answer.problem, again=True)

    def show_nothing(self) -> None:
        """Take it away; what was typed is kept for when the key is shown again."""
        self.board.show_policy(None)
        self.board.hide()

    def _heard(self, topic: str) -> None:
        if topic == "identities" and self.row is not None and self.isVisible():
            self.reload()

    def _enlarge(self) -> None:
        policy = self.board.policy
        if policy is None:
            return
        window = PolicyWindow(self.context, policy, self.board.drafts, self)
        window.board.saved.connect(self.reload)
        window.finished.connect(lambda _result: self.reload())
        window.open()
