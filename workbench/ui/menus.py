"""The window's own commands and the menu bar that holds them and the front pane's.

Owns names, icons, shortcuts and places; what a command does is the window's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMainWindow, QMenu

from workbench.ui.command import Command, CommandGroup
from workbench.ui.look import Look

Slots = Mapping[str, Callable[[], None]]


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    menu: str
    text: str
    icon: str
    keys: str
    tip: str
    needs_open: bool = True


def _tr(text: str) -> str:
    return QCoreApplication.translate("menus", text)


def _entries() -> tuple[_Entry, ...]:
    return (
        _Entry("lock", "vault", _tr("&Lock"), "lock", "Ctrl+L",
               _tr("Lock the vault: forget every key in memory")),
        _Entry("backup", "vault", _tr("&Back up…"), "export", "Ctrl+Shift+B",
               _tr("Write one file that holds the whole vault")),
        _Entry("passphrase", "vault", _tr("Change recovery &passphrase…"), "edit", "",
               _tr("Replace the recovery passphrase")),
        _Entry("act", "vault", _tr("&Act as…"), "user", "Ctrl+Shift+A",
               _tr("Act as another user or role, or as root again")),
        _Entry("act-root", "vault", _tr("Act as &root again"), "shield", "",
               _tr("Act as the account root, who may do everything")),
        _Entry("identities", "vault", _tr("&Users and roles…"), "role", "Ctrl+Shift+U",
               _tr("Make users and roles, their policies and access keys")),
        _Entry("endpoint", "vault", _tr("&Endpoint…"), "link", "Ctrl+Shift+T",
               _tr("Let boto3, the AWS CLI and the AWS SDKs reach this vault")),
        _Entry("endpoint-turn", "vault", _tr("Start or s&top the endpoint"), "play", "",
               _tr("Switch the endpoint on as it was the last time, or off")),
        _Entry("other", "vault", _tr("&Open another vault…"), "vault", "Ctrl+Shift+O",
               _tr("Close this vault and choose another"), needs_open=False),
        _Entry("settings", "vault", _tr("&Settings…"), "settings", "Ctrl+,",
               _tr("Colours and locking")),
        _Entry("quit", "vault", _tr("&Quit"), "cancel", "Ctrl+Q", _tr("Lock the vault and quit"),
               needs_open=False),
        _Entry("palette", "view", _tr("&Command palette…"), "palette", "Ctrl+K",
               _tr("Find every action and object by name")),
        _Entry("filter", "view", _tr("&Filter"), "filter", "Ctrl+F",
               _tr("Put the keyboard into the filter of this pane")),
        _Entry("refresh", "view", _tr("&Refresh"), "retry", "F5",
               _tr("Read again what is shown")),
        _Entry("inspector", "view", _tr("&Inspector"), "inspector", "Ctrl+I",
               _tr("Show or hide the inspector at the right")),
        _Entry("scheme", "view", _tr("&Light or dark"), "theme", "Ctrl+Shift+D",
               _tr("Change between light and dark"), needs_open=False),
        _Entry("where", "view", _tr("&Where to look…"), "cloud", "Ctrl+Alt+O",
               _tr("Look at keys in another Region of this vault, or in AWS")),
        _Entry("connect", "view", _tr("Co&nnect to AWS…"), "external", "Ctrl+Alt+C",
               _tr("Look at keys in AWS, as a profile of the AWS configuration")),
        _Entry("home", "view", _tr("&Back to this vault"), "vault", "Ctrl+Alt+Home",
               _tr("Look at the home Region of this vault again")),
        _Entry("stop", "view", _tr("S&top waiting"), "cancel", "Ctrl+Alt+.",
               _tr("Wait no longer for what is being read from AWS")),
        _Entry("help", "help", _tr("&Help for this pane"), "help", "F1",
               _tr("Read about what is in front"), needs_open=False),
        _Entry("about", "help", _tr("&About Key Workbench"), "info", "",
               _tr("Version and licence"), needs_open=False),
    )  # fmt: skip


_BEFORE = (
    ("vault", "act"),
    ("vault", "endpoint"),
    ("vault", "other"),
    ("vault", "settings"),
    ("vault", "quit"),
    ("view", "filter"),
    ("view", "where"),
)
"""By menu, the commands that a new group begins with."""


class Menus:
    """Builds the commands and the menu bar, and keeps the pane's menu current.

    Args:
        window: where the menu bar is.
        look: icons.
        slots: what each command does, by its name.
    """

    def __init__(self, window: QMainWindow, look: Look, slots: Slots) -> None:
        self._window = window
        self._look = look
        self.commands: dict[str, Command] = {}
        self._closed: list[Command] = []
        bar = window.menuBar()
        self._menus = {
            "vault": bar.addMenu(_tr("V&ault")),
            "pane": bar.addMenu(_tr("&Pane")),
            "view": bar.addMenu(_tr("&View")),
            "help": bar.addMenu(_tr("&Help")),
        }
        self._turns: list[Command] = []
        self._held: list[QMenu] = []
        for menu in self._menus.values():
            menu.setToolTipsVisible(True)
        for entry in _entries():
            command = Command(
                look,
                f"window.{entry.name}",
                entry.text,
                entry.icon,
                slots[entry.name],
                entry.keys,
                entry.tip,
                parent=window,
            )
            self.commands[entry.name] = command
            self._menus[entry.menu].addAction(command)
            window.addAction(command)
            if entry.needs_open:
                self._closed.append(command)
        for held, name in _BEFORE:
            self._menus[held].insertSeparator(self.commands[name])
        self.show_closed()

    def show_open(self, panes: Sequence[tuple[str, str, str]], turn: Callable[[str], None]) -> None:
        """Allow everything; list the panes as (id, title, icon) with Ctrl+1 and so on."""
        for command in self._closed:
            command.allow()
        self._forget_turns()
        view = self._menus["view"]
        first = self.commands["palette"]
        for number, (name, title, icon) in enumerate(panes, start=1):
            command = Command(
                self._look,
                f"window.turn.{name}",
                title,
                icon,
                partial(turn, name),
                f"Ctrl+{number}",
                _tr("Go to {pane}").format(pane=title),
                parent=self._window,
            )
            self._turns.append(command)
            view.insertAction(first, command)
            self._window.addAction(command)
        self._turns_end = view.insertSeparator(first)

    def show_closed(self) -> None:
        """Allow only what works without an open vault."""
        for command in self._closed:
            command.forbid(_tr("the vault is not open"))
        self._forget_turns()
        self.show_pane("", ())

    def show_pane(self, title: str, groups: Sequence[CommandGroup]) -> None:
        """Put the front pane's commands into their menu."""
        menu: QMenu = self._menus["pane"]
        menu.clear()
        for held in self._held:
            held.deleteLater()
        self._held.clear()
        filled = [group for group in groups if group.commands]
        menu.setTitle(title or _tr("&Pane"))
        menu.menuAction().setVisible(bool(filled))
        beside = False
        for group in filled:
            # Submenus next to each other need no line between them.
            if not (group.title and beside):
                menu.addSeparator()
            beside = bool(group.title)
            place = self._submenu(menu, group) if group.title else menu
            place.addActions(list(group.commands))

    def _submenu(self, menu: QMenu, group: CommandGroup) -> QMenu:
        made = QMenu(group.title, menu)
        made.setToolTipsVisible(True)
        self._look.dress(made.menuAction(), group.icon)
        menu.addMenu(made)
        self._held.append(made)
        return made

    @property
    def all(self) -> list[Command]:
        """Every command of the window, for the palette."""
        return [*self._turns, *self.commands.values()]

    def _forget_turns(self) -> None:
        if self._turns:
            self._menus["view"].removeAction(self._turns_end)
            self._turns_end.deleteLater()
        for command in self._turns:
            self._window.removeAction(command)
            self._menus["view"].removeAction(command)
            command.deleteLater()
        self._turns.clear()
