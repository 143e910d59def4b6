"""What a verifier demands is asked of every format: kinds of key, purposes, kinds of proof."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from tests.fakes import jars, pdfs, programs
from tests.fakes.certificates import CODE, NOW, make
from tests.fakes.formats import Hierarchy, key_of, kms_for, sign, trusting
from tests.unit.signing.formats.test_mdl import description
from workbench.base.clock import TravelClock
from workbench.crypto.table import Family
from workbench.signing.formats.base import BytesContent, Trust
from workbench.signing.formats.registry import FORMATS
from workbench.signing.verify import Verdict, Verifier

DATA = b"content" * 50
INSIDE = {
    "pades": pdfs.document(),
    "jar": jars.archive(),
    "authenticode": programs.program(),
    "mdoc": description(),
    "jwt": b'{"exp": 4000000000}',
}
EDWARDS = {"sshsig", "minisign"}
SIGNING = sorted(set(FORMATS) - {"timestamp"})


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


@pytest.fixture(scope="module")
def trust(lab: Hierarchy) -> Trust:
    keys = trusting("P-256", "Ed25519").keys
    return replace(Verifier(TravelClock(NOW)).trust(roots=(lab.root.der,), keys=keys), moment=NOW)


class Made:
    """A signature in a format, in files."""

    def __init__(self, lab: Hierarchy, name: str, folder: Path) -> None:
        kind = "Ed25519" if name in EDWARDS else "P-256"
        form = FORMATS[name]
        eku = (x509.ObjectIdentifier("1.0.18013.5.1.2"),) if name == "mdoc" else (CODE,)
        leaf = make("Signer", lab.sub, key=key_of(kind), ca=False, eku=eku)
        chain = (leaf.der, lab.sub.der, lab.root.der)
        if name == "timestamp":
            data = form.sign(kms_for("P-256"), lab.stamping(), BytesContent(DATA))
        else:
            held = chain if form.traits.certificate != "none" else ()
            data = sign(form, kind, INSIDE.get(name, DATA), held)
        self.signature = folder / f"file{form.suffix}"
        self.signature.write_bytes(data)
        self.file: Path | None = None
        if name not in INSIDE:
            self.file = folder / "file"
            self.file.write_bytes(DATA)
        self.family = Family.EDWARDS if name in EDWARDS else Family.ELLIPTIC

    def judged(self, trust: Trust) -> Verdict:
        return Verifier(TravelClock(NOW)).check(self.file, self.signature, trust)


@pytest.mark.parametrize("name", SIGNING)
def test_a_required_kind_of_key_is_missed_in_every_format(
    lab: Hierarchy, trust: Trust, tmp_path: Path, name: str
) -> None:
    made = Made(lab, name, tmp_path)
    verdict = made.judged(trust)
    assert verdict.valid, verdict.headline
    assert verdict.families == {made.family}
    assert made.judged(replace(trust, required=(made.family,))).valid
    for required in ((Family.ML_DSA,), (made.family, Family.ML_DSA)):
        missed = made.judged(replace(trust, required=required))
        assert not missed.valid
        assert missed.checks[-1].name == "Required signatures"
        assert "ML-DSA" in missed.headline


def test_a_timestamp_meets_no_demand_for_a_kind_of_key(
    lab: Hierarchy, trust: Trust, tmp_path: Path
) -> None:
    made = Made(lab, "timestamp", tmp_path)
    assert not made.judged(replace(trust, required=(Family.ELLIPTIC,))).valid
