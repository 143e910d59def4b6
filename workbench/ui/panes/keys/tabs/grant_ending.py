"""Ending grants: revoking and retiring, with the question before and the way back after.

Owns the calls and the dialog; the tab owns the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from workbench.ui.errors import Explanation, explain
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.words import short_name
from workbench.ui.policies.grants import Grant, create_grant, ending_of
from workbench.ui.policies.people import name_of
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant

REVOKE: Final = "revoke_grant"
RETIRE: Final = "retire_grant"
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class _Ended:
    """How it went: which grants are gone, and what stopped it."""

    gone: tuple[Grant, ...]
    problem: Explanation | None = None


def end_grants(kms: Any, verb: str, grants: Sequence[Grant]) -> _Ended:
    """Revoke or retire grants one after the other, until one is refused; on a worker."""
    gone: list[Grant] = []
    for grant in grants:
        try:
            getattr(kms, verb)(KeyId=grant.key, GrantId=grant.id)
        except Exception as error:
            words = explain(error)
            if words.bug:
                raise
            return _Ended(tuple(gone), words)
        gone.append(grant)
    return _Ended(tuple(gone))


class GrantEnding(QObject):
    """Asks, ends, tells, and makes again what was ended by mistake.

    Args:
        context: the window.
        tab: parent of the dialog and owner of the work.

    Signals:
        ended: the key's grants are others now.
    """

    ended = Signal()

    def __init__(self, context: Context, tab: QWidget) -> None:
        super().__init__(tab)
        self._context = context
        self._tab = tab

    def ask(self, row: KeyRow, grants: Sequence[Grant], verb: str) -> None:
        """Ask before grants are ended.

        Args:
            row: the key.
            grants: at least one.
            verb: `REVOKE` or `RETIRE`.
        """
        account = self._context.bench.place.account
        ends = [Dependant(ending_of(one.terms, account), "lock") for one in grants[:_SHOWN]]
        if len(grants) > _SHOWN:
            more = self.tr("{n} more grants end in the same way.")
            ends.append(Dependant(more.format(n=len(grants) - _SHOWN), "lock"))
        title, word = self._question(verb, several=len(grants) > 1)
        dialog = DangerDialog(
            self._context.look,
            title.format(n=len(grants), key=short_name(row)),
            [f"{one.title} ({name_of(one.terms.grantee)})" for one in grants],
            ends,
            [
                Choice(
                    word,
                    partial(self._end, row, tuple(grants), verb),
                    danger=True,
                    why=self.tr(
                        "works at once here; at AWS it may take up to five minutes. Grant tokens"
                        " end too. What was encrypted stays as it is."
                    ),
                )
            ],
            self._tab,
        )
        dialog.setObjectName("keys.grant-ending.dialog")
        dialog.open()

    def _question(self, verb: str, *, several: bool) -> tuple[str, str]:
        """Return the dialog's title and the button's verb."""
        if verb == REVOKE and several:
            return self.tr("Revoke {n} grants on {key}?"), self.tr("Revoke grants")
        if verb == REVOKE:
            return self.tr("Revoke a grant on {key}?"), self.tr("Revoke grant")
        if several:
            return self.tr("Retire {n} grants on {key}?"), self.tr("Retire grants")
        return self.tr("Retire a grant on {key}?"), self.tr("Retire grant")

    def _end(self, row: KeyRow, grants: tuple[Grant, ...], verb: str) -> None:
        kms = self._context.bench.kms
        revoking = verb == REVOKE
        self._context.session.start(
            self._tab,
            lambda: end_grants(kms, verb, grants),
            partial(self._told, row, revoking=revoking),
            None,
            self.tr("Revoking grants") if revoking else self.tr("Retiring grants"),
            mutates=True,
        )

    def _told(self, row: KeyRow, ended: _Ended, *, revoking: bool) -> None:
        notify = self._context.frame.notify
        if ended.gone:
            one = (
                self.tr("The grant {name} was revoked.")
                if revoking
                else self.tr("The grant {name} was retired.")
            )
            many = (
                self.tr("{n} grants were revoked.")
                if revoking
                else self.tr("{n} grants were retired.")
            )
            words = one if len(ended.gone) == 1 else many
            told = words.format(n=len(ended.gone), name=ended.gone[0].title)
            notify(told, "ok", (self.tr("Grant again"), partial(self._again, row, ended.gone)))
        if ended.problem is not None:
            notify(f"{ended.problem.title}: {ended.problem.text}", "danger")
        self.ended.emit()

    def _again(self, row: KeyRow, grants: tuple[Grant, ...]) -> None:
        kms = self._context.bench.kms

        def work() -> None:
            for grant in grants:
                create_grant(kms, row.id, grant.terms)

        def done(_nothing: None) -> None:
            told = self.tr("Granted again, with a new grant ID and without a token.")
            self._context.frame.notify(told)
            self.ended.emit()

        self._context.session.start(
            self._tab, work, done, None, self.tr("Granting again"), mutates=True
        )
