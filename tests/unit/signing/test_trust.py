"""Whom to believe, from files of many kinds; never a private key."""

import base64
import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.fakes.certificates import NOW
from tests.fakes.formats import ALL_KINDS, Hierarchy, key_of, sign, spki, verify
from workbench.base.errors import EnvironmentFault, Refused
from workbench.pki.parse import LARGEST_INPUT
from workbench.signing.equivalent import public_pem
from workbench.signing.formats.base import Trust
from workbench.signing.formats.jose import jwk
from workbench.signing.formats.minisign import public_file
from workbench.signing.formats.registry import FORMATS
from workbench.signing.formats.sshsig import Sshsig, public_line
from workbench.signing.trust import read_keys, system_roots, trusted_keys

SSH_KINDS = [kind for kind in ALL_KINDS if not kind.startswith("ML-DSA")]


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_way_to_write_a_public_key(kind: str) -> None:
    key = spki(key_of(kind))
    pem = public_pem(key).encode()
    ways = [pem, key, json.dumps(jwk(key)).encode(), json.dumps({"keys": [jwk(key)]}).encode()]
    if kind in SSH_KINDS:
        ways += [f"{public_line(key)} ann\n".encode(), f"ann {public_line(key)}".encode()]
    if kind == "Ed25519":
        ways.append(public_file(key))
    for data in ways:
        (found,) = read_keys(data, "“the file”")
        assert found.public_key == key, data
        assert found.name


def test_names_come_from_where_they_are_written() -> None:
    key = spki(key_of("Ed25519"))
    line = public_line(key)
    named = {**jwk(key), "kid": "release key"}
    for data, name in (
        (f"{line} ann@lab\n".encode(), "ann@lab"),
        (f'bob@lab namespaces="git" {line}\n'.encode(), "bob@lab"),
        (json.dumps(named).encode(), "release key"),
        (public_pem(key).encode(), "“k.pem”"),
    ):
        assert read_keys(data, "“k.pem”")[0].name == name
    lab = Hierarchy()
    certificate = lab.leaf("P-256")
    (found,) = read_keys(certificate.pem, "x")
    assert found.name == "CN=Signer P-256, O=Lab"
    assert found.public_key == spki(key_of("P-256"))


def test_several_keys_in_one_file() -> None:
    keys = [spki(key_of(kind)) for kind in ("P-256", "ML-DSA-65")]
    found = read_keys("".join(map(public_pem, keys)).encode(), "x")
    assert [one.public_key for one in found] == keys
    lines = "\n".join(["# comment", public_line(spki(key_of("P-256"))), "not a line", ""])
    assert len(read_keys(lines.encode(), "x")) == 1


def test_a_private_key_is_refused() -> None:
    key = key_of("Ed25519")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret = {**jwk(spki(key)), "d": base64.urlsafe_b64encode(os.urandom(32)).decode()}
    shared = {"kty": "oct", "k": "AAAA"}
    for data in (pem, json.dumps(secret).encode(), json.dumps(shared).encode()):
        with pytest.raises(Refused, match="private key") as refused:
            read_keys(data, "x")
        assert secret["d"] not in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [b"", b"text", b"{}", b'{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', b"ssh-ed25519 AAAA",
     b'{"kty":"AKP","alg":"ML-DSA-65","pub":"AAAA"}', b"\x30\x03\x02\x01\x00",
     b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"],
)  # fmt: skip
def test_what_is_no_key_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="There is no public key in"):
        read_keys(data, "“it”")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(EnvironmentFault):
        trusted_keys(path)
    path.write_text(public_pem(spki(key_of("P-256"))))
    assert trusted_keys(path)[0].name == "“key.pem”"


def test_the_systems_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Hierarchy()
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(lab.root.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    assert system_roots() == (lab.root.der,)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert system_roots() == (lab.root.der,)


def signers(options: str) -> bytes:
    return f"ann@lab {options} {public_line(spki(key_of('Ed25519')))}\n".encode()


def test_restrictions_of_allowed_signers_are_kept() -> None:
    form = Sshsig(namespace="git")
    signature = sign(form, "Ed25519", b"content")
    for options, good in (
        ("", True),
        ('namespaces="git"', True),
        ('namespaces="file,g?t"', True),
        ('namespaces="file"', False),
        ('namespaces="*,!git"', False),
        ('valid-after="20200101"', True),
        ('valid-after="20990101Z"', False),
        ('valid-before="20200101"', False),
        ('valid-before="209901010000Z",namespaces="git"', True),
        ('VALID-BEFORE="20200101",namespaces="git"', False),
    ):
        trust = Trust(NOW, read_keys(signers(options), "the file"))
        verdict = verify(form, signature, b"content", trust)
        assert verdict.valid is good, options
        assert good or "the key of ann@lab" in verdict.headline


@pytest.mark.parametrize(
    "options",
    ["cert-authority", 'cert-authority,namespaces="git"', "unknown", 'valid-before="soon"',
     "valid-before", 'namespaces=""', 'namespaces="a",namespaces="b"', 'valid-after="2020-1-1"'],
)  # fmt: skip
def test_what_is_no_signer_or_not_understood_is_not_trusted(options: str) -> None:
    with pytest.raises(Refused, match="no public key"):
        read_keys(signers(options), "the file")


def test_known_hosts_are_no_signers() -> None:
    line = public_line(spki(key_of("Ed25519")))
    for mark in ("@revoked", "@cert-authority"):
        with pytest.raises(Refused, match="no public key"):
            read_keys(f"{mark} * {line}\n".encode(), "the file")


def test_a_restricted_key_signs_in_no_other_format() -> None:
    for name in ("minisign", "raw", "jws", "cose-sign1", "dsse"):
        form = FORMATS[name]
        signature = sign(form, "Ed25519", b"content")
        free = Trust(NOW, read_keys(signers(""), "the file"))
        assert verify(form, signature, b"content", free).valid
        for options in ('namespaces="file"', 'valid-before="20200101"'):
            bound = Trust(NOW, read_keys(signers(options), "the file"))
            assert not verify(form, signature, b"content", bound).valid


def test_rsa_keys_as_pkcs1_has_them() -> None:
    key = key_of("RSA").public_key()
    other = public_pem(spki(key_of("P-256"))).encode()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    assert pem.startswith(b"-----BEGIN RSA PUBLIC KEY-----")
    der = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    for data in (pem, der):
        (found,) = read_keys(data, "x")
        assert found.public_key == spki(key_of("RSA"))
    assert len(read_keys(other + b"text between\n" + pem + other, "x")) == 3


def test_a_file_too_large_for_keys_is_not_taken_for_one_without(tmp_path: Path) -> None:
    file = tmp_path / "keys.pem"
    pem = public_pem(spki(key_of("P-256"))).encode()
    file.write_bytes(pem + b"\n" * (LARGEST_INPUT - len(pem)))
    assert len(trusted_keys(file)) == 1
    file.write_bytes(pem + b"\n" * (LARGEST_INPUT + 1 - len(pem)))
    with pytest.raises(Refused, match="is larger than the 16 MiB read for public keys"):
        trusted_keys(file)
