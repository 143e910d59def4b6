"""CAdES signatures: CMS that names the signer's certificate, by one or several, with a timestamp.

Owns the making of levels B and T (ETSI EN 319 122-1 §5, §6). The content is read once, however many
sign. Must not know how signatures are checked; `cms_checks` does.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from workbench.base.errors import Refused
from workbench.signing import der
from workbench.signing.algorithms import DIGESTS, allowed_digests
from workbench.signing.cms_build import SIGNED_DATA
from workbench.signing.formats.base import Broken, BytesContent, Content, Signing, Traits, Trust
from workbench.signing.formats.cms_checks import check_cms
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.signed_data import (
    SIGNATURE_TIME_STAMP,
    cms_signer,
    signed_data,
    signer_info,
)
from workbench.signing.formats.timestamp import Timestamper, make_request, read_stamp, token_of
from workbench.signing.verdict import Verdict

CMS_SPECS: Final = frozenset(
    {
        "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_NIST_EDWARDS25519",
        "RSA_2048", "RSA_3072", "RSA_4096", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87",
    }
)  # fmt: skip
ANY_SPECS: Final = CMS_SPECS | {"ECC_SECG_P256K1"}
"""CMS takes any curve (RFC 5753 §2.1.1); programs for PDFs, JARs and PEs do not know this one."""
CMS_TRAITS: Final = Traits(
    certificate="needed",
    most_signers=16,
    stamps=True,
    digests=allowed_digests,
    several_limits=(
        "pyHanko and the programs built on it accept CMS signatures by one key only; OpenSSL "
        "checks every signer. For them make two signatures, each by one key."
    ),
)
_SIGNED_DATA: Final = der.object_identifier(SIGNED_DATA)
_FORGOTTEN_DIGEST: Final = "SHA-512"


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
    specs: ClassVar[frozenset[str]] = ANY_SPECS
    traits: ClassVar[Traits] = CMS_TRAITS
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
        return sign_data(
            kms, signings, content,
            digest=self.digest, detached=self.detached, pss=self.pss,
            timestamper=self.timestamper, named=True,
        )  # fmt: skip

    def sniff(self, head: bytes) -> bool:
        """Whether it begins like CMS SignedData in DER."""
        return head[:1] == b"\x30" and _SIGNED_DATA in head[:24]

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check every signer, counter-signature and timestamp; raises as `Format.verify`."""
        found = Findings()
        check_cms(found, signature, content, trust, cades=True)
        return found.verdict(self.title)


def sign_data(
    kms: Any,
    signings: Sequence[Signing],
    content: Content,
    *,
    digest: str,
    detached: bool,
    pss: bool,
    timestamper: Timestamper | None,
    named: bool,
) -> bytes:
    """Return SignedData by one or several keys over content that is read once.

    Args:
        kms: boto3-shaped KMS client.
        signings: who signs.
        content: what is signed.
        digest: of the content; empty, or for keys that cannot sign with it, takes the key's usual.
        detached: whether the content stays outside.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        timestamper: asked for a timestamp of every signature value, or None.
        named: whether signers name their certificate, as CAdES has it.

    Raises:
        Refused: there is no signer, one of them is there twice, or as `Format.sign`.
        EnvironmentFault: the content cannot be read.
        botocore ClientError: a key refused.
    """
    if not signings or len({one.public_key for one in signings}) != len(signings):
        raise Refused("Every signer signs once.", "Choose one or several different keys.")
    signers = [cms_signer(one, digest, pss=pss) for one in signings]
    inside = None if detached else content.whole()
    over = content if inside is None else BytesContent(inside)
    names = list(dict.fromkeys(one.plan.digest.name for one in signers))
    made = over.digests([DIGESTS[name].start() for name in names])
    digests = dict(zip(names, made, strict=True))
    infos = []
    for one in signers:
        info, value = signer_info(kms, one, digests[one.plan.digest.name], named=named)
        infos.append(info if timestamper is None else info + stamped(timestamper, value))
    return signed_data(signers, infos, content=inside)


def stamped(timestamper: Timestamper, value: bytes) -> bytes:
    """Return the unsigned attributes with a timestamp of a signature value.

    Raises:
        Broken: the authority refused, or answered something else than was asked.
    """
    token = stamp_signature(timestamper, value)
    kind = der.object_identifier(SIGNATURE_TIME_STAMP)
    return der.set_of([der.tlv(der.SEQUENCE, kind, der.tlv(der.SET, token))], tag=0xA1)


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
