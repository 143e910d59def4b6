"""The commands of the Rotation pane: names, icons, shortcuts, and when each is possible."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command
from workbench.ui.panes.keys.importing import (
    why_not_delete,
    why_not_import,
    why_not_import_again,
)
from workbench.ui.panes.keys.rotate import first_reason, why_not_rotate, why_not_schedule
from workbench.ui.panes.rotation.timeline import CLOSER, Timeline
from workbench.ui.panes.rotation.verbs import MaterialVerbs, Picked, keys_of
from workbench.ui.widgets.base import PaneBase


def _tr(text: str) -> str:
    return QCoreApplication.translate("rotation", text)


class RotationCommands:
    """Makes the commands and says which are possible.

    Args:
        pane: where they are registered.
        verbs: does what they say with the selected materials.
        timeline: what is zoomed.
        toggle: changes between time axis and list.
    """

    def __init__(
        self,
        pane: PaneBase,
        verbs: MaterialVerbs,
        timeline: Timeline,
        toggle: Callable[[], None],
    ) -> None:
        self._make_for_materials(pane, verbs)
        self._make_for_view(pane, timeline, toggle)
        for command in (self.rotate, self.schedule, self.bring, self.as_list):
            pane.add_command(command, button=True)
        for command in (
            self.again,
            self.remove,
            self.copy,
            self.open,
            self.fit,
            self.larger,
            self.smaller,
        ):
            pane.add_command(command)

    @property
    def for_selection(self) -> tuple[Command, ...]:
        """Those that act on the selected materials, in the order of menus."""
        return (
            self.rotate,
            self.schedule,
            self.bring,
            self.again,
            self.remove,
            self.copy,
            self.open,
        )

    @property
    def for_inspector(self) -> tuple[Command, ...]:
        """Those that stand beside the facts of a key's materials, as buttons."""
        return self.rotate, self.schedule, self.bring, self.again, self.remove

    @property
    def for_zoom(self) -> tuple[Command, ...]:
        """Those that change what span of time is seen."""
        return self.fit, self.larger, self.smaller

    def permit(self, picked: Picked) -> None:
        """Allow what is possible with these materials; the others say why they are not."""
        keys = keys_of(picked)
        key = keys[0] if len(keys) == 1 else None
        several_keys = _tr("several keys are selected") if len(keys) > 1 else ""
        several = _tr("several key materials are selected") if len(picked) > 1 else ""
        material = picked[0][1].material if len(picked) == 1 else None
        named = any(bar.material.id for _, bar in picked)
        none = "" if picked else _tr("no key material is selected")
        reasons = {
            self.rotate: first_reason(keys, why_not_rotate),
            self.schedule: first_reason(keys, why_not_schedule),
            self.bring: several_keys or why_not_import(key),
            self.again: several or why_not_import_again(key, material),
            self.remove: none or _first_undeletable(picked),
            self.copy: none or ("" if named else _tr("KMS names no material of such keys")),
            self.open: none,
        }
        for command, why in reasons.items():
            command.permit(possible=not why, why=why)

    def _make_for_materials(self, pane: PaneBase, verbs: MaterialVerbs) -> None:
        make = pane.make_command
        self.rotate = make(
            "now",
            _tr("&Rotate now…"),
            "rotation",
            verbs.rotate,
            "Ctrl+R",
            _tr("Give the selected keys new key material"),
        )
        self.schedule = make(
            "schedule",
            _tr("A&utomatic rotation…"),
            "clock",
            verbs.schedule,
            "Ctrl+Shift+R",
            _tr("Rotate the selected keys every so many days"),
        )
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
            _tr("Import a&gain…"),
            "restore",
            verbs.import_again,
            "Ctrl+Shift+M",
            _tr("Import the selected key material again, or with another expiry"),
        )
        self.remove = make(
            "delete",
            _tr("&Delete material…"),
            "delete",
            verbs.delete,
            "Del",
            _tr("Delete the selected imported key material; the key stops working"),
        )
        self.copy = make(
            "copy-id",
            _tr("&Copy material ID"),
            "copy",
            verbs.copy_ids,
            "Ctrl+Shift+C",
            _tr("Copy the IDs of the selected key materials"),
        )
        self.open = make(
            "key",
            _tr("Show the &key"),
            "keys",
            verbs.open_key,
            "Ctrl+Return",
            _tr("Go to the selected key in the Keys pane"),
        )

    def _make_for_view(
        self, pane: PaneBase, timeline: Timeline, toggle: Callable[[], None]
    ) -> None:
        make = pane.make_command
        self.fit = make(
            "fit",
            _tr("Show a&ll time"),
            "search",
            timeline.fit,
            "Ctrl+0",
            _tr("Zoom so that everything is seen"),
        )
        self.larger = make(
            "larger",
            _tr("&Zoom in"),
            "add",
            partial(timeline.zoom, CLOSER),
            "Ctrl++",
            _tr("Show less time, larger"),
        )
        self.smaller = make(
            "smaller",
            _tr("Zoom &out"),
            "more",
            partial(timeline.zoom, 1 / CLOSER),
            "Ctrl+-",
            _tr("Show more time, smaller"),
        )
        self.as_list = make(
            "list",
            _tr("As a lis&t"),
            "columns",
            toggle,
            "Ctrl+Shift+L",
            _tr("Show the key materials as a list instead of the time axis"),
        )
        self.as_list.setCheckable(True)


def _first_undeletable(picked: Picked) -> str:
    for lane, bar in picked:
        reason = why_not_delete(lane.row, bar.material)
        if reason:
            return reason
    return ""
