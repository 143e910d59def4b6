"""OpenSSH signatures: what is written, what is refused."""

import base64
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.formats import (
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
from workbench.base.errors import Refused
from workbench.signing.formats.base import Broken, BytesContent
from workbench.signing.formats.sshsig import Sshsig, fingerprint, public_line, read_sshsig

KINDS = ["Ed25519", "P-256", "P-384", "P-521", "RSA"]
DATA = b"release 1.0\n" * 1000
FORM = Sshsig()


def armoured(blob: bytes) -> bytes:
    return b"\n".join(
        (b"-----BEGIN SSH SIGNATURE-----", base64.b64encode(blob), b"-----END SSH SIGNATURE-----")
    )


def blob_of(signature: bytes) -> bytes:
    return base64.b64decode(b"".join(signature.split(b"\n")[1:-2]))


@pytest.mark.parametrize("digest", ["SHA-256", "SHA-512"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_signed_is_verified(kind: str, digest: str) -> None:
    form = Sshsig(digest=digest)
    signature = sign(form, kind, DATA)
    assert form.sniff(signature[:64])
    verdict = verify(form, signature, DATA, trusting(kind))
    assert verdict.valid, verdict.headline
    assert verdict.digest == digest
    assert verdict.signer == f"Ann's {kind}"
    assert not verify(form, signature, DATA + b"x", trusting(kind)).valid


def test_a_stranger_is_named_and_not_believed() -> None:
    verdict = verify(FORM, sign(FORM, "Ed25519", DATA), DATA, trusting("P-256"))
    assert [check.name for check in verdict.checks if not check.passed] == ["Trusted key"]
    assert fingerprint(spki(key_of("Ed25519"))) in verdict.headline


def test_another_namespace_is_refused() -> None:
    signature = sign(Sshsig(namespace="git"), "Ed25519", DATA)
    verdict = verify(FORM, signature, DATA, trusting("Ed25519"))
    assert [check.name for check in verdict.checks if not check.passed] == ["Namespace"]
    assert verify(Sshsig(namespace="git"), signature, DATA, trusting("Ed25519")).valid


def test_the_file_is_asked_for() -> None:
    verdict = verify(FORM, sign(FORM, "Ed25519", DATA), None, trusting("Ed25519"))
    assert not verdict.valid
    assert "Drop that file" in verdict.headline


@pytest.mark.parametrize("kind", ["ML-DSA-65", "secp256k1"])
def test_keys_that_ssh_has_not_are_refused(kind: str) -> None:
    with pytest.raises(Refused, match="no signature algorithm"):
        sign(FORM, kind, DATA)


def test_the_limit_of_peers_is_said() -> None:
    assert "ML-DSA" in Sshsig.peer_limits


@pytest.mark.parametrize("choice", [{"namespace": ""}, {"namespace": "a\nb"}, {"digest": "SHA-1"}])
def test_choices_that_break_the_format_cannot_be_made(choice: dict[str, str]) -> None:
    with pytest.raises(Refused):
        Sshsig(**choice)


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_every_flipped_bit_is_refused(kind: str) -> None:
    blob = blob_of(sign(FORM, kind, DATA))
    damaged = (armoured(one) for one in flipped(blob))
    assert refused_everywhere(FORM, damaged, DATA, trusting(kind)) == len(blob)


def test_cut_off_followed_and_second_meanings_are_refused() -> None:
    signature = sign(FORM, "Ed25519", DATA)
    blob = blob_of(signature)
    lines = signature.split(b"\n")
    wrong = [
        *cut(signature[:-1]),
        *(armoured(one) for one in cut(blob)),
        armoured(blob + b"\0"),
        signature + b"x",
        signature + signature,
        b" " + signature,
        b"\n".join([lines[0], lines[1] + b"=", *lines[2:]]),
        b"\n".join([lines[0], b" " + lines[1], *lines[2:]]),
    ]
    refused_everywhere(FORM, wrong, DATA, trusting("Ed25519"))


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def parts(blob: bytes) -> list[bytes]:
    found, at = [], 10
    while at < len(blob):
        size = struct.unpack(">I", blob[at : at + 4])[0]
        found.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    return found


@pytest.mark.parametrize(
    ("kind", "place", "value"),
    [
        ("RSA", 4, string(b"ssh-rsa") + string(bytes(256))),  # SHA-1
        ("Ed25519", 4, string(b"rsa-sha2-512") + string(bytes(64))),
        ("Ed25519", 4, string(b"ssh-ed25519") + string(bytes(63))),
        ("Ed25519", 3, b"sha1"),
        ("Ed25519", 1, b""),
        ("P-256", 4, string(b"ecdsa-sha2-nistp256") + string(string(b"\0\1") + string(b"\1"))),
        ("P-256", 4, string(b"ecdsa-sha2-nistp256") + string(string(b"\xff") + string(b"\1"))),
        ("P-256", 4, string(b"ecdsa-sha2-nistp256") + string(string(b"") + string(b"\1"))),
        ("P-256", 0, string(b"ssh-dss") + string(b"\1")),
        ("P-256", 0, b""),
    ],
)
def test_forged_parts_are_refused(kind: str, place: int, value: bytes) -> None:
    blob = blob_of(sign(FORM, kind, DATA))
    given = parts(blob)
    given[place] = value
    forged = armoured(blob[:10] + b"".join(map(string, given)))
    refused_everywhere(FORM, [forged], DATA, trusting(kind))


def test_a_later_version_is_refused() -> None:
    blob = blob_of(sign(FORM, "Ed25519", DATA))
    with pytest.raises(Broken, match="version 2"):
        read_sshsig(armoured(blob[:6] + struct.pack(">I", 2) + blob[10:]))


def test_what_is_reserved_is_signed() -> None:
    blob = blob_of(sign(FORM, "Ed25519", DATA))
    given = parts(blob)
    given[2] = b"tag"
    forged = armoured(blob[:10] + b"".join(map(string, given)))
    verdict = verify(FORM, forged, DATA, trusting("Ed25519"))
    assert [check.name for check in verdict.checks if not check.passed] == ["Signature"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_anything_else_is_refused_without_an_exception(noise: bytes) -> None:
    for data in (noise, armoured(noise), armoured(b"SSHSIG\0\0\0\1" + noise)):
        with pytest.raises(Broken):
            read_sshsig(data)


def test_the_key_is_handed_what_openssh_signs() -> None:
    kms = kms_for("Ed25519")
    FORM.sign(kms, signing_for("Ed25519"), BytesContent(b""))
    ((algorithm, kind, message),) = kms.asked
    assert (algorithm, kind) == ("ED25519_SHA_512", "RAW")
    assert message.startswith(b"SSHSIG\0\0\0\4file\0\0\0\0\0\0\0\6sha512\0\0\0\x40")
    assert public_line(spki(key_of("Ed25519"))).startswith("ssh-ed25519 AAAA")
