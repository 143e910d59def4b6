"""OpenSSH's own program and the workbench on each other's signatures."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.formats import key_of, kms_for, signing_for, spki, trusting
from workbench.signing.formats.base import FileContent
from workbench.signing.formats.sshsig import Sshsig, public_line

KINDS = ["Ed25519", "P-256", "P-384", "P-521", "RSA"]


class Keygen:
    """`ssh-keygen` in a folder with a key of each kind and a list of allowed signers."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.program = program
        self.file = folder / "release.tar"
        self.file.write_bytes(os.urandom(300_000))
        lines = []
        for kind in KINDS:
            key = key_of(kind).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
            place = folder / kind
            place.write_bytes(key)
            place.chmod(0o600)
            line = public_line(spki(key_of(kind)))
            (folder / f"{kind}.pub").write_text(f"{line}\n")
            lines.append(f"{kind}@lab {line}\n")
        (folder / "allowed").write_text("".join(lines))

    def run(self, *words: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [self.program, "-Y", *words],
            input=given, capture_output=True, check=False, cwd=self.folder, timeout=60,
        )  # fmt: skip

    def accepts(self, kind: str, signature: bytes, namespace: str = "file") -> bool:
        (self.folder / "it.sig").write_bytes(signature)
        done = self.run(
            "verify", "-f", "allowed", "-I", f"{kind}@lab", "-n", namespace, "-s", "it.sig",
            given=self.file.read_bytes(),
        )  # fmt: skip
        return done.returncode == 0

    def sign(self, kind: str, *more: str) -> bytes:
        (self.folder / "release.tar.sig").unlink(missing_ok=True)
        done = self.run("sign", "-f", kind, "-n", "file", *more, self.file.name)
        assert done.returncode == 0, done.stderr
        return (self.folder / "release.tar.sig").read_bytes()

    def ours(self, kind: str, **choices: Any) -> bytes:
        form = Sshsig(**choices)
        return form.sign(kms_for(kind), signing_for(kind), FileContent(self.file))


@pytest.fixture(scope="module")
def keygen(tmp_path_factory: pytest.TempPathFactory) -> Keygen:
    program = shutil.which("ssh-keygen")
    if program is None:
        reason = "needs ssh-keygen; packaging/test brings it"
        if os.environ.get("KEY_WORKBENCH_TESTS") == "full":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return Keygen(tmp_path_factory.mktemp("ssh"), program)


@pytest.mark.parametrize("digest", ["SHA-256", "SHA-512"])
@pytest.mark.parametrize("kind", KINDS)
def test_openssh_accepts_ours(keygen: Keygen, kind: str, digest: str) -> None:
    signature = keygen.ours(kind, digest=digest)
    assert keygen.accepts(kind, signature)
    assert not keygen.accepts(kind, signature, "git")
    other = KINDS[(KINDS.index(kind) + 1) % len(KINDS)]
    assert not keygen.accepts(other, signature)
    done = keygen.run(
        "check-novalidate", "-n", "file", "-s", "it.sig", given=keygen.file.read_bytes()
    )
    assert done.returncode == 0, done.stderr
    done = keygen.run("check-novalidate", "-n", "file", "-s", "it.sig", given=b"other")
    assert done.returncode != 0


@pytest.mark.parametrize("digest", ["sha256", "sha512"])
@pytest.mark.parametrize("kind", KINDS)
def test_we_accept_opensshs(keygen: Keygen, kind: str, digest: str) -> None:
    signature = keygen.sign(kind, "-O", f"hashalg={digest}")
    verdict = Sshsig().verify(signature, FileContent(keygen.file), trusting(kind))
    assert verdict.valid, verdict.headline
    stranger = Sshsig().verify(signature, FileContent(keygen.file), trusting())
    assert not stranger.valid


def test_a_deterministic_signature_is_the_same_to_the_byte(keygen: Keygen) -> None:
    assert keygen.ours("Ed25519") == keygen.sign("Ed25519")
