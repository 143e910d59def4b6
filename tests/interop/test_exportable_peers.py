"""Exported private keys in the hands of others: OpenSSL, Java, and a TLS server."""

import hashlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import want
from tests.fakes.engine import make_bench
from tests.fakes.exportable import PASSWORD, issue_exportable, make_authority_of, make_wrapping
from workbench.bench import Bench

SPECS = ["ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "RSA_2048"]


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(one) for one in command], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = make_bench(tmp_path_factory.mktemp("exportable") / "vault")
    make_wrapping(made, "exports")
    yield made
    made.close()


@pytest.fixture(scope="module")
def authority(bench: Bench) -> str:
    return make_authority_of(bench)


def export(bench: Bench, leaf: dict[str, Any], form: str) -> bytes:
    answer = bench.shelf.export_certificate_key(
        CertificateId=leaf["Id"], Format=form, Password=PASSWORD, CertificateChain="WITH_ROOT"
    )
    return bytes(answer["Data"])


@pytest.mark.parametrize("spec", SPECS)
def test_openssl_opens_both_forms(
    bench: Bench, authority: str, openssl: str, tmp_path: Path, spec: str
) -> None:
    leaf = issue_exportable(bench, "alias/exports", spec, authority)
    container, alone, own = (tmp_path / name for name in ("web.p12", "key.pem", "leaf.pem"))
    container.write_bytes(export(bench, leaf, "PKCS12"))
    alone.write_bytes(export(bench, leaf, "PKCS8"))
    own.write_text(leaf["Certificate"])
    secret = f"pass:{PASSWORD}"
    said = run(openssl, "pkcs12", "-in", container, "-passin", secret, "-info", "-nodes")
    kept = "PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF hmacWithSHA256"
    assert f"Shrouded Keybag: {kept}" in said
    assert said.count("BEGIN CERTIFICATE") == 2
    assert said.count("BEGIN PRIVATE KEY") == 1
    assert "friendlyName: www.example.org" in said
    of_key = run(openssl, "pkey", "-in", alone, "-passin", secret, "-pubout")
    assert of_key == run(openssl, "x509", "-in", own, "-noout", "-pubkey")
    tree = run(openssl, "asn1parse", "-in", alone)
    assert all(word in tree for word in ("PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc"))
    assert ":0927C0" in tree, "600,000 rounds"
    wrong = subprocess.run(
        [openssl, "pkey", "-in", str(alone), "-passin", "pass:another", "-noout"],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert wrong.returncode


def test_java_opens_the_container(bench: Bench, authority: str, tmp_path: Path) -> None:
    keytool = shutil.which("keytool") or want("keytool")
    leaf = issue_exportable(bench, "alias/exports", authority=authority)
    file = tmp_path / "web.p12"
    file.write_bytes(export(bench, leaf, "PKCS12"))
    said = run(keytool, "-list", "-v", "-keystore", file, "-storepass", PASSWORD)
    assert "Entry type: PrivateKeyEntry" in said
    assert "Certificate chain length: 2" in said
    shown = re.search(r"SHA256: ([0-9A-F:]+)", said)
    assert shown is not None
    assert shown[1].replace(":", "").lower() == leaf["Id"]


def test_a_tls_server_runs_with_it(bench: Bench, authority: str, tmp_path: Path) -> None:
    leaf = issue_exportable(bench, "alias/exports", authority=authority)
    chain, key, root = (tmp_path / name for name in ("chain.pem", "key.pem", "root.pem"))
    chain.write_text(leaf["Certificate"])
    key.write_bytes(export(bench, leaf, "PKCS8"))
    root.write_text(leaf["CertificateChain"])
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(chain, key, PASSWORD)
    trusting = ssl.create_default_context(cafile=root)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            plain, _ = listening.accept()
            with plain, served.wrap_socket(plain, server_side=True) as secure:
                secure.sendall(b"hello")

        thread = threading.Thread(target=serve)
        thread.start()
        with (
            socket.create_connection(listening.getsockname(), timeout=20) as plain,
            trusting.wrap_socket(plain, server_hostname="www.example.org") as secure,
        ):
            assert secure.recv(5) == b"hello"
            peer = secure.getpeercert(binary_form=True)
        thread.join(20)
    assert peer is not None
    assert hashlib.sha256(peer).hexdigest() == leaf["Id"]
