"""boto3 takes a third of a second: whoever has no keys in AWS does not wait for it."""

import subprocess
import sys

CODE = """
import sys
import workbench.assembly
from workbench.ui.registry import PANES
PANES.load()
assert "boto3" not in sys.modules
"""


def test_the_services_and_the_panes_are_there_without_boto3() -> None:
    subprocess.run([sys.executable, "-c", CODE], check=True, timeout=60)
