"""OCSP: one question in, one signed answer out.

Each CA has a delegated responder: a KMS key of the CA's own algorithm and a certificate for
OCSPSigning with id-pkix-ocsp-nocheck, renewed before it ends. Batches of several questions in one
request are not read (cryptography's reader takes one), and are answered as malformed.
Source: RFC 6960; RFC 9654 for nonces.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from asn1crypto import core
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from workbench.base.errors import Refused
from workbench.pki.algorithms import OWN_KEY_SPEC_OF
from workbench.pki.authority import Authority, Status
from workbench.pki.crls import REASONS
from workbench.pki.external import default_digest, external_key
from workbench.pki.finder import Finder
from workbench.pki.issue import Content, Request, build
from workbench.pki.issuing import certificate_arn
from workbench.pki.parse import Facts, facts
from workbench.pki.publishing import ocsp_enabled
from workbench.pki.store import Kept, Source
from workbench.pki.templates import OWN_TEMPLATES

LARGEST_REQUEST: Final = 16 * 1024
_FRESH: Final = timedelta(hours=1)
"""How long an answer may be kept (its nextUpdate)."""

_RESPONDER_LIFE: Final = timedelta(days=90)
_RENEW_BEFORE: Final = timedelta(days=30)
_LONGEST_NONCE: Final = 128
_ANSWERING: Final = frozenset({Status.ACTIVE, Status.DISABLED})

_READ_ERRORS: Final = (ValueError, TypeError, NotImplementedError, OverflowError)


class Responder:
    """Answers for CAs that have OCSP enabled."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def respond(self, request: bytes, authorities: Iterable[Authority], moment: datetime) -> bytes:
        """Return the answer (OCSPResponse in DER) to a question (OCSPRequest in DER).

        Args:
            request: the question; may be anything at all.
            authorities: the CAs to answer for.
            moment: when it is asked.
        """
        try:
            asked = _read(request)
        except _READ_ERRORS:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        except UnsupportedAlgorithm:
            return UNAUTHORIZED
        for authority in authorities:
            if _answers(authority, moment) and asked.is_for(facts(authority.certificate)):
                return self._answer(asked, authority, moment)
        return UNAUTHORIZED

    def run_due(self, authorities: Iterable[Authority], moment: datetime) -> int:
        """Give CAs their responder's certificate, or a new one in time; returns how many."""
        made = 0
        for authority in authorities:
            if _answers(authority, moment) and not _current(authority, moment):
                try:
                    self.set_up(authority, moment)
                except (ClientError, Refused):
                    continue
                made += 1
        return made

    def set_up(self, authority: Authority, moment: datetime) -> Authority:
        """Return a CA with a responder that can answer now, making what is missing.

        Raises:
            botocore.exceptions.ClientError: KMS refused.
        """
        if not _answers(authority, moment) or _current(authority, moment):
            return authority
        kms = self._finder.kms
        key_arn = authority.responder_key
        if not key_arn:
            made = kms.create_key(
                KeySpec=OWN_KEY_SPEC_OF[authority.key_algorithm],
                KeyUsage="SIGN_VERIFY",
                Description=f"Signs OCSP answers of {authority.arn}",
            )
            key_arn = str(made["KeyMetadata"]["Arn"])
        der = self._certify(authority, key_arn, moment)
        changed = replace(authority, responder_key=key_arn, responder_certificate=der)
        self._finder.authorities.save(changed)
        arn = certificate_arn(authority, facts(der).certificate.serial_number)
        template = OWN_TEMPLATES["OCSPResponderCertificate"].arn(authority.arn.split(":")[1])
        self._finder.certificates.save(
            Kept(
                der, Source.ISSUED, moment, arn=arn, authority_arn=authority.arn, template=template
            )
        )
        return changed

    def _certify(self, authority: Authority, key_arn: str, moment: datetime) -> bytes:
        issuer = facts(authority.certificate)
        public = external_key(self._finder.kms, key_arn).public_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OCSP responder")])
        content = Content(OWN_TEMPLATES["OCSPResponderCertificate"], Request(name, public, ()))
        start = moment.replace(microsecond=0)
        end = min(start + _RESPONDER_LIFE, issuer.certificate.not_valid_after_utc)
        key = self._finder.key(authority)
        return build(
            content, issuer, key, authority.signing_algorithm, (start - timedelta(hours=1), end)
        )

    def _answer(self, asked: "_Asked", authority: Authority, moment: datetime) -> bytes:
        try:
            authority = self.set_up(authority, moment)
            key = external_key(self._finder.kms, authority.responder_key)
            builder = self._status(asked, authority, moment)
            signer = facts(authority.responder_certificate).certificate
            builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
            builder = builder.certificates([signer])
            if asked.nonce is not None:
                builder = builder.add_extension(x509.OCSPNonce(asked.nonce), critical=False)
            answer = builder.sign(key, default_digest(key))
        except (ClientError, Refused):
            return INTERNAL_ERROR
        return answer.public_bytes(serialization.Encoding.DER)

    def _status(
        self, asked: "_Asked", authority: Authority, moment: datetime
    ) -> ocsp.OCSPResponseBuilder:
        start = moment.replace(microsecond=0)
        revoked = self._finder.revocations.get(authority.arn, asked.serial)
        status = ocsp.OCSPCertStatus.UNKNOWN
        reason = None
        if revoked is not None:
            status = ocsp.OCSPCertStatus.REVOKED
            reason = None if revoked.reason == "UNSPECIFIED" else REASONS[revoked.reason]
        elif self._finder.certificates.by_arn(certificate_arn(authority, asked.serial)):
            status = ocsp.OCSPCertStatus.GOOD
        return ocsp.OCSPResponseBuilder().add_response_by_hash(
            asked.name_hash,
            asked.key_hash,
            asked.serial,
            asked.algorithm,
            status,
            start,
            start + _FRESH,
            revoked.revoked if revoked else None,
            reason,
        )


class _Asked:
    """A question, read whole so that nothing of it can fail later."""

    def __init__(self, request: ocsp.OCSPRequest) -> None:
        self.algorithm = request.hash_algorithm
        self.name_hash = request.issuer_name_hash
        self.key_hash = request.issuer_key_hash
        self.serial = request.serial_number
        nonces = [e.value for e in request.extensions if isinstance(e.value, x509.OCSPNonce)]
        self.nonce = nonces[0].nonce if nonces else None
        if self.nonce is not None and not 1 <= len(self.nonce) <= _LONGEST_NONCE:
            raise ValueError("the nonce is too long")
        if self.serial < 0:
            raise ValueError("the serial number is negative")

    def is_for(self, issuer: Facts) -> bool:
        """Whether it asks about a certificate that this one's key has signed."""
        name = hashlib.new(self.algorithm.name, issuer.subject).digest()
        if name != self.name_hash:
            return False
        key = core.Sequence.load(issuer.spki)[1].contents[1:]
        return hashlib.new(self.algorithm.name, key).digest() == self.key_hash


def _read(request: bytes) -> _Asked:
    if len(request) > LARGEST_REQUEST:
        raise ValueError("the request is too large")
    return _Asked(ocsp.load_der_ocsp_request(request))


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    answer = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return answer.public_bytes(serialization.Encoding.DER)


INTERNAL_ERROR: Final = _unsuccessful(ocsp.OCSPResponseStatus.INTERNAL_ERROR)
"""The answer when the responder's key cannot sign."""

TRY_LATER: Final = _unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
"""The answer while the vault is locked."""

UNAUTHORIZED: Final = _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
"""The answer to a question about nobody known here (RFC 6960 §2.3)."""


def _answers(authority: Authority, moment: datetime) -> bool:
    return ocsp_enabled(authority) and authority.status(moment) in _ANSWERING


def _current(authority: Authority, moment: datetime) -> bool:
    """Whether the responder's certificate is by the CA's present one and will last a while."""
    if not authority.responder_certificate:
        return False
    mine, issuer = facts(authority.responder_certificate), facts(authority.certificate)
    end = mine.certificate.not_valid_after_utc
    lasting = end - moment > _RENEW_BEFORE or end == issuer.certificate.not_valid_after_utc
    return lasting and end > moment and mine.issuer == issuer.subject and mine.aki == issuer.ski
