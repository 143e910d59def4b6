"""The main job against the real OpenSSL, from a dropped file to its verdict and back."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.engine import make_bench
from workbench.bench import Bench
from workbench.pki.parse import pem
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key, trusted_roots
from workbench.signing.equivalent import openssl_verify_command
from workbench.signing.jobs import FileState, FileView
from workbench.signing.recipe import make_recipe

ALGORITHMS = ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "EC_prime256v1", "EC_secp384r1", "RSA_3072"]
DIGESTS = {
    "ML_DSA_44": ["SHA-512", "SHAKE256", "SHA-256"],
    "ML_DSA_65": ["SHA-512", "SHAKE256", "SHA-384"],
    "ML_DSA_87": ["SHA-512", "SHAKE256"],
    "EC_prime256v1": ["SHA-256"],
    "EC_secp384r1": ["SHA-384"],
    "RSA_3072": ["SHA-256", "SHA-512"],
}
CASES = [(algorithm, digest) for algorithm in ALGORITHMS for digest in DIGESTS[algorithm]]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = make_bench(tmp_path_factory.mktemp("main-job") / "vault")
    for algorithm in ALGORITHMS:
        request = HierarchyRequest(
            root_name=f"Root {algorithm}",
            subordinate_name=f"Subordinate {algorithm}",
            signer_name=f"Signer {algorithm}",
            algorithm=algorithm,
            alias=f"alias/{algorithm}",
        )
        made.create_hierarchy(request, lambda text, share: None)
    yield made
    made.close()


def sign(bench: Bench, paths: Sequence[Path], algorithm: str, **choices: Any) -> list[FileView]:
    key = f"alias/{algorithm}"
    chain = chain_for_key(bench.kms, bench.shelf, key)
    recipe = make_recipe(bench.kms, key, chain, **choices)
    job = bench.jobs.submit(recipe, paths)
    view = bench.jobs.wait(job, 60)
    assert view.total == view.done + view.failed
    return list(bench.jobs.files(job, 0, view.total))


@pytest.mark.parametrize(("algorithm", "digest"), CASES)
def test_openssl_verifies_what_we_sign(
    bench: Bench, openssl: str, tmp_path: Path, algorithm: str, digest: str
) -> None:
    file = tmp_path / "release notes 'final'.bin"
    file.write_bytes(b"release\0" * 5000)
    root = tmp_path / "root.pem"
    root.write_text(pem(chain_for_key(bench.kms, bench.shelf, f"alias/{algorithm}")[-1]) + "\n")
    (signed,) = sign(bench, [file], algorithm, digest=digest)
    assert signed.state is FileState.DONE
    assert signed.output is not None
    command = openssl_verify_command(file, signed.output, root)
    answer = subprocess.run(
        ["bash", "-c", command.replace("openssl", f'"{openssl}"', 1)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "CMS Verification successful" in answer.stderr, answer.stderr
    file.write_bytes(b"changed")
    answer = subprocess.run(
        ["bash", "-c", command.replace("openssl", f'"{openssl}"', 1)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode != 0


@pytest.mark.parametrize(
    ("name", "arguments", "digest", "extra"),
    [
        ("ml-dsa-65", ["-algorithm", "ML-DSA-65"], "sha512", []),
        ("ml-dsa-87 keyid", ["-algorithm", "ML-DSA-87"], "sha512", ["-keyid"]),
        ("ml-dsa-44 shake", ["-algorithm", "ML-DSA-44"], "shake256", []),
        ("p256", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "sha512", []),
        ("rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "sha512", []),
        (
            "rsa-pss",
            ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            "sha256",
            ["-keyopt", "rsa_padding_mode:pss"],
        ),
    ],
)
def test_we_verify_what_openssl_signs(
    bench: Bench,
    openssl: str,
    tmp_path: Path,
    name: str,
    arguments: list[str],
    digest: str,
    extra: list[str],
) -> None:
    def run(*words: str) -> None:
        subprocess.run([openssl, *words], check=True, capture_output=True, cwd=tmp_path)

    (tmp_path / "root.cnf").write_text(
        "[req]\ndistinguished_name=dn\nx509_extensions=ca\nprompt=no\n[dn]\nCN=Outside Root\n"
        "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
        "subjectKeyIdentifier=hash\n"
        "[leaf]\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        "extendedKeyUsage=critical,codeSigning\nsubjectKeyIdentifier=hash\n"
        "authorityKeyIdentifier=keyid\n"
    )
    run("genpkey", *arguments, "-out", "root.key")
    run("genpkey", *arguments, "-out", "leaf.key")
    run("req", "-new", "-x509", "-key", "root.key", "-out", "root.pem", "-days", "3650",
        "-config", "root.cnf")  # fmt: skip
    run("req", "-new", "-key", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=Outside Signer",
        "-config", "root.cnf")  # fmt: skip
    run("x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-out",
        "leaf.pem", "-days", "365", "-extfile", "root.cnf", "-extensions", "leaf")  # fmt: skip
    file = tmp_path / "file"
    file.write_bytes(name.encode() * 1000)
    run("cms", "-sign", "-md", digest, "-in", "file", "-binary", "-signer", "leaf.pem", "-inkey",
        "leaf.key", "-outform", "DER", "-out", "file.p7s", *extra)  # fmt: skip
    root = read_pem(tmp_path / "root.pem")
    verdict = bench.verifier.verify(file, tmp_path / "file.p7s", [root])
    assert verdict.valid, verdict
    assert verdict.signer == "CN=Outside Signer"
    untrusted = bench.verifier.verify(file, tmp_path / "file.p7s", trusted_roots(bench.shelf))
    assert not untrusted.valid
    file.write_bytes(b"another")
    verdict = bench.verifier.verify(file, tmp_path / "file.p7s", [root])
    assert not verdict.valid
    assert "is not the file that was signed" in verdict.headline


def read_pem(path: Path) -> bytes:
    from workbench.pki.parse import read_certificates

    return read_certificates(path.read_bytes())[0].der


def test_long_attributes_go_as_mu(bench: Bench, openssl: str, tmp_path: Path) -> None:
    """Both routes into the module give signatures that verify: RAW and EXTERNAL_MU."""
    from workbench.signing.work import sign_message

    key = "alias/ML_DSA_65"
    recipe = make_recipe(bench.kms, key, chain_for_key(bench.kms, bench.shelf, key))
    public = tmp_path / "public.der"
    public.write_bytes(recipe.public_key)
    for size in (4096, 4097, 100_000):
        message = tmp_path / f"message-{size}"
        message.write_bytes(b"m" * size)
        signature = tmp_path / f"signature-{size}"
        signature.write_bytes(sign_message(bench.kms, recipe, message.read_bytes()))
        answer = subprocess.run(
            [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-keyform", "DER",
             "-rawin", "-in", str(message), "-sigfile", str(signature)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Signature Verified Successfully" in answer.stdout + answer.stderr, answer.stderr
