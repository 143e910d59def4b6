"""`workbench demo --out DIR`: the main job in a throw-away vault, its results left in a folder."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench import showcase
from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, write_atomically
from workbench.bench import Bench, Keeper
from workbench.cli.exits import Exit
from workbench.cli.output import Output
from workbench.cli.verify import report
from workbench.pki.parse import pem
from workbench.signing.chains import chain_for_key
from workbench.signing.jobs import FileState
from workbench.signing.recipe import make_recipe

Screenshots = Callable[[Bench, Path], list[Path]]


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command's parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "demo",
        help="run the main job in a throw-away vault and leave its results in a folder",
        description="Makes keys of each family and an ML-DSA-65 hierarchy, signs a real file, "
        "verifies it, and writes root.pem, chain.pem, the file with its .p7s, a summary of the "
        "vault and pictures of every pane. Exit code 0 only if all of it verified.",
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument(
        "--no-screenshots", action="store_true", help="leave the pictures out (needs no Qt)"
    )
    return command


def run(
    arguments: argparse.Namespace, keeper: Keeper, output: Output, screenshots: Screenshots
) -> Exit:
    """Run the demo.

    Returns:
        `Exit.OK` when the signature verified and every part was written.
    """
    out: Path = arguments.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fault(error, "make the folder", out) from error
    bench = keeper.demo(lambda text, share: output.note(f"{share:4.0%}  {text}"))
    try:
        valid = _main_job(bench, out, output)
        _summary(bench, out)
        if not arguments.no_screenshots:
            pictures = screenshots(bench, out / "screenshots")
            output.line(f"{len(pictures)} pictures in {out / 'screenshots'}")
            output.set(screenshots=[str(path) for path in pictures])
    finally:
        bench.close()
    return Exit.OK if valid else Exit.INVALID


def _main_job(bench: Bench, out: Path, output: Output) -> bool:
    chain = chain_for_key(bench.kms, bench.shelf, showcase.SIGNING_ALIAS)
    _write(out / "root.pem", pem(chain[-1]) + "\n")
    _write(out / "chain.pem", "".join(pem(der) + "\n" for der in chain))
    sample = showcase.sample_file(out)
    recipe = make_recipe(bench.kms, showcase.SIGNING_ALIAS, chain, replace_existing=True)
    job = bench.jobs.submit(recipe, [sample.absolute()])
    bench.jobs.wait(job)
    (file,) = bench.jobs.files(job)
    if file.state is not FileState.DONE or file.output is None:
        raise EnvironmentFault(f"The sample was not signed: {file.sentence}")
    output.line(f"Signed {sample} with {recipe.plan.name} and {recipe.digest}")
    verdict = bench.verifier.verify(sample, file.output, [chain[-1]])
    report(verdict, output)
    output.set(file=str(sample), signature=str(file.output), root=str(out / "root.pem"))
    return verdict.valid


def _summary(bench: Bench, out: Path) -> None:
    keys = []
    for page in bench.kms.get_paginator("list_keys").paginate():
        for entry in page["Keys"]:
            metadata = bench.kms.describe_key(KeyId=entry["KeyId"])["KeyMetadata"]
            keys.append({name: metadata[name] for name in ("KeyId", "KeySpec", "KeyState")})
    report = bench.journal.verify()
    document = {
        "keys": keys,
        "slots": [slot.kind for slot in bench.vault.slots],
        "journal": {
            "events": report.size,
            "root": report.root.hex(),
            "problems": list(report.problems),
        },
    }
    _write(out / "vault-summary.json", json.dumps(document, indent=2, default=str) + "\n")


def _write(path: Path, text: str) -> None:
    write_atomically(path, text.encode(), replace=True, mode=0o644)
