"""The virtual environment `.venv` of the repository, with every package at its pinned version.

Owns `.venv` and `.cache/setup.lock`. The stamp in `.venv` is written last and names everything
the environment was made from, so an interrupted or outdated set-up is noticed and redone. Must not
touch a `.venv` that it did not make.
"""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from provisioning.errors import Exit, SetupError
from provisioning.needs import VIRTUAL_ENVIRONMENT, Need, has_module

MARKER = "key-workbench-setup"  # inside .venv: made by us; holds the stamp once complete
OURS = (".venv", ".cache", "key_workbench.egg-info")  # what a set-up leaves in the repository
# Settings that would send packages somewhere other than the virtual environment.
MISLEADING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONPATH", "PYTHONHOME")


Run = Callable[[Sequence[str]], None]


class Level(IntEnum):
    """How much is installed; a higher level holds the lower."""

    RUN = 1
    TEST = 2


@contextmanager
def setup_lock(root: Path) -> Iterator[None]:
    """Hold the set-up of the repository `root`; a second one waits. A crash frees it."""
    cache = root / ".cache"
    cache.mkdir(exist_ok=True)
    with (cache / "setup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up of this folder to end.", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_visibly(command: Sequence[str]) -> None:
    """Run `command` with its output on standard error.

    Raises:
        SetupError: it failed.
    """
    environment = {name: text for name, text in os.environ.items() if name not in MISLEADING}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment, check=False
    )
    if done.returncode != 0:
        raise SetupError(
            Exit.TRY_AGAIN,
            f"`{shlex.join(command)}` failed with exit code {done.returncode}; its message is "
            "above. Mend that and run this again: the set-up starts over where it must.",
        )


def ensure_environment(root: Path, level: Level, run: Run = run_visibly) -> None:
    """Make `.venv` in `root` hold what `level` asks, unless its stamp says it already does.

    Args:
        root: the repository.
        level: how much is wanted.
        run: runs one command or raises.

    Raises:
        SetupError: Python cannot make environments, `.venv` is somebody else's, or pip failed.
    """
    folder = root / ".venv"
    stamp = _stamp(root)
    found = read(folder / MARKER)
    if found.startswith(stamp) and _level(found) >= level:
        return
    print(
        "Installing Python packages into .venv (once; a minute or so).", file=sys.stderr, flush=True
    )
    if not found.startswith(stamp):
        start_afresh(folder, run)
    (folder / MARKER).write_text("incomplete\n")
    _install(root, level, run)
    write_whole(folder / MARKER, f"{stamp} {int(level)}\n")
    give_to_owner(root)


def needs_of(root: Path) -> tuple[Need, ...]:
    """What the system must have so that `ensure_environment` can do its work in `root`."""
    made = read(root / ".venv" / MARKER).startswith(_stamp(root))
    # The system's own pip serves where there is no ensurepip.
    return () if made or has_module("pip") else (VIRTUAL_ENVIRONMENT,)


def give_to_owner(root: Path) -> None:
    """As root in somebody else's folder, leave what the set-up made to that somebody."""
    owner = root.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    for made in (root / name for name in OURS if (root / name).exists()):
        for entry in (made, *made.rglob("*")):
            os.chown(entry, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _stamp(root: Path) -> str:
    """Everything an environment depends on: pins, project, Python, and where it lies."""
    digest = hashlib.sha256()
    for part in (
        (root / "packaging" / "constraints.txt").read_bytes(),
        (root / "pyproject.toml").read_bytes(),
        str(sys.implementation.cache_tag).encode(),  # a patch release keeps the environment good
        os.path.realpath(sys.executable).encode(),
        str(root).encode(),
    ):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _level(marker: str) -> int:
    words = marker.split()
    return int(words[1]) if len(words) == 2 else 0


def read(path: Path) -> str:
    """Text of `path`, or nothing where there is no such file."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def start_afresh(folder: Path, run: Run) -> None:
    """Empty `folder` and make a bare virtual environment there."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise SetupError(
            Exit.NEEDS_HANDS,
            f"{folder} exists and was not made by this script. Move it away and run this again.",
        )
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    (folder / MARKER).write_text("incomplete\n")
    arguments = [] if has_module("ensurepip") else ["--without-pip"]
    run([sys.executable, "-m", "venv", *arguments, str(folder)])


def _install(root: Path, level: Level, run: Run) -> None:
    """The build tool first, so that our own package needs no separate environment to be built."""
    pip = [
        *pip_of(root / ".venv"),
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]
    pip += ["--constraint", str(root / "packaging" / "constraints.txt")]
    run([*pip, "setuptools"])
    project = f"{root}[test]" if level >= Level.TEST else str(root)
    run([*pip, "--no-build-isolation", "--editable", project])


def pip_of(folder: Path) -> list[str]:
    """The pip of the environment `folder`; the system's where it was made without one."""
    inside = str(folder / "bin" / "python")
    if any(folder.glob("lib/python3*/site-packages/pip")) or not has_module("pip"):
        return [inside, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", inside]


def write_whole(path: Path, text: str) -> None:
    """Replace `path` in one step: a stamp is there whole or not at all."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
