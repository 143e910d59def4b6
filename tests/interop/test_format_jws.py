"""jwcrypto and the workbench on each other's JSON Web Signatures."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from jwcrypto import jwk, jws

from tests.fakes.formats import ALL_KINDS, key_of, sign, spki, trusting, verify
from workbench.signing.formats.jose import jwk as our_jwk
from workbench.signing.formats.jose import thumbprint
from workbench.signing.formats.jws import FORMS, JsonWebSignature

DATA = b"content that is signed"
ALGORITHMS = {
    "Ed25519": ["EdDSA", "Ed25519"],
    "P-256": ["ES256"],
    "P-384": ["ES384"],
    "P-521": ["ES512"],
    "RSA": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    "ML-DSA-44": ["ML-DSA-44"],
    "ML-DSA-65": ["ML-DSA-65"],
    "ML-DSA-87": ["ML-DSA-87"],
}
EVERY = [(kind, name) for kind, names in ALGORITHMS.items() for name in names]


def public(kind: str) -> Any:
    return jwk.JWK(**our_jwk(spki(key_of(kind))))


def private(kind: str) -> Any:
    """The whole key as jwcrypto holds it, which for ML-DSA is made from the seed."""
    if not kind.startswith("ML-DSA"):
        pem = key_of(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return jwk.JWK.from_pem(pem)
    return jwk.JWK.from_pyca(key_of(kind))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_keys_and_thumbprints_are_the_same(kind: str) -> None:
    assert public(kind).thumbprint() == thumbprint(spki(key_of(kind)))
    assert private(kind).thumbprint() == thumbprint(spki(key_of(kind)))


LAYOUTS = [
    (form, detached, unencoded)
    for form in FORMS
    for detached in (False, True)
    for unencoded in (False, True)
    if detached or not unencoded or form != "compact"  # RFC 7797 §5.2 has no such form
]


@pytest.mark.parametrize(("form", "detached", "unencoded"), LAYOUTS)
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_peer_accepts_ours(kind: str, form: str, *, detached: bool, unencoded: bool) -> None:
    made = JsonWebSignature(form=form, detached=detached, unencoded=unencoded)
    for data, good in ((DATA, True), (b"other", False)):
        token = jws.JWS()
        token.deserialize(sign(made, kind, DATA).decode())
        outside = data if detached else None
        if good or not detached:
            token.verify(public(kind), detached_payload=outside)
            continue
        with pytest.raises(jws.InvalidJWSSignature):
            token.verify(public(kind), detached_payload=outside)


@pytest.mark.parametrize("unencoded", [False, True])
@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_we_accept_the_peers(kind: str, name: str, *, unencoded: bool) -> None:
    header: dict[str, Any] = {"alg": name}
    if unencoded:
        header |= {"b64": False, "crit": ["b64"]}
    token = jws.JWS(DATA.decode() if unencoded else DATA)
    token.add_signature(private(kind), None, json.dumps(header))
    inside = token.serialize(compact=False).encode()
    assert verify(JsonWebSignature(), inside, None, trusting(kind)).valid
    token.detach_payload()
    outside = token.serialize(compact=True).encode()
    verdict = verify(JsonWebSignature(), outside, DATA, trusting(kind))
    assert verdict.valid, verdict.headline
    assert not verify(JsonWebSignature(), outside, b"other", trusting(kind)).valid


def test_two_signatures_by_the_peer() -> None:
    token = jws.JWS(DATA)
    token.add_signature(private("P-256"), None, '{"alg":"ES256"}')
    token.add_signature(private("ML-DSA-65"), None, '{"alg":"ML-DSA-65"}')
    raw = token.serialize(compact=False).encode()
    assert verify(JsonWebSignature(), raw, None, trusting("P-256", "ML-DSA-65")).valid
    assert not verify(JsonWebSignature(), raw, None, trusting("P-256")).valid
