"""The journal: every request leaves an event, in time or at once.

Owns the queue and the thread that commits it in groups. Must not know who makes events: they come
as anything that has `document` and `resources`.

Two ways in. `durable=True` appends inside the caller's transaction, so that an operation and its
event are committed together or not at all. `durable=False` queues; the thread commits within 50 ms
or 1,000 events. Both take sequence numbers from the one stored head, under the writer's lock.

It fails closed: when a group cannot be saved (a full disk), its events are kept and tried again,
and `record` refuses until that works, so that nothing more happens unrecorded.
"""

import contextlib
import json
import logging
import threading
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from workbench.audit import log, merkle, verification
from workbench.audit.log import Entry, TreeHead
from workbench.audit.verification import JournalReport
from workbench.base.clock import Clock
from workbench.base.errors import EnvironmentFault, Locked, WorkbenchError
from workbench.base.identifiers import new_uuid
from workbench.vault.vault import Vault

_GROUP: Final = 1_000
_GROUP_SECONDS: Final = 0.05
_RETRY_SECONDS: Final = 1.0
_MOST_WAITING: Final = 50_000

_logger = logging.getLogger(__name__)


class Recordable(Protocol):
    """An event as the journal needs it."""

    @property
    def resources(self) -> tuple[str, ...]:
        """The ARNs that it is looked up by."""

    def document(self) -> dict[str, Any]:
        """Return it as JSON-ready values, in the form of a CloudTrail record."""


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Where an event stands in the log.

    Attributes:
        index: its sequence number, from 0.
        size: how many events the log has.
        included: whether the inclusion proof leads from the stored event to the log's root.
    """

    index: int
    size: int
    included: bool


class _Mark:
    """Put in the queue by `flush`: set once everything before it is committed or has failed."""

    __slots__ = ("done", "error")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.error: WorkbenchError | None = None

    def finish(self, error: WorkbenchError | None = None) -> None:
        self.error = error
        self.done.set()


class Journal:
    """The log of one vault. Thread-safe; `close` it before the vault."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._queue: deque[Recordable | _Mark] = deque()
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._gate = threading.Lock()
        self._fault: WorkbenchError | None = None
        self._closed = False
        self._paused = vault.locked
        # One flag for the fast path: neither paused, nor faulty, nor closed.
        self._accepting = not self._paused
        vault.before_lock(self._pause)
        vault.on_unlock(self._resume)
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def record(self, event: Recordable, *, durable: bool) -> None:
        """Put an event in the log.

        Args:
            event: what happened.
            durable: append inside the transaction that the calling thread has open; otherwise
                queue it, which costs microseconds.

        Raises:
            Locked: the vault is locked.
            EnvironmentFault: the log cannot be written; the caller must not go on.
            RuntimeError: durable, and no transaction is open: a bug.
        """
        if durable:
            self._append_now(event)
            return
        if not self._accepting:
            self._refuse()
        queue = self._queue
        queue.append(event)
        if len(queue) >= _GROUP:
            self._make_room()
        if not self._wake.is_set():
            self._wake.set()

    def flush(self) -> None:
        """Return once everything recorded before is committed.

        Raises:
            EnvironmentFault: it could not be; it is kept and tried again.
            Locked: something waits and the vault is locked.
            RuntimeError: called inside a transaction, for which the thread would wait: a bug.
        """
        if self._vault.in_transaction:
            raise RuntimeError("the journal cannot be flushed from inside a transaction")
        if not self._thread.is_alive():
            return
        mark = _Mark()
        self._queue.append(mark)
        self._hurry.set()
        self._wake.set()
        mark.done.wait()
        if mark.error is not None:
            raise type(mark.error)(mark.error.message, mark.error.next_step)

    def close(self) -> None:
        """Commit what waits and stop; harmless when repeated.

        Raises:
            EnvironmentFault, Locked: some events could not be committed and are lost.
        """
        if self._closed:
            return
        with self._gate:
            self._closed, self._accepting = True, False
        try:
            self.flush()
        finally:
            self._hurry.set()
            self._wake.set()
            self._thread.join()

    def head(self) -> TreeHead:
        """Return size and root of the log, with everything recorded before."""
        self._flush_quietly()
        edge = log.read_edge(self._vault)
        return TreeHead(edge.size, edge.root())

    def verify(self) -> JournalReport:
        """Hash the whole log anew and compare it with its head and with the keyring's anchor.

        Raises:
            Locked: the vault is locked.
            IntegrityError, EnvironmentFault: the database cannot be read.
        """
        self._flush_quietly()
        return verification.verify(self._vault)

    def lookup(
        self,
        resource: str | None = None,
        event_name: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[dict[str, Any]]:
        """Return events newest first, each with its sequence number under `seq`.

        Args:
            resource: an ARN that the events name.
            event_name: the request's name, such as `Sign`.
            before: only events with a smaller sequence number, for the next page.
            limit: how many at most.

        Raises:
            Locked: the vault is locked.
        """
        self._flush_quietly()
        return log.find(self._vault, resource, event_name, before, limit)

    def event(
        self, event_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> dict[str, Any] | None:
        """Return the event of an id, or None.

        Args:
            event_id: its `eventID`.
            since: where in time to begin to look, UTC; the whole log when None.
            until: where to end.

        Raises:
            Locked: the vault is locked.
        """
        self._flush_quietly()
        found = log.find_id(self._vault, event_id, since, until)
        return None if found is None else {**json.loads(found[1]), "seq": found[0]}

    def place(
        self, event_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> EventPlace | None:
        """Return where an event stands, its inclusion proven anew (RFC 9162 §2.1.3); as `event`."""
        self._flush_quietly()
        found = log.find_id(self._vault, event_id, since, until)
        if found is None:
            return None
        index, text = found
        edge = log.read_edge(self._vault)
        leaf = merkle.leaf_hash(text.encode("ascii"))
        proof = self.inclusion_proof(index, edge.size)
        included = merkle.verify_inclusion(leaf, index, edge.size, proof, edge.root())
        return EventPlace(index, edge.size, included)

    def last_success(self, resource: str, names: Collection[str]) -> dict[str, Any] | None:
        """Return the newest event that names a resource and met no error, or None.

        Args:
            resource: an ARN that the event names.
            names: the requests' names, any of them.

        Raises:
            Locked: the vault is locked.
        """
        self._flush_quietly()
        return log.last_success(self._vault, resource, names)

    def inclusion_proof(self, seq: int, size: int) -> tuple[bytes, ...]:
        """Return the audit path of event `seq` in the tree of `size` events (RFC 9162 §2.1.3).

        Raises:
            ValueError: there is no such event or tree.
        """
        return merkle.inclusion_proof(seq, log.read_leaves(self._vault, size))

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `second` events extends that of `first` (§2.1.4).

        Raises:
            ValueError: there are no such trees.
        """
        return merkle.consistency_proof(first, log.read_leaves(self._vault, second))

    def _append_now(self, event: Recordable) -> None:
        if not self._vault.in_transaction:
            raise RuntimeError("a durable event needs an open transaction")
        prepared = log.entry(event.document(), event.resources)
        with self._vault.transaction() as transaction:
            log.append(self._vault, transaction, [prepared])

    def _refuse(self) -> None:
        if self._closed or self._paused:
            raise Locked("The journal is closed, as the vault is locked.", "Unlock the vault.")
        fault = self._fault
        if fault is None:
            return
        self._wake.set()
        raise EnvironmentFault(
            f"The request was refused, because its journal event cannot be saved. {fault.message}",
            fault.next_step,
        )

    def _make_room(self) -> None:
        if not self._hurry.is_set():
            self._hurry.set()
        if len(self._queue) >= _MOST_WAITING and not self._vault.in_transaction:
            self.flush()

    def _flush_quietly(self) -> None:
        # To read while the disk is full is no harm: what is not committed is not shown.
        if not self._vault.in_transaction:
            with contextlib.suppress(EnvironmentFault, Locked):
                self.flush()

    def _pause(self) -> None:
        with self._gate:
            self._paused, self._accepting = True, False
        self.flush()

    def _resume(self) -> None:
        with self._gate:
            self._paused = False
            self._accepting = self._fault is None and not self._closed
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait(_RETRY_SECONDS if self._fault is not None else None)
            self._hurry.wait(_GROUP_SECONDS)
            self._wake.clear()
            self._hurry.clear()
            closed = self._closed
            while self._queue and self._commit_group():
                pass
            if closed:
                return

    def _commit_group(self) -> bool:
        """Commit up to a group from the queue; return whether that worked."""
        taken = self._take(_GROUP)
        events = [item for item in taken if not isinstance(item, _Mark)]
        error = self._commit(events) if events else None
        if error is not None:
            taken += self._take(len(self._queue))
            events = [item for item in taken if not isinstance(item, _Mark)]
            self._queue.extendleft(reversed(events))
        if events:
            self._set_fault(error)
        for item in taken:
            if isinstance(item, _Mark):
                item.finish(error)
        return error is None

    def _take(self, most: int) -> list[Recordable | _Mark]:
        return [self._queue.popleft() for _ in range(min(len(self._queue), most))]

    def _commit(self, events: list[Recordable]) -> WorkbenchError | None:
        try:
            entries = [self._prepared(event) for event in events]
            with self._vault.transaction() as transaction:
                log.append(self._vault, transaction, entries)
        except WorkbenchError as error:
            return error
        except Exception as error:
            # A dead thread would drop events in silence.
            _logger.exception("The journal could not be written.")
            return EnvironmentFault(
                f"The journal could not be written: {type(error).__name__}.",
                "Run “workbench doctor” and report what it says.",
            )
        return None

    def _prepared(self, event: Recordable) -> Entry:
        try:
            return log.entry(event.document(), event.resources)
        except Exception as error:
            # Its request was answered already, so it must leave a trace of some kind.
            _logger.exception("An event could not be written down.")
            return log.entry(self._stand_in(error), ())

    def _stand_in(self, error: Exception) -> dict[str, Any]:
        return {
            "eventVersion": "1.11",
            "userIdentity": {"type": "Unknown", "arn": ""},
            "eventTime": self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": "key-workbench",
            "eventName": "UnrecordableEvent",
            "eventID": new_uuid(),
            "readOnly": False,
            "errorCode": "InternalFailure",
            "errorMessage": type(error).__name__,
        }

    def _set_fault(self, error: WorkbenchError | None) -> None:
        # A vault that was locked between two groups is no fault: unlocking goes on with the queue.
        with self._gate:
            self._fault = None if isinstance(error, Locked) else error
            self._accepting = self._fault is None and not self._paused and not self._closed
