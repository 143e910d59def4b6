"""Which file and which signature may go together: nobody's document vouches for another file."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from tests.fakes import jars, pdfs, programs
from tests.fakes.certificates import CODE, NOW, make
from tests.fakes.formats import Hierarchy, key_of, sign
from tests.unit.signing.formats.test_mdl import description
from workbench.base.clock import TravelClock
from workbench.pki.purposes import Purpose
from workbench.signing.checking import find_pair
from workbench.signing.formats.registry import FORMATS
from workbench.signing.sniff import arrange
from workbench.signing.verify import Verdict, Verifier
from workbench.ui.panes.signing.survey import look_at

MDL = x509.ObjectIdentifier("1.0.18013.5.1.2")
DOCUMENTS = {
    "pades": pdfs.document(),
    "jar": jars.archive(),
    "authenticode": programs.program(),
    "mdoc": description(),
}


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def signed(lab: Hierarchy, kind: str) -> bytes:
    chain = lab.chain("P-256")
    if kind == "mdoc":
        leaf = make("Issuer", lab.sub, key=key_of("P-256"), ca=False, eku=(CODE, MDL))
        chain = (leaf.der, *chain[1:])
    return sign(FORMATS[kind], "P-256", DOCUMENTS[kind], chain)


def judged(lab: Hierarchy, file: Path | None, signature: Path) -> Verdict:
    verifier = Verifier(TravelClock(NOW))
    return verifier.check(file, signature, replace(lab.trust, purpose=Purpose.CODE_SIGNING))


def test_every_format_that_stands_alone_is_tried_here() -> None:
    assert {form.name for form in FORMATS.values() if form.traits.alone} == set(DOCUMENTS)


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("suffix", [".p7s", ""])
def test_a_signed_document_is_no_signature_of_another_file(
    lab: Hierarchy, tmp_path: Path, kind: str, suffix: str
) -> None:
    evil = tmp_path / "evil.bin"
    evil.write_bytes(b"evil")
    theirs = tmp_path / f"evil.bin{suffix}" if suffix else tmp_path / "good-signed"
    theirs.write_bytes(signed(lab, kind))
    assert judged(lab, None, theirs).valid
    verdict = judged(lab, evil, theirs)
    assert not verdict.valid
    assert "says nothing about “evil.bin”" in verdict.headline
    assert verdict.checks[0].name == "File"
    assert "alone" in verdict.checks[0].next_step


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_document_itself_may_be_given_twice(lab: Hierarchy, tmp_path: Path, kind: str) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for path in (one, other):
        path.write_bytes(signed(lab, kind) if path == one else one.read_bytes())
    assert judged(lab, one, one).valid
    assert judged(lab, other, one).valid
    other.write_bytes(other.read_bytes()[:-1])
    assert not judged(lab, other, one).valid


def test_what_holds_everything_is_not_paired_with_a_file_by_name(
    lab: Hierarchy, tmp_path: Path
) -> None:
    file, mdoc = tmp_path / "holder.json", tmp_path / "holder.json.mdoc"
    file.write_bytes(DOCUMENTS["mdoc"])
    mdoc.write_bytes(signed(lab, "mdoc"))
    assert find_pair(mdoc) == (None, mdoc)
    assert find_pair(file) == (file, tmp_path / "holder.json.p7s")
    assert arrange([file, mdoc]).pairs == ()
    assert look_at([mdoc]).pairs == ()
    assert judged(lab, *find_pair(mdoc)).valid
