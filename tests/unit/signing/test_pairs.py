"""Which file and which signature may go together: nobody's document vouches for another file."""

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509

from tests.fakes import jars, pdfs, programs
from tests.fakes.certificates import CODE, NOW, make, new_key
from tests.fakes.formats import Hierarchy, key_of, kms_for, sign, signing_for
from tests.unit.signing.formats.test_mdl import description
from workbench.base.clock import TravelClock
from workbench.base.errors import EnvironmentFault
from workbench.pki.purposes import Purpose
from workbench.signing.checking import find_pair
from workbench.signing.formats.base import FileContent
from workbench.signing.formats.cms import Cms
from workbench.signing.formats.cose import CoseSign1
from workbench.signing.formats.jar_manifest import open_archive
from workbench.signing.formats.jws import JsonWebSignature
from workbench.signing.formats.registry import FORMATS
from workbench.signing.sniff import Kind, arrange, sniff
from workbench.signing.verify import Verdict, Verifier
from workbench.signing.walk import walk
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


def archived(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, content)
    return out.getvalue()


def test_no_archive_hides_in_a_signed_one(lab: Hierarchy, tmp_path: Path) -> None:
    file = tmp_path / "some.jar"
    good, other = signed(lab, "jar"), archived("Evil.class", b"evil")
    file.write_bytes(good)
    assert judged(lab, None, file).valid
    central = good.index(b"PK\1\2")
    for data in (other + good, b"#!/bin/sh\n" + good, good[:central] + b"x" + good[central:]):
        file.write_bytes(data)
        verdict = judged(lab, None, file)
        assert not verdict.valid


def test_archives_written_as_streams_are_accepted(lab: Hierarchy, tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        """Somewhere to write to that cannot be gone back in, so that entries have descriptors."""

        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(cast("Any", pipe), "w", zipfile.ZIP_DEFLATED) as made:
        for name in ("a.txt", "b.txt"):
            made.writestr(name, b"content" * 100)
    assert b"PK\7\x08" in pipe.data
    file = tmp_path / "some.jar"
    file.write_bytes(sign(FORMATS["jar"], "P-256", pipe.data, lab.chain("P-256")))
    assert judged(lab, None, file).valid
    assert open_archive(pipe.data).entries


def test_nothing_hides_behind_a_signed_pdf(lab: Hierarchy, tmp_path: Path) -> None:
    file = tmp_path / "some.pdf"
    good, other = signed(lab, "pades"), archived("evil.exe", b"evil")
    second = sign(FORMATS["pades"], "P-256", good, lab.chain("P-256"))
    updated = pdfs.stamped(good, lab.authority().respond)
    start = updated.index(b"startxref", len(good))
    for data, valid in (
        (good, True),
        (good + b"\n\r\n", True),
        (second, True),
        (updated, True),
        (good + b"\n" + other, False),
        (good + b"\nwhatever", False),
        (updated + other, False),
        (updated[:start] + b"%" + other + b"\n" + updated[start:], False),
    ):
        file.write_bytes(data)
        assert judged(lab, None, file).valid is valid


def test_a_form_that_was_filled_in_since_is_explained(lab: Hierarchy, tmp_path: Path) -> None:
    file = tmp_path / "some.pdf"
    file.write_bytes(pdfs.updated(signed(lab, "pades"), lambda writer: writer.update_root()))
    assert judged(lab, None, file).valid


@pytest.mark.parametrize("form", ["compact", "flattened", "general"])
@pytest.mark.parametrize("detached", [True, False])
def test_a_jws_with_a_long_chain_is_found_by_its_content(
    lab: Hierarchy, tmp_path: Path, form: str, *, detached: bool
) -> None:
    root = make("Big root", key=new_key("ML-DSA-65"))
    leaf = make("Big signer", root, key=key_of("ML-DSA-65"), ca=False, eku=(CODE,))
    sub = make("Big sub", root, key=new_key("ML-DSA-65"), ca=True)
    chain = (leaf.der, sub.der, root.der)
    jws = JsonWebSignature(form=form, detached=detached)
    file, signature = tmp_path / "some.json", tmp_path / "token"
    file.write_bytes(b'{"a": 1}')
    signature.write_bytes(sign(jws, "ML-DSA-65", file.read_bytes(), chain))
    assert len(signature.read_bytes()) > 12_000
    assert sniff(signature).kind is Kind.SIGNATURE
    assert sniff(file).kind is Kind.FILE
    assert find_pair(signature, file) == (file, signature)
    assert arrange([file, signature]).pairs == ((file, signature),)
    named = signature.rename(tmp_path / "some.json.jws")
    assert [found.path for found in walk([tmp_path]) if found.wanted] == [file]
    assert named.exists()
