"""The Keys pane's commands for imported key material and for multi-Region keys."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command
from workbench.ui.panes.keys.importing import (
    why_not_delete,
    why_not_import,
    why_not_import_again,
)
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.materials import Material
from workbench.ui.panes.keys.region_dialogs import why_not_move_primary, why_not_replicate
from workbench.ui.panes.keys.verbs import KeyVerbs
from workbench.ui.widgets.base import PaneBase


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


class MaterialCommands:
    """Makes the commands and says which are possible.

    Args:
        pane: where they are registered.
        verbs: does what they say with the selected key.
    """

    def __init__(self, pane: PaneBase, verbs: KeyVerbs) -> None:
        make = pane.make_command
        self.bring = make(
            "import",
            _tr("&Import material…"),
            "import",
            verbs.import_new,
            "Ctrl+M",
            _tr("Import key material into the selected key"),
        )
        self.again = make(
            "import-again",
            _tr("Imp&ort again…"),
            "restore",
            verbs.import_again,
            "Ctrl+Shift+M",
            _tr("Import the selected key material again, or with another expiry"),
        )
        self.remove = make(
            "delete-material",
            _tr("Delete &material…"),
            "delete",
            verbs.delete_material,
            "Shift+Del",
            _tr("Delete the selected imported key material; the key stops working"),
        )
        self.replicate = make(
            "replicate",
            _tr("Rep&licate…"),
            "copy",
            verbs.ask_replicate,
            "Ctrl+Shift+K",
            _tr("Make a replica of the selected multi-Region key in another Region"),
        )
        self.primary = make(
            "primary",
            _tr("C&hange primary Region…"),
            "root",
            verbs.ask_primary,
            "Ctrl+Shift+Y",
            _tr("Let a replica become the primary key of the selected multi-Region key"),
        )
        for command in (*self.for_material, *self.for_regions):
            pane.add_command(command)

    @property
    def for_material(self) -> tuple[Command, ...]:
        """Those for key material, in the order of menus."""
        return self.bring, self.again, self.remove

    @property
    def for_regions(self) -> tuple[Command, ...]:
        """Those for multi-Region keys, in the order of menus."""
        return self.replicate, self.primary

    def permit(self, rows: Sequence[KeyRow], material: Material | None) -> None:
        """Allow what is possible with these keys; the others say why they are not."""
        several = _tr("several keys are selected") if len(rows) > 1 else ""
        row = rows[0] if len(rows) == 1 else None
        reasons = {
            self.bring: several or why_not_import(row),
            self.again: several or why_not_import_again(row, material),
            self.remove: several or why_not_delete(row, material),
            self.replicate: several or why_not_replicate(row),
            self.primary: several or why_not_move_primary(row),
        }
        for command, why in reasons.items():
            command.permit(possible=not why, why=why)
