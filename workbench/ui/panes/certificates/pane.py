"""The Certificates pane: a place kept free until its insides arrive."""

from typing import ClassVar

from workbench.ui.pane import Context
from workbench.ui.widgets.base import PaneBase


class CertificatesPane(PaneBase):
    """Says that there is nothing yet."""

    id: ClassVar[str] = "certificates"
    icon: ClassVar[str] = "certificate"
    help_page: ClassVar[str] = "certificates"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.set_filter_hint(self.tr("Filter by name, issuer, serial number"))
        self.set_empty(self.tr("There are no certificates yet."))
        self.show_empty(empty=True)

    @property
    def title(self) -> str:
        """The translated name."""
        return self.tr("Certificates")
