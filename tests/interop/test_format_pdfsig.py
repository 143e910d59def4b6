"""PDFs that poppler's pdfsig signs with keys of NSS, verified here."""

import os
import subprocess
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.x509 import load_der_x509_certificate

from tests.fakes import pdfs
from tests.fakes.formats import Hierarchy, flipped, key_of, verify
from workbench.pki.purposes import Purpose
from workbench.signing.formats.base import Trust
from workbench.signing.formats.pades import Pades

PLAIN = pdfs.document()


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


@pytest.fixture(scope="module")
def signed(lab: Hierarchy, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A PDF signed by pdfsig with an RSA key; for others poppler writes no signature."""
    folder = tmp_path_factory.mktemp("nss")
    store = f"sql:{folder}"

    def run(*words: object) -> None:
        try:
            done = subprocess.run(
                [*map(str, words)], capture_output=True, text=True, check=False, timeout=60,
                env={"HOME": str(folder), "LC_ALL": "C", "PATH": os.environ["PATH"]},
            )  # fmt: skip
        except FileNotFoundError:
            pytest.fail(f"needs {words[0]}; packaging/test brings it", pytrace=False)
        assert done.returncode == 0, done.stdout + done.stderr

    key = key_of("RSA")
    assert isinstance(key, RSAPrivateKey)
    leaf, *chain = (load_der_x509_certificate(one) for one in lab.chain("RSA"))
    protection = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(100)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .build(b"in transit")
    )
    bundle, opened = folder / "key.p12", folder / "password"
    bundle.write_bytes(pkcs12.serialize_key_and_certificates(b"ann", key, leaf, chain, protection))
    opened.write_text("at rest\n")
    run("certutil", "-N", "-d", store, "-f", opened)
    run("pk12util", "-i", bundle, "-d", store, "-k", opened, "-W", "in transit")
    before, after = folder / "plain.pdf", folder / "signed.pdf"
    before.write_bytes(PLAIN)
    access = ("-nssdir", store, "-nss-pwd", "at rest", "-kpw", "at rest", "-no-ocsp")
    run("pdfsig", *access, "-add-signature", "-nick", "ann", "-reason", "I agree", before, after)
    return after.read_bytes()


def test_it_is_accepted(lab: Hierarchy, signed: bytes) -> None:
    verdict = verify(Pades(), signed, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert "Signer RSA" in verdict.signer
    names = [check.name for check in verdict.checks]
    assert "Encoding" in names
    assert "Changes after signing" in names
    for purpose in (Purpose.DOCUMENT_SIGNING, Purpose.ANY):
        assert verify(Pades(), signed, None, replace(lab.trust, purpose=purpose)).valid


def test_what_was_changed_is_refused(lab: Hierarchy, signed: bytes) -> None:
    value = signed.rindex(b"/Contents <") + 11
    for place in (PLAIN.index(b"Pay 10") + 4, signed.rindex(b"/Reason") + 12, len(signed) - 3):
        (wrong,) = flipped(signed, [place])
        assert not verify(Pades(), wrong, None, lab.trust).valid, place
    end = len(signed[: signed.index(b">", value)].rstrip(b"0"))
    # Hexadecimal digits of the signer; certificates NSS puts in twice, and one copy is enough.
    for digit in range(end - 2 * 420, end, 31):
        wrong = signed[:digit] + (b"0" if signed[digit] != 0x30 else b"1") + signed[digit + 1 :]
        verdict = verify(Pades(), wrong, None, lab.trust)
        assert not verdict.valid, (digit - value, verdict.headline)


def test_strangers_and_late_days_are_refused(lab: Hierarchy, signed: bytes) -> None:
    strange = Trust(lab.trust.moment, roots=(Hierarchy().root.der,))
    assert not verify(Pades(), signed, None, strange).valid
    late = replace(lab.trust, moment=lab.trust.moment.replace(year=2030))
    assert not verify(Pades(), signed, None, late).valid
    code = replace(lab.trust, purpose=Purpose.EMAIL_PROTECTION)
    assert not verify(Pades(), signed, None, code).valid


def test_what_is_added_later_is_read_strictly_again(lab: Hierarchy, signed: bytes) -> None:
    """Odd numbers of objects are let pass only where nothing follows the one signature."""
    start = signed.rindex(b"startxref") + 9
    root = b"1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n"
    place = len(signed)
    table = b"xref\n1 1\n%010d 00000 n \ntrailer\n<</Size 18 /Root 1 0 R /Prev %d>>\n" % (
        place, int(signed[start:].split()[0]),
    )  # fmt: skip
    later = signed + root + table + b"startxref\n%d\n%%%%EOF\n" % (place + len(root))
    verdict = verify(Pades(), later, None, lab.trust)
    assert not verdict.valid
    assert "structure is damaged" in verdict.headline
