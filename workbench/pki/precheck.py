"""Before issuing: what a strict verifier would say about the certificate to be.

A draft is made as the CA would make it, signed by a key that is thrown away, and looked at by the
rules of validation, by rules for issuers, and by pkilint where it is installed. What the service
itself refuses cannot be overridden; everything else is for the person to decide.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.pki.finder import Finder
from workbench.pki.issuing import Issuing
from workbench.pki.licences import wrong_with_licences, wrong_with_root
from workbench.pki.lint import lint_certificate
from workbench.pki.names import common_name, readable
from workbench.pki.orders import Order, understand
from workbench.pki.parse import UNREADABLE, Facts, facts
from workbench.pki.paths import Ending, Path
from workbench.pki.purposes import Purpose
from workbench.pki.rules import bits, broken
from workbench.pki.status import unchecked_responder
from workbench.pki.templates import ENCIPHERING_BITS, IACA

_LONG: Final = timedelta(days=7)
_FEW: Final = 8
_FEW_BITS: Final = 3072
_NO_AKI: Final = "pkix.authority_key_identifier_extension_absent"
_SHOWN: Final = frozenset({"FATAL", "ERROR", "WARNING"})


class Severity(StrEnum):
    """How much a finding matters."""

    REFUSED = "REFUSED"
    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTICE = "NOTICE"


_ORDER: Final = list(Severity)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know before issuing.

    Attributes:
        severity: REFUSED by the service; an ERROR to strict verifiers; a WARNING; a NOTICE.
        rule: the standard and section, or who says so.
        sentence: what is wrong, and what would be right.
        overridable: whether the certificate can be issued nevertheless.
    """

    severity: Severity
    rule: str
    sentence: str

    @property
    def overridable(self) -> bool:
        """Whether the certificate can be issued nevertheless."""
        return self.severity is not Severity.REFUSED


class Precheck:
    """Looks at IssueCertificate requests before they are made.

    Args:
        finder: the stores.
        issuing: makes the draft.
    """

    def __init__(self, finder: Finder, issuing: Issuing) -> None:
        self._finder = finder
        self._issuing = issuing

    def check(self, request: dict[str, Any], call: Call) -> list[Finding]:
        """Return what there is to say about an IssueCertificate request, most serious first.

        Args:
            request: IssueCertificate's members.
            call: who asks, and when.

        Raises:
            AwsError: the CA does not exist.
        """
        return self.look(request, call)[0]

    def look(
        self, request: dict[str, Any], call: Call, *, lint: bool = True
    ) -> tuple[list[Finding], bytes]:
        """Return what there is to say about a request, and the draft looked at; empty if refused.

        Args:
            request: IssueCertificate's members.
            call: who asks, and when.
            lint: whether pkilint looks as well, which takes a quarter of a second.

        Raises:
            AwsError: the CA does not exist.
        """
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        try:
            order = understand(self._finder, authority, request, call.time)
            return self.look_at(order, call.time, lint=lint)
        except AwsError as error:
            return [Finding(Severity.REFUSED, error.code, error.message)], b""

    def look_at(
        self, order: Order, now: datetime, *, lint: bool = True, quick: bool = False
    ) -> tuple[list[Finding], bytes]:
        """Return what there is to say about an order, and the draft looked at.

        Args:
            order: what is ordered.
            now: when.
            lint: whether pkilint looks as well, which takes a quarter of a second.
            quick: whether the draft is not to be shown, so that any signature will do.

        Raises:
            AwsError: the extensions make no certificate.
        """
        one, authority = self._issuing.draft(order, quick=quick), order.authority
        above: tuple[Facts, ...] = ()
        if not order.template.self_signed:
            above = tuple(facts(der) for der in (authority.certificate, *authority.chain))
        moment = max(now, one.certificate.not_valid_before_utc)
        found = self._findings((one, *above), moment, lint=lint, draft=True)
        if order.template.name == IACA:
            told = {(item.rule, item.sentence) for item in found}
            wrong = [item for item in wrong_with_root(one) if item not in told]
            found = [*(Finding(Severity.ERROR, *item) for item in wrong), *found]
        return found, one.der

    def look_back(self, chain: tuple[Facts, ...], now: datetime, *, lint: bool) -> list[Finding]:
        """Return what there is to say about a certificate that exists, most serious first.

        Args:
            chain: the certificate and those above it, as far as they are known.
            now: when it is looked at.
            lint: whether pkilint looks as well.
        """
        return self._findings(chain, now, lint=lint, draft=False)

    def _findings(
        self, chain: tuple[Facts, ...], moment: datetime, *, lint: bool, draft: bool
    ) -> list[Finding]:
        found = by_standards(chain, moment, lint=lint, draft=draft)
        found += self._neighbours(chain[0])
        return sorted(found, key=lambda one: _ORDER.index(one.severity))

    def _neighbours(self, one: Facts) -> Iterator[Finding]:
        """Compare with what is in the collection."""
        certificates = self._finder.certificates
        key = hashlib.sha256(one.spki).hexdigest()
        reads = readable(one.certificate.subject)
        for kept in certificates.others_with_key(key, reads, _FEW):
            other = facts(kept.der)
            if other.subject != one.subject:
                yield Finding(
                    Severity.WARNING,
                    "RFC 5280 §4.2.1.2",
                    f"The key, and so the subject key identifier, is that of “"
                    f"{common_name(other.certificate.subject)}” as well: a key should have one "
                    "owner.",
                )
                break
        subject = one.certificate.subject
        for kept in certificates.others_with_subject(reads, key, _FEW):
            other = facts(kept.der)
            if other.subject == one.subject:
                both = one.ca and other.ca
                yield Finding(
                    Severity.WARNING if both else Severity.NOTICE,
                    "RFC 5280 §4.1.2.6",
                    f"Another {'CA' if both else 'certificate'} with another key is called “"
                    f"{common_name(subject)}”"
                    + (": verifiers tell CAs apart by name first." if both else "."),
                )
                break


def by_standards(
    chain: tuple[Facts, ...], moment: datetime, *, lint: bool, draft: bool
) -> list[Finding]:
    """Return what standards say about a certificate, most serious first.

    Args:
        chain: the certificate and those above it.
        moment: when it is looked at.
        lint: whether pkilint looks as well.
        draft: whether its signature is not its issuer's.
    """
    one, issuer = chain[0], chain[1] if len(chain) > 1 else None
    found = [*_by_rules(chain, moment)]
    for rule in _RULES:
        found += rule(one, issuer)
    if lint:
        found += _by_pkilint(one.der, unsigned=draft and issuer is None)
    return sorted(found, key=lambda one: _ORDER.index(one.severity))


def _by_rules(chain: tuple[Facts, ...], moment: datetime) -> Iterator[Finding]:
    whole = chain[-1].self_issued
    path = Path(chain, (True,) * len(chain), Ending.ANCHORED if whole else Ending.MISSING)
    for index in range(len(chain)):
        for item in broken(path, index, moment, Purpose.ANY):
            yield Finding(Severity.ERROR, item.rule, item.sentence)
    starts = [one.certificate.not_valid_before_utc for one in chain[:2]]
    if starts != sorted(starts, reverse=True):
        yield Finding(
            Severity.NOTICE,
            "RFC 5280 §6.1.3 (a)(2)",
            "It begins to be valid before its issuer does; until then no verifier accepts it.",
        )


def _by_pkilint(der: bytes, *, unsigned: bool) -> Iterator[Finding]:
    for hit in lint_certificate(der):
        # It tells a root by its signature, which a draft does not have.
        if hit.severity not in _SHOWN or (unsigned and hit.code == _NO_AKI):
            continue
        severity = Severity.WARNING if hit.severity == "WARNING" else Severity.ERROR
        sentence = hit.message or hit.code.removeprefix("pkix.").replace("_", " ")
        yield Finding(severity, f"pkilint {hit.code}", sentence)


def _purposes(one: Facts) -> frozenset[ObjectIdentifier]:
    return frozenset(one.purposes or ())


def _key(one: Facts, _: Facts | None) -> Iterable[Finding]:
    try:
        key = one.certificate.public_key()
    except UNREADABLE:
        yield Finding(
            Severity.ERROR,
            "RFC 5280 §4.1.2.7",
            "Its public key is of a kind that cannot be read here, so no signature by it can be "
            "verified.",
        )
        return
    enciphering = sorted(bits(one) & ENCIPHERING_BITS - {"key_agreement"})
    if isinstance(key, rsa.RSAPublicKey) and 2048 <= key.key_size < _FEW_BITS:
        yield Finding(
            Severity.NOTICE,
            "SP 800-57 Part 1 Rev. 5 §5.6.3",
            f"RSA of {key.key_size} bits ends with 2030: take {_FEW_BITS} bits or ML-DSA.",
        )
    if isinstance(key, ec.EllipticCurvePublicKey) and enciphering:
        yield Finding(
            Severity.WARNING,
            "RFC 8813 §3",
            f"The key usage allows {', '.join(enciphering)}, which an elliptic-curve key must not: "
            "take the profile of the same name with _SigningKey.",
        )


def _ca(one: Facts, issuer: Facts | None) -> Iterable[Finding]:
    usage = bits(one)
    if one.ca and "key_cert_sign" not in usage:
        yield Finding(
            Severity.ERROR,
            "RFC 5280 §4.2.1.3",
            "It is a CA's certificate, and its key usage does not allow to sign certificates: "
            "pass keyCertSign and cRLSign.",
        )
    if one.ca and one.self_issued and "digital_signature" in usage:
        yield Finding(
            Severity.NOTICE,
            "ISO/IEC 18013-5 Annex B.1.2",
            "As the root of a mobile driving licence issuer it must not have digitalSignature: "
            "take the profile IacaRootCertificate for one.",
        )
    if issuer is not None and issuer.ski is None:
        yield Finding(
            Severity.WARNING,
            "RFC 5280 §4.2.1.2",
            "The issuer's certificate has no subject key identifier, so that the link to it rests "
            "on its name alone.",
        )


def _names(one: Facts, _: Facts | None) -> Iterable[Finding]:
    alternative = one.extension(x509.SubjectAlternativeName)
    purposes = _purposes(one)
    kinds = {type(name) for name in alternative or ()}
    if ExtendedKeyUsageOID.SERVER_AUTH in purposes and not kinds & {x509.DNSName, x509.IPAddress}:
        yield Finding(
            Severity.ERROR,
            "RFC 9525 §6.3",
            "It is for a server and has no DNS name or IP address as alternative name; clients do "
            "not look at the common name.",
        )
    if ExtendedKeyUsageOID.EMAIL_PROTECTION in purposes and x509.RFC822Name not in kinds:
        yield Finding(
            Severity.WARNING,
            "RFC 8550 §3",
            "It is for e-mail and has no e-mail address as alternative name.",
        )
    if not one.ca and one.basic is None:
        yield Finding(Severity.NOTICE, "RFC 5280 §4.2.1.9", "It has no basic constraints.")


def _status(one: Facts, issuer: Facts | None) -> Iterable[Finding]:
    certificate = one.certificate
    lasting = certificate.not_valid_after_utc - certificate.not_valid_before_utc > _LONG
    pointers = (x509.CRLDistributionPoints, x509.AuthorityInformationAccess)
    unasked = unchecked_responder(one)
    if one.extension(x509.OCSPNoCheck) is not None and not unasked:
        yield Finding(
            Severity.WARNING,
            "RFC 6960 §4.2.2.2.1",
            "It says that nobody should ask whether it is revoked (id-pkix-ocsp-nocheck), which "
            "only an OCSP responder's certificate may: leave that extension out.",
        )
    named = unasked or any(isinstance(extension.value, pointers) for extension in one.extensions)
    if lasting and issuer is not None and not named:
        yield Finding(
            Severity.NOTICE,
            "RFC 5280 §4.2.1.13",
            "It says nowhere how to learn of its revocation: enable CRLs or OCSP for the CA.",
        )


def _licence(one: Facts, issuer: Facts | None) -> Iterable[Finding]:
    for rule, sentence in wrong_with_licences(one, issuer):
        yield Finding(Severity.ERROR, rule, sentence)


_RULES: Final[tuple[Callable[[Facts, Facts | None], Iterable[Finding]], ...]] = (
    _key,
    _ca,
    _names,
    _status,
    _licence,
)
