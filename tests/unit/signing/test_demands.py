"""What a verifier demands is asked of every format: kinds of key, purposes, kinds of proof."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.fakes import jars, pdfs, programs
from tests.fakes.certificates import CODE, DAY, LEAF_BITS, NOW, make
from tests.fakes.formats import Hierarchy, key_of, kms_for, sign, trusting
from tests.unit.signing.formats.test_mdl import description
from tests.unit.signing.test_revocation import listed
from workbench.base.clock import TravelClock
from workbench.crypto.table import Family
from workbench.pki.purposes import Purpose
from workbench.pki.status import Evidence
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


def test_a_timestamp_is_no_signature(lab: Hierarchy, trust: Trust, tmp_path: Path) -> None:
    made = Made(lab, "timestamp", tmp_path)
    made.signature = made.signature.rename(tmp_path / "file.p7s")
    for purpose in (None, Purpose.CODE_SIGNING, Purpose.DOCUMENT_SIGNING, Purpose.ANY):
        verdict = made.judged(replace(trust, purpose=purpose))
        assert not verdict.valid
        assert "nobody signed it" in verdict.headline
    for asked in (replace(trust, stamps=True), replace(trust, purpose=Purpose.TIME_STAMPING)):
        verdict = made.judged(asked)
        assert verdict.valid, verdict.headline
        assert verdict.proves == "time"
        assert "no signature" in verdict.headline
    verifier = Verifier(TravelClock(NOW))
    assert made.file is not None
    expected = FORMATS["timestamp"]
    assert verifier.check(made.file, made.signature, trust, expected=expected).valid


def test_a_pdf_that_is_only_stamped_is_not_signed(
    lab: Hierarchy, trust: Trust, tmp_path: Path
) -> None:
    file = tmp_path / "stamped.pdf"
    file.write_bytes(pdfs.stamped(pdfs.document(), lab.authority().respond))
    verdict = Verifier(TravelClock(NOW)).check(None, file, trust)
    assert not verdict.valid
    assert "nobody signed it" in verdict.headline


DOCUMENTS, MAIL = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ExtendedKeyUsageOID.EMAIL_PROTECTION
SERVER, ANYTHING = ExtendedKeyUsageOID.SERVER_AUTH, x509.ObjectIdentifier("2.5.29.37.0")
NON_REPUDIATION = frozenset({"content_commitment"})
ENCIPHERMENT = frozenset({"key_encipherment"})
SIGNERS: dict[str, tuple[tuple[x509.ObjectIdentifier, ...], frozenset[str], bool]] = {
    "document signing": ((DOCUMENTS,), LEAF_BITS, True),
    "document signing, non-repudiation": ((DOCUMENTS,), NON_REPUDIATION, True),
    "e-mail": ((MAIL,), LEAF_BITS, True),
    "e-mail, non-repudiation": ((MAIL, ExtendedKeyUsageOID.CLIENT_AUTH), NON_REPUDIATION, True),
    "nothing named": ((), LEAF_BITS, True),
    "anything": ((ANYTHING,), LEAF_BITS, True),
    "code": ((CODE,), LEAF_BITS, True),
    "server": ((SERVER,), LEAF_BITS, False),
    "timestamps": ((ExtendedKeyUsageOID.TIME_STAMPING,), LEAF_BITS, False),
    "e-mail, encipherment only": ((MAIL,), ENCIPHERMENT, False),
    "nothing named, encipherment only": ((), ENCIPHERMENT, False),
}


def signer(lab: Hierarchy, kind: str, name: str) -> tuple[bytes, ...]:
    eku, bits, _ = SIGNERS[name]
    leaf = make("Signer", lab.sub, key=key_of(kind), ca=False, eku=eku, bits=bits)
    return leaf.der, lab.sub.der, lab.root.der


@pytest.mark.parametrize("name", SIGNERS)
@pytest.mark.parametrize("kind", ["P-256", "ML-DSA-44"])
def test_a_document_may_be_signed_by_whoever_signs_documents(
    lab: Hierarchy, trust: Trust, tmp_path: Path, name: str, kind: str
) -> None:
    signature = tmp_path / "file.p7s"
    form = FORMATS["cades"]
    signature.write_bytes(sign(form, kind, DATA, signer(lab, kind, name)))
    file = tmp_path / "file"
    file.write_bytes(DATA)
    verifier = Verifier(TravelClock(NOW))
    verdict = verifier.check(file, signature, trust)
    assert verdict.valid is SIGNERS[name][2], verdict.headline
    code = verifier.check(file, signature, replace(trust, purpose=Purpose.CODE_SIGNING))
    assert code.valid is (name == "code")


@pytest.mark.parametrize("form", ["pades", "jws", "cose-sign1"])
def test_documents_and_messages_of_others_are_judged_as_such(
    lab: Hierarchy, trust: Trust, tmp_path: Path, form: str
) -> None:
    for name in ("document signing, non-repudiation", "e-mail", "server"):
        whole = FORMATS[form]
        data = sign(whole, "P-256", INSIDE.get(form, DATA), signer(lab, "P-256", name))
        signature, file = tmp_path / "signed", tmp_path / "file"
        signature.write_bytes(data)
        file.write_bytes(DATA)
        verdict = Verifier(TravelClock(NOW)).check(
            None if whole.traits.alone else file, signature, trust
        )
        assert verdict.valid is (name != "server"), verdict.headline


@pytest.mark.parametrize("form", ["jar", "authenticode"])
def test_code_is_signed_by_code_signers_alone(
    lab: Hierarchy, trust: Trust, tmp_path: Path, form: str
) -> None:
    for name in ("code", "document signing", "e-mail", "nothing named", "anything"):
        signature = tmp_path / name
        chain = signer(lab, "P-256", name)
        signature.write_bytes(sign(FORMATS[form], "P-256", INSIDE[form], chain))
        verdict = Verifier(TravelClock(NOW)).check(None, signature, trust)
        assert verdict.valid is (name == "code"), verdict.headline


@pytest.mark.parametrize("name", ["cms", "cades", "jws", "cose-sign1", "pades", "jar"])
def test_a_public_key_is_trusted_where_there_are_certificates_too(
    lab: Hierarchy, tmp_path: Path, name: str
) -> None:
    made = Made(lab, name, tmp_path)
    trust = Verifier(TravelClock(NOW)).trust(keys=trusting("P-256").keys, moment=NOW)
    verdict = made.judged(trust)
    assert verdict.valid, verdict.headline
    assert "belongs to Ann's P-256" in verdict.checks[-1].sentence
    assert not made.judged(replace(trust, keys=trusting("P-384").keys)).valid
    assert not made.judged(replace(trust, moment=NOW + 900 * DAY)).valid
    assert not made.judged(replace(trust, purpose=Purpose.SERVER_AUTH)).valid
    # What is known to be revoked is so whoever trusts the key.
    if name == "cms":
        made.signature.write_bytes(sign(FORMATS[name], "P-256", DATA, chain := lab.chain("P-256")))
        serial = x509.load_der_x509_certificate(chain[0]).serial_number
        evidence = Evidence((listed(lab, lab.sub, serial),))
        assert made.judged(trust).valid
        assert not made.judged(replace(trust, evidence=evidence)).valid
