"""The Rotation pane: a place kept free until its insides arrive."""

from typing import ClassVar

from workbench.ui.pane import Context
from workbench.ui.widgets.base import PaneBase


class RotationPane(PaneBase):
    """Says that there is nothing yet."""

    id: ClassVar[str] = "rotation"
    icon: ClassVar[str] = "rotation"
    help_page: ClassVar[str] = "rotation"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.set_filter_hint(self.tr("Filter by key name or id"))
        self.set_empty(self.tr("There is nothing on the time axis yet."))
        self.show_empty(empty=True)

    @property
    def title(self) -> str:
        """The translated name."""
        return self.tr("Rotation")
