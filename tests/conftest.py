"""What every test may rely on: a desktop that is private, or none.

Under packaging/test the run stands on a private desktop (packaging/session.py) and
KEY_WORKBENCH_TESTS is "full": then nothing may be skipped for want of a peer. Without it, as when a
developer calls pytest, the tests must not reach the person's own keyring, vault or settings: those
that need a real X server or Secret Service are skipped with a reason.
"""

import os
import tempfile
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest

FULL = os.environ.get("KEY_WORKBENCH_TESTS") == "full"
HOW = "packaging/test brings it"

# Explaining a failure traces every line, for minutes in a state machine; shrinking is enough.
hypothesis.settings.register_profile(
    "suite", phases=[one for one in hypothesis.Phase if one is not hypothesis.Phase.explain]
)
hypothesis.settings.load_profile("suite")

_private = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Before any import of Qt or keyring: turn a person's desktop into none."""
    if FULL:
        return
    folder = tempfile.TemporaryDirectory(prefix="key-workbench-tests-", ignore_cleanup_errors=True)
    config.stash[_private] = folder
    for kind in ("DATA", "STATE", "CONFIG", "CACHE"):
        os.environ[f"XDG_{kind}_HOME"] = str(Path(folder.name, kind.lower()))
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what `pytest_configure` made."""
    folder = config.stash.get(_private, None)
    if folder is not None:
        folder.cleanup()


def want(reason: str) -> NoReturn:
    """Skip for want of a peer, with the reason; in a full run fail instead."""
    if FULL:
        pytest.fail(reason, pytrace=False)
    pytest.skip(f"{reason}; {HOW}")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def x_server() -> str:
    """$DISPLAY of a real X server with a window manager, made for this run."""
    if not FULL or os.environ.get("QT_QPA_PLATFORM") != "xcb" or not os.environ.get("DISPLAY"):
        want("needs an X server of its own")
    return os.environ["DISPLAY"]


@pytest.fixture(scope="session")
def secret_service() -> str:
    """$DBUS_SESSION_BUS_ADDRESS of a bus with a real, unlocked, private Secret Service."""
    if not FULL or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        want("needs a Secret Service of its own")
    return os.environ["DBUS_SESSION_BUS_ADDRESS"]
