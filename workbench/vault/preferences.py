"""Remembered choices that are no secrets: theme, columns, window size, auto-lock minutes.

Kept beside the vault as plain JSON so that they apply before it is unlocked. Nothing about keys,
files or people may be put here.
"""

import json
import threading
from pathlib import Path
from typing import Any

from workbench.base.errors import EnvironmentFault
from workbench.base.files import write_atomically


class Preferences:
    """A small durable dictionary of JSON values. Thread-safe.

    Args:
        path: the file; it and its folder are made when something is first set.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._values = self._load()

    def _load(self) -> dict[str, Any]:
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # Choices are convenience: a damaged file means defaults, never a failed start.
            return {}
        return values if isinstance(values, dict) else {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return a remembered value, or `default`."""
        with self._lock:
            return self._values.get(name, default)

    def set(self, name: str, value: Any) -> None:
        """Remember a JSON value; a folder that cannot be written is not an error."""
        with self._lock:
            if self._values.get(name) == value and name in self._values:
                return
            self._values[name] = value
            text = json.dumps(self._values, indent=1, sort_keys=True)
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                write_atomically(self._path, text.encode(), replace=True, sync=False)
            except (OSError, EnvironmentFault):
                return
