"""Every command that the README shows is run: here, or by the test that the table names.

The ```sh blocks of README.md are taken as one session in one folder, in order, as a reader would
type them: a command may use what an earlier one made.
"""

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent / "README.md"
FULL = os.environ.get("KEY_WORKBENCH_TESTS") == "full"

# Commands that are not run here, by their first words, and the file that does run them.
ELSEWHERE = {
    "git clone": ".ci/run",  # CI starts from a fresh clone
    "cd": ".ci/run",
    "packaging/test": ".ci/run",
    "packaging/check": "packaging/test",
    "packaging/bench": "tests/test_bench.py",
    "packaging/run serve": "tests/interop/test_serve.py",  # it serves until it is stopped
}
# Commands that open the window; with arguments the same words are run here.
WINDOW = {"workbench": "tests/ui", "packaging/run": "tests/unit/packaging/test_scripts.py"}
# Programs that are run here.
HERE = (
    "workbench",
    "packaging/run",
    "openssl",
    "echo",
    "printf",
    "cp",
    "mkdir",
    "export",
    "head",
    "ls",
)


@dataclass(frozen=True)
class Command:
    """One command of a ```sh block, its continuation lines joined; `line` is for messages."""

    text: str
    line: int


def commands(readme: str) -> list[Command]:
    """The commands of the ```sh blocks in `readme`, without comments and prompts."""
    found: list[Command] = []
    inside = False
    held = ""
    for number, line in enumerate(readme.splitlines(), start=1):
        if line.strip().startswith("```"):
            inside = not inside and line.strip() == "```sh"
        elif inside:
            held += line.strip().removeprefix("$ ")
            if held.endswith("\\"):
                held = held[:-1]
                continue
            words = shlex.split(held, comments=True)
            if words:
                found.append(Command(held, number))
            held = ""
    return found


def elsewhere(command: str) -> str | None:
    """The file that runs `command`; None where it is to be run here."""
    words = shlex.split(command, comments=True)
    if len(words) == 1 and words[0] in WINDOW:
        return WINDOW[words[0]]
    for start, file in ELSEWHERE.items():
        if words[: len(start.split())] == start.split():
            return file
    return None


def _readme() -> list[Command]:
    if not README.exists() and not FULL:
        pytest.skip("README.md is not written yet")
    return commands(README.read_text())


def test_each_command_is_run_here_or_elsewhere(root: Path) -> None:
    shown = _readme()
    assert shown
    for command in shown:
        file = elsewhere(command.text)
        if file is None:
            program = shlex.split(command.text)[0]
            assert program in HERE, f"README.md:{command.line}: nothing runs `{command.text}`"
        else:
            assert (root / file).exists(), f"README.md:{command.line}: {file} is gone"


@pytest.mark.skipif(not FULL, reason="runs the demo and the README's commands; packaging/test does")
def test_the_commands_work_as_shown(root: Path, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    folder = tmp_path / "reader"
    _stand_in(programs / "workbench", sys.executable, "-P", "-m", "workbench")
    _stand_in(programs / "openssl", os.environ["KEY_WORKBENCH_OPENSSL"])
    _stand_in(folder / "packaging" / "run", str(root / "packaging" / "run"))
    here = [command.text for command in _readme() if elsewhere(command.text) is None]
    environment = os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "KEY_WORKBENCH_HOME": str(tmp_path / "vault"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", "\n".join(here)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _stand_in(program: Path, *command: str) -> None:
    """Make `program` start `command` with the arguments it is given."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    program.chmod(0o755)


def test_blocks_are_found_and_other_fences_are_not() -> None:
    text = """\
```sh
# a comment
packaging/run          # the window
$ workbench verify \\
    a.bin --root root.pem
```
```python
print("no")
```
```
plain output
```
"""
    assert [command.text for command in commands(text)] == [
        "packaging/run          # the window",
        "workbench verify a.bin --root root.pem",
    ]


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("packaging/run   # the window", "tests/unit/packaging/test_scripts.py"),
        ("packaging/run sign x", None),
        ("packaging/test", ".ci/run"),
        ("workbench", "tests/ui"),
        ("workbench demo --out demo-out", None),
        ("packaging/testing", None),
    ],
)
def test_who_runs_what(command: str, file: str | None) -> None:
    assert elsewhere(command) == file
