"""The inspector of the Rotation pane: the selected material, and the key's rotation."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from workbench.ui.command import Command
from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.activity import Event, read_events
from workbench.ui.panes.keys.tabs.base import AskingTab
from workbench.ui.panes.keys.tabs.material import MaterialTab
from workbench.ui.panes.rotation.lanes import Bar, Lane
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.fields import Inspector
from workbench.ui.widgets.texts import duration, local_time, number

_PAGES = 4


def recent_events(cloudtrail: Any, arn: str, pages: int = _PAGES) -> tuple[Event, ...]:
    """Return the newest events of a key, some pages of them."""
    found: list[Event] = []
    token = ""
    for _ in range(pages):
        page = read_events(cloudtrail, arn, token)
        found.extend(page.events)
        token = page.following
        if not token:
            break
    return tuple(found)


class BarTab(AskingTab[tuple[Event, ...]]):
    """One material: what it is, and which recent requests used it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._fields = self.make_fields()
        self._bar: Bar | None = None

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Material")

    def show_bar(self, lane: Lane, bar: Bar) -> None:
        """Show a material."""
        self._bar = bar
        self._show_facts(lane, bar)
        self.show_key(lane.row)

    def ask(self, row: KeyRow) -> tuple[Event, ...]:
        """Read the key's newest events; on a worker."""
        return recent_events(self.context.bench.cloudtrail, row.arn) if row.rotates else ()

    def show_answer(self, row: KeyRow, answer: tuple[Event, ...]) -> None:
        """Say which requests used this material."""
        bar = self._bar
        if bar is None or not row.rotates or not bar.material.id:
            return
        self._show_facts(None, bar)
        used = [event for event in answer if event.material == bar.material.id]
        self._fields.heading(self.tr("Recent requests with this material"))
        if not used:
            told = self.tr("None among the newest {n} events of the key.")
            self._fields.widget(label(told.format(n=number(len(answer))), "muted", wrap=True))
        for name, count in Counter(event.name for event in used).most_common():
            newest = max(event.time for event in used if event.name == name)
            told = self.tr("{n} times, last on {time}") if count > 1 else self.tr("once, on {time}")
            self._fields.text(name, told.format(n=number(count), time=local_time(newest)))

    def show_nothing(self) -> None:
        """Leave the facts: they are known without asking."""

    def _show_facts(self, lane: Lane | None, bar: Bar) -> None:
        row = lane.row if lane is not None else self.row
        fields = self._fields
        fields.clear()
        if row is None:
            return
        material = bar.material
        if row.rotates:
            mark = words.material_mark(material)
            state = words.material_state(material)
            fields.badge(self.tr("State"), state, mark.tone, mark.icon)
            fields.text(self.tr("What it does"), self._does(bar))
        else:
            reason = words.why_no_rotation(row)
            fields.badge(self.tr("State"), self.tr("Does not rotate"), "muted", "pause")
            fields.text(self.tr("Why"), f"{reason[:1].upper()}{reason[1:]}.")
        fields.text(self.tr("How it came"), words.rotation_kind(material))
        fields.time(self.tr("In use since"), material.start)
        if material.end is not None:
            fields.time(self.tr("Until"), material.end)
        fields.text(self.tr("In use for"), duration(bar.end - bar.start))
        if material.id:
            fields.text(self.tr("Key material ID"), material.id, mono=True, copy=True)
        fields.link(self.tr("Key"), words.short_name(row), self._show_key)

    def _does(self, bar: Bar) -> str:
        if bar.open_ended:
            return self.tr("Encrypts and decrypts.")
        return self.tr("Decrypts what was encrypted with it; encrypts nothing new.")

    def _show_key(self) -> None:
        if self.row is not None:
            self.context.frame.show_object("keys", self.row.id)


class RotationInspector(Inspector):
    """Material and rotation of what is selected.

    Args:
        context: the window.
        commands: the pane's commands for rotating.
    """

    def __init__(self, context: Context, commands: Sequence[Command]) -> None:
        super().__init__(context.look, "")
        self._lane: Lane | None = None
        self.bar = BarTab(context)
        self._bar_number = self.add_tab(self.bar, self.bar.title)
        self._key = MaterialTab(context, tuple(commands), on_axis=True)
        self._key_number = self.add_tab(self._key, self.tr("Rotation of the key"))
        self.show_nothing(self.tr("No key material is selected"))

    def show_bar(self, lane: Lane, bar: Bar) -> None:
        """Show a material of a key."""
        self._lane = lane
        row = lane.row
        mark = words.state_mark(row.state)
        badges: list[tuple[str, Tone, str]] = [(words.state_name(row.state), mark.tone, mark.icon)]
        self.show_head(words.short_name(row), row.spec, badges)
        self.show_tab(self._key_number, shown=lane.rotates)
        self.bar.show_bar(lane, bar)
        if lane.rotates:
            self._key.show_key(row)
