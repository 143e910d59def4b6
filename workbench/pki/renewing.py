"""Certificates made after others: renewed, given another key, re-issued, cross-signed.

Owns what of a certificate goes into the one made after it. Subject and extensions stay as they
were, byte for byte; key identifiers follow the key, and so do key usages that another kind of key
must not have; pointers to lists and OCSP follow the CA that issues now.
Source: RFC 5280 §4.2; RFC 4210 §4.4 for links between keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID

from workbench.api.errors import AwsError
from workbench.pki.authority import Authority
from workbench.pki.issue import Content, Request
from workbench.pki.orders import Order, period
from workbench.pki.parse import Facts, facts
from workbench.pki.passthrough import Extra
from workbench.pki.publishing import names_lists
from workbench.pki.rules import bits
from workbench.pki.templates import ENCIPHERING_BITS, Template, key_usage
from workbench.pki.validity import HEAD_START

Extras = tuple[tuple[str, bool, bytes], ...]

_MADE_ANEW: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SIGNED_CERTIFICATE_TIMESTAMPS,
        ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
        ExtensionOID.PRECERT_POISON,
    }
)
_POINTERS: Final = frozenset(
    {ExtensionOID.CRL_DISTRIBUTION_POINTS, ExtensionOID.AUTHORITY_INFORMATION_ACCESS}
)
_OF_THE_ISSUER: Final = _POINTERS | {
    ExtensionOID.ISSUER_ALTERNATIVE_NAME,
    ExtensionOID.FRESHEST_CRL,
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to differ from the certificate before.

    Attributes:
        public_key: another key, or None for the same.
        path_length: another path length, or None for the same.
        extras: extensions that replace those of their kind: identifier, critical, DER.
        self_signed: whether it is a root's own.
        template: decides what the certificate says, but for its names; None for what it said.
        anew: extensions that are made anew.
    """

    public_key: Any = None
    path_length: int | None = None
    extras: Extras = ()
    self_signed: bool = False
    template: Template | None = None
    anew: frozenset[x509.ObjectIdentifier] = frozenset()


def content_after(before: Facts, issuer: Authority, changes: Changes) -> Content:
    """Return what goes into a certificate made after another.

    Args:
        before: the certificate before.
        issuer: the CA that issues now.
        changes: what is to differ.

    Raises:
        AwsError: InvalidRequestException: its key cannot be read.
    """
    same_key = changes.public_key is None
    public = _public_key(before) if same_key else changes.public_key
    identifier = (before.ski or b"") if same_key else b""
    if changes.template is not None:
        asked = Request(before.certificate.subject, public, _names(before))
        return Content(changes.template, asked, identifier=identifier)
    length = before.basic.path_length if before.basic else None
    listed = before.extension(x509.CRLDistributionPoints) is not None
    lists_itself = changes.self_signed and listed and names_lists(issuer)
    if lists_itself:
        changes = replace(changes, anew=frozenset({ExtensionOID.CRL_DISTRIBUTION_POINTS}))
    template = Template(
        "as before",
        ca=before.ca,
        key_usage=frozenset(),
        path_length=length if changes.path_length is None else changes.path_length,
        basic_critical=before.ca or _critical(before),
        self_signed=changes.self_signed,
        own=True,
        extras=_extras(before, issuer, changes),
        lists_itself=lists_itself,
    )
    return Content(
        template,
        Request(before.certificate.subject, public, ()),
        identifier=identifier,
    )


def order_after(
    before: Facts, issuer: Authority, request: dict[str, Any], now: datetime, changes: Changes
) -> Order:
    """Return the order for a certificate made after another.

    Without a Validity it lasts as long as the one before did, but not longer than its issuer's.

    Raises:
        AwsError: the request makes no sense.
    """
    content = content_after(before, issuer, changes)
    validity = (
        period(request, now)
        if "Validity" in request
        else _as_long(before, None if changes.self_signed else facts(issuer.certificate), now)
    )
    algorithm = request.get("SigningAlgorithm") or issuer.signing_algorithm
    return Order(issuer, content, validity, algorithm, template_arn="")


def ending(order: Order, start: datetime, *ends: datetime) -> Order:
    """Return an order that begins at a moment and ends with the first of several."""
    return replace(order, validity=(start, min(ends)))


def _as_long(before: Facts, issuer: Facts | None, now: datetime) -> tuple[datetime, datetime]:
    old = before.certificate
    start = now.replace(microsecond=0) - HEAD_START
    end = start + (old.not_valid_after_utc - old.not_valid_before_utc)
    if issuer is not None:
        end = min(end, issuer.certificate.not_valid_after_utc)
    return start, end


def _public_key(before: Facts) -> Any:
    try:
        return before.certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise AwsError(
            "InvalidRequestException", "The certificate's public key cannot be read."
        ) from error


def _names(before: Facts) -> tuple[Extra, ...]:
    return tuple(
        (one.oid, one.critical, one.value)
        for one in before.extensions
        if isinstance(one.value, x509.SubjectAlternativeName)
    )


def _critical(before: Facts) -> bool:
    return any(e.critical for e in before.extensions if e.value is before.basic)


def _extras(before: Facts, issuer: Authority, changes: Changes) -> Extras:
    replaced = {oid for oid, _, _ in changes.extras}
    same_issuer = changes.self_signed or facts(issuer.certificate).subject == before.issuer
    found = [
        (
            extension.oid.dotted_string,
            extension.critical,
            _value(before, extension, changes.public_key),
        )
        for extension in before.extensions
        if extension.oid not in _MADE_ANEW | changes.anew
        and extension.oid.dotted_string not in replaced
        and not _stale(extension, issuer, same_issuer=same_issuer)
    ]
    return (*found, *changes.extras)


def _stale(extension: x509.Extension[Any], issuer: Authority, *, same_issuer: bool) -> bool:
    """Whether an extension speaks of another issuer, or of lists this one would name itself."""
    if extension.oid not in _OF_THE_ISSUER:
        return False
    if not same_issuer:
        return True
    return extension.oid in _POINTERS and issuer.id.encode() in extension.value.public_bytes()


def _value(before: Facts, extension: x509.Extension[Any], public: Any) -> bytes:
    if extension.value is before.usage and public is not None:
        return _usage(before, public).public_bytes()
    value: bytes = extension.value.public_bytes()
    return value


def _usage(before: Facts, public: Any) -> x509.KeyUsage:
    """Return the key usage without what a key of this kind must not have.

    RFC 9881 §5 and RFC 8410 §5 leave ML-DSA and Ed25519 keys signatures only; RFC 8813 §3 leaves
    elliptic-curve keys key agreement besides.
    """
    had = bits(before)
    if isinstance(public, rsa.RSAPublicKey):
        return key_usage(had)
    kept = had - ENCIPHERING_BITS
    if isinstance(public, ec.EllipticCurvePublicKey):
        kept = had - {"key_encipherment", "data_encipherment"}
    return key_usage(kept or frozenset({"digital_signature"}))


def dropped_usages(before: Facts, order: Order) -> Iterable[str]:
    """Return the key usages that the certificate before had and its new key must not have."""
    if before.usage is None:
        return ()
    return sorted(bits(before) - _asserted(_usage(before, order.content.request.public_key)))


def _asserted(usage: x509.KeyUsage) -> frozenset[str]:
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment"]
    names += ["key_agreement", "key_cert_sign", "crl_sign"]
    if usage.key_agreement:
        names += ["encipher_only", "decipher_only"]
    return frozenset(name for name in names if getattr(usage, name))
