"""The scripts a person starts: `packaging/run`, `packaging/test`, `packaging/check`, `.ci/run`."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

SCRIPTS = ("packaging/run", "packaging/test", "packaging/check", "packaging/python.sh", ".ci/run")
# Stands in for Python: new enough when asked, and tells what it was started with.
FAKE_PYTHON = """\
#!/bin/sh
case "$1" in
    -c) exit 0 ;;
    -EsB) echo "set-up $3 $4"; exit "${SETUP_CODE:-0}" ;;
    *) echo "started $* on ${QT_QPA_PLATFORM:-the display} in ${LC_ALL:-$LANG}" ;;
esac
"""


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_shell_can_read_it(root: Path, script: str) -> None:
    subprocess.run(["bash", "-n", root / script], check=True)
    if script != ".ci/run":
        subprocess.run(["sh", "-n", root / script], check=True)


@pytest.mark.parametrize("script", [name for name in SCRIPTS if not name.endswith(".sh")])
def test_it_can_be_started(root: Path, script: str) -> None:
    assert os.access(root / script, os.X_OK)


def test_ci_runs_what_a_developer_runs(root: Path) -> None:
    assert "packaging/test" in (root / ".ci" / "run").read_text()
    assert "packaging/check" in (root / "packaging" / "test").read_text()


class Copy:
    """The scripts in a folder of their own, with a stand-in for Python."""

    def __init__(self, root: Path, folder: Path) -> None:
        (folder / "packaging").mkdir()
        for name in ("run", "python.sh"):
            shutil.copy(root / "packaging" / name, folder / "packaging" / name)
        self._folder = folder
        self._python = folder / ".venv" / "bin" / "python"
        self._python.parent.mkdir(parents=True)
        self._python.write_text(FAKE_PYTHON)
        self._python.chmod(0o755)

    def run(
        self, arguments: Sequence[str] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        variables = {"PATH": "/usr/bin:/bin", "PYTHON": str(self._python), **environment}
        return subprocess.run(
            [self._folder / "packaging" / "run", *arguments],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Copy:
    return Copy(root, tmp_path)


@pytest.mark.parametrize("display", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_with_a_display_the_window_opens(copy: Copy, display: str) -> None:
    done = copy.run(LANG="fr_FR.UTF-8", **{display: "some-0"})
    assert done.stdout.splitlines() == [
        "set-up run ",
        "started -P -m workbench on the display in fr_FR.UTF-8",
    ]
    assert done.stderr == ""


def test_without_a_display_it_says_so_and_runs_the_demo(copy: Copy) -> None:
    done = copy.run()
    assert done.stdout.splitlines() == [
        "set-up run ",
        "started -P -m workbench demo --out demo-out on offscreen in C.UTF-8",
    ]
    assert done.stderr.startswith("There is no display")
    assert done.stderr.count("\n") == 1


def test_a_command_passes_through_without_a_display(copy: Copy) -> None:
    done = copy.run(["sign", "a file", "--key", "alias/x"])
    assert "set-up run --without-window" in done.stdout
    assert "started -P -m workbench sign a file --key alias/x on offscreen" in done.stdout
    assert done.stderr == ""


def test_the_demo_needs_the_windows_libraries(copy: Copy) -> None:
    assert "--without-window" not in copy.run(["demo", "--out", "x"]).stdout


@pytest.mark.parametrize("code", [69, 75])
def test_a_failed_set_up_ends_it_with_its_code(copy: Copy, code: int) -> None:
    done = copy.run(SETUP_CODE=str(code))
    assert done.returncode == code
    assert "started" not in done.stdout


def test_without_a_python_it_says_what_to_install(copy: Copy, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "sh"):
        (tools / name).symlink_to(shutil.which(name) or "")
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        (tools / name).write_text("#!/bin/sh\nexit 1\n")
        (tools / name).chmod(0o755)
    done = copy.run(PYTHON="no-such-python", PATH=str(tools))
    system_python = Path("/usr/bin/python3").exists()
    assert ("needs Python 3.11" in done.stderr) is not system_python


@pytest.mark.skipif(
    os.environ.get("KEY_WORKBENCH_TESTS") != "full",
    reason="only packaging/test sets the machine up",
)
@pytest.mark.parametrize("what", ["run", "tools", "test"])
def test_a_second_set_up_takes_under_two_seconds(root: Path, what: str) -> None:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-EsB", root / "packaging" / "provision.py", what],
        capture_output=True,
        text=True,
        check=False,
    )
    assert time.monotonic() - start < 2
    assert done.returncode == 0
    assert done.stderr == ""
