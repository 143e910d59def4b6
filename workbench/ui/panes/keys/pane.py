"""The Keys pane: a place kept free until its insides arrive."""

from typing import ClassVar

from workbench.ui.pane import Context
from workbench.ui.widgets.base import PaneBase


class KeysPane(PaneBase):
    """Says that there is nothing yet."""

    id: ClassVar[str] = "keys"
    icon: ClassVar[str] = "keys"
    help_page: ClassVar[str] = "keys"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.set_filter_hint(self.tr("Filter by name, id, spec, tag"))
        self.set_empty(self.tr("There are no keys yet."))
        self.show_empty(empty=True)

    @property
    def title(self) -> str:
        """The translated name."""
        return self.tr("Keys")
