"""COSE_Sign1: what is written, what is refused."""

from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.certificates import Chain, make
from tests.fakes.formats import (
    ALL_KINDS,
    cut,
    flipped,
    key_of,
    refused_everywhere,
    sign,
    trusting,
    verify,
)
from workbench.base.errors import Refused
from workbench.signing.formats.base import Broken, Trust
from workbench.signing.formats.cbor import read_cbor
from workbench.signing.formats.cose import CoseSign1, read_sign1
from workbench.signing.verify import Verdict

DATA = b"release 1.0\n" * 30
FORM = CoseSign1()
INSIDE = CoseSign1(detached=False)
NUMBERS = {"P-256": -7, "P-384": -35, "P-521": -36, "Ed25519": -8, "RSA": -37, "ML-DSA-44": -48,
           "ML-DSA-65": -49, "ML-DSA-87": -50, "secp256k1": -47}  # fmt: skip


def names(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


@pytest.mark.parametrize("tagged", [False, True])
@pytest.mark.parametrize("kind", [*ALL_KINDS, "secp256k1"])
def test_what_is_signed_is_verified(kind: str, *, tagged: bool) -> None:
    for detached in (False, True):
        form = CoseSign1(detached=detached, tagged=tagged, content_type="text/plain")
        message = sign(form, kind, DATA)
        assert FORM.sniff(message[:32])
        header = cbor2.loads(message)
        header = (header.value if tagged else header)[0]
        assert cbor2.loads(header) == {1: NUMBERS[kind], 3: "text/plain"}
        verdict = verify(FORM, message, DATA, trusting(kind))
        assert verdict.valid, verdict.headline
        assert verify(FORM, message, None, trusting(kind)).valid is not detached
        assert not verify(FORM, message, DATA + b"x", trusting(kind)).valid
        assert names(verify(FORM, message, DATA, trusting())) == ["Trusted key"]


def test_external_data_is_signed() -> None:
    message = sign(CoseSign1(external="0102"), "P-256", DATA)
    assert verify(CoseSign1(external="0102"), message, DATA, trusting("P-256")).valid
    assert names(verify(FORM, message, DATA, trusting("P-256"))) == ["Signature"]
    with pytest.raises(Refused):
        CoseSign1(external="x")


def test_rsa_has_another_scheme() -> None:
    message = sign(CoseSign1(pss=False), "RSA", DATA)
    assert read_sign1(read_cbor(message, "it")).algorithm.name == "RS256"
    assert verify(FORM, message, DATA, trusting("RSA")).valid


def test_a_chain_in_the_header_is_followed() -> None:
    chain = Chain()
    leaf = make("Ann", chain.sub, key=key_of("P-256"), ca=False)
    moment = trusting().moment
    for held in ((leaf.der, chain.sub.der, chain.root.der), (leaf.der,)):
        message = sign(FORM, "P-256", DATA, held)
        trust = Trust(moment, roots=(chain.root.der,), intermediates=(chain.sub.der,))
        verdict = verify(FORM, message, DATA, trust)
        assert verdict.valid, verdict.headline
        stranger = verify(FORM, message, DATA, Trust(moment, roots=(Chain().root.der,)))
        assert names(stranger) == ["Certificate chain"]
    without = sign(CoseSign1(certificates=False), "P-256", DATA, (leaf.der,))
    assert read_sign1(read_cbor(without, "it")).certificates == ()


def test_algorithms_cannot_be_confused() -> None:
    message = cbor2.loads(sign(FORM, "P-256", DATA)).value
    everybody = trusting("P-256", "ML-DSA-65", "RSA", "Ed25519", "P-384")
    for number in (-49, -48, -35, -8, -37, -257, -47):
        forged = cbor2.dumps([cbor2.dumps({1: number}), *message[1:]])
        assert not verify(FORM, forged, DATA, everybody).valid


BREAKS: dict[str, Callable[[list[Any]], object]] = {
    "no alg": lambda m: m.__setitem__(0, cbor2.dumps({})),
    "empty header": lambda m: m.__setitem__(0, b""),
    "HMAC": lambda m: m.__setitem__(0, cbor2.dumps({1: 5})),
    "alg text": lambda m: m.__setitem__(0, cbor2.dumps({1: "ES256"})),
    "alg a list": lambda m: m.__setitem__(0, cbor2.dumps({1: [-7]})),
    "alg under true": lambda m: m.__setitem__(0, cbor2.dumps({True: -7})),
    "alg under 1.0": lambda m: m.__setitem__(0, cbor2.dumps({1.0: -7})),
    "alg unprotected": lambda m: (m.__setitem__(0, cbor2.dumps({})), m.__setitem__(1, {1: -7})),
    "alg in both": lambda m: m.__setitem__(1, {1: -7}),
    "alg twice": lambda m: m.__setitem__(0, b"\xa2\x01\x26\x01\x26"),
    "header no map": lambda m: m.__setitem__(0, cbor2.dumps([1, -7])),
    "header and more": lambda m: m.__setitem__(0, cbor2.dumps({1: -7}) + b"\0"),
    "crit unknown": lambda m: m.__setitem__(0, cbor2.dumps({1: -7, 2: [99], 99: 1})),
    "crit missing": lambda m: m.__setitem__(0, cbor2.dumps({1: -7, 2: [3]})),
    "crit empty": lambda m: m.__setitem__(0, cbor2.dumps({1: -7, 2: []})),
    "crit no list": lambda m: m.__setitem__(0, cbor2.dumps({1: -7, 2: 1})),
    "crit of lists": lambda m: m.__setitem__(0, cbor2.dumps({1: -7, 2: [[1]]})),
    "crit unprotected": lambda m: m.__setitem__(1, {2: [1]}),
    "kid text": lambda m: m.__setitem__(1, {4: "x"}),
    "chain empty": lambda m: m.__setitem__(1, {33: []}),
    "chain of text": lambda m: m.__setitem__(1, {33: ["x"]}),
    "chain of nothing": lambda m: m.__setitem__(1, {33: b""}),
    "unprotected no map": lambda m: m.__setitem__(1, []),
    "payload text": lambda m: m.__setitem__(2, "x"),
    "value text": lambda m: m.__setitem__(3, "x"),
    "value short": lambda m: m.__setitem__(3, m[3][:-1]),
    "value long": lambda m: m.__setitem__(3, m[3] + b"\0"),
    "five parts": lambda m: m.append(1),
    "three parts": lambda m: m.pop(),
}


@pytest.mark.parametrize("name", BREAKS)
def test_messages_that_are_refused(name: str) -> None:
    parts = list(cbor2.loads(sign(INSIDE, "P-256", DATA)).value)
    BREAKS[name](parts)
    refused_everywhere(FORM, [cbor2.dumps(parts)], DATA, trusting("P-256"))


def test_another_tag_is_refused() -> None:
    parts = cbor2.loads(sign(FORM, "P-256", DATA)).value
    for tag in (17, 98, 0):
        refused_everywhere(FORM, [cbor2.dumps(cbor2.CBORTag(tag, parts))], DATA, trusting("P-256"))


@pytest.mark.parametrize("kind", ["P-256", "Ed25519"])
def test_every_flipped_bit_is_refused(kind: str) -> None:
    message = sign(CoseSign1(detached=False, tagged=False), kind, b"content")
    assert refused_everywhere(FORM, flipped(message), b"content", trusting(kind)) == len(message)
    refused_everywhere(FORM, cut(message), b"content", trusting(kind))
    for more in (b"\0", b"\xf6"):
        refused_everywhere(FORM, [message + more, more + message], b"content", trusting(kind))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=100))
def test_anything_else_is_refused_without_an_exception(noise: bytes) -> None:
    for data in (noise, b"\xd2" + noise, b"\x84\x43\xa1\x01\x26" + noise):
        FORM.sniff(data)
        with pytest.raises(Broken):
            read_sign1(read_cbor(data, "It"))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xa2\x01\x02\x01\x03", b"\x01\x02", b"\x81" * 3000 + b"\x01", b"\x9b" + b"\xff" * 8,
        b"\x5b\0\0\x7f" + b"\xff" * 5, b"\xff", b"\x62\xff\xff", b"\xf8\x10", b"\xc0",
    ],
)  # fmt: skip
def test_cbor_that_is_refused(data: bytes) -> None:
    with pytest.raises(Broken):
        read_cbor(data, "It")


@pytest.mark.parametrize("tag", [0, 1, 2, 4, 28, 29, 30, 35, 36, 37, 54, 258, 260, 1004, 43000])
def test_no_tag_does_anything(tag: int) -> None:
    value = read_cbor(cbor2.dumps(cbor2.CBORTag(tag, b"(a+)+$")), "It")
    assert (value.tag, value.value) == (tag, b"(a+)+$")
