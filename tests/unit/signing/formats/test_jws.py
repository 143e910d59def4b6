"""JSON Web Signatures: what is written, what is refused."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.certificates import Chain, make
from tests.fakes.formats import (
    ALL_KINDS,
    cut,
    flipped,
    key_of,
    kms_for,
    refused_everywhere,
    sign,
    signing_for,
    spki,
    trusting,
    verify,
)
from tests.fakes.kms_client import FakeKms
from workbench.base.errors import Refused
from workbench.crypto.table import Family
from workbench.signing.formats.base import Broken, BytesContent, FileContent, Trust, signing_with
from workbench.signing.formats.jose import encode, encode_pieces, jwk, thumbprint
from workbench.signing.formats.jws import FORMS, JsonWebSignature
from workbench.signing.formats.jws_read import read_jws

DATA = "Grüße, release 1.0\n".encode() * 300
FORM = JsonWebSignature()
NAMES = {
    "Ed25519": "EdDSA",
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
    "secp256k1": "ES256K",
    "RSA": "PS256",
}


def header_of(signature: bytes) -> dict[str, Any]:
    header: dict[str, Any] = read_jws(signature).signatures[0].header
    return header


@pytest.mark.parametrize("unencoded", [False, True])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [*ALL_KINDS, "secp256k1"])
def test_what_is_signed_is_verified(kind: str, form: str, *, unencoded: bool) -> None:
    data = b"short" if kind == "Ed25519" else DATA
    for detached in (False, True):
        if unencoded and form == "compact" and not detached:
            continue
        made = JsonWebSignature(form=form, detached=detached, unencoded=unencoded)
        signature = sign(made, kind, data)
        assert FORM.sniff(signature[:200])
        verdict = verify(FORM, signature, data, trusting(kind))
        assert verdict.valid, verdict.headline
        assert verdict.algorithm == NAMES.get(kind, kind)
        assert verify(FORM, signature, None, trusting(kind)).valid is not detached
        assert not verify(FORM, signature, data + b"x", trusting(kind)).valid
        assert not verify(FORM, signature, data, trusting()).valid


@pytest.mark.parametrize("digest", ["SHA-256", "SHA-384", "SHA-512"])
@pytest.mark.parametrize("pss", [False, True])
def test_rsa_has_two_schemes_and_three_digests(digest: str, *, pss: bool) -> None:
    signature = sign(JsonWebSignature(pss=pss, digest=digest), "RSA", DATA)
    assert header_of(signature)["alg"] == f"{'PS' if pss else 'RS'}{digest[-3:]}"
    assert verify(FORM, signature, DATA, trusting("RSA")).valid


def test_a_long_message_goes_as_digest_or_mu() -> None:
    for kind, expected in (("P-256", "DIGEST"), ("ML-DSA-65", "EXTERNAL_MU"), ("RSA", "DIGEST")):
        kms = kms_for(kind)
        FORM.sign(kms, signing_for(kind), BytesContent(bytes(5000)))
        assert [asked[1] for asked in kms.asked] == [expected]
    with pytest.raises(Refused, match="4096"):
        sign(FORM, "Ed25519", bytes(5000))


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(range(256)) * 4096)
    signature = FORM.sign(kms_for("ML-DSA-65"), signing_for("ML-DSA-65"), FileContent(path))
    verdict = FORM.verify(signature, FileContent(path), trusting("ML-DSA-65"))
    assert verdict.valid, verdict.headline


@given(st.lists(st.binary(max_size=7), max_size=9))
def test_pieces_are_encoded_as_the_whole(pieces: list[bytes]) -> None:
    assert b"".join(encode_pieces(pieces)) == encode(b"".join(pieces)).encode()


@pytest.mark.parametrize(
    "choice", [{"form": "xml"}, {"digest": "SHA-1"}, {"unencoded": True, "detached": False}]
)
def test_choices_that_break_the_format_cannot_be_made(choice: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        JsonWebSignature(**choice)


def test_unencoded_text_inside_must_be_text() -> None:
    form = JsonWebSignature(form="flattened", detached=False, unencoded=True)
    with pytest.raises(Refused, match="UTF-8"):
        sign(form, "P-256", b"\xff")


def dual(data: bytes = DATA) -> bytes:
    keys = {kind: key_of(kind) for kind in ("P-256", "ML-DSA-65")}
    kms = FakeKms(**keys)
    signers = [signing_with(kms, kind, signing_for("P-256").moment) for kind in keys]
    return JsonWebSignature(form="general").sign_all(kms, signers, BytesContent(data))


def test_of_two_signatures_both_must_be_valid() -> None:
    both = trusting("P-256", "ML-DSA-65")
    verdict = verify(FORM, dual(), DATA, both)
    assert verdict.valid, verdict.headline
    assert verdict.algorithm == "ES256, ML-DSA-65"
    assert not verify(FORM, dual(), DATA, trusting("P-256")).valid
    members = json.loads(dual())
    for place in (0, 1):
        wrong = json.loads(dual())
        value = wrong["signatures"][place]["signature"]
        wrong["signatures"][place]["signature"] = ("B" if value[0] == "A" else "A") + value[1:]
        verdict = verify(FORM, json.dumps(wrong).encode(), DATA, both)
        assert not verdict.valid
        assert [c.name for c in verdict.checks if not c.passed] == [
            f"Signature {place + 1}: Signature"
        ]
    with pytest.raises(Refused, match="one signature"):
        FORM.sign_all(kms_for("P-256"), [signing_for("P-256")] * 2, BytesContent(DATA))
    members["signatures"].pop()
    stripped = json.dumps(members).encode()
    assert verify(FORM, stripped, DATA, both).valid  # nothing inside says that one is missing
    policy = replace(both, required=(Family.ELLIPTIC, Family.ML_DSA))
    assert verify(FORM, dual(), DATA, policy).valid
    verdict = verify(FORM, stripped, DATA, policy)
    assert [c.name for c in verdict.checks if not c.passed] == ["Required signatures"]
    assert "ML-DSA" in verdict.headline


def test_a_chain_in_the_header_is_followed() -> None:
    chain = Chain()
    leaf = make("Ann", chain.sub, key=key_of("P-256"), ca=False)
    signature = sign(FORM, "P-256", DATA, (leaf.der, chain.sub.der, chain.root.der))
    assert len(header_of(signature)["x5c"]) == 2
    moment = trusting().moment
    verdict = verify(FORM, signature, DATA, Trust(moment, roots=(chain.root.der,)))
    assert verdict.valid, verdict.headline
    assert "Ann" in verdict.signer
    assert len(verdict.links) == 3
    stranger = verify(FORM, signature, DATA, Trust(moment, roots=(Chain().root.der,)))
    assert [check.name for check in stranger.checks if not check.passed] == ["Certificate chain"]
    # The signer's own key stands in for the chain where it is trusted; another does not.
    assert verify(FORM, signature, DATA, trusting("P-256")).valid
    assert not verify(FORM, signature, DATA, trusting("P-384")).valid


def compact(header: Any, payload: bytes = b"", value: bytes = bytes(64)) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return f"{encode(raw)}.{encode(payload)}.{encode(value)}".encode()


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ({"alg": "none"}, "RFC 8725 §3.2"),
        ({"alg": "nOnE"}, "RFC 8725 §3.2"),
        ({"alg": "HS256"}, "RFC 8725 §2.1"),
        ({"alg": "ES999"}, "RFC 7515 §4.1.1"),
        ({"alg": 5}, "RFC 7515 §4.1.1"),
        ({"alg": ["ES256"]}, "RFC 7515 §4.1.1"),
        ({"typ": "JWT"}, "RFC 8725 §3.1"),
        ({"alg": "ES256", "crit": ["exp"], "exp": 1}, "RFC 7515 §4.1.11"),
        ({"alg": "ES256", "crit": []}, "RFC 7515 §4.1.11"),
        ({"alg": "ES256", "crit": ["b64"]}, "RFC 7515 §4.1.11"),
        ({"alg": "ES256", "crit": ["alg"]}, "RFC 7515 §4.1.11"),
        ({"alg": "ES256", "crit": "b64", "b64": True}, "RFC 7515 §4.1.11"),
        ({"alg": "ES256", "crit": ["b64", "b64"], "b64": True}, "RFC 7515 §4.1.11"),
        ({"alg": "ES256", "crit": [{}], "b64": True}, "RFC 7515 §4.1.11"),
        ({"alg": "ES256", "b64": False}, "RFC 7797 §6"),
        ({"alg": "ES256", "crit": ["b64"], "b64": 0}, "RFC 7797 §6"),
        ({"alg": "ES256", "x5c": []}, "RFC 7515 §4.1.6"),
        ({"alg": "ES256", "x5c": [1]}, "RFC 7515 §4.1.6"),
        ({"alg": "ES256", "x5c": ["!"]}, "RFC 7515 §4.1.6"),
        ({"alg": "ES256", "x5c": ["AAAA"]}, "RFC 7515 §4.1.6"),
        (b'{"alg":"ES256","alg":"none"}', "RFC 8259 §4"),
        (b'{"alg":"ES256","x":{"a":1,"a":2}}', "RFC 8259 §4"),
        (b'{"alg":"ES256","x":NaN}', "RFC 8259 §2"),
        (b'{"alg":"ES256"} x', "RFC 8259 §2"),
        (b'\xff{"alg":"ES256"}', "RFC 8259 §2"),
        (b'["ES256"]', "RFC 7515 §4"),
        (b'{"alg":"ES256","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "RFC 8259 §2"),
        (b'{"alg":"ES256","x":' + b"[" * 50 + b"]" * 50 + b"}", "RFC 7515 §4"),
    ],
)  # fmt: skip
def test_headers_that_are_refused(header: Any, rule: str) -> None:
    verdict = verify(FORM, compact(header), b"", trusting("P-256"))
    assert not verdict.valid
    assert [check.rule for check in verdict.checks if check.state == "failed"] == [rule]


def test_algorithms_cannot_be_confused() -> None:
    """A signature of one kind never counts as another's, whatever the header says."""
    both = trusting("P-256", "ML-DSA-65", "RSA")
    value = read_jws(sign(FORM, "P-256", DATA)).signatures[0].value
    for name in ("ML-DSA-65", "ML-DSA-44", "ES384", "PS256", "EdDSA", "ES256K"):
        forged = compact({"alg": name}, DATA, value)
        assert not verify(FORM, forged, None, both).valid
    # The classic attack: HMAC keyed with the public key that everybody knows.
    signed = f"{encode(json.dumps({'alg': 'HS256'}).encode())}.{encode(DATA)}".encode()
    tag = hmac.digest(spki(key_of("RSA")), signed, hashlib.sha256)
    assert not verify(FORM, signed + b"." + encode(tag).encode(), None, both).valid


def test_one_key_is_not_good_for_another_algorithm_of_its_kind() -> None:
    verdict = verify(FORM, sign(FORM, "P-384", DATA), DATA, trusting("P-256"))
    assert "no trusted key is of that kind" in verdict.headline


def only(members: dict[str, Any], signatures: object) -> None:
    members.clear()
    members["signatures"] = signatures


JSON_BREAKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "unprotected alg": lambda m: m.update(protected=encode(b"{}"), header={"alg": "ES256"}),
    "both headers": lambda m: m.update(header={"kid": "x"}),
    "unprotected crit": lambda m: m.update(header={"crit": ["b64"]}),
    "header no object": lambda m: m.update(header=[]),
    "no protected": lambda m: m.pop("protected"),
    "no value": lambda m: m.pop("signature"),
    "mixed": lambda m: m.update(signatures=[dict(m)]),
    "empty": lambda m: only(m, []),
    "no list": lambda m: only(m, {}),
    "no objects": lambda m: only(m, [1]),
    "too many": lambda m: only(m, [dict(m)] * 17),
    "payload a number": lambda m: m.update(payload=5),
    "padded": lambda m: m.update(signature=m["signature"] + "="),
    "value a list": lambda m: m.update(signature=[]),
}


@pytest.mark.parametrize("name", JSON_BREAKS)
def test_json_forms_that_are_refused(name: str) -> None:
    members = json.loads(sign(JsonWebSignature(form="flattened"), "P-256", DATA))
    JSON_BREAKS[name](members)
    refused_everywhere(FORM, [json.dumps(members).encode()], DATA, trusting("P-256"))


def test_duplicate_members_are_refused() -> None:
    signature = sign(JsonWebSignature(form="flattened"), "P-256", DATA)
    twice = signature.replace(b'{"protected"', b'{"protected":"","protected"')
    refused_everywhere(FORM, [twice], DATA, trusting("P-256"))


@pytest.mark.parametrize("kind", ["P-256", "Ed25519"])
def test_every_flipped_bit_is_refused(kind: str) -> None:
    data = b"content"
    signature = sign(JsonWebSignature(detached=False), kind, data)
    count = refused_everywhere(FORM, flipped(signature), data, trusting(kind))
    assert count == len(signature)
    refused_everywhere(FORM, cut(signature), data, trusting(kind))
    for more in (b"A", b".", b".A", b"=", b"\0"):
        refused_everywhere(FORM, [signature + more, more + signature], data, trusting(kind))


def test_the_last_characters_have_one_meaning() -> None:
    signature = sign(FORM, "P-256", DATA)
    last = {b"A": b"B", b"Q": b"R", b"g": b"h", b"w": b"x"}[signature[-1:]]
    refused_everywhere(FORM, [signature[:-1] + last], DATA, trusting("P-256"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.text(max_size=20))
def test_anything_else_is_refused_without_an_exception(noise: bytes, text: str) -> None:
    members = {"protected": text, "signature": text, "payload": text}
    for data in (noise, b"{" + noise, compact(noise), json.dumps(members).encode()):
        FORM.sniff(data)
        with pytest.raises(Broken):
            read_jws(data)


def test_key_ids_are_thumbprints() -> None:
    # RFC 7638 §3.1 has an RSA key only; this is the same computation over our own key.
    assert len(base64.urlsafe_b64decode(thumbprint(spki(key_of("ML-DSA-65"))) + "=")) == 32
    assert jwk(spki(key_of("ML-DSA-65")))["kty"] == "AKP"
    assert header_of(sign(FORM, "P-256", DATA))["kid"] == thumbprint(spki(key_of("P-256")))
    with pytest.raises(Refused):
        jwk(b"no key")


@pytest.mark.parametrize(
    "header",
    ['{"alg":"ES384"}', '{"typ":"JWT"}', "x", '{"alg":"ES256","b64":false,"crit":["b64"]}'],
)
def test_a_header_of_ones_own_must_fit(header: str) -> None:
    with pytest.raises(Refused):
        sign(JsonWebSignature(header=header), "P-256", DATA)
