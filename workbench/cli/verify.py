"""`workbench verify FILE [SIG] --root PEM`: a verdict with reasons; needs no vault.

Many files at once are `workbench.cli.verify_many`'s.
"""

import argparse
import contextlib
import dataclasses
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault, Refused
from workbench.base.files import fault, printable, write_atomically
from workbench.bench import Bench, Keeper
from workbench.cli.choosing import read_options
from workbench.cli.exits import Exit
from workbench.cli.files import add_file_arguments, add_jobs_argument, check_files, paths_of
from workbench.cli.opening import add_unlock_arguments, unlock
from workbench.cli.output import Output
from workbench.cli.progress import ProgressBar, bar_of
from workbench.cli.verify_many import verify_many
from workbench.pki.parse import LARGEST_INPUT, read_certificates
from workbench.pki.validate import Evidence, Purpose
from workbench.signing.chains import revocation_evidence, trusted_roots
from workbench.signing.checking import FAMILIES, check_listed, find_pair
from workbench.signing.checksums import LISTS
from workbench.signing.formats.base import Format, Trust
from workbench.signing.formats.registry import FORMATS, make_format, signature_names
from workbench.signing.pairing import Pairing, stands_alone
from workbench.signing.report import Circumstances, as_document, to_html, to_json
from workbench.signing.trust import revocation_documents, system_roots, trusted_keys
from workbench.signing.verdict import Part, Verdict
from workbench.signing.verify import Verifier

_MARKS = {"ok": "ok      ", "failed": "FAILED  ", "unknown": "unknown ", "open": "unknown "}
_AT_SIGNING = "signing"
_MODE = 0o644
_PAIR = 2


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command's parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "verify",
        help="verify files and their signatures; needs no vault",
        description="Finds the format by the content, checks the signature, the file, and who "
        "signed, up to a root or key you trust, and says what failed and why. A file's signature "
        "is found by its name (FILE.p7s, FILE.sig, …); for another name give the two, in any order."
        " Folders, patterns and lists are verified pair by pair, with a line for each.",
    )
    add_file_arguments(command)
    _add_trust(command)
    command.add_argument(
        "--at", type=_moment, metavar="TIME",
        help="judge certificates at this time (ISO 8601), or at “signing”, the time the signer "
        "claims; default: now",
    )  # fmt: skip
    command.add_argument(
        "--purpose",
        choices=[str(purpose) for purpose in Purpose],
        help="what the signer's certificate must be meant for; default: code for programs and "
        "JARs, documents (RFC 9336; e-mail and code as well) for most others",
    )
    command.add_argument(
        "--require", choices=tuple(FAMILIES), action="append", default=[],
        help="a kind of key that must have signed; give two for “both required”",
    )  # fmt: skip
    command.add_argument("--format", choices=tuple(FORMATS), help="expect this format")
    command.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE",
        help="what is demanded of it, such as namespace=git or audience=NAME; needs --format",
    )  # fmt: skip
    command.add_argument(
        "--files", action="store_true", dest="listed",
        help="the file is a list of checksums: check the files it lists as well",
    )  # fmt: skip
    command.add_argument(
        "--report", type=_report_path, metavar="FILE",
        help="write a report on one file and its signature: .html or .json",
    )  # fmt: skip
    add_jobs_argument(command, "files verified at once")
    add_unlock_arguments(command)

    def check(arguments: argparse.Namespace) -> None:
        problem = check_files(arguments)
        if problem:
            command.error(problem)
        trusting = (arguments.root, arguments.key, arguments.system_roots, arguments.vault_roots)
        if not any(trusting):
            command.error("say whom to trust: --root, --key, --vault-roots or --system-roots")
        if arguments.option and not arguments.format:
            command.error("--option needs --format")

    command.set_defaults(check=check)
    return command


def _add_trust(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--root", type=Path, default=[], action="append", metavar="PEM",
        help="trusted root certificates; may be given more than once",
    )  # fmt: skip
    command.add_argument(
        "--key", type=Path, default=[], action="append", metavar="PUB",
        help="trusted public keys: PEM, OpenSSH, minisign or JWK",
    )  # fmt: skip
    command.add_argument(
        "--vault-roots", action="store_true", help="trust the roots of the vault; unlocks it"
    )
    command.add_argument(
        "--system-roots", action="store_true", help="trust the operating system's roots as well"
    )
    command.add_argument(
        "--intermediate", type=Path, default=[], action="append", metavar="PEM",
        help="further certificates that may link the chain",
    )  # fmt: skip
    command.add_argument(
        "--crl", type=Path, default=[], action="append", metavar="FILE",
        help="revocation list or OCSP response, PEM or DER; may be given more than once",
    )  # fmt: skip
    command.add_argument(
        "--require-revocation", action="store_true",
        help="not valid unless it is known that no certificate in the chain is revoked",
    )  # fmt: skip


def run(arguments: argparse.Namespace, keeper: Keeper, output: Output) -> Exit:
    """Verify and report.

    Returns:
        `Exit.OK` when every signature is valid and trusted, else `Exit.INVALID`.
    """
    clock = SystemClock()
    paths = paths_of(arguments.files, arguments.files_from)
    one = _is_one(arguments, paths)
    if arguments.report is not None and not one:
        raise Refused(
            "A report is about one file and its signature.", "Name one, or ask for --json."
        )
    trust = _trust(arguments, keeper, clock.now())
    if one:
        return _verify_one(arguments, paths, trust, output)
    verifier, expected = Verifier(clock), _expected(arguments)

    def judge(pair: Pairing, stop: threading.Event) -> Verdict:
        signature = pair.signature or pair.shown
        verdict = verifier.check(pair.file, signature, trust, expected=expected, stop=stop)
        if arguments.listed and pair.file is not None and pair.file.name in LISTS:
            verdict = check_listed(verdict, pair.file, stop.is_set)
        return verdict

    return verify_many(paths, judge, output, arguments.jobs, quiet=arguments.json)


def _is_one(arguments: argparse.Namespace, paths: Sequence[Path]) -> bool:
    """Whether one file is meant, or a file and its signature, and not many to be paired by name.

    Two that are named are one pair, unless each has a signature of its own.
    """
    if arguments.files_from is not None or "-" in arguments.files or len(paths) > _PAIR:
        return False
    if len(arguments.files) != len(paths) or any(path.is_dir() for path in paths):
        return len(paths) == 1 and not paths[0].is_dir()
    return len(paths) < _PAIR or not all(map(stands_alone, paths)) or _beside(*paths)


def _beside(one: Path, other: Path) -> bool:
    return str(other) in signature_names(str(one)) or str(one) in signature_names(str(other))


def _verify_one(
    arguments: argparse.Namespace, paths: Sequence[Path], trust: Trust, output: Output
) -> Exit:
    clock = SystemClock()
    file, signature = find_pair(*paths)
    if arguments.report is not None:
        _keep_apart(arguments.report, (file, signature, *_given(arguments)))
    bar, size = ProgressBar(shown=not arguments.json), _size(file)
    try:
        verdict = Verifier(clock).check(
            file, signature, trust, expected=_expected(arguments),
            progress=lambda count: bar.show(bar_of(0, 1, min(1.0, count / max(size, count, 1)))),
        )  # fmt: skip
        if arguments.listed and file is not None:
            verdict = check_listed(verdict, file)
    finally:
        bar.clear()
    report(verdict, output)
    if arguments.report is not None:
        about = Circumstances(file, signature, clock.now(), trust)
        text = (to_html if arguments.report.suffix.lower() == ".html" else to_json)(verdict, about)
        write_atomically(arguments.report.absolute(), text.encode(), replace=True, mode=_MODE)
    return Exit.OK if verdict.valid else Exit.INVALID


def _size(file: Path | None) -> int:
    try:
        return 0 if file is None else file.stat().st_size
    except OSError:
        return 0


def _given(arguments: argparse.Namespace) -> Sequence[Path]:
    return (*arguments.root, *arguments.key, *arguments.intermediate, *arguments.crl)


def _keep_apart(report_path: Path, others: Sequence[Path | None]) -> None:
    """Refuse a report in the place of what it is about, or of what it was made from."""
    for other in others:
        with contextlib.suppress(OSError):
            if other is not None and report_path.samefile(other):
                raise Refused(
                    f"The report would take the place of {printable(other)}.",
                    "Choose another name for the report.",
                )


def report(verdict: Verdict, output: Output) -> None:
    """Print a verdict."""
    output.line(f"{'VALID' if verdict.valid else 'NOT VALID'}: {verdict.headline}")
    for need in verdict.needs:
        output.line(f"  missing {need.kind}: {need.name}")
    for check in verdict.checks:
        rule = f" [{check.rule}]" if check.rule else ""
        output.line(f"  {_MARKS[check.state]}{check.name}: {check.sentence}{rule}")
    if len(verdict.parts) > 1 or any(part.parts for part in verdict.parts):
        for part in verdict.parts:
            for depth, one in part.walk():
                _print_part(one, depth, output)
    else:
        _print_chain(verdict, output)
    if verdict.signing_time is not None:
        output.line(f"  signing time, as the signer claims: {verdict.signing_time.isoformat()}")
    output.set(**{**as_document(verdict), "signingTime": verdict.signing_time})


def _print_part(part: Part, depth: int, output: Output) -> None:
    mark = _MARKS["ok" if part.valid else "failed"]
    output.line(f"  {mark}{'  ' * depth}{part.title}: {part.signer}")
    _print_chain(part, output, depth + 1)


def _print_chain(of: Verdict | Part, output: Output, depth: int = 0) -> None:
    for link in of.links:
        mark = _MARKS["ok" if link.ok else "failed"]
        output.line(f"  {mark}  {'  ' * depth}{link.subject}: {link.sentence}")


def _expected(arguments: argparse.Namespace) -> Format | None:
    if arguments.format is None:
        return None
    return make_format(arguments.format, read_options(arguments.format, arguments.option))


def _trust(arguments: argparse.Namespace, keeper: Keeper, now: datetime) -> Trust:
    roots = [der for path in arguments.root for der in _certificates(path)]
    known = Evidence()
    if arguments.vault_roots:
        bench: Bench = keeper.open(arguments.vault or keeper.default_directory())
        try:
            unlock(bench, arguments)
            roots += trusted_roots(bench.shelf)
            known = revocation_evidence(bench.shelf)
        finally:
            bench.close()
    if arguments.system_roots:
        roots += system_roots()
    at_signing = arguments.at == _AT_SIGNING
    trust = Trust(
        now if at_signing or arguments.at is None else arguments.at,
        tuple(key for path in arguments.key for key in trusted_keys(path)),
        tuple(dict.fromkeys(roots)),
        tuple(der for path in arguments.intermediate for der in _certificates(path)),
        Purpose(arguments.purpose) if arguments.purpose else None,
    )
    required = tuple(FAMILIES[name] for name in arguments.require)
    return dataclasses.replace(
        trust,
        required=required,
        at_signing_time=at_signing,
        evidence=dataclasses.replace(
            _with_documents(known, arguments.crl), required=arguments.require_revocation
        ),
    )


def _with_documents(known: Evidence, paths: Sequence[Path]) -> Evidence:
    """Add the revocation lists and OCSP responses in files."""
    read = [known, *(revocation_documents(path) for path in paths)]
    lists = tuple(der for one in read for der in one.lists)
    answers = tuple(der for one in read for der in one.answers)
    return dataclasses.replace(known, lists=lists, answers=answers)


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


def _moment(text: str) -> datetime | str:
    if text == _AT_SIGNING:
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time; write it as 2026-12-31 or 2026-12-31T12:00:00Z"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _report_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in {".html", ".json"}:
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .html nor in .json")
    return path
