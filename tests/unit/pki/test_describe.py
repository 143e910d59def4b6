"""Certificates in words."""

import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from tests.fakes.certificates import CODE, DAY, NOW, Chain, make, name, new_key
from workbench.pki.describe import Description, describe
from workbench.pki.parse import Malformed
from workbench.pki.states import State


def row(description: Description, group: str, label: str) -> str:
    (found,) = (g for g in description.groups if g.title == group)
    return "; ".join(r.value for r in found.rows if r.label == label)


def test_a_post_quantum_signer() -> None:
    chain = Chain()
    said = describe(chain.leaf.der, NOW)
    assert said.title == "Signer"
    assert said.state is State.VALID
    assert said.key.post_quantum
    assert said.key.category == 3
    assert row(said, "Subject", "Common name") == "Signer"
    assert row(said, "Issuer", "Whole name") == "CN=Sub, O=Lab"
    assert row(said, "Public key", "Algorithm") == "ML-DSA-65"
    assert row(said, "Public key", "Post-quantum") == "yes, NIST category 3"
    assert row(said, "Certificate", "Signature algorithm") == "ML-DSA-65"
    assert row(said, "Certificate", "Signature") == "3309 bytes"
    assert row(said, "Extended key usage", "Purpose") == "code signing"
    assert row(said, "Key usage", "Allowed") == "digital signature"
    assert row(said, "Authority key identifier", "Key identifier") == (
        chain.sub.ski.hex(":").upper()
    )
    assert [g.critical for g in said.groups if g.title == "Extended key usage"] == [True]
    root = describe(chain.root.der, NOW)
    assert row(root, "Basic constraints", "CAs allowed below") == "any number of"
    assert row(root, "Certificate", "Self-issued").startswith("yes")


def test_fingerprints_are_those_of_the_bytes() -> None:
    made = make("X", key=new_key("P-256"))
    said = describe(made.der, NOW)
    digits = said.sha256.replace(":", "").lower()
    assert digits == made.certificate.fingerprint(hashes.SHA256()).hex()
    assert row(said, "Fingerprints", "SHA-1") == said.sha1
    assert row(said, "Public key", "Post-quantum").startswith("no:")
    serial = row(said, "Certificate", "Serial number")
    assert int(serial.replace(":", ""), 16) == made.certificate.serial_number


@pytest.mark.parametrize(
    ("kind", "key", "signature"),
    [
        ("RSA", "RSA 2048", "RSA PKCS#1 v1.5 with SHA-256"),
        ("P-384", "EC P-384", "ECDSA with SHA-256"),
        ("Ed25519", "Ed25519", "Ed25519"),
        ("ML-DSA-44", "ML-DSA-44", "ML-DSA-44"),
    ],
)
def test_algorithms_by_name(kind: str, key: str, signature: str) -> None:
    said = describe(make("X", key=new_key(kind)).der, NOW)
    assert said.key.name == key
    assert row(said, "Certificate", "Signature algorithm") == signature


def test_every_standard_extension_in_words() -> None:
    uri = x509.UniformResourceIdentifier
    extras: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (
            x509.SubjectAlternativeName(
                [
                    x509.DNSName("a.example"),
                    x509.RFC822Name("a@b.example"),
                    x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
                    x509.DirectoryName(name("Directory")),
                    x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
                    x509.OtherName(x509.ObjectIdentifier("1.2.4"), b"\x0c\x01a"),
                    uri("https://example.org/"),
                ]
            ),
            False,
        ),
        (
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([uri("http://crl.example/a.crl")], None, None, None)]
            ),
            False,
        ),
        (
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.OCSP, uri("http://ocsp.example")
                    ),
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.CA_ISSUERS, uri("http://ca.example")
                    ),
                ]
            ),
            False,
        ),
        (
            x509.CertificatePolicies(
                [
                    x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), None),
                    x509.PolicyInformation(x509.ObjectIdentifier("1.2.5"), ["http://cps.example"]),
                ]
            ),
            False,
        ),
        (
            x509.NameConstraints(
                [x509.DNSName("example.org")],
                [x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))],
            ),
            True,
        ),
        (x509.PolicyConstraints(1, 2), True),
        (x509.OCSPNoCheck(), False),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.6"), b"\x05\x00"), False),
        (x509.InhibitAnyPolicy(3), True),
    )
    purposes = (CODE, ExtendedKeyUsageOID.TIME_STAMPING)
    said = describe(make("X", key=new_key("P-256"), eku=purposes, extra=extras).der, NOW)
    names = {
        r.label: r.value
        for g in said.groups
        if g.title == "Subject alternative name"
        for r in g.rows
    }
    assert names == {
        "DNS name": "a.example",
        "E-mail address": "a@b.example",
        "IP address": "192.0.2.1",
        "Directory name": "CN=Directory, O=Lab",
        "Registered ID": "1.2.3",
        "Other name 1.2.4": "0c 01 61",
        "URI": "https://example.org/",
    }
    assert row(said, "CRL distribution points", "URI") == "http://crl.example/a.crl"
    assert row(said, "Authority information access", "OCSP responder") == "http://ocsp.example"
    assert row(said, "Authority information access", "Issuer's certificate") == "http://ca.example"
    assert row(said, "Certificate policies", "Policy") == "any policy; 1.2.5"
    assert row(said, "Certificate policies", "Practice statement") == "http://cps.example"
    assert row(said, "Name constraints", "Only") == "DNS name example.org"
    assert row(said, "Name constraints", "Not") == "IP network 192.0.2.0/24"
    assert row(said, "Policy constraints", "Explicit policy required after") == "1"
    assert row(said, "Extension 1.2.6", "Bytes") == "05 00"
    assert row(said, "Inhibit anyPolicy", "anyPolicy no longer counts after") == "3 certificates"
    assert row(said, "Extended key usage", "Purpose") == "code signing; timestamping"


@pytest.mark.parametrize(
    ("start", "end", "state", "words"),
    [
        (-10, 300, State.VALID, "300 days left"),
        (-300, 31, State.VALID, "31 days left"),
        (-300, 30, State.EXPIRING, "30 days left"),
        (-95, 5, State.EXPIRING, "5 days left"),
        (-5, 5, State.VALID, "5 days left"),
        (-10, -2, State.EXPIRED, "2 days ago"),
        (2, 20, State.NOT_YET_VALID, "in 2 days"),
    ],
)
def test_states(start: int, end: int, state: State, words: str) -> None:
    made = make("X", key=new_key("P-256"), start=NOW + start * DAY, end=NOW + end * DAY)
    said = describe(made.der, NOW)
    assert said.state is state
    assert row(said, "Validity", "State") == f"{state} ({words})"


def test_hostile_names_are_shown_as_one_line() -> None:
    said = describe(make("a\nb\x1b[31m", key=new_key("P-256")).der, NOW)
    everything = [r.value for g in said.groups for r in g.rows] + [said.title]
    assert not any("\n" in text or "\x1b" in text for text in everything)


def test_what_is_no_certificate() -> None:
    with pytest.raises(Malformed):
        describe(b"\x30\x03\x02\x01\x00", NOW)
