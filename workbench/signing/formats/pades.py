"""PAdES: signatures inside a PDF, visible or not, by one or several, with a timestamp.

Owns the making of levels B and T (ETSI EN 319 142-1 §5, §6): pyHanko writes the PDF's increment
with room for a signature, and the CAdES signature that goes there is built as everywhere else. Must
not know how a signed PDF is judged; `pades_check` does.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from cryptography import x509

from workbench.base.errors import Refused
from workbench.crypto.table import KEY_SPECS
from workbench.pki.names import common_name
from workbench.signing.algorithms import DIGESTS, allowed_digests
from workbench.signing.formats.base import Content, Signing, Traits, Trust
from workbench.signing.formats.cades import CMS_SPECS, stamped
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.pades_check import HEADER, HEADER_WITHIN, check_document
from workbench.signing.formats.signed_data import CmsSigner, cms_signer, signed_data, signer_info
from workbench.signing.formats.timestamp import Timestamper
from workbench.signing.verdict import Verdict

_BLANKS: Final = b" \t\r\n\f\0"
_END: Final = b"%%EOF"
_TAIL: Final = 1024
_LONGEST_NOTE: Final = 200
_ROOM: Final = 4096
_ROOM_FOR_STAMP: Final = 32768
_WIDTH, _HEIGHT, _MARGIN = 240, 54, 36


@dataclass(frozen=True, slots=True)
class Pades:
    """PAdES signatures of level B, and T where there is a timestamper.

    Attributes:
        digest: of the document; empty, or for keys that cannot sign with it, takes the key's usual.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        visible: whether a box on the first page names the signer and the time.
        certify: whether the document may not be changed any more, further signatures included.
        reason: why it is signed, shown by PDF viewers; or empty.
        location: where it is signed, likewise.
        timestamper: asks a timestamp authority for every signature; not part of a stored recipe.
    """

    name: ClassVar[str] = "pades"
    title: ClassVar[str] = "PDF signature (PAdES)"
    suffix: ClassVar[str] = ".pdf"
    standard: ClassVar[str] = "ETSI EN 319 142-1"
    specs: ClassVar[frozenset[str]] = CMS_SPECS
    traits: ClassVar[Traits] = Traits(
        certificate="needed", most_signers=16, stamps=True, embeds=True, digests=allowed_digests,
        takes="a PDF",
    )  # fmt: skip
    peer_limits: ClassVar[str] = (
        "PDF viewers know no ML-DSA yet and will call the signature invalid; for them sign with an "
        "ECDSA or RSA key as well."
    )

    digest: str = ""
    pss: bool = False
    visible: bool = False
    certify: bool = False
    reason: str = ""
    location: str = ""
    timestamper: Timestamper | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check the choices."""
        for note in (self.reason, self.location):
            if len(note) > _LONGEST_NOTE or not (note.isprintable() or not note):
                raise Refused(
                    f"The reason and the location have at most {_LONGEST_NOTE} characters on one "
                    "line.",
                    "Shorten it.",
                )

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signed document; raises as `Format.sign`."""
        return self.sign_all(kms, [signing], content)

    def sign_all(self, kms: Any, signings: Sequence[Signing], content: Content) -> bytes:
        """Return the document signed by one key after the other, each over the one before.

        Raises:
            Refused: it is no PDF that can be signed, there is no signer, one of them is there
                twice, or as `sign`.
        """
        if not signings or len({one.public_key for one in signings}) != len(signings):
            raise Refused("Every signer signs once.", "Choose one or several different keys.")
        self.check([one.spec for one in signings])
        signers = [cms_signer(one, self.digest, pss=self.pss) for one in signings]
        document = content.whole()
        for signer in signers:
            document = self._signed(kms, signer, document, content.name)
        return document

    def check(self, specs: Sequence[str]) -> None:
        """Refuse a second signature in a document that none may be added to."""
        if self.certify and len(specs) > 1:
            raise Refused(
                "A document that may not be changed any more has one signature "
                "(ISO 32000-2 §12.8.2.2).",
                "Choose one key, or allow further signatures.",
            )

    def sniff(self, head: bytes) -> bool:
        """Whether it is a PDF that has been given a signature."""
        return is_pdf(head) and b"/ByteRange" in head

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check every signature in a PDF; raises as `Format.verify`.

        Args:
            signature: the document.
            content: left aside: the signatures are over the document itself.
            trust: whom to believe.
        """
        del content
        found = Findings()
        check_document(found, signature, trust)
        return found.verdict(self.title)

    def _signed(self, kms: Any, signer: CmsSigner, document: bytes, shown: str) -> bytes:
        try:
            started = self._begin(signer, document, shown)
        except Refused:
            raise
        except Exception as error:
            # Broken files make the reader raise anything from KeyError to struct.error.
            raise Refused(
                f"{shown} cannot be read as a PDF ({type(error).__name__}).",
                "Open it in a PDF program, and save it anew.",
            ) from error
        steps, prepared, written = started
        unsigned = written.getbuffer()
        start, end = prepared.reserved_region_start, prepared.reserved_region_end
        running = DIGESTS[signer.plan.digest.name].start()
        running.update(unsigned[:start])
        running.update(unsigned[end:])
        unsigned.release()
        # PAdES has the time in the document, not among the attributes (EN 319 142-1 §6.3).
        info, value = signer_info(kms, signer, running.digest(), signing_time=False)
        if self.timestamper is not None:
            info += stamped(self.timestamper, value)
        cms = signed_data([signer], [info])
        if 2 * len(cms) > end - start - 2:
            raise Refused(
                "The certificates and timestamps do not fit into the place kept for them.",
                "Choose another timestamp authority.",
            )
        steps.send(cms)
        return written.getvalue()

    def _begin(self, signer: CmsSigner, document: bytes, shown: str) -> tuple[Any, Any, io.BytesIO]:
        """Write the document with an empty place for the signature."""
        from pyhanko.pdf_utils.incremental_writer import (  # noqa: PLC0415 - 0.3 s, for PDFs only
            IncrementalPdfFileWriter,
        )
        from pyhanko.pdf_utils.misc import PdfReadError  # noqa: PLC0415 - as above
        from pyhanko.sign import fields  # noqa: PLC0415 - as above
        from pyhanko.sign.signers import cms_embedder  # noqa: PLC0415 - as above
        from pyhanko.sign.signers.pdf_byterange import (  # noqa: PLC0415 - as above
            SignatureObject,
        )

        if not is_pdf(document):
            raise Refused(f"{shown} is not a PDF.", "Choose another format.")
        tidied = _tidied(document, shown)
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(tidied), strict=True)
        except PdfReadError:
            if document.startswith(HEADER):
                raise
            raise Refused(
                f"{shown} has blanks before its beginning, and counts the places of its parts "
                "with them, or is damaged.",
                "Open it in a PDF program, and save it anew, or sign it detached, as CAdES.",
            ) from None
        number = _next_number(writer.prev, shown, alone=self.certify)
        name = f"Signature{number}"
        steps = cms_embedder.PdfCMSEmbedder(
            new_field_spec=fields.SigFieldSpec(name, box=_box(number) if self.visible else None)
        ).write_cms(field_name=name, writer=writer)
        next(steps)
        owner = common_name(x509.load_der_x509_certificate(signer.signing.chain[0]).subject)
        placeholder = SignatureObject(
            timestamp=signer.signing.moment,
            subfilter=fields.SigSeedSubFilter.PADES,
            name=owner,
            reason=self.reason or None,
            location=self.location or None,
            bytes_reserved=2 * self._room(signer),
        )
        steps.send(
            cms_embedder.SigObjSetup(
                sig_placeholder=placeholder,
                mdp_setup=_mdp(certify=self.certify),
                appearance_setup=_appearance(owner, signer) if self.visible else None,
            )
        )
        written = io.BytesIO()
        prepared, _ = steps.send(cms_embedder.SigIOSetup(md_algorithm="sha256", output=written))
        return steps, prepared, written

    def _room(self, signer: CmsSigner) -> int:
        """Return how many bytes the signature may take."""
        chain = sum(len(one) for one in signer.signing.chain)
        value = KEY_SPECS[signer.signing.spec].signature_bytes or 512
        return chain + value + _ROOM + (_ROOM_FOR_STAMP if self.timestamper else 0)


def is_pdf(head: bytes) -> bool:
    """Whether something begins like a PDF."""
    return HEADER in head[:HEADER_WITHIN]


def _tidied(document: bytes, shown: str) -> bytes:
    """Return a document without blanks in front and without further marks of its end.

    Many programs write those, and they say nothing; what else stands there is not taken away, nor
    anything from a document that is signed already. If its parts are then not where it says, the
    strict reader refuses it.

    Raises:
        Refused: something else stands in front, or it is signed already.
    """
    start = document.find(HEADER)
    if document[:start].strip(_BLANKS):
        raise Refused(
            f"{shown} begins with {start} bytes that belong to no PDF.",
            "Open it in a PDF program, and save it anew, or sign it detached, as CAdES.",
        )
    tail = document[max(start, len(document) - _TAIL) :]
    kept = tail.rstrip(_BLANKS)
    while kept.endswith(_END) and kept[: -len(_END)].rstrip(_BLANKS).endswith(_END):
        kept = kept[: -len(_END)].rstrip(_BLANKS)
    surplus = len(tail) - len(kept)
    more_ends = tail[len(kept) :].strip(_BLANKS)
    if not start and not more_ends:
        return document
    if b"/ByteRange" in document:
        raise Refused(
            f"{shown} is signed already, and has blanks before its beginning or several marks of "
            "its end: mending that would break the signature.",
            "Sign it detached, as CAdES.",
        )
    return document[start : len(document) - surplus if more_ends else None] + b"\n"


def _next_number(reader: Any, shown: str, *, alone: bool) -> int:
    """Return the number of the next signature; refuse documents that may not get one."""
    from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields  # noqa: PLC0415 - as above
    from pyhanko.sign.validation.pdf_embedded import read_certification_data  # noqa: PLC0415

    if reader.encrypted:
        raise Refused(
            f"{shown} is encrypted.", "Remove the encryption with the password, then sign it."
        )
    taken = {name for name, _value, _ref in enumerate_sig_fields(reader)}
    if alone and reader.embedded_signatures:
        raise Refused(
            f"{shown} has a signature already, so it cannot be closed to changes by this one "
            "(ISO 32000-2 §12.8.2.2).",
            "Sign it without closing it, or take the document as it was before.",
        )
    certified = read_certification_data(reader)
    if certified is not None and certified.permission is MDPPerm.NO_CHANGES:
        raise Refused(
            f"{shown} was closed to changes by its author's signature; another one would break it.",
            "Sign it detached, as CAdES.",
        )
    return next(n for n in range(1, len(taken) + 2) if f"Signature{n}" not in taken)


def _box(number: int) -> tuple[int, int, int, int]:
    """Return where a visible signature stands, in points from the lower left; they stack up."""
    low = _MARGIN + (number - 1) * (_HEIGHT + 6)
    return _MARGIN, low, _MARGIN + _WIDTH, low + _HEIGHT


def _mdp(*, certify: bool) -> Any:
    from pyhanko.sign.fields import MDPPerm  # noqa: PLC0415 - as above
    from pyhanko.sign.signers.cms_embedder import SigMDPSetup  # noqa: PLC0415 - as above

    if not certify:
        return None
    return SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)


def _appearance(owner: str, signer: CmsSigner) -> Any:
    from pyhanko.sign.signers.cms_embedder import SigAppearanceSetup  # noqa: PLC0415 - as above
    from pyhanko.stamp import TextStampStyle  # noqa: PLC0415 - as above

    # The fonts every viewer has know Latin letters only.
    readable = owner.encode("latin-1", "replace").decode("latin-1")
    style = TextStampStyle(stamp_text="Signed by %(signer)s\n%(ts)s", background=None)
    return SigAppearanceSetup(style, signer.signing.moment, readable)
