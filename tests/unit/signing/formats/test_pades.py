"""Signed PDFs: made, checked, and attacked as the literature has it."""

import dataclasses
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import x509 as asn1
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from tests.fakes import pdfs
from tests.fakes.certificates import NOW
from tests.fakes.formats import (
    ALL_KINDS,
    Hierarchy,
    cut,
    flipped,
    kms_for,
    refused_everywhere,
    sign,
    signing_for,
    verify,
)
from tests.fakes.loops import completed
from workbench.base.errors import Refused
from workbench.crypto.table import Family
from workbench.signing.formats.base import BytesContent
from workbench.signing.formats.pades import Pades
from workbench.signing.formats.registry import detect

PLAIN = Pades()


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


@pytest.fixture(scope="module")
def document() -> bytes:
    return pdfs.document()


@pytest.fixture(scope="module")
def signed(lab: Hierarchy, document: bytes) -> bytes:
    return sign(PLAIN, "P-256", document, lab.chain("P-256"))


def pyhanko_says(lab: Hierarchy, data: bytes, index: int = 0) -> Any:
    one = PdfFileReader(io.BytesIO(data)).embedded_signatures[index]
    usual = KeyUsageConstraints(key_usage={"digital_signature"}, extd_key_usage={"code_signing"})
    anchors: dict[str, Any] = {"trust_roots": [asn1.Certificate.load(lab.root.der)], "moment": NOW}
    return completed(
        async_validate_pdf_signature(
            one,
            signer_validation_context=ValidationContext(**anchors),
            ts_validation_context=ValidationContext(**anchors),
            key_usage_settings=usual,
        )
    )


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("form", [PLAIN, Pades(visible=True, reason="I agree", location="Bonn")])
def test_signed_and_checked(lab: Hierarchy, document: bytes, kind: str, form: Pades) -> None:
    made = sign(form, kind, document, lab.chain(kind))
    assert made.startswith(document), "what was there is not touched"
    verdict = verify(PLAIN, made, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert verdict.signer == f"CN=Signer {kind}, O=Lab"
    assert verdict.signing_time == NOW
    assert pyhanko_says(lab, made).bottom_line
    assert (b"I agree" in made) is (form.reason != "")


def test_rsa_with_pss(lab: Hierarchy, document: bytes) -> None:
    made = sign(Pades(pss=True), "RSA", document, lab.chain("RSA"))
    assert verify(PLAIN, made, None, lab.trust).valid
    assert pyhanko_says(lab, made).bottom_line


def test_a_timestamp_is_put_in_and_judged(lab: Hierarchy, document: bytes) -> None:
    form = Pades(timestamper=lab.authority().respond)
    made = sign(form, "ML-DSA-65", document, lab.chain("ML-DSA-65"))
    verdict = verify(PLAIN, made, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert [part.kind for part in verdict.parts[0].parts] == ["timestamp"]
    said = pyhanko_says(lab, made)
    assert said.bottom_line
    assert said.timestamp_validity.trusted
    stranger = Pades(timestamper=Hierarchy().authority().respond)
    made = sign(stranger, "P-256", document, lab.chain("P-256"))
    assert not verify(PLAIN, made, None, lab.trust).valid


def test_two_keys_sign_one_after_the_other(lab: Hierarchy, document: bytes) -> None:
    first = sign(Pades(visible=True), "P-256", document, lab.chain("P-256"))
    both = sign(Pades(visible=True), "ML-DSA-65", first, lab.chain("ML-DSA-65"))
    verdict = verify(PLAIN, both, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert len(verdict.parts) == 2
    changes = [check.sentence for check in verdict.checks if "Changes" in check.name]
    assert "further signatures" in changes[0]
    assert "covers the whole document" in changes[1]
    assert pyhanko_says(lab, both, 0).bottom_line
    assert pyhanko_says(lab, both, 1).bottom_line
    required = dataclasses.replace(lab.trust, required=(Family.ELLIPTIC, Family.ML_DSA))
    assert verify(PLAIN, both, None, required).valid
    stripped = verify(PLAIN, first, None, required)
    assert not stripped.valid
    assert "ML-DSA" in stripped.headline


def test_it_is_recognised_by_its_signature(signed: bytes, document: bytes) -> None:
    assert isinstance(detect(signed), Pades)
    assert detect(document) is None


def test_a_pdf_without_signature_is_told_so(lab: Hierarchy, document: bytes) -> None:
    verdict = verify(PLAIN, document, None, lab.trust)
    assert not verdict.valid
    assert "no signature" in verdict.headline
    assert verdict.needs[0].kind == "signature"


ATTACKS: dict[str, Callable[[Any], None]] = {
    "another text": pdfs.another_text,
    "another page": pdfs.another_page,
    "a note": pdfs.a_note,
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("form", [PLAIN, Pades(certify=True), Pades(visible=True)])
def test_incremental_updates_are_found(
    lab: Hierarchy, document: bytes, attack: str, form: Pades
) -> None:
    made = sign(form, "P-256", document, lab.chain("P-256"))
    verdict = verify(PLAIN, pdfs.updated(made, ATTACKS[attack]), None, lab.trust)
    assert not verdict.valid
    failed = [check for check in verdict.checks if check.state == "failed"]
    assert [check.name for check in failed] == ["Changes after signing"]
    assert failed[0].rule == "ISO 32000-2 §12.8.2.2"


def test_a_shadow_document_is_found(lab: Hierarchy) -> None:
    made = sign(PLAIN, "P-256", pdfs.shadow(), lab.chain("P-256"))
    assert verify(PLAIN, made, None, lab.trust).valid
    shown = pdfs.updated(made, pdfs.the_hidden_one)
    verdict = verify(PLAIN, shown, None, lab.trust)
    assert not verdict.valid
    assert "not permitted" in verdict.headline


def test_signature_wrapping_is_found(lab: Hierarchy, signed: bytes) -> None:
    verdict = verify(PLAIN, pdfs.wrapped(signed), None, lab.trust)
    assert not verdict.valid
    assert "does not cover" in verdict.headline


@pytest.mark.parametrize(
    "ranges",
    [b"/ByteRange null", b"/ByteRange []", b"/ByteRange [0 1 2]", b"/ByteRange [-1 2 3 4]",
     b"/ByteRange [0 10 10 20 5 5]", b"/ByteRange [0 0 0 0]", b"/BiteRange [0 1 2 3]"],
)  # fmt: skip
def test_byte_ranges_of_forgers_are_refused(lab: Hierarchy, signed: bytes, ranges: bytes) -> None:
    verdict = verify(PLAIN, pdfs.without_range(signed, ranges), None, lab.trust)
    assert not verdict.valid
    assert verdict.headline


def test_any_changed_byte_is_found(lab: Hierarchy, document: bytes, signed: bytes) -> None:
    step = max(1, len(signed) // 400)
    places = range(0, len(signed), step)
    assert refused_everywhere(PLAIN, flipped(signed, places), b"", lab.trust) > 300
    assert refused_everywhere(PLAIN, cut(signed, len(signed) // 40), b"", lab.trust) >= 40
    appended = signed + b"%%EOF\n"
    assert not verify(PLAIN, appended, None, lab.trust).valid


def test_the_room_for_the_signature_holds_nothing_else(lab: Hierarchy, signed: bytes) -> None:
    start = signed.index(b"/Contents <") + len(b"/Contents <")
    end = signed.index(b">", start)
    hidden = signed[: end - 8] + b"deadbeef" + signed[end:]
    assert len(hidden) == len(signed)
    assert not verify(PLAIN, hidden, None, lab.trust).valid


def test_a_signature_of_an_unknown_kind_is_not_passed_over(lab: Hierarchy, signed: bytes) -> None:
    both = sign(PLAIN, "ML-DSA-65", signed, lab.chain("ML-DSA-65"))
    place = both.rindex(b"/ETSI.CAdES.detached")
    odd = both[:place] + b"/ETSI.CAdES.detachex" + both[place + 20 :]
    verdict = verify(PLAIN, odd, None, lab.trust)
    assert not verdict.valid
    assert "kind that is not known" in verdict.headline


def test_an_encrypted_pdf_is_refused(lab: Hierarchy) -> None:
    locked = pdfs.document(password="secret")
    with pytest.raises(Refused, match="is encrypted"):
        sign(PLAIN, "P-256", locked, lab.chain("P-256"))
    assert not verify(PLAIN, locked, None, lab.trust).valid


def test_a_closed_document_stays_closed(lab: Hierarchy, document: bytes, signed: bytes) -> None:
    closed = sign(Pades(certify=True), "P-256", document, lab.chain("P-256"))
    assert verify(PLAIN, closed, None, lab.trust).valid
    with pytest.raises(Refused, match="closed to changes"):
        sign(PLAIN, "ML-DSA-65", closed, lab.chain("ML-DSA-65"))
    with pytest.raises(Refused, match="has a signature already"):
        sign(Pades(certify=True), "ML-DSA-65", signed, lab.chain("ML-DSA-65"))
    signings = [signing_for(kind, lab.chain(kind)) for kind in ("P-256", "ML-DSA-65")]
    with pytest.raises(Refused, match="has one signature"):
        Pades(certify=True).sign_all(kms_for("P-256"), signings, BytesContent(document))


@pytest.mark.parametrize(
    "data",
    [b"", b"text", b"%PDF-1.7\n", b"%PDF-1.7\ntrailer<<>>\nstartxref\n0\n%%EOF", b"MZ\x90\0"],
)
def test_what_is_no_pdf_is_refused(lab: Hierarchy, data: bytes) -> None:
    with pytest.raises(Refused, match="PDF"):
        sign(PLAIN, "P-256", data, lab.chain("P-256"))
    assert not verify(PLAIN, data, None, lab.trust).valid


def test_notes_are_one_short_line() -> None:
    for note in ("two\nlines", "x" * 201, "\u202e"):
        with pytest.raises(Refused, match="at most 200 characters"):
            Pades(reason=note)


def test_a_name_that_no_viewers_font_has_is_shown_as_far_as_it_goes(lab: Hierarchy) -> None:
    made = sign(Pades(visible=True, reason="承認"), "P-256", pdfs.document(), lab.chain("P-256"))
    assert verify(PLAIN, made, None, lab.trust).valid


SURPLUS: dict[str, Callable[[bytes], bytes]] = {
    "blanks in front": lambda data: b"\r\n\n" + data,
    "a second end": lambda data: data + b"%%EOF\n",
    "a second end on Windows": lambda data: data + b"\r\n%%EOF\r\n\r\n",
    "many ends": lambda data: data + b"\n%%EOF\n" * 20 + b"\0",
    "blanks and ends": lambda data: b"\n" + data + b"%%EOF\0\0\0",
}


@pytest.mark.parametrize("way", SURPLUS)
def test_what_says_nothing_is_left_out(lab: Hierarchy, document: bytes, way: str) -> None:
    made = sign(PLAIN, "P-256", SURPLUS[way](document), lab.chain("P-256"))
    assert made.startswith(document.rstrip())
    verdict = verify(PLAIN, made, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert pyhanko_says(lab, made).bottom_line


@pytest.mark.parametrize("surplus", [b"\0" * 7, b"  \n\n"], ids=["NUL", "blanks"])
def test_blanks_at_the_end_stay(lab: Hierarchy, document: bytes, surplus: bytes) -> None:
    made = sign(PLAIN, "P-256", document + surplus, lab.chain("P-256"))
    assert made.startswith(document + surplus)
    assert pyhanko_says(lab, made).bottom_line


def counted_from(document: bytes, front: bytes) -> bytes:
    """Return a PDF with bytes in front that the places of its parts are counted with."""
    table = document.rindex(b"xref\n0")
    moved = re.sub(
        rb"(\d{10}) 00000 n",
        lambda m: b"%010d 00000 n" % (int(m[1]) + len(front)),
        document[table:],
    )
    moved = re.sub(rb"startxref\n\d+", b"startxref\n%d" % (table + len(front)), moved)
    return front + document[:table] + moved


def test_bytes_before_the_beginning_are_spoken_of(
    lab: Hierarchy, document: bytes, signed: bytes
) -> None:
    for data, reason in (
        (counted_from(document, b"\n\n"), "has blanks before its beginning"),
        (counted_from(document, b"%junk\n"), "begins with 6 bytes that belong to no PDF"),
        (b"\x1b%-12345X@PJL\n" + document, "begins with 14 bytes"),
        (b"x" * 1020 + document, "is not a PDF"),
    ):
        with pytest.raises(Refused, match=reason) as refused:
            sign(PLAIN, "P-256", data, lab.chain("P-256"))
        assert refused.value.next_step
    for front in (b"\n", b"junk\n", b"x" * 1019):
        verdict = verify(PLAIN, front + signed, None, lab.trust)
        assert not verdict.valid
        assert f"has {len(front)} bytes before its beginning" in verdict.headline


def test_what_says_something_is_not_left_out(
    lab: Hierarchy, document: bytes, signed: bytes
) -> None:
    for data, reason in (
        (b"#!/bin/sh\n" + document, "begins with 10 bytes that belong to no PDF"),
        (b"\n" + signed, "is signed already"),
        (signed + b"%%EOF\n", "is signed already"),
        (document + b"\n%%EOF" * 400, "cannot be read as a PDF"),
    ):
        with pytest.raises(Refused, match=reason) as refused:
            sign(PLAIN, "P-256", data, lab.chain("P-256"))
        assert refused.value.next_step
