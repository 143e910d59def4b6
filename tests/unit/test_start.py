"""What the program loads before it is wanted: start-up time is the sum of imports."""

import subprocess
import sys

import pytest

HEAVY = ("keyring", "filelock", "watchdog", "Cryptodome", "botocore.session", "boto3", "pyhanko")


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("workbench.assembly", HEAVY),
        ("workbench.__main__", (*HEAVY, "workbench.assembly", "PySide6")),
    ],
    ids=["assembly", "main"],
)
def test_what_few_need_is_not_imported_at_the_start(module: str, absent: tuple[str, ...]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    loaded = done.stdout.split()
    assert module in loaded
    assert [name for name in absent if name in loaded] == []
