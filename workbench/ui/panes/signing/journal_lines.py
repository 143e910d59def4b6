"""The last link of a finished file: the journal's events of the requests that signed it.

Owns those lines of the inspector. They are looked up on a worker while the others are shown.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject

from workbench.signing.job import FileView
from workbench.signing.provenance import Traced, trace
from workbench.ui.pane import Context
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.fields import FieldList
from workbench.ui.widgets.texts import number


class JournalLines(QObject):
    """Adds the lines to a list of fields.

    Args:
        context: session, bench.
        fields: where they go; owns this.
    """

    def __init__(self, context: Context, fields: FieldList) -> None:
        super().__init__(fields)
        self._context = context
        self._fields = fields
        self._turn = 0

    def show(self, file: FileView) -> None:
        """Add the lines of a signed file, as the last of its fields, once they are known."""
        self._turn += 1
        if not file.requests:
            text = self.tr(
                "Not known: the signature was there already when an interrupted job went on, or"
                " it was made before requests were noted."
            )
            self._fields.widget(label(text, "muted", wrap=True))
            return
        bench = self._context.bench
        if bench.site.aws:
            text = self.tr("Look at this vault (Ctrl+Alt+Home) to see its journal's events.")
            self._fields.widget(label(text, "muted", wrap=True))
            return
        self._context.session.start(
            self,
            lambda: trace(bench.cloudtrail, bench.journal, file.requests, file.finished),
            partial(self._arrived, self._turn),
        )

    def forget(self) -> None:
        """Add nothing that is still on its way: something else is shown."""
        self._turn += 1

    def _arrived(self, turn: int, events: Sequence[Traced]) -> None:
        if turn != self._turn:
            return
        for event in events:
            self._fields.text(self.tr("Request"), event.request, mono=True, copy=True)
            if event.sentence:
                self._fields.text(self.tr("Event"), event.sentence, copy=True)
                continue
            self._fields.text(self.tr("Operation"), event.name)
            self._fields.time(self.tr("Asked at"), event.moment)
            self._fields.text(self.tr("Asked by"), event.identity, copy=True)
            self._show_place(event)

    def _show_place(self, event: Traced) -> None:
        place = event.place
        if place is None:
            return
        at = self.tr("Event {n} of {total}")
        self._fields.text(
            self.tr("In the journal"),
            at.format(n=number(place.index + 1), total=number(place.size)),
        )
        if place.included:
            self._fields.badge(self.tr("Inclusion proof"), self.tr("Proven"), "ok", "ok")
        else:
            words = self.tr("The event was changed, or the journal was")
            self._fields.badge(self.tr("Inclusion proof"), words, "danger", "error")
