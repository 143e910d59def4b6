"""The drawn hierarchy with what lies over it: zoom bar, overview, legend.

Owns which of them are shown, and remembers it. Knows no certificate.
"""

from collections.abc import Mapping

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.panes.certificates.legend import Legend
from workbench.ui.panes.certificates.minimap import Minimap
from workbench.ui.panes.certificates.tree_view import TreeView
from workbench.ui.panes.certificates.zoom_bar import ZoomBar
from workbench.ui.preferences import Preferences

_LEGEND, _MAP = "certificates/legend", "certificates/overview"


class Stage:
    """What lies over the tree.

    Args:
        look: colours and spacing.
        tree: the drawn hierarchy.
        preferences: where it is remembered what is shown.
    """

    def __init__(self, look: Look, tree: TreeView, preferences: Preferences) -> None:
        self._look = look
        self._tree = tree
        self._preferences = preferences
        self.zoom_bar: ZoomBar | None = None
        self.legend = Legend(look, tree)
        self.minimap = Minimap(look, tree)
        self.legend.setVisible(bool(preferences.get(_LEGEND, False)))
        self.minimap.wanted = bool(preferences.get(_MAP, True))

    def build_bar(self, commands: Mapping[str, Command]) -> None:
        """Make the zoom bar of commands, by their names."""
        tree = self._tree
        bar = ZoomBar(
            self._look,
            [
                (commands["zoom-out"], "\N{MINUS SIGN}"),
                (commands["zoom-in"], "+"),
                (commands["fit"], tree.tr("Fit")),
                (commands["overview"], tree.tr("Overview")),
                (commands["legend"], tree.tr("Legend")),
            ],
            tree,
        )
        tree.zoomed.connect(lambda: bar.show_scale(tree.scale_now))
        tree.resized.connect(self._make_room)
        tree.drawn.connect(self._make_room)
        self.zoom_bar = bar

    def turn_legend(self) -> None:
        """Show the legend, or put it away."""
        shown = self.legend.isHidden()
        self.legend.setVisible(shown)
        self.legend.settle()
        self._preferences.set(_LEGEND, shown)

    def turn_overview(self) -> None:
        """Show the overview where it is of use, or put it away."""
        self.minimap.wanted = not self.minimap.wanted
        self._preferences.set(_MAP, self.minimap.wanted)

    def _make_room(self) -> None:
        """Keep the overview beside the zoom bar, or above it where there is no room beside it."""
        bar = self.zoom_bar
        if bar is None:
            return
        room = self._tree.width() - bar.width() - 10 * self._look.unit
        self.minimap.lift = bar.height() + self._look.unit if self.minimap.width() > room else 0
        self.minimap.settle()
