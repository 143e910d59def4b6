"""Is a chain trusted, and if not, why: a verdict for every link.

Two judges must agree. `rules` explains every link in a sentence; a kept library (`second_opinion`)
makes its own decision on the same path. When they disagree the chain is not trusted and the
verdict says so. Works without a vault; asks no network: revocation is judged by the lists and
OCSP answers it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from workbench.pki.names import common_name, readable
from workbench.pki.parse import Facts, Malformed, facts
from workbench.pki.paths import Ending, Path, PathBuilder
from workbench.pki.purposes import Purpose, in_words
from workbench.pki.rules import Break, broken, when
from workbench.pki.second_opinion import POLICY_EXTENSIONS, judge
from workbench.pki.status import Evidence, Standing, Status, status_of, unchecked_responder

__all__ = ["ChainVerdict", "Evidence", "LinkVerdict", "Purpose", "validate_chain"]

_PATHS_EXPLAINED = 16


@dataclass(frozen=True, slots=True)
class LinkVerdict:
    """The verdict on one certificate of a chain.

    Attributes:
        subject: its subject for people.
        issuer: its issuer for people.
        der: the certificate.
        ok: whether it keeps every rule.
        sentence: what was found, and what to do if it is not ok.
        rule: the standard and section of the rule it breaks, or empty.
        status: its revocation, or None where none was to be checked (a root, a broken signature).
    """

    subject: str
    issuer: str
    der: bytes
    ok: bool
    sentence: str
    rule: str
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """The verdict on a chain.

    Attributes:
        trusted: whether every link is in order, the root is trusted, and the library agrees.
        links: leaf first.
        sentence: the verdict in one sentence, of the first failing link if there is one.
    """

    trusted: bool
    links: tuple[LinkVerdict, ...]
    sentence: str


def validate_chain(
    leaf_der: bytes,
    candidates: Sequence[bytes],
    roots: Sequence[bytes],
    moment: datetime,
    purpose: Purpose = Purpose.ANY,
    evidence: Evidence | None = None,
) -> ChainVerdict:
    """Build the best chain for a certificate and judge it (RFC 5280 §6).

    Args:
        leaf_der: the certificate, DER.
        candidates: certificates that may be between it and a root, DER, in any order; what cannot
            be read is passed over.
        roots: trusted roots, DER.
        moment: when the chain is to be valid, timezone-aware.
        purpose: what the certificate is to be good for.
        evidence: lists and OCSP answers; None leaves revocation unchecked.
    """
    try:
        leaf = facts(leaf_der)
    except Malformed as error:
        sentence = f"{error} Get the certificate again from its source."
        link = LinkVerdict("(unreadable)", "(unreadable)", leaf_der, False, sentence, "RFC 5280 §4")
        return ChainVerdict(trusted=False, links=(link,), sentence=sentence)
    builder = PathBuilder(_readable(candidates), _readable(roots))
    best: tuple[tuple[int, int, int], Path, tuple[LinkVerdict, ...]] | None = None
    for path in islice(builder.paths(leaf), _PATHS_EXPLAINED):
        links = _links(path, moment, purpose, evidence)
        failures = sum(not link.ok for link in links)
        score = (_ENDINGS[path.ending], failures, -len(links))
        if best is None or score < best[0]:
            best = (score, path, links)
        if path.ending is Ending.ANCHORED and not failures:
            break
    if best is None:
        raise AssertionError("path building yields at least one path")
    return _verdict(best[1], best[2], moment, purpose)


_ENDINGS = {Ending.ANCHORED: 0, Ending.UNTRUSTED: 1, Ending.MISSING: 2, Ending.LIMIT: 3}


def _readable(certificates: Sequence[bytes]) -> list[Facts]:
    found: list[Facts] = []
    for der in certificates:
        try:
            found.append(facts(der))
        except Malformed:
            continue
    return found


def _links(
    path: Path, moment: datetime, purpose: Purpose, evidence: Evidence | None
) -> tuple[LinkVerdict, ...]:
    return tuple(
        _link(path, index, moment, purpose, evidence) for index in range(len(path.certificates))
    )


def _link(
    path: Path, index: int, moment: datetime, purpose: Purpose, evidence: Evidence | None
) -> LinkVerdict:
    certificate = path.certificates[index].certificate
    first = next(broken(path, index, moment, purpose), None)
    status = None if evidence is None else _status(path, index, moment, purpose, evidence)
    if first is None and status is not None and evidence is not None:
        first = _revoked(path, index, status, required=evidence.required)
    return LinkVerdict(
        subject=readable(certificate.subject),
        issuer=readable(certificate.issuer),
        der=path.certificates[index].der,
        ok=first is None,
        sentence=_in_order(path, index, status) if first is None else first.sentence,
        rule="" if first is None else first.rule,
        status=status,
    )


def _status(
    path: Path, index: int, moment: datetime, purpose: Purpose, evidence: Evidence
) -> Status | None:
    if index + 1 >= len(path.certificates) or not path.signed[index]:
        return None
    one, issuer = path.certificates[index : index + 2]
    if index == 0 and purpose is Purpose.OCSP_SIGNING and unchecked_responder(one):
        return None
    return status_of(one, issuer, evidence, evidence.moment or moment)


def _revoked(path: Path, index: int, status: Status, *, required: bool) -> Break | None:
    certificate = path.certificates[index].certificate
    name, issuer = common_name(certificate.subject), common_name(certificate.issuer)
    if status.standing is Standing.REVOKED and status.since is not None:
        reason = f" ({status.reason})" if status.reason else ""
        return Break(
            "RFC 5280 §6.3.3",
            f"“{name}” was revoked by “{issuer}” on {when(status.since)}{reason}, as the "
            f"{status.source} says: do not rely on it, and ask for a new certificate.",
        )
    if status.standing is Standing.UNKNOWN and required:
        return Break(
            "RFC 5280 §6.3.3",
            f"Whether “{name}” is revoked is not known ({status.why}): get the present revocation "
            f"list or OCSP answer of “{issuer}”.",
        )
    return None


def _in_order(path: Path, index: int, status: Status | None) -> str:
    certificate = path.certificates[index].certificate
    until = f"valid until {when(certificate.not_valid_after_utc)}"
    name = common_name(certificate.subject)
    if index == len(path.certificates) - 1:
        return f"“{name}” is a trusted root, {until}."
    words = {
        Standing.GOOD: f", not revoked according to the {status.source if status else ''}",
        Standing.UNKNOWN: ", whether revoked is not known",
    }
    revocation = words.get(status.standing, "") if status else ""
    return f"“{name}” was signed by “{common_name(certificate.issuer)}”, {until}{revocation}."


def _against_policies(leaf: LinkVerdict, name: str, reason: str) -> LinkVerdict:
    sentence = (
        f"The CAs of “{name}” ask for certificate policies, and the chain does not keep to them "
        f"({reason}): ask for a certificate under a policy that every CA of the chain names."
    )
    return replace(leaf, ok=False, rule="RFC 5280 §6.1.5 (g)", sentence=sentence)


def _verdict(
    path: Path, links: tuple[LinkVerdict, ...], moment: datetime, purpose: Purpose
) -> ChainVerdict:
    failing = next((link for link in links if not link.ok), None)
    if failing is not None:
        return ChainVerdict(trusted=False, links=links, sentence=failing.sentence)
    opinion = judge(path.certificates, moment, purpose)
    name = common_name(path.certificates[0].certificate.subject)
    if not opinion.accepted and any(
        one.oid in POLICY_EXTENSIONS for facts in path.certificates for one in facts.extensions
    ):
        links = (_against_policies(links[0], name, opinion.reason), *links[1:])
        return ChainVerdict(trusted=False, links=links, sentence=links[0].sentence)
    if not opinion.accepted:
        sentence = (
            f"No broken rule was found in the chain of “{name}”, but {opinion.library} refuses it "
            f"({opinion.reason}); because the two disagree it is not trusted: look at the "
            "certificates' constraints, or have the chain issued anew."
        )
        return ChainVerdict(trusted=False, links=links, sentence=sentence)
    root = common_name(path.certificates[-1].certificate.subject)
    sentence = f"“{name}” is trusted for {in_words(purpose)} by the root “{root}”."
    return ChainVerdict(trusted=True, links=links, sentence=sentence)
