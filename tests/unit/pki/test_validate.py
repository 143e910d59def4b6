"""Chains good and bad: every rule with its positive and its negative."""

import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from tests.fakes.certificates import CODE, DAY, LEAF_BITS, NOW, Chain, Made, make, name, new_key
from workbench.pki.validate import ChainVerdict, Purpose, validate_chain

CODE_SIGNING = Purpose.CODE_SIGNING
MDL = ObjectIdentifier("1.0.18013.5.1.2")
ANY_POLICY = ObjectIdentifier("2.5.29.32.0")


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain()


def check(
    leaf: Made, between: Sequence[Made], roots: Sequence[Made], purpose: Purpose = CODE_SIGNING
) -> ChainVerdict:
    return validate_chain(
        leaf.der, [one.der for one in between], [one.der for one in roots], NOW, purpose
    )


def test_a_sound_chain_is_trusted_and_shown_leaf_first(chain: Chain) -> None:
    verdict = check(chain.leaf, [chain.sub], [chain.root])
    assert verdict.trusted
    assert [link.der for link in verdict.links] == [
        chain.leaf.der,
        chain.sub.der,
        chain.root.der,
    ]
    assert all(link.ok and not link.rule for link in verdict.links)
    assert verdict.links[0].subject == "CN=Signer, O=Lab"
    assert "code signing" in verdict.sentence
    assert "“Root”" in verdict.sentence


@pytest.mark.parametrize("kind", ["ML-DSA-44", "P-256", "P-384", "RSA", "Ed25519"])
def test_every_algorithm_has_a_library_that_accepts_it(kind: str) -> None:
    made = Chain(kind)
    assert check(made.leaf, [made.sub], [made.root]).trusted
    other = make("Root", key=new_key(kind))
    verdict = check(made.leaf, [made.sub], [other])
    assert not verdict.trusted


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_purpose_decides(chain: Chain, purpose: Purpose) -> None:
    fitting = {Purpose.CODE_SIGNING, Purpose.DOCUMENT_SIGNING, Purpose.ANY}
    verdict = check(chain.leaf, [chain.sub], [chain.root], purpose)
    assert verdict.trusted is (purpose in fitting)
    if not verdict.trusted:
        assert verdict.links[0].rule == "RFC 5280 §4.2.1.12"
        assert "is not for" in verdict.sentence


def test_code_signing_must_be_named(chain: Chain) -> None:
    plain = make("Plain", chain.sub, ca=False)
    anything = make(
        "Anything", chain.sub, ca=False, eku=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)
    )
    assert not check(plain, [chain.sub], [chain.root]).trusted
    assert not check(anything, [chain.sub], [chain.root]).trusted
    assert check(plain, [chain.sub], [chain.root], Purpose.CLIENT_AUTH).trusted
    assert check(anything, [chain.sub], [chain.root], Purpose.CLIENT_AUTH).trusted


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize(("shift", "words"), [(-400, "expired on"), (400, "valid only from")])
def test_validity_of_every_link(index: int, shift: int, words: str) -> None:
    moved = NOW + shift * DAY
    starts = [moved if i == index else NOW - DAY for i in range(3)]
    ends = [start + 300 * DAY for start in starts]
    root = make("Root", start=starts[2], end=ends[2])
    sub = make("Sub", root, ca=True, start=starts[1], end=ends[1])
    leaf = make("Signer", sub, ca=False, eku=(CODE,), start=starts[0], end=ends[0])
    verdict = check(leaf, [sub], [root])
    assert not verdict.trusted
    assert [link.ok for link in verdict.links] == [i != index for i in range(3)]
    assert words in verdict.sentence
    assert verdict.links[index].rule == "RFC 5280 §6.1.3 (a)(2)"


def test_the_first_and_last_second_are_valid(chain: Chain) -> None:
    certificate = chain.leaf.certificate
    second = timedelta(seconds=1)
    for moment, trusted in (
        (certificate.not_valid_before_utc - second, False),
        (certificate.not_valid_before_utc, True),
        (certificate.not_valid_after_utc, True),
        (certificate.not_valid_after_utc + second, False),
    ):
        verdict = validate_chain(
            chain.leaf.der, [chain.sub.der], [chain.root.der], moment, CODE_SIGNING
        )
        assert verdict.trusted is trusted, moment


def test_a_missing_issuer_is_named(chain: Chain) -> None:
    verdict = check(chain.leaf, [], [chain.root])
    assert not verdict.trusted
    assert len(verdict.links) == 1
    assert "CN=Sub, O=Lab" in verdict.sentence
    assert chain.sub.ski.hex(":") in verdict.sentence
    assert "import" in verdict.sentence


def test_an_issuer_of_the_same_name_with_another_key_is_not_taken(chain: Chain) -> None:
    twin = make("Sub", chain.root, ca=True, path=0)
    verdict = check(chain.leaf, [twin], [chain.root])
    assert not verdict.trusted
    assert "missing" in verdict.sentence
    assert check(chain.leaf, [twin, chain.sub], [chain.root]).trusted


def test_an_untrusted_root_is_named(chain: Chain) -> None:
    verdict = check(chain.leaf, [chain.sub, chain.root], [])
    assert not verdict.trusted
    assert [link.ok for link in verdict.links] == [True, True, False]
    assert "not among the trusted roots" in verdict.sentence


def test_a_changed_byte_breaks_the_signature(chain: Chain) -> None:
    changed = bytearray(chain.leaf.der)
    changed[-10] ^= 1
    verdict = validate_chain(bytes(changed), [chain.sub.der], [chain.root.der], NOW, CODE_SIGNING)
    assert not verdict.trusted
    assert "does not verify" in verdict.sentence
    assert [link.ok for link in verdict.links] == [False, True, True]


def test_a_root_that_did_not_sign_itself(chain: Chain) -> None:
    forged = make("Root", key=chain.root.key, sign_with=new_key())
    verdict = check(chain.leaf, [chain.sub], [forged])
    assert not verdict.trusted
    assert "own key" in verdict.sentence


def test_an_issuer_must_be_a_ca(chain: Chain) -> None:
    for basic in (True, False):
        sub = make("Sub", chain.root, ca=False, basic=basic, bits=frozenset({"key_cert_sign"}))
        leaf = make("Signer", sub, ca=False, eku=(CODE,))
        verdict = check(leaf, [sub], [chain.root])
        assert not verdict.trusted
        assert verdict.links[1].rule == "RFC 5280 §6.1.4 (k)"
        assert "is not a CA" in verdict.sentence


def test_an_issuer_must_assert_key_cert_sign(chain: Chain) -> None:
    sub = make("Sub", chain.root, ca=True, bits=LEAF_BITS)
    verdict = check(make("Signer", sub, ca=False, eku=(CODE,)), [sub], [chain.root])
    assert not verdict.trusted
    assert "keyCertSign" in verdict.sentence
    silent = make("Sub", chain.root, ca=True, usage=False)
    assert check(make("Signer", silent, ca=False, eku=(CODE,)), [silent], [chain.root]).trusted


def test_path_length(chain: Chain) -> None:
    below = make("Below", chain.sub, ca=True)
    leaf = make("Signer", below, ca=False, eku=(CODE,))
    verdict = check(leaf, [chain.sub, below], [chain.root])
    assert not verdict.trusted
    assert verdict.links[2].rule == "RFC 5280 §6.1.4 (m)"
    assert "path length" in verdict.sentence
    longer = make("Sub", chain.root, ca=True, path=1)
    below = make("Below", longer, ca=True, path=0)
    leaf = make("Signer", below, ca=False, eku=(CODE,))
    assert check(leaf, [longer, below], [chain.root]).trusted


@pytest.mark.parametrize("kind", ["P-256", "ML-DSA-44", "Ed25519", "RSA"])
def test_self_issued_certificates_do_not_count_for_the_path_length(kind: str) -> None:
    """A root that allows no CA below it rolls over to a new key (RFC 5280 §6.1.4 (l))."""
    old = make("IACA", key=new_key(kind), path=0)
    link = make("IACA", old, key=new_key(kind), ca=True, path=0)
    signer = make("Documents", link, key=new_key(kind), ca=False, eku=(MDL,))
    verdict = check(signer, [link], [old], Purpose.MDL_SIGNING)
    assert verdict.trusted, verdict.sentence
    below = make("Below", link, key=new_key(kind), ca=True)
    other = make("Documents", below, key=new_key(kind), ca=False, eku=(MDL,))
    verdict = check(other, [link, below], [old], Purpose.MDL_SIGNING)
    assert not verdict.trusted
    assert [one.rule for one in verdict.links if not one.ok] == ["RFC 5280 §6.1.4 (m)"] * 2


def test_a_ca_restricted_to_other_purposes(chain: Chain) -> None:
    for purposes, trusted in (
        ((ExtendedKeyUsageOID.SERVER_AUTH,), False),
        ((ExtendedKeyUsageOID.SERVER_AUTH, CODE), True),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), True),
    ):
        sub = make("Sub", chain.root, ca=True, eku=purposes)
        leaf = make("Signer", sub, ca=False, eku=(CODE,))
        verdict = check(leaf, [sub], [chain.root])
        assert verdict.trusted is trusted
        if not trusted:
            assert "may only issue for other purposes" in verdict.sentence


def test_an_unknown_critical_extension(chain: Chain) -> None:
    unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    for critical in (True, False):
        leaf = make("Signer", chain.sub, ca=False, eku=(CODE,), extra=((unknown, critical),))
        verdict = check(leaf, [chain.sub], [chain.root])
        assert verdict.trusted is not critical
        if critical:
            assert "1.2.3.4" in verdict.sentence


def test_post_quantum_key_usage(chain: Chain) -> None:
    for bits in (
        frozenset({"digital_signature", "key_encipherment"}),
        frozenset({"digital_signature", "key_agreement", "encipher_only"}),
    ):
        leaf = make("Signer", chain.sub, ca=False, eku=(CODE,), bits=bits)
        verdict = check(leaf, [chain.sub], [chain.root])
        assert not verdict.trusted
        assert verdict.links[0].rule == "RFC 9881 §5"
    classical = make(
        "Signer",
        chain.sub,
        ca=False,
        eku=(CODE,),
        bits=frozenset({"digital_signature", "key_encipherment"}),
        key=new_key("P-256"),
    )
    assert check(classical, [chain.sub], [chain.root]).trusted


def test_leaf_key_usage_and_contradictions(chain: Chain) -> None:
    no_signing = make(
        "Signer",
        chain.sub,
        ca=False,
        eku=(CODE,),
        bits=frozenset({"key_encipherment"}),
        key=new_key("P-256"),
    )
    assert "digital_signature" in check(no_signing, [chain.sub], [chain.root]).sentence
    signs = make("Signer", chain.sub, ca=False, eku=(CODE,), bits=LEAF_BITS | {"key_cert_sign"})
    assert "contradictory" in check(signs, [chain.sub], [chain.root]).sentence
    assert not check(chain.sub, [], [chain.root]).trusted
    assert check(chain.sub, [], [chain.root], Purpose.ANY).trusted
    assert check(chain.root, [], [chain.root], Purpose.ANY).trusted


def test_weak_algorithms() -> None:
    root = make("Root", key=new_key("RSA"))
    sha1 = make("Signer", root, ca=False, eku=(CODE,), key=new_key("RSA"))
    assert check(sha1, [], [root]).trusted
    small = make("Signer", root, ca=False, eku=(CODE,), key=new_key("RSA-1024"))
    verdict = check(small, [], [root])
    assert not verdict.trusted
    assert "1024 bits" in verdict.sentence


def test_name_constraints_are_explained(chain: Chain) -> None:
    constraints = x509.NameConstraints([x509.DNSName("example.org")], None)
    sub = make("Sub", chain.root, ca=True, extra=((constraints, True),))
    for host, trusted in (("a.example.org", True), ("a.example.com", False)):
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        leaf = make("Signer", sub, ca=False, eku=(CODE,), extra=((names, False),))
        verdict = check(leaf, [sub], [chain.root])
        assert verdict.trusted is trusted
        if not trusted:
            assert "a.example.com, which is not among what is permitted" in verdict.sentence
            assert verdict.links[0].rule == "RFC 5280 §6.1.3 (b)"


def test_directory_name_constraints(chain: Chain) -> None:
    subtree = x509.DirectoryName(
        x509.Name(list(name("x").get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)))
    )
    sub = make("Sub", chain.root, ca=True, extra=((x509.NameConstraints([subtree], None), True),))
    inside = make("Signer", sub, ca=False, eku=(CODE,))
    assert check(inside, [sub], [chain.root]).trusted
    other = x509.DirectoryName(name("x", "Elsewhere"))
    sub = make("Sub", chain.root, ca=True, extra=((x509.NameConstraints([other], None), True),))
    outside = make("Signer", sub, ca=False, eku=(CODE,))
    verdict = check(outside, [sub], [chain.root])
    assert not verdict.trusted
    assert "O=Lab, which is not among what is permitted" in verdict.sentence


def test_what_is_no_certificate(chain: Chain) -> None:
    for data in (b"", b"\x30\x80", b"hello", chain.leaf.der + b"\x00", chain.leaf.der[:-1]):
        verdict = validate_chain(data, [chain.sub.der, b"junk"], [chain.root.der], NOW)
        assert not verdict.trusted
        assert "not an X.509 certificate" in verdict.sentence


def test_duplicate_extensions_are_malformed(chain: Chain) -> None:
    first = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    second = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.5"), b"\x05\x00")
    leaf = make("Signer", chain.sub, ca=False, extra=((first, False), (second, False)))
    assert leaf.der.count(b"\x06\x03\x2a\x03\x05") == 1
    twice = leaf.der.replace(b"\x06\x03\x2a\x03\x05", b"\x06\x03\x2a\x03\x04")
    verdict = validate_chain(twice, [chain.sub.der], [chain.root.der], NOW)
    assert not verdict.trusted
    assert "twice" in verdict.sentence


def test_cas_of_one_name_that_sign_each_other_do_not_hang() -> None:
    keys = [new_key("P-256") for _ in range(12)]
    crossed = [
        make("CA", key=key, ca=True, sign_with=by, identifiers=False) for key in keys for by in keys
    ]
    leaf = make("Signer", crossed[0], ca=False, identifiers=False, key=new_key("P-256"))
    began = time.perf_counter()
    verdict = check(leaf, crossed, [make("Other")])
    assert time.perf_counter() - began < 2
    assert not verdict.trusted
    assert check(leaf, crossed, [crossed[0]], Purpose.ANY).trusted


def test_a_loop_of_cross_signs_ends() -> None:
    one, two = make("One", key=new_key("P-256")), make("Two", key=new_key("P-256"))
    one_by_two = make("One", two, key=one.key, ca=True)
    two_by_one = make("Two", one, key=two.key, ca=True)
    leaf = make("Signer", one, ca=False, eku=(CODE,), key=new_key("P-256"))
    assert not check(leaf, [one_by_two, two_by_one], []).trusted
    assert check(leaf, [one_by_two, two_by_one], [two]).trusted


def test_the_longest_chain_and_one_more() -> None:
    root = make("CA0", key=new_key("P-256"))
    above = [root]
    for number in range(1, 10):
        above.append(make(f"CA{number}", above[-1], key=new_key("P-256"), ca=True))
    fits = make("Signer", above[8], ca=False, eku=(CODE,), key=new_key("P-256"))
    assert check(fits, above[1:9], [root]).trusted
    too_long = make("Signer", above[9], ca=False, eku=(CODE,), key=new_key("P-256"))
    verdict = check(too_long, above[1:], [root])
    assert not verdict.trusted
    assert "limits" in verdict.sentence


def test_a_hostile_name_cannot_forge_lines(chain: Chain) -> None:
    leaf = make("Evil\nis trusted\u202e", chain.sub, ca=False)
    verdict = check(leaf, [chain.sub], [chain.root])
    assert "\n" not in verdict.sentence
    assert "\u202e" not in verdict.links[0].subject


def test_a_digest_that_no_library_takes() -> None:
    root = make("Root", key=new_key("RSA"))
    leaf = make("Signer", root, ca=False, eku=(CODE,), key=new_key("RSA"), digest=hashes.SHA224())
    assert not check(leaf, [], [root]).trusted


def test_speed_of_a_post_quantum_chain(chain: Chain) -> None:
    best = 1.0
    for _ in range(10):
        began = time.perf_counter()
        assert check(chain.leaf, [chain.sub], [chain.root]).trusted
        best = min(best, time.perf_counter() - began)
    assert best < 0.01


def test_certificate_policies_count_where_they_are_asked_for(chain: Chain) -> None:
    wanted = ObjectIdentifier("1.2.3.4.5")
    asking = x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None)
    policies = x509.CertificatePolicies([x509.PolicyInformation(wanted, None)])
    sub = make("Sub", chain.root, ca=True, extra=((asking, True), (policies, False)))
    named = make("Signer", sub, ca=False, eku=(CODE,), extra=((policies, False),))
    assert check(named, [sub], [chain.root]).trusted
    silent = make("Signer", sub, ca=False, eku=(CODE,))
    verdict = check(silent, [sub], [chain.root])
    assert not verdict.trusted
    assert "certificate policies" in verdict.sentence
    assert [link.rule for link in verdict.links] == ["RFC 5280 §6.1.5 (g)", "", ""]
    mapped = x509.InhibitAnyPolicy(0)
    anything = x509.CertificatePolicies([x509.PolicyInformation(ANY_POLICY, None)])
    sub = make(
        "Sub",
        chain.root,
        ca=True,
        extra=((asking, True), (policies, False), (mapped, True)),
    )
    loose = make("Signer", sub, ca=False, eku=(CODE,), extra=((anything, False),))
    assert not check(loose, [sub], [chain.root]).trusted
