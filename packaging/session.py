"""A private desktop for a test run: `python packaging/session.py COMMAND [ARGUMENT…]`.

Runs the command with a home folder of its own, a D-Bus session bus, a real Secret Service
(gnome-keyring, unlocked with a throw-away password) and an X server of 1280x800 with a window
manager, and ends with the command's exit code. Nothing of the person's own desktop, keyring or
settings is reachable from inside, and nothing is left behind. Standard library only.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

Environment = dict[str, str]

PATIENCE = 30.0  # seconds for a server to come up on a busy machine
SCREEN = "1280x800x24"
# Whatever ties a program to the person's own desktop, keyring, agents and clouds.
PERSONAL = (
    "AWS_",
    "DBUS_",
    "DESKTOP_",
    "GNOME_",
    "GTK_",
    "KEY_WORKBENCH_HOME",
    "QT_",
    "SSH_",
    "WAYLAND_",
    "XAUTHORITY",
    "XDG_",
    "XMODIFIERS",
)
# A click gives focus, new windows come to the front, nothing but windows is on the screen.
WINDOW_MANAGER = """\
<?xml version="1.0"?>
<JWM>
  <FocusModel>click</FocusModel>
  <SnapMode distance="0">none</SnapMode>
  <MoveMode>opaque</MoveMode>
  <Desktops width="1" height="1"/>
</JWM>
"""


class SessionError(Exception):
    """A server of the private desktop did not come up; the message holds what it said."""


def main(command: Sequence[str]) -> int:
    """Run `command` in a private desktop and return its exit code."""
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory(
        prefix="key-workbench-session-", ignore_cleanup_errors=True
    ) as folder:
        try:
            with desktop(Path(folder)) as environment:
                return subprocess.run(command, env=environment, check=False).returncode
        except SessionError as error:
            print(error, file=sys.stderr)
            return 1


@contextmanager
def desktop(folder: Path) -> Iterator[Environment]:
    """The environment variables of a running desktop that keeps its files in `folder`."""
    environment = private_environment(folder, os.environ)
    with ExitStack() as servers:
        start = _Starter(folder, environment, servers)
        environment["DBUS_SESSION_BUS_ADDRESS"] = start.announced(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
        )
        number = start.announced(
            ["Xvfb", "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]
        )
        environment["DISPLAY"] = f":{number}"
        settings = folder / "jwm.xml"
        settings.write_text(WINDOW_MANAGER)
        start.until(["jwm", "-f", str(settings)], lambda: _answers(WINDOW_QUESTION, environment))
        start.until(
            [_without_privileges(folder), "--foreground", "--unlock", "--components=secrets"],
            lambda: "true" in _answer(SECRETS_QUESTION, environment),
            given=secrets.token_hex(16),
        )
        yield environment


WINDOW_QUESTION = ("xdotool", "get_desktop")
SECRETS_QUESTION = (
    "dbus-send",
    "--session",
    "--print-reply",
    "--dest=org.freedesktop.DBus",
    "/org/freedesktop/DBus",
    "org.freedesktop.DBus.NameHasOwner",
    "string:org.freedesktop.secrets",
)


def private_environment(folder: Path, outside: Mapping[str, str]) -> Environment:
    """Variables for a desktop that lies in `folder`: those of `outside` less the personal ones."""
    environment = {name: value for name, value in outside.items() if not name.startswith(PERSONAL)}
    places = {
        "HOME": "home",
        "XDG_RUNTIME_DIR": "runtime",
        "XDG_DATA_HOME": "home/.local/share",
        "XDG_STATE_HOME": "home/.local/state",
        "XDG_CONFIG_HOME": "home/.config",
        "XDG_CACHE_HOME": "home/.cache",
        # Left-overs of a run that was killed, such as a mounted small disk, do not reach the next.
        "TMPDIR": "tmp",
    }
    for name, place in places.items():
        (folder / place).mkdir(mode=0o700, parents=True, exist_ok=True)
        environment[name] = str(folder / place)
    # Without compiled modules every program that a test starts compiles all of them anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["LC_ALL"] = "C.UTF-8"
    environment["QT_QPA_PLATFORM"] = "xcb"
    return environment


class _Starter:
    """Starts servers and says when each is ready; the exit stack ends them in reverse order."""

    def __init__(self, folder: Path, environment: Environment, servers: ExitStack) -> None:
        self._folder = folder
        self._environment = environment
        self._servers = servers

    def announced(self, command: Sequence[str]) -> str:
        """Start a server that prints one line when it is ready; return the line."""
        process, log = self._start(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        line = process.stdout.readline().decode().strip()
        if not line:
            raise _failed(command, log)
        return line

    def until(self, command: Sequence[str], ready: Callable[[], bool], *, given: str = "") -> None:
        """Start a server, hand it `given` on standard input, and wait until `ready` says so."""
        process, log = self._start(command)
        assert process.stdin is not None
        process.stdin.write(given.encode())
        process.stdin.close()
        end = time.monotonic() + PATIENCE
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                raise _failed(command, log)
            time.sleep(0.02)

    def _start(
        self, command: Sequence[str], stdout: int | None = None
    ) -> tuple[subprocess.Popen[bytes], Path]:
        log = self._folder / f"{Path(command[0]).name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=output if stdout is None else stdout,
                stderr=output,
                start_new_session=True,  # Ctrl+C ends the tests first, then us, then the servers
            )
        self._servers.callback(_end, process)
        return process, log


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _close(process.stdin)
    _close(process.stdout)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        pipe.close()


def _failed(command: Sequence[str], log: Path) -> SessionError:
    said = log.read_text(errors="replace").strip()
    return SessionError(f"{Path(command[0]).name} did not start for the tests.\n{said}")


def _without_privileges(folder: Path) -> str:
    """A copy of the keyring daemon: file capabilities stop it where a container denies them."""
    original = shutil.which("gnome-keyring-daemon")
    if original is None:
        raise SessionError("gnome-keyring-daemon is not installed. Run packaging/test.")
    return str(shutil.copy(original, str(folder / "gnome-keyring-daemon")))


def _answers(question: Sequence[str], environment: Environment) -> bool:
    done = subprocess.run(question, env=environment, capture_output=True, check=False)
    return done.returncode == 0


def _answer(question: Sequence[str], environment: Environment) -> str:
    done = subprocess.run(question, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
