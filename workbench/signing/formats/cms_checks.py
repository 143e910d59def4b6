"""The questions to a CMS signature, signer by signer: its file, its value, its chain, its time.

Owns their order and sentences, for plain CMS and for CAdES. Counter-signatures and timestamps have
a chain of their own. Must not know how a signature is made.
"""

import dataclasses
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der, spec_of
from workbench.crypto.table import KEY_SPECS, Family
from workbench.pki.names import readable
from workbench.signing import der
from workbench.signing.algorithms import DIGESTS
from workbench.signing.cms_build import DATA
from workbench.signing.cms_frame import COUNTERSIGNATURE, attributes_of
from workbench.signing.cms_read import (
    LARGEST_SIGNATURE,
    Signature,
    SignerInfo,
    Unacceptable,
    read_signature,
)
from workbench.signing.formats.base import Broken, BytesContent, Content, Trust
from workbench.signing.formats.cms_value import VALUE, check_value
from workbench.signing.formats.countersignatures import check_countersignatures
from workbench.signing.formats.findings import (
    Findings,
    check_chain,
    fingerprint_line,
)
from workbench.signing.formats.signed_data import (
    SIGNATURE_TIME_STAMP,
    SIGNING_CERTIFICATE_V2,
    attribute_values,
    names_certificate,
    with_certificate,
)
from workbench.signing.formats.timestamp import Stamp, check_stamp, read_stamp
from workbench.signing.public import NAMES

_B: Final = "ETSI EN 319 122-1 §5.2.2"
_T: Final = "ETSI EN 319 122-1 §5.3"
_MOST_STAMPS: Final = 8
_KNOWN_UNSIGNED: Final = frozenset(
    {
        SIGNATURE_TIME_STAMP,
        COUNTERSIGNATURE,
        # Material for long-term validation (ETSI EN 319 122-1 §5.4, §5.5, annex A): passed over.
        *(f"1.2.840.113549.1.9.16.2.{number}" for number in (21, 22, 23, 24, 25, 26, 27, 48)),
        *(f"0.4.0.1733.2.{number}" for number in (4, 5)),
        *(f"0.4.0.19122.1.{number}" for number in range(1, 6)),
    }
)


def check_cms(
    found: Findings, data: bytes, content: Content | None, trust: Trust, *, cades: bool
) -> None:
    """Check every signer of a CMS signature, every counter-signature and every timestamp.

    Args:
        found: where the answers go.
        data: the signature, DER or PEM.
        content: what it is over; None where that is inside or missing.
        trust: whom to believe.
        cades: whether signers must name their certificate (CAdES level B).

    Raises:
        EnvironmentFault: the content cannot be read.
    """
    try:
        parsed = _parsed(data)
    except Broken as error:
        found.broken("Signature file", error)
        return
    found.ok("Signature file", "It is a well-formed CMS signature.", "RFC 5652 §5")
    digests = _digests(parsed, content)
    over = content or BytesContent(parsed.content or b"", "the content inside the signature")
    if content is not None and parsed.content is not None:
        _check_same(found, _digests(parsed, None), digests, content)
    several = len(parsed.signers) > 1
    singles = []
    for given in parsed.signers:
        single = Findings()
        signer = with_certificate(given, (*parsed.certificates, *trust.intermediates, *trust.roots))
        _check_signer(single, signer, digests, over, parsed, trust, cades=cades)
        single.families |= _families(signer)
        singles.append(single)
    for number, single in enumerate(singles, start=1):
        found.take(single, f"Signer {number}: " if several else "")
    found.digest = parsed.signers[0].digest
    found.file_hash = digests[found.digest].hex()
    if not digests[found.digest]:
        found.need("file", "")


def _check_same(
    found: Findings, inside: Mapping[str, bytes], given: Mapping[str, bytes], content: Content
) -> None:
    """Check that the content inside is the file, so that no program is shown another one."""
    found.judge(
        "Content",
        f"The content inside is {content.name}.",
        f"The content inside is not {content.name}.",
        "RFC 5652 §5.2",
        "Get the file that was signed, or look at the content inside.",
        good=all(hmac.compare_digest(inside[name], given[name]) for name in given),
    )


def check_single(
    found: Findings,
    data: bytes,
    content: Content,
    trust: Trust,
    rule: str,
    *,
    cades: bool,
    content_type: str = DATA,
    older_stamps: bool = False,
) -> SignerInfo | None:
    """Check a CMS signature inside something else, where it has one signer and is detached.

    Args:
        found: where the answers go; timestamps and counter-signatures stand on it.
        data: the signature, DER.
        content: what it is over.
        trust: whom to believe.
        rule: where it is written that there is one signer.
        cades: whether the signer must name the certificate (CAdES level B).
        content_type: what the signature must say the content is.
        older_stamps: whether counter-signatures are timestamps of before RFC 3161.

    Returns:
        The signer, or None where there is not one.
    """
    try:
        parsed = _parsed(data, content_type)
    except Broken as error:
        found.broken("Signature value", error)
        return None
    if len(parsed.signers) != 1 or parsed.content is not None:
        found.failed(
            "Signature value",
            "The signature has several signers or content of its own, which must not be here.",
            rule,
            "Get an undamaged copy.",
        )
        return None
    known = (*parsed.certificates, *trust.intermediates, *trust.roots)
    signer = with_certificate(parsed.signers[0], known)
    digests = _digests(parsed, content)
    _check_signer(
        found, signer, digests, content, parsed, trust, cades=cades, older_stamps=older_stamps
    )
    return signer


def families_of(signer: SignerInfo) -> set[Family]:
    """Return the kind of key that a signer has; nothing where the certificate is missing."""
    return _families(signer)


def _parsed(data: bytes, content_type: str = DATA) -> Signature:
    if len(data) > LARGEST_SIGNATURE:
        raise Broken("This is too large for a CMS signature.", "RFC 5652 §3")
    try:
        return read_signature(data, content_type)
    except Unacceptable as error:
        raise Broken(error.sentence, error.rule, " ") from error


def _digests(parsed: Signature, content: Content | None) -> Mapping[str, bytes]:
    """Read the content once and return its digest by every signer's algorithm; b"" if missing."""
    names = list(dict.fromkeys(signer.digest for signer in parsed.signers))
    over = content
    if over is None:
        if parsed.content is None:
            return dict.fromkeys(names, b"")
        over = BytesContent(parsed.content)
    made = over.digests([DIGESTS[name].start() for name in names])
    return dict(zip(names, made, strict=True))


def _check_signer(
    found: Findings,
    signer: SignerInfo,
    digests: Mapping[str, bytes],
    over: Content,
    parsed: Signature,
    trust: Trust,
    *,
    cades: bool,
    older_stamps: bool = False,
) -> None:
    found.algorithm = NAMES.get(signer.signature_oid, signer.signature_oid)
    found.digest, found.signing_time = signer.digest, signer.signing_time
    found.signer = signer.named
    if signer.certificate is not None:
        found.signer = readable(signer.certificate.certificate.subject)
    _check_file(found, signer, digests[signer.digest], over)
    check_value(found, signer)
    named = _check_named(found, signer, required=cades)
    if named:
        _check_unsigned(found, signer)
    if signer.certificate is None:
        found.unknown("Certificate chain", "There is no certificate to begin with.")
        return
    known = (*parsed.certificates, *trust.intermediates, *trust.roots)
    older = check_countersignatures(found, signer, known, trust, older_stamps=older_stamps)
    trusted = _check_stamps(found, signer, trust, older)
    check_chain(found, signer.certificate.der, parsed.certificates, trusted, within=parsed.evidence)


def _check_file(found: Findings, signer: SignerInfo, digest: bytes, over: Content) -> None:
    if not digest:
        found.failed(
            "File",
            "The signature is detached: the file it is over is needed too.",
            "RFC 5652 §5.2",
            "Drop that file.",
        )
        return
    stated = signer.message_digest.hex()
    evidence = f"{signer.digest} signed {stated}, found {digest.hex()}"
    if digest != DIGESTS[signer.digest].start().digest():
        no = (
            f"{over.name} is not the file that was signed: its {signer.digest} digest differs. It "
            "was changed after signing, or this signature belongs to another file."
        )
    else:
        no = f"{over.name} is empty, and that is not what was signed."
    found.judge(
        "File",
        f"The {signer.digest} digest of {over.name} is the one that was signed.",
        no,
        VALUE,
        "Get the original file.",
        good=hmac.compare_digest(digest, signer.message_digest),
        evidence=evidence,
    )


def _check_named(found: Findings, signer: SignerInfo, *, required: bool) -> bool:
    """Check that the signed attributes name the certificate; returns whether they name any."""
    if signer.certificate is None:
        return False
    try:
        named = names_certificate(signer)
    except Broken as error:
        found.broken("Signing certificate", error)
        return True
    if named is None and not required:
        return False
    missing = named is None
    found.judge(
        "Signing certificate",
        "The signer named this certificate and no other.",
        "The signature does not name the signer's certificate, so another one for the same key "
        "could be put in its place."
        if missing
        else "The signer named another certificate than the one that is there.",
        _B,
        "Check it as a plain CMS signature, or get a CAdES signature."
        if missing
        else "Get an undamaged copy of the signature.",
        good=named is True,
        evidence=fingerprint_line(signer.certificate.der),
    )
    return not missing


def _check_unsigned(found: Findings, signer: SignerInfo) -> None:
    """Refuse unsigned attributes that CAdES does not know: a damaged timestamp could be one."""
    kinds = {kind for kind, _ in attributes_of(signer.unsigned)}
    unknown = sorted(kinds - _KNOWN_UNSIGNED)
    if unknown:
        found.failed(
            "Unsigned attributes",
            f"The signature has an unsigned attribute ({unknown[0]}) that CAdES does not know; it "
            "may be a damaged timestamp.",
            "ETSI EN 319 122-1 §6.3",
            "Get an undamaged copy of the signature.",
        )


def _check_stamps(
    found: Findings, signer: SignerInfo, trust: Trust, older: Sequence[datetime]
) -> Trust:
    """Check the timestamps of a signature value; `older` are the times of others, checked already.

    Returns:
        The trust at the moment when the signer's chain is to be judged: the earliest good
        timestamp's time, else the time the signer claims if that is asked for, else as it was.
        A claim does not go before a revocation: whoever stole the key would claim to be earlier.
    """
    try:
        stamps = _stamps(signer)
    except Broken as error:
        found.broken("Timestamp", error)
        return trust
    moments = [trust.moment, *older]
    for number, stamp in enumerate(stamps, start=1):
        running = DIGESTS[stamp.digest].start()
        running.update(signer.signature)
        stamped = Findings()
        if check_stamp(stamped, stamp, running.digest(), "the signature", trust):
            moments.append(stamp.moment)
        title = f"Timestamp {number}" if len(stamps) > 1 else "Timestamp"
        found.stand_on(stamped, "timestamp", title)
    if len(moments) == 1 and trust.at_signing_time and signer.signing_time is not None:
        found.ok(
            "Moment",
            f"The certificates are judged at {signer.signing_time:%Y-%m-%d %H:%M:%S} UTC, the "
            "signing time that the signer claims; nobody else vouches for it.",
            "RFC 5652 §11.3",
        )
        evidence = dataclasses.replace(trust.evidence, moment=trust.moment)
        return dataclasses.replace(trust, moment=signer.signing_time, evidence=evidence)
    return dataclasses.replace(trust, moment=min(moments))


def _stamps(signer: SignerInfo) -> list[Stamp]:
    tokens = attribute_values(signer.unsigned, SIGNATURE_TIME_STAMP)
    if len(tokens) > _MOST_STAMPS:
        raise Broken(f"The signature has more than {_MOST_STAMPS} timestamps.", _T)
    return [read_stamp(token) for token in tokens]


def _families(signer: SignerInfo) -> set[Family]:
    """Return what kind of key a signer has; nothing for a kind that AWS KMS has not."""
    if signer.certificate is None:
        return set()
    try:
        return {KEY_SPECS[spec_of(public_from_der(signer.certificate.spki))].family}
    except Refused:
        return set()


def is_cades(data: bytes) -> bool:
    """Return whether a CMS signature speaks of its signer's certificate, as CAdES does."""
    return der.object_identifier(SIGNING_CERTIFICATE_V2) in data
