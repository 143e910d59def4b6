"""Timestamps: what the vault's authority answers, and what of anybody's is refused."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import tsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.certificates import CODE, DAY, NOW, Made, make
from tests.fakes.formats import (
    ALL_KINDS,
    Hierarchy,
    cut,
    flipped,
    key_of,
    kms_for,
    sign,
    signing_for,
    verify,
)
from workbench.base.errors import Refused
from workbench.signing import der
from workbench.signing.algorithms import DIGESTS
from workbench.signing.cms_read import read_signature
from workbench.signing.formats.base import Broken
from workbench.signing.formats.signed_data import (
    SIGNING_CERTIFICATE,
    cms_signer,
    signed_data,
    signer_info,
)
from workbench.signing.formats.timestamp import (
    TST_INFO,
    FileTimestamp,
    TimestampAuthority,
    make_request,
    read_stamp,
    token_of,
)
from workbench.signing.verify import Verdict

DATA = b"release 1.0\n" * 300
FORM = FileTimestamp()


def names(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


@pytest.mark.parametrize("digest", ["SHA-256", "SHA-512", "SHA3-256"])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_what_is_stamped_is_verified(kind: str, digest: str) -> None:
    lab = Hierarchy(kind)
    chain = lab.stamping().chain
    stamp = sign(FileTimestamp(digest=digest), kind, DATA, chain)
    assert FORM.sniff(stamp[:300])
    verdict = verify(FORM, stamp, DATA, lab.trust)
    assert verdict.valid, verdict.headline
    assert verdict.signing_time == NOW
    assert verify(FORM, token_of(stamp), DATA, lab.trust).valid
    assert names(verify(FORM, stamp, DATA + b"x", lab.trust)) == ["Stamped content"]
    assert names(verify(FORM, stamp, None, lab.trust)) == ["Content"]


def older_token(lab: Hierarchy, *values: bytes, digest: str = "SHA-256", v2: bool = False) -> bytes:
    """Return a token whose signer is named by the ESS attribute of RFC 2634 alone."""
    plain = lab.authority().respond(make_request(digest, hashed(DATA))[0])
    info = read_signature(token_of(plain), TST_INFO).content
    assert info is not None
    signer = cms_signer(lab.stamping())
    running = signer.plan.digest.start()
    running.update(info)
    kind = der.object_identifier(SIGNING_CERTIFICATE)
    further = [der.tlv(der.SEQUENCE, kind, der.set_of(values))] if values else []
    made, _ = signer_info(
        kms_for("P-256"), signer, running.digest(), content_type=TST_INFO, named=v2,
        further=further,
    )  # fmt: skip
    return signed_data([signer], [made], content=info, content_type=TST_INFO)


def hashed(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def ess(certificate: Made, serial: int | None = None, *, wrong: bool = False) -> bytes:
    """Return SigningCertificate (RFC 2634 §5.4), with issuer and serial number if there is one."""
    digest = hashlib.sha1(certificate.der, usedforsecurity=False).digest()
    parts = [der.tlv(der.OCTET_STRING, bytes(20) if wrong else digest)]
    if serial is not None:
        number = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
        parts.append(der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE), der.tlv(der.INTEGER, number)))
    return der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, *parts)))


def test_a_certificate_may_be_named_as_before_rfc_5816(lab: Hierarchy) -> None:
    serial = lab.stamper.certificate.serial_number
    for value in (ess(lab.stamper), ess(lab.stamper, serial)):
        verdict = verify(FORM, older_token(lab, value), DATA, lab.trust)
        assert verdict.valid, verdict.headline
        assert "SHA-1" in next(
            one.sentence for one in verdict.checks if one.name == "Timestamp certificate"
        )
    today = verify(FORM, older_token(lab, v2=True), DATA, lab.trust)
    assert today.valid
    assert "Timestamp certificate" not in [one.name for one in today.checks]
    # Where both are there, the stronger one counts.
    assert verify(FORM, older_token(lab, ess(lab.stamper), v2=True), DATA, lab.trust).valid


def test_a_certificate_that_is_not_named_so(lab: Hierarchy) -> None:
    serial = lab.stamper.certificate.serial_number
    for values in (
        (),
        (ess(lab.stamper, wrong=True),),
        (ess(lab.sub),),
        (ess(lab.stamper, serial + 1),),
        (ess(lab.stamper), ess(lab.sub)),
        (der.tlv(der.SEQUENCE),),
        (der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE)),),
        (der.tlv(der.OCTET_STRING, b"x"),),
        (der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE))),),
        (ess(lab.stamper)[:-1] + b"\0",),
    ):
        verdict = verify(FORM, older_token(lab, *values), DATA, lab.trust)
        assert not verdict.valid
        assert set(names(verdict)) <= {"Timestamp", "Timestamp signature"}


def test_a_stranger_is_not_believed(lab: Hierarchy) -> None:
    stamp = sign(FORM, "P-256", DATA, lab.stamping().chain)
    assert names(verify(FORM, stamp, DATA, Hierarchy().trust)) == ["Certificate chain"]


def test_an_authority_must_be_one() -> None:
    lab = Hierarchy()
    both = (ExtendedKeyUsageOID.TIME_STAMPING, CODE)
    for eku in ((CODE,), both, ()):
        leaf = make("Leaf", lab.sub, key=key_of("P-256"), ca=False, eku=eku)
        with pytest.raises(Refused, match="alone"):
            sign(FORM, "P-256", DATA, (leaf.der,))
    with pytest.raises(Refused):
        sign(FORM, "P-256", DATA)
    with pytest.raises(Refused):
        FileTimestamp(digest="SHAKE256")
    with pytest.raises(Refused):
        replace(lab.authority(), accuracy=0)


def test_its_certificate_must_be_valid_now(lab: Hierarchy) -> None:
    later = replace(lab.authority(), now=lambda: NOW + 901 * DAY)
    request, _ = make_request("SHA-256", bytes(32))
    with pytest.raises(Refused, match="valid only"):
        later.respond(request)


def test_the_future_and_an_expired_authority_are_refused(lab: Hierarchy) -> None:
    stamp = sign(FORM, "P-256", DATA, lab.stamping().chain)
    early = replace(lab.trust, moment=NOW - timedelta(seconds=1))
    assert names(verify(FORM, stamp, DATA, early)) == ["Timestamp time"]
    late = replace(lab.trust, moment=NOW + 400 * DAY)
    assert names(verify(FORM, stamp, DATA, late)) == ["Certificate chain"]


def answered(lab: Hierarchy, request: bytes) -> Any:
    """Return the status of an answer that has nothing else."""
    answer = der.read(lab.authority().respond(request), "The answer")
    (status,) = der.children(answer, "The answer")
    return tsp.PKIStatusInfo.load(bytes(status.raw), strict=True).native


def asking(**more: Any) -> bytes:
    members = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": bytes(32),
        },
    }
    return bytes(tsp.TimeStampReq(members | more).dump())


def test_an_answer_repeats_what_was_asked(lab: Hierarchy) -> None:
    request, nonce = make_request("SHA-384", bytes(48))
    stamp = read_stamp(lab.authority().respond(request))
    assert (stamp.nonce, stamp.digest, stamp.imprint) == (nonce, "SHA-384", bytes(48))
    assert stamp.moment == NOW
    assert len(stamp.certificates) == 2
    again = read_stamp(lab.authority().respond(request))
    assert again.serial != stamp.serial
    without = read_stamp(lab.authority().respond(asking()))
    assert (without.nonce, without.certificates) == (None, ())


def test_without_the_certificate_inside_it_may_be_given_along(lab: Hierarchy) -> None:
    running = DIGESTS["SHA-256"].start()
    running.update(DATA)
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": running.digest()}
    response = lab.authority().respond(asking(message_imprint=imprint))
    assert names(verify(FORM, response, DATA, lab.trust)) == ["Timestamp signature"]
    more = replace(lab.trust, intermediates=(lab.stamper.der, lab.sub.der))
    assert verify(FORM, response, DATA, more).valid


def imprint_of(algorithm: str, size: int) -> dict[str, Any]:
    return {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": bytes(size)}


@pytest.mark.parametrize(
    ("request_", "failure"),
    [
        (b"", "bad_data_format"),
        (b"x", "bad_data_format"),
        (b"\x30\x00", "bad_data_format"),
        (asking() + b"\0", "bad_data_format"),
        (asking()[:-1], "bad_data_format"),
        (asking(message_imprint=imprint_of("sha1", 20)), "bad_alg"),
        (asking(message_imprint=imprint_of("md5", 16)), "bad_alg"),
        (asking(message_imprint=imprint_of("sha256", 31)), "bad_data_format"),
        (asking(req_policy="1.2.3"), "unaccepted_policy"),
        (
            asking(extensions=[{"extn_id": "1.2.3", "critical": True, "extn_value": b"x"}]),
            "unaccepted_extensions",
        ),
    ],
)
def test_requests_that_are_refused(lab: Hierarchy, request_: bytes, failure: str) -> None:
    answer = answered(lab, request_)
    assert answer["status"] == "rejection"
    assert answer["fail_info"] == {failure}
    with pytest.raises(Broken, match="refused"):
        read_stamp(lab.authority().respond(request_))


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of a damaged certificate
def test_flipped_bits_are_refused(lab: Hierarchy) -> None:
    stamp = sign(FORM, "P-256", DATA, lab.stamping().chain)
    token = token_of(stamp)
    start = stamp.index(token)
    spared = stamp.index(lab.sub.der), len(lab.sub.der)
    count = 0
    for place in range(start, len(stamp), 2):
        if spared[0] <= place < sum(spared):
            continue
        (one,) = flipped(stamp, [place])
        assert not verify(FORM, one, DATA, lab.trust).valid, place
        count += 1
    assert count > 500
    for one in cut(stamp, 11):
        assert not verify(FORM, one, DATA, lab.trust).valid
    assert not verify(FORM, stamp + b"\0", DATA, lab.trust).valid
    assert not verify(FORM, token + b"\0", DATA, lab.trust).valid


def test_a_code_signer_cannot_stamp(lab: Hierarchy) -> None:
    """A token by a certificate that is not for it is refused however well it is made."""
    leaf = lab.leaf("P-256")
    authority = object.__new__(TimestampAuthority)
    for name, value in (
        ("kms", kms_for("P-256")), ("signing", signing_for("P-256", (leaf.der, lab.sub.der))),
        ("now", lambda: NOW), ("policy", "1.2.3"), ("accuracy", 1), ("pss", False),
    ):  # fmt: skip
        object.__setattr__(authority, name, value)
    running = DIGESTS["SHA-512"].start()
    running.update(DATA)
    response = authority.respond(make_request("SHA-512", running.digest())[0])
    failed = names(verify(FORM, response, DATA, lab.trust))
    assert failed == ["Timestamp authority", "Certificate chain"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_anything_else_is_refused_without_an_exception(noise: bytes) -> None:
    for data in (noise, b"\x30\x80" + noise, b"\x30\x03\x02\x01" + noise):
        FORM.sniff(data)
        with pytest.raises(Broken):
            read_stamp(data)
