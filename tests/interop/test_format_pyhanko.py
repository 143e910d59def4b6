"""pyHanko and the workbench on each other's CMS and CAdES signatures, and its PDFs under ours."""

import dataclasses
import io
from typing import Any

import pytest
from asn1crypto import cms, crl
from asn1crypto import x509 as asn1
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import CMSExtractionError
from pyhanko.sign.validation import async_validate_detached_cms, async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.fakes import pdfs
from tests.fakes.certificates import DAY, NOW, Made
from tests.fakes.formats import Hierarchy, key_of, kms_for, sign, signing_for, verify
from tests.fakes.loops import completed
from workbench.pki.status import Evidence
from workbench.signing.formats.base import BytesContent, Format
from workbench.signing.formats.cades import Cades
from workbench.signing.formats.cms import Cms
from workbench.signing.formats.pades import Pades
from workbench.signing.formats.registry import advice

KINDS = ("P-256", "P-384", "RSA", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87")
BOTH = ("P-256", "ML-DSA-65")
DATA = b"Pay 10 euros.\n" * 400


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def signer(lab: Hierarchy, kind: str, *, pss: bool = False) -> SimpleSigner:
    """Return pyHanko's signer with the kind's key."""
    key = key_of(kind).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    leaf, *rest = (asn1.Certificate.load(one) for one in lab.chain(kind))
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call] # pyHanko is not typed
    store.register_multiple(rest)
    return SimpleSigner(leaf, PrivateKeyInfo.load(key), store, prefer_pss=pss)


def stamping(lab: Hierarchy, *, stamp: bool) -> pdfs.Authority | None:
    return pdfs.Authority(lab.authority().respond) if stamp else None


def pyhanko_accepts(lab: Hierarchy, signature: bytes, data: bytes) -> bool:
    """Say whether pyHanko finds a detached signature of one signer sound and trusted."""
    anchors: dict[str, Any] = {
        "trust_roots": [asn1.Certificate.load(lab.root.der)], "moment": lab.trust.moment,
    }  # fmt: skip
    status = completed(
        async_validate_detached_cms(
            data,
            cms.ContentInfo.load(signature)["content"],
            signer_validation_context=ValidationContext(**anchors),
            ts_validation_context=ValidationContext(**anchors),
            key_usage_settings=KeyUsageConstraints(
                key_usage={"digital_signature"}, extd_key_usage={"code_signing"}
            ),
        )
    )
    stamp = status.timestamp_validity
    return bool(status.bottom_line and (stamp is None or (stamp.valid and stamp.trusted)))


@pytest.mark.parametrize("form", ["cms", "cades", "cades-t"])
@pytest.mark.parametrize("kind", KINDS)
def test_pyhanko_accepts_ours(lab: Hierarchy, kind: str, form: str) -> None:
    forms: dict[str, Format] = {
        "cms": Cms(), "cades": Cades(), "cades-t": Cades(timestamper=lab.authority().respond),
    }  # fmt: skip
    made = sign(forms[form], kind, DATA, lab.chain(kind))
    assert pyhanko_accepts(lab, made, DATA)
    assert not pyhanko_accepts(lab, made, DATA + b"\n")
    assert not pyhanko_accepts(Hierarchy(), made, DATA)


def by_pyhanko(lab: Hierarchy, kind: str, *, cades: bool, stamp: bool, pss: bool) -> bytes:
    made = completed(
        signer(lab, kind, pss=pss).async_sign_general_data(
            DATA, "sha512", use_cades=cades, timestamper=stamping(lab, stamp=stamp)
        )
    )
    return bytes(made.dump())


@pytest.mark.parametrize("form", ["cms", "cades", "cades-t", "pss"])
@pytest.mark.parametrize("kind", KINDS)
def test_we_accept_pyhankos(lab: Hierarchy, kind: str, form: str) -> None:
    made = by_pyhanko(lab, kind, cades="cades" in form, stamp=form == "cades-t", pss=form == "pss")
    judge = Cades() if "cades" in form else Cms()
    verdict = verify(judge, made, DATA, lab.trust)
    assert verdict.valid, verdict.headline
    assert not verify(judge, made, DATA + b"\n", lab.trust).valid
    strange = dataclasses.replace(lab.trust, roots=(Hierarchy().root.der,))
    assert not verify(judge, made, DATA, strange).valid
    broken = made.replace(b"Signer", b"Sigmer", 1)
    assert broken != made
    assert not verify(judge, broken, DATA, lab.trust).valid


def signed_pdf(
    lab: Hierarchy, kind: str, data: bytes, *, stamp: bool = False, **more: Any
) -> bytes:
    """Return a PDF that pyHanko signed, as PAdES."""
    meta = PdfSignatureMetadata(md_algorithm="sha512", subfilter=SigSeedSubFilter.PADES, **more)
    made = PdfSigner(meta, signer(lab, kind), timestamper=stamping(lab, stamp=stamp)).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(data))
    )
    return bytes(made.getvalue())


def listed(lab: Hierarchy, issuer: Made, *serials: int) -> bytes:
    builder = x509.CertificateRevocationListBuilder(
        issuer.certificate.subject, NOW - DAY / 2, NOW + DAY
    )
    for serial in serials:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder(serial, NOW - DAY).build()
        )
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def with_store(data: bytes, *lists: bytes) -> bytes:
    """Return a PDF to which pyHanko added a store with revocation lists."""
    out = io.BytesIO(data)
    parsed = [crl.CertificateList.load(der) for der in lists]
    DocumentSecurityStore.add_dss(out, sig_contents=None, certs=(), ocsps=(), crls=parsed)
    return out.getvalue()


def test_lists_in_a_pdfs_store_count(lab: Hierarchy) -> None:
    made = signed_pdf(lab, "P-256", pdfs.document(), field_name="One")
    signed = PdfFileReader(io.BytesIO(made)).embedded_signatures[0].signer_cert
    demanding = dataclasses.replace(lab.trust, evidence=Evidence(required=True))
    clear = with_store(made, listed(lab, lab.sub), listed(lab, lab.root))
    revoked = with_store(made, listed(lab, lab.sub, signed.serial_number), listed(lab, lab.root))
    forged = with_store(made, listed(lab, Hierarchy().sub), listed(lab, lab.root))
    unknown = verify(Pades(), made, None, demanding)
    assert not unknown.valid
    assert "not known" in unknown.headline
    assert verify(Pades(), made, None, lab.trust).valid
    verdict = verify(Pades(), clear, None, demanding)
    assert verdict.valid, verdict.headline
    assert not verify(Pades(), forged, None, demanding).valid
    for trust in (lab.trust, demanding):
        found = verify(Pades(), revoked, None, trust)
        assert not found.valid
        assert "revoked" in found.headline


def both(lab: Hierarchy, form: Any, data: bytes, kinds: tuple[str, ...] = BOTH) -> bytes:
    """Return what several keys sign together."""

    class Keys:
        def sign(self, **words: Any) -> Any:
            return kms_for(words["KeyId"]).sign(**{**words, "KeyId": "key"})

    signers = [dataclasses.replace(signing_for(one, lab.chain(one)), key_id=one) for one in kinds]
    return bytes(form.sign_all(Keys(), signers, BytesContent(data)))


@pytest.mark.parametrize("form", [Cms(), Cades()])
def test_pyhanko_refuses_two_signers_which_is_said_before_signing(
    lab: Hierarchy, form: Format
) -> None:
    made = both(lab, form, DATA)
    assert verify(form, made, DATA, lab.trust).valid
    with pytest.raises(CMSExtractionError, match="exactly one"):
        pyhanko_accepts(lab, made, DATA)
    said = [advice(form, specs) for specs in (("ECC_NIST_P256", "ML_DSA_65"), ("ECC_NIST_P256",))]
    assert ["pyHanko" in one for one in said] == [True, False]
    alone, together = advice(form, ("ML_DSA_65",)), advice(form, ("ML_DSA_65", "ML_DSA_87"))
    assert "OpenSSL 3.5" in alone
    assert "pyHanko" not in alone
    assert alone in together
    assert "pyHanko" in together


def pyhanko_takes_pdf(lab: Hierarchy, document: bytes) -> list[bool]:
    """Say of every signature in a PDF whether pyHanko finds it sound and trusted."""
    anchors: dict[str, Any] = {
        "trust_roots": [asn1.Certificate.load(lab.root.der)], "moment": lab.trust.moment,
    }  # fmt: skip
    usage = KeyUsageConstraints(key_usage={"digital_signature"}, extd_key_usage={"code_signing"})
    found = PdfFileReader(io.BytesIO(document)).embedded_signatures
    statuses = (
        completed(
            async_validate_pdf_signature(
                one, ValidationContext(**anchors), ValidationContext(**anchors),
                key_usage_settings=usage,
            )
        )
        for one in found
    )  # fmt: skip
    return [bool(one.bottom_line) for one in statuses]


@pytest.mark.parametrize("kinds", [BOTH, BOTH[::-1], ("ML-DSA-87",)])
def test_pyhanko_accepts_our_pdfs(lab: Hierarchy, kinds: tuple[str, ...]) -> None:
    for form in (Pades(), Pades(visible=True, timestamper=lab.authority().respond)):
        made = both(lab, form, pdfs.document(), kinds)
        assert pyhanko_takes_pdf(lab, made) == [True] * len(kinds)
        assert not any(pyhanko_takes_pdf(Hierarchy(), made))
        changed = made.replace(b"Pay 10", b"Pay 99", 1)
        assert not any(pyhanko_takes_pdf(lab, changed))
        repainted = pdfs.updated(made, pdfs.another_text)
        assert not any(pyhanko_takes_pdf(lab, repainted))


def settled(lab: Hierarchy) -> dict[str, Any]:
    """Return what makes pyHanko write a store of validation data (B-LT)."""
    context = ValidationContext(
        trust_roots=[asn1.Certificate.load(lab.root.der)],
        other_certs=[asn1.Certificate.load(lab.sub.der)],
        moment=lab.trust.moment,
    )
    usage = {"digital_signature"}
    return {
        "embed_validation_info": True, "validation_context": context, "signer_key_usage": usage,
    }  # fmt: skip


def test_we_accept_pyhankos_pdfs(lab: Hierarchy) -> None:
    plain = pdfs.document()
    once = signed_pdf(lab, "P-256", plain, field_name="One")
    made = {
        "B-B": once,
        "RSA": signed_pdf(lab, "RSA", plain, field_name="One"),
        "B-T": signed_pdf(lab, "P-384", plain, stamp=True, field_name="One"),
        "B-LT": signed_pdf(lab, "P-256", plain, stamp=True, field_name="One", **settled(lab)),
        "certified": signed_pdf(lab, "P-256", plain, field_name="One", certify=True),
        "two": signed_pdf(lab, "RSA", once, field_name="Two"),
        "ML-DSA": signed_pdf(lab, "ML-DSA-65", plain, field_name="One"),
        "both": signed_pdf(lab, "ML-DSA-65", once, stamp=True, field_name="Two"),
        "stamped": pdfs.stamped(once, lab.authority().respond),
    }
    strange = dataclasses.replace(lab.trust, roots=(Hierarchy().root.der,))
    for name, data in made.items():
        verdict = verify(Pades(), data, None, lab.trust)
        assert verdict.valid, (name, verdict.headline)
        assert not verify(Pades(), data, None, strange).valid, name
        changed = data.replace(b"Pay 10", b"Pay 99", 1)
        assert changed != data
        assert not verify(Pades(), changed, None, lab.trust).valid, name
        repainted = pdfs.updated(data, pdfs.another_text)
        assert not verify(Pades(), repainted, None, lab.trust).valid, name
