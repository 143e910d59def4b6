"""The rules of RFC 5280 §6 and RFC 9881 §5, each with the sentence that explains a break of it.

Owns the wording of verdicts. Every sentence says who, what, why, and what to do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtensionOID

from workbench.pki.algorithms import ML_DSA_OIDS, signature_name
from workbench.pki.constraints import violation
from workbench.pki.names import common_name, readable
from workbench.pki.parse import Facts
from workbench.pki.paths import Ending, Path
from workbench.pki.purposes import USAGE_FOR, Purpose, allows, in_words
from workbench.pki.templates import ENCIPHERING_BITS, KEY_USAGE_BITS

PURPOSE_RULE: Final = "RFC 5280 §4.2.1.12"
"""The rule about what a certificate is for."""

_PROCESSED: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    }
)

_WEAK: Final = ("MD5", "SHA-1")
_SIGNING_BITS: Final = frozenset(
    {"digital_signature", "content_commitment", "key_cert_sign", "crl_sign"}
)


@dataclass(frozen=True, slots=True)
class Break:
    """A broken rule: where it is written, and the sentence about it."""

    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Link:
    """One certificate of a path, as the rules look at it."""

    path: Path
    index: int
    moment: datetime
    purpose: Purpose

    @property
    def facts(self) -> Facts:
        return self.path.certificates[self.index]

    @property
    def who(self) -> str:
        return f"“{common_name(self.facts.certificate.subject)}”"

    @property
    def issuer(self) -> str:
        return f"“{common_name(self.facts.certificate.issuer)}”"

    @property
    def last(self) -> bool:
        return self.index == len(self.path.certificates) - 1

    @property
    def signs_below(self) -> bool:
        return self.index > 0


def broken(path: Path, index: int, moment: datetime, purpose: Purpose) -> Iterator[Break]:
    """Yield every rule that the certificate at `index` of a path breaks, most telling first."""
    link = _Link(path, index, moment, purpose)
    for rule in _RULES:
        found = rule(link)
        if found is not None:
            yield found


def when(moment: datetime) -> str:
    """Return a moment as verdicts write it."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _signature(link: _Link) -> Break | None:
    if link.path.signed[link.index]:
        return None
    if link.last:
        return Break(
            "RFC 5280 §6.1.3 (a)(1)",
            f"{link.who} claims to have signed itself, but its signature does not verify with its "
            "own key; the certificate was changed or damaged: get it again from its source.",
        )
    return Break(
        "RFC 5280 §6.1.3 (a)(1)",
        f"The signature on {link.who} does not verify with the key of {link.issuer}: the "
        "certificate was changed, or another CA of the same name signed it; get the certificate "
        "and its issuer's again from their source.",
    )


def _issuer_there(link: _Link) -> Break | None:
    if not link.last:
        return None
    if link.path.ending is Ending.MISSING:
        name = readable(link.facts.certificate.issuer)
        key = f" with the key identifier {link.facts.aki.hex(':')}" if link.facts.aki else ""
        return Break(
            "RFC 5280 §6.1",
            f"{link.who} was issued by “{name}”{key}, whose certificate is missing, so the chain "
            "ends before a root: import the issuer's certificate.",
        )
    if link.path.ending is Ending.LIMIT:
        return Break(
            "RFC 5280 §6.1",
            f"No root was reached within the limits of path building, which ended at {link.who}: "
            "remove superfluous certificates of the same name, or check the chain by hand.",
        )
    return None


def _root_trusted(link: _Link) -> Break | None:
    if not link.last or link.path.ending is not Ending.UNTRUSTED:
        return None
    return Break(
        "RFC 5280 §6.1.1 (d)",
        f"The chain ends at {link.who}, which is not among the trusted roots: if you know by its "
        "fingerprint that it is genuine, mark it as a trusted root.",
    )


def _validity(link: _Link) -> Break | None:
    certificate = link.facts.certificate
    if link.moment > certificate.not_valid_after_utc:
        return Break(
            "RFC 5280 §6.1.3 (a)(2)",
            f"{link.who} expired on {when(certificate.not_valid_after_utc)}, before the moment "
            f"checked, {when(link.moment)}: ask {link.issuer} for a new certificate.",
        )
    if link.moment < certificate.not_valid_before_utc:
        return Break(
            "RFC 5280 §6.1.3 (a)(2)",
            f"{link.who} is valid only from {when(certificate.not_valid_before_utc)}, after the "
            f"moment checked, {when(link.moment)}: check the computer's clock, or wait.",
        )
    return None


def _is_ca(link: _Link) -> Break | None:
    if not link.signs_below or link.facts.ca:
        return None
    below = common_name(link.path.certificates[link.index - 1].certificate.subject)
    return Break(
        "RFC 5280 §6.1.4 (k)",
        f"{link.who} signed “{below}” but is not a CA (basicConstraints does not say cA): have "
        f"“{below}” issued by a certificate authority.",
    )


def _may_sign_certificates(link: _Link) -> Break | None:
    usage = link.facts.usage
    if not link.signs_below or usage is None or usage.key_cert_sign:
        return None
    return Break(
        "RFC 5280 §6.1.4 (n)",
        f"{link.who} signed a certificate, but its key usage lacks keyCertSign: have the CA's "
        "certificate issued anew from a CA template.",
    )


def _path_length(link: _Link) -> Break | None:
    basic = link.facts.basic
    if not link.signs_below or basic is None or basic.path_length is None:
        return None
    below = [one for one in link.path.certificates[1 : link.index] if not one.self_issued]
    if len(below) <= basic.path_length:
        return None
    return Break(
        "RFC 5280 §6.1.4 (m)",
        f"{link.who} allows {basic.path_length} CA certificates below it (path length), and the "
        f"chain has {len(below)}: have the lowest CA certified by one that may.",
    )


def _name_constraints(link: _Link) -> Break | None:
    if link.facts.self_issued and link.index:
        return None
    for above in link.path.certificates[link.index + 1 :]:
        constraints = above.extension(x509.NameConstraints)
        broken_name = violation(constraints, link.facts) if constraints else ""
        if broken_name:
            issuer = common_name(above.certificate.subject)
            return Break(
                "RFC 5280 §6.1.3 (b)",
                f"{link.who} bears {broken_name} by the name constraints of “{issuer}”: have it "
                "issued for another name, or by a CA that may certify this one.",
            )
    return None


def _empty(link: _Link) -> Break | None:
    """Find what is there and says nothing, which no standard allows."""
    names = link.facts.extension(x509.SubjectAlternativeName)
    if names is not None and not list(names):
        return Break(
            "RFC 5280 §4.2.1.6",
            f"{link.who} has subject alternative names, but none in them: have it issued anew.",
        )
    if link.facts.usage is not None and not bits(link.facts):
        return Break(
            "RFC 5280 §4.2.1.3",
            f"The key usage of {link.who} allows nothing: have it issued anew.",
        )
    return None


def _purpose(link: _Link) -> Break | None:
    extension = link.facts.purposes
    named = None if extension is None else frozenset(oid.dotted_string for oid in extension)
    if allows(named, link.purpose, ca=link.signs_below):
        return None
    wanted = in_words(link.purpose)
    if link.signs_below:
        sentence = (
            f"{link.who} may only issue for other purposes: its extended key usage leaves out "
            f"{wanted}. Have the certificate issued by a CA without that restriction."
        )
    elif named is None:
        sentence = (
            f"{link.who} does not say that it is for {wanted} (it has no extended key usage): "
            f"have one issued for {wanted}."
        )
    else:
        sentence = (
            f"{link.who} is not for {wanted}: its extended key usage names other purposes. Have "
            f"one issued for {wanted}."
        )
    return Break(PURPOSE_RULE, sentence)


def _timestamping_alone(link: _Link) -> Break | None:
    if link.signs_below or link.purpose is not Purpose.TIME_STAMPING:
        return None
    extension = next(
        (one for one in link.facts.extensions if one.value is link.facts.purposes), None
    )
    if extension is None or (extension.critical and len(link.facts.purposes or ()) == 1):
        return None
    return Break(
        "RFC 3161 §2.3",
        f"{link.who} is not for timestamping alone, or its extended key usage is not marked "
        "critical: have one issued whose only purpose is timestamping.",
    )


def _leaf_usage(link: _Link) -> Break | None:
    if link.signs_below or link.purpose is Purpose.ANY:
        return None
    if link.facts.ca:
        return Break(
            "RFC 5280 §4.2.1.9",
            f"{link.who} is a CA's certificate and not meant for {in_words(link.purpose)}: use an "
            "end-entity certificate issued by it.",
        )
    usage = link.facts.usage
    needed = USAGE_FOR[link.purpose]
    if usage is None or needed & bits(link.facts):
        return None
    return Break(
        "RFC 5280 §4.2.1.3",
        f"The key usage of {link.who} does not allow what {in_words(link.purpose)} needs "
        f"({' or '.join(sorted(needed))}): have a certificate issued from the right template.",
    )


def _ca_bits_without_ca(link: _Link) -> Break | None:
    usage = link.facts.usage
    if link.signs_below or usage is None or not usage.key_cert_sign or link.facts.ca:
        return None
    return Break(
        "RFC 5280 §4.2.1.3",
        f"{link.who} asserts keyCertSign without being a CA, which is contradictory: have it "
        "issued anew.",
    )


def _critical(link: _Link) -> Break | None:
    for extension in link.facts.extensions:
        if extension.critical and extension.oid not in _PROCESSED:
            return Break(
                "RFC 5280 §6.1.4 (o)",
                f"{link.who} has the critical extension {extension.oid.dotted_string}, which is "
                "not understood here, and so must be refused: verify it with a program made for "
                "that extension.",
            )
    return None


def _post_quantum_usage(link: _Link) -> Break | None:
    oid = link.facts.certificate.public_key_algorithm_oid.dotted_string
    if oid not in ML_DSA_OIDS or link.facts.usage is None:
        return None
    asserted = bits(link.facts)
    wrong = sorted(asserted & ENCIPHERING_BITS)
    if not wrong and asserted & _SIGNING_BITS:
        return None
    what = f"allows {', '.join(wrong)}" if wrong else "allows no kind of signature"
    return Break(
        "RFC 9881 §5",
        f"The key usage of {link.who} {what}, but its ML-DSA key can only sign: have it issued "
        "with a key usage for signatures.",
    )


def _key_and_digest(link: _Link) -> Break | None:
    certificate = link.facts.certificate
    name = signature_name(certificate)
    if not (link.last and link.path.ending is Ending.ANCHORED) and name.endswith(_WEAK):
        return Break(
            "SP 800-131A Rev. 2 §9",
            f"{link.who} is signed with {name}, which can be forged: have it issued anew with "
            "SHA-256 or better.",
        )
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        return None
    except ValueError:
        return Break(
            "RFC 5280 §4.1.2.7",
            f"The public key of {link.who} cannot be read, so nothing it signs can be verified: "
            "get the certificate again from its source.",
        )
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        return Break(
            "SP 800-131A Rev. 2 §3",
            f"The RSA key of {link.who} has only {key.key_size} bits: have a certificate issued "
            "for a key of 3072 bits, or an ML-DSA key.",
        )
    return None


def bits(facts: Facts) -> frozenset[str]:
    """Return the names of the keyUsage bits a certificate asserts; empty without keyUsage."""
    usage = facts.usage
    if usage is None:
        return frozenset()
    # The last two bits may be asked for only where keyAgreement is asserted.
    readable_bits = KEY_USAGE_BITS if usage.key_agreement else KEY_USAGE_BITS[:-2]
    return frozenset(bit for bit in readable_bits if getattr(usage, bit))


_RULES: Final[tuple[Callable[[_Link], Break | None], ...]] = (
    _signature,
    _validity,
    _is_ca,
    _may_sign_certificates,
    _path_length,
    _name_constraints,
    _empty,
    _purpose,
    _timestamping_alone,
    _leaf_usage,
    _ca_bits_without_ca,
    _critical,
    _post_quantum_usage,
    _key_and_digest,
    _issuer_there,
    _root_trusted,
)
