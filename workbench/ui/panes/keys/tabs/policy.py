"""Policy: the key policy as indented JSON, to read."""

import json

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.base import AskingTab
from workbench.ui.widgets.basics import CopyButton, label


def pretty_json(text: str) -> str:
    """Return JSON indented; what is no JSON comes back as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


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


class PolicyTab(AskingTab[str]):
    """The key's one policy, `default`."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        unit = context.look.unit
        self.text = CodeView(context, self.tr("Key policy, JSON"))
        self._copy = CopyButton(context.look, self.tr("key policy"), self._copy_policy)
        self._page = QWidget()
        head = QHBoxLayout(self._page)
        head.setContentsMargins(unit * 4, unit * 3, unit * 3, unit)
        note = self.tr(
            "To read only. Every request here acts as the account's owner, whom the default"
            " policy lets do everything."
        )
        head.addWidget(label(note, "muted", wrap=True), 1)
        head.addWidget(self._copy)
        self.column.addWidget(self._page)
        framed = QHBoxLayout()
        framed.setContentsMargins(unit * 4, 0, unit * 4, unit * 4)
        framed.addWidget(self.text)
        self.column.addLayout(framed, 1)

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Policy")

    @property
    def scrolls(self) -> bool:
        """The text scrolls itself."""
        return False

    def ask(self, row: KeyRow) -> str:
        """Read the policy; on a worker."""
        answer = self.context.bench.kms.get_key_policy(KeyId=row.id, PolicyName="default")
        return pretty_json(answer["Policy"])

    def show_answer(self, row: KeyRow, answer: str) -> None:
        """Show the policy, unless it is shown already."""
        del row
        if self.text.toPlainText() != answer:
            self.text.setPlainText(answer)
        self._copy.setEnabled(bool(answer))

    def show_nothing(self) -> None:
        """Take it away."""
        self.text.clear()
        self._copy.setEnabled(False)

    def _copy_policy(self) -> None:
        self.context.frame.copy(self.text.toPlainText(), self.tr("Key policy"))
