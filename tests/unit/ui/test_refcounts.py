import subprocess
import sys

PROGRAM = """
import sys
import workbench.ui
from PySide6.QtCore import QObject
before = sys.getrefcount(None)
thing = QObject()
for _ in range(50_000):
    thing.setObjectName("x")
print("alive")
"""


def test_fifty_thousand_calls_do_not_end_the_interpreter() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive")


def test_none_is_given_references_once() -> None:
    program = """
import sys
from workbench.ui.refcounts import ENOUGH, keep_none
assert keep_none() is False, "importing workbench.ui did it already"
print(sys.version_info >= (3, 12) or sys.getrefcount(None) > ENOUGH)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "True", done.stderr
