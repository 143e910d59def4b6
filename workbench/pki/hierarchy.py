"""Who signed whom: the graph that the certificates pane draws.

Nodes are certificates and placeholders for missing issuers; edges are signatures that were really
verified. A certificate whose key was certified twice (a cross-sign) has several edges. Knows no
window and no places.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from workbench.pki.algorithms import key_summary
from workbench.pki.names import common_name, readable
from workbench.pki.parse import Facts, Malformed, facts
from workbench.pki.paths import matches, signed_by
from workbench.pki.states import state_at

MISSING = "issuer missing"
"""State of a placeholder."""

_MOST_ISSUERS: Final = 16
"""Certificates of one name that are always tried as issuers of one certificate."""

_MOST_TRIES: Final = 10_000
"""Signatures that are verified beyond that, for all certificates together: about a second."""


@dataclass(frozen=True, slots=True)
class Node:
    """A card.

    Attributes:
        id: SHA-256 fingerprint, or `missing:` and what is known of a missing issuer.
        name: the subject's common name.
        subject: the whole subject.
        algorithm: what its key is called; empty for a placeholder.
        post_quantum: whether its key is.
        starts: from when it is valid; None for a placeholder.
        ends: until when; None for a placeholder.
        state: one of `states.State`, or `MISSING`.
        own: whether a CA of this vault issued it or it belongs to one.
        trusted: whether it is a trusted root.
        ca: whether it is a CA's certificate.
        issuer_id: the node drawn above it, or empty for a root.
    """

    id: str
    name: str
    subject: str
    algorithm: str
    post_quantum: bool
    starts: datetime | None
    ends: datetime | None
    state: str
    own: bool
    trusted: bool
    ca: bool
    issuer_id: str

    @property
    def placeholder(self) -> bool:
        """Whether it stands for an issuer whose certificate is missing."""
        return self.state == MISSING


@dataclass(frozen=True, slots=True)
class Edge:
    """Who signed whom.

    Attributes:
        upper: id of the issuer.
        lower: id of what it signed.
        verified: whether the signature was verified; False only below a placeholder.
        main: whether it is the edge that the lower node mainly hangs on.
    """

    upper: str
    lower: str
    verified: bool
    main: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, issuers before what they signed along main edges, and edges."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def build_graph(entries: Iterable[Mapping[str, Any]], moment: datetime) -> Graph:
    """Return the graph of a collection.

    Args:
        entries: what the shelf's ListCertificates gives; an entry needs `Certificate` (DER) and
            may have `Trusted` and `Source`. What cannot be read is left out.
        moment: for the states.
    """
    notes: dict[str, Mapping[str, Any]] = {}
    known: dict[str, Facts] = {}
    for entry in entries:
        try:
            one = facts(bytes(entry["Certificate"]))
        except Malformed:
            continue
        known[one.fingerprint] = one
        notes[one.fingerprint] = entry
    by_subject: dict[bytes, list[Facts]] = defaultdict(list)
    for one in known.values():
        by_subject[one.subject].append(one)
    tries = iter(range(_MOST_TRIES))
    uppers = {
        one.fingerprint: _uppers(one, by_subject[one.issuer], tries) for one in known.values()
    }
    main = _main_edges(uppers, known)
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    for one in known.values():
        mine = main[one.fingerprint]
        if not uppers[one.fingerprint] and not one.self_issued:
            mine = _missing_id(one)
            nodes.setdefault(mine, _placeholder(mine, one))
            edges.append(Edge(mine, one.fingerprint, verified=False, main=True))
        nodes[one.fingerprint] = _node(one, notes[one.fingerprint], moment, mine)
        edges.extend(
            Edge(upper, one.fingerprint, verified=True, main=upper == mine)
            for upper in uppers[one.fingerprint]
        )
    return Graph(tuple(nodes.values()), tuple(edges))


def _uppers(one: Facts, named: Sequence[Facts], tries: Iterator[int]) -> list[str]:
    """Return the certificates whose key signed one, the likeliest first; not itself.

    Args:
        one: a certificate.
        named: those whose subject is its issuer.
        tries: how many more than the likeliest may be tried, shared with other certificates.
    """
    likely = [other for other in named if other != one and matches(one, other)]
    likely.sort(
        key=lambda other: (
            one.aki is not None and other.ski == one.aki,
            other.self_issued,
            other.ca,
            other.certificate.not_valid_after_utc,
        ),
        reverse=True,
    )
    found = [other.fingerprint for other in likely[:_MOST_ISSUERS] if signed_by(one, other)]
    for other, _ in zip(likely[_MOST_ISSUERS:], tries, strict=False):
        if found:
            break
        if signed_by(one, other):
            found.append(other.fingerprint)
    return found


def _main_edges(uppers: Mapping[str, Sequence[str]], known: Mapping[str, Facts]) -> dict[str, str]:
    """Choose for every certificate the issuer to hang it on, so that no circle arises.

    A self-issued certificate is a root even if an older one of the same key signed it too.
    """
    main = {
        name: "" if known[name].self_issued or not choices else choices[0]
        for name, choices in uppers.items()
    }
    finished: set[str] = set()
    for start in main:
        walked: dict[str, None] = {}
        name = start
        while name and name not in finished and name not in walked:
            walked[name] = None
            name = main[name]
        if name in walked:
            # CAs that cross-signed each other: the circle is cut where it was entered.
            main[name] = ""
        finished.update(walked)
    return main


def _missing_id(one: Facts) -> str:
    return f"missing:{one.aki.hex() if one.aki else one.issuer.hex()}"


def _placeholder(name: str, below: Facts) -> Node:
    issuer = below.certificate.issuer
    return Node(
        id=name,
        name=common_name(issuer),
        subject=readable(issuer),
        algorithm="",
        post_quantum=False,
        starts=None,
        ends=None,
        state=MISSING,
        own=False,
        trusted=False,
        ca=True,
        issuer_id="",
    )


def _node(one: Facts, entry: Mapping[str, Any], moment: datetime, issuer_id: str) -> Node:
    certificate = one.certificate
    key = key_summary(certificate)
    return Node(
        id=one.fingerprint,
        name=common_name(certificate.subject),
        subject=readable(certificate.subject),
        algorithm=key.name,
        post_quantum=key.post_quantum,
        starts=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
        state=str(state_at(one, moment)),
        own=entry.get("Source", "IMPORTED") != "IMPORTED",
        trusted=bool(entry.get("Trusted", False)),
        ca=one.ca,
        issuer_id=issuer_id,
    )
