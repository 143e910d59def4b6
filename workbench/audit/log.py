"""The log in the database: rows, the index of resources, the tree head.

Owns the tables `journal` and `journal_resources` and one row of `meta`. Must not know threads. The
head is read from the database and written back in the transaction that appends, so that a
rolled-back transaction takes the head with it and no copy in memory can disagree.

Event n (from 0) is leaf n of an RFC 9162 tree; the leaf's data is the event's JSON as stored.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from workbench.audit.merkle import CompactRange, leaf_hash
from workbench.base.errors import IntegrityError
from workbench.vault.anchor import JOURNAL_HEAD
from workbench.vault.database import Transaction
from workbench.vault.vault import Vault

_ALL: Final = 2**62
# ASCII: a lone surrogate from a file's name can be written as an escape and nothing else.
_JSON: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_READ_HEAD: Final = "SELECT value FROM meta WHERE name = ?"
# By whether a resource and whether a name is asked for. CROSS JOIN keeps the order: from the few
# events of a resource to their texts.
_FIND: Final = {
    (False, False): """
        SELECT seq, event FROM journal
        WHERE seq < :before ORDER BY seq DESC LIMIT :limit""",
    (False, True): """
        SELECT seq, event FROM journal
        WHERE json_extract(event, '$.eventName') = :name AND seq < :before
        ORDER BY seq DESC LIMIT :limit""",
    (True, False): """
        SELECT r.seq, j.event FROM journal_resources AS r CROSS JOIN journal AS j ON j.seq = r.seq
        WHERE r.resource = :resource AND r.seq < :before
        ORDER BY r.seq DESC LIMIT :limit""",
    (True, True): """
        SELECT r.seq, j.event FROM journal_resources AS r CROSS JOIN journal AS j ON j.seq = r.seq
        WHERE r.resource = :resource AND r.seq < :before
        AND json_extract(j.event, '$.eventName') = :name
        ORDER BY r.seq DESC LIMIT :limit""",
}
# What the text must contain narrows it down fast; the caller compares the id itself, for the values
# in an event are anybody's.
_FIND_ID: Final = """
    SELECT seq, event FROM journal
    WHERE seq >= :first AND seq < :end AND instr(event, :part) > 0 ORDER BY seq"""
_TIME_AT: Final = "SELECT json_extract(event, '$.eventTime') FROM journal WHERE seq = ?"
# Newest first, so that it ends at the first that fits.
_LAST_SUCCESS: Final = """
    SELECT j.event FROM journal_resources AS r CROSS JOIN journal AS j ON j.seq = r.seq
    WHERE r.resource = :resource
    AND json_extract(j.event, '$.errorCode') IS NULL
    AND json_extract(j.event, '$.eventName') IN (SELECT value FROM json_each(:names))
    ORDER BY r.seq DESC LIMIT 1"""


class Entry(NamedTuple):
    """An event on its way into the log.

    Attributes:
        text: its JSON, ASCII.
        leaf: its leaf hash.
        resources: the ARNs that it is looked up by.
    """

    text: str
    leaf: bytes
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What the whole log comes down to.

    Attributes:
        size: number of events.
        root: root hash, 32 bytes.
    """

    size: int
    root: bytes


def entry(document: dict[str, Any], resources: tuple[str, ...]) -> Entry:
    """Return a document ready to be appended.

    Raises:
        TypeError, ValueError: it is not JSON.
    """
    text = _JSON.encode(document)
    return Entry(text, leaf_hash(text.encode("ascii")), resources)


def read_edge(vault: Vault) -> CompactRange:
    """Return the right edge of the stored tree; raises as `Vault.read`.

    Raises:
        IntegrityError: what is stored is not an edge.
    """
    rows = vault.read(_READ_HEAD, (JOURNAL_HEAD,))
    return decode_edge(str(rows[0][0])) if rows else CompactRange()


def decode_edge(text: str) -> CompactRange:
    """Return the edge that the head's row encodes.

    Raises:
        IntegrityError: it encodes none, or one that does not have the root beside it.
    """
    try:
        head = json.loads(text)
        edge = CompactRange(head["size"], tuple(bytes.fromhex(h) for h in head["edge"]))
        fits = edge.root().hex() == head["root"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged_head() from error
    if not fits:
        raise _damaged_head()
    return edge


def append(vault: Vault, transaction: Transaction, entries: Sequence[Entry]) -> None:
    """Append events within an open transaction of the calling thread.

    Raises:
        EnvironmentFault, IntegrityError: as `Transaction.execute`.
    """
    edge = read_edge(vault)
    first = edge.size
    transaction.executemany(
        "INSERT INTO journal (seq, event, leaf) VALUES (?, ?, ?)",
        [(first + n, each.text, each.leaf) for n, each in enumerate(entries)],
    )
    transaction.executemany(
        "INSERT OR IGNORE INTO journal_resources (resource, seq) VALUES (?, ?)",
        [(name, first + n) for n, each in enumerate(entries) for name in each.resources],
    )
    edge = edge.extended(each.leaf for each in entries)
    head = {
        "size": edge.size,
        "root": edge.root().hex(),
        "edge": [value.hex() for value in edge.hashes],
    }
    transaction.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (JOURNAL_HEAD, json.dumps(head)),
    )


def find(
    vault: Vault, resource: str | None, event_name: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return events newest first, each with its sequence number under `seq`."""
    wanted = {
        "resource": resource,
        "name": event_name,
        "before": _ALL if before is None else before,
        "limit": limit,
    }
    rows = vault.read(_FIND[resource is not None, event_name is not None], wanted)
    return [{**json.loads(text), "seq": seq} for seq, text in rows]


def find_id(
    vault: Vault, event_id: str, since: datetime | None, until: datetime | None
) -> tuple[int, str] | None:
    """Return sequence number and text of an event by its `eventID`, or None.

    Args:
        vault: where the log is.
        event_id: compared exactly.
        since: where to begin, found by halving, UTC; events are in the order of time but for a
            clock that was set back.
        until: where to end.
    """
    size = read_edge(vault).size

    def time_at(seq: int) -> str:
        return str(vault.read(_TIME_AT, (seq,))[0][0])

    def text(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    places = range(size)
    wanted = {
        "first": 0 if since is None else bisect_left(places, text(since), key=time_at),
        "end": size if until is None else bisect_right(places, text(until), key=time_at),
        "part": f'"eventID":{json.dumps(event_id)}',
    }
    for seq, event in vault.read(_FIND_ID, wanted):
        if json.loads(event)["eventID"] == event_id:
            return seq, event
    return None


def last_success(vault: Vault, resource: str, names: Collection[str]) -> dict[str, Any] | None:
    """Return the newest event of any of these names about a resource without an error, or None."""
    wanted = {"resource": resource, "names": json.dumps(sorted(names))}
    rows = vault.read(_LAST_SUCCESS, wanted)
    return json.loads(rows[0][0]) if rows else None


def read_leaves(vault: Vault, size: int) -> list[bytes]:
    """Return the stored leaf hashes of the first `size` events.

    Raises:
        ValueError: the log has fewer.
    """
    rows = vault.read("SELECT leaf FROM journal WHERE seq < ? ORDER BY seq", (size,))
    if len(rows) != size:
        raise ValueError(f"the journal has no {size} events")
    return [row[0] for row in rows]


def _damaged_head() -> IntegrityError:
    return IntegrityError("The journal's head is damaged.", "Restore the vault from a backup.")
