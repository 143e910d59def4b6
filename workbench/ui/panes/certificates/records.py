"""Certificates as this pane shows them, read off the shelf on a worker.

Knows the shelf's client and `pki`'s words; knows no Qt. States are of one moment, the clock's when
the shelf was read.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from workbench.pki.authority import serial_text
from workbench.pki.document_shelf import evidence
from workbench.pki.hierarchy import Graph, Node, build_graph
from workbench.pki.names import common_name
from workbench.pki.parse import Facts, facts
from workbench.pki.purposes import PURPOSE_OIDS
from workbench.pki.roster import Held, authority_of, readable_roster, waiting
from workbench.pki.shelf import every_certificate
from workbench.pki.status import Evidence, status_of
from workbench.pki.status import Standing as Revocation
from workbench.ui.panes.certificates.standing import Standing, standings

_PAGE: Final = 1000
_PURPOSES: Final = {oid.dotted_string: str(one) for one, oid in PURPOSE_OIDS.items()}


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
        state: one of `pki`'s states, `issuer missing` or `issuer not valid`.
        trusted: whether it is a trusted root.
        root: whether it is self-issued.
        authority: whether it is a CA's.
        serial: hexadecimal pairs with colons.
        source: `AUTHORITY`, `ISSUED` or `IMPORTED`.
        spki_hash: SHA-256 of its public key, hexadecimal.
        arns: its ARN and its CA's, those it has.
        revoked: since when it is revoked, or None.
        reason: why it was, as its CA or list says; may be empty.
        purposes: `pki`'s names of what its key may be used for, those it names.
        outlived: whether the CA of this vault that it is of or from is gone for good.
        wrapping: ARN of the KMS key that its private key is kept encrypted under, if that can be
            exported; else empty.
        context: the encryption context of that, as policies name it.
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
    revoked: datetime | None = None
    reason: str = ""
    purposes: tuple[str, ...] = ()
    outlived: bool = False
    wrapping: str = ""
    context: str = ""

    @property
    def kept(self) -> bool:
        """Whether a CA of this vault needs it, so that it cannot be deleted."""
        return self.own and not self.outlived

    @property
    def own(self) -> bool:
        """Whether a CA of this vault issued it, or it belongs to one."""
        return self.source != "IMPORTED"


@dataclass(frozen=True, slots=True)
class Collection:
    """Everything on the shelf at one moment.

    Attributes:
        moment: when.
        records: certificates by id.
        graph: who signed whom, with placeholders for missing issuers.
        authorities: the vault's CAs by ARN, with the states they have now.
    """

    moment: datetime
    records: Mapping[str, Record] = field(default_factory=dict)
    graph: Graph = field(default_factory=lambda: Graph((), ()))
    authorities: Mapping[str, Held] = field(default_factory=dict)

    @property
    def lines(self) -> list[Record | Held]:
        """What a table lists: the certificates, and the CAs that wait for theirs."""
        return [*self.records.values(), *self.waiting.values()]

    @property
    def waiting(self) -> dict[str, Held]:
        """The CAs that wait for their certificate, by ARN."""
        return waiting(self.authorities)

    def authority(self, name: str) -> Held | None:
        """Return the CA of this vault that an id is of: its own ARN, or its certificate's id."""
        record = self.records.get(name)
        if record is not None and record.source == "AUTHORITY":
            name = authority_of(record.arns)
        return self.authorities.get(name)

    def standings(self, moment: datetime) -> dict[str, Standing]:
        """Return what each certificate is at a moment."""
        return standings(self.records, self.graph.edges, moment)

    def at(self, moment: datetime) -> "Collection":
        """Return the same certificates with the states they have at a moment."""
        found = self.standings(moment)
        records = {
            name: one if one.state == found[name].state else replace(one, state=found[name].state)
            for name, one in self.records.items()
        }
        return Collection(moment, records, self.graph, self.authorities)

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

    @property
    def ids(self) -> AbstractSet[str]:
        """The ids of everything that can be chosen but placeholders for missing issuers."""
        return self.records.keys() | self.waiting.keys()

    def find_id(self, target: str) -> str:
        """Return the id under which what a target names is chosen; empty without one."""
        found = self.find(target)
        if found is not None:
            return found.id
        return target if target in self.waiting else ""

    def find(self, target: str) -> Record | None:
        """Return the certificate with this id, fingerprint, ARN or name."""
        wanted = target.removeprefix("SHA256:").replace(":", "").lower()
        if wanted in self.records:
            return self.records[wanted]
        return next(
            (one for one in self.records.values() if target in one.arns or target == one.name),
            None,
        )


def read_collection(shelf: Any, moment: datetime, acm_pca: Any = None) -> Collection:
    """Read every certificate on the shelf and find out who signed whom, and who revoked what.

    Args:
        shelf: the shelf's client.
        moment: for their states.
        acm_pca: the client that knows the CAs; without it they are left out.

    Raises:
        botocore.exceptions.ClientError: the shelf refused.
    """
    entries = {str(entry["Id"]): entry for entry in every_certificate(shelf, MaxResults=_PAGE)}
    graph = build_graph(entries.values(), moment)
    said = _listed(evidence(shelf), entries, graph, moment)
    records = {
        node.id: _record(entries[node.id], node, said.get(node.id))
        for node in graph.nodes
        if not node.placeholder and node.id in entries
    }
    authorities = {} if acm_pca is None else readable_roster(acm_pca)
    return Collection(moment, records, graph, authorities).at(moment)


def _listed(
    known: Evidence, entries: Mapping[str, Mapping[str, Any]], graph: Graph, moment: datetime
) -> dict[str, tuple[datetime | None, str]]:
    """Return since when and why certificates are revoked by lists and answers at hand."""
    found: dict[str, tuple[datetime | None, str]] = {}
    if not known.lists and not known.answers:
        return found
    for edge in graph.edges:
        if not edge.verified or edge.lower in found:
            continue
        one, issuer = _facts(entries[edge.lower]), _facts(entries[edge.upper])
        status = status_of(one, issuer, known, moment)
        if status.standing is Revocation.REVOKED:
            found[edge.lower] = (status.since, status.reason)
    return found


def _facts(entry: Mapping[str, Any]) -> Facts:
    return facts(bytes(entry["Certificate"]))


def _record(
    entry: Mapping[str, Any], node: Node, said: tuple[datetime | None, str] | None
) -> Record:
    der = bytes(entry["Certificate"])
    known = facts(der)
    certificate = known.certificate
    revoked, reason = said or (None, "")
    if entry.get("RevokedAt"):
        revoked, reason = entry["RevokedAt"], str(entry.get("RevocationReason", ""))
    named = [oid.dotted_string for oid in known.purposes or ()]
    pair = entry.get("ExportableKey") or {}
    context = pair.get("EncryptionContext") or {}
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
        state=node.state,
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
        revoked=revoked,
        reason=reason.lower().replace("_", " "),
        purposes=tuple(_PURPOSES[oid] for oid in named if oid in _PURPOSES),
        outlived=bool(entry.get("AuthorityGone")),
        wrapping=str(pair.get("KeyId", "")),
        context=", ".join(f"{name}={value}" for name, value in context.items()),
    )
