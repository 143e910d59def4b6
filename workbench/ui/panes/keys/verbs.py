"""What a person can do with the selected keys, one short method each.

Owns nothing but the way from a command to where it is done.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys.changes import Changes
from workbench.ui.panes.keys.importing import Importing
from workbench.ui.panes.keys.inspector import KeyInspector
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.region_dialogs import ReplicaWork
from workbench.ui.panes.keys.rotate import Rotating
from workbench.ui.panes.keys.stock import KeyStock


class KeyVerbs(QObject):
    """Acts on the selection.

    Args:
        context: the window.
        stock: told which keys to read again.
        pane: parent of the dialogs and owner of the work.
        selected: the keys that are selected at the moment.
        inspector: the pane's inspector, which is made later than this.
    """

    def __init__(
        self,
        context: Context,
        stock: KeyStock,
        pane: QWidget,
        selected: Callable[[], list[KeyRow]],
        inspector: Callable[[], KeyInspector],
    ) -> None:
        super().__init__(pane)
        self._context = context
        self._changes = Changes(context, stock, pane)
        self._rotating = Rotating(context, stock, pane)
        self._importing = Importing(context, stock, pane)
        self._regions = ReplicaWork(context, stock, pane)
        self._selected = selected
        self._inspector = inspector

    def enable(self) -> None:
        """Enable what is selected."""
        self._changes.enable(self._selected())

    def disable(self) -> None:
        """Disable what is selected."""
        self._changes.disable(self._selected())

    def ask_tags(self) -> None:
        """Edit the tags of what is selected."""
        self._changes.ask_tags(self._selected())

    def ask_deletion(self) -> None:
        """Ask about deleting what is selected."""
        self._changes.ask_deletion(self._selected())

    def cancel_deletion(self) -> None:
        """Cancel the deletion of what is selected."""
        self._changes.cancel_deletion(self._selected())

    def ask_rotate(self) -> None:
        """Rotate the selected keys now."""
        self._rotating.ask_rotate(self._selected())

    def ask_schedule(self) -> None:
        """Change the selected keys' automatic rotation."""
        self._rotating.ask_schedule(self._selected())

    def import_new(self) -> None:
        """Import material into the selected key."""
        self._importing.ask_import(self._selected()[0])

    def import_again(self) -> None:
        """Import the selected material of the selected key again."""
        rows = self._selected()
        self._importing.ask_import(rows[0], self._inspector().material.chosen_of(rows))

    def delete_material(self) -> None:
        """Ask about deleting the selected material of the selected key."""
        rows = self._selected()
        material = self._inspector().material.chosen_of(rows)
        if material is not None:
            self._importing.ask_deletion([(rows[0], material)])

    def ask_replicate(self) -> None:
        """Make a replica of the selected key."""
        self._regions.ask_replicate(self._selected()[0])

    def ask_primary(self) -> None:
        """Let a replica of the selected key become the primary key."""
        self._regions.ask_primary(self._selected()[0])

    def ask_alias(self) -> None:
        """Give the selected key another alias."""
        self._inspector().names.ask_alias(self._selected()[0])

    def ask_grant(self) -> None:
        """Grant use of the selected key to somebody else."""
        inspector = self._inspector()
        inspector.open(inspector.grants)
        inspector.grants.ask_create(self._selected()[0])

    def copy_arn(self) -> None:
        """Copy the ARNs of what is selected."""
        arns = "\n".join(row.arn for row in self._selected())
        self._context.frame.copy(arns, self.tr("Key ARN"))

    def show_public_key(self) -> None:
        """Turn to the public key of what is selected."""
        inspector = self._inspector()
        inspector.open(inspector.public_key)
