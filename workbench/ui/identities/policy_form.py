"""The form for one policy of a user or role: JSON at the left, what it says at the right.

Knows the policy kit; who saves it is the asker's.
"""

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QSplitter, QWidget

from workbench.iam.policy.documents import MalformedPolicy, PolicyDocument, PolicyKind
from workbench.ui.identities.words import policy_name_problem
from workbench.ui.look import Look
from workbench.ui.policies.editor import PolicyEditor
from workbench.ui.policies.sentences import tell
from workbench.ui.policies.summary import StatementList
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.fields import scrolled


def _tr(text: str) -> str:
    return QCoreApplication.translate("identities", text)


def beginnings() -> Mapping[str, str]:
    """Return policies to begin with, by what they are for."""
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Sign",
           "kms:Verify", "kms:GenerateMac", "kms:VerifyMac", "kms:DescribeKey",
           "kms:GetPublicKey"]  # fmt: skip
    look = ["kms:Describe*", "kms:Get*", "kms:List*"]
    return {
        _tr("Use keys"): _document("UseKeys", use),
        _tr("Look at keys"): _document("LookAtKeys", look),
        _tr("Manage keys"): _document("ManageKeys", ["kms:*"]),
        _tr("Look at users and roles"): _document("LookAtPeople", ["iam:Get*", "iam:List*"]),
    }


def _document(sid: str, actions: list[str]) -> str:
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": actions,
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


class PolicyForm(FormDialog):
    """Edits one policy.

    Args:
        look: colours and spacing.
        title: whose policy it is.
        kind: identity or trust policy.
        account: whose own people need no account named.
        text: the policy as it is; empty for a new one.
        taken: names that other policies have; None where the policy has no name to choose.
        parent: the window of identities.
    """

    def __init__(
        self,
        look: Look,
        title: str,
        kind: PolicyKind,
        account: str,
        text: str,
        taken: tuple[str, ...] | None,
        parent: QWidget,
    ) -> None:
        super().__init__(look, title, _tr("Save"), parent)
        self.setObjectName("identities.policy")
        self._account = account
        self.name = QLineEdit()
        self.start = QComboBox()
        self.editor = PolicyEditor(look, kind, _tr("Policy, JSON"))
        self.summary = StatementList(look)
        if taken is not None:
            self.add_field(
                _tr("&Name"),
                self.name,
                "",
                lambda: policy_name_problem(self.name.text().strip(), taken),
            )
            self.add_field(_tr("&Begin with"), self.start)
            for words, document in beginnings().items():
                self.start.addItem(words, document)
            self.start.activated.connect(lambda _index: self._begin())
        unit = look.unit
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.editor)
        meaning = scrolled(self.summary)
        meaning.setAccessibleName(_tr("What the policy says"))
        halves.addWidget(meaning)
        halves.setSizes([unit * 120, unit * 90])
        halves.setMinimumHeight(unit * 70)
        halves.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.editor.checked.connect(self._checked)
        self.summary.chosen.connect(lambda index: self.editor.mark_statements((index,)))
        self.add_field(_tr("&Policy, JSON"), halves, "", self._wrong)
        halves.setFocusProxy(self.editor)
        self.editor.textChanged.connect(self._typed)
        self._was = text
        self.editor.show_text(text or str(self.start.itemData(0) or ""))
        room = self.screen().availableGeometry()
        self.resize(
            min(unit * 230, room.width() * 9 // 10), min(unit * 150, room.height() * 8 // 10)
        )
        (self.name if taken is not None else self.editor).setFocus()

    @property
    def text(self) -> str:
        """The policy as typed."""
        return self.editor.toPlainText()

    def _begin(self) -> None:
        self.editor.selectAll()
        self.editor.insertPlainText(str(self.start.currentData()))
        self.editor.check()

    def _typed(self) -> None:
        self.show_problem("")

    def _wrong(self) -> str:
        self.editor.check()
        outcome = self.editor.outcome
        if outcome is None:
            return _tr("The policy is empty.")
        if not isinstance(outcome, MalformedPolicy):
            return ""
        self.editor.go_to(outcome.line, outcome.column)
        place = _tr("line {line}, column {column}")
        where = place.format(line=outcome.line, column=outcome.column)
        return f"{outcome.message} ({where})"

    def _checked(self, outcome: PolicyDocument | MalformedPolicy | None) -> None:
        if isinstance(outcome, PolicyDocument):
            self.summary.show_statements(tell(outcome, self._account))
        elif outcome is None:
            self.summary.show_statements((), _tr("The policy is empty."))
        else:
            note = _tr("What the text says is not known while it is not valid: {why}")
            self.summary.show_statements((), note.format(why=outcome.message))
