"""The command line run as a process, under a private home."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.command_line import Answer
from tests.fakes.engine import make_bench
from tests.fakes.signers import KEY, sign
from workbench.pki.parse import pem
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key

PASSPHRASE = "correct horse battery staple"
DASHES = "alias/our-very-own-signing-key"
SIGNED = "signed.bin"
PATIENCE = 40.0
REPOSITORY = Path(__file__).parents[2]


@dataclass
class Shell:
    """Runs the command line under a private home, without a keyring or a desktop.

    Attributes:
        home: where its vault is.
        root: a trusted root, PEM.
        temporary: its folder for temporary files.
    """

    home: Path
    root: Path
    temporary: Path

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.temporary),
            "KEY_WORKBENCH_HOME": str(self.home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "TMPDIR": str(self.temporary),
            "QT_QPA_PLATFORM": "offscreen",
            **more,
        }

    def start(
        self, *arguments: str | bytes | Path, pass_fds: Sequence[int] = (), **more: str
    ) -> subprocess.Popen[bytes]:
        words: list[str | bytes | Path] = [sys.executable, "-m", "workbench", *arguments]
        return subprocess.Popen(
            words,
            cwd=REPOSITORY,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=pass_fds,
        )

    def run(
        self, *arguments: str | bytes | Path, passphrase: str | None = None, **more: str
    ) -> Answer:
        with contextlib.ExitStack() as stack:
            descriptors: list[int] = []
            if passphrase is not None:
                reading, writing = os.pipe()
                stack.callback(os.close, reading)
                os.write(writing, passphrase.encode() + b"\n")
                os.close(writing)
                descriptors.append(reading)
                arguments = (*arguments, "--passphrase-fd", str(reading))
            process = stack.enter_context(self.start(*arguments, pass_fds=descriptors, **more))
            stack.callback(process.kill)
            out, err = process.communicate(timeout=PATIENCE)
        return Answer(process.returncode, out.decode(), err.decode())

    def sign(self, *arguments: str | bytes | Path, key: str = KEY) -> Answer:
        return self.run("sign", *arguments, "--key", key, passphrase=PASSPHRASE)


def make_shell(folder: Path) -> Shell:
    """Make a vault that signs, its root certificate and a signed file in `folder`."""
    home, root, temporary = folder / "home", folder / "root.pem", folder / "tmp"
    temporary.mkdir()
    bench = make_bench(home)
    made = bench.create_hierarchy(HierarchyRequest(alias=KEY), lambda text, share: None)
    bench.kms.create_alias(AliasName=DASHES, TargetKeyId=made.key_id)
    bench.kms.create_key(KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")
    plain = bench.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    bench.kms.create_alias(AliasName="alias/uncertified", TargetKeyId=plain["KeyMetadata"]["KeyId"])
    root.write_text(pem(chain_for_key(bench.kms, bench.shelf, KEY)[-1]) + "\n")
    signed = folder / SIGNED
    signed.write_bytes(b"content" * 100)
    sign(bench, [signed])
    bench.close()
    return Shell(home, root, temporary)
