"""Authenticode: signatures inside Windows programs, by one or several, with a timestamp.

Owns the making of them and the questions to a signed program; the CMS inside is for `cms_checks`.

Source: Windows Authenticode Portable Executable Signature Format (Microsoft, 2008).
"""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from workbench.base.errors import Refused
from workbench.pki.purposes import Purpose
from workbench.signing.algorithms import DIGESTS, allowed_digests
from workbench.signing.certificates import without_roots
from workbench.signing.formats.base import Broken, BytesContent, Content, Signing, Traits, Trust
from workbench.signing.formats.cades import CMS_SPECS, stamp_signature
from workbench.signing.formats.cms_checks import check_single, families_of
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.pe import AUTHENTICODE, FORMAT, Image, read_image
from workbench.signing.formats.signed_data import CmsSigner, cms_signer, signer_info
from workbench.signing.formats.spc import (
    INDIRECT_DATA,
    Spoken,
    content_of,
    indirect_data,
    opus,
    pkcs7,
    read_signature,
    unsigned_attributes,
)
from workbench.signing.formats.timestamp import Timestamper
from workbench.signing.verdict import Verdict

_LONGEST: Final = 200
_HEAD: Final = 4096


def _digests(spec: str) -> tuple[str, ...]:
    return tuple(name for name in allowed_digests(spec) if name.startswith("SHA-"))


@dataclass(frozen=True, slots=True)
class Authenticode:
    """Signed Windows programs and libraries.

    Attributes:
        digest: of the image; empty, or for keys that cannot sign with it, takes the key's usual.
        replace: whether signatures that are there are replaced; else such a program is refused.
        description: the program's name as Windows shows it when asking, or empty.
        url: where to read more about it, or empty.
        timestamper: asks a timestamp authority for every signature; not part of a stored recipe.
    """

    name: ClassVar[str] = "authenticode"
    title: ClassVar[str] = "Windows program signature (Authenticode)"
    suffix: ClassVar[str] = ".exe"
    standard: ClassVar[str] = AUTHENTICODE
    specs: ClassVar[frozenset[str]] = CMS_SPECS - {"ECC_NIST_EDWARDS25519"}
    traits: ClassVar[Traits] = Traits(
        certificate="needed", most_signers=16, stamps=True, embeds=True, digests=_digests,
        purpose=Purpose.CODE_SIGNING, takes="a Windows program",
    )  # fmt: skip
    peer_limits: ClassVar[str] = (
        "Windows knows no ML-DSA yet and treats the program as unsigned; for it sign with an RSA "
        "or ECDSA key first."
    )

    digest: str = ""
    replace: bool = False
    description: str = ""
    url: str = ""
    timestamper: Timestamper | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check the choices."""
        if len(self.description) > _LONGEST or not (
            self.description.isprintable() or not self.description
        ):
            raise Refused(
                f"The description has at most {_LONGEST} characters on one line.", "Shorten it."
            )
        if self.url and not (self.url.isascii() and self.url.startswith(("http://", "https://"))):
            raise Refused(
                f"{self.url!r} is no web address.", "Begin it with https:// and use ASCII only."
            )

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signed program; raises as `Format.sign`."""
        return self.sign_all(kms, [signing], content)

    def sign_all(self, kms: Any, signings: Sequence[Signing], content: Content) -> bytes:
        """Return the program signed by several keys; Windows looks at the first one's signature.

        Raises:
            Refused: it is no program that can be signed, there is no signer, one of them is there
                twice, or as `sign`.
        """
        if not signings or len({one.public_key for one in signings}) != len(signings):
            raise Refused("Every signer signs once.", "Choose one or several different keys.")
        signers = [self._signer(one) for one in signings]
        try:
            image = read_image(content.whole())
        except Broken as error:
            raise Refused(f"{content.name}: {error.message}", error.next_step) from error
        if image.signed and not self.replace:
            raise Refused(
                f"{content.name} has a signature already.",
                "Choose to replace it, or sign the program as it was before.",
            )
        first, *others = signers
        nested = [self._signed(kms, one, image, ()) for one in others]
        return image.with_signature(self._signed(kms, first, image, nested))

    def sniff(self, head: bytes) -> bool:
        """Whether it is a program with a certificate table."""
        if head[:2] != b"MZ":
            return False
        try:
            return read_image(head).signed
        except Broken:
            # A table that is not at the end, or the end is not there: for the verdict to say.
            return b"PE\0\0" in head[:4096] and len(head) > _HEAD

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check every signature of a program; raises as `Format.verify`.

        Args:
            signature: the program.
            content: left aside: the signatures are over the program itself.
            trust: whom to believe.
        """
        del content
        found = Findings()
        try:
            self._check(found, signature, trust)
        except Broken as error:
            found.broken("Program", error)
        return found.verdict(self.title)

    def _signer(self, signing: Signing) -> CmsSigner:
        usual = _digests(signing.spec)
        return cms_signer(signing, self.digest if self.digest in usual else next(iter(usual), ""))

    def _signed(self, kms: Any, signer: CmsSigner, image: Image, nested: Sequence[bytes]) -> bytes:
        digest = signer.plan.digest
        content = indirect_data(digest.name, _digest(image, digest.name))
        running = digest.start()
        running.update(content_of(content))
        info, value = signer_info(
            kms,
            signer,
            running.digest(),
            content_type=INDIRECT_DATA,
            named=False,
            further=[opus(self.description, self.url)],
        )
        stamp = None if self.timestamper is None else stamp_signature(self.timestamper, value)
        info += unsigned_attributes(stamp, nested)
        return pkcs7(digest.identifier, content, without_roots(signer.signing.chain), info)

    def _check(self, found: Findings, data: bytes, trust: Trust) -> None:
        image = read_image(data)
        if not image.signed:
            found.failed(
                "Program", "The program has no signature.", FORMAT, "Ask for the signed program."
            )
            found.need("signature", "the signed program")
            return
        spoken = list(_all(image.signature()))
        found.ok("Program", "It is a well-formed program with signatures.", FORMAT)
        for number, one in enumerate(spoken, start=1):
            single = Findings()
            _check_image(single, image, one)
            over = BytesContent(one.content, "the statement about the program")
            signer = check_single(
                single, one.cms, over, trust, AUTHENTICODE, cades=False,
                content_type=INDIRECT_DATA, older_stamps=True,
            )  # fmt: skip
            if signer is not None:
                single.families |= families_of(signer)
            found.take(single, f"Signature {number}: " if len(spoken) > 1 else "")


def _all(data: bytes) -> Iterator[Spoken]:
    """Yield a signature and those nested in it; what is nested deeper is not looked for."""
    first = read_signature(data)
    yield first
    for one in first.nested:
        inner = read_signature(one)
        if inner.nested:
            raise Broken(
                "Signatures are nested in nested ones.", AUTHENTICODE, "Do not rely on it."
            )
        yield inner


def _check_image(found: Findings, image: Image, one: Spoken) -> None:
    actual = _digest(image, one.digest)
    found.judge(
        "Program's digest",
        f"The {one.digest} digest of the program is the one that was signed.",
        f"The {one.digest} digest of the program differs from the one that was signed: it was "
        "changed after signing.",
        AUTHENTICODE,
        "Get the program from its maker.",
        good=hmac.compare_digest(actual, one.stated),
        evidence=f"{one.digest} signed {one.stated.hex()}, found {actual.hex()}",
    )


def _digest(image: Image, name: str) -> bytes:
    running = DIGESTS[name].start()
    for piece in image.hashed():
        running.update(piece)
    return running.digest()
