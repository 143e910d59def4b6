"""The endpoint as the window sees it: shown in the status bar, switched by a dialog or a command.

Owns when the dialog is there and what the status bar says. Knows the endpoint by the bench's port.
"""

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow
from shiboken6 import isValid

from workbench.ui.endpoint_dialog import TOPIC, EndpointDialog, start_choices
from workbench.ui.look import Look
from workbench.ui.pane import Context, Frame
from workbench.ui.ports import BenchPort
from workbench.ui.preferences import Preferences
from workbench.ui.session import Session
from workbench.ui.status import StatusBar
from workbench.ui.workspace import Workspace


class Host(Frame, Protocol):
    """The window, as this module sees it."""

    look: Look
    session: Session
    bench: BenchPort | None
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


class EndpointSwitch(QObject):
    """Opens the endpoint's dialog and keeps the status bar true.

    Args:
        host: the window's state.
        window: the same window.
    """

    def __init__(self, host: Host, window: QMainWindow) -> None:
        super().__init__(window)
        self._host = host
        self._dialog: EndpointDialog | None = None
        host.status.endpoint_clicked.connect(self.open)
        host.session.changed.connect(self._heard)

    def slots(self) -> dict[str, Callable[[], None]]:
        """Return what the window's commands about the endpoint do, by their names."""
        return {"endpoint": self.open, "endpoint-turn": self.turn}

    def open(self) -> None:
        """Show the dialog."""
        context, workspace = self._context(), self._host.workspace
        if context is None or workspace is None:
            return
        if self._dialog is None or not isValid(self._dialog):
            self._dialog = EndpointDialog(context, workspace)
            self._dialog.open()
        self._dialog.activateWindow()

    def turn(self) -> None:
        """Switch it off, or on as it was the last time."""
        context = self._context()
        if context is None:
            return
        serving = context.bench.serving
        if serving.running:
            self._run(context, serving.stop, self.tr("Stopping the endpoint"))
        else:
            choices = start_choices(context)
            self._run(context, lambda: serving.start(**choices), self.tr("Starting the endpoint"))

    def locked(self) -> None:
        """Drop what the dialog knows of secrets."""
        if self._dialog is not None and isValid(self._dialog):
            self._dialog.forget()

    def opened(self) -> None:
        """Read again what the dialog shows."""
        if self._dialog is not None and isValid(self._dialog):
            self._dialog.read_lines()

    def _run(self, context: Context, work: Callable[[], Any], text: str) -> None:
        def done(_url: Any) -> None:
            context.session.announce(TOPIC)
            serving = context.bench.serving
            action = (self.tr("Show"), self.open)
            if serving.running:
                told = self.tr("The endpoint is on at {url}").format(url=serving.url)
                self._host.notify(told, "ok", action)
            else:
                self._host.notify(self.tr("The endpoint is off"), "info", action)

        context.session.start(self, work, done, None, text, mutates=True)

    def _context(self) -> Context | None:
        host = self._host
        if host.workspace is None or host.is_locked or host.bench is None:
            return None
        assert host.preferences is not None
        return Context(host.bench, host.session, host.look, host, host.preferences)

    def _heard(self, topic: str) -> None:
        if topic == TOPIC and self._host.bench is not None:
            self._host.status.show_endpoint(self._host.bench)
            if self._dialog is not None and isValid(self._dialog):
                self._dialog.look_again()
