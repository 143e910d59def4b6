"""What a person can do with the selected key materials, one short method each.

Owns nothing but the way from a command to where it is done.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys.importing import Importing
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.rotate import Rotating
from workbench.ui.panes.keys.stock import KeyStock
from workbench.ui.panes.rotation.lanes import Bar, Lane

Picked = list[tuple[Lane, Bar]]


def keys_of(picked: Picked) -> list[KeyRow]:
    """Return the keys of some bars, each once."""
    return list({lane.row.id: lane.row for lane, _ in picked}.values())


class MaterialVerbs(QObject):
    """Acts on the selection.

    Args:
        context: the window.
        stock: told which keys to read again.
        pane: parent of the dialogs and owner of the work.
        picked: the bars that are selected at the moment.
    """

    def __init__(
        self, context: Context, stock: KeyStock, pane: QWidget, picked: Callable[[], Picked]
    ) -> None:
        super().__init__(pane)
        self._context = context
        self._rotating = Rotating(context, stock, pane)
        self._importing = Importing(context, stock, pane)
        self._picked = picked

    def rotate(self) -> None:
        """Rotate the selected keys now."""
        self._rotating.ask_rotate(keys_of(self._picked()))

    def schedule(self) -> None:
        """Change the selected keys' automatic rotation."""
        self._rotating.ask_schedule(keys_of(self._picked()))

    def import_new(self) -> None:
        """Import material into the selected key."""
        self._importing.ask_import(keys_of(self._picked())[0])

    def import_again(self) -> None:
        """Import the selected material again."""
        lane, bar = self._picked()[0]
        self._importing.ask_import(lane.row, bar.material)

    def delete(self) -> None:
        """Ask about deleting the selected materials."""
        self._importing.ask_deletion([(lane.row, bar.material) for lane, bar in self._picked()])

    def copy_ids(self) -> None:
        """Copy the ids of the selected materials."""
        ids = [bar.material.id for _, bar in self._picked() if bar.material.id]
        self._context.frame.copy("\n".join(ids), self.tr("Key material ID"))

    def open_key(self) -> None:
        """Go to the first selected key in the Keys pane."""
        picked = self._picked()
        if picked:
            self._context.frame.show_object("keys", picked[0][0].row.id)
