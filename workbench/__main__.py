"""The program's entry: the window without a command, the command line with one."""

import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.bench import Bench
from workbench.cli import main as command_line
from workbench.vault.process_lock import Holder


def main(argv: Sequence[str] | None = None) -> int:
    """Run Key Workbench and return its exit code."""
    arguments = command_line.parse(argv)
    # Whoever asks for help, or mistypes, does not wait for what opens vaults.
    from workbench.assembly import Assembly  # noqa: PLC0415 - as just said

    keeper = Assembly(holder=_holder(arguments.command))
    if arguments.command is not None:
        return command_line.run(arguments, keeper, _screenshots)
    # Qt is loaded only when a window is wanted: the command line works where it is missing.
    from workbench.ui.app import run  # noqa: PLC0415

    return run(keeper, arguments.vault)


def _holder(command: str | None) -> Holder:
    """Return what others are told of who has the vault open."""
    if command is None:
        return Holder.WINDOW
    return Holder.ENDPOINT if command == "serve" else Holder.COMMAND


def _screenshots(bench: Bench, folder: Path) -> list[Path]:
    from workbench.ui.screenshots import capture  # noqa: PLC0415 - as above

    return capture(bench, folder)


if __name__ == "__main__":
    sys.exit(main())
