"""OpenSSL and the workbench on each other's CAdES signatures and timestamps."""

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.certificates import NOW
from tests.fakes.formats import ALL_KINDS, Hierarchy, key_of, kms_for, sign, signing_for
from tests.fakes.kms_client import FakeKms
from workbench.signing.formats.base import FileContent, signing_with
from workbench.signing.formats.cades import Cades
from workbench.signing.formats.timestamp import FileTimestamp

KINDS = [*ALL_KINDS, "secp256k1"]
AT = str(int(NOW.timestamp()))
CONFIG = """\
[tsa]
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
serial = serial
ess_cert_id_chain = no
ess_cert_id_alg = sha256
tsa_name = no
"""


class Bench:
    """OpenSSL in a folder with a hierarchy, and a file."""

    def __init__(self, folder: Path, openssl: str) -> None:
        self.folder, self.openssl = folder, openssl
        self.lab = Hierarchy()
        self.file = folder / "release.tar"
        self.file.write_bytes(os.urandom(70_000))
        (folder / "root.pem").write_bytes(self.lab.root.pem)
        (folder / "sub.pem").write_bytes(self.lab.sub.pem)
        (folder / "stamper.pem").write_bytes(self.lab.stamper.pem)
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(CONFIG)
        self.leaves = {kind: self.lab.leaf(kind) for kind in KINDS}
        for kind, leaf in self.leaves.items():
            (folder / f"{kind}.pem").write_bytes(leaf.pem)
            key = key_of(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (folder / f"{kind}.key").write_bytes(key)

    def chain(self, kind: str) -> tuple[bytes, ...]:
        return self.leaves[kind].der, self.lab.sub.der, self.lab.root.der

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.openssl, *(os.fspath(word) for word in words)],
            capture_output=True, text=True, check=False, cwd=self.folder, timeout=60,
        )  # fmt: skip

    def accepts(self, signature: bytes, *more: str) -> bool:
        (self.folder / "it.p7s").write_bytes(signature)
        done = self.run(
            "cms", "-verify", "-cades", "-inform", "DER", "-in", "it.p7s", "-content", self.file,
            "-CAfile", "root.pem", "-purpose", "codesign", "-binary", "-out", os.devnull,
            "-attime", AT, *more,
        )  # fmt: skip
        return done.returncode == 0

    def stamp_accepted(self, response: bytes, file: Path) -> bool:
        (self.folder / "it.tsr").write_bytes(response)
        done = self.run(
            "ts", "-verify", "-in", "it.tsr", "-data", file, "-CAfile", "root.pem",
            "-untrusted", "sub.pem", "-attime", AT,
        )  # fmt: skip
        return done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, openssl: str) -> Bench:
    return Bench(tmp_path_factory.mktemp("cades"), openssl)


@pytest.mark.parametrize("stamp", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_openssl_accepts_ours(bench: Bench, kind: str, *, stamp: bool) -> None:
    form = Cades(timestamper=bench.lab.authority().respond if stamp else None)
    signing = signing_for(kind, bench.chain(kind))
    signature = form.sign(kms_for(kind), signing, FileContent(bench.file))
    assert bench.accepts(signature)
    verdict = form.verify(signature, FileContent(bench.file), bench.lab.trust)
    assert verdict.valid, verdict.headline
    assert not bench.accepts(signature[:-1] + bytes((signature[-1] ^ 1,))) or stamp


def test_openssl_accepts_two_signers_and_refuses_one_that_is_broken(bench: Bench) -> None:
    kinds = ("P-256", "ML-DSA-65")
    kms = FakeKms(**{kind: key_of(kind) for kind in kinds})
    signings = [signing_with(kms, kind, NOW, bench.chain(kind)) for kind in kinds]
    signature = Cades().sign_all(kms, signings, FileContent(bench.file))
    assert bench.accepts(signature)
    for start in (signature.find(b"\x04\x82\x0c\xed"), len(signature)):  # ML-DSA-65's 3,309 bytes
        place = start + 40 if start < len(signature) else start - 1
        broken = bytearray(signature)
        broken[place] ^= 1
        assert not bench.accepts(bytes(broken))
        assert not Cades().verify(bytes(broken), FileContent(bench.file), bench.lab.trust).valid


def by_openssl(bench: Bench, *more: str) -> bytes:
    done = bench.run(
        "cms", "-sign", "-cades", "-binary", "-in", bench.file, "-certfile", "sub.pem",
        "-outform", "DER", "-out", "theirs.p7s", *more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return (bench.folder / "theirs.p7s").read_bytes()


@pytest.mark.parametrize(("kind", "digest"), [
    ("P-256", "sha256"), ("P-384", "sha384"), ("secp256k1", "sha256"),
    ("RSA", "sha512"), ("Ed25519", "sha512"), ("ML-DSA-44", "sha512"),
    ("ML-DSA-65", "sha512"), ("ML-DSA-87", "sha512"),
])  # fmt: skip
def test_we_accept_openssls(bench: Bench, kind: str, digest: str) -> None:
    signature = by_openssl(bench, "-md", digest, "-signer", f"{kind}.pem", "-inkey", f"{kind}.key")
    verdict = Cades().verify(signature, FileContent(bench.file), bench.lab.trust)
    assert verdict.valid, verdict.headline
    other = bench.folder / "other"
    other.write_bytes(b"other")
    assert not Cades().verify(signature, FileContent(other), bench.lab.trust).valid


def test_we_accept_openssls_two_signers(bench: Bench) -> None:
    more = [word for kind in ("P-256", "ML-DSA-65")
            for word in ("-signer", f"{kind}.pem", "-inkey", f"{kind}.key")]  # fmt: skip
    signature = by_openssl(bench, "-md", "sha512", *more)
    verdict = Cades().verify(signature, FileContent(bench.file), bench.lab.trust)
    assert verdict.valid, verdict.headline
    assert "P-256" in verdict.signer
    assert "ML-DSA-65" in verdict.signer


@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "RSA"])
@pytest.mark.parametrize("digest", ["SHA-256", "SHA-512"])
def test_openssl_accepts_our_timestamps(bench: Bench, kind: str, digest: str) -> None:
    lab = Hierarchy(kind)
    (bench.folder / "root.pem").write_bytes(lab.root.pem)
    (bench.folder / "sub.pem").write_bytes(lab.sub.pem)
    try:
        form = FileTimestamp(digest=digest)
        data = bench.file.read_bytes()
        response = sign(form, kind, data, lab.stamping().chain)
        assert bench.stamp_accepted(response, bench.file)
        other = bench.folder / "other"
        other.write_bytes(b"other")
        assert not bench.stamp_accepted(response, other)
        damaged = response[:-1] + bytes((response[-1] ^ 1,))
        assert not bench.stamp_accepted(damaged, bench.file)
    finally:
        (bench.folder / "root.pem").write_bytes(bench.lab.root.pem)
        (bench.folder / "sub.pem").write_bytes(bench.lab.sub.pem)


@pytest.mark.parametrize("cert", [False, True])
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_we_answer_openssls_request(bench: Bench, digest: str, *, cert: bool) -> None:
    more = ["-cert"] if cert else []
    done = bench.run("ts", "-query", "-data", bench.file, f"-{digest}", "-out", "it.tsq", *more)
    assert done.returncode == 0, done.stderr
    answer = bench.lab.authority().respond((bench.folder / "it.tsq").read_bytes())
    (bench.folder / "it.tsr").write_bytes(answer)
    chain = bench.folder / "chain.pem"
    chain.write_bytes(bench.lab.stamper.pem + bench.lab.sub.pem)
    done = bench.run(
        "ts", "-verify", "-in", "it.tsr", "-queryfile", "it.tsq", "-CAfile", "root.pem",
        "-untrusted", chain, "-attime", AT,
    )  # fmt: skip
    assert "Verification: OK" in done.stdout + done.stderr, done.stderr


@pytest.mark.parametrize("ess", ["sha256", "sha1", "sha1 chain"])
@pytest.mark.parametrize("token", [False, True])
def test_we_accept_openssls_timestamps(bench: Bench, ess: str, *, token: bool) -> None:
    config = CONFIG.replace("_alg = sha256", f"_alg = {ess.split(maxsplit=1)[0]}")
    if "chain" in ess:
        config = config.replace("_chain = no", "_chain = yes")
    (bench.folder / "tsa.cnf").write_text(config)
    key = bench.folder / "P-256.key"
    query = ("ts", "-query", "-data", bench.file, "-sha512", "-cert", "-out", "it.tsq")
    assert bench.run(*query).returncode == 0
    more = ["-token_out"] if token else []
    done = bench.run(
        "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "it.tsq",
        "-signer", "stamper.pem", "-inkey", key, "-chain", "sub.pem", "-out", "theirs.tsr", *more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    response = (bench.folder / "theirs.tsr").read_bytes()
    form = FileTimestamp()
    verdict = form.verify(response, FileContent(bench.file), bench.lab.trust)
    failed = [check.name for check in verdict.checks if not check.passed]
    # OpenSSL stamps with the computer's clock, which is not that of the certificates.
    assert failed in ([], ["Timestamp time"]), verdict.headline
    older = "Timestamp certificate" in [check.name for check in verdict.checks]
    assert older is ("sha1" in ess)


@pytest.mark.parametrize("kind", ["ML-DSA-65", "Ed25519"])
def test_openssl_does_not_know_these_in_timestamps(bench: Bench, kind: str) -> None:
    """What `peer_limits` says; should this fail one day, the sentence can go."""
    lab = Hierarchy(kind)
    response = sign(FileTimestamp(), kind, bench.file.read_bytes(), lab.stamping().chain)
    assert not bench.stamp_accepted(response, bench.file)
