"""Whom the window acts as: shown in the status bar, changed by a click, a command, the palette.

Owns the turn from one identity to another as the window sees it: the chooser, the news, reading the
panes again. Knows users and roles only by `workbench.ui.identities`.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QMainWindow
from shiboken6 import isValid

from workbench.ui.errors import Explanation
from workbench.ui.identities.rows import Identities
from workbench.ui.identities.words import short_name
from workbench.ui.look import Look
from workbench.ui.opened import Opened
from workbench.ui.pane import Context, Frame
from workbench.ui.ports import BenchPort
from workbench.ui.preferences import Preferences
from workbench.ui.session import Session
from workbench.ui.status import StatusBar
from workbench.ui.workspace import Workspace

TOPIC = "identities"


class Host(Frame, Protocol):
    """The window, as this module sees it."""

    look: Look
    session: Session
    bench: BenchPort | None
    shown: Opened | None
    status: StatusBar

    @property
    def workspace(self) -> Workspace | None:
        """The page of the open vault."""

    @property
    def preferences(self) -> Preferences | None:
        """What the open vault's window remembers."""

    @property
    def is_locked(self) -> bool:
        """Whether the lock screen is in front."""


class IdentitySwitch(QObject):
    """Turns the window to another identity.

    Args:
        host: the window's state.
        window: the same window.
    """

    def __init__(self, host: Host, window: QMainWindow) -> None:
        super().__init__(window)
        self._host = host
        self._window = window
        self._shown: tuple[BenchPort | None, str] = (None, "")
        self._chooser: QDialog | None = None
        self._manager: QDialog | None = None
        host.status.identity_clicked.connect(self.choose)
        host.session.changed.connect(self._heard)

    def slots(self) -> dict[str, Callable[[], None]]:
        """Return what the window's commands about identities do, by their names."""
        return {"act": self.choose, "act-root": self.act_as_root, "identities": self.manage}

    def choose(self) -> None:
        """Ask whom to act as."""
        bench, workspace = self._open_bench(), self._host.workspace
        if bench is None or workspace is None:
            return
        if self._chooser is not None and isValid(self._chooser):
            self._chooser.activateWindow()
            return
        # Like the panes, only now: nothing of them may delay the first frame.
        from workbench.ui.identities.chooser import Chooser  # noqa: PLC0415 - as said above
        from workbench.ui.identities.reading import read_identities  # noqa: PLC0415 - as above

        chooser = Chooser(self._context(), bench.acting.caller.identity, workspace)
        chooser.picked.connect(self.act_as)
        chooser.manage_wanted.connect(self.manage)
        self._chooser = chooser
        chooser.open()
        iam, place = bench.client("iam", ""), bench.place

        def arrived(found: Identities) -> None:
            chooser.offer(found)

        def refused(words: Explanation) -> None:
            chooser.show_problem(words)

        self._host.session.start(chooser, lambda: read_identities(iam, place), arrived, refused)

    def act_as_root(self) -> None:
        """Act as the account root again."""
        bench = self._open_bench()
        if bench is not None:
            self.act_as(bench.place.iam("root"))

    def act_as(self, arn: str) -> None:
        """Act as another identity, and have every pane read again what it shows."""
        bench = self._open_bench()
        if bench is None:
            return
        # In order with other changes: what was asked for before is done as whoever asked.
        self._host.session.start(
            self,
            partial(bench.act_as, arn),
            lambda _none: self._turned(bench),
            mutates=True,
        )

    def manage(self) -> None:
        """Show users and roles."""
        workspace = self._host.workspace
        if self._open_bench() is None or workspace is None:
            return
        if self._manager is None or not isValid(self._manager):
            from workbench.ui.identities.window import (  # noqa: PLC0415 - as in `choose`
                IdentitiesWindow,
            )

            self._manager = IdentitiesWindow(self._context(), self.act_as, workspace)
            self._manager.show()
        self._manager.raise_()
        self._manager.activateWindow()

    def _open_bench(self) -> BenchPort | None:
        return None if self._host.workspace is None or self._host.is_locked else self._host.bench

    def _context(self) -> Context:
        host = self._host
        assert host.bench is not None
        assert host.preferences is not None
        return Context(host.bench, host.session, host.look, host, host.preferences)

    def _turned(self, bench: BenchPort) -> None:
        if bench is not self._host.bench:
            return
        self._show(bench)
        self._host.session.announce(TOPIC)
        if self._host.workspace is not None:
            self._host.workspace.refresh()
        caller = bench.acting.caller
        words = self.tr("You act as {who} now.").format(who=short_name(caller))
        if caller.kind == "Root":
            self._host.notify(words, "info")
        else:
            self._host.notify(words, "warning", (self.tr("Back to root"), self.act_as_root))

    def _show(self, bench: BenchPort) -> None:
        self._shown = (bench, bench.acting.caller.identity)
        shown = self._host.shown
        self._host.status.show_identity(bench if shown is None else shown.view)

    def _heard(self, topic: str) -> None:
        """Notice that whoever the window acted as was deleted."""
        bench = self._open_bench()
        if topic != TOPIC or bench is None:
            return
        before, now = self._shown, bench.acting.caller.identity
        self._show(bench)
        if before[0] is not bench or before[1] == now:
            return
        if self._host.workspace is not None:
            self._host.workspace.refresh()
        self._host.notify(
            self.tr("{who} is gone; you act as root now.").format(who=before[1].rpartition(":")[2]),
            "warning",
        )
