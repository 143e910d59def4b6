"""Certificates out of bytes, friendly and hostile."""

import contextlib
import random
import time
import warnings

import pytest
from cryptography import x509

from tests.fakes.certificates import CODE, NOW, Chain, make, new_key
from workbench.pki.describe import describe
from workbench.pki.hierarchy import build_graph
from workbench.pki.parse import (
    LARGEST_INPUT,
    MOST_CERTIFICATES,
    Malformed,
    facts,
    one_certificate,
    pem,
    read_certificates,
)
from workbench.pki.validate import Purpose, validate_chain


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain("P-256")


def test_pem_is_what_aws_gives(chain: Chain) -> None:
    text = pem(chain.leaf.der)
    assert text == chain.leaf.pem.decode().rstrip("\n")
    assert one_certificate(text.encode()) == chain.leaf.der


def test_one_means_one(chain: Chain) -> None:
    for data, words in (
        (chain.leaf.pem * 2, "2 entries"),
        (b"", "not an X.509"),
        (b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "is a X509 CRL"),
    ):
        with pytest.raises(Malformed, match=words):
            one_certificate(data)


def test_line_ends_and_text_around_do_not_matter(chain: Chain) -> None:
    around = b"\xff\xfe comment\r\n" + chain.leaf.pem.replace(b"\n", b"\r\n") + b"trailer"
    assert one_certificate(around) == chain.leaf.der


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN CERTIFICATE-----\nAAAA",
        b"-----BEGIN ",
        b"-----BEGIN CERTIFICATE-----\n\xff\n-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        b"0\x84\xff\xff\xff\xff",
        b"0\x80" * 2000,
        b"0" + b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" * 3,
    ],
)
def test_damaged_input_has_a_sentence(data: bytes) -> None:
    found = read_certificates(data)
    assert found
    assert all(not item.der and item.problem.endswith(".") for item in found)


def test_limits(chain: Chain) -> None:
    (too_large,) = read_certificates(b"\0" * (LARGEST_INPUT + 1))
    assert "larger" in too_large.problem
    with pytest.raises(Malformed, match="larger"):
        facts(chain.leaf.der + b"\0" * (1 << 20))
    began = time.perf_counter()
    found = read_certificates(b"-----BEGIN A-----\n-----END A-----\n" * (MOST_CERTIFICATES + 5))
    assert len(found) == MOST_CERTIFICATES + 1
    assert "first" in found[-1].problem
    read_certificates(b"-----BEGIN " * (1 << 20))
    assert time.perf_counter() - began < 2


def test_a_signature_of_broken_bytes_is_refused() -> None:
    """Unused bits in signatureValue would be a second encoding of the same certificate."""
    chain = Chain("Ed25519")
    leaf = make("Leaf", chain.sub, key=new_key("Ed25519"), ca=False, eku=(CODE,))
    while leaf.der[-1] & 1:
        leaf = make("Leaf", chain.sub, key=new_key("Ed25519"), ca=False, eku=(CODE,))
    changed = bytearray(leaf.der)
    assert changed[-65] == 0
    changed[-65] = 1
    with pytest.raises(Malformed, match="whole number of bytes"):
        facts(bytes(changed))


def test_an_attribute_of_a_type_that_its_name_forbids_is_malformed() -> None:
    chain = Chain("Ed25519")
    for position in range(len(chain.leaf.der)):
        changed = bytearray(chain.leaf.der)
        if changed[position] == 0x0C:  # UTF8String becomes BIT STRING
            changed[position] = 0x03
            with contextlib.suppress(Malformed):
                facts(bytes(changed))


@pytest.mark.parametrize("kind", ["P-256", "RSA", "Ed25519", "ML-DSA-44"])
def test_no_changed_certificate_is_trusted_or_breaks_anything(kind: str) -> None:
    chain = Chain(kind)
    names = x509.SubjectAlternativeName([x509.DNSName("a.example"), x509.RFC822Name("a@b.c")])
    leaf = make(
        "Leaf", chain.sub, key=new_key(kind), ca=False, eku=(CODE,), extra=((names, False),)
    )
    roots = [chain.root.der]
    assert validate_chain(leaf.der, [chain.sub.der], roots, NOW, Purpose.CODE_SIGNING).trusted
    choose = random.Random(20260601)
    readable = 0
    for _ in range(400):
        changed = bytearray(leaf.der)
        position = choose.randrange(min(len(changed), 700))
        changed[position] ^= choose.randrange(1, 256)
        der = bytes(changed)
        with warnings.catch_warnings():
            # cryptography warns of values that RFC 5280 forbids; the verdict is what counts.
            warnings.simplefilter("ignore")
            verdict = validate_chain(der, [chain.sub.der], roots, NOW, Purpose.CODE_SIGNING)
            assert not verdict.trusted
            assert verdict.sentence
            validate_chain(leaf.der, [der], [der], NOW, Purpose.CODE_SIGNING)
            build_graph([{"Certificate": der}, {"Certificate": chain.sub.der}], NOW)
            try:
                describe(der, NOW)
                readable += 1
            except Malformed:
                continue
    assert readable > 100
