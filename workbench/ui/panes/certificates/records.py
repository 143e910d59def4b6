"""Certificates as this pane shows them, read off the shelf on a worker.

Knows the shelf's client and `pki`'s words; knows no Qt. States are of one moment, the clock's when
the shelf was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from workbench.pki.authority import serial_text
from workbench.pki.hierarchy import MISSING, Graph, Node, build_graph
from workbench.pki.names import common_name
from workbench.pki.parse import facts
from workbench.pki.shelf import every_certificate
from workbench.pki.states import State

_PAGE: Final = 1000
_GOOD: Final = frozenset({State.VALID, State.EXPIRING})


@dataclass(frozen=True, slots=True)
class Record:
    """One certificate of the collection, as shown in tree and table.

    Attributes:
        id: SHA-256 of its DER, hexadecimal.
        der: the certificate.
        name: its subject's common name.
        subject: its whole subject.
        issuer: its issuer's common name.
        issuer_id: id of its issuer or of the placeholder for it; empty for a root.
        algorithm: what its key is called, such as `ML-DSA-65`.
        post_quantum: whether its key is.
        starts: from when it is valid.
        ends: until when.
        state: `valid`, `expiring`, `expired`, `not yet valid` or `issuer missing`.
        trusted: whether it is a trusted root.
        root: whether it is self-issued.
        authority: whether it is a CA's.
        serial: hexadecimal pairs with colons.
        source: `AUTHORITY`, `ISSUED` or `IMPORTED`.
        spki_hash: SHA-256 of its public key, hexadecimal.
        arns: its ARN and its CA's, those it has.
    """

    id: str
    der: bytes
    name: str
    subject: str
    issuer: str
    issuer_id: str
    algorithm: str
    post_quantum: bool
    starts: datetime
    ends: datetime
    state: str
    trusted: bool
    root: bool
    authority: bool
    serial: str
    source: str
    spki_hash: str
    arns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """Everything on the shelf at one moment.

    Attributes:
        moment: when.
        records: certificates by id.
        graph: who signed whom, with placeholders for missing issuers.
    """

    moment: datetime
    records: Mapping[str, Record] = field(default_factory=dict)
    graph: Graph = field(default_factory=lambda: Graph((), ()))

    def below(self, record_id: str) -> list[str]:
        """Return the ids of everything issued below a certificate, nearest first."""
        children: dict[str, list[str]] = {}
        for edge in self.graph.edges:
            children.setdefault(edge.upper, []).append(edge.lower)
        found: dict[str, None] = {}
        waiting = list(children.get(record_id, ()))
        for one in waiting:
            if one not in found and one != record_id:
                found[one] = None
                waiting.extend(children.get(one, ()))
        return list(found)

    def find(self, target: str) -> Record | None:
        """Return the certificate with this id, fingerprint, ARN or name."""
        wanted = target.removeprefix("SHA256:").replace(":", "").lower()
        if wanted in self.records:
            return self.records[wanted]
        return next(
            (one for one in self.records.values() if target in one.arns or target == one.name),
            None,
        )


def read_collection(shelf: Any, moment: datetime) -> Collection:
    """Read every certificate on the shelf and find out who signed whom.

    Args:
        shelf: the shelf's client.
        moment: for their states.

    Raises:
        botocore.exceptions.ClientError: the shelf refused.
    """
    entries = {str(entry["Id"]): entry for entry in every_certificate(shelf, MaxResults=_PAGE)}
    graph = build_graph(entries.values(), moment)
    records = {
        node.id: _record(entries[node.id], node)
        for node in graph.nodes
        if not node.placeholder and node.id in entries
    }
    return Collection(moment, records, graph)


def _record(entry: Mapping[str, Any], node: Node) -> Record:
    der = bytes(entry["Certificate"])
    known = facts(der)
    certificate = known.certificate
    alone = node.issuer_id.startswith("missing:") and node.state in _GOOD
    return Record(
        id=node.id,
        der=der,
        name=node.name,
        subject=node.subject,
        issuer=common_name(certificate.issuer),
        issuer_id=node.issuer_id,
        algorithm=node.algorithm,
        post_quantum=node.post_quantum,
        starts=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
        state=MISSING if alone else node.state,
        trusted=node.trusted,
        root=known.self_issued,
        authority=node.ca,
        serial=serial_text(certificate.serial_number),
        source=str(entry["Source"]),
        spki_hash=str(entry["PublicKeySha256"]),
        arns=tuple(
            str(entry[name])
            for name in ("CertificateArn", "CertificateAuthorityArn")
            if entry.get(name)
        ),
    )
