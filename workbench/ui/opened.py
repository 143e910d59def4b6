"""An open vault as the window shows it: what it remembers, where its panes look, the panes.

Owns the order in which a place is entered and left. Knows panes by their protocol only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget

from workbench.ui.branch import Branch
from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.pane import Context, Frame, PaneMaker
from workbench.ui.ports import BenchPort
from workbench.ui.preferences import Preferences
from workbench.ui.session import Session
from workbench.ui.where import where_in_words
from workbench.ui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Opened:
    """What goes when the vault is closed, or when the panes look elsewhere.

    Attributes:
        bench: the vault's own bench.
        view: the bench as it looks from where the panes look.
        session: runs what the panes ask.
        preferences: what is remembered of this vault.
        workspace: the page with the panes.
    """

    bench: BenchPort
    view: BenchPort
    session: Branch
    preferences: Preferences
    workspace: Workspace

    def leave(self) -> None:
        """Take the panes down; what they began to change goes on, what they read does not."""
        self.view.leave()
        self.workspace.deleteLater()
        self.session.end()


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the page of a vault.

    Attributes:
        frame: the window.
        look: colours, fonts, icons.
        trunk: the window's session.
        makers: the panes.
    """

    frame: Frame
    look: Look
    trunk: Session
    makers: Iterable[PaneMaker]

    def build(
        self,
        bench: BenchPort,
        view: BenchPort,
        preferences: Preferences,
        foot: Sequence[Command],
        pages: QStackedWidget,
    ) -> Opened:
        """Return the page of a vault among the window's pages, its panes looking as `view` does."""
        waiting = ""
        if view.site.aws:
            words = QCoreApplication.translate("places", "Waiting for {place}")
            waiting = words.format(place=where_in_words(view))
        session = Branch(self.trunk, waiting)
        context = Context(view, session, self.look, self.frame, preferences)
        workspace = Workspace(context, self.makers, foot, pages)
        pages.addWidget(workspace)
        return Opened(bench, view, session, preferences, workspace)
