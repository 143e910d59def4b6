"""What commands print: lines for people on a terminal, or one JSON document for programs."""

import json
import os
import sys
from datetime import datetime
from typing import Any, TextIO

from workbench.base.errors import EnvironmentFault
from workbench.cli.exits import Exit


class Output:
    """Collects a command's result.

    Args:
        as_json: print nothing but one JSON document, at the end.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._document: dict[str, Any] = {}
        self._told = False

    def line(self, text: str) -> None:
        """Print a line for people.

        Raises:
            EnvironmentFault: standard output refused it.
        """
        if not self._as_json:
            _print(_one_line(text))

    def note(self, text: str) -> None:
        """Print a line about what is going on, apart from the result."""
        if not self._as_json:
            _tell(text)

    def set(self, **values: Any) -> None:
        """Add members to the JSON document."""
        self._document.update(values)

    def ready(self, **values: Any) -> None:
        """Print one line of JSON, if JSON was asked for, before the command is done.

        For programs that wait for it: it is the command's only document. Raises as `line`.
        """
        if self._as_json:
            self._told = True
            _print(json.dumps(values, default=_json_value))

    def fail(self, text: str, code: Exit) -> None:
        """Say why a command failed."""
        self._document["error"] = text
        self._document["exitCode"] = int(code)
        if not self._as_json or self._told:
            _tell(f"workbench: {text}")

    def close(self) -> None:
        """Print the JSON document, if that was asked for and not told before; raises as `line`."""
        if self._as_json and not self._told:
            _print(json.dumps(self._document, indent=2, default=_json_value))


def _json_value(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _one_line(text: str) -> str:
    """Escape what could forge a line, drive a terminal, or not be encoded: a name may hold it."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _print(text: str) -> None:
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:
        _give_up(sys.stdout)
    except OSError as error:
        _give_up(sys.stdout)
        raise EnvironmentFault(
            f"The result could not be printed: {error.strerror}.",
            "Check where standard output leads.",
        ) from error


def _tell(text: str) -> None:
    try:
        _write(sys.stderr, _one_line(text))
    except OSError:
        _give_up(sys.stderr)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # closed before the program began
        return
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def _give_up(stream: TextIO) -> None:
    """Lead a stream nowhere: else Python would fail again when it flushes it at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
