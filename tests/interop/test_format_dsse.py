"""securesystemslib and the workbench on each other's DSSE envelopes."""

import json
from typing import Any

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from tests.fakes.formats import ALL_KINDS, key_of, sign, spki, trusting, verify
from workbench.signing.formats.dsse import Dsse, InToto, key_id

DATA = b"content that is signed"


def their_key(kind: str) -> SSlibKey:
    public = key_of(kind).public_key()
    return SSlibKey.from_crypto(public, keyid=key_id(spki(key_of(kind))))


@pytest.mark.parametrize("form", [Dsse(tuf_digest=True), InToto(subject="x", tuf_digest=True)])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_peer_accepts_ours(kind: str, form: Any) -> None:
    members = json.loads(sign(form, kind, DATA))
    envelope = Envelope.from_dict(members)
    assert envelope.verify([their_key(kind)], 1)
    envelope.payload += b"x"
    with pytest.raises(VerificationError):
        envelope.verify([their_key(kind)], 1)


def test_the_peer_does_not_know_plain_ml_dsa() -> None:
    """What `peer_limits` says; should this fail one day, the sentence can go."""
    envelope = Envelope.from_dict(json.loads(sign(Dsse(), "ML-DSA-65", DATA)))
    with pytest.raises(VerificationError):
        envelope.verify([their_key("ML-DSA-65")], 1)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_we_accept_the_peers(kind: str) -> None:
    envelope = Envelope(DATA, "text/plain", {})
    envelope.sign(CryptoSigner(key_of(kind), their_key(kind)))
    raw = json.dumps(envelope.to_dict()).encode()
    verdict = verify(Dsse(), raw, DATA, trusting(kind))
    assert verdict.valid, verdict.headline
    assert not verify(Dsse(), raw, b"other", trusting(kind)).valid
    wrong = json.dumps(envelope.to_dict() | {"payloadType": "text/html"}).encode()
    assert not verify(Dsse(), wrong, DATA, trusting(kind)).valid
