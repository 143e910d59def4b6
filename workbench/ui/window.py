"""The window: what stands where, and the way from no vault to a locked one to an open one.

Owns the stack of pages (first run, lock screen, workspace) and what lies over them. What a pane
shows is the pane's; what a vault does is the bench's.
"""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from workbench.base.errors import Locked
from workbench.ui.actions import Actions
from workbench.ui.crash import CrashReporter
from workbench.ui.curtain import Curtain
from workbench.ui.drop import DropLayer
from workbench.ui.endpoint_switch import EndpointSwitch
from workbench.ui.errors import Explanation
from workbench.ui.first_run import FirstRun
from workbench.ui.help import HelpReader
from workbench.ui.identity_switch import IdentitySwitch
from workbench.ui.lock_screen import LockScreen
from workbench.ui.look import Look
from workbench.ui.menus import Menus
from workbench.ui.opened import Builder, Opened
from workbench.ui.palette import CommandPalette
from workbench.ui.pane import DropHandler, PaletteAnswer, PaneMaker
from workbench.ui.places.switch import PlaceSwitch
from workbench.ui.ports import BenchPort, KeeperPort
from workbench.ui.preferences import Local, Preferences
from workbench.ui.session import Session
from workbench.ui.settings import stored_settings
from workbench.ui.status import StatusBar
from workbench.ui.tokens import Tone
from workbench.ui.upkeep import Upkeep
from workbench.ui.where import where_in_words
from workbench.ui.widgets.notices import Notices
from workbench.ui.workspace import Workspace


class Window(QMainWindow):
    """The main window; also the `Frame` that panes see.

    Args:
        keeper: makes and opens vaults.
        look: colours, fonts, icons.
        session: runs what must not run on the GUI thread.
        local: what is remembered outside the vault.
        makers: the panes.

    Attributes:
        bench: the vault's bench; None while none is chosen.
        shown: the open vault, where its panes look, and the panes; None while none was opened.

    Signals:
        opened: a vault is open and its panes stand.
        locked: the vault was locked.
    """

    opened = Signal()
    locked = Signal()

    def __init__(
        self,
        keeper: KeeperPort,
        look: Look,
        session: Session,
        local: Local,
        makers: Iterable[PaneMaker],
    ) -> None:
        super().__init__()
        self.look, self.session = look, session
        self.local = local
        self._keeper = keeper
        self._builder = Builder(self, look, session, makers)
        self.bench: BenchPort | None = None
        self.shown: Opened | None = None
        self._help: HelpReader | None = None
        self._actions = Actions(self, self)
        self.setWindowTitle(self.tr("Key Workbench"))
        self.setObjectName("window")
        self.pages = QStackedWidget()
        self.setCentralWidget(self.pages)
        self.first_run = FirstRun(look, session, keeper)
        self.first_run.entered.connect(self.adopt)
        self.lock_screen = LockScreen(look, session)
        self.lock_screen.unlocked.connect(self._unlocked)
        self.lock_screen.other_wanted.connect(self.leave_vault)
        self.pages.addWidget(self.first_run)
        self.pages.addWidget(self.lock_screen)
        self.status = StatusBar(look, self)
        self.setStatusBar(self.status)
        self.identities = IdentitySwitch(self, self)
        self.endpoint = EndpointSwitch(self, self)
        self.places = PlaceSwitch(self, self)
        slots = self._actions.slots() | self.identities.slots() | self.endpoint.slots()
        slots |= self.places.slots()
        self.menus = Menus(self, look, slots)
        self.notices = Notices(look, self)
        self.drops = DropLayer(look, self)
        self.palette_layer = CommandPalette(look, session, self)
        self.curtain = Curtain()
        self.upkeep = Upkeep(session, self)
        self.crash = CrashReporter(look, self)
        self._connect()
        _restore_geometry(self)

    # What panes may ask: the protocol `workbench.ui.pane.Frame`.

    def notify(
        self,
        text: str,
        tone: Tone = "ok",
        action: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        """Show a short notice."""
        self.notices.show(text, tone, action)

    def show_object(self, pane: str, target: str) -> bool:
        """Go to a pane and select something there."""
        if self.shown is None or pane not in self.shown.workspace.panes:
            return False
        self.shown.workspace.turn_to(pane)
        self.shown.workspace.front.show_target(target)
        return True

    def register_drops(self, handler: DropHandler) -> None:
        """Let a pane take what is dropped on the window."""
        self.drops.register(handler)

    def copy(self, text: str, what: str) -> None:
        """Put something public on the clipboard."""
        QGuiApplication.clipboard().setText(text)
        self.notify(self.tr("Copied: {what}").format(what=what), "info")

    def open_help(self, page: str) -> None:
        """Open a help page."""
        if self._help is None:
            self._help = HelpReader(self.look, self)
        self._help.open_page(page)

    # The way from no vault to an open one and back.

    def start(self, directory: Path | None = None) -> None:
        """Show what fits: the lock screen of the vault there is, else the first run."""
        remembered = self.local.text("vault")
        where = directory or (Path(remembered) if remembered else self._keeper.default_directory())
        self.pages.setCurrentWidget(self.first_run)
        if directory is not None or self._keeper.vault_exists(where):
            self.first_run.open_folder(str(where))
        else:
            self.first_run.start()

    def adopt(self, bench: BenchPort) -> None:
        """Take over a bench: ask to unlock it, or show it if it is open."""
        self.bench = bench
        if not bench.demo:
            self.local.set("vault", str(bench.vault.directory))
        self.status.show_bench(bench)
        bench.watcher.start()
        if bench.vault.locked:
            self._show_lock()
        else:
            self._unlocked()

    def lock(self) -> None:
        """Cover everything at once and lock the vault behind it."""
        if self.bench is None or self.shown is None or self.is_locked:
            return
        self._show_lock()
        bench = self.bench

        def done(_none: object) -> None:
            if bench is self.bench and self.shown is not None:
                self.status.show_bench(self.shown.view)
                self.lock_screen.focus_first()

        self.session.start(self, bench.vault.lock, done)
        self.locked.emit()

    @property
    def is_locked(self) -> bool:
        """Whether the lock screen is in front."""
        return self.pages.currentWidget() is self.lock_screen

    @property
    def workspace(self) -> Workspace | None:
        """The page of the open vault."""
        return self.shown.workspace if self.shown else None

    @property
    def preferences(self) -> Preferences | None:
        """What the open vault's window remembers."""
        return self.shown.preferences if self.shown else None

    def look_at(self, view: BenchPort) -> None:
        """Have the panes look elsewhere: they are made anew, so none keeps a key from before."""
        before = self.shown
        assert before is not None
        self._set_up(before.bench, view)
        self.pages.removeWidget(before.workspace)
        before.leave()
        self._show_opened()

    def open_palette(self) -> None:
        """Open the command palette."""
        self.palette_layer.open()

    def leave_vault(self) -> None:
        """Close this vault and show the three ways in."""
        self._take_down()
        self.local.set("vault", "")
        self.status.show_nothing()
        self.pages.setCurrentWidget(self.first_run)
        self.first_run.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the geometry; lock and close the vault."""
        self.local.set("geometry", self.saveGeometry())
        self._take_down()
        super().closeEvent(event)

    def _show_lock(self) -> None:
        assert self.bench is not None
        self.upkeep.end()
        self.palette_layer.close_palette()
        self.drops.enable(enabled=False)
        self.notices.clear()
        self.curtain.fall(but=(self._help, self.crash.dialog))
        self.menus.show_closed()
        self.pages.setCurrentWidget(self.lock_screen)
        self.lock_screen.show_bench(self.bench)

    def _unlocked(self) -> None:
        assert self.bench is not None
        if self.shown is None or self.shown.bench is not self.bench:
            self._set_up(self.bench, self.bench)
        else:
            self.shown.workspace.refresh()
        self._show_opened()
        self.drops.enable(enabled=True)
        self.curtain.rise()
        self.upkeep.begin(self.bench)
        for warning in self.bench.vault.warnings:
            self.notify(warning, "warning")
        self.opened.emit()

    def _set_up(self, bench: BenchPort, view: BenchPort) -> None:
        preferences = self.preferences
        if self.shown is None or self.shown.bench is not bench or preferences is None:
            preferences = Preferences(bench.preferences, self.session, self)
            self.upkeep.apply(stored_settings(self.look, preferences))
        # That of the panes before, which go.
        self.drops.register(None)
        foot = [self.menus.commands[name] for name in ("palette", "settings", "lock")]
        self.shown = self._builder.build(bench, view, preferences, foot, self.pages)
        workspace = self.shown.workspace
        workspace.turned.connect(self._turned)
        self.palette_layer.forget_providers()
        self.palette_layer.register(lambda: self._actions.palette_items(self.menus.all))
        self.palette_layer.register(self.places.palette_items)
        for name in workspace.panes:
            self.palette_layer.register(partial(_objects, workspace, name))

    def _show_opened(self) -> None:
        """Bring the panes to the front, with their menus and what the status bar says of them."""
        opened = self.shown
        assert opened is not None
        workspace = opened.workspace
        self.pages.setCurrentWidget(workspace)
        self.status.show_bench(opened.view)
        self.menus.show_open(
            [(pane.id, pane.name(), pane.icon) for pane in workspace.panes.makers.values()],
            workspace.turn_to,
        )
        self.places.permit()
        self._turned(workspace.front.id)
        workspace.front.focus_default()

    def _take_down(self) -> None:
        self.upkeep.end()
        self.drops.register(None)
        self.drops.enable(enabled=False)
        self.palette_layer.forget_providers()
        self.menus.show_closed()
        if self.shown is not None:
            self.shown.preferences.flush()
            self.pages.removeWidget(self.shown.workspace)
            self.shown.leave()
            self.shown = None
        if self.bench is not None:
            bench, self.bench = self.bench, None
            self.session.start(self.session, bench.close, lambda _none: None, mutates=True)

    # What happens by itself.

    def _connect(self) -> None:
        self.session.failed.connect(self._failed)
        self.session.crashed.connect(self.crash.report)
        self.session.tasks_changed.connect(self.status.show_tasks)
        self.session.changed.connect(self._show_jobs)
        self.status.lock_clicked.connect(self.lock)
        self.status.jobs_clicked.connect(lambda: self.show_object("signing", ""))
        self.upkeep.remaining.connect(self.status.show_remaining)
        self.upkeep.lock_wanted.connect(self.lock)
        self.drops.wanted.connect(partial(_make_every_pane, self))
        self.locked.connect(self.endpoint.locked)
        self.opened.connect(self.endpoint.opened)

    def _turned(self, name: str) -> None:
        if self.shown is None:
            return
        pane = self.shown.workspace.panes[name]
        self.menus.show_pane(pane.title, pane.command_groups)
        where = where_in_words(self.shown.view)
        shown = f"{pane.title} \N{EN DASH} {where}" if where else pane.title
        self.setWindowTitle(self.tr("{pane} \N{EN DASH} Key Workbench").format(pane=shown))
        inspect = self.menus.commands["inspector"]
        why = self.tr("this pane has none")
        inspect.permit(possible=pane.inspector is not None, why=why)

    def _failed(self, _owner: QWidget, words: Explanation) -> None:
        # Work that was under way when the vault locked fails because it locked: that is no news.
        if not (self.is_locked and words.kind is Locked):
            self.notify(f"{words.title}: {words.text}", "danger")

    def _show_jobs(self, _topic: str) -> None:
        if self.shown is not None:
            self.status.show_jobs(self.shown.workspace.running())


def _make_every_pane(window: Window) -> None:
    if window.workspace is not None:
        window.workspace.panes.complete()


def _objects(workspace: Workspace, name: str) -> PaletteAnswer:
    answer: PaletteAnswer = workspace.panes[name].palette_items()
    return answer


def _restore_geometry(window: Window) -> None:
    window.resize(1280, 800)
    geometry = window.local.data("geometry")
    if not geometry.isEmpty():
        window.restoreGeometry(geometry)
    window.setMinimumSize(window.look.unit * 200, window.look.unit * 130)


def open_session_window(
    keeper: KeeperPort, look: Look, local: Local, makers: Iterable[PaneMaker]
) -> Window:
    """Return a window with a session of its own, which ends with the application."""
    application = QGuiApplication.instance()
    session = Session(application)
    window = Window(keeper, look, session, local, makers)
    if application is not None:
        application.aboutToQuit.connect(partial(_end, session))
    return window


def _end(session: Session) -> None:
    session.close()
