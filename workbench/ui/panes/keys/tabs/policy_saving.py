"""Saving a key policy, and the question when it would lock out whoever saves it.

Owns the calls and the dialog; the board owns the text.
"""

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.words import short_name
from workbench.ui.policies.people import name_of
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant

_LOCKED_OUT: Final = "will not allow you to update the key policy in the future"
"""What AWS says when PutKeyPolicy fails its lock-out check."""


class PolicySaving(QObject):
    """Puts policies on keys.

    Args:
        context: the window.
        board: parent of the dialog and owner of the work.

    Signals:
        saved(str): the policy of the key with this id was saved.
        refused(str): it was not, and why.
    """

    saved = Signal(str)
    refused = Signal(str)

    def __init__(self, context: Context, board: QWidget) -> None:
        super().__init__(board)
        self._context = context
        self._board = board

    def save(self, row: KeyRow, text: str, *, bypass: bool = False) -> None:
        """Save a policy; one that locks out asks first.

        Args:
            row: the key.
            text: the policy.
            bypass: whether to save it though nobody who asks could change it again.
        """
        kms = self._context.bench.kms
        request: dict[str, Any] = {"KeyId": row.id, "PolicyName": "default", "Policy": text}
        if bypass:
            request["BypassPolicyLockoutSafetyCheck"] = True

        def done(_answer: Any) -> None:
            self.saved.emit(row.id)
            name = short_name(row)
            self._context.frame.notify(self.tr("The policy of {name} was saved.").format(name=name))

        def failed(words: Explanation) -> None:
            if _LOCKED_OUT in words.message and not bypass:
                self._ask_anyway(row, text)
            else:
                self.refused.emit(words.text)

        busy = self.tr("Saving the policy")
        self._context.session.start(
            self._board, lambda: kms.put_key_policy(**request), done, failed, busy, mutates=True
        )

    def _ask_anyway(self, row: KeyRow, text: str) -> None:
        who = name_of(self._context.bench.acting.caller.arn)
        why = self.tr(
            "With this policy you, acting as {who}, could not change it again. AWS refuses it, so"
            " that no key becomes unmanageable. Cancel, and let the account's root or your own"
            " identity do kms:PutKeyPolicy."
        ).format(who=who)
        dialog = DangerDialog(
            self._context.look,
            self.tr("Save a policy that locks you out?"),
            [short_name(row)],
            [Dependant(why, "lock")],
            [
                Choice(
                    self.tr("Save anyway"),
                    partial(self.save, row, text, bypass=True),
                    danger=True,
                    why=self.tr(
                        "only somebody whom the policy still allows can ever change it; if there"
                        " is nobody, not even the account's root can."
                    ),
                ),
            ],
            self._board,
        )
        dialog.setObjectName("keys.lockout.dialog")
        dialog.open()
