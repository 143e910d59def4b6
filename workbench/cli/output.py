"""What commands print: lines for people on a terminal, or one JSON document for programs."""

import json
import sys
from typing import Any

from workbench.cli.exits import Exit


class Output:
    """Collects a command's result.

    Args:
        as_json: print nothing but one JSON document, at the end.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._document: dict[str, Any] = {}

    def line(self, text: str) -> None:
        """Print a line for people."""
        if not self._as_json:
            _write(sys.stdout, text)

    def note(self, text: str) -> None:
        """Print a line about what is going on, apart from the result."""
        if not self._as_json:
            _write(sys.stderr, text)

    def set(self, **values: Any) -> None:
        """Add members to the JSON document."""
        self._document.update(values)

    def fail(self, text: str, code: Exit) -> None:
        """Say why a command failed."""
        self._document["error"] = text
        self._document["exitCode"] = int(code)
        if not self._as_json:
            _write(sys.stderr, f"workbench: {text}")

    def close(self) -> None:
        """Print the JSON document, if that was asked for."""
        if self._as_json:
            _write(sys.stdout, json.dumps(self._document, indent=2, default=str))


def _write(stream: Any, text: str) -> None:
    # A name with undecodable bytes must never break the report about it.
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
