"""A small editor for tags: a line per tag, checked as one types.

Owns AWS's rules for tags that can be checked without asking (KMS API Reference, Tag); knows no
service.
"""

import re
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QToolButton, QVBoxLayout, QWidget

from workbench.ui.look import Look
from workbench.ui.widgets.basics import label, push_button

MOST_TAGS: Final = 50
_LONGEST_KEY, _LONGEST_VALUE = 128, 256
_ALLOWED: Final = re.compile(r"[\w\s.:/=+\-@]*")


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def tag_problem(key: str, value: str, others: tuple[str, ...]) -> str:
    """Return what is wrong with one tag in a sentence; empty if nothing is.

    Args:
        key: tag key.
        value: tag value, may be empty.
        others: the other tags' keys.
    """
    if not key:
        return _tr("A tag needs a key.") if value else ""
    if key.lower().startswith("aws:"):
        return _tr("Tags that begin with aws: are reserved.")
    if key in others:
        return _tr("There are two tags with the key {key}.").format(key=key)
    if not _ALLOWED.fullmatch(key + value):
        return _tr("Tags may hold letters, digits, spaces and _ . : / = + - @ only.")
    if len(key) > _LONGEST_KEY or len(value) > _LONGEST_VALUE:
        return _tr("A tag's key has at most 128 characters, its value at most 256.")
    return ""


class _Line(QWidget):
    """One tag: key, value, and a way to take it out."""

    changed = Signal()
    removed = Signal(object)

    def __init__(self, look: Look, key: str, value: str) -> None:
        super().__init__()
        self.key_field = QLineEdit(key)
        self.key_field.setPlaceholderText(self.tr("Key"))
        self.key_field.setAccessibleName(self.tr("Tag key"))
        self.value_field = QLineEdit(value)
        self.value_field.setPlaceholderText(self.tr("Value (optional)"))
        self.value_field.setAccessibleName(self.tr("Tag value"))
        remove = QToolButton()
        remove.setProperty("role", "flat")
        look.dress(remove, "cancel", "muted")
        remove.setToolTip(self.tr("Remove this tag"))
        remove.setAccessibleName(self.tr("Remove this tag"))
        remove.clicked.connect(lambda _checked=False: self.removed.emit(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.unit)
        row.addWidget(self.key_field, 2)
        row.addWidget(self.value_field, 3)
        row.addWidget(remove)
        for field in (self.key_field, self.value_field):
            field.textChanged.connect(lambda _text: self.changed.emit())

    @property
    def key(self) -> str:
        return self.key_field.text().strip()

    @property
    def value(self) -> str:
        return self.value_field.text().strip()


class TagEditor(QWidget):
    """Lines of key and value, and a button for another.

    Signals:
        edited(str): any field changed.
    """

    edited = Signal(str)

    def __init__(self, look: Look, tags: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._look = look
        self._lines: list[_Line] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.unit)
        self._none = label(self.tr("No tags."), "muted")
        self._add = push_button(self.tr("&Add tag"), lambda: self.add_line(focus=True))
        look.dress(self._add, "add")
        inside = QWidget()
        inside.setLayout(self._column)
        inside.setProperty("role", "page")
        self._column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setWidget(inside)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside.setAutoFillBackground(False)
        self._area.viewport().setAutoFillBackground(False)
        inside.setProperty("role", "")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(look.unit)
        whole.addWidget(self._none)
        whole.addWidget(self._area)
        whole.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self._add)
        for key, value in (tags or {}).items():
            self.add_line(key, value)
        self._changed()

    @property
    def textChanged(self) -> SignalInstance:
        """The signal by the name a text field has it under, for `FormDialog`."""
        return self.edited

    @property
    def tags(self) -> dict[str, str]:
        """The tags as typed, without empty lines."""
        return {line.key: line.value for line in self._lines if line.key}

    def problem(self) -> str:
        """Return what is wrong, in a sentence; empty if nothing is."""
        keys = [line.key for line in self._lines]
        if len([key for key in keys if key]) > MOST_TAGS:
            return self.tr("A key has at most 50 tags.")
        for number, line in enumerate(self._lines):
            found = tag_problem(line.key, line.value, tuple(keys[:number]))
            if found:
                return found
        return ""

    def add_line(self, key: str = "", value: str = "", *, focus: bool = False) -> None:
        """Add a line."""
        line = _Line(self._look, key, value)
        line.changed.connect(self._changed)
        line.removed.connect(self._remove)
        self._lines.append(line)
        self._column.insertWidget(self._column.count() - 1, line)
        self._changed()
        if focus:
            line.key_field.setFocus(Qt.FocusReason.OtherFocusReason)
            self._area.ensureWidgetVisible(line)

    def _remove(self, line: _Line) -> None:
        self._lines.remove(line)
        line.hide()
        line.deleteLater()
        self._changed()
        self._add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed(self) -> None:
        self._none.setVisible(not self._lines)
        self._area.setVisible(bool(self._lines))
        self._add.setEnabled(len(self._lines) < MOST_TAGS)
        height = sum(line.sizeHint().height() + self._look.unit for line in self._lines[:4])
        self._area.setFixedHeight(height)
        self.edited.emit("")
