"""CMS SignedData of any content and any number of signers, built and looked into.

Owns the parts that CAdES signatures and timestamps share: signers with the ESS signing certificate
(RFC 5652 §5, RFC 5035 §3, RFC 5816 §2), and looking up attributes. Must not know files.
"""

import contextlib
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from workbench.base.errors import Refused
from workbench.pki.parse import Malformed, facts
from workbench.signing import der
from workbench.signing.algorithms import Plan, allowed_digests, plan
from workbench.signing.certificates import public_bytes, without_roots
from workbench.signing.cms_build import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_TIME,
    attribute,
    protection,
    signer_identifier,
)
from workbench.signing.cms_frame import attributes_of
from workbench.signing.cms_read import SignerInfo
from workbench.signing.cms_rules import Unacceptable
from workbench.signing.formats.base import Broken, Signing
from workbench.signing.formats.keys import sign_message
from workbench.signing.public import signature_matches

SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
SIGNATURE_TIME_STAMP: Final = "1.2.840.113549.1.9.16.2.14"
_ESS: Final = "RFC 5035 §3"
_OLD: Final = "RFC 2634 §5.4"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_ESS_DIGESTS: Final = {
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
}


@dataclass(frozen=True, slots=True)
class CmsSigner:
    """One signer to be.

    Attributes:
        signing: the key and its chain.
        plan: how it signs.
    """

    signing: Signing
    plan: Plan


def cms_signer(signing: Signing, digest: str = "", *, pss: bool = False) -> CmsSigner:
    """Return a signer, its key and certificate checked against each other.

    Args:
        signing: the key; its chain must begin with its certificate.
        digest: of the content; where the key cannot sign with it, or if empty, the key's usual one.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.

    Raises:
        Refused: there is no certificate of this key, it is not valid at the signing time, or CMS
            has no place for the key.
    """
    if not signing.chain:
        raise Refused("This needs the signer's certificate.", "Issue a certificate to the key.")
    try:
        certificate = x509.load_der_x509_certificate(signing.chain[0])
    except ValueError as error:
        raise Refused("The signer's certificate cannot be read.", "Get it again.") from error
    if public_bytes(certificate) != signing.public_key:
        raise Refused(
            f"The certificate belongs to another key than {signing.key_id}.",
            "Choose the certificate that was issued to this key.",
        )
    starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not starts <= signing.moment <= ends:
        raise Refused(
            f"The signer's certificate is valid only from {starts:%Y-%m-%d} to {ends:%Y-%m-%d}.",
            "Have a new certificate issued to the key.",
        )
    allowed = allowed_digests(signing.spec)
    chosen = digest if digest in allowed else next(iter(allowed), digest)
    return CmsSigner(signing, plan(signing.spec, chosen, pss=pss))


def signer_info(
    kms: Any,
    signer: CmsSigner,
    digest: bytes,
    *,
    content_type: str = DATA,
    signing_time: bool = True,
    named: bool = True,
    further: Sequence[bytes] = (),
) -> tuple[bytes, bytes]:
    """Have a signer sign, and return its SignerInfo without its frame, and the signature value.

    Args:
        kms: boto3-shaped KMS client.
        signer: who signs.
        digest: of the content.
        content_type: what the content is.
        signing_time: whether the claimed signing time is among the attributes.
        named: whether the signer names its certificate (RFC 5035 §3).
        further: other signed attributes, encoded.

    Raises:
        Refused: the key can only be given short messages.
        botocore ClientError: the key refused.
    """
    chosen = signer.plan
    attributes = [
        attribute(CONTENT_TYPE, der.object_identifier(content_type)),
        attribute(MESSAGE_DIGEST, der.tlv(der.OCTET_STRING, digest)),
        attribute(ALGORITHM_PROTECTION, protection(chosen.digest.identifier, chosen.identifier)),
    ]
    if named:
        ess = _signing_certificate(signer.signing.chain[0])
        attributes.append(attribute(SIGNING_CERTIFICATE_V2, ess))
    if signing_time:
        attributes.append(attribute(SIGNING_TIME, der.moment(signer.signing.moment)))
    signed = der.set_of([*attributes, *further])
    value = sign_message(kms, signer.signing, chosen.kms_algorithm, signed)
    certificate = x509.load_der_x509_certificate(signer.signing.chain[0])
    parts = (
        der.tlv(der.INTEGER, b"\x01"),
        signer_identifier(certificate),
        chosen.digest.identifier,
        b"\xa0" + signed[1:],
        chosen.identifier,
        der.tlv(der.OCTET_STRING, value),
    )
    return b"".join(parts), value


def signed_data(
    signers: Sequence[CmsSigner],
    infos: Sequence[bytes],
    *,
    content: bytes | None = None,
    content_type: str = DATA,
    certificates: bool = True,
) -> bytes:
    """Return the whole ContentInfo.

    Args:
        signers: who signed.
        infos: their SignerInfos without frames, unsigned attributes at the end.
        content: the content where it is inside.
        content_type: what it is.
        certificates: whether the chains are put in.
    """
    inside = () if content is None else (der.tlv(0xA0, der.tlv(der.OCTET_STRING, content)),)
    chains = {one for signer in signers for one in without_roots(signer.signing.chain)}
    parts = [
        # Version 1 is for plain content by signers named by issuer and serial (RFC 5652 §5.1).
        der.tlv(der.INTEGER, b"\x01" if content_type == DATA else b"\x03"),
        der.set_of({signer.plan.digest.identifier for signer in signers}),
        der.tlv(der.SEQUENCE, der.object_identifier(content_type), *inside),
    ]
    if certificates:
        parts.append(der.set_of(chains, tag=0xA0))
    parts.append(der.set_of([der.tlv(der.SEQUENCE, info) for info in infos]))
    return der.tlv(
        der.SEQUENCE,
        der.object_identifier(SIGNED_DATA),
        der.tlv(0xA0, der.tlv(der.SEQUENCE, *parts)),
    )


def attribute_values(attributes: bytes, kind: str) -> list[bytes]:
    """Return the values of an attribute in an encoded set of attributes.

    Args:
        attributes: signed or unsigned attributes under any tag, or nothing.
        kind: the attribute's object identifier.

    Raises:
        Broken: the set is malformed, or the attribute is there twice.
    """
    try:
        found = [values for name, values in attributes_of(attributes) if name == kind]
    except der.Malformed as error:
        raise Broken(error.sentence, error.rule) from error
    if len(found) > 1:
        raise Broken(f"The attribute {kind} is there twice.", "RFC 5652 §5.3")
    return found[0] if found else []


def names_certificate(signer: SignerInfo) -> bool | None:
    """Return whether the signed ESS attribute names the signer's certificate; None if not there.

    Raises:
        Broken: the attribute is malformed.
    """
    values = attribute_values(signer.signed, SIGNING_CERTIFICATE_V2)
    if not values or signer.certificate is None:
        return None if not values else False
    try:
        if len(values) != 1:
            raise Broken("The signing certificate is named more than once.", _ESS)
        lists = der.children(der.read(values[0], "The attribute"), "The attribute")
        first = der.children(der.children(lists[0], "The attribute")[0], "The attribute")
        algorithm = _SHA256
        if first[0].tag == der.SEQUENCE:
            algorithm = der.dotted(der.children(first.pop(0), "It")[0], "The digest")
        stated = bytes(der.expect(first[0], der.OCTET_STRING, "The certificate's digest").content)
    except der.Malformed as error:
        raise Broken(error.sentence, error.rule) from error
    except IndexError as error:
        raise Broken("The attribute naming the signer's certificate is malformed.", _ESS) from error
    digest = _ESS_DIGESTS.get(algorithm)
    if digest is None:
        raise Broken("The signer's certificate is named by a weak digest.", "RFC 5035 §4")
    return hmac.compare_digest(digest(signer.certificate.der).digest(), stated)


def names_certificate_by_sha1(signer: SignerInfo) -> bool | None:
    """Return whether the older ESS attribute names the signer's certificate; None if not there.

    It names certificates by SHA-1 (RFC 2634 §5.4), which is enough to tell which of its own an
    authority meant; whatever signs is not made with it.

    Raises:
        Broken: the attribute is malformed.
    """
    values = attribute_values(signer.signed, SIGNING_CERTIFICATE)
    if not values or signer.certificate is None:
        return None if not values else False
    what = "The attribute"
    try:
        (value,) = values
        first = der.children(der.children(der.read(value, what), what)[0], what)[0]
        stated, *rest = der.children(first, what)
        digest = bytes(der.expect(stated, der.OCTET_STRING, "The certificate's digest").content)
        serials = [der.integer(der.children(one, what)[1], "The serial number") for one in rest]
    except der.Malformed as error:
        raise Broken(error.sentence, error.rule) from error
    except (IndexError, ValueError) as error:
        raise Broken("The attribute naming the signer's certificate is malformed.", _OLD) from error
    known = signer.certificate
    made = hashlib.sha1(known.der, usedforsecurity=False).digest()
    meant = all(serial == known.certificate.serial_number for serial in serials)
    return meant and hmac.compare_digest(made, digest)


def with_certificate(signer: SignerInfo, known: Iterable[bytes]) -> SignerInfo:
    """Look for the signer's certificate among all that are known, where the signature has none."""
    if signer.certificate is not None:
        return signer
    readable_ones = []
    for certificate in known:
        with contextlib.suppress(Malformed):
            readable_ones.append(facts(certificate))
    return replace(signer, certificate=signer.name.find(readable_ones))


def value_matches(signer: SignerInfo) -> bool:
    """Return whether the signature value is that of the signer's certificate.

    Raises:
        Broken: there is no certificate, or its key is not one for the algorithm.
    """
    if signer.certificate is None:
        raise Broken(
            f"The signer's certificate ({signer.named}) is not inside the signature.",
            "RFC 5652 §5.3",
            "Ask the signer to include it, or give it along.",
        )
    try:
        return signature_matches(signer.certificate.certificate.public_key(), signer)
    except Unacceptable as error:
        raise Broken(error.sentence, error.rule) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Broken(
            "The public key in the signer's certificate cannot be read.", "RFC 5280 §4.1.2.7"
        ) from error


def valid_at(certificate: bytes, moment: datetime) -> bool:
    """Return whether a moment lies within a certificate's validity."""
    loaded = x509.load_der_x509_certificate(certificate)
    return loaded.not_valid_before_utc <= moment <= loaded.not_valid_after_utc


def _signing_certificate(certificate: bytes) -> bytes:
    """Return SigningCertificateV2 with SHA-256, the default, which DER leaves out."""
    digest = der.tlv(der.OCTET_STRING, hashlib.sha256(certificate).digest())
    one = der.tlv(der.SEQUENCE, digest)
    return der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, one))
