"""Signed Windows programs as osslsigncode sees them, and the other way round."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from tests.fakes.certificates import CODE, DAY, NOW, Made, make
from tests.fakes.formats import Hierarchy, flipped, key_of, sign, verify
from tests.fakes.older_stamps import OlderAuthority, served
from tests.fakes.programs import program
from workbench.signing.formats.authenticode import Authenticode
from workbench.signing.formats.pe import read_image


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def osslsigncode(*arguments: object) -> tuple[int, str]:
    tool = shutil.which("osslsigncode")
    assert tool, "needs osslsigncode; packaging/test brings it"
    done = subprocess.run(
        [tool, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "LC_ALL": "C"},
    )
    return done.returncode, done.stdout + done.stderr


def verified(lab: Hierarchy, folder: Path, made: bytes) -> tuple[int, str]:
    (folder / "it.exe").write_bytes(made)
    (folder / "root.pem").write_bytes(lab.root.pem)
    return osslsigncode(
        *("verify", "-in", folder / "it.exe", "-CAfile", folder / "root.pem"),
        *("-TSA-CAfile", folder / "root.pem", "-time", str(int(NOW.timestamp()))),
    )


@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA"])
@pytest.mark.parametrize("bits", [32, 64])
def test_osslsigncode_takes_it(lab: Hierarchy, tmp_path: Path, kind: str, bits: int) -> None:
    form = Authenticode(description="A program", url="https://example.org/")
    made = sign(form, kind, program(bits=bits), lab.chain(kind))
    code, said = verified(lab, tmp_path, made)
    assert code == 0, said
    assert "Signature verification: ok" in said
    assert "A program" in said
    assert re.search(r"PE checksum +: [0-9A-F]{8}", said)
    assert "invalid PE checksum" not in said


def test_osslsigncode_takes_a_timestamp(lab: Hierarchy, tmp_path: Path) -> None:
    form = Authenticode(timestamper=lab.authority().respond)
    code, said = verified(lab, tmp_path, sign(form, "RSA", program(), lab.chain("RSA")))
    assert code == 0, said
    assert "Timestamp verified" in said or "Timestamp Server Signature verification: ok" in said


def test_osslsigncode_refuses_what_was_changed(lab: Hierarchy, tmp_path: Path) -> None:
    made = bytearray(sign(Authenticode(), "RSA", program(), lab.chain("RSA")))
    made[0x210] ^= 1
    code, said = verified(lab, tmp_path, bytes(made))
    assert code != 0
    assert "MISMATCH" in said


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_what_osslsigncode_signs_verifies_here(lab: Hierarchy, tmp_path: Path, kind: str) -> None:
    chain = [load_der_x509_certificate(one).public_bytes(Encoding.PEM) for one in lab.chain(kind)]
    (tmp_path / "chain.pem").write_bytes(b"".join(chain))
    (tmp_path / "key.pem").write_bytes(
        key_of(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (tmp_path / "in.exe").write_bytes(program())
    code, said = osslsigncode(
        *("sign", "-certs", tmp_path / "chain.pem", "-key", tmp_path / "key.pem", "-h", "sha256"),
        *("-n", "A program", "-in", tmp_path / "in.exe", "-out", tmp_path / "out.exe"),
    )
    assert code == 0, said
    made = (tmp_path / "out.exe").read_bytes()
    verdict = verify(Authenticode(), made, None, lab.trust)
    assert verdict.valid, verdict.headline
    ours = sign(Authenticode(), kind, program(), lab.chain(kind))
    assert read_image(made).end == read_image(ours).end
    changed = made.replace(b"\x31\xc0\xc3", b"\x31\xc0\xc2", 1)
    assert not verify(Authenticode(), changed, None, lab.trust).valid


def stamped(lab: Hierarchy, folder: Path, authority: OlderAuthority, leaf: Made) -> bytes:
    """Return a program that osslsigncode signed and had counter-signed by an older authority."""
    (folder / "chain.pem").write_bytes(leaf.pem + lab.sub.pem)
    (folder / "key.pem").write_bytes(
        key_of("RSA").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / "in.exe").write_bytes(program())
    (folder / "out.exe").unlink(missing_ok=True)
    with served(authority) as url:
        code, said = osslsigncode(
            *("sign", "-certs", folder / "chain.pem", "-key", folder / "key.pem", "-h", "sha256"),
            *("-t", url, "-in", folder / "in.exe", "-out", folder / "out.exe"),
        )
    assert code == 0, said
    return (folder / "out.exe").read_bytes()


def test_timestamps_of_before_rfc_3161_count(lab: Hierarchy, tmp_path: Path) -> None:
    short = make(
        "Short", lab.sub, key=key_of("RSA"), ca=False, eku=(CODE,), end=NOW + DAY,
    )  # fmt: skip
    made = stamped(lab, tmp_path, OlderAuthority.of(lab), short)
    code, said = verified(lab, tmp_path, made)
    assert code == 0, said
    assert "Timestamp Server Signature verification: ok" in said
    later = replace(lab.trust, moment=NOW + 30 * DAY)
    verdict = verify(Authenticode(), made, None, later)
    assert verdict.valid, verdict.headline
    (part,) = verdict.parts[0].parts
    assert (part.kind, part.title, part.moment) == ("timestamp", "Timestamp", NOW)
    assert part.links
    assert "before RFC 3161" in next(
        one.sentence for one in part.checks if one.name == "Kind of timestamp"
    )
    # Without it, the certificate has ended.
    bare = OlderAuthority.of(lab, moment=NOW + 2 * DAY)
    assert not verify(Authenticode(), stamped(lab, tmp_path, bare, short), None, later).valid
    for wrong in flipped(made, [len(made) - 40, made.rindex(b"260601120000Z") + 3]):
        assert not verify(Authenticode(), wrong, None, later).valid
        assert not verify(Authenticode(), wrong, None, lab.trust).valid


def test_older_timestamps_that_do_not_count(lab: Hierarchy, tmp_path: Path) -> None:
    leaf, coder = lab.leaf("RSA"), lab.leaf("P-256")
    wrong: dict[str, OlderAuthority] = {
        "no time": OlderAuthority.of(lab, moment=None),
        "in the future": OlderAuthority.of(lab, moment=NOW + DAY),
        "before its certificate": OlderAuthority.of(lab, moment=NOW - 9 * DAY),
        "weak": OlderAuthority.of(lab, digest="sha1"),
        "a signer of code": OlderAuthority((coder, lab.sub)),
        "a stranger": OlderAuthority.of(Hierarchy()),
    }
    for name, authority in wrong.items():
        made = stamped(lab, tmp_path, authority, leaf)
        verdict = verify(Authenticode(), made, None, lab.trust)
        assert not verdict.valid, name
        failed = [one.name for one in verdict.checks if one.state == "failed"]
        assert failed, name
        assert all(one.startswith("Timestamp") for one in failed), (name, failed)
