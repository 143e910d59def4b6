"""Signed JARs as the JDK's jarsigner sees them, and the other way round. JDK 17 knows no ML-DSA."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_der_x509_certificate

from tests.fakes import jars
from tests.fakes.formats import Hierarchy, key_of, sign, verify
from workbench.signing.formats.jar import Jar


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def jarsigner(*arguments: object) -> tuple[int, str]:
    program = shutil.which("jarsigner")
    assert program, "needs jarsigner of a JDK; packaging/test brings it"
    done = subprocess.run(
        [program, "-J-Duser.language=en", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA", "Ed25519"])
def test_jarsigner_takes_it(lab: Hierarchy, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "it.jar"
    path.write_bytes(sign(Jar(), kind, jars.archive(), lab.chain(kind)))
    code, said = jarsigner("-verify", "-verbose", "-certs", path)
    assert code == 0
    assert "jar verified." in said
    assert f"CN=Signer {kind}" in said
    assert "unsigned entries" not in said


def test_jarsigner_takes_two_and_a_timestamp(lab: Hierarchy, tmp_path: Path) -> None:
    path = tmp_path / "it.jar"
    form = Jar(timestamper=lab.authority().respond)
    first = sign(form, "P-256", jars.archive(), lab.chain("P-256"))
    path.write_bytes(sign(Jar(), "RSA", first, lab.chain("RSA")))
    code, said = jarsigner("-verify", "-verbose", "-certs", path)
    assert code == 0
    assert "jar verified." in said
    assert "Timestamped by" in said
    assert "CN=Signer P-256" in said
    assert "CN=Signer RSA" in said


def test_jarsigner_refuses_what_was_changed(lab: Hierarchy, tmp_path: Path) -> None:
    path = tmp_path / "it.jar"
    made = sign(Jar(), "P-256", jars.archive(), lab.chain("P-256"))
    path.write_bytes(jars.changed(made, lambda them: them.update({"org/Main.class": b"evil"})))
    code, said = jarsigner("-verify", path)
    assert code != 0 or "jar verified" not in said


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_what_jarsigner_signs_verifies_here(lab: Hierarchy, tmp_path: Path, kind: str) -> None:
    chain = [load_der_x509_certificate(one) for one in lab.chain(kind)]
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption

    store = tmp_path / "store.p12"
    store.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"it", key_of(kind), chain[0], chain[1:], BestAvailableEncryption(b"password")
        )
    )
    path = tmp_path / "it.jar"
    path.write_bytes(jars.archive())
    code, said = jarsigner(
        *("-keystore", store, "-storetype", "PKCS12", "-storepass", "password", path, "it")
    )
    assert code == 0, said
    verdict = verify(Jar(), path.read_bytes(), None, lab.trust)
    assert verdict.valid, verdict.headline
    changed = jars.changed(path.read_bytes(), lambda them: them.update({"x": b"evil"}))
    assert not verify(Jar(), changed, None, lab.trust).valid
    both = sign(Jar(), "ML-DSA-65", path.read_bytes(), lab.chain("ML-DSA-65"))
    verdict = verify(Jar(), both, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert len(verdict.parts) == 2
    path.write_bytes(both)
    assert "jar verified." in jarsigner("-verify", path)[1]
