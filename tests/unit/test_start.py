"""What the program loads before it is wanted: start-up time is the sum of imports."""

import subprocess
import sys
from pathlib import Path

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


def test_verifying_without_a_vault_loads_nothing_that_opens_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "a.p7s").write_bytes(b"no signature")
    program = (
        "import sys; from workbench.__main__ import main\n"
        f"code = main(['verify', '--system-roots', {str(tmp_path / 'a')!r}])\n"
        "print(code, 'workbench.assembly' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "1 False"
