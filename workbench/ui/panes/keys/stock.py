"""The keys the window knows at the moment: read once, shared by the panes that show keys.

Owns the rows between the services and the panes: who asks for reading, what was read, what changed.
Knows no widget.
"""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.ui.errors import Explanation
from workbench.ui.many import at_once
from workbench.ui.pane import Context
from workbench.ui.panes.keys.expiries import with_expiries
from workbench.ui.panes.keys.inventory import Inventory, KeyRow

_FIRST_PAUSE = 500
_LONGEST_PAUSE = 64_000
"""Milliseconds between looking whether KMS has carried out what was asked."""
TOPIC = "keys"


class KeyStock(QObject):
    """Every key, kept in step with the service.

    Attributes:
        rows: the keys.
        loaded: whether they were read.
        parallel: how many requests may be under way at once.
        refusal: why whoever acts may not list them; None if they may.

    Signals:
        rows_changed: `rows` is another list now.
        busy_changed(bool): reading began or ended.
        trouble(Explanation): reading failed.
    """

    rows_changed = Signal()
    busy_changed = Signal(bool)
    trouble = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self.bench = context.bench
        self._session = context.session
        self.parallel = at_once(context.bench)
        self._inventory = Inventory(
            context.bench.kms, context.bench.clock.monotonic, parallel=self.parallel
        )
        self.rows: Sequence[KeyRow] = ()
        self.loaded = False
        self.refusal: Explanation | None = None
        self._by_id: dict[str, KeyRow] = {}
        self._busy = False
        self._stop = Event()
        self._own_word = False
        self._session.changed.connect(self._heard)

    @property
    def busy(self) -> bool:
        """Whether keys are being read."""
        return self._busy

    def row(self, key: str) -> KeyRow | None:
        """Return a key by id, ARN or alias."""
        found = self._by_id.get(key) or self._by_id.get(key.rpartition("key/")[2])
        if found is None:
            name = key.rpartition("alias/")[2]
            found = next((row for row in self.rows if name in row.names), None)
        return found

    def ensure(self) -> None:
        """Read, unless it was done or is being done."""
        if not self.loaded and not self.busy:
            self.refresh()

    def refresh(self) -> None:
        """Read every key again; what is shown stays until there is more to show."""
        self._stop.set()
        stop = self._stop = Event()
        quiet = self.loaded
        tell = self._session.relay(self, lambda rows: self._arrived(stop, rows))

        def show(rows: list[KeyRow]) -> None:
            if not quiet:
                tell(rows)

        trail = self.bench.cloudtrail
        # Said before it begins: a quick answer may come before `start` returns.
        self._busy = True
        self.busy_changed.emit(True)
        self._session.start(
            self,
            lambda: with_expiries(trail, self._inventory.load(show, stop.is_set)),
            lambda rows: self._finished(stop, rows),
            lambda words: self._failed(stop, words),
        )

    def reread(self, ids: Sequence[str], then: Callable[[], None] | None = None) -> None:
        """Read some keys again after a change, tell everybody, then go on."""

        def read(found: dict[str, KeyRow | None]) -> None:
            self._merge(found)
            if self.busy:
                # What is being read may be older than this.
                self.refresh()
            self.tell()
            if then is not None:
                then()

        wanted = tuple(ids)
        trail = self.bench.cloudtrail

        def work() -> dict[str, KeyRow | None]:
            found = self._inventory.read(wanted)
            kept = with_expiries(trail, [row for row in found.values() if row is not None])
            return found | {row.id: row for row in kept}

        self._session.start(self, work, read)

    def follow(self, ids: Sequence[str], pause: int = _FIRST_PAUSE) -> None:
        """Read keys again until KMS has carried out what was asked, at growing intervals."""

        def look() -> None:
            rows = (self.row(key) for key in ids)
            left = [row.id for row in rows if row is not None and row.under_way]
            if left and pause <= _LONGEST_PAUSE:
                QTimer.singleShot(pause, self, partial(self.follow, left, pause * 2))

        self.reread(ids, look)

    def tell(self) -> None:
        """Tell other panes that keys changed."""
        self._own_word = True
        try:
            self._session.announce(TOPIC)
        finally:
            self._own_word = False

    def _heard(self, topic: str) -> None:
        if topic == TOPIC and not self._own_word and (self.loaded or self.busy):
            self.refresh()

    def _merge(self, found: dict[str, KeyRow | None]) -> None:
        fresh = dict(found)
        rows = []
        for row in self.rows:
            kept = fresh.pop(row.id, row)
            if kept is not None:
                rows.append(kept)
        rows.extend(row for row in fresh.values() if row is not None)
        self._take(rows)

    def _arrived(self, stop: Event, rows: Sequence[KeyRow]) -> None:
        if stop is self._stop and self._busy:
            self._take(rows)

    def _finished(self, stop: Event, rows: Sequence[KeyRow]) -> None:
        if stop is not self._stop:
            return
        self._busy = False
        self.loaded = True
        self.refusal = None
        self._take(rows)
        self.busy_changed.emit(False)

    def _failed(self, stop: Event, words: Explanation) -> None:
        if stop is not self._stop:
            return
        self._busy = False
        stop.set()
        if words.denied:
            # What was read as somebody else is not for whoever acts now.
            self.loaded, self.refusal = False, words
            self._take(())
        self.busy_changed.emit(False)
        self.trouble.emit(words)

    def _take(self, rows: Sequence[KeyRow]) -> None:
        self.rows = rows
        self._by_id = {row.id: row for row in rows}
        self.rows_changed.emit()


def stock_of(context: Context) -> KeyStock:
    """Return the stock of this session's bench, made when it is first asked for."""
    for found in context.session.findChildren(KeyStock):
        if found.bench is context.bench:
            return found
    return KeyStock(context)
