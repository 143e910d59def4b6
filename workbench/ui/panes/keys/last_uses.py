"""When keys were last used, read for the keys that somebody looks at.

GetKeyLastUsage tells of one key at a time, so nothing is asked about keys out of sight unless all
are to be put in order by it. Works on AWS as in process.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import error_code, error_message
from workbench.ui.widgets.texts import NOTHING, age, local_date, local_time, utc_time

_CHUNK: Final = 64
"""Keys read at a time, so that what came into view last has not to wait for all before it."""
_GATHERING: Final = 30
"""Milliseconds in which the keys of one painting are gathered."""
_TOLD: Final = frozenset(
    {"AccessDeniedException", "UnsupportedOperationException", "NotFoundException"}
)


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


@dataclass(frozen=True, slots=True)
class LastUse:
    """What KMS knows of a key's last successful cryptographic operation.

    Attributes:
        moment: when it was, UTC; None if there was none since `tracked`.
        operation: AWS's name of it.
        tracked: since when uses are noted, where the key is older than that; None if it is not.
        problem: why nothing is known, in words; empty if something is.
    """

    moment: datetime | None = None
    operation: str = ""
    tracked: datetime | None = None
    problem: str = ""

    def text(self, now: datetime) -> str:
        """Return it as a table says it."""
        if self.problem:
            return NOTHING
        if self.moment is not None:
            return age(self.moment, now)
        if self.tracked is not None:
            return _tr("Not since {date}").format(date=local_date(self.tracked))
        return _tr("Never")

    def tip(self) -> str:
        """Return it in full."""
        if self.problem:
            return self.problem
        if self.moment is not None:
            return f"{self.operation}\n{local_time(self.moment)}\n{utc_time(self.moment)}"
        if self.tracked is not None:
            return _tr(
                "Not used since {date}, when KMS began to note it. What was before is not known."
            ).format(date=local_time(self.tracked))
        return _tr("Never used since it was created")

    @property
    def order(self) -> tuple[int, float]:
        """What it is sorted by: the most recent first, then what was never used, then unknown."""
        if self.problem:
            return UNKNOWN_ORDER
        if self.moment is not None:
            return 0, -self.moment.timestamp()
        return (1, 0.0) if self.tracked is not None else (2, 0.0)


UNKNOWN_ORDER: Final = (3, 0.0)


def read_last_use(kms: Any, key: str) -> LastUse:
    """Ask a KMS when a key was last used.

    Args:
        kms: boto3-shaped client.
        key: key id.
    """
    try:
        answer = kms.get_key_last_usage(KeyId=key)
    except Exception as error:
        if error_code(error) not in _TOLD:
            raise
        return LastUse(problem=error_message(error))
    use = answer.get("KeyLastUsage") or {}
    tracked, created = answer.get("TrackingStartDate"), answer.get("KeyCreationDate")
    older = tracked is not None and created is not None and created < tracked
    return LastUse(use.get("Timestamp"), use.get("Operation", ""), tracked if older else None)


def read_last_uses(kms: Any, keys: Sequence[str], parallel: int) -> dict[str, LastUse]:
    """Ask about several keys, some at once.

    Args:
        kms: boto3-shaped client; may be called from several threads.
        keys: key ids.
        parallel: how many requests may be under way at once.
    """
    read = partial(read_last_use, kms)
    if parallel == 1:
        return {key: read(key) for key in keys}
    with ThreadPoolExecutor(parallel, "uses") as pool:
        return dict(zip(keys, pool.map(read, keys), strict=True))


class LastUses(QObject):
    """The last uses of the keys that were looked at; asked for a few at a time, off the GUI thread.

    Args:
        context: the window.
        parallel: how many requests may be under way at once.

    Signals:
        changed(bool): more is known; whether that is all that was wanted.
    """

    changed = Signal(bool)

    def __init__(self, context: Context, parallel: int, parent: QObject) -> None:
        super().__init__(parent)
        self._session = context.session
        self._bench = context.bench
        self._parallel = parallel
        self._known: dict[str, LastUse] = {}
        self._fresh: set[str] = set()
        self._pending: dict[str, None] = {}
        self._reading: Sequence[str] = ()
        self._round = 0
        self._asked_as = self._acting
        self._soon = QTimer(self, singleShot=True, interval=_GATHERING)
        self._soon.timeout.connect(self._read)

    def known(self, key: str) -> LastUse | None:
        """Return what is known of a key without asking; from any thread."""
        return self._known.get(key)

    def look(self, key: str) -> LastUse | None:
        """Return what is known of a key that is in sight, and have it read if need be."""
        if key not in self._fresh:
            self._want((key,))
        return self._known.get(key)

    def want_all(self, keys: Iterable[str]) -> None:
        """Have everything read of which nothing is known yet."""
        self._want([key for key in keys if key not in self._known])

    def outdate(self) -> None:
        """Have what comes into sight read again; what is known is shown until then."""
        if self._acting != self._asked_as:
            self.forget()
        self._fresh.clear()

    def forget(self) -> None:
        """Know nothing any more."""
        self._round += 1  # answers under way are not for whoever acts now
        self._asked_as = self._acting
        self._known = {}
        self._fresh.clear()
        self._pending.clear()
        self._reading = ()

    @property
    def _acting(self) -> str:
        return self._bench.acting.caller.arn

    def _want(self, keys: Iterable[str]) -> None:
        wanted = [key for key in keys if key not in self._pending and key not in self._reading]
        if not wanted:
            return
        self._pending.update(dict.fromkeys(wanted))
        if not self._reading:
            self._soon.start()

    def _read(self) -> None:
        # Those that came into sight last are looked at now.
        chunk = tuple(self._pending)[-_CHUNK:]
        if not chunk:
            return
        for key in chunk:
            del self._pending[key]
        self._reading = chunk
        kms, parallel = self._bench.kms, self._parallel
        number = self._round
        work: Callable[[], dict[str, LastUse]] = partial(read_last_uses, kms, chunk, parallel)

        def failed(words: Explanation) -> None:
            self._arrived(number, dict.fromkeys(chunk, LastUse(problem=words.text)))

        self._session.start(self, work, partial(self._arrived, number), failed)

    def _arrived(self, number: int, found: dict[str, LastUse]) -> None:
        if number != self._round:
            return
        self._known.update(found)
        self._fresh.update(found)
        self._reading = ()
        self.changed.emit(not self._pending)
        self._read()
