"""The Certificates pane: the collection as a drawn hierarchy or a table, and what can be done.

Owns the selection and which view is in front. Certificates come from the shelf's client, on
workers; what is done with them lives in the modules beside this one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from workbench.pki.roster import Held
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context, PaletteAnswer
from workbench.ui.panes.certificates.authorities.commands import AuthorityCommands
from workbench.ui.panes.certificates.commands import Commands
from workbench.ui.panes.certificates.custody import Custody
from workbench.ui.panes.certificates.drawing import Drawing, draw, first_folds
from workbench.ui.panes.certificates.extras import Extras
from workbench.ui.panes.certificates.folding import Folding, on_worker
from workbench.ui.panes.certificates.going import Going
from workbench.ui.panes.certificates.importing import Importer
from workbench.ui.panes.certificates.inspector import CertificateInspector
from workbench.ui.panes.certificates.lifecycle.renewing import Renewing
from workbench.ui.panes.certificates.lifecycle.revoking import Revoking
from workbench.ui.panes.certificates.lifecycle.settings import AuthoritySettings
from workbench.ui.panes.certificates.lists.listing import Listing
from workbench.ui.panes.certificates.making import HierarchyMaker
from workbench.ui.panes.certificates.menu import grouped
from workbench.ui.panes.certificates.outgoing import Outgoing
from workbench.ui.panes.certificates.outline import Kin
from workbench.ui.panes.certificates.profiles.keeping import Profiles
from workbench.ui.panes.certificates.records import Collection, Record, read_collection
from workbench.ui.panes.certificates.sieve import Sieve
from workbench.ui.panes.certificates.sieve_box import SieveButton
from workbench.ui.panes.certificates.stage import Stage
from workbench.ui.panes.certificates.standing import Standing
from workbench.ui.panes.certificates.table import CertificateTable, Line
from workbench.ui.panes.certificates.time_bar import TimeBar
from workbench.ui.panes.certificates.travel import Travel
from workbench.ui.panes.certificates.tree_view import TreeView
from workbench.ui.panes.certificates.viewing import Viewing
from workbench.ui.panes.certificates.wizards.issuing import Issuing
from workbench.ui.panes.certificates.wizards.new_authority import Founding
from workbench.ui.widgets.base import PaneBase
from workbench.ui.widgets.rows import RowSet
from workbench.ui.widgets.texts import number

_VIEW: Final = "certificates/view"


class CertificatesPane(PaneBase):
    """Tree, table, inspector and commands of the certificate collection."""

    id: ClassVar[str] = "certificates"
    icon: ClassVar[str] = "certificate"
    in_menu = staticmethod(grouped)
    help_page: ClassVar[str] = "certificates"

    def __init__(self, context: Context) -> None:
        super().__init__(replace(context, bench=context.bench.as_catalogue()))
        # On AWS the CAs of Private CA are shown, in place of this vault's collection.
        self._on_aws = context.bench.site.aws
        self.collection = Collection(context.bench.clock.now())
        self._known = False
        self._selection: list[str] = []
        self._wanted = ""
        self._number = 0
        self.maker, self.importer = HierarchyMaker(self), Importer(self)
        self.custody, self.outgoing = Custody(self), Outgoing(self)
        self.issuing, self.revoking = Issuing(self), Revoking(self)
        self.authorities = AuthorityCommands(self, self.outgoing)
        self.renewing, self.founding = Renewing(self), Founding(self, self.authorities.begun)
        self.settings = AuthoritySettings(self)
        self.listing, self.profiles = Listing(self, self.outgoing), Profiles(self, self.outgoing)
        self.destroyed.connect(partial(_forget, self.outgoing))
        self.tree = TreeView(context.look, self.tr("Certificate hierarchy"))
        self._folding = Folding(
            self.tree, self.collection, on_worker(self, context.session, self._unread)
        )
        self._travel = Travel(self, self._folding, self._arrive)
        self.stage = Stage(context.look, self.tree, context.preferences)
        self.sieve = SieveButton(context.look)
        self.time_bar = TimeBar(context.look, context.bench.clock.now)
        self._going = Going(self)
        self.viewing = Viewing(self, self.tree, self.outgoing.write)
        self.table = CertificateTable(context.look, context.preferences, self.tr("Certificates"))
        self.details = CertificateInspector(context, self.outgoing.export)
        self.set_inspector(self.details)
        frozen = self.tr("CAs in AWS are only looked at here") if self._on_aws else ""
        self.commands_by_name = Commands(self, self._slots(), frozen)
        self.extras = Extras(self, self.outgoing)
        self.commands_by_name.by_name.update(self.authorities.register())
        self._build()
        self._connect()
        self._update()

    @classmethod
    def name(cls) -> str:
        """Return the translated name."""
        return QCoreApplication.translate("CertificatesPane", "Certificates")

    @property
    def running(self) -> Sequence[tuple[str, float]]:
        """The hierarchy being made, if one is."""
        return (self.maker.running,) if self.maker.running else ()

    @property
    def widget(self) -> QWidget:
        """The pane, as parent of dialogs and owner of work."""
        return self

    @property
    def selected(self) -> list[Record]:
        """The chosen certificates."""
        records = self.collection.records
        return [records[one] for one in self._selection if one in records]

    @property
    def authority(self) -> Held | None:
        """The CA of this vault that is chosen, by its certificate or its own card, or None."""
        one = self._selection[0] if len(self._selection) == 1 else ""
        return self.collection.authority(one)

    @property
    def showing_tree(self) -> bool:
        """Whether the tree is in front, rather than the table."""
        return self._views.currentWidget() is self.tree

    def refresh(self) -> None:
        """Read the shelf again."""
        self.reload()

    def reload(self, select: str = "") -> None:
        """Read the shelf again and then choose a certificate."""
        self._wanted = select or self._wanted
        self._number += 1
        self.show_busy(busy=True)
        mine, first = self._number, not self._known
        folds = self._folding.shown_folds
        bench, moment = self.context.bench, self.context.bench.clock.now()

        def read() -> tuple[Kin, RowSet[Line], Drawing]:
            collection = read_collection(bench.shelf, moment, bench.acm_pca)
            rows = self.table.records.prepare(collection.lines)
            kin = Kin(collection)
            return kin, rows, draw(kin, first_folds(collection) if first else folds)

        self.context.session.start(
            self, read, lambda answer: self._adopt(mine, *answer), self._unread
        )

    def on_filter(self, text: str) -> None:
        """Show only what matches in the table; mark it in the tree, or hide the rest there."""
        sieve, standings, model = self.sieve.sieve, self._folding.standings, self.table.records
        model.set_filter(text, None if sieve.open else partial(_passes, sieve, standings))
        shown = {model.id_at(line) for line in range(model.rowCount())}
        anything = bool(text.strip()) or not sieve.open
        self._folding.mark(shown if anything else None, hiding=anything and self.sieve.hiding)
        self._tell_count()

    def palette_items(self) -> PaletteAnswer:
        """Return every certificate."""
        if self._known:
            return self._going.palette_items()
        return self._going.read_palette_items()

    def show_target(self, target: str) -> None:
        """Choose the certificate with this id, ARN or name; or begin to import files."""
        if self.importer.take_target(target):
            return
        found = self.collection.find_id(target)
        if found:
            self.choose(found)
        else:
            self.reload(target)

    def choose(self, record_id: str) -> None:
        """Choose a certificate or a placeholder in the view that is in front, unfolding to it."""
        if record_id in self.collection.ids and not self.tree.choose(record_id):
            self._folding.unfold_to(record_id, partial(self.tree.choose, record_id))
        if not self.showing_tree:
            self.filter_field.clear()
            self.table.select_id(record_id)
        self._select([record_id])

    def showcase(self) -> None:
        """Choose what shows the pane best in a picture."""
        leaf = next((one for one in self.collection.records.values() if not one.authority), None)
        if leaf is not None:
            self.choose(leaf.id)
            self.tree.fit_readably()

    def _slots(self) -> dict[str, Callable[[], None]]:
        tree = self.tree
        return {
            "create": self.maker.begin,
            "found": self.founding.begin,
            "settings": self.settings.begin,
            "issue": self.issuing.begin,
            "list": self.listing.begin,
            "profiles": self.profiles.open,
            "profile": self.profiles.begin_from_certificate,
            "revoke": self.revoking.begin,
            "renew": self.renewing.renew,
            "cross": self.renewing.cross_sign,
            "import": self.importer.ask_files,
            "paste": self.importer.paste,
            "sign": self._going.to_signing,
            "export": self.outgoing.export,
            "copy": self.outgoing.copy,
            "chain": self.details.open_chain,
            "issuer": self._going.to_issuer,
            "trust": self.custody.change_trust,
            "delete": self.custody.delete,
            "view": lambda: self._tabs.setCurrentIndex(1 - self._tabs.currentIndex()),
            "fold": lambda: self._folding.toggle(tree.current),
            "unfold": self._folding.unfold_all,
            "fold-all": self._folding.fold_all,
            "overview": self.stage.turn_overview,
            "legend": self.stage.turn_legend,
            "filters": self.sieve.open_panel,
            "picture": self.viewing.picture,
            "compare": self.viewing.compare,
            "today": self.time_bar.go_today,
            "zoom-in": tree.zoom_in,
            "zoom-out": tree.zoom_out,
            "zoom-one": tree.actual_size,
            "fit": tree.fit,
        }

    def _build(self) -> None:
        commands = self.commands_by_name
        self.set_filter_hint(self.tr("Filter by name, issuer, algorithm, serial, fingerprint"))
        self._tabs = QTabBar()
        self._tabs.setAccessibleName(self.tr("Tree or table"))
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for icon, words in (("hierarchy", self.tr("Tree")), ("columns", self.tr("Table"))):
            self._tabs.addTab(self.context.look.icon(icon, "muted"), words)
        self.add_header_widget(self.sieve)
        self.add_header_widget(self._tabs)
        self._columns = self.add_menu_button(
            "columns", self.tr("Choose columns"), self.table.column_menu
        )
        self._views = QStackedWidget()
        self._views.addWidget(self.tree)
        self._views.addWidget(self.table)
        self._views.setFocusProxy(self.tree)
        content = QWidget()
        content.setFocusProxy(self._views)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._views, 1)
        column.addWidget(self.time_bar)
        self.set_content(content)
        self._columns.hide()
        self.stage.build_bar(commands.by_name)
        if self._on_aws:
            self.set_empty(self.tr("AWS Private CA has no CA with a certificate in this Region."))
            return
        self.set_empty(
            self.tr("There are no certificates yet: make a hierarchy to sign files with, or import"
                    " certificates you have."),
            commands["create"],
        )  # fmt: skip

    def _connect(self) -> None:
        self.tree.chosen.connect(self._select)
        self.tree.opened.connect(
            lambda card: None if self._folding.show_rest(card) else self._going.open_inspector()
        )
        self.tree.folded.connect(self._folding.toggle)
        self.tree.menu_wanted.connect(self._going.show_menu)
        if not self._on_aws:
            self.tree.csr_dropped.connect(self.issuing.take_request)
            self.tree.certificate_dropped.connect(self.authorities.take)
        self.tree.drag_wanted.connect(self.outgoing.drag)
        self.sieve.sieved.connect(lambda: self.on_filter(self.filter_field.text()))
        self.time_bar.moved.connect(self._travel.move)
        self.table.chosen.connect(self._select)
        self.table.opened.connect(lambda _one: self._going.open_inspector())
        self.table.menu_wanted.connect(self._going.show_menu)
        self.details.wanted.connect(self.choose)
        self.filter_field.returnPressed.connect(self.tree.next_found)
        self._tabs.currentChanged.connect(self._show_view)
        self.context.session.changed.connect(self._changed)
        if self.context.preferences.get(_VIEW) == "table":
            self._tabs.setCurrentIndex(1)

    def _changed(self, topic: str) -> None:
        if topic == "certificates" and self._known:
            self.reload()

    def _unread(self, words: Explanation) -> None:
        self.show_busy(busy=False)
        if not words.denied:
            self.context.frame.notify(words.text, "danger")
            return
        # What was read as somebody else is not for whoever acts now.
        nothing = Kin(Collection(self.context.bench.clock.now()))
        self._adopt(self._number, nothing, self.table.records.prepare([]), draw(nothing))
        self._known = False
        self.show_refused(words)

    def _adopt(self, mine: int, kin: Kin, rows: RowSet[Line], drawing: Drawing) -> None:
        if mine != self._number:
            return
        self.show_busy(busy=False)
        self.collection = collection = kin.shelf
        self._folding.adopt(kin, first=not self._known)
        self._known = True
        self.show_empty(empty=not collection.ids)
        self.table.records.adopt(rows)
        self._folding.show(drawing)
        self.time_bar.show_records(collection.records.values())
        if self.time_bar.moment is not None:
            self._travel.move(self.time_bar.moment)
        self.on_filter(self.filter_field.text())
        self._selection = [one for one in self._selection if one in collection.ids]
        wanted, self._wanted = collection.find_id(self._wanted), ""
        if wanted:
            self.choose(wanted)
        self._update()

    def _arrive(self, collection: Collection) -> None:
        """Show everything beside the tree as of the moment of a collection."""
        self.collection = collection
        self.table.records.adopt(self.table.records.prepare(collection.lines))
        self.on_filter(self.filter_field.text())
        self._update()

    def _select(self, chosen: Sequence[str]) -> None:
        if list(chosen) != self._selection:
            self._selection = list(chosen)
            self._update()

    def _update(self) -> None:
        chosen = self.selected
        if len(self._selection) > 1:
            self.details.show_many(len(self._selection))
        elif chosen:
            self.details.show_record(chosen[0], self.collection)
        elif self._selection:
            _show_placeholder(self, self._selection[0])
        else:
            self.details.show_none()
        anything = bool(self.collection.ids)
        self.commands_by_name.update(chosen, tree=self.showing_tree, anything=anything)
        self.authorities.update(self.authority)

    def _tell_count(self) -> None:
        total, shown = self.table.records.total, self.table.records.rowCount()
        words = self.tr("{shown} of {total}").format(shown=number(shown), total=number(total))
        every = number(total) if total else ""
        self.show_count(every if shown == total else words)

    def _show_view(self, index: int) -> None:
        chosen = self._selection[0] if self._selection else ""
        self._views.setCurrentIndex(index)
        self._views.setFocusProxy(self.table if index else self.tree)
        self.context.preferences.set(_VIEW, "table" if index else "tree")
        if index and chosen:
            self.table.select_id(chosen)
        elif chosen:
            self.choose(chosen)
        self._columns.setVisible(bool(index))
        self._update()


def _show_placeholder(pane: CertificatesPane, name: str) -> None:
    """Show a CA that waits for its certificate, or what is known of a missing issuer."""
    collection, details = pane.collection, pane.details
    held = collection.waiting.get(name)
    node = next((one for one in collection.graph.nodes if one.id == name), None)
    if held is not None:
        details.show_waiting(held, pane.authorities.steps(held))
    elif node is not None:
        records = collection.records
        below = [records[one] for one in collection.below(name) if one in records]
        details.show_missing(node.name, below)
    else:
        details.show_none()


def _passes(sieve: Sieve, standings: Mapping[str, Standing], line: Line) -> bool:
    """Whether a line stays; CAs without a certificate have nothing that a sieve looks at."""
    return isinstance(line, Record) and sieve.passes(line, standings[line.id])


def _forget(outgoing: Outgoing, _pane: object = None) -> None:
    outgoing.forget()
