"""The questions to a signed PDF: what each signature covers, and what was changed after it.

Owns finding the signatures and judging coverage and later changes, with pyHanko's reader and its
policy of permitted changes; the CMS inside is for `cms_checks`. Must not know how a PDF is signed.
Hostile files lead to a verdict: whatever the reader raises means that the file is damaged.

Sources: ISO 32000-2 §12.8; ETSI EN 319 142-1 §5, §6.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from workbench.pki.names import visible
from workbench.signing import der
from workbench.signing.algorithms import DIGESTS
from workbench.signing.cms_read import SignerInfo
from workbench.signing.formats.base import Broken, BytesContent, Trust
from workbench.signing.formats.cms_checks import check_single, families_of
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.pades_store import Stored, stored_in
from workbench.signing.formats.timestamp import check_stamp, read_stamp

HEADER: Final = b"%PDF-"
HEADER_WITHIN: Final = 1024
"""The header stands within the first bytes of a file (ISO 32000-2 §7.5.2, annex I)."""

_PADES: Final = "/ETSI.CAdES.detached"
_OLDER: Final = "/adbe.pkcs7.detached"
_STAMP: Final = "/ETSI.RFC3161"
_STRUCTURE: Final = "ISO 32000-2 §7.5"
_RANGE: Final = "ISO 32000-2 §12.8.1"
_CHANGES: Final = "ISO 32000-2 §12.8.2.2"
_ONE_SIGNER: Final = "ETSI EN 319 142-1 §6.2.1"
_BLANKS: Final = b" \t\r\n\f\0"
_ARCHIVE: Final = b"PK\x05\x06"
_ARCHIVE_WITHIN: Final = 22 + 65535 + 65536
_MOST_SIGNATURES: Final = 64
_POPPLER: Final = "orphaned generation"
_OPEN_LENGTH: Final = 0x80


@dataclass(frozen=True, slots=True)
class Embedded:
    """One signature found in a PDF.

    Attributes:
        name: of its field.
        kind: the SubFilter.
        cms: the CMS or timestamp token, its padding taken off.
        covered: the bytes it is over.
        whole: whether that is all of the file but the signature itself.
        moment: when its maker says it was made, or None.
        later: what was changed after it, in words; empty when nothing was.
        suspicious: why later changes are not permitted, or empty.
        rewritten: whether the CMS had lengths left open, as BER has them, which are put in.
    """

    name: str
    kind: str
    cms: bytes = field(repr=False)
    covered: bytes = field(repr=False)
    whole: bool
    moment: datetime | None
    later: str
    suspicious: str
    rewritten: bool


def read_document(document: bytes) -> tuple[tuple[Embedded, ...], Stored]:
    """Return the signatures of a PDF, oldest first, and its store of validation data.

    Raises:
        Broken: the file is damaged, encrypted, or a signature does not cover what it must.
    """
    try:
        reader = _reader(document)
        return tuple(_found(document, reader)), stored_in(reader)
    except Broken:
        raise
    except RecursionError as error:
        raise Broken("The PDF is nested too deeply.", _STRUCTURE, "Do not rely on it.") from error
    except Exception as error:
        # Hostile files make the reader raise anything from KeyError to struct.error.
        raise Broken(
            f"The PDF's structure is damaged ({type(error).__name__}).",
            _STRUCTURE,
            "Get an undamaged copy of the document.",
        ) from error


def _reader(document: bytes) -> Any:
    """Return pyHanko's reader, which is strict.

    Of what it refuses, one thing is let pass where a single signature covers the whole file, so
    that nothing can have been slipped in: poppler, and with it Okular, numbers objects as if others
    had been deleted before them.
    """
    if document[: len(HEADER)] != HEADER and HEADER in document[:HEADER_WITHIN]:
        before = document.index(HEADER)
        raise Broken(
            f"The PDF has {before} bytes before its beginning. Readers do not agree whether a "
            "signature counts them, so something could be hidden there.",
            "ISO 32000-2 §7.5.2",
            "Ask the signer for the document as it was signed.",
        )
    from pyhanko.pdf_utils.misc import PdfStrictReadError  # noqa: PLC0415 - 0.3 s, for PDFs only
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - as above

    try:
        return PdfFileReader(io.BytesIO(document), strict=True)
    except PdfStrictReadError as error:
        if _POPPLER not in str(error):
            raise
        reader = PdfFileReader(io.BytesIO(document), strict=False)
        reader.strict = True  # for all that is read from now on
        found = reader.embedded_signatures
        if len(found) != 1 or not _covered(document, str(found[0].fq_name), found[0])[1]:
            raise
        return reader


def _found(document: bytes, reader: Any) -> Iterator[Embedded]:
    from pyhanko.sign.fields import enumerate_sig_fields  # noqa: PLC0415 - 0.3 s, for PDFs only

    if reader.encrypted:
        raise Broken(
            "The PDF is encrypted, so it cannot be seen what was signed.",
            "ISO 32000-2 §7.6",
            "Remove the encryption with the password, or check it in a PDF viewer.",
        )
    signatures = reader.embedded_signatures
    if len(signatures) > _MOST_SIGNATURES:
        raise Broken(
            f"The PDF has over {_MOST_SIGNATURES} signatures.", _RANGE, "Do not rely on it."
        )
    if len(signatures) != len(list(enumerate_sig_fields(reader, filled_status=True))):
        # pyHanko passes over what it does not know.
        raise Broken(
            "The PDF has a signature of a kind that is not known here.",
            "ISO 32000-2 §12.8.3",
            "Check it in a PDF viewer.",
        )
    for one in signatures:
        yield _embedded(document, one)
    _check_tail(document, reader, signatures)


def _check_tail(document: bytes, reader: Any, signatures: Sequence[Any]) -> None:
    """Refuse bytes behind the last signature that no later revision of the document explains.

    What a later revision lists must begin where the one before ends (ISO 32000-2 §7.5.6), and an
    archive program, which looks for its mark from the end, must find none.
    """
    ranges = [[int(part) for part in one.byte_range] for one in signatures]
    covered = max((start + size for _, _, start, size in ranges), default=len(document))
    if not document[covered:].strip(_BLANKS):
        return
    starts = [at for at in sorted(_places(reader.xrefs)) if covered <= at < len(document)]
    parts = [
        document[start:end].rstrip(_BLANKS)
        for start, end in pairwise([covered, *starts, len(document)])
    ]
    first, *later = parts
    explained = all(part.endswith((b"endobj", b"%%EOF")) for part in later)
    if first or not later or not explained or _ARCHIVE in document[covered:][-_ARCHIVE_WITHIN:]:
        raise Broken(
            "The PDF has bytes behind its last signature that belong to no later revision of it: "
            "something may be hidden there.",
            _CHANGES,
            "Ask the signer for the document as it was signed.",
        )


def _places(xrefs: Any) -> Iterator[int]:
    """Yield where objects and cross-reference sections begin, as the document says."""
    for revision in range(xrefs.total_revisions):
        yield int(xrefs.get_startxref_for_revision(revision))
        for ref in xrefs.explicit_refs_in_revision(revision):
            place = xrefs.get_historical_ref(ref, revision)
            if isinstance(place, int):
                yield place


def _embedded(document: bytes, one: Any) -> Embedded:
    from pyhanko.sign.diff_analysis import SuspiciousModification  # noqa: PLC0415 - as above

    name = str(one.fq_name)
    covered, whole = _covered(document, name, one)
    one.compute_integrity_info()
    permitted = one.summarise_integrity_info()["docmdp_ok"]
    later, suspicious = "", ""
    if isinstance(one.diff_result, SuspiciousModification):
        suspicious = visible(str(one.diff_result), 200) or "an unknown change"
    elif not whole and not permitted:
        suspicious = "the signer forbade such changes"
    elif not whole:
        later = _LEVELS.get(one.diff_result.modification_level.name, "permitted changes")
    cms, rewritten = _without_padding(bytes(one.pkcs7_content), name)
    return Embedded(
        visible(name, 80),
        str(one.sig_object.get("/SubFilter", "")),
        cms,
        covered,
        whole,
        one.self_reported_timestamp,
        later,
        suspicious,
        rewritten,
    )


_LEVELS: Final = {
    "NONE": "nothing that shows",
    "LTA_UPDATES": "only timestamps and material for long-term validation",
    "FORM_FILLING": "only further signatures and filled-in form fields",
}


def _covered(document: bytes, name: str, one: Any) -> tuple[bytes, bool]:
    """Return what a signature is over, and whether that is all of the file but itself."""
    ranges = [int(part) for part in one.byte_range]
    if len(ranges) != 4 or min(ranges) < 0:
        raise _uncovered(name)
    start, size, second, rest = ranges
    gap = document[size:second]
    contents = bytes(one.pkcs7_content).hex().encode()
    if start or second < size or second + rest > len(document):
        raise _uncovered(name)
    # Nothing but this signature's own value may stand in the gap (ISO 32000-2 §12.8.1).
    if gap not in (b"<" + contents + b">", b"<" + contents.upper() + b">"):
        raise _uncovered(name)
    return document[:size] + document[second : second + rest], second + rest == len(document)


def _uncovered(name: str) -> Broken:
    return Broken(
        f"The signature in the field {visible(name, 80)} does not cover the document as it must: "
        "something could be hidden in what it leaves out.",
        _RANGE,
        "Do not rely on the document.",
    )


def _without_padding(contents: bytes, name: str) -> tuple[bytes, bool]:
    """Return the CMS without the zeros that fill its place, and whether it had to be rewritten.

    NSS, with which poppler signs, leaves lengths open where ISO 32000 asks for DER; putting them in
    changes nothing of what is said.
    """
    try:
        rewritten = contents[1:2] == bytes((_OPEN_LENGTH,))
        if rewritten:
            cms, size = der.closed(contents, "The signature")
        else:
            size = len(der.leading(contents, "The signature").raw)
            cms = contents[:size]
    except der.Malformed as error:
        raise Broken(error.sentence, error.rule) from error
    if contents[size:].strip(b"\0"):
        raise _uncovered(name)
    return cms, rewritten


def check_document(found: Findings, document: bytes, trust: Trust) -> None:
    """Check every signature of a PDF.

    Args:
        found: where the answers go.
        document: the PDF.
        trust: whom to believe.
    """
    try:
        signatures, stored = read_document(document)
    except Broken as error:
        found.broken("Document", error)
        return
    if not signatures:
        found.failed(
            "Document",
            "The PDF has no signature.",
            _RANGE,
            "Ask for the signed document.",
        )
        found.need("signature", "the signed document")
        return
    if all(one.kind == _STAMP for one in signatures):
        found.failed(
            "Document",
            "The PDF has timestamps only, which show at what time it existed: nobody signed it.",
            "ETSI EN 319 142-1 §5.4.3",
            "Ask for the signed document.",
        )
        found.need("signature", "the signed document")
        return
    found.ok("Document", "It is a well-formed PDF with signatures.", _STRUCTURE)
    several = len(signatures) > 1
    trust = _with_store(trust, stored)
    for number, one in enumerate(signatures, start=1):
        single = Findings()
        signer = _check_one(single, one, trust)
        if signer is not None:
            single.families |= families_of(signer)
        found.take(single, f"Signature {number}: " if several else "")


def _with_store(trust: Trust, stored: Stored) -> Trust:
    lists = (*trust.evidence.lists, *stored.evidence.lists)
    answers = (*trust.evidence.answers, *stored.evidence.answers)
    return replace(
        trust,
        intermediates=(*trust.intermediates, *stored.certificates),
        evidence=replace(trust.evidence, lists=lists, answers=answers),
    )


def _check_one(found: Findings, one: Embedded, trust: Trust) -> SignerInfo | None:
    _check_coverage(found, one)
    if one.kind == _STAMP:
        _check_document_stamp(found, one, trust)
        return None
    if one.kind not in (_PADES, _OLDER):
        found.failed(
            "Kind of signature",
            f"The signature is of the kind {visible(one.kind or 'without a name', 40)}, which is "
            "outdated or unknown.",
            "ISO 32000-2 §12.8.3.1",
            "Ask for a signature of the kind ETSI.CAdES.detached.",
        )
        return None
    if one.rewritten:
        found.ok(
            "Encoding",
            "The signature leaves lengths open, as some programs write it; it means the same.",
            "X.690 §8.1.3.6",
        )
    over = BytesContent(one.covered, "the document")
    signer = check_single(found, one.cms, over, trust, _ONE_SIGNER, cades=one.kind == _PADES)
    found.signing_time = found.signing_time or one.moment
    return signer


def _check_coverage(found: Findings, one: Embedded) -> None:
    if one.suspicious:
        found.failed(
            "Changes after signing",
            f"The document was changed after the signature in the field {one.name} in a way that "
            f"is not permitted ({one.suspicious}).",
            _CHANGES,
            "Ask the signer for the document as it was signed.",
        )
        return
    if one.whole:
        found.ok("Changes after signing", "The signature covers the whole document.", _RANGE)
        return
    found.ok(
        "Changes after signing",
        f"The signature covers the document as it was then; added since: {one.later}.",
        _CHANGES,
    )


def _check_document_stamp(found: Findings, one: Embedded, trust: Trust) -> None:
    try:
        stamp = read_stamp(one.cms)
    except Broken as error:
        found.broken("Timestamp", error)
        return
    running = DIGESTS[stamp.digest].start()
    running.update(one.covered)
    check_stamp(found, stamp, running.digest(), "the document", trust)
