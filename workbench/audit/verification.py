"""Checking the whole log against its head and against the keyring's memory.

Owns the walk and the words for what is wrong. Every event is hashed again: neither the stored leaf
hashes nor the stored head are believed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from workbench.audit.log import decode_edge
from workbench.audit.merkle import CompactRange, leaf_hash
from workbench.base.errors import IntegrityError
from workbench.vault.anchor import JOURNAL_HEAD
from workbench.vault.database import Row
from workbench.vault.vault import Vault

_CHUNK: Final = 2048
_MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What a verification found.

    Attributes:
        size: number of events, by the stored head.
        root: root hash computed from the events.
        problems: what is wrong, in sentences; empty when all is well.
    """

    size: int
    root: bytes
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Findings:
    told: list[str] = field(default_factory=list)
    untold: int = 0

    def add(self, sentence: str) -> None:
        if len(self.told) < _MOST_TOLD:
            self.told.append(sentence)
        else:
            self.untold += 1

    def sentences(self) -> tuple[str, ...]:
        more = [f"And {self.untold} more problems."] if self.untold else []
        return (*self.told, *more)


def verify(vault: Vault) -> JournalReport:
    """Hash every event anew and compare leaves, order, head and anchor.

    Raises:
        Locked: the vault is locked.
        IntegrityError, EnvironmentFault: the database cannot be read.
    """
    # One statement is one snapshot: events appended meanwhile are none of its business.
    ((text, last),) = vault.read(
        "SELECT (SELECT value FROM meta WHERE name = ?), (SELECT max(seq) FROM journal)",
        (JOURNAL_HEAD,),
    )
    findings = _Findings()
    stored = _stored_edge(text, findings)
    limit = max(stored.size, -1 if last is None else last + 1)
    anchor = vault.anchor
    anchored = anchor.size if anchor is not None else 0
    walked, at_anchor = _walk(vault, stored.size, limit, anchored, findings)
    if walked != stored:
        findings.add("The events do not give the journal's stored root hash.")
    if anchor is not None and anchored > stored.size:
        findings.add(
            f"The keyring remembers {anchored} events; the journal has {stored.size}: "
            "its end was cut off, or the vault is an older copy."
        )
    elif anchor is not None and anchored and at_anchor.root().hex() != anchor.root:
        findings.add(
            f"The first {anchored} events are not those that the keyring remembers: "
            "the journal was rewritten."
        )
    return JournalReport(stored.size, walked.root(), findings.sentences())


def _stored_edge(text: object, findings: _Findings) -> CompactRange:
    if text is None:
        return CompactRange()
    try:
        return decode_edge(str(text))
    except IntegrityError as error:
        findings.add(error.message)
        return CompactRange()


def _walk(
    vault: Vault, size: int, limit: int, anchored: int, findings: _Findings
) -> tuple[CompactRange, CompactRange]:
    """Return the edge over all events found, and over the anchored first ones of them."""
    edge = at_anchor = CompactRange()
    expected = 0
    for rows in _chunks(vault, limit):
        hashes = []
        for seq, event, leaf in rows:
            if seq != expected:
                findings.add(_missing(expected, seq - 1))
            if seq >= size:
                findings.add(f"Event {seq} was added without the journal's head.")
            expected = seq + 1
            value = leaf_hash(event.encode("utf-8", "surrogatepass"))
            if value != leaf:
                findings.add(f"Event {seq} was changed.")
            hashes.append(value)
        if edge.size < anchored <= edge.size + len(hashes):
            at_anchor = edge.extended(hashes[: anchored - edge.size])
        edge = edge.extended(hashes)
    if expected < size:
        findings.add(_missing(expected, size - 1))
    return edge, at_anchor


def _chunks(vault: Vault, limit: int) -> Iterator[list[Row]]:
    start = -(2**62)
    while rows := vault.read(
        "SELECT seq, event, leaf FROM journal WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?",
        (start, limit, _CHUNK),
    ):
        yield rows
        start = rows[-1][0] + 1


def _missing(first: int, last: int) -> str:
    if first >= last:
        return f"Event {first} is missing or out of order."
    return f"Events {first} to {last} are missing."
