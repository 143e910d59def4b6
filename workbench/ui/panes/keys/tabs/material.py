"""Key material and rotations: only symmetric encryption keys have this tab, as on AWS's page."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.ui.command import Command
from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import MOST_ON_DEMAND, KeyRow, Material
from workbench.ui.panes.keys.tabs.base import KeyTab
from workbench.ui.widgets.basics import CommandButton, push_button
from workbench.ui.widgets.rows import Column
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import elide, local_date, local_time, utc_time


class MaterialTab(KeyTab):
    """The rotation settings, and every material with its time.

    Args:
        context: the window.
        commands: the pane's commands for rotating, as buttons.
        on_axis: whether the time axis is beside it already, so that no way there is needed.
    """

    def __init__(
        self, context: Context, commands: tuple[Command, ...], *, on_axis: bool = False
    ) -> None:
        super().__init__(context)
        unit = context.look.unit
        self._fields = self.make_fields()
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(unit * 4, 0, unit * 4, unit * 3)
        row.setSpacing(unit * 2)
        for command in commands:
            row.addWidget(CommandButton(context.look, command))
        row.addStretch(1)
        self._model: RowModel[Material] = RowModel(context.look, _columns(self), lambda one: one.id)
        self.table = RowTable(
            self._model,
            context.look,
            context.preferences,
            "key-materials",
            self.tr("Key materials, with state and dates"),
        )
        self.table.setMinimumHeight(unit * 40)
        self.column.addWidget(buttons)
        self.column.addWidget(self.table, 1)
        self._timeline = push_button(self.tr("Show on the time axis"), self._show_timeline, "link")

        self._copy = push_button(self.tr("Copy material ID"), self._copy_id, "link")
        below = QHBoxLayout()
        below.setContentsMargins(unit * 2, unit, unit * 2, unit)
        below.addWidget(self._copy)
        below.addStretch(1)
        below.addWidget(self._timeline)
        self.column.addLayout(below)
        # Once it has a parent: a shown widget without one is a window of its own.
        self._timeline.setVisible(not on_axis)
        self.table.chosen.connect(lambda ids: self._copy.setEnabled(len(ids) == 1))
        self._copy.setEnabled(False)

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Key material")

    def applies(self, row: KeyRow) -> bool:
        """Whether the key's material can rotate."""
        return row.rotates

    def show_key(self, row: KeyRow) -> None:
        """Show a key."""
        super().show_key(row)
        fields = self._fields
        fields.clear()
        on = bool(row.rotation_days)
        automatic = (
            self.tr("Every {days} days").format(days=row.rotation_days) if on else self.tr("Off")
        )
        tone, icon = ("ok", "rotation") if on else ("muted", "pause")
        fields.badge(self.tr("Automatic rotation"), automatic, tone, icon)  # type: ignore[arg-type]
        if row.next_rotation is not None:
            fields.time(self.tr("Next rotation"), row.next_rotation)
        used = MOST_ON_DEMAND - row.rotations_left
        told = self.tr("{used} used, {left} left").format(used=used, left=row.rotations_left)
        fields.text(self.tr("On-demand rotations"), told)
        self._model.set_rows(tuple(reversed(row.materials)))

    def _show_timeline(self) -> None:
        if self.row is not None:
            self.context.frame.show_object("rotation", self.row.id)

    def _copy_id(self) -> None:
        for one in self.table.selected_ids:
            self.context.frame.copy(one, self.tr("Key material ID"))


def _columns(tab: MaterialTab) -> tuple[Column[Material], ...]:
    return (
        Column(
            "since",
            tab.tr("In use since"),
            lambda one: local_date(one.start),
            key=lambda one: -one.start.timestamp() if one.start else 0.0,
            tip=lambda one: f"{local_time(one.start)}\n{utc_time(one.start)}",
            width=14,
        ),
        Column(
            "state",
            tab.tr("State"),
            words.material_state,
            mark=words.material_mark,
            width=17,
        ),
        Column("kind", tab.tr("How it came"), words.rotation_kind, width=20),
        Column(
            "id",
            tab.tr("Material ID"),
            lambda one: elide(one.id, 16),
            tip=lambda one: one.id,
            mono=True,
            width=20,
        ),
    )
