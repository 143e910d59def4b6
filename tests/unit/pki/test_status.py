"""Revocation in validation: at any date, by list and by OCSP, and what does not count."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from tests.fakes.certificates import CODE, DAY, NOW, Chain, Made, make, new_key
from workbench.pki.parse import facts
from workbench.pki.status import Evidence, Standing, Status, status_of
from workbench.pki.validate import ChainVerdict, Purpose, validate_chain

URL = "http://crl.example/1.crl"
POINT = x509.CRLDistributionPoints(
    [x509.DistributionPoint([x509.UniformResourceIdentifier(URL)], None, None, None)]
)
OCSP_EKU = ExtendedKeyUsageOID.OCSP_SIGNING


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain("P-256")


def make_list(
    issuer: Made,
    *revoked: tuple[Made, datetime],
    start: datetime = NOW - DAY,
    end: datetime = NOW + DAY,
    reason: x509.ReasonFlags | None = None,
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    key: Any = None,
) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(start)
        .next_update(end)
    )
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    for one, when in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(when)
        )
        if reason:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    signer = key or issuer.key
    digest = hashes.SHA256() if hasattr(signer, "curve") or hasattr(signer, "key_size") else None
    return builder.sign(signer, digest).public_bytes(serialization.Encoding.DER)


def make_answer(
    one: Made,
    issuer: Made,
    signer: Made,
    revoked: datetime | None = None,
    *,
    status: ocsp.OCSPCertStatus | None = None,
    start: datetime = NOW - DAY,
    end: datetime = NOW + DAY,
) -> bytes:
    status = status or (ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            one.certificate, issuer.certificate, hashes.SHA256(), status, start, end, revoked, None
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        .certificates([signer.certificate])
    )
    digest = hashes.SHA256() if hasattr(signer.key, "key_size") else None
    return builder.sign(signer.key, digest).public_bytes(serialization.Encoding.DER)


def ask(
    one: Made, issuer: Made, lists: tuple[bytes, ...] = (), answers: tuple[bytes, ...] = (),
    moment: datetime = NOW,
) -> Status:  # fmt: skip
    return status_of(facts(one.der), facts(issuer.der), Evidence(lists, answers), moment)


def judge(chain: Chain, evidence: Evidence | None, moment: datetime = NOW) -> ChainVerdict:
    return validate_chain(
        chain.leaf.der, [chain.sub.der], [chain.root.der], moment, Purpose.CODE_SIGNING, evidence
    )


@pytest.mark.parametrize("kind", ["ML-DSA-65", "P-256", "RSA", "Ed25519"])
def test_a_list_and_an_answer_of_every_algorithm(kind: str) -> None:
    made = Chain(kind)
    since = NOW - timedelta(hours=2)
    assert ask(made.leaf, made.sub, (make_list(made.sub),)).standing is Standing.GOOD
    listed = ask(made.leaf, made.sub, (make_list(made.sub, (made.leaf, since)),))
    assert (listed.standing, listed.since, listed.source) == (Standing.REVOKED, since, "CRL")
    good = ask(made.leaf, made.sub, answers=(make_answer(made.leaf, made.sub, made.sub),))
    assert (good.standing, good.source) == (Standing.GOOD, "OCSP")
    bad = ask(made.leaf, made.sub, answers=(make_answer(made.leaf, made.sub, made.sub, since),))
    assert (bad.standing, bad.since) == (Standing.REVOKED, since)


def test_a_verdict_with_revocation(chain: Chain) -> None:
    since = NOW - timedelta(hours=2)
    clean = (make_list(chain.sub), make_list(chain.root))
    verdict = judge(chain, Evidence(clean, required=True))
    assert verdict.trusted
    assert "not revoked according to the CRL" in verdict.links[0].sentence
    assert verdict.links[-1].status is None
    reason = x509.ReasonFlags.key_compromise
    listed = (make_list(chain.sub, (chain.leaf, since), reason=reason), clean[1])
    verdict = judge(chain, Evidence(listed))
    assert not verdict.trusted
    assert "keyCompromise" in verdict.sentence
    assert verdict.links[0].rule == "RFC 5280 §6.3.3"
    above = (clean[0], make_list(chain.root, (chain.sub, since)))
    verdict = judge(chain, Evidence(above))
    assert [link.ok for link in verdict.links] == [True, False, True]
    assert "“Sub” was revoked" in verdict.sentence


def test_what_is_not_known_matters_where_it_is_required(chain: Chain) -> None:
    assert judge(chain, None).trusted
    open_ = judge(chain, Evidence())
    assert open_.trusted
    assert "whether revoked is not known" in open_.links[0].sentence
    strict = judge(chain, Evidence(required=True))
    assert not strict.trusted
    assert "no list or answer" in strict.sentence
    assert not judge(chain, Evidence((make_list(chain.sub),), required=True)).trusted


def test_only_a_responder_may_go_unasked(chain: Chain) -> None:
    """Whoever asks for a certificate can have id-pkix-ocsp-nocheck in it (RFC 6960 §4.2.2.2.1)."""

    def verdict(eku: ObjectIdentifier, purpose: Purpose) -> ChainVerdict:
        one = make("Unasked", chain.sub, key=new_key("P-256"), ca=False, eku=(eku,),
                   extra=((x509.OCSPNoCheck(), False),))  # fmt: skip
        lists = (make_list(chain.sub, (one, NOW - DAY)), make_list(chain.root))
        return validate_chain(
            one.der, [chain.sub.der], [chain.root.der], NOW, purpose, Evidence(lists, required=True)
        )

    assert verdict(CODE, Purpose.CODE_SIGNING).links[0].rule == "RFC 5280 §6.3.3"
    assert verdict(CODE, Purpose.ANY).links[0].rule == "RFC 5280 §6.3.3"
    assert verdict(OCSP_EKU, Purpose.ANY).links[0].rule == "RFC 5280 §6.3.3"
    assert verdict(OCSP_EKU, Purpose.OCSP_SIGNING).trusted


def test_dates_before_between_and_after(chain: Chain) -> None:
    """Revoked an hour ago: good before that, revoked since, whichever list tells."""
    since = NOW - timedelta(hours=1)
    listed = (make_list(chain.sub, (chain.leaf, since)),)
    for moment, standing in (
        (since - timedelta(minutes=1), Standing.GOOD),
        (since, Standing.REVOKED),
        (NOW, Standing.REVOKED),
        (NOW + 30 * DAY, Standing.REVOKED),  # the list is outdated, the revocation is not
        (NOW - timedelta(hours=20), Standing.GOOD),
    ):
        assert ask(chain.leaf, chain.sub, listed, moment=moment).standing is standing
    assert not judge(chain, Evidence(listed)).trusted
    assert judge(chain, Evidence(listed), since - timedelta(minutes=1)).trusted


def test_lists_from_another_time(chain: Chain) -> None:
    outdated = make_list(chain.sub, start=NOW - 9 * DAY, end=NOW - 2 * DAY)
    assert ask(chain.leaf, chain.sub, (outdated,)).standing is Standing.UNKNOWN
    later = make_list(chain.sub, start=NOW + 5 * DAY, end=NOW + 9 * DAY)
    assert ask(chain.leaf, chain.sub, (later,)).standing is Standing.GOOD
    # When that list was made the certificate had ended, so its silence says nothing.
    beyond = make_list(chain.sub, start=NOW + 400 * DAY, end=NOW + 401 * DAY)
    assert ask(chain.leaf, chain.sub, (beyond,)).standing is Standing.UNKNOWN


def test_lists_that_do_not_count(chain: Chain) -> None:
    since = NOW - timedelta(hours=1)
    stranger = make("Sub", key=new_key("P-256"))
    no_crls = make("Sub", chain.root, key=chain.sub.key, ca=True, bits=frozenset({"key_cert_sign"}))
    unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    entry = (chain.leaf, since)
    good = make_list(chain.sub, entry)
    for ignored in (
        b"",
        b"junk",
        good[:-1],
        good[:-1] + bytes([good[-1] ^ 1]),
        make_list(stranger, entry),
        make_list(chain.sub, entry, key=stranger.key),
        make_list(chain.root, entry),
        make_list(chain.sub, entry, extra=((unknown, True),)),
    ):
        assert ask(chain.leaf, chain.sub, (ignored,)).standing is Standing.UNKNOWN
    assert ask(chain.leaf, no_crls, (good,)).standing is Standing.UNKNOWN
    assert ask(chain.leaf, chain.sub, (good,)).standing is Standing.REVOKED


def scope(**more: Any) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    plain: dict[str, Any] = {
        "full_name": None, "relative_name": None, "only_contains_user_certs": False,
        "only_contains_ca_certs": False, "only_some_reasons": None, "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }  # fmt: skip
    return ((x509.IssuingDistributionPoint(**{**plain, **more}), True),)


def test_the_scope_of_a_list(chain: Chain) -> None:
    leaf = make(
        "Leaf", chain.sub, ca=False, eku=(CODE,), extra=((POINT, False),), key=new_key("P-256")
    )
    reasons = frozenset({x509.ReasonFlags.key_compromise})
    for more, standing in (
        ({"only_contains_user_certs": True}, Standing.GOOD),
        ({"only_contains_ca_certs": True}, Standing.UNKNOWN),
        ({"full_name": [x509.UniformResourceIdentifier(URL)]}, Standing.GOOD),
        ({"full_name": [x509.UniformResourceIdentifier(URL + "x")]}, Standing.UNKNOWN),
        ({"indirect_crl": True}, Standing.UNKNOWN),
        ({"only_some_reasons": reasons}, Standing.UNKNOWN),
    ):
        crl = make_list(chain.sub, extra=scope(**more))
        assert ask(leaf, chain.sub, (crl,)).standing is standing, more
    elsewhere = make_list(chain.sub, extra=scope(full_name=[x509.UniformResourceIdentifier(URL)]))
    assert ask(chain.leaf, chain.sub, (elsewhere,)).standing is Standing.UNKNOWN


def test_a_delta_list_can_only_say_revoked(chain: Chain) -> None:
    delta = ((x509.DeltaCRLIndicator(1), True),)
    quiet = make_list(chain.sub, extra=delta)
    assert ask(chain.leaf, chain.sub, (quiet,)).standing is Standing.UNKNOWN
    listed = make_list(chain.sub, (chain.leaf, NOW - DAY), extra=delta)
    assert ask(chain.leaf, chain.sub, (listed,)).standing is Standing.REVOKED
    lifted = make_list(
        chain.sub, (chain.leaf, NOW - DAY), extra=delta, reason=x509.ReasonFlags.remove_from_crl
    )
    assert ask(chain.leaf, chain.sub, (lifted,)).standing is Standing.UNKNOWN


def responder(issuer: Made, **more: Any) -> Made:
    more.setdefault("eku", (OCSP_EKU,))
    return make("Responder", issuer, ca=False, key=new_key("P-256"), **more)


def test_who_may_answer(chain: Chain) -> None:
    def standing(signer: Made) -> Standing:
        answer = make_answer(chain.leaf, chain.sub, signer)
        return ask(chain.leaf, chain.sub, answers=(answer,)).standing

    wide = {"start": datetime(2020, 1, 1, tzinfo=NOW.tzinfo), "end": NOW + 3000 * DAY}
    assert standing(responder(chain.sub, **wide)) is Standing.GOOD
    assert standing(responder(chain.root, **wide)) is Standing.UNKNOWN
    assert standing(responder(chain.sub, **{**wide, "eku": (CODE,)})) is Standing.UNKNOWN
    assert standing(responder(chain.sub, **{**wide, "eku": ()})) is Standing.UNKNOWN
    over = {"start": NOW - 900 * DAY, "end": NOW - 800 * DAY}
    assert standing(responder(chain.sub, **over)) is Standing.UNKNOWN
    forged = make("Sub", key=new_key("P-256"))
    assert standing(responder(forged, **wide)) is Standing.UNKNOWN


def test_answers_that_do_not_count(chain: Chain) -> None:
    other = make("Other", chain.sub, ca=False, key=new_key("P-256"))
    good = make_answer(chain.leaf, chain.sub, chain.sub)
    unsure = make_answer(chain.leaf, chain.sub, chain.sub, status=ocsp.OCSPCertStatus.UNKNOWN)
    for ignored in (
        b"",
        good[:-1],
        b"\x00" * 300_000,
        make_answer(other, chain.sub, chain.sub),
        make_answer(chain.leaf, chain.root, chain.sub),
        make_answer(chain.leaf, chain.sub, chain.sub, start=NOW - 9 * DAY, end=NOW - DAY),
        unsure,
        ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
            serialization.Encoding.DER
        ),
    ):
        status = ask(chain.leaf, chain.sub, answers=(ignored,))
        assert status.standing is Standing.UNKNOWN


def flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 0x10
    return bytes(changed)


def test_no_flipped_byte_clears_a_revoked_certificate(chain: Chain) -> None:
    since = NOW - timedelta(hours=2)
    crl = make_list(chain.sub, (chain.leaf, since))
    answer = make_answer(chain.leaf, chain.sub, chain.sub, since)
    asked: tuple[Callable[[int], Status], ...] = (
        lambda at: ask(chain.leaf, chain.sub, (flipped(crl, at),)),
        lambda at: ask(chain.leaf, chain.sub, answers=(flipped(answer, at),)),
    )
    for data, run in zip((crl, answer), asked, strict=True):
        for at in range(len(data)):
            assert run(at).standing is not Standing.GOOD
