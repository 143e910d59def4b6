"""The private desktop that the tests run on."""

import subprocess
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backends import SecretService
from session import private_environment


def test_nothing_of_the_persons_desktop_gets_in(tmp_path: Path) -> None:
    outside = {
        "PATH": "/usr/bin",
        "HOME": "/home/person",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus",
        "WAYLAND_DISPLAY": "wayland-0",
        "XDG_CURRENT_DESKTOP": "GNOME",
        "AWS_PROFILE": "production",
        "SSH_AUTH_SOCK": "/run/agent",
        "KEY_WORKBENCH_HOME": "/home/person/vault",
        "KEY_WORKBENCH_TESTS": "full",
        "LANG": "C",
    }
    inside = private_environment(tmp_path, outside)
    kept = {name for name in outside if inside.get(name) == outside[name]}
    assert kept == {"PATH", "KEY_WORKBENCH_TESTS", "LANG"}
    assert {name for name, value in inside.items() if value.startswith("/home/person")} == set()
    assert Path(inside["XDG_RUNTIME_DIR"]).stat().st_mode & 0o777 == 0o700
    assert Path(inside["HOME"]).is_relative_to(tmp_path)


@pytest.mark.usefixtures("secret_service")
def test_the_secret_service_is_real_and_unlocked() -> None:
    # With a second backend installed, keyring puts both behind one front.
    chosen = keyring.get_keyring()
    backends = getattr(chosen, "backends", [chosen])
    assert any(isinstance(backend, SecretService.Keyring) for backend in backends)
    keyring.set_password("org.keyworkbench.test", "name", "zażółć")
    assert keyring.get_password("org.keyworkbench.test", "name") == "zażółć"
    keyring.delete_password("org.keyworkbench.test", "name")
    assert keyring.get_password("org.keyworkbench.test", "name") is None


def test_the_x_server_has_a_screen_of_known_size_and_a_window_manager(x_server: str) -> None:
    assert x_server.startswith(":")
    asked = ["xdotool", "getdisplaygeometry", "get_num_desktops"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1280", "800", "1"]


@pytest.mark.usefixtures("x_server")
@pytest.mark.parametrize("code", [0, 5])
def test_the_commands_exit_code_is_the_sessions(root: Path, code: int) -> None:
    command = [sys.executable, "-c", f"raise SystemExit({code})"]
    done = subprocess.run(
        [sys.executable, root / "packaging" / "session.py", *command], check=False, timeout=60
    )
    assert done.returncode == code


@pytest.mark.usefixtures("x_server")
def test_a_server_that_does_not_start_is_named(root: Path, tmp_path: Path) -> None:
    broken = tmp_path / "dbus-daemon"
    broken.write_text("#!/bin/sh\necho out of order >&2\n")
    broken.chmod(0o755)
    done = subprocess.run(
        [sys.executable, root / "packaging" / "session.py", "true"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == "dbus-daemon did not start for the tests.\nout of order\n"
