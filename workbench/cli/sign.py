"""`workbench sign FILE… --key ALIAS`: the same queue as the window's, waited for."""

import argparse
import contextlib
import re
from pathlib import Path
from typing import Any

from workbench.base.errors import EnvironmentFault
from workbench.bench import Bench, Keeper
from workbench.cli.exits import Exit
from workbench.cli.opening import add_unlock_arguments, unlock
from workbench.cli.output import Output
from workbench.signing.chains import chain_for_key
from workbench.signing.jobs import FileState, FileView, JobState, JobView
from workbench.signing.recipe import make_recipe

_PAGE = 1000
_LOOK_UP_SECONDS = 0.2
_ENDED = frozenset({JobState.DONE, JobState.CANCELLED})
_NO_ALIAS = re.compile(r"alias/|arn:|mrk-[0-9a-f]{32}$|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command's parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "sign",
        help="sign files and folders with a key of the vault",
        description="Writes NAME.p7s beside each file: a detached CMS signature (RFC 9882) with "
        "the key's certificate and its subordinate CA inside.",
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="file or folder")
    command.add_argument("--key", required=True, help="alias (with or without alias/), id or ARN")
    command.add_argument("--digest", help="SHA-512 or SHAKE256, …; default: the key's usual one")
    command.add_argument("--out", type=Path, metavar="DIR", help="where signatures are written")
    command.add_argument("--replace", action="store_true", help="replace existing signatures")
    add_unlock_arguments(command)
    return command


def run(arguments: argparse.Namespace, keeper: Keeper, output: Output) -> Exit:
    """Sign and wait.

    Returns:
        `Exit.OK` when every file was signed, else `Exit.INVALID`.
    """
    bench = keeper.open(arguments.vault or keeper.default_directory())
    try:
        unlock(bench, arguments)
        return _sign(bench, arguments, output)
    finally:
        bench.close()


def _sign(bench: Bench, arguments: argparse.Namespace, output: Output) -> Exit:
    key = _key_identifier(arguments.key)
    recipe = make_recipe(
        bench.kms,
        key,
        chain_for_key(bench.kms, bench.shelf, key),
        arguments.digest or "",
        replace_existing=arguments.replace,
        folder=None if arguments.out is None else arguments.out.absolute(),
    )
    paths = [path.absolute() for path in arguments.files]
    job_id = bench.jobs.submit(recipe, paths)
    try:
        view = _finished(bench, job_id)
        files = _all_files(bench, job_id, view.total)
    except KeyboardInterrupt:
        bench.jobs.cancel(job_id)
        _finished(bench, job_id)
        raise
    finally:
        # A command's job is told on the terminal; the window's list is for the window's jobs. A
        # disk too full to forget it has no say in what was signed.
        with contextlib.suppress(EnvironmentFault):
            bench.jobs.remove(job_id)
    return _report(view, files, output)


def _finished(bench: Bench, job_id: str) -> JobView:
    """Wait for a job, looking up now and then.

    An interrupt that comes just before a wait without end begins would be seen when it ends only.
    """
    view = bench.jobs.wait(job_id, _LOOK_UP_SECONDS)
    while view.state not in _ENDED:
        view = bench.jobs.wait(job_id, _LOOK_UP_SECONDS)
    return view


def _key_identifier(text: str) -> str:
    """Return what KMS takes: an alias may be given without its prefix."""
    return text if _NO_ALIAS.match(text) else f"alias/{text}"


def _all_files(bench: Bench, job_id: str, total: int) -> list[FileView]:
    return [
        file for start in range(0, total, _PAGE) for file in bench.jobs.files(job_id, start, _PAGE)
    ]


def _report(view: JobView, files: list[FileView], output: Output) -> Exit:
    for file in files:
        if file.state is FileState.DONE:
            output.line(f"signed  {file.output}")
        else:
            output.note(f"{file.state}  {file.path}: {file.sentence}")
    for note in view.notes:
        output.note(f"passed over  {note}")
    output.set(
        signed=view.done,
        failed=view.total - view.done,
        passedOver=list(view.notes),
        files=[
            {
                "file": str(file.path),
                "state": str(file.state),
                "signature": None if file.output is None else str(file.output),
                "digest": file.digest,
                "problem": file.sentence,
            }
            for file in files
        ],
    )
    complete = view.done == view.total and view.done > 0 and not view.notes
    return Exit.OK if complete else Exit.INVALID
