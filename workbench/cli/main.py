"""Arguments, and one place where errors become exit codes."""

import argparse
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from workbench import __version__
from workbench.base.errors import EnvironmentFault
from workbench.bench import Bench, Keeper
from workbench.cli import demo, doctor, recipes, serve, sign, verify
from workbench.cli.exits import KNOWN, Exit, code_of, table, text_of
from workbench.cli.output import Output

Screenshots = Callable[[Bench, Path], list[Path]]


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    root = argparse.ArgumentParser(
        prog="workbench",
        description="Keys, certificates and post-quantum signatures. Without a command, the "
        "window opens.",
        epilog=f"exit codes:\n{table()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"Key Workbench {__version__}")
    root.add_argument(
        "--vault", type=Path, metavar="DIR", help="the vault's folder; default: the user's own"
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    for module in (sign, verify, recipes, serve, demo, doctor):
        command = module.add_parser(commands)
        command.add_argument("--json", action="store_true", help="print one JSON document")
    return root


def run(arguments: argparse.Namespace, keeper: Keeper, screenshots: Screenshots) -> int:
    """Carry out a parsed command.

    Args:
        arguments: from `parser`, with a command.
        keeper: opens vaults.
        screenshots: renders the panes of a bench into a folder; used by `demo`.

    Returns:
        The exit code.
    """
    output = Output(as_json=arguments.json)
    actions: dict[str, Callable[[], Exit]] = {
        "sign": lambda: sign.run(arguments, keeper, output),
        "verify": lambda: verify.run(arguments, keeper, output),
        "recipes": lambda: recipes.run(arguments, keeper, output),
        "serve": lambda: serve.run(arguments, keeper, output),
        "doctor": lambda: doctor.run(arguments, keeper, output),
        "demo": lambda: demo.run(arguments, keeper, output, screenshots),
    }
    try:
        code = actions[arguments.command]()
    except KNOWN as error:
        code = code_of(error)
        output.fail(text_of(error), code)
    except KeyboardInterrupt:
        code = Exit.CANCELLED
        output.fail("Stopped. Nothing partial was left.", code)
    except Exception as error:  # noqa: BLE001 - the last place before the person
        code = Exit.BUG
        traceback.print_exc()
        output.fail(
            f"Internal error ({type(error).__name__}). Please report it with the lines above.", code
        )
    try:
        output.close()
    except EnvironmentFault as error:
        code = code_of(error)
        output.fail(text_of(error), code)
    return int(code)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the process's arguments; exits with code 2 and a usage text when they are wrong."""
    arguments = parser().parse_args(argv)
    if "check" in arguments:  # what argparse cannot say of one argument alone
        arguments.check(arguments)
    return arguments
