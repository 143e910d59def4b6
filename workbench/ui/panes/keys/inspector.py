"""The inspector of the Keys pane: AWS's key page in tabs, filled as they come to the front."""

from collections.abc import Sequence

from workbench.base.spec_names import spec_name
from workbench.ui.command import Command
from workbench.ui.help import HELP_PAGE
from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.activity import ActivityTab
from workbench.ui.panes.keys.tabs.base import KeyTab
from workbench.ui.panes.keys.tabs.certificates import CertificatesTab
from workbench.ui.panes.keys.tabs.cryptography import CryptographyTab
from workbench.ui.panes.keys.tabs.general import GeneralTab
from workbench.ui.panes.keys.tabs.grants import GrantsTab
from workbench.ui.panes.keys.tabs.material import MaterialTab
from workbench.ui.panes.keys.tabs.names import NamesTab
from workbench.ui.panes.keys.tabs.policy import PolicyTab
from workbench.ui.panes.keys.tabs.public_key import PublicKeyTab
from workbench.ui.tokens import Tone
from workbench.ui.widgets.fields import Inspector


class KeyInspector(Inspector):
    """Shows one key; of several it says how many.

    Args:
        context: the window.
        rotating: the pane's commands for key material.
        regional: the pane's commands for multi-Region keys.
        edit_tags: the pane's command for tags.
        grant: the pane's command for another grant.
    """

    def __init__(
        self,
        context: Context,
        rotating: tuple[Command, ...],
        regional: tuple[Command, ...],
        edit_tags: Command,
        grant: Command,
    ) -> None:
        super().__init__(context.look, "")
        self.row: KeyRow | None = None
        self.general = GeneralTab(context, regional)
        self.material = MaterialTab(context, rotating)
        self.public_key = PublicKeyTab(context)
        self.names = NamesTab(context, edit_tags)
        self.grants = GrantsTab(context, grant)
        self.activity = ActivityTab(context)
        self._tabs_by_number: dict[int, KeyTab] = {}
        for tab in (
            self.general,
            CryptographyTab(context),
            self.material,
            self.public_key,
            self.names,
            CertificatesTab(context),
            PolicyTab(context),
            self.grants,
            self.activity,
        ):
            self._tabs_by_number[self.add_tab(tab, tab.title, scroll=tab.scrolls)] = tab
        self.tabs.currentChanged.connect(lambda _number: self._fill())
        self.show_rows(())

    def show_rows(self, rows: Sequence[KeyRow]) -> None:
        """Show what is selected."""
        if len(rows) != 1:
            self.row = None
            self.show_nothing(
                self.tr("{n} keys are selected").format(n=len(rows))
                if rows
                else self.tr("No key is selected")
            )
            return
        row = self.row = rows[0]
        badges: list[tuple[str, Tone, str]] = []
        mark = words.state_mark(row.state)
        badges.append((words.state_name(row.state), mark.tone, mark.icon))
        if words.group_of(row.spec) == "pq":
            badges.append((self.tr("Post-quantum"), "pq", "pq"))
        subtitle = " · ".join(
            part for part in (spec_name(row.spec), words.usage_name(row.usage)) if part
        )
        self.show_head(words.short_name(row), subtitle, badges)
        for number, tab in self._tabs_by_number.items():
            self.show_tab(number, shown=tab.applies(row))
        self.reveal_tab()
        self._fill()

    def open(self, tab: KeyTab) -> None:
        """Turn to a tab."""
        for number, known in self._tabs_by_number.items():
            if known is tab:
                self.open_tab(number)

    def _fill(self) -> None:
        tab = self._tabs_by_number.get(self.tabs.currentIndex())
        if tab is not None:
            self.setProperty(HELP_PAGE, tab.help_page)
            if self.row is not None:
                tab.show_key(self.row)
