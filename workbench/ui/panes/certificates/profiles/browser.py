"""The dialog of all profiles: AWS's templates, the built-in ones, and one's own.

Knows the kit; what is done with a profile is handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.profiles.words import (
    AWS,
    BUILT_IN,
    OWN,
    origin_words,
    passing_words,
    summary,
)
from workbench.ui.preferences import Preferences
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import number

Entry = Mapping[str, Any]
"""A profile as the shelf has it."""

_ICONS: Final = {OWN: "profile", BUILT_IN: "shield", AWS: "file"}
_ORDER: Final = (OWN, BUILT_IN, AWS)


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What can be done with profiles.

    Attributes:
        show: shows one, or edits it where it is one's own.
        begin: begins a new one from it; None begins an empty one.
        rename: gives it another name.
        delete: deletes it.
        export: writes it to a file.
        bring: brings one from a file.
        from_certificate: begins a new one from a certificate in a file.
    """

    show: Callable[[Entry], None]
    begin: Callable[[Entry | None], None]
    rename: Callable[[Entry], None]
    delete: Callable[[Entry], None]
    export: Callable[[Entry], None]
    bring: Callable[[], None]
    from_certificate: Callable[[], None]


def _columns() -> list[Column[Entry]]:
    return [
        Column("origin", _tr("Origin"), origin_words, key=lambda one: _ORDER.index(one["Kind"]),
               mark=lambda one: Mark(_ICONS[one["Kind"]], "accent" if one["Kind"] == OWN
                                     else "muted"), width=15),
        Column("name", _tr("Name"), lambda one: one["Name"], width=48),
        Column("for", _tr("What for"), summary, width=36),
        Column("passes", _tr("Extensions also from"), passing_words, width=24),
        Column("days", _tr("Valid for"), lambda one: _tr("{n} days").format(
            n=number(one["ValidityDays"])) if one["Kind"] == OWN else "\N{EN DASH}", width=12,
               key=lambda one: one["ValidityDays"], searched=False),
    ]  # fmt: skip


class ProfilesDialog(BaseDialog):
    """The list, with what can be done.

    Args:
        look: colours and spacing.
        preferences: where columns are remembered.
        deeds: what can be done.
        parent: the pane.
    """

    def __init__(self, look: Look, preferences: Preferences, deeds: Deeds, parent: QWidget) -> None:
        super().__init__(look, parent.tr("Certificate profiles"), parent)
        self.setProperty(HELP_PAGE, "profiles")
        self.setMinimumWidth(look.unit * 275)
        self._deeds = deeds
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter by name and purpose"))
        self.filter.setAccessibleName(self.tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.rows: RowModel[Entry] = RowModel(look, _columns(), _id)
        self.table = RowTable(self.rows, look, preferences, "profiles", self.tr("Profiles"))
        self.table.setProperty("boxed", "true")
        self.table.setMinimumHeight(look.unit * 80)
        self.about = label("", "muted", wrap=True)
        for widget in (self.filter, self.table, self.about):
            self.body.addWidget(widget)
        self._build()
        self.filter.textChanged.connect(self.rows.set_filter)
        self.table.chosen.connect(lambda _ids: self._allow())
        self.table.opened.connect(lambda _id: self._do(self._deeds.show))
        self._allow()

    @property
    def entries(self) -> Sequence[Entry]:
        """Every profile that is shown."""
        return self.rows.rows

    def show_entries(self, entries: Sequence[Entry], select: str = "") -> None:
        """Show profiles and choose an own one by its name."""
        self.rows.set_rows(entries)
        if select:
            self.filter.clear()
            self.table.select_id(f"{OWN} {select}")
        self._allow()
        self.table.setFocus()

    def _build(self) -> None:
        deeds = self._deeds
        self.new_button = push_button(self.tr("&New from it…"), lambda: self._do(deeds.begin))
        self.show_button = push_button(self.tr("&Open…"), lambda: self._do(deeds.show))
        self.rename_button = push_button(self.tr("&Rename…"), lambda: self._do(deeds.rename))
        self.export_button = push_button(self.tr("E&xport…"), lambda: self._do(deeds.export))
        self.delete_button = push_button(
            self.tr("&Delete…"), lambda: self._do(deeds.delete), "danger"
        )
        self.empty_button = push_button(self.tr("New, e&mpty…"), lambda: deeds.begin(None))
        self.certificate_button = push_button(
            self.tr("New from a &certificate file…"), deeds.from_certificate
        )
        self.import_button = push_button(self.tr("&Import…"), deeds.bring)
        self._row(
            self.show_button, self.new_button, self.rename_button, self.export_button,
            self.delete_button,
        )  # fmt: skip
        self._row(self.empty_button, self.certificate_button, self.import_button)
        self.add_cancel(self.tr("Close"))

    def _row(self, *buttons: QPushButton) -> None:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.look.unit * 2)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        self.body.addWidget(holder)

    def _do(self, deed: Callable[[Entry], None]) -> None:
        chosen: list[Entry] = self.table.selected_rows
        if len(chosen) == 1:
            deed(chosen[0])

    def _allow(self) -> None:
        chosen: list[Entry] = self.table.selected_rows
        one = chosen[0] if len(chosen) == 1 else None
        own = one is not None and one["Kind"] == OWN
        self.show_button.setText(self.tr("&Edit…") if own else self.tr("&Open…"))
        self.new_button.setText(self.tr("D&uplicate…") if own else self.tr("&New from it…"))
        none = "" if one is not None else self.tr("Choose one.")
        for button in (self.show_button, self.new_button):
            button.setEnabled(one is not None)
            button.setToolTip(none)
        why = none or ("" if own else self.tr("It cannot be changed: begin a new one from it."))
        for button in (self.rename_button, self.export_button, self.delete_button):
            button.setEnabled(own)
            button.setToolTip(why)
        self.about.setText(self._about(one) if one is not None else "")
        self.about.setVisible(one is not None)
        self.grow()

    def _about(self, one: Entry) -> str:
        if one["Kind"] == OWN:
            return one.get("Description") or self.tr("A profile of your own.")
        if one["Kind"] == BUILT_IN:
            return self.tr("Keeps a standard where AWS's template of the same purpose does not.")
        return self.tr("A template of AWS Private CA, as AWS documents it.")


def _id(one: Entry) -> str:
    return f"{one['Kind']} {one['Name']}"
