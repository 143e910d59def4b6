"""`workbench doctor`: what a bug report needs, and whether everything is well."""

import argparse
import platform
import ssl
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.bench import Bench, Keeper, key_specs
from workbench.cli.exits import Exit
from workbench.cli.opening import add_unlock_arguments, unlock
from workbench.cli.output import Output

_PACKAGES = (
    "PySide6-Essentials",
    "apsw-sqlite3mc",
    "asn1crypto",
    "boto3",
    "botocore",
    "cryptography",
    "filelock",
    "jwcrypto",
    "keyring",
    "platformdirs",
    "pyhanko-certvalidator",
    "qasync",
)


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command's parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "doctor",
        help="check versions, keyring, algorithms, self-tests and the vault's health",
        description="Checks this installation and, when there is a vault, the vault: every page "
        "of its database and every event of its journal. Prints nothing secret.",
    )
    add_unlock_arguments(command)
    return command


def run(arguments: argparse.Namespace, keeper: Keeper, output: Output) -> Exit:
    """Examine the installation and the vault.

    Returns:
        `Exit.OK` when nothing is wrong, else `Exit.DAMAGED`.
    """
    healthy = _installation(keeper, output)
    directory: Path = arguments.vault or keeper.default_directory()
    if not keeper.vault_exists(directory):
        output.line(f"Vault: none in {directory}")
        output.set(vault=None, healthy=healthy)
        return Exit.OK if healthy else Exit.DAMAGED
    bench = keeper.open(directory)
    try:
        unlock(bench, arguments)
        healthy = _vault(bench, output) and healthy
    finally:
        bench.close()
    output.set(healthy=healthy)
    output.line("Everything is well." if healthy else "Something is wrong; see above.")
    return Exit.OK if healthy else Exit.DAMAGED


def _installation(keeper: Keeper, output: Output) -> bool:
    versions = {name: _version(name) for name in _PACKAGES}
    output.line(f"Key Workbench {__version__}")
    output.line(f"Python {platform.python_version()} on {platform.platform()}")
    output.line(f"{ssl.OPENSSL_VERSION} in Python; its own OpenSSL in cryptography")
    output.line(", ".join(f"{name} {number}" for name, number in versions.items()))
    keyring = keeper.keyring_status()
    output.line(f"Keyring: {keyring}")
    missing = {spec.name: spec.why_not for spec in key_specs() if not spec.supported}
    offered = [spec.name for spec in key_specs() if spec.supported]
    output.line(f"Key specs: {', '.join(offered)}")
    for name, reason in missing.items():
        output.line(f"  without {name}: {reason}")
    report = keeper.self_test()
    failed = [result.name for result in report.results if not result.passed]
    output.line(
        f"Self-tests: {len(report.results)} run, "
        + ("all passed" if not failed else f"FAILED: {', '.join(failed)}")
    )
    output.set(
        version=__version__,
        python=sys.version,
        platform=platform.platform(),
        packages=versions,
        keyring=keyring,
        keySpecs=offered,
        missingKeySpecs=missing,
        selfTests={result.name: result.passed for result in report.results},
        notice="FIPS 140-3-style, not validated",
    )
    return not failed


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _vault(bench: Bench, output: Output) -> bool:
    findings = bench.vault.health()
    report = bench.journal.verify()
    output.line(f"Vault: {bench.vault.directory}")
    for slot in bench.vault.slots:
        output.line(f"  slot {slot.kind}: {slot.parameters}")
    for finding in findings:
        output.line(f"  {finding.subject}: {finding.detail}")
    for warning in bench.vault.warnings:
        output.line(f"  warning: {warning}")
    output.line(
        f"Journal: {report.size} events, tree head {report.root.hex()}, "
        + ("verified" if not report.problems else "NOT intact")
    )
    for problem in report.problems:
        output.line(f"  {problem}")
    output.set(
        vault={
            "directory": str(bench.vault.directory),
            "slots": {slot.kind: slot.parameters for slot in bench.vault.slots},
            "findings": [
                {"subject": f.subject, "passed": f.passed, "detail": f.detail} for f in findings
            ],
            "warnings": list(bench.vault.warnings),
            "journal": {
                "events": report.size,
                "root": report.root.hex(),
                "problems": list(report.problems),
            },
        }
    )
    return not report.problems and all(finding.passed for finding in findings)
