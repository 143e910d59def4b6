"""Real peers as processes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fakes.shell import SIGNED, Shell, make_shell

OLDEST = (3, 5)  # the first OpenSSL with ML-DSA, ML-KEM and RFC 9882


def _version(program: Path) -> tuple[int, int]:
    try:
        done = subprocess.run([program, "version"], capture_output=True, text=True, check=False)
    except OSError:
        return (0, 0)
    found = re.match(r"OpenSSL (\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@pytest.fixture(scope="session")
def openssl() -> str:
    """Path of an OpenSSL command line of version 3.5 or newer."""
    fetched = Path(__file__).resolve().parents[2] / ".cache" / "openssl" / "bin" / "openssl"
    named = os.environ.get("KEY_WORKBENCH_OPENSSL", "")
    for program in (named, fetched, shutil.which("openssl") or ""):
        if program and _version(Path(program)) >= OLDEST:
            return str(program)
    reason = "needs the command line of OpenSSL 3.5 or newer; packaging/test brings it"
    if os.environ.get("KEY_WORKBENCH_TESTS") == "full":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A command line with a vault of its own."""
    return make_shell(tmp_path_factory.mktemp("cli"))


@pytest.fixture(scope="session")
def signed(shell: Shell) -> Path:
    """A file that the shell's vault has signed."""
    return shell.root.with_name(SIGNED)
