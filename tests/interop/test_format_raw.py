"""Raw signatures made by `openssl dgst` and `openssl pkeyutl`, as files, under our verifier."""

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.certificates import NOW
from tests.fakes.formats import key_of, trusting
from workbench.base.clock import TravelClock
from workbench.signing.verify import Verifier

PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
WHOLE = ("pkeyutl", "-sign", "-rawin")
CASES = {
    "P-256": ("P-256", ("dgst", "-sha256")),
    "P-384": ("P-384", ("dgst", "-sha384")),
    "P-521": ("P-521", ("dgst", "-sha512")),
    "RSA-PKCS1-SHA-256": ("RSA", ("dgst", "-sha256")),
    "RSA-PKCS1-SHA-512": ("RSA", ("dgst", "-sha512")),
    "RSA-PSS-SHA-256": ("RSA", ("dgst", "-sha256", *PSS)),
    "RSA-PSS-SHA-384": ("RSA", ("dgst", "-sha384", *PSS)),
    "Ed25519": ("Ed25519", WHOLE),
    "ML-DSA-44": ("ML-DSA-44", WHOLE),
    "ML-DSA-65": ("ML-DSA-65", WHOLE),
    "ML-DSA-87": ("ML-DSA-87", WHOLE),
}


def by_openssl(openssl: str, folder: Path, kind: str, words: tuple[str, ...]) -> tuple[Path, Path]:
    """Return a file and the signature that OpenSSL made of it."""
    file, signature, key = folder / "it.bin", folder / "it.bin.sig", folder / "key.pem"
    file.write_bytes(os.urandom(3000))
    key.write_bytes(key_of(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    where = ("-inkey", key, "-in", file) if words[0] == "pkeyutl" else ("-sign", key)
    last = () if words[0] == "pkeyutl" else (file,)
    done = subprocess.run(
        [openssl, *words, *where, "-out", signature, *last],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return file, signature


@pytest.mark.parametrize(("kind", "words"), CASES.values(), ids=CASES)
def test_we_accept_openssls(
    openssl: str, tmp_path: Path, kind: str, words: tuple[str, ...]
) -> None:
    file, signature = by_openssl(openssl, tmp_path, kind, words)
    verifier = Verifier(TravelClock(NOW))
    verdict = verifier.check(file, signature, trusting(kind))
    assert verdict.valid, verdict.headline
    stranger = "P-384" if kind == "P-256" else "P-256"
    assert not verifier.check(file, signature, trusting(stranger)).valid
    made, data = signature.read_bytes(), file.read_bytes()
    for damaged in (made[:-1], made + b"\0", made[:9] + bytes((made[9] ^ 1,)) + made[10:]):
        signature.write_bytes(damaged)
        assert not verifier.check(file, signature, trusting(kind)).valid
    signature.write_bytes(made)
    file.write_bytes(data + b"\n")
    assert not verifier.check(file, signature, trusting(kind)).valid
