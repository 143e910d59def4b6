"""The Rotation pane: the key materials of every key on one time axis, or as a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QMenu, QStackedWidget, QVBoxLayout, QWidget

from workbench.base.spec_names import spec_name
from workbench.ui.pane import Context, PaletteItem
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.stock import stock_of
from workbench.ui.panes.rotation.ciphertexts import material_of
from workbench.ui.panes.rotation.commands import RotationCommands
from workbench.ui.panes.rotation.inspector import RotationInspector
from workbench.ui.panes.rotation.lanes import Lane, lanes_of
from workbench.ui.panes.rotation.legend import Legend
from workbench.ui.panes.rotation.table import (
    Entry,
    also_searched,
    entries_of,
    entry_columns,
    entry_id,
    parse_entry_id,
)
from workbench.ui.panes.rotation.timeline import Timeline
from workbench.ui.panes.rotation.verbs import MaterialVerbs
from workbench.ui.session import Task
from workbench.ui.widgets.base import PaneBase
from workbench.ui.widgets.basics import line
from workbench.ui.widgets.rows import RowSet
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import number

_AS_LIST = "rotation/list"
_FEW = 300
"""Up to so many keys are arranged at once, without the way to a worker and back."""


@dataclass(frozen=True, slots=True)
class _Arranged:
    """Keys ready to be shown.

    Attributes:
        lanes: for the time axis.
        texts: what the filter looks into, a text per lane.
        entries: for the list.
    """

    lanes: list[Lane]
    texts: tuple[str, ...]
    entries: RowSet[Entry]


class RotationPane(PaneBase):
    """Time axis, list, commands, inspector."""

    id: ClassVar[str] = "rotation"
    icon: ClassVar[str] = "rotation"
    help_page: ClassVar[str] = "rotation"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._stock = stock_of(context)
        self.verbs = MaterialVerbs(context, self._stock, self, lambda: self.timeline.picked)
        self._lanes: list[Lane] = []
        self._shown: list[Lane] = []
        self._texts: tuple[str, ...] = ()
        self._stale = True
        self._arranging: Task | None = None
        self._key = ""
        self._bar = -1
        self.set_filter_hint(self.tr("Filter by name, ID, spec, tag, or paste a ciphertext"))
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(self.tr("Which keys"))
        self.kinds.addItem(self.tr("All keys"), False)
        self.kinds.addItem(self.tr("Keys that rotate"), True)
        self.kinds.currentIndexChanged.connect(lambda _index: self._filter())
        self.add_header_widget(self.kinds)
        self.timeline = Timeline(context.look)
        self.can = RotationCommands(self, self.verbs, self.timeline, self._toggle)
        self.timeline.chosen.connect(self._chosen)
        self.timeline.opened.connect(self.verbs.open_key)
        self.timeline.menu_wanted.connect(self._show_menu)
        self.model: RowModel[Entry] = RowModel(
            context.look, entry_columns(), lambda one: one.id, also_searched
        )
        self.table = RowTable(
            self.model, context.look, context.preferences, "rotation", self.tr("Key materials")
        )
        self.table.chosen.connect(self._lines_chosen)
        self.table.opened.connect(lambda _id: self.verbs.open_key())
        self.table.menu_wanted.connect(self._show_menu)
        self._views = QStackedWidget()
        self._views.addWidget(self._make_axis())
        self._views.addWidget(self.table)
        self.set_content(self._views)
        self._say_empty()
        self.details = RotationInspector(context, self.can.for_inspector)
        self.details.key.chosen.connect(self._material_chosen)
        self.set_inspector(self.details)
        self._stock.rows_changed.connect(self._rows_changed)
        self._stock.busy_changed.connect(lambda busy: self.show_busy(busy=busy))
        self._stock.trouble.connect(lambda _why: self._tell_refusal())
        self._turn(as_list=context.preferences.get(_AS_LIST, False) is True)
        self.can.permit([])

    @classmethod
    def name(cls) -> str:
        """Return the translated name."""
        return QCoreApplication.translate("RotationPane", "Rotation")

    @property
    def selected(self) -> KeyRow | None:
        """The selected key."""
        return self._stock.row(self._key) if self._key else None

    def refresh(self) -> None:
        """Read every key again; at the first show what the Keys pane has read will do."""
        if self._stock.loaded and not self._stale:
            self._stock.refresh()
        elif self._stock.loaded:
            self._rows_changed()
        else:
            self._stock.ensure()
        self.show_busy(busy=self._stock.busy)

    def on_filter(self, text: str) -> None:
        """Show only keys with every word of the text; a ciphertext chooses its material."""
        self._filter()
        material = material_of(text)
        if material and self._shown:
            self._material_chosen_in(self._shown[0], material)

    def palette_items(self) -> Sequence[PaletteItem]:
        """Return nothing: keys are the Keys pane's."""
        return ()

    def show_target(self, target: str) -> None:
        """Select a key by id, ARN or alias."""
        row = self._stock.row(target)
        if row is None:
            self._key = target
            self._stock.ensure()
            return
        self._bar = -1
        if self._stale or self._arranging is not None:
            self._key = row.id
            self._rows_changed()
        if not self._select(row.id):
            self.filter_field.clear()
            self.kinds.setCurrentIndex(0)
            self._filter()
            self._select(row.id)

    def focus_default(self) -> None:
        """Put the keyboard on the time axis or the list."""
        front = self.table if self.can.as_list.isChecked() else self.timeline
        front.setFocus(Qt.FocusReason.OtherFocusReason)

    def showcase(self) -> None:
        """Select a material that was replaced; for pictures."""
        lane = max(self._shown, key=lambda one: len(one.bars), default=None)
        if lane is not None and len(lane.bars) > 1:
            self._bar = len(lane.bars) - 2
            self._select(lane.row.id)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while another pane was in front."""
        again = self.loaded
        super().showEvent(event)
        if again and self._stale:
            self._rows_changed()

    def _make_axis(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.timeline, 1)
        column.addWidget(line())
        column.addWidget(Legend(self.context.look))
        return page

    def _toggle(self) -> None:
        self._turn(as_list=self.can.as_list.isChecked())
        self.context.preferences.set(_AS_LIST, self.can.as_list.isChecked())
        self.focus_default()

    def _turn(self, *, as_list: bool) -> None:
        self.can.as_list.setChecked(as_list)
        self._views.setCurrentIndex(1 if as_list else 0)
        why = self.tr("the list is shown")
        for command in self.can.for_zoom:
            command.permit(possible=not as_list, why=why)

    def _rows_changed(self) -> None:
        self._stale = True
        if not self.isVisible():
            return
        self._stale = False
        rows, now = self._stock.rows, self.context.bench.clock.now()
        if len(rows) <= _FEW:
            self._adopt(_arrange(self.model, rows, now))
            return
        if self._arranging is not None:
            self._arranging.drop()
        task = self.context.session.start(
            self,
            lambda: _arrange(self.model, rows, now),
            lambda arranged: self._adopt(arranged) if rows is self._stock.rows else None,
        )
        self._arranging = task

    def _adopt(self, arranged: _Arranged) -> None:
        self._arranging = None
        self._lanes, self._texts = arranged.lanes, arranged.texts
        self.model.adopt(arranged.entries)
        self.show_empty(empty=self._stock.loaded and not self._lanes)
        self._filter()
        self._tell_refusal()

    def _say_empty(self) -> None:
        to_keys = self.make_command(
            "make",
            self.tr("Go to Keys"),
            "keys",
            self._to_keys,
            tip=self.tr("Keys are made in the Keys pane"),
        )
        words = self.tr("There are no keys yet. Key materials appear here once there are.")
        self.set_empty(words, to_keys)

    def _to_keys(self) -> None:
        self.context.frame.show_object("keys", "")

    def _filter(self) -> None:
        rotating = bool(self.kinds.currentData())
        text = self.filter_field.text()
        asked = (material_of(text) or text).casefold().split()
        self._shown = [
            lane
            for lane, text in zip(self._lanes, self._texts, strict=True)
            if (lane.rotates or not rotating) and all(word in text for word in asked)
        ]
        self.timeline.show_lanes(self._shown, self.context.bench.clock.now())
        ids = {lane.row.id for lane in self._shown}
        whole = len(self._shown) == len(self._lanes)
        self.model.set_filter("", None if whole else lambda one: one.lane.row.id in ids)
        shown, total = number(len(self._shown)), number(len(self._lanes))
        told = self.tr("{shown} of {total}").format(shown=shown, total=total)
        self.show_count(told if shown != total else total)
        if len(self.timeline.places) > 1:
            self.timeline.select_all(self.timeline.places)
        elif self._key:
            self._select(self._key)
        self.can.permit(self.timeline.picked)

    def _tell_refusal(self) -> None:
        if self._stock.refusal is not None:
            self.show_refused(self._stock.refusal)

    def _select(self, key: str) -> bool:
        row = self._stock.row(key)
        return row is not None and self.timeline.select(row.id, self._bar)

    def _chosen(self, key: str, bar: int) -> None:
        self._key, self._bar = key, bar
        picked = self.timeline.picked
        if len(picked) > 1:
            self.details.show_several(picked)
        elif picked:
            self.details.show_bar(*picked[0])
        wanted = [entry_id(*place) for place in self.timeline.places]
        if sorted(self.table.selected_ids) != sorted(wanted):
            self.table.select_ids(wanted)
        self.can.permit(picked)

    def _lines_chosen(self, ids: list[str]) -> None:
        places = [parse_entry_id(one) for one in ids]
        if places and set(places) != set(self.timeline.places):
            self.timeline.select_all(places)

    def _material_chosen(self, material: str) -> None:
        chosen = self.timeline.selected
        if chosen is None or material == chosen[1].material.id:
            return
        self._material_chosen_in(chosen[0], material)

    def _material_chosen_in(self, lane: Lane, material: str) -> None:
        for place, bar in enumerate(lane.bars):
            if bar.material.id == material:
                self.timeline.select(lane.row.id, place)

    def _show_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for command in (*self.can.for_selection, self.can.fit):
            menu.addAction(command)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)


def _arrange(model: RowModel[Entry], rows: Sequence[KeyRow], now: datetime) -> _Arranged:
    """Put rows in lanes and lines; touches no widget, so it may run on a worker."""
    lanes = lanes_of(rows, now)
    texts = tuple(_haystack(lane.row) for lane in lanes)
    return _Arranged(lanes, texts, model.prepare(entries_of(lanes)))


def _haystack(row: KeyRow) -> str:
    tags = " ".join(f"{key}={value}" for key, value in row.tags)
    ids = " ".join(f"{one.id} {one.description}" for one in row.materials)
    return " ".join(
        (*row.names, row.arn, row.spec, spec_name(row.spec), row.description, tags, ids)
    ).casefold()
