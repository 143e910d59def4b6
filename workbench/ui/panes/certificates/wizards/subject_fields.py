"""The fields for whom a certificate is for: name and organization at sight, the rest on demand.

Knows AWS Private CA's ASN1Subject and the kit; knows no dialog in particular.
"""

from contextlib import suppress
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPlainTextEdit, QWidget

from workbench.base.errors import Refused
from workbench.pki.asking import wrong_with_member, wrong_with_name
from workbench.pki.names import EMAIL
from workbench.pki.resubject import custom_attributes
from workbench.ui.widgets.basics import push_button
from workbench.ui.widgets.dialogs import FormDialog

NAME: Final = "CommonName"
COUNTRY: Final = "Country"
STATE: Final = "State"
_PLACE: Final = (COUNTRY, STATE)
_COLUMNS: Final = 2


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _rest() -> tuple[tuple[str, str], ...]:
    return (
        ("Locality", _tr("Locality")),
        ("OrganizationalUnit", _tr("Organizational unit")),
        (EMAIL, _tr("E-mail address")),
        ("SerialNumber", _tr("Serial number of the subject")),
        ("GivenName", _tr("Given name")),
        ("Surname", _tr("Surname")),
        ("Title", _tr("Title")),
        ("Initials", _tr("Initials")),
        ("Pseudonym", _tr("Pseudonym")),
        ("GenerationQualifier", _tr("Generation qualifier")),
        ("DistinguishedNameQualifier", _tr("Name qualifier")),
    )


class SubjectFields(QObject):
    """Puts the fields into a dialog, at its end.

    Args:
        dialog: gets the fields.

    Attributes:
        lines: a field for each member of an ASN1Subject, and for `names.EMAIL`.
        groups: what is to be hidden where there is no subject to choose.
        more: shows and hides the rest.

    Signals:
        changed: something else is in a field.
    """

    changed = Signal()

    def __init__(self, dialog: FormDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._shown, self._extras_wanted, self._place_needed = True, True, False
        self.lines: dict[str, QLineEdit] = {}
        self.name, self._extras = QLineEdit(), list[QWidget]()
        self.lines[NAME] = self.name
        self._name_group = dialog.add_field(_tr("&Name"), self.name, check=self._check_name)
        self._organization_group = self._add("Organization", _tr("&Organization"))
        self._place = self._grid(
            ((COUNTRY, _tr("Country, two letters")), (STATE, _tr("State or province")))
        )
        self.more = push_button("", self._turn, "link")
        self.more.setCheckable(True)
        self._rest = self._grid(_rest())
        self.custom = QPlainTextEdit()
        self.custom.setPlaceholderText("1.2.3.4=value")
        self.custom.setTabChangesFocus(True)
        self.custom.setFixedHeight(dialog.look.unit * 14)
        self._custom = dialog.add_field(
            _tr("Further attributes"),
            self.custom,
            _tr("One a line: its object identifier, =, its value."),
            check=self._check_custom,
        )
        # The button stands before what it shows, which is the place's row as well.
        body = dialog.body
        body.insertWidget(body.indexOf(self._place), self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.lines[COUNTRY].setPlaceholderText(_tr("such as DE"))
        for line in self.lines.values():
            line.textChanged.connect(lambda _text: self.changed.emit())
        self.custom.textChanged.connect(self.changed.emit)
        self._turn()

    @property
    def values(self) -> dict[str, str]:
        """What is typed, by member; further attributes by object identifier, once they fit."""
        found = {member: line.text().strip() for member, line in self.lines.items()}
        found[COUNTRY] = found[COUNTRY].upper()
        with suppress(Refused):
            found |= custom_attributes(self.custom.toPlainText())
        return {member: text for member, text in found.items() if text}

    def add_more(self, group: QWidget) -> None:
        """Show something with the rest of the subject only."""
        self._extras.append(group)
        self._arrange()

    def show_fields(self, *, shown: bool, more: bool = True) -> None:
        """Show the fields, or hide them all; `more`: also what `add_more` was given."""
        self._shown, self._extras_wanted = shown, more
        self._arrange()

    def need_place(self, *, needed: bool) -> None:
        """Have country, and state if there is one, at sight; without a country nothing goes on."""
        self._place_needed = needed
        self._arrange()

    def suggest(self, member: str, text: str, before: str) -> None:
        """Fill a field in which nothing is, or what was suggested before."""
        if self.lines[member].text() in {"", before}:
            self.lines[member].setText(text)

    def _add(self, member: str, words: str) -> QWidget:
        line = QLineEdit()
        self.lines[member] = line
        return self._dialog.add_field(words, line, check=partial(self._check, member))

    def _grid(self, members: tuple[tuple[str, str], ...]) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._dialog.look.unit * 3)
        grid.setVerticalSpacing(self._dialog.look.unit * 3)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        for place, (member, words) in enumerate(members):
            grid.addWidget(self._add(member, words), place // _COLUMNS, place % _COLUMNS)
        self._dialog.body.addWidget(box)
        return box

    def _turn(self) -> None:
        words = _tr("Fewer details") if self.more.isChecked() else _tr("More details…")
        self.more.setText(words)
        self._arrange()

    def _arrange(self) -> None:
        shown, wide = self._shown, self._shown and self.more.isChecked()
        for group in (self._name_group, self._organization_group, self.more):
            group.setVisible(shown)
        self._place.setVisible(wide or (shown and self._place_needed))
        for group in (self._rest, self._custom):
            group.setVisible(wide)
        for group in self._extras:
            group.setVisible(wide and self._extras_wanted)
        self._dialog.grow()

    def _check_custom(self) -> str:
        try:
            custom_attributes(self.custom.toPlainText())
        except Refused as error:
            return str(error)
        return ""

    def _check_name(self) -> str:
        return wrong_with_name(self.name.text().strip())

    def _check(self, member: str) -> str:
        value = self.values.get(member, "")
        if member == COUNTRY and self._place_needed and not value:
            return _tr("Driving licences need the country of their issuer.")
        return wrong_with_member(member, value)
