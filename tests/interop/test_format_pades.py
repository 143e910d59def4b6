"""Signed PDFs as poppler's pdfsig sees them. It knows no ML-DSA: classical keys only."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fakes import pdfs
from tests.fakes.formats import Hierarchy, sign
from workbench.signing.formats.pades import Pades


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def pdfsig(folder: Path, data: bytes) -> list[str]:
    """Return what pdfsig says of every signature: `valid` or its words."""
    (folder / "it.pdf").write_bytes(data)
    program = shutil.which("pdfsig")
    assert program, "needs pdfsig of poppler; packaging/test brings it"
    done = subprocess.run(
        [program, "-nocert", str(folder / "it.pdf")],
        env={"HOME": str(folder), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = re.findall(r"Signature Validation: (.*)", done.stdout)
    total = re.findall(r"(Total document signed|Not total document signed)", done.stdout)
    assert len(said) == len(total), done.stdout + done.stderr
    return [f"{one} {whole}" for one, whole in zip(said, total, strict=True)]


GOOD = "Signature is Valid. Total document signed"


@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA"])
@pytest.mark.parametrize("form", [Pades(), Pades(visible=True, reason="I agree")])
def test_pdfsig_takes_it(lab: Hierarchy, tmp_path: Path, kind: str, form: Pades) -> None:
    made = sign(form, kind, pdfs.document(), lab.chain(kind))
    assert pdfsig(tmp_path, made) == [GOOD]


def test_pdfsig_takes_a_timestamp(lab: Hierarchy, tmp_path: Path) -> None:
    form = Pades(timestamper=lab.authority().respond)
    assert pdfsig(tmp_path, sign(form, "RSA", pdfs.document(), lab.chain("RSA"))) == [GOOD]


def test_pdfsig_takes_two(lab: Hierarchy, tmp_path: Path) -> None:
    first = sign(Pades(), "P-256", pdfs.document(), lab.chain("P-256"))
    both = sign(Pades(visible=True), "RSA", first, lab.chain("RSA"))
    said = pdfsig(tmp_path, both)
    assert said == ["Signature is Valid. Not total document signed", GOOD]


def test_pdfsig_refuses_what_was_changed(lab: Hierarchy, tmp_path: Path) -> None:
    made = sign(Pades(), "P-256", pdfs.document(), lab.chain("P-256"))
    place = made.index(b"Pay 10")
    changed = made[:place] + b"Pay 99" + made[place + 6 :]
    (said,) = pdfsig(tmp_path, changed)
    assert "Digest Mismatch" in said
