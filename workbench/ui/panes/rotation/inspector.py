"""The inspector of the Rotation pane: the selected material, and the key's rotation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.base.spec_names import spec_name
from workbench.ui.command import Command
from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.activity import Event
from workbench.ui.panes.keys.tabs.base import AskingTab
from workbench.ui.panes.keys.tabs.material import MaterialTab
from workbench.ui.panes.keys.usage import NamedJob, group_uses, jobs_of, recent_events
from workbench.ui.panes.rotation.lanes import Bar, Lane
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.fields import Inspector
from workbench.ui.widgets.texts import duration, local_time, number

_MOST_JOBS = 20


@dataclass(frozen=True, slots=True)
class Names:
    """What names a key's materials: its newest requests, and the signing jobs with it."""

    events: tuple[Event, ...]
    jobs: tuple[NamedJob, ...]


class BarTab(AskingTab[Names]):
    """One material: what it is, and which recent requests and jobs used it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._fields = self.make_fields()
        self._lane: Lane | None = None
        self._bar: Bar | None = None

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Material")

    def show_bar(self, lane: Lane, bar: Bar) -> None:
        """Show a material."""
        self._lane, self._bar = lane, bar
        self._show_facts(lane, bar)
        self.show_key(lane.row)

    def ask(self, row: KeyRow) -> Names:
        """Read the key's newest events and its jobs; on a worker."""
        bench = self.context.bench
        named = any(one.id for one in row.materials)
        events = recent_events(bench.cloudtrail, row.arn) if named else ()
        return Names(events, jobs_of(bench.jobs, row))

    def show_answer(self, row: KeyRow, answer: Names) -> None:
        """Say which requests and jobs used this material."""
        if self._lane is None or self._bar is None or self._lane.row.id != row.id:
            return
        self._show_facts(self._lane, self._bar)
        if self._bar.material.id:
            self._show_requests(self._bar, answer.events)
        jobs = [job for job in answer.jobs if job.created.timestamp() >= self._bar.start]
        if jobs:
            self._show_jobs(jobs)

    def show_nothing(self) -> None:
        """Leave the facts: they are known without asking."""

    def _show_requests(self, bar: Bar, events: Sequence[Event]) -> None:
        fields = self._fields
        fields.heading(self.tr("Recent requests with this material"))
        uses = group_uses(events, bar.material.id)
        if not uses:
            told = (
                self.tr("None among the newest {n} events of the key.")
                if events
                else self.tr("The key has no events.")
            )
            fields.widget(label(told.format(n=number(len(events))), "muted", wrap=True))
        for use in uses:
            name = f"{use.operation} · {use.context}" if use.context else use.operation
            told = (
                self.tr("{n} times, last on {time}")
                if use.count > 1
                else self.tr("once, on {time}")
            )
            fields.text(name, told.format(n=number(use.count), time=local_time(use.newest)))

    def _show_jobs(self, jobs: Sequence[NamedJob]) -> None:
        fields = self._fields
        fields.heading(self.tr("Signing jobs with this key"))
        for job in jobs[:_MOST_JOBS]:
            fields.link(local_time(job.created), job.title, self._leading_to("signing", job.id))
        if len(jobs) > _MOST_JOBS:
            told = self.tr("and {n} more").format(n=number(len(jobs) - _MOST_JOBS))
            fields.widget(label(told, "muted"))

    def _leading_to(self, pane: str, target: str) -> Callable[[], None]:
        def show() -> None:
            self.context.frame.show_object(pane, target)

        return show

    def _show_facts(self, lane: Lane, bar: Bar) -> None:
        row, fields, material = lane.row, self._fields, bar.material
        fields.clear()
        if lane.still:
            reason = words.why_no_rotation(row)
            fields.badge(self.tr("State"), self.tr("Does not rotate"), "muted", "pause")
            fields.text(self.tr("Why"), f"{reason[:1].upper()}{reason[1:]}.")
        else:
            mark = words.condition_mark(bar.condition)
            state = words.condition_name(bar.condition)
            fields.badge(self.tr("State"), state, mark.tone, mark.icon)
            fields.text(self.tr("What it does"), words.condition_tip(bar.condition))
        if material.imported:
            self._show_import(bar)
        fields.text(self.tr("How it came"), words.rotation_kind(material))
        if not bar.waits:
            fields.time(self.tr("In use since"), material.start)
            if material.end is not None:
                fields.time(self.tr("Until"), material.end)
            fields.text(self.tr("In use for"), duration(bar.end - bar.start))
        if material.id:
            fields.text(self.tr("Key material ID"), material.id, mono=True, copy=True)
        fields.link(self.tr("Key"), words.short_name(row), self._leading_to("keys", row.id))

    def _show_import(self, bar: Bar) -> None:
        fields, material = self._fields, bar.material
        if material.description:
            fields.text(self.tr("Description"), material.description)
        present = self.tr("Imported") if material.present else self.tr("Pending import")
        fields.text(self.tr("Import state"), present, tip=material.import_state)
        if material.expires is None:
            fields.text(self.tr("Expires"), self.tr("Never"))
            return
        name = self.tr("Expired") if bar.condition == "expired" else self.tr("Expires")
        fields.time(name, material.expires)


class RotationInspector(Inspector):
    """Material and rotation of what is selected.

    Args:
        context: the window.
        commands: the pane's commands for key materials, as buttons.

    Attributes:
        bar: the tab of the selected material.
        key: the tab of its key's rotation.
    """

    def __init__(self, context: Context, commands: Sequence[Command]) -> None:
        super().__init__(context.look, "")
        self.bar = BarTab(context)
        self.add_tab(self.bar, self.bar.title)
        self.key = MaterialTab(context, tuple(commands), on_axis=True)
        self._key_number = self.add_tab(self.key, self.tr("Rotation of the key"))
        self.show_nothing(self.tr("No key material is selected"))

    def show_bar(self, lane: Lane, bar: Bar) -> None:
        """Show a material of a key."""
        row = lane.row
        mark = words.state_mark(row.state)
        badges: list[tuple[str, Tone, str]] = [(words.state_name(row.state), mark.tone, mark.icon)]
        if row.rotating_since is not None:
            badges.append((self.tr("Rotating"), "info", "rotation"))
        self.show_head(words.short_name(row), spec_name(row.spec), badges)
        self.show_tab(self._key_number, shown=not lane.still)
        self.bar.show_bar(lane, bar)
        if not lane.still:
            self.key.show_key(row, bar.material.id)

    def show_several(self, picked: Sequence[tuple[Lane, Bar]]) -> None:
        """Say how many are selected."""
        keys = len({lane.row.id for lane, _ in picked})
        told = self.tr("{n} key materials of {keys} keys are selected")
        self.show_nothing(told.format(n=number(len(picked)), keys=number(keys)))
