"""CAdES signatures: CMS that names the signer's certificate, by one or several, with a timestamp.

Owns levels B and T (ETSI EN 319 122-1 §5, §6) and the order of the questions in verifying them. The
content is read once, however many sign. Must not know how certificates are judged.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Final

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der, spec_of
from workbench.crypto.table import KEY_SPECS, Family
from workbench.pki.names import readable
from workbench.signing import der
from workbench.signing.algorithms import DIGESTS
from workbench.signing.cms_read import (
    LARGEST_SIGNATURE,
    Signature,
    SignerInfo,
    Unacceptable,
    read_signature,
)
from workbench.signing.formats.base import (
    Broken,
    BytesContent,
    Content,
    Signing,
    Trust,
)
from workbench.signing.formats.findings import (
    Findings,
    check_chain,
    check_required,
    content_missing,
)
from workbench.signing.formats.signed_data import (
    SIGNATURE_TIME_STAMP,
    CmsSigner,
    attribute_values,
    cms_signer,
    names_certificate,
    signed_data,
    signer_info,
    value_matches,
    with_certificate,
)
from workbench.signing.formats.timestamp import (
    Stamp,
    Timestamper,
    check_stamp,
    make_request,
    read_stamp,
    token_of,
)
from workbench.signing.public import NAMES
from workbench.signing.verify import Verdict

_B: Final = "ETSI EN 319 122-1 §5.2.2"
_T: Final = "ETSI EN 319 122-1 §5.3"
_SIGNED_DATA: Final = der.object_identifier("1.2.840.113549.1.7.2")
_FORGOTTEN_DIGEST: Final = "SHA-512"
_MOST_STAMPS: Final = 8


@dataclass(frozen=True, slots=True)
class Cades:
    """CAdES signatures of level B, and T where there is a timestamper.

    Attributes:
        digest: of the content; empty, or for keys that cannot sign with it, takes the key's usual.
        detached: whether the content stays outside.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        timestamper: asks a timestamp authority for every signature; not part of a stored recipe.
    """

    name: ClassVar[str] = "cades"
    title: ClassVar[str] = "CAdES signature"
    suffix: ClassVar[str] = ".p7s"
    standard: ClassVar[str] = "ETSI EN 319 122-1"
    specs: ClassVar[frozenset[str]] = frozenset(
        {
            "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_NIST_EDWARDS25519",
            "RSA_2048", "RSA_3072", "RSA_4096", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87",
        }
    )  # fmt: skip
    peer_limits: ClassVar[str] = (
        "Programs older than OpenSSL 3.5 know no ML-DSA; for them sign with an ECDSA key as well, "
        "which has a chain without ML-DSA."
    )

    digest: str = ""
    detached: bool = True
    pss: bool = False
    timestamper: Timestamper | None = field(default=None, compare=False, repr=False)

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signature; raises as `Format.sign`."""
        return self.sign_all(kms, [signing], content)

    def sign_all(self, kms: Any, signings: Sequence[Signing], content: Content) -> bytes:
        """Return one signature by several keys, the content read once.

        Raises:
            Refused: there is no signer, one of them is there twice, or as `sign`.
        """
        if not signings or len({one.public_key for one in signings}) != len(signings):
            raise Refused("Every signer signs once.", "Choose one or several different keys.")
        signers = [cms_signer(one, self.digest, pss=self.pss) for one in signings]
        inside = None if self.detached else content.whole()
        over = content if inside is None else BytesContent(inside)
        names = list(dict.fromkeys(one.plan.digest.name for one in signers))
        made = over.digests([DIGESTS[name].start() for name in names])
        digests = dict(zip(names, made, strict=True))
        infos = [self._info(kms, one, digests[one.plan.digest.name]) for one in signers]
        return signed_data(signers, infos, content=inside)

    def sniff(self, head: bytes) -> bool:
        """Whether it begins like CMS SignedData in DER."""
        return head[:1] == b"\x30" and _SIGNED_DATA in head[:24]

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check every signer and every timestamp; raises as `Format.verify`."""
        found = Findings()
        try:
            parsed = _parsed(signature)
        except Broken as error:
            found.broken("Signature file", error)
            return found.verdict()
        found.ok("Signature file", "It is a well-formed CMS signature.", "RFC 5652 §5")
        if parsed.content is None and content is None:
            return content_missing(found, "RFC 5652 §5.2")
        over = content or BytesContent(parsed.content or b"", "the content inside")
        names = list(dict.fromkeys(one.digest for one in parsed.signers))
        made = over.digests([DIGESTS[name].start() for name in names])
        digests = dict(zip(names, made, strict=True))
        found.digest, found.file_hash = names[0], made[0].hex()
        families: set[Family] = set()
        several = len(parsed.signers) > 1
        for number, signer in enumerate(parsed.signers, start=1):
            single = Findings()
            _check_signer(single, signer, digests[signer.digest], over, parsed, trust)
            if single.sound:
                families |= _families(signer, (*trust.intermediates, *trust.roots))
            found.take(single, f"Signer {number}: " if several else "")
        check_required(found, families, trust)
        return found.verdict()

    def _info(self, kms: Any, signer: CmsSigner, digest: bytes) -> bytes:
        info, value = signer_info(kms, signer, digest)
        if self.timestamper is None:
            return info
        token = stamp_signature(self.timestamper, value)
        stamped = der.tlv(
            der.SEQUENCE, der.object_identifier(SIGNATURE_TIME_STAMP), der.tlv(der.SET, token)
        )
        return info + der.set_of([stamped], tag=0xA1)


def stamp_signature(timestamper: Timestamper, value: bytes) -> bytes:
    """Ask for a timestamp of a signature value and return the token.

    Raises:
        Broken: the authority refused, or answered something else than was asked.
    """
    running = DIGESTS[_FORGOTTEN_DIGEST].start()
    running.update(value)
    imprint = running.digest()
    request, nonce = make_request(_FORGOTTEN_DIGEST, imprint)
    response = timestamper(request)
    stamp = read_stamp(response)
    if stamp.nonce != nonce or not hmac.compare_digest(stamp.imprint, imprint):
        raise Broken(
            "The authority's timestamp is not the one that was asked for.",
            "RFC 3161 §2.4.2",
            "Ask again, or another authority.",
        )
    return token_of(response)


def _parsed(signature: bytes) -> Signature:
    if len(signature) > LARGEST_SIGNATURE:
        raise Broken("This is too large for a CMS signature.", "RFC 5652 §3")
    try:
        return read_signature(signature)
    except Unacceptable as error:
        raise Broken(error.sentence, error.rule) from error


def _check_signer(
    found: Findings,
    given: SignerInfo,
    digest: bytes,
    over: Content,
    parsed: Signature,
    trust: Trust,
) -> None:
    signer = with_certificate(given, (*trust.intermediates, *trust.roots))
    found.algorithm = NAMES.get(signer.signature_oid, signer.signature_oid)
    found.signing_time = signer.signing_time
    found.signer = signer.named
    found.judge(
        "File",
        f"The {signer.digest} digest of {over.name} is the one that was signed.",
        f"What was signed is not {over.name}: its {signer.digest} digest differs.",
        "RFC 5652 §5.6",
        "Get the original file and its signature.",
        good=hmac.compare_digest(digest, signer.message_digest),
    )
    try:
        good, named = value_matches(signer), names_certificate(signer)
    except Broken as error:
        found.broken("Signature", error)
        return
    assert signer.certificate is not None
    name = readable(signer.certificate.certificate.subject)
    found.signer = name
    found.judge(
        "Signature",
        f"The signature was made by the key in the certificate of {name}.",
        f"The signature was not made by the key in the certificate of {name}: it was damaged or "
        "forged.",
        "RFC 5652 §5.6",
        "Get an undamaged copy of the signature.",
        good=good,
    )
    found.judge(
        "Signing certificate",
        "The signer named this certificate and no other.",
        "The signature does not name the signer's certificate, so another one for the same key "
        "could be put in its place.",
        _B,
        "Check it as a plain CMS signature, or get a CAdES signature.",
        good=named is True,
    )
    moment = _check_stamps(found, signer, trust)
    check_chain(found, signer.certificate.der, parsed.certificates, replace(trust, moment=moment))


def _check_stamps(found: Findings, signer: SignerInfo, trust: Trust) -> datetime:
    """Check the timestamps of a signature value.

    Returns:
        When the signature existed at the latest, for judging the signer's chain: the earliest good
        timestamp's time, else the moment of trust.
    """
    try:
        stamps = _stamps(signer)
    except Broken as error:
        found.broken("Timestamp", error)
        return trust.moment
    moments = [trust.moment]
    for stamp in stamps:
        running = DIGESTS[stamp.digest].start()
        running.update(signer.signature)
        stamped = Findings()
        good = check_stamp(stamped, stamp, running.digest(), "the signature", trust)
        found.checks += stamped.checks
        if good:
            moments.append(stamp.moment)
    return min(moments)


def _stamps(signer: SignerInfo) -> list[Stamp]:
    tokens = attribute_values(signer.unsigned, SIGNATURE_TIME_STAMP)
    if len(tokens) > _MOST_STAMPS:
        raise Broken(f"The signature has more than {_MOST_STAMPS} timestamps.", _T)
    return [read_stamp(token) for token in tokens]


def _families(signer: SignerInfo, known: Sequence[bytes]) -> set[Family]:
    """Return what kind of key a signer has; nothing for a kind that AWS KMS has not."""
    certificate = with_certificate(signer, known).certificate
    if certificate is None:
        return set()
    try:
        return {KEY_SPECS[spec_of(public_from_der(certificate.spki))].family}
    except Refused:
        return set()
