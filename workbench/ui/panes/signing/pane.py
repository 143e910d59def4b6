"""The Signing pane: a place kept free until its insides arrive."""

from typing import ClassVar

from workbench.ui.pane import Context
from workbench.ui.widgets.base import PaneBase


class SigningPane(PaneBase):
    """Says that there is nothing yet."""

    id: ClassVar[str] = "signing"
    icon: ClassVar[str] = "sign"
    help_page: ClassVar[str] = "signing"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.set_filter_hint(self.tr("Filter jobs by file, key, result"))
        self.set_empty(self.tr("Drop files anywhere on the window to sign or verify them."))
        self.show_empty(empty=True)

    @property
    def title(self) -> str:
        """The translated name."""
        return self.tr("Signing")
