"""What is demanded of a signature beside trust: purpose, kinds of key, what a format alone knows.

Owns these fields. A format's own demands stand here only once a signature in it was found, and are
kept while others are looked at.
"""

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.pki.purposes import Purpose, in_words
from workbench.signing.checking import FAMILIES
from workbench.signing.formats.base import Demand
from workbench.signing.formats.registry import FORMATS, Value
from workbench.ui.look import Look
from workbench.ui.panes.signing.format_fields import FormatFields, keep_narrow

_DELAY: Final = 800
_WORDS: Final = 22
_OFFERED: Final = (
    Purpose.CODE_SIGNING,
    Purpose.DOCUMENT_SIGNING,
    Purpose.EMAIL_PROTECTION,
    Purpose.TIME_STAMPING,
    Purpose.MDL_SIGNING,
    Purpose.ANY,
)


class DemandFields(QWidget):
    """Fields for demands.

    Args:
        look: spacing.

    Signals:
        changed: something else is demanded, and nothing was changed for a moment.
    """

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._kind = ""
        self._chosen: dict[str, tuple[tuple[str, Value], ...]] = {}
        self._later = QTimer(self, singleShot=True, interval=_DELAY)
        self._later.timeout.connect(self.changed)
        self._purpose = self._build_purpose()
        self._families, self._kinds = self._build_families()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(look.unit * 2)
        pairs: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Certificate is &for"), self._purpose),
            (self.tr("Kind of &key"), self._families),
        )
        for text, field in pairs:
            caption = QLabel(text)
            caption.setBuddy(field)
            one = QHBoxLayout()
            one.setSpacing(look.unit * 2)
            one.addWidget(caption)
            one.addWidget(field)
            self._row.addLayout(one)
        self._revocation = self._build_revocation()
        self._row.addWidget(self._revocation)
        self._row.addStretch(1)
        self._fields = FormatFields(look)
        self._fields.changed.connect(self._particulars_changed)
        self._fields.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.unit * 2)
        column.addLayout(self._row)
        column.addWidget(self._fields)
        self._say_kinds()

    @property
    def purpose(self) -> Purpose | None:
        """What the signer's certificate must be for; None for what is usual for the format."""
        found = self._purpose.currentData()
        return None if found is None else Purpose(found)

    @property
    def required(self) -> tuple[str, ...]:
        """Kinds of key that must each have signed, as in `FAMILIES`."""
        return tuple(kind.text() for kind in self._kinds if kind.isChecked())

    @property
    def revocation(self) -> bool:
        """Whether it must be known that no certificate of a chain is revoked."""
        return self._revocation.isChecked()

    @property
    def demands(self) -> tuple[Demand, ...]:
        """What signatures of each format must be for, as far as that is not as usual."""
        return tuple(
            Demand(form, name, value)
            for form, chosen in self._chosen.items()
            for name, value in chosen
        )

    def show_format(self, kind: str) -> None:
        """Show what can be demanded of a format that was found, by its name; nothing for none."""
        names = FORMATS[kind].traits.demands if kind else ()
        self._fields.setVisible(bool(names))
        if names and kind != self._kind:
            # Empty until it is filled, so that filling is not taken for choosing.
            self._kind = ""
            self._fields.show_format(kind, dict(self._chosen.get(kind, ())), names)
            self._kind = kind

    def reach(self, name: str) -> None:
        """Put the keyboard where a demand is made: `purpose`, `required`, or a format's own."""
        if not self._fields.reach(name):
            field = self._families if name == "required" else self._purpose
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_narrow(self, *, narrow: bool) -> None:
        """Stand below each other rather than beside each other."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._row.setDirection(down if narrow else across)

    def _build_purpose(self) -> QComboBox:
        box = QComboBox()
        keep_narrow(box)
        box.setMinimumContentsLength(_WORDS)
        box.setAccessibleName(self.tr("What the signer's certificate must be for"))
        box.setToolTip(
            self.tr(
                "Usual: code for programs and JARs, mobile documents for those, else documents, "
                "e-mail or code"
            )
        )
        box.addItem(self.tr("Usual for the format"), None)
        for purpose in _OFFERED:
            text = in_words(purpose)
            box.addItem(text[:1].upper() + text[1:], str(purpose))
        box.currentIndexChanged.connect(lambda _place: self._later.start())
        return box

    def _build_revocation(self) -> QCheckBox:
        box = QCheckBox(self.tr("Revocation must be kno&wn"))
        box.setToolTip(
            self.tr(
                "Not valid unless a present list or OCSP answer says of every certificate that it "
                "is not revoked"
            )
        )
        box.toggled.connect(lambda _on: self._later.start())
        return box

    def _build_families(self) -> tuple[QToolButton, tuple[QAction, ...]]:
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip(
            self.tr(
                "Choose two for “both required”: a signature does not say that another was taken "
                "away from it"
            )
        )
        menu = QMenu(button)
        kinds = tuple(menu.addAction(word) for word in FAMILIES)
        for kind in kinds:
            kind.setCheckable(True)
            kind.toggled.connect(lambda _on: self._kinds_changed())
        button.setMenu(menu)
        return button, kinds

    def _kinds_changed(self) -> None:
        self._say_kinds()
        self._later.start()

    def _say_kinds(self) -> None:
        words = self.required
        text = self.tr(" and ").join(words) if words else self.tr("Any")
        self._families.setText(text)
        self._families.setAccessibleName(
            self.tr("Kinds of key that must have signed: {kinds}").format(kinds=text)
        )

    def _particulars_changed(self) -> None:
        if self._kind:
            self._chosen[self._kind] = self._fields.options
            self._later.start()
