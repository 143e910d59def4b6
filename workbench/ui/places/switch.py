"""Where the panes look: a menu at the status bar, commands, the palette, and the turn itself.

Owns the way from one place to another: asked on a worker, shown only once it answered, so that a
place that cannot be reached changes nothing. Knows AWS by the bench alone.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu
from shiboken6 import isValid

from workbench.base.sites import HOME, Site
from workbench.ui.branch import Branch
from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.menus import Menus
from workbench.ui.opened import Opened
from workbench.ui.pane import Context, Frame, PaletteItem
from workbench.ui.places.connect_dialog import ConnectDialog
from workbench.ui.places.connections import connections_of
from workbench.ui.ports import BenchPort
from workbench.ui.session import Session, Task
from workbench.ui.status import StatusBar
from workbench.ui.tokens import Tone
from workbench.ui.where import where_in_words
from workbench.ui.widgets.notices import Notices

_VAULT_ONLY: Final = ("act", "act-root", "identities")


class Host(Frame, Protocol):
    """The window, as this module sees it."""

    look: Look
    session: Session
    bench: BenchPort | None
    shown: Opened | None
    status: StatusBar
    menus: Menus
    notices: Notices

    @property
    def is_locked(self) -> bool:
        """Whether the lock screen is in front."""

    def look_at(self, view: BenchPort) -> None:
        """Have the panes look elsewhere."""


class PlaceSwitch(QObject):
    """Turns the panes to another place.

    Args:
        host: the window's state.
        window: the same window.
    """

    def __init__(self, host: Host, window: QMainWindow) -> None:
        super().__init__(window)
        self._host = host
        self._window = window
        self._menu: QMenu | None = None
        self._dialog: ConnectDialog | None = None
        self._going: Task | None = None
        self._told = ""
        # Workers of its own: a place that does not answer must not hold up the vault's.
        self._session = Branch(host.session, self.tr("Waiting for AWS"))
        host.status.where_clicked.connect(self.choose)
        host.status.stop_clicked.connect(self.stop)
        # A method, not a lambda: the session outlives the window, and Qt must end this with it.
        host.session.tasks_changed.connect(self._tasks_changed)

    def slots(self) -> dict[str, Callable[[], None]]:
        """Return what the window's commands about places do, by their names."""
        return {
            "where": self.choose,
            "connect": self.connect_to_aws,
            "home": self.go_home,
            "stop": self.stop,
        }

    def permit(self) -> None:
        """Say which of the window's commands are possible where the panes look."""
        opened = self._opened()
        if opened is None:
            return
        commands, site = self._host.menus.commands, opened.view.site
        for name in _VAULT_ONLY:
            why = self.tr("on AWS you act as the profile says")
            commands[name].permit(possible=not site.aws, why=why)
        commands["home"].permit(possible=site != HOME, why=self.tr("the panes look there already"))
        self._show_stop()

    def choose(self) -> None:
        """Offer the places there are."""
        opened = self._opened()
        if opened is not None:
            self._session.start(self, opened.bench.places.regions, self._offer)

    def connect_to_aws(self) -> None:
        """Ask for a profile, a Region, an endpoint."""
        opened = self._opened()
        if opened is None:
            return
        if self._dialog is None or not isValid(self._dialog):
            context = Context(
                opened.bench,
                self._session,
                self._host.look,
                self._host,
                opened.preferences,
            )
            self._dialog = ConnectDialog(context, opened.workspace)
            self._dialog.entered.connect(self._enter)
            self._dialog.open()
        self._dialog.activateWindow()

    def go_home(self) -> None:
        """Look at the home Region of this vault."""
        self.go(HOME)

    def go(self, site: Site) -> None:
        """Look somewhere: at once in the vault, once it answers elsewhere."""
        opened = self._opened()
        if opened is None or site == opened.view.site:
            return
        if self._going is not None:
            self._going.drop()
        words = self.tr("Connecting to {place}").format(place=site.text)
        bench = opened.bench
        mine: list[Task] = []

        def arrived(view: BenchPort) -> None:
            # Only what was asked for last counts, and nothing once the vault was closed or locked.
            still_open = self._opened() is not None and self._host.bench is bench
            if self._going is not mine[0] or not still_open:
                view.leave()
                return
            self._enter(view)

        def refused(why: Explanation) -> None:
            if self._going is mine[0]:
                again = (self.tr("Try again"), partial(self.go, site))
                self._going = None
                self._host.notify(f"{site.text}: {why.text}", "danger", again)

        text = words if site.aws else ""
        mine.append(self._session.start(self, partial(bench.at, site), arrived, refused, text))
        self._going = mine[0]

    def stop(self) -> None:
        """Wait no longer for what is being read, or for a place to answer."""
        if self._going is not None:
            self._going.drop()
            self._going = None
            self._host.notify(self.tr("You look where you looked before."), "info")
        opened = self._opened()
        if opened is not None:
            opened.view.stop()
            opened.session.stop()

    def palette_items(self) -> Sequence[PaletteItem]:
        """Return the remembered connections for Ctrl+K."""
        opened = self._opened()
        if opened is None:
            return ()
        kind = self.tr("Place")
        return [
            PaletteItem(
                self.tr("Look at {name}").format(name=one.name),
                kind,
                "cloud",
                partial(self.go, one.site),
                one.site.text,
            )
            for one in connections_of(opened.preferences)
        ]

    def _opened(self) -> Opened | None:
        return None if self._host.is_locked else self._host.shown

    def _enter(self, view: BenchPort) -> None:
        self._going = None
        self._host.look_at(view)
        home = self.tr("this vault, {region}").format(region=view.place.region)
        place = where_in_words(view) or home
        self._host.notices.withdraw(self._told)
        told = self._told = self.tr("The panes look at {place} now.").format(place=place)
        tone: Tone = "warning" if view.real else "info"
        back = (self.tr("Back to this vault"), self.go_home) if view.site != HOME else None
        self._host.notify(told, tone, back)

    @Slot(object)
    def _tasks_changed(self, _texts: object) -> None:
        self._show_stop()

    def _show_stop(self) -> None:
        opened = self._host.shown
        may = opened is not None and (opened.session.stoppable or self._going is not None)
        self._host.status.show_stop(shown=may)
        why = self.tr("nothing is being read that takes long")
        self._host.menus.commands["stop"].permit(possible=may, why=why)

    # The menu.

    def _offer(self, regions: Sequence[str]) -> None:
        opened = self._opened()
        if opened is None:
            return
        menu = self._menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        menu.setAccessibleName(self.tr("Where to look"))
        menu.aboutToHide.connect(menu.deleteLater)
        self._head(menu, self.tr("This vault"))
        home, now = opened.bench.place.region, opened.view.site
        for region in regions:
            site = HOME if region == home else Site(region)
            words = self.tr("{region} (home)") if site == HOME else "{region}"
            self._add(menu, words.format(region=region), "keys", site, now)
        if not now.aws and now != HOME and now.region not in regions:
            self._add(menu, now.region, "keys", now, now)
        self._add_others(menu, regions)
        menu.addSeparator()
        self._head(menu, self.tr("AWS"))
        connections = connections_of(opened.preferences)
        for one in connections:
            words = one.name if one.name == one.site.text else f"{one.name} ({one.site.text})"
            self._add(menu, words, "cloud", one.site, now)
        if now.aws and now not in {one.site for one in connections}:
            self._add(menu, now.text, "cloud", now, now)
        menu.addAction(self._host.menus.commands["connect"])
        button = self._host.status.where
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _head(self, menu: QMenu, words: str) -> None:
        # A section's words would not be shown by a style sheet.
        head = menu.addAction(words)
        head.setEnabled(False)

    def _add(self, menu: QMenu, words: str, icon: str, site: Site, now: Site) -> QAction:
        action = menu.addAction(words.replace("&", "&&"), partial(self.go, site))
        here = site == now
        self._host.look.dress(action, "ok" if here else icon, "ok" if here else "muted")
        action.setCheckable(True)
        action.setChecked(here)
        return action

    def _add_others(self, menu: QMenu, taken: Sequence[str]) -> None:
        """Offer the Regions without keys: AWS's list, read when the menu is opened."""
        others = menu.addMenu(self.tr("&Another Region"))
        self._host.look.dress(others, "add", "muted")
        waiting = others.addAction(self.tr("Reading the Regions…"))
        waiting.setEnabled(False)

        def known(every: tuple[str, ...]) -> None:
            if isValid(others):
                others.clear()
                for region in every:
                    if region not in taken:
                        others.addAction(region, partial(self.go, Site(region)))

        def read() -> None:
            # Like the panes, only now: it reads botocore's files.
            from workbench.ui.panes.keys.regions import known_regions  # noqa: PLC0415 - as said

            self._session.start(others, known_regions, known)

        others.aboutToShow.connect(read)
