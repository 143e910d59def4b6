"""`workbench sign FILE… --key ALIAS`: the same queue as the window's, waited for."""

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

from workbench.base.errors import EnvironmentFault
from workbench.bench import Bench, Keeper
from workbench.cli.choosing import add_choice_arguments, check_choices, chosen
from workbench.cli.exits import Exit
from workbench.cli.files import add_file_arguments, add_jobs_argument, check_files, paths_of
from workbench.cli.interrupt import Interrupt
from workbench.cli.opening import add_unlock_arguments, unlock
from workbench.cli.output import Output
from workbench.cli.progress import ProgressBar, line
from workbench.signing.jobs import FileState, FileView, JobState, JobView
from workbench.signing.recipe import Recipe

_PAGE = 1000
_LOOK_UP_SECONDS = 0.2
_ENDED = frozenset({JobState.DONE, JobState.CANCELLED})


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command's parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "sign",
        help="sign files and folders with keys of the vault",
        description="Writes a signature beside each file: by default NAME.p7s, a detached CMS "
        "signature (RFC 9882 for ML-DSA) with the key's certificate and its subordinate CA inside.",
    )
    add_file_arguments(command)
    add_choice_arguments(command)
    command.add_argument("--out", type=Path, metavar="DIR", help="where signatures are written")
    command.add_argument("--replace", action="store_true", help="replace existing signatures")
    add_jobs_argument(command, "files signed at once")
    add_unlock_arguments(command)

    def check(arguments: argparse.Namespace) -> None:
        problem = check_choices(arguments)
        problem = problem or check_files(arguments)
        if problem:
            command.error(problem)

    command.set_defaults(check=check)
    return command


def run(arguments: argparse.Namespace, keeper: Keeper, output: Output) -> Exit:
    """Sign and wait.

    Returns:
        `Exit.OK` when every file was signed, else `Exit.INVALID`.
    """
    paths = paths_of(arguments.files, arguments.files_from)
    bench = keeper.open(arguments.vault or keeper.default_directory())
    try:
        unlock(bench, arguments)
        return _sign(bench, arguments, paths, output)
    finally:
        bench.close()


def _sign(bench: Bench, arguments: argparse.Namespace, paths: list[Path], output: Output) -> Exit:
    recipe = bench.recipe(chosen(bench, arguments))
    _advise(recipe, output)
    if arguments.jobs is not None:
        bench.jobs.limit(arguments.jobs)
    bar = ProgressBar(shown=not arguments.json)
    with Interrupt() as interrupt:
        job_id = bench.jobs.submit(recipe, paths)
        try:
            view, obstacle = _finished(bench, job_id, bar, interrupt)
            files = _all_files(bench, job_id, view.total)
            if interrupt.noted:
                raise KeyboardInterrupt
        finally:
            bar.clear()
            # A command's job is told on the terminal; the window's list is for the window's jobs. A
            # disk too full to forget it has no say in what was signed.
            with contextlib.suppress(EnvironmentFault):
                bench.jobs.remove(job_id)
    if obstacle:
        output.note(obstacle)
    output.set(onHold=obstacle)
    return _report(view, files, output)


def _advise(recipe: Recipe, output: Output) -> None:
    """Say before signing who cannot check it yet; a script reads it from the JSON document."""
    output.set(format=recipe.kind, algorithm=recipe.algorithm, advice=recipe.advice)
    if recipe.advice and sys.stderr is not None and sys.stderr.isatty():
        output.note(f"note: {recipe.advice}")


def _finished(
    bench: Bench, job_id: str, bar: ProgressBar, interrupt: Interrupt
) -> tuple[JobView, str]:
    """Wait for a job, looking up now and then; cancel it when the person interrupts.

    A job on hold is cancelled too: what it waits for may take days, and nobody could resume it.

    Returns:
        The job at its end, and why it was on hold, or nothing.
    """
    view = bench.jobs.wait(job_id, _LOOK_UP_SECONDS)
    cancelled, obstacle = False, ""
    while view.state not in _ENDED:
        if view.state is JobState.HELD:
            obstacle = f"{view.reason} {view.next_step}".strip()
        if (interrupt.noted or obstacle) and not cancelled:
            bench.jobs.cancel(job_id)
            cancelled = True
        bar.show(line(view))
        view = bench.jobs.wait(job_id, _LOOK_UP_SECONDS)
    return view, obstacle


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
    complete = view.done == view.total and view.done > 0 and not view.obstacles
    return Exit.OK if complete else Exit.INVALID
