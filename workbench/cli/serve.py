"""`workbench serve`: the vault as AWS KMS on 127.0.0.1, or throw-away vaults for test suites."""

import argparse
import functools
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, Self

from workbench.api.models import aws_model
from workbench.base.errors import Refused
from workbench.base.files import fault, printable
from workbench.bench import Keeper
from workbench.cli.exits import Exit
from workbench.cli.opening import add_unlock_arguments, unlock
from workbench.cli.output import Output
from workbench.endpoint.lines import Shell, lines

if TYPE_CHECKING:
    from workbench.serving.seed import Seed

_SERVICES = ("kms", "acm-pca", "sts", "iam", "cloudtrail")
_LOOK_UP_SECONDS = 0.5
_LARGEST_PORT = 65535
_ONLY_EPHEMERAL = (
    "account", "seed", "verify_signatures", "strict_principals", "limit", "delay",
)  # fmt: skip
_LIMIT_DIGITS = 7
_LONGEST_DELAY = 3600
_ACCOUNT = re.compile(r"[0-9]{12}")
_RATE = re.compile(r"(?:(?P<service>[a-z-]+):)?(?P<operation>[A-Za-z]+)=(?P<rate>[0-9.]+)")


class _Served(Protocol):
    """A running endpoint, of a vault or of throw-away ones."""

    @property
    def url(self) -> str:
        """Where it is."""

    @property
    def regions(self) -> tuple[str, ...]:
        """What it serves."""

    def variables(self, region: str = "") -> dict[str, str]:
        """Return a client's environment."""


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command's parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "serve",
        help="serve AWS KMS, Private CA, STS and IAM on 127.0.0.1",
        description="Serves the vault to boto3, the AWS CLI and the AWS SDKs on this machine, "
        "prints what to set in their environment, and stops at Ctrl+C. With --ephemeral it serves "
        "throw-away vaults instead, for test suites.",
    )
    command.add_argument("--port", type=_port, default=0, metavar="N", help="default: any free one")
    command.add_argument(
        "--tls", action="store_true", help="serve TLS, with a certificate from the vault's own CA"
    )
    command.add_argument("--region", metavar="R", help="the Region that clients ask by default")
    command.add_argument(
        "--throttle", type=_rate, default=[], action="append", metavar="OPERATION=RATE",
        help="refuse more requests per second than this, as Encrypt=5 or sts:AssumeRole=1",
    )  # fmt: skip
    command.add_argument(
        "--until-eof", action="store_true",
        help="stop as well when standard input ends, as with the program that started this one",
    )  # fmt: skip
    add_unlock_arguments(command)
    only = command.add_argument_group("throw-away vaults, for test suites")
    only.add_argument(
        "--ephemeral", action="store_true",
        help="serve a new vault that is deleted at the end; any access key acts as root",
    )  # fmt: skip
    only.add_argument("--account", type=_account, metavar="ID", help="its twelve digits")
    only.add_argument("--seed", type=Path, metavar="FILE", help="YAML: what the vault begins with")
    only.add_argument(
        "--verify-signatures", action="store_true", default=None,
        help="take requests of known access keys only, and check their signatures",
    )  # fmt: skip
    only.add_argument(
        "--strict-principals", action="store_true", default=None,
        help="refuse policies and grants that name users and roles of the account that do not "
        "exist, as AWS does",
    )  # fmt: skip
    only.add_argument(
        "--limit", type=_limit, action="append", metavar="QUOTA=N",
        help="a quota of AWS KMS other than AWS's, as keys=5 or grants_per_key=2",
    )  # fmt: skip
    only.add_argument(
        "--delay", type=_delay, metavar="SECONDS",
        help="how long keys stay Creating or Updating, CAs CREATING, and a rotation on demand "
        "takes; default: no longer than the work",
    )  # fmt: skip
    command.set_defaults(check=functools.partial(_check, command))
    return command


def run(arguments: argparse.Namespace, keeper: Keeper, output: Output) -> Exit:
    """Serve until told to stop.

    Returns:
        `Exit.OK` when it was stopped by Ctrl+C, SIGTERM or the end of standard input.
    """
    return (_ephemeral if arguments.ephemeral else _vault)(arguments, keeper, output)


def _vault(arguments: argparse.Namespace, keeper: Keeper, output: Output) -> Exit:
    bench = keeper.open(arguments.vault or keeper.default_directory())
    try:
        unlock(bench, arguments)
        serving = bench.serving
        region = _served_region(arguments.region or bench.place.region, serving.regions)
        with _Stop(until_eof=arguments.until_eof) as stop:
            serving.start(arguments.port, tls=arguments.tls, rates=_rates(arguments))
            _tell(serving, region, bench.place.account, output)
            bench.watcher.start()
            stop.wait()
    finally:
        bench.close()
    return Exit.OK


def _ephemeral(arguments: argparse.Namespace, keeper: Keeper, output: Output) -> Exit:
    # YAML and what reads it are for this alone: the other commands start without.
    from workbench.serving.ephemeral import EphemeralRequest  # noqa: PLC0415
    from workbench.serving.seed import Seed  # noqa: PLC0415
    from workbench.serving.seed_nodes import SeedRefused  # noqa: PLC0415

    with _Stop(until_eof=arguments.until_eof) as stop:
        try:
            seed = _seed(arguments.seed) if arguments.seed else Seed()
            request = EphemeralRequest(
                seed,
                arguments.account or "",
                arguments.region or "",
                verify_signatures=bool(arguments.verify_signatures),
                strict_principals=bool(arguments.strict_principals),
                port=arguments.port,
                tls=arguments.tls,
                rates=_rates(arguments),
                limits=dict(arguments.limit or ()),
                delay=arguments.delay or 0.0,
            )
            served = keeper.ephemeral(request)
        except SeedRefused as error:
            for problem in error.problems:
                output.note(f"{arguments.seed}:{problem.spot.line}:{problem.spot.column}: "
                            f"{problem.text}")  # fmt: skip
            output.set(problems=[str(problem) for problem in error.problems])
            raise
        try:
            region = _served_region(request.place.region, served.regions)
            _tell(served, region, request.place.account, output)
            stop.wait()
        finally:
            served.close()
    return Exit.OK


def _seed(path: Path) -> "Seed":
    from workbench.serving.seed import read_seed  # noqa: PLC0415 - as above
    from workbench.serving.seed_nodes import LARGEST  # noqa: PLC0415

    try:
        with path.open("rb") as stream:
            return read_seed(stream.read(LARGEST + 1))
    except OSError as error:
        raise fault(error, "read", path) from error


def _tell(served: _Served, region: str, account: str, output: Output) -> None:
    variables = served.variables(region)
    output.note(f"Serving {served.url} on this machine only. Ctrl+C stops it.")
    shell = Shell.POWERSHELL if os.name == "nt" else Shell.SH
    for line in lines(variables, shell).splitlines():
        output.line(line)
    output.ready(
        endpoint=served.url,
        accessKeyId=variables["AWS_ACCESS_KEY_ID"],
        secretAccessKey=variables["AWS_SECRET_ACCESS_KEY"],
        account=account,
        region=region,
        regions=list(served.regions),
        caBundle=variables.get("AWS_CA_BUNDLE"),
        environment=variables,
    )


def _served_region(region: str, served: tuple[str, ...]) -> str:
    if region not in served:
        raise Refused(
            f"{printable(region)} is not a Region of AWS KMS.",
            f"Choose one of {', '.join(served)}.",
        )
    return region


def _rates(arguments: argparse.Namespace) -> Mapping[tuple[str, str], float]:
    return dict(arguments.throttle)


class _Stop:
    """Waits for Ctrl+C, SIGTERM or, if asked for, the end of standard input.

    Inside, the signals do not interrupt: what is being built is finished and taken down in order.
    """

    def __init__(self, *, until_eof: bool) -> None:
        self._asked = threading.Event()
        self._until_eof = until_eof
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
        for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
            self._before[number] = signal.signal(number, self._ask)
        if self._until_eof:
            threading.Thread(target=self._drain, name="standard input", daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wait(self) -> None:
        """Return when it is time to stop."""
        while not self._asked.wait(_LOOK_UP_SECONDS):
            pass

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked.set()

    def _drain(self) -> None:
        try:
            while os.read(sys.stdin.fileno(), 4096):
                pass
        except (OSError, ValueError, AttributeError):
            pass  # closed, or never there: that is an end as well
        self._asked.set()


def _check(command: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuse switches that belong to the other kind of vault."""
    given = [name for name in _ONLY_EPHEMERAL if getattr(arguments, name) is not None]
    if given and not arguments.ephemeral:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        command.error(
            f"{names} works on throw-away vaults only: add --ephemeral. A real vault always "
            "verifies signatures and principals, and nothing is planted in it."
        )
    if arguments.ephemeral and (arguments.vault or arguments.passphrase_fd is not None):
        command.error(
            "--ephemeral makes a vault of its own: leave out --vault and --passphrase-fd."
        )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:6]) > _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give 0 to {_LARGEST_PORT}")
    return int(text)


def _limit(text: str) -> tuple[str, int]:
    # Known without loading AWS KMS: the parser of every command is built at each start.
    name, equals, value = text.partition("=")
    if not equals or not value.isascii() or not value.isdigit() or len(value) > _LIMIT_DIGITS:
        raise argparse.ArgumentTypeError(f"{text!r} is not QUOTA=N, such as keys=5")
    return name, int(value)


def _delay(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_DELAY:
        raise argparse.ArgumentTypeError(f"{text!r} is not 0 to {_LONGEST_DELAY} seconds")
    return seconds


def _account(text: str) -> str:
    if not _ACCOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an account; it has twelve digits")
    return text


def _rate(text: str) -> tuple[tuple[str, str], float]:
    match = _RATE.fullmatch(text)
    try:
        rate = float(match["rate"]) if match else 0.0
    except ValueError:
        rate = 0.0
    if match is None or not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a rate; write OPERATION=REQUESTS-PER-SECOND, as Encrypt=5"
        )
    service, operation = match["service"] or "kms", match["operation"]
    if service not in _SERVICES or operation not in aws_model(service).operation_names:
        raise argparse.ArgumentTypeError(f"there is no operation {operation} of {service}")
    return (service, operation), rate
