"""Before issuing: what a strict verifier would say about the certificate to be.

A draft is made as the CA would make it, signed by a key that is thrown away, and looked at by the
rules of validation, by rules for issuers, and by pkilint where it is installed. What the service
itself refuses cannot be overridden; everything else is for the person to decide.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.pki.finder import Finder
from workbench.pki.issuing import Draft, Issuing
from workbench.pki.lint import lint_certificate
from workbench.pki.names import common_name
from workbench.pki.parse import Facts, facts
from workbench.pki.paths import Ending, Path
from workbench.pki.purposes import Purpose
from workbench.pki.rules import bits, broken
from workbench.pki.templates import ENCIPHERING_BITS

_MDL: Final = ObjectIdentifier("1.0.18013.5.1.2")
_MDL_DAYS: Final = 457
_LONG: Final = timedelta(days=7)
_PORTION: Final = 500
_FEW_BITS: Final = 3072
_NO_AKI: Final = "pkix.authority_key_identifier_extension_absent"
_SHOWN: Final = frozenset({"FATAL", "ERROR", "WARNING"})


class Severity(StrEnum):
    """How much a finding matters."""

    REFUSED = "REFUSED"
    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTICE = "NOTICE"


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
        self._finder.authority(request["CertificateAuthorityArn"], call)
        try:
            draft = self._issuing.draft(request, call)
        except AwsError as error:
            return [Finding(Severity.REFUSED, error.code, error.message)]
        one = facts(draft.der)
        found = [*_by_rules(one, draft, call.time)]
        for rule in _RULES:
            found += rule(one, draft)
        found += self._neighbours(one)
        found += _by_pkilint(draft)
        order = list(Severity)
        return sorted(found, key=lambda one: order.index(one.severity))

    def _neighbours(self, one: Facts) -> Iterator[Finding]:
        """Compare with what is in the collection."""
        name = common_name(one.certificate.subject)
        same_key = same_name = False
        for other in self._collection():
            if other.spki == one.spki and other.subject != one.subject and not same_key:
                same_key = True
                yield Finding(
                    Severity.WARNING,
                    "RFC 5280 §4.2.1.2",
                    f"The key, and so the subject key identifier, is that of “"
                    f"{common_name(other.certificate.subject)}” as well: a key should have one "
                    "owner.",
                )
            if other.subject == one.subject and other.spki != one.spki and not same_name:
                same_name = True
                both = one.ca and other.ca
                yield Finding(
                    Severity.WARNING if both else Severity.NOTICE,
                    "RFC 5280 §4.1.2.6",
                    f"Another {'CA' if both else 'certificate'} with another key is called “{name}”"
                    + (": verifiers tell CAs apart by name first." if both else "."),
                )
            if same_key and same_name:
                return

    def _collection(self) -> Iterator[Facts]:
        after = ""
        while page := self._finder.certificates.page(after, _PORTION):
            for kept in page:
                after = kept.fingerprint
                yield facts(kept.der)


def _by_rules(one: Facts, draft: Draft, now: datetime) -> Iterator[Finding]:
    above: tuple[Facts, ...] = ()
    if not draft.template.self_signed:
        authority = draft.authority
        above = tuple(facts(der) for der in (authority.certificate, *authority.chain))
    path = Path((one, *above), (True,) * (1 + len(above)), Ending.ANCHORED)
    moment = max(now, one.certificate.not_valid_before_utc)
    for index in range(len(path.certificates)):
        for item in broken(path, index, moment, Purpose.ANY):
            yield Finding(Severity.ERROR, item.rule, item.sentence)
    if above and one.certificate.not_valid_before_utc < above[0].certificate.not_valid_before_utc:
        yield Finding(
            Severity.NOTICE,
            "RFC 5280 §6.1.3 (a)(2)",
            "It begins to be valid before its issuer does; until then no verifier accepts it.",
        )


def _by_pkilint(draft: Draft) -> Iterator[Finding]:
    for hit in lint_certificate(draft.der):
        # It tells a root by its signature, which a draft does not have.
        if hit.severity not in _SHOWN or (draft.template.self_signed and hit.code == _NO_AKI):
            continue
        severity = Severity.WARNING if hit.severity == "WARNING" else Severity.ERROR
        sentence = hit.message or hit.code.removeprefix("pkix.").replace("_", " ")
        yield Finding(severity, f"pkilint {hit.code}", sentence)


def _purposes(one: Facts) -> frozenset[ObjectIdentifier]:
    return frozenset(one.purposes or ())


def _key(one: Facts, _: Draft) -> Iterable[Finding]:
    key = one.certificate.public_key()
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


def _ca(one: Facts, draft: Draft) -> Iterable[Finding]:
    usage = bits(one)
    if one.ca and "key_cert_sign" not in usage:
        yield Finding(
            Severity.ERROR,
            "RFC 5280 §4.2.1.3",
            "It is a CA's certificate, and its key usage does not allow to sign certificates: "
            "pass keyCertSign and cRLSign.",
        )
    if one.ca and draft.template.self_signed and "digital_signature" in usage:
        yield Finding(
            Severity.NOTICE,
            "ISO/IEC 18013-5 Annex B.1.1",
            "As the root of a mobile driving licence issuer it must not have digitalSignature: "
            "take the profile IacaRootCertificate for one.",
        )
    issuer = draft.authority.certificate
    if issuer and not draft.template.self_signed and facts(issuer).ski is None:
        yield Finding(
            Severity.WARNING,
            "RFC 5280 §4.2.1.2",
            "The issuer's certificate has no subject key identifier, so that the link to it rests "
            "on its name alone.",
        )


def _names(one: Facts, _: Draft) -> Iterable[Finding]:
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


def _status(one: Facts, draft: Draft) -> Iterable[Finding]:
    certificate = one.certificate
    lasting = certificate.not_valid_after_utc - certificate.not_valid_before_utc > _LONG
    pointers = (x509.CRLDistributionPoints, x509.AuthorityInformationAccess, x509.OCSPNoCheck)
    named = any(isinstance(extension.value, pointers) for extension in one.extensions)
    if lasting and not draft.template.self_signed and not named:
        yield Finding(
            Severity.NOTICE,
            "RFC 5280 §4.2.1.13",
            "It says nowhere how to learn of its revocation: enable CRLs or OCSP for the CA.",
        )


def _licence(one: Facts, _: Draft) -> Iterable[Finding]:
    if _MDL not in _purposes(one):
        return
    rule = "ISO/IEC 18013-5 Annex B.1.4"
    certificate = one.certificate
    if certificate.not_valid_after_utc - certificate.not_valid_before_utc > timedelta(_MDL_DAYS):
        yield Finding(
            Severity.ERROR, rule, f"A document signer is valid for at most {_MDL_DAYS} days."
        )
    if one.extension(x509.IssuerAlternativeName) is None:
        yield Finding(
            Severity.ERROR, rule, "A document signer names its issuer's e-mail address or URI "
            "(issuerAltName): pass it as a custom extension.",
        )  # fmt: skip
    if one.extension(x509.CRLDistributionPoints) is None:
        yield Finding(Severity.ERROR, rule, "A document signer has a CRL distribution point.")
    countries = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    if [str(one.value) for one in countries] != [str(c.value).upper() for c in countries[:1]]:
        yield Finding(Severity.ERROR, rule, "The country is named once, in capital letters.")
    if not countries:
        yield Finding(Severity.ERROR, rule, "A document signer's subject names its country.")


_RULES: Final[tuple[Callable[[Facts, Draft], Iterable[Finding]], ...]] = (
    _key,
    _ca,
    _names,
    _status,
    _licence,
)
