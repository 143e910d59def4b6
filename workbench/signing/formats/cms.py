"""Plain CMS signatures (RFC 5652): detached or with the content inside, by one or several keys.

Owns the format's choices. A job that signs detached with one key takes `cms_build`, which encodes
once per recipe what does not change; the result is the same kind of signature.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from workbench.signing.formats.base import Content, Signing, Traits, Trust
from workbench.signing.formats.cades import ANY_SPECS, CMS_TRAITS, Cades, sign_data
from workbench.signing.formats.cms_checks import check_cms, is_cades
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.timestamp import Timestamper
from workbench.signing.verdict import Verdict

_ARMOUR = (b"-----BEGIN CMS-----", b"-----BEGIN PKCS7-----")


@dataclass(frozen=True, slots=True)
class Cms:
    """CMS signatures.

    Attributes:
        digest: of the content; empty, or for keys that cannot sign with it, takes the key's usual.
        detached: whether the content stays outside.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        timestamper: asks a timestamp authority for every signature; not part of a stored recipe.
    """

    name: ClassVar[str] = "cms"
    title: ClassVar[str] = "CMS signature"
    suffix: ClassVar[str] = ".p7s"
    standard: ClassVar[str] = "RFC 5652"
    specs: ClassVar[frozenset[str]] = ANY_SPECS
    peer_limits: ClassVar[str] = Cades.peer_limits
    traits: ClassVar[Traits] = CMS_TRAITS

    digest: str = ""
    detached: bool = True
    pss: bool = False
    timestamper: Timestamper | None = field(default=None, compare=False, repr=False)

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signature; raises as `Format.sign`."""
        return self.sign_all(kms, [signing], content)

    def sign_all(self, kms: Any, signings: Sequence[Signing], content: Content) -> bytes:
        """Return one signature by several keys, the content read once; raises as `Format.sign`."""
        return sign_data(
            kms, signings, content,
            digest=self.digest, detached=self.detached, pss=self.pss,
            timestamper=self.timestamper, named=False,
        )  # fmt: skip

    def sniff(self, head: bytes) -> bool:
        """Whether it begins like CMS SignedData, in DER or PEM."""
        return Cades().sniff(head) or head.lstrip().startswith(_ARMOUR)

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check every signer, counter-signature and timestamp; raises as `Format.verify`.

        What CAdES adds is checked where it is there, and not missed where it is not.
        """
        found = Findings()
        check_cms(found, signature, content, trust, cades=False)
        return found.verdict(Cades.title if is_cades(signature) else self.title)
