"""Commands run in this process against an open vault."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.bench import Bench

ROOTS = ("root.pem", "classical.pem")


class Kept:
    """A keeper of one open vault, which no command closes."""

    def __init__(self, bench: Bench) -> None:
        self.bench = dataclasses.replace(bench, close=lambda: None)

    def default_directory(self) -> Path:
        return Path("/nowhere")

    def open(self, directory: Path) -> Bench:
        del directory
        return self.bench


@dataclasses.dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


Say = Callable[..., Answer]
