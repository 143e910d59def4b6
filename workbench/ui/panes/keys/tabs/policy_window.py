"""The policy of one key with room: the text at the left, what it means at the right."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys.tabs.policy_board import KeyPolicy, PolicyBoard
from workbench.ui.panes.keys.words import short_name
from workbench.ui.widgets.dialogs import BaseDialog


class PolicyWindow(BaseDialog):
    """Shows one policy board, large.

    Args:
        context: the window.
        policy: what is shown.
        drafts: edited texts by key id, shared with the tab.
        parent: the tab.
    """

    def __init__(
        self, context: Context, policy: KeyPolicy, drafts: dict[str, str], parent: QWidget
    ) -> None:
        title = QCoreApplication.translate("policies", "Policy of {name}").format(
            name=short_name(policy.row)
        )
        super().__init__(context.look, title, parent)
        self.setObjectName("keys.policy.dialog")
        unit = context.look.unit
        self.board = PolicyBoard(context, wide=True, drafts=drafts)
        self.board.setMinimumSize(unit * 150, unit * 90)
        self.board.show_policy(policy)
        self.body.addWidget(self.board, 1)
        self.add_cancel(self.tr("Close"))
        self.board.editor.setFocus()
        room = self.screen().availableGeometry()
        self.resize(
            min(unit * 260, room.width() * 9 // 10), min(unit * 160, room.height() * 8 // 10)
        )
