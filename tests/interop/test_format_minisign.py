"""Another implementation of minisign and the workbench on each other's signatures."""

import os
from pathlib import Path

import minisign
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.fakes.certificates import NOW
from tests.fakes.formats import key_of, kms_for, signing_for, spki
from workbench.crypto.keys import public_to_der
from workbench.signing.formats.base import FileContent, Trust, TrustedKey
from workbench.signing.formats.minisign import Minisign, public_file, read_public_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "release.tar"
    path.write_bytes(os.urandom(3000))
    return path


@pytest.mark.parametrize("legacy", [False, True])
def test_the_peer_accepts_ours(file: Path, *, legacy: bool) -> None:
    form = Minisign(legacy=legacy, comment="release 1")
    raw = form.sign(kms_for("Ed25519"), signing_for("Ed25519"), FileContent(file))
    key = minisign.PublicKey.from_bytes(public_file(spki(key_of("Ed25519"))))
    signature = minisign.Signature.from_bytes(raw)
    assert signature.is_prehashed() is not legacy
    assert signature.trusted_comment == "release 1"
    key.verify_file(file, signature)
    file.write_bytes(b"other")
    with pytest.raises(minisign.VerifyError):
        key.verify_file(file, signature)


@pytest.mark.parametrize("prehash", [False, True])
def test_we_accept_the_peers(file: Path, *, prehash: bool) -> None:
    pair = minisign.KeyPair.generate()
    signature = pair.secret_key.sign_file(file, prehash=prehash, trusted_comment="theirs")
    number, public = read_public_file(bytes(pair.public_key))
    assert len(number) == 8
    assert public == public_to_der(
        ed25519.Ed25519PublicKey.from_public_bytes(pair.public_key._keynum_pk.public_key)
    )
    trust = Trust(NOW, (TrustedKey("a peer", public),))
    verdict = Minisign().verify(bytes(signature), FileContent(file), trust)
    assert verdict.valid, verdict.headline
    assert any("theirs" in check.sentence for check in verdict.checks)
    file.write_bytes(b"other")
    assert not Minisign().verify(bytes(signature), FileContent(file), trust).valid
