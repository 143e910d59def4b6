"""Entry of the set-up: `python packaging/provision.py run|tools|test [--without-window]`.

`run` prepares what the program needs, `tools` adds the developers' Python packages and the
peers in Python, `test` adds the system's test peers and prints the path of an OpenSSL 3.5 or newer.
Everything for people goes to standard error.
"""

import sys
from pathlib import Path

from provisioning import apt, environment, needs, openssl, peers
from provisioning.environment import Level
from provisioning.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Prepare the machine; the exit code is 0 or one of `provisioning.errors.Exit`."""
    what = arguments[0]
    try:
        with environment.setup_lock(ROOT):
            _prepare(what, window="--without-window" not in arguments)
    except SetupError as error:
        print(error, file=sys.stderr)
        return int(error.code)
    except KeyboardInterrupt:
        print("Set-up stopped. Run this again to finish it.", file=sys.stderr)
        return 130
    return 0


def _prepare(what: str, *, window: bool) -> None:
    system = list(environment.needs_of(ROOT))
    if sys.platform == "linux" and what != "tools":
        if not window:
            apt.ensure(needs.WINDOW, required=False)
        else:
            system += (*needs.WINDOW, *(needs.TESTS if what == "test" else ()))
    apt.ensure(system)
    level = Level.RUN if what == "run" else Level.TEST
    environment.ensure_environment(ROOT, level)
    if what == "run":
        return
    cache = ROOT / ".cache"
    known = (cache / "openssl").exists() and (cache / "peers").exists()
    peers.ensure_peers(ROOT)
    if what == "test":
        print(openssl.ensure_openssl(cache))
    if not known:
        environment.give_to_owner(ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
