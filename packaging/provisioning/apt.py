"""Debian's package manager, used as the machine has it configured.

Owns who may install, the installing, and the line to print for a person where it may not.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence

from provisioning.errors import Exit, SetupError
from provisioning.needs import Need, missing

INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")
QUIET = ("-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300")
NAMED = 4  # names in a message
NO_QUESTIONS = ("env", "DEBIAN_FRONTEND=noninteractive")


def ensure(needs: Iterable[Need], *, required: bool = True) -> None:
    """Install what is missing of `needs`, where this account may.

    Args:
        needs: what the system must have.
        required: False where the work can go on without: then it does, where this account may
            not install.

    Raises:
        SetupError: something is missing and may not or could not be installed.
    """
    absent = missing(needs)
    if not absent:
        return
    prefix = administrator()
    if prefix is None:
        if required:
            raise SetupError(Exit.NEEDS_HANDS, _advice(absent))
        return
    _say(f"Installing system packages for {_names(absent)}.")
    _run([*prefix, *NO_QUESTIONS, "apt-get", "update", *QUIET], check=False)
    _run([*prefix, *NO_QUESTIONS, *INSTALL, *QUIET, *packages_for(absent)])
    still = missing(absent)
    if still:
        raise SetupError(
            Exit.NEEDS_HANDS,
            f"{_names(still)} is still missing after apt-get installed "
            f"{' '.join(packages_for(still))}. Install it by hand and run this again.",
        )


def administrator() -> tuple[str, ...] | None:
    """The words to put before apt-get so that it may install; None where it may not."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ("sudo", "-n") if asked.returncode == 0 else None


def packages_for(needs: Iterable[Need]) -> list[str]:
    """The packages of `needs`, sorted, each by the name that this release has for it."""
    return sorted({_available(need.packages) for need in needs})


def install_line(packages: Sequence[str]) -> str:
    """The line that installs `packages` when a person pastes it into a terminal."""
    command = shlex.join([*INSTALL, *packages])
    if shutil.which("sudo") is None:
        return f"su -c {shlex.quote(f'apt-get update && {command}')}"
    return f"sudo apt-get update && sudo {command}"


def _advice(absent: Sequence[Need]) -> str:
    packages = packages_for(absent)
    if shutil.which("apt-get") is None:
        return (
            f"This system lacks {_names(absent)} and has no apt-get. Install them by its own "
            f"package manager (Debian's packages are {' '.join(packages)}) and run this again."
        )
    return (
        f"This system lacks {_names(absent)}, and this account may not install it. "
        f"Run this line, then start again:\n\n    {install_line(packages)}\n"
    )


def _available(names: Sequence[str]) -> str:
    """The first of `names` that apt knows; the last where it knows none (lists may be empty)."""
    if shutil.which("apt-cache") is not None:
        for name in names[:-1]:
            shown = subprocess.run(
                ["apt-cache", "show", "--no-all-versions", name], capture_output=True, check=False
            )
            if shown.returncode == 0:
                return name
    return names[-1]


def _run(command: Sequence[str], *, check: bool = True) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    if check and done.returncode != 0:
        raise SetupError(
            Exit.TRY_AGAIN,
            f"`{shlex.join(command)}` failed with exit code {done.returncode}; its message is "
            "above. Mend that and run this again.",
        )


def _names(needs: Sequence[Need]) -> str:
    """The first few names and how many more: the packages name the rest."""
    names = [need.name for need in needs[:NAMED]]
    more = len(needs) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
