"""Panes without services that use every piece of the kit, for tests of the frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QComboBox, QLineEdit

from workbench.ui.pane import Context, Drop, PaletteItem
from workbench.ui.widgets.base import PaneBase
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant, FormDialog
from workbench.ui.widgets.fields import FieldList, Inspector
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable


@dataclass(frozen=True)
class Thing:
    """Something to show in a row."""

    id: str
    name: str
    spec: str
    state: str
    size: int


SPECS = ("ML_DSA_65", "RSA_3072", "ECC_NIST_P256", "SYMMETRIC_DEFAULT", "ML_KEM_768")


def things(count: int) -> list[Thing]:
    return [
        Thing(
            f"{number:08x}-0000-4000-8000-000000000000",
            f"alias/thing-{(number * 7919) % count:06}",
            SPECS[number % len(SPECS)],
            "Enabled" if number % 4 else "Disabled",
            number * 37 % 1000,
        )
        for number in range(count)
    ]


def _mark_spec(thing: Thing) -> Mark | None:
    return Mark("pq", "pq") if thing.spec.startswith("ML_") else None


def _mark_state(thing: Thing) -> Mark:
    return Mark("enable", "ok") if thing.state == "Enabled" else Mark("disable", "muted")


COLUMNS = (
    Column[Thing]("name", "Name", lambda t: t.name, width=26),
    Column[Thing]("spec", "Spec", lambda t: t.spec, mark=_mark_spec, width=22),
    Column[Thing]("state", "State", lambda t: t.state, mark=_mark_state, width=14),
    Column[Thing]("id", "Key id", lambda t: t.id, mono=True, width=38, hidden=True),
    Column[Thing]("size", "Uses", lambda t: str(t.size), key=lambda t: t.size, right=True, width=8),
)


class ThingsPane(PaneBase):
    """A table, an inspector, a dialog of each kind."""

    id: ClassVar[str] = "things"
    icon: ClassVar[str] = "keys"
    help_page: ClassVar[str] = "keys"
    count: ClassVar[int] = 40

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.dropped: list[Drop] = []
        self.set_filter_hint(self.tr("Filter by name, spec, id"))
        state = QComboBox()
        state.addItems([self.tr("Any state"), "Enabled", "Disabled"])
        state.setAccessibleName(self.tr("State"))
        self.add_header_widget(state)
        self.create_command = self.add_command(
            self.make_command("create", self.tr("&Create thing…"), "add", self.ask, "Ctrl+N"),
            primary=True,
        )
        self.remove = self.add_command(
            self.make_command("delete", self.tr("&Delete…"), "delete", self.ask_delete, "Del"),
            button=True,
        )
        self.remove.forbid(self.tr("nothing is selected"))
        self.set_empty(self.tr("There are no things yet."), self.create_command)
        self.model = RowModel(context.look, COLUMNS, lambda t: t.id, lambda t: t.id)
        self.table = RowTable(
            self.model, context.look, context.preferences, "things", self.tr("Things")
        )
        self.add_menu_button("columns", self.tr("Choose columns"), self.table.column_menu)
        self.set_content(self.table)
        self.table.chosen.connect(self._chosen)
        self.details = Inspector(context.look, self.tr("Nothing is selected"))
        self.general = FieldList(context.look, context.frame.copy)
        self.tab = self.details.add_tab(self.general, self.tr("General"))
        for title in ("Cryptography", "Policy", "Aliases and tags"):
            self.details.add_tab(FieldList(context.look, context.frame.copy), title)
        self.set_inspector(self.details)
        context.frame.register_drops(self)
        self.refreshed = 0

    @classmethod
    def name(cls) -> str:
        return QCoreApplication.translate("ThingsPane", "Things")

    def refresh(self) -> None:
        self.refreshed += 1
        self.show_busy(busy=True)
        session = self.context.session
        session.start(self, lambda: self.model.prepare(things(self.count)), self._read)

    def on_filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._count_shown()

    def palette_items(self) -> Sequence[PaletteItem]:
        return [
            PaletteItem(t.name, "Thing", "keys", lambda t=t: self.go(t.id), t.spec, t.id)  # type: ignore[misc]
            for t in self.model.rows
        ]

    def go(self, thing: str) -> None:
        self.context.frame.show_object(self.id, thing)

    def show_target(self, target: str) -> None:
        self.table.select_id(target)

    def describe(self, drop: Drop) -> str:
        return f"Take {len(drop.paths)} files" if drop.paths else "Take this text"

    def take(self, drop: Drop) -> None:
        self.dropped.append(drop)

    def ask(self) -> None:
        dialog = FormDialog(self.context.look, self.tr("Create a thing"), self.tr("Create"), self)
        dialog.setObjectName("create")
        name = QLineEdit()
        name.setObjectName("name")
        dialog.add_field(
            "&Name",
            name,
            "Letters, digits, - and _",
            lambda: "" if name.text().isidentifier() else "Use letters and digits only.",
        )
        spec = QComboBox()
        spec.addItems(SPECS)
        dialog.add_field("&Spec", spec)
        dialog.open()

    def ask_delete(self) -> None:
        names = [thing.name for thing in self.table.selected_rows]
        dialog = DangerDialog(
            self.context.look,
            f"Schedule deletion of {len(names)} things?",
            names,
            [Dependant("3 certificates were issued with this key", "certificate", lambda: None)],
            [
                Choice("Disable", lambda: self.context.frame.notify("Disabled"), why="reversible"),
                Choice("Schedule deletion", lambda: self.context.frame.notify("Gone"), danger=True),
            ],
            self,
        )
        dialog.setObjectName("danger")
        dialog.open()

    def showcase(self) -> None:
        self.table.select_id(self.model.id_at(2))
        self.context.frame.notify("The key “alias/code-signing” was created.")

    def menu_at(self, point: QPoint) -> None:
        self.table.column_menu().popup(point)

    def _read(self, prepared: object) -> None:
        self.show_busy(busy=False)
        self.model.adopt(prepared)  # type: ignore[arg-type]
        self.show_empty(empty=not self.model.total)
        self._count_shown()

    def _count_shown(self) -> None:
        self.show_count(f"{self.model.rowCount()} of {self.model.total}")

    def _chosen(self, ids: list[str]) -> None:
        self.remove.permit(possible=bool(ids), why="nothing is selected")
        if len(ids) != 1:
            self.details.show_nothing(f"{len(ids)} things are selected" if ids else "")
            return
        thing: Thing = self.table.selected_rows[0]
        self.details.show_head(
            thing.name,
            thing.spec,
            [("Enabled", "ok", "enable"), ("Post-quantum", "pq", "pq")],
        )
        self.general.clear()
        self.general.text("Key id", thing.id, mono=True, copy=True)
        self.general.text(
            "ARN", f"arn:aws:kms:us-west-2:111122223333:key/{thing.id}", mono=True, copy=True
        )
        self.general.time("Created", datetime(2026, 3, 4, 5, 6, tzinfo=UTC))
        self.general.badge("State", thing.state, "ok", "enable")
        self.general.text("Description", "Signs the nightly builds of the team in Graz.")
        self.general.link("Certificates", "2 certificates use it", lambda: None)


class EmptyPane(PaneBase):
    """Nothing yet."""

    id: ClassVar[str] = "empty"
    icon: ClassVar[str] = "certificate"
    help_page: ClassVar[str] = "certificates"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        first = self.make_command("make", "&Make the first…", "hierarchy", self.make, "Ctrl+N")
        self.add_command(first, primary=True)
        self.set_empty("There are no certificates yet.", first)
        self.show_empty(empty=True)
        self.made = 0

    @classmethod
    def name(cls) -> str:
        return QCoreApplication.translate("EmptyPane", "Empty")

    def make(self) -> None:
        self.made += 1


PANES = (ThingsPane, EmptyPane)
