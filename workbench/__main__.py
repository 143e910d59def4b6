"""The program's entry: the window without a command, the command line with one."""

import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from workbench.bench import Bench, Keeper
from workbench.cli import main as command_line
from workbench.vault.process_lock import Holder


def main(argv: Sequence[str] | None = None) -> int:
    """Run Key Workbench and return its exit code."""
    arguments = command_line.parse(argv)
    holder = _holder(arguments.command)
    if arguments.command is not None:
        return command_line.run(arguments, cast("Keeper", _Keeper(holder)), _screenshots)
    # Qt is loaded only when a window is wanted: the command line works where it is missing.
    from workbench.assembly import Assembly  # noqa: PLC0415 - see `_Keeper`
    from workbench.ui.app import run  # noqa: PLC0415

    return run(Assembly(holder=holder), arguments.vault)


class _Keeper:
    """The assembly, imported when it is first asked for something.

    Whoever verifies files, asks for help or mistypes does not wait for what opens vaults. The
    window opens one at once.
    """

    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    @cached_property
    def _assembly(self) -> Any:
        from workbench.assembly import Assembly  # noqa: PLC0415 - as just said

        return Assembly(holder=self._holder)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assembly, name)


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
