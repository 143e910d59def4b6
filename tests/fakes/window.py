"""Opens the window on a fake bench, for looking at it: `python -m tests.fakes.window --help`."""

import argparse
import sys
from pathlib import Path

from tests.fakes.bench import FakeBench, FakeKeeper
from workbench.ui.app import run
from workbench.ui.screenshots import capture


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shoot", type=Path, help="write pictures of every pane here instead")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--pane", action="append", default=[])
    parser.add_argument("--first-run", action="store_true", help="start without a vault")
    chosen = parser.parse_args()
    if chosen.shoot is not None:
        files = capture(FakeBench(locked=False), chosen.shoot, chosen.pane, scale=chosen.scale)
        sys.stdout.writelines(f"{file}\n" for file in files)
        return 0
    keeper = FakeKeeper(exists=not chosen.first_run)
    return run(keeper, None if chosen.first_run else keeper.directory)


if __name__ == "__main__":
    sys.exit(main())
