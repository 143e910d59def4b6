"""A second virtual environment, for peers of the tests that the program's own packages exclude.

Owns `.cache/peers`, made from `packaging/peers.txt`: every package at its version, none else. The
stamp is written last, so that an interrupted set-up is noticed and redone.
"""

import hashlib
import os
import sys
from pathlib import Path

from provisioning.environment import (
    MARKER,
    Run,
    pip_of,
    read,
    run_visibly,
    start_afresh,
    write_whole,
)


def ensure_peers(root: Path, run: Run = run_visibly) -> Path:
    """Make `.cache/peers` in `root` hold what `packaging/peers.txt` names.

    Args:
        root: the repository.
        run: runs one command or raises.

    Returns:
        The environment's Python.

    Raises:
        SetupError: Python cannot make environments, or pip failed.
    """
    folder = root / ".cache" / "peers"
    pins = root / "packaging" / "peers.txt"
    python = folder / "bin" / "python"
    stamp = _stamp(pins, folder)
    if read(folder / MARKER) == stamp:
        return python
    print("Installing peers of the tests into .cache/peers.", file=sys.stderr, flush=True)
    folder.parent.mkdir(exist_ok=True)
    start_afresh(folder, run)
    pip = [*pip_of(folder), "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--requirement", str(pins)])
    write_whole(folder / MARKER, stamp)
    return python


def _stamp(pins: Path, folder: Path) -> str:
    digest = hashlib.sha256(pins.read_bytes())
    digest.update(f"{sys.implementation.cache_tag} {os.path.realpath(sys.executable)}".encode())
    digest.update(str(folder).encode())
    return digest.hexdigest()
