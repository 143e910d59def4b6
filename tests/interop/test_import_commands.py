"""The commands that the import dialog shows, run as they stand by a shell and by OpenSSL."""

import shlex
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from tests.fakes.imported_kms import ImportedKms
from workbench.base.clock import TravelClock
from workbench.ui.panes.keys import import_terms as terms


@pytest.mark.parametrize("suffix", [".der", ".pem"])
@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        ("SYMMETRIC_DEFAULT", terms.OAEP_256),
        ("HMAC_384", terms.OAEP_1),
        ("ECC_NIST_P256", terms.WRAP_256),
        ("ECC_NIST_P256", terms.WRAP_1),
    ],
)
def test_what_the_shown_commands_wrap_is_what_kms_unwraps(
    openssl: str, tmp_path: Path, spec: str, algorithm: str, suffix: str
) -> None:
    kms = ImportedKms(TravelClock())
    key = kms.add("it's a key", spec=spec)
    parameters = terms.get_parameters(kms, key.id, algorithm, "RSA_2048")
    folder = tmp_path / "a folder; with $(signs)"
    folder.mkdir()
    public, wrapped = folder / f"wrapping key{suffix}", folder / "wrapped.bin"
    terms.save_public_key(parameters, public)
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / "private-key.pem").write_bytes(pem)
    programs = tmp_path / "programs"
    programs.mkdir()
    stand_in = programs / "openssl"
    stand_in.write_text(f'#!/bin/sh\nexec {shlex.quote(openssl)} "$@"\n')
    stand_in.chmod(0o755)
    subprocess.run(
        ["/bin/sh", "-e", "-c", terms.commands(spec, algorithm, public, wrapped)],
        cwd=folder,
        env={"PATH": f"{programs}:/usr/bin:/bin"},
        check=True,
        capture_output=True,
        timeout=30,
    )
    kms.import_key_material(
        KeyId=key.id,
        ImportToken=parameters.token,
        EncryptedKeyMaterial=terms.read_import_file(wrapped),
    )
    secret = key.materials[0].secret
    if spec.startswith("ECC_"):
        assert load_der_private_key(secret, None).public_key() == private.public_key()
    else:
        assert secret == (folder / "key-material.bin").read_bytes()
    assert not (folder / "aes-key.bin").exists(), "nothing that unwraps is left behind"
