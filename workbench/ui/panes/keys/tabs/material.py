"""Key material and rotations, of keys that rotate and of keys whose material is imported."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import MOST_ON_DEMAND, ROTATION, KeyRow
from workbench.ui.panes.keys.materials import Material
from workbench.ui.panes.keys.tabs.base import KeyTab
from workbench.ui.widgets.basics import CommandButton, push_button
from workbench.ui.widgets.rows import Column
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import NOTHING, elide, local_date, local_time, utc_time


class _ButtonGrid(QWidget):
    """Commands as buttons: two beside each other where there is room, else one."""

    def __init__(self, look: Look, commands: Sequence[Command]) -> None:
        super().__init__()
        unit = look.unit
        self._across = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(unit * 4, 0, unit * 4, unit * 3)
        self._grid.setSpacing(unit * 2)
        self._buttons = [CommandButton(look, command) for command in commands]
        for button in self._buttons:
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._arrange(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room there is."""
        super().resizeEvent(event)
        margins = self._grid.contentsMargins()
        room = self.width() - margins.left() - margins.right() - self._grid.spacing()
        widest = max((one.sizeHint().width() for one in self._buttons), default=0)
        self._arrange(2 if room >= widest * 2 else 1)

    def _arrange(self, across: int) -> None:
        if across == self._across:
            return
        self._across = across
        for number, button in enumerate(self._buttons):
            self._grid.addWidget(button, *divmod(number, across))

    def minimumSizeHint(self) -> QSize:
        """Be content with one beside the other's place."""
        margins = self._grid.contentsMargins()
        widest = max((one.sizeHint().width() for one in self._buttons), default=0)
        return QSize(widest + margins.left() + margins.right(), super().minimumSizeHint().height())


class MaterialTab(KeyTab):
    """The rotation settings, and every material with its time.

    Args:
        context: the window.
        commands: the pane's commands for rotating, as buttons.
        on_axis: whether the time axis is beside it already, so that no way there is needed.

    Signals:
        chosen(str): the material with this id is selected now; empty if none is.
    """

    chosen = Signal(str)

    def __init__(
        self, context: Context, commands: tuple[Command, ...], *, on_axis: bool = False
    ) -> None:
        super().__init__(context)
        unit = context.look.unit
        self._fields = self.make_fields()
        buttons = _ButtonGrid(context.look, commands)
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
        self.table.chosen.connect(self._chosen)
        self._copy.setEnabled(False)

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Key material")

    def applies(self, row: KeyRow) -> bool:
        """Whether the key's material can rotate or is imported."""
        return row.rotates or row.external

    @property
    def selected(self) -> Material | None:
        """The selected material of the key, or its only one."""
        if self.row is None:
            return None
        materials = self.row.materials
        if len(materials) == 1:
            return materials[0]
        ids = self.table.selected_ids
        return next((one for one in materials if [one.id] == ids), None)

    def chosen_of(self, rows: Sequence[KeyRow]) -> Material | None:
        """Return which material is meant where these keys are selected: none if several are.

        The tab may not be in front, and show another key.
        """
        if len(rows) != 1:
            return None
        if self.row is not None and self.row.id == rows[0].id:
            return self.selected
        return rows[0].materials[0] if len(rows[0].materials) == 1 else None

    def show_key(self, row: KeyRow, material: str = "") -> None:
        """Show a key, and select one of its materials."""
        super().show_key(row)
        self._fields.clear()
        if row.rotates:
            self._show_rotation(row)
        self._model.set_rows(tuple(reversed(row.materials)))
        if material and self.table.selected_ids != [material]:
            self.table.select_id(material)

    def _show_rotation(self, row: KeyRow) -> None:
        fields = self._fields
        if row.rotating_since is not None:
            fields.badge(self.tr("Now"), self.tr("Rotating"), "info", "rotation")
            fields.time(self.tr("Rotation asked for"), row.rotating_since)
        if row.external:
            on_demand = self.tr("Not for imported material: rotate on demand")
            fields.text(self.tr("Automatic rotation"), on_demand)
        else:
            self._show_schedule(row)
        used = MOST_ON_DEMAND - row.rotations_left
        told = self.tr("{used} used, {left} left").format(used=used, left=row.rotations_left)
        fields.text(self.tr("On-demand rotations"), told)

    def _show_schedule(self, row: KeyRow) -> None:
        fields = self._fields
        if ROTATION in row.withheld:
            told = self.tr("Not permitted to be seen")
            fields.badge(self.tr("Automatic rotation"), told, "warning", "shield")
            return
        on = bool(row.rotation_days)
        automatic = (
            self.tr("Every {days} days").format(days=row.rotation_days) if on else self.tr("Off")
        )
        tone, icon = ("ok", "rotation") if on else ("muted", "pause")
        fields.badge(self.tr("Automatic rotation"), automatic, tone, icon)  # type: ignore[arg-type]
        if row.next_rotation is not None:
            fields.time(self.tr("Next rotation"), row.next_rotation)

    def _chosen(self, ids: list[str]) -> None:
        self._copy.setEnabled(len(ids) == 1 and bool(ids[0]))
        self.chosen.emit(ids[0] if len(ids) == 1 else "")

    def _show_timeline(self) -> None:
        if self.row is not None:
            self.context.frame.show_object("rotation", self.row.id)

    def _copy_id(self) -> None:
        for one in self.table.selected_ids:
            self.context.frame.copy(one, self.tr("Key material ID"))


def _columns(tab: MaterialTab) -> tuple[Column[Material], ...]:
    now = tab.context.bench.clock.now
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
            lambda one: words.condition_name(one.condition(now())),
            mark=lambda one: words.condition_mark(one.condition(now())),
            tip=lambda one: words.condition_tip(one.condition(now())),
            width=18,
        ),
        Column("kind", tab.tr("How it came"), words.rotation_kind, width=20),
        Column(
            "expires",
            tab.tr("Expires"),
            lambda one: words.expiry_words(one) or NOTHING,
            key=lambda one: one.expires.timestamp() if one.expires else float("inf"),
            tip=lambda one: utc_time(one.expires),
            width=12,
        ),
        Column(
            "description", tab.tr("Description"), lambda one: one.description or NOTHING, width=20
        ),
        Column(
            "id",
            tab.tr("Material ID"),
            lambda one: elide(one.id, 16),
            tip=lambda one: one.id,
            mono=True,
            width=20,
        ),
    )
