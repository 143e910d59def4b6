"""CAdES signatures: one signer and several, with timestamps and without."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.certificates import CODE, DAY, NOW, make
from tests.fakes.formats import (
    ALL_KINDS,
    Hierarchy,
    cut,
    flipped,
    key_of,
    kms_for,
    sign,
    trusting,
    verify,
    with_signers,
)
from tests.fakes.kms_client import FakeKms
from workbench.base.errors import Refused
from workbench.crypto.digests import Digest
from workbench.crypto.table import Family
from workbench.signing import der
from workbench.signing.cms_build import signer_identifier
from workbench.signing.formats.base import Broken, BytesContent, signing_with
from workbench.signing.formats.cades import Cades, stamp_signature
from workbench.signing.formats.registry import FORMATS, check_keys
from workbench.signing.formats.signed_data import (
    SIGNATURE_TIME_STAMP,
    SIGNING_CERTIFICATE_V2,
)
from workbench.signing.formats.timestamp import make_request
from workbench.signing.verify import Verdict

DATA = b"release 1.0\n" * 300
FORM = Cades()
BOTH = ("P-256", "ML-DSA-65")


def names(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def stamped(lab: Hierarchy) -> Cades:
    return Cades(timestamper=lab.authority().respond)


@pytest.mark.parametrize("detached", [False, True])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_what_is_signed_is_verified(lab: Hierarchy, kind: str, *, detached: bool) -> None:
    signature = sign(Cades(detached=detached), kind, DATA, lab.chain(kind))
    assert FORM.sniff(signature[:64])
    verdict = verify(FORM, signature, DATA, lab.trust)
    assert verdict.valid, verdict.headline
    assert verify(FORM, signature, None, lab.trust).valid is not detached
    wrong = ["File"] if detached else ["Content", "File"]
    assert names(verify(FORM, signature, DATA + b"x", lab.trust)) == wrong
    assert names(verify(FORM, signature, DATA, Hierarchy().trust)) == ["Certificate chain"]


def test_rsa_pss_is_possible(lab: Hierarchy) -> None:
    signature = sign(Cades(pss=True, digest="SHA-384"), "RSA", DATA, lab.chain("RSA"))
    verdict = verify(FORM, signature, DATA, lab.trust)
    assert verdict.valid, verdict.headline
    assert (verdict.algorithm, verdict.digest) == ("RSA-PSS", "SHA-384")


def dual(lab: Hierarchy, form: Cades = FORM) -> bytes:
    kms = FakeKms(**{kind: key_of(kind) for kind in BOTH})
    signings = [signing_with(kms, kind, NOW, lab.chain(kind)) for kind in BOTH]
    return form.sign_all(kms, signings, BytesContent(DATA))


def stripped(signature: bytes, place: int) -> bytes:
    """The same signature without one of its signers, everything else as it should be."""
    return with_signers(
        signature, lambda infos: [one for number, one in enumerate(infos) if number != place]
    )


@pytest.mark.parametrize("stamp", [False, True])
def test_of_two_signers_both_must_be_valid(lab: Hierarchy, *, stamp: bool) -> None:
    signature = dual(lab, stamped(lab) if stamp else FORM)
    policy = replace(lab.trust, required=(Family.ELLIPTIC, Family.ML_DSA))
    verdict = verify(FORM, signature, DATA, policy)
    assert verdict.valid, verdict.headline
    assert len([check for check in verdict.checks if check.name.endswith(": Signature")]) == 2
    for place in (0, 1):
        less = stripped(signature, place)
        assert verify(FORM, less, DATA, lab.trust).valid  # nothing inside says one is missing
        assert names(verify(FORM, less, DATA, policy)) == ["Required signatures"]
    assert "File" in names(verify(FORM, signature, b"x", policy))[0]


def test_the_content_is_hashed_once_for_all_signers(lab: Hierarchy) -> None:
    class Counted(BytesContent):
        reads = 0

        def digests(self, running: Sequence[Digest]) -> tuple[bytes, ...]:
            Counted.reads += 1
            return BytesContent.digests(self, running)

    kms = FakeKms(**{kind: key_of(kind) for kind in BOTH})
    signings = [signing_with(kms, kind, NOW, lab.chain(kind)) for kind in BOTH]
    signature = FORM.sign_all(kms, signings, Counted(DATA))
    assert FORM.verify(signature, Counted(DATA), lab.trust).valid
    assert Counted.reads == 2


def test_one_key_does_not_sign_twice(lab: Hierarchy) -> None:
    kms = kms_for("P-256")
    signing = signing_with(kms, "key", NOW, lab.chain("P-256"))
    for wrong in ([], [signing, signing]):
        with pytest.raises(Refused):
            FORM.sign_all(kms, wrong, BytesContent(DATA))


def test_a_curve_of_no_standards_body_signs_what_takes_any(lab: Hierarchy) -> None:
    """CMS takes secp256k1; programs for PDFs and JARs would not, and such a recipe is refused."""
    chain = lab.chain("secp256k1")
    made = sign(FORM, "secp256k1", DATA, chain)
    assert verify(FORM, made, DATA, lab.trust).valid
    assert not verify(FORM, made, DATA + b"!", lab.trust).valid
    for kind in ("pades", "jar", "authenticode", "timestamp"):
        with pytest.raises(Refused, match="no signature algorithm"):
            check_keys(FORMATS[kind], ["ECC_SECG_P256K1"])


def test_who_cannot_sign_is_refused(lab: Hierarchy) -> None:
    with pytest.raises(Refused, match="certificate"):
        sign(FORM, "P-256", DATA)
    with pytest.raises(Refused, match="another key"):
        sign(FORM, "P-256", DATA, lab.chain("P-384"))
    old = make("Leaf", lab.sub, key=key_of("P-256"), ca=False, end=NOW - DAY / 2)
    with pytest.raises(Refused, match="valid only"):
        sign(FORM, "P-256", DATA, (old.der,))


def test_a_timestamp_outlives_the_signers_certificate(lab: Hierarchy) -> None:
    short = make("Signer", lab.sub, key=key_of("P-256"), ca=False, eku=(CODE,), end=NOW + 9 * DAY)
    chain = (short.der, lab.sub.der, lab.root.der)
    with_, without = (sign(form, "P-256", DATA, chain) for form in (stamped(lab), FORM))
    later = replace(lab.trust, moment=NOW + 30 * DAY)
    for signature in (with_, without):
        assert verify(FORM, signature, DATA, lab.trust).valid
    verdict = verify(FORM, with_, DATA, later)
    assert verdict.valid, verdict.headline
    assert names(verify(FORM, without, DATA, later)) == ["Certificate chain"]
    assert "Timestamp: Stamped content" in [check.name for check in verdict.checks]


def test_a_timestamp_nobody_trusts_proves_nothing(lab: Hierarchy) -> None:
    stranger = Hierarchy()
    signature = sign(stamped(stranger), "P-256", DATA, lab.chain("P-256"))
    verdict = verify(FORM, signature, DATA, lab.trust)
    assert names(verdict) == ["Timestamp: Certificate chain"]


def test_the_timestamp_of_another_signature_is_refused(lab: Hierarchy) -> None:
    authority = lab.authority()
    token = stamp_signature(authority.respond, b"another signature value")
    first = sign(FORM, "Ed25519", DATA, lab.chain("Ed25519"))
    kind = der.object_identifier(SIGNATURE_TIME_STAMP)
    one = der.tlv(der.SEQUENCE, kind, der.tlv(der.SET, token))

    def stamps(*attributes: bytes) -> Verdict:
        unsigned = der.set_of(attributes, tag=0xA1)
        changed = with_signers(first, lambda infos: [[*infos[0], unsigned]])
        return verify(FORM, changed, DATA, lab.trust)

    assert names(stamps(one)) == ["Timestamp: Stamped content"]
    assert names(stamps(one, one)) == ["Signature file"]
    many = der.tlv(der.SEQUENCE, kind, der.tlv(der.SET, *[token] * 9))
    assert names(stamps(many)) == ["Timestamp"]
    noise = der.tlv(der.SEQUENCE, kind, der.tlv(der.SET, der.tlv(der.NULL)))
    assert names(stamps(noise)) == ["Timestamp"]


def test_an_authority_that_answers_something_else_is_refused(lab: Hierarchy) -> None:
    authority = lab.authority()
    kept = authority.respond(_old_request())
    with pytest.raises(Broken, match="not the one"):
        stamp_signature(lambda _request: kept, b"value")
    with pytest.raises(Broken):
        stamp_signature(lambda _request: b"not a response", b"value")
    with pytest.raises(Broken, match="refused"):
        stamp_signature(lambda _request: authority.respond(b""), b"value")


def _old_request() -> bytes:
    return make_request("SHA-512", bytes(64))[0]


def test_plain_cms_is_told_from_cades(lab: Hierarchy) -> None:
    def without(infos: list[list[bytes]]) -> list[list[bytes]]:
        (parts,) = infos
        kept = [
            bytes(one.raw)
            for one in der.children(der.read(parts[3], "It"), "It")
            if der.object_identifier(SIGNING_CERTIFICATE_V2) not in bytes(one.raw)
        ]
        parts[3] = der.set_of(kept, tag=0xA0)
        value = key_of("Ed25519").sign(der.set_of(kept))
        parts[5] = der.tlv(der.OCTET_STRING, value)
        return infos

    signature = sign(FORM, "Ed25519", DATA, lab.chain("Ed25519"))
    verdict = verify(FORM, with_signers(signature, without), DATA, lab.trust)
    assert names(verdict) == ["Signing certificate"]


def test_another_certificate_of_the_same_key_is_refused(lab: Hierarchy) -> None:
    other = lab.leaf("Ed25519")

    def renamed(infos: list[list[bytes]]) -> list[list[bytes]]:
        infos[0][1] = signer_identifier(other.certificate)
        return infos

    signature = sign(FORM, "Ed25519", DATA, lab.chain("Ed25519"))
    trust = replace(lab.trust, intermediates=(other.der,))
    verdict = verify(FORM, with_signers(signature, renamed), DATA, trust)
    assert names(verdict) == ["Signing certificate"]


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of a damaged certificate
def test_flipped_bits_are_refused(lab: Hierarchy) -> None:
    chain = lab.chain("P-256")
    signature = sign(stamped(lab), "P-256", DATA, chain)
    spared = {
        place
        for one in (lab.sub.der, lab.stamper.der)
        for start in [signature.find(one)]
        for place in range(start, start + len(one))
    }
    last = signature.rfind(lab.sub.der)
    spared |= set(range(last, last + len(lab.sub.der)))
    count = 0
    for place in range(0, len(signature), 3):
        if place in spared:
            continue
        (one,) = flipped(signature, [place])
        verdict = verify(FORM, one, DATA, lab.trust)
        assert not verdict.valid, place
        count += 1
    assert count > 300
    for one in cut(signature, 31):
        assert not verify(FORM, one, DATA, lab.trust).valid
    assert not verify(FORM, signature + b"\0", DATA, lab.trust).valid


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_anything_else_is_refused_without_an_exception(noise: bytes) -> None:
    for data in (noise, b"\x30\x80" + noise):
        FORM.sniff(data)
        assert not verify(FORM, data, DATA, trusting()).valid
