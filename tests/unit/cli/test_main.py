"""Errors become exit codes in one place; what nobody foresaw is a bug with a code of its own."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from workbench.assembly import Assembly
from workbench.base.errors import (
    Cancelled,
    EnvironmentFault,
    IntegrityError,
    Locked,
    NotFound,
    Refused,
)
from workbench.bench import Bench
from workbench.cli import main
from workbench.cli.exits import MEANINGS, Exit, table


class Failing(Assembly):
    """A keeper whose vault cannot even be looked for."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def vault_exists(self, directory: Path) -> bool:
        del directory
        raise self.error


def no_screenshots(bench: Bench, folder: Path) -> list[Path]:
    raise AssertionError


CODES = {
    Exit.ENVIRONMENT: EnvironmentFault("The disk is full.", "Free some space."),
    Exit.LOCKED: Locked("The vault is locked.", "Unlock it."),
    Exit.DAMAGED: IntegrityError("It is damaged.", "Restore it."),
    Exit.REFUSED: Refused("No.", "Ask differently."),
    Exit.CANCELLED: Cancelled("Stopped.", "Start again."),
}


@pytest.mark.parametrize("code", CODES)
def test_known_errors_are_one_line(code: Exit, capsys: pytest.CaptureFixture[str]) -> None:
    error = CODES[code]
    assert main.run(main.parse(["doctor"]), Failing(error), no_screenshots) == code
    assert capsys.readouterr().err == f"workbench: {error.message} {error.next_step}\n"


@pytest.mark.parametrize(
    "error",
    [
        NotFound("No certificate.", "Issue one."),
        ClientError({"Error": {"Code": "NotFoundException", "Message": "no such key"}}, "Sign"),
        NoCredentialsError(),
    ],
)
def test_what_the_key_service_says_is_a_refusal(error: Exception) -> None:
    assert main.run(main.parse(["doctor"]), Failing(error), no_screenshots) == Exit.REFUSED


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_bug_is_never_taken_for_a_verdict(
    form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    bug = RuntimeError("details")
    assert main.run(main.parse(["doctor", *form]), Failing(bug), no_screenshots) == Exit.BUG
    printed = capsys.readouterr()
    assert "RuntimeError: details" in printed.err
    if form:
        assert json.loads(printed.out)["exitCode"] == Exit.BUG
    else:
        assert printed.err.endswith(
            "workbench: Internal error (RuntimeError). Please report it with the lines above.\n"
        )


def test_an_interrupt_has_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    failing = Failing(KeyboardInterrupt())
    assert main.run(main.parse(["doctor"]), failing, no_screenshots) == Exit.CANCELLED
    assert "Stopped." in capsys.readouterr().err


def test_every_code_has_a_meaning_in_the_help(root: Path) -> None:
    assert set(MEANINGS) == set(Exit)
    readme = (root / "README.md").read_text()
    for code, meaning in MEANINGS.items():
        assert f"{code.value}  {meaning}" in table()
        assert f"| {code.value} | {meaning} |" in readme
