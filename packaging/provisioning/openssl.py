"""An OpenSSL command line that knows ML-DSA (3.5 or newer), as a peer for the interop tests.

The system's own where it is new enough; else Debian's newer release, fetched by apt from the
machine's own archives into `.cache/openssl` with signatures checked, unpacked beside its own C
library and started through its own loader, so that nothing of the system is replaced. Needs no
administrator.
"""

import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from provisioning.errors import Exit, SetupError
from provisioning.sources import other_release, read_sources

OLDEST = (3, 5)
RELEASE = "trixie"  # Debian 13, the first with OpenSSL 3.5
INSTEAD = (
    "Put an OpenSSL 3.5 or newer first on PATH, or connect the machine to its Debian archive, "
    "and run this again."
)

# Starts the unpacked program with its own loader, libraries, settings and modules.
WRAPPER = """\
#!/bin/sh
# Made by packaging/test.
tree=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)/tree
OPENSSL_CONF=${{OPENSSL_CONF:-$tree/etc/ssl/openssl.cnf}}
OPENSSL_MODULES=$tree/{libraries}/ossl-modules
export OPENSSL_CONF OPENSSL_MODULES
exec "$tree/{loader}" --library-path "$tree/{libraries}" "$tree/usr/bin/openssl" "$@"
"""

# An apt of its own: own sources, lists, cache, and an empty list of installed packages, so that
# every library comes along. The machine's proxy, certificates and trusted keys stay in force.
APT_SETTINGS = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "{folder}/archive.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "{folder}/state";
Dir::State::status "{folder}/installed/status";
Dir::Cache "{folder}/cache";
APT::Install-Recommends "false";
"""


def ensure_openssl(cache: Path) -> Path:
    """Path of an OpenSSL command line of version 3.5 or newer; fetched into `cache` if need be.

    Raises:
        SetupError: there is none, and the machine's archives did not give one.
    """
    system = shutil.which("openssl")
    if system is not None and version(Path(system)) >= OLDEST:
        return Path(system)
    wrapper = cache / "openssl" / "bin" / "openssl"
    if version(wrapper) >= OLDEST:
        return wrapper
    print(f"Fetching OpenSSL from Debian's {RELEASE} for the tests.", file=sys.stderr, flush=True)
    new = cache / "openssl.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    with tempfile.TemporaryDirectory(prefix="key-workbench-apt-") as folder:
        packages = _download(Path(folder))
        for package in packages:
            _run(["dpkg-deb", "--extract", str(package), str(new / "tree")])
    _write_wrapper(new)
    if version(new / "bin" / "openssl") < OLDEST:
        raise SetupError(Exit.TRY_AGAIN, f"The OpenSSL of {RELEASE} does not start. {INSTEAD}")
    shutil.rmtree(cache / "openssl", ignore_errors=True)
    new.rename(cache / "openssl")
    return wrapper


def version(program: Path) -> tuple[int, ...]:
    """Version that an OpenSSL command line says it has, as (major, minor); () if it is none."""
    try:
        done = subprocess.run(
            [program, "version"], capture_output=True, text=True, check=False, timeout=30
        )
    except OSError:
        return ()
    match = re.match(r"OpenSSL (\d+)\.(\d+)", done.stdout)
    return (int(match[1]), int(match[2])) if done.returncode == 0 and match else ()


def _download(folder: Path) -> list[Path]:
    """Packages of OpenSSL and all it needs, as files below `folder`."""
    sources = other_release(read_sources(_source_files()), _codename(), RELEASE)
    if not sources:
        raise SetupError(
            Exit.NEEDS_HANDS,
            f"The tests need OpenSSL 3.5, and apt's sources name no Debian archive. {INSTEAD}",
        )
    folder.chmod(0o755)  # apt fetches as an account of its own
    for name in ("state/lists/partial", "cache/archives/partial", "installed"):
        (folder / name).mkdir(parents=True)
    (folder / "installed" / "status").touch()
    (folder / "archive.sources").write_text(sources)
    settings = folder / "apt.conf"
    settings.write_text(APT_SETTINGS.format(folder=folder))
    # An archive without this release makes update fail although another has it: install decides.
    _run(["apt-get", "-qq", "-c", str(settings), "update"], check=False)
    _run(["apt-get", "-qq", "-c", str(settings), "install", "--yes", "--download-only", "openssl"])
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def _source_files() -> list[Path]:
    asked = _output(
        ["apt-config", "shell", "one", "Dir::Etc::sourcelist/f", "parts", "Dir::Etc::sourceparts/d"]
    )
    folders = dict(word.split("=", 1) for word in shlex.split(asked))
    parts = Path(folders.get("parts", "/etc/apt/sources.list.d"))
    files = [Path(folders.get("one", "/etc/apt/sources.list"))]
    files += sorted((*parts.glob("*.list"), *parts.glob("*.sources")))
    return [file for file in files if file.is_file()]


def _codename() -> str:
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


def _write_wrapper(new: Path) -> None:
    tree = new / "tree"
    loaders = sorted(tree.glob("usr/lib/*/ld-linux*.so.*"))
    if not loaders:
        raise SetupError(Exit.TRY_AGAIN, f"The C library of {RELEASE} has no loader. {INSTEAD}")
    loader = loaders[0].relative_to(tree)
    wrapper = new / "bin" / "openssl"
    wrapper.parent.mkdir()
    wrapper.write_text(WRAPPER.format(loader=loader, libraries=loader.parent))
    wrapper.chmod(0o755)


def _output(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(
            Exit.NEEDS_HANDS, f"The tests need OpenSSL 3.5: {error}. {INSTEAD}"
        ) from error


def _run(command: Sequence[str], *, check: bool = True) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    if check and done.returncode != 0:
        raise SetupError(
            Exit.TRY_AGAIN,
            f"`{shlex.join(command)}` failed with exit code {done.returncode}; its message is "
            f"above. {INSTEAD}",
        )
