"""What a quantum computer would break here, how urgent that is, and what hangs on it.

Owns the judgement and its words, over keys of KMS and certificates of the collection; every client
is boto3-shaped. Changes nothing. Sources: NIST IR 8547 (initial public draft, November 2024) §4 for
the years; FIPS 203, 204 and 205 for what replaces what.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Final

from workbench.base.sheets import plain_cell
from workbench.base.spec_names import spec_name
from workbench.crypto.table import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    KEY_AGREEMENT,
    KEY_SPECS,
)
from workbench.pki.clients import KmsClient, ShelfClient
from workbench.pki.hierarchy import Graph, Node, build_graph
from workbench.pki.parse import facts
from workbench.pki.shelf import every_certificate, public_key_hash

DEPRECATED: Final = datetime(2031, 1, 1, tzinfo=UTC)
"""From when RSA and curves of 112 bits of strength are deprecated."""
DISALLOWED: Final = datetime(2036, 1, 1, tzinfo=UTC)
"""From when RSA and curves are disallowed altogether."""

_GONE: Final = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


class Kind(StrEnum):
    """What a row is about."""

    KEY = "key"
    ROOT = "root CA"
    AUTHORITY = "subordinate CA"
    LEAF = "certificate"


class Urgency(IntEnum):
    """How urgent it is to replace something."""

    NOW = 4
    HIGH = 3
    MEDIUM = 2
    LOW = 1
    NONE = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One key or certificate.

    Attributes:
        id: KMS key id, or the certificate's fingerprint.
        kind: what it is.
        name: what people call it.
        algorithm: of its key, such as `RSA 2048`.
        signed_with: algorithm of the issuer's key, for certificates with an issuer.
        vulnerable: whether a quantum computer breaks its key or, for a certificate, its chain.
        urgency: how urgent replacing it is.
        why: the judgement in a sentence.
        step: what to do, in a sentence; empty if nothing.
        until: until when it is trusted or used; None for keys without certificates.
        trusted: whether a certificate leads to a trusted root.
        dependants: ids of the certificates that hang on it.
        state: of a key, as KMS says it; of a certificate, as `states` says it.
        spki_hash: SHA-256 of its public key, or empty.
        created: when a key was created, else None.
        spec: AWS key spec of a key.
    """

    id: str
    kind: Kind
    name: str
    algorithm: str
    vulnerable: bool
    urgency: Urgency
    why: str
    step: str
    until: datetime | None = None
    trusted: bool = False
    signed_with: str = ""
    dependants: tuple[str, ...] = ()
    state: str = ""
    spki_hash: str = ""
    created: datetime | None = None
    spec: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that was judged at one moment.

    Attributes:
        moment: when.
        rows: the most urgent first.
        issuers: ids of a certificate's issuers.
        certificates: in DER by id.
    """

    moment: datetime
    rows: tuple[Row, ...] = ()
    issuers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    certificates: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def counts(self) -> Mapping[Urgency, int]:
        """How many rows there are of each urgency."""
        return Counter(row.urgency for row in self.rows)


def read_survey(
    kms: KmsClient,
    shelf: ShelfClient,
    moment: datetime,
    tell: Callable[[str, float], None] = lambda _what, _share: None,
) -> Survey:
    """Read keys and certificates and judge them; for a worker.

    Args:
        kms: its keys; those that are pending deletion are left out.
        shelf: its certificates.
        moment: now.
        tell: hears of progress.

    Raises:
        botocore.exceptions.ClientError: a service refused.
    """
    entries = {str(one["Id"]): one for one in every_certificate(shelf, MaxResults=1000)}
    graph = build_graph(entries.values(), moment)
    ders = {name: bytes(entry["Certificate"]) for name, entry in entries.items()}
    certified = _Certified(graph, ders)
    rows = [certified.row(node) for node in graph.nodes if not node.placeholder]
    by_key: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_key[row.spki_hash].append(row)
    names = [
        str(key["KeyId"])
        for page in kms.get_paginator("list_keys").paginate()
        for key in page.get("Keys", ())
    ]
    aliases = _aliases(kms)
    for place, name in enumerate(names):
        tell(name, place / len(names))
        found = _key_row(kms, name, aliases.get(name, ""), by_key)
        if found is not None:
            rows.append(found)
    rows.sort(key=lambda row: (-row.urgency, row.kind, row.until or DISALLOWED, row.name))
    return Survey(moment, tuple(rows), certified.issuers, ders)


def as_csv(rows: Iterable[Row]) -> str:
    """Return rows as CSV (RFC 4180) with a heading; formulas of spreadsheets are defused."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["kind", "name", "id", "algorithm", "signed with", "quantum-vulnerable", "urgency",
         "trusted until", "leads to a trusted root", "dependent certificates", "state", "why",
         "next step"]
    )  # fmt: skip
    for row in rows:
        values = [
            row.kind, row.name, row.id, row.algorithm, row.signed_with,
            "yes" if row.vulnerable else "no", row.urgency.name.lower(),
            row.until.isoformat() if row.until else "", "yes" if row.trusted else "no",
            str(len(row.dependants)), row.state, row.why, row.step,
        ]  # fmt: skip
        writer.writerow([plain_cell(str(value)) for value in values])
    return out.getvalue()


class _Certified:
    """Judges the certificates of a graph."""

    def __init__(self, graph: Graph, ders: Mapping[str, bytes]) -> None:
        self._nodes = {node.id: node for node in graph.nodes if not node.placeholder}
        self._ders = ders
        uppers: dict[str, list[str]] = defaultdict(list)
        lowers: dict[str, list[str]] = defaultdict(list)
        for edge in graph.edges:
            if edge.upper in self._nodes:
                uppers[edge.lower].append(edge.upper)
                lowers[edge.upper].append(edge.lower)
        self.issuers = {name: tuple(found) for name, found in uppers.items()}
        self._lowers = lowers

    def row(self, node: Node) -> Row:
        """Return the row of a certificate."""
        chain = self._chain(node)
        weak = [one for one in chain if not one.post_quantum]
        trusted = any(one.trusted for one in chain)
        until = min(one.ends for one in chain if one.ends) if trusted else node.ends
        assert until is not None
        urgency, why, step = _judged(node, weak, until)
        kind = Kind.LEAF
        if node.ca:
            kind = Kind.AUTHORITY if node.issuer_id else Kind.ROOT
        one = facts(self._ders[node.id])
        return Row(
            node.id,
            kind,
            node.name,
            node.algorithm,
            bool(weak),
            urgency,
            why,
            step,
            until,
            trusted,
            chain[1].algorithm if len(chain) > 1 else "",
            tuple(self._below(node.id)),
            node.state,
            public_key_hash(one.spki),
        )

    def _chain(self, node: Node) -> list[Node]:
        """Return a certificate and its issuers along the drawn edges, as far as they are here."""
        chain = [node]
        while chain[-1].issuer_id in self._nodes and len(chain) <= len(self._nodes):
            chain.append(self._nodes[chain[-1].issuer_id])
        return chain

    def _below(self, name: str) -> list[str]:
        found: dict[str, None] = {}
        waiting = list(self._lowers.get(name, ()))
        for one in waiting:
            if one not in found and one != name:
                found[one] = None
                waiting.extend(self._lowers.get(one, ()))
        return list(found)


def _judged(node: Node, weak: Sequence[Node], until: datetime) -> tuple[Urgency, str, str]:
    if not weak:
        return Urgency.NONE, "Its key and every signature above it withstand quantum computers.", ""
    if node.state == "expired":
        why = "It has expired; what it signed with a time stamp may still be relied on."
        return Urgency.LOW, why, ""
    if node in weak:
        why = (
            f"Its {node.algorithm} key can be computed from the certificate by a quantum computer."
        )
        step = "Replace it by one with an ML-DSA key."
    else:
        why = (
            f"Its own key withstands, but “{weak[0].name}” above it signs with {weak[0].algorithm}:"
            " who forges that can forge this."
        )
        step = f"Replace “{weak[0].name}” first, or have it signed by a post-quantum CA as well."
    return _by_date(until), f"{why} {_when(until)}", step


def _by_date(until: datetime) -> Urgency:
    if until >= DISALLOWED:
        return Urgency.HIGH
    return Urgency.MEDIUM if until >= DEPRECATED else Urgency.LOW


def _when(until: datetime) -> str:
    if until >= DISALLOWED:
        return f"It is valid until {until.year}; NIST disallows such keys after 2035."
    if until >= DEPRECATED:
        return f"It is valid until {until.year}; NIST deprecates such keys after 2030."
    return "It ends before NIST deprecates such keys."


def _aliases(kms: KmsClient) -> dict[str, str]:
    names: dict[str, str] = {}
    for page in kms.get_paginator("list_aliases").paginate():
        for alias in page.get("Aliases", ()):
            if alias.get("TargetKeyId"):
                names.setdefault(str(alias["TargetKeyId"]), str(alias["AliasName"]))
    return names


def _key_row(
    kms: KmsClient, name: str, alias: str, by_key: Mapping[str, Sequence[Row]]
) -> Row | None:
    data = kms.describe_key(KeyId=name)["KeyMetadata"]
    state = str(data.get("KeyState", ""))
    if state in _GONE:
        return None
    spec, usage = str(data.get("KeySpec", "")), str(data.get("KeyUsage", ""))
    known = KEY_SPECS.get(spec)
    safe = known is None or known.quantum_safe
    digest = _public_hash(kms, name) if known is not None and known.asymmetric else ""
    held = by_key.get(digest, ()) if digest else ()
    dependants = dict.fromkeys(one for row in held for one in (row.id, *row.dependants))
    until = max((row.until for row in held if row.until), default=None)
    urgency, why, step = _judged_key(spec, usage, until, safe=safe)
    return Row(
        name,
        Kind.KEY,
        alias.removeprefix("alias/") or _described(str(data.get("Description", "")), held) or name,
        spec_name(spec),
        not safe,
        urgency,
        why,
        step,
        until,
        any(row.trusted for row in held),
        dependants=tuple(dependants),
        state=state,
        spki_hash=digest,
        created=data.get("CreationDate"),
        spec=spec,
    )


def _described(description: str, held: Sequence[Row]) -> str:
    """Return a key's description; for a CA's key, which has none of its own, the CA's name."""
    authorities = [row for row in held if row.kind in {Kind.ROOT, Kind.AUTHORITY}]
    if authorities and (not description or "certificate-authority/" in description):
        return f"Key of {authorities[0].name}"
    return description


def _public_hash(kms: KmsClient, name: str) -> str:
    try:
        return public_key_hash(bytes(kms.get_public_key(KeyId=name)["PublicKey"]))
    except Exception as error:
        # Disabled, pending import and the like: AWS then tells no public key.
        if not hasattr(error, "response"):
            raise
        return ""


def _judged_key(
    spec: str, usage: str, until: datetime | None, *, safe: bool
) -> tuple[Urgency, str, str]:
    called = spec_name(spec)
    if safe and usage == ENCAPSULATE_DECAPSULATE:
        return Urgency.NONE, "What is agreed with it stays secret from quantum computers.", ""
    if safe:
        return Urgency.NONE, f"{called} withstands quantum computers.", ""
    if usage in {ENCRYPT_DECRYPT, KEY_AGREEMENT}:
        why = (
            f"What is protected with {called} today can be recorded now and read by a quantum "
            "computer later."
        )
        return Urgency.NOW, why, "Protect it with a symmetric key or ML-KEM instead."
    if until is not None:
        why = f"A quantum computer can compute the {called} key from its certificates."
        step = "Make an ML-DSA key and certificates for it."
        return _by_date(until), f"{why} {_when(until)}", step
    why = f"A quantum computer can compute the {called} key from its public key."
    return Urgency.MEDIUM, why, "Make an ML-DSA key for new signatures."
