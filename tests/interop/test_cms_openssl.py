"""Signatures both ways between the workbench and the command line of OpenSSL."""

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.certificates import CODE, DAY, NOW, Chain, Made, make
from tests.fakes.kms_client import FakeKms
from workbench.base.clock import SystemClock, TravelClock
from workbench.signing.equivalent import openssl_verify_command
from workbench.signing.recipe import make_recipe
from workbench.signing.verify import Verdict, Verifier
from workbench.signing.work import FileSigner

KINDS: dict[str, Callable[[], Any]] = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey.generate,
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}
OURS = [
    ("ML-DSA-44", "SHA-512", False),
    ("ML-DSA-44", "SHA-256", False),
    ("ML-DSA-65", "SHA-512", False),
    ("ML-DSA-65", "SHAKE256", False),
    ("ML-DSA-65", "SHA-384", False),
    ("ML-DSA-87", "SHA-512", False),
    ("ML-DSA-87", "SHAKE256", False),
    ("P-256", "SHA-256", False),
    ("P-384", "SHA-384", False),
    ("P-521", "SHA-512", False),
    ("RSA", "SHA-256", False),
    ("RSA", "SHA-512", False),
    ("RSA", "SHA-256", True),
    ("Ed25519", "SHA-512", False),
]
THEIRS = [
    ("ML-DSA-44", "sha512"),
    ("ML-DSA-65", "sha512"),
    ("ML-DSA-65", "sha384"),
    ("ML-DSA-65", "sha3-512"),
    ("ML-DSA-65", "shake256"),
    ("ML-DSA-87", "sha512"),
    ("P-256", "sha256"),
    ("P-256", "sha512"),
    ("P-384", "sha384"),
    ("RSA", "sha256"),
    ("RSA", "sha512"),
    ("Ed25519", "sha512"),
]


class Bench:
    """A chain, a leaf of every kind below it, and a folder."""

    def __init__(self, folder: Path, openssl: str) -> None:
        self.folder = folder
        self.openssl = openssl
        self.chain = Chain()
        self.leaves = {
            kind: make(kind, self.chain.sub, key=new(), ca=False, eku=(CODE,))
            for kind, new in KINDS.items()
        }
        (folder / "root.pem").write_bytes(self.chain.root.pem)
        (folder / "sub.pem").write_bytes(self.chain.sub.pem)
        for kind, leaf in self.leaves.items():
            (folder / f"{kind}.pem").write_bytes(leaf.pem)
            key = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (folder / f"{kind}.key").write_bytes(key)

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        # The certificates are valid around a fixed date; OpenSSL is told to judge at it.
        return subprocess.run(
            [self.openssl, "cms", *(os.fspath(word) for word in words)],
            capture_output=True, text=True, check=False, cwd=self.folder, timeout=60,
        )  # fmt: skip

    def accepts(self, file: Path, *more: str) -> bool:
        done = self.run(
            "-verify", "-inform", "DER", "-in", f"{file}.p7s", "-content", file,
            "-CAfile", "root.pem", "-purpose", "codesign", "-binary", "-out", os.devnull,
            "-attime", str(int(NOW.timestamp())), *more,
        )  # fmt: skip
        return done.returncode == 0 and "CMS Verification successful" in done.stderr

    def sign(self, file: Path, kind: str, digest: str = "", *, pss: bool = False) -> Path:
        leaf = self.leaves[kind]
        recipe = make_recipe(
            FakeKms(key=leaf.key), "key", (leaf.der, self.chain.sub.der, self.chain.root.der),
            digest, pss=pss, replace_existing=True,
        )  # fmt: skip
        signer = FileSigner(FakeKms(key=leaf.key), recipe, TravelClock(NOW))
        return signer.sign(file, lambda _state: None).output

    def verify(self, file: Path | None, signature: Path, *roots: Made) -> Verdict:
        trusted = [root.der for root in roots or (self.chain.root,)]
        return Verifier(SystemClock()).verify(file, signature, trusted, moment=NOW)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, openssl: str) -> Bench:
    return Bench(tmp_path_factory.mktemp("openssl"), openssl)


def content(bench: Bench, size: int = 70_000) -> Path:
    file = bench.folder / "content.bin"
    file.write_bytes(os.urandom(size))
    return file


@pytest.mark.parametrize(("kind", "digest", "pss"), OURS)
def test_openssl_accepts_ours_and_so_do_we(
    bench: Bench, kind: str, digest: str, *, pss: bool
) -> None:
    file = content(bench)
    signature = bench.sign(file, kind, digest, pss=pss)
    assert bench.accepts(file)
    verdict = bench.verify(file, signature)
    assert verdict.valid, verdict.headline
    assert verdict.digest == digest


@pytest.mark.parametrize("size", [0, 1])
def test_openssl_accepts_tiny_files(bench: Bench, size: int) -> None:
    file = content(bench, size)
    assert bench.verify(file, bench.sign(file, "ML-DSA-65")).valid
    assert bench.accepts(file)


def test_openssl_refuses_a_changed_file(bench: Bench) -> None:
    file = content(bench)
    bench.sign(file, "ML-DSA-65")
    with file.open("r+b") as stream:
        stream.write(b"changed")
    assert not bench.accepts(file)


def by_openssl(bench: Bench, file: Path, kind: str, *more: str) -> Path:
    signature = bench.folder / f"{file.name}.p7s"
    done = bench.run(
        "-sign", "-binary", "-in", file, "-signer", f"{kind}.pem", "-inkey", f"{kind}.key",
        "-certfile", "sub.pem", "-outform", "DER", "-out", signature, *more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return signature


@pytest.mark.parametrize("keyid", [False, True])
@pytest.mark.parametrize(("kind", "digest"), THEIRS)
def test_we_accept_openssls(bench: Bench, kind: str, digest: str, *, keyid: bool) -> None:
    file = content(bench)
    signature = by_openssl(bench, file, kind, "-md", digest, *(["-keyid"] if keyid else []))
    verdict = bench.verify(file, signature)
    assert verdict.valid, verdict.headline
    assert verdict.signing_time is not None
    file.write_bytes(b"other")
    assert not bench.verify(file, signature).valid


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_we_accept_openssls_pss(bench: Bench, digest: str) -> None:
    file = content(bench)
    signature = by_openssl(bench, file, "RSA", "-md", digest, "-keyopt", "rsa_padding_mode:pss")
    assert bench.verify(file, signature).valid


def test_we_accept_openssls_content_inside(bench: Bench) -> None:
    file = content(bench)
    signature = by_openssl(bench, file, "ML-DSA-65", "-md", "sha512", "-nodetach")
    assert bench.verify(None, signature).valid
    assert bench.verify(file, signature).valid
    file.write_bytes(b"other")
    assert not bench.verify(file, signature).valid


def test_we_accept_openssls_pem(bench: Bench) -> None:
    file = content(bench)
    signature = by_openssl(bench, file, "ML-DSA-65", "-md", "sha512", "-outform", "PEM")
    assert signature.read_bytes().startswith(b"-----BEGIN CMS")
    assert bench.verify(file, signature).valid


def test_we_refuse_openssls_digest_that_is_too_weak(bench: Bench) -> None:
    file = content(bench)
    signature = by_openssl(bench, file, "ML-DSA-65", "-md", "sha256")
    assert bench.accepts(file)  # OpenSSL does not hold to RFC 9882's table
    verdict = bench.verify(file, signature)
    assert not verdict.valid
    assert "RFC 9882" in verdict.checks[0].rule


def test_openssls_ber_is_refused_with_the_way_out(bench: Bench) -> None:
    file = content(bench)
    signature = by_openssl(bench, file, "ML-DSA-65", "-md", "sha512", "-stream")
    verdict = bench.verify(file, signature)
    assert not verdict.valid
    assert "openssl cms -cmsout" in verdict.headline
    rewritten = bench.folder / "rewritten.p7s"
    done = bench.run(
        "-cmsout", "-inform", "DER", "-outform", "DER", "-in", signature, "-out", rewritten
    )
    assert done.returncode == 0
    assert bench.verify(file, rewritten).valid


def test_openssls_certificates_may_be_elsewhere(bench: Bench) -> None:
    file = content(bench)
    signature = by_openssl(bench, file, "ML-DSA-65", "-md", "sha512", "-nocerts")
    assert not bench.verify(file, signature).valid
    more = [bench.leaves["ML-DSA-65"].der, bench.chain.sub.der]
    verdict = Verifier(SystemClock()).verify(
        file, signature, [bench.chain.root.der], more, moment=NOW
    )
    assert verdict.valid, verdict.headline


@pytest.mark.parametrize(
    "name", ["plain", "with space", 'quote\'s "too"', "line\nbreak", "-rf", "$(id) `x` ; é"]
)
def test_the_equivalent_command_can_be_pasted(bench: Bench, name: str) -> None:
    assert_pasted_command_works(bench, name)


def test_the_equivalent_command_can_name_undecodable_bytes(bench: Bench) -> None:
    assert_pasted_command_works(bench, os.fsdecode(b"\xff\xfe'a\\9"))


def assert_pasted_command_works(bench: Bench, name: str) -> None:
    file = bench.folder / name
    file.write_bytes(b"content")
    signature = bench.sign(file, "ML-DSA-65")
    line = openssl_verify_command(file, signature, bench.folder / "root.pem")
    line += f" -attime {int(NOW.timestamp())}"
    line = line.replace("openssl", shlex.quote(bench.openssl), 1)
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, check=False, text=True, timeout=60
    )
    assert "CMS Verification successful" in done.stderr, done.stderr


def test_what_has_expired_is_refused_by_both(bench: Bench) -> None:
    file = content(bench)
    signature = bench.sign(file, "P-256")
    later = NOW + 400 * DAY
    verdict = Verifier(SystemClock()).verify(file, signature, [bench.chain.root.der], moment=later)
    assert not verdict.valid
    assert "expired" in verdict.headline
    assert not bench.accepts(file, "-attime", str(int(later.timestamp())))
