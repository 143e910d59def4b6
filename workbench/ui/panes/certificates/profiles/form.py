"""The fields of a profile, in words, and back.

Owns no request; what stands in the fields is the structure `Profile` of the shelf.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.base.errors import Refused
from workbench.pki import profile_words
from workbench.pki.profile_words import Written
from workbench.ui.panes.certificates.profiles.words import (
    END_ENTITY,
    ROOT,
    kind_of,
    kind_words,
    purposes,
    usages,
)
from workbench.ui.widgets.dialogs import FormDialog

_LONGEST_DAYS: Final = 36_500
_MOST_LEVELS: Final = 100
_AUTHORITY, _NONE, _OWN = "AUTHORITY", "NONE", "OWN"
_ADDRESSES: Final = ("CrlAddresses", "OcspAddresses", "IssuerAddresses")


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class ProfileForm(QObject):
    """Adds the fields of a profile to a dialog, but for its name.

    Args:
        dialog: gets the fields.

    Signals:
        changed: something else stands in them.
    """

    changed = Signal()

    def __init__(self, dialog: FormDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._unit = dialog.look.unit
        self.description = QLineEdit()
        self.description.setMaxLength(1000)
        self.kind, self.levels, self.days = QComboBox(), QSpinBox(), QSpinBox()
        self.basic_critical = QCheckBox(_tr("Critical: programs that do not know it must refuse"))
        self.usage = {name: QCheckBox(words) for name, words in usages()}
        self.purpose = {oid: QCheckBox(words) for oid, words in purposes()}
        self.other_purposes = QLineEdit()
        self.purposes_critical = QCheckBox(_tr("Critical"))
        self.policies = _lines_field(self._unit * 14)
        self.policies_critical = QCheckBox(_tr("Critical"))
        self.revocation = QComboBox()
        self.addresses = {member: QLineEdit() for member in _ADDRESSES}
        self.passes_api = QCheckBox(_tr("Extensions given when issuing, beside the request"))
        self.passes_csr = QCheckBox(_tr("Extensions asked for in the request (CSR)"))
        self.further = _lines_field(self._unit * 14)
        self.further.setFont(dialog.look.mono)
        self._fill()
        self._arrange()
        self._listen()
        self._kind_changed()
        self._revocation_changed()

    @property
    def profile(self) -> dict[str, Any]:
        """What stands in the fields, without a name.

        Raises:
            Refused: a text in them makes no sense.
        """
        kind = self.kind.currentData()
        made: dict[str, Any] = {
            "Description": self.description.text().strip(),
            "CertificateAuthority": kind != END_ENTITY,
            "SelfSigned": kind == ROOT,
            "BasicConstraintsCritical": self.basic_critical.isChecked(),
            "KeyUsage": [name for name, box in self.usage.items() if box.isChecked()],
            "ExtendedKeyUsage": self._purposes(),
            "ExtendedKeyUsageCritical": self.purposes_critical.isChecked(),
            "PassesApi": self.passes_api.isChecked(),
            "PassesCsr": self.passes_csr.isChecked(),
            "ValidityDays": self.days.value(),
            "Revocation": self.revocation.currentData(),
            "Extensions": profile_words.extensions_of(self._written),
        }
        if kind != END_ENTITY and self.levels.value() >= 0:
            made["PathLength"] = self.levels.value()
        if made["Revocation"] == _OWN:
            for member, field in self.addresses.items():
                made[member] = profile_words.addresses(field.text())
        return made

    def show_profile(self, profile: Mapping[str, Any]) -> None:
        """Put a profile into the fields."""
        self.description.setText(profile.get("Description", ""))
        self.kind.setCurrentIndex(kind_of(profile))
        self.levels.setValue(profile.get("PathLength", -1))
        self.days.setValue(profile.get("ValidityDays", 365))
        for name, box in self.usage.items():
            box.setChecked(name in profile.get("KeyUsage", ()))
        asked: Sequence[str] = profile.get("ExtendedKeyUsage", ())
        for oid, box in self.purpose.items():
            box.setChecked(oid in asked)
        self.other_purposes.setText(" ".join(oid for oid in asked if oid not in self.purpose))
        self.revocation.setCurrentIndex(
            self.revocation.findData(profile.get("Revocation", _AUTHORITY))
        )
        for member, field in self.addresses.items():
            field.setText(" ".join(profile.get(member, ())))
        for member, box in (
            ("BasicConstraintsCritical", self.basic_critical),
            ("ExtendedKeyUsageCritical", self.purposes_critical),
            ("PassesApi", self.passes_api),
            ("PassesCsr", self.passes_csr),
        ):
            box.setChecked(bool(profile.get(member)))
        written = profile_words.written(profile.get("Extensions", ()))
        self.policies.setPlainText(written.policies)
        self.policies_critical.setChecked(written.policies_critical)
        self.further.setPlainText(written.further)

    def lock(self) -> None:
        """Show only. What is ticked keeps its look: dimmed, it could hardly be told."""
        for box in self._boxes:
            box.installEventFilter(self)
        for line in (self.description, self.other_purposes, *self.addresses.values()):
            line.setReadOnly(True)
        for text in (self.policies, self.further):
            text.setReadOnly(True)
        for choice in (self.kind, self.levels, self.days, self.revocation):
            choice.setEnabled(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let nothing that is only shown be ticked; it can still be reached and read."""
        if isinstance(event, QKeyEvent):
            return event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Select}
        return isinstance(event, QMouseEvent) or super().eventFilter(watched, event)

    @property
    def _boxes(self) -> list[QCheckBox]:
        boxes = [self.basic_critical, self.purposes_critical, self.policies_critical]
        boxes += [self.passes_api, self.passes_csr]
        return [*boxes, *self.usage.values(), *self.purpose.values()]

    @property
    def _written(self) -> Written:
        return Written(
            self.policies.toPlainText(),
            self.policies_critical.isChecked(),
            self.further.toPlainText(),
        )

    def _purposes(self) -> list[str]:
        named = [oid for oid, box in self.purpose.items() if box.isChecked()]
        others = profile_words.identifiers(self.other_purposes.text())
        return [*named, *(oid for oid in others if oid not in named)]

    def _fill(self) -> None:
        for kind in range(ROOT + 1):
            self.kind.addItem(kind_words(kind), kind)
        self.levels.setRange(-1, _MOST_LEVELS)
        self.levels.setSpecialValueText(_tr("any number"))
        self.days.setRange(1, _LONGEST_DAYS)
        self.days.setSuffix(_tr(" days"))
        for spin in (self.levels, self.days):
            spin.lineEdit().setTextMargins(self._unit * 2, 0, 0, 0)
        for data, words in (
            (_AUTHORITY, _tr("As the CA that issues is set up")),
            (_NONE, _tr("Say nothing")),
            (_OWN, _tr("These addresses, whichever CA issues")),
        ):
            self.revocation.addItem(words, data)
        self.other_purposes.setPlaceholderText(_tr("Other object identifiers"))
        self.policies.setPlaceholderText("1.3.6.1.4.1.99999.1 https://example.com/cps")
        self.further.setPlaceholderText("1.3.6.1.5.5.7.1.24 critical 3003020105")

    def _arrange(self) -> None:
        self._add(_tr("&Description"), self.description)
        self._add(_tr("&What it makes"), self.kind)
        self._levels_group = self._add(
            _tr("&Levels of CAs allowed below"), self.levels,
            _tr("The path length of the basic constraints."),
        )  # fmt: skip
        self._add(_tr("Basic constraints"), self.basic_critical)
        self._add(
            _tr("Key usage"), _grid(list(self.usage.values()), self._unit),
            _tr("None ticked: left to what the request asks for."),
        )  # fmt: skip
        boxes: list[QWidget] = list(self.purpose.values())
        self._add(
            _tr("Extended key usage: purposes"),
            _stack([_grid(boxes, self._unit), self.other_purposes, self.purposes_critical],
                   self._unit),
            _tr("None: left to what the request asks for."),
            self._checked(self._purposes),
        )  # fmt: skip
        self.other_purposes.setAccessibleName(_tr("Other object identifiers"))
        self.policies.setAccessibleName(_tr("Certificate policies"))
        self._add(_tr("&Valid for, unless a request says otherwise"), self.days)
        self._add(
            _tr("C&ertificate policies"),
            _stack([self.policies, self.policies_critical], self._unit),
            _tr("A line each: object identifier, and addresses of its practice statement."),
            self._checked(lambda: profile_words.extensions_of(
                Written(self.policies.toPlainText()))),
        )  # fmt: skip
        self._add(
            _tr("Where &revocation is told (CRL, OCSP)"), self.revocation,
            check=self._check_addresses,
        )  # fmt: skip
        titles = (
            _tr("Addresses of revocation lists"), _tr("Addresses of OCSP responders"),
            _tr("Addresses of the issuer's certificate"),
        )  # fmt: skip
        self._address_groups = [
            self._add(title, field, _tr("Several are separated by blanks."),
                      self._checked(partial(_addresses_in, field)))
            for title, field in zip(titles, self.addresses.values(), strict=True)
        ]  # fmt: skip
        self._add(
            _tr("Taken from elsewhere where the profile says nothing"),
            _stack([self.passes_api, self.passes_csr], self._unit),
        )
        self._add(
            _tr("&Further extensions"), self.further,
            _tr("A line each: object identifier, “critical” where it is, value in hexadecimal"
                " (DER)."),
            self._checked(lambda: profile_words.extensions_of(
                Written(further=self.further.toPlainText()))),
        )  # fmt: skip

    def _check_addresses(self) -> str:
        own = self.revocation.currentData() == _OWN
        given = any(field.text().strip() for field in self.addresses.values())
        return _tr("Give at least one address below.") if own and not given else ""

    def _add(
        self, name: str, field: QWidget, hint: str = "", check: Callable[[], str] | None = None
    ) -> QWidget:
        return self._dialog.add_field(name, field, hint, check)

    @staticmethod
    def _checked(read: Callable[[], object]) -> Callable[[], str]:
        def check() -> str:
            try:
                read()
            except Refused as error:
                return f"{error.message} {error.next_step}"
            return ""

        return check

    def _listen(self) -> None:
        for box in self._boxes:
            box.toggled.connect(lambda _on: self.changed.emit())
        for line in (self.other_purposes, *self.addresses.values()):
            line.textChanged.connect(lambda _text: self.changed.emit())
        for text in (self.policies, self.further):
            text.textChanged.connect(self.changed.emit)
        for spin in (self.levels, self.days):
            spin.valueChanged.connect(lambda _value: self.changed.emit())
        self.kind.currentIndexChanged.connect(lambda _index: self._kind_changed())
        self.revocation.currentIndexChanged.connect(lambda _index: self._revocation_changed())

    def _kind_changed(self) -> None:
        self._levels_group.setVisible(self.kind.currentData() != END_ENTITY)
        self._dialog.grow()
        self.changed.emit()

    def _revocation_changed(self) -> None:
        for group in self._address_groups:
            group.setVisible(self.revocation.currentData() == _OWN)
        self._dialog.grow()
        self.changed.emit()


def _addresses_in(field: QLineEdit) -> list[str]:
    return profile_words.addresses(field.text())


def _lines_field(height: int) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setTabChangesFocus(True)
    field.setFixedHeight(height)
    field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    return field


def _grid(boxes: Sequence[QWidget], unit: int) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(unit)
    half = (len(boxes) + 1) // 2
    for place, box in enumerate(boxes):
        grid.addWidget(box, place % half, place // half)
    return holder


def _stack(widgets: Sequence[QWidget], unit: int) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(unit)
    for widget in widgets:
        column.addWidget(widget)
    return holder
