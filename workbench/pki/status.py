"""Revocation of one certificate at a moment, from lists and OCSP answers that are at hand.

Asks no network. A list or answer counts only if its signature, its issuer and its scope are
verified; what is doubtful says nothing. Times: evidence from within its own period says good or
revoked; a later list or answer still tells what was revoked by the moment checked, and what was
not, as long as the certificate had not ended before; an outdated one can only say revoked.
Sources: RFC 5280 §5 and §6.3; RFC 6960 §3.2 and §4.2.2.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from workbench.pki.parse import UNREADABLE, Facts, facts
from workbench.pki.paths import signed_by

_RECORD: Final = "record of its CA in this vault"
LARGEST_LIST: Final = 64 * 1024 * 1024
LARGEST_ANSWER: Final = 256 * 1024

_WHOLE_KEYS: Final = (
    ed25519.Ed25519PublicKey, ed448.Ed448PublicKey,
    mldsa.MLDSA44PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey,
)  # fmt: skip
_KNOWN_CRITICAL: Final = (x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)


class Standing(StrEnum):
    """What is known of a certificate's revocation."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """The revocation status of a certificate at a moment.

    Attributes:
        standing: good, revoked or unknown.
        source: `CRL`, `OCSP` or the CA's own record in words, or empty when unknown.
        since: when it was revoked, or None.
        reason: CRLReason in words as the standard names it, or empty.
        why: for unknown, why nothing at hand says.
    """

    standing: Standing
    source: str = ""
    since: datetime | None = None
    reason: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is at hand about revocation.

    Attributes:
        lists: CRLs in DER.
        answers: OCSP responses in DER.
        required: whether a certificate whose status is unknown is not trusted.
        records: by fingerprint, since when and why the vault's own CA has revoked a certificate
            that it issued, or None where it has not.
        moment: as of when revocation is asked for, where that is not when the chain is judged.
    """

    lists: Sequence[bytes] = ()
    answers: Sequence[bytes] = ()
    required: bool = False
    records: Mapping[str, tuple[datetime, str] | None] = field(default_factory=dict)
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What one list or answer says of one certificate."""

    source: str
    starts: datetime
    ends: datetime | None
    revoked: datetime | None = None
    reason: str = ""
    complete: bool = True


def status_of(one: Facts, issuer: Facts, evidence: Evidence, moment: datetime) -> Status:
    """Return the revocation status of a certificate at a moment.

    Args:
        one: the certificate.
        issuer: its issuer's certificate; must have verified its signature.
        evidence: lists and answers, of any issuer.
        moment: when the status is asked for, timezone-aware.
    """
    said = [*_from_lists(one, issuer, evidence.lists)]
    said += _from_answers(one, issuer, evidence.answers)
    record = evidence.records.get(one.fingerprint)
    if record is not None:
        said.append(_Said(_RECORD, record[0], None, *record, complete=False))
    revoked = [item for item in said if item.revoked is not None and item.revoked <= moment]
    if revoked:
        first = min(revoked, key=_revoked_at)
        return Status(Standing.REVOKED, first.source, first.revoked, first.reason)
    if one.fingerprint in evidence.records:
        return Status(Standing.GOOD, _RECORD)
    good = [item for item in said if _clears(item, one, moment)]
    if good:
        return Status(Standing.GOOD, good[0].source)
    why = (
        "what is at hand is outdated, from before the moment, or covers a part only"
        if said
        else "no list or answer about it is at hand"
    )
    return Status(Standing.UNKNOWN, why=why)


def unchecked_responder(one: Facts) -> bool:
    """Whether a certificate is an OCSP responder's whose CA says not to ask for its revocation.

    Whoever asks for a certificate can have that extension in it; on any other certificate than a
    responder's it means nothing (RFC 6960 §4.2.2.2.1).
    """
    responder = ExtendedKeyUsageOID.OCSP_SIGNING in (one.purposes or ())
    return responder and one.extension(x509.OCSPNoCheck) is not None


def _revoked_at(item: _Said) -> datetime:
    if item.revoked is None:
        raise AssertionError("only revocations are compared")
    return item.revoked


def _clears(item: _Said, one: Facts, moment: datetime) -> bool:
    """Whether evidence that does not name a revocation by the moment says that there was none."""
    if not item.complete:
        return False
    if item.starts <= moment:
        return item.ends is not None and moment <= item.ends
    # A later list may have dropped what had ended by then.
    return item.starts <= one.certificate.not_valid_after_utc


@lru_cache(maxsize=256)
def _load_list(der: bytes) -> x509.CertificateRevocationList | None:
    if len(der) > LARGEST_LIST:
        return None
    try:
        crl = x509.load_der_x509_crl(der)
        _ = (crl.extensions, crl.last_update_utc, crl.next_update_utc, crl.issuer)
    except UNREADABLE:
        return None
    return crl


@lru_cache(maxsize=1024)
def _list_is_by(der: bytes, issuer: Facts) -> bool:
    crl = _load_list(der)
    if crl is None or crl.issuer.public_bytes() != issuer.subject:
        return False
    if issuer.usage is not None and not issuer.usage.crl_sign:
        return False
    try:
        key: Any = issuer.certificate.public_key()
        return crl.is_signature_valid(key)
    except UNREADABLE:
        return False


def _from_lists(one: Facts, issuer: Facts, lists: Iterable[bytes]) -> Iterable[_Said]:
    for der in lists:
        crl = _load_list(der)
        if crl is None or not _list_is_by(der, issuer):
            continue
        try:
            covers, complete = _scope(crl, one)
            if covers:
                yield _list_says(crl, one, complete=complete)
        except UNREADABLE:
            continue


def _scope(crl: x509.CertificateRevocationList, one: Facts) -> tuple[bool, bool]:
    """Return whether a list is about a certificate, and whether its silence means good."""
    complete = True
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.DeltaCRLIndicator):
            complete = False
        elif isinstance(value, x509.IssuingDistributionPoint):
            if not _point_covers(value, one):
                return False, False
            complete = complete and value.only_some_reasons is None
        elif extension.critical and not isinstance(value, _KNOWN_CRITICAL):
            return False, False
    return True, complete


def _point_covers(point: x509.IssuingDistributionPoint, one: Facts) -> bool:
    if point.indirect_crl or point.only_contains_attribute_certs or point.relative_name:
        return False
    if (point.only_contains_ca_certs and not one.ca) or (point.only_contains_user_certs and one.ca):
        return False
    if not point.full_name:
        return True
    named = one.extension(x509.CRLDistributionPoints)
    mine = {name for place in named or () for name in place.full_name or ()}
    return bool(mine & set(point.full_name))


def _list_says(crl: x509.CertificateRevocationList, one: Facts, *, complete: bool) -> _Said:
    entry = crl.get_revoked_certificate_by_serial_number(one.certificate.serial_number)
    if entry is None:
        return _Said("CRL", crl.last_update_utc, crl.next_update_utc, complete=complete)
    reason = ""
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason.value
    if reason == x509.ReasonFlags.remove_from_crl.value:
        return _Said("CRL", crl.last_update_utc, crl.next_update_utc, complete=False)
    return _Said("CRL", crl.last_update_utc, crl.next_update_utc, entry.revocation_date_utc, reason)


def _from_answers(one: Facts, issuer: Facts, answers: Iterable[bytes]) -> Iterable[_Said]:
    for der in answers:
        if len(der) > LARGEST_ANSWER:
            continue
        try:
            answer = ocsp.load_der_ocsp_response(der)
            if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                continue
            if _is_about(answer, one, issuer) and _answer_is_by(answer, issuer):
                yield _answer_says(answer)
        except UNREADABLE:
            continue


def _is_about(answer: ocsp.OCSPResponse, one: Facts, issuer: Facts) -> bool:
    if answer.serial_number != one.certificate.serial_number:
        return False
    digest = answer.hash_algorithm.name
    key = core.Sequence.load(issuer.spki)[1].contents[1:]
    return (
        answer.issuer_name_hash == hashlib.new(digest, issuer.subject).digest()
        and answer.issuer_key_hash == hashlib.new(digest, key).digest()
    )


def _answer_is_by(answer: ocsp.OCSPResponse, issuer: Facts) -> bool:
    """Whether the issuer, or a responder it delegated to, signed an answer (RFC 6960 §4.2.2.2)."""
    if _verifies(answer, issuer):
        return True
    for certificate in answer.certificates:
        signer = facts(certificate.public_bytes(Encoding.DER))
        if _delegated(signer, issuer, answer.produced_at_utc) and _verifies(answer, signer):
            return True
    return False


def _delegated(signer: Facts, issuer: Facts, moment: datetime) -> bool:
    purposes = signer.purposes
    if signer.issuer != issuer.subject or purposes is None:
        return False
    if ExtendedKeyUsageOID.OCSP_SIGNING not in purposes:
        return False
    certificate = signer.certificate
    inside = certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc
    return inside and signed_by(signer, issuer)


def _verifies(answer: ocsp.OCSPResponse, signer: Facts) -> bool:
    key = signer.certificate.public_key()
    signature, signed = answer.signature, answer.tbs_response_bytes
    try:
        if isinstance(key, _WHOLE_KEYS):
            key.verify(signature, signed)
            return True
        digest = answer.signature_hash_algorithm
        if digest is None or digest.name in {"md5", "sha1"}:
            return False
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), digest)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(digest))
            return True
    except UNREADABLE:
        return False
    return False


def _answer_says(answer: ocsp.OCSPResponse) -> _Said:
    starts, ends = answer.this_update_utc, answer.next_update_utc
    if answer.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        reason = answer.revocation_reason
        return _Said(
            "OCSP", starts, ends, answer.revocation_time_utc, reason.value if reason else ""
        )
    good = answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    return _Said("OCSP", starts, ends, complete=good)
