"""Raw signatures: nothing in them says whose they are, so the trusted keys decide."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.formats import (
    ALL_KINDS,
    cut,
    flipped,
    kms_for,
    refused_everywhere,
    sign,
    signing_for,
    trusting,
    verify,
)
from workbench.base.errors import Refused
from workbench.signing.formats.base import FileContent
from workbench.signing.formats.raw import RawSignature

DATA = b"to be signed"
FORM = RawSignature()


@pytest.mark.parametrize("kind", [*ALL_KINDS, "secp256k1"])
def test_every_kind_of_key(kind: str) -> None:
    signature = sign(FORM, kind, DATA)
    verdict = verify(FORM, signature, DATA, trusting(kind))
    assert verdict.valid, verdict.headline
    assert verdict.signer == f"Ann's {kind}"
    assert not verify(FORM, signature, DATA + b"!", trusting(kind)).valid
    others = [one for one in ALL_KINDS if one != kind]
    assert not verify(FORM, signature, DATA, trusting(*others)).valid


@pytest.mark.parametrize("pss", [True, False])
@pytest.mark.parametrize("digest", ["SHA-256", "SHA-384", "SHA-512"])
def test_rsa_as_aws_has_it(digest: str, *, pss: bool) -> None:
    form = RawSignature(digest=digest, pss=pss)
    verdict = verify(FORM, sign(form, "RSA", DATA), DATA, trusting("RSA"))
    assert verdict.valid
    assert verdict.algorithm.endswith(digest[-3:])
    assert ("PSS" in verdict.algorithm) is pss


@pytest.mark.parametrize("kind", ["P-256", "ML-DSA-44"])
def test_damage_is_found(kind: str) -> None:
    signature = sign(FORM, kind, DATA)

    def damaged() -> Iterator[bytes]:
        yield from flipped(signature, range(0, len(signature), 13))
        yield from cut(signature, 31)
        yield signature + b"\0"

    assert refused_everywhere(FORM, damaged(), DATA, trusting(kind)) > 5


def test_large_files_are_read_in_pieces(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(range(256)) * 4096)
    for kind in ("P-256", "ML-DSA-65"):
        made = FORM.sign(kms_for(kind), signing_for(kind), FileContent(file))
        assert FORM.verify(made, FileContent(file), trusting(kind)).valid
    with pytest.raises(Refused, match="at most 4096 bytes"):
        FORM.sign(kms_for("Ed25519"), signing_for("Ed25519"), FileContent(file))


def test_what_is_missing_is_named() -> None:
    signature = sign(FORM, "P-256", DATA)
    assert [need.kind for need in verify(FORM, signature, DATA, trusting()).needs] == ["key"]
    assert [need.kind for need in verify(FORM, signature, None, trusting("P-256")).needs] == [
        "file"
    ]


def test_a_digest_that_does_not_go_with_the_key_is_refused() -> None:
    with pytest.raises(Refused, match="does not sign with SHA-512"):
        RawSignature(digest="SHA-512").algorithm("ECC_NIST_P256")
    with pytest.raises(Refused, match="no signatures with 'MD5'"):
        RawSignature(digest="MD5")


@pytest.mark.parametrize("kind", [*ALL_KINDS, "secp256k1"])
def test_what_the_aws_command_line_prints_is_read(kind: str) -> None:
    signature = sign(FORM, kind, DATA)
    text = base64.b64encode(signature)
    printed = json.dumps({"KeyId": "x", "Signature": text.decode(), "SigningAlgorithm": "y"})
    wrapped = b"\r\n".join(text[n : n + 64] for n in range(0, len(text), 64))
    for way in (text, text + b"\n", wrapped, printed.encode(), printed.encode() + b"\n"):
        assert verify(FORM, way, DATA, trusting(kind)).valid, way[:80]
        assert not verify(FORM, way, DATA + b"!", trusting(kind)).valid
    other = base64.b64encode(sign(FORM, kind, DATA + b"!"))
    assert not verify(FORM, other, DATA, trusting(kind)).valid


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{}",
        b'{"Signature": 1}',
        b'{"Signature": ""}',
        b'{"Signature": "A"}',
        b"A",
        b"===",
    ],
    ids=["empty", "brace", "no member", "number", "nothing", "no base64", "one letter", "padding"],
)
def test_what_is_no_signature_is_not_valid(data: bytes) -> None:
    assert not verify(FORM, data, DATA, trusting("P-256")).valid
