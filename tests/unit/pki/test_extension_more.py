"""Rarer extensions in words, and bytes where there are none."""

from datetime import UTC, datetime
from pathlib import Path

import cryptography_vectors
import pytest
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.fakes.certificates import NOW, make, new_key
from workbench.pki.describe import describe
from workbench.pki.extension_more import RAW_TITLES, raw_words

VECTORS = Path(cryptography_vectors.__file__).parent / "x509"


def said(*extensions: x509.ExtensionType) -> dict[str, list[tuple[str, str]]]:
    """What a certificate with extensions says of them."""
    extra = tuple((one, False) for one in extensions)
    made = make("Leaf", key=new_key("P-256"), extra=extra)
    groups = [group for group in describe(made.der, NOW).groups if group.critical is not None]
    return {group.title: [(row.label, row.value) for row in group.rows] for group in groups}


def raw(oid: str, der: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), der)


def seq(*parts: bytes) -> bytes:
    return bytes(core.Sequence(contents=b"".join(parts)).dump(force=True))


def oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


def of_vector(*names: str) -> dict[str, list[tuple[str, str]]]:
    path = VECTORS.joinpath(*names)
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    der = certificate.public_bytes(Encoding.DER)
    return {
        group.title: [(row.label, row.value) for row in group.rows]
        for group in describe(der, NOW).groups
    }


def test_must_staple_and_policies_are_said() -> None:
    words = said(
        x509.TLSFeature([x509.TLSFeatureType.status_request]),
        x509.InhibitAnyPolicy(2),
        x509.PrivateKeyUsagePeriod(datetime(2026, 1, 2, tzinfo=UTC), None),
    )
    assert words["TLS feature"] == [("Feature", "OCSP stapling is required (must-staple)")]
    assert words["Inhibit anyPolicy"] == [("anyPolicy no longer counts after", "2 certificates")]
    assert words["Private key usage period"] == [("From", "2026-01-02 00:00 UTC")]


def test_transparency_logs_are_named_with_their_time() -> None:
    words = of_vector("cryptography-scts.pem")["Signed certificate timestamps"]
    assert words[0][0] == "Log 1"
    assert len(words[0][1].split(":")) == 32
    assert ("As", "precertificate") in words
    assert ("Signed with", "ECDSA and SHA-256") in words
    poisoned = of_vector("cryptography.io.precert.pem")
    assert "every verifier must refuse it" in poisoned["Precertificate poison"][0][1]


def test_qualified_statements_are_said() -> None:
    limit = seq(core.PrintableString("EUR").dump(), core.Integer(5).dump(), core.Integer(3).dump())
    link = seq(core.IA5String("https://example.org/pds").dump(), core.PrintableString("en").dump())
    der = seq(
        seq(oid("0.4.0.1862.1.1")),
        seq(oid("0.4.0.1862.1.2"), limit),
        seq(oid("0.4.0.1862.1.3"), core.Integer(15).dump()),
        seq(oid("0.4.0.1862.1.5"), seq(link)),
        seq(oid("0.4.0.1862.1.6"), seq(oid("0.4.0.1862.1.6.2"))),
        seq(oid("1.2.3.4")),
    )
    assert said(raw("1.3.6.1.5.5.7.1.3", der))["Qualified certificate statements"] == [
        ("EU qualified certificate", "yes"),
        ("Limit of the value of transactions", "5000 EUR"),
        ("Years that the CA keeps its records", "15"),
        ("Disclosure statements", "https://example.org/pds (en)"),
        ("Kind of qualified certificate", "electronic seal"),
        ("1.2.3.4", "yes"),
    ]


def test_vendors_and_older_extensions_are_said() -> None:
    words = said(
        raw("2.5.29.33", seq(seq(oid("1.2.3"), oid("1.2.4")))),
        raw("1.3.6.1.4.1.311.20.2", core.BMPString("SubCA").dump()),
        raw("1.3.6.1.4.1.311.21.1", core.Integer(0x20003).dump()),
        raw("2.16.840.1.113730.1.13", core.IA5String("made by hand").dump()),
        raw("2.16.840.1.113730.1.1", bytes.fromhex("03020640")),
        raw("1.2.840.113549.1.9.15", seq(seq(oid("2.16.840.1.101.3.4.1.46")))),
        x509.MSCertificateTemplate(x509.ObjectIdentifier("1.3.6.1.4.1.311.21.8.1"), 4, 1),
    )
    assert words["Policy mappings"] == [("Policy", "1.2.3 counts as 1.2.4")]
    assert words["Certificate template name (Microsoft)"] == [("Template", "SubCA")]
    assert words["CA version (Microsoft)"] == [("Certificate", "3"), ("Key", "2")]
    assert words["Comment (Netscape)"] == [("Comment", "made by hand")]
    assert words["Certificate type (Netscape)"] == [("Type", "TLS server")]
    assert words["S/MIME capabilities"] == [("Accepts", "AES-256-GCM")]
    assert words["Certificate template (Microsoft)"] == [
        ("Template", "1.3.6.1.4.1.311.21.8.1"), ("Version", "4.1"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(RAW_TITLES))
@pytest.mark.parametrize(
    "der", [b"", b"\x30\x80", b"\x30\x03\x02\x01\x01", b"\x05\x00", b"\xff" * 9]
)
def test_what_cannot_be_read_is_left_as_bytes(name: str, der: bytes) -> None:
    raw_words(name, der)  # says nothing, or words; raises never
    shown = said(raw(name, der))[RAW_TITLES[name]]
    assert shown


def test_an_unknown_extension_shows_its_bytes() -> None:
    assert said(raw("1.2.3.4.5", b"\x05\x00"))["Extension 1.2.3.4.5"] == [
        ("Object identifier", "1.2.3.4.5"), ("Bytes", "05 00"),
    ]  # fmt: skip
