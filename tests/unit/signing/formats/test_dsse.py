"""DSSE envelopes and in-toto statements: what is written, what is refused."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.formats import (
    ALL_KINDS,
    cut,
    flipped,
    key_of,
    kms_for,
    refused_everywhere,
    sign,
    signing_for,
    trusting,
    verify,
)
from tests.fakes.kms_client import FakeKms
from workbench.base.errors import Refused
from workbench.crypto.table import Family
from workbench.signing.formats.base import Broken, BytesContent, FileContent, signing_with
from workbench.signing.formats.dsse import Dsse, InToto, pae, read_envelope
from workbench.signing.verify import Verdict

DATA = b"release 1.0\n" * 300
FORM = Dsse()
STATEMENT = InToto(predicate='{"purl":"pkg:generic/release@1"}', subject="release.tar")


def names(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


def test_the_published_encoding() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.parametrize("tuf", [False, True])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_what_is_signed_is_verified(kind: str, *, tuf: bool) -> None:
    signature = sign(Dsse(tuf_digest=tuf), kind, DATA)
    assert FORM.sniff(signature[:64])
    assert not STATEMENT.sniff(signature)
    assert verify(FORM, signature, DATA, trusting(kind)).valid
    assert verify(FORM, signature, None, trusting(kind)).valid
    assert names(verify(FORM, signature, DATA + b"x", trusting(kind))) == ["Content"]
    assert not verify(FORM, signature, DATA, trusting()).valid
    assert names(verify(STATEMENT, signature, DATA, trusting(kind))) == ["Statement"]


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_statement_is_about_a_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "release.tar"
    path.write_bytes(DATA)
    for form in (STATEMENT, InToto()):
        signature = form.sign(kms_for(kind), signing_for(kind), FileContent(path))
        assert form.sniff(signature)
        verdict = form.verify(signature, FileContent(path), trusting(kind))
        assert verdict.valid, verdict.headline
        subject = json.loads(read_envelope(signature).payload)["subject"][0]
        assert subject["name"] == "release.tar"
        assert subject["digest"]["sha256"] == verdict.file_hash
    assert names(verify(STATEMENT, signature, b"other", trusting(kind))) == ["Subject"]
    assert "release.tar" in verify(STATEMENT, signature, None, trusting(kind)).headline


def dual() -> bytes:
    keys = {kind: key_of(kind) for kind in ("P-256", "ML-DSA-65")}
    kms = FakeKms(**keys)
    signers = [signing_with(kms, kind, signing_for("P-256").moment) for kind in keys]
    return FORM.sign_all(kms, signers, BytesContent(DATA))


def test_of_two_signatures_both_must_be_valid() -> None:
    both = replace(trusting("P-256", "ML-DSA-65"), required=(Family.ML_DSA, Family.ELLIPTIC))
    verdict = verify(FORM, dual(), DATA, both)
    assert verdict.valid, verdict.headline
    assert names(verify(FORM, dual(), DATA, trusting("P-256"))) == ["Signature 2: Signature"]
    members = json.loads(dual())
    members["signatures"].pop()
    stripped = json.dumps(members).encode()
    assert names(verify(FORM, stripped, DATA, both)) == ["Required signatures"]
    members["signatures"] *= 2
    twice = json.dumps(members).encode()
    assert "Signers" in names(verify(FORM, twice, DATA, replace(both, required=())))
    with pytest.raises(Refused):
        FORM.sign_all(kms_for("P-256"), [], BytesContent(DATA))


@pytest.mark.parametrize("choice", [{"payload_type": ""}, {"payload_type": "a b"}])
def test_choices_that_break_the_format_cannot_be_made(choice: dict[str, str]) -> None:
    with pytest.raises(Refused):
        Dsse(**choice)  # type: ignore[arg-type] # a mixture of field types
    with pytest.raises(Refused):
        sign(FORM, "secp256k1", DATA)


@pytest.mark.parametrize(
    "choice", [{"predicate": "[]"}, {"predicate": '{"a":1,"a":2}'}, {"predicate_type": "x"}]
)
def test_statements_that_are_none_cannot_be_made(choice: dict[str, str]) -> None:
    with pytest.raises(Refused):
        InToto(**choice)  # type: ignore[arg-type] # a mixture of field types


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_every_flipped_bit_is_refused(kind: str) -> None:
    members = json.loads(sign(FORM, kind, b"content"))

    def with_(value: bytes, payload: bytes = b"content", type_: str = FORM.payload_type) -> bytes:
        one = {"keyid": "", "sig": base64.b64encode(value).decode()}
        text = base64.b64encode(payload).decode()
        made = {"payloadType": type_, "payload": text, "signatures": [one]}
        return json.dumps(made).encode()

    value = base64.b64decode(members["signatures"][0]["sig"])
    assert verify(FORM, with_(value), b"content", trusting(kind)).valid
    damaged = [
        *(with_(one) for one in flipped(value)),
        *(with_(value, one) for one in flipped(b"content")),
        with_(value, type_="text/plain"),
        with_(value, b"content "),
    ]
    assert refused_everywhere(FORM, damaged, b"content", trusting(kind)) > 70


def test_cut_off_and_followed_are_refused() -> None:
    signature = sign(FORM, "Ed25519", b"content")
    refused_everywhere(FORM, cut(signature[:-1]), b"content", trusting("Ed25519"))
    for more in (b"x", b"{}", b"\0"):
        wrong = [signature + more, more + signature]
        refused_everywhere(FORM, wrong, b"content", trusting("Ed25519"))


BREAKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no type": lambda m: m.pop("payloadType"),
    "type a number": lambda m: m.update(payloadType=1),
    "no payload": lambda m: m.pop("payload"),
    "payload no base64": lambda m: m.update(payload="!"),
    "no padding": lambda m: m["signatures"][0].update(sig=m["signatures"][0]["sig"].rstrip("=")),
    "no signatures": lambda m: m.update(signatures=[]),
    "no list": lambda m: m.update(signatures={}),
    "too many": lambda m: m.update(signatures=m["signatures"] * 17),
    "no objects": lambda m: m.update(signatures=["x"]),
    "no value": lambda m: m.update(signatures=[{"keyid": ""}]),
    "key id a number": lambda m: m["signatures"][0].update(keyid=1),
}


@pytest.mark.parametrize("name", BREAKS)
def test_envelopes_that_are_refused(name: str) -> None:
    members = json.loads(sign(FORM, "Ed25519", b"content"))
    BREAKS[name](members)
    refused_everywhere(FORM, [json.dumps(members).encode()], b"content", trusting("Ed25519"))


def test_duplicate_members_are_refused() -> None:
    signature = sign(FORM, "P-256", b"content")
    twice = signature.replace(b'"payload":', b'"payload":"AAAA","payload":')
    refused_everywhere(FORM, [twice], b"content", trusting("P-256"))


@pytest.mark.parametrize(
    "statement",
    [
        b"x", b"{}", b'{"_type":"https://in-toto.io/Statement/v1"}',
        *(b'{"_type":"https://in-toto.io/Statement/v1","predicateType":"a:b","subject":%s}' % one
          for one in (b"[]", b"{}", b"[1]", b"[{}]", b'[{"digest":{}}]', b'[{"digest":{"a":1}}]',
                      b'[{"name":1,"digest":{"sha256":"00"}}]')),
        b'{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"a:b",'
        b'"subject":[{"name":"a","digest":{"sha256":"00"}}]}',
    ],
)  # fmt: skip
def test_statements_that_are_refused(statement: bytes) -> None:
    signature = sign(Dsse(payload_type="application/vnd.in-toto+json"), "P-256", statement)
    assert names(verify(STATEMENT, signature, DATA, trusting("P-256"))) == ["Statement"]


@pytest.mark.parametrize("digest", [{"md5": "00"}, {"sha256": "é"}, {"sha256": "00"}])
def test_digests_that_prove_nothing_are_refused(digest: dict[str, str]) -> None:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "a:b",
        "subject": [{"name": "release.tar", "digest": digest}],
    }
    raw = json.dumps(statement).encode()
    signature = sign(Dsse(payload_type="application/vnd.in-toto+json"), "P-256", raw)
    assert names(verify(STATEMENT, signature, DATA, trusting("P-256"))) == ["Subject"]


def test_of_two_digests_both_must_be_right() -> None:
    signature = sign(STATEMENT, "P-256", DATA)
    statement = json.loads(read_envelope(signature).payload)
    statement["subject"][0]["digest"]["sha512"] = "00" * 64
    raw = json.dumps(statement).encode()
    again = sign(Dsse(payload_type="application/vnd.in-toto+json"), "P-256", raw)
    assert names(verify(STATEMENT, again, DATA, trusting("P-256"))) == ["Subject"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.text(max_size=20))
def test_anything_else_is_refused_without_an_exception(noise: bytes, text: str) -> None:
    members = {"payload": text, "payloadType": text, "signatures": [{"sig": text + "!"}]}
    for data in (noise, b"{" + noise, json.dumps(members).encode()):
        FORM.sniff(data)
        with pytest.raises(Broken):
            read_envelope(data)
