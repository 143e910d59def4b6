"""Running a child process that acknowledges what it did, and killing it in the midst of more."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


def killed(arguments: list[str], acknowledgements: int, spin: int) -> list[Any]:
    """Run a child, kill it after so many acknowledgements, and return all that it gave."""
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(acknowledgements)]
        for _ in range(spin):  # into the midst of the next operation
            pass
        child.kill()
        lines += child.stdout.readlines()
    assert child.returncode == -9
    return [json.loads(line) for line in lines if line.endswith(b"\n")]
