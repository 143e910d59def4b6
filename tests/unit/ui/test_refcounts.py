import subprocess
import sys

PROGRAM = """
import sys
import workbench.ui
from PySide6.QtCore import QObject, Signal
class Thing(QObject):
    told = Signal(bool)
thing = Thing()
thing.told.connect(lambda _on: None)
for number in range(50_000):
    thing.setObjectName("x")
    thing.told.emit(number % 2 == 0)
print("alive")
"""


def test_fifty_thousand_calls_do_not_end_the_interpreter() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr


def test_constants_are_given_references_once() -> None:
    program = """
import sys
from workbench.ui.refcounts import ENOUGH, keep_constants
assert keep_constants() is False, "importing workbench.ui did it already"
counts = [sys.getrefcount(one) for one in (None, True, False)]
print(sys.version_info >= (3, 12) or min(counts) > ENOUGH)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "True", done.stderr
