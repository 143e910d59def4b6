"""Second step of an import: the wrapped file and its token, which material it is, its expiry.

Owns the fields and what is wrong with them; importing is the dialog's.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QDateTime, Qt, QTimeZone
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateTimeEdit, QLineEdit, QVBoxLayout, QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.file_slot import FileSlot
from workbench.ui.panes.keys.import_terms import (
    LONGEST_DESCRIPTION,
    LONGEST_LIFE,
    ImportRequest,
    Parameters,
)
from workbench.ui.panes.keys.inventory import SYMMETRIC, KeyRow
from workbench.ui.panes.keys.materials import Material
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import date_time_format, elide

_DESCRIPTION = re.compile(r"[a-zA-Z0-9:/_\s.-]*")
_USUAL_LIFE = timedelta(days=90)
NEW = ""
"""What the choice of material holds for one the key never had."""


class MaterialPage(QWidget):
    """Fields, added to a form.

    Args:
        context: the window.
        row: the key that gets the material.
        form: where the fields are checked.
        again: the material that is imported again; None for a new one.
    """

    def __init__(
        self, context: Context, row: KeyRow, form: FormDialog, again: Material | None
    ) -> None:
        super().__init__()
        self._context = context
        self._row = row
        self._parameters: Parameters | None = None
        look = context.look
        pattern = self.tr("Binary files (*.bin *.der)")
        self.wrapped = FileSlot(look, "lock", self.tr("Wrapped key material"), pattern)
        self.token = FileSlot(look, "file", self.tr("Import token"), pattern)
        self.which = QComboBox()
        self._offer_materials(again)
        self.description = QLineEdit(again.description if again else "")
        self.description.setMaxLength(LONGEST_DESCRIPTION)
        self.expires = QCheckBox(self.tr("&Expires by itself"))
        self.until = QDateTimeEdit()
        self._set_up_until()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.unit * 3)
        self._add_to(form, column)
        self.expires.toggled.connect(self._until_group.setVisible)
        self._until_group.hide()
        self.expires.setChecked(again is not None and again.expires is not None)

    @property
    def request(self) -> ImportRequest:
        """What is asked for now; complete once every check passes."""
        token = self.token.path or (self._parameters.token if self._parameters else b"")
        chosen = self.which.currentData()
        until = self.until.dateTime().toSecsSinceEpoch()
        return ImportRequest(
            self.wrapped.path or Path(),
            token,
            self._new(chosen),
            "" if chosen is None else str(chosen),
            self.description.text().strip(),
            datetime.fromtimestamp(until, UTC) if self.expires.isChecked() else None,
        )

    def take_parameters(self, parameters: Parameters | None) -> None:
        """Use the token of the first step, unless another is chosen."""
        self._parameters = parameters
        if self.token.path is None:
            self.token.show_instead(self.tr("The token from step 1") if parameters else "")

    def take_files(self, paths: tuple[Path, ...]) -> None:
        """Take dropped files: the token is known by its name, the other is what was wrapped."""
        for path in paths[:2]:
            token = "token" in path.name.lower() or (len(paths) == 1 and self.wrapped.filled)
            (self.token if token else self.wrapped).put(path)

    def _new(self, chosen: str | None) -> bool | None:
        """Whether it is new material; None if the key never had any, as KMS knows by itself."""
        if self._row.spec != SYMMETRIC or not self._known:
            return None
        return chosen == NEW

    @property
    def _known(self) -> tuple[Material, ...]:
        return tuple(one for one in self._row.materials if one.id)

    def _offer_materials(self, again: Material | None) -> None:
        replica = self._row.regions is not None and not self._row.regions.primary
        if not replica:
            self.which.addItem(self.tr("New key material"), NEW)
        for one in self._known:
            state = words.condition_name(one.condition(self._context.bench.clock.now())).lower()
            name = one.description or elide(one.id, 20)
            told = self.tr("Again: {name} ({state})").format(name=name, state=state)
            self.which.addItem(told, one.id)
            self.which.setItemData(self.which.count() - 1, one.id, Qt.ItemDataRole.ToolTipRole)
        if again is not None:
            self.which.setCurrentIndex(max(0, self.which.findData(again.id)))

    def _set_up_until(self) -> None:
        now = self._context.bench.clock.now()
        self.until.setCalendarPopup(True)
        self.until.setDisplayFormat(date_time_format())
        self.until.setTimeZone(QTimeZone.systemTimeZone())
        self.until.setDateTime(_local(now + _USUAL_LIFE))

    def _add_to(self, form: FormDialog, column: QVBoxLayout) -> None:
        outer, form.body = form.body, column
        form.add_field(self.tr("Wrapped key material"), self.wrapped, check=self._check_wrapped)
        form.add_field(
            self.tr("Import token"),
            self.token,
            self.tr("From the same request as the wrapping key that was used."),
            self._check_token,
        )
        group = form.add_field(self.tr("&Which material"), self.which)
        symmetric = self._row.spec == SYMMETRIC
        group.setVisible(symmetric and bool(self._known))
        described = form.add_field(
            self.tr("&Description"),
            self.description,
            self.tr("Where the original is kept, for instance. Not secret; it can be seen in KMS."),
            self._check_description,
        )
        described.setVisible(symmetric)
        column.addWidget(self.expires)
        self._until_group = form.add_field(
            self.tr("Expires &on"),
            self.until,
            self.tr(
                "Then KMS removes the material and the key stops working until it is imported"
                " again. At most 365 days ahead."
            ),
            self._check_until,
        )
        form.body = outer

    def _check_wrapped(self) -> str:
        return "" if self.wrapped.filled else self.tr("Choose the file that the wrapping wrote.")

    def _check_token(self) -> str:
        if not self.token.filled:
            return self.tr("Choose the token's file, or get a new one in step 1.")
        own = self._parameters if self.token.path is None else None
        if own is not None and own.valid_to <= self._context.bench.clock.now():
            return self.tr("It is too old. Get a new wrapping key in step 1 and wrap again.")
        return ""

    def _check_description(self) -> str:
        if _DESCRIPTION.fullmatch(self.description.text()):
            return ""
        return self.tr("Only letters, digits, spaces and : / _ . - are allowed.")

    def _check_until(self) -> str:
        now = self._context.bench.clock.now()
        until = datetime.fromtimestamp(self.until.dateTime().toSecsSinceEpoch(), UTC)
        if until <= now:
            return self.tr("Choose a moment in the future.")
        if until > now + LONGEST_LIFE:
            return self.tr("At most 365 days ahead.")
        return ""


def _local(moment: datetime) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(moment.timestamp()), QTimeZone.systemTimeZone())
