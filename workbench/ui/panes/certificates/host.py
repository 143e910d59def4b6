"""What the pane's actions may ask of the pane."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtWidgets import QWidget

from workbench.pki.roster import Held
from workbench.ui.command import Command
from workbench.ui.pane import Context
from workbench.ui.panes.certificates.records import Collection, Record


class Host(Protocol):
    """The pane, as its actions see it."""

    @property
    def context(self) -> Context:
        """Bench, session, look, frame."""

    @property
    def widget(self) -> QWidget:
        """The pane, as parent of dialogs and owner of work."""

    @property
    def collection(self) -> Collection:
        """What is on the shelf."""

    @property
    def selected(self) -> Sequence[Record]:
        """The chosen certificates."""

    @property
    def authority(self) -> Held | None:
        """The CA of this vault that is chosen, by its certificate or its own card, or None."""

    def reload(self, select: str = "") -> None:
        """Read the shelf again and then choose a certificate."""


class Registrar(Protocol):
    """Makes commands and puts them where people find them."""

    def make_command(
        self,
        name: str,
        text: str,
        icon: str,
        slot: Callable[[], None],
        shortcut: str = "",
        tip: str = "",
    ) -> Command:
        """Make a command."""

    def add_command(
        self, command: Command, *, button: bool = False, primary: bool = False, words: bool = True
    ) -> Command:
        """Put it into menu and palette."""


class CommandHost(Host, Registrar, Protocol):
    """The pane, which also registers commands."""
