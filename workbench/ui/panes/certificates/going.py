"""Where a certificate leads: its issuer, its inspector, the key that signs, the palette's lines.

Owns these small steps; each reaches other panes by the frame only.
"""

from functools import partial
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from workbench.pki.roster import Held
from workbench.ui.pane import Context, PaletteItem
from workbench.ui.panes.certificates.commands import Commands
from workbench.ui.panes.certificates.inspector import CertificateInspector
from workbench.ui.panes.certificates.records import Collection, Record, read_collection
from workbench.ui.panes.certificates.states import AUTHORITIES
from workbench.ui.panes.certificates.table import kind, kind_icon
from workbench.ui.panes.certificates.tree_view import TreeView

_PANE = "certificates"
_MENU = (
    *("sign", "export", "copy", "", "chain", "issuer", "compare", "fold", ""),
    *("issue", "list", "profile", "found", "renew", "cross", "settings", ""),
    *("trust", "revoke", "delete"),
    *("", "ca-report", "ca-install", "ca-switch", "ca-delete", "ca-restore"),
)
_WAITING_MENU = ("ca-self-sign", "ca-request", "ca-install", "", "ca-delete")


class Start(Protocol):
    """Where the steps begin: the pane."""

    context: Context
    collection: Collection
    details: CertificateInspector
    tree: TreeView
    commands_by_name: Commands

    @property
    def widget(self) -> QWidget:
        """The pane, as owner of work."""

    @property
    def authority(self) -> Held | None:
        """The CA of this vault that is chosen."""

    @property
    def selected(self) -> list[Record]:
        """The chosen certificates."""

    def choose(self, record_id: str) -> None:
        """Choose a certificate."""


class Going:
    """The steps from the chosen certificate."""

    def __init__(self, pane: Start) -> None:
        self._pane = pane

    def open_inspector(self) -> None:
        """Put the keyboard into the inspector."""
        chosen = self._pane.selected
        self._pane.context.frame.show_object(_PANE, chosen[0].id if chosen else "")
        self._pane.details.tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    def to_issuer(self) -> None:
        """Choose the issuer, or its placeholder where it is missing."""
        issuer = self._pane.selected[0].issuer_id
        if issuer in self._pane.collection.records:
            self._pane.choose(issuer)
        else:
            self._pane.tree.choose(issuer)

    def to_signing(self) -> None:
        """Sign files with the certificate's key, if it is in this vault."""
        record, frame = self._pane.selected[0], self._pane.context.frame
        finder = self._pane.details.finder

        def go(key: str) -> None:
            if key:
                frame.show_object("signing", key)
            else:
                words = (
                    _tr("The key of “{name}” was made to be exported: files are signed with keys"
                        " of AWS KMS only.")
                    if record.wrapping
                    else _tr("The key of “{name}” is not in this vault.")
                )  # fmt: skip
                frame.notify(words.format(name=record.name), "warning")

        self._pane.context.session.start(
            self._pane.widget, lambda: finder.find(record.spki_hash), go
        )

    def show_menu(self, point: QPoint) -> None:
        """Open the menu of the chosen certificates."""
        menu = QMenu(self._pane.widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        held = self._pane.authority
        for name in _WAITING_MENU if held is not None and held.waiting else _MENU:
            if name:
                menu.addAction(self._pane.commands_by_name[name])
            else:
                menu.addSeparator()
        menu.popup(point)

    def palette_items(self) -> list[PaletteItem]:
        """Return a palette line for every certificate that was read."""
        return self._items(self._pane.collection)

    async def read_palette_items(self) -> list[PaletteItem]:
        """Read the collection for the palette alone."""
        context = self._pane.context
        bench, moment = context.bench, context.bench.clock.now()
        collection = await context.session.run(
            lambda: read_collection(bench.shelf, moment, bench.acm_pca)
        )
        return self._items(collection)

    def _items(self, collection: Collection) -> list[PaletteItem]:
        frame = self._pane.context.frame
        waiting = [
            PaletteItem(
                held.name,
                _tr("CA"),
                kind_icon(held),
                partial(_show, partial(frame.show_object, _PANE, held.arn)),
                f"{AUTHORITIES[held.status].text}, {held.key}",
                held.arn,
            )
            for held in collection.waiting.values()
        ]
        return waiting + [
            PaletteItem(
                record.name,
                _tr("Certificate"),
                kind_icon(record),
                partial(_show, partial(frame.show_object, _PANE, record.id)),
                f"{kind(record)}, {record.algorithm}",
                " ".join((record.subject, record.id, record.serial, *record.arns)),
            )
            for record in collection.records.values()
        ]


def _show(show: partial[bool]) -> None:
    show()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Going", text)
