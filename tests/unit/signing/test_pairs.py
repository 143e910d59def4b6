"""Which file and which signature may go together: nobody's document vouches for another file."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from tests.fakes import jars, pdfs, programs
from tests.fakes.certificates import CODE, NOW, make
from tests.fakes.formats import Hierarchy, key_of, kms_for, sign, signing_for
from tests.unit.signing.formats.test_mdl import description
from workbench.base.clock import TravelClock
from workbench.base.errors import EnvironmentFault
from workbench.pki.purposes import Purpose
from workbench.signing.checking import find_pair
from workbench.signing.formats.base import FileContent
from workbench.signing.formats.cms import Cms
from workbench.signing.formats.cose import CoseSign1
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


def test_content_inside_cms_must_be_the_file(lab: Hierarchy, tmp_path: Path) -> None:
    file, signature = tmp_path / "file", tmp_path / "file.p7s"
    file.write_bytes(b"hello world")
    data = sign(Cms(detached=False), "P-256", b"hello world", lab.chain("P-256"))
    signature.write_bytes(data)
    assert judged(lab, file, signature).valid
    assert judged(lab, None, signature).valid
    signature.write_bytes(data.replace(b"hello", b"HELLO"))
    verdict = judged(lab, file, signature)
    assert [check.name for check in verdict.checks if not check.passed] == ["Content"]
    assert not judged(lab, None, signature).valid
    signature.write_bytes(data)
    file.write_bytes(b"HELLO world")
    assert not judged(lab, file, signature).valid


@pytest.mark.parametrize("form", [Cms(detached=False), CoseSign1(detached=False)])
def test_what_is_around_a_signed_pdf_is_no_pdf(
    lab: Hierarchy, tmp_path: Path, form: Cms | CoseSign1
) -> None:
    inside = signed(lab, "pades")
    outside = tmp_path / "outside"
    outside.write_bytes(sign(form, "P-256", inside, lab.chain("P-256")))
    verdict = judged(lab, None, outside)
    assert verdict.valid, verdict.headline
    assert verdict.form == form.title


class Writer:
    """Changes a file in place when somebody has begun to read it."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._read = os.read
        self._path = path

        def read(descriptor: int, size: int) -> bytes:
            data = self._read(descriptor, size)
            if data and os.path.samestat(os.fstat(descriptor), path.stat()):
                monkeypatch.setattr(os, "read", self._read)
                with path.open("r+b") as stream:
                    stream.write(b"torn")
                os.utime(path, (1, 1))
            return data

        monkeypatch.setattr(os, "read", read)


@pytest.mark.parametrize("name", ["pades", "jar", "authenticode", "mdoc", "dsse", "cose-sign1"])
def test_a_document_that_changes_while_it_is_read_is_an_error(
    lab: Hierarchy, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "document"
    file.write_bytes(DOCUMENTS.get(name, b"content"))
    Writer(file, monkeypatch)
    signing = signing_for("P-256", lab.chain("P-256"))
    with pytest.raises(EnvironmentFault, match="changed while it was read"):
        FORMATS[name].sign(kms_for("P-256"), signing, FileContent(file))
