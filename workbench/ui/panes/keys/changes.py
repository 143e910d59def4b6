"""What the Keys pane does to the selected keys: enable, disable, tag, schedule and cancel deletion.

Owns asking, the calls in the background, and telling what came of it, with a way back where there
is one. The pane owns the commands.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from workbench.ui.many import at_once
from workbench.ui.pane import Context
from workbench.ui.panes.keys.bulk import Outcome, change_each, tell_outcome
from workbench.ui.panes.keys.deletion import ask_deletion
from workbench.ui.panes.keys.impact import Impact, impact_of
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.stock import KeyStock
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.panes.keys.tags_form import TagsForm, change_tags

Rows = Sequence[KeyRow]


class Changes(QObject):
    """Changes keys for a pane.

    Args:
        context: the window.
        stock: told which keys to read again.
        pane: parent of the dialogs and owner of the work.
    """

    def __init__(self, context: Context, stock: KeyStock, pane: QWidget) -> None:
        super().__init__(pane)
        self._context = context
        self._stock = stock
        self._pane = pane

    @property
    def _kms(self) -> Any:
        return self._context.bench.kms

    def enable(self, rows: Rows) -> None:
        """Enable keys."""
        self._run(
            rows,
            lambda row: self._kms.enable_key(KeyId=row.id),
            (self.tr("{name} is enabled."), self.tr("{n} keys are enabled.")),
            self.tr("Enabling keys"),
        )

    def disable(self, rows: Rows) -> None:
        """Disable keys; the notice can take it back."""
        self._run(
            rows,
            lambda row: self._kms.disable_key(KeyId=row.id),
            (self.tr("{name} is disabled."), self.tr("{n} keys are disabled.")),
            self.tr("Disabling keys"),
            (self.tr("Enable again"), self.enable),
        )

    def cancel_deletion(self, rows: Rows) -> None:
        """Cancel the deletion of keys; they are disabled afterwards, as on AWS."""
        self._run(
            rows,
            lambda row: self._kms.cancel_key_deletion(KeyId=row.id),
            (
                self.tr("{name} stays; it is disabled."),
                self.tr("{n} keys stay; they are disabled."),
            ),
            self.tr("Cancelling deletion"),
            (self.tr("Enable"), self.enable),
        )

    def ask_deletion(self, rows: Rows) -> None:
        """Count what depends on the keys, then ask."""
        bench = self._context.bench

        def counted(impact: Impact) -> None:
            dialog = ask_deletion(
                self._context,
                self._pane,
                rows,
                impact,
                partial(self.disable, rows),
                partial(self._schedule, rows),
            )
            dialog.setObjectName("keys.deletion.dialog")
            dialog.open()

        self._context.session.start(
            self._pane,
            lambda: impact_of(bench.kms, bench.shelf, rows, at_once(bench)),
            counted,
            None,
            self.tr("Looking for what depends on the keys"),
        )

    def ask_tags(self, rows: Rows) -> None:
        """Open the form for tags."""
        only = len(rows) == 1

        def save(tags: dict[str, str]) -> None:
            def work() -> Outcome:
                def change(row: KeyRow) -> None:
                    change_tags(self._kms, row, tags, remove_others=only)

                return change_each(rows, change, at_once(self._context.bench))

            told = (self.tr("The tags of {name} were saved."), self.tr("{n} keys were tagged."))
            done = partial(self._tell, told, None)
            submit(self._context, self._pane, form, work, done, self.tr("Saving tags"))

        form = TagsForm(self._context.look, list(rows), save, self._pane)
        form.setObjectName("keys.tags.dialog")
        form.open()

    def _schedule(self, rows: Rows, days: int) -> None:
        self._run(
            rows,
            lambda row: self._kms.schedule_key_deletion(KeyId=row.id, PendingWindowInDays=days),
            (
                self.tr("{name} will be deleted in {days} days.").replace("{days}", str(days)),
                self.tr("{n} keys will be deleted in {days} days.").replace("{days}", str(days)),
            ),
            self.tr("Scheduling deletion"),
            (self.tr("Cancel deletion"), self.cancel_deletion),
        )

    def _run(
        self,
        rows: Rows,
        change: Callable[[KeyRow], Any],
        told: tuple[str, str],
        busy: str,
        back: tuple[str, Callable[[Rows], None]] | None = None,
    ) -> None:
        self._context.session.start(
            self._pane,
            lambda: change_each(rows, change, at_once(self._context.bench)),
            partial(self._tell, told, back),
            None,
            busy,
            mutates=True,
        )

    def _tell(
        self,
        told: tuple[str, str],
        back: tuple[str, Callable[[Rows], None]] | None,
        outcome: Outcome,
    ) -> None:
        action = (back[0], partial(back[1], outcome.done)) if back else None
        tell_outcome(self._context.frame, outcome, told, action)
        self._stock.reread(outcome.ids)
