"""JSON Web Tokens: claims at a moment; and the token of AWS's announcement of ML-DSA in KMS."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.certificates import DAY, NOW
from tests.fakes.formats import kms_for, sign, signing_for, trusting, verify
from workbench.base.errors import Refused
from workbench.signing.formats.base import BytesContent
from workbench.signing.formats.jws import JsonWebSignature
from workbench.signing.formats.jwt import JsonWebToken
from workbench.signing.verify import Verdict

FORM = JsonWebToken()
SECONDS = int(NOW.timestamp())
# The header and the claims of RFC 7519 §3.1, with their line breaks, as AWS's announcement of
# ML-DSA in KMS signs them.
HEADER = '{"typ":"JWT",\r\n "alg":"ML-DSA-65"}'
CLAIMS = b'{"iss":"joe",\r\n "exp":1748952000,\r\n "http://example.com/is_root":true}'
SIGNED = (
    b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJNTC1EU0EtNjUifQ."
    b"eyJpc3MiOiJqb2UiLA0KICJleHAiOjE3NDg5NTIwMDAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
    b"cnVlfQ"
)


def judged(claims: dict[str, Any], form: JsonWebToken = FORM) -> Verdict:
    token = sign(JsonWebSignature(detached=False), "P-256", json.dumps(claims).encode())
    return verify(form, token, None, trusting("P-256"))


def names(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


@pytest.mark.parametrize("own", [False, True])
def test_the_published_token_is_made_and_judged(*, own: bool) -> None:
    kms = kms_for("ML-DSA-65")
    form = JsonWebToken(header=HEADER)
    token = form.sign(kms, signing_for("ML-DSA-65"), BytesContent(CLAIMS))
    assert token.rpartition(b".")[0] == SIGNED
    assert kms.asked == [("ML_DSA_SHAKE_256", "RAW", SIGNED)]
    assert FORM.sniff(token)
    trust = trusting("ML-DSA-65")
    assert names(verify(FORM, token, None, trust)) == ["Expiry"]
    then = replace(trust, moment=datetime(2025, 6, 1, tzinfo=UTC))
    verdict = verify(JsonWebToken(issuer="joe") if own else FORM, token, None, then)
    assert verdict.valid, verdict.headline


@pytest.mark.parametrize(
    ("claims", "failed"),
    [
        ({"exp": SECONDS + 1}, []),
        ({"exp": SECONDS}, ["Expiry"]),
        ({"exp": SECONDS + 0.5}, []),
        ({}, ["Expiry"]),
        ({"exp": SECONDS + 9, "nbf": SECONDS}, []),
        ({"exp": SECONDS + 9, "nbf": SECONDS + 1}, ["Beginning"]),
        ({"exp": SECONDS + 9, "iat": SECONDS + 1}, ["Issued"]),
        ({"exp": "tomorrow"}, ["Claims"]),
        ({"exp": True}, ["Claims"]),
        ({"exp": None}, ["Claims"]),
        ({"exp": -1}, ["Claims"]),
        ({"exp": 10**400}, ["Claims"]),
        ({"exp": SECONDS + 9, "nbf": []}, ["Claims"]),
    ],
)
def test_dates(claims: dict[str, Any], failed: list[str]) -> None:
    assert names(judged(claims)) == failed


def test_clocks_may_differ_where_allowed() -> None:
    claims = {"exp": SECONDS - 10, "nbf": SECONDS + 10}
    assert names(judged(claims)) == ["Expiry", "Beginning"]
    assert judged(claims, JsonWebToken(leeway=11)).valid
    assert judged({}, JsonWebToken(expiry_required=False)).valid
    with pytest.raises(Refused):
        JsonWebToken(leeway=601)


@pytest.mark.parametrize(
    ("claims", "failed"),
    [
        ({"iss": "joe", "aud": "us"}, []),
        ({"iss": "joe", "aud": ["them", "us"]}, []),
        ({"iss": "eve", "aud": "us"}, ["Issuer"]),
        ({"aud": "us"}, ["Issuer"]),
        ({"iss": ["joe"], "aud": "us"}, ["Issuer"]),
        ({"iss": "joe", "aud": "them"}, ["Audience"]),
        ({"iss": "joe"}, ["Audience"]),
        ({"iss": "joe", "aud": {"us": 1}}, ["Audience"]),
    ],
)
def test_parties(claims: dict[str, Any], failed: list[str]) -> None:
    form = JsonWebToken(issuer="joe", audience="us")
    assert names(judged(claims | {"exp": SECONDS + 9}, form)) == failed


@pytest.mark.parametrize("claims", [b"x", b"[]", b'{"exp":1,"exp":2}', b'{"nbf":"x"}', b"\xff"])
def test_what_is_no_set_of_claims_is_not_signed(claims: bytes) -> None:
    with pytest.raises(Refused):
        sign(FORM, "P-256", claims)


def test_only_the_compact_form_is_a_token() -> None:
    claims = json.dumps({"exp": SECONDS + 9}).encode()
    token = sign(JsonWebSignature(form="flattened", detached=False), "P-256", claims)
    assert names(verify(FORM, token, None, trusting("P-256"))) == ["Token"]
    assert not FORM.sniff(token)
    detached = sign(JsonWebSignature(), "P-256", claims)
    assert "Content" in names(verify(FORM, detached, None, trusting("P-256")))
    assert not FORM.sniff(detached)


def test_claims_with_two_meanings_are_refused() -> None:
    raw = b'{"exp":%d,"iss":"joe","iss":"eve"}' % (SECONDS + 9)
    token = sign(JsonWebSignature(detached=False), "P-256", raw)
    assert names(verify(FORM, token, None, trusting("P-256"))) == ["Claims"]


def test_a_day_later_it_has_expired() -> None:
    token = sign(FORM, "P-256", json.dumps({"exp": SECONDS + 9}).encode())
    trust = trusting("P-256")
    assert verify(FORM, token, None, trust).valid
    assert not verify(FORM, token, None, replace(trust, moment=NOW + DAY)).valid
