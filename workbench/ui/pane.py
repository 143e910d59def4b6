"""What a pane is, and what it is given.

A pane lives in `workbench/ui/panes/<name>/pane.py`, is a `PaneBase` (workbench.ui.widgets.base)
and is listed in `workbench.ui.registry`. It reaches services only by `context.bench`'s clients, on
workers of `context.session`, and other panes only by `context.frame`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from workbench.ui.command import Command, CommandGroup
from workbench.ui.look import Look
from workbench.ui.ports import BenchPort
from workbench.ui.preferences import Preferences
from workbench.ui.session import Session
from workbench.ui.tokens import Tone


@dataclass(frozen=True, slots=True)
class PaletteItem:
    """One line of the command palette.

    Attributes:
        title: what is matched first and shown large.
        kind: `Key`, `Certificate`, `Job`, `Action`, ... as shown at the right.
        icon: name in `icons/`.
        run: what choosing it does.
        detail: shown small below the title: spec, shortcut, why it cannot run.
        keywords: also matched, not shown: ids, ARNs, fingerprints, aliases.
        enabled: whether choosing does anything.
    """

    title: str
    kind: str
    icon: str
    run: Callable[[], None]
    detail: str = ""
    keywords: str = ""
    enabled: bool = True


PaletteAnswer = Sequence[PaletteItem] | Awaitable[Sequence[PaletteItem]]


@dataclass(frozen=True, slots=True)
class Drop:
    """What was dropped on the window.

    Attributes:
        paths: files and folders, in the order they came.
        text: dropped text, such as a PEM block; empty when files came.
    """

    paths: tuple[Path, ...] = ()
    text: str = ""


class DropHandler(Protocol):
    """Who takes what is dropped."""

    def describe(self, drop: Drop, /) -> str:
        """Say in one sentence what will happen; instant, reads no file. Empty: refuse."""

    def take(self, drop: Drop, /) -> None:
        """Begin it."""


class Frame(Protocol):
    """The window as panes see it."""

    def notify(
        self,
        text: str,
        tone: Tone = "ok",
        action: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        """Show a short notice; `danger` ones stay until dismissed."""

    def show_object(self, pane: str, target: str) -> bool:
        """Go to a pane and select what has this id, ARN or name there.

        Returns:
            False if there is no such pane; the pane itself may still have to look for the target.
        """

    def register_drops(self, handler: DropHandler) -> None:
        """Let a pane take what is dropped anywhere on the window; the last to register wins."""

    def copy(self, text: str, what: str) -> None:
        """Put something public on the clipboard and say so. Never for secrets."""

    def open_help(self, page: str) -> None:
        """Open a page of `resources/help/` by its stem."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a pane is given."""

    bench: BenchPort
    session: Session
    look: Look
    frame: Frame
    preferences: Preferences


class Pane(Protocol):
    """What the window expects of a pane; `PaneBase` fulfils it."""

    id: str
    icon: str
    help_page: str

    @property
    def title(self) -> str:
        """The translated name on the rail."""

    @property
    def loaded(self) -> bool:
        """Whether it was shown, so that `refresh` has something to refresh."""

    @property
    def commands(self) -> Sequence[Command]:
        """What can be done here; the window puts them into the pane's menu and the palette."""

    @property
    def command_groups(self) -> Sequence[CommandGroup]:
        """The same commands as they stand in the pane's menu."""

    @property
    def inspector(self) -> QWidget | None:
        """What stands at the right; follows the pane's selection."""

    @property
    def running(self) -> Sequence[tuple[str, float]]:
        """Jobs under way as (text, share done 0-1 or below 0 if unknown), for the status bar."""

    def on_filter(self, text: str) -> None:
        """Show only what matches; called as a person types."""

    def refresh(self) -> None:
        """Read again what is shown; called at first show, after unlock, and by F5."""

    def palette_items(self) -> PaletteAnswer:
        """Return the pane's objects for Ctrl+K, at once or awaited."""

    def show_target(self, target: str) -> None:
        """Select the object with this id, ARN or name; it may not be loaded yet."""

    def focus_default(self) -> None:
        """Put the keyboard where work begins."""

    def focus_filter(self) -> None:
        """Put the keyboard into the filter (Ctrl+F)."""


class PaneMaker(Protocol):
    """What the window knows of a pane before there is one; a pane's class fulfils it."""

    @property
    def id(self) -> str:
        """The pane's id."""

    @property
    def icon(self) -> str:
        """Its name in `icons/`."""

    def name(self) -> str:
        """Return the translated name on the rail."""

    def load(self) -> None:
        """Import what it needs; on a worker, so that `made_for` does not have to."""

    def made_for(self, context: Context, /) -> Any:
        """Return the pane."""
