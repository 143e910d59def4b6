"""What a quantum computer would break here: a table, the judgement in words, the way to each thing.

Knows `Survey` and the kit; reading and writing are handed in.
"""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from workbench.pki.migration import Kind, Row, Survey, Urgency
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.pane import Context
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import Badge, ProgressLine, label, push_button
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import NOTHING, local_date, number

_TONES: Final[dict[Urgency, Tone]] = {
    Urgency.NOW: "danger",
    Urgency.HIGH: "danger",
    Urgency.MEDIUM: "warning",
    Urgency.LOW: "info",
    Urgency.NONE: "ok",
}
_ICONS: Final = {
    Urgency.NOW: "error",
    Urgency.HIGH: "error",
    Urgency.MEDIUM: "warning",
    Urgency.LOW: "clock",
    Urgency.NONE: "ok",
}
_KIND_ICONS: Final = {
    Kind.KEY: "keys",
    Kind.ROOT: "root",
    Kind.AUTHORITY: "hierarchy",
    Kind.LEAF: "certificate",
}
_EVERY: Final = "every"
_VULNERABLE: Final = "vulnerable"

Save = Callable[[Survey, Sequence[Row], bool], None]
"""Given a survey, the rows wanted, and whether as CycloneDX rather than CSV."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def urgency_words(urgency: Urgency) -> str:
    """Return what an urgency is called."""
    return {
        Urgency.NOW: _tr("Now"),
        Urgency.HIGH: _tr("High"),
        Urgency.MEDIUM: _tr("Medium"),
        Urgency.LOW: _tr("Low"),
        Urgency.NONE: _tr("Quantum-safe"),
    }[urgency]


def kind_words(kind: Kind) -> str:
    """Return what a kind of row is called."""
    return {
        Kind.KEY: _tr("Key"),
        Kind.ROOT: _tr("Root CA"),
        Kind.AUTHORITY: _tr("Subordinate CA"),
        Kind.LEAF: _tr("End entity"),
    }[kind]


def _columns() -> list[Column[Row]]:
    return [
        Column("urgency", _tr("Urgency"), lambda one: urgency_words(one.urgency), width=15,
               key=lambda one: -one.urgency,
               mark=lambda one: Mark(_ICONS[one.urgency], _TONES[one.urgency])),
        Column("name", _tr("Name"), lambda one: one.name, width=26,
               mark=lambda one: Mark(_KIND_ICONS[one.kind], "muted")),
        Column("kind", _tr("Kind"), lambda one: kind_words(one.kind), width=17),
        Column("algorithm", _tr("Algorithm"), lambda one: one.algorithm, width=17,
               mark=lambda one: Mark("pq", "pq") if one.urgency is Urgency.NONE else None),
        Column("signed", _tr("Signed with"), lambda one: one.signed_with or NOTHING, width=14),
        Column("until", _tr("Trusted until"), lambda one: local_date(one.until) if one.until
               else NOTHING, width=14,
               key=lambda one: one.until.timestamp() if one.until else 0.0, searched=False),
        Column("dependants", _tr("Depends on it"), lambda one: number(len(one.dependants)),
               width=12, right=True, key=lambda one: len(one.dependants), searched=False),
        Column("trusted", _tr("Root trusted"), lambda one: _tr("Yes") if one.trusted
               else _tr("No"), width=12, hidden=True, searched=False),
        Column("state", _tr("State"), lambda one: one.state, width=14, hidden=True),
        Column("why", _tr("Why"), lambda one: one.why, width=40, hidden=True),
        Column("step", _tr("What to do"), lambda one: one.step, width=40, hidden=True),
    ]  # fmt: skip


class MigrationDialog(BaseDialog):
    """The view.

    Args:
        context: look, preferences.
        parent: the pane.
        show: leads to a row's key or certificate.
        save: exports rows.
    """

    def __init__(
        self, context: Context, parent: QWidget, show: Callable[[Row], None], save: Save
    ) -> None:
        look = context.look
        super().__init__(look, parent.tr("Migration to post-quantum algorithms"), parent)
        self.setProperty(HELP_PAGE, "migration")
        self._show_object = show
        self._save = save
        self.survey: Survey | None = None
        unit = look.unit
        self.setMinimumWidth(unit * 265)
        self.progress = ProgressLine(look)
        self._badges = QHBoxLayout()
        self._badges.setSpacing(unit * 2)
        badges = QWidget()
        badges.setLayout(self._badges)
        self._badges.setContentsMargins(0, 0, 0, 0)
        self.summary = label("", wrap=True)
        self.rows: RowModel[Row] = RowModel(
            look, _columns(), lambda one: f"{one.kind}:{one.id}",
            extra=lambda one: f"{one.id}\n{one.why}\n{one.spki_hash}",
        )  # fmt: skip
        self.table = RowTable(
            self.rows, look, context.preferences, "migration", self.tr("Keys and certificates")
        )
        self.table.setProperty("boxed", "true")
        self.table.setMinimumHeight(unit * 75)
        self.why = label("", wrap=True)
        self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.progress)
        self.body.addWidget(badges)
        self.body.addWidget(self.summary)
        self.body.addWidget(self._filters())
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.why)
        self._make_buttons()
        self.table.chosen.connect(lambda _ids: self._row_chosen())
        self.table.opened.connect(lambda _id: self._go())
        self._allow()
        self.progress.show_progress(self.tr("Judging keys and certificates"), -1)

    def show_step(self, _what: str, share: float) -> None:
        """Show how far reading is."""
        self.progress.show_progress(self.tr("Judging keys and certificates"), share)

    def show_survey(self, survey: Survey) -> None:
        """Show what was judged."""
        self.survey = survey
        self.progress.hide()
        self.rows.set_rows(list(survey.rows))
        counts = survey.counts
        for urgency in Urgency:
            if counts[urgency]:
                words = f"{urgency_words(urgency)}: {number(counts[urgency])}"
                badge = Badge(self.look, words, _TONES[urgency], _ICONS[urgency])
                self._badges.addWidget(badge)
        self._badges.addStretch(1)
        self.summary.setText(self._sentence(survey))
        self._filter()
        if self.rows.rowCount():
            self.table.select_id(self.rows.id_at(0))
        self._allow()
        self.grow()

    def show_problem(self, words: Explanation | str) -> None:
        """Say why it could not be read."""
        self.progress.hide()
        super().show_problem(words)

    @property
    def shown(self) -> list[Row]:
        """The rows that pass the filter, in the order shown."""
        return [self.rows.row(line) for line in range(self.rows.rowCount())]

    def _sentence(self, survey: Survey) -> str:
        vulnerable = [row for row in survey.rows if row.vulnerable]
        if not survey.rows:
            return self.tr("There are no keys and certificates yet.")
        if not vulnerable:
            return self.tr("Nothing here would be broken by a quantum computer.")
        text = self.tr(
            "{n} of {total} keys and certificates would be broken by a quantum computer."
        )
        last = max((row.until for row in vulnerable if row.until and row.trusted), default=None)
        told = text.format(n=number(len(vulnerable)), total=number(len(survey.rows)))
        if last is not None:
            told += " " + self.tr("The last of them is trusted until {date}.").format(
                date=local_date(last)
            )
        return told

    def _filters(self) -> QWidget:
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter by name, algorithm, reason, id"))
        self.filter.setAccessibleName(self.tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.which = QComboBox()
        self.which.setAccessibleName(self.tr("Which"))
        for words, value in (
            (self.tr("Everything"), _EVERY),
            (self.tr("Quantum-vulnerable"), _VULNERABLE),
            (self.tr("Keys"), Kind.KEY),
            (self.tr("CAs"), Kind.ROOT),
            (self.tr("End entities"), Kind.LEAF),
        ):
            self.which.addItem(words, value)
        self.filter.textChanged.connect(lambda _text: self._filter())
        self.which.currentIndexChanged.connect(lambda _index: self._filter())
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.look.unit * 2)
        row.addWidget(self.filter, 1)
        row.addWidget(self.which)
        columns = push_button(self.tr("&Columns"), self._columns, "flat")
        row.addWidget(columns)
        self._columns_button = columns
        return holder

    def _columns(self) -> None:
        menu = self.table.column_menu()
        menu.popup(self._columns_button.mapToGlobal(self._columns_button.rect().bottomLeft()))

    def _filter(self) -> None:
        wanted = self.which.currentData()

        def passes(row: Row) -> bool:
            if wanted == _EVERY:
                return True
            if wanted == _VULNERABLE:
                return row.vulnerable
            if wanted == Kind.ROOT:
                return row.kind in {Kind.ROOT, Kind.AUTHORITY}
            return bool(row.kind == wanted)

        self.rows.set_filter(self.filter.text(), passes)
        self._allow()

    def _make_buttons(self) -> None:
        self.show_button = push_button(self.tr("&Show it"), self._go)
        self.csv_button = push_button(self.tr("Export as CS&V…"), lambda: self._export(cbom=False))
        self.cbom_button = push_button(
            self.tr("Export as Cyclone&DX…"), lambda: self._export(cbom=True)
        )
        self.cbom_button.setToolTip(
            self.tr("A bill of materials of cryptography (CBOM), CycloneDX 1.6")
        )
        for button in (self.show_button, self.csv_button, self.cbom_button):
            self.buttons.addWidget(button)
        close = self.add_cancel(self.tr("Close"))
        close.setDefault(True)

    def _chosen(self) -> Row | None:
        rows = self.table.selected_rows
        return rows[0] if len(rows) == 1 else None

    def _row_chosen(self) -> None:
        row = self._chosen()
        text = ""
        if row is not None:
            parts = [f"{row.name}: {row.why}", row.step]
            if row.dependants:
                count = number(len(row.dependants))
                parts.append(self.tr("Certificates that depend on it: {n}.").format(n=count))
            text = " ".join(part for part in parts if part)
        self.why.setText(text)
        self._allow()
        self.grow()

    def _allow(self) -> None:
        row = self._chosen()
        self.show_button.setEnabled(row is not None)
        self.show_button.setToolTip("" if row else self.tr("Choose one."))
        ready = self.survey is not None and self.rows.rowCount() > 0
        for button in (self.csv_button, self.cbom_button):
            button.setEnabled(ready)

    def _go(self) -> None:
        row = self._chosen()
        if row is not None:
            self.accept()
            self._show_object(row)

    def _export(self, *, cbom: bool) -> None:
        if self.survey is not None:
            self._save(self.survey, self.shown, cbom)
