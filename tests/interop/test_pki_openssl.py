"""What the CA issues, seen by the OpenSSL command line."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.pki import PkiBench, make_pki_bench
from workbench.pki.csr import make_csr
from workbench.pki.names import from_subject
from workbench.pki.quickstart import Hierarchy

ALGORITHMS = ("ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "EC_prime256v1", "EC_secp384r1", "RSA_2048")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PkiBench]:
    made = make_pki_bench(tmp_path_factory.mktemp("interop") / "vault")
    yield made
    made.close()


def run(openssl: str, *arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [openssl, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def files(folder: Path, made: Hierarchy) -> tuple[Path, Path, Path]:
    paths = (folder / "root.pem", folder / "sub.pem", folder / "leaf.pem")
    pems = (made.root_pem, made.subordinate_pem, made.certificate_pem)
    for path, pem in zip(paths, pems, strict=True):
        path.write_text(pem)
    return paths


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_chain_verifies_for_code_signing_and_nothing_else(
    openssl: str, bench: PkiBench, tmp_path: Path, algorithm: str
) -> None:
    root, sub, leaf = files(tmp_path, bench.hierarchy(f"alias/{algorithm}", algorithm))
    base = ("verify", "-x509_strict", "-CAfile", root)
    code, said = run(openssl, *base, "-untrusted", sub, "-purpose", "codesign", leaf)
    assert (code, said.strip()) == (0, f"{leaf}: OK")
    code, said = run(openssl, *base, "-untrusted", sub, "-purpose", "sslserver", leaf)
    assert code != 0
    assert "purpose" in said
    assert run(openssl, *base, "-purpose", "codesign", leaf)[0] != 0
    assert run(openssl, *base, sub)[0] == 0


def extensions(text: str) -> list[tuple[str, bool, str]]:
    """Read `openssl x509 -text`'s extensions: name, critical, content on one line."""
    body = text.split("X509v3 extensions:")[1].split("Signature Algorithm:", maxsplit=1)[0]
    found: list[tuple[str, bool, str]] = []
    for line in body.splitlines():
        head = re.match(r" {12}(\S.*?): ?(critical)?\s*$", line)
        if head:
            found.append((head[1], bool(head[2]), ""))
        elif line.strip() and found:
            title, critical, content = found[-1]
            found[-1] = (title, critical, f"{content} {line.strip()}".strip())
    return found


def test_the_text_of_the_certificates_is_that_of_the_templates(
    openssl: str, bench: PkiBench, tmp_path: Path
) -> None:
    root, sub, leaf = files(tmp_path, bench.hierarchy("alias/text", "ML_DSA_65"))
    shown = {p: run(openssl, "x509", "-in", p, "-noout", "-text")[1] for p in (root, sub, leaf)}
    keys = {
        p: next(c for t, _, c in extensions(text) if t == "X509v3 Subject Key Identifier")
        for p, text in shown.items()
    }
    key_of = "X509v3 Subject Key Identifier"
    issuer_of = "X509v3 Authority Key Identifier"
    assert extensions(shown[leaf]) == [
        ("X509v3 Basic Constraints", False, "CA:FALSE"),
        (issuer_of, False, keys[sub]),
        (key_of, False, keys[leaf]),
        ("X509v3 Key Usage", True, "Digital Signature"),
        ("X509v3 Extended Key Usage", True, "Code Signing"),
    ]
    ca_usage = ("X509v3 Key Usage", True, "Digital Signature, Certificate Sign, CRL Sign")
    assert extensions(shown[sub]) == [
        ("X509v3 Basic Constraints", True, "CA:TRUE, pathlen:0"),
        (issuer_of, False, keys[root]),
        (key_of, False, keys[sub]),
        ca_usage,
    ]
    assert extensions(shown[root]) == [
        ("X509v3 Basic Constraints", True, "CA:TRUE"),
        (key_of, False, keys[root]),
        ca_usage,
    ]
    for text in shown.values():
        assert "Signature Algorithm: ML-DSA-65" in text
        assert "Public Key Algorithm: ML-DSA-65" in text
        assert "Version: 3 (0x2)" in text


def test_ml_dsa_identifiers_have_no_parameters(
    openssl: str, bench: PkiBench, tmp_path: Path
) -> None:
    root, *_ = files(tmp_path, bench.hierarchy("alias/parameters", "ML_DSA_65"))
    _, text = run(openssl, "asn1parse", "-in", root)
    lines = text.splitlines()
    at = [number for number, line in enumerate(lines) if ":ML-DSA-65" in line]
    assert len(at) == 3
    for number in at:
        assert re.search(r"hl=2 l=  11 cons: SEQUENCE", lines[number - 1])


@pytest.mark.parametrize(
    "spec", ["ML_DSA_65", "ECC_NIST_P256", "RSA_2048", "ECC_NIST_EDWARDS25519"]
)
def test_a_request_verifies(openssl: str, bench: PkiBench, tmp_path: Path, spec: str) -> None:
    key = bench.kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    subject = from_subject({"CommonName": "Leaf", "Organization": "Lab"})
    path = tmp_path / "request.pem"
    path.write_text(make_csr(bench.kms, key, subject))
    code, said = run(openssl, "req", "-in", path, "-noout", "-verify", "-text")
    assert code == 0
    assert "self-signature verify OK" in said
    assert "CA:FALSE" in said
    _, subject_line = run(openssl, "req", "-in", path, "-noout", "-subject")
    assert subject_line.strip() == "subject=O=Lab, CN=Leaf"
