"""`workbench recipes`: the named recipes of the vault listed, shown, exchanged, deleted."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, write_atomically
from workbench.bench import Bench, Keeper
from workbench.cli.choosing import add_choice_arguments, check_choices, chosen
from workbench.cli.exits import Exit
from workbench.cli.opening import add_unlock_arguments, unlock
from workbench.cli.output import Output
from workbench.signing.choices import (
    LARGEST_DOCUMENT,
    Choices,
    read_recipes,
    with_specs,
    write_recipes,
)
from workbench.signing.formats.registry import FORMATS

_MODE = 0o644


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command's parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "recipes",
        help="list, show, save, export, import, rename and delete named recipes",
        description="Recipes say with which keys, in which format and where files are signed. "
        "They name keys and hold no certificates and nothing secret.",
    )
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="name every recipe")
    show = actions.add_parser("show", help="show a recipe as JSON")
    show.add_argument("name", metavar="NAME")
    save = actions.add_parser("save", help="save choices under a name")
    save.add_argument("name", metavar="NAME")
    add_choice_arguments(save)
    save.add_argument("--out", type=Path, metavar="DIR", help="where signatures are written")
    save.add_argument("--replace", action="store_true", help="replace existing signatures")
    save.add_argument("--overwrite", action="store_true", help="replace a recipe of that name")
    export = actions.add_parser("export", help="write recipes to a JSON file, or standard output")
    export.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    export.add_argument("--to", type=Path, metavar="FILE")
    take = actions.add_parser("import", help="read recipes from a JSON file")
    take.add_argument("source", type=Path, metavar="FILE", help="- for standard input")
    take.add_argument("--overwrite", action="store_true", help="replace recipes of the same name")
    rename = actions.add_parser("rename", help="give a recipe another name")
    rename.add_argument("name", metavar="NAME")
    rename.add_argument("new", metavar="NEW")
    delete = actions.add_parser("delete", help="delete recipes")
    delete.add_argument("names", nargs="+", metavar="NAME")
    for action in actions.choices.values():
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document"
        )
        add_unlock_arguments(action)

    def check(arguments: argparse.Namespace) -> None:
        problem = check_choices(arguments) if arguments.action == "save" else ""
        if problem:
            save.error(problem)

    command.set_defaults(check=check)
    return command


def run(arguments: argparse.Namespace, keeper: Keeper, output: Output) -> Exit:
    """Do what is asked with the recipes of the vault.

    Raises:
        NotFound: there is no recipe of that name.
        Refused: a name is taken, or a recipe breaks a standard.
        EnvironmentFault: a file cannot be read or written.
    """
    # Reading a file can fail without a vault being opened for it.
    given = _read(arguments.source) if arguments.action == "import" else ()
    bench = keeper.open(arguments.vault or keeper.default_directory())
    try:
        unlock(bench, arguments)
        actions = {
            "list": lambda: _list(bench, output),
            "show": lambda: _show(bench.recipes.get(arguments.name), output),
            "save": lambda: _save(bench, arguments, output),
            "export": lambda: _export(bench, arguments, output),
            "import": lambda: _take_in(bench, given, output, overwrite=arguments.overwrite),
            "rename": lambda: _rename(bench, arguments, output),
            "delete": lambda: _delete(bench, arguments.names, output),
        }
        actions[arguments.action]()
    finally:
        bench.close()
    return Exit.OK


def _list(bench: Bench, output: Output) -> None:
    found = bench.recipes.all()
    for one in found:
        keys = " and ".join(key.id for key in one.keys)
        output.line(f"{one.name}: {FORMATS[one.kind].title} by {keys}")
    output.set(recipes=[one.to_record() for one in found])


def _show(choices: Choices, output: Output) -> None:
    record = choices.to_record()
    for line in json.dumps(record, indent=2, ensure_ascii=False).splitlines():
        output.line(line)
    output.set(**record)


def _save(bench: Bench, arguments: argparse.Namespace, output: Output) -> None:
    choices = chosen(bench, arguments)
    choices = with_specs(bench.places.kms(choices.site), choices)
    choices = replace(choices, name=arguments.name)
    recipe = bench.recipe(choices)
    bench.recipes.save([choices], replace_existing=arguments.overwrite)
    output.line(f"saved  {arguments.name}")
    output.set(saved=arguments.name, advice=recipe.advice)


def _export(bench: Bench, arguments: argparse.Namespace, output: Output) -> None:
    recipes = [bench.recipes.get(name) for name in arguments.names] or list(bench.recipes.all())
    if not recipes:
        raise EnvironmentFault("The vault has no recipes.", "Save one first.")
    text = write_recipes(recipes)
    if arguments.to is None:
        for line in text.splitlines():
            output.line(line)
        output.set(**json.loads(text))
        return
    write_atomically(arguments.to.absolute(), text.encode(), replace=True, mode=_MODE)
    output.line(f"exported  {len(recipes)} to {arguments.to}")
    output.set(exported=[one.name for one in recipes], file=str(arguments.to))


def _read(source: Path) -> tuple[Choices, ...]:
    try:
        if str(source) == "-":
            data = sys.stdin.buffer.read(LARGEST_DOCUMENT + 1)
        else:
            with source.open("rb") as stream:
                data = stream.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise fault(error, "read", source) from error
    return read_recipes(data)


def _take_in(
    bench: Bench, recipes: tuple[Choices, ...], output: Output, *, overwrite: bool
) -> None:
    bench.recipes.save(recipes, replace_existing=overwrite)
    for one in recipes:
        output.line(f"imported  {one.name}")
    output.set(imported=[one.name for one in recipes])


def _rename(bench: Bench, arguments: argparse.Namespace, output: Output) -> None:
    bench.recipes.rename(arguments.name, arguments.new)
    output.line(f"renamed  {arguments.name} to {arguments.new}")
    output.set(renamed=arguments.name, to=arguments.new)


def _delete(bench: Bench, names: list[str], output: Output) -> None:
    for name in names:
        bench.recipes.delete(name)
        output.line(f"deleted  {name}")
    output.set(deleted=names)
