"""What is chosen about signing on the command line: a recipe, or each choice by an option."""

import argparse
import re
from dataclasses import replace

from workbench.base.errors import Refused
from workbench.bench import Bench
from workbench.signing.choices import Choices, KeyChoice
from workbench.signing.formats.registry import FORMATS, Value, choices_of
from workbench.signing.recipe import CHECKSUMS

_NO_ALIAS = re.compile(r"alias/|arn:|mrk-[0-9a-f]{32}$|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_OF_RECIPES = ("key", "format", "option", "digest", "padding", "timestamp_key", "checksums")


def add_choice_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options that say how to sign."""
    command.add_argument("--recipe", metavar="NAME", help="a recipe of the vault, by name")
    command.add_argument(
        "--key", action="append", metavar="KEY",
        help="alias (with or without alias/), id or ARN; give two for a dual signature",
    )  # fmt: skip
    command.add_argument(
        "--format", choices=tuple(FORMATS), metavar="FORMAT",
        help=f"default: cms; one of {', '.join(FORMATS)}",
    )  # fmt: skip
    command.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE",
        help="a choice of the format, such as detached=false or namespace=git",
    )  # fmt: skip
    command.add_argument("--digest", help="SHA-512 or SHAKE256, …; default: the key's usual one")
    command.add_argument("--padding", choices=("pss", "pkcs1"), help="for RSA keys")
    command.add_argument(
        "--timestamp-key", metavar="KEY", help="have this key's authority stamp every signature"
    )
    command.add_argument(
        "--checksums", choices=CHECKSUMS, help="sign one list of checksums, not each file"
    )


def check_choices(arguments: argparse.Namespace) -> str:
    """Return what is wrong about the options together, or nothing."""
    if arguments.recipe is None:
        return "" if arguments.key else "the following arguments are required: --key or --recipe"
    given = [name for name in _OF_RECIPES if getattr(arguments, name)]
    if given:
        return f"--recipe says it already: leave out --{given[0].replace('_', '-')}"
    return ""


def chosen(bench: Bench, arguments: argparse.Namespace) -> Choices:
    """Return what was chosen.

    Raises:
        NotFound: no such recipe.
        Refused: an option is none of the format's, or breaks a standard.
    """
    if arguments.recipe is not None:
        choices = bench.recipes.get(arguments.recipe)
    else:
        kind = arguments.format or "cms"
        choices = Choices(
            keys=tuple(KeyChoice(key_identifier(one)) for one in arguments.key),
            kind=kind,
            options=_options(kind, arguments.option),
            digest=arguments.digest or "",
            pss=None if arguments.padding is None else arguments.padding == "pss",
            stamper=key_identifier(arguments.timestamp_key) if arguments.timestamp_key else "",
            checksums=arguments.checksums or "",
        )
    if arguments.out is not None:
        choices = replace(choices, folder=str(arguments.out.absolute()))
    return replace(choices, replace=True) if arguments.replace else choices


def key_identifier(text: str) -> str:
    """Return what KMS takes: an alias may be given without its prefix."""
    return text if _NO_ALIAS.match(text) else f"alias/{text}"


def read_options(kind: str, given: list[str]) -> dict[str, Value]:
    """Read `NAME=VALUE` options of a format.

    Raises:
        Refused: no such option, or a value of another type.
    """
    known = {one.name: one for one in choices_of(kind)}
    found: dict[str, Value] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in known:
            raise Refused(
                f"{FORMATS[kind].title} has no option {name!r}.",
                f"It has {', '.join(f'{one}=…' for one in known) or 'none'}.",
            )
        found[name] = _value(name, value, known[name].usual)
    return found


def _options(kind: str, given: list[str]) -> tuple[tuple[str, Value], ...]:
    return tuple(sorted(read_options(kind, given).items()))


def _value(name: str, text: str, usual: Value) -> Value:
    if isinstance(usual, bool):
        if text.lower() in {"true", "yes", "1", "false", "no", "0"}:
            return text.lower() in {"true", "yes", "1"}
        raise Refused(f"The option {name!r} is true or false.", f"Write {name}=true.")
    if isinstance(usual, int):
        try:
            return int(text)
        except ValueError as error:
            raise Refused(f"The option {name!r} is a number.", f"Write {name}=30.") from error
    return text
