"""Activity: the key's events, newest first, as CloudTrail's LookupEvents gives them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.base import AskingTab
from workbench.ui.panes.keys.tabs.policy import CodeView, pretty_json
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import local_time, number, utc_time

_PAGE = 50
_LOOKING = ("Describe", "Get", "List")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the trail.

    Attributes:
        id: event id.
        time: when.
        name: AWS's operation name.
        error: AWS's error code; empty if it succeeded.
        who: who asked.
        material: id of the key material that was used, or nothing.
        document: the whole event, JSON text.
    """

    id: str
    time: datetime
    name: str
    error: str
    who: str
    material: str
    document: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, and where the next page begins; nothing if this is the last."""

    events: tuple[Event, ...]
    following: str


def read_events(cloudtrail: Any, arn: str, token: str = "") -> EventPage:
    """Return one page of a resource's events, newest first."""
    request: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": arn}],
        "MaxResults": _PAGE,
    }
    if token:
        request["NextToken"] = token
    answer = cloudtrail.lookup_events(**request)
    events = tuple(_event(item) for item in answer.get("Events", ()))
    return EventPage(events, answer.get("NextToken", ""))


def _event(item: dict[str, Any]) -> Event:
    text = item.get("CloudTrailEvent", "{}")
    try:
        document = json.loads(text)
    except ValueError:
        document = {}
    more = document.get("additionalEventData") or {}
    return Event(
        item["EventId"],
        item["EventTime"],
        item["EventName"],
        str(document.get("errorCode") or ""),
        item.get("Username", ""),
        str(more.get("keyMaterialId") or ""),
        text,
    )


class ActivityTab(AskingTab[EventPage]):
    """A table of events; below it the chosen one in full."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._events: tuple[Event, ...] = ()
        self._following = ""
        self._model: RowModel[Event] = RowModel(context.look, _columns(self), lambda one: one.id)
        self.table = RowTable(
            self._model, context.look, context.preferences, "key-activity", self.tr("Events")
        )
        self.text = CodeView(context, self.tr("The chosen event, JSON"))
        self.text.setPlaceholderText(self.tr("Choose an event to see all of it."))
        unit = context.look.unit
        self._count = label("", "muted")
        self.hide_reads = QCheckBox(self.tr("&Changes and uses only"))
        self.hide_reads.setToolTip(
            self.tr("Leave out requests that only look: Describe…, Get…, List…")
        )
        self.hide_reads.setChecked(True)
        self.hide_reads.toggled.connect(lambda _on: self._filter())
        self._more = push_button(self.tr("Load older events"), self.load_more, "link")
        line = QHBoxLayout()
        line.setContentsMargins(unit * 4, unit, unit * 2, unit)
        line.addWidget(self.hide_reads)
        line.addWidget(self._count)
        line.addStretch(1)
        line.addWidget(self._more)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addLayout(line)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.addWidget(upper)
        halves.addWidget(self.text)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        self.column.addWidget(halves, 1)
        self.table.chosen.connect(self._chosen)
        self.show_nothing()

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Activity")

    @property
    def scrolls(self) -> bool:
        """The table scrolls itself."""
        return False

    def ask(self, row: KeyRow) -> EventPage:
        """Read the newest events; on a worker."""
        return read_events(self.context.bench.cloudtrail, row.arn)

    def show_answer(self, row: KeyRow, answer: EventPage) -> None:
        """Show the newest events."""
        del row
        self._events = ()
        self._add(answer)

    def show_nothing(self) -> None:
        """Take them away."""
        self._add(EventPage((), ""))
        self._events = ()
        self._model.set_rows(())
        self._count.setText("")
        self.text.clear()

    def load_more(self) -> None:
        """Read the next older page."""
        row, token = self.row, self._following
        if row is None or not token:
            return

        def arrived(page: EventPage) -> None:
            if self.row is not None and self.row.id == row.id:
                self._add(page)

        self._more.setEnabled(False)
        cloudtrail = self.context.bench.cloudtrail
        self.context.session.start(self, lambda: read_events(cloudtrail, row.arn, token), arrived)

    def _add(self, page: EventPage) -> None:
        self._events += page.events
        self._following = page.following
        self._model.set_rows(self._events)
        self._more.setVisible(bool(page.following))
        self._more.setEnabled(True)
        self._filter()

    def _filter(self) -> None:
        self._model.set_filter("", _does_something if self.hide_reads.isChecked() else None)
        shown, count = self._model.rowCount(), len(self._events)
        told = self.tr("{shown} of {n} events").format(shown=number(shown), n=number(count))
        self._count.setText(told if count else "")

    def _chosen(self, ids: list[str]) -> None:
        rows = self.table.selected_rows if len(ids) == 1 else []
        text = pretty_json(rows[0].document) if rows else ""
        if self.text.toPlainText() != text:
            self.text.setPlainText(text)


def _does_something(event: Event) -> bool:
    return bool(event.error) or not event.name.startswith(_LOOKING)


def _columns(tab: ActivityTab) -> tuple[Column[Event], ...]:
    def result(one: Event) -> str:
        return one.error or tab.tr("Done")

    return (
        Column(
            "time",
            tab.tr("Time"),
            lambda one: local_time(one.time),
            key=lambda one: -one.time.timestamp(),
            tip=lambda one: utc_time(one.time),
            width=20,
        ),
        Column("name", tab.tr("Request"), lambda one: one.name, width=20),
        Column(
            "result",
            tab.tr("Result"),
            result,
            mark=lambda one: Mark("error", "danger") if one.error else Mark("ok", "ok"),
            width=13,
        ),
        Column("who", tab.tr("By"), lambda one: one.who, width=16),
    )
