"""`workbench verify FILE [SIG] --root PEM`: a verdict with reasons; needs no vault."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable
from workbench.cli.exits import Exit
from workbench.cli.output import Output
from workbench.pki.parse import LARGEST_INPUT, read_certificates
from workbench.pki.validate import Purpose
from workbench.signing.outputs import SUFFIX
from workbench.signing.verify import Verdict, Verifier

_MARKS = {"ok": "ok      ", "failed": "FAILED  ", "unknown": "unknown "}


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command's parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "verify",
        help="verify a file and its signature; needs no vault",
        description="Checks the signature, the file, and the certificate chain up to a root you "
        "trust, and says what failed and why.",
    )
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("signature", type=Path, nargs="?", metavar="SIG", help="default: FILE.p7s")
    command.add_argument(
        "--root", type=Path, required=True, action="append", metavar="PEM",
        help="trusted root certificate; may be given more than once",
    )  # fmt: skip
    command.add_argument(
        "--intermediate", type=Path, default=[], action="append", metavar="PEM",
        help="further certificates that may link the chain",
    )  # fmt: skip
    command.add_argument(
        "--at",
        type=_moment,
        metavar="TIME",
        help="judge certificates at this time (ISO 8601), not now",
    )
    command.add_argument(
        "--purpose",
        choices=[str(purpose) for purpose in Purpose],
        default=str(Purpose.CODE_SIGNING),
        help="what the signer's certificate must be meant for",
    )
    return command


def run(arguments: argparse.Namespace, output: Output) -> Exit:
    """Verify and report.

    Returns:
        `Exit.OK` when the signature is valid and trusted, else `Exit.INVALID`.
    """
    signature = arguments.signature or Path(f"{arguments.file}{SUFFIX}")
    verdict = Verifier(SystemClock()).verify(
        arguments.file,
        signature,
        [der for path in arguments.root for der in _certificates(path)],
        [der for path in arguments.intermediate for der in _certificates(path)],
        moment=arguments.at,
        purpose=Purpose(arguments.purpose),
    )
    report(verdict, output)
    return Exit.OK if verdict.valid else Exit.INVALID


def report(verdict: Verdict, output: Output) -> None:
    """Print a verdict."""
    output.line(f"{'VALID' if verdict.valid else 'NOT VALID'}: {verdict.headline}")
    for check in verdict.checks:
        rule = f" [{check.rule}]" if check.rule else ""
        output.line(f"  {_MARKS[check.state]}{check.name}: {check.sentence}{rule}")
    for link in verdict.links:
        output.line(f"  {_MARKS['ok' if link.ok else 'failed']}  {link.subject}: {link.sentence}")
    if verdict.signing_time is not None:
        output.line(f"  signing time, as the signer claims: {verdict.signing_time.isoformat()}")
    output.set(
        valid=verdict.valid,
        headline=verdict.headline,
        signer=verdict.signer,
        algorithm=verdict.algorithm,
        digest=verdict.digest,
        signingTime=verdict.signing_time,
        fileHash=verdict.file_hash,
        checks=[
            {"name": c.name, "state": c.state, "sentence": c.sentence, "rule": c.rule}
            for c in verdict.checks
        ],
        chain=[
            {"subject": link.subject, "issuer": link.issuer, "ok": link.ok,
             "sentence": link.sentence, "rule": link.rule}
            for link in verdict.links
        ],
    )  # fmt: skip


def _certificates(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_INPUT + 1)
    except OSError as error:
        raise fault(error, "read", path) from error
    found = [item.der for item in read_certificates(data) if item.der]
    if not found:
        raise EnvironmentFault(
            f"There is no certificate in {printable(path)}.",
            "Give a PEM or DER file with the root certificate.",
        )
    return found


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time; write it as 2026-12-31 or 2026-12-31T12:00:00Z"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
