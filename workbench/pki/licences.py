"""Mobile driving licences: what certificates of roots (IACA) and of document signers must say.

Owns these rules; how much each matters is `precheck`'s.
Source: ISO/IEC 18013-5 Annex B.1.2 (IACA root) and B.1.4 (document signer).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.x509.oid import NameOID

from workbench.pki.parse import UNREADABLE, Facts
from workbench.pki.rules import bits
from workbench.pki.templates import MDL_SIGNER
from workbench.pki.validity import HEAD_START

Wrong = tuple[str, str]
"""The rule and a sentence about it."""

SIGNER_DAYS: Final = 457
"""The longest life of a document signer."""

ROOT_YEARS: Final = 20
"""The longest life of a root."""

_LONGEST_ROOT: Final = timedelta(ROOT_YEARS * 365 + ROOT_YEARS // 4) + HEAD_START
_SIGNER: Final = "ISO/IEC 18013-5 Annex B.1.4"
_ROOT: Final = "ISO/IEC 18013-5 Annex B.1.2"
_ROOT_BITS: Final = frozenset({"key_cert_sign", "crl_sign"})
_SHAPE: Final = (
    "self-signed, has the path length 0, and signs certificates and revocation lists only"
)
_CURVES: Final = frozenset(
    {"secp256r1", "secp384r1", "secp521r1",
     "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1"}
)  # fmt: skip


def wrong_with_licences(one: Facts, issuer: Facts | None) -> Iterator[Wrong]:
    """Yield what is wrong with a root or document signer; nothing for other certificates."""
    if MDL_SIGNER in (one.purposes or ()):
        yield from _wrong_with_signer(one, issuer)
    elif _like_a_root(one) and one.extension(x509.IssuerAlternativeName) is not None:
        yield from wrong_with_root(one)


def wrong_with_root(one: Facts) -> Iterator[Wrong]:
    """Yield what is wrong with a certificate that is to be an IACA root's."""
    if not _like_a_root(one):
        yield _ROOT, f"An IACA root is {_SHAPE}."
    if not one.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        yield _ROOT, "An IACA root has a common name."
    for sentence in _wrong_with_both(one, "An IACA root"):
        yield _ROOT, sentence
    start, end = _life(one)
    if end - start > _LONGEST_ROOT:
        yield _ROOT, f"An IACA root is valid for at most {ROOT_YEARS} years."


def _wrong_with_signer(one: Facts, issuer: Facts | None) -> Iterator[Wrong]:
    start, end = _life(one)
    if end - start > timedelta(SIGNER_DAYS) + HEAD_START:
        yield _SIGNER, f"A document signer is valid for at most {SIGNER_DAYS} days."
    for sentence in _wrong_with_both(one, "A document signer"):
        yield _SIGNER, sentence
    if bits(one) != {"digital_signature"}:
        yield _SIGNER, "A document signer's key makes digital signatures and nothing else."
    if issuer is None:
        return
    if not _like_a_root(issuer):
        yield _SIGNER, f"A document signer is issued by an IACA root, which is {_SHAPE}."
    for oid, what in (
        (NameOID.COUNTRY_NAME, "country"),
        (NameOID.STATE_OR_PROVINCE_NAME, "state or province"),
    ):
        here, above = _values(one, oid), _values(issuer, oid)
        if above and here and here != above:
            yield (
                _SIGNER,
                f"The {what} is the one that the root names: {', '.join(above)}.",
            )


def _wrong_with_both(one: Facts, who: str) -> Iterator[str]:
    countries = _values(one, NameOID.COUNTRY_NAME)
    if not countries:
        yield f"{who}'s subject names its country."
    elif len(countries) > 1 or not countries[0].isupper():
        yield "The country is named once, in capital letters."
    contact = one.extension(x509.IssuerAlternativeName)
    if contact is None or not any(
        isinstance(name, x509.RFC822Name | x509.UniformResourceIdentifier) for name in contact
    ):
        yield (
            f"{who} names its issuer's e-mail address or URI (issuerAltName): give a document "
            "signer's root one, or pass it as a custom extension."
        )
    points = one.extension(x509.CRLDistributionPoints)
    if points is None:
        yield f"{who} has a CRL distribution point: enable revocation lists for the CA."
    elif any(point.reasons or point.crl_issuer or not point.full_name for point in points):
        yield (
            "A CRL distribution point names the address of the list, and neither reasons nor "
            "another issuer."
        )
    if not _fit(one):
        yield (
            f"{who}'s key is on a curve that readers of driving licences know: P-256, P-384, "
            "P-521, Brainpool, Ed25519 or Ed448."
        )


def _like_a_root(one: Facts) -> bool:
    length = one.basic.path_length if one.basic else None
    return one.self_issued and one.ca and length == 0 and bits(one) == _ROOT_BITS


def _fit(one: Facts) -> bool:
    try:
        key = one.certificate.public_key()
    except UNREADABLE:
        return False
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name in _CURVES
    return isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)


def _values(one: Facts, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(found.value) for found in one.certificate.subject.get_attributes_for_oid(oid)]


def _life(one: Facts) -> tuple[datetime, datetime]:
    return one.certificate.not_valid_before_utc, one.certificate.not_valid_after_utc
