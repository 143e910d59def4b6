"""What the window's own commands do; their names, icons and places are in `workbench.ui.menus`."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QMainWindow

from workbench.ui.command import Command
from workbench.ui.help import help_page_of
from workbench.ui.look import Look, Scheme
from workbench.ui.pane import PaletteItem, Pane
from workbench.ui.ports import BenchPort
from workbench.ui.preferences import Local, Preferences
from workbench.ui.session import Session
from workbench.ui.settings import (
    MINUTES,
    WITH_SCREEN,
    Settings,
    SettingsDialog,
    stored_settings,
)
from workbench.ui.tokens import Tone
from workbench.ui.upkeep import Upkeep
from workbench.ui.vault_dialogs import AboutDialog, PassphraseDialog, ask_backup
from workbench.ui.workspace import Workspace


class Host(Protocol):
    """The window, as its commands see it."""

    look: Look
    session: Session
    local: Local
    bench: BenchPort | None
    upkeep: Upkeep

    @property
    def workspace(self) -> Workspace | None:
        """The page of the open vault."""

    @property
    def preferences(self) -> Preferences | None:
        """What the open vault's window remembers."""

    @property
    def is_locked(self) -> bool:
        """Whether the lock screen is in front."""

    def lock(self) -> None:
        """Lock the vault."""

    def leave_vault(self) -> None:
        """Close this vault and show the three ways in."""

    def open_palette(self) -> None:
        """Open the command palette."""

    def notify(
        self,
        text: str,
        tone: Tone = "ok",
        action: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        """Show a short notice."""

    def open_help(self, page: str) -> None:
        """Open a help page."""


class Actions:
    """One short method per command.

    Args:
        host: the window's state.
        window: the same window, as parent of dialogs.
    """

    def __init__(self, host: Host, window: QMainWindow) -> None:
        self._host = host
        self._window = window

    def slots(self) -> dict[str, Callable[[], None]]:
        """Return what to do, by the command's name."""
        return {
            "lock": self._host.lock,
            "backup": self._backup,
            "passphrase": self._change_passphrase,
            "other": self._host.leave_vault,
            "settings": self._ask_settings,
            "quit": self._quit,
            "palette": self._host.open_palette,
            "filter": self._focus_filter,
            "refresh": self._refresh,
            "inspector": self._toggle_inspector,
            "scheme": self._change_scheme,
            "help": self._open_help,
            "about": self._about,
        }

    def palette_items(self, own: Sequence[Command]) -> list[PaletteItem]:
        """Return every command, of every pane and the window's `own`, for the palette."""
        items = []
        workspace = self._host.workspace
        if workspace is not None:
            for pane in workspace.panes.values():
                items += [self._item(command, pane) for command in pane.commands]
        return items + [self._item(command, None) for command in own]

    def _item(self, command: Command, pane: Pane | None) -> PaletteItem:
        def run() -> None:
            workspace = self._host.workspace
            if pane is not None and workspace is not None:
                workspace.turn_to(pane.id)
            command.trigger()

        kind = pane.title if pane is not None else QCoreApplication.translate("actions", "Action")
        title, tip = command.plain_text, command.toolTip()
        return PaletteItem(title, kind, command.icon_name, run, tip, enabled=command.isEnabled())

    def _quit(self) -> None:
        self._window.close()

    def _about(self) -> None:
        AboutDialog(self._host.look, self._window).open()

    def _focus_filter(self) -> None:
        if self._host.workspace is not None:
            self._host.workspace.front.focus_filter()

    def _refresh(self) -> None:
        if self._host.workspace is not None:
            self._host.workspace.front.refresh()

    def _toggle_inspector(self) -> None:
        workspace = self._host.workspace
        if workspace is not None:
            workspace.show_inspector(shown=not workspace.inspector_shown)

    def _change_scheme(self) -> None:
        self._apply_scheme("light" if self._host.look.tokens.name == "dark" else "dark")

    def _apply_scheme(self, scheme: Scheme) -> None:
        self._host.look.set_scheme(scheme)
        self._host.local.set("scheme", scheme)

    def _open_help(self) -> None:
        if self._host.workspace is not None and not self._host.is_locked:
            nearer = help_page_of(QApplication.focusWidget())
            self._host.open_help(nearer or self._host.workspace.front.help_page)
        else:
            self._host.open_help("security" if self._host.is_locked else "first-run")

    def _ask_settings(self) -> None:
        preferences = self._host.preferences
        if preferences is None:
            return
        now = stored_settings(self._host.look, preferences)
        dialog = SettingsDialog(self._host.look, now, self._window)
        dialog.accepted.connect(lambda: self._take(dialog.settings, preferences))
        dialog.open()

    def _take(self, settings: Settings, preferences: Preferences) -> None:
        preferences.set(MINUTES, settings.minutes)
        preferences.set(WITH_SCREEN, settings.with_screen)
        self._host.upkeep.apply(settings)
        self._apply_scheme(settings.scheme)

    def _backup(self) -> None:
        if self._host.bench is not None:
            vault = self._host.bench.vault
            ask_backup(self._window, vault, self._host.session, self._host.notify)

    def _change_passphrase(self) -> None:
        if self._host.bench is not None:
            look, session = self._host.look, self._host.session
            PassphraseDialog(look, session, self._host.bench.vault, self._window).open()
