"""A certificate from elsewhere for a CA of the vault: its chain, and what speaks against it.

Looked at before it is imported, so that whoever got it from an outside CA learns what to ask for;
what is imported is decided by the service all the same. Input is hostile. Asks no service.
Source: AWS Private CA API Reference, ImportCertificateAuthorityCertificate; RFC 5280 §6.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from workbench.pki.criticals import wrong_criticals
from workbench.pki.issue import Request, read_request
from workbench.pki.names import common_name, readable
from workbench.pki.parse import Facts, Malformed, facts, pem, read_certificates
from workbench.pki.paths import Ending, Path, PathBuilder, signed_by
from workbench.pki.precheck import Finding, Severity
from workbench.pki.purposes import Purpose
from workbench.pki.rules import bits, broken, when

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of a chain that AWS takes; a file of this has more certificates than any CA above."""

_TOO_LARGE: Final = f"It is larger than {LARGEST >> 20} MiB, and was not read."
_NONE: Final = "There is no certificate in it."
_AWS: Final = "AWS Private CA"
_PATH_LENGTH: Final = "RFC 5280 §6.1.4 (m)"
_MISMATCH: Final = "CertificateMismatchException"
_PATHS: Final = 16
_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came for a CA.

    Attributes:
        own: the CA's certificate, or None where there is none among what came.
        chain: the certificates above it, its issuer's first.
        findings: what there is to say, most serious first; with one that is REFUSED it cannot be
            installed.
    """

    own: Facts | None
    chain: tuple[Facts, ...]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Whether it can be installed."""
        return not any(one.severity is Severity.REFUSED for one in self.findings)

    @property
    def root(self) -> Facts | None:
        """The root that its chain ends at, or None where it ends before one."""
        last = (self.own, *self.chain)[-1]
        return last if last is not None and _is_root(last) else None

    def request(self, arn: str) -> dict[str, Any]:
        """Return what ImportCertificateAuthorityCertificate is asked; only for what is good."""
        assert self.own is not None
        asked: dict[str, Any] = {
            "CertificateAuthorityArn": arn,
            "Certificate": pem(self.own.der).encode(),
        }
        if self.chain:
            asked["CertificateChain"] = "\n".join(pem(one.der) for one in self.chain).encode()
        return asked


def pem_in(data: bytes) -> str:
    """Return every certificate in PEM, DER or PKCS#7 as PEM.

    Raises:
        Malformed: there is none that can be read.
    """
    if len(data) > LARGEST:
        raise Malformed(_TOO_LARGE)
    found = read_certificates(data)
    good = [one.der for one in found if not one.problem]
    if not good:
        raise Malformed(next((one.problem for one in found), _NONE))
    return "".join(f"{pem(der)}\n" for der in good)


def look_at(
    data: bytes, csr: str, known: Iterable[bytes], now: datetime, *, root: bool = False
) -> Arrival:
    """Return what bytes hold for a CA.

    Args:
        data: PEM, DER or PKCS#7: its certificate and those above it, in any order.
        csr: the CA's request, PEM.
        known: further certificates that may be above it, DER, such as a collection's.
        now: when.
        root: whether the CA is a root, which comes without a chain.
    """
    if len(data) > LARGEST:
        return Arrival(None, (), (_refused(_AWS, _TOO_LARGE),))
    items = read_certificates(data)
    given = list({one.der: facts(one.der) for one in items if not one.problem}.values())
    damaged = [_warned("", one.problem) for one in items if one.problem]
    if not given:
        what = damaged[0].sentence if damaged else _NONE
        return Arrival(None, (), (_refused("RFC 5280 §4.1", what),))
    request = read_request(csr.encode())
    mine = [one for one in given if one.spki == request.spki]
    if not mine:
        return Arrival(None, (), (_refused(_MISMATCH, _strangers(given)),))
    own = max(mine, key=lambda one: (one.ca, not one.self_issued, _lasts(one)))
    wrong = tuple(_unfit(own, root=root))
    if wrong:
        return Arrival(own, (), wrong)
    path = _path(own, [one for one in given if one is not own], known, now)
    findings = [*_breaks(path, now), *damaged, *_remarks(own, request, path, given)]
    order = list(Severity)
    findings.sort(key=lambda one: order.index(one.severity))
    return Arrival(own, path.certificates[1:], tuple(findings))


def _unfit(own: Facts, *, root: bool) -> Iterator[Finding]:
    if not own.ca:
        yield _refused(
            "RFC 5280 §4.2.1.9",
            "It has this CA's key but is not a CA's certificate: its basic constraints do not say "
            "CA. Ask for one that is issued as a subordinate CA's.",
        )
    elif "key_cert_sign" not in bits(own):
        yield _refused(
            "RFC 5280 §4.2.1.3",
            "Its key usage does not allow to sign certificates. Ask for one with keyCertSign and "
            "cRLSign.",
        )
    if own.self_issued is not root:
        yield _refused(
            _AWS,
            "Another CA issued it, and this CA is a root: a root signs its own certificate."
            if root
            else "It is signed by itself: ask for one that another CA issues, or make a root.",
        )


def _path(own: Facts, given: Sequence[Facts], known: Iterable[bytes], now: datetime) -> Path:
    """Return the best way from a certificate up to a root, whoever trusts that root."""
    candidates = [*given, *_readable(known)]
    candidates = [one for one in candidates if one.spki != own.spki]
    roots = [one for one in (own, *candidates) if one.self_issued and _is_root(one)]
    paths = list(islice(PathBuilder(candidates, roots).paths(own), _PATHS))
    return min(paths, key=lambda path: len(_breaks(path, now)))


def _breaks(path: Path, now: datetime) -> list[Finding]:
    found = [
        _refused(one.rule, one.sentence)
        for index in range(len(path.certificates))
        for one in broken(path, index, now, Purpose.ANY)
        if one.rule != _PATH_LENGTH
    ]
    return [*found, *_too_deep(path), *_criticals(path)]


def _criticals(path: Path) -> Iterator[Finding]:
    for one in path.certificates:
        wrong = wrong_criticals(one)
        if wrong:
            yield _refused(_AWS, wrong)


def _too_deep(path: Path) -> Iterator[Finding]:
    """Yield who allows no CA here: as the path's last certificate, ours would still be let pass."""
    for index, one in enumerate(path.certificates[1:], 1):
        allowed = one.basic.path_length if one.basic else None
        below = sum(not lower.self_issued for lower in path.certificates[:index])
        if allowed is not None and below > allowed:
            name = common_name(one.certificate.subject)
            yield _refused(
                _PATH_LENGTH,
                f"“{name}” allows {allowed} levels of CAs below it (path length), and this CA "
                f"would be number {below}: nothing it issues would be valid. Have it certified by "
                "a CA that may have CAs below it.",
            )


def _remarks(own: Facts, request: Request, path: Path, given: Sequence[Facts]) -> Iterator[Finding]:
    subject = own.certificate.subject
    if subject != request.subject:
        yield _warned(
            "RFC 2986 §4.1",
            f"It names “{readable(subject)}”, and the request was for "
            f"“{readable(request.subject)}”: the CA issues under the certificate's name.",
        )
    length = own.basic.path_length if own.basic else None
    if length == 0:
        yield _noted("RFC 5280 §4.2.1.9", "It may not certify further CAs (path length 0).")
    elif length is not None:
        yield _noted("RFC 5280 §4.2.1.9", f"At most {length} levels of CAs may be below it.")
    ends = min(path.certificates, key=_lasts)
    if ends is not own:
        name = common_name(ends.certificate.subject)
        yield _warned(
            "RFC 5280 §6.1.3 (a)(2)",
            f"“{name}” above it ends first, on {when(ends.certificate.not_valid_after_utc)}; what "
            "this CA issues is valid no longer.",
        )
    left = sum(one not in path.certificates for one in given)
    if left and path.ending is Ending.ANCHORED:
        yield _noted(_AWS, f"Not part of its chain, and left out: {left} of the certificates.")


def _strangers(given: Sequence[Facts]) -> str:
    names = ", ".join(f"“{common_name(one.certificate.subject)}”" for one in given[:_NAMES])
    more = f" and {len(given) - _NAMES} more" if len(given) > _NAMES else ""
    return (
        f"None of the certificates has the key of this CA's request: there is {names}{more}. Have "
        "the certificate issued for this request, or look for the CA that it is for."
    )


def _lasts(one: Facts) -> datetime:
    return one.certificate.not_valid_after_utc


def _is_root(one: Facts) -> bool:
    return one.self_issued and signed_by(one, one)


def _readable(certificates: Iterable[bytes]) -> Iterator[Facts]:
    for der in certificates:
        try:
            yield facts(der)
        except Malformed:
            continue


def _refused(rule: str, sentence: str) -> Finding:
    return Finding(Severity.REFUSED, rule, sentence)


def _warned(rule: str, sentence: str) -> Finding:
    return Finding(Severity.WARNING, rule, sentence)


def _noted(rule: str, sentence: str) -> Finding:
    return Finding(Severity.NOTICE, rule, sentence)
